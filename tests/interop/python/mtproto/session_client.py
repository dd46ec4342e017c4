"""The client's side of a session: requests, one at a time, and their results, over as many connections as it takes.

What the pages forbid to accept is left alone, as if it had not come. Pages: mtproto/description, mtproto/service_messages,
mtproto/service_messages_about_messages.
"""

import asyncio
import gzip
import secrets
import time

from . import kdf, message
from .message import Message, MessageError, MsgIds
from .tl import MTPROTO, TlError

OLD_SECS, AHEAD_SECS = 300, 30
TRIES_MAX = 10


class SessionError(Exception):
    """A request that has no result."""


class Session:
    """`connect` opens a channel to the server; `time_offset` is what its clock is ahead of ours."""

    def __init__(self, connect, auth_key, time_offset=0):
        self.connect, self.auth_key, self.time_offset = connect, auth_key, time_offset
        self.channel = None
        self.session_id = secrets.randbits(63)
        self.msg_ids = MsgIds(self.now)
        self.content_messages = 0
        self.seen = set()

    def now(self):
        return time.time() + self.time_offset

    async def call(self, body):
        """The bytes of a request's result."""
        for _ in range(TRIES_MAX):
            try:
                self.channel = self.channel or await self.connect()
                request = await self.send(body)
                while True:
                    for answer in self.accept(await self.channel.receive()):
                        if answer.name == 'rpc_result' and answer.req_msg_id == request.msg_id:
                            return unpacked(answer.result)
                        if answer.name.startswith('bad_') and answer.bad_msg_id == request.msg_id:
                            raise Again
            except Again:
                continue
            except (asyncio.IncompleteReadError, ConnectionError):
                self.channel = None
        raise SessionError(f'no result in {TRIES_MAX} tries')

    async def send(self, body):
        request = Message(
            self.auth_key.salt, self.session_id, self.msg_ids.next(MsgIds.CLIENT), 2 * self.content_messages + 1, body)
        self.content_messages += 1
        await self.channel.send(message.encrypt(self.auth_key.key, kdf.FROM_CLIENT, request))
        return request

    def accept(self, packet):
        """The objects of a packet, if it is one to be accepted."""
        if len(packet) == 4:
            raise SessionError(f'transport error {int.from_bytes(packet, "little", signed=True)}')
        if int.from_bytes(packet[:8], 'little', signed=True) != self.auth_key.id():
            return
        try:
            received = message.decrypt(self.auth_key.key, kdf.FROM_SERVER, packet)
            messages = message.flatten(received)
        except (MessageError, TlError):
            return
        for inner in messages:
            try:
                obj = MTPROTO.decode(inner.body)
            except TlError:
                continue
            if self.is_acceptable(inner, obj.name):
                self.learn(inner, obj)
                yield obj

    def is_acceptable(self, received, name):
        age = self.now() - received.msg_id / 2**32
        is_new = received.msg_id not in self.seen
        self.seen.add(received.msg_id)
        # These correct the clock, and may come when it is wrong.
        in_time = -AHEAD_SECS < age < OLD_SECS or name in ('bad_msg_notification', 'bad_server_salt')
        return received.session_id == self.session_id and received.msg_id % 2 == 1 and is_new and in_time

    def learn(self, received, obj):
        if obj.name == 'bad_server_salt':
            self.auth_key.salt = obj.new_server_salt
        elif obj.name == 'bad_msg_notification' and obj.error_code in (16, 17):
            self.time_offset = received.msg_id / 2**32 - time.time()


class Again(Exception):
    """The request is to be sent once more."""


def unpacked(result):
    try:
        obj = MTPROTO.decode(result)
    except TlError:
        return result
    if obj.name == 'gzip_packed':
        return gzip.decompress(obj.packed_data)
    if obj.name == 'rpc_error':
        raise SessionError(f'rpc_error {obj.error_code} {obj.error_message.decode()}')
    return result
