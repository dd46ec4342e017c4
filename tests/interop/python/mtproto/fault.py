"""One thing done wrong, as clients and servers of these tests do on request.

A fault is a name, what it is in words, and a change at one or more stages of what is said. Its peer refuses it, unless it
`completes`; faults of `binding` come behind the handshake, in auth.bindTempAuthKey or its answer, those of a `session` in
the answers to requests.
"""

from .tl import Object


class HangUp(Exception):
    """The server closes the connection."""


class TransportFailure(Exception):
    """The server sends a transport error."""


class Fault:
    """Changes by the name of their stage; each takes the value and the exchange, and returns the value to go on with."""

    def __init__(self, name, what, *, completes=False, binding=False, session=False, **changes):
        self.name, self.what, self.completes, self.changes = name, what, completes, changes
        self.binding, self.session = binding, session

    def at(self, stage, value, exchange=None):
        change = self.changes.get(stage)
        return change(value, exchange) if change else value


def flip(data):
    """The same bytes but for one bit of the last."""
    return data[:-1] + bytes([data[-1] ^ 1])


def changed(field, change=flip):
    """An object whose field is another."""
    return lambda obj, _: Object(obj.name, obj.fields | {field: change(obj.fields[field])})


def value(constant):
    """That value, whatever it should be."""
    return lambda *_: constant


def raising(error):
    def change(*_):
        raise error
    return change


NONE = Fault('none', 'nothing', completes=True)
