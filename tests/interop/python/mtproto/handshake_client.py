"""The client's side of mtproto/auth_key and of api/pfs, with every check that the pages ask for.

What the client says passes its `Fault` on its way, stage by stage; that of an honest client changes nothing.
"""

import os
import secrets
import time

from . import dh, kdf, message, rsa
from .aes import ige_decrypt, ige_encrypt
from .fault import NONE
from .message import AuthKey, Message, MsgIds
from .tl import MTPROTO, Object, Reader

RETRIES_MAX = 5
MESSAGE_SECS_MAX = 300


class HandshakeError(Exception):
    """The server is not to be trusted, or has refused."""


def require(condition, complaint):
    if not condition:
        raise HandshakeError(complaint)


class Client:
    """One client on one connection."""

    def __init__(self, channel, key, dc=2, legacy_rsa=False, fault=NONE):
        self.channel, self.key, self.dc, self.fault = channel, key, dc, fault
        self.legacy_rsa = fault.at('padding', 'legacy' if legacy_rsa else 'pad') == 'legacy'
        self.msg_ids = MsgIds()
        self.time_offset = 0

    # The handshake: mtproto/auth_key.

    async def handshake(self, expires_in=None):
        """A new key, temporary where a time is given."""
        self.nonce, self.server_nonce = os.urandom(16), None
        res_pq = await self.ask(self.at('req_pq', Object('req_pq_multi', {'nonce': self.nonce})), 'resPQ')
        self.server_nonce = res_pq.server_nonce
        self.new_nonce = os.urandom(32)
        if self.at('skip_dh_params', False):
            group = dh.DH_PRIME, 3, 3
        else:
            group = await self.dh_params(res_pq, expires_in)
        auth_key = await self.dh_gen(*group)
        expires_at = expires_in and int(time.time()) + expires_in
        return AuthKey(auth_key, kdf.server_salt(self.new_nonce, self.server_nonce), expires_at)

    async def dh_params(self, res_pq, expires_in):
        fingerprint = self.key.fingerprint()
        require(fingerprint in res_pq.server_public_key_fingerprints, 'resPQ: no known fingerprint')
        p, q = self.factors(res_pq.pq)
        inner = self.at('inner', self.inner_data(expires_in, {'pq': res_pq.pq, 'p': p, 'q': q}))
        query = Object('req_DH_params', self.nonces() | {
            'p': p, 'q': q, 'public_key_fingerprint': fingerprint,
            'encrypted_data': self.at('encrypted', self.encrypt(MTPROTO.encode_object(inner)))})
        answer = await self.ask(self.at('req_dh_params', query), 'server_DH_params_ok', 'server_DH_params_fail')
        if answer.name == 'server_DH_params_fail':
            require(answer.new_nonce_hash == kdf.new_nonce_hash_of_failure(self.new_nonce),
                    'server_DH_params_fail: new_nonce_hash is wrong')
            raise HandshakeError('server_DH_params_fail')
        return self.group(answer.encrypted_answer)

    def factors(self, pq):
        value = rsa.number(pq)
        require(value < 1 << 63, 'resPQ: pq is above 2^63 - 1')
        found = dh.factorize(value)
        require(found, 'resPQ: pq is no product of two different primes')
        return map(rsa.minimal, self.at('factors', found))

    def inner_data(self, expires_in, numbers):
        fields = self.nonces() | numbers | {'new_nonce': self.new_nonce, 'dc': self.dc, 'expires_in': expires_in}
        name = 'p_q_inner_data' + ('_temp' if expires_in else '') + ('' if self.legacy_rsa else '_dc')
        return Object(name, fields)

    def encrypt(self, data):
        if self.legacy_rsa:
            return self.key.encrypt_legacy(data)
        return self.key.encrypt_padded(data)

    def group(self, encrypted_answer):
        """dh_prime, g and g_a, all checked."""
        require(encrypted_answer and len(encrypted_answer) % 16 == 0, 'encrypted_answer: its length')
        answer = ige_decrypt(encrypted_answer, *self.tmp_aes_key_iv())
        reader = Reader(answer[20:])
        inner = MTPROTO.read(reader)
        require(kdf.sha1(answer[20:20 + reader.at]) == answer[:20], 'encrypted_answer: SHA1 is wrong')
        require(len(answer) - 20 - reader.at <= 15, 'encrypted_answer: too much padding')
        self.check(inner, 'server_DH_inner_data')
        self.time_offset = inner.server_time - time.time()
        p, g_a = rsa.number(inner.dh_prime), rsa.number(inner.g_a)
        dh.check_group(p, inner.g)
        dh.check_public(p, g_a, 'g_a')
        return p, inner.g, g_a

    async def dh_gen(self, p, g, g_a):
        """The authorization key, after as many attempts as the server wants, within reason."""
        retry_id = 0
        for _ in range(RETRIES_MAX):
            b = dh.new_secret()
            g_b = self.at('g_b', pow(g, b, p))
            auth_key = dh.shared_key(p, g_a, b)
            query = self.set_client_dh(retry_id, g_b)
            answer = await self.ask(query, 'dh_gen_ok', 'dh_gen_retry', 'dh_gen_fail')
            number = 1 + ['dh_gen_ok', 'dh_gen_retry', 'dh_gen_fail'].index(answer.name)
            hash_ = answer.fields[f'new_nonce_hash{number}']
            require(hash_ == kdf.new_nonce_hash(self.new_nonce, number, auth_key),
                    f'{answer.name}: new_nonce_hash{number} is wrong')
            if number == 1:
                return auth_key
            require(number == 2, 'dh_gen_fail')
            retry_id = kdf.auth_key_aux_hash(auth_key)
        raise HandshakeError(f'dh_gen_retry for {RETRIES_MAX} times')

    def set_client_dh(self, retry_id, g_b):
        inner = MTPROTO.encode_object(self.at('client_inner', Object('client_DH_inner_data', self.nonces() | {
            'retry_id': retry_id, 'g_b': rsa.minimal(g_b)})))
        data = kdf.sha1(inner) + inner
        data = self.at('client_data', data + os.urandom(-len(data) % 16))
        encrypted = self.at('client_encrypted', ige_encrypt(data, *self.tmp_aes_key_iv()))
        return self.at('set_client_dh', Object('set_client_DH_params', self.nonces() | {'encrypted_data': encrypted}))

    def nonces(self):
        return {'nonce': self.nonce, 'server_nonce': self.server_nonce}

    def tmp_aes_key_iv(self):
        return kdf.tmp_aes_key_iv(self.new_nonce, self.server_nonce)

    def check(self, answer, *names):
        require(answer.name in names, f'{answer.name} where {names[0]} was expected')
        require(answer.nonce == self.nonce, f'{answer.name}: nonce is not ours')
        require(self.server_nonce in (None, answer.server_nonce), f'{answer.name}: server_nonce is another')

    async def ask(self, query, *names):
        """The answer to a plain query, which is one of those names."""
        body = MTPROTO.encode_object(query)
        answers = set()
        for body in self.at('queries', [body]):
            await self.channel.send(message.pack_plain(self.msg_ids.next(MsgIds.CLIENT), body))
            msg_id, answer = message.unpack_plain(checked_packet(await self.channel.receive()))
            require(msg_id % 4 == 1, f'msg_id {msg_id} is not that of an answer')
            answers.add(answer)
        require(len(answers) == 1, 'the same query has two answers')
        answer = message.plain_object(answers.pop())
        self.check(answer, *names)
        return answer

    # Binding: api/pfs.

    async def bind(self, perm_key, temp_key):
        session_id, nonce = secrets.randbits(63), secrets.randbits(63)
        msg_id = self.msg_ids.next(MsgIds.CLIENT)
        inner = self.at('bind_inner', Object('bind_auth_key_inner', {
            'nonce': nonce, 'temp_auth_key_id': temp_key.id(), 'perm_auth_key_id': perm_key.id(),
            'temp_session_id': session_id, 'expires_at': temp_key.expires_at}))
        encrypted = self.at('bind_encrypted', message.encrypt_binding(
            perm_key.key, self.at('bind_msg_id', msg_id), MTPROTO.encode_object(inner)))
        body = MTPROTO.encode(
            'auth.bindTempAuthKey', perm_auth_key_id=perm_key.id(), nonce=nonce,
            expires_at=temp_key.expires_at, encrypted_message=encrypted)
        request = Message(temp_key.salt, session_id, msg_id, 1, body)
        await self.channel.send(message.encrypt(temp_key.key, kdf.FROM_CLIENT, request))
        result = await self.result(temp_key, request)
        require(result.name != 'rpc_error', f'rpc_error {result.fields.get("error_message")}')
        require(result.name == 'boolTrue', f'{result.name} where boolTrue was expected')

    async def result(self, key, request):
        """What rpc_result holds for that request."""
        while True:
            packet = checked_packet(await self.channel.receive())
            require(packet[:8] != bytes(8), 'a plain message once keys exist')
            require(int.from_bytes(packet[:8], 'little', signed=True) == key.id(), 'auth_key_id is another')
            answer = message.decrypt(key.key, kdf.FROM_SERVER, packet)
            for answer in message.flatten(answer):
                require(answer.session_id == request.session_id, 'session_id is another')
                require(answer.msg_id % 2 == 1, 'msg_id is that of a client')
                require(time.time() + self.time_offset - (answer.msg_id >> 32) < MESSAGE_SECS_MAX, 'msg_id is too old')
                obj = MTPROTO.decode(answer.body)
                if obj.name == 'rpc_result' and obj.req_msg_id == request.msg_id:
                    return MTPROTO.decode(obj.result)

    def at(self, stage, value):
        return self.fault.at(stage, value, self)


def checked_packet(packet):
    if len(packet) == 4:
        raise HandshakeError(f'transport error {int.from_bytes(packet, "little", signed=True)}')
    return packet
