//! Places in source text, and the files they point into.
//!
//! Every token, argument and diagnostic carries a [`Span`]; [`Sources`] turns one back into a file name, a line
//! and the text itself. Offsets are bytes of the UTF-8 text held here.

use std::borrow::Cow;
use std::fmt;
use std::sync::{LazyLock, OnceLock};

use crate::schema::prelude;

/// A file of a [`Sources`] collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file the range lies in.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `start..end` in `file`.
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span that covers both; they must lie in one file.
    pub fn to(self, end: Span) -> Self {
        debug_assert_eq!(self.file, end.file);
        Self {
            file: self.file,
            start: self.start.min(end.start),
            end: self.end.max(end.end),
        }
    }

    /// The empty span at the end of this one: where something is missing.
    pub const fn after(self) -> Self {
        Self {
            file: self.file,
            start: self.end,
            end: self.end,
        }
    }

    /// Whether another lies within it.
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The byte range, for slicing.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One schema file: its name as the user gave it, and its text.
#[derive(Clone)]
pub struct Source {
    name: String,
    text: String,
    /// Made when the first place is asked for: a sound file needs none.
    places: OnceLock<Places>,
}

/// The largest schema file that is read, in bytes: offsets are 32 bits wide.
pub const MAX_SOURCE_BYTES: usize = 1 << 30;

/// A file larger than [`MAX_SOURCE_BYTES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTooLarge {
    /// The file's name.
    pub name: String,
    /// Its size in bytes.
    pub size_bytes: usize,
}

impl fmt::Display for SourceTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is {} bytes long; a schema file may have {MAX_SOURCE_BYTES}",
            self.name, self.size_bytes
        )
    }
}

impl std::error::Error for SourceTooLarge {}

impl Source {
    fn new(name: String, text: String) -> Self {
        Self {
            name,
            text,
            places: OnceLock::new(),
        }
    }

    /// The file's name as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The 1-based line and column (in characters) of a byte offset. A byte order mark has no column. Takes no longer on a
    /// long line than on a short one.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let places = self.places.get_or_init(|| Places::new(&self.text));
        let line = places
            .line_starts
            .partition_point(|&start| start <= offset)
            .max(1)
            - 1;
        let start = match places.line_starts[line] as usize {
            0 => self.text.len() - self.text.trim_start_matches(BYTE_ORDER_MARK).len(),
            start => start,
        };
        let end = (offset as usize).min(self.text.len());
        let column = places
            .chars_before(&self.text, end)
            .saturating_sub(places.chars_before(&self.text, start));
        (line + 1, column + 1)
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text) == (&other.name, &other.text)
    }
}

impl Eq for Source {}

/// What turns offsets of a text into lines and columns.
#[derive(Clone)]
struct Places {
    line_starts: Vec<u32>,
    /// How many characters begin before each multiple of [`STRIDE`].
    chars: Vec<u32>,
}

/// How many bytes are counted at most to find a column.
const STRIDE: usize = 256;

impl Places {
    fn new(text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(newlines.map(|(at, _)| at as u32 + 1))
            .collect();
        let strides = text.as_bytes().chunks(STRIDE);
        let chars = strides.scan(0, |total, stride| {
            let before = *total;
            *total += count_chars(stride) as u32;
            Some(before)
        });
        Self {
            line_starts,
            chars: chars.collect(),
        }
    }

    /// How many characters begin before a byte of the text.
    fn chars_before(&self, text: &str, at: usize) -> usize {
        let stride = at.saturating_sub(1) / STRIDE;
        let before = self.chars.get(stride).copied().unwrap_or(0) as usize;
        before + count_chars(&text.as_bytes()[stride * STRIDE..at])
    }
}

fn count_chars(bytes: &[u8]) -> usize {
    // Every byte of a character but its first is 0b10……….
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.name, self.text.len())
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// What every schema may use without defining it, so that a finding in it can be shown.
static PRELUDE: LazyLock<Source> =
    LazyLock::new(|| Source::new("<built-in>".to_owned(), prelude::TEXT.to_owned()));

/// The files of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file.
    ///
    /// # Errors
    /// The text is larger than [`MAX_SOURCE_BYTES`].
    pub fn add(
        &mut self,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<FileId, SourceTooLarge> {
        let (name, text) = (name.into(), text.into());
        if text.len() > MAX_SOURCE_BYTES {
            return Err(SourceTooLarge {
                name,
                size_bytes: text.len(),
            });
        }
        self.files.push(Source::new(name, text));
        Ok(FileId(self.files.len() as u32 - 1))
    }

    /// Adds a file as it lies on disk. Text that is not UTF-8 is read as Latin-1: TL itself is ASCII, only comments
    /// can hold anything else.
    ///
    /// # Errors
    /// The text is larger than [`MAX_SOURCE_BYTES`].
    pub fn add_bytes(
        &mut self,
        name: impl Into<String>,
        bytes: Vec<u8>,
    ) -> Result<FileId, SourceTooLarge> {
        let text = String::from_utf8(bytes).unwrap_or_else(|error| {
            error
                .as_bytes()
                .iter()
                .map(|&byte| char::from(byte))
                .collect()
        });
        self.add(name, text)
    }

    /// The file of an id handed out by this collection; the compiler's own definitions for any other.
    pub fn file(&self, id: FileId) -> &Source {
        self.files.get(id.0 as usize).unwrap_or(&PRELUDE)
    }

    /// All files with their ids, in the order they were added.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (FileId, &Source)> {
        self.files
            .iter()
            .enumerate()
            .map(|(index, file)| (FileId(index as u32), file))
    }

    /// The text a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file)
            .text
            .get(span.range())
            .unwrap_or_default()
    }

    /// `file:line:column` of a span's start.
    pub fn locate(&self, span: Span) -> String {
        let file = self.file(span.file);
        let (line, column) = file.line_column(span.start);
        format!("{}:{line}:{column}", file.name)
    }

    /// A span's text on one line, for messages.
    pub fn one_line(&self, span: Span) -> Cow<'_, str> {
        let text = self.text(span);
        if text.contains(char::is_whitespace) {
            Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
        } else {
            Cow::Borrowed(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let mut sources = Sources::new();
        let id = sources.add("a.tl", "ab\nпривет x\n").expect("small");
        let file = sources.file(id);
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(2), (1, 3));
        assert_eq!(file.line_column(3), (2, 1));
        assert_eq!(file.line_column(16), (2, 8));
        assert_eq!(file.line_column(900), (3, 1));
        let id = sources.add("b.tl", "\u{feff}ab\nc").expect("small");
        let file = sources.file(id);
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(3), (1, 1));
        assert_eq!(file.line_column(4), (1, 2));
        assert_eq!(file.line_column(6), (2, 1));
    }

    #[test]
    fn columns_of_a_long_line_are_those_of_counting() {
        let text = "aé\u{1f600}b\n".repeat(3) + &"xé".repeat(2 * STRIDE) + "\nend";
        let mut sources = Sources::new();
        let id = sources.add("a.tl", text.as_str()).expect("small");
        for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let line = text[..at].matches('\n').count() + 1;
            let column = text[start..at].chars().count() + 1;
            assert_eq!(sources.file(id).line_column(at as u32), (line, column));
        }
    }

    #[test]
    fn text_that_is_not_utf8_is_read_as_latin_1() {
        let mut sources = Sources::new();
        let id = sources
            .add_bytes("a.tl", b"// caf\xe9\n".to_vec())
            .expect("small");
        assert_eq!(sources.file(id).text(), "// café\n");
    }
}
