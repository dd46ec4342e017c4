"""Writes the vectors of this implementation for the tests of the crate: mtproto-runtime/tests/fixtures/python.

    python vectors.py [--check]

Each file holds cases, a blank line between two of them, and each case `name = hex` lines. All randomness comes from a seed,
so that the same files come out every time; `--check` compares them with those that are there.
"""

import struct
import sys
from pathlib import Path

from mtproto import aes, dh, kdf, message, rsa, transport
from mtproto.message import Message
from mtproto.rsa import PrivateKey, PublicKey
from mtproto.tl import MTPROTO
from secret_chat import packet as secret_chat

FIXTURES = Path(__file__).resolve().parents[3] / 'mtproto-runtime' / 'tests' / 'fixtures' / 'python'
SIDES = [('client', kdf.FROM_CLIENT), ('server', kdf.FROM_SERVER)]


class Seeded:
    """Bytes that a seed determines: SHA-256 of the seed and a counter."""

    def __init__(self, seed):
        self.seed, self.counter, self.left = seed.encode(), 0, b''

    def __call__(self, length):
        while len(self.left) < length:
            self.left += kdf.sha256(self.seed, self.counter.to_bytes(8, 'big'))
            self.counter += 1
        taken, self.left = self.left[:length], self.left[length:]
        return taken

    def number(self, byte_count):
        return int.from_bytes(self(byte_count), 'big')

    def prime(self, byte_count):
        """A prime with its two highest bits set."""
        while True:
            candidate = self.number(byte_count) | 3 << 8 * byte_count - 2 | 1
            if candidate % 65537 != 1 and dh.is_prime(candidate):
                return candidate


def ige():
    """AES-256-IGE, blocks from none to many."""
    random = Seeded('ige')
    for blocks in (0, 1, 2, 3, 16, 63, 64, 65, 257):
        key, iv, plaintext = random(32), random(32), random(16 * blocks)
        ciphertext = aes.ige_encrypt(plaintext, key, iv)
        assert aes.ige_decrypt(ciphertext, key, iv) == plaintext
        yield dict(key=key, iv=iv, plaintext=plaintext, ciphertext=ciphertext)


def keys():
    """Message keys of MTProto 2.0 and 1.0 in both directions, and what is derived from a key itself."""
    random = Seeded('keys')
    # The second key begins with zeros, which count.
    for auth_key in (random(256), bytes(3) + random(253)):
        for side, x in SIDES:
            plaintext = random(96)
            msg_key = kdf.msg_key(auth_key, x, plaintext)
            key, iv = kdf.message_key_iv(auth_key, msg_key, x)
            msg_key_v1 = kdf.msg_key_v1(plaintext)
            key_v1, iv_v1 = kdf.message_key_iv_v1(auth_key, msg_key_v1, x)
            yield dict(
                side=side.encode(), auth_key=auth_key, auth_key_id=long(kdf.auth_key_id(auth_key)),
                auth_key_aux_hash=long(kdf.auth_key_aux_hash(auth_key)), plaintext=plaintext,
                msg_key=msg_key, aes_key=key, aes_iv=iv, msg_key_v1=msg_key_v1, aes_key_v1=key_v1, aes_iv_v1=iv_v1,
                quick_ack=struct.pack('<I', kdf.quick_ack_token(auth_key, plaintext)) if x == kdf.FROM_CLIENT else b'')


def messages():
    """Whole messages of MTProto 2.0, least and most padding."""
    random = Seeded('messages')
    for side, x in SIDES:
        for body_bytes, padding_bytes in ((4, 12), (4, 1020), (24, 24), (1000, 1016)):
            auth_key, body, padding = random(256), random(body_bytes), random(padding_bytes)
            msg = Message(*struct.unpack('<qqqi', random(28)), body)
            packet = message.encrypt(auth_key, x, msg, padding)
            assert message.decrypt(auth_key, x, packet) == msg
            yield dict(
                side=side.encode(), auth_key=auth_key, salt=long(msg.salt), session_id=long(msg.session_id),
                msg_id=long(msg.msg_id), seq_no=struct.pack('<i', msg.seq_no), body=body, padding=padding, packet=packet)


