"""What is derived from an authorization key, from a message, and from the nonces of the handshake.

`x` is 0 for what the client (or a chat's originator) sends and 8 for what the server (or the other side) sends.
"""

import hashlib

FROM_CLIENT = 0
FROM_SERVER = 8


def sha1(*parts):
    return hashlib.sha1(b''.join(parts)).digest()


def sha256(*parts):
    return hashlib.sha256(b''.join(parts)).digest()


def auth_key_id(auth_key):
    """The 64 lower-order bits of SHA1(auth_key), as a `long`."""
    return int.from_bytes(sha1(auth_key)[-8:], 'little', signed=True)


def auth_key_aux_hash(auth_key):
    """The 64 higher-order bits of SHA1(auth_key), as a `long`."""
    return int.from_bytes(sha1(auth_key)[:8], 'little', signed=True)


def hex64(value):
    """A `long` in the sixteen digits in which the programs of these tests print keys' ids."""
    return f'{value & (1 << 64) - 1:016x}'


def msg_key(auth_key, x, plaintext):
    """mtproto/description: of the plaintext with its padding."""
    return msg_key_large(auth_key, x, plaintext)[8:24]


def msg_key_large(auth_key, x, plaintext):
    return sha256(auth_key[88 + x:88 + x + 32], plaintext)


def quick_ack_token(auth_key, plaintext):
    """mtproto/mtproto-transports: the first 32 bits of the hash, with the highest set."""
    return int.from_bytes(msg_key_large(auth_key, FROM_CLIENT, plaintext)[:4], 'little') | 1 << 31


def message_key_iv(auth_key, msg_key, x):
    """mtproto/description: aes_key and aes_iv of MTProto 2.0."""
    a = sha256(msg_key, auth_key[x:x + 36])
    b = sha256(auth_key[40 + x:40 + x + 36], msg_key)
    return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]


def msg_key_v1(plaintext):
    """mtproto/description_v1: of the plaintext without its padding."""
    return sha1(plaintext)[4:]


def message_key_iv_v1(auth_key, msg_key, x):
    """mtproto/description_v1: aes_key and aes_iv of MTProto 1.0."""
    a = sha1(msg_key, auth_key[x:x + 32])
    b = sha1(auth_key[32 + x:32 + x + 16], msg_key, auth_key[48 + x:48 + x + 16])
    c = sha1(auth_key[64 + x:64 + x + 32], msg_key)
    d = sha1(msg_key, auth_key[96 + x:96 + x + 32])
    return a[:8] + b[8:20] + c[4:16], a[8:20] + b[:8] + c[16:20] + d[:8]


def tmp_aes_key_iv(new_nonce, server_nonce):
    """mtproto/auth_key, 6: the key and iv of the Diffie-Hellman answers."""
    forth = sha1(new_nonce, server_nonce)
    back = sha1(server_nonce, new_nonce)
    return forth + back[:12], back[12:20] + sha1(new_nonce, new_nonce) + new_nonce[:4]


def new_nonce_hash(new_nonce, number, auth_key):
    """mtproto/auth_key, 9: new_nonce_hash1, 2 or 3."""
    return sha1(new_nonce, bytes([number]), sha1(auth_key)[:8])[-16:]


def new_nonce_hash_of_failure(new_nonce):
    """mtproto/auth_key, 6: the new_nonce_hash of server_DH_params_fail."""
    return sha1(new_nonce)[-16:]


def server_salt(new_nonce, server_nonce):
    """mtproto/auth_key, 9: the first salt, as a `long`."""
    salt = bytes(a ^ b for a, b in zip(new_nonce[:8], server_nonce[:8]))
    return int.from_bytes(salt, 'little', signed=True)
