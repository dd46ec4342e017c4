//! A schema as a table of lines, for code that no type was generated for: serde's traits go by it (`wire::json`), and
//! [`opaque`] finds by it where a value ends that is kept as bytes.

mod opaque;

/// The constructors and functions of a schema, a line of text for each.
///
/// ```text
/// user User flags:^ id:long name:flags.0?string is_new:flags.1?true photos:flags.2?Vector<!Photo>
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
/// * `^` – a word that only says which fields follow; `~` – the size of the object after it
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
    pub separator: char,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub name: &'static str,
    pub condition: Option<Condition>,
    pub form: &'static str,
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
                separator: ' ',
            },
        }
    }
}

impl Fields {
    /// Those of an item of a repetition.
    pub(super) fn of_item(text: &'static str) -> Self {
        Self {
            text,
            separator: ';',
        }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Field> {
        split(self.text, self.separator).map(Field::of)
    }

    /// The bits of a mask that fields go with.
    pub(super) fn known_bits(self, word: &str) -> u32 {
        let conditions = self.iter().filter_map(|field| field.condition);
        let own = conditions.filter(|condition| condition.word == word);
        own.fold(0, |bits, condition| {
            bits | 1 << (condition.bit.unwrap_or(0) & 31)
        })
    }
}

impl Field {
    fn of(text: &'static str) -> Self {
        let (name, form) = text.split_once(':').unwrap_or((text, ""));
        // In the forms of repetitions there may be further conditions.
        let end = form.find(['*', '<']).unwrap_or(form.len());
        let (condition, form) = match form.get(..end).and_then(|start| start.find('?')) {
            Some(at) => (Some(Condition::of(&form[..at])), &form[at + 1..]),
            None => (None, form),
        };
        Self {
            name,
            condition,
            form,
        }
    }
}

impl Condition {
    fn of(text: &'static str) -> Self {
        match text.rsplit_once('.') {
            Some((word, bit)) => Self {
                word,
                bit: bit.parse().ok(),
            },
            None => Self {
                word: text,
                bit: None,
            },
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

/// The parts between separators that no brackets hold.
pub(super) fn split(
    text: &'static str,
    separator: char,
) -> impl Iterator<Item = &'static str> + Clone {
    let mut rest = Some(text).filter(|text| !text.is_empty());
    core::iter::from_fn(move || {
        let text = rest?;
        let mut depth = 0_u32;
        let end = text.find(|c| {
            match c {
                '<' | '[' | '{' => depth += 1,
                '>' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && c == separator
        });
        let (part, after) = match end {
            Some(end) => (&text[..end], Some(&text[end + 1..])),
            None => (text, None),
        };
        rest = after;
        Some(part)
    })
}

/// Whether a field's form is `n*[…]` or `n*{…}`.
pub(super) fn is_repetition(form: &str) -> bool {
    form.find(['*', '<'])
        .is_some_and(|at| form[at..].starts_with('*'))
}

/// `[long]` or `{x:int;y:long}` without the brackets, and whether it is the first.
pub(super) fn repeated(item: &'static str) -> (bool, &'static str) {
    let inner = item.get(1..item.len().saturating_sub(1));
    (item.starts_with('['), inner.unwrap_or(""))
}
