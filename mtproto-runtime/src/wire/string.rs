//! Strings and byte strings, which differ only in what they promise about their content.

use alloc::string::String;
use alloc::vec::Vec;

use super::{DecodeErrorKind, EncodeError, Reader, Writer};

/// Strings.
impl<'a> Reader<'a> {
    /// `string`, copied.
    pub extern "C" fn string(&mut self) -> String {
        let offset = self.offset();
        let text = self.str_();
        if self.pay(offset, "string", text.len()) {
            String::from(text)
        } else {
            String::new()
        }
    }

    /// `string`, borrowed from the input.
    pub extern "C" fn str_(&mut self) -> &'a str {
        let offset = self.offset();
        let (header, content) = self.content("string");
        match core::str::from_utf8(content) {
            Ok(text) => text,
            Err(error) => {
                self.fail_at(
                    offset + header + error.valid_up_to(),
                    "string",
                    DecodeErrorKind::InvalidUtf8,
                );
                ""
            }
        }
    }

    /// `bytes`, copied.
    pub extern "C" fn bytes(&mut self) -> Vec<u8> {
        let offset = self.offset();
        let bytes = self.byte_slice();
        if self.pay(offset, "bytes", bytes.len()) {
            Vec::from(bytes)
        } else {
            Vec::new()
        }
    }

    /// `bytes`, borrowed from the input.
    pub extern "C" fn byte_slice(&mut self) -> &'a [u8] {
        self.content("bytes").1
    }

    /// The content of a string, and how many bytes its length took.
    #[inline]
    extern "C" fn content(&mut self, reading: &'static str) -> (usize, &'a [u8]) {
        let (header, len) = match *self.rest {
            [len @ ..=253, ..] => (1, u64::from(len)),
            [254, a, b, c, ..] => (4, u64::from(u32::from_le_bytes([a, b, c, 0]))),
            [255, a, b, c, d, e, f, g, ..] => (8, u64::from_le_bytes([a, b, c, d, e, f, g, 0])),
            [255, ..] => (8, 0),
            _ => (4, 0),
        };
        // At most 8 + 2^56 + 3; on a 32-bit machine what does not fit is more than there can be.
        let padded = usize::try_from((header as u64 + len + 3) & !3).unwrap_or(usize::MAX);
        let content = self
            .take(reading, padded)
            .get(header..)
            .and_then(|content| content.get(..len as usize));
        (header, content.unwrap_or_default())
    }
}

/// Strings.
impl Writer {
    /// `string`.
    #[inline]
    pub fn string(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// `bytes`.
    pub fn bytes(&mut self, value: &[u8]) {
        if value.len() > 253 || self.is_image() {
            return self.any_bytes(value);
        }
        let padded = (value.len() + 4) & !3;
        if !self.has_room(padded) {
            return;
        }
        self.append(&[value.len() as u8]);
        self.append(value);
        self.append_padding(padded - 1 - value.len());
    }

    /// [`bytes`](Self::bytes) apart from those that are short and go to the wire, as nearly all are.
    #[inline(never)]
    fn any_bytes(&mut self, value: &[u8]) {
        let len = value.len();
        if self.is_image() {
            self.tell_len(len);
            return self.tell(value);
        }
        if len as u64 >> 56 != 0 {
            return self.fail(EncodeError::too_long("string", len));
        }
        let is_long = len > 0xff_ffff;
        let header = if is_long { 8 } else { 4 };
        let padding = (header + len).wrapping_neg() & 3;
        if !self.has_room(header + len + padding) {
            return;
        }
        let prefix = (len as u64).to_le_bytes();
        if is_long {
            self.append(&[255]);
            self.append(&prefix[..7]);
        } else {
            self.append(&[254, prefix[0], prefix[1], prefix[2]]);
        }
        self.append(value);
        self.append_padding(padding);
    }

    #[inline]
    fn append_padding(&mut self, padding: usize) {
        match padding {
            0 => {}
            1 => self.append(&[0]),
            2 => self.append(&[0; 2]),
            _ => self.append(&[0; 3]),
        }
    }
}
