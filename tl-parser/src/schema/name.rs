//! Names, as schemas have thousands of them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};

/// A name with its namespaces, `messages.sendMessage`. One of up to 31 bytes takes no allocation.
#[derive(Clone)]
pub struct Name(Repr);

/// The text is looked at again with every use, which for so few bytes takes next to nothing: it is sound by construction.
#[derive(Clone)]
enum Repr {
    /// The bytes behind the length mean nothing.
    Short(Len, [u8; SHORT]),
    Long(Box<str>),
}

const SHORT: usize = 31;

/// A length that leaves room beside it for the choice between [`Repr`]s and for [`None`].
#[derive(Clone, Copy)]
#[rustfmt::skip]
enum Len {
    L0, L1, L2, L3, L4, L5, L6, L7, L8, L9, L10, L11, L12, L13, L14, L15,
    L16, L17, L18, L19, L20, L21, L22, L23, L24, L25, L26, L27, L28, L29, L30, L31,
}

impl Len {
    #[rustfmt::skip]
    const ALL: [Self; SHORT + 1] = {
        use Len::*;
        [L0, L1, L2, L3, L4, L5, L6, L7, L8, L9, L10, L11, L12, L13, L14, L15,
         L16, L17, L18, L19, L20, L21, L22, L23, L24, L25, L26, L27, L28, L29, L30, L31]
    };
}

impl Name {
    /// No name yet.
    pub(super) const EMPTY: Self = Self(Repr::Short(Len::L0, [0; SHORT]));

    /// Becomes the name that stands somewhere in a text. An [empty](Self::EMPTY) one does so where it is: a name is made of odd
    /// pieces, and to read them again for a copy takes longer than all the rest.
    #[inline]
    pub(super) fn put(&mut self, text: &str, range: Range<usize>) {
        let rest = text.as_bytes().get(range.start..).unwrap_or_default();
        match (&mut self.0, Len::ALL.get(range.len()), rest.first_chunk()) {
            (Repr::Short(own_len, own_bytes), Some(len), Some(bytes))
                if text.is_char_boundary(range.end) =>
            {
                *own_len = *len;
                *own_bytes = *bytes;
            }
            _ => *self = Self::from(text.get(range).unwrap_or_default()),
        }
    }

    /// The whole name.
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Short(..) => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Repr::Long(text) => text,
        }
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Short(len, bytes) => &bytes[..*len as usize],
            Repr::Long(text) => text.as_bytes(),
        }
    }

    /// Everything before the last dot.
    pub fn namespace(&self) -> Option<&str> {
        self.rsplit_once('.').map(|(namespace, _)| namespace)
    }

    /// Everything after the last dot.
    pub fn base(&self) -> &str {
        self.rsplit_once('.').map_or(self, |(_, base)| base)
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        let Some(len) = Len::ALL.get(name.len()) else {
            return Self(Repr::Long(name.into()));
        };
        let mut bytes = [0; SHORT];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        Self(Repr::Short(*len, bytes))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_text_whatever_stands_behind_it() {
        let text = "messages.sendMessageToSomebody of.ten naïveté and more of it to the end";
        for start in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
            for end in (start..=text.len()).filter(|&at| text.is_char_boundary(at)) {
                let mut name = Name::EMPTY;
                name.put(text, start..end);
                assert_eq!(&*name, &text[start..end]);
                assert_eq!(name, Name::from(&text[start..end]));
            }
        }
    }

    #[test]
    fn a_name_takes_no_more_room_than_four_words() {
        assert_eq!(size_of::<Option<Name>>(), 32);
    }

    #[test]
    fn names_are_split_at_the_last_dot() {
        let name = Name::from("a.b.Name");
        assert_eq!((name.namespace(), name.base()), (Some("a.b"), "Name"));
        let name = Name::from("name");
        assert_eq!((name.namespace(), name.base()), (None, "name"));
    }
}
