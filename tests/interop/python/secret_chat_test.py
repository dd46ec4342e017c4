"""The Python secret chats with themselves, over a network that loses, doubles and reorders. `python secret_chat_test.py`"""

import random
import unittest

from mtproto.tl import Object
from secret_chat import layers, packet
from secret_chat.chat import Aborted, Chat


def pair(**options):
    """Two sides with a key, and with nothing on its way."""
    a, b = Chat(True, **options), Chat(False, **options)
    b_public, fingerprint = b.accept(a.request())
    a.confirm(b_public, fingerprint)
    deliver(a, b)
    return a, b


def deliver(a, b):
    """Brings everything over, and the answers, until there are none."""
    while a.outbox or b.outbox:
        for sender, receiver in ((a, b), (b, a)):
            while sender.outbox:
                receiver.receive(sender.outbox.pop(0))


def texts(chat):
    return [event['text'] for event in chat.events if 'text' in event]


class Conversations(unittest.TestCase):
    def converse(self, seed, messages, layer_of_a=layers.LATEST, layer_of_b=layers.LATEST):
        chance = random.Random(seed)
        a = Chat(True, layer=layer_of_a)
        b = Chat(False, layer=layer_of_b)
        b_public, fingerprint = b.accept(a.request())
        a.confirm(b_public, fingerprint)
        deliver(a, b)
        said = {True: [], False: []}
        ways = {True: [], False: []}
        keys = set()
        for number in range(messages):
            sender = chance.choice((a, b))
            said[sender.originator].append(f'message {number}')
            sender.send_text(said[sender.originator][-1])
            sender.tick()
            # What is said for the first time may be lost; what is sent again is not.
            for chat in (a, b):
                ways[chat.originator] += [data for data in take(chat.outbox) if chance.random() > 0.05]
            for receiver in (a, b):
                way = ways[not receiver.originator]
                for _ in range(chance.randrange(4)):
                    if way:
                        data = way.pop(min(chance.randrange(3), len(way) - 1))
                        if chance.random() < 0.05:
                            way.append(data)
                        receiver.receive(data)
                        ways[receiver.originator] += take(receiver.outbox)
            if a.key == b.key:
                keys.add(a.key)
        for chat, other in ((a, b), (b, a)):
            for data in ways[other.originator]:
                chat.receive(data)
            chat.send_text('the end')
            said[chat.originator].append('the end')
        deliver(a, b)
        for chat, other in ((a, b), (b, a)):
            self.assertEqual(texts(chat), said[other.originator])
            self.assertEqual(chat.in_seq, other.out_seq)
            self.assertEqual(chat.old_keys, [])
        self.assertEqual(a.key, b.key)
        self.assertEqual(a.visualization(), b.visualization())
        return a, keys

    def test_losses_and_keys(self):
        for seed in range(3):
            with self.subTest(seed):
                _, keys = self.converse(seed, 600)
                self.assertGreater(len(keys), 2)

    def test_mtproto_1(self):
        a, keys = self.converse('version 1', 300, layer_of_b=46)
        self.assertIsNone(a.version_2_since)
        self.assertGreater(len(keys), 1)

    def test_upgrade_from_layer_8(self):
        clock = [0]
        a, b = pair(layer=8, now=lambda: clock[0])
        clock[0] += 60
        for layer in (17, 20, 46, 73, layers.LATEST):
            for chat in (a, b):
                chat.send_text(f'before {layer}')
                chat.upgrade(layer)
                deliver(a, b)
                chat.send_text(f'at {layer}')
            deliver(a, b)
            self.assertEqual((a.remote_layer, b.remote_layer), (layer, layer))
            self.assertEqual(texts(a)[-2:], [f'before {layer}', f'at {layer}'])
        self.assertIsNotNone(a.version_2_since)
        self.assertEqual(a.visualization(), b.visualization())
        self.assertEqual(len(a.visualization()), 36)


class Rekeying(unittest.TestCase):
    def test_both_at_once(self):
        for ids, survivor in (((1, 2), 2), ((-1, 1), 1), ((2, 1), 2)):
            a, b = pair()
            first = a.key
            a.rekey.start(ids[0])
            b.rekey.start(ids[1])
            deliver(a, b)
            self.assertEqual(a.key, b.key)
            self.assertNotEqual(a.key, first)
            self.assertIn(survivor, (a.rekey.completed, b.rekey.completed))

    def test_both_at_once_under_one_id(self):
        a, b = pair()
        first = a.key
        a.rekey.start(7)
        b.rekey.start(7)
        deliver(a, b)
        self.assertEqual((a.key, b.key), (first, first))
        self.assertTrue(a.rekey.idle() and b.rekey.idle())

    def test_lost_commit(self):
        a, b = pair()
        a.rekey.start()
        b.receive(a.outbox.pop())
        a.receive(b.outbox.pop())
        a.outbox.clear()
        a.send_text('under the new key')
        deliver(a, b)
        self.assertEqual(texts(b), ['under the new key'])
        self.assertEqual(a.key, b.key)
        self.assertEqual((a.old_keys, b.old_keys), ([], []))

    def test_week(self):
        clock = [0]
        a, b = pair(now=lambda: clock[0])
        first = a.key
        clock[0] += 7 * 86400
        a.tick()
        self.assertEqual(a.outbox, [])
        clock[0] += 1
        a.tick()
        deliver(a, b)
        self.assertNotEqual(b.key, first)
        self.assertEqual(a.key, b.key)


