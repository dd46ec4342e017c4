//! What is done to the packets of sessions.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use mtproto_runtime::AuthKey;
use mtproto_runtime::net::server::tamper::Outgoing;
use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::wire::{Combinator, RawObject, TlWrite, encode_boxed};

use super::DECOY;
use super::draft::{Draft, container, decode_boxed, inner};

/// A salt that the server never gave to anybody.
pub(super) const POISONED_SALT: i64 = 0x0bad_5a17_0bad_5a17;
/// How far a clock is off that was set by a lie.
pub(super) const POISONED_CLOCK_SECS: i64 = 1000;
/// What a bomb of a few kilobytes becomes.
const BOMB_BYTES: usize = 32 << 20;

/// A packet with the answers to calls, on its way to a client.
pub(super) struct Answering<'p> {
    pub(super) key: &'p AuthKey,
    pub(super) draft: &'p Draft,
    /// The call that is answered, and its seq_no.
    pub(super) req_msg_id: i64,
    pub(super) req_seq_no: i32,
}

impl Answering<'_> {
    /// The packet, with one message changed.
    fn with(&self, mut change: impl FnMut(&mut types::Message)) -> Draft {
        let mut messages = self.draft.messages();
        for message in &mut messages {
            change(message);
        }
        let mut draft = self.draft.clone();
        draft.body = match messages.pop() {
            Some(message) if messages.is_empty() && message.msg_id == draft.msg_id => {
                message.body.as_bytes().to_vec()
            }
            last => {
                messages.extend(last);
                container(messages)
            }
        };
        draft
    }

    /// The packet with that instead of the answer. It needs no acknowledgment.
    fn instead(&self, object: &(impl TlWrite + Combinator)) -> Vec<Outgoing> {
        let body = RawObject::new(boxed(object)).ok();
        let mut changed = self.with(|message| {
            if answer_to(message) == Some(self.req_msg_id)
                && let Some(body) = &body
            {
                message.body = body.clone();
                message.seqno &= !1;
            }
        });
        if self.draft.messages().len() == 1 {
            changed.seq_no &= !1;
        }
        vec![Outgoing::Packet(changed.seal(self.key))]
    }

    /// The answer in a packet of its own, changed, and after it what else there was.
    pub(super) fn alone(&self, change: impl FnOnce(&mut Draft)) -> Vec<Outgoing> {
        let is_answer = |message: &types::Message| answer_to(message) == Some(self.req_msg_id);
        let (answers, others): (Vec<_>, Vec<_>) =
            self.draft.messages().into_iter().partition(is_answer);
        let mut packets = Vec::new();
        if let Some(answer) = answers.first() {
            let mut draft = Draft {
                msg_id: answer.msg_id,
                seq_no: answer.seqno,
                body: answer.body.as_bytes().to_vec(),
                ..self.draft.clone()
            };
            change(&mut draft);
            packets.push(Outgoing::Packet(draft.seal(self.key)));
        }
        if !others.is_empty() {
            let others = Draft {
                body: container(others),
                ..self.draft.clone()
            };
            packets.push(Outgoing::Packet(others.seal(self.key)));
        }
        packets
    }

    /// `bad_msg_notification` or `bad_server_salt` for the call.
    fn complain(&self, error_code: i32) -> Vec<Outgoing> {
        let (bad_msg_id, bad_msg_seqno) = (self.req_msg_id, self.req_seq_no);
        if error_code == 48 {
            return self.instead(&types::BadServerSalt {
                bad_msg_id,
                bad_msg_seqno,
                error_code,
                new_server_salt: self.draft.salt,
            });
        }
        self.instead(&types::BadMsgNotification {
            bad_msg_id,
            bad_msg_seqno,
            error_code,
        })
    }

    fn decoy_body(&self) -> Vec<u8> {
        rpc_result(self.req_msg_id, &decoy_error())
    }

    pub(super) fn decoy(&self) -> Draft {
        self.draft.before(self.decoy_body())
    }
}

/// The call that a message answers.
pub(super) fn answer_to(message: &types::Message) -> Option<i64> {
    if message.body.id() != types::RpcResult::ID {
        return None;
    }
    let id = message.body.as_bytes().get(4..)?.first_chunk()?;
    Some(i64::from_le_bytes(*id))
}

/// Answers in another form.
pub(super) mod forms {
    use super::*;

    pub(in super::super) fn bad_salt(answering: &Answering<'_>) -> Vec<Outgoing> {
        answering.complain(48)
    }

    pub(in super::super) fn time_low(answering: &Answering<'_>) -> Vec<Outgoing> {
        answering.complain(16)
    }

