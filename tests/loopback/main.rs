//! The data center of `examples/loopback_dc`: what it does by script, what clients of this project do before each of its faults, and a
//! secret chat through it.

#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[allow(dead_code, reason = "its `main` is not called here")]
#[path = "../../examples/call.rs"]
mod call;
#[path = "../../examples/loopback_dc/dc/mod.rs"]
mod dc;
#[allow(dead_code, reason = "the program counts the rows")]
#[path = "../../examples/conformance/matrix.rs"]
mod matrix;
#[path = "../../examples/secret_chat/talk.rs"]
mod talk;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser as _;
use dc::faults::{Fault, Stage};
use dc::{Dc, Log, Options, Script};
use matrix::{Mark, Ran, Row};
use mtproto_runtime::crypto::rsa::PrivateKey;
use mtproto_runtime::handshake;
use mtproto_runtime::net::{Client, ClientConfig, ClientEvent, InvokeError, KeySource};
use mtproto_runtime::session::Event;
use telegram_tl::api::{LAYER, enums, functions, types};
use telegram_tl::wire::{Function, decode, encode};

const RSA_KEY: &str = include_str!("../../mtproto-runtime/tests/handshake/fixtures/server_key.pem");
const RSA_PUB: &str = "mtproto-runtime/tests/handshake/fixtures/server_key.pub.pem";

fn options() -> Options {
    Options::new(RSA_KEY.to_owned())
}

/// Lines that a data center logs.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn log(&self) -> Log {
        let lines = self.0.clone();
        Log::new(move |line| lines.lock().unwrap().push(line.to_owned()))
    }

    fn count(&self, start: &str) -> usize {
        let lines = self.0.lock().unwrap();
        lines.iter().filter(|line| line.starts_with(start)).count()
    }
}

/// `examples/call.rs`, in this process.
async fn call(address: SocketAddr, more: &[&str]) -> Ran {
    let address = address.to_string();
    // Nothing should take so long, on however slow a machine.
    let own = [
        "call",
        "--timeout",
        "60",
        "--dc",
        &address,
        "--rsa-pub",
        RSA_PUB,
    ];
    let args = call::Args::try_parse_from(own.iter().chain(more)).unwrap();
    let (code, output) = match call::run(&args).await {
        Ok(output) => (0, output),
        Err(error) => (1, error.to_string()),
    };
    Ran {
        code: Some(code),
        output,
    }
}

/// All rows of the matrix that `wanted` lets through; panics with those that are not right.
async fn all_right(more: &[&str], wanted: impl Fn(&Fault) -> bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for fault in Fault::all().iter().filter(|fault| wanted(fault)) {
        let client = |address| async move { call(address, more).await };
        rows.push(matrix::row(options(), fault, client).await.unwrap());
    }
    let wrong = rows.iter().filter(|row| row.mark != Mark::Right);
    let wrong: Vec<String> = wrong
        .map(|row| format!("{row}\n    {}", row.said()))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    rows
}

#[tokio::test]
async fn our_client_is_right_before_every_fault() {
    let rows = all_right(&["--lenient", "help.getNearestDc"], |fault| {
        fault.stage != Stage::Binding
    })
    .await;
    assert!(rows.len() > 80, "{}", rows.len());
}

#[tokio::test]
async fn our_client_is_right_before_every_fault_of_bindings() {
    let rows = all_right(&["--pfs", "help.getNearestDc"], |fault| {
        fault.stage == Stage::Binding
    })
    .await;
    assert!(rows.len() > 8, "{}", rows.len());
}

#[tokio::test]
async fn a_client_that_believes_everything_is_found_out() {
    // It completes whatever happens, and says so.
    let fault = Fault::by_name("bind-false").unwrap();
    let client = |address| async move {
        let mut ran = call(address, &["--pfs", "help.getNearestDc"]).await;
        ran.code = Some(0);
        ran
    };
    let row = matrix::row(options(), fault, client).await.unwrap();
    assert_eq!(row.mark, Mark::Accepts, "{row}");
    // It tells that it took the decoy for an answer.
    let fault = Fault::by_name("session-id").unwrap();
    let client = |address| async move {
        let mut ran = call(address, &["--lenient", "help.getNearestDc"]).await;
        ran.output = "error: 500 DECOY".into();
        ran
    };
    let row = matrix::row(options(), fault, client).await.unwrap();
    assert_eq!(row.mark, Mark::Accepts, "{row}");
    // It can't live with what it must live with, and it never comes to a binding.
    let client = |address| async move {
        let mut ran = call(address, &["help.getNearestDc"]).await;
        ran.code = Some(1);
        ran
    };
    let row = |name| matrix::row(options(), Fault::by_name(name).unwrap(), client);
    assert_eq!(row("gzip").await.unwrap().mark, Mark::Fails);
    assert_eq!(row("bind-false").await.unwrap().mark, Mark::NotReached);
}