class Attacks(unittest.TestCase):
    def aborts(self, chat, data, complaint):
        with self.assertRaises(Aborted) as aborted:
            chat.receive(data)
        self.assertIn(complaint, str(aborted.exception))
        with self.assertRaises(Aborted):
            chat.receive(b'')

    def forged(self, chat, **changes):
        """A message of that side with other numbers in its layer."""
        chat.send_text('forged')
        chat.outbox.clear()
        obj = chat.sent[chat.out_seq - 1].layer_message
        for name, change in changes.items():
            obj.fields[name] = change(obj.fields[name])
        return packet.encrypt(chat.key, layers.schema(layers.LATEST).encode_object(obj), 2, chat.originator)

    def test_replay(self):
        a, b = pair()
        a.send_text('once')
        data = a.outbox.pop()
        for _ in range(3):
            b.receive(data)
        self.assertEqual(texts(b), ['once'])

    def test_mirror(self):
        a, b = pair()
        a.send_text('to b')
        a.receive(a.outbox.pop())
        self.assertEqual(a.events.pop(), {'dropped': 'msg_key is not that of the message'})

    def test_numbers_of_the_wrong_side(self):
        for field in ('in_seq_no', 'out_seq_no'):
            a, b = pair()
            self.aborts(b, self.forged(a, **{field: lambda n: n ^ 1}), 'wrong side')

    def test_answer_to_what_was_not_said(self):
        a, b = pair()
        self.aborts(b, self.forged(a, in_seq_no=lambda n: n + 4), 'messages not sent')

    def test_going_back(self):
        a, b = pair()
        b.send_text('one')
        deliver(a, b)
        a.send_text('seen')
        deliver(a, b)
        self.aborts(b, self.forged(a, in_seq_no=lambda n: n - 2), 'after')
        a, b = pair()
        a.send_text('144')
        deliver(a, b)
        self.aborts(b, self.forged(a, layer=lambda n: n - 1), 'layer 143 after 144')

    def test_back_to_mtproto_1(self):
        a, b = pair()
        a.send_text('version 2')
        deliver(a, b)
        a.send_text('version 1')
        a.outbox.clear()
        b.receive(packet.encrypt(a.key, a.sent[a.out_seq - 1].body(), 1, True))
        self.assertEqual(b.events.pop(), {'dropped': 'msg_key is not that of the message'})

    def test_impossible_resend(self):
        a, b = pair()
        a.send_action(Object('decryptedMessageActionResend', {'start_seq_no': 40, 'end_seq_no': 40}))
        self.aborts(b, a.outbox.pop(), 'can no more be satisfied')

    def test_deleted_before_it_arrived(self):
        a, b = pair()
        random_id = a.send_text('secret')
        a.outbox.clear()
        a.delete([random_id])
        deliver(a, b)
        self.assertEqual(texts(b), [])
        self.assertEqual([e for e in b.events if 'deleted' in e], [{'deleted': [random_id]}] * 2)

    def test_padding(self):
        a, b = pair()
        a.send_text('padded')
        a.outbox.clear()
        body = a.sent[a.out_seq - 1].body()
        short = -(len(body) + 4) % 16
        for padding_bytes in (short, short + 1024 if short else 1040):
            if packet.PADDING_MIN <= padding_bytes <= packet.PADDING_MAX:
                continue
            b.receive(packet.encrypt(a.key, body, 2, True, bytes(padding_bytes)))
            self.assertEqual(b.events.pop(), {'dropped': f'{padding_bytes} bytes of padding'})


class Files(unittest.TestCase):
    def test_file(self):
        key, iv, data = bytes(range(32)), bytes(range(32, 64)), b'a file' * 1000
        encrypted = packet.encrypt_file(data, key, iv)
        self.assertEqual(len(encrypted) % 16, 0)
        self.assertEqual(packet.decrypt_file(encrypted, key, iv, len(data)), data)


def take(items):
    taken = items[:]
    items.clear()
    return taken


if __name__ == '__main__':
    unittest.main()
