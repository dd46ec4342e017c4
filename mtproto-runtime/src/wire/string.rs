//! Strings and byte strings, which differ only in what they promise about their content.

use alloc::string::String;
use alloc::vec::Vec;

use super::{DecodeErrorKind, EncodeError, Reader, Writer, utf8};

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
        match utf8::text(content) {
            Ok(text) => text,
            Err(sound) => {
                self.fail_at(
                    offset + header + sound,
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
        self.put_bytes(value);
    }

    /// [`bytes`](Self::bytes), for what is called for each string in its place.
    #[inline(always)]
    pub(super) fn put_bytes(&mut self, value: &[u8]) {
        if self.is_image() || !self.room.put_string(value) {
            self.any_bytes(value);
        }
    }

    /// [`bytes`](Self::bytes) apart from those that are short and go to the wire where there is room, as nearly all are.
    #[cold]
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
        let prefix = (len as u64).to_le_bytes();
        let (first, header) = match len {
            0..=253 => (len as u8, 1),
            254..=0xff_ffff => (254, 4),
            _ => (255, 8),
        };
        let padding = (header + len).wrapping_neg() & 3;
        let padded = header + len + padding;
        if self.room.left() < padded && !self.make_room(padded) {
            return;
        }
        self.room.put([first]);
        self.room.put_slice(&prefix[..header - 1]);
        self.room.put_slice(value);
        self.room.put_slice(&[0; 3][..padding]);
    }
}
