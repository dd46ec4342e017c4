//! grammers as a client: with the auth key of a file, as its table of RSA keys cannot be changed, it calls methods, five at
//! once where it can, the others one after the other, and prints `result METHOD` for each; with `--update` it waits for the
//! update and prints `update NAME`.
//!
//! Over `full` that is `SenderPool`, which speaks nothing else. The other transports are those of `Sender`, which drops an
//! update that comes during a call, and is made anew when its connection ends.

use std::collections::HashMap;
use std::error::Error;
use std::net::{SocketAddr, SocketAddrV4};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use grammers_mtproto::mtp;
use grammers_mtproto::transport::{Abridged, Intermediate, Obfuscated, Transport};
use grammers_mtsender::{
    AutoSleep, ConnectionParams, InvocationError, Sender, SenderPool, SenderPoolHandle, ServerAddr,
};
use grammers_session::SessionData;
use grammers_session::storages::MemorySession;
use grammers_session::types::DcOption;
use grammers_session::updates::UpdatesLike;
use grammers_tl_types::{RemoteCall, enums, functions, types};
use tokio::sync::mpsc::Receiver;

const DC: i32 = 2;
const METHODS: usize = 5;
const TRIES_MAX: usize = 3;

#[derive(Parser)]
struct Args {
    #[arg(long)]
    dc: SocketAddrV4,
    /// Not needed: the key is made already.
    #[arg(long)]
    rsa_pub: Option<PathBuf>,
    #[arg(long)]
    transport: Name,
    /// 256 bytes.
    #[arg(long)]
    auth_key: PathBuf,
    #[arg(long, default_value_t = 0)]
    calls: usize,
    #[arg(long)]
    update: bool,
    /// What the server's clock is ahead, as a handshake would have told; not over `full`.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    time_offset: i32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    Full,
    Abridged,
    Intermediate,
    Obfuscated,
}

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let args = Args::parse();
    let auth_key: [u8; 256] = std::fs::read(&args.auth_key)?
        .try_into()
        .map_err(|_| "the auth key must have 256 bytes")?;
    match args.transport {
        Name::Full => over_pool(&args, auth_key).await,
        Name::Abridged => over_sender(&args, auth_key, Abridged::new).await,
        Name::Intermediate => over_sender(&args, auth_key, Intermediate::new).await,
        Name::Obfuscated => {
            over_sender(&args, auth_key, || Obfuscated::new(Intermediate::new())).await
        }
    }
}

async fn over_pool(args: &Args, auth_key: [u8; 256]) -> Outcome {
    let dc = DcOption {
        id: DC,
        ipv4: args.dc,
        ipv6: "[::1]:0".parse()?,
        auth_key: Some(auth_key),
    };
    let session = MemorySession::from(SessionData {
        home_dc: DC,
        dc_options: HashMap::from([(DC, dc)]),
        ..SessionData::default()
    });
    let at_once = AutoSleep {
        io_errors_as_flood_of: Some(Duration::ZERO),
        ..AutoSleep::default()
    };
    let configuration = ConnectionParams {
        retry_policy: Box::new(at_once),
        ..ConnectionParams::default()
    };
    let mut pool = SenderPool::with_configuration(Arc::new(session), 1, configuration);
    let running = tokio::spawn(pool.runner.run());

    let new = || Pool(pool.handle.thin.clone());
    let [mut a, mut b, mut c, mut d, mut e] = [new(), new(), new(), new(), new()];
    tokio::try_join!(
        call(&mut a, 0),
        call(&mut b, 1),
        call(&mut c, 2),
        call(&mut d, 3),
        call(&mut e, 4),
    )?;
    for number in METHODS..args.calls {
        call(&mut a, number).await?;
    }
    if args.update {
        show_update(&mut pool.updates).await?;
    }
    pool.handle.quit();
    Ok(running.await?)
}

