//! Generated code and the dynamic codec, held against each other: the same bytes are accepted, the same are refused, for the
//! same reason and at the same byte. Neither shares a line of reading or writing with the other.

#[path = "support/random.rs"]
mod random;

use std::collections::BTreeMap;

use random::{Maker, Rng};
use telegram_tl::api;
use telegram_tl::wire::{self, DecodeErrorKind as WireKind, TlRead, TlWrite, VECTOR_ID};
use tl_dynamic::{Codec, DecodeErrorKind, Limits, Options, Root, Unknown, Value};
use tl_parser::schema::Schema;

/// Random values of each item that come back through JSON.
const VALUES: u64 = 6;
/// The longest input of which every byte is spoilt; of longer ones some are.
const SPOILT_BYTES: usize = 160;
/// Generated code counts memory by the sizes of its own types, which nobody else can know: without that limit all other
/// failures show.
const UNPAID: usize = usize::MAX / 2;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Constructor,
    Type,
    Function,
}

use Kind::{Constructor, Function, Type};

/// One layer of a schema: what makes values of it, and what reads them.
struct Layer<'a> {
    maker: Maker<'a>,
    codec: Codec,
}

impl Layer<'_> {
    fn bytes(&mut self, kind: Kind, tl_name: &str) -> Vec<u8> {
        match kind {
            Type => self.maker.boxed(tl_name),
            Constructor => self.maker.combinator(tl_name, false),
            Function => self.maker.combinator(tl_name, true),
        }
    }

    fn root(&self, kind: Kind, tl_name: &str) -> Root {
        match kind {
            Type | Constructor => self.codec.value(tl_name),
            Function => self.codec.call(tl_name),
        }
        .unwrap_or_else(|error| panic!("{tl_name}: {error}"))
    }
}

/// What generated code makes of bytes, without the value.
type Generated = fn(&[u8]) -> Result<(), wire::DecodeError>;

fn generated<T: for<'a> TlRead<'a> + TlWrite>(bytes: &[u8]) -> Result<(), wire::DecodeError> {
    let limits = wire::Limits::for_input(bytes.len()).with_allocation_bytes(UNPAID);
    let value: T = wire::decode_with(bytes, limits)?;
    // Not all that is accepted comes back as it was: padding may hold anything, lengths may be longer than they need.
    drop(value);
    Ok(())
}

#[derive(Debug, Default)]
struct Count {
    items: u32,
    values: u32,
    inputs: u32,
    refused: u32,
}

#[test]
fn generated_code_and_the_codec_agree_on_every_item_of_every_schema() {
    let schemas = [
        "schemas/mtproto.tl",
        "schemas/end-to-end.tl",
        "schemas/api.tl",
    ]
    .map(random::schema);
    let [mut mtproto, mut end_to_end, mut api] = schemas.each_ref().map(layers);
    let mut count = Count::default();
    macro_rules! item {
        ($module:ident, $kind:ident, $tl_name:literal, $($path:tt)+) => {{
            // In a block of its own: thousands of variables in one scope, each in the scope of all before it, are too
            // deep for the compiler's debug information.
            let path = stringify!($($path)+);
            let layer = layer_of(&mut $module, path);
            let generated = generated::<telegram_tl::$module::$($path)+>;
            agree(layer, $kind, $tl_name, generated, &mut count);
        }};
    }
    include!(concat!(env!("OUT_DIR"), "/inventory.rs"));
    assert!(count.items > 2500, "{count:?}");
    assert!(count.refused > 100_000, "{count:?}");
    assert!(count.inputs - count.refused > 10_000, "{count:?}");
}

fn layers(schema: &Schema) -> BTreeMap<Option<u32>, Layer<'_>> {
    let layers = match schema.layers() {
        [] => vec![None],
        layers => layers.iter().copied().map(Some).collect(),
    };
    let layer = |layer| {
        let maker = Maker::new(schema, layer, 2);
        let codec = Codec::at_layer(schema, layer);
        (layer, Layer { maker, codec })
    };
    layers.into_iter().map(layer).collect()
}

