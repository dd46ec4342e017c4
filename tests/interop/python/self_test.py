"""The Python client against the Python server: every transport, every fault of either side. `python self_test.py`"""

import asyncio
import io
import unittest
from contextlib import redirect_stderr

from mtproto import client_faults, dh, kdf, rsa, server_faults, transport
from mtproto.fault import NONE
from mtproto.handshake_client import Client, HandshakeError
from mtproto.message import MessageError
from mtproto.rsa import PrivateKey
from mtproto.session_client import Session, SessionError
from mtproto.session_server import api
from mtproto.tl import TlError
from server import Server

KEY = PrivateKey.from_pem(rsa.generate_pem()[0])
REFUSALS = (HandshakeError, MessageError, TlError, dh.DhError, asyncio.IncompleteReadError, transport.TransportError)

# What the client says of each fault of the server that it does not survive.
COMPLAINTS = {
    'hang-up': '0 bytes read',
    'half-frame': 'bytes read',
    'error-404': 'transport error -404',
    'error-429': 'transport error -429',
    'error-444': 'transport error -444',
    'plain-length': 'message_data_length',
    'plain-length-negative': 'message_data_length',
    'plain-key-id': 'an encrypted message',
    'plain-msg-id': 'is not that of an answer',
    'unexpected': 'pong where resPQ was expected',
    'res-pq-nonce': 'resPQ: nonce',
    'pq-empty': 'no product of two different primes',
    'pq-one': 'no product of two different primes',
    'pq-prime': 'no product of two different primes',
    'pq-square': 'no product of two different primes',
    'pq-large': 'above 2^63 - 1',
    'fingerprint': 'no known fingerprint',
    'no-fingerprint': 'no known fingerprint',
    'dh-params-nonce': 'server_DH_params_ok: nonce',
    'dh-params-server-nonce': 'server_DH_params_ok: server_nonce',
    'dh-params-fail': 'server_DH_params_fail',
    'dh-params-fail-hash': 'new_nonce_hash is wrong',
    'answer-length': 'encrypted_answer: its length',
    'answer-empty': 'encrypted_answer: its length',
    'answer-hash': 'encrypted_answer: SHA1',
    'answer-padding': 'encrypted_answer: too much padding',
    'inner-nonce': 'server_DH_inner_data: nonce',
    'inner-server-nonce': 'server_DH_inner_data: server_nonce',
    'dh-prime-composite': 'composite',
    'dh-prime-unsafe': 'not a safe prime',
    'dh-prime-short': '2047 bits',
    'dh-prime-long': '2049 bits',
    'g-one': 'g = 1 is out of range',
    'g-eight': 'g = 8 is out of range',
    'g-residue': 'g = 2 does not generate',
    'g-a-zero': 'g_a is out of range',
    'g-a-one': 'g_a is out of range',
    'g-a-minus-one': 'g_a is out of range',
    'g-a-prime': 'g_a is out of range',
    'g-a-small': 'g_a is out of range',
    'g-a-large': 'g_a is out of range',
    'dh-gen-nonce': 'dh_gen_ok: nonce',
    'dh-gen-server-nonce': 'dh_gen_ok: server_nonce',
    'dh-gen-ok-hash': 'new_nonce_hash1 is wrong',
    'dh-gen-ok-for-retry': 'new_nonce_hash1 is wrong',
    'dh-gen-retry-hash': 'new_nonce_hash2 is wrong',
    'dh-gen-retry-for-ever': 'dh_gen_retry for 5 times',
    'dh-gen-fail': 'dh_gen_fail',
    'dh-gen-fail-hash': 'new_nonce_hash3 is wrong',
    'plaintext-after-keys': 'a plain message once keys exist',
    'bind-refused': 'ENCRYPTED_MESSAGE_INVALID',
    'bind-false': 'boolFalse',
    'bind-key-lost': 'transport error -404',
    'bind-msg-key': 'msg_key',
    'bind-key-id': 'auth_key_id is another',
    'bind-session': 'session_id is another',
    'bind-msg-id': 'msg_id is that of a client',
    'bind-length': 'message_data_length',
    'bind-padding-short': 'leaves 0 bytes of padding',
    'bind-padding-long': 'leaves 1040 bytes of padding',
}


class AsyncTestCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        # Handshakes are no quick callbacks, which the debugging of the loop would have them be.
        asyncio.get_running_loop().set_debug(False)


