"""A server for handshakes, permanent and temporary keys and auth.bindTempAuthKey, and for a few requests under these keys.
`--fault NAME` makes it lie; `--update-after CALLS` and its like make something happen that a client has to live with.

    python server.py --listen 127.0.0.1:0 --rsa-key PRIVATE.pem [--legacy-rsa] [--fault NAME]

It prints `listening on HOST:PORT` and `rsa fingerprint HEX`, then `connection accepted` for each connection, `handshake
complete auth_key_id HEX` for each key, `temp key bound` for each binding, `call METHOD` for each request, `bad_server_salt`
and `bad_msg_notification CODE` for what it would not take, and what happened: `update to USER`, `disconnected`, `salts rotated`; on stderr, why it refused a client.
"""

import argparse
import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from mtproto import kdf, message, server_faults, transport
from mtproto.fault import NONE, HangUp, TransportFailure
from mtproto.handshake_server import AUTH_KEY_NOT_FOUND, Exchange, Refused
from mtproto.message import Message, MessageError, MsgIds
from mtproto.rsa import PrivateKey
from mtproto.session_server import Session, rpc_error
from mtproto.tl import MTPROTO, Object, TlError


EVENTS = {
    'update': 'an update follows the answer',
    'disconnect': 'the connection is closed instead of an answer',
    'rotate-salts': 'the answer is the last with the old salts',
}


class Server:
    def __init__(self, key, legacy_rsa=False, dc=2, fault=NONE, log=print, clock_offset=0, events={}):
        """`events`: the names of what is to happen at that number of calls."""
        self.key, self.legacy_rsa, self.dc, self.fault, self.log = key, legacy_rsa, dc, fault, log
        self.clock_offset, self.events, self.calls = clock_offset, events, 0
        self.auth_keys, self.exchanges, self.sessions, self.bound = {}, {}, {}, {}

    async def serve(self, host, port):
        """Listens and says where; the caller closes what is returned."""
        server = await asyncio.start_server(self.connected, host, port)
        self.host, self.port = server.sockets[0].getsockname()
        self.log(f'listening on {self.host}:{self.port}')
        self.log(f'rsa fingerprint {kdf.hex64(self.key.public.fingerprint())}')
        return server

    async def connected(self, reader, writer):
        self.log('connection accepted')
        try:
            await Connection(self, reader, writer).run()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, HangUp):
            pass
        except (transport.TransportError, MessageError, TlError) as error:
            print(f'refused: {error}', file=sys.stderr)
        finally:
            writer.close()

    def complete(self, auth_key):
        self.auth_keys[auth_key.id()] = auth_key
        self.log(f'handshake complete auth_key_id {kdf.hex64(auth_key.id())}')

    def exchange_of(self, query):
        """The exchange that a query goes on with, or the new one that it starts."""
        if query.name in ('req_pq_multi', 'req_pq'):
            for exchange in self.exchanges.values():
                if exchange.nonce == query.nonce:
                    return exchange
            exchange = Exchange(self, query.nonce)
            self.exchanges[exchange.nonce, exchange.server_nonce] = exchange
            return exchange
        try:
            return self.exchanges[query.nonce, query.server_nonce]
        except (AttributeError, KeyError):
            raise Refused(AUTH_KEY_NOT_FOUND, f'{query.name} belongs to no exchange') from None

    def now(self):
        return time.time() + self.fault.at('clock_secs', self.clock_offset)

    def happens(self, event):
        return self.events.get(event) == self.calls

    def rotate_salts(self):
        for auth_key in self.auth_keys.values():
            auth_key.change_salt()
        self.log('salts rotated')


