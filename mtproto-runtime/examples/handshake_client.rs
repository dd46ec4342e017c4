//! Makes an authorization key with a server, and says which.
//!
//! ```text
//! handshake_client --dc HOST:PORT --rsa-pub PUBLIC.pem [--dc-id 2] [--pfs]
//!                  [--transport full|abridged|intermediate|padded|obfuscated]
//! ```
//!
//! It prints `auth_key_id HEX` and exits with 0, or prints what went wrong and exits with 1. With `--pfs` it makes a temporary
//! key, too, and binds it to the first.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "that is what it is for"
)]

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use getrandom::SysRng;
use mtproto_runtime::crypto::dh::DhPrimeCache;
use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::crypto::rsa::PublicKey;
use mtproto_runtime::handshake::bind_temp_key::{self, Envelope};
use mtproto_runtime::handshake::client::Done;
use mtproto_runtime::handshake::{
    ClientConfig, ClientHandshake, ClientStep, NewKey, PermanentKey, TemporaryKey,
};
use mtproto_runtime::plain_message::{Payload, PlainGate, PlainMsgIds};
use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::transport::{
    Connection, Connector, Decoder, Encoder, Frame, Framing, HEAD_ROOM,
};
use mtproto_runtime::wire::{Combinator, RawObject, decode, decode_boxed, encode};
use rand_core::{Rng, UnwrapErr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

#[path = "support/envelope.rs"]
mod envelope;

type Error = Box<dyn std::error::Error>;

/// How long all of it may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long a temporary key of this program is to live.
const EXPIRES_IN_SECS: i32 = 86_400;
/// The word of `boolTrue`.
const BOOL_TRUE: u32 = 0x9972_75b5;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime.map_err(Error::from).and_then(|runtime| {
        runtime.block_on(async { tokio::time::timeout(TIMEOUT, run()).await? })
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    dc: String,
    dc_id: i32,
    rsa_pub: String,
    transport: String,
    pfs: bool,
}

impl Options {
    fn parse() -> Result<Self, Error> {
        let mut options = Self {
            dc: String::new(),
            dc_id: 2,
            rsa_pub: String::new(),
            transport: "intermediate".into(),
            pfs: false,
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--dc" => options.dc = value()?,
                "--dc-id" => options.dc_id = value()?.parse()?,
                "--rsa-pub" => options.rsa_pub = value()?,
                "--transport" => options.transport = value()?,
                "--pfs" => options.pfs = true,
                _ => return Err(format!("unknown argument {arg}").into()),
            }
        }
        if options.dc.is_empty() || options.rsa_pub.is_empty() {
            return Err("--dc and --rsa-pub are needed".into());
        }
        Ok(options)
    }
}

async fn run() -> Result<(), Error> {
    let options = Options::parse()?;
    let public_key = PublicKey::from_pem(&std::fs::read_to_string(&options.rsa_pub)?)?;
    let mut link = Link::connect(&options).await?;
    let config = ClientConfig::new(vec![public_key], options.dc_id);

    let permanent = link.make_key(config.clone()).await?;
    println!("auth_key_id {:016x}", permanent.key.id());
    if !options.pfs {
        return Ok(());
    }
    let temporary = link.make_key(config.temporary(EXPIRES_IN_SECS)).await?;
    println!("temp_auth_key_id {:016x}", temporary.key.id());
    match (permanent.key, temporary.key) {
        (NewKey::Permanent(permanent), NewKey::Temporary(key)) => {
            link.bind(
                &permanent,
                &key,
                temporary.first_salt,
                temporary.time_offset_secs,
            )
            .await?;
            println!("temp key bound");
            Ok(())
        }
        _ => Err("the keys are not of the kind that was asked for".into()),
    }
}

/// A connection on which packets come and go.
struct Link {
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
    encoder: Encoder,
    decoder: Decoder,
    rng: UnwrapErr<SysRng>,
}

/// What has come.
enum Incoming {
    Packet(Vec<u8>),
    Error(i32),
}

impl Link {
    async fn connect(options: &Options) -> Result<Self, Error> {
        let mut rng = UnwrapErr(SysRng);
        let mut connector = match options.transport.as_str() {
            "full" => Connector::plain(Framing::Full),
            "abridged" => Connector::plain(Framing::Abridged),
            "intermediate" => Connector::plain(Framing::Intermediate),
            "padded" => Connector::plain(Framing::PaddedIntermediate),
            "obfuscated" => Connector::obfuscated(Framing::Intermediate, &mut rng)?,
            other => return Err(format!("unknown transport {other}").into()),
        };
        let Some(Connection { encoder, decoder }) = connector.poll()? else {
            return Err("the transport has more to say first".into());
        };
        let (reader, writer) = TcpStream::connect(&options.dc).await?.into_split();
        Ok(Self {
            reader,
            writer,
            encoder,
            decoder,
            rng,
        })
    }

    async fn send(&mut self, payload: &[u8]) -> Result<(), Error> {
        let mut buffer = vec![0; HEAD_ROOM];
        buffer.extend(payload);
        let bytes = self.encoder.encode(&mut buffer, false, &mut self.rng)?;
        self.writer.write_all(bytes).await?;
        Ok(())
    }

    async fn receive(&mut self) -> Result<Incoming, Error> {
        loop {
            match self.decoder.next_frame()? {
                Some(Frame::Packet { payload, .. }) => {
                    return Ok(Incoming::Packet(payload.to_vec()));
                }
                Some(Frame::Error(error)) => return Ok(Incoming::Error(error.code())),
                Some(_) => {}
                None => {
                    let length = self.reader.read(self.decoder.spare()).await?;
                    if length == 0 {
                        return Err("the server has closed the connection".into());
                    }
                    self.decoder.filled(length);
                }
            }
        }
    }

    /// A whole handshake.
    async fn make_key(&mut self, config: ClientConfig) -> Result<Done, Error> {
        let mut primes = DhPrimeCache::default();
        let (mut handshake, query) = ClientHandshake::start(config, now(), &mut self.rng)?;
        self.send(&query).await?;
        loop {
            let step = match self.receive().await? {
                Incoming::Packet(payload) => {
                    handshake.handle(now(), &payload, &mut primes, &mut self.rng)?
                }
                Incoming::Error(code) => return Err(handshake.handle_transport_error(code).into()),
            };
            match step {
                ClientStep::Send(query) => self.send(&query).await?,
                ClientStep::Wait => {}
                ClientStep::Done(done) => return Ok(*done),
            }
        }
    }

    /// `auth.bindTempAuthKey`, and its answer.
    async fn bind(
        &mut self,
        permanent: &PermanentKey,
        temporary: &TemporaryKey,
        mut salt: i64,
        time_offset_secs: i64,
    ) -> Result<(), Error> {
        // There are keys: whatever is plain from now on is refused.
        let mut gate = PlainGate::open();
        gate.close();
        let session_id = self.rng.next_u64() as i64;
        let mut msg_ids = PlainMsgIds::new(Side::Client);
        loop {
            let msg_id = msg_ids.next(server_time(time_offset_secs));
            let envelope = Envelope { msg_id, session_id };
            let call = bind_temp_key::bind(permanent, temporary, envelope, &mut self.rng);
            let message = envelope::Inner {
                salt,
                session_id,
                msg_id,
                seq_no: 1,
                body: encode(&call)?,
            };
            let key = temporary.auth_key();
            let payload = envelope::encrypt(key, Side::Client, &message, None, &mut self.rng);
            self.send(&payload).await?;
            match self.answer(&gate, temporary, session_id, msg_id).await? {
                Answer::True => return Ok(()),
                Answer::Salt(new) => salt = new,
            }
        }
    }

    async fn answer(
        &mut self,
        gate: &PlainGate,
        temporary: &TemporaryKey,
        session_id: i64,
        msg_id: i64,
    ) -> Result<Answer, Error> {
        loop {
            let payload = match self.receive().await? {
                Incoming::Packet(payload) => payload,
                Incoming::Error(code) => return Err(format!("transport error {code}").into()),
            };
            let Payload::Encrypted { auth_key_id, .. } = gate.read(&payload, Side::Server)? else {
                return Err("a plain message after the keys".into());
            };
            if auth_key_id != temporary.id() {
                return Err("a message under another key".into());
            }
            let message = envelope::decrypt(temporary.auth_key(), Side::Server, &payload)?;
            if message.session_id != session_id || message.msg_id % 2 == 0 {
                return Err("a message of another session, or of a client".into());
            }
            for object in objects(RawObject::new(message.body)?)? {
                if let Some(answer) = read_answer(&object, msg_id)? {
                    return Ok(answer);
                }
            }
        }
    }
}

enum Answer {
    True,
    Salt(i64),
}

/// The objects in a container, or the one that there is.
fn objects(object: RawObject) -> Result<Vec<RawObject>, Error> {
    if object.id() != types::MsgContainer::ID {
        return Ok(vec![object]);
    }
    let container: types::MsgContainer = object.decode_boxed()?;
    Ok(container
        .messages
        .into_iter()
        .map(|message| message.body)
        .collect())
}

fn read_answer(object: &RawObject, msg_id: i64) -> Result<Option<Answer>, Error> {
    match object.id() {
        types::BadServerSalt::ID => {
            let bad: types::BadServerSalt = object.decode_boxed()?;
            Ok((bad.bad_msg_id == msg_id).then_some(Answer::Salt(bad.new_server_salt)))
        }
        types::RpcResult::ID => {
            let result: types::RpcResult = object.decode_boxed()?;
            match result.result.id() {
                _ if result.req_msg_id != msg_id => Ok(None),
                BOOL_TRUE => Ok(Some(Answer::True)),
                types::RpcError::ID => {
                    let error: types::RpcError = decode_boxed(result.result.as_bytes())?;
                    Err(format!("{} {}", error.error_code, error.error_message).into())
                }
                _ => {
                    Err(format!("not bound: {}", decode::<bool>(result.result.as_bytes())?).into())
                }
            }
        }
        // new_session_created, msgs_ack and the like.
        _ => Ok(None),
    }
}

fn now() -> UnixTime {
    SystemTime::now().into()
}

fn server_time(time_offset_secs: i64) -> UnixTime {
    let since_epoch = now().since_epoch();
    let secs = since_epoch
        .as_secs()
        .saturating_add_signed(time_offset_secs);
    UnixTime::from(Duration::new(secs, since_epoch.subsec_nanos()))
}
