//! The codes of
//! [bad_msg_notification](https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message).

/// Why a message was ignored: `error_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BadMsg {
    /// 16: msg_id too low. The client's clock is behind, or the message waited too long.
    MsgIdTooLow,
    /// 17: msg_id too high. The client's clock is ahead.
    MsgIdTooHigh,
    /// 18: the two lowest bits of the msg_id are wrong.
    MsgIdBits,
    /// 19: the msg_id of a container is that of a message received before.
    ContainerMsgId,
    /// 20: the message is so old that nobody can tell whether it was received before.
    MsgIdTooOld,
    /// 32: msg_seqno too low.
    SeqNoTooLow,
    /// 33: msg_seqno too high.
    SeqNoTooHigh,
    /// 34: an even msg_seqno was expected.
    SeqNoNotEven,
    /// 35: an odd msg_seqno was expected.
    SeqNoNotOdd,
    /// 48: another server salt was expected; comes as `bad_server_salt` with the right one.
    ServerSalt,
    /// 64: the container is invalid.
    Container,
    /// Any other code.
    Other(i32),
}

impl BadMsg {
    /// The number on the wire.
    pub fn code(self) -> i32 {
        match self {
            Self::MsgIdTooLow => 16,
            Self::MsgIdTooHigh => 17,
            Self::MsgIdBits => 18,
            Self::ContainerMsgId => 19,
            Self::MsgIdTooOld => 20,
            Self::SeqNoTooLow => 32,
            Self::SeqNoTooHigh => 33,
            Self::SeqNoNotEven => 34,
            Self::SeqNoNotOdd => 35,
            Self::ServerSalt => 48,
            Self::Container => 64,
            Self::Other(code) => code,
        }
    }
}

impl From<i32> for BadMsg {
    fn from(code: i32) -> Self {
        match code {
            16 => Self::MsgIdTooLow,
            17 => Self::MsgIdTooHigh,
            18 => Self::MsgIdBits,
            19 => Self::ContainerMsgId,
            20 => Self::MsgIdTooOld,
            32 => Self::SeqNoTooLow,
            33 => Self::SeqNoTooHigh,
            34 => Self::SeqNoNotEven,
            35 => Self::SeqNoNotOdd,
            48 => Self::ServerSalt,
            64 => Self::Container,
            code => Self::Other(code),
        }
    }
}
