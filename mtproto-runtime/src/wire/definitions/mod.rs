//! A schema as a table of lines, for code that no type was generated for: serde's traits go by it (`wire::json`), and
//! [`opaque`] finds by it where a value ends that is kept as bytes.

mod opaque;

/// The constructors and functions of a schema, a line of text for each.
///
/// ```text
/// user User flags:^7 id:long name:flags.0?string is_new:flags.1?true photos:flags.2?Vector<!Photo>
/// ```
///
/// The name, the type (`-` for a function; with arguments where it has some: `Tuple<$X,n+1>`), and the fields in wire order.
/// What comes before `?` is the number and the bit that tell whether a field is there. Then there is its form:
///
/// * `int`, `string`, `#`, … – a value of a built-in type; `object` – any object; `call` – a call of any function, `call:695150d7`
///   – of this one
/// * `!Photo` – a boxed value; `%695150d7` – a bare one of this constructor; `@Tuple<int,2>` – a bare one of a type whose
///   numbers tell the constructor
/// * `Vector<long>`, `vector<long>` – a vector with an id before its count, or without
/// * `=a8509bda:int` – a value with an id that is always the same before it
/// * `^7` – a word that only says which fields follow, and the bits that do, in hex; `~` – the size of the object after it
/// * `$X` – the type that a variable stands for, `%$X` – bare
/// * `n*[long]` – as many items as a number says; `n+1*{x:int;y:long}` – of several fields
///
/// A `*` before a type says that its values can hold values of it, and one before a name that bare ones can: those
/// count against the depth that a [`Reader`](super::Reader) allows.
#[derive(Debug)]
pub struct Definitions {
    pub(super) constructors: &'static [(u32, &'static str)],
    /// The ids of all constructors, ordered by type and name.
    by_type: &'static [u32],
    #[cfg_attr(
        not(feature = "serde"),
        expect(dead_code, reason = "only serde reads calls")
    )]
    pub(super) functions: &'static [(u32, &'static str)],
    keeps_unknown: bool,
    has_text: bool,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub id: u32,
    pub name: &'static str,
    pub ty: &'static str,
    /// Whether values of the type can hold values of it, and bare ones of the constructor such of it.
    nests: (bool, bool),
    /// What the type is given, `$X,n+1`; empty for one without parameters.
    pub patterns: &'static str,
    pub fields: Fields,
}

/// The fields of a definition, or of what a repetition repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    text: &'static str,
    pub separator: u8,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub name: &'static str,
    pub condition: Option<Condition>,
    /// What it is; of a mask, `^` alone.
    pub form: &'static str,
    /// The bits of a mask that fields go with.
    pub known_bits: u32,
    /// Whether it is as many items as a number says.
    pub is_repetition: bool,
}

/// When a field is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub word: &'static str,
    /// The bit; without one the number must not be zero.
    pub bit: Option<u32>,
}

impl Definitions {
    /// The lines of constructors and functions, each by id, ascending; and the ids of the constructors in the order of their types
    /// and names.
    #[must_use]
    pub const fn new(
        constructors: &'static [(u32, &'static str)],
        by_type: &'static [u32],
        functions: &'static [(u32, &'static str)],
    ) -> Self {
        Self::with(constructors, by_type, functions, false, true)
    }

    /// The same for bindings that are less strict, for values kept as bytes are what these are: with `keeps_unknown` unknown
    /// constructors and flag bits may stand in them, and without `has_text` a `string` need not be UTF-8.
    #[must_use]
    pub const fn with(
        constructors: &'static [(u32, &'static str)],
        by_type: &'static [u32],
        functions: &'static [(u32, &'static str)],
        keeps_unknown: bool,
        has_text: bool,
    ) -> Self {
        Self {
            constructors,
            by_type,
            functions,
            keeps_unknown,
            has_text,
        }
    }

    /// The constructor of an id.
    pub(super) fn constructor(&self, id: u32) -> Option<Definition> {
        find(self.constructors, id)
    }

    /// The constructor of a type that has an id.
    fn constructor_of(&self, ty: &str, id: u32) -> Option<Definition> {
        self.constructor(id).filter(|own| own.ty == ty)
    }

    /// The ids of a type's constructors, by name.
    pub(super) fn ids_of(&self, ty: &str) -> &'static [u32] {
        let type_of = |id: &u32| self.constructor(*id).map_or("", |own| own.ty);
        let start = self.by_type.partition_point(|id| type_of(id) < ty);
        let rest = self.by_type.get(start..).unwrap_or_default();
        let len = rest.partition_point(|id| type_of(id) == ty);
        rest.get(..len).unwrap_or_default()
    }
}

