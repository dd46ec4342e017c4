//! Perfect forward secrecy: [temporary keys](https://core.telegram.org/api/pfs).
//!
//! A temporary key is bound to the permanent one, used for some time, and replaced by the next before it expires. Calls that
//! are under way at that moment get their answers still under the old key; new ones go under the new key. The permanent key
//! is not even here: only the call that binds needs it, and [`MakeBinding`] makes that.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use rand_core::CryptoRng;

use super::clock::Clock;
use super::envelope::auth_key_id;
use super::outgoing::Message;
use super::{
    ClientState, Config, EnvelopeError, Event, Handle, InvokeError, InvokeOptions, RpcError,
    Session, SessionError, Transmit, TypedHandle,
};
use crate::auth_key::AuthKey;
#[cfg(feature = "handshake")]
use crate::handshake::{PermanentKey, TemporaryKey, bind_temp_key};
use crate::time::UnixTime;
use crate::wire::{Function, decode, encode};

/// A temporary key is replaced when so much of its time is left, one part of so many.
const RENEWAL_PART: u32 = 8;
/// So long after a failure the next temporary key is asked for.
const RETRY_PAUSE: Duration = Duration::from_secs(5);
/// A permanent key that is younger is not given up for `ENCRYPTED_MESSAGE_INVALID`: the server may not know it yet
/// everywhere.
const IMMUNITY: Duration = Duration::from_secs(60);
/// Handles of the sessions are told apart by their upper bits.
const GENERATION_BITS: u32 = 40;

/// Makes the call `auth.bindTempAuthKey` for the message that carries it; called again whenever it is sent under another
/// msg_id.
pub type MakeBinding = Box<dyn FnMut(BindEnvelope, &mut dyn CryptoRng) -> Vec<u8> + Send + Sync>;

/// Where the call that binds travels: the message inside has to agree with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindEnvelope {
    /// Of the message with the call, and of the message inside.
    pub msg_id: i64,
    /// Of the session the call is made in: `temp_session_id`.
    pub session_id: i64,
}

/// What makes the call that binds keys of a [handshake](crate::handshake).
#[cfg(feature = "handshake")]
pub fn handshake_binding(permanent: PermanentKey, temporary: TemporaryKey) -> MakeBinding {
    Box::new(move |envelope, rng| {
        let envelope = bind_temp_key::Envelope {
            msg_id: envelope.msg_id,
            session_id: envelope.session_id,
        };
        let call = bind_temp_key::bind(&permanent, &temporary, envelope, rng);
        // Numbers and a hundred bytes: it always has a form.
        encode(&call).unwrap_or_default()
    })
}

/// The client side of sessions under temporary keys, one after another.
///
/// It is used like a [`Session`]. When it tells [`Event::TemporaryKeyWanted`], its owner makes a temporary key by a handshake
/// and gives it to [`temporary_key`](Self::temporary_key).
pub struct PfsSession {
    config: Config,
    clock: Clock,
    permanent_key_created: Duration,
    /// What initialises a connection; again after each binding.
    init_connection: Vec<u8>,
    generation: u64,
    /// Bound and in use.
    current: Option<Temporary>,
    /// About to be bound.
    next: Option<Temporary>,
    /// No longer in use, but for answers to earlier calls.
    retiring: Option<Temporary>,
    /// Calls that waited for a key which was not bound.
    orphans: Vec<(Handle, Message)>,
    /// When to ask for a key; `None` while one is on its way.
    want_at: Option<Duration>,
    events: VecDeque<Event>,
}

/// A temporary key with its session.
struct Temporary {
    session: Session,
    expires_at: Duration,
    binding: Handle,
    /// The server is said not to know it: nothing is sent under it, or every packet would bring the error again.
    is_unknown: bool,
}

impl PfsSession {
    /// A session without a key as yet. `init_connection` is what stands before the first call under each key, as in
    /// [`Session::set_init_connection`]; empty if there is none.
    pub fn new(
        config: Config,
        permanent_key_created: UnixTime,
        init_connection: Vec<u8>,
        now: UnixTime,
    ) -> Self {
        let now = now.since_epoch();
        Self {
            config,
            clock: Clock::of_client(now, None),
            permanent_key_created: permanent_key_created.since_epoch(),
            init_connection,
            generation: 0,
            current: None,
            next: None,
            retiring: None,
            orphans: Vec::new(),
            want_at: Some(now),
            events: VecDeque::new(),
        }
    }

