"""Stored authorization keys for `key_storage.rs`, from another implementation: OpenSSL through `cryptography`.

Written after the tables of formats in `src/crypto/key_storage`. Prints the modern form, then the legacy one.
"""

import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

PASSWORD = "correct horse \N{BATTERY}".encode()
KEY = bytes(range(256))


def rotate(word, bits):
    return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha-03, section 2.2."""
    s = list(struct.unpack("<4I8I4I", b"expand 32-byte k" + key + nonce))
    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for _ in range(10):
        for a, b, c, d in columns + diagonals:
            for first, second, third, bits in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)]:
                s[first] = (s[first] + s[second]) & 0xFFFFFFFF
                s[third] = rotate(s[third] ^ s[first], bits)
    return struct.pack("<8I", *s[:4], *s[12:])


memory_kib, passes, lanes = 64, 2, 3
salt, nonce = bytes(range(100, 116)), bytes(range(200, 224))
header = b"MTPROTOK" + struct.pack("<4I", 1, memory_kib, passes, lanes) + salt + nonce
key = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory_kib).derive(PASSWORD)
aead = ChaCha20Poly1305(hchacha20(key, nonce[:16]))
print((header + aead.encrypt(bytes(4) + nonce[16:], KEY, header)).hex())

encryptor = Cipher(algorithms.AES(PASSWORD.ljust(32, b"\0")), modes.CBC(bytes(16))).encryptor()
print(encryptor.update(hashlib.sha1(KEY).digest() + KEY + bytes(range(12))).hex())
