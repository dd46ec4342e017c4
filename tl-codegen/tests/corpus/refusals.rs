//! What of the language's fixtures has no Rust, and what no bytes are found for.

use tl_parser::diagnostic::Code;

/// A definition that is not generated.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) schema: String,
    pub(crate) definition: String,
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl From<(&str, &str, Code, &str)> for Refusal {
    fn from((schema, definition, code, message): (&str, &str, Code, &str)) -> Self {
        Self {
            schema: schema.to_owned(),
            definition: definition.to_owned(),
            code,
            message: message.to_owned(),
        }
    }
}

/// All definitions of the language's fixtures that have no Rust.
pub(crate) const REFUSALS: [(&str, &str, Code, &str); 9] = [
    (
        "explicit_type_arguments",
        "typed_list",
        Code::Unsupported,
        "a type or number as a value can't be generated",
    ),
    (
        "explicit_type_arguments",
        "object",
        Code::Unsupported,
        "a type or number as a value can't be generated",
    ),
    (
        "finalizations",
        "later",
        Code::Unsupported,
        "a value of a type without constructors can't be generated",
    ),
    (
        "repetitions_of_several_fields",
        "hollow",
        Code::Unsupported,
        "a repetition of nothing can't be generated",
    ),
    (
        "results",
        "fixed",
        Code::Unsupported,
        "a result whose type arguments are not variables, each once, can't be generated",
    ),
    (
        "true_and_false",
        "user",
        Code::Unsupported,
        "a value of a type without constructors can't be generated",
    ),
    (
        "type_variables",
        "bare",
        Code::Unsupported,
        "the bare form of a type that is not known can't be generated",
    ),
    (
        "type_variables",
        "bare",
        Code::Unsupported,
        "the bare form of a type that is not known can't be generated",
    ),
    (
        "type_variables",
        "get",
        Code::Unsupported,
        "a parameter of a function that no argument of it tells can't be generated",
    ),
];

/// Definitions without bytes that could be found by asking.
pub(crate) const MISSED: [&str; 7] = [
    // The only function wraps another.
    "functions_as_data: Message",
    "functions_as_data: message",
    // An object whose exact size stands before it.
    "known_id_exceptions: message",
    // 4294967295 items.
    "number_arguments: A",
    "number_arguments: a",
    // The codec knows no types for the variables of a call.
    "partial_applications: get",
    "results: e",
];