    pub(in super::super) fn time_high(answering: &Answering<'_>) -> Vec<Outgoing> {
        answering.complain(17)
    }

    pub(in super::super) fn seq_no_low(answering: &Answering<'_>) -> Vec<Outgoing> {
        answering.complain(32)
    }

    pub(in super::super) fn seq_no_high(answering: &Answering<'_>) -> Vec<Outgoing> {
        answering.complain(33)
    }

    pub(in super::super) fn gzip(answering: &Answering<'_>) -> Vec<Outgoing> {
        let packet = answering.with(|message| {
            let result = decode_boxed::<types::RpcResult>(message.body.as_bytes());
            if let Ok(types::RpcResult { req_msg_id, result }) = result
                && result.id() != types::GzipPacked::ID
            {
                let packed = gzip_packed(result.as_bytes());
                let body = RawObject::new(rpc_result(req_msg_id, &packed));
                message.body = body.unwrap_or_else(|_| message.body.clone());
            }
        });
        vec![Outgoing::Packet(packet.seal(answering.key))]
    }

    /// One message in a container.
    pub(in super::super) fn in_container(answering: &Answering<'_>) -> Vec<Outgoing> {
        let mut draft = answering.draft.clone();
        if draft
            .messages()
            .iter()
            .all(|message| message.msg_id == draft.msg_id)
        {
            let before = draft.before(Vec::new());
            draft.body = container(inner(before.msg_id, draft.seq_no, &draft.body));
            draft.seq_no = (draft.seq_no + 1) & !1;
        }
        vec![Outgoing::Packet(draft.seal(answering.key))]
    }

    /// The messages of a container from the last to the first.
    pub(in super::super) fn reversed(answering: &Answering<'_>) -> Vec<Outgoing> {
        let mut draft = answering.draft.clone();
        let mut messages = draft.messages();
        if messages.len() > 1 {
            messages.reverse();
            draft.body = container(messages);
        }
        vec![Outgoing::Packet(draft.seal(answering.key))]
    }

    pub(in super::super) fn twice(answering: &Answering<'_>) -> Vec<Outgoing> {
        let packet = answering.draft.seal(answering.key);
        vec![Outgoing::Packet(packet.clone()), Outgoing::Packet(packet)]
    }

    pub(in super::super) fn hang_up(_: &Answering<'_>) -> Vec<Outgoing> {
        vec![Outgoing::HangUp]
    }

    pub(in super::super) fn key_lost(_: &Answering<'_>) -> Vec<Outgoing> {
        vec![super::super::table::transport_error(-404)]
    }
}

/// What comes before an answer.
pub(super) mod before {
    use super::*;

    pub(in super::super) fn acknowledgment(answering: &Answering<'_>) -> Vec<Draft> {
        let msg_ids = vec![answering.req_msg_id];
        vec![quiet(answering.draft, boxed(&types::MsgsAck { msg_ids }))]
    }

    /// An object that no schema has.
    pub(in super::super) fn unknown(answering: &Answering<'_>) -> Vec<Draft> {
        let body = [0x7e57_ab1e_u32, 1, 2, 3].map(u32::to_le_bytes).concat();
        vec![answering.draft.before(body)]
    }

    /// The session begins anew, with this call: answers to earlier ones will not come.
    pub(in super::super) fn new_session(answering: &Answering<'_>) -> Vec<Draft> {
        vec![answering.draft.before(boxed(&types::NewSessionCreated {
            first_msg_id: answering.req_msg_id,
            unique_id: answering.draft.msg_id,
            server_salt: answering.draft.salt,
        }))]
    }

    /// A message without meaning, and a decoy with its msg_id.
    pub(in super::super) fn duplicate(answering: &Answering<'_>) -> Vec<Draft> {
        let first = answering.draft.before(boxed(&types::MsgsAck {
            msg_ids: Vec::new(),
        }));
        let first = Draft {
            seq_no: first.seq_no & !1,
            ..first
        };
        vec![first, answering.decoy()]
    }

    /// The same, and the decoy is in a container.
    pub(in super::super) fn duplicate_inside(answering: &Answering<'_>) -> Vec<Draft> {
        let mut both = duplicate(answering);
        if let Some(decoy) = both.pop() {
            both.push(packed(&decoy, decoy.msg_id));
        }
        both
    }

    /// A decoy in a container, with the msg_id of a client.
    pub(in super::super) fn even_inside(answering: &Answering<'_>) -> Vec<Draft> {
        let decoy = answering.decoy();
        vec![packed(&decoy, decoy.msg_id & !3)]
    }

