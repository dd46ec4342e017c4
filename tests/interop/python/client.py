"""A client for handshakes: a permanent key and, with `--pfs`, a temporary one and its binding; and for requests under it.

    python client.py --dc HOST:PORT --rsa-pub PUBLIC.pem [--transport NAME] [--pfs] [--legacy-rsa] [--fault NAME]
                     [--call METHOD ...] [--auth-key-out FILE]

It prints `auth_key_id HEX` for each key, `temp key bound`, and `result CONSTRUCTOR` for each method, which is one without
parameters; when it refuses the server or is refused, it says why on stderr and exits with 1.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from mtproto import client_faults, dh, kdf, transport
from mtproto.handshake_client import Client, HandshakeError
from mtproto.message import MessageError
from mtproto.rsa import PublicKey
from mtproto.session_client import Session, SessionError
from mtproto.session_server import api
from mtproto.tl import TlError

TEMP_KEY_SECS = 3600


async def run(args):
    host, port = args.dc.rsplit(':', 1)

    async def connect():
        return await transport.connect(host, int(port), args.transport)

    key = PublicKey.from_pem(args.rsa_pub.read_bytes())
    fault = client_faults.BY_NAME[args.fault]
    client = Client(await connect(), key, args.dc_id, args.legacy_rsa, fault)
    auth_key = perm_key = await client.handshake()
    print(f'auth_key_id {kdf.hex64(perm_key.id())}', flush=True)
    if args.auth_key_out:
        args.auth_key_out.write_bytes(perm_key.key)
    if args.pfs:
        auth_key = await client.handshake(TEMP_KEY_SECS)
        print(f'auth_key_id {kdf.hex64(auth_key.id())}', flush=True)
        await client.bind(perm_key, auth_key)
        print('temp key bound', flush=True)
    session = Session(connect, auth_key, client.time_offset)
    for method in args.call:
        result = await session.call(api().encode(method))
        print(f'result {api().decode(result).name}', flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--dc', required=True, metavar='HOST:PORT')
    parser.add_argument('--dc-id', type=int, default=2)
    parser.add_argument('--rsa-pub', required=True, type=Path, metavar='PUBLIC.pem')
    parser.add_argument('--transport', default='abridged', choices=transport.NAMES)
    parser.add_argument('--pfs', action='store_true', help='a temporary key as well, and its binding')
    parser.add_argument('--legacy-rsa', action='store_true', help='the padding and inner data before RSA_PAD')
    parser.add_argument('--call', nargs='*', default=[], metavar='METHOD')
    parser.add_argument('--auth-key-out', type=Path, metavar='FILE', help='where to write the 256 bytes of the permanent key')
    parser.add_argument('--fault', default='none', choices=client_faults.BY_NAME, metavar='NAME')
    try:
        asyncio.run(run(parser.parse_args()))
    except asyncio.IncompleteReadError as error:
        sys.exit(f'the connection was closed: {error}')
    except (HandshakeError, SessionError, MessageError, TlError, dh.DhError, transport.TransportError, OSError) as error:
        sys.exit(str(error))


if __name__ == '__main__':
    main()
