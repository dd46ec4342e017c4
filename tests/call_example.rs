//! `examples/call.rs` against servers of the runtime.

#![allow(clippy::unwrap_used, reason = "what fails in a test fails the test")]

#[allow(dead_code, reason = "its `main` is not called here")]
#[path = "../examples/call.rs"]
mod call;

use std::sync::LazyLock;

use clap::Parser as _;
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::rsa::PrivateKey;
use mtproto_runtime::handshake;
use mtproto_runtime::net::{Call, Server, ServerConfig};
use mtproto_runtime::session::RpcError;
use tl_dynamic::{Codec, Value};
use tl_parser::schema;
use tl_parser::span::Sources;
use tokio::net::TcpListener;

const RSA_PUB: &str = "mtproto-runtime/tests/handshake/fixtures/server_key.pub.pem";

static API: LazyLock<Codec> = LazyLock::new(|| {
    let mut sources = Sources::new();
    let text = std::fs::read_to_string("schemas/api.tl").unwrap();
    sources.add("api.tl", text).unwrap();
    let reading = schema::read_unchecked(&sources, &schema::Options::default()).remove(0);
    Codec::new(&reading.schema)
});

/// Answers two functions, and sees that the first call of each client says who is calling.
async fn answer(call: Call) -> Result<Vec<u8>, RpcError> {
    let refused = || RpcError::new(400, "INPUT_METHOD_INVALID");
    let body = API.decode(&API.any(), &call.body).map_err(|_| refused())?;
    let query = body.get("query").and_then(|init| init.get("query"));
    let (Some(Value::Int(230)), Some(query)) = (body.get("layer"), query) else {
        return Err(refused());
    };
    let json = match query.as_object().map(|query| query.name()) {
        Some("help.getNearestDc") => {
            r#"{"@type":"nearestDc","country":"AQ","this_dc":2,"nearest_dc":4}"#
        }
        Some("contacts.getContactIDs") => "[7,8,9]",
        _ => return Err(RpcError::new(400, "METHOD_INVALID")),
    };
    let root = API.result_of(query).unwrap();
    let value = API.value_from_text(&root, json).unwrap();
    Ok(API.encode(&root, &value).unwrap())
}

async fn server() -> Server {
    let pem = std::fs::read_to_string("mtproto-runtime/tests/handshake/fixtures/server_key.pem");
    let key = PrivateKey::from_pem(&pem.unwrap()).unwrap();
    let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default()).unwrap();
    let config = ServerConfig::new(handshake::ServerConfig::new(vec![key], group));
    Server::bind("127.0.0.1:0", config, answer).await.unwrap()
}

async fn run(dc: &str, more: &[&str]) -> Result<String, String> {
    let own = ["call", "--dc", dc, "--rsa-pub", RSA_PUB];
    let args = call::Args::try_parse_from(own.iter().chain(more)).unwrap();
    call::run(&args).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn results_come_as_json() {
    let server = server().await;
    let dc = server.local_addr().to_string();
    for more in [
        &["help.getNearestDc"][..],
        &[
            "--pfs",
            "--transport",
            "obfuscated",
            "help.getNearestDc",
            "{}",
        ],
    ] {
        let json = run(&dc, more).await.unwrap();
        assert_eq!(
            json,
            r#"{"@type":"nearestDc","country":"AQ","this_dc":2,"nearest_dc":4}"#
        );
    }
    let ids = run(&dc, &["contacts.getContactIDs", r#"{"hash": "0"}"#]).await;
    assert_eq!(ids.unwrap(), "[7,8,9]");
    // Without a method there are keys alone.
    for more in [&[][..], &["--pfs"]] {
        let keys = run(&dc, more).await.unwrap();
        assert!(keys.starts_with(r#"{"auth_key_id":""#), "{keys}");
    }
    let pong = run(&dc, &["ping", r#"{"ping_id": 5}"#]).await.unwrap();
    assert!(pong.starts_with(r#"{"@type":"pong","msg_id":""#), "{pong}");
    assert!(pong.ends_with(r#"","ping_id":"5"}"#), "{pong}");
}

#[tokio::test]
async fn what_goes_wrong_is_told() {
    let server = server().await;
    let dc = server.local_addr().to_string();
    for (more, expected) in [
        (&["help.getConfig"][..], "400 METHOD_INVALID"),
        (&["help.getConfik"], "there is no function `help.getConfik`"),
        (&["ping", r#"{"ping_id": "many"}"#], "ping_id"),
    ] {
        let error = run(&dc, more).await.unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let error = run("127.0.0.1:0", &["ping"]).await.unwrap_err();
    assert!(error.contains("ping_id"), "{error}");
}

#[tokio::test]
async fn servers_that_misbehave_end_the_call() {
    // It closes every connection.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dc = listener.local_addr().unwrap().to_string();
    let closing = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let error = run(&dc, &["help.getConfig"]).await.unwrap_err();
    assert!(
        error.contains("closed") || error.contains("socket failed"),
        "{error}"
    );
    closing.abort();

    // It accepts, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dc = silent.local_addr().unwrap().to_string();
    let error = run(&dc, &["--timeout", "1", "help.getConfig"])
        .await
        .unwrap_err();
    assert!(error.contains("within 1"), "{error}");
}
