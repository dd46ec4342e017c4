//! The data center of `examples/loopback_dc`: what it does by script, what clients of this project do before each of its faults, and a
//! secret chat through it.

#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[allow(dead_code, reason = "its `main` is not called here")]
#[path = "../../examples/call.rs"]
mod call;
#[path = "../../examples/loopback_dc/dc/mod.rs"]
mod dc;
#[path = "../../examples/conformance/matrix.rs"]
mod matrix;
#[path = "../../examples/secret_chat/talk.rs"]
mod talk;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use clap::Parser as _;
use dc::{Dc, Fault, Log, Options, Script, Stage};
use matrix::{Mark, Ran, Row};
use mtproto_runtime::crypto::rsa::PrivateKey;

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
    let own = ["call", "--dc", &address, "--rsa-pub", RSA_PUB];
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

#[tokio::test]
async fn calls_are_answered_and_told() {
    let lines = Lines::default();
    let mut options = options();
    options.log = lines.log();
    let dc = Dc::start(options).await.unwrap();
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
        (
            "messages.getDialogs",
            r#"{"offset_peer": {"@type": "inputPeerEmpty"}}"#,
            r#""dialogs":[]"#,
        ),
    ] {
        let ran = call(dc.address(), &[method, json]).await;
        assert!(ran.output.contains(expected), "{method}: {}", ran.output);
        assert_eq!(lines.count(&format!("call {method}")), 1, "{method}");
    }
    let ran = call(dc.address(), &["help.getSupport"]).await;
    assert!(ran.output.contains("501 NOT_IMPLEMENTED"), "{}", ran.output);
    assert_eq!(lines.count("handshake complete auth_key_id "), 7);
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
