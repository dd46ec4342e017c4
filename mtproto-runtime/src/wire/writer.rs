//! Writing: one body fills the bytes in and counts those that find no room.

use alloc::vec::Vec;

use super::reader::{BOOL_FALSE, BOOL_TRUE};
use super::room::Room;
use super::{Combinator, EncodeError, Int128, Int256, Int512, TlWrite};

/// Writes TL values.
///
/// A writer goes through a value once or twice. A write that has no room only adds to the number of bytes that are missing. If
/// any are after the first pass, there is room for all of them in a second. The first failure is kept and reported by
/// [`encode`](super::encode), which makes the writers.
pub struct Writer {
    /// What is written is appended here, while there is room.
    pub(super) room: Room,
    /// How many bytes found no room.
    missing: usize,
    error: Option<EncodeError>,
    pass: Pass,
}

/// What a writer makes.
#[derive(Clone, Copy, PartialEq)]
enum Pass {
    /// What the wire has.
    Wire,
    /// An [image](super::image).
    Image,
    /// One of which equal numbers have the same bytes.
    Comparable,
    /// The same, with a number in it that is not equal to itself.
    Incomparable,
}

/// A flags word in the making: [`Writer::open_flags`].
pub struct OpenFlags {
    word: u32,
    /// Where it stands.
    offset: usize,
}

/// The writer itself.
impl Writer {
    /// A writer that appends to `out` what there is room for, and counts the rest.
    #[inline]
    pub(super) fn appending(out: Vec<u8>) -> Self {
        Self {
            room: Room::new(out),
            missing: 0,
            error: None,
            pass: Pass::Wire,
        }
    }

    /// The first failure.
    #[inline]
    pub(super) fn take_error(&mut self) -> Option<EncodeError> {
        if self.missing > isize::MAX as usize {
            self.fail(EncodeError::too_long("value", self.missing));
        }
        self.error.take()
    }

    /// How many bytes found no room.
    #[inline]
    pub(super) fn missing(&self) -> usize {
        self.missing
    }

    /// The bytes that found room, after those that were there.
    #[inline]
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.room.into_vec()
    }

    /// A writer of an [image](super::image), which grows.
    pub(super) fn of_image(is_comparable: bool) -> Self {
        Self {
            pass: match is_comparable {
                true => Pass::Comparable,
                false => Pass::Image,
            },
            ..Self::appending(Vec::with_capacity(256))
        }
    }

    /// The image; none if there is a number in it that is not equal to itself, and it was to be compared.
    pub(super) fn into_image(self) -> Option<Vec<u8>> {
        (self.pass != Pass::Incomparable).then(|| self.into_bytes())
    }

    /// What stands before an object of its own bytes in an image, where an id is otherwise.
    pub(super) const RAW_MARK: u32 = 0;

    #[inline]
    pub(super) fn is_image(&self) -> bool {
        self.pass != Pass::Wire
    }

    /// What only an image tells: a presence, a length.
    pub(super) fn tell(&mut self, bytes: &[u8]) {
        self.put_slice(bytes);
    }

    pub(super) fn tell_len(&mut self, len: usize) {
        self.tell(&(len as u64).to_le_bytes());
    }

    /// A number with a fraction, as it is compared.
    #[cold]
    fn compared(&mut self, is_zero: bool, is_nan: bool) -> bool {
        if is_nan && self.is_image() && self.pass != Pass::Image {
            self.pass = Pass::Incomparable;
        }
        is_zero && self.pass == Pass::Comparable
    }

    /// Records that optional fields of `combinator` share a flag bit (`what`: `flags.3`) but not their presence.
    #[cold]
    #[inline(never)]
    pub fn contradiction(&mut self, combinator: &'static str, what: &'static str) {
        self.fail(EncodeError::Contradiction { combinator, what });
    }

    /// A flags word with one bit, set when the fields that share it are present, of which each entry tells one. They must
    /// agree, or it is a [`contradiction`](Self::contradiction).
    #[inline]
    pub fn shared_bit(
        &mut self,
        bit: u8,
        combinator: &'static str,
        what: &'static str,
        present: &[bool],
    ) -> u32 {
        if self.is_image() {
            present
                .iter()
                .for_each(|&is_there| self.tell(&[is_there.into()]));
        }
        let any = present.contains(&true);
        if any && present.contains(&false) {
            self.contradiction(combinator, what);
        }
        u32::from(any) << (bit & 31)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }

    #[inline]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        if !self.room.put(bytes) {
            self.put_without_room(&bytes);
        }
    }

    #[inline]
    pub(super) fn put_slice(&mut self, bytes: &[u8]) {
        if !self.room.put_slice(bytes) {
            self.put_without_room(bytes);
        }
    }

    /// What finds no room: an image grows, and else it is counted.
    #[cold]
    #[inline(never)]
    fn put_without_room(&mut self, bytes: &[u8]) {
        if self.make_room(bytes.len()) {
            self.room.put_slice(bytes);
        }
    }

    /// Whether there is room for `len` bytes; if not, so many more are missing.
    #[cold]
    #[inline(never)]
    pub(super) fn make_room(&mut self, len: usize) -> bool {
        if self.is_image() {
            self.room.reserve(len);
        }
        let has_room = self.room.left() >= len;
        if !has_room {
            // Where one buffer is written many times this may be more than there is memory for.
            self.missing = self.missing.saturating_add(len);
        }
        has_room
    }
}

