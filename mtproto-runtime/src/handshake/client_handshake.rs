//! The client's steps as one value, for drivers that keep it beside a connection.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use rand_core::CryptoRng;

use super::client::{self, AwaitDhGen, AwaitDhParams, AwaitResPq, ClientConfig, DhGen, Done};
use super::codec::object_of;
use super::error::{HandshakeError, Message};
use crate::crypto::dh::DhPrimeCache;
use crate::schema::mtproto::{enums, types};
use crate::time::UnixTime;
use crate::wire::{Combinator, Reader, TlRead, TlWrite, Writer};

/// A client's handshake, whichever step it is at.
///
/// It belongs to no connection: when one is lost, [`unanswered`](Self::unanswered) goes out on the next.
#[derive(Debug)]
pub struct ClientHandshake {
    state: State,
    unanswered: Vec<u8>,
    /// The object of the answer before, which comes twice when its query was sent twice: maybe in another envelope, and with
    /// other bytes behind it.
    last_answer: Vec<u8>,
}

/// What to do after a message.
#[derive(Debug)]
pub enum ClientStep {
    /// Send this.
    Send(Vec<u8>),
    /// Nothing: it was the answer before, once more.
    Wait,
    /// Close the [`PlainGate`](crate::plain_message::PlainGate) and use the key.
    Done(Box<Done>),
}

#[derive(Debug)]
enum State {
    ResPq(Box<AwaitResPq>),
    DhParams(Box<AwaitDhParams>),
    DhGen(Box<AwaitDhGen>),
    Over,
}

impl ClientHandshake {
    /// Begins a handshake. The bytes are to be sent.
    ///
    /// # Errors
    ///
    /// As [`client::start`].
    pub fn start(
        config: ClientConfig,
        now: UnixTime,
        rng: &mut dyn CryptoRng,
    ) -> Result<(Self, Vec<u8>), HandshakeError> {
        let (state, query) = client::start(config, now, rng)?;
        let handshake = Self {
            state: State::ResPq(Box::new(state)),
            unanswered: query.clone(),
            last_answer: Vec::new(),
        };
        Ok((handshake, query))
    }

    /// Reads a message that has arrived.
    ///
    /// # Errors
    ///
    /// Why the handshake has failed. It is over then.
    pub fn handle(
        &mut self,
        now: UnixTime,
        payload: &[u8],
        primes: &mut DhPrimeCache,
        rng: &mut dyn CryptoRng,
    ) -> Result<ClientStep, HandshakeError> {
        // What is no answer at all, the step says better than this.
        let answer = object_of::<Answer>(Message::ResPq, payload).unwrap_or_default();
        let is_over = matches!(self.state, State::Over);
        if !is_over && !answer.is_empty() && answer == self.last_answer {
            return Ok(ClientStep::Wait);
        }
        // Whatever fails below leaves nothing behind to go on with.
        let (state, query) = match mem::replace(&mut self.state, State::Over) {
            State::ResPq(state) => {
                let (state, query) = state.on_message(now, payload, rng)?;
                (State::DhParams(Box::new(state)), query)
            }
            State::DhParams(state) => {
                let (state, query) = state.on_message(now, payload, primes, rng)?;
                (State::DhGen(Box::new(state)), query)
            }
            State::DhGen(state) => match state.on_message(now, payload, rng)? {
                DhGen::Retry(state, query) => (State::DhGen(Box::new(state)), query),
                DhGen::Done(done) => {
                    self.unanswered.clear();
                    return Ok(ClientStep::Done(Box::new(done)));
                }
            },
            State::Over => return Err(HandshakeError::NothingAwaited),
        };
        self.state = state;
        self.unanswered.clone_from(&query);
        self.last_answer = answer.to_vec();
        Ok(ClientStep::Send(query))
    }

    /// Ends the handshake when the transport delivers an error code in place of an answer.
    pub fn handle_transport_error(&mut self, code: i32) -> HandshakeError {
        self.unanswered.clear();
        match mem::replace(&mut self.state, State::Over) {
            State::ResPq(state) => state.on_transport_error(code),
            State::DhParams(state) => state.on_transport_error(code),
            State::DhGen(state) => state.on_transport_error(code),
            State::Over => HandshakeError::NothingAwaited,
        }
    }

    /// The query without an answer, to be sent again as it is: after a time without one, or on another connection. Empty when
    /// the handshake is over.
    pub fn unanswered(&self) -> &[u8] {
        match self.state {
            State::Over => &[],
            _ => &self.unanswered,
        }
    }
}

/// Any answer of a handshake.
enum Answer {
    ResPq(enums::ResPq),
    ServerDhParams(enums::ServerDhParams),
    DhGen(enums::SetClientDhParamsAnswer),
}

impl<'r> TlRead<'r> for Answer {
    extern "C" fn read_from(r: &mut Reader<'r>) -> Self {
        match r.peek_id() {
            types::ResPq::ID => Self::ResPq(r.read()),
            types::ServerDhParamsOk::ID | types::ServerDhParamsFail::ID => {
                Self::ServerDhParams(r.read())
            }
            _ => Self::DhGen(r.read()),
        }
    }
}

impl TlWrite for Answer {
    fn write_to(&self, w: &mut Writer) {
        match self {
            Self::ResPq(answer) => answer.write_to(w),
            Self::ServerDhParams(answer) => answer.write_to(w),
            Self::DhGen(answer) => answer.write_to(w),
        }
    }
}