def rsa_padding():
    """RSA_PAD and the SHA-1 padding before it, under one key. The second case's first temp_key makes a block above the
    modulus, so that it takes the second."""
    random = Seeded('rsa')
    private = rsa_key(random)
    public = private.public
    numbers = dict(
        pem=private.to_pem(), n=rsa.minimal(public.n), e=rsa.minimal(public.e), fingerprint=long(public.fingerprint()))
    for data_bytes, above in ((144, False), (96, True), (0, False)):
        data, padding = random(data_bytes), random(rsa.PADDED_BYTES - data_bytes)
        temp_keys = [random(32)]
        while (rsa.number(rsa.rsa_pad_block(data + padding, temp_keys[0])) >= public.n) != above:
            temp_keys[0] = random(32)
        while rsa.number(rsa.rsa_pad_block(data + padding, temp_keys[-1])) >= public.n:
            temp_keys.append(random(32))
        draws = b''.join([padding, *temp_keys])
        encrypted = public.encrypt_padded(data, Replayed(draws))
        assert private.decrypt_padded(encrypted) == data + padding
        legacy_padding = random(rsa.LEGACY_BYTES - 20 - data_bytes)
        legacy = public.encrypt_legacy(data, Replayed(legacy_padding))
        assert private.decrypt_legacy(legacy) == (kdf.sha1(data), data + legacy_padding)
        yield numbers | dict(
            data=data, padding=padding, temp_keys=b''.join(temp_keys), encrypted=encrypted,
            legacy_padding=legacy_padding, legacy_encrypted=legacy)


def handshake():
    """What both sides of mtproto/auth_key compute; in the second case g_a and auth_key begin with a zero."""
    random = Seeded('handshake')
    for g, leading_zeros in ((3, False), (7, True)):
        p = dh.DH_PRIME
        nonce, server_nonce, new_nonce = random(16), random(16), random(32)
        a, g_a = power(g, random.number(256), p, leading_zeros)
        b, _ = power(g_a, random.number(256), p, leading_zeros)
        auth_key = dh.shared_key(p, pow(g, b, p), a)
        assert auth_key == dh.shared_key(p, g_a, b)
        key, iv = kdf.tmp_aes_key_iv(new_nonce, server_nonce)
        inner = MTPROTO.encode(
            'server_DH_inner_data', nonce=nonce, server_nonce=server_nonce, g=g, dh_prime=rsa.minimal(p),
            g_a=rsa.minimal(g_a), server_time=1_700_000_000)
        answer = kdf.sha1(inner) + inner
        answer += random(-len(answer) % 16)
        yield dict(
            nonce=nonce, server_nonce=server_nonce, new_nonce=new_nonce, dh_prime=rsa.minimal(p), g=struct.pack('<i', g),
            a=a.to_bytes(256, 'big'), b=b.to_bytes(256, 'big'),
            g_a=g_a.to_bytes(256, 'big'), g_b=pow(g, b, p).to_bytes(256, 'big'), auth_key=auth_key,
            tmp_aes_key=key, tmp_aes_iv=iv, answer=answer, encrypted_answer=aes.ige_encrypt(answer, key, iv),
            new_nonce_hash=kdf.new_nonce_hash_of_failure(new_nonce),
            new_nonce_hash1=kdf.new_nonce_hash(new_nonce, 1, auth_key),
            new_nonce_hash2=kdf.new_nonce_hash(new_nonce, 2, auth_key),
            new_nonce_hash3=kdf.new_nonce_hash(new_nonce, 3, auth_key),
            server_salt=long(kdf.server_salt(new_nonce, server_nonce)))


def factors():
    """Products of two primes, near and far, up to 2^63."""
    random = Seeded('factors')
    pairs = [(3, 5), (3, 2**61 - 1), (2_147_483_629, 2_147_483_647), (3_037_000_453, 3_037_000_493)]
    while len(pairs) < 16:
        p, q = sorted((random.prime(4) >> 1 | 1, random.prime(4) >> 1 | 1))
        if p < q and dh.is_prime(p) and dh.is_prime(q):
            pairs.append((p, q))
    for p, q in pairs:
        assert p * q < 1 << 63 and dh.factorize(p * q) == (p, q)
        yield dict(pq=rsa.minimal(p * q), p=rsa.minimal(p), q=rsa.minimal(q))


def binding():
    """The encrypted_message of auth.bindTempAuthKey."""
    random = Seeded('binding')
    for _ in range(2):
        perm_auth_key, drawn = random(256), random(24)
        msg_id, = struct.unpack('<q', random(8))
        nonce, temp_auth_key_id, temp_session_id = struct.unpack('<qqq', random(24))
        inner = MTPROTO.encode(
            'bind_auth_key_inner', nonce=nonce, temp_auth_key_id=temp_auth_key_id,
            perm_auth_key_id=kdf.auth_key_id(perm_auth_key), temp_session_id=temp_session_id, expires_at=1_700_086_400)
        encrypted = message.encrypt_binding(perm_auth_key, msg_id, inner, Replayed(drawn))
        assert message.decrypt_binding(perm_auth_key, encrypted) == (msg_id, MTPROTO.decode(inner))
        yield dict(
            perm_auth_key=perm_auth_key, msg_id=long(msg_id), nonce=long(nonce), temp_auth_key_id=long(temp_auth_key_id),
            temp_session_id=long(temp_session_id), expires_at=struct.pack('<i', 1_700_086_400), inner=inner,
            random=drawn[:16], padding=drawn[16:], encrypted_message=encrypted)


