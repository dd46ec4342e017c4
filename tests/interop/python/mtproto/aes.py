"""AES-256 in infinite garble extension, as mtproto/description names it, and in counter mode.

The block cipher is the one thing taken from a library; the chaining of IGE is here:
`c[i] = E(p[i] ^ c[i-1]) ^ p[i-1]`, the first half of the iv standing for `c[-1]` and the second for `p[-1]`.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BYTES = 16


def ige_encrypt(data, key, iv):
    encrypt = _ecb(key).encryptor().update
    return _ige(data, iv[:BLOCK_BYTES], iv[BLOCK_BYTES:], encrypt)


def ige_decrypt(data, key, iv):
    decrypt = _ecb(key).decryptor().update
    return _ige(data, iv[BLOCK_BYTES:], iv[:BLOCK_BYTES], decrypt)


class Ctr:
    """One keystream, going on from call to call."""

    def __init__(self, key, iv):
        self.apply = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor().update


def _ecb(key):
    return Cipher(algorithms.AES(key), modes.ECB())


def _ige(data, previous_out, previous_in, block_cipher):
    if len(data) % BLOCK_BYTES:
        raise ValueError(f'{len(data)} bytes are no whole number of blocks')
    out = bytearray()
    previous_out = int.from_bytes(previous_out, 'big')
    previous_in = int.from_bytes(previous_in, 'big')
    for at in range(0, len(data), BLOCK_BYTES):
        block = int.from_bytes(data[at:at + BLOCK_BYTES], 'big')
        mixed = (block ^ previous_out).to_bytes(BLOCK_BYTES, 'big')
        previous_out = int.from_bytes(block_cipher(mixed), 'big') ^ previous_in
        previous_in = block
        out += previous_out.to_bytes(BLOCK_BYTES, 'big')
    return bytes(out)
