"""Telethon as a client: `client.py --dc HOST:PORT --rsa-pub PUBLIC.pem --transport NAME` prints `auth_key_id HEX`.

It sends the inner data and the SHA-1 padding from before RSA_PAD.
"""

import argparse
import asyncio
from pathlib import Path

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.network import connection
from telethon.sessions import MemorySession

CONNECTIONS = {
    'full': connection.ConnectionTcpFull,
    'abridged': connection.ConnectionTcpAbridged,
    'intermediate': connection.ConnectionTcpIntermediate,
    'obfuscated': connection.ConnectionTcpObfuscated,
}


class SessionOfOneKey(MemorySession):
    """A session that tells when a key was stored."""

    def __init__(self):
        super().__init__()
        self.stored = asyncio.Event()

    def save(self):
        if self.auth_key:
            self.stored.set()


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--dc', required=True)
    parser.add_argument('--rsa-pub', required=True, type=Path)
    parser.add_argument('--transport', required=True, choices=CONNECTIONS)
    args = parser.parse_args()
    host, port = args.dc.rsplit(':', 1)
    rsa.add_key(args.rsa_pub.read_bytes(), old=False)

    session = SessionOfOneKey()
    session.set_dc(2, host, int(port))
    client = TelegramClient(
        session, api_id=1, api_hash='0', connection=CONNECTIONS[args.transport], connection_retries=0, auto_reconnect=False)
    connecting = asyncio.create_task(client.connect())
    stored = asyncio.create_task(session.stored.wait())
    # What follows the handshake, help.getConfig, is no matter of this test.
    await asyncio.wait([connecting, stored], return_when=asyncio.FIRST_COMPLETED)
    if not session.auth_key:
        await connecting
    print(f'auth_key_id {session.auth_key.key_id & (1 << 64) - 1:016x}', flush=True)
    connecting.cancel()
    await client.disconnect()


asyncio.run(main())
