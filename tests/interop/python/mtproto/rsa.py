"""RSA as the handshake uses it: mtproto/auth_key, 2 and 4.1. Randomness is an argument, so that vectors can be made."""

import os
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from . import tl
from .aes import ige_decrypt, ige_encrypt
from .kdf import sha1, sha256

MODULUS_BYTES = 256
DATA_BYTES_MAX = 144
PADDED_BYTES = 192
LEGACY_BYTES = 255
ZERO_IV = bytes(32)


class PaddingError(Exception):
    """What was decrypted is not padded data."""


def number(data):
    return int.from_bytes(data, 'big')


def minimal(value):
    """A number's big-endian bytes without leading zeros, as numbers go into TL strings."""
    return value.to_bytes((value.bit_length() + 7) // 8, 'big')


@dataclass
class PublicKey:
    n: int
    e: int

    @classmethod
    def from_pem(cls, text):
        numbers = serialization.load_pem_public_key(text).public_numbers()
        return cls(numbers.n, numbers.e)

    def fingerprint(self):
        """The 64 lower-order bits of SHA1 of the bare `rsa_public_key n:string e:string`, as a `long`."""
        key = tl.encode_bytes(minimal(self.n)) + tl.encode_bytes(minimal(self.e))
        return int.from_bytes(sha1(key)[-8:], 'little', signed=True)

    def encrypt(self, block):
        return pow(number(block), self.e, self.n).to_bytes(MODULUS_BYTES, 'big')

    def encrypt_padded(self, data, random=os.urandom):
        """RSA_PAD(data, server_public_key)."""
        if len(data) > DATA_BYTES_MAX:
            raise ValueError(f'{len(data)} bytes for RSA_PAD, at most {DATA_BYTES_MAX}')
        padded = data + random(PADDED_BYTES - len(data))
        while True:
            block = rsa_pad_block(padded, random(32))
            if number(block) < self.n:
                return self.encrypt(block)

    def encrypt_legacy(self, data, random=os.urandom):
        """The padding before RSA_PAD: SHA1(data), data and random bytes, 255 in all."""
        block = sha1(data) + data
        return self.encrypt(block + random(LEGACY_BYTES - len(block)))


@dataclass
class PrivateKey:
    public: PublicKey
    d: int

    @classmethod
    def from_pem(cls, text):
        numbers = serialization.load_pem_private_key(text, password=None).private_numbers()
        return cls(PublicKey(numbers.public_numbers.n, numbers.public_numbers.e), numbers.d)

    def to_pem(self):
        """PKCS#1."""
        n, e = self.public.n, self.public.e
        p, q = rsa.rsa_recover_prime_factors(n, e, self.d)
        numbers = rsa.RSAPrivateNumbers(
            p, q, self.d, rsa.rsa_crt_dmp1(self.d, p), rsa.rsa_crt_dmq1(self.d, q), rsa.rsa_crt_iqmp(p, q),
            rsa.RSAPublicNumbers(e, n))
        return _pem(numbers.private_key())

    def decrypt(self, encrypted):
        if len(encrypted) != MODULUS_BYTES:
            raise PaddingError(f'{len(encrypted)} bytes encrypted, not {MODULUS_BYTES}')
        return pow(number(encrypted), self.d, self.public.n).to_bytes(MODULUS_BYTES, 'big')

    def decrypt_padded(self, encrypted):
        """The data of RSA_PAD and its padding, 192 bytes."""
        block = self.decrypt(encrypted)
        temp_key = xor(block[:32], sha256(block[32:]))
        with_hash = ige_decrypt(block[32:], temp_key, ZERO_IV)
        padded = with_hash[:PADDED_BYTES][::-1]
        if with_hash[PADDED_BYTES:] != sha256(temp_key, padded):
            raise PaddingError('the hash of RSA_PAD is not that of its data')
        return padded

    def decrypt_legacy(self, encrypted):
        """SHA1(data), then data and padding; the data's length is for its reader to tell."""
        block = self.decrypt(encrypted)
        if block[0]:
            raise PaddingError('more than 255 bytes of legacy padding')
        return block[1:21], block[21:]


def rsa_pad_block(padded, temp_key):
    """key_aes_encrypted of mtproto/auth_key, 4.1, for one temp_key."""
    aes_encrypted = ige_encrypt(padded[::-1] + sha256(temp_key, padded), temp_key, ZERO_IV)
    return xor(temp_key, sha256(aes_encrypted)) + aes_encrypted


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def generate_pem():
    """A new key, private and public, both PKCS#1."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=8 * MODULUS_BYTES)
    return _pem(key), key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)


def _pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
