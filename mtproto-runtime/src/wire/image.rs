//! `Debug` and `PartialEq` of generated types: one function for all of them.
//!
//! Derived, each makes code for every field of thousands of types: a third of the time that bindings of the Telegram API
//! take to compile. Here a type's own [`TlWrite`] writes an *image* of the value, and one function compares images or tells
//! what is in them. An image is what the wire has, and besides that what the wire leaves to follow from other fields: so two
//! values have one image only if they are equal, even those that contradict themselves and can't be sent.
//!
//! What images mean is told by a table of *shapes*, a line per constructor and function, by id:
//!
//! ```text
//! 695150d7 Photo MessageMediaPhoto flags:^ spoiler:&flags.3 photo:?flags.0:! ttl_seconds:?flags.2:int
//! ```
//!
//! The id, the variant of the enum (`-` for a function, `=` for a [`Boxed`](super::Boxed) struct, `.` where the enum is not in the
//! table), the struct (`-` for a variant without one), and the fields in wire order:
//!
//! * `int`, `string`, … – a value of a built-in type, `object` – any object
//! * `!` – a boxed value: its id tells its shape; `%695150d7` – a bare one
//! * `[int`, `(int` – a vector with an id before its count, or without
//! * `*WebPage` – an object kept as bytes, in a struct of that name
//! * `=int` – a value with an id that is always the same before it
//! * `^`, `^3,3` – a flags word; where fields share bits, each one's presence stands before it; `^u` – it has bits of its own
//! * `~` – a number that follows from other fields
//! * `?flags.3:int`, `?n:int` – an optional value, there when the bit is set or the number is not 0; `?:int` – there when the
//!   byte before it says so; `&flags.3`, `&` – the same for a mere flag
//! * `-` before any of these – a field that must not be shown
//!
//! Images are not erased when they are freed, and comparing them takes a time that depends on the bytes: generated types are
//! plain data, and neither they nor the buffers that they are read from and written to are erased.

use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use super::{Int128, Int256, Int512, RawObjectRef, Redacted, TlWrite, Writer};

/// What images mean: lines by id, ascending, after one that is no such line.
pub type Shapes = [&'static str];

/// Whether two values are equal, as derived `PartialEq`s would find: numbers that are not equal to themselves included.
#[must_use]
pub fn equal<T: TlWrite>(left: &T, right: &T) -> bool {
    match (comparable(left), comparable(right)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

/// Prints a struct as derived `Debug`s would; `id` is that of its constructor or function.
///
/// # Errors
///
/// If the formatter has one.
pub fn debug_struct<T: TlWrite>(
    value: &T,
    id: u32,
    shapes: &Shapes,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    show_struct(&image(value), id, shapes, f)
}

/// Prints an enum as derived `Debug`s would.
///
/// # Errors
///
/// If the formatter has one.
pub fn debug_enum<T: TlWrite>(
    value: &T,
    shapes: &Shapes,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    show_enum(&image(value), shapes, f)
}

/// An image with one form for both zeros; none if there is a number that is not equal to itself.
fn comparable(value: &dyn TlWrite) -> Option<Vec<u8>> {
    let mut w = Writer::of_image(true);
    value.write_to(&mut w);
    w.into_image()
}

fn image(value: &dyn TlWrite) -> Vec<u8> {
    let mut w = Writer::of_image(false);
    value.write_to(&mut w);
    w.into_image().unwrap_or_default()
}

fn show_struct(image: &[u8], id: u32, shapes: &Shapes, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let cursor = Cursor::new(image, shapes);
    let Some((variant, name, fields)) = cursor.shape(id) else {
        return f.write_str("?");
    };
    if variant == "-" {
        // Of a function: it writes its id itself.
        cursor.word();
    }
    cursor.show_fields(name, fields, f)
}

fn show_enum(image: &[u8], shapes: &Shapes, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    Cursor::new(image, shapes).show_boxed(f)
}

/// Where in an image what is shown next lies. It moves on while a formatter shows values by reference.
struct Cursor<'i> {
    rest: Cell<&'i [u8]>,
    shapes: &'i Shapes,
}

/// A value that lies next when it is shown.
struct Next<'c, 'i> {
    cursor: &'c Cursor<'i>,
    form: &'i str,
}

impl fmt::Debug for Next<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cursor.show(self.form, f)
    }
}

