//! The data center behind `loopback_dc`: [`Dc::start`] runs it in any program, as the examples `conformance` and
//! `secret_chat` do.
//!
//! | file | what |
//! |---|---|
//! | `calls` | a call from the driver to the service; what the script wants; updates back |
//! | `world` | users, their messages, files, secret chats: all in memory |
//! | `service/` | the methods of the API, a file for each namespace |
//! | `faults/` | how the protocol is broken, on request |
//! | `pieces` | connections that come in pieces |

#![allow(
    dead_code,
    reason = "each program that has this module needs a part of it"
)]

mod calls;
pub(crate) mod faults;
mod pieces;
mod service;
mod world;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::rsa::PrivateKey;
use mtproto_runtime::handshake::{self, Dcs};
use mtproto_runtime::net::server::tamper::Tampering;
use mtproto_runtime::net::server::{Observer, ServerEvent};
use mtproto_runtime::net::{Server, ServerConfig};
use mtproto_runtime::session::{BadMsg, SessionError};

pub(crate) use self::calls::Script;
use self::faults::{Fault, Liar};
use self::pieces::Pieces;
use self::world::World;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The number of a data center that was not given one.
const DEFAULT_DC_ID: i32 = 2;

/// How a data center is to be.
pub(crate) struct Options {
    pub(crate) listen: String,
    /// In PEM.
    pub(crate) rsa_key: String,
    pub(crate) allow_legacy: bool,
    /// Others are refused. `None` takes all.
    pub(crate) dc_id: Option<i32>,
    pub(crate) clock_offset_secs: i64,
    pub(crate) script: Script,
    pub(crate) fault: Option<&'static Fault>,
    pub(crate) log: Log,
}

/// Where lines go that tell what happens.
#[derive(Clone)]
pub(crate) struct Log(Arc<dyn Fn(&str) + Send + Sync>);

/// A running data center. It ends when this is dropped.
pub(crate) struct Dc {
    server: Server,
    pieces: Option<Pieces>,
    address: SocketAddr,
}

impl Options {
    /// An honest one with that RSA key, on any port of this machine.
    pub(crate) fn new(rsa_key: String) -> Self {
        Self {
            listen: "127.0.0.1:0".into(),
            rsa_key,
            allow_legacy: false,
            dc_id: None,
            clock_offset_secs: 0,
            script: Script::default(),
            fault: None,
            log: Log::new(|_| {}),
        }
    }

    /// With what the fault adds to it.
    fn clock_offset(&self) -> i64 {
        let of_fault = self.fault.map_or(0, Fault::clock_offset_secs);
        self.clock_offset_secs.saturating_add(of_fault)
    }
}

impl Dc {
    /// Starts it on the tokio runtime that this is called in, and logs where it listens.
    pub(crate) async fn start(options: Options) -> Result<Self, Error> {
        let Options { log, fault, .. } = &options;
        let key = PrivateKey::from_pem(&options.rsa_key)?;
        let fingerprint = key.public_key().fingerprint();
        let liar = match fault {
            Some(fault) => {
                let key = PrivateKey::from_pem(&options.rsa_key)?;
                Some(Liar::new(fault, key, log.clone())?)
            }
            None => None,
        };
        let config = config(&options, key, liar)?;
        // A connection in pieces is that of a proxy.
        let cut = fault.and_then(|fault| fault.cut());
        let listen = if cut.is_some() {
            "127.0.0.1:0"
        } else {
            &options.listen
        };
        let address = Arc::new(OnceLock::new());
        let world = World::new(
            options.dc_id.unwrap_or(DEFAULT_DC_ID),
            options.clock_offset(),
            Arc::clone(&address),
        );
        let (script, calls_log) = (options.script.clone(), log.clone());
        let server = Server::bind_with(listen, config, move |handle| {
            calls::Calls::new(world, handle, script, calls_log)
        })
        .await?;
        let pieces = match cut {
            Some(cut) => Some(Pieces::start(&options.listen, server.local_addr(), cut).await?),
            None => None,
        };
        let listening = pieces
            .as_ref()
            .map_or(server.local_addr(), Pieces::local_addr);
        let address = *address.get_or_init(|| listening);
        log.line(&format!("listening on {address}"));
        log.line(&format!("rsa fingerprint {fingerprint:016x}"));
        Ok(Self {
            server,
            pieces,
            address,
        })
    }

    /// Where clients connect to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn config(options: &Options, key: PrivateKey, liar: Option<Liar>) -> Result<ServerConfig, Error> {
    let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())?;
    let mut handshake = handshake::ServerConfig::new(vec![key], group);
    handshake.allow_legacy = options.allow_legacy;
    if let Some(dc_id) = options.dc_id {
        handshake.dcs = Dcs::Only(vec![dc_id]);
    }
    let mut config = ServerConfig::new(handshake);
    config.clock_offset_secs = options.clock_offset();
    config.tamper = liar.map(Tampering::by);
    let log = options.log.clone();
    config.observer = Some(Observer::new(move |event| tell(&log, event)));
    Ok(config)
}

fn tell(log: &Log, event: &ServerEvent<'_>) {
    match event {
        ServerEvent::KeyMade { auth_key_id, .. } => {
            log.line(&format!(
                "handshake complete auth_key_id {auth_key_id:016x}"
            ));
        }
        ServerEvent::KeyBound {
            temporary,
            permanent,
        } => log.line(&format!(
            "temp key bound {temporary:016x} to {permanent:016x}"
        )),
        ServerEvent::HandshakeRefused { error } => log.line(&format!("refused: {error}")),
        ServerEvent::MessageRefused {
            error: SessionError::Refused { reason, .. },
        } => log.line(&match reason {
            BadMsg::ServerSalt => "bad_server_salt".into(),
            _ => format!("bad_msg_notification {}", reason.code()),
        }),
        ServerEvent::Connected => log.line("connection accepted"),
        ServerEvent::Disconnected { error } => log.line(&format!("connection closed: {error}")),
        _ => {}
    }
}

impl Log {
    pub(crate) fn new(line: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(line))
    }

    pub(crate) fn line(&self, line: &str) {
        (self.0)(line);
    }
}

/// The time of the system, so many seconds off.
fn unix_time(offset_secs: i64) -> i32 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let secs = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    i32::try_from(secs.saturating_add(offset_secs)).unwrap_or(i32::MAX)
}

/// A panic is a bug of this program, and ends the call it happens in: what it left is looked at all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
