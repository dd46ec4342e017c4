//! From messages to packets: what is sent next, alone or in a container.

use alloc::vec::Vec;

use super::calls::MAX_BODY_BYTES;
use super::container::{MAX_MESSAGES_SENT, MESSAGE_HEADER_BYTES};
use super::envelope::{self, Header, Sender};
use super::ids;
use super::message_id::Parity;
use super::outgoing::{Message, Purpose, Stage};
use super::{Handle, Role, Session, gzip};
use crate::schema::mtproto::types;
use crate::time::UnixTime;
use crate::wire::{VECTOR_ID, decode_boxed};

/// A packet for the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transmit {
    /// How many bytes were appended.
    pub len: usize,
    /// Set if a quick acknowledgment is to be asked for: the token that will come back, to be given to
    /// [`Session::handle_quick_ack`].
    pub quick_ack_token: Option<u32>,
}

/// The messages of a packet.
#[derive(Default)]
struct Batch {
    handles: Vec<Handle>,
    /// Whether one of them keeps the numbers that it was sent with before.
    is_again: bool,
    /// Whether one of them wants a quick acknowledgment.
    quick_ack: bool,
}

impl Batch {
    fn needs_container(&self) -> bool {
        self.is_again || self.handles.len() > 1
    }
}

impl Session {
    /// Appends the next packet to `packet`, if there is something to send. What is there before it stays: room for the
    /// header of a transport.
    pub fn poll_transmit(&mut self, now: UnixTime, packet: &mut Vec<u8>) -> Option<Transmit> {
        self.clock.advance(now.since_epoch());
        self.add_acks();
        let batch = self.next_batch();
        let first = *batch.handles.first()?;
        let start = envelope::begin(packet);
        let (msg_id, seq_no) = match batch.needs_container() {
            false => self.write_message(first, packet),
            true => self.write_container(&batch.handles, packet),
        };
        let transmit = self.seal((msg_id, seq_no), packet, start, batch.quick_ack);
        if let Some(token) = transmit.quick_ack_token {
            self.outgoing.remember_token(token, batch.handles);
        }
        Some(transmit)
    }

    /// How many messages the next packet would have: 0 if there is nothing to send.
    pub fn ready_to_transmit(&mut self, now: UnixTime) -> usize {
        self.clock.advance(now.since_epoch());
        self.add_acks();
        self.next_batch().handles.len()
    }

    /// Appends the next packet as a request of HTTP, with [`http_wait`](Self::http_wait) in it: the server may hold back its
    /// answer for `max_wait` milliseconds if it has nothing to say. With `always`, there is a packet even if this side has
    /// nothing to say.
    pub fn poll_request(
        &mut self,
        now: UnixTime,
        max_wait: i32,
        always: bool,
        packet: &mut Vec<u8>,
    ) -> Option<Transmit> {
        if !always && self.ready_to_transmit(now) == 0 {
            return None;
        }
        self.http_wait(0, 0, max_wait);
        self.poll_transmit(now, packet)
    }

    /// Appends a packet with an empty container: what a server answers a request of HTTP with when it has nothing to say.
    pub fn transmit_nothing(&mut self, now: UnixTime, packet: &mut Vec<u8>) -> Transmit {
        self.clock.advance(now.since_epoch());
        let start = envelope::begin(packet);
        let numbers = self.write_container(&[], packet);
        self.seal(numbers, packet, start, false)
    }

    /// Encrypts the packet that begins at `start`.
    fn seal(
        &mut self,
        (msg_id, seq_no): (i64, i32),
        packet: &mut Vec<u8>,
        start: usize,
        quick_ack: bool,
    ) -> Transmit {
        let salt = match &self.role {
            Role::Client(client) => client.salts.current(self.clock.server_time()),
            Role::Server(server) => server.salt(self.key.id(), self.clock.server_time()),
        };
        let header = Header {
            salt,
            session_id: self.session_id,
            msg_id,
            seq_no,
        };
        let sender = Sender {
            key: &self.key,
            side: self.side(),
            version: self.version.unwrap_or_default(),
        };
        let random = &mut self.random;
        let quick_ack_token = envelope::seal(sender, header, packet, start, random, quick_ack);
        Transmit {
            len: packet.len() - start,
            quick_ack_token,
        }
    }

