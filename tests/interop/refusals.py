"""What programs of this project and the Python implementation say of each other's faults."""

PQ_FORM = '`resPQ`: pq must be the shortest big-endian form of a number up to 2^63 - 1'
PQ_FACTORS = '`resPQ`: pq must be the product of two different odd primes'
DH_RANGE = '`server_DH_inner_data`: g_a and g_b must lie between 2^1984 and dh_prime - 2^1984'

# Our client of the faults of `python/mtproto/server_faults.py` that it does not survive.
OUR_CLIENT = {
    'hang-up': 'the other side has closed the connection',
    'half-frame': 'the other side has closed the connection',
    'error-404': 'transport error -404',
    'error-429': 'transport error -429',
    'error-444': 'transport error -444',
    'plain-length': '`resPQ` of the server is malformed: the length of the body is',
    'plain-length-negative': '`resPQ` of the server is malformed: the length of the body is -4',
    'plain-key-id': 'a message is encrypted with the key',
    'plain-msg-id': 'is none that a server makes',
    'unexpected': '`ResPQ` has no constructor 0x347773c5',
    'res-pq-nonce': '`resPQ`: `nonce` is of another exchange',
    'pq-empty': PQ_FORM,
    'pq-one': PQ_FACTORS,
    'pq-prime': PQ_FACTORS,
    'pq-square': PQ_FACTORS,
    'pq-large': PQ_FORM,
    'fingerprint': 'none of the 1 public keys that it offers is known',
    'no-fingerprint': 'none of the 0 public keys that it offers is known',
    'dh-params-nonce': '`Server_DH_Params`: `nonce` is of another exchange',
    'dh-params-server-nonce': '`Server_DH_Params`: `server_nonce` is of another exchange',
    'dh-params-fail': 'server_DH_params_fail',
    'dh-params-fail-hash': '`Server_DH_Params`: `new_nonce_hash',
    'answer-length': 'the encrypted part has 596 bytes',
    'answer-empty': 'the encrypted part has 0 bytes',
    'answer-hash': 'the decrypted SHA-1 is not that of the data',
    'answer-padding': 'the decrypted SHA-1 is not that of the data',
    'inner-nonce': '`server_DH_inner_data`: `nonce` is of another exchange',
    'inner-server-nonce': '`server_DH_inner_data`: `server_nonce` is of another exchange',
    'dh-prime-composite': 'dh_prime is no safe prime',
    'dh-prime-unsafe': 'dh_prime is no safe prime',
    'dh-prime-short': 'dh_prime must have 2048 bits',
    'dh-prime-long': 'dh_prime must have 2048 bits',
    'g-one': 'g must be 2, 3, 4, 5, 6 or 7, not 1',
    'g-eight': 'g must be 2, 3, 4, 5, 6 or 7, not 8',
    'g-residue': 'g = 2 is no quadratic residue',
    'g-a-zero': DH_RANGE,
    'g-a-one': DH_RANGE,
    'g-a-minus-one': DH_RANGE,
    'g-a-prime': DH_RANGE,
    'g-a-small': DH_RANGE,
    'g-a-large': DH_RANGE,
    'dh-gen-nonce': '`Set_client_DH_params_answer`: `nonce` is of another exchange',
    'dh-gen-server-nonce': '`Set_client_DH_params_answer`: `server_nonce` is of another exchange',
    'dh-gen-ok-hash': '`new_nonce_hash1` is not that of the key',
    'dh-gen-ok-for-retry': '`new_nonce_hash1` is not that of the key',
    'dh-gen-retry-hash': '`new_nonce_hash2` is not that of the key',
    'dh-gen-retry-for-ever': 'keys another one is wanted',
    'dh-gen-fail': 'dh_gen_fail',
    'dh-gen-fail-hash': '`new_nonce_hash3` is not that of the key',
    'plaintext-after-keys': 'a message came unencrypted after a key was agreed on',
    'bind-refused': 'not bound: 400 ENCRYPTED_MESSAGE_INVALID',
    'bind-false': 'not bound: the answer is not boolTrue',
    'bind-key-lost': '(-404)',
    'bind-msg-key': 'no message under the key of this session',
    'bind-key-id': 'no message under the key of this session',
    'bind-session': 'the message is of the session',
    'bind-msg-id': 'the other side makes no msg_id like',
    'bind-length': "a message of 1048576 bytes can't be in",
    'bind-padding-short': 'the padding has 0 bytes',
    'bind-padding-long': 'the padding has 1040 bytes',
}

# The same of faults in sessions.
OUR_CLIENT_IN_SESSIONS = {
    'session-id': 'the message is of the session',
    'msg-id-even': 'the other side makes no msg_id like',
    'msg-id-old': 'is made too long ago, or ahead of time',
    'msg-id-future': 'is made too long ago, or ahead of time',
    'length-negative': "a message of -4 bytes can't be in",
    'length-beyond': "a message of 1048576 bytes can't be in",
    'length-odd': "a message of 27 bytes can't be in",
    'padding-short': 'the padding has 4 bytes, not 12 to 1024',
    'padding-long': 'the padding has 1044 bytes, not 12 to 1024',
    'msg-key': 'no message under the key of this session',
    'key-id': 'no message under the key of this session',
    'plaintext': 'a message came unencrypted after a key was agreed on',
}
# Those that a client may also pass over, and wait for the true answer.
SURVIVED = ['session-id', 'msg-id-old', 'msg-id-future']

# The Python client of the faults of our server; those of encrypted messages need a key to be bound.
PYTHON_CLIENT = {
    'nonce': 'resPQ: nonce is not ours',
    'pq-prime': 'no product of two different primes',
    'answer-hash': 'encrypted_answer: SHA1 is wrong',
    'new-nonce-hash': 'dh_gen_ok: new_nonce_hash1 is wrong',
    'dh-gen-fail': 'dh_gen_fail',
}
PYTHON_CLIENT_BINDING = {
    'session-id': 'session_id is another',
    'even-msg-id': 'msg_id is that of a client',
    'no-padding': 'bytes of padding',
    'long-padding': 'bytes of padding',
    'old-message': 'msg_id is too old',
}
