"""The server's side of sessions: mtproto/description, mtproto/service_messages, mtproto/service_messages_about_messages.

Requests of any connection of a session come here as decrypted messages; what is to be answered goes back as objects. A few
methods of the API are served, enough for a client to see that it is understood.
"""

import gzip
import os
import secrets
from functools import cache
from pathlib import Path

from . import message
from .dh import DH_PRIME
from .fault import HangUp
from .message import MessageError
from .tl import MTPROTO, Object, Schema, TlError

# The text of the official schema.
API = Path(__file__).resolve().parents[4] / 'schemas' / 'api.tl'
# The client counts expires_in from the moment it asks, the server from when it answers.
CLOCK_SLACK_SECS = 60
OLD_SECS, AHEAD_SECS = 300, 30
# The states of a message in msgs_state_info: nothing is known; received, processed, and its answer made.
UNKNOWN, ANSWERED = 1, 4 + 32 + 64
# Whoever calls; and since when a `user` has been written as in this layer.
USER, SAME_USER_SINCE_LAYER = 1001, 228
NOT_CONTENT = ('msgs_ack', 'msg_container', 'gzip_packed', 'msg_copy')
WRAPPERS = ('invokeWithLayer', 'initConnection', 'invokeWithoutUpdates', 'invokeAfterMsg', 'invokeAfterMsgs')


@cache
def api():
    return Schema(API.read_text())


