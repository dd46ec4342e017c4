"""Writes a new RSA key, PKCS#1: `python keygen.py DIRECTORY` makes `private.pem` and `public.pem` there."""

import sys
from pathlib import Path

from mtproto import rsa

directory = Path(sys.argv[1])
private, public = rsa.generate_pem()
directory.mkdir(parents=True, exist_ok=True)
(directory / 'private.pem').write_bytes(private)
(directory / 'public.pem').write_bytes(public)
