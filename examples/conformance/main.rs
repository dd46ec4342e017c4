//! The conformance matrix of any client: what it does before each fault of `loopback_dc`.
//!
//! ```text
//! conformance [--only NAME,…] [--transport NAME] -- CLIENT --dc {host}:{port} --rsa-pub {rsa_pub} …
//! ```
//!
//! For each fault a server is started, and the command run, its placeholders filled in: `{host}`, `{port}`, `{dc}` (the number of the
//! data center), `{rsa_pub}` (a file with the public RSA key, PKCS#1 in PEM) and `{transport}`. The client should make a key,
//! call something (`help.getNearestDc` is served), and exit with 0 if it was answered, with something else if not.
//!
//! A line is printed for each fault: `✓` as it should be, `A` the client believed the server, `F` it did not bear what is no
//! fault, `-` it never came so far: without temporary keys there is no binding. Behind that: the fault, the checks of the book's list that
//! it is about, what a correct client does, and what happened. The exit code is 1 if there is an `A` or an `F`.

#![allow(clippy::print_stdout, reason = "the table goes to standard output")]

#[path = "../loopback_dc/dc/mod.rs"]
mod dc;
mod matrix;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use dc::Options;
use dc::faults::Fault;
use matrix::{Mark, Ran};
use mtproto_runtime::crypto::rsa::{PrivateKey, PublicKey};
use tokio::process::Command;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A key for tests, known to everybody.
const TEST_KEY: &str =
    include_str!("../../mtproto-runtime/tests/handshake/fixtures/server_key.pem");

/// The conformance matrix of a client of MTProto.
#[derive(Parser)]
struct Args {
    /// The server's private RSA key; one that everybody knows, if not given.
    #[arg(long, value_name = "PRIVATE.pem")]
    rsa_key: Option<PathBuf>,
    /// Serve clients with the inner data and the RSA padding of old, too.
    #[arg(long)]
    legacy_rsa: bool,
    /// These faults only.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = Fault::by_name)]
    only: Vec<&'static Fault>,
    /// What {transport} stands for.
    #[arg(long, default_value = "intermediate")]
    transport: String,
    /// How long a client may take for one fault, in seconds.
    #[arg(long, value_name = "SECS", default_value_t = 30)]
    timeout: u64,
    /// Print the last line that the client said, too.
    #[arg(long, short)]
    verbose: bool,
    /// The client.
    #[arg(last = true, required = true, value_name = "CLIENT-COMMAND")]
    client: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Error> {
    let args = Args::parse();
    let rsa_key = match &args.rsa_key {
        Some(path) => fs::read_to_string(path)?,
        None => TEST_KEY.to_owned(),
    };
    let key = PrivateKey::from_pem(&rsa_key)?;
    let rsa_pub = std::env::temp_dir().join(format!("conformance-{}.pem", std::process::id()));
    fs::write(&rsa_pub, pem(key.public_key()))?;
    let client = Client {
        rsa_pub: &rsa_pub.display().to_string(),
        args: &args,
    };
    let outcome = client.meet_all(&rsa_key).await;
    fs::remove_file(&rsa_pub)?;
    outcome
}

/// The command, and what fills its placeholders.
struct Client<'a> {
    args: &'a Args,
    rsa_pub: &'a str,
}

/// The number that the server has when none is given.
const DC_ID: &str = "2";

impl Client<'_> {
    async fn meet_all(&self, rsa_key: &str) -> Result<ExitCode, Error> {
        let options = || {
            let mut options = Options::new(rsa_key.to_owned());
            options.allow_legacy = self.args.legacy_rsa;
            options
        };
        let ran = matrix::honest(options(), |address| self.run(address)).await?;
        if ran.code != Some(0) {
            let output = ran.output;
            return Err(
                format!("the client does not complete with an honest server:\n{output}").into(),
            );
        }
        let faults: Vec<&'static Fault> = match self.args.only.is_empty() {
            true => Fault::all().iter().collect(),
            false => self.args.only.clone(),
        };
        let mut marks = Vec::new();
        for fault in faults {
            let row = matrix::row(options(), fault, |address| self.run(address)).await?;
            println!("{row}");
            if self.args.verbose && !row.said().is_empty() {
                println!("       {}", row.said());
            }
            marks.push(row.mark);
        }
        let count = |mark: Mark| marks.iter().filter(|other| **other == mark).count();
        let sums = Mark::ALL.map(|mark| format!("{} {}", count(mark), mark.words()));
        println!("\n{}", sums.join(", "));
        let is_right = count(Mark::Accepts) + count(Mark::Fails) == 0;
        Ok(if is_right {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn run(&self, address: SocketAddr) -> Ran {
        let mut words = self.args.client.iter().map(|word| self.fill(word, address));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).stdin(Stdio::null()).kill_on_drop(true);
        let limit = Duration::from_secs(self.args.timeout);
        match tokio::time::timeout(limit, command.output()).await {
            Ok(Ok(output)) => Ran {
                // Without a code it was killed by a signal.
                code: Some(output.status.code().unwrap_or(-1)),
                output: String::from_utf8_lossy(&[output.stdout, output.stderr].concat())
                    .into_owned(),
            },
            Ok(Err(error)) => Ran {
                code: Some(-1),
                output: format!("it can't be run: {error}"),
            },
            Err(_) => Ran {
                code: None,
                output: String::new(),
            },
        }
    }

    fn fill(&self, word: &str, address: SocketAddr) -> String {
        word.replace("{host}", &address.ip().to_string())
            .replace("{port}", &address.port().to_string())
            .replace("{dc}", DC_ID)
            .replace("{rsa_pub}", self.rsa_pub)
            .replace("{transport}", &self.args.transport)
    }
}

/// A public key as PKCS#1 in PEM, which all clients read.
fn pem(key: &PublicKey) -> String {
    let integers = [integer(key.n()), integer(&key.e().to_be_bytes())].concat();
    let text = STANDARD.encode(der(0x30, &integers));
    let lines: Vec<&str> = (0..text.len().div_ceil(64))
        .filter_map(|line| text.get(line * 64..text.len().min(line * 64 + 64)))
        .collect();
    format!(
        "-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

/// An INTEGER: the shortest form, with a zero in front if it would be negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
    let shortest = &bytes[first..];
    let is_high = shortest.first().is_some_and(|byte| byte & 0x80 != 0);
    der(0x02, &[&[0][..usize::from(is_high)], shortest].concat())
}

/// A value of DER, shorter than 64 KiB.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = (content.len() as u16).to_be_bytes();
    let head = match (high, low) {
        (0, 0..0x80) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&head, content].concat()
}