fn layer_of<'l, 'a>(
    layers: &'l mut BTreeMap<Option<u32>, Layer<'a>>,
    path: &str,
) -> &'l mut Layer<'a> {
    let layer = path
        .strip_prefix("layer_")
        .and_then(|rest| rest.split("::").next());
    let layer = layer.map(|number| number.trim().parse().expect("a layer's number"));
    layers.get_mut(&layer).expect("the schema has the layer")
}

fn agree(
    layer: &mut Layer<'_>,
    kind: Kind,
    tl_name: &str,
    generated: Generated,
    count: &mut Count,
) {
    let root = layer.root(kind, tl_name);
    count.items += 1;
    for value in 0..VALUES {
        let bytes = layer.bytes(kind, tl_name);
        comes_back_through_json(&layer.codec, &root, &bytes, tl_name);
        same_outcome(&layer.codec, &root, &bytes, generated, tl_name, count);
        count.values += 1;
        if value == 0 {
            spoil(&layer.codec, &root, &bytes, generated, tl_name, count);
        }
    }
}

/// Bytes to a value to JSON text, and all the way back.
fn comes_back_through_json(codec: &Codec, root: &Root, bytes: &[u8], tl_name: &str) {
    let options = Options::strict();
    let value = codec.decode_with(root, bytes, &options);
    let value = value.unwrap_or_else(|error| panic!("{tl_name}: {error}\n{bytes:02x?}"));
    assert_eq!(
        codec.encode(root, &value).as_deref(),
        Ok(bytes),
        "{tl_name}"
    );
    let text = value.to_json().to_string();
    let again = codec.value_from_text(root, &text);
    let again = again.unwrap_or_else(|error| panic!("{tl_name}: {error}\n{text}"));
    assert_eq!(codec.encode(root, &again).as_deref(), Ok(bytes), "{text}");
}

/// Cuts the bytes at every length, and spoils every byte.
fn spoil(
    codec: &Codec,
    root: &Root,
    bytes: &[u8],
    generated: Generated,
    tl_name: &str,
    count: &mut Count,
) {
    let step = 1 + bytes.len() / SPOILT_BYTES;
    for len in (0..bytes.len()).step_by(step) {
        same_outcome(codec, root, &bytes[..len], generated, tl_name, count);
    }
    let mut rng = Rng::new(bytes.len() as u64);
    for at in (0..bytes.len()).step_by(step) {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1 << rng.below(8);
        same_outcome(codec, root, &bytes, generated, tl_name, count);
        bytes[at] = [0, 1, 2, 5, 0x7f, 0xfe, 0xff][rng.below(7)];
        same_outcome(codec, root, &bytes, generated, tl_name, count);
    }
    let longer = [bytes, &[0, 0, 0, 0]].concat();
    same_outcome(codec, root, &longer, generated, tl_name, count);
}

fn same_outcome(
    codec: &Codec,
    root: &Root,
    bytes: &[u8],
    generated: Generated,
    tl_name: &str,
    count: &mut Count,
) {
    let limits = Limits {
        allocation_bytes: UNPAID,
        ..Limits::for_input(bytes.len())
    };
    let dynamic = codec.decode_with(root, bytes, &Options::strict().with_limits(limits));
    let generated = generated(bytes);
    count.inputs += 1;
    count.refused += u32::from(generated.is_err());
    let dynamic_error = dynamic.as_ref().err();
    let dynamic_facts =
        dynamic_error.map(|error| (error.offset, error.reading.as_str(), kind(&error.kind)));
    let generated_facts = generated
        .as_ref()
        .err()
        .map(|error| (error.offset, error.reading, wire_kind(&error.kind)));
    assert_eq!(
        dynamic_facts, generated_facts,
        "{tl_name}: {dynamic_error:?}\n{bytes:02x?}"
    );
}

/// What is comparable of two kinds of errors, as text.
fn kind(kind: &DecodeErrorKind) -> String {
    match kind {
        DecodeErrorKind::UnexpectedConstructor { found, expected } => ids(*found, expected),
        other => format!("{other:?}"),
    }
}

