"""TL, as far as these tests need it: mtproto/serialize, mtproto/TL.

A schema is read from its text, so that the definitions below are the pages' own; an object is its constructor's name and
its fields. Values are `int` for `int`, `long` and `#`, `bytes` for `string`, `bytes`, `int128`, `int256` and `Object`,
`bool` for `true`, lists for vectors, and objects for everything else.
"""

import re
import struct
from dataclasses import dataclass, field

VECTOR = 0x1CB5C415


class TlError(Exception):
    """Bytes that are not what the schema says."""


@dataclass
class Object:
    """A constructor's name and its fields, which are attributes as well."""

    name: str
    fields: dict = field(default_factory=dict)

    def __getattr__(self, name):
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(f'{self.name} has no {name}') from None


@dataclass
class Combinator:
    """One definition: `name#id field:type ... = result;`"""

    name: str
    id: int
    fields: list

    DEFINITION = re.compile(r'([\w.]+)#([0-9a-f]+) *({\w+:Type} *)?(.*?) *= *[\w.<>]+;')

    @classmethod
    def parse(cls, line):
        match = cls.DEFINITION.fullmatch(line)
        if not match:
            raise ValueError(f'not a definition: {line}')
        name, id_, _, fields = match.groups()
        fields = [f.split(':') for f in fields.split()]
        return cls(name, int(id_, 16), fields)


class Schema:
    """Definitions, one a line; comments, marks such as `---functions---` and the vector's own definition are left out."""

    def __init__(self, text):
        lines = [line.split('//')[0].strip() for line in text.splitlines()]
        lines = [line for line in lines if line and line[0] not in '-=' and not line.startswith('vector#')]
        combinators = [Combinator.parse(line) for line in lines]
        self.by_name = {c.name: c for c in combinators}
        self.by_id = {c.id: c for c in combinators}

    def encode(self, name, /, **fields):
        """The boxed bytes of one object; fields under a flag that is not given are left out."""
        return self.encode_object(Object(name, fields))

    def encode_object(self, obj):
        combinator = self.by_name[obj.name]
        out = struct.pack('<I', combinator.id)
        for name, type_ in combinator.fields:
            if type_ == '#':
                out += struct.pack('<I', flags_of(combinator, name, obj.fields))
            elif '?' not in type_:
                out += self.encode_value(type_, obj.fields[name])
            elif obj.fields.get(name) not in (None, False):
                out += self.encode_value(type_.split('?')[1], obj.fields[name])
        return out

    def decode(self, data):
        """The one object that these bytes are, to the last byte."""
        reader = Reader(data)
        obj = self.read(reader)
        reader.end()
        return obj

    def read(self, reader):
        """One boxed object, the reader being left behind it."""
        id_ = reader.unpack('<I')
        if id_ not in self.by_id:
            raise TlError(f'constructor {id_:08x} is unknown')
        return self._read_fields(self.by_id[id_], reader)

    def _read_fields(self, combinator, reader):
        obj = Object(combinator.name)
        for name, type_ in combinator.fields:
            condition, _, conditional = type_.rpartition('?')
            if condition:
                word, bit = condition.split('.')
                if not obj.fields[word] >> int(bit) & 1:
                    continue
            obj.fields[name] = self.decode_value(conditional, reader)
        return obj

    def encode_value(self, type_, value):
        if type_ in NUMBERS:
            return struct.pack(NUMBERS[type_], value)
        if type_ in FIXED:
            if len(value) != FIXED[type_]:
                raise ValueError(f'{type_} of {len(value)} bytes')
            return value
        if type_ in ('string', 'bytes'):
            return encode_bytes(value)
        if type_ in ANYTHING:
            return value
        if type_ == 'true':
            return b''
        if match := VECTOR_TYPE.fullmatch(type_):
            head = struct.pack('<I', VECTOR) if match['boxed'] == 'V' else b''
            values = [self.encode_value(match['element'], v) for v in value]
            return head + struct.pack('<I', len(values)) + b''.join(values)
        data = self.encode_object(value)
        return data[4:] if type_[0].islower() else data

    def decode_value(self, type_, reader):
        if type_ in NUMBERS:
            return reader.unpack(NUMBERS[type_])
        if type_ in FIXED:
            return reader.take(FIXED[type_])
        if type_ in ('string', 'bytes'):
            return reader.bytes()
        if type_ in ANYTHING:
            return reader.rest()
        if type_ == 'true':
            return True
        if match := VECTOR_TYPE.fullmatch(type_):
            if match['boxed'] == 'V' and (id_ := reader.unpack('<I')) != VECTOR:
                raise TlError(f'{id_:08x} where a vector was expected')
            return [self.decode_value(match['element'], reader) for _ in range(reader.unpack('<I'))]
        if type_ in self.by_name and type_[0].islower():
            return self._read_fields(self.by_name[type_], reader)
        return self.read(reader)


NUMBERS = {'int': '<i', 'long': '<q', 'double': '<d', '#': '<I'}
FIXED = {'int128': 16, 'int256': 32}
# Whatever is there, to the end.
ANYTHING = ('Object', '!X')
# `Vector` is boxed, `vector` is bare.
VECTOR_TYPE = re.compile(r'(?P<boxed>[Vv])ector<(?P<element>.*)>')


def flags_of(combinator, word, fields):
    """The flags word that the given fields make."""
    value = 0
    for name, type_ in combinator.fields:
        condition = type_.rpartition('?')[0]
        if condition.startswith(f'{word}.') and fields.get(name) not in (None, False):
            value |= 1 << int(condition.split('.')[1])
    return value


