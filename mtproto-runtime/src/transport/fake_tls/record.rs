//! Records: the application data of TLS 1.3, as it looks to others.
//!
//! ```text
//! | 17 | 03 03 | len, 2, big-endian |  data  |
//! ```
//!
//! A client's first record comes after a `ChangeCipherSpec` of the byte 1. It is checked and passed over wherever it comes:
//! not every client sends one (mtcute does not), and gotd takes them anywhere.

use alloc::vec::Vec;

use crate::transport::encoder::prepend;
use crate::transport::{Error, TlsError};

/// What precedes the data of a record.
const HEADER: usize = 5;
const CHANGE_CIPHER_SPEC: u8 = 0x14;
const APPLICATION_DATA: u8 = 0x17;
/// The version that records of TLS 1.2 and 1.3 have.
const VERSION: u16 = 0x0303;
/// A whole `ChangeCipherSpec`.
pub(super) const CHANGE_CIPHER_SPEC_RECORD: [u8; 6] = [CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1];

/// How much data a client puts into a record: what TDLib does, so that the sizes don't stand out.
const CLIENT_RECORD: usize = 2878;
/// How much data a server puts into a record: what MTProxy does.
const SERVER_RECORD: usize = 1425;

/// Takes records apart.
#[derive(Debug, Default)]
pub(in crate::transport) struct RecordReader {
    /// Of the header that is being read.
    header: [u8; HEADER],
    header_len: usize,
    /// How much of the record is missing.
    missing: usize,
    /// Whether the record is a `ChangeCipherSpec`.
    is_change: bool,
    /// Where the record starts in the stream, and where the next byte is.
    record_at: u64,
    offset: u64,
}

impl RecordReader {
    /// Moves the data of records to the front of the bytes that have come, and tells how much it is; with the error if
    /// something comes after it that is no record.
    pub(in crate::transport) fn read(&mut self, bytes: &mut [u8]) -> Result<usize, (usize, Error)> {
        let (mut from, mut to) = (0, 0);
        while from < bytes.len() {
            if self.missing > 0 {
                let len = self.missing.min(bytes.len() - from);
                if !self.is_change {
                    bytes.copy_within(from..from + len, to);
                    to += len;
                } else if bytes[from] != 1 {
                    return Err((to, self.error(TlsError::ChangeCipherSpec)));
                }
                self.missing -= len;
                self.offset += len as u64;
                from += len;
                continue;
            }
            if self.header_len == 0 {
                self.record_at = self.offset;
            }
            let len = (HEADER - self.header_len).min(bytes.len() - from);
            self.header[self.header_len..][..len].copy_from_slice(&bytes[from..from + len]);
            self.header_len += len;
            self.offset += len as u64;
            from += len;
            if self.header_len == HEADER {
                self.start_record().map_err(|kind| (to, self.error(kind)))?;
                self.header_len = 0;
            }
        }
        Ok(to)
    }

    /// Looks at a whole header.
    fn start_record(&mut self) -> Result<(), TlsError> {
        let (record_type, version, len) = parse_header(self.header);
        self.is_change = record_type == CHANGE_CIPHER_SPEC;
        if version != VERSION || !self.is_change && record_type != APPLICATION_DATA {
            return Err(TlsError::Record {
                record_type,
                version,
            });
        }
        if self.is_change && len != 1 {
            return Err(TlsError::ChangeCipherSpec);
        }
        self.missing = len;
        Ok(())
    }

    fn error(&self, kind: TlsError) -> Error {
        Error::Tls {
            offset: self.record_at,
            kind,
        }
    }
}

/// Type, version and length of a record.
pub(super) fn parse_header(header: [u8; HEADER]) -> (u8, u16, usize) {
    let [record_type, v0, v1, l0, l1] = header;
    let len = u16::from_be_bytes([l0, l1]);
    (record_type, u16::from_be_bytes([v0, v1]), len.into())
}

/// Puts bytes into records.
#[derive(Debug)]
pub(in crate::transport) struct RecordWriter {
    record_len: usize,
    /// Whether the `ChangeCipherSpec` is still to be sent.
    change: bool,
}

impl RecordWriter {
    pub(super) fn client() -> Self {
        Self {
            record_len: CLIENT_RECORD,
            change: true,
        }
    }

    pub(super) fn server() -> Self {
        Self {
            record_len: SERVER_RECORD,
            change: false,
        }
    }

    /// Puts the bytes from `start` on into records, and tells where the first starts.
    pub(in crate::transport) fn wrap(&mut self, buffer: &mut Vec<u8>, start: usize) -> usize {
        let len = buffer.len() - start;
        let records = len.div_ceil(self.record_len);
        let old_end = buffer.len();
        buffer.resize(old_end + HEADER * records.saturating_sub(1), 0);
        // From the last to the second: each moves behind the headers before it, and none over what has not moved yet.
        for index in (1..records).rev() {
            let from = start + index * self.record_len;
            let from_end = old_end.min(from + self.record_len);
            let to = from + HEADER * index;
            buffer.copy_within(from..from_end, to);
            prepend(buffer, to, &header(from_end - from));
        }
        let start = prepend(buffer, start, &header(len.min(self.record_len)));
        if core::mem::take(&mut self.change) {
            return prepend(buffer, start, &CHANGE_CIPHER_SPEC_RECORD);
        }
        start
    }
}

/// The header of application data.
pub(super) fn header(len: usize) -> [u8; HEADER] {
    let [v0, v1] = VERSION.to_be_bytes();
    let [l0, l1] = (len as u16).to_be_bytes();
    [APPLICATION_DATA, v0, v1, l0, l1]
}
