//! The task of one connection: packets to sessions, and what these have to say back.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::{Future as _, poll_fn};
use core::pin::{Pin, pin};
use core::sync::atomic::Ordering;
use core::task::{Context, Poll};

use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::calls::{self, Counter};
use super::keys::{Key, Reply, ServerSession};
#[cfg(feature = "tamper")]
use super::tamper::Outgoing;
use super::{CallHandler, Control, ServerEvent, Shared, lock};
use crate::crypto::kdf::Side;
use crate::net::LinkError;
#[cfg(feature = "http")]
use crate::net::link::HttpWait;
use crate::net::link::{Link, read_some};
use crate::net::random::{self, SystemRng};
use crate::net::stream::Stream;
use crate::schema::mtproto::enums;
use crate::session::envelope::{self, Version};
use crate::session::{Event, Session};
use crate::time::UnixTime;
use crate::transport::{Accepted, Acceptor, Frame, TransportError};

/// So many sessions may share a connection; clients have one or two.
const MAX_SESSIONS: usize = 16;

/// Serves a connection to its end.
pub(super) async fn serve<H: CallHandler>(
    shared: &Shared,
    handler: &Arc<H>,
    stream: Stream,
    control: &Arc<Control>,
    mut wakes: mpsc::Receiver<()>,
) -> LinkError {
    let limit = shared.config.accept_timeout;
    let mut accepting = pin!(timeout(limit, accept(shared, stream)));
    let accepted = poll_fn(|cx| {
        // There are no sessions yet: this can only be the end.
        if wakes.poll_recv(cx).is_ready() {
            return Poll::Ready(Ok(Err(LinkError::Shutdown)));
        }
        accepting.as_mut().poll(cx)
    });
    let mut link = match accepted.await {
        Ok(Ok(link)) => link,
        Ok(Err(error)) => return error,
        Err(_) => return LinkError::Unresponsive,
    };
    shared.tell(&ServerEvent::Connected);
    let mut connection = Connection {
        shared,
        handler,
        control,
        wakes,
        sessions: VecDeque::new(),
        version: shared.config.session.server_version(),
        counter: Counter::new(control),
        sleep: Box::pin(sleep_until(Instant::now())),
        rng: random::system(),
        events: VecDeque::new(),
        first_by: Some(Instant::now() + shared.config.first_message_timeout),
        is_http: link.is_http(),
        #[cfg(feature = "http")]
        http_wait: None,
    };
    loop {
        if let Err(error) = connection.turn(&mut link).await {
            connection.leave();
            return error;
        }
    }
}

/// Finds out what transport the client speaks.
async fn accept(shared: &Shared, mut stream: Stream) -> Result<Link, LinkError> {
    let mut acceptor = Acceptor::new(shared.config.accept.clone());
    let mut rng = random::system();
    loop {
        let mut out = Vec::new();
        let unix_time = u32::try_from(shared.clock.now().as_secs()).unwrap_or(u32::MAX);
        let was_there = acceptor.tls_hello().is_some();
        let accepted = acceptor.poll(unix_time, &mut out, &mut rng)?;
        if let Some(hello) = acceptor.tls_hello().filter(|_| !was_there)
            && !lock(&shared.hellos).is_new(hello)
        {
            return Err(LinkError::Replayed);
        }
        stream.write_all(&out).await?;
        stream.flush().await?;
        match accepted {
            Some(Accepted::Packets { connection, .. }) => return Ok(Link::new(stream, connection)),
            #[cfg(feature = "http")]
            Some(Accepted::Http(requests)) => return Ok(Link::http_server(stream, requests)),
            #[cfg(not(feature = "http"))]
            Some(Accepted::Http(_)) => return Err(LinkError::Unsupported("HTTP")),
            None => {}
        }
        let len = read_some(&mut stream, acceptor.spare()).await?;
        acceptor.filled(len.ok_or(LinkError::Closed)?);
    }
}

struct Connection<'s, H> {
    shared: &'s Shared,
    handler: &'s Arc<H>,
    control: &'s Arc<Control>,
    wakes: mpsc::Receiver<()>,
    /// Those whose client was heard from here, with their keys.
    sessions: VecDeque<(Arc<Key>, Arc<ServerSession>)>,
    /// What the client speaks. None before the first packet, if the server takes any.
    version: Option<Version>,
    counter: Counter,
    sleep: Pin<Box<Sleep>>,
    rng: SystemRng,
    /// What a session has told, to be seen to.
    events: VecDeque<Event>,
    /// When there has to be a message under a key. None once there was one.
    first_by: Option<Instant>,
    /// Whether the client may have other connections for the same session, and each answer is for one request.
    is_http: bool,
    /// What the client says about the answer to the last packet.
    #[cfg(feature = "http")]
    http_wait: Option<HttpWait>,
}

/// What is done with a packet at once.
enum Answer {
    Reply(Reply),
    QuickAck(u32),
    /// The session will have one.
    OfSession,
    #[cfg(feature = "tamper")]
    Tampered(Vec<Outgoing>),
}

