//! The story behind each code: what it means, why it matters, and an example with its cure. Tests hold the examples to it.

use super::Code;

macro_rules! stories {
    ($($name:ident: $file:literal,)+) => {
        impl Code {
            /// What a finding of this kind means and why it matters on the wire, in Markdown: a title, a text, and under
            /// `## Wrong` and `## Right` a schema that has it and one that has not.
            pub const fn explanation(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("explain/", $file, ".md")),)+
                }
            }
        }
    };
}

stories! {
    UnexpectedToken: "TL0001",
    UnknownCharacter: "TL0002",
    UnterminatedComment: "TL0003",
    MissingSemicolon: "TL0004",
    MalformedId: "TL0005",
    NestingTooDeep: "TL0006",
    NumberTooLarge: "TL0007",
    UnknownSection: "TL0008",
    UnknownType: "TL0009",
    DuplicateName: "TL0010",
    DuplicateId: "TL0011",
    IdMismatch: "TL0012",
    BitOutOfRange: "TL0013",
    UnknownFlagsWord: "TL0014",
    NotAFlagsWord: "TL0015",
    InfiniteType: "TL0016",
    DuplicateArgument: "TL0017",
    WrongArity: "TL0018",
    WrongKind: "TL0019",
    BareResult: "TL0020",
    AmbiguousBare: "TL0021",
    KnownIdException: "TL0022",
    Unsupported: "TL0023",
    Renamed: "TL0024",
    LayerConflict: "TL0025",
    MissingCount: "TL0026",
    FunctionAsType: "TL0027",
    UsedBeforeBound: "TL0028",
    ClosedType: "TL0029",
    UnusedImplicit: "TL0030",
    BitReused: "TL0031",
    ImplicitValue: "TL0032",
    NoConstructorFits: "TL0033",
    PartialTooLarge: "TL0034",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_has_its_own_title_and_both_examples() {
        for &code in Code::ALL {
            let story = code.explanation();
            let title = format!("# {code}: {}\n\n", code.title());
            assert!(story.starts_with(&title), "{code}: {title}");
            for part in ["\n\n## Wrong\n\n```tl\n", "\n\n## Right\n\n```tl\n"] {
                assert_eq!(story.matches(part).count(), 1, "{code}: {part}");
            }
        }
    }
}
