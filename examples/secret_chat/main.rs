//! Two clients, a data center, and a secret chat between them: keys, texts, a file, and a new key after a hundred messages.
//!
//! ```text
//! secret_chat [--dc HOST:PORT --rsa-pub PUBLIC.pem]
//! ```
//!
//! Without `--dc` it starts a data center of its own, as `loopback_dc` does. What happens is printed line by line; the exit code is
//! 0 if all of it held.

#![allow(
    clippy::print_stdout,
    reason = "what happens is told on standard output"
)]

#[path = "../loopback_dc/dc/mod.rs"]
mod dc;
mod talk;

use std::path::PathBuf;

use clap::Parser;
use dc::{Dc, Options};
use mtproto_runtime::crypto::rsa::{PrivateKey, PublicKey};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A key for tests, known to everybody.
const TEST_KEY: &str =
    include_str!("../../mtproto-runtime/tests/handshake/fixtures/server_key.pem");

/// A secret chat between two clients of a data center.
#[derive(Parser)]
struct Args {
    /// A data center that runs already: one of `loopback_dc`, where everybody is logged in.
    #[arg(long, value_name = "HOST:PORT", requires = "rsa_pub")]
    dc: Option<String>,
    /// Its public key.
    #[arg(long, value_name = "PUBLIC.pem")]
    rsa_pub: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let args = Args::parse();
    let mut own = None;
    let (address, public_key) = match (args.dc, args.rsa_pub) {
        (Some(address), Some(pem)) => (
            address,
            PublicKey::from_pem(&std::fs::read_to_string(pem)?)?,
        ),
        _ => {
            let dc = Dc::start(Options::new(TEST_KEY.to_owned())).await?;
            let address = dc.address().to_string();
            own = Some(dc);
            (
                address,
                PrivateKey::from_pem(TEST_KEY)?.public_key().clone(),
            )
        }
    };
    talk::talk(&address, &public_key, &|line| println!("{line}")).await?;
    drop(own);
    Ok(())
}
