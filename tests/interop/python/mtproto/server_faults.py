"""What a server can do wrong, one thing at a time."""

import gzip
import os
import struct
from dataclasses import replace

from . import dh, rsa
from .fault import NONE, Fault, HangUp, TransportFailure, changed, flip, raising, value
from .message import pack_plain
from .tl import MTPROTO, Object

# Below DH_PRIME and with its remainders for every g: a composite number, and the next prime, which is not safe.
COMPOSITE = dh.DH_PRIME - 840
UNSAFE_PRIME = dh.DH_PRIME - 840 * 479
SHORT_PRIME = (dh.DH_PRIME - 1) // 2


def first_attempt_only(verdict):
    return lambda honest, exchange: verdict if exchange.attempts == 1 else honest


def leading_zero(_, exchange):
    """A g_a that is a byte shorter than the prime."""
    p, g = exchange.GROUP
    g_a = pow(g, exchange.a, p)
    while g_a >> 2040 or not g_a >> 1984:
        exchange.a, g_a = exchange.a + 1, g_a * g % p
    return g_a


def byte_by_byte(pieces, _):
    return [data[at:at + 1] for data in pieces for at in range(len(data))]


def half(pieces, _):
    data = b''.join(pieces)
    return [data[:len(data) // 2], None]


def rpc_result(name, **fields):
    """An answer to the binding that is this object."""
    result = MTPROTO.encode(name, **fields)
    return lambda answer, _: Object('rpc_result', answer.fields | {'result': result})


def plaintext(packet, message):
    return pack_plain(message.msg_id, message.body)


FAULTS = [
    # Connection and plain messages.
    Fault('byte-by-byte', 'every frame comes in pieces of one byte', completes=True, pieces=byte_by_byte),
    Fault('hang-up', 'the connection is closed instead of resPQ', res_pq=raising(HangUp())),
    Fault('half-frame', 'half a frame, and the connection is closed', pieces=half),
    Fault('error-404', 'transport error -404 for resPQ', res_pq=raising(TransportFailure(404))),
    Fault('error-429', 'transport error -429 for resPQ', res_pq=raising(TransportFailure(429))),
    Fault('error-444', 'transport error -444 for server_DH_params_ok', dh_params=raising(TransportFailure(444))),
    Fault('plain-length', 'message_data_length is beyond the packet',
          packet=lambda packet, _: packet[:16] + struct.pack('<i', len(packet)) + packet[20:]),
    Fault('plain-length-negative', 'message_data_length is negative',
          packet=lambda packet, _: packet[:16] + struct.pack('<i', -4) + packet[20:]),
    Fault('plain-trailing', 'four bytes behind the object inside the message, as the sample of the page has them', completes=True,
          packet=lambda packet, _: packet[:16] + struct.pack('<i', len(packet) - 16) + packet[20:] + bytes(4)),
    Fault('plain-key-id', 'an encrypted message before there is a key',
          packet=lambda packet, _: os.urandom(24) + packet[24:]),
    Fault('plain-msg-id', 'msg_id is that of a client', plain_msg_id=lambda msg_id, _: msg_id & ~3),
    Fault('unexpected', 'pong instead of resPQ', res_pq=value(Object('pong', {'msg_id': 0, 'ping_id': 0}))),

    # resPQ.
    Fault('res-pq-nonce', 'resPQ has another nonce', res_pq=changed('nonce')),
    Fault('pq-empty', 'pq is the empty string', pq=value(b'')),
    Fault('pq-one', 'pq is 1', pq=value(b'\1')),
    Fault('pq-prime', 'pq is a prime', pq=value(rsa.minimal(2**61 - 1))),
    Fault('pq-square', 'pq is the square of a prime', pq=value(rsa.minimal(1_229_739_323**2))),
    Fault('pq-large', 'pq has nine bytes', pq=value(rsa.minimal(4_294_967_311 * 4_294_967_357))),
    Fault('fingerprint', 'only the fingerprint of an unknown key',
          res_pq=changed('server_public_key_fingerprints', lambda known: [known[0] ^ 1])),
    Fault('no-fingerprint', 'no fingerprint at all', res_pq=changed('server_public_key_fingerprints', value([]))),

    # Server_DH_Params.
    Fault('dh-params-nonce', 'server_DH_params_ok has another nonce', dh_params=changed('nonce')),
    Fault('dh-params-server-nonce', 'server_DH_params_ok has another server_nonce', dh_params=changed('server_nonce')),
    Fault('dh-params-fail', 'server_DH_params_fail', dh_params_verdict=value(False)),
    Fault('dh-params-fail-hash', 'server_DH_params_fail with another new_nonce_hash',
          dh_params_verdict=value(False), dh_params=changed('new_nonce_hash')),
    Fault('answer-length', 'encrypted_answer is no multiple of 16 bytes',
          encrypted_answer=lambda encrypted, _: encrypted + bytes(4)),
    Fault('answer-empty', 'encrypted_answer is empty', encrypted_answer=value(b'')),
    Fault('answer-hash', 'the answer has another SHA1', answer=lambda answer, _: flip(answer[:20]) + answer[20:]),
    Fault('answer-padding', 'the answer is padded by 16 bytes too many',
          answer=lambda answer, _: answer + os.urandom(16)),
    Fault('inner-nonce', 'server_DH_inner_data has another nonce', inner_data=changed('nonce')),
    Fault('inner-server-nonce', 'server_DH_inner_data has another server_nonce', inner_data=changed('server_nonce')),
    Fault('dh-prime-composite', 'dh_prime is composite', group=value((COMPOSITE, 3))),
    Fault('dh-prime-unsafe', 'dh_prime is prime, (dh_prime-1)/2 is not', group=value((UNSAFE_PRIME, 3))),
    Fault('dh-prime-short', 'dh_prime is a prime of 2047 bits', group=value((SHORT_PRIME, 4))),
    Fault('dh-prime-long', 'dh_prime has 2049 bits', group=value((dh.DH_PRIME + 2**2048, 3))),
    Fault('g-one', 'g is 1', group=value((dh.DH_PRIME, 1))),
    Fault('g-eight', 'g is 8', group=value((dh.DH_PRIME, 8))),
    Fault('g-residue', 'g = 2 is no quadratic residue of this prime', group=value((dh.DH_PRIME, 2))),
    Fault('g-a-zero', 'g_a is 0', g_a=value(0)),
    Fault('g-a-one', 'g_a is 1', g_a=value(1)),
    Fault('g-a-minus-one', 'g_a is dh_prime - 1', g_a=value(dh.DH_PRIME - 1)),
    Fault('g-a-prime', 'g_a is dh_prime', g_a=value(dh.DH_PRIME)),
    Fault('g-a-small', 'g_a is below 2^1984', g_a=value(2**1984 - 1)),
    Fault('g-a-large', 'g_a is above dh_prime - 2^1984', g_a=value(dh.DH_PRIME - 2**1984 + 1)),
    Fault('g-a-leading-zero', 'g_a is a byte shorter than dh_prime', completes=True, g_a=leading_zero),

    # Set_client_DH_params_answer.
    Fault('dh-gen-nonce', 'dh_gen_ok has another nonce', dh_gen=changed('nonce')),
    Fault('dh-gen-server-nonce', 'dh_gen_ok has another server_nonce', dh_gen=changed('server_nonce')),
    Fault('dh-gen-ok-hash', 'dh_gen_ok with another new_nonce_hash1', dh_gen=changed('new_nonce_hash1')),
    Fault('dh-gen-ok-for-retry', 'dh_gen_ok with the hash of dh_gen_retry', dh_gen_verdict=value(2),
          dh_gen=lambda obj, _: Object('dh_gen_ok', obj.fields | {'new_nonce_hash1': obj.new_nonce_hash2})),
    Fault('dh-gen-retry', 'dh_gen_retry for the first attempt', completes=True, dh_gen_verdict=first_attempt_only(2)),
    Fault('dh-gen-retry-hash', 'dh_gen_retry with another new_nonce_hash2',
          dh_gen_verdict=value(2), dh_gen=changed('new_nonce_hash2')),
    Fault('dh-gen-retry-for-ever', 'dh_gen_retry for every attempt', dh_gen_verdict=value(2)),
    Fault('dh-gen-fail', 'dh_gen_fail', dh_gen_verdict=value(3)),
    Fault('dh-gen-fail-hash', 'dh_gen_fail with another new_nonce_hash3',
          dh_gen_verdict=value(3), dh_gen=changed('new_nonce_hash3')),

    # The answer to auth.bindTempAuthKey.
    Fault('plaintext-after-keys', 'a plain message once keys exist', binding=True, encrypted=plaintext),
    Fault('bind-refused', 'rpc_error ENCRYPTED_MESSAGE_INVALID', binding=True, result=rpc_result(
        'rpc_error', error_code=400, error_message=b'ENCRYPTED_MESSAGE_INVALID')),
    Fault('bind-false', 'boolFalse', binding=True, result=rpc_result('boolFalse')),
    Fault('bind-key-lost', 'transport error -404', binding=True, result=raising(TransportFailure(404))),
    Fault('bind-msg-key', 'another msg_key', binding=True,
          encrypted=lambda packet, _: packet[:8] + flip(packet[8:24]) + packet[24:]),
    Fault('bind-key-id', 'another auth_key_id', binding=True,
          encrypted=lambda packet, _: flip(packet[:8]) + packet[8:]),
    Fault('bind-session', 'another session_id', binding=True,
          message=lambda message, _: replace(message, session_id=message.session_id ^ 1)),
    Fault('bind-msg-id', 'a msg_id of a client', binding=True,
          message=lambda message, _: replace(message, msg_id=message.msg_id & ~3)),
    Fault('bind-length', 'message_data_length is beyond the message', binding=True,
          message=lambda message, _: replace(message, length=1 << 20)),
    Fault('bind-padding-short', 'less padding than 12 bytes', binding=True, padding=value(b'')),
    Fault('bind-padding-long', 'more padding than 1024 bytes', binding=True, padding=value(bytes(1040))),
]

def once(code):
    """That error_code for the first message of a session."""
    def change(honest, session):
        if session.complained:
            return honest
        session.complained = True
        if code == 48:
            session.auth_key.change_salt()
        return code
    return change


def gzipped(result, _):
    return MTPROTO.encode('gzip_packed', packed_data=gzip.compress(result))


def unknown_first(objects, _):
    return [Object('unknown', {'body': os.urandom(12)}), *objects]


def acknowledged_first(objects, session):
    return [Object('msgs_ack', {'msg_ids': list(session.answers)}), *objects]


def cut(objects, session):
    """The first answer is not sent: the connection is closed."""
    if any(obj.name == 'rpc_result' for obj in objects) and not session.complained:
        session.complained = True
        raise HangUp
    return objects


def msg_id_shifted(secs):
    return lambda message, _: replace(message, msg_id=message.msg_id + (secs << 32))


# Before the answer to each request comes a decoy, rpc_error 500 DECOY, with that fault: nobody may take it for an answer.
# Those that complete have no decoy; the request is answered in another way than the plainest.
SESSION_FAULTS = [
    Fault('session-id', 'another session_id', session=True,
          message=lambda message, _: replace(message, session_id=message.session_id ^ 1)),
    Fault('msg-id-even', 'a msg_id of a client', session=True,
          message=lambda message, _: replace(message, msg_id=message.msg_id & ~3)),
    Fault('msg-id-old', 'a message of 1000 seconds ago', session=True, message=msg_id_shifted(-1000)),
    Fault('msg-id-future', 'a message of 1000 seconds ahead', session=True, message=msg_id_shifted(1000)),
    Fault('length-negative', 'message_data_length is negative', session=True,
          message=lambda message, _: replace(message, length=-4)),
    Fault('length-beyond', 'message_data_length is beyond the message', session=True,
          message=lambda message, _: replace(message, length=1 << 20)),
    Fault('length-odd', 'message_data_length is no multiple of four', session=True,
          message=lambda message, _: replace(message, length=len(message.body) - 1)),
    Fault('padding-short', 'less padding than 12 bytes', session=True,
          padding=lambda _, message: bytes(-len(message.body) % 16)),
    Fault('padding-long', 'more padding than 1024 bytes', session=True,
          padding=lambda _, message: bytes(1040 + -len(message.body) % 16)),
    Fault('msg-key', 'another msg_key', session=True,
          encrypted=lambda packet, _: packet[:8] + flip(packet[8:24]) + packet[24:]),
    Fault('key-id', 'another auth_key_id', session=True, encrypted=lambda packet, _: flip(packet[:8]) + packet[8:]),
    Fault('plaintext', 'a plain message', session=True, encrypted=plaintext),

    Fault('salt', 'the first message has a wrong salt', session=True, completes=True, complaint=once(48)),
    Fault('time-low', 'the first message is too old', session=True, completes=True, complaint=once(16)),
    Fault('time-high', 'the first message is of the future', session=True, completes=True, complaint=once(17)),
    Fault('clock-ahead', 'the clock is ten minutes ahead', session=True, completes=True, clock_secs=value(600)),
    Fault('clock-behind', 'the clock is ten minutes behind', session=True, completes=True, clock_secs=value(-600)),
    Fault('gzip', 'results are gzip_packed', session=True, completes=True, rpc_result=gzipped),
    Fault('container', 'answers come in a container', session=True, completes=True, together=value(True)),
    Fault('twice', 'each packet is sent twice', session=True, completes=True, packets=lambda packets, _: packets * 2),
    Fault('acknowledged', 'msgs_ack comes before the answer', session=True, completes=True, objects=acknowledged_first),
    Fault('unknown', 'an unknown object comes before the answer', session=True, completes=True, objects=unknown_first),
    Fault('cut', 'the connection is closed instead of the first answer', session=True, completes=True, objects=cut),
]

BY_NAME = {fault.name: fault for fault in [NONE, *FAULTS, *SESSION_FAULTS]}