    /// Takes a new temporary key, which holds for `expires_in`, and binds it by the call that `binding` makes. `state` is
    /// what the handshake has found.
    pub fn temporary_key(
        &mut self,
        key: AuthKey,
        state: &ClientState,
        expires_in: Duration,
        mut binding: MakeBinding,
        now: UnixTime,
        rng: &mut dyn CryptoRng,
    ) {
        self.clock.advance(now.since_epoch());
        self.generation += 1;
        let mut session = Session::client(self.config.clone(), key, state, now, rng);
        session
            .outgoing
            .start_handles_above(self.generation << GENERATION_BITS);
        if !self.init_connection.is_empty() {
            session.set_init_connection(self.init_connection.clone());
        }
        let binding = session.bind(Box::new(move |envelope, rng| binding(envelope, rng)));
        self.drop_next();
        for (handle, call) in self.orphans.drain(..) {
            session.outgoing.adopt(handle, call);
        }
        self.next = Some(Temporary {
            session,
            expires_at: self.clock.elapsed().saturating_add(expires_in),
            binding,
            is_unknown: false,
        });
        self.want_at = None;
    }

    /// As [`Session::invoke`].
    ///
    /// # Errors
    ///
    /// As [`Session::invoke`]; also [`InvokeError::NoKey`].
    pub fn invoke<F: Function>(&mut self, function: F) -> Result<TypedHandle<F>, InvokeError> {
        let handle = self.invoke_raw(encode(&function)?, InvokeOptions::default())?;
        Ok(TypedHandle::new(handle, function))
    }

    /// As [`Session::invoke_raw`]. Calls before the first key is bound are sent when it is.
    ///
    /// # Errors
    ///
    /// As [`Session::invoke_raw`]; [`InvokeError::NoKey`] before there was a temporary key.
    pub fn invoke_raw(
        &mut self,
        body: Vec<u8>,
        options: InvokeOptions,
    ) -> Result<Handle, InvokeError> {
        let before: Vec<Handle> = options
            .after
            .iter()
            .copied()
            .filter(|before| self.temporaries().any(|temporary| temporary.has(*before)))
            .collect();
        // The server keeps an order within a session alone: a call goes where those are that it comes after.
        let is_known = self
            .current
            .as_ref()
            .is_some_and(|current| !current.is_unknown);
        let usual = match is_known {
            true => [&mut self.current, &mut self.next, &mut self.retiring],
            false => [&mut self.next, &mut self.current, &mut self.retiring],
        };
        let mut usable: Vec<&mut Temporary> = usual.into_iter().flatten().collect();
        let best = usable
            .iter()
            .position(|temporary| before.iter().any(|before| temporary.has(*before)))
            .unwrap_or(0);
        let Some(temporary) = usable.get_mut(best) else {
            return Err(InvokeError::NoKey);
        };
        let handle = temporary.session.invoke_raw(body, options)?;
        // For those in other sessions it waits here.
        for before in before {
            temporary.session.outgoing.add_foreign(before);
        }
        Ok(handle)
    }

    /// As [`Session::cancel`].
    pub fn cancel(&mut self, handle: Handle) -> bool {
        let waiting = self.orphans.len();
        self.orphans.retain(|(orphan, _)| *orphan != handle);
        let was_waiting = self.orphans.len() < waiting;
        let is_cancelled = self
            .temporaries()
            .any(|temporary| temporary.session.cancel(handle));
        self.settle(handle);
        was_waiting || is_cancelled
    }

    /// As [`Session::handle_input`]; the key that a packet is encrypted with tells the session.
    ///
    /// # Errors
    ///
    /// As [`Session::handle_input`].
    pub fn handle_input(&mut self, now: UnixTime, packet: &mut [u8]) -> Result<(), SessionError> {
        let waiting = self.events.len();
        if waiting >= self.config.max_events {
            return Err(SessionError::EventsWaiting { waiting });
        }
        self.clock.advance(now.since_epoch());
        let id = match auth_key_id(packet) {
            Some(0) => return Err(EnvelopeError::Plaintext.into()),
            id => id,
        };
        let of_key = |temporary: &&mut Temporary| Some(temporary.session.key().id()) == id;
        let outcome = match self.temporaries().find(of_key) {
            Some(temporary) => temporary.session.handle_input(now, packet),
            None => Err(EnvelopeError::Unauthentic.into()),
        };
        self.collect();
        outcome
    }

    /// As [`Session::handle_timeout`].
    pub fn handle_timeout(&mut self, now: UnixTime) {
        self.clock.advance(now.since_epoch());
        let elapsed = self.clock.elapsed();
        for temporary in self.in_use() {
            temporary.session.handle_timeout(now);
        }
        if self.want_at.take_if(|at| *at <= elapsed).is_some() {
            self.events.push_back(Event::TemporaryKeyWanted);
        }
        if self
            .retiring
            .as_ref()
            .is_some_and(|old| old.expires_at <= elapsed)
        {
            self.retire_for_good();
        }
        self.collect();
    }

