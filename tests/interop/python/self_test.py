"""The Python client against the Python server: every transport, every fault of either side. `python self_test.py`"""

import asyncio
import io
import unittest
from contextlib import redirect_stderr

from mtproto import client_faults, dh, kdf, rsa, server_faults, transport
from mtproto.complaints import COMPLAINTS
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
