//! The server's steps as one value, with what [the page](https://core.telegram.org/mtproto/auth_key) says about lost and
//! wrong queries: the same query gets the same answer for ten minutes, and after a wrong one nothing gets any.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use rand_core::CryptoRng;

use super::codec::object_of;
use super::error::{HandshakeError, Message};
use super::server::{
    self, AwaitReqDhParams, AwaitSetClientDhParams, Done, EXCHANGE_LIFETIME, FirstQuery,
    KeyProposal, ServerConfig,
};
use crate::crypto::hash::sha256;
use crate::schema::mtproto::functions;
use crate::time::UnixTime;
use crate::wire::{Combinator, Int128, Reader, TlRead, TlWrite, Writer};

/// A server's handshake with one client, whichever step it is at.
///
/// A driver keeps them by their nonce, as many as it likes to: see [`nonce_of`]. A client may go on with an exchange on
/// another connection.
#[derive(Debug)]
pub struct ServerHandshake {
    state: State,
    started_at: UnixTime,
    /// No longer than the attempts that the configuration allows, and two.
    answered: Vec<Answered>,
}

/// What to do after a message.
#[derive(Debug)]
pub enum ServerStep {
    /// Send this.
    Send(Vec<u8>),
    /// Nothing: the query is known, and its answer is the caller's to decide on.
    Wait,
    /// Find out whether a key has this id already, then [`accept`](ServerHandshake::accept),
    /// [`retry`](ServerHandshake::retry) or [`reject`](ServerHandshake::reject).
    CheckAuthKeyId(u64),
    /// Send this error code of the transport. The exchange is over.
    Refuse {
        /// -404 or -444.
        code: i32,
        /// Why, for this side alone.
        error: HandshakeError,
    },
}

#[derive(Debug)]
enum State {
    ReqDhParams(Box<AwaitReqDhParams>),
    SetClientDhParams(Box<AwaitSetClientDhParams>),
    /// With the digest of the query that the proposal came in.
    Proposal(Box<KeyProposal>, QueryDigest),
    Done,
    Poisoned,
}

/// SHA-256 of the object, without what stands around it.
type QueryDigest = [u8; 32];

#[derive(Debug)]
struct Answered {
    query: QueryDigest,
    answer: Vec<u8>,
}

/// The nonce of a client's message in the plain: the exchange that it is of. `None` if it is no message of a handshake.
pub fn nonce_of(payload: &[u8]) -> Option<Int128> {
    let query: Query = super::codec::read_message(Message::ReqPqMulti, payload).ok()?;
    Some(match query {
        Query::First(query) => query.nonce(),
        Query::ReqDhParams(query) => query.nonce,
        Query::SetClientDhParams(query) => query.nonce,
    })
}

