//! What is wrong with public schemas, and which of them number by hand: the tests of the parser and of the generator that go
//! through them share this list. `book/src/corpus.md` tells where the schemas come from.

use tl_parser::diagnostic::Code;

/// Schemas whose ids are chosen by hand, by the beginning of their names, and how that is known.
const TRUSTED: &[(&str, &str)] = &[
    (
        "kdb",
        "photo.tl keeps ids over edits; common.tl and the engines number some by hand",
    ),
    (
        "kphp",
        "common.tl counts ids up (`0c803e06`, `0c803e07`) and keeps those of older texts",
    ),
    (
        "statshouse",
        "ids are counted up or kept over edits (`9286abfa`, `9286affa`)",
    ),
    (
        "tgl",
        "the binlog and encrypted schemas keep ids of older texts",
    ),
    (
        "vktl",
        "the test schemas of the tool number by hand (`00000001`)",
    ),
];

/// Findings that are right: something is wrong with the schema, or it needs a file that is not public.
pub(crate) struct Exception {
    pub(crate) schema: &'static str,
    pub(crate) code: Code,
    /// The texts the findings point at.
    pub(crate) at: &'static [&'static str],
    pub(crate) reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        schema: "danog_MadelineProto",
        code: Code::UnexpectedToken,
        at: &[":"],
        reason: "the arguments of two definitions stand behind their `=`",
    },
    Exception {
        schema: "danog_MadelineProto",
        code: Code::UnknownType,
        at: &[
            "BotInfo",
            "Chat",
            "Config",
            "InputPeer",
            "MadelineProto.Channel_states",
            "MadelineProto.Connection",
            "MadelineProto.FullChat",
            "MadelineProto.Updates_state",
            "MadelineProto.descriptions",
            "PWRParticipant",
            "Serialized",
            "Update",
            "UserStatus",
            "auth.Authorization",
            "dcOption",
            "messages.DhConfig",
        ],
        reason: "a sketch: some types are misspelt or nowhere defined, others are those of an unnamed layer",
    },
    Exception {
        schema: "danog_calls",
        code: Code::IdMismatch,
        at: &["#dbf948c1", "#cc0d0e76"],
        reason: "ids of an older text",
    },
    Exception {
        schema: "danog_telegram_v100",
        code: Code::DuplicateName,
        at: &["help.configSimple"],
        reason: "it is there twice, with different texts",
    },
    Exception {
        schema: "gotd_example",
        code: Code::UnknownType,
        at: &["bool"],
        reason: "nothing defines `bool`",
    },
    Exception {
        schema: "gotd_example",
        code: Code::BareResult,
        at: &["X"],
        reason: "a function among the constructors",
    },
    Exception {
        schema: "gotd_example",
        code: Code::IdMismatch,
        at: &["#bc799737", "#997275b5", "#947225b5", "#28f1114"],
        reason: "test data: definitions edited or renamed, ids kept",
    },
    Exception {
        schema: "gotd_mt",
        code: Code::UnknownType,
        at: &["HttpWait"],
        reason: "`http_wait` is a function there, and nothing constructs its result",
    },
    Exception {
        schema: "gotd_trace",
        code: Code::IdMismatch,
        at: &["#104be9ab"],
        reason: "an invented id",
    },
    Exception {
        schema: "gotd_tdlib",
        code: Code::IdMismatch,
        at: PREFIXES,
        reason: PREFIX_REASON,
    },
    Exception {
        schema: "gotd_tdlib",
        code: Code::DuplicateId,
        at: PREFIXED,
        reason: PREFIX_REASON,
    },
    Exception {
        schema: "tdlib_telegram_api",
        code: Code::IdMismatch,
        at: PREFIXES,
        reason: PREFIX_REASON,
    },
    Exception {
        schema: "tdlib_telegram_api",
        code: Code::DuplicateId,
        at: PREFIXED,
        reason: PREFIX_REASON,
    },
    Exception {
        schema: "kphp_crypto",
        code: Code::WrongArity,
        at: &["Maybe tuple string 2"],
        reason: "parentheses are missing: `Maybe (tuple string 2)`; no other tool reads it either",
    },
    Exception {
        schema: "kphp_metric",
        code: Code::UnknownType,
        at: &["u32", "u64"],
        reason: "nothing public defines them",
    },
    Exception {
        schema: "pyrogram",
        code: Code::UnknownType,
        at: &["FutureSalts"],
        reason: "its constructor is commented out",
    },
    Exception {
        schema: "statshouse_legacy",
        code: Code::UnknownType,
        at: &[
            "statshouse.GetConfigResult",
            "statshouse.GetMetricsResult",
            "statshouse.GetTagMappingResult",
            "statshouse.GetTargetsResult",
            "statshouse.centroid",
            "statshouse.commonProxyHeader",
            "statshouse.sample_factor",
        ],
        reason: "the files it belonged with are of another commit",
    },
    Exception {
        schema: "statshouse_metadata",
        code: Code::UnknownType,
        at: &[
            "statshouse.GetTagMappingBootstrapResult",
            "statshouse.PutTagMappingBootstrapResult",
            "statshouse.mapping",
        ],
        reason: "nothing public defines them at this commit",
    },
    Exception {
        schema: "statshouse_schema",
        code: Code::UnknownType,
        at: &["metadata.GetJournalResponsenew"],
        reason: "nothing defines it",
    },
    Exception {
        schema: "tg_binlog_first",
        code: Code::UnknownType,
        at: &["log.FileLocation", "log.Photo", "long.FileLocation"],
        reason: "the first draft of a schema, with a misspelling",
    },
    Exception {
        schema: "tg_encrypted_scheme16",
        code: Code::IdMismatch,
        at: &["#99a438cf"],
        reason: "an id of Telegram's that its text does not give",
    },
    Exception {
        schema: "tg_scheme12",
        code: Code::IdMismatch,
        at: &["#99a438cf"],
        reason: "an id of Telegram's that its text does not give",
    },
    Exception {
        schema: "tycho",
        code: Code::UnknownType,
        at: &[
            "T",
            "blockchain.GetZerostateProof",
            "blockchain.blockFull",
            "bool",
            "consensus.anchorLink",
            "consensus.link.through",
            "consensus.pointRole",
            "journal.pointStoredData",
            "overlay.PublicEntries",
        ],
        reason: "its reader checks no references, and these lead nowhere",
    },
];

const PREFIX_REASON: &str =
    "TDLib defines the part of a call before its query under the id of the call";
pub(crate) const PREFIXES: &[&str] = &[
    "#dd289f8e",
    "#1df92984",
    "#0dae54f8",
    "#dae54f8",
    "#adbb0f94",
];
const PREFIXED: &[&str] = &[
    "invokeWithApnsSecret",
    "invokeWithBusinessConnection",
    "invokeWithGooglePlayIntegrity",
    "invokeWithReCaptcha",
];

/// The findings of a schema that are right.
pub(crate) fn exceptions(schema: &str) -> impl Iterator<Item = &'static Exception> {
    EXCEPTIONS
        .iter()
        .filter(move |exception| exception.schema == schema)
}

/// Whether explicit ids are taken as they are.
pub(crate) fn is_trusted(schema: &str) -> bool {
    let is_corpus = std::env::var_os("TL_CORPUS").is_some();
    is_corpus && TRUSTED.iter().any(|(prefix, _)| schema.starts_with(prefix))
}
