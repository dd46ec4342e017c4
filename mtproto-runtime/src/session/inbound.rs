//! From packets to messages: which are accepted, and what containers, copies and compressed objects hold.

use super::bad_msg::BadMsg;
use super::container::{Message, Messages, split};
use super::envelope::{self, Opened};
use super::gzip;
use super::ids::{self, id_of};
use super::message_id::{self, Age, is_from};
use super::received::Novelty;
use super::sequence::is_content_related;
use super::{Event, Role, Session, SessionError};
use crate::time::UnixTime;
use crate::wire::Reader;

/// What a message is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// All of it.
    All,
    /// `bad_msg_notification` and `bad_server_salt` alone: its time is off, but so may be ours.
    Notifications,
}

/// What is around a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// The msg_id of the packet: when the other side sent it.
    pub(super) sent_as: i64,
    pub(super) reading: Reading,
    in_container: bool,
    in_copy: bool,
    in_gzip: bool,
}

impl Session {
    /// Takes a packet, which is decrypted in place.
    ///
    /// # Errors
    ///
    /// Why the packet was not accepted. [`SessionError::EventsWaiting`] and [`SessionError::CallsWaiting`] leave the packet as
    /// it was.
    pub fn handle_input(&mut self, now: UnixTime, packet: &mut [u8]) -> Result<(), SessionError> {
        self.check_room()?;
        let sender = self.side().other();
        let opened = match self.version {
            Some(version) => envelope::open(&self.key, sender, version, packet)?,
            None => envelope::open_any(&self.key, sender, packet)?,
        };
        self.handle_message(now, &opened)
    }

    /// Takes a message that has been decrypted with the [key](Self::key) of this session.
    ///
    /// # Errors
    ///
    /// As [`handle_input`](Self::handle_input).
    pub fn handle_message(
        &mut self,
        now: UnixTime,
        opened: &Opened<'_>,
    ) -> Result<(), SessionError> {
        self.check_room()?;
        self.unpacked_left = self.config.max_unpacked_bytes;
        self.clock.advance(now.since_epoch());
        if opened.session_id != self.session_id {
            return Err(SessionError::SessionId {
                found: opened.session_id,
                expected: self.session_id,
            });
        }
        // Whoever speaks 1.0 does not understand 2.0.
        if let Role::Server(_) = self.role {
            self.version = Some(opened.version);
        }
        let message = Message {
            msg_id: opened.msg_id,
            seq_no: opened.seq_no,
            body: opened.body,
        };
        let reading = match self.role {
            Role::Client(_) => self.check_servers(message)?,
            Role::Server(_) => self.check_clients(message, opened.salt)?,
        };
        let around = Around {
            sent_as: message.msg_id,
            reading,
            in_container: false,
            in_copy: false,
            in_gzip: false,
        };
        let outcome = self.read_new(message, around);
        self.ask_for_answers();
        outcome
    }

    /// Reads a message that has not been received before, and remembers it.
    fn read_new(&mut self, message: Message<'_>, around: Around) -> Result<(), SessionError> {
        if id_of(message.body) == ids::MSG_CONTAINER {
            return self.read_container(message, around);
        }
        if around.reading == Reading::All {
            self.remember(message);
        }
        self.read_object(message, around)
    }

    /// Remembers a message, and that it has to be acknowledged.
    fn remember(&mut self, message: Message<'_>) {
        let is_container = id_of(message.body) == ids::MSG_CONTAINER;
        self.received
            .insert(message.msg_id, message.seq_no, is_container);
        self.acknowledge(message);
        if let Role::Server(_) = self.role {
            self.note_session(message.msg_id);
        }
    }

    /// Owes an acknowledgment, if the message wants one.
    pub(super) fn acknowledge(&mut self, message: Message<'_>) {
        if is_content_related(message.seq_no) {
            self.acks.push(message.msg_id, self.clock.elapsed());
        }
    }

    /// Reads the object in a message.
    pub(super) fn read_object(
        &mut self,
        message: Message<'_>,
        around: Around,
    ) -> Result<(), SessionError> {
        match id_of(message.body) {
            ids::GZIP_PACKED => self.read_packed(message, around),
            ids::MSG_COPY => self.read_copy(message, around),
            ids::MSG_CONTAINER if around.in_gzip => self.read_container(message, around),
            ids::BAD_MSG_NOTIFICATION | ids::BAD_SERVER_SALT => self.on_bad_msg(message, around),
            _ if around.reading == Reading::Notifications => Err(SessionError::Window {
                msg_id: message.msg_id,
            }),
            id => self.read_service(id, message, around),
        }
    }

    /// Reads a container, after all of it has been checked. A message in it that can't be read does not hurt the others.
    fn read_container(
        &mut self,
        container: Message<'_>,
        around: Around,
    ) -> Result<(), SessionError> {
        let messages =
            self.check_container(container, around)
                .map_err(|reason| match self.role {
                    Role::Client(_) => SessionError::Container {
                        msg_id: container.msg_id,
                    },
                    Role::Server(_) => self.refuse(container, reason),
                })?;
        let inner = Around {
            in_container: true,
            ..around
        };
        let mut read_any = false;
        let session_id = self.session_id;
        for message in messages {
            match self.read_inner(message, inner) {
                Ok(()) => read_any = true,
                Err(SessionError::Window { .. }) => {}
                Err(error) => self.tell(Event::Discarded { error }),
            }
            // A notification in it has made this side leave the session, and the rest belongs to that.
            if self.session_id != session_id {
                return Ok(());
            }
        }
        if around.reading == Reading::All {
            // After its contents, which its seq_no is not below.
            self.remember(container);
        } else if !read_any {
            return Err(SessionError::Window {
                msg_id: container.msg_id,
            });
        }
        Ok(())
    }