    /// As [`Session::poll_timeout`].
    pub fn poll_timeout(&self) -> Option<UnixTime> {
        let own = [
            self.want_at,
            self.retiring.as_ref().map(|old| old.expires_at),
        ];
        let own = own
            .into_iter()
            .flatten()
            .map(|at| UnixTime::from(self.clock.to_caller(at)));
        let of_sessions = [&self.next, &self.current, &self.retiring]
            .into_iter()
            .flatten()
            .filter(|temporary| !temporary.is_unknown)
            .filter_map(|temporary| temporary.session.poll_timeout());
        own.chain(of_sessions).min()
    }

    /// As [`Session::poll_transmit`].
    pub fn poll_transmit(&mut self, now: UnixTime, packet: &mut Vec<u8>) -> Option<Transmit> {
        self.clock.advance(now.since_epoch());
        self.in_use()
            .find_map(|temporary| temporary.session.poll_transmit(now, packet))
    }

    /// As [`Session::poll_request`]. With `always`, it is the session under the newest key that waits for what the server has to
    /// say.
    pub fn poll_request(
        &mut self,
        now: UnixTime,
        max_wait: i32,
        always: bool,
        packet: &mut Vec<u8>,
    ) -> Option<Transmit> {
        self.clock.advance(now.since_epoch());
        let asking = self
            .in_use()
            .find_map(|temporary| temporary.session.poll_request(now, max_wait, false, packet));
        if asking.is_some() || !always {
            return asking;
        }
        let newest = self.in_use().next()?;
        newest.session.poll_request(now, max_wait, true, packet)
    }

    /// As [`Session::poll_event`].
    pub fn poll_event(&mut self) -> Option<Event> {
        self.collect();
        self.events.pop_front()
    }

    /// As [`Session::reconnected`].
    pub fn reconnected(&mut self, now: UnixTime) {
        self.clock.advance(now.since_epoch());
        for temporary in self.in_use() {
            temporary.session.reconnected(now);
        }
    }

    /// As [`Session::use_connection`].
    pub fn use_connection(&mut self, connection: u8) {
        for temporary in self.temporaries() {
            temporary.session.use_connection(connection);
        }
    }

    /// As [`Session::connection_ended`].
    pub fn connection_ended(&mut self, connection: u8, now: UnixTime) {
        self.clock.advance(now.since_epoch());
        for temporary in self.in_use() {
            temporary.session.connection_ended(connection, now);
        }
    }

    /// As [`Session::handle_transport_error`]. After 404 the server may have lost temporary keys: another one is asked for,
    /// and takes the calls over. The permanent key stays: nobody vouches for the error.
    pub fn handle_transport_error(&mut self, now: UnixTime, error: i32) {
        self.clock.advance(now.since_epoch());
        let code = error.unsigned_abs();
        if code == 404 {
            for temporary in [&mut self.current, &mut self.retiring]
                .into_iter()
                .flatten()
            {
                temporary.is_unknown = true;
            }
            if self.next.is_some() {
                self.bind_another();
            } else if let Some(want_at) = &mut self.want_at {
                *want_at = self.clock.elapsed();
            }
        }
        self.events.push_back(Event::TransportError { code });
    }

    /// As [`Session::handle_quick_ack`].
    pub fn handle_quick_ack(&mut self, token: u32) -> bool {
        self.temporaries()
            .any(|temporary| temporary.session.handle_quick_ack(token))
    }

    /// As [`Session::pending`], of the session that the next call goes to; `None` if calls are refused because there is
    /// [no key](InvokeError::NoKey).
    pub fn pending(&self) -> Option<(usize, usize)> {
        let is_known = |temporary: &&Temporary| !temporary.is_unknown;
        let next = self.current.as_ref().filter(is_known);
        let next = next.or(self.next.as_ref()).or(self.current.as_ref());
        let next = next.or(self.retiring.as_ref())?;
        Some(next.session.pending())
    }

    /// What is known apart from temporary keys, which are not worth to be stored: the server's time.
    pub fn export(&self) -> ClientState {
        let newest = self.next.as_ref().or(self.current.as_ref());
        let state = newest.map(|temporary| temporary.session.export());
        ClientState {
            server_time_offset_nanos: state.and_then(|state| state.server_time_offset_nanos),
            ..ClientState::default()
        }
    }

