//! Choosing a part of the schema by names with `*` in them.

use std::collections::HashSet;

use tl_parser::schema::{CombinatorId, Schema};

use crate::Error;
use crate::analysis::reach;

/// The combinators that the patterns name and all they reach; `None` without patterns: everything.
pub(super) fn select(
    schema: &Schema,
    patterns: &[String],
) -> Result<Option<HashSet<CombinatorId>>, Error> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut roots = Vec::new();
    for pattern in patterns {
        let before = roots.len();
        for (_, ty) in schema
            .types()
            .filter(|(_, ty)| matches(pattern, ty.name.as_str()))
        {
            roots.extend(&ty.constructors);
        }
        let named = schema
            .combinators()
            .filter(|(_, combinator)| matches(pattern, combinator.name.as_str()));
        roots.extend(named.map(|(id, _)| id));
        if roots.len() == before {
            return Err(Error::Pattern {
                pattern: pattern.clone(),
            });
        }
    }
    Ok(Some(reach::closure(schema, roots)))
}

/// Whether a name fits a pattern.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("messages.sendMessage", "messages.sendMessage"));
        assert!(!matches("messages.sendMessage", "messages.sendMessages"));
        assert!(matches("messages.*", "messages.sendMessage"));
        assert!(matches("*.send*e", "messages.sendMessage"));
        assert!(!matches("*.send*x", "messages.sendMessage"));
        assert!(!matches("a*a", "a"));
        assert!(matches("*", "anything"));
    }
}
