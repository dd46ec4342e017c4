"""What `run` stands on: installing the peers, running programs and waiting for what they say, the table of outcomes."""

import hashlib
import os
import queue
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CARGO_TARGET = Path(os.environ.get('CARGO_TARGET_DIR', ROOT / 'target'))
TARGET = CARGO_TARGET / 'interop'
PYTHON = TARGET / 'venv' / 'bin' / 'python'
MTCUTE = TARGET / 'mtcute'
GRAMMERS = TARGET / 'grammers'
KEYS = TARGET / 'keys'
PRIVATE, PUBLIC = KEYS / 'private.pem', KEYS / 'public.pem'
# How long it may take to wait for a line or the end: of a program that talks with a peer, and of one that is a test.
PEER_SECS, TEST_SECS = 60, 300


class Failed(Exception):
    """A program did not do what was expected of it."""


# Installing.

def install(*steps):
    """Runs the steps at once: some wait for the network, others for a compiler."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        for step in [pool.submit(step) for step in steps]:
            step.result()


def install_python():
    def make():
        call('python3', '-m', 'venv', '--clear', TARGET / 'venv')
        call(PYTHON, '-m', 'pip', 'install', '--quiet', '--no-deps', '--requirement', HERE / 'requirements.txt')
    once('venv', [HERE / 'requirements.txt'], make)


def install_mtcute():
    # A copy, so that no node_modules comes to lie among the sources.
    MTCUTE.mkdir(exist_ok=True)
    sources = [HERE / 'mtcute' / name for name in ('package.json', 'package-lock.json', 'client.mjs')]
    for source in sources:
        shutil.copy(source, MTCUTE)
    once('mtcute', sources[:2], lambda: call('npm', 'ci', '--silent', '--ignore-scripts', cwd=MTCUTE))


def build_gotd():
    call('go', 'build', '-buildvcs=false', '-o', f'{TARGET / "gotd"}/', './client', './server', cwd=HERE / 'gotd')


def build_grammers():
    call('cargo', 'build', '--quiet', '--locked', '--manifest-path', HERE / 'grammers' / 'Cargo.toml', '--target-dir', GRAMMERS)


def build_examples():
    # With the features of the whole workspace, so that what its tests have built is there already.
    call('cargo', 'build', '--quiet', '--workspace', '--example', 'loopback_dc', '--example', 'call',
         '--example', 'secret_chat_conversation', cwd=ROOT)


def once(name, sources, make):
    """Makes something unless it was made from the same sources before."""
    stamp = TARGET / f'{name}.made-from'
    digest = hashlib.sha256(b''.join(source.read_bytes() for source in sources)).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        make()
        stamp.write_text(digest)


def call(*command, cwd=None):
    done = subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit(f'{" ".join(map(str, command))}\n{done.stdout}')


# Running.

class Program:
    """A running program, its output read line by line; it is ended at the end of a `with` block."""

    def __init__(self, *command):
        self.command = list(map(str, command))
        self.said = []
        self.lines = queue.Queue()

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.reading = threading.Thread(target=self._read)
        self.reading.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reading.join()
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))
        self.lines.put(None)

    def wait_for(self, start):
        """What stands behind that start of a line; lines before it are remembered, not waited for again."""
        for line in self._until_end():
            if line.startswith(start):
                return line[len(start):].strip()
        raise self.failed(f'ended without saying {start!r}')

    def wait_for_end(self, secs=PEER_SECS):
        """The exit code."""
        for _ in self._until_end(secs):
            pass
        return self.process.wait(secs)

    def output(self):
        return '\n'.join(self.said)

    def values(self, start):
        """What stood behind that start in all lines said so far."""
        return [line[len(start):].strip() for line in self.said if line.startswith(start)]

    def failed(self, complaint):
        return Failed(f'{Path(self.command[0]).name} {complaint}; it said:\n{self.output()}')

    def _until_end(self, secs=PEER_SECS):
        deadline = time.monotonic() + secs
        while True:
            try:
                line = self.lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise self.failed(f'did not come to an end in {secs} s') from None
            if line is None:
                self.lines.put(None)
                return
            self.said.append(line)
            yield line


class Server(Program):
    """A program that tells where it listens."""

    def __enter__(self):
        super().__enter__()
        self.address = self.wait_for('listening on')
        self.fingerprint = self.wait_for('rsa fingerprint')
        return self


@dataclass
class Peer:
    """A name for the table and a command line to go on from."""

    name: str
    command: list
    # How often it may fail by itself.
    tries: int = 1
    # It cannot make a key with a server that it does not know.
    needs_key: bool = False


def serving(server, options):
    return Server(*server.command, '--rsa-key', PRIVATE, *options)


def asking(client, served, transport, pfs, options):
    pfs = ['--pfs'] if pfs else []
    return Program(*client.command, '--dc', served.address, '--rsa-pub', PUBLIC, '--transport', transport, *pfs, *options)


# Telling.

@dataclass
class Row:
    """One thing shown: who asked whom, over what, and what was to come of it."""

    client: str
    server: str
    transport: str
    what: str
    error: str | None = None

    def __str__(self):
        mark = '✗' if self.error else '✓'
        return f'{mark}  {self.client:<16} {self.server:<16} {self.transport:<13} {self.what}'


class Table:
    """Rows shown as they come, two at a time."""

    def __init__(self):
        self.rows = []

    def show(self, checks):
        """Runs checks, pairs of a row and of what raises `Failed` if it does not hold."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for row, error in pool.map(self._check, checks):
                row.error = error
                self.rows.append(row)
                print(row, flush=True)

    def finish(self):
        """Prints every failure and the sum, and returns the exit code."""
        failed = [row for row in self.rows if row.error]
        for row in failed:
            print(f'\n{row}\n{row.error}')
        print(f'\n{len(self.rows) - len(failed)} passed, {len(failed)} failed')
        return 1 if failed or not self.rows else 0

    @staticmethod
    def _check(check):
        row, shows = check
        try:
            shows()
        except Failed as failure:
            return row, str(failure)
        return row, None
