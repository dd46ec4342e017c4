"""Telethon as a client: `client.py --dc HOST:PORT --rsa-pub PUBLIC.pem --transport NAME [--auth-key FILE] [--calls N] [--update]`.

It makes a key, or takes the one of a file, connects as a user of the library does, and calls N methods, five at once, the
others one after the other. It prints `auth_key_id HEX`, `result METHOD` for each call and, with `--update`, waits for the
update and prints `update NAME`.

In its handshake it sends the inner data and the SHA-1 padding from before RSA_PAD.
"""

import argparse
import asyncio
from itertools import cycle, islice
from pathlib import Path

from telethon import TelegramClient, events
from telethon.crypto import AuthKey, rsa
from telethon.network import connection
from telethon.sessions import MemorySession
from telethon.tl import types
from telethon.tl.functions import help, messages, updates, users

CONNECTIONS = {
    'full': connection.ConnectionTcpFull,
    'abridged': connection.ConnectionTcpAbridged,
    'intermediate': connection.ConnectionTcpIntermediate,
    'obfuscated': connection.ConnectionTcpObfuscated,
}
# A method, the request, and what its result must be like.
CALLS = [
    ('help.getNearestDc', help.GetNearestDcRequest, lambda dc: dc.this_dc == 2),
    ('help.getConfig', help.GetConfigRequest, lambda config: [dc.id for dc in config.dc_options] == [2]),
    ('users.getUsers', lambda: users.GetUsersRequest([types.InputUserSelf()]), lambda found: [user.id for user in found] == [1001]),
    ('updates.getState', updates.GetStateRequest, lambda state: state.unread_count == 0),
    ('messages.getDhConfig', lambda: messages.GetDhConfigRequest(0, 256), lambda config: len(config.random) == 256),
]


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--dc', required=True)
    parser.add_argument('--rsa-pub', required=True, type=Path)
    parser.add_argument('--transport', required=True, choices=CONNECTIONS)
    parser.add_argument('--auth-key', type=Path, metavar='FILE', help='256 bytes')
    parser.add_argument('--calls', type=int, default=0, metavar='N')
    parser.add_argument('--update', action='store_true')
    args = parser.parse_args()
    host, port = args.dc.rsplit(':', 1)
    rsa.add_key(args.rsa_pub.read_bytes(), old=False)

    session = MemorySession()
    session.set_dc(2, host, int(port))
    if args.auth_key:
        session.auth_key = AuthKey(args.auth_key.read_bytes())
    client = TelegramClient(
        session, api_id=1, api_hash='0', connection=CONNECTIONS[args.transport], connection_retries=1, retry_delay=0)
    handed_out = asyncio.Queue()
    client.add_event_handler(handed_out.put, events.Raw(types.UpdateUserStatus))

    await client.connect()
    print(f'auth_key_id {session.auth_key.key_id & (1 << 64) - 1:016x}', flush=True)
    calls = list(islice(cycle(CALLS), args.calls))
    results = await client([request() for _, request, _ in calls[:len(CALLS)]]) if calls else []
    for (method, _, is_right), result in zip(calls, results):
        show(method, is_right, result)
    for method, request, is_right in calls[len(CALLS):]:
        show(method, is_right, await client(request()))
    if args.update:
        print(f'update {type(await handed_out.get()).__name__}', flush=True)
    await client.disconnect()


def show(method, is_right, result):
    if not is_right(result):
        raise SystemExit(f'{method} returned {result}')
    print(f'result {method}', flush=True)


asyncio.run(main())
