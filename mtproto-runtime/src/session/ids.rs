//! The ids by which messages are told apart.

use crate::schema::mtproto::{functions, types};
use crate::wire::Combinator;

macro_rules! ids {
    ($($name:ident = $combinator:ty;)+) => {
        $(pub(super) const $name: u32 = <$combinator as Combinator>::ID;)+
    };
}

ids! {
    BAD_MSG_NOTIFICATION = types::BadMsgNotification;
    BAD_SERVER_SALT = types::BadServerSalt;
    DESTROY_AUTH_KEY = functions::DestroyAuthKey;
    DESTROY_SESSION = functions::DestroySession;
    DESTROY_SESSION_NONE = types::DestroySessionNone;
    DESTROY_SESSION_OK = types::DestroySessionOk;
    FUTURE_SALTS = types::FutureSalts;
    GET_FUTURE_SALTS = functions::GetFutureSalts;
    GZIP_PACKED = types::GzipPacked;
    HTTP_WAIT = types::HttpWait;
    MESSAGE = types::Message;
    MSGS_ACK = types::MsgsAck;
    MSGS_ALL_INFO = types::MsgsAllInfo;
    MSGS_STATE_INFO = types::MsgsStateInfo;
    MSGS_STATE_REQ = types::MsgsStateReq;
    MSG_CONTAINER = types::MsgContainer;
    MSG_COPY = types::MsgCopy;
    MSG_DETAILED_INFO = types::MsgDetailedInfo;
    MSG_NEW_DETAILED_INFO = types::MsgNewDetailedInfo;
    MSG_RESEND_ANS_REQ = types::MsgResendAnsReq;
    MSG_RESEND_REQ = types::MsgResendReq;
    NEW_SESSION_CREATED = types::NewSessionCreated;
    PING = functions::Ping;
    PING_DELAY_DISCONNECT = functions::PingDelayDisconnect;
    PONG = types::Pong;
    RPC_DROP_ANSWER = functions::RpcDropAnswer;
    RPC_ERROR = types::RpcError;
    RPC_RESULT = types::RpcResult;
}

// Constructors without fields have no structs.
pub(super) const DESTROY_AUTH_KEY_FAIL: u32 = 0xea10_9b13;
pub(super) const DESTROY_AUTH_KEY_NONE: u32 = 0x0a9f_2259;
pub(super) const DESTROY_AUTH_KEY_OK: u32 = 0xf660_e1d4;
pub(super) const RPC_ANSWER_DROPPED_RUNNING: u32 = 0xcd78_e586;
pub(super) const RPC_ANSWER_UNKNOWN: u32 = 0x5e2a_d36e;

/// Of the API: [binding a temporary key](https://core.telegram.org/method/auth.bindTempAuthKey).
pub(super) const BIND_TEMP_AUTH_KEY: u32 = 0xcdd4_2a05;
/// Of the API: [sequential requests](https://core.telegram.org/api/invoking#sequential-requests).
pub(super) const INVOKE_AFTER_MSG: u32 = 0xcb9f_372d;
/// The same after several calls.
pub(super) const INVOKE_AFTER_MSGS: u32 = 0x3dc4_b4f0;

/// The id an object starts with; 0 of fewer than 4 bytes.
pub(super) fn id_of(object: &[u8]) -> u32 {
    object.first_chunk().map_or(0, |id| u32::from_le_bytes(*id))
}

/// Whether a message may not be content-related: acknowledgments, containers and copies.
pub(super) fn is_never_content_related(id: u32) -> bool {
    matches!(id, MSGS_ACK | MSG_CONTAINER | MSG_COPY)
}

/// Whether a message is one of the protocol itself, rather than a call or an update.
pub(super) fn is_service(id: u32) -> bool {
    is_service_request(id)
        || is_never_content_related(id)
        || matches!(
            id,
            BAD_MSG_NOTIFICATION
                | BAD_SERVER_SALT
                | DESTROY_AUTH_KEY_FAIL
                | DESTROY_AUTH_KEY_NONE
                | DESTROY_AUTH_KEY_OK
                | DESTROY_SESSION_NONE
                | DESTROY_SESSION_OK
                | FUTURE_SALTS
                | GZIP_PACKED
                | MSGS_ALL_INFO
                | MSGS_STATE_INFO
                | MSGS_STATE_REQ
                | MSG_DETAILED_INFO
                | MSG_NEW_DETAILED_INFO
                | MSG_RESEND_ANS_REQ
                | MSG_RESEND_REQ
                | NEW_SESSION_CREATED
                | PONG
                | RPC_RESULT
        )
}

/// Whether a message is a request of a client that the protocol itself answers.
pub(super) fn is_service_request(id: u32) -> bool {
    matches!(
        id,
        DESTROY_AUTH_KEY
            | DESTROY_SESSION
            | GET_FUTURE_SALTS
            | HTTP_WAIT
            | PING
            | PING_DELAY_DISCONNECT
            | RPC_DROP_ANSWER
    )
}

/// Whether a client's request is content-related: those that cost nothing to repeat are not.
pub(super) fn is_content_related_request(id: u32) -> bool {
    !matches!(
        id,
        GET_FUTURE_SALTS | HTTP_WAIT | PING | PING_DELAY_DISCONNECT
    )
}
