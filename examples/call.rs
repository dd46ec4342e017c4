//! Calls one function of a server, and prints what it returns as JSON.
//!
//! ```text
//! call --dc HOST:PORT --rsa-pub PUBLIC.pem [--transport TRANSPORT] [--pfs] [METHOD [JSON]]
//! call --dc 127.0.0.1:4430 --rsa-pub key.pub.pem users.getUsers '{"id": [{"@type": "inputUserSelf"}]}'
//! ```
//!
//! `METHOD` is a function of `schemas/api.tl` or `schemas/mtproto.tl`, `JSON` its arguments as the crate `tl-dynamic` reads
//! them. The result goes to stdout, exit code 0; what went wrong goes to stderr, exit code 1. No generated code is involved:
//! `cargo run --example call --no-default-features` builds fastest.
//!
//! Without a method it makes the keys alone: a permanent one and, with `--pfs`, a temporary one that is bound to it.
//!
//! It is a strict client: a packet that the session refuses ends it, even if the answer might still come. With `--lenient` it
//! goes on, as clients do, for a bounded number of connections.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "that is what it is for"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use mtproto_runtime::crypto::rsa::PublicKey;
use mtproto_runtime::handshake;
use mtproto_runtime::net::{
    Backoff, Client, ClientConfig, ClientEvent, Events, KeySource, Pfs, Transport,
};
use mtproto_runtime::session::{Event, SessionError};
use mtproto_runtime::transport::Framing;
use tl_dynamic::{Codec, Options, Value};
use tl_parser::schema;
use tl_parser::span::Sources;

pub(crate) type Error = Box<dyn std::error::Error>;

const API: &str = include_str!("../schemas/api.tl");
const MTPROTO: &str = include_str!("../schemas/mtproto.tl");

/// Calls one function of a server, and prints what it returns as JSON.
#[derive(Parser)]
pub(crate) struct Args {
    /// The server.
    #[arg(long, value_name = "HOST:PORT")]
    dc: String,
    /// Its number, as the handshake names it.
    #[arg(long, default_value_t = 2, allow_negative_numbers = true)]
    dc_id: i32,
    /// Its public key.
    #[arg(long, value_name = "PUBLIC.pem")]
    rsa_pub: PathBuf,
    /// How packets travel.
    #[arg(long, value_enum, default_value = "intermediate")]
    transport: Road,
    /// Calls under a temporary key.
    #[arg(long)]
    pfs: bool,
    /// How long all of it may take, in seconds.
    #[arg(long, value_name = "SECS", default_value_t = 30)]
    timeout: u64,
    /// How many connections may end without an answer.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    tries: u32,
    /// Goes on after packets that were refused.
    #[arg(long)]
    lenient: bool,
    /// Says on stderr which keys there are and what happens.
    #[arg(long, short)]
    verbose: bool,
    /// A function, by its TL name; none, to make keys alone.
    method: Option<String>,
    /// Its arguments.
    #[arg(default_value = "{}")]
    json: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Road {
    Full,
    Abridged,
    Intermediate,
    Padded,
    Obfuscated,
}

impl From<Road> for Transport {
    fn from(road: Road) -> Self {
        match road {
            Road::Full => Self::Plain(Framing::Full),
            Road::Abridged => Self::Plain(Framing::Abridged),
            Road::Intermediate => Self::Plain(Framing::Intermediate),
            Road::Padded => Self::Plain(Framing::PaddedIntermediate),
            Road::Obfuscated => Self::Obfuscated(Framing::Intermediate),
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(Error::from)
        .and_then(|runtime| runtime.block_on(run(&args)));
    match outcome {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

pub(crate) async fn run(args: &Args) -> Result<String, Error> {
    let pem = std::fs::read_to_string(&args.rsa_pub)?;
    let config = config(args, PublicKey::from_pem(&pem)?)?;
    let call = args.method.as_deref();
    let call = call.map(|method| Call::new(method, &args.json));
    let call = call.transpose()?;

    let mut watch = Watch::new(args);
    let limit = Duration::from_secs(args.timeout);
    let outcome = tokio::time::timeout(limit, async {
        let client = Client::connect(config).await?;
        watch.note(&format!("auth_key_id {:016x}", client.key().id()));
        let events = client.events();
        let key = format!(r#"{{"auth_key_id":"{:016x}"}}"#, client.key().id());
        match &call {
            Some(call) => tokio::select! {
                // What is refused comes first, even if the answer has come with it.
                biased;
                end = watch.follow(events, false) => end.map(|()| key),
                answer = client.invoke_raw(call.body.clone()) => call.result(&answer?),
            },
            None if args.pfs => watch.follow(events, true).await.map(|()| key),
            None => Ok(key),
        }
    });
    match outcome.await {
        Ok(outcome) => outcome,
        Err(_) => Err(watch.timed_out(args.timeout).into()),
    }
}

fn config(args: &Args, public_key: PublicKey) -> Result<ClientConfig, Error> {
    let handshake = handshake::ClientConfig::new(vec![public_key], args.dc_id);
    let key = match args.pfs {
        true => KeySource::Pfs(Pfs::new(handshake, None)),
        false => KeySource::Handshake(handshake),
    };
    let mut config = ClientConfig::new(&args.dc, key);
    config.transports = vec![args.transport.into()];
    config.init_connection = Some(init_connection()?);
    config.connect_timeout = Duration::from_secs(args.timeout);
    // Soon enough for a call to be made again if a connection is lost, and the server does not say whether it came.
    config.session.answer_timeout = config.connect_timeout / 10;
    config.backoff = Backoff {
        first: Duration::from_millis(100),
        ..Backoff::default()
    };
    Ok(config)
}

/// What stands before the first call of a connection: `invokeWithLayer` and `initConnection`, without their query.
fn init_connection() -> Result<Vec<u8>, Error> {
    const QUERY: &str = "help.getConfig";
    let Schema { codec, layer } = Schema::read(API)?;
    let version = env!("CARGO_PKG_VERSION");
    let json = format!(
        r#"{{"@type": "invokeWithLayer", "layer": {layer}, "query": {{
            "@type": "initConnection", "api_id": 1, "device_model": "telegram-tl", "system_version": "{system}",
            "app_version": "{version}", "system_lang_code": "en", "lang_pack": "", "lang_code": "en",
            "query": {{"@type": "{QUERY}"}}
        }}}}"#,
        system = std::env::consts::OS,
    );
    let root = codec.any();
    let mut call = codec.encode(&root, &codec.value_from_text(&root, &json)?)?;
    let query = codec.encode(
        &codec.call(QUERY)?,
        &codec.value_from_text(&codec.call(QUERY)?, "{}")?,
    )?;
    call.truncate(call.len() - query.len());
    Ok(call)
}

/// A call, and how to read its result.
struct Call {
    codec: Codec,
    call: Value,
    body: Vec<u8>,
}

impl Call {
    fn new(method: &str, json: &str) -> Result<Self, Error> {
        let codec = Schema::of(method)?;
        let root = codec.call(method)?;
        let call = codec.value_from_text(&root, json)?;
        let body = codec.encode(&root, &call)?;
        Ok(Self { codec, call, body })
    }

