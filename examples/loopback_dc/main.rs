//! A data center on this machine: for clients to be tried against, honest or, with `--fault`, lying in one place.
//!
//! ```text
//! loopback_dc --rsa-key PRIVATE.pem [--listen 127.0.0.1:0] [--fault NAME] …
//! ```
//!
//! The first line it prints is `listening on ADDRESS`, the second `rsa fingerprint HEX`. Then, as it happens:
//! `connection accepted`, `handshake complete auth_key_id HEX`, `temp key bound HEX to HEX`, `call METHOD`, `refused: …`,
//! `bad_server_salt` and `bad_msg_notification CODE` where a client did something wrong, and of a fault `fault NAME: sent`
//! and, where a client shows it, `fault NAME: accepted`. The book's chapter `loopback.md` has all flags and faults.

#![allow(
    clippy::print_stdout,
    reason = "what happens is told on standard output"
)]

mod dc;

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Parser;
use dc::faults::Fault;
use dc::{Dc, Log, Options, Script};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A data center of Telegram on this machine, for tests of clients.
#[derive(Parser)]
struct Args {
    /// Where to listen.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    listen: String,
    /// The private RSA key, PKCS#1 or PKCS#8.
    #[arg(
        long,
        value_name = "PRIVATE.pem",
        required_unless_present = "list_faults"
    )]
    rsa_key: Option<PathBuf>,
    /// Serve clients with the inner data and the RSA padding of old, too.
    #[arg(long)]
    legacy_rsa: bool,
    /// Refuse clients that want another data center. Without it the server is number 2, and takes all.
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    dc_id: Option<i32>,
    /// Break the protocol in one place.
    #[arg(long, value_name = "NAME", value_parser = Fault::by_name)]
    fault: Option<&'static Fault>,
    /// Print all faults and what they are.
    #[arg(long)]
    list_faults: bool,
    /// The server's clock is so many seconds ahead, or behind if negative.
    #[arg(
        long,
        value_name = "SECS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    clock_offset: i64,
    /// With its so manieth call a client is sent an update.
    #[arg(long, value_name = "CALLS")]
    update_after: Option<u32>,
    /// Upon its so manieth call the connection of a client is closed; the call is answered on the next one.
    #[arg(long, value_name = "CALLS")]
    disconnect_after: Option<u32>,
    /// Upon the so manieth call of a client all salts become invalid.
    #[arg(long, value_name = "CALLS")]
    rotate_salts_after: Option<u32>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let args = Args::parse();
    if args.list_faults {
        for fault in Fault::all() {
            println!("{fault}");
        }
        return Ok(());
    }
    let rsa_key = std::fs::read_to_string(args.rsa_key.unwrap_or_default())?;
    let mut options = Options::new(rsa_key);
    options.listen = args.listen;
    options.allow_legacy = args.legacy_rsa;
    options.dc_id = args.dc_id;
    options.clock_offset_secs = args.clock_offset;
    options.fault = args.fault;
    options.script = Script {
        update_after: args.update_after,
        disconnect_after: args.disconnect_after,
        rotate_salts_after: args.rotate_salts_after,
    };
    // Who reads the lines may stop to: that is no reason to stop serving.
    options.log = Log::new(|line| drop(writeln!(io::stdout(), "{line}")));
    let _dc = Dc::start(options).await?;
    std::future::pending().await
}
