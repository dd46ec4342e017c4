//! Choosing definitions by names with `*` in them.

use super::Name;

impl Name {
    /// Whether the name fits a pattern, in which `*` stands for any text.
    ///
    /// ```
    /// use tl_parser::schema::Name;
    ///
    /// let name = Name::from("messages.sendMessage");
    /// assert!(name.fits("messages.*") && name.fits("*.send*") && name.fits("messages.sendMessage"));
    /// assert!(!name.fits("messages.send"));
    /// ```
    pub fn fits(&self, pattern: &str) -> bool {
        let Some((first, rest)) = pattern.split_once('*') else {
            return self.as_str() == pattern;
        };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(inner) = self.as_str().strip_prefix(first) else {
            return false;
        };
        let Some(mut inner) = inner.strip_suffix(last) else {
            return false;
        };
        for part in middle.split('*') {
            match inner.find(part) {
                Some(at) => inner = &inner[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        Name::from(name).fits(pattern)
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(fits("messages.sendMessage", "messages.sendMessage"));
        assert!(!fits("messages.sendMessage", "messages.sendMessages"));
        assert!(fits("messages.*", "messages.sendMessage"));
        assert!(fits("*.send*e", "messages.sendMessage"));
        assert!(!fits("*.send*x", "messages.sendMessage"));
        assert!(!fits("a*a", "a"));
        assert!(fits("a*b*a", "aba"));
        assert!(!fits("a*b*ba", "aba"));
        assert!(fits("**", "") && fits("*", "anything"));
        assert!(!fits("", "anything"));
    }
}