    /// The transport has received a quick acknowledgment. Returns whether the token is one of this session.
    pub fn handle_quick_ack(&mut self, token: u32) -> bool {
        let Some(handles) = self.outgoing.take_token(token) else {
            return false;
        };
        for handle in handles {
            if let Some(message) = self.outgoing.get(handle) {
                let msg_id = message.msg_id;
                self.acknowledged(msg_id);
            }
        }
        true
    }

    /// Queues the acknowledgments that are owed, if they are due or something else is sent anyway.
    pub(super) fn add_acks(&mut self) {
        let due = self
            .acks
            .deadline(self.config.ack_count, self.config.ack_delay);
        let is_due = due.is_some_and(|at| at <= self.clock.elapsed());
        if is_due || (!self.acks.is_empty() && self.outgoing.queued().next().is_some()) {
            let msg_ids = self.acks.take();
            self.say(&types::MsgsAck { msg_ids });
        }
    }

    /// The messages of the next packet: as many as a container may have, or one that may not share it. Calls that come after
    /// calls which are not on their way are held back.
    fn next_batch(&mut self) -> Batch {
        let mut batch = Batch::default();
        let mut held = Vec::new();
        let mut bytes = 0;
        let max_messages = self.config.max_container_messages.min(MAX_MESSAGES_SENT);
        for handle in self.outgoing.queued() {
            let Some(message) = self.outgoing.get(handle) else {
                continue;
            };
            if self.waits_for_binding(handle, &message.purpose) {
                continue;
            }
            let may_follow = |before: &Handle| {
                batch.handles.contains(before) || self.outgoing.is_out_of_the_way(*before)
            };
            if !message.after.iter().all(may_follow) {
                held.push(handle);
                continue;
            }
            bytes += MESSAGE_HEADER_BYTES + message.wire_bytes() + 16 + 8 * message.after.len();
            let is_full =
                batch.handles.len() >= max_messages || bytes > self.config.max_container_bytes;
            if !batch.handles.is_empty() && (is_full || message.alone) {
                break;
            }
            batch.handles.push(handle);
            batch.is_again |= message.stage == Stage::QueuedAgain;
            batch.quick_ack |= message.quick_ack;
            if message.alone {
                break;
            }
        }
        for handle in held {
            self.outgoing.hold(handle);
        }
        batch
    }

    /// Writes the body of a message; returns its numbers.
    fn write_message(&mut self, handle: Handle, packet: &mut Vec<u8>) -> (i64, i32) {
        let Some(message) = self.outgoing.get(handle) else {
            return (0, 0);
        };
        let is_watched = !message.purpose.is_word();
        let numbers = match message.stage {
            Stage::QueuedAgain => (message.msg_id, message.seq_no),
            _ => {
                let parity = self.parity(message.purpose.is_answer());
                let server_time = self.clock.server_time();
                (
                    self.message_ids.next(server_time, parity),
                    self.sequence.next(message.content_related),
                )
            }
        };
        self.make_binding(handle, numbers.0);
        let initialises = self.write_body(handle, packet);
        let elapsed = self.clock.elapsed();
        self.outgoing
            .sent(handle, numbers, (elapsed, self.connection), initialises);
        if is_watched {
            self.watch();
        }
        numbers
    }