/// Values.
impl Writer {
    /// `int`.
    #[inline]
    pub fn int(&mut self, value: i32) {
        self.put(value.to_le_bytes());
    }

    /// `#`, a natural number.
    #[inline]
    pub fn nat(&mut self, value: u32) {
        self.put(value.to_le_bytes());
    }

    /// `long`.
    #[inline]
    pub fn long(&mut self, value: i64) {
        self.put(value.to_le_bytes());
    }

    /// `float`, with all its bits.
    #[inline]
    pub fn float(&mut self, mut value: f32) {
        if self.is_image() && self.compared(value == 0.0, value.is_nan()) {
            value = 0.0;
        }
        self.put(value.to_le_bytes());
    }

    /// `double`, with all its bits.
    #[inline]
    pub fn double(&mut self, mut value: f64) {
        if self.is_image() && self.compared(value == 0.0, value.is_nan()) {
            value = 0.0;
        }
        self.put(value.to_le_bytes());
    }

    /// `Bool`, always boxed.
    #[inline]
    pub fn boolean(&mut self, value: bool) {
        self.id(if value { BOOL_TRUE } else { BOOL_FALSE });
    }

    /// `int128`.
    #[inline]
    pub fn int128(&mut self, value: &Int128) {
        self.put(value.0);
    }

    /// `int256`.
    #[inline]
    pub fn int256(&mut self, value: &Int256) {
        self.put(value.0);
    }

    /// `int512`.
    #[inline]
    pub fn int512(&mut self, value: &Int512) {
        self.put(value.0);
    }

    /// The id of a constructor or function.
    #[inline]
    pub fn id(&mut self, id: u32) {
        self.put(id.to_le_bytes());
    }

    /// A flags word.
    #[inline]
    pub fn flags(&mut self, word: u32) {
        self.put(word.to_le_bytes());
    }

    /// A flags word with the bits that are known before its fields are written; [`flagged`](Self::flagged) tells the others, and
    /// [`close_flags`](Self::close_flags) puts them in.
    #[inline]
    pub fn open_flags(&mut self, word: u32) -> OpenFlags {
        let offset = self.room.len();
        self.flags(0);
        OpenFlags { word, offset }
    }

    /// A value that may be absent. If it is there, the bit `mask` of its flags word is set.
    #[inline]
    pub fn flagged<T: TlWrite>(&mut self, flags: &mut OpenFlags, mask: u32, value: &Option<T>) {
        if let Some(value) = value {
            flags.word |= mask;
            value.write_to(self);
        }
    }

    /// [`flagged`](Self::flagged) for values without a [`TlWrite`] that fits.
    #[inline]
    pub fn flagged_of<T>(
        &mut self,
        flags: &mut OpenFlags,
        mask: u32,
        value: &Option<T>,
        write: impl FnOnce(&T, &mut Writer),
    ) {
        if let Some(value) = value {
            flags.word |= mask;
            write(value, self);
        }
    }

    /// Ends a flags word.
    #[inline]
    pub fn close_flags(&mut self, flags: OpenFlags) {
        // Where it had no room it is not there; then what is written serves no one but to be counted.
        self.room.overwrite(flags.offset, flags.word.to_le_bytes());
    }

