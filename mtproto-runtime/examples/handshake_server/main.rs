//! A server that makes authorization keys with whoever comes, on any transport: for clients to be tried against.
//!
//! ```text
//! handshake_server --rsa-key PRIVATE.pem [--listen 127.0.0.1:0] [--dc-id 2] [--legacy-rsa] [--fault NAME]
//! ```
//!
//! The first line it prints is `listening on ADDRESS`, the second `rsa fingerprint HEX`; then, as it happens,
//! `handshake complete auth_key_id HEX` and `temp key bound`, and `refused: …` where a client did something wrong. It keeps all
//! keys in memory, and answers under them what a client needs to see that its key is good: see `session.rs`.
//!
//! `--dc-id` refuses clients that want another datacenter. `--legacy-rsa` serves clients with the inner data and the RSA padding
//! of old. `--fault` makes the server break the protocol in one place, which a client must notice: see `Fault`.

#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::SystemTime;

use getrandom::SysRng;
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::crypto::rsa::PrivateKey;
use mtproto_runtime::handshake::{Dcs, ServerConfig, ServerHandshake, ServerStep, nonce_of};
use mtproto_runtime::plain_message::{Payload, PlainGate};
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Connection, Encoder, Frame, HEAD_ROOM, TransportError,
};
use rand_core::UnwrapErr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[path = "../support/envelope.rs"]
mod envelope;
mod fault;
mod session;

use fault::Fault;
use session::Keys;

type Error = Box<dyn std::error::Error>;

/// How many exchanges are kept. When there are more the oldest is forgotten.
const MAX_EXCHANGES: usize = 1024;

struct Server {
    config: ServerConfig,
    fault: Option<Fault>,
    /// By their nonce: an exchange may go on upon another connection.
    exchanges: BTreeMap<[u8; 16], (UnixTime, ServerHandshake)>,
    keys: Keys,
    rng: UnwrapErr<SysRng>,
}

/// What goes back to a client.
enum Reply {
    Packet(Vec<u8>),
    Error(i32),
}

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, run())
}

async fn run() -> Result<(), Error> {
    let mut listen = "127.0.0.1:0".to_owned();
    let (mut rsa_key, mut dcs, mut legacy, mut fault) = (String::new(), Dcs::Any, false, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--listen" => listen = value()?,
            "--rsa-key" => rsa_key = value()?,
            "--dc-id" => dcs = Dcs::Only(vec![value()?.parse()?]),
            "--legacy-rsa" => legacy = true,
            "--fault" => fault = Some(Fault::by_name(&value()?)?),
            _ => return Err(format!("unknown argument {arg}").into()),
        }
    }
    let key = PrivateKey::from_pem(&std::fs::read_to_string(&rsa_key)?)?;
    let fingerprint = key.public_key().fingerprint();
    let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())?;
    let mut config = ServerConfig::new(vec![key], group);
    config.dcs = dcs;
    config.allow_legacy = legacy;
    let server = Rc::new(RefCell::new(Server {
        config,
        fault,
        exchanges: BTreeMap::new(),
        keys: Keys::default(),
        rng: UnwrapErr(SysRng),
    }));

    let listener = TcpListener::bind(&listen).await?;
    println!("listening on {}", listener.local_addr()?);
    println!("rsa fingerprint {fingerprint:016x}");
    loop {
        let (socket, _) = listener.accept().await?;
        let server = Rc::clone(&server);
        tokio::task::spawn_local(async move {
            if let Err(error) = serve(&server, socket).await {
                println!("connection closed: {error}");
            }
        });
    }
}

async fn serve(server: &RefCell<Server>, mut socket: TcpStream) -> Result<(), Error> {
    let Some(mut connection) = accept(&mut socket).await? else {
        return Ok(());
    };
    loop {
        let mut replies = Vec::new();
        loop {
            match connection.decoder.next_frame()? {
                Some(Frame::Packet { payload, .. }) => {
                    replies.extend(server.borrow_mut().handle(payload));
                }
                Some(_) => {}
                None => break,
            }
        }
        for reply in replies {
            send(&mut socket, &mut connection.encoder, reply).await?;
        }
        let length = socket.read(connection.decoder.spare()).await?;
        if length == 0 {
            return Ok(());
        }
        connection.decoder.filled(length);
    }
}