    /// Writes the object of a message, and what is around a call. Returns whether that initialises the connection.
    fn write_body(&self, handle: Handle, packet: &mut Vec<u8>) -> bool {
        let Some(message) = self.outgoing.get(handle) else {
            return false;
        };
        if let Purpose::Answer {
            req_msg_id,
            is_bare: false,
        } = message.purpose
        {
            packet.extend_from_slice(&ids::RPC_RESULT.to_le_bytes());
            packet.extend_from_slice(&req_msg_id.to_le_bytes());
        }
        self.write_order(message, packet);
        let around = self.init_connection(message);
        match around.map(|around| (around, self.unpacked(message))) {
            // A server looks for the call right after what is around it.
            Some((around, Some(call))) => {
                packet.extend_from_slice(around);
                packet.extend_from_slice(&call);
            }
            _ => {
                packet.extend_from_slice(around.unwrap_or_default());
                packet.extend_from_slice(&message.body);
            }
        }
        around.is_some()
    }

    /// The object of a message that was compressed, as it was before.
    fn unpacked(&self, message: &Message) -> Option<Vec<u8>> {
        let is_packed = ids::id_of(&message.body) == ids::GZIP_PACKED;
        let packed: types::GzipPacked = is_packed.then(|| decode_boxed(&message.body).ok())??;
        gzip::unpack(&packed.packed_data, MAX_BODY_BYTES).ok()
    }

    /// Writes a container with the messages; returns its numbers, which come after theirs.
    fn write_container(&mut self, batch: &[Handle], packet: &mut Vec<u8>) -> (i64, i32) {
        packet.extend_from_slice(&ids::MSG_CONTAINER.to_le_bytes());
        let count = u32::try_from(batch.len()).unwrap_or(u32::MAX);
        packet.extend_from_slice(&count.to_le_bytes());
        for handle in batch {
            let at = packet.len();
            packet.extend_from_slice(&[0; MESSAGE_HEADER_BYTES]);
            let (msg_id, seq_no) = self.write_message(*handle, packet);
            let len = i32::try_from(packet.len() - at - MESSAGE_HEADER_BYTES).unwrap_or(i32::MAX);
            packet[at..at + 8].copy_from_slice(&msg_id.to_le_bytes());
            packet[at + 8..at + 12].copy_from_slice(&seq_no.to_le_bytes());
            packet[at + 12..at + 16].copy_from_slice(&len.to_le_bytes());
        }
        let parity = self.parity(false);
        let msg_id = self.message_ids.next(self.clock.server_time(), parity);
        self.outgoing.sent_container(msg_id, batch.to_vec());
        (msg_id, self.sequence.next(false))
    }

    /// Writes what a call has before it, if it comes after calls that are not answered.
    fn write_order(&self, message: &Message, packet: &mut Vec<u8>) {
        let unanswered = || {
            let of = |handle: &Handle| self.outgoing.get(*handle).map(|before| before.msg_id);
            message.after.iter().filter_map(of)
        };
        match (unanswered().count(), unanswered().next()) {
            (0, _) | (_, None) => {}
            (1, Some(msg_id)) => {
                packet.extend_from_slice(&ids::INVOKE_AFTER_MSG.to_le_bytes());
                packet.extend_from_slice(&msg_id.to_le_bytes());
            }
            (count, _) => {
                packet.extend_from_slice(&ids::INVOKE_AFTER_MSGS.to_le_bytes());
                packet.extend_from_slice(&VECTOR_ID.to_le_bytes());
                packet.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
                unanswered().for_each(|msg_id| packet.extend_from_slice(&msg_id.to_le_bytes()));
            }
        }
    }

    /// Sees to it that messages are asked after that nobody answers or acknowledges.
    fn watch(&mut self) {
        if self.inquire_at.is_none() {
            let delay = match self.role {
                Role::Client(_) => self.config.answer_timeout,
                Role::Server(_) => self.unacknowledged_timeout(),
            };
            self.inquire_in(delay);
        }
    }

    fn parity(&self, is_answer: bool) -> Parity {
        match self.role {
            Role::Client(_) => Parity::Client,
            Role::Server(_) if is_answer => Parity::ServerAnswer,
            Role::Server(_) => Parity::ServerNotice,
        }
    }
}
