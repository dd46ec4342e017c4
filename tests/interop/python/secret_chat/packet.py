"""What the server carries for a chat: key_fingerprint, msg_key, and the encrypted message.

Pages: api/end-to-end and api/end-to-end_v1, "Serialization and encryption of outgoing messages", "Sending encrypted files".
"""

import hashlib
import os
import struct

from mtproto import kdf
from mtproto.aes import BLOCK_BYTES, ige_decrypt, ige_encrypt

PADDING_MIN, PADDING_MAX = 12, 1024
HEAD_BYTES = 24


class PacketError(Exception):
    """A packet that must not be taken for a message."""


def fingerprint(key):
    """The last 64 bits of SHA1(key), as a `long`."""
    return kdf.auth_key_id(key)


def encrypt(key, body, version, from_originator, padding=None):
    plaintext = struct.pack('<I', len(body)) + body
    if version == 1:
        msg_key = kdf.msg_key_v1(plaintext)
        aes_key, aes_iv = kdf.message_key_iv_v1(key, msg_key, 0)
        plaintext += os.urandom(-len(plaintext) % BLOCK_BYTES) if padding is None else padding
    else:
        if padding is None:
            padding = os.urandom(PADDING_MIN + -(len(plaintext) + PADDING_MIN) % BLOCK_BYTES)
        plaintext += padding
        x = direction(from_originator)
        msg_key = kdf.msg_key(key, x, plaintext)
        aes_key, aes_iv = kdf.message_key_iv(key, msg_key, x)
    return struct.pack('<q', fingerprint(key)) + msg_key + ige_encrypt(plaintext, aes_key, aes_iv)


def decrypt(key, packet, version, from_originator):
    """The message without its length and padding."""
    msg_key, encrypted = packet[8:HEAD_BYTES], packet[HEAD_BYTES:]
    if not encrypted or len(encrypted) % BLOCK_BYTES:
        raise PacketError(f'a packet of {len(packet)} bytes')
    if version == 1:
        plaintext = ige_decrypt(encrypted, *kdf.message_key_iv_v1(key, msg_key, 0))
    else:
        x = direction(from_originator)
        plaintext = ige_decrypt(encrypted, *kdf.message_key_iv(key, msg_key, x))
        if kdf.msg_key(key, x, plaintext) != msg_key:
            raise PacketError('msg_key is not that of the message')
    length = int.from_bytes(plaintext[:4], 'little')
    padding_bytes = len(plaintext) - 4 - length
    if version == 1:
        if not 0 <= padding_bytes < BLOCK_BYTES or kdf.msg_key_v1(plaintext[:4 + length]) != msg_key:
            raise PacketError('msg_key is not that of the message')
    elif not PADDING_MIN <= padding_bytes <= PADDING_MAX:
        raise PacketError(f'{padding_bytes} bytes of padding')
    return plaintext[4:4 + length]


def direction(from_originator):
    return 0 if from_originator else 8


def packet_fingerprint(packet):
    return int.from_bytes(packet[:8], 'little', signed=True)


def visualization(first_key_sha1, layer_46_key_sha256):
    """api/end-to-end/pfs: what the parties compare, 36 bytes."""
    return first_key_sha1[:16] + layer_46_key_sha256[:20]


def encrypt_file(data, key, iv, random=os.urandom):
    return ige_encrypt(data + random(-len(data) % BLOCK_BYTES), key, iv)


def decrypt_file(data, key, iv, size):
    return ige_decrypt(data, key, iv)[:size]


def file_fingerprint(key, iv):
    """The `key_fingerprint` of a file, as an `int`."""
    digest = hashlib.md5(key + iv).digest()
    return struct.unpack('<i', bytes(a ^ b for a, b in zip(digest[:4], digest[4:8])))[0]
