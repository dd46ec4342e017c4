//! What a client speaks, by its first bytes: servers listen for all transports at one port.

use super::frame::word;
use super::{DetectionError, Error, Framing, Limits, abridged, intermediate, obfuscated};

/// What the first bytes of a connection say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detection {
    /// It takes so many bytes from the first on to say more. Fewer don't do, and every client sends so many.
    NeedMore(usize),
    /// Packets in this framing; its [tag](Framing::tag) comes first.
    Plain(Framing),
    /// An [obfuscated](super::obfuscated) connection: the initialization payload has come.
    Obfuscated,
    /// A hello of [TLS](super::fake_tls).
    FakeTls,
    /// A request of [HTTP](super::http), which may open a [WebSocket](super::websocket).
    Http,
}

/// The methods of HTTP that servers of MTProto take, as far as a word goes.
const HTTP_METHODS: [[u8; 4]; 4] = [*b"POST", *b"GET ", *b"HEAD", *b"OPTI"];
/// How much of a hello of TLS has to match: headers of record and message, and the version.
const TLS_START: usize = 11;

/// Tells what a client speaks.
///
/// The answer does not depend on how the bytes come: it is [`NeedMore`](Detection::NeedMore) until it is certain, and no byte
/// that follows changes it.
///
/// ```
/// use mtproto_runtime::transport::{Detection, Framing, Limits, detect};
///
/// let limits = Limits::default();
/// assert_eq!(detect(&[0xef], &limits), Ok(Detection::Plain(Framing::Abridged)));
/// assert_eq!(detect(&[0xee, 0xee], &limits), Ok(Detection::NeedMore(4)));
/// assert_eq!(detect(b"POST", &limits), Ok(Detection::Http));
/// ```
///
/// # Errors
///
/// If the second word is 0, as in the first frame of a full connection, and the first can't be the length of one: nothing
/// else has that.
pub fn detect(first: &[u8], limits: &Limits) -> Result<Detection, Error> {
    if first.first() == Some(&abridged::TAG) {
        return Ok(Detection::Plain(Framing::Abridged));
    }
    let Some(&start) = first.first_chunk::<4>() else {
        return Ok(Detection::NeedMore(if first.is_empty() { 1 } else { 4 }));
    };
    if start == intermediate::TAG {
        return Ok(Detection::Plain(Framing::Intermediate));
    }
    if start == intermediate::PADDED_TAG {
        return Ok(Detection::Plain(Framing::PaddedIntermediate));
    }
    if HTTP_METHODS.contains(&start) {
        return Ok(Detection::Http);
    }
    match is_tls(first) {
        Some(true) => return Ok(Detection::FakeTls),
        Some(false) => {}
        None if first.len() >= 8 => return Ok(Detection::NeedMore(TLS_START)),
        None => return Ok(Detection::NeedMore(8)),
    }
    let (Some(length), Some(second)) = (word(first, 0), word(first, 4)) else {
        return Ok(Detection::NeedMore(8));
    };
    if second == 0 {
        let most = limits.max_frame_bytes.saturating_add(12);
        if length < 16 || length > most || length % 4 != 0 {
            return Err(DetectionError::Unknown { length }.into());
        }
        return Ok(Detection::Plain(Framing::Full));
    }
    if first.len() < obfuscated::INIT_LEN {
        return Ok(Detection::NeedMore(obfuscated::INIT_LEN));
    }
    Ok(Detection::Obfuscated)
}

/// Whether the bytes start a client's hello: nothing for too few.
///
/// The first three would do, but for the initialization payloads that start with them by chance: only those that go on with
/// a 2 are ruled out by TDLib.
fn is_tls(first: &[u8]) -> Option<bool> {
    let len = first.len().min(TLS_START);
    let pattern = [0x16, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3];
    // The lengths of record and message are looked at below.
    let is_length = |at: usize| matches!(at, 3 | 4 | 7 | 8);
    if (0..len).any(|at| !is_length(at) && first[at] != pattern[at]) {
        return Some(false);
    }
    if len < TLS_START {
        return None;
    }
    let length = |at: usize| u32::from(u16::from_be_bytes([first[at], first[at + 1]]));
    Some(length(3) == length(7) + 4)
}
