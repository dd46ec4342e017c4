//! What the drivers tell `tracing`: what happens, and nothing that is secret.
//!
//! It stands apart from the other tests of drivers: what `tracing` finds to be of no interest in one thread, it does not tell
//! in another.

#![cfg(all(feature = "tokio", feature = "tracing"))]
#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../net/support.rs"]
mod support;

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use mtproto_runtime::net::{Client, ClientConfig, ClientEvent, KeySource, Pfs, Transport};
use mtproto_runtime::session::Event as SessionEvent;
use mtproto_runtime::transport::{DcId, Framing, ProxySecret};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use support::{
    ECHO, FAIL, HELD, call, client_config, handshake, private_key, run, server_config, server_with,
};

/// Keeps all that is told, as text.
#[derive(Clone, Default)]
struct Capture {
    text: Arc<Mutex<String>>,
    names: Arc<Mutex<BTreeSet<String>>>,
    last_id: Arc<AtomicU64>,
}

impl Capture {
    fn note(&self, name: &str, record: impl FnOnce(&mut Fields<'_>)) {
        let mut text = self.text.lock().unwrap();
        text.push_str(name);
        record(&mut Fields {
            text: &mut text,
            names: &mut self.names.lock().unwrap(),
        });
        text.push('\n');
    }
}

struct Fields<'a> {
    text: &'a mut String,
    names: &'a mut BTreeSet<String>,
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.names.insert(format!("{value:?}"));
        }
        write!(self.text, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let name = span.metadata().name();
        self.names.lock().unwrap().insert(name.to_owned());
        self.note(name, |fields| span.record(fields));
        Id::from_u64(self.last_id.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note("", |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note("", |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Passes on what a client says, and keeps it.
async fn tap(target: std::net::SocketAddr) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(target).await.unwrap();
            let (mut from_client, mut to_client) = near.into_split();
            let (mut from_server, mut to_server) = far.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            let keeps = Arc::clone(&keeps);
            tokio::spawn(async move {
                let mut room = [0; 4096];
                while let Ok(len @ 1..) = from_client.read(&mut room).await {
                    keeps.lock().unwrap().extend_from_slice(&room[..len]);
                    if to_server.write_all(&room[..len]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (address, heard)
}

/// `nonce`, `server_nonce` and `new_nonce` of the handshakes in what a client has said.
fn nonces(heard: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let req_dh_params = 0xd712_e4be_u32.to_le_bytes();
    for at in 0..heard.len() - 4 {
        if heard[at..at + 4] != req_dh_params {
            continue;
        }
        let nonces = &heard[at + 4..at + 36];
        // p and q of four bytes and a length each, a fingerprint, and the header of a string of 256 bytes.
        let encrypted = &heard[at + 36 + 8 + 8 + 8 + 4..][..256];
        let data = private_key().decrypt_padded(encrypted).unwrap();
        let inner = data
            .windows(32)
            .position(|window| window == nonces)
            .unwrap();
        found.push(nonces[..16].to_vec());
        found.push(nonces[16..].to_vec());
        found.push(data[inner + 32..inner + 64].to_vec());
    }
    found
}

/// The ways in which a part of a secret might be written.
fn traces(secret: &[u8]) -> impl Iterator<Item = String> {
    let hex = secret.windows(6).flat_map(|part| {
        let of = |bytes: &mut dyn Iterator<Item = &u8>| -> String {
            bytes.map(|byte| format!("{byte:02x}")).collect()
        };
        let lower = [of(&mut part.iter()), of(&mut part.iter().rev())];
        lower
            .into_iter()
            .flat_map(|lower| [lower.to_uppercase(), lower])
    });
    let lists = secret.windows(5).map(|part| {
        let list = format!("{part:?}");
        list[1..list.len() - 1].to_owned()
    });
    let numbers = secret.windows(8).flat_map(|part| {
        let number = u64::from_le_bytes(part.try_into().unwrap());
        [number.to_string(), number.cast_signed().to_string()]
    });
    hex.chain(lists).chain(numbers)
}

#[test]
fn what_happens_is_told_and_nothing_that_is_secret() {
    let capture = Capture::default();
    let _guard = tracing::subscriber::set_default(capture.clone());
    let mut secrets: Vec<(&str, Vec<u8>)> = Vec::new();
    run(async {
        let password = "dd101112131415161718191a1b1c1d1e1f";
        let secret = ProxySecret::parse(password).unwrap();
        secrets.push(("password", (0x10..=0x1f).collect()));
        let mut config = server_config();
        config.accept.secrets = vec![secret.clone()];
        let (server, _) = server_with(config).await;
        let (address, heard) = tap(server.local_addr()).await;

        // Directly, through a proxy, and with perfect forward secrecy.
        let mut direct = client_config(&server);
        direct.address.clone_from(&address);
        direct
            .transports
            .insert(0, Transport::Obfuscated(Framing::Full));
        let mut by_proxy = client_config(&server);
        by_proxy.transports = vec![Transport::Proxy {
            framing: Framing::Intermediate,
            secret,
            dc: DcId::new(2),
        }];
        let KeySource::Handshake(trusted) = handshake() else {
            unreachable!("that is what it is");
        };
        let mut pfs = direct.clone();
        pfs.key = KeySource::Pfs(Pfs::new(trusted, None));
        for config in [direct, by_proxy, pfs] {
            use_it(config, &server, &mut secrets).await;
        }
        let nonces = nonces(&heard.lock().unwrap());
        assert_eq!(
            nonces.len(),
            3 * 3,
            "of three handshakes that were overheard"
        );
        for of_handshake in nonces.chunks(3) {
            let [_, server_nonce, new_nonce] = of_handshake else {
                unreachable!("there are three each");
            };
            let first_salt = new_nonce.iter().zip(server_nonce).take(8);
            let first_salt = first_salt.map(|(new, server)| new ^ server).collect();
            secrets.push(("salt", first_salt));
        }
        secrets.extend(nonces.into_iter().map(|nonce| ("nonce", nonce)));
    });

    let names = capture.names.lock().unwrap().clone();
    for name in [
        "client",
        "connection",
        "key made",
        "key bound",
        "connection ended",
        "called",
        "connect",
        "handshake",
        "call",
        "no connection",
        "connected",
        "disconnected",
        "answered",
        "failed",
        "given up",
        "temporary key made",
        "temporary key bound",
        "salts changed",
    ] {
        assert!(names.contains(name), "{name} is not in {names:?}");
    }
    let text = capture.text.lock().unwrap().clone();
    for (name, secret) in &secrets {
        for trace in traces(secret) {
            assert!(!text.contains(&trace), "{name}: {trace} is in\n{text}");
        }
    }
}

/// Calls, fails, gives up, and loses a connection.
async fn use_it(
    config: ClientConfig,
    server: &mtproto_runtime::net::Server,
    secrets: &mut Vec<(&'static str, Vec<u8>)>,
) {
    let client = Client::connect(config).await.unwrap();
    let mut events = client.events();
    let mut body = call(ECHO, 0x1234_5678);
    body.extend(b"what nobody else has to know");
    client.invoke_raw(body.clone()).await.unwrap();
    // The first word is the id of the constructor, which is told.
    secrets.push(("body", body[4..].to_vec()));
    client.invoke_raw(call(FAIL, 1)).await.unwrap_err();
    let given_up = tokio::spawn({
        let client = client.clone();
        async move { client.invoke_raw(call(HELD, 2)).await }
    });
    tokio::task::yield_now().await;
    given_up.abort();
    let update = [&call(0x5e5e_5e5e, 9)[..], b"news!!!!"].concat();
    if server.send_update(client.key().id(), &update).unwrap() > 0 {
        loop {
            let event = events.next().await.unwrap();
            if matches!(event, ClientEvent::Session(SessionEvent::Update { .. })) {
                break;
            }
        }
    }
    secrets.push(("update", update[4..].to_vec()));
    server.disconnect_all();
    while events.next().await.unwrap() != ClientEvent::Reconnected {}
    client.invoke_raw(body).await.unwrap();

    secrets.push(("key", client.key().as_bytes().to_vec()));
    for salt in client.export().await.unwrap().salts {
        secrets.push(("salt", salt.salt.to_le_bytes().to_vec()));
    }
}