    /// The session under the key in use.
    pub fn current(&self) -> Option<&Session> {
        self.current.as_ref().map(|current| &current.session)
    }

    fn temporaries(&mut self) -> impl Iterator<Item = &mut Temporary> {
        [&mut self.next, &mut self.current, &mut self.retiring]
            .into_iter()
            .flatten()
    }

    /// Those that the server knows, as far as is known.
    fn in_use(&mut self) -> impl Iterator<Item = &mut Temporary> {
        self.temporaries().filter(|temporary| !temporary.is_unknown)
    }

    /// Takes over the events of the sessions, except those of the binding.
    fn collect(&mut self) {
        let mut events = Vec::new();
        for temporary in self.temporaries() {
            let binding = temporary.binding;
            while let Some(event) = temporary.session.poll_event() {
                events.push((event.handle() == Some(binding), event));
            }
        }
        for (is_of_binding, event) in events {
            if is_of_binding {
                self.on_binding(event);
                continue;
            }
            match event.handle() {
                Some(handle) if event.is_last() => self.settle(handle),
                _ => {}
            }
            self.events.push_back(event);
        }
        if self
            .retiring
            .as_ref()
            .is_some_and(|old| !old.session.has_calls())
        {
            self.retiring = None;
        }
    }

    /// A call is done: calls of other sessions that come after it need not wait any longer.
    fn settle(&mut self, handle: Handle) {
        for temporary in self.temporaries() {
            temporary.session.outgoing.settle_foreign(handle);
        }
    }

    /// The server has answered the call that binds.
    fn on_binding(&mut self, event: Event) {
        match event {
            Event::Acknowledged { .. } => {}
            Event::Result { body, .. } if decode(&body) == Ok(true) => self.swap_over(),
            Event::Error { error, .. } if error.message == "ENCRYPTED_MESSAGE_INVALID" => {
                let age = self
                    .clock
                    .elapsed()
                    .saturating_sub(self.permanent_key_created);
                if age > IMMUNITY {
                    self.drop_next();
                    self.events.push_back(Event::PermanentKeyInvalid);
                } else {
                    self.binding_failed(Some(error));
                }
            }
            Event::Error { error, .. } => self.binding_failed(Some(error)),
            _ => self.binding_failed(None),
        }
    }

    fn binding_failed(&mut self, error: Option<RpcError>) {
        self.bind_another();
        self.events.push_back(Event::BindingFailed { error });
    }

    /// Puts the new key to use. The one before stays for its answers, unless the server does not know it.
    fn swap_over(&mut self) {
        let Some(bound) = self.next.take() else {
            return;
        };
        let auth_key_id = bound.session.key().id();
        let lifetime = bound.expires_at.saturating_sub(self.clock.elapsed());
        self.want_at = Some(bound.expires_at.saturating_sub(lifetime / RENEWAL_PART));
        self.retire_for_good();
        self.retiring = self.current.replace(bound);
        if self.retiring.as_ref().is_some_and(|old| old.is_unknown) {
            self.retire_for_good();
        }
        self.events
            .push_back(Event::TemporaryKeyBound { auth_key_id });
    }

    /// Gives up the old key: calls that it left unanswered are made under the one in use.
    fn retire_for_good(&mut self) {
        if let Some(mut old) = self.retiring.take()
            && let Some(heir) = &mut self.current
        {
            heir.inherit(&mut old);
        }
    }

    /// Gives up the key that could not be bound, and asks for another one after a pause.
    fn bind_another(&mut self) {
        self.drop_next();
        self.want_at = Some(self.clock.elapsed().saturating_add(RETRY_PAUSE));
    }

    /// Forgets a key that is not bound. Calls that waited for it go on under the one in use, or wait for the next one.
    fn drop_next(&mut self) {
        let Some(mut next) = self.next.take() else {
            return;
        };
        next.session.outgoing.remove(next.binding);
        match &mut self.current {
            Some(current) => current.inherit(&mut next),
            None => self.orphans = next.session.outgoing.take_calls().0,
        }
    }
}

impl Temporary {
    /// Whether a call is in its session, and not done.
    fn has(&self, handle: Handle) -> bool {
        self.session.outgoing.get(handle).is_some()
    }

    /// Takes over the calls of another.
    fn inherit(&mut self, other: &mut Self) {
        let (calls, foreign) = other.session.outgoing.take_calls();
        for (handle, call) in calls {
            self.session.outgoing.adopt(handle, call);
        }
        for handle in foreign {
            self.session.outgoing.add_foreign(handle);
        }
    }
}