    /// A container in a container.
    pub(in super::super) fn nested(answering: &Answering<'_>) -> Vec<Draft> {
        let once = packed(&answering.decoy(), answering.decoy().msg_id);
        vec![packed(&once, once.msg_id - 4)]
    }

    /// A container of more messages than are allowed, the decoy being the last.
    pub(in super::super) fn crowded(answering: &Answering<'_>) -> Vec<Draft> {
        let decoy = answering.decoy();
        let quiet = boxed(&types::MsgsAck {
            msg_ids: Vec::new(),
        });
        let mut messages = Vec::new();
        for k in 0..2000_i64 {
            messages.extend(inner(
                decoy.msg_id - 4 * (2001 - k),
                decoy.seq_no & !1,
                &quiet,
            ));
        }
        messages.extend(inner(decoy.msg_id, decoy.seq_no, &decoy.body));
        vec![Draft {
            msg_id: decoy.msg_id + 4,
            seq_no: (decoy.seq_no + 1) & !1,
            body: container(messages),
            ..decoy
        }]
    }

    /// A container of a decoy and of acknowledgments by the million, which is a few kilobytes as it comes.
    pub(in super::super) fn bomb(answering: &Answering<'_>) -> Vec<Draft> {
        let decoy = answering.decoy();
        let acks = boxed(&types::MsgsAck {
            msg_ids: vec![0; BOMB_BYTES / 8],
        });
        let mut messages = inner(decoy.msg_id - 4, decoy.seq_no & !1, &acks);
        messages.extend(inner(decoy.msg_id, decoy.seq_no, &decoy.body));
        vec![Draft {
            msg_id: decoy.msg_id + 4,
            seq_no: (decoy.seq_no + 1) & !1,
            body: gzip_packed(&container(messages)),
            ..decoy
        }]
    }

    /// A new salt for a message that the client did not send.
    pub(in super::super) fn foreign_salt(answering: &Answering<'_>) -> Vec<Draft> {
        let body = boxed(&types::BadServerSalt {
            bad_msg_id: answering.req_msg_id - (1 << 34),
            bad_msg_seqno: answering.req_seq_no,
            error_code: 48,
            new_server_salt: POISONED_SALT,
        });
        vec![quiet(answering.draft, body)]
    }

    /// Word of a wrong clock, from the future, for a message that the client did not send.
    pub(in super::super) fn foreign_time(answering: &Answering<'_>) -> Vec<Draft> {
        let body = boxed(&types::BadMsgNotification {
            bad_msg_id: answering.req_msg_id - (1 << 34),
            bad_msg_seqno: answering.req_seq_no,
            error_code: 16,
        });
        let mut draft = quiet(answering.draft, body);
        draft.msg_id += POISONED_CLOCK_SECS << 32;
        vec![draft]
    }

    /// Salts that the client did not ask for.
    pub(in super::super) fn foreign_future_salts(answering: &Answering<'_>) -> Vec<Draft> {
        let now = (answering.draft.msg_id >> 32) as i32;
        let body = boxed(&types::FutureSalts {
            req_msg_id: answering.req_msg_id - (1 << 34),
            now,
            salts: vec![types::FutureSalt {
                valid_since: now - 60,
                valid_until: now + 86_400,
                salt: POISONED_SALT,
            }],
        });
        vec![quiet(answering.draft, body)]
    }
}

/// A message before another that needs no acknowledgment.
fn quiet(draft: &Draft, body: Vec<u8>) -> Draft {
    let before = draft.before(body);
    Draft {
        seq_no: before.seq_no & !1,
        ..before
    }
}

/// A container with that message, as if it were sent right after it.
fn packed(draft: &Draft, msg_id: i64) -> Draft {
    Draft {
        msg_id: draft.msg_id + 4,
        seq_no: (draft.seq_no + 1) & !1,
        body: container(inner(msg_id, draft.seq_no, &draft.body)),
        ..draft.clone()
    }
}

fn decoy_error() -> Vec<u8> {
    boxed(&types::RpcError {
        error_code: 500,
        error_message: DECOY.into(),
    })
}

pub(super) fn rpc_result(req_msg_id: i64, result: &[u8]) -> Vec<u8> {
    [
        &types::RpcResult::ID.to_le_bytes()[..],
        &req_msg_id.to_le_bytes(),
        result,
    ]
    .concat()
}

pub(super) fn boxed(object: &(impl TlWrite + Combinator)) -> Vec<u8> {
    encode_boxed(object).unwrap_or_default()
}

fn gzip_packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // A vector takes all.
    let packed_data = encoder.write_all(bytes).and_then(|()| encoder.finish());
    boxed(&types::GzipPacked {
        packed_data: packed_data.unwrap_or_default(),
    })
}
