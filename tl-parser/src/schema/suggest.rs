//! "Did you mean": the nearest known name to one that nothing defines.

use super::{Name, Schema};
use crate::diagnostic::nearest;

impl Schema {
    /// The name of a type, constructor or function that `word` was most likely meant to be: one that has it in a namespace,
    /// or else the nearest, if any is near enough to be a slip.
    pub fn nearest_name(&self, word: &str) -> Option<&str> {
        let types = self.types.iter().map(|ty| &ty.name);
        let names = types.chain(self.combinators.iter().map(|one| &one.name));
        let in_namespace = names.clone().find(|name| name.base() == word);
        let is_type = |name: &str| {
            let base = name.rsplit_once('.').map_or(name, |(_, base)| base);
            base.starts_with(|first: char| first.is_ascii_uppercase())
        };
        let names = names.map(Name::as_str);
        let same_case = names.clone().filter(|name| is_type(name) == is_type(word));
        in_namespace
            .map(Name::as_str)
            .or_else(|| nearest(word, same_case))
            .or_else(|| nearest(word, names))
    }
}

#[cfg(test)]
mod tests {

    #[test]
    fn a_name_is_found_by_its_base_its_case_and_by_likeness() {
        let schema = crate::schema::testing::schema(
            "photo = Photo; a.user = a.User;\n---functions---\na.getUser = a.User;",
        );
        assert_eq!(schema.nearest_name("getUser"), Some("a.getUser"));
        assert_eq!(schema.nearest_name("phoot"), Some("photo"));
        assert_eq!(schema.nearest_name("photos"), Some("photo"));
        assert_eq!(schema.nearest_name("Photos"), Some("Photo"));
        assert_eq!(schema.nearest_name("A.User"), Some("a.User"));
        assert_eq!(schema.nearest_name("a.getuser"), Some("a.getUser"));
        assert_eq!(schema.nearest_name("nobody"), None);
    }
}
