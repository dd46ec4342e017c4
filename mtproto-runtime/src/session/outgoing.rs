//! Messages of this side: queued, sent, and remembered until they are answered or acknowledged.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use super::ascending::Ascending;
use super::bad_msg::BadMsg;
use super::event::Handle;

/// So many containers are remembered, in case one is refused.
const CONTAINERS: usize = 128;
/// So many messages are remembered that nothing answers, in case one is refused.
const WORDS: usize = 64;
/// So many tokens of quick acknowledgments are remembered.
const TOKENS: usize = 64;

/// The id of `rpc_result` and `req_msg_id`.
const RPC_RESULT_BYTES: usize = 4 + 8;

/// A message of this side.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) purpose: Purpose,
    /// The TL object, without `invokeAfterMsg` or `rpc_result` around it.
    pub(super) body: Vec<u8>,
    /// The calls it must not overtake.
    pub(super) after: Vec<Handle>,
    pub(super) content_related: bool,
    /// Whether to ask for a quick acknowledgment.
    pub(super) quick_ack: bool,
    /// Whether it was sent with what initialises the connection around it.
    pub(super) initialises: bool,
    /// Whether it may not share a container: the last one it was in was refused.
    pub(super) alone: bool,
    pub(super) stage: Stage,
    pub(super) attempts: u32,
    /// How often its answer was asked for, which the other side says it has given.
    pub(super) answer_requests: u32,
    pub(super) refused: Option<BadMsg>,
    /// 0 before it is sent.
    pub(super) msg_id: i64,
    pub(super) seq_no: i32,
    pub(super) sent_at: Duration,
    /// By which of the owner's connections it was sent; `None` if that has ended since.
    pub(super) connection: Option<u8>,
    /// msg_ids under which it was sent before: an answer to one of them is an answer.
    pub(super) earlier_ids: Vec<i64>,
}

/// What a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A call of the owner.
    Call,
    /// `get_future_salts` of the session itself.
    Salts,
    /// A ping of the session itself.
    Ping,
    /// `msgs_state_req` about these msg_ids.
    StateRequest { msg_ids: Vec<i64> },
    /// `msg_resend_req` for the answers to these calls.
    ResendRequest { calls: Vec<Handle> },
    /// `rpc_drop_answer`.
    DropAnswer,
    /// `destroy_session` of one that was left.
    DestroySession,
    /// A server's answer to a call: what is in `rpc_result`, or all of it if it goes without that.
    Answer { req_msg_id: i64, is_bare: bool },
    /// What a server sends of its own accord.
    Update,
    /// `new_session_created`.
    NewSession,
    /// Anything that nobody answers: acknowledgments, states, pongs.
    Word,
}

impl Purpose {
    /// Whether it waits for an answer.
    pub(super) fn is_question(&self) -> bool {
        !self.is_word() && !matches!(self, Self::Answer { .. } | Self::Update | Self::NewSession)
    }

    /// Whether it is said once, and kept only in case it is refused.
    pub(super) fn is_word(&self) -> bool {
        matches!(self, Self::Word | Self::ResendRequest { .. })
    }

    /// Whether the two lowest bits of a server's msg_id say that it answers a message.
    pub(super) fn is_answer(&self) -> bool {
        matches!(self, Self::Answer { .. } | Self::Word)
    }

    /// Whether it carries something of the owner: a call, an answer or an update. The others are the session's own.
    pub(super) fn is_payload(&self) -> bool {
        matches!(self, Self::Call | Self::Answer { .. } | Self::Update)
    }

    /// Whether its owner has the handle, and is told of its end.
    pub(super) fn is_of_owner(&self) -> bool {
        matches!(self, Self::Call | Self::Update)
    }
}

/// How far a message has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// To be sent under a new msg_id.
    Queued,
    /// To be sent again under its msg_id, in a container.
    QueuedAgain,
    /// To be sent when the calls before it are answered.
    Held,
    /// Sent.
    Sent,
    /// Received by the other side.
    Acknowledged,
}