/// Finds out what transport the client speaks. `None` if it has gone.
async fn accept(socket: &mut TcpStream) -> Result<Option<Connection>, Error> {
    let mut acceptor = Acceptor::new(AcceptOptions::default());
    let mut rng = UnwrapErr(SysRng);
    loop {
        let mut out = Vec::new();
        let accepted = acceptor.poll(now().as_secs() as u32, &mut out, &mut rng)?;
        socket.write_all(&out).await?;
        match accepted {
            Some(Accepted::Packets {
                connection,
                arrival,
            }) => {
                let hidden = if arrival.obfuscated {
                    ", obfuscated"
                } else {
                    ""
                };
                println!("transport {:?}{hidden}", arrival.framing);
                return Ok(Some(connection));
            }
            Some(_) => return Err("HTTP is not served here".into()),
            None => {}
        }
        let length = socket.read(acceptor.spare()).await?;
        if length == 0 {
            return Ok(None);
        }
        acceptor.filled(length);
    }
}

async fn send(socket: &mut TcpStream, encoder: &mut Encoder, reply: Reply) -> Result<(), Error> {
    let mut rng = UnwrapErr(SysRng);
    let mut buffer = vec![0; HEAD_ROOM];
    let bytes = match reply {
        Reply::Packet(payload) => {
            buffer.extend(payload);
            encoder.encode(&mut buffer, false, &mut rng)?
        }
        Reply::Error(code) => {
            let error = TransportError::new(code).ok_or("an error code is negative")?;
            encoder.encode_error(error, &mut buffer, &mut rng)?
        }
    };
    socket.write_all(bytes).await?;
    Ok(())
}

impl Server {
    /// Reads a packet. The gate stays open: clients make a second key on the connection of the first.
    fn handle(&mut self, payload: &[u8]) -> Vec<Reply> {
        match PlainGate::open().read(payload, Side::Client) {
            Ok(Payload::Plain(_)) => {
                let reply = self.handshake(payload);
                Vec::from_iter(reply.map(|reply| fault::spoil_handshake(self.fault, reply)))
            }
            Ok(Payload::Encrypted { auth_key_id, .. }) => {
                let Self { keys, rng, .. } = self;
                keys.handle(auth_key_id, payload, now(), self.fault, rng)
            }
            Err(error) => {
                println!("refused: {error}");
                vec![Reply::Error(-404)]
            }
        }
    }

    fn handshake(&mut self, payload: &[u8]) -> Option<Reply> {
        let now = now();
        self.exchanges
            .retain(|_, (_, exchange)| !exchange.is_expired(now));
        let Some(nonce) = nonce_of(payload) else {
            println!("refused: no message of a handshake");
            return Some(Reply::Error(-404));
        };
        let Self { config, rng, .. } = self;
        let Some((_, exchange)) = self.exchanges.get_mut(&nonce.0) else {
            return Some(match ServerHandshake::start(config, now, payload, rng) {
                Ok((exchange, answer)) => {
                    self.keep(nonce.0, now, exchange);
                    Reply::Packet(answer)
                }
                Err(error) => {
                    println!("refused: {error}");
                    Reply::Error(error.refusal_code())
                }
            });
        };
        match exchange.handle(config, now, payload, rng) {
            ServerStep::Send(answer) => Some(Reply::Packet(answer)),
            ServerStep::Wait => None,
            ServerStep::CheckAuthKeyId(id) => {
                let answer = if self.keys.contains(id) || fault::wants_retry(self.fault, &nonce.0) {
                    exchange.retry(config, now)
                } else if self.fault == Some(Fault::DhGenFail) {
                    exchange.reject(now)
                } else {
                    exchange.accept(now).map(|(done, answer)| {
                        println!("handshake complete auth_key_id {id:016x}");
                        self.keys.insert(done);
                        answer
                    })
                };
                Some(answer.map_or(Reply::Error(-404), Reply::Packet))
            }
            ServerStep::Refuse { code, error } => {
                println!("refused: {error}");
                Some(Reply::Error(code))
            }
        }
    }

    fn keep(&mut self, nonce: [u8; 16], now: UnixTime, exchange: ServerHandshake) {
        if self.exchanges.len() >= MAX_EXCHANGES {
            let oldest = self
                .exchanges
                .iter()
                .min_by_key(|(_, (started_at, _))| *started_at);
            if let Some(oldest) = oldest.map(|(nonce, _)| *nonce) {
                self.exchanges.remove(&oldest);
            }
        }
        self.exchanges.insert(nonce, (now, exchange));
    }
}

fn now() -> UnixTime {
    SystemTime::now().into()
}
