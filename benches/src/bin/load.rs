//! Many sessions with one server: requests per second, how long they take, and what a session takes of the server's memory.
//!
//! The server is a process of its own, so that its memory is its own; clients are all in this one. Each client has a key, which
//! the server is given: no handshakes. A row has so many sessions, of which so many wait for an answer at any time; they take
//! turns. A call has 64 bytes, and so has its answer.
//!
//! `cargo run --release --no-default-features --features load --bin load [SESSIONS]...`: without numbers for 1, 100 and 10,000
//! sessions. Each session is a socket in either process: before 10,000 of them `ulimit -n 10100`, or more.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::handshake::{PermanentKey, ServerConfig as Handshake};
use mtproto_runtime::net::{Call, Client, ClientConfig, KeySource, Server, ServerConfig};
use mtproto_runtime::session::{ClientState, RpcError};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(5);
/// So many clients connect at once.
const CONNECTING: usize = 64;

fn main() -> Outcome {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let runtime = Runtime::new()?;
    if let [serve, keys] = &arguments[..]
        && serve == "serve"
    {
        return runtime.block_on(serve_keys(keys.parse()?));
    }
    let mut rows = Vec::new();
    for argument in &arguments {
        rows.push(argument.parse()?);
    }
    if rows.is_empty() {
        rows = vec![1, 100, 10_000];
    }
    println!(
        "| sessions | calls at once | requests/s | median | p99 | server's memory per session |"
    );
    println!("|---|---|---|---|---|---|");
    for sessions in rows {
        let mut server = ServerProcess::start(sessions)?;
        runtime.block_on(measure(&mut server, sessions))?;
    }
    Ok(())
}

/// The server: its address on the first line; after a line on its input, the keys, and another line.
async fn serve_keys(count: u64) -> Outcome {
    let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())?;
    let config = ServerConfig::new(Handshake::new(Vec::new(), group));
    let echo = async |call: Call| Ok::<_, RpcError>(call.body);
    let server = Server::bind("127.0.0.1:0", config, echo).await?;
    println!("{}", server.local_addr());
    io::stdin().read_line(&mut String::new())?;
    for number in 0..count {
        let key = PermanentKey::from_storage(key(number), UnixTime::from_secs(0));
        if !server.handle().add_key(key) {
            return Err("there is no room for so many keys".into());
        }
    }
    println!("ready");
    // Until the other process ends, or has had enough.
    tokio::task::spawn_blocking(|| io::stdin().read_line(&mut String::new())).await??;
    Ok(())
}

struct ServerProcess {
    child: Child,
    input: ChildStdin,
    address: String,
    /// Before it had keys.
    first_bytes: u64,
}

impl ServerProcess {
    fn start(keys: usize) -> Outcome<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(["serve", &keys.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the server has no pipes".into());
        };
        let mut lines = BufReader::new(output).lines();
        let address = lines.next().ok_or("the server did not start")??;
        let first_bytes = resident_bytes(child.id())?;
        input.write_all(b"\n")?;
        lines.next().ok_or("the server does not take the keys")??;
        Ok(Self {
            child,
            input,
            address,
            first_bytes,
        })
    }

    fn bytes_per_session(&self, sessions: usize) -> Outcome<u64> {
        let grown = resident_bytes(self.child.id())?.saturating_sub(self.first_bytes);
        Ok(grown / sessions as u64)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is quicker.
        let _ = self.input.write_all(b"\n");
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn measure(server: &mut ServerProcess, sessions: usize) -> Outcome {
    let clients = connect_all(&server.address, sessions).await.map_err(|error| {
        format!("not all of {sessions} clients could connect: {error}; is `ulimit -n` above that number?")
    })?;
    let memory = server.bytes_per_session(sessions)?;
    for at_once in [1, 64, 1_000, 10_000] {
        // A lone session can have many calls under way; of many, each has one.
        let fits = at_once <= sessions || (sessions == 1 && at_once <= 64);
        let says_something = sessions == 1 || at_once > 1;
        if !fits || !says_something {
            continue;
        }
        let mut times = load(&clients, at_once).await?;
        times.sort_unstable();
        let rate = times.len() as f64 / MEASURED.as_secs_f64();
        let at = |hundredths: usize| times[(times.len() - 1) * hundredths / 100];
        println!(
            "| {sessions} | {at_once} | {rate:.0} | {:.2?} | {:.2?} | {:.1} KB |",
            at(50),
            at(99),
            memory as f64 / 1024.0
        );
    }
    Ok(())
}

/// Connects clients, each of which makes a call.
async fn connect_all(address: &str, count: usize) -> Outcome<Vec<Client>> {
    let mut tasks = JoinSet::new();
    let mut clients = Vec::with_capacity(count);
    for number in 0..count as u64 {
        if tasks.len() >= CONNECTING
            && let Some(connected) = tasks.join_next().await
        {
            clients.push(connected??);
        }
        let address = address.to_owned();
        tasks.spawn(async move {
            let source = KeySource::Known {
                key: AuthKey::new(key(number)),
                state: ClientState::default(),
            };
            let client = Client::connect(ClientConfig::new(address, source)).await?;
            client.invoke_raw(body(number)).await?;
            Outcome::Ok(client)
        });
    }
    while let Some(connected) = tasks.join_next().await {
        clients.push(connected??);
    }
    Ok(clients)
}

/// Has so many calls under way at any time; returns how long each took, after a time to warm up.
async fn load(clients: &[Client], at_once: usize) -> Outcome<Vec<Duration>> {
    let (measures, ends) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut tasks = JoinSet::new();
    for number in 0..at_once {
        let mine: Vec<Client> = match clients {
            [lone] => vec![lone.clone()],
            _ => clients
                .iter()
                .skip(number)
                .step_by(at_once)
                .cloned()
                .collect(),
        };
        let (measures, ends) = (Arc::clone(&measures), Arc::clone(&ends));
        tasks.spawn(async move {
            let mut times = Vec::new();
            for client in mine.iter().cycle() {
                let call = body(times.len() as u64);
                let is_measured = measures.load(Ordering::Relaxed);
                let started_at = Instant::now();
                let answer = client.invoke_raw(call.clone()).await?;
                let took = started_at.elapsed();
                if answer != call {
                    return Err("that is another answer".into());
                }
                if ends.load(Ordering::Relaxed) {
                    break;
                }
                if is_measured {
                    times.push(took);
                }
            }
            Outcome::Ok(times)
        });
    }
    let clock = |time| tokio::task::spawn_blocking(move || std::thread::sleep(time));
    clock(WARM_UP).await?;
    measures.store(true, Ordering::Relaxed);
    clock(MEASURED).await?;
    ends.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        times.append(&mut done??);
    }
    Ok(times)
}

/// 64 bytes of a function that nobody knows.
fn body(number: u64) -> Vec<u8> {
    let mut body = vec![0x5a; 64];
    body[8..16].copy_from_slice(&number.to_le_bytes());
    body
}

/// The key of a session, to both processes alike.
fn key(number: u64) -> [u8; 256] {
    let mut key = [0; 256];
    ChaCha20Rng::seed_from_u64(number).fill_bytes(&mut key);
    key
}

/// What a process has in memory.
fn resident_bytes(process: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kilobytes.ok_or("no VmRSS")?.parse::<u64>()? * 1024)
}