async fn show_update(updates: &mut Receiver<UpdatesLike>) -> Outcome {
    loop {
        let update = updates.recv().await.ok_or("no update came")?;
        let UpdatesLike::Updates(enums::Updates::UpdateShort(short)) = update else {
            continue;
        };
        if let enums::Update::UserStatus(_) = short.update {
            println!("update updateUserStatus");
            return Ok(());
        }
        return Err(format!("{:?} is another update", short.update).into());
    }
}

async fn over_sender<T: Transport>(
    args: &Args,
    auth_key: [u8; 256],
    transport: impl Fn() -> T,
) -> Outcome {
    if args.update {
        return Err("`Sender` drops updates".into());
    }
    let mut connection = Connection {
        address: args.dc.into(),
        auth_key,
        time_offset: args.time_offset,
        transport,
        sender: None,
    };
    for number in 0..args.calls {
        call(&mut connection, number).await?;
    }
    Ok(())
}

/// Something to call methods with.
trait Invoke {
    async fn invoke<R: RemoteCall>(&mut self, request: &R) -> Result<R::Return, InvocationError>;
}

struct Pool(SenderPoolHandle);

impl Invoke for Pool {
    async fn invoke<R: RemoteCall>(&mut self, request: &R) -> Result<R::Return, InvocationError> {
        self.0.invoke_in_dc(DC, request).await
    }
}

struct Connection<T: Transport, F: Fn() -> T> {
    address: SocketAddr,
    auth_key: [u8; 256],
    time_offset: i32,
    transport: F,
    sender: Option<Sender<T, mtp::Encrypted>>,
}

impl<T: Transport, F: Fn() -> T> Connection<T, F> {
    async fn connect(&self) -> Result<Sender<T, mtp::Encrypted>, InvocationError> {
        let session = mtp::Encrypted::build()
            .time_offset(self.time_offset)
            .finish(self.auth_key);
        let address = ServerAddr::Tcp {
            address: self.address,
        };
        Ok(Sender::connect((self.transport)(), session, address).await?)
    }
}

impl<T: Transport, F: Fn() -> T> Invoke for Connection<T, F> {
    async fn invoke<R: RemoteCall>(&mut self, request: &R) -> Result<R::Return, InvocationError> {
        let mut tries = 1;
        loop {
            let mut sender = match self.sender.take() {
                Some(sender) => sender,
                None => self.connect().await?,
            };
            match sender.invoke(request).await {
                Err(InvocationError::Io(_)) if tries < TRIES_MAX => tries += 1,
                outcome => {
                    self.sender = Some(sender);
                    return outcome;
                }
            }
        }
    }
}

/// Calls one of the methods, and looks at what it returns.
async fn call(client: &mut impl Invoke, number: usize) -> Outcome {
    let (method, is_right) = match number % METHODS {
        0 => {
            let enums::NearestDc::Dc(dc) = client.invoke(&functions::help::GetNearestDc {}).await?;
            ("help.getNearestDc", dc.this_dc == DC)
        }
        1 => {
            let config = client.invoke(&functions::help::GetConfig {}).await?;
            let enums::Config::Config(types::Config { dc_options, .. }) = config;
            let is_right = matches!(&dc_options[..], [enums::DcOption::Option(dc)] if dc.id == DC);
            ("help.getConfig", is_right)
        }
        2 => {
            let id = vec![enums::InputUser::UserSelf];
            let users = client.invoke(&functions::users::GetUsers { id }).await?;
            let is_right = matches!(&users[..], [user] if user.id() == 1001);
            ("users.getUsers", is_right)
        }
        3 => {
            let state = client.invoke(&functions::updates::GetState {}).await?;
            let enums::updates::State::State(state) = state;
            ("updates.getState", state.unread_count == 0)
        }
        _ => {
            let request = functions::messages::GetDhConfig {
                version: 0,
                random_length: 256,
            };
            let is_right = match client.invoke(&request).await? {
                enums::messages::DhConfig::Config(config) => config.random.len() == 256,
                enums::messages::DhConfig::NotModified(_) => false,
            };
            ("messages.getDhConfig", is_right)
        }
    };
    if !is_right {
        return Err(format!("{method} returned something else").into());
    }
    println!("result {method}");
    Ok(())
}