class Handshakes(AsyncTestCase):
    async def handshake(self, *, name='abridged', pfs=False, legacy=False, server_fault=NONE, client_fault=NONE):
        """Everything that the server printed."""
        lines = []
        server = Server(KEY, legacy, fault=server_fault, log=lines.append)
        async with await server.serve('127.0.0.1', 0) as listener:
            channel = await transport.connect(*listener.sockets[0].getsockname(), name)
            client = Client(channel, KEY.public, legacy_rsa=legacy, fault=client_fault)
            try:
                keys = [await client.handshake()]
                if pfs:
                    keys.append(await client.handshake(3600))
                    await client.bind(*keys)
            finally:
                channel.stream.close()
        for key in keys:
            self.assertIn(f'handshake complete auth_key_id {kdf.hex64(key.id())}', lines)
            self.assertEqual(server.auth_keys[key.id()].key, key.key)
            self.assertEqual(server.auth_keys[key.id()].salt, key.salt)
        self.assertEqual('temp key bound' in lines, pfs)

    async def test_transports(self):
        for name in transport.NAMES:
            with self.subTest(name):
                await self.handshake(name=name, pfs=True)

    async def test_legacy_padding(self):
        await self.handshake(legacy=True, pfs=True)

    async def test_faults_of_the_server(self):
        for fault in server_faults.FAULTS:
            with self.subTest(fault.name), redirect_stderr(io.StringIO()):
                if fault.completes:
                    await self.handshake(server_fault=fault, pfs=True)
                    continue
                with self.assertRaises(REFUSALS) as refusal:
                    await self.handshake(server_fault=fault, pfs=fault.binding)
                self.assertIn(COMPLAINTS[fault.name], str(refusal.exception))

    async def test_faults_of_the_client(self):
        for fault in client_faults.FAULTS:
            with self.subTest(fault.name), redirect_stderr(io.StringIO()):
                if fault.completes:
                    await self.handshake(client_fault=fault, pfs=True)
                    continue
                with self.assertRaises(HandshakeError) as refusal:
                    await self.handshake(client_fault=fault, pfs=fault.binding)
                self.assertIn(client_faults.answer(fault), str(refusal.exception))

    def test_every_fault_has_its_complaint(self):
        refused = {fault.name for fault in server_faults.FAULTS if not fault.completes}
        self.assertEqual(refused, set(COMPLAINTS))


class Sessions(AsyncTestCase):
    async def call_twice(self, fault, methods=('help.getNearestDc', 'help.getConfig')):
        """The names of the results."""
        server = Server(KEY, fault=fault, log=lambda line: None)
        async with await server.serve('127.0.0.1', 0) as listener:
            async def connect():
                return await transport.connect(*listener.sockets[0].getsockname(), 'intermediate')
            channel = await connect()
            client = Client(channel, KEY.public)
            key = await client.handshake()
            channel.stream.close()
            session = Session(connect, key, client.time_offset)
            try:
                return [api().decode(await session.call(api().encode(method))).name for method in methods]
            finally:
                session.channel.stream.close()

    async def test_honest_server(self):
        self.assertEqual(await self.call_twice(NONE), ['nearestDc', 'config'])
        with self.assertRaisesRegex(SessionError, 'rpc_error 400 METHOD_INVALID'):
            await self.call_twice(NONE, ['help.getInviteText'])

    async def test_faults_of_sessions(self):
        for fault in server_faults.SESSION_FAULTS:
            with self.subTest(fault.name):
                self.assertEqual(await self.call_twice(fault), ['nearestDc', 'config'])


class Arithmetic(unittest.TestCase):
    def test_primes_of_the_faults(self):
        self.assertFalse(dh.is_prime(server_faults.COMPOSITE))
        self.assertTrue(dh.is_prime(server_faults.UNSAFE_PRIME))
        self.assertFalse(dh.is_prime((server_faults.UNSAFE_PRIME - 1) // 2))
        self.assertTrue(dh.is_prime(server_faults.SHORT_PRIME))
        self.assertTrue(dh.is_prime(dh.DH_PRIME))

    def test_factors(self):
        self.assertEqual(dh.factorize(0x17ED48941A08F981), (0x494C553B, 0x53911073))
        self.assertEqual(dh.factorize(15), (3, 5))
        for pq in (0, 1, 2, 4, 9, 2**61 - 1, 3 * 5 * 7):
            self.assertIsNone(dh.factorize(pq))


if __name__ == '__main__':
    unittest.main()
