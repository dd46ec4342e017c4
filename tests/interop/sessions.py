"""What a client of sessions has to live through, for `run`: calls, an update, a cut connection, new salts, a wrong clock.

A client calls ten methods, five of them at once where it can. What is to happen comes at the sixth call that the server
serves, those included that a client makes of itself, so that others follow; the server's lines show that it came.
"""

import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from harness import Failed, Row, asking, serving

CALLS, AT = 10, 6


class NoKey(Failed):
    """A handshake did not come to its end, which some clients let happen now and then."""


@dataclass
class Trial:
    """What happens: by the server's options, which say so in lines that come in that order."""

    what: str
    server_options: list
    lines: list = field(default_factory=list)
    client_options: list = field(default_factory=list)
    # The client comes with a key that it did not make, and knows neither salt nor time.
    given_key: bool = False


UPDATE = Trial('calls, an update', ['--update-after', AT], ['update to'], ['--update'])
CUT = Trial('calls, a cut connection', ['--disconnect-after', AT], ['disconnected', 'connection accepted'])
SALTS = Trial('calls, new salts', ['--rotate-salts-after', AT], ['salts rotated', 'bad_server_salt'])


def clock(secs, *, code=None, told=None):
    """The server's clock is ahead: the handshake tells it, or that error_code, or an option of the client."""
    what, options = f'calls, clock {secs:+} s', ['--clock-offset', secs]
    if code:
        return Trial(f'{what}, a given key: {code}', options, [f'bad_msg_notification {code}'], given_key=True)
    return Trial(f'{what}, told' if told else what, options, client_options=[told, secs] if told else [])


def rows(client, server, transport, trials, *, pfs=False, key_maker=None, takes_key=lambda key_id: True, server_options=()):
    """A row and its check for each trial. `key_maker` makes the keys that are given, of which the client takes some."""
    for trial in trials:
        given_key = trial.given_key or client.needs_key
        what = trial.what if pfs is False or given_key else f'{trial.what}, PFS'
        yield Row(client.name, server.name, transport, what), partial(
            lives_through, client, server, transport, trial, pfs and not given_key, key_maker if given_key else None,
            takes_key, [] if given_key else server_options)


def lives_through(client, server, transport, trial, pfs, key_maker, takes_key, server_options):
    for left in reversed(range(client.tries)):
        try:
            with serving(server, [*server_options, *trial.server_options]) as served, tempfile.TemporaryDirectory() as folder:
                options = ['--calls', CALLS, *trial.client_options]
                if key_maker:
                    options += ['--auth-key', make_key(key_maker, served, Path(folder) / 'auth_key', takes_key)]
                with asking(client, served, transport, pfs, options) as asked:
                    check(served, asked, trial, pfs, key_maker)
            return
        except NoKey:
            if not left:
                raise


def make_key(key_maker, served, path, takes_key):
    key_id = None
    while key_id is None or not takes_key(key_id):
        with asking(key_maker, served, 'abridged', False, ['--auth-key-out', path]) as asked:
            if asked.wait_for_end():
                raise asked.failed('did not make a key')
            key_id = int(asked.values('auth_key_id')[0], 16)
    return path


def check(served, asked, trial, pfs, key_maker):
    if asked.wait_for_end():
        failed = asked.failed('did not complete')
        raise failed if key_maker or asked.values('auth_key_id') else NoKey(failed)
    if len(asked.values('result ')) != CALLS:
        raise asked.failed(f'did not have {CALLS} results')
    if '--update' in trial.client_options and [name.lower() for name in asked.values('update ')] != ['updateuserstatus']:
        raise asked.failed('did not have the update')
    if not key_maker:
        served.wait_for('handshake complete auth_key_id')
    if pfs:
        served.wait_for('temp key bound')
    for line in trial.lines:
        served.wait_for(line)
    made = set(asked.values('auth_key_id'))
    if not key_maker and not (made and made <= set(served.values('handshake complete auth_key_id'))):
        raise served.failed(f'does not have the keys {made}')