impl Message {
    pub(super) fn new(purpose: Purpose, body: Vec<u8>, content_related: bool) -> Self {
        Self {
            purpose,
            body,
            after: Vec::new(),
            content_related,
            quick_ack: false,
            initialises: false,
            alone: false,
            stage: Stage::Queued,
            attempts: 0,
            answer_requests: 0,
            refused: None,
            msg_id: 0,
            seq_no: 0,
            sent_at: Duration::ZERO,
            connection: None,
            earlier_ids: Vec::new(),
        }
    }

    /// How many bytes it has on the wire, without what puts calls in order.
    pub(super) fn wire_bytes(&self) -> usize {
        match self.purpose {
            Purpose::Answer { is_bare: false, .. } => RPC_RESULT_BYTES + self.body.len(),
            _ => self.body.len(),
        }
    }

    /// Whether it is on its way, or has arrived.
    pub(super) fn is_sent(&self) -> bool {
        matches!(self.stage, Stage::Sent | Stage::Acknowledged)
    }
}

/// All messages of this side that are not done.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    last_handle: u64,
    messages: Ascending<Handle, Message>,
    by_msg_id: Ascending<i64, Handle>,
    /// To be sent first: what keeps the protocol going.
    urgent: Ascending<Handle, ()>,
    /// To be sent, in the order of handles: none overtakes those it comes after.
    queue: Ascending<Handle, ()>,
    /// Waiting for calls before them.
    held: BTreeSet<Handle>,
    /// Calls of other sessions that calls of this one come after.
    foreign: BTreeSet<Handle>,
    /// The last containers, with their messages.
    containers: VecDeque<(i64, Vec<Handle>)>,
    /// The last messages that nothing answers.
    words: VecDeque<Handle>,
    /// The last packets for which a quick acknowledgment was asked, with their messages.
    tokens: VecDeque<(u32, Vec<Handle>)>,
    /// How many of the messages carry something of the owner, and how many bytes these have.
    payloads: usize,
    payload_bytes: usize,
}

impl Outgoing {
    /// Adds a message to the queue.
    pub(super) fn push(&mut self, message: Message) -> Handle {
        self.last_handle += 1;
        let handle = Handle(self.last_handle);
        self.insert(handle, message);
        self.enqueue(handle, Stage::Queued);
        handle
    }

    fn insert(&mut self, handle: Handle, message: Message) {
        if message.purpose.is_payload() {
            self.payloads += 1;
            self.payload_bytes += message.body.len();
        }
        self.messages.insert(handle, message);
    }

    pub(super) fn get(&self, handle: Handle) -> Option<&Message> {
        self.messages.get(&handle)
    }

    pub(super) fn get_mut(&mut self, handle: Handle) -> Option<&mut Message> {
        self.messages.get_mut(&handle)
    }

    /// Gives a message another body.
    pub(super) fn set_body(&mut self, handle: Handle, body: Vec<u8>) {
        if let Some(message) = self.messages.get_mut(&handle) {
            if message.purpose.is_payload() {
                self.payload_bytes = self.payload_bytes - message.body.len() + body.len();
            }
            message.body = body;
        }
    }

    /// The message that was sent under an id, now or before.
    pub(super) fn find(&self, msg_id: i64) -> Option<(Handle, &Message)> {
        let handle = self.by_msg_id.get(&msg_id)?;
        Some((*handle, self.messages.get(handle)?))
    }

