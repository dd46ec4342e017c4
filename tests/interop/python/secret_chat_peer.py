"""One side of a secret chat for a program to talk with: a line of JSON in, a line of JSON out.

    {"do": "new", "originator": true, "layer": 144, "remote_layer": 8, "p": HEX, "g": 3}   the first line; p and g may be left out
    {"do": "request"}                                            -> "g_a"
    {"do": "accept", "g_a": HEX}                                 -> "g_b", "key_fingerprint"
    {"do": "confirm", "g_b": HEX, "key_fingerprint": NUMBER}
    {"do": "send", "text": TEXT, "ttl": 0, "random_id": NUMBER}  -> "random_id"; ttl and random_id may be left out
    {"do": "delete", "random_ids": [NUMBER]}
    {"do": "upgrade", "layer": NUMBER}
    {"do": "rekey", "exchange_id": NUMBER}                       exchange_id may be left out
    {"do": "clock", "secs": NUMBER}                              seconds since the chat was made; what is due is done
    {"do": "receive", "packet": HEX}
    {"do": "state"}                                              -> numbers, layers, keys' fingerprints, visualization
    {"do": "encrypt_file", "data": HEX, "key": HEX, "iv": HEX}   -> "data", "fingerprint"
    {"do": "decrypt_file", "data": HEX, "key": HEX, "iv": HEX, "size": NUMBER}  -> "data"

Each answer has "packets", which are to be sent in that order, and "events". A chat that must end answers {"aborted": WHY}.
"""

import json
import sys

from mtproto import dh
from secret_chat import layers, packet
from secret_chat.chat import Aborted, Chat


class Peer:
    def __init__(self):
        self.secs = 0

    def answer(self, command):
        try:
            answer = getattr(self, 'do_' + command.pop('do'))(**command) or {}
        except Aborted as aborted:
            return {'aborted': str(aborted)}
        packets, events = self.chat.outbox[:], self.chat.events[:]
        self.chat.outbox.clear()
        self.chat.events.clear()
        return {'packets': [data.hex() for data in packets], 'events': events} | answer

    def do_new(self, originator, layer=layers.LATEST, remote_layer=layers.FIRST, p=None, g=3):
        p = int(p, 16) if p else dh.DH_PRIME
        self.chat = Chat(originator, layer, remote_layer, p, g, lambda: self.secs)

    def do_request(self):
        return {'g_a': self.chat.request().hex()}

    def do_accept(self, g_a):
        g_b, fingerprint = self.chat.accept(bytes.fromhex(g_a))
        return {'g_b': g_b.hex(), 'key_fingerprint': fingerprint}

    def do_confirm(self, g_b, key_fingerprint):
        self.chat.confirm(bytes.fromhex(g_b), key_fingerprint)

    def do_send(self, text, ttl=0, random_id=None):
        random_id = self.chat.send_text(text, ttl, random_id)
        self.chat.tick()
        return {'random_id': random_id}

    def do_delete(self, random_ids):
        self.chat.delete(random_ids)

    def do_upgrade(self, layer):
        self.chat.upgrade(layer)

    def do_rekey(self, exchange_id=None):
        self.chat.rekey.start(exchange_id)

    def do_clock(self, secs):
        self.secs = secs
        self.chat.tick()

    def do_receive(self, packet):
        self.chat.receive(bytes.fromhex(packet))

    def do_state(self):
        chat = self.chat
        return {
            'in_seq': chat.in_seq, 'out_seq': chat.out_seq,
            'waiting': sorted(chat.queue), 'unacknowledged': sorted(chat.sent),
            'layer': chat.layer, 'remote_layer': chat.remote_layer, 'rekeying': not chat.rekey.idle(),
            'key_fingerprint': packet.fingerprint(chat.key), 'old_keys': [packet.fingerprint(key) for key in chat.old_keys],
            'visualization': chat.visualization().hex()}

    def do_encrypt_file(self, data, key, iv):
        key, iv = bytes.fromhex(key), bytes.fromhex(iv)
        encrypted = packet.encrypt_file(bytes.fromhex(data), key, iv)
        return {'data': encrypted.hex(), 'fingerprint': packet.file_fingerprint(key, iv)}

    def do_decrypt_file(self, data, key, iv, size):
        key, iv = bytes.fromhex(key), bytes.fromhex(iv)
        return {'data': packet.decrypt_file(bytes.fromhex(data), key, iv, size).hex()}


if __name__ == '__main__':
    peer = Peer()
    for line in sys.stdin:
        print(json.dumps(peer.answer(json.loads(line))), flush=True)
