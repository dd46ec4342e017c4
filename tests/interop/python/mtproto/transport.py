"""Frames on a connection, both sides: mtproto/mtproto-transports.

A transport turns packets into bytes and finds them again; it reads from and writes to a `Stream`, which is a TCP
connection or one obfuscated. `connect` is the client's way to one, `accept` the server's, from the first bytes sent.
"""

import asyncio
import os
import struct
import zlib

from .aes import Ctr
from .kdf import sha256

FRAME_BYTES_MAX = 16 << 20


class TransportError(Exception):
    """Bytes that are no frame."""


class Stream:
    """A TCP connection; bytes looked at to tell the transport are kept for it."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.kept = b''

    async def read(self, length):
        kept, self.kept = self.kept[:length], self.kept[length:]
        return kept + await self.reader.readexactly(length - len(kept))

    async def peek(self, length):
        self.kept = await self.read(length)
        return self.kept

    async def write(self, data):
        self.writer.write(data)
        await self.writer.drain()

    def close(self):
        self.writer.close()


class ObfuscatedStream:
    """A stream under two keystreams, one for each direction."""

    def __init__(self, inner, encrypt, decrypt):
        self.inner, self.encrypt, self.decrypt = inner, encrypt, decrypt

    async def read(self, length):
        return self.decrypt.apply(await self.inner.read(length))

    async def write(self, data):
        await self.inner.write(self.encrypt.apply(data))

    def close(self):
        self.inner.close()


class Transport:
    """Packets on a stream."""

    TAG = b''

    def __init__(self, stream):
        self.stream = stream

    async def send(self, packet):
        await self.stream.write(self.frame(packet))


class Abridged(Transport):
    TAG = b'\xef'

    async def receive(self):
        # The highest bit asks for a quick acknowledgement.
        words = (await self.stream.read(1))[0] & 0x7f
        if words == 0x7f:
            words = int.from_bytes(await self.stream.read(3), 'little')
        return await self.stream.read(4 * words)

    def frame(self, packet):
        if len(packet) % 4:
            raise TransportError(f'{len(packet)} bytes are no whole number of words')
        words = len(packet) // 4
        head = bytes([words]) if words < 0x7f else b'\x7f' + words.to_bytes(3, 'little')
        return head + packet


class Intermediate(Transport):
    TAG = b'\xee\xee\xee\xee'

    async def receive(self):
        length = int.from_bytes(await self.stream.read(4), 'little') & 0x7fff_ffff
        if length > FRAME_BYTES_MAX:
            raise TransportError(f'a frame of {length} bytes')
        return await self.stream.read(length)

    def frame(self, packet):
        return struct.pack('<I', len(packet)) + packet


class PaddedIntermediate(Intermediate):
    """Which bytes are padding is told by what is inside: messages are a multiple of four bytes long, encrypted
    ones of sixteen behind their header of 24."""

    TAG = b'\xdd\xdd\xdd\xdd'

    async def receive(self):
        packet = await super().receive()
        if packet[:8] == bytes(8) and len(packet) >= 20:
            return packet[:20 + int.from_bytes(packet[16:20], 'little')]
        if len(packet) >= 24:
            return packet[:24 + (len(packet) - 24) // 16 * 16]
        return packet[:4]

    def frame(self, packet, random=os.urandom):
        return super().frame(packet + random(random(1)[0] % 16))


class Full(Transport):
    def __init__(self, stream):
        super().__init__(stream)
        self.sent, self.received = 0, 0

    async def receive(self):
        head = await self.stream.read(8)
        length, seq_no = struct.unpack('<II', head)
        if not 12 <= length <= FRAME_BYTES_MAX:
            raise TransportError(f'a frame of {length} bytes')
        packet = await self.stream.read(length - 12)
        crc, = struct.unpack('<I', await self.stream.read(4))
        if crc != zlib.crc32(head + packet):
            raise TransportError('the frame has another CRC32')
        if seq_no != self.received:
            raise TransportError(f'frame {seq_no} where {self.received} was expected')
        self.received += 1
        return packet

    def frame(self, packet):
        frame = struct.pack('<II', len(packet) + 12, self.sent) + packet
        self.sent += 1
        return frame + struct.pack('<I', zlib.crc32(frame))


TRANSPORTS = {'full': Full, 'abridged': Abridged, 'intermediate': Intermediate, 'padded': PaddedIntermediate}
# Obfuscation is a layer under any of them that has a tag; abridged is what clients have under it.
OBFUSCATED = 'obfuscated'
NAMES = [*TRANSPORTS, OBFUSCATED]

INIT_BYTES = 64
FORBIDDEN_STARTS = [b'HEAD', b'POST', b'GET ', b'OPTI', b'\x16\x03\x01\x02', PaddedIntermediate.TAG, Intermediate.TAG]


def new_init(tag, dc=0, random=os.urandom):
    """The 64 bytes that open an obfuscated connection, before their end is encrypted."""
    while True:
        init = random(56) + tag * (4 // len(tag)) + struct.pack('<h', dc) + random(2)
        if init[:1] != Abridged.TAG and init[:4] not in FORBIDDEN_STARTS and init[4:8] != bytes(4):
            return init


def streams_of_init(init, secret=b''):
    """The keystreams from and to the side that sent `init`."""
    def stream(part):
        key = part[8:40]
        return Ctr(sha256(key, secret) if secret else key, part[40:56])
    return stream(init), stream(init[::-1])


def obfuscated_init(init, secret=b''):
    """What is sent for `init`, and the keystreams to go on with."""
    encrypt, decrypt = streams_of_init(init, secret)
    return init[:56] + encrypt.apply(init)[56:], encrypt, decrypt


async def connect(host, port, name):
    """A client's transport over a new connection."""
    stream = Stream(*await asyncio.open_connection(host, port))
    if name == OBFUSCATED:
        sent, encrypt, decrypt = obfuscated_init(new_init(Abridged.TAG))
        await stream.write(sent)
        return Abridged(ObfuscatedStream(stream, encrypt, decrypt))
    transport = TRANSPORTS[name]
    await stream.write(transport.TAG)
    return transport(stream)


async def accept(stream):
    """The transport that a client opens, told by its first bytes."""
    if await stream.peek(1) == Abridged.TAG:
        await stream.read(1)
        return Abridged(stream)
    tag = await stream.peek(4)
    for transport in (Intermediate, PaddedIntermediate):
        if tag == transport.TAG:
            await stream.read(4)
            return transport(stream)
    if (await stream.peek(8))[4:] == bytes(4):
        return Full(stream)
    init = await stream.read(INIT_BYTES)
    decrypt, encrypt = streams_of_init(init)
    tag = decrypt.apply(init)[56:60]
    for transport in (Abridged, Intermediate, PaddedIntermediate):
        if tag[:len(transport.TAG)] == transport.TAG:
            return transport(ObfuscatedStream(stream, encrypt, decrypt))
    raise TransportError('the first bytes open no transport')