    /// All messages in the order of handles.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Handle, &Message)> {
        self.messages.iter()
    }

    /// How many messages carry something of the owner, and how many bytes these have.
    pub(super) fn payloads(&self) -> (usize, usize) {
        (self.payloads, self.payload_bytes)
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// How many messages wait to be sent first.
    pub(super) fn urgent(&self) -> usize {
        self.urgent.len()
    }

    /// How many messages that carry something of the owner wait to be sent.
    pub(super) fn queued_payloads(&self) -> usize {
        self.queue.len()
    }

    /// The messages to be sent, in that order.
    pub(super) fn queued(&self) -> impl Iterator<Item = Handle> {
        self.urgent.keys().chain(self.queue.keys())
    }

    /// Whether a call is not done, in this session or in another one.
    fn is_open(&self, handle: Handle) -> bool {
        self.messages.contains_key(&handle) || self.foreign.contains(&handle)
    }

    /// Whether a call need not wait for one before it: that is done, or on its way in this session.
    pub(super) fn is_out_of_the_way(&self, before: Handle) -> bool {
        let is_sent = self.messages.get(&before).is_none_or(Message::is_sent);
        is_sent && !self.foreign.contains(&before)
    }

    /// Takes note of a call of another session that calls of this one come after.
    pub(super) fn add_foreign(&mut self, handle: Handle) {
        if !self.messages.contains_key(&handle) {
            self.foreign.insert(handle);
        }
    }

    /// A call of another session is done.
    pub(super) fn settle_foreign(&mut self, handle: Handle) {
        if self.foreign.remove(&handle) {
            self.release();
        }
    }

    /// Queues a message, urgent or not.
    pub(super) fn enqueue(&mut self, handle: Handle, stage: Stage) {
        let Some(message) = self.messages.get_mut(&handle) else {
            return;
        };
        message.stage = stage;
        self.held.remove(&handle);
        match message.purpose {
            Purpose::Call | Purpose::Update | Purpose::Answer { .. } => {
                self.queue.insert(handle, ())
            }
            _ => self.urgent.insert(handle, ()),
        };
    }

    /// Queues a message to be sent under a new id.
    pub(super) fn enqueue_anew(&mut self, handle: Handle) {
        if let Some(message) = self.messages.get_mut(&handle) {
            let msg_id = core::mem::take(&mut message.msg_id);
            if msg_id != 0 {
                message.earlier_ids.push(msg_id);
            }
            message.answer_requests = 0;
            self.enqueue(handle, Stage::Queued);
        }
    }

    /// Takes a message out of the queue until [`release`](Self::release).
    pub(super) fn hold(&mut self, handle: Handle) {
        self.queue.remove(&handle);
        if let Some(message) = self.messages.get_mut(&handle) {
            message.stage = Stage::Held;
            self.held.insert(handle);
        }
    }

    /// Queues the held messages whose predecessors are all done.
    pub(super) fn release(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let is_free = |handle: &Handle| {
            let message = self.messages.get(handle);
            message.is_some_and(|message| !message.after.iter().any(|before| self.is_open(*before)))
        };
        let free: Vec<Handle> = self.held.iter().copied().filter(is_free).collect();
        for handle in free {
            self.enqueue_anew(handle);
        }
    }

    /// Takes note that a message is sent, and forgets the oldest of those that nothing answers.
    pub(super) fn sent(
        &mut self,
        handle: Handle,
        (msg_id, seq_no): (i64, i32),
        (elapsed, connection): (Duration, u8),
        initialises: bool,
    ) {
        self.urgent.remove(&handle);
        self.queue.remove(&handle);
        let Some(message) = self.messages.get_mut(&handle) else {
            return;
        };
        message.stage = Stage::Sent;
        message.attempts += 1;
        message.msg_id = msg_id;
        message.seq_no = seq_no;
        message.sent_at = elapsed;
        message.connection = Some(connection);
        message.initialises = initialises;
        self.by_msg_id.insert(msg_id, handle);
        if message.purpose.is_word() && message.attempts == 1 {
            self.words.push_back(handle);
            if self.words.len() > WORDS
                && let Some(oldest) = self.words.pop_front()
            {
                self.remove(oldest);
            }
        }
    }

    /// What went by that connection, or by any, may have got lost.
    pub(super) fn connection_ended(&mut self, connection: Option<u8>) {
        for message in self.messages.values_mut() {
            if connection.is_none() || message.connection == connection {
                message.connection = None;
            }
        }
    }

    /// Remembers what is in a container.
    pub(super) fn sent_container(&mut self, msg_id: i64, messages: Vec<Handle>) {
        if self.containers.len() == CONTAINERS {
            self.containers.pop_front();
        }
        self.containers.push_back((msg_id, messages));
    }

    /// Remembers which messages a quick acknowledgment will be for.
    pub(super) fn remember_token(&mut self, token: u32, messages: Vec<Handle>) {
        if self.tokens.len() == TOKENS {
            self.tokens.pop_front();
        }
        self.tokens.push_back((token, messages));
    }

    /// The messages that a quick acknowledgment is for.
    pub(super) fn take_token(&mut self, token: u32) -> Option<Vec<Handle>> {
        let at = self.tokens.iter().position(|(known, _)| *known == token)?;
        self.tokens.remove(at).map(|(_, messages)| messages)
    }

    /// The messages that a msg_id stands for: one, or those of a container. None if it is not of this side, or not under
    /// way any more.
    pub(super) fn sent_as(&mut self, msg_id: i64) -> Vec<Handle> {
        let on_its_way = |handle: &Handle| self.messages.get(handle).is_some_and(Message::is_sent);
        if let Some(at) = self
            .containers
            .iter()
            .position(|(container, _)| *container == msg_id)
        {
            let (_, messages) = self.containers.remove(at).unwrap_or_default();
            return messages.into_iter().filter(on_its_way).collect();
        }
        let under_this_id = |handle: &&Handle| {
            self.messages
                .get(handle)
                .is_some_and(|message| message.msg_id == msg_id && message.is_sent())
        };
        self.by_msg_id
            .get(&msg_id)
            .filter(under_this_id)
            .copied()
            .into_iter()
            .collect()
    }

    /// Removes a message that is done.
    pub(super) fn remove(&mut self, handle: Handle) -> Option<Message> {
        let message = self.messages.get(&handle)?;
        if message.purpose.is_payload() {
            self.payloads -= 1;
            self.payload_bytes -= message.body.len();
        }
        self.by_msg_id.remove(&message.msg_id);
        for msg_id in &message.earlier_ids {
            self.by_msg_id.remove(msg_id);
        }
        if !message.is_sent() {
            self.urgent.remove(&handle);
            self.queue.remove(&handle);
            self.held.remove(&handle);
        }
        self.messages.remove(&handle)
    }

    /// Goes on with handles above those of others.
    pub(super) fn start_handles_above(&mut self, last_handle: u64) {
        self.last_handle = self.last_handle.max(last_handle);
    }

    /// Removes all calls of the owner, to be sent by another session. Returns also the calls of others that they come after.
    pub(super) fn take_calls(&mut self) -> (Vec<(Handle, Message)>, BTreeSet<Handle>) {
        let is_call = |(_, message): &(Handle, &Message)| message.purpose == Purpose::Call;
        let handles: Vec<Handle> = self
            .messages
            .iter()
            .filter(is_call)
            .map(|(handle, _)| handle)
            .collect();
        let calls = handles
            .into_iter()
            .filter_map(|handle| Some((handle, self.remove(handle)?)))
            .collect();
        (calls, core::mem::take(&mut self.foreign))
    }

    /// Queues a call of another session, under its handle.
    pub(super) fn adopt(&mut self, handle: Handle, mut message: Message) {
        message.msg_id = 0;
        message.earlier_ids.clear();
        message.initialises = false;
        self.foreign.remove(&handle);
        self.insert(handle, message);
        self.enqueue(handle, Stage::Queued);
    }

    /// Leaves the session: what the owner sent is queued again, what only concerned the old session is gone.
    pub(super) fn leave_session(&mut self) {
        self.by_msg_id.clear();
        self.containers.clear();
        self.tokens.clear();
        self.words.clear();
        let handles: Vec<Handle> = self.messages.keys().collect();
        for handle in handles {
            let Some(message) = self.messages.get_mut(&handle) else {
                continue;
            };
            message.msg_id = 0;
            message.earlier_ids.clear();
            match (&message.purpose, message.stage) {
                (Purpose::Call, Stage::Held | Stage::Queued) => {}
                (Purpose::Call, _) => self.enqueue(handle, Stage::Queued),
                _ => {
                    self.remove(handle);
                }
            }
        }
    }
}