#[tokio::test]
async fn older_names_of_faults_are_known() {
    for name in [
        "nonce",
        "new-nonce-hash",
        "even-msg-id",
        "no-padding",
        "long-padding",
        "old-message",
    ] {
        assert!(Fault::by_name(name).is_ok(), "{name}");
    }
    assert!(Fault::by_name("none-of-these").is_err());
}

#[test]
fn the_book_has_every_fault() {
    let book = std::fs::read_to_string("book/src/loopback.md").unwrap();
    for fault in Fault::all() {
        let row = book
            .lines()
            .find(|line| line.starts_with(&format!("| `{}`", fault.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not in the book", fault.name));
        let checks: Vec<String> = fault.checks.iter().map(u8::to_string).collect();
        let end = format!(
            " | {} | {} | {} |",
            checks.join(", "),
            fault.expected,
            fault.what
        );
        assert!(row.ends_with(&end), "{row}\n{end}");
    }
}

#[tokio::test]
async fn calls_are_answered_and_told() {
    let lines = Lines::default();
    let mut options = options();
    options.log = lines.log();
    let dc = Dc::start(options).await.unwrap();
    const DIALOGS: &str = r#"{"offset_date": 0, "offset_id": 0, "offset_peer": {"@type": "inputPeerEmpty"}, "limit": 9, "hash": "0"}"#;
    for (method, json, expected) in [
        ("help.getConfig", "{}", r#""@type":"config""#),
        ("updates.getState", "{}", r#""pts":0"#),
        (
            "users.getUsers",
            r#"{"id": [{"@type": "inputUserSelf"}]}"#,
            r#""self":true"#,
        ),
        (
            "users.getFullUser",
            r#"{"id": {"@type": "inputUserSelf"}}"#,
            r#""@type":"users.userFull""#,
        ),
        ("contacts.getStatuses", "{}", "[{"),
        ("messages.getDialogs", DIALOGS, r#""dialogs":[]"#),
    ] {
        let ran = call(dc.address(), &[method, json]).await;
        assert!(ran.output.contains(expected), "{method}: {}", ran.output);
        assert_eq!(lines.count(&format!("call {method}")), 1, "{method}");
    }
    let ran = call(dc.address(), &["help.getSupport"]).await;
    assert!(ran.output.contains("501 NOT_IMPLEMENTED"), "{}", ran.output);
    assert_eq!(lines.count("handshake complete auth_key_id "), 7);
}

async fn client(dc: &Dc) -> Client {
    let key = PrivateKey::from_pem(RSA_KEY).unwrap();
    let key = handshake::ClientConfig::new(vec![key.public_key().clone()], 2);
    let config = ClientConfig::new(dc.address().to_string(), KeySource::Handshake(key));
    Client::connect(config).await.unwrap()
}

async fn ask<F: Function>(client: &Client, query: F) -> F::Return {
    let layer = LAYER;
    let call = functions::InvokeWithLayer { layer, query };
    client.invoke(&call).await.unwrap()
}

async fn who(client: &Client) -> types::User {
    let id = vec![enums::InputUser::Self_];
    match ask(client, functions::users::GetUsers { id }).await.pop() {
        Some(enums::User::User(user)) => *user,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn texts_go_from_user_to_user() {
    let dc = Dc::start(options()).await.unwrap();
    let (alice, bob) = (client(&dc).await, client(&dc).await);
    let (alice_id, bob_user) = (who(&alice).await.id, who(&bob).await);
    let mut events = bob.events();
    let to_bob = enums::InputPeer::User(types::InputPeerUser {
        user_id: bob_user.id,
        access_hash: bob_user.access_hash.unwrap(),
    });
    let text = functions::messages::SendMessage::new(to_bob.clone(), "Hello".into(), 7);
    let sent = ask(&alice, text).await;
    assert!(matches!(sent, enums::Updates::UpdateShortSentMessage(sent) if sent.pts == 1));

    let update = loop {
        if let ClientEvent::Session(Event::Update { body, .. }) = events.next().await.unwrap() {
            break decode::<enums::Updates>(&body).unwrap();
        }
    };
    let enums::Updates::Updates(updates) = update else {
        panic!("{update:?}");
    };
    let enums::Update::NewMessage(new) = &updates.updates[0] else {
        panic!("{updates:?}");
    };
    let enums::Message::Message(message) = &new.message else {
        panic!("{new:?}");
    };
    assert_eq!(message.message, "Hello");
    let from = types::PeerUser { user_id: alice_id };
    assert_eq!(message.peer_id, enums::Peer::User(from));

    let history = functions::messages::GetHistory {
        peer: to_bob,
        offset_id: 0,
        offset_date: 0,
        add_offset: 0,
        limit: 10,
        max_id: 0,
        min_id: 0,
        hash: 0,
    };
    match ask(&alice, history).await {
        enums::messages::Messages::Messages(history) => assert_eq!(history.messages.len(), 1),
        other => panic!("{other:?}"),
    }
    let missed = functions::updates::GetDifference {
        pts: 0,
        pts_limit: None,
        pts_total_limit: None,
        date: 0,
        qts: 0,
        qts_limit: None,
    };
    match ask(&bob, missed).await {
        enums::updates::Difference::Difference(difference) => {
            assert_eq!(difference.new_messages.len(), 1);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn clients_of_other_layers_are_shown_what_they_know() {
    let dc = Dc::start(options()).await.unwrap();
    let client = client(&dc).await;
    let id = vec![enums::InputUser::Self_];
    let users = client.invoke(&functions::users::GetUsers { id }).await;
    assert!(matches!(users.unwrap()[..], [enums::User::Empty(_)]));
}

#[tokio::test]
async fn strange_calls_are_refused_and_hurt_nobody() {
    let dc = Dc::start(options()).await.unwrap();
    let client = client(&dc).await;
    let unknown = client
        .invoke_raw(0xdead_beef_u32.to_le_bytes().to_vec())
        .await;
    assert!(
        matches!(&unknown, Err(InvokeError::Rpc(error)) if error.code == 400
            && error.message == "INPUT_METHOD_INVALID_deadbeef"),
        "{unknown:?}"
    );
    // Wrapped a hundred thousand times.
    let call = functions::InvokeWithLayer {
        layer: LAYER,
        query: functions::help::GetNearestDc {},
    };
    let call = encode(&call).unwrap();
    let mut deep = call[..8].repeat(100_000);
    deep.extend(&call[8..]);
    let answer = tokio::time::timeout(Duration::from_secs(60), client.invoke_raw(deep)).await;
    let nearest = decode::<enums::NearestDc>(&answer.unwrap().unwrap()).unwrap();
    assert!(matches!(nearest, enums::NearestDc::NearestDc(nearest) if nearest.this_dc == 2));
}

#[tokio::test]
async fn scripts_are_played_by_calls() {
    let lines = Lines::default();
    let mut options = options();
    options.log = lines.log();
    options.script = Script {
        update_after: Some(1),
        disconnect_after: Some(1),
        rotate_salts_after: Some(1),
    };
    let dc = Dc::start(options).await.unwrap();
    let ran = call(dc.address(), &["--lenient", "help.getNearestDc"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.output);
    assert_eq!(lines.count("salts rotated"), 1);
    assert_eq!(lines.count("disconnected"), 1);
    assert_eq!(lines.count("update to "), 1);
}

#[tokio::test]
async fn two_clients_have_a_secret_chat() {
    let dc = Dc::start(options()).await.unwrap();
    let key = PrivateKey::from_pem(RSA_KEY).unwrap();
    let address = dc.address().to_string();
    let told = Mutex::new(Vec::new());
    let say = |line: &str| told.lock().unwrap().push(line.to_owned());
    talk::talk(&address, key.public_key(), &say).await.unwrap();
    let told = told.lock().unwrap();
    for expected in [
        "both see the same picture",
        "the same bytes",
        "the key was replaced",
    ] {
        assert!(
            told.iter().any(|line| line.contains(expected)),
            "{expected}: {told:?}"
        );
    }
}