def encode_bytes(value):
    """A `string`: its length in one byte or, from 254, in four, and zeros up to a multiple of four."""
    if len(value) < 254:
        head = bytes([len(value)])
    else:
        head = b'\xfe' + len(value).to_bytes(3, 'little')
    return head + value + bytes(-(len(head) + len(value)) % 4)


class Reader:
    """Bytes and how far they were read."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, length):
        if length < 0 or self.at + length > len(self.data):
            raise TlError(f'{length} bytes wanted at byte {self.at} of {len(self.data)}')
        self.at += length
        return self.data[self.at - length:self.at]

    def unpack(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def bytes(self):
        start = self.at
        length = self.take(1)[0]
        if length == 254:
            length = int.from_bytes(self.take(3), 'little')
        value = self.take(length)
        self.take(-(self.at - start) % 4)
        return value

    def rest(self):
        return self.take(len(self.data) - self.at)

    def end(self):
        if self.at != len(self.data):
            raise TlError(f'{len(self.data) - self.at} bytes too many')


MTPROTO = Schema('''
req_pq_multi#be7e8ef1 nonce:int128 = ResPQ;
req_pq#60469778 nonce:int128 = ResPQ;
resPQ#05162463 nonce:int128 server_nonce:int128 pq:string server_public_key_fingerprints:Vector<long> = ResPQ;

p_q_inner_data_dc#a9f55f95 pq:string p:string q:string nonce:int128 server_nonce:int128 new_nonce:int256 dc:int = P_Q_inner_data;
p_q_inner_data_temp_dc#56fddf88 pq:string p:string q:string nonce:int128 server_nonce:int128 new_nonce:int256 dc:int expires_in:int = P_Q_inner_data;
p_q_inner_data#83c95aec pq:string p:string q:string nonce:int128 server_nonce:int128 new_nonce:int256 = P_Q_inner_data;
p_q_inner_data_temp#3c6a84d4 pq:string p:string q:string nonce:int128 server_nonce:int128 new_nonce:int256 expires_in:int = P_Q_inner_data;

req_DH_params#d712e4be nonce:int128 server_nonce:int128 p:string q:string public_key_fingerprint:long encrypted_data:string = Server_DH_Params;
server_DH_params_fail#79cb045d nonce:int128 server_nonce:int128 new_nonce_hash:int128 = Server_DH_Params;
server_DH_params_ok#d0e8075c nonce:int128 server_nonce:int128 encrypted_answer:string = Server_DH_Params;
server_DH_inner_data#b5890dba nonce:int128 server_nonce:int128 g:int dh_prime:string g_a:string server_time:int = Server_DH_inner_data;

client_DH_inner_data#6643b654 nonce:int128 server_nonce:int128 retry_id:long g_b:string = Client_DH_Inner_Data;
set_client_DH_params#f5045f1f nonce:int128 server_nonce:int128 encrypted_data:string = Set_client_DH_params_answer;
dh_gen_ok#3bcbf734 nonce:int128 server_nonce:int128 new_nonce_hash1:int128 = Set_client_DH_params_answer;
dh_gen_retry#46dc1fb9 nonce:int128 server_nonce:int128 new_nonce_hash2:int128 = Set_client_DH_params_answer;
dh_gen_fail#a69dae02 nonce:int128 server_nonce:int128 new_nonce_hash3:int128 = Set_client_DH_params_answer;

bind_auth_key_inner#75a3f765 nonce:long temp_auth_key_id:long perm_auth_key_id:long temp_session_id:long expires_at:int = BindAuthKeyInner;
auth.bindTempAuthKey#cdd42a05 perm_auth_key_id:long nonce:long expires_at:int encrypted_message:bytes = Bool;
boolFalse#bc799737 = Bool;
boolTrue#997275b5 = Bool;

rpc_result#f35c6d01 req_msg_id:long result:Object = RpcResult;
rpc_error#2144ca19 error_code:int error_message:string = RpcError;
msg_container#73f1f8dc messages:Object = MessageContainer;
gzip_packed#3072cfa1 packed_data:string = Object;
msgs_ack#62d6b459 msg_ids:Vector<long> = MsgsAck;
bad_msg_notification#a7eff811 bad_msg_id:long bad_msg_seqno:int error_code:int = BadMsgNotification;
bad_server_salt#edab447b bad_msg_id:long bad_msg_seqno:int error_code:int new_server_salt:long = BadMsgNotification;
new_session_created#9ec20908 first_msg_id:long unique_id:long server_salt:long = NewSession;
ping#7abe77ec ping_id:long = Pong;
ping_delay_disconnect#f3427b8c ping_id:long disconnect_delay:int = Pong;
pong#347773c5 msg_id:long ping_id:long = Pong;
get_future_salts#b921bd04 num:int = FutureSalts;
msgs_state_req#da69fb52 msg_ids:Vector<long> = MsgsStateReq;
msgs_state_info#04deb57d req_msg_id:long info:string = MsgsStateInfo;
destroy_session#e7512126 session_id:long = DestroySessionRes;
destroy_session_none#62d350c9 session_id:long = DestroySessionRes;
future_salt#0949d9dc valid_since:int valid_until:int salt:long = FutureSalt;
future_salts#ae500895 req_msg_id:long now:int salts:vector<future_salt> = FutureSalts;
''')
