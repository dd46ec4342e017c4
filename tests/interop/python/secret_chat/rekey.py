"""Exchanges of new keys: api/end-to-end/pfs.

A side is idle, has requested an exchange, or has accepted one. What it wants to send it gives to its chat's `send_action`,
which encrypts with the chat's key of that moment.
"""

import secrets

from mtproto import dh, rsa
from mtproto.tl import Object

from .packet import fingerprint


class Rekey:
    def __init__(self, chat):
        self.chat = chat
        self.requested = None
        self.accepted = None
        self.completed = None

    def idle(self):
        return self.requested is None and self.accepted is None

    def start(self, exchange_id=None):
        exchange_id = secrets.randbits(64) - (1 << 63) if exchange_id is None else exchange_id
        a = dh.new_secret()
        self.requested = exchange_id, a
        self.send('RequestKey', exchange_id=exchange_id, g_a=self.public(a))

    def request_key(self, action):
        g_a = self.checked(action.g_a, 'g_a')
        if self.requested:
            ours = self.requested[0]
            if ours > action.exchange_id:
                return
            self.requested = None
            if ours == action.exchange_id:
                return
        if self.accepted:
            self.send('AbortKey', exchange_id=action.exchange_id)
            return
        b = dh.new_secret()
        key = dh.shared_key(self.chat.p, g_a, b)
        self.accepted = action.exchange_id, key
        self.send('AcceptKey', exchange_id=action.exchange_id, g_b=self.public(b), key_fingerprint=fingerprint(key))

    def accept_key(self, action):
        if not self.requested or self.requested[0] != action.exchange_id:
            return
        key = dh.shared_key(self.chat.p, self.checked(action.g_b, 'g_b'), self.requested[1])
        self.chat.require(fingerprint(key) == action.key_fingerprint, 'AcceptKey has another key_fingerprint')
        self.requested = None
        self.send('CommitKey', exchange_id=action.exchange_id, key_fingerprint=fingerprint(key))
        self.chat.switch(key)

    def commit_key(self, action):
        if self.completed == action.exchange_id:
            return
        self.chat.require(self.accepted and self.accepted[0] == action.exchange_id, 'CommitKey of no exchange')
        self.chat.require(fingerprint(self.accepted[1]) == action.key_fingerprint, 'CommitKey has another key_fingerprint')
        self.complete()

    def complete(self):
        """The side that accepted goes over to the new key, and says something under it."""
        self.completed, key = self.accepted
        self.accepted = None
        self.chat.switch(key, heard=True)
        self.send('Noop')

    def abort_key(self, action):
        if self.requested and self.requested[0] == action.exchange_id:
            self.requested = None
        if self.accepted and self.accepted[0] == action.exchange_id:
            self.accepted = None

    def send(self, name, **fields):
        self.chat.send_action(Object(f'decryptedMessageAction{name}', fields))

    def public(self, secret):
        return pow(self.chat.g, secret, self.chat.p).to_bytes(dh.KEY_BYTES, 'big')

    def checked(self, value, name):
        value = rsa.number(value)
        try:
            dh.check_public(self.chat.p, value, name)
        except dh.DhError as error:
            self.chat.abort(str(error))
        return value