impl<H: CallHandler> Connection<'_, H> {
    /// Reads what has come, sends what there is, and waits for something to happen.
    async fn turn(&mut self, link: &mut Link) -> Result<(), LinkError> {
        self.read(link)?;
        if self.first_by.is_some_and(|by| by <= Instant::now()) {
            return Err(LinkError::Unresponsive);
        }
        let of_sessions = self.look_after_sessions(link)?;
        let of_sessions = of_sessions.map(|at| self.shared.clock.instant(at));
        let deadline = of_sessions.into_iter().chain(self.first_by).min();
        if let Some(deadline) = deadline
            && self.sleep.deadline() != deadline
        {
            self.sleep.as_mut().reset(deadline);
        }
        let reads = self.may_read(link);
        poll_fn(|cx| self.poll_wake(cx, link, deadline.is_some(), reads)).await?;
        if self.control.is_closed.load(Ordering::Acquire) {
            return Err(LinkError::Shutdown);
        }
        Ok(())
    }

    /// Whether the client may say more: not if it does not listen, or has much unanswered.
    fn may_read(&self, link: &Link) -> bool {
        link.has_room() && self.counter.count() < self.shared.config.max_calls.max(1)
    }

    fn poll_wake(
        &mut self,
        cx: &mut Context<'_>,
        link: &mut Link,
        timed: bool,
        reads: bool,
    ) -> Poll<Result<(), LinkError>> {
        if self.wakes.poll_recv(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        if timed && self.sleep.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        link.poll_turn(cx, reads)
    }

    fn read(&mut self, link: &mut Link) -> Result<(), LinkError> {
        while self.may_read(link) {
            let answer = match link.next_frame()? {
                None => break,
                Some(Frame::Packet { payload, quick_ack }) => self.handle(payload, quick_ack)?,
                Some(_) => continue,
            };
            match answer {
                Answer::Reply(Reply::Packet(packet)) => link.push(&packet, &mut self.rng)?,
                Answer::Reply(Reply::Error(error)) => link.push_error(error, &mut self.rng)?,
                Answer::Reply(Reply::Nothing) => link.push_nothing()?,
                Answer::QuickAck(token) => link.push_quick_ack(token, &mut self.rng)?,
                Answer::OfSession => {}
                #[cfg(feature = "tamper")]
                Answer::Tampered(all) => self.push_all(link, all)?,
            }
            #[cfg(feature = "http")]
            if let Some(wait) = self.http_wait.take() {
                link.hold(wait);
            }
        }
        Ok(())
    }

    fn handle(&mut self, packet: &mut [u8], quick_ack: bool) -> Result<Answer, LinkError> {
        let unknown = Answer::Reply(Reply::Error(TransportError::AUTH_KEY_NOT_FOUND));
        let shared = self.shared;
        let now = shared.clock.now();
        let key = match envelope::auth_key_id(packet) {
            None => return Ok(unknown),
            Some(0) => return Ok(self.handshake(packet)),
            Some(id) => match shared.keys.find(id, now) {
                Some(key) => key,
                None => {
                    #[cfg(feature = "tamper")]
                    if let Some(tamper) = &shared.config.tamper {
                        tamper.received_unknown(id);
                    }
                    return Ok(unknown);
                }
            },
        };
        let opened = match self.version {
            Some(version) => envelope::open(&key.auth_key, Side::Client, version, packet),
            None => envelope::open_any(&key.auth_key, Side::Client, packet),
        };
        let Ok(opened) = opened else {
            return Ok(unknown);
        };
        self.version = Some(opened.version);
        self.first_by = None;
        #[cfg(feature = "tamper")]
        if let Some(tamper) = &shared.config.tamper {
            tamper.received(&key.auth_key, &opened);
        }
        let session = shared
            .keys
            .session(shared, &key, opened.session_id, &mut self.rng);
        let outcome = {
            let mut state = session.lock();
            if state.heard(self.control, self.is_http, now) {
                state.session.reconnected(now);
            }
            let outcome = state.session.handle_message(now, &opened);
            // What it says about its answer is for this connection, not for the others of the session.
            self.events
                .extend(core::iter::from_fn(|| state.session.poll_event()));
            outcome
        };
        let token = quick_ack.then(|| opened.quick_ack_token(&key.auth_key, Side::Client));
        if let Err(error) = &outcome {
            shared.tell(&ServerEvent::MessageRefused { error });
        }
        self.attend(&key, &session);
        self.handle_events(&key, &session)?;
        match (outcome, token) {
            (Ok(()), Some(token)) => Ok(Answer::QuickAck(token)),
            (Err(error), _) if error.is_hostile() => Err(error.into()),
            // The session has told the client what is wrong, or will be asked for what is dropped here.
            (Ok(()) | Err(_), _) => Ok(Answer::OfSession),
        }
    }

    fn handshake(&mut self, packet: &[u8]) -> Answer {
        let shared = self.shared;
        #[cfg(feature = "tamper")]
        if let Some(tamper) = &shared.config.tamper {
            let reply = match tamper.random(packet) {
                Some(mut rng) => shared.keys.handshake(shared, packet, &mut *rng),
                None => shared.keys.handshake(shared, packet, &mut self.rng),
            };
            return Answer::Tampered(tamper.answer(packet, reply));
        }
        Answer::Reply(shared.keys.handshake(shared, packet, &mut self.rng))
    }

    /// From now on that session is looked after here.
    fn attend(&mut self, key: &Arc<Key>, session: &Arc<ServerSession>) {
        if self
            .sessions
            .iter()
            .any(|(_, known)| Arc::ptr_eq(known, session))
        {
            return;
        }
        // An answer of HTTP is for the session of its request alone.
        let most = if self.is_http { 1 } else { MAX_SESSIONS };
        if self.sessions.len() >= most
            && let Some((_, oldest)) = self.sessions.pop_front()
        {
            oldest.lock().leave(self.control, false);
        }
        self.sessions
            .push_back((Arc::clone(key), Arc::clone(session)));
    }

    fn leave(&mut self) {
        for (_, session) in core::mem::take(&mut self.sessions) {
            session.lock().leave(self.control, true);
        }
    }

    /// Sends what the sessions have. Returns when to look at them again.
    fn look_after_sessions(&mut self, link: &mut Link) -> Result<Option<UnixTime>, LinkError> {
        let now = self.shared.clock.now();
        let control = self.control;
        // Those that went to another connection are looked after there.
        self.sessions
            .retain(|(_, session)| session.lock().is_on(control));
        let mut next = None;
        for index in 0..self.sessions.len() {
            let Some((key, session)) = self.sessions.get(index).cloned() else {
                break;
            };
            {
                let session = &mut session.lock().session;
                if session.poll_timeout().is_some_and(|at| at <= now) {
                    session.handle_timeout(now);
                }
            }
            self.handle_events(&key, &session)?;
            let session = &mut session.lock().session;
            let held_until = self.transmit(link, session, now)?;
            next = [next, held_until, session.poll_timeout()]
                .into_iter()
                .flatten()
                .min();
        }
        Ok(next)
    }

    fn transmit(
        &mut self,
        link: &mut Link,
        session: &mut Session,
        now: UnixTime,
    ) -> Result<Option<UnixTime>, LinkError> {
        #[cfg(feature = "tamper")]
        if let Some(tamper) = &self.shared.config.tamper
            // An answer of HTTP is one packet, and only when it is time.
            && !self.is_http
        {
            let mut packet = Vec::new();
            while link.has_room() && session.poll_transmit(now, &mut packet).is_some() {
                let instead = tamper.sent(session.key(), core::mem::take(&mut packet));
                self.push_all(link, instead)?;
            }
            return Ok(None);
        }
        link.transmit(session, now, &mut self.rng)
    }

    #[cfg(feature = "tamper")]
    fn push_all(&mut self, link: &mut Link, all: Vec<Outgoing>) -> Result<(), LinkError> {
        for outgoing in all {
            match outgoing {
                Outgoing::Packet(packet) => link.push(&packet, &mut self.rng)?,
                Outgoing::Error(error) => link.push_error(error, &mut self.rng)?,
                Outgoing::HangUp => return Err(LinkError::Shutdown),
            }
        }
        Ok(())
    }

    /// Does what a session tells to do: all of it, even if the connection has to end.
    fn handle_events(&mut self, key: &Key, session: &Arc<ServerSession>) -> Result<(), LinkError> {
        let mut outcome = Ok(());
        loop {
            // No lock is held while other things are locked.
            let event = match self.events.pop_front() {
                Some(event) => Some(event),
                None => session.lock().session.poll_event(),
            };
            match event {
                None => return outcome,
                Some(Event::Call { msg_id, body }) => {
                    let call = (msg_id, body);
                    calls::answer(self.shared, self.handler, key, session, call, &self.counter);
                }
                Some(Event::DestroySession { msg_id, session_id }) => {
                    let was_there =
                        session_id != session.session_id && key.remove_session(session_id);
                    let answer = calls::destroyed_session(session_id, was_there);
                    calls::respond_with(session, msg_id, &answer);
                }
                Some(Event::DestroyAuthKey { msg_id }) => {
                    let answer = match self.shared.keys.remove(key.auth_key.id()) {
                        true => enums::DestroyAuthKeyRes::DestroyAuthKeyOk,
                        false => enums::DestroyAuthKeyRes::DestroyAuthKeyNone,
                    };
                    calls::respond_with(session, msg_id, &answer);
                }
                #[cfg(feature = "http")]
                Some(Event::HttpWait {
                    max_delay,
                    wait_after,
                    max_wait,
                }) => self.http_wait = Some(HttpWait::new(max_delay, wait_after, max_wait)),
                Some(Event::Disconnect) => outcome = Err(LinkError::Unresponsive),
                Some(Event::Discarded { error }) if error.is_hostile() => {
                    outcome = Err(error.into());
                }
                // Acknowledgments, and what is of interest to clients alone.
                Some(_) => {}
            }
        }
    }
}