impl ServerHandshake {
    /// Reads the first query of an exchange. The bytes are to be sent.
    ///
    /// # Errors
    ///
    /// As [`server::start`]: there is no exchange then, and the answer is the error's
    /// [code](HandshakeError::refusal_code).
    pub fn start(
        config: &ServerConfig,
        now: UnixTime,
        payload: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<(Self, Vec<u8>), HandshakeError> {
        let (state, answer) = server::start(config, now, payload, rng)?;
        let query = digest(Message::ReqPqMulti, payload)?;
        let handshake = Self {
            state: State::ReqDhParams(Box::new(state)),
            started_at: now,
            answered: Vec::from([Answered {
                query,
                answer: answer.clone(),
            }]),
        };
        Ok((handshake, answer))
    }

    /// Reads a message of this exchange.
    pub fn handle(
        &mut self,
        config: &ServerConfig,
        now: UnixTime,
        payload: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> ServerStep {
        self.try_handle(config, now, payload, rng)
            .unwrap_or_else(|error| {
                self.state = State::Poisoned;
                self.answered.clear();
                ServerStep::Refuse {
                    code: error.refusal_code(),
                    error,
                }
            })
    }

    /// No other key has the id: sends `dh_gen_ok`.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::NothingAwaited`] if no [`ServerStep::CheckAuthKeyId`] is open.
    pub fn accept(&mut self, now: UnixTime) -> Result<(Done, Vec<u8>), HandshakeError> {
        let (proposal, query) = self.take_proposal()?;
        let (done, answer) = proposal.accept(now)?;
        self.state = State::Done;
        self.remember(query, &answer);
        Ok((done, answer))
    }

    /// Another key has the id: sends `dh_gen_retry`, or `dh_gen_fail` when there were too many.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::NothingAwaited`] if no [`ServerStep::CheckAuthKeyId`] is open.
    pub fn retry(
        &mut self,
        config: &ServerConfig,
        now: UnixTime,
    ) -> Result<Vec<u8>, HandshakeError> {
        let (proposal, query) = self.take_proposal()?;
        let (state, answer) = proposal.retry(config, now)?;
        self.state = match state {
            Some(state) => State::SetClientDhParams(Box::new(state)),
            None => State::Done,
        };
        self.remember(query, &answer);
        Ok(answer)
    }

    /// The server wants no key: sends `dh_gen_fail`.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::NothingAwaited`] if no [`ServerStep::CheckAuthKeyId`] is open.
    pub fn reject(&mut self, now: UnixTime) -> Result<Vec<u8>, HandshakeError> {
        let (proposal, query) = self.take_proposal()?;
        let answer = proposal.reject(now)?;
        self.state = State::Done;
        self.remember(query, &answer);
        Ok(answer)
    }

    /// Whether the exchange is to be forgotten: its ten minutes are over.
    pub fn is_expired(&self, now: UnixTime) -> bool {
        now.since(self.started_at) > EXCHANGE_LIFETIME
    }

    fn try_handle(
        &mut self,
        config: &ServerConfig,
        now: UnixTime,
        payload: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<ServerStep, HandshakeError> {
        if matches!(self.state, State::Poisoned) {
            return Err(HandshakeError::Poisoned);
        }
        if self.is_expired(now) {
            return Err(HandshakeError::Expired);
        }
        let query = digest(self.awaited(), payload)?;
        if let Some(known) = self.answered.iter().find(|known| known.query == query) {
            return Ok(ServerStep::Send(known.answer.clone()));
        }
        // Whatever fails below leaves nothing behind to go on with.
        match mem::replace(&mut self.state, State::Poisoned) {
            State::ReqDhParams(state) => {
                let (state, answer) = state.on_message(config, now, payload, rng)?;
                self.state = State::SetClientDhParams(Box::new(state));
                self.remember(query, &answer);
                Ok(ServerStep::Send(answer))
            }
            State::SetClientDhParams(state) => {
                let proposal = state.on_message(config, now, payload)?;
                let auth_key_id = proposal.auth_key_id();
                self.state = State::Proposal(Box::new(proposal), query);
                Ok(ServerStep::CheckAuthKeyId(auth_key_id))
            }
            State::Proposal(proposal, proposed) if proposed == query => {
                self.state = State::Proposal(proposal, proposed);
                Ok(ServerStep::Wait)
            }
            State::Proposal(..) | State::Done => Err(HandshakeError::NothingAwaited),
            State::Poisoned => Err(HandshakeError::Poisoned),
        }
    }

    fn awaited(&self) -> Message {
        match self.state {
            State::ReqDhParams(_) => Message::ReqDhParams,
            _ => Message::SetClientDhParams,
        }
    }

    fn take_proposal(&mut self) -> Result<(Box<KeyProposal>, QueryDigest), HandshakeError> {
        match mem::replace(&mut self.state, State::Poisoned) {
            State::Proposal(proposal, query) => Ok((proposal, query)),
            state => {
                self.state = state;
                Err(HandshakeError::NothingAwaited)
            }
        }
    }

    fn remember(&mut self, query: QueryDigest, answer: &[u8]) {
        let answer = answer.to_vec();
        self.answered.push(Answered { query, answer });
    }
}

/// Any query of a handshake.
enum Query {
    First(FirstQuery),
    ReqDhParams(functions::ReqDhParams),
    SetClientDhParams(functions::SetClientDhParams),
}

impl<'r> TlRead<'r> for Query {
    extern "C" fn read_from(r: &mut Reader<'r>) -> Self {
        match r.peek_id() {
            functions::ReqDhParams::ID => Self::ReqDhParams(r.read()),
            functions::SetClientDhParams::ID => Self::SetClientDhParams(r.read()),
            _ => Self::First(r.read()),
        }
    }
}

impl TlWrite for Query {
    fn write_to(&self, w: &mut Writer) {
        match self {
            Self::First(query) => query.write_to(w),
            Self::ReqDhParams(query) => query.write_to(w),
            Self::SetClientDhParams(query) => query.write_to(w),
        }
    }
}

/// What "exactly the same request" is told by.
fn digest(message: Message, payload: &[u8]) -> Result<QueryDigest, HandshakeError> {
    Ok(sha256(&[object_of::<Query>(message, payload)?]))
}
