//! A server that counts, a client of it, and a runtime for both.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex};

use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::rsa::PrivateKey;
use mtproto_runtime::net::{
    Backoff, Call, Client, ClientConfig, KeySource, Server, ServerConfig, Transport,
};
use mtproto_runtime::session::RpcError;
use mtproto_runtime::{handshake, wire};
use tokio::sync::watch;

pub(crate) fn private_key() -> PrivateKey {
    PrivateKey::from_pem(include_str!("../handshake/fixtures/server_key.pem")).unwrap()
}

static GROUP: LazyLock<DhGroup> =
    LazyLock::new(|| DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default()).unwrap());

/// Runs a test on one thread.
pub(crate) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

/// Runs a test on one thread, while time stands still but for what [`advance`](tokio::time::advance) adds.
pub(crate) fn run_paused(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(async {
            // As long as something blocks, tokio does not move its time by itself when all tasks wait: here they wait for
            // sockets, which know nothing of that time.
            let (done, blocking) = std::sync::mpsc::channel::<()>();
            let blocking = tokio::task::spawn_blocking(move || blocking.recv());
            test.await;
            drop(done);
            blocking.await.unwrap().unwrap_err();
        });
}

/// A call of the tests: an id, and a number.
pub(crate) const ECHO: u32 = 0x0e0e_0e0e;
/// The same, not answered before the gate is open.
pub(crate) const HELD: u32 = 0x1e1e_1e1e;
/// The same, answered with an error.
pub(crate) const FAIL: u32 = 0x2e2e_2e2e;
/// The same; the handler panics.
pub(crate) const PANIC: u32 = 0x3e3e_3e3e;
/// The same; the handler returns something that is no TL.
pub(crate) const NO_TL: u32 = 0x4e4e_4e4e;

pub(crate) fn call(id: u32, number: u32) -> Vec<u8> {
    [id.to_le_bytes(), number.to_le_bytes()].concat()
}

pub(crate) fn number(body: &[u8]) -> u32 {
    u32::from_le_bytes(*body[4..].first_chunk().unwrap())
}

/// What the handler of a test server knows.
#[derive(Clone)]
pub(crate) struct Log {
    counts: Arc<Mutex<HashMap<u32, u32>>>,
    /// How many calls have come.
    seen: watch::Sender<usize>,
    gate: watch::Sender<bool>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            counts: Arc::default(),
            seen: watch::Sender::new(0),
            gate: watch::Sender::new(false),
        }
    }

    /// How often each number was called.
    pub(crate) fn counts(&self) -> HashMap<u32, u32> {
        self.counts.lock().unwrap().clone()
    }

    pub(crate) async fn has_seen(&self, count: usize) {
        let mut seen = self.seen.subscribe();
        seen.wait_for(|seen| *seen >= count).await.unwrap();
    }

    pub(crate) fn open_gate(&self) {
        self.gate.send_replace(true);
    }

    async fn answer(self, call: Call) -> Result<Vec<u8>, RpcError> {
        let number = number(&call.body);
        *self.counts.lock().unwrap().entry(number).or_default() += 1;
        self.seen.send_modify(|seen| *seen += 1);
        match wire::call_id(&call.body) {
            ECHO => Ok(call.body),
            HELD => {
                let mut gate = self.gate.subscribe();
                gate.wait_for(|is_open| *is_open).await.unwrap();
                Ok(call.body)
            }
            FAIL => Err(RpcError::new(420, format!("FLOOD_WAIT_{number}"))),
            PANIC => panic!("as it was told to"),
            NO_TL => Ok(vec![1, 2, 3]),
            _ => Err(RpcError::new(404, "METHOD_INVALID")),
        }
    }
}

pub(crate) fn server_config() -> ServerConfig {
    ServerConfig::new(handshake::ServerConfig::new(
        vec![private_key()],
        GROUP.clone(),
    ))
}

pub(crate) async fn server_with(config: ServerConfig) -> (Server, Log) {
    let log = Log::new();
    let handler = {
        let log = log.clone();
        move |call| log.clone().answer(call)
    };
    let server = Server::bind("127.0.0.1:0", config, handler).await.unwrap();
    (server, log)
}

pub(crate) async fn server() -> (Server, Log) {
    server_with(server_config()).await
}

pub(crate) fn handshake() -> KeySource {
    let public_key = private_key().public_key().clone();
    KeySource::Handshake(handshake::ClientConfig::new(vec![public_key], 2))
}

pub(crate) fn client_config(server: &Server) -> ClientConfig {
    let mut config = ClientConfig::new(server.local_addr().to_string(), handshake());
    config.backoff = Backoff::NONE;
    config
}

pub(crate) async fn client(server: &Server) -> Client {
    Client::connect(client_config(server)).await.unwrap()
}

pub(crate) async fn client_over(server: &Server, transport: Transport) -> Client {
    let mut config = client_config(server);
    config.transports = vec![transport];
    Client::connect(config).await.unwrap()
}
