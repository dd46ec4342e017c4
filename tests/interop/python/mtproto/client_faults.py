"""What a client can do wrong, one thing at a time, and what a server answers."""

from . import dh
from .fault import NONE, Fault, changed, flip, value
from .tl import Object


def renamed(name, **fields):
    """Another constructor with the same fields and these."""
    return lambda obj, _: Object(name, obj.fields | fields)


def swapped(obj, _):
    return Object(obj.name, obj.fields | {'p': obj.q, 'q': obj.p})


FAULTS = [
    Fault('repeat', 'every query is sent twice', completes=True, queries=lambda queries, _: queries * 2),
    Fault('old-req-pq', 'req_pq instead of req_pq_multi', completes=True, req_pq=renamed('req_pq')),

    # req_DH_params.
    Fault('dh-params-nonce', 'req_DH_params has another nonce', req_dh_params=changed('nonce')),
    Fault('dh-params-server-nonce', 'req_DH_params has another server_nonce', req_dh_params=changed('server_nonce')),
    Fault('factors-swapped', 'p > q', req_dh_params=swapped, inner=swapped),
    Fault('factors-trivial', 'p is 1 and q is pq', factors=lambda found, _: (1, found[0] * found[1])),
    Fault('fingerprint', 'public_key_fingerprint is another',
          req_dh_params=changed('public_key_fingerprint', lambda f: f ^ 1)),
    Fault('inner-nonce', 'p_q_inner_data_dc has another nonce', inner=changed('nonce')),
    Fault('inner-server-nonce', 'p_q_inner_data_dc has another server_nonce', inner=changed('server_nonce')),
    Fault('inner-pq', 'p_q_inner_data_dc has another pq', inner=changed('pq')),
    Fault('inner-p', 'p_q_inner_data_dc has another p', inner=changed('p')),
    Fault('inner-dc', 'p_q_inner_data_dc names a DC of the test environment', inner=changed('dc', lambda dc: dc + 10_000)),
    Fault('inner-constructor', 'pong instead of p_q_inner_data_dc', inner=renamed('pong', msg_id=0, ping_id=0)),
    Fault('rsa-data', 'encrypted_data is random', encrypted=lambda data, _: flip(data)),
    Fault('rsa-modulus', 'encrypted_data is above the modulus', encrypted=value(b'\xff' * 256)),
    Fault('rsa-length', 'encrypted_data has 255 bytes', encrypted=lambda data, _: data[1:]),
    Fault('rsa-legacy', 'the SHA-1 padding before RSA_PAD', padding=value('legacy')),

    # set_client_DH_params.
    Fault('out-of-turn', 'set_client_DH_params is sent before req_DH_params', skip_dh_params=value(True)),
    Fault('client-dh-nonce', 'set_client_DH_params has another nonce', set_client_dh=changed('nonce')),
    Fault('client-dh-server-nonce', 'set_client_DH_params has another server_nonce',
          set_client_dh=changed('server_nonce')),
    Fault('client-inner-nonce', 'client_DH_inner_data has another nonce', client_inner=changed('nonce')),
    Fault('client-inner-server-nonce', 'client_DH_inner_data has another server_nonce',
          client_inner=changed('server_nonce')),
    Fault('client-hash', 'client_DH_inner_data has another SHA1',
          client_data=lambda data, _: flip(data[:20]) + data[20:]),
    Fault('client-padding', 'client_DH_inner_data is padded by 16 bytes too many',
          client_data=lambda data, _: data + bytes(16)),
    Fault('client-length', 'encrypted_data is no multiple of 16 bytes',
          client_encrypted=lambda data, _: data + bytes(4)),
    Fault('client-empty', 'encrypted_data is empty', client_encrypted=value(b'')),
    Fault('retry-id', 'retry_id of the first attempt is not 0', client_inner=changed('retry_id', value(1))),
    Fault('g-b-zero', 'g_b is 0', g_b=value(0)),
    Fault('g-b-one', 'g_b is 1', g_b=value(1)),
    Fault('g-b-minus-one', 'g_b is dh_prime - 1', g_b=value(dh.DH_PRIME - 1)),
    Fault('g-b-small', 'g_b is below 2^1984', g_b=value(2**1984 - 1)),
    Fault('g-b-large', 'g_b is above dh_prime - 2^1984', g_b=value(dh.DH_PRIME - 2**1984 + 1)),

    # auth.bindTempAuthKey.
    Fault('bind-nonce', 'the binding has another nonce', binding=True, bind_inner=changed('nonce', lambda n: n ^ 1)),
    Fault('bind-temp-key', 'the binding has another temp_auth_key_id', binding=True,
          bind_inner=changed('temp_auth_key_id', lambda n: n ^ 1)),
    Fault('bind-perm-key', 'the binding has another perm_auth_key_id', binding=True,
          bind_inner=changed('perm_auth_key_id', lambda n: n ^ 1)),
    Fault('bind-session', 'the binding has another temp_session_id', binding=True,
          bind_inner=changed('temp_session_id', lambda n: n ^ 1)),
    Fault('bind-expires', 'the binding has another expires_at', binding=True,
          bind_inner=changed('expires_at', lambda n: n - 1)),
    Fault('bind-msg-id', 'the binding has another msg_id than its request', binding=True,
          bind_msg_id=lambda msg_id, _: msg_id - 4),
    Fault('bind-msg-key', 'the binding has another msg_key', binding=True,
          bind_encrypted=lambda data, _: data[:8] + flip(data[8:24]) + data[24:]),
]

BY_NAME = {fault.name: fault for fault in [NONE, *FAULTS]}


ANSWERS = {'inner-dc': 'transport error -444', 'bind-expires': 'EXPIRES_AT_INVALID'}


def answer(fault):
    """What the client is told of its fault."""
    return ANSWERS.get(fault.name, 'ENCRYPTED_MESSAGE_INVALID' if fault.binding else 'transport error -404')
