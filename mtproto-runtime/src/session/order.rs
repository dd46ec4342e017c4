//! The order of calls: `invokeAfterMsg` and `invokeAfterMsgs`, as a server heeds them.
//!
//! [Sequential requests](https://core.telegram.org/api/invoking#sequential-requests)

use alloc::vec::Vec;
use core::time::Duration;

use super::acks::MAX_IDS;
use super::container::Message;
use super::received::{Received, status};
use super::responses::encode_error;
use super::server::{Running, Server};
use super::{Event, Role, RpcError, Session, SessionError, ids};
use crate::wire::Reader;

/// How long a call waits for those it comes after, before the client is told to repeat it.
const ORDER_TIMEOUT: Duration = Duration::from_millis(500);
/// So many calls may wait for others.
const MAX_WAITING: usize = 256;

/// A call that comes after others.
pub(super) struct Waiting {
    pub(super) msg_id: i64,
    after: Vec<i64>,
    query: Vec<u8>,
    pub(super) until: Duration,
}

/// How it stands with the calls before a call.
#[derive(PartialEq, Eq)]
enum Before {
    Done,
    Running,
    Failed,
}

/// Calls, from their message to their start.
impl Session {
    /// A call that comes after others.
    pub(super) fn call_after(&mut self, message: Message<'_>) -> Result<(), SessionError> {
        let mut r = Reader::new(message.body);
        let after = match r.id() {
            ids::INVOKE_AFTER_MSG => Vec::from([r.long()]),
            _ => r.vector(),
        };
        let query = r.rest();
        if r.finish().is_err() || query.len() < 4 || after.len() > MAX_IDS {
            return Err(self.malformed(message));
        }
        let query = match ids::id_of(query) {
            ids::GZIP_PACKED => self.unpack(Message {
                body: query,
                ..message
            })?,
            _ => query.to_vec(),
        };
        self.run(message.msg_id, false);
        let call = Waiting {
            msg_id: message.msg_id,
            after,
            query,
            until: self.clock.elapsed().saturating_add(ORDER_TIMEOUT),
        };
        match &mut self.role {
            Role::Server(server) if server.may_wait(&call, self.config.max_unpacked_bytes) => {
                server.waiting.push(call);
            }
            _ => self.fail_order(call.msg_id, "MSG_WAIT_TIMEOUT"),
        }
        self.start_waiting();
        Ok(())
    }

    /// Remembers a call until it is answered.
    pub(super) fn run(&mut self, msg_id: i64, is_bare: bool) {
        self.received.mark(msg_id, status::PROCESSING);
        if let Role::Server(server) = &mut self.role {
            let call = Running {
                is_bare,
                is_dropped: false,
            };
            server.running.insert(msg_id, call);
        }
    }

    pub(super) fn start(&mut self, msg_id: i64, body: Vec<u8>) {
        self.tell(Event::Call { msg_id, body });
    }

    /// Starts the calls whose predecessors are answered, and fails those with a predecessor that failed.
    pub(super) fn start_waiting(&mut self) {
        // Each that fails may be what others wait for.
        loop {
            let Role::Server(server) = &mut self.role else {
                return;
            };
            let all = core::mem::take(&mut server.waiting);
            let is_ready =
                |call: &Waiting| server.before(&self.received, &call.after) != Before::Running;
            let (ready, waiting): (Vec<_>, Vec<_>) = all.into_iter().partition(is_ready);
            server.waiting = waiting;
            if ready.is_empty() {
                return;
            }
            for call in ready {
                let before = match &self.role {
                    Role::Server(server) => server.before(&self.received, &call.after),
                    Role::Client(_) => Before::Done,
                };
                match before {
                    Before::Failed => self.fail_order(call.msg_id, "MSG_WAIT_FAILED"),
                    Before::Done | Before::Running => self.start(call.msg_id, call.query),
                }
            }
        }
    }

    /// Answers a call that can't be made after those it comes after. [`start_waiting`](Self::start_waiting) should follow.
    pub(super) fn fail_order(&mut self, msg_id: i64, message: &str) {
        // It is one of those that run: that it is answered already is all that could go wrong.
        let error = encode_error(&RpcError::new(400, message));
        let _ = error.and_then(|error| self.end_call(msg_id, error));
    }
}

impl Server {
    /// Whether there is room for one more call that waits, by number and by bytes.
    fn may_wait(&self, call: &Waiting, max_bytes: usize) -> bool {
        let bytes: usize = self.waiting.iter().map(|call| call.query.len()).sum();
        self.waiting.len() < MAX_WAITING && bytes.saturating_add(call.query.len()) <= max_bytes
    }

    /// How it stands with calls that another comes after. What is not known at all may still be on its way.
    fn before(&self, received: &Received, after: &[i64]) -> Before {
        let state = |msg_id: &i64| match received.status(*msg_id) {
            _ if self.running.contains_key(msg_id) => Before::Running,
            status::NOT_RECEIVED | status::TOO_HIGH => Before::Running,
            _ if received.has_failed(*msg_id) => Before::Failed,
            _ => Before::Done,
        };
        let states = || after.iter().map(state);
        if states().any(|state| state == Before::Failed) {
            Before::Failed
        } else if states().any(|state| state == Before::Running) {
            Before::Running
        } else {
            Before::Done
        }
    }
}
