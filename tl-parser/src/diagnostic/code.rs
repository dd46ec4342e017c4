//! The catalogue of findings. A code, once released, keeps its number and its meaning.

use std::fmt;

use super::Severity;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $severity:ident, $title:literal;)+) => {
        /// What kind of finding a diagnostic is. Shown as `TL0001`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $name),+ }

        impl Code {
            /// Every code, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The number behind `TL`.
            pub const fn number(self) -> u16 {
                match self { $(Self::$name => $number),+ }
            }

            /// How bad a finding of this kind is unless told otherwise.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),+ }
            }

            /// The kind in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }
        }
    };
}

codes! {
    /// A token stands where the grammar has no place for it.
    UnexpectedToken = 1, Error, "unexpected token";
    /// A character that no TL token begins with.
    UnknownCharacter = 2, Error, "unknown character";
    /// `/*` without `*/`.
    UnterminatedComment = 3, Error, "comment without an end";
    /// A definition without its closing `;`.
    MissingSemicolon = 4, Error, "missing semicolon";
    /// An id that is not 1 to 8 lower-case hex digits.
    MalformedId = 5, Error, "malformed constructor id";
    /// Brackets nested deeper than any real schema needs.
    NestingTooDeep = 6, Error, "brackets nested too deep";
    /// A number that does not fit in 32 bits.
    NumberTooLarge = 7, Error, "number too large";
    /// `---word---` with a word other than `types` and `functions`.
    UnknownSection = 8, Error, "unknown section";
    /// A name that nothing defines.
    UnknownType = 9, Error, "unknown type";
    /// Two definitions of one name.
    DuplicateName = 10, Error, "name defined twice";
    /// Two definitions with one id.
    DuplicateId = 11, Error, "id used twice";
    /// The id in the text is not the one its text gives.
    IdMismatch = 12, Error, "id does not match its definition";
    /// A flag bit above 31.
    BitOutOfRange = 13, Error, "flag bit out of range";
    /// A condition on an argument that does not stand before it.
    UnknownFlagsWord = 14, Error, "unknown flags word";
    /// A condition on an argument that is not of type `#`.
    NotAFlagsWord = 15, Error, "condition on an argument that is not a number";
    /// A type that contains itself in every one of its values.
    InfiniteType = 16, Error, "type without a finite value";
    /// Two arguments of one name.
    DuplicateArgument = 17, Error, "argument defined twice";
    /// A type applied to too few or too many arguments.
    WrongArity = 18, Error, "wrong number of type arguments";
    /// A type where a number belongs, or the other way round.
    WrongKind = 19, Error, "wrong kind of argument";
    /// A result that is not a boxed type.
    BareResult = 20, Error, "result is not a boxed type";
    /// `%T` where T has several constructors.
    AmbiguousBare = 21, Error, "bare use of a type with several constructors";
    /// The id is not the rule's, but a known exception.
    KnownIdException = 22, Note, "known exception to the id rule";
    /// The code generator has no Rust for this yet.
    Unsupported = 23, Error, "not supported by the code generator";
    /// A Rust name had to be changed to stay legal or unique.
    Renamed = 24, Note, "renamed in Rust";
    /// Layers of one schema out of order, or stated twice and differently.
    LayerConflict = 25, Error, "conflicting layers";
    /// `[ … ]` without a count where no `#` argument stands before it.
    MissingCount = 26, Error, "repetition without a count";
    /// A function's name where a type belongs.
    FunctionAsType = 27, Error, "function used as a type";
    /// A variable stands before the argument that declares it.
    UsedBeforeBound = 28, Error, "argument used before it is declared";
    /// A constructor of a type that `Final`, `New` or `Empty` closes at this place.
    ClosedType = 29, Error, "constructor of a closed type";
    /// An implicit argument that nothing uses.
    UnusedImplicit = 30, Warning, "unused implicit argument";
    /// One bit that sets two mere flags, or a word that is both a mask and a condition of its own.
    BitReused = 31, Warning, "one flag bit with two meanings";
    /// An implicit argument that stands neither for a type nor for a number.
    ImplicitValue = 32, Error, "implicit argument that is neither a type nor a number";
    /// `%T` with numbers that no constructor of T has in its result.
    NoConstructorFits = 33, Error, "bare use that no constructor fits";
    /// Partial applications that stand for more than can be held.
    PartialTooLarge = 34, Error, "partial applications stand for too much";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TL{:04}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascend() {
        assert!(
            Code::ALL
                .windows(2)
                .all(|pair| pair[0].number() < pair[1].number())
        );
        assert_eq!(Code::UnexpectedToken.to_string(), "TL0001");
    }
}
