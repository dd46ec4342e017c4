"""Diffie-Hellman: mtproto/auth_key, 3 and 6 to 9, and the checks of mtproto/security_guidelines."""

import math
import secrets

# The prime that mtproto/auth_key prints.
DH_PRIME = int(
    'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37'
    '20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4'
    'a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4'
    'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b', 16)
KEY_BYTES = 256
SAFETY_RANGE = 1 << 2048 - 64

# For which remainders of the prime g generates the subgroup of order (p-1)/2.
RESIDUES = {2: (8, {7}), 3: (3, {2}), 4: (1, {0}), 5: (5, {1, 4}), 6: (24, {19, 23}), 7: (7, {3, 5, 6})}

_checked_primes = {DH_PRIME}


class DhError(Exception):
    """Parameters that must not be used."""


def check_group(p, g):
    """p is a safe prime of 2048 bits, and g generates its subgroup of prime order."""
    if not 1 << 2047 < p < 1 << 2048:
        raise DhError(f'dh_prime has {p.bit_length()} bits')
    if p not in _checked_primes:
        if not is_prime(p):
            raise DhError('dh_prime is composite')
        if not is_prime((p - 1) // 2):
            raise DhError('dh_prime is not a safe prime')
        _checked_primes.add(p)
    if g not in RESIDUES:
        raise DhError(f'g = {g} is out of range')
    modulus, remainders = RESIDUES[g]
    if p % modulus not in remainders:
        raise DhError(f'g = {g} does not generate the subgroup')


def check_public(p, value, name):
    """g_a or g_b is within 2^1984 .. p - 2^1984."""
    if not 1 < value < p - 1 or not SAFETY_RANGE <= value <= p - SAFETY_RANGE:
        raise DhError(f'{name} is out of range')


def shared_key(p, peer, secret):
    """An authorization key: always 256 bytes, leading zeros and all."""
    return pow(peer, secret, p).to_bytes(KEY_BYTES, 'big')


def new_secret():
    return secrets.randbits(2048)


def is_prime(n, rounds=20):
    """Miller-Rabin."""
    if n < 2:
        return False
    for small in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % small == 0:
            return n == small
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(n, odd, twos, secrets.randbelow(n - 3) + 2) for _ in range(rounds))


def _passes(n, odd, twos, base):
    x = pow(base, odd, n)
    if x in (1, n - 1):
        return True
    for _ in range(twos - 1):
        x = x * x % n
        if x == n - 1:
            return True
    return False


def factorize(pq):
    """p < q, both prime, by Pollard's rho as Brent betters it; None where there are no two such."""
    if pq < 4 or is_prime(pq):
        return None
    p = 2 if pq % 2 == 0 else _rho(pq)
    p, q = sorted((p, pq // p))
    return (p, q) if p < q and is_prime(p) and is_prime(q) else None


def _rho(n):
    while True:
        c = secrets.randbelow(n - 1) + 1
        y, r, d = secrets.randbelow(n), 1, 1
        while d == 1:
            x = y
            for _ in range(r):
                y = (y * y + c) % n
            done = 0
            while done < r and d == 1:
                start, product = y, 1
                for _ in range(min(128, r - done)):
                    y = (y * y + c) % n
                    product = product * (x - y) % n
                d = math.gcd(product, n)
                done += 128
            r *= 2
        if d == n:
            d, y = 1, start
            while d == 1:
                y = (y * y + c) % n
                d = math.gcd(x - y, n)
        if d != n:
            return d
