"""One side of a secret chat: api/end-to-end, api/end-to-end/seq_no.

What it wants sent stands in `outbox`, what happened in `events`; the caller takes both away. Sequence numbers are raw unless
they are called `wire`.
"""

import os
import secrets
import time
from dataclasses import dataclass

from mtproto import dh, kdf
from mtproto.tl import Object, TlError

from . import layers, packet
from .packet import PacketError
from .rekey import Rekey

RANDOM_BYTES_MIN = 15
NOTIFIED_SECS = 15
REKEY_MESSAGES, REKEY_SECS = 100, 7 * 86400


class Aborted(Exception):
    """The other side, or the server, broke the protocol; the chat is over."""


@dataclass
class Sent:
    """A message that may have to be sent again, byte for byte but for its encryption."""

    layer_message: Object
    schema_layer: int
    version: int

    def body(self):
        return layers.schema(self.schema_layer).encode_object(self.layer_message)

    def random_id(self):
        return self.layer_message.message.random_id


@dataclass
class Received:
    """A message that waits for those before it."""

    message: Object | None
    layer: int
    in_seq: int
    version: int
    done: bool = False


class Chat:
    def __init__(self, originator, layer=layers.LATEST, remote_layer=layers.FIRST, p=dh.DH_PRIME, g=3, now=time.time):
        dh.check_group(p, g)
        self.originator, self.layer, self.remote_layer, self.p, self.g, self.now = originator, layer, remote_layer, p, g, now
        self.outbox, self.events = [], []
        self.key, self.old_keys, self.heard_new_key = None, [], True
        self.under_key, self.key_since = 0, now()
        self.out_seq, self.in_seq, self.acknowledged = 0, 0, 0
        self.sent, self.queue, self.asked = {}, {}, set()
        self.last_layer, self.wrapped_since, self.version_2_since = 0, None, None
        self.rekey = Rekey(self)
        self.aborted = None

    # The first key.

    def request(self):
        """g_a, of messages.requestEncryption."""
        self.secret = dh.new_secret()
        return pow(self.g, self.secret, self.p).to_bytes(dh.KEY_BYTES, 'big')

    def accept(self, g_a):
        """g_b and key_fingerprint, of messages.acceptEncryption."""
        peer = self.rekey.checked(g_a, 'g_a')
        g_b = self.request()
        self.establish(dh.shared_key(self.p, peer, self.secret))
        return g_b, packet.fingerprint(self.key)

    def confirm(self, g_b, key_fingerprint):
        """What encryptedChat brings to the side that requested."""
        peer = self.rekey.checked(g_b, 'g_b')
        key = dh.shared_key(self.p, peer, self.secret)
        self.require(packet.fingerprint(key) == key_fingerprint, 'encryptedChat has another key_fingerprint')
        self.establish(key)

    def establish(self, key):
        self.key, self.secret = key, None
        self.created = self.key_since = self.now()
        self.first_key_sha1, self.layer_46_key_sha256 = kdf.sha1(key), None
        self.see_visualized_layer()
        self.notify_layer()

    # Sending.

    def send_text(self, text, ttl=0, random_id=None):
        media = None if self.working_layer() >= 45 else Object('decryptedMessageMediaEmpty')
        return self.send('decryptedMessage', random_id, message=text.encode(), ttl=ttl, media=media)

    def send_action(self, action):
        return self.send('decryptedMessageService', None, action=action)

    def notify_layer(self):
        self.send_action(Object('decryptedMessageActionNotifyLayer', {'layer': self.layer}))

    def upgrade(self, layer):
        """The client is a newer one now."""
        self.layer = layer
        self.see_visualized_layer()
        self.notify_layer()

    def delete(self, random_ids):
        """Deletes messages here and there. One that may not have arrived keeps its number and says nothing but that."""
        for sent in self.sent.values():
            if sent.random_id() in random_ids:
                sent.layer_message.fields['message'] = Object('decryptedMessageService', {
                    'random_id': sent.random_id(), 'random_bytes': os.urandom(RANDOM_BYTES_MIN),
                    'action': Object('decryptedMessageActionDeleteMessages', {'random_ids': [sent.random_id()]})})
        self.send_action(Object('decryptedMessageActionDeleteMessages', {'random_ids': random_ids}))

    def send(self, name, random_id, **fields):
        random_id = secrets.randbits(63) if random_id is None else random_id
        message = Object(name, {'random_id': random_id, 'random_bytes': os.urandom(RANDOM_BYTES_MIN)} | fields)
        layer = self.working_layer()
        if layer < layers.WRAPPED:
            self.encrypt(layers.schema_before_layers().encode_object(message), 1)
            return random_id
        layer_message = Object('decryptedMessageLayer', {
            'random_bytes': os.urandom(RANDOM_BYTES_MIN), 'layer': self.layer, 'message': message,
            'in_seq_no': self.wire_in(self.in_seq), 'out_seq_no': self.wire_out(self.out_seq)})
        sent = Sent(layer_message, layer, 2 if layer >= layers.MTPROTO_2 else 1)
        self.sent[self.out_seq] = sent
        self.out_seq += 1
        self.encrypt(sent.body(), sent.version)
        return random_id

    def encrypt(self, body, version):
        self.under_key += 1
        self.outbox.append(packet.encrypt(self.key, body, version, self.originator))

    def tick(self):
        """Starts an exchange of keys when one is due."""
        due = self.under_key > REKEY_MESSAGES or self.under_key and self.now() - self.key_since > REKEY_SECS
        if due and self.rekey.idle() and self.working_layer() >= layers.REKEYING:
            self.rekey.start()

    # Receiving.

    def receive(self, data):
        if self.aborted:
            raise Aborted(self.aborted)
        try:
            body, version = self.decrypt(data)
            received = layers.schema(self.layer).decode(body)
        except (PacketError, TlError) as error:
            self.events.append({'dropped': str(error)})
            return
        if received.name == 'decryptedMessageLayer':
            self.receive_wrapped(received, version)
        elif self.wrapped_since is None:
            self.interpret(received)
        else:
            self.events.append({'dropped': 'a message without layer'})
        if not self.queue and self.heard_new_key:
            self.old_keys.clear()

    def decrypt(self, data):
        fingerprint = packet.packet_fingerprint(data)
        candidates = [self.key, *self.old_keys]
        if self.rekey.accepted:
            candidates.append(self.rekey.accepted[1])
        for key in candidates:
            if packet.fingerprint(key) == fingerprint:
                break
        else:
            raise PacketError('a key_fingerprint of no key')
        body, version = self.decrypt_under(key, data)
        if self.rekey.accepted and key is self.rekey.accepted[1]:
            self.rekey.complete()
        if key is self.key:
            self.heard_new_key = True
            self.under_key += 1
        return body, version

    def decrypt_under(self, key, data):
        """MTProto 1.0 is tried until it can come no more."""
        new_only = self.version_2_since is not None or min(self.working_layer(), self.last_layer) >= layers.MTPROTO_2
        versions = ([2, 1] if self.queue else [2]) if new_only else [1, 2]
        for version in versions:
            try:
                return packet.decrypt(key, data, version, not self.originator), version
            except PacketError as error:
                failure = error
        raise failure

    def receive_wrapped(self, received, version):
        if len(received.random_bytes) < RANDOM_BYTES_MIN:
            self.events.append({'dropped': 'less than 15 random_bytes'})
            return
        parities = received.in_seq_no % 2, received.out_seq_no % 2
        self.require(parities == (self.wire_out(0), self.wire_of_peer(0)), 'a sequence number of the wrong side')
        in_seq, out_seq = received.in_seq_no // 2, received.out_seq_no // 2
        if out_seq < self.in_seq or out_seq in self.queue:
            return
        self.require(in_seq <= self.out_seq, f'in_seq_no {in_seq} of messages not sent')
        message = Received(received.message, received.layer, in_seq, version)
        if self.wrapped_since is None:
            self.wrapped_since = out_seq
        self.see_layer(received.layer)
        self.queue[out_seq] = message
        if is_resend(message):
            self.resend(message.message.action)
            message.done = True
        self.interpret_queue()

    def interpret_queue(self):
        while self.in_seq in self.queue:
            self.interpret_in_order(self.queue.pop(self.in_seq))
        if self.queue and self.in_seq not in self.asked:
            self.asked.add(self.in_seq)
            self.send_action(Object('decryptedMessageActionResend', {
                'start_seq_no': self.wire_of_peer(self.in_seq), 'end_seq_no': self.wire_of_peer(min(self.queue) - 1)}))

    def interpret_in_order(self, received):
        self.require(received.in_seq >= self.acknowledged, f'in_seq_no {received.in_seq} after {self.acknowledged}')
        self.require(received.layer >= self.last_layer, f'layer {received.layer} after {self.last_layer}')
        if received.version == 2 and self.version_2_since is None:
            self.version_2_since = self.in_seq
        self.require(received.version == 2 or self.version_2_since is None, 'MTProto 1.0 after 2.0')
        self.in_seq += 1
        self.acknowledged, self.last_layer = received.in_seq, received.layer
        for acknowledged in [seq for seq in self.sent if seq < received.in_seq]:
            del self.sent[acknowledged]
        if not received.done:
            self.interpret(received.message)

    def interpret(self, message):
        if message.name == 'decryptedMessage':
            self.events.append({
                'text': message.message.decode(), 'random_id': message.random_id, 'after': self.acknowledged,
                'ttl': message.fields.get('ttl', 0)})
            return
        action = message.action
        name = action.name.removeprefix('decryptedMessageAction')
        exchanges = {'RequestKey': self.rekey.request_key, 'AcceptKey': self.rekey.accept_key,
                     'CommitKey': self.rekey.commit_key, 'AbortKey': self.rekey.abort_key}
        if name in exchanges:
            exchanges[name](action)
        elif name == 'NotifyLayer':
            self.see_layer(action.layer)
        elif name == 'DeleteMessages':
            self.events.append({'deleted': action.random_ids})
        elif name not in ('Resend', 'Noop'):
            self.events.append({'action': name})

    def resend(self, action):
        start, end = action.start_seq_no // 2, action.end_seq_no // 2
        asked = range(start, end + 1)
        wire = [self.wire_out(seq) for seq in (start, end)]
        self.require(asked and wire == [action.start_seq_no, action.end_seq_no], 'a Resend of no messages of this side')
        self.require(all(seq in self.sent for seq in asked), 'a Resend that can no more be satisfied')
        for seq in asked:
            self.encrypt(self.sent[seq].body(), self.sent[seq].version)

    def see_layer(self, layer):
        if layer <= self.remote_layer:
            return
        before, self.remote_layer = self.remote_layer, layer
        if layer > self.layer:
            self.events.append({'update needed': layer})
        self.see_visualized_layer()
        if before < layers.WRAPPED <= layer and self.now() - self.created >= NOTIFIED_SECS:
            self.notify_layer()

    def see_visualized_layer(self):
        if self.key and self.layer_46_key_sha256 is None and self.working_layer() >= layers.VISUALIZED:
            self.layer_46_key_sha256 = kdf.sha256(self.key)

    def visualization(self):
        return packet.visualization(self.first_key_sha1, self.layer_46_key_sha256 or b'')

    # Keys.

    def switch(self, key, heard=False):
        self.old_keys.append(self.key)
        self.key, self.heard_new_key = key, heard
        self.under_key, self.key_since = 0, self.now()

    # Numbers on the wire.

    def wire_out(self, seq):
        return 2 * seq + (1 if self.originator else 0)

    def wire_in(self, seq):
        return 2 * seq + (0 if self.originator else 1)

    def wire_of_peer(self, out_seq):
        """How the other side writes its own out_seq_no."""
        return 2 * out_seq + (0 if self.originator else 1)

    def working_layer(self):
        return min(self.layer, self.remote_layer)

    def require(self, condition, complaint):
        if not condition:
            self.abort(complaint)

    def abort(self, complaint):
        self.aborted = complaint
        raise Aborted(complaint)


def is_resend(received):
    message = received.message
    return message.name == 'decryptedMessageService' and message.action.name == 'decryptedMessageActionResend'