pub(super) fn find(rows: &'static [(u32, &'static str)], id: u32) -> Option<Definition> {
    let at = rows.binary_search_by_key(&id, |row| row.0).ok()?;
    let (id, line) = *rows.get(at)?;
    Some(Definition::of(id, line))
}

impl Definition {
    pub(super) fn of(id: u32, line: &'static str) -> Self {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (ty, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let (is_bare_nested, name) = without_mark(name);
        let (is_nested, ty) = without_mark(ty);
        let (ty, patterns) = applied(ty);
        Self {
            id,
            name,
            ty,
            nests: (is_nested, is_bare_nested),
            patterns,
            fields: Fields {
                text,
                separator: b' ',
            },
        }
    }
}

impl Fields {
    /// Those of an item of a repetition.
    pub(super) fn of_item(text: &'static str) -> Self {
        Self {
            text,
            separator: b';',
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Field> {
        let mut rest = self.text;
        core::iter::from_fn(move || {
            let (field, after) = Field::first_of(rest, self.separator)?;
            rest = after;
            Some(field)
        })
    }
}

impl Field {
    /// The first field of a text, and what follows it; one pass, for values are read by it.
    fn first_of(text: &'static str, separator: u8) -> Option<(Self, &'static str)> {
        if text.is_empty() {
            return None;
        }
        let (mut colon, mut mark, mut end) = (None, None, text.len());
        let (mut depth, mut is_condition_over, mut is_repetition) = (0_u32, false, false);
        for (at, &byte) in text.as_bytes().iter().enumerate() {
            match byte {
                // Nearly all.
                b'_'..=b'z' => {}
                b':' => colon = colon.or(Some(at)),
                // In the forms of repetitions there may be further conditions.
                b'?' if !is_condition_over => mark = mark.or(Some(at)),
                b'*' => {
                    is_repetition |= !is_condition_over;
                    is_condition_over = true;
                }
                b'<' | b'[' | b'{' => {
                    is_condition_over = true;
                    depth += 1;
                }
                b'>' | b']' | b'}' => depth = depth.saturating_sub(1),
                byte if byte == separator && depth == 0 => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let part = |start: usize, end: usize| text.get(start..end).unwrap_or("");
        let colon = colon.unwrap_or(end);
        let condition = mark.map(|mark| Condition::of(part(colon + 1, mark)));
        let form = part(mark.unwrap_or(colon) + 1, end);
        let (form, known_bits) = match form.strip_prefix('^') {
            Some(bits) => ("^", u32::from_str_radix(bits, 16).unwrap_or(0)),
            None => (form, 0),
        };
        let field = Self {
            name: part(0, colon),
            condition,
            form,
            known_bits,
            is_repetition,
        };
        Some((field, part(end + 1, text.len())))
    }
}

impl Condition {
    fn of(text: &'static str) -> Self {
        let digit = |byte: u8| u32::from(byte.wrapping_sub(b'0'));
        let (len, bit) = match *text.as_bytes() {
            [.., b'.', ones] => (2, Some(digit(ones))),
            [.., b'.', tens, ones] => (3, Some(digit(tens) * 10 + digit(ones))),
            _ => (0, None),
        };
        Self {
            word: text.get(..text.len() - len).unwrap_or(""),
            bit,
        }
    }
}

/// Whether a `*` stands before it, and what is after that.
fn without_mark(text: &'static str) -> (bool, &'static str) {
    match text.strip_prefix('*') {
        Some(text) => (true, text),
        None => (false, text),
    }
}

/// `Tuple<int,n>` to `Tuple` and `int,n`.
pub(super) fn applied(form: &'static str) -> (&'static str, &'static str) {
    match form.split_once('<') {
        Some((head, args)) => (head, args.strip_suffix('>').unwrap_or(args)),
        None => (form, ""),
    }
}

/// `[long]` or `{x:int;y:long}` without the brackets, and whether it is the first.
pub(super) fn repeated(item: &'static str) -> (bool, &'static str) {
    let inner = item.get(1..item.len().saturating_sub(1));
    (item.starts_with('['), inner.unwrap_or(""))
}