class Session:
    """What the server knows of a session, whatever connection it comes over."""

    def __init__(self, server, auth_key, session_id):
        self.server, self.auth_key, self.session_id = server, auth_key, session_id
        self.content_messages, self.layer = 0, 0
        self.answers = {}
        # Whether a fault that comes once has come.
        self.complained = False

    def seq_no(self, is_content):
        number = 2 * self.content_messages + is_content
        self.content_messages += is_content
        return number

    def handle(self, received):
        """What is to be sent for a message or a container, in that order."""
        return self.server.fault.at('objects', list(self.replies(received)), self)

    def replies(self, received):
        messages = message.flatten(received)
        code = self.complaint(received, messages)
        if code == 48:
            self.server.log('bad_server_salt')
            yield Object('bad_server_salt', bad(received, code) | {'new_server_salt': self.auth_key.salt})
        elif code:
            self.server.log(f'bad_msg_notification {code}')
            yield Object('bad_msg_notification', bad(received, code))
        else:
            if not self.answers:
                yield Object('new_session_created', {
                    'first_msg_id': messages[0].msg_id, 'unique_id': 1, 'server_salt': self.auth_key.salt})
            for request in messages:
                calls = self.server.calls
                if request.msg_id not in self.answers:
                    self.answers[request.msg_id] = self.answer(request)
                yield from self.lost_answers(request)
                if self.answers[request.msg_id]:
                    yield self.answers[request.msg_id]
                if self.server.calls > calls:
                    yield from self.events()

    def lost_answers(self, request):
        """Whoever asks about the state of its requests has missed their answers."""
        if request.body[:4] == MTPROTO.encode('msgs_state_req', msg_ids=[])[:4]:
            for msg_id in MTPROTO.decode(request.body).msg_ids:
                if self.answers.get(msg_id):
                    yield self.answers[msg_id]

    def events(self):
        """What happens behind the answer to a call."""
        if self.server.happens('rotate-salts'):
            self.server.rotate_salts()
        if self.server.happens('update'):
            self.server.log(f'update to {USER}')
            status = Object('userStatusOffline', {'was_online': int(self.server.now())})
            update = Object('updateUserStatus', {'user_id': USER, 'status': status})
            yield Object('update', {'body': api().encode('updateShort', update=update, date=int(self.server.now()))})

    def complaint(self, received, messages):
        """The error_code for a message that is not to be handled."""
        age = self.server.now() - received.msg_id / 2**32
        code = 0
        if received.msg_id % 4:
            code = 18
        elif age > OLD_SECS:
            code = 16
        elif age < -AHEAD_SECS:
            code = 17
        elif received.salt != self.auth_key.salt:
            code = 48
        elif any(inner is not received and inner.msg_id >= received.msg_id for inner in messages):
            code = 64
        return self.server.fault.at('complaint', code, self)

    def answer(self, request):
        try:
            query = MTPROTO.decode(request.body)
        except TlError:
            return self.rpc_result(request, self.call(request.body))
        if query.name == 'auth.bindTempAuthKey':
            result = rpc_result(request, MTPROTO.encode_object(self.bind(request, query)))
            return self.server.fault.at('result', result)
        if query.name == 'gzip_packed':
            return self.rpc_result(request, self.call(gzip.decompress(query.packed_data)))
        if query.name in ('ping', 'ping_delay_disconnect'):
            return Object('pong', {'msg_id': request.msg_id, 'ping_id': query.ping_id})
        if query.name == 'get_future_salts':
            return self.future_salts(request, query.num)
        if query.name == 'msgs_state_req':
            info = bytes(ANSWERED if msg_id in self.answers else UNKNOWN for msg_id in query.msg_ids)
            return Object('msgs_state_info', {'req_msg_id': request.msg_id, 'info': info})
        if query.name == 'destroy_session':
            return Object('destroy_session_none', {'session_id': query.session_id})
        return None

    def future_salts(self, request, num):
        """The salt there is and those of the hours to come, which this server does not live to see."""
        now = int(self.server.now())
        salts = [self.auth_key.salt] + [secrets.randbits(63) for _ in range(1, min(num, 64))]
        return Object('future_salts', {'req_msg_id': request.msg_id, 'now': now, 'salts': [
            Object('future_salt', {'valid_since': now + 3600 * hour, 'valid_until': now + 3600 * (hour + 1), 'salt': salt})
            for hour, salt in enumerate(salts)]})

    def rpc_result(self, request, result):
        return rpc_result(request, self.server.fault.at('rpc_result', result, self))

    # Methods of the API.

    def call(self, body):
        """The bytes of a method's result."""
        try:
            query = api().decode(body)
            while query.name in WRAPPERS:
                self.layer = query.fields.get('layer', self.layer)
                query = api().decode(query.query)
        except TlError as error:
            return rpc_error(400, f'INPUT_METHOD_INVALID {error}')
        self.server.log(f'call {query.name}')
        self.server.calls += 1
        if self.server.happens('disconnect'):
            self.server.log('disconnected')
            raise HangUp
        serve = getattr(self, query.name.replace('.', '_'), None)
        return serve(query) if serve else rpc_error(400, 'METHOD_INVALID')

    def help_getNearestDc(self, _):
        return api().encode('nearestDc', country=b'AQ', this_dc=self.server.dc, nearest_dc=self.server.dc)

    def help_getConfig(self, _):
        numbers = {name: 1 for name, type_ in api().by_name['config'].fields if type_ == 'int'}
        return api().encode('config', **numbers | {
            'date': int(self.server.now()), 'expires': int(self.server.now()) + 3600, 'test_mode': Object('boolFalse'),
            'this_dc': self.server.dc, 'dc_txt_domain_name': b'', 'me_url_prefix': b'', 'dc_options': [Object('dcOption', {
                'id': self.server.dc, 'ip_address': self.server.host.encode(), 'port': self.server.port})]})

    def users_getUsers(self, query):
        return api().encode_value('Vector<User>', [self.user(user) for user in query.id])

    def user(self, user):
        if user.name != 'inputUserSelf':
            return Object('userEmpty', {'id': user.fields.get('user_id', 0)})
        if self.layer < SAME_USER_SINCE_LAYER:
            return Object('userEmpty', {'id': USER})
        return Object('user', {'self': True, 'id': USER, 'access_hash': 1, 'first_name': b'Python'})

    def messages_getDhConfig(self, query):
        return api().encode(
            'messages.dhConfig', g=3, p=DH_PRIME.to_bytes(256, 'big'), version=1, random=os.urandom(query.random_length))

    def messages_sendMessage(self, query):
        return api().encode(
            'updateShortSentMessage', out=True, id=1, pts=1, pts_count=1, date=int(self.server.now()))

    def updates_getState(self, _):
        return api().encode('updates.state', pts=1, qts=0, date=int(self.server.now()), seq=0, unread_count=0)

    def updates_getDifference(self, _):
        return api().encode('updates.differenceEmpty', date=int(self.server.now()), seq=0)

    # Temporary keys: api/pfs.

    def bind(self, request, query):
        """The answer to auth.bindTempAuthKey, as its page tells."""
        server, temp_key = self.server, self.auth_key
        perm_key = server.auth_keys.get(query.perm_auth_key_id)
        if not perm_key or perm_key.expires_at or not temp_key.expires_at:
            return binding_error('ENCRYPTED_MESSAGE_INVALID')
        try:
            msg_id, inner = message.decrypt_binding(perm_key.key, query.encrypted_message)
        except MessageError:
            return binding_error('ENCRYPTED_MESSAGE_INVALID')
        said = Object('bind_auth_key_inner', {
            'nonce': query.nonce, 'temp_auth_key_id': temp_key.id(), 'perm_auth_key_id': query.perm_auth_key_id,
            'temp_session_id': request.session_id, 'expires_at': inner.expires_at})
        if inner != said or msg_id != request.msg_id:
            return binding_error('ENCRYPTED_MESSAGE_INVALID')
        if inner.expires_at != query.expires_at or not server.now() < query.expires_at <= temp_key.expires_at + CLOCK_SLACK_SECS:
            return binding_error('EXPIRES_AT_INVALID')
        server.bound[query.perm_auth_key_id] = temp_key.id()
        server.log('temp key bound')
        return Object('boolTrue')


def bad(received, code):
    return {'bad_msg_id': received.msg_id, 'bad_msg_seqno': received.seq_no, 'error_code': code}


def binding_error(text):
    return Object('rpc_error', {'error_code': 400, 'error_message': text.encode()})


def rpc_error(code, text):
    return MTPROTO.encode('rpc_error', error_code=code, error_message=text.encode())


def rpc_result(request, result):
    return Object('rpc_result', {'req_msg_id': request.msg_id, 'result': result})
