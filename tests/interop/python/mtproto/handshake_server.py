"""The server's side of mtproto/auth_key: one exchange, from a client's nonce to an authorization key.

What the server says passes its `Fault` on its way, stage by stage; that of an honest server changes nothing.
"""

import os

from . import dh, kdf, rsa
from .aes import ige_decrypt, ige_encrypt
from .message import AuthKey
from .tl import MTPROTO, Object, Reader, TlError

AUTH_KEY_NOT_FOUND = 404
INVALID_DC = 444
P, Q = 1_229_739_323, 1_402_015_859


class Refused(Exception):
    """A query that is answered by a transport error."""

    def __init__(self, code, why):
        super().__init__(f'-{code}: {why}')
        self.code = code


class Exchange:
    """One "temporary session", known by its nonces."""

    GROUP = dh.DH_PRIME, 3

    def __init__(self, server, nonce):
        self.server = server
        self.nonce, self.server_nonce = nonce, os.urandom(16)
        self.replies = {}
        self.expected = {'req_pq_multi', 'req_pq'}
        self.retry_id, self.attempts = 0, 0

    def reply(self, query, body):
        """The reply to a query; the same bytes once more get the same reply, a wrong query ends the exchange."""
        if body in self.replies:
            return self.replies[body]
        if query.name not in self.expected:
            raise Refused(AUTH_KEY_NOT_FOUND, f'{query.name} is out of turn')
        self.expected = set()
        self.replies[body] = getattr(self, query.name)(query)
        return self.replies[body]

    def req_pq_multi(self, query):
        self.pq = self.server.fault.at('pq', rsa.minimal(P * Q), self)
        self.expected = {'req_DH_params'}
        return self.encode('res_pq', Object('resPQ', self.nonces() | {
            'pq': self.pq, 'server_public_key_fingerprints': [self.server.key.public.fingerprint()]}))

    req_pq = req_pq_multi

    def req_DH_params(self, query):
        if (rsa.number(query.p), rsa.number(query.q)) != (P, Q):
            raise Refused(AUTH_KEY_NOT_FOUND, 'these are not the factors of pq')
        if query.public_key_fingerprint != self.server.key.public.fingerprint():
            raise Refused(AUTH_KEY_NOT_FOUND, 'the fingerprint is not that of this key')
        inner = self.p_q_inner_data(query.encrypted_data)
        self.check_nonces(inner)
        if (inner.pq, inner.p, inner.q) != (self.pq, query.p, query.q):
            raise Refused(AUTH_KEY_NOT_FOUND, 'inner pq, p and q are not the outer ones')
        if inner.fields.get('dc', self.server.dc) != self.server.dc:
            raise Refused(INVALID_DC, f'this is not DC {inner.dc}')
        self.new_nonce, self.expires_in = inner.new_nonce, inner.fields.get('expires_in')
        self.expected = {'set_client_DH_params'}
        return self.server_dh_params()

    def p_q_inner_data(self, encrypted):
        """What the client encrypted to this server's key; all that is wrong with it is refused alike."""
        if self.server.legacy_rsa:
            try:
                return self.p_q_inner_data_legacy(encrypted)
            except (rsa.PaddingError, TlError):
                pass
        try:
            inner = MTPROTO.read(Reader(self.server.key.decrypt_padded(encrypted)))
        except (rsa.PaddingError, TlError) as error:
            raise Refused(AUTH_KEY_NOT_FOUND, 'encrypted_data is no P_Q_inner_data') from error
        if inner.name not in ('p_q_inner_data_dc', 'p_q_inner_data_temp_dc'):
            raise Refused(AUTH_KEY_NOT_FOUND, f'{inner.name} is no P_Q_inner_data of today')
        return inner

    def p_q_inner_data_legacy(self, encrypted):
        sha1, data = self.server.key.decrypt_legacy(encrypted)
        reader = Reader(data)
        inner = MTPROTO.read(reader)
        if sha1 != kdf.sha1(data[:reader.at]) or not inner.name.startswith('p_q_inner_data'):
            raise rsa.PaddingError('the SHA1 of the data is another')
        return inner

    def server_dh_params(self):
        at = self.server.fault.at
        if at('dh_params_verdict', True, self):
            self.a = dh.new_secret()
            p, g = at('group', self.GROUP, self)
            g_a = at('g_a', pow(g, self.a, p), self)
            self.p = p
            inner = self.encode('inner_data', Object('server_DH_inner_data', self.nonces() | {
                'g': g, 'dh_prime': rsa.minimal(p), 'g_a': rsa.minimal(g_a), 'server_time': int(self.server.now())}))
            answer = kdf.sha1(inner) + inner
            answer = at('answer', answer + os.urandom(-len(answer) % 16), self)
            encrypted = ige_encrypt(answer, *self.tmp_aes_key_iv())
            return self.encode('dh_params', Object('server_DH_params_ok', self.nonces() | {
                'encrypted_answer': at('encrypted_answer', encrypted, self)}))
        return self.encode('dh_params', Object('server_DH_params_fail', self.nonces() | {
            'new_nonce_hash': kdf.new_nonce_hash_of_failure(self.new_nonce)}))

    def set_client_DH_params(self, query):
        inner = self.client_dh_inner_data(query.encrypted_data)
        self.check_nonces(inner)
        if inner.retry_id != self.retry_id:
            raise Refused(AUTH_KEY_NOT_FOUND, 'retry_id is not the auth_key_aux_hash of the attempt before')
        g_b = rsa.number(inner.g_b)
        try:
            dh.check_public(self.p, g_b, 'g_b')
        except dh.DhError as error:
            raise Refused(AUTH_KEY_NOT_FOUND, str(error)) from error
        auth_key = dh.shared_key(self.p, g_b, self.a)
        self.attempts += 1
        return self.dh_gen(auth_key)

    def client_dh_inner_data(self, encrypted):
        try:
            data = ige_decrypt(encrypted, *self.tmp_aes_key_iv())
            reader = Reader(data[20:])
            inner = MTPROTO.read(reader)
        except (ValueError, TlError) as error:
            raise Refused(AUTH_KEY_NOT_FOUND, 'encrypted_data is no Client_DH_Inner_Data') from error
        if data[:20] != kdf.sha1(data[20:20 + reader.at]) or len(data) - 20 - reader.at > 15:
            raise Refused(AUTH_KEY_NOT_FOUND, 'the SHA1 or the padding of client_DH_inner_data is wrong')
        if inner.name != 'client_DH_inner_data':
            raise Refused(AUTH_KEY_NOT_FOUND, f'{inner.name} is no Client_DH_Inner_Data')
        return inner

    def dh_gen(self, auth_key):
        taken = kdf.auth_key_id(auth_key) in self.server.auth_keys
        verdict = self.server.fault.at('dh_gen_verdict', 2 if taken else 1, self)
        if verdict == 1:
            expires_at = self.expires_in and int(self.server.now()) + self.expires_in
            salt = kdf.server_salt(self.new_nonce, self.server_nonce)
            self.server.complete(AuthKey(auth_key, salt, expires_at))
        elif verdict == 2:
            self.retry_id = kdf.auth_key_aux_hash(auth_key)
            self.expected = {'set_client_DH_params'}
        name = {1: 'dh_gen_ok', 2: 'dh_gen_retry', 3: 'dh_gen_fail'}[verdict]
        hash_ = kdf.new_nonce_hash(self.new_nonce, verdict, auth_key)
        return self.encode('dh_gen', Object(name, self.nonces() | {f'new_nonce_hash{verdict}': hash_}))

    def nonces(self):
        return {'nonce': self.nonce, 'server_nonce': self.server_nonce}

    def check_nonces(self, inner):
        if (inner.nonce, inner.server_nonce) != (self.nonce, self.server_nonce):
            raise Refused(AUTH_KEY_NOT_FOUND, f'the nonces of {inner.name} are not those of the exchange')

    def tmp_aes_key_iv(self):
        return kdf.tmp_aes_key_iv(self.new_nonce, self.server_nonce)

    def encode(self, stage, obj):
        return MTPROTO.encode_object(self.server.fault.at(stage, obj, self))