/// The fields of a struct that lies next.
struct NextStruct<'c, 'i> {
    cursor: &'c Cursor<'i>,
    name: &'i str,
    fields: &'i str,
}

impl fmt::Debug for NextStruct<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cursor.show_fields(self.name, self.fields, f)
    }
}

/// A value that may be there.
struct NextOptional<'c, 'i>(Option<Next<'c, 'i>>);

impl fmt::Debug for NextOptional<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'i> Cursor<'i> {
    fn new(image: &'i [u8], shapes: &'i Shapes) -> Self {
        Self {
            rest: Cell::new(image),
            shapes,
        }
    }

    /// The variant, the struct and the fields that an id stands for.
    fn shape(&self, id: u32) -> Option<(&'i str, &'i str, &'i str)> {
        let id_of = |line: &&str| {
            line.get(..8)
                .and_then(|id| u32::from_str_radix(id, 16).ok())
        };
        let line = self.shapes.binary_search_by_key(&Some(id), id_of).ok()?;
        let mut parts = self.shapes.get(line)?.splitn(4, ' ').skip(1);
        Some((parts.next()?, parts.next()?, parts.next().unwrap_or("")))
    }

    /// Shows a value of any form but those that only fields have.
    fn show(&self, form: &'i str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match form.split_at_checked(1) {
            Some(("!", _)) => self.show_boxed(f),
            Some(("%", id)) => {
                let id = u32::from_str_radix(id, 16).unwrap_or(0);
                match self.shape(id) {
                    Some((_, name, fields)) => self.show_fields(name, fields, f),
                    None => f.write_str("?"),
                }
            }
            Some(("[", item)) => {
                self.word();
                self.show_items(item, f)
            }
            Some(("(", item)) => self.show_items(item, f),
            Some(("=", form)) => {
                self.word();
                self.show(form, f)
            }
            Some(("*", name)) => f.debug_tuple(name).field(&self.object()).finish(),
            _ => self.show_builtin(form, f),
        }
    }

    fn show_builtin(&self, form: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match form {
            "int" => fmt::Debug::fmt(&i32::from_le_bytes(self.chunk()), f),
            "#" => fmt::Debug::fmt(&self.word(), f),
            "long" => fmt::Debug::fmt(&i64::from_le_bytes(self.chunk()), f),
            "float" => fmt::Debug::fmt(&f32::from_le_bytes(self.chunk()), f),
            "double" => fmt::Debug::fmt(&f64::from_le_bytes(self.chunk()), f),
            "Bool" => fmt::Debug::fmt(&(self.word() == super::reader::BOOL_TRUE), f),
            "true" => fmt::Debug::fmt(&(), f),
            "string" => {
                let text = core::str::from_utf8(self.counted()).unwrap_or_default();
                fmt::Debug::fmt(text, f)
            }
            "bytes" => fmt::Debug::fmt(self.counted(), f),
            "int128" => fmt::Debug::fmt(&Int128(self.chunk()), f),
            "int256" => fmt::Debug::fmt(&Int256(self.chunk()), f),
            "int512" => fmt::Debug::fmt(&Int512(self.chunk()), f),
            "object" => fmt::Debug::fmt(&self.object(), f),
            _ => f.write_str("?"),
        }
    }

    fn show_boxed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.word();
        if id == Writer::RAW_MARK {
            // An empty one says that the next is of the schema.
            let (variant, object) = match RawObjectRef::read(self.counted()) {
                mark if mark.as_bytes().is_empty() => ("Opaque", self.object()),
                object => ("Unknown", object),
            };
            return f.debug_tuple(variant).field(&object).finish();
        }
        match self.shape(id) {
            Some(("=", name, fields)) => self.show_fields(name, fields, f),
            Some((variant, "-", _)) => f.write_str(variant),
            Some((variant, name, fields)) => {
                let cursor = self;
                let value = NextStruct {
                    cursor,
                    name,
                    fields,
                };
                f.debug_tuple(variant).field(&value).finish()
            }
            None => f.write_str("?"),
        }
    }

    fn show_items(&self, form: &'i str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.len();
        let mut list = f.debug_list();
        for _ in 0..count {
            list.entry(&Next { cursor: self, form });
        }
        list.finish()
    }

    fn show_fields(&self, name: &str, fields: &'i str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct(name);
        // Numbers by name, and what is there of fields that share a bit.
        let (mut words, mut present) = (Vec::new(), Vec::new());
        for field in fields.split(' ').filter(|field| !field.is_empty()) {
            let (name, form) = field.split_once(':').unwrap_or((field, ""));
            let (is_secret, form) = match form.strip_prefix('-') {
                Some(form) => (true, form),
                None => (false, form),
            };
            let mut show = |value: &dyn fmt::Debug| {
                if is_secret {
                    shown.field(name, &Redacted);
                    self.pass(value);
                } else {
                    shown.field(name, value);
                }
            };
            match form.split_at_checked(1) {
                Some(("^", shared)) => {
                    let (has_own, shared) = match shared.strip_prefix('u') {
                        Some(shared) => (true, shared),
                        None => (false, shared),
                    };
                    if has_own {
                        show(&self.word());
                    }
                    for bit in shared.split(',').filter(|bit| !bit.is_empty()) {
                        present.push((name, bit, self.flag()));
                    }
                    words.push((name, self.word()));
                }
                Some(("~", _)) => words.push((name, self.word())),
                Some(("&", test)) => show(&self.test(test, &words, &mut present)),
                Some(("?", rest)) => {
                    let (test, form) = rest.split_once(':').unwrap_or(("", rest));
                    let is_there = self.test(test, &words, &mut present);
                    show(&NextOptional(
                        is_there.then_some(Next { cursor: self, form }),
                    ));
                }
                _ => show(&Next { cursor: self, form }),
            }
        }
        shown.finish()
    }

    /// Whether a field is there.
    fn test(
        &self,
        test: &str,
        words: &[(&str, u32)],
        present: &mut Vec<(&str, &str, bool)>,
    ) -> bool {
        if test.is_empty() {
            return self.flag();
        }
        let (word, bit) = match test.split_once('.') {
            Some((word, bit)) => (word, Some(bit)),
            None => (test, None),
        };
        let shared = present
            .iter()
            .position(|row| row.0 == word && Some(row.1) == bit);
        if let Some(at) = shared {
            return present.remove(at).2;
        }
        let number = words
            .iter()
            .rfind(|row| row.0 == word)
            .map_or(0, |row| row.1);
        match bit.and_then(|bit| bit.parse::<u32>().ok()) {
            Some(bit) => number >> (bit & 31) & 1 != 0,
            None => number != 0,
        }
    }

    /// Goes past what is not shown.
    fn pass(&self, value: &dyn fmt::Debug) {
        struct Nowhere;
        impl fmt::Write for Nowhere {
            fn write_str(&mut self, _: &str) -> fmt::Result {
                Ok(())
            }
        }
        // Nothing fails that goes nowhere.
        let _ = fmt::write(&mut Nowhere, format_args!("{value:?}"));
    }

    /// The next bytes; zeros when the image is at its end, which it never is for a value that writes the same each time.
    fn chunk<const N: usize>(&self) -> [u8; N] {
        match self.rest.get().split_first_chunk() {
            Some((chunk, rest)) => {
                self.rest.set(rest);
                *chunk
            }
            None => [0; N],
        }
    }

    fn word(&self) -> u32 {
        u32::from_le_bytes(self.chunk())
    }

    fn flag(&self) -> bool {
        self.chunk::<1>() != [0]
    }

    fn len(&self) -> usize {
        usize::try_from(u64::from_le_bytes(self.chunk())).unwrap_or(0)
    }

    /// An object after the mark that there is one.
    fn object(&self) -> RawObjectRef<'i> {
        self.word();
        RawObjectRef::read(self.counted())
    }

    /// Bytes with their number before them.
    fn counted(&self) -> &'i [u8] {
        let len = self.len();
        let (content, rest) = self.rest.get().split_at_checked(len).unwrap_or_default();
        self.rest.set(rest);
        content
    }
}
