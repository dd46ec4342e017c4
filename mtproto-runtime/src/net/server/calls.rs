//! What clients call, and who answers it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future as _;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::keys::{Key, ServerSession};
use super::{Call, CallHandler, Control, ServerEvent, Shared};
use crate::handshake::bind_temp_key::{self, BindError, BindTempAuthKey, Envelope};
use crate::net::trace::{Id, log};
use crate::schema::mtproto::{enums, types};
use crate::session::RpcError;
use crate::wire::{Combinator, TlWrite, call_id, decode, encode};

/// Answers a call: at once if the handler can, in a task of its own if it has to wait for something. A call that binds a
/// temporary key is the driver's.
pub(super) fn answer<H: CallHandler>(
    shared: &Shared,
    handler: &Arc<H>,
    key: &Key,
    session: &Arc<ServerSession>,
    (msg_id, body): (i64, Vec<u8>),
    counter: &Counter,
) {
    if call_id(&body) == BindTempAuthKey::ID {
        let outcome = bind(shared, key, session.session_id, msg_id, &body);
        respond(session, msg_id, outcome);
        return;
    }
    let call = Call {
        auth_key_id: key.auth_key.id(),
        permanent_key_id: key.permanent_id(),
        session_id: session.session_id,
        msg_id,
        body,
    };
    let function = Id(call_id(&call.body));
    log!(debug, "called", function);
    let running = Running {
        session: Arc::clone(session),
        msg_id,
        outcome: Some(Err(RpcError::new(500, "INTERNAL"))),
        counter: counter.clone(),
    };
    counter.running.fetch_add(1, Ordering::Relaxed);
    let answering = {
        let handler = Arc::clone(handler);
        async move {
            let outcome = handler.call(call).await;
            running.finish(outcome);
        }
    };
    // Most calls wait for nothing, and a task takes longer than the rest of the way to them.
    let mut answering = Box::pin(answering);
    let mut cx = Context::from_waker(Waker::noop());
    // A panic of the handler is its call's: that is answered for when `running` is dropped.
    let first = catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(&mut cx)));
    if let Ok(Poll::Pending) = first {
        // Polled anew by the task, it knows whom to wake.
        tokio::spawn(answering);
    }
}

/// Answers what is about sessions and keys themselves.
pub(super) fn respond_with(session: &ServerSession, msg_id: i64, object: &impl TlWrite) {
    let outcome = encode(object).map_err(|_| RpcError::new(500, "INTERNAL"));
    respond(session, msg_id, outcome);
}

/// The answer to `destroy_session`.
pub(super) fn destroyed_session(session_id: i64, was_there: bool) -> enums::DestroySessionRes {
    match was_there {
        true => enums::DestroySessionRes::DestroySessionOk(types::DestroySessionOk { session_id }),
        false => {
            enums::DestroySessionRes::DestroySessionNone(types::DestroySessionNone { session_id })
        }
    }
}

fn respond(session: &ServerSession, msg_id: i64, outcome: Result<Vec<u8>, RpcError>) {
    let mut state = session.lock();
    let done = match outcome {
        Ok(result) => state.session.respond(msg_id, result),
        Err(error) => state.session.respond_error(msg_id, &error),
    };
    // A handler that returns no TL object is at fault; a call that is gone needs no answer.
    if done.is_err() {
        let _ = state
            .session
            .respond_error(msg_id, &RpcError::new(500, "INTERNAL"));
    }
    state.wake();
}

fn bind(
    shared: &Shared,
    key: &Key,
    session_id: i64,
    msg_id: i64,
    body: &[u8],
) -> Result<Vec<u8>, RpcError> {
    let now = shared.clock.now();
    let call: BindTempAuthKey =
        decode(body).map_err(|_| RpcError::new(400, "INPUT_REQUEST_INVALID"))?;
    let refused = |error: BindError| RpcError::new(400, error.rpc_error_message());
    let (temporary, bound_to) = key
        .temporary()
        .ok_or_else(|| refused(BindError::TempAuthKeyId))?;
    let permanent = shared.keys.find(call.perm_auth_key_id.cast_unsigned(), now);
    let permanent = permanent.as_deref().and_then(Key::permanent);
    let permanent = permanent.ok_or_else(|| refused(BindError::PermAuthKeyId))?;
    let envelope = Envelope { msg_id, session_id };
    bind_temp_key::verify(permanent, temporary, envelope, &call, now).map_err(refused)?;
    // Binding it once more is fine, binding it to another key is not.
    if *bound_to.get_or_init(|| permanent.id()) != permanent.id() {
        return Err(RpcError::new(400, "TEMP_AUTH_KEY_ALREADY_BOUND"));
    }
    shared.tell(&ServerEvent::KeyBound {
        temporary: key.auth_key.id(),
        permanent: permanent.id(),
    });
    encode(&true).map_err(|_| RpcError::new(500, "INTERNAL"))
}

/// How many calls of a connection are being answered.
#[derive(Clone)]
pub(super) struct Counter {
    running: Arc<AtomicUsize>,
    control: Arc<Control>,
}

impl Counter {
    pub(super) fn new(control: &Arc<Control>) -> Self {
        Self {
            running: Arc::default(),
            control: Arc::clone(control),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }
}

/// A call that is being answered. It is answered when this is dropped, whatever happens.
struct Running {
    session: Arc<ServerSession>,
    msg_id: i64,
    outcome: Option<Result<Vec<u8>, RpcError>>,
    counter: Counter,
}

impl Running {
    fn finish(mut self, outcome: Result<Vec<u8>, RpcError>) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(outcome) = self.outcome.take() {
            respond(&self.session, self.msg_id, outcome);
        }
        self.counter.running.fetch_sub(1, Ordering::Relaxed);
        // The session may be elsewhere by now.
        self.counter.control.wake();
    }
}
