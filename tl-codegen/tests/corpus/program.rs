//! Generated code behind a pipe: a line `ITEM HEX` asks what becomes of bytes, a line says it.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufWriter, Write};

use mtproto_runtime::wire::{self, DecodeErrorKind, TlRead, TlWrite};

/// What reading makes of bytes, and writing of the value.
pub type Answer = Result<Result<Vec<u8>, wire::EncodeError>, wire::DecodeError>;

/// What a value may take of memory.
const ROOM_BYTES: usize = 1 << 24;

/// Reads a value and writes it.
pub fn answer<'a, T: TlRead<'a> + TlWrite>(bytes: &'a [u8]) -> Answer {
    let limits = wire::Limits::for_input(bytes.len()).with_allocation_bytes(ROOM_BYTES);
    wire::decode_with::<T>(bytes, limits).map(|value| wire::encode(&value))
}

/// Answers line by line; `end` comes back as it is, and then all answers before it have been sent.
pub fn run(items: &[fn(&[u8]) -> Answer]) {
    let mut output = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line.expect("questions are text");
        match line.split_once(' ') {
            Some((item, hex)) => {
                let item: usize = item.parse().expect("an item is a number");
                let answer = items[item](&unhex(hex));
                writeln!(output, "{}", shown(answer)).expect("somebody listens");
            }
            None => {
                writeln!(output, "{line}").expect("somebody listens");
                output.flush().expect("somebody listens");
            }
        }
    }
}

fn shown(answer: Answer) -> String {
    match answer {
        Ok(Ok(bytes)) => format!("written {}", hex(&bytes)),
        Ok(Err(error)) => format!("unwritable {error}"),
        Err(error) => {
            let kind = match &error.kind {
                DecodeErrorKind::UnexpectedConstructor { found, expected } => {
                    let mut expected = expected.to_vec();
                    expected.sort_unstable();
                    format!("{found:08x}, expected {expected:08x?}")
                }
                kind => format!("{kind:?}"),
            };
            format!("refused at {} in {}: {kind}", error.offset, error.reading)
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(byte).collect()
}