class Connection:
    def __init__(self, server, reader, writer):
        self.server = server
        self.stream = PiecewiseStream(reader, writer, server.fault)
        self.msg_ids = MsgIds(server.now)

    async def run(self):
        self.transport = await transport.accept(self.stream)
        while True:
            packet = await self.transport.receive()
            try:
                await self.packet(packet)
            except (Refused, TransportFailure) as error:
                print(f'refused: {error}', file=sys.stderr)
                code = error.code if isinstance(error, Refused) else error.args[0]
                await self.transport.send((-code).to_bytes(4, 'little', signed=True))

    async def packet(self, packet):
        key_id = int.from_bytes(packet[:8], 'little', signed=True)
        if key_id == 0:
            await self.plain(packet)
        elif key_id in self.server.auth_keys:
            await self.encrypted(self.server.auth_keys[key_id], packet)
        else:
            raise Refused(AUTH_KEY_NOT_FOUND, f'auth_key_id {kdf.hex64(key_id)} is unknown')

    async def plain(self, packet):
        _, body = message.unpack_plain(packet)
        query = message.plain_object(body)
        if query.name == 'msgs_ack':
            return
        exchange = self.server.exchange_of(query)
        try:
            body = exchange.reply(query, body)
        except Refused:
            exchange.expected = set()
            raise
        msg_id = self.server.fault.at('plain_msg_id', self.msg_ids.next(MsgIds.SERVER_ANSWER))
        await self.transport.send(self.server.fault.at('packet', message.pack_plain(msg_id, body)))

    async def encrypted(self, auth_key, packet):
        received = message.decrypt(auth_key.key, kdf.FROM_CLIENT, packet)
        key = auth_key.id(), received.session_id
        session = self.server.sessions.setdefault(key, Session(self.server, auth_key, received.session_id))
        objects = session.handle(received)
        if objects and self.server.fault.at('together', False):
            packets = [self.pack(session, container(self.messages(session, objects)), NONE)]
        else:
            packets = [packet for obj in objects for packet in self.packets(session, obj)]
        for packet in self.server.fault.at('packets', packets):
            await self.transport.send(packet)

    def packets(self, session, obj):
        """A message in a packet; before an answer to a request, the decoy of a fault."""
        fault = self.server.fault if obj.name == 'rpc_result' else NONE
        if fault.session and {'message', 'padding', 'encrypted'} & set(fault.changes):
            decoy = Object('rpc_result', obj.fields | {'result': rpc_error(500, 'DECOY')})
            yield self.pack(session, self.message(session, decoy), fault)
            fault = NONE
        yield self.pack(session, self.message(session, obj), fault)

    def messages(self, session, objects):
        return [self.message(session, obj) for obj in objects]

    def message(self, session, obj):
        is_content = obj.name in ('rpc_result', 'new_session_created', 'update')
        remainder = MsgIds.SERVER_NOTICE if obj.name == 'new_session_created' else MsgIds.SERVER_ANSWER
        body = obj.body if obj.name in ('unknown', 'update') else MTPROTO.encode_object(obj)
        return Message(
            session.auth_key.salt, session.session_id, self.msg_ids.next(remainder), session.seq_no(is_content), body)

    def pack(self, session, msg, fault):
        key = session.auth_key.key
        msg = fault.at('message', msg)
        packet = message.encrypt(key, kdf.FROM_SERVER, msg, fault.at('padding', None, msg))
        return fault.at('encrypted', packet, msg)


def container(messages):
    """A container whose id is above those inside."""
    last = messages[-1]
    return replace(last, msg_id=last.msg_id + 4, seq_no=last.seq_no + last.seq_no % 2, body=message.container(messages))


class PiecewiseStream(transport.Stream):
    """A connection that a fault may cut to pieces, or cut off."""

    def __init__(self, reader, writer, fault):
        super().__init__(reader, writer)
        self.fault = fault

    async def write(self, data):
        for piece in self.fault.at('pieces', [data]):
            if piece is None:
                raise HangUp
            await super().write(piece)


def print_line(line):
    print(line, flush=True)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--listen', default='127.0.0.1:0', metavar='HOST:PORT')
    parser.add_argument('--rsa-key', required=True, type=Path, metavar='PRIVATE.pem')
    parser.add_argument('--legacy-rsa', action='store_true', help='accept the padding and inner data before RSA_PAD')
    parser.add_argument('--dc-id', type=int, default=2)
    parser.add_argument('--clock-offset', type=int, default=0, metavar='SECS', help='what the clock is ahead')
    for name, what in EVENTS.items():
        parser.add_argument(f'--{name}-after', type=int, metavar='CALLS', help=f'at that number of calls {what}')
    parser.add_argument('--fault', default='none', choices=server_faults.BY_NAME, metavar='NAME')
    args = parser.parse_args()
    host, port = args.listen.rsplit(':', 1)
    key = PrivateKey.from_pem(args.rsa_key.read_bytes())
    events = {name: getattr(args, f'{name.replace("-", "_")}_after') for name in EVENTS}
    server = Server(
        key, args.legacy_rsa, args.dc_id, server_faults.BY_NAME[args.fault], print_line, args.clock_offset, events)
    async with await server.serve(host, int(port)) as listener:
        await listener.serve_forever()


if __name__ == '__main__':
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        os._exit(0)