    /// The bits that a flags word has besides those in `known`, which follow from fields. `what` is the word, with the name
    /// of its combinator.
    #[inline]
    pub fn unknown_flags(&mut self, bits: u32, known: u32, what: &'static str) -> u32 {
        if self.is_image() {
            self.tell(&bits.to_le_bytes());
        }
        if bits & known != 0 {
            self.fail(EncodeError::KnownFlagBits {
                what,
                bits: bits & known,
            });
        }
        bits & !known
    }

    /// Records that an unknown constructor of `type_name` stands where no id is written.
    #[cold]
    #[inline(never)]
    pub fn unknown_without_id(&mut self, type_name: &'static str) {
        self.fail(EncodeError::UnknownWithoutId { type_name });
    }

    /// Bytes that are TL already.
    pub fn raw(&mut self, bytes: &[u8]) {
        if self.is_image() {
            self.tell(&Self::RAW_MARK.to_le_bytes());
            self.tell_len(bytes.len());
        }
        self.put_slice(bytes);
    }

    /// An object of a constructor that the schema has, and that is kept as bytes.
    pub fn opaque(&mut self, object: &impl TlWrite) {
        if self.is_image() {
            self.raw(&[]);
        }
        object.write_to(self);
    }

    /// A value of any type.
    #[inline]
    pub fn write<T: TlWrite>(&mut self, value: &T) {
        value.write_to(self);
    }

    /// A constructor in boxed form: its id, then the bare value.
    #[inline]
    pub fn constructor<T: TlWrite + Combinator>(&mut self, value: &T) {
        self.id(T::ID);
        value.write_to(self);
    }

    /// A variant of an enum: its constructor's id, then the bare value.
    ///
    /// As [`constructor`](Self::constructor), but told the id: of a box or a struct that has none of its own, too.
    #[inline]
    pub fn variant<T: TlWrite>(&mut self, id: u32, value: &T) {
        self.id(id);
        value.write_to(self);
    }

    /// A value that may be absent.
    #[inline]
    pub fn optional<T: TlWrite>(&mut self, value: &Option<T>) {
        if let Some(value) = value {
            value.write_to(self);
        }
    }

    /// [`optional`](Self::optional) for values without a [`TlWrite`] that fits.
    #[inline]
    pub fn optional_of<T>(&mut self, value: &Option<T>, write: impl FnOnce(&T, &mut Writer)) {
        if let Some(value) = value {
            write(value, self);
        }
    }

    /// The id of a built-in type's one constructor, and the value without it.
    #[inline]
    pub fn with_id<T>(&mut self, id: u32, value: &T, write: impl FnOnce(&T, &mut Writer)) {
        self.id(id);
        write(value, self);
    }

    /// The number of bytes of an object whose length stands before it.
    pub fn length(&mut self, len: usize) {
        if self.is_image() {
            return self.nat(len as u32);
        }
        match i32::try_from(len) {
            Ok(len) => self.int(len),
            Err(_) => self.fail(EncodeError::too_long("Object", len)),
        }
    }
}

/// Numbers that a value depends on.
impl Writer {
    /// Holds the presence of the field `what` against what a number says of it.
    #[inline]
    pub fn presence(&mut self, expected: bool, found: bool, what: &'static str) {
        if self.is_image() {
            self.tell(&[found.into()]);
        }
        if expected != found {
            self.fail(EncodeError::WrongPresence { what, expected });
        }
    }

    /// Holds a number that a type is applied to against the only one that its constructor `name` stands for.
    #[inline]
    pub fn expect_nat(&mut self, name: &'static str, found: u32, expected: u32) {
        if found != expected {
            self.fail(EncodeError::WrongNumber {
                combinator: name,
                found,
                expected,
            });
        }
    }

    /// The number that `plus` is added to in the result of the constructor `name`: `n` of `Tuple t (n+1)`.
    #[inline]
    pub fn less(&mut self, name: &'static str, number: u32, plus: u32) -> u32 {
        number.checked_sub(plus).unwrap_or_else(|| {
            self.expect_nat(name, number, plus);
            0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longer_than_any_memory_is_never_short() {
        let mut w = Writer::appending(Vec::new());
        for _ in 0..4 {
            w.make_room(1 << (usize::BITS - 2));
        }
        assert!(matches!(w.take_error(), Some(EncodeError::TooLong { .. })));
    }
}
