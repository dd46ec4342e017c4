"""Messages: plain ones with auth_key_id 0, encrypted ones of MTProto 2.0, and the 1.0 form that binds a temporary key.

Pages: mtproto/description, mtproto/description_v1, method/auth.bindTempAuthKey.
"""

import os
import secrets
import struct
import time
from dataclasses import dataclass

from . import kdf
from .aes import BLOCK_BYTES, ige_decrypt, ige_encrypt
from .tl import MTPROTO, Reader, TlError

PADDING_MIN, PADDING_MAX = 12, 1024


class MessageError(Exception):
    """A packet that must not be taken for a message."""


class MsgIds:
    """Message ids, growing: unixtime * 2^32, and what is left over from division by four tells who sends."""

    CLIENT, SERVER_ANSWER, SERVER_NOTICE = 0, 1, 3

    def __init__(self, now=time.time):
        self.now, self.last = now, 0

    def next(self, remainder):
        now = int(self.now() * 2**32) & ~3
        self.last = max(now, (self.last | 3) + 1)
        return self.last | remainder


@dataclass
class AuthKey:
    """A key and what is known of it; `expires_at` is that of temporary keys alone."""

    key: bytes
    salt: int
    expires_at: int | None = None

    def id(self):
        return kdf.auth_key_id(self.key)

    def change_salt(self):
        self.salt = secrets.randbits(63)


def pack_plain(msg_id, body):
    return struct.pack('<qqi', 0, msg_id, len(body)) + body


def unpack_plain(packet):
    """The msg_id and body of a plain message."""
    if len(packet) < 20:
        raise MessageError(f'a packet of {len(packet)} bytes')
    key_id, msg_id, length = struct.unpack('<qqi', packet[:20])
    if key_id:
        raise MessageError('an encrypted message where a plain one was expected')
    if length != len(packet) - 20:
        raise MessageError(f'message_data_length is {length}, {len(packet) - 20} bytes follow')
    return msg_id, packet[20:]


def plain_object(body):
    """The object of a plain message; bytes may follow it, as in the resPQ of mtproto/samples-auth_key."""
    return MTPROTO.read(Reader(body))


@dataclass
class Message:
    """What is encrypted, but for its padding; `length` is the body's, where nothing else is said."""

    salt: int
    session_id: int
    msg_id: int
    seq_no: int
    body: bytes
    length: int | None = None

    def header(self):
        length = len(self.body) if self.length is None else self.length
        return struct.pack('<qqqii', self.salt, self.session_id, self.msg_id, self.seq_no, length)

    HEADER_BYTES = 32


def encrypt(auth_key, x, message, padding=None):
    """MTProto 2.0; the padding is random and the least that is allowed, unless it is given."""
    plaintext = message.header() + message.body
    if padding is None:
        padding = os.urandom(PADDING_MIN + -(len(plaintext) + PADDING_MIN) % BLOCK_BYTES)
    plaintext += padding
    msg_key = kdf.msg_key(auth_key, x, plaintext)
    key, iv = kdf.message_key_iv(auth_key, msg_key, x)
    return struct.pack('<q', kdf.auth_key_id(auth_key)) + msg_key + ige_encrypt(plaintext, key, iv)


def decrypt(auth_key, x, packet):
    msg_key, encrypted = packet[8:24], packet[24:]
    if len(msg_key) < 16 or len(encrypted) % BLOCK_BYTES or len(encrypted) < Message.HEADER_BYTES + PADDING_MIN:
        raise MessageError(f'an encrypted packet of {len(packet)} bytes')
    key, iv = kdf.message_key_iv(auth_key, msg_key, x)
    plaintext = ige_decrypt(encrypted, key, iv)
    if kdf.msg_key(auth_key, x, plaintext) != msg_key:
        raise MessageError('msg_key is not that of the message')
    *head, length = struct.unpack('<qqqii', plaintext[:Message.HEADER_BYTES])
    padding_bytes = len(plaintext) - Message.HEADER_BYTES - length
    if length < 0 or length % 4 or not PADDING_MIN <= padding_bytes <= PADDING_MAX:
        raise MessageError(f'message_data_length {length} leaves {padding_bytes} bytes of padding')
    return Message(*head, plaintext[Message.HEADER_BYTES:Message.HEADER_BYTES + length])


def flatten(message):
    """A container's messages, or the one message that is no container."""
    if message.body[:4] != struct.pack('<I', MTPROTO.by_name['msg_container'].id):
        return [message]
    reader = Reader(message.body[4:])
    messages = []
    for _ in range(reader.unpack('<I')):
        msg_id, seq_no, length = reader.unpack('<q'), reader.unpack('<i'), reader.unpack('<i')
        messages.append(Message(message.salt, message.session_id, msg_id, seq_no, reader.take(length)))
    reader.end()
    return messages


def container(messages):
    """The body of a container."""
    parts = [struct.pack('<II', MTPROTO.by_name['msg_container'].id, len(messages))]
    for inner in messages:
        parts += [struct.pack('<qii', inner.msg_id, inner.seq_no, len(inner.body)), inner.body]
    return b''.join(parts)


# Binding: "the usual way, but with MTProto v1", a random int128 standing for salt and session_id.

def encrypt_binding(perm_auth_key, msg_id, inner, random=os.urandom):
    plaintext = random(16) + struct.pack('<qii', msg_id, 0, len(inner)) + inner
    msg_key = kdf.msg_key_v1(plaintext)
    key, iv = kdf.message_key_iv_v1(perm_auth_key, msg_key, kdf.FROM_CLIENT)
    plaintext += random(-len(plaintext) % BLOCK_BYTES)
    return struct.pack('<q', kdf.auth_key_id(perm_auth_key)) + msg_key + ige_encrypt(plaintext, key, iv)


def decrypt_binding(perm_auth_key, encrypted_message):
    """The msg_id and the bind_auth_key_inner of an encrypted_message."""
    key_id, msg_key, encrypted = encrypted_message[:8], encrypted_message[8:24], encrypted_message[24:]
    if key_id != struct.pack('<q', kdf.auth_key_id(perm_auth_key)) or len(encrypted) != 80:
        raise MessageError('encrypted_message is no binding by that key')
    key, iv = kdf.message_key_iv_v1(perm_auth_key, msg_key, kdf.FROM_CLIENT)
    plaintext = ige_decrypt(encrypted, key, iv)[:72]
    if kdf.msg_key_v1(plaintext) != msg_key:
        raise MessageError('msg_key is not that of the binding')
    msg_id, seq_no, length = struct.unpack('<qii', plaintext[16:32])
    if seq_no != 0 or length != 40:
        raise MessageError(f'seqno {seq_no} and msg_len {length} in the binding')
    try:
        inner = MTPROTO.decode(plaintext[32:])
    except TlError as error:
        raise MessageError(f'the binding: {error}') from error
    if inner.name != 'bind_auth_key_inner':
        raise MessageError(f'{inner.name} in the binding')
    return msg_id, inner