fn wire_kind(kind: &WireKind) -> String {
    match kind {
        WireKind::UnexpectedConstructor { found, expected } => ids(*found, expected),
        other => format!("{other:?}"),
    }
}

fn ids(found: u32, expected: &[u32]) -> String {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    format!("{found:08x}, expected {expected:08x?}")
}

/// Vectors of what the schemas have no vectors of, against the runtime's own readers.
#[test]
fn vectors_of_every_built_in_type_are_admitted_and_refused_alike() {
    let codec = api_codec();
    let mut count = Count::default();
    let mut vector = |ty: &str, generated: Generated| {
        let root = codec.value(ty).unwrap_or_else(|error| panic!("{error}"));
        for len in 0..12_usize {
            for stated in [0, 1, 2, 3, 5, 8, 0x7fff_ffff, 0x8000_0000] {
                for item in [0, 1, VECTOR_ID, 0x9972_75b5] {
                    let mut bytes = vec![];
                    bytes.extend(VECTOR_ID.to_le_bytes());
                    bytes.extend(u32::to_le_bytes(stated));
                    bytes.extend(u32::to_le_bytes(item).repeat(len));
                    for cut in 0..4 {
                        let bytes = &bytes[..bytes.len() - cut];
                        same_outcome(&codec, &root, bytes, generated, ty, &mut count);
                    }
                }
            }
        }
    };
    vector("Vector<int>", generated::<Vec<i32>>);
    vector("Vector<long>", generated::<Vec<i64>>);
    vector("Vector<#>", generated::<Vec<u32>>);
    vector("Vector<double>", generated::<Vec<f64>>);
    vector("Vector<string>", generated::<Vec<String>>);
    vector("Vector<bytes>", generated::<Vec<Vec<u8>>>);
    vector("Vector<Bool>", generated::<Vec<bool>>);
    vector("Vector<int128>", generated::<Vec<wire::Int128>>);
    vector("Vector<int256>", generated::<Vec<wire::Int256>>);
    vector("Vector<int512>", generated::<Vec<wire::Int512>>);
    vector("Vector<Vector<int>>", generated::<Vec<Vec<i32>>>);
    vector(
        "Vector<Vector<Vector<Bool>>>",
        generated::<Vec<Vec<Vec<bool>>>>,
    );
    assert!(count.refused > 10_000, "{count:?}");
    assert!(count.inputs - count.refused > 100, "{count:?}");
}

/// The depth counts values of recursive types alone, and a few words deep decide whether it is reached.
#[test]
fn depth_is_counted_alike() {
    let codec = api_codec();
    let id = |name: &str| {
        let mut names = codec.names();
        names.find(|row| row.0 == name).expect("it is there").1
    };
    let mut count = Count::default();
    let mut nested = |ty: &str, generated: Generated, start: &[u32], level: &[u32]| {
        let root = codec.value(ty).unwrap_or_else(|error| panic!("{error}"));
        for depth in 55..70 {
            let words = [start, &level.repeat(depth), &[id("textEmpty")]].concat();
            let bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
            same_outcome(&codec, &root, &bytes, generated, ty, &mut count);
        }
    };
    let rich_text = generated::<api::enums::RichText>;
    nested("RichText", rich_text, &[], &[id("textBold")]);
    let concat = [id("textConcat"), VECTOR_ID, 1];
    nested("RichText", rich_text, &[], &concat);
    // `Page` is not recursive, and its blocks are.
    let page = [id("page"), 0, 0, VECTOR_ID, 1, id("pageBlockTitle")];
    nested("Page", generated::<api::enums::Page>, &page, &concat);
    let list = [id("pageBlockBlockquoteBlocks"), VECTOR_ID, 1];
    nested("Page", generated::<api::enums::Page>, &page[..5], &list);
    assert!(
        count.refused >= 20 && count.refused < count.inputs,
        "{count:?}"
    );
}

fn api_codec() -> Codec {
    Codec::new(&random::schema("schemas/api.tl"))
}

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("tests/fixtures/{path}")).expect("the fixture is there")
}