    fn result(&self, answer: &[u8]) -> Result<String, Error> {
        let root = self.codec.result_of(&self.call)?;
        let result = self.codec.decode_with(&root, answer, &Options::keeping())?;
        Ok(result.to_json().to_string())
    }
}

/// A schema, as far as calls need it.
struct Schema {
    codec: Codec,
    layer: u32,
}

impl Schema {
    /// The codec of the schema that has this function.
    fn of(method: &str) -> Result<Codec, Error> {
        let api = Self::read(API)?.codec;
        let Err(error) = api.call(method) else {
            return Ok(api);
        };
        let mtproto = Self::read(MTPROTO)?.codec;
        match mtproto.call(method) {
            Ok(_) => Ok(mtproto),
            Err(_) => Err(error.into()),
        }
    }

    fn read(text: &str) -> Result<Self, Error> {
        let mut sources = Sources::new();
        sources.add("schema", text)?;
        // The schemas are checked where they are kept.
        let readings = schema::read_unchecked(&sources, &schema::Options::default());
        let reading = readings.into_iter().next().ok_or("the schema is empty")?;
        Ok(Self {
            layer: reading.schema.layer().unwrap_or_default(),
            codec: Codec::new(&reading.schema),
        })
    }
}

/// What is not as it should be.
struct Watch {
    tries: u32,
    lenient: bool,
    verbose: bool,
    last: Option<String>,
}

impl Watch {
    fn new(args: &Args) -> Self {
        Self {
            tries: args.tries,
            lenient: args.lenient,
            verbose: args.verbose,
            last: None,
        }
    }

    fn note(&self, what: &str) {
        if self.verbose {
            eprintln!("{what}");
        }
    }

    /// Reads events until one of them says that there is nothing to wait for, or that a key is bound if that is enough.
    async fn follow(&mut self, mut events: Events, until_bound: bool) -> Result<(), Error> {
        let mut ended = 0;
        while let Some(event) = events.next().await {
            let trouble = match event {
                ClientEvent::Session(Event::TemporaryKeyBound { auth_key_id }) => {
                    self.note(&format!(
                        "temp_auth_key_id {auth_key_id:016x}\ntemp key bound"
                    ));
                    if until_bound {
                        return Ok(());
                    }
                    continue;
                }
                ClientEvent::Session(Event::BindingFailed { error }) => {
                    let error = error.map_or("the answer is not boolTrue".into(), |error| {
                        format!("{} {}", error.code, error.message)
                    });
                    return Err(format!("the temporary key was not bound: {error}").into());
                }
                ClientEvent::Refused { error }
                | ClientEvent::Session(Event::Discarded { error }) => {
                    // A packet may come twice on a bad connection, and nobody is at fault.
                    let is_harmless = matches!(error, SessionError::Duplicate { .. });
                    if !self.lenient && !is_harmless {
                        return Err(error.into());
                    }
                    format!("a packet was refused: {error}")
                }
                ClientEvent::Disconnected { reason } => {
                    ended += 1;
                    if ended >= self.tries.max(1) {
                        let error = format!("{ended} connections brought no answer: {reason}");
                        return Err(error.into());
                    }
                    format!("a connection has ended: {reason}")
                }
                ClientEvent::Session(Event::PermanentKeyInvalid) => {
                    return Err("the server does not know the permanent key any more".into());
                }
                other => {
                    self.note(&format!("{other:?}"));
                    continue;
                }
            };
            self.note(&trouble);
            self.last = Some(trouble);
        }
        Err("the client has ended".into())
    }

    fn timed_out(&self, secs: u64) -> String {
        let last = self.last.as_deref().map(|last| format!("; {last}"));
        format!("no answer within {secs} s{}", last.unwrap_or_default())
    }
}