def frames():
    """Packets in the four framings: what the client sends from its tag on, and the first two frames of the server."""
    random = Seeded('frames')
    for transport_class in transport.TRANSPORTS.values():
        for packet_bytes in (24 + 16, 24 + 16 * 40):
            client, server = transport_class(None), transport_class(None)
            packets = [random(packet_bytes) for _ in range(2)]
            yield dict(
                tag=transport_class.TAG, first=packets[0], second=packets[1],
                sent=client.TAG + b''.join(framed(client, packet, random) for packet in packets),
                received=b''.join(framed(server, packet, random) for packet in packets))


def obfuscation():
    """Openings of obfuscated connections, with and without the secret of a proxy, and the first frame of each direction."""
    random = Seeded('obfuscation')
    for transport_class in (transport.Abridged, transport.Intermediate, transport.PaddedIntermediate):
        for secret, dc in ((b'', 0), (random(16), 2), (random(16), -10004)):
            init = transport.new_init(transport_class.TAG, dc, random)
            opening, encrypt, decrypt = transport.obfuscated_init(init, secret)
            packet, answer = random(24 + 16), random(24 + 32)
            framing = transport_class(None)
            yield dict(
                tag=transport_class.TAG, secret=secret, dc=struct.pack('<h', dc), init=init, opening=opening,
                packet=packet, sent=encrypt.apply(framed(framing, packet, random)),
                answer=answer, received=decrypt.apply(framed(framing, answer, random)))


def framed(framing, packet, random):
    return framing.frame(packet, random) if framing.TAG == transport.PaddedIntermediate.TAG else framing.frame(packet)


def secret_messages():
    """Packets of secret chats, MTProto 1.0 and 2.0, from either side; `fingerprint` is the `key_fingerprint` before them."""
    random = Seeded('secret messages')
    for version in (1, 2):
        for from_originator in (True, False):
            for body_bytes, more_padding in ((4, 0), (40, 0), (256, 63)):
                key, body = random(256), random(body_bytes)
                least = 0 if version == 1 else secret_chat.PADDING_MIN
                length = 4 + body_bytes + least
                padding = random(least + -length % 16 + 16 * more_padding * (version - 1))
                packet = secret_chat.encrypt(key, body, version, from_originator, padding)
                assert secret_chat.decrypt(key, packet, version, from_originator) == body
                yield dict(version=bytes([version]), from_originator=bytes([from_originator]), key=key,
                           fingerprint=long(secret_chat.fingerprint(key)), body=body, padding=padding, packet=packet)


def secret_files():
    """Files of secret chats; `fingerprint` is the `key_fingerprint` of the file."""
    random = Seeded('secret files')
    for size in (0, 1, 16, 1000):
        key, iv, data, padding = random(32), random(32), random(size), random(-size % 16)
        encrypted = secret_chat.encrypt_file(data, key, iv, Replayed(padding))
        assert secret_chat.decrypt_file(encrypted, key, iv, size) == data
        yield dict(key=key, iv=iv, data=data, padding=padding, encrypted=encrypted,
                   fingerprint=struct.pack('<i', secret_chat.file_fingerprint(key, iv)))


class Replayed:
    """Randomness that was drawn before."""

    def __init__(self, data):
        self.data = data

    def __call__(self, length):
        taken, self.data = self.data[:length], self.data[length:]
        assert len(taken) == length
        return taken


def power(base, exponent, p, leading_zeros):
    """The next exponent, and its power, for which that power is or is not shorter than 256 bytes."""
    value = pow(base, exponent, p)
    while (value >> 2040 == 0) != leading_zeros:
        exponent, value = exponent + 1, value * base % p
    return exponent, value


def rsa_key(random):
    e = 65537
    p, q = random.prime(128), random.prime(128)
    return PrivateKey(PublicKey(p * q, e), pow(e, -1, (p - 1) * (q - 1)))


def long(value):
    return struct.pack('<q', value)


FILES = [ige, keys, messages, rsa_padding, handshake, factors, binding, frames, obfuscation, secret_messages, secret_files]


def text_of(cases):
    head = ''.join(f'# {line.strip()}\n' for line in cases.__doc__.splitlines())
    head += '# Written by tests/interop/python/vectors.py.\n'
    blocks = [''.join(f'{name} = {value.hex()}'.rstrip() + '\n' for name, value in case.items()) for case in cases()]
    return head + ''.join('\n' + block for block in blocks)


def main():
    check = sys.argv[1:] == ['--check']
    stale = []
    for cases in FILES:
        path, text = FIXTURES / f'{cases.__name__}.txt', text_of(cases)
        if not check:
            FIXTURES.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(path.name)
    if stale:
        sys.exit(f'not what this implementation makes: {", ".join(stale)}')


if __name__ == '__main__':
    main()