#[track_caller]
fn comes_back(codec: &Codec, root: &Root, bytes: &[u8]) -> Value {
    let value = codec.decode(root, bytes);
    let value = value.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(codec.encode(root, &value).as_deref(), Ok(bytes));
    let text = value.to_json().to_string();
    let again = codec.value_from_text(root, &text);
    let again = again.unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(codec.encode(root, &again).as_deref(), Ok(bytes), "{text}");
    value
}

#[test]
fn synthetic_payloads_come_back_through_json() {
    let codec = api_codec();
    for (file, ty) in [
        ("messages_slice", "messages.Messages"),
        ("updates_one", "Updates"),
        ("updates_ten", "Updates"),
        ("message_one", "Message"),
    ] {
        let bytes = fixture(&format!("payloads/{file}.bin"));
        let root = codec.value(ty).expect("the schema has the type");
        let value = comes_back(&codec, &root, &bytes);
        // The id alone tells the same.
        assert_eq!(codec.decode(&codec.any(), &bytes), Ok(value), "{file}");
    }
}

#[test]
fn objects_serialized_by_telethon_come_back_through_json() {
    let codec = api_codec();
    let objects = String::from_utf8(fixture("telethon/objects.txt")).expect("it is text");
    let mut count = 0;
    for line in objects.lines().filter(|line| !line.starts_with('#')) {
        let [_, name, hex] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {line}")
        };
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
            .collect();
        let value = comes_back(&codec, &codec.any(), &bytes);
        assert_eq!(value.as_object().map(|object| object.name()), Some(name));
        count += 1;
    }
    assert!(count >= 30, "only {count} objects");
}

#[test]
fn an_error_tells_the_way_to_it() {
    let codec = api_codec();
    let root = codec.value("messages.Messages").expect("a type");
    let mut bytes = fixture("payloads/messages_slice.bin");
    let peer_user = 0x5951_1722_u32.to_le_bytes();
    let mut peers = bytes.windows(4).enumerate().step_by(4);
    let (at, _) = peers
        .rfind(|(_, window)| *window == peer_user)
        .expect("there are peers");
    bytes[at] ^= 1;
    let error = codec.decode(&root, &bytes).expect_err("no such peer");
    assert_eq!(error.offset, at);
    assert_eq!(
        error.path.to_string(),
        "messages.messagesSlice > messages[99] > message > from_id"
    );
    let from_generated =
        wire::decode::<api::enums::messages::Messages>(&bytes).expect_err("no such peer");
    assert_eq!(from_generated.offset, at);
}

#[test]
fn what_is_unknown_is_kept_where_it_is_last_and_asked_for() {
    let codec = api_codec();
    // `invokeWithLayer {X:Type} layer:int query:!X = X` ends with its query.
    let call = codec.call("invokeWithLayer").expect("a function");
    let mut bytes = 0xda9b_0d0d_u32.to_le_bytes().to_vec();
    bytes.extend(230_u32.to_le_bytes());
    bytes.extend(0x1234_5678_u32.to_le_bytes());
    bytes.extend([1, 2, 3, 4]);
    let error = codec.decode(&call, &bytes).expect_err("no such function");
    assert_eq!(error.offset, 8);
    assert_eq!(error.path.to_string(), "invokeWithLayer > query");
    let value = codec
        .decode_with(&call, &bytes, &Options::keeping())
        .expect("it is last");
    assert_eq!(codec.encode(&call, &value).as_deref(), Ok(&bytes[..]));
    assert_eq!(
        value.to_json()["query"].to_string(),
        r#"{"@type":"@unknown","@id":"0x12345678","@raw":"AQIDBA=="}"#
    );
    let again = codec.value_from_json(&call, &value.to_json());
    assert_eq!(again, Ok(value));

    let slice = codec.value("Vector<Bool>").expect("a type");
    let options = Options {
        constructors: Unknown::Keep,
        ..Options::strict()
    };
    let bytes: Vec<u8> = [0x1cb5_c415, 1, 7_u32]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    let error = codec.decode_with(&slice, &bytes, &options);
    assert_eq!(error.expect_err("no Bool").offset, 8);
}