    /// Reads a message in a container, if it is new.
    fn read_inner(&mut self, message: Message<'_>, around: Around) -> Result<(), SessionError> {
        match self.received.novelty(message.msg_id) {
            Novelty::New => self.read_new(message, around),
            Novelty::Duplicate { .. } => {
                self.repeat(message);
                Ok(())
            }
            Novelty::TooOld => {
                if around.reading == Reading::All {
                    self.on_too_old(message);
                }
                Err(SessionError::Duplicate {
                    msg_id: message.msg_id,
                })
            }
        }
    }

    /// Checks the form of a container and the numbers of its messages.
    fn check_container<'m>(
        &self,
        container: Message<'m>,
        around: Around,
    ) -> Result<Messages<'m>, BadMsg> {
        let nested = around.in_container || around.in_copy;
        let body = container.body.get(4..).unwrap_or_default();
        let messages = Messages::read(body).map_err(|_| BadMsg::Container)?;
        if nested {
            return Err(BadMsg::Container);
        }
        let mut before: Option<Message<'_>> = None;
        for message in messages {
            let is_below = message.msg_id < container.msg_id && message.msg_id > 0;
            if !is_below || !is_from(message.msg_id, self.side().other()) {
                return Err(BadMsg::Container);
            }
            if id_of(message.body) == ids::MSG_CONTAINER {
                return Err(BadMsg::Container);
            }
            if let Role::Server(_) = self.role {
                self.check_inner_sequence(message, before)?;
            }
            before = Some(message);
        }
        Ok(messages)
    }

    /// What a duplicate gets: its acknowledgment once more, and a server's answer once more.
    pub(super) fn repeat(&mut self, message: Message<'_>) {
        self.acknowledge(message);
        if let Role::Server(_) = self.role {
            self.answer_again(message.msg_id);
        }
    }

    /// Reads the object in `gzip_packed`.
    fn read_packed(&mut self, message: Message<'_>, around: Around) -> Result<(), SessionError> {
        if around.in_gzip {
            return Err(self.malformed(message));
        }
        let object = self.unpack(message)?;
        let inner = Around {
            in_gzip: true,
            ..around
        };
        self.read_object(
            Message {
                body: &object,
                ..message
            },
            inner,
        )
    }

    /// Decompresses `gzip_packed`.
    pub(super) fn unpack(
        &mut self,
        message: Message<'_>,
    ) -> Result<alloc::vec::Vec<u8>, SessionError> {
        let mut r = Reader::new(message.body.get(4..).unwrap_or_default());
        let packed: &[u8] = r.read();
        if r.finish().is_err() {
            return Err(self.malformed(message));
        }
        gzip::unpack_within(packed, &mut self.unpacked_left).map_err(|error| SessionError::Gzip {
            msg_id: message.msg_id,
            error,
        })
    }

    /// Reads `msg_copy`: as if the message in it stood there by itself.
    fn read_copy(&mut self, copy: Message<'_>, around: Around) -> Result<(), SessionError> {
        let invalid = SessionError::Container {
            msg_id: copy.msg_id,
        };
        let original = match copy.body.split_at_checked(8) {
            Some((head, rest)) if id_of(&head[4..]) == ids::MESSAGE => split(rest),
            _ => None,
        };
        match original {
            Some((original, [])) if !around.in_copy => {
                let is_below = original.msg_id < copy.msg_id && original.msg_id > 0;
                if !is_below || !is_from(original.msg_id, self.side().other()) {
                    return Err(invalid);
                }
                let inner = Around {
                    in_copy: true,
                    ..around
                };
                self.read_inner(original, inner)
            }
            _ => Err(invalid),
        }
    }

    /// Whether there is room for what a packet may bring.
    fn check_room(&self) -> Result<(), SessionError> {
        let waiting = self.events.len();
        if waiting >= self.config.max_events {
            return Err(SessionError::EventsWaiting { waiting });
        }
        if let Role::Server(server) = &self.role {
            // Each call becomes an answer, which can make room once it is sent.
            let (unanswered, unsent) = (server.unanswered(), self.outgoing.queued_payloads());
            let (_, bytes) = self.outgoing.payloads();
            let is_full = unanswered + unsent >= self.config.max_pending
                || (unsent > 0 && bytes > self.config.max_pending_bytes);
            if is_full {
                return Err(SessionError::CallsWaiting { unanswered, unsent });
            }
        }
        Ok(())
    }

    /// How a message lies to the server's time, if that is known.
    pub(super) fn age(&self, message: Message<'_>) -> Age {
        match self.clock.is_trusted() {
            true => message_id::age(message.msg_id, self.clock.server_time()),
            false => Age::Fresh,
        }
    }

    /// The error for a message that can't be read.
    pub(super) fn malformed(&self, message: Message<'_>) -> SessionError {
        SessionError::Malformed {
            msg_id: message.msg_id,
            constructor_id: id_of(message.body),
        }
    }
}
