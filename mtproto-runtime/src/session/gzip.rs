//! Compressed objects: [gzip_packed](https://core.telegram.org/mtproto/service_messages#packed-object).

use alloc::vec::Vec;

use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

/// The fixed part of a header: magic number, method, flags, time, extra flags, operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// The checksum and the length of what was compressed.
const TRAILER_BYTES: usize = 8;

/// Flags of a header, by what follows it.
const WITH_HEADER_CRC: u8 = 2;
const WITH_EXTRA: u8 = 4;
const WITH_NAME: u8 = 8;
const WITH_COMMENT: u8 = 16;

/// Room for what comes out is made in steps of so many bytes at first.
const FIRST_STEP_BYTES: usize = 4096;

/// Why compressed data can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GzipError {
    /// It does not begin as gzip does.
    #[error("the data is not gzip")]
    Header,
    /// The compressed data is damaged or incomplete.
    #[error("the compressed data is damaged")]
    Data,
    /// The checksum or the length after it is another one.
    #[error("the checksum of the compressed data is wrong")]
    Checksum,
    /// There is more in it than is accepted.
    #[error("the data has more than {limit_bytes} bytes when decompressed")]
    TooLong {
        /// How much is accepted.
        limit_bytes: usize,
    },
}

/// Compresses an object, if that makes it smaller than nine tenths.
pub(super) fn pack(object: &[u8]) -> Option<Vec<u8>> {
    let limit = object.len() / 10 * 9;
    let mut packed = Vec::with_capacity(limit);
    packed.extend_from_slice(&HEADER);
    // Gives up when the room for nine tenths is used up.
    let status = Compress::new(Compression::fast(), false).compress_vec(
        object,
        &mut packed,
        FlushCompress::Finish,
    );
    if !matches!(status, Ok(Status::StreamEnd)) || packed.len() + TRAILER_BYTES > limit {
        return None;
    }
    packed.extend_from_slice(&trailer(object));
    Some(packed)
}

/// Decompresses an object of up to `limit_bytes`.
///
/// # Errors
///
/// The data is no gzip, damaged, or holds more than the limit.
pub(super) fn unpack(packed: &[u8], mut limit_bytes: usize) -> Result<Vec<u8>, GzipError> {
    unpack_within(packed, &mut limit_bytes)
}

/// Decompresses one of several objects that have `left_bytes` together; what this one takes of them is gone, even if it turns
/// out to be damaged.
///
/// # Errors
///
/// As [`unpack`].
pub(super) fn unpack_within(packed: &[u8], left_bytes: &mut usize) -> Result<Vec<u8>, GzipError> {
    let mut object = Vec::new();
    let outcome = unpack_to(packed, *left_bytes, &mut object);
    *left_bytes = left_bytes.saturating_sub(object.len());
    outcome.map(|()| object)
}

fn unpack_to(packed: &[u8], limit_bytes: usize, object: &mut Vec<u8>) -> Result<(), GzipError> {
    let data = skip_header(packed).ok_or(GzipError::Header)?;
    let mut inflate = Decompress::new(false);
    let mut rest = data;
    loop {
        if object.len() == object.capacity() {
            let step = object
                .len()
                .max(FIRST_STEP_BYTES)
                .min(limit_bytes - object.len());
            if step == 0 {
                return Err(GzipError::TooLong { limit_bytes });
            }
            object.reserve_exact(step);
        }
        let (read_before, made_before) = (inflate.total_in(), object.len());
        let status = inflate
            .decompress_vec(rest, object, FlushDecompress::None)
            .map_err(|_| GzipError::Data)?;
        let read = usize::try_from(inflate.total_in() - read_before).unwrap_or(usize::MAX);
        rest = rest.get(read..).unwrap_or_default();
        match status {
            Status::StreamEnd if object.len() > limit_bytes => {
                return Err(GzipError::TooLong { limit_bytes });
            }
            Status::StreamEnd => break,
            _ if read == 0 && object.len() == made_before && object.len() < object.capacity() => {
                return Err(GzipError::Data);
            }
            _ => {}
        }
    }
    match rest.starts_with(&trailer(object)) {
        true => Ok(()),
        false => Err(GzipError::Checksum),
    }
}

/// What follows the header.
fn skip_header(packed: &[u8]) -> Option<&[u8]> {
    let (header, mut rest) = packed.split_first_chunk::<10>()?;
    if header[..3] != HEADER[..3] {
        return None;
    }
    let flags = header[3];
    if flags & WITH_EXTRA != 0 {
        let (len, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*len))..)?;
    }
    for text in [WITH_NAME, WITH_COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & WITH_HEADER_CRC != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

/// The CRC32 of the object, and its length modulo 2³².
fn trailer(object: &[u8]) -> [u8; TRAILER_BYTES] {
    let mut crc = Crc::new();
    crc.update(object);
    let mut trailer = [0; TRAILER_BYTES];
    trailer[..4].copy_from_slice(&crc.sum().to_le_bytes());
    trailer[4..].copy_from_slice(&crc.amount().to_le_bytes());
    trailer
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    /// "hello" as `gzip -n` writes it.
    const HELLO: [u8; 25] = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10,
        0x36, 5, 0, 0, 0,
    ];

    #[test]
    fn what_gzip_writes_is_read() {
        assert_eq!(unpack(&HELLO, 5).as_deref(), Ok(&b"hello"[..]));
    }

    #[test]
    fn there_and_back() {
        let object: Vec<u8> = (0..40_000u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let packed = pack(&object).expect("it is regular");
        assert!(packed.len() < object.len() / 2);
        assert_eq!(unpack(&packed, object.len()).as_ref(), Ok(&object));
    }

    #[test]
    fn what_does_not_get_smaller_is_left_alone() {
        let mut state = 1u32;
        let noise: Vec<u8> = core::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(4096)
        .collect();
        assert_eq!(pack(&noise), None);
    }

    #[test]
    fn bombs_go_off_at_the_limit() {
        let packed = pack(&vec![0; 4 << 20]).expect("zeros");
        assert!(packed.len() < 32 << 10);
        let limit_bytes = 1 << 20;
        assert_eq!(
            unpack(&packed, limit_bytes),
            Err(GzipError::TooLong { limit_bytes })
        );
        assert_eq!(
            unpack(&packed, 0),
            Err(GzipError::TooLong { limit_bytes: 0 })
        );
        assert!(unpack(&packed, 4 << 20).is_ok());
    }

    #[test]
    fn damage_is_told() {
        for len in 0..HELLO.len() {
            assert!(unpack(&HELLO[..len], 100).is_err(), "{len}");
        }
        let mut wrong = HELLO;
        wrong[20] ^= 1;
        assert_eq!(unpack(&wrong, 100), Err(GzipError::Checksum));
        wrong[0] = 0;
        assert_eq!(unpack(&wrong, 100), Err(GzipError::Header));
    }
}
