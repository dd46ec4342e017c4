//! JSON by serde's traits of generated types: from any bytes and from any text it is what the dynamic codec makes of them, and
//! leads back to the same bytes. The fuzz target `json` makes inputs.

use std::sync::LazyLock;

use mtproto_runtime::wire::json::{Deserialize, Serialize};
use mtproto_runtime::wire::{RawObject, TlRead, TlWrite, decode, encode};
use tl_dynamic::{Codec, Limits, Options, Root};
use tl_parser::schema::{self, read};
use tl_parser::span::Sources;

use super::{json, json_dependent, json_shapes};

/// A generated type, and what the codec calls it.
struct Item {
    codec: &'static LazyLock<Codec>,
    name: &'static str,
    is_told: fn(&Codec, &Root, &[u8]),
    is_read: fn(&Codec, &Root, &str),
}

static FORMS: LazyLock<Codec> =
    LazyLock::new(|| codec(include_str!("../fixtures/options/json.tl")));
static SHAPES: LazyLock<Codec> =
    LazyLock::new(|| codec(include_str!("../fixtures/options/shapes.tl")));
static DEPENDENT: LazyLock<Codec> =
    LazyLock::new(|| codec(include_str!("../fixtures/generate/dependent_types.tl")));

macro_rules! items {
    ($($codec:ident $name:literal $item:ty;)+) => {
        &[$(Item {
            codec: &$codec,
            name: $name,
            is_told: is_told::<$item>,
            is_read: is_read::<$item>,
        }),+]
    };
}

const ITEMS: &[Item] = items! {
    FORMS "User" json::enums::User;
    FORMS "Numbers" json::enums::Numbers;
    FORMS "Rows" json::enums::Rows;
    FORMS "Tree" json::enums::Tree;
    FORMS "peerUser" json::types::PeerUser;
    SHAPES "Point" json_shapes::enums::Point;
    SHAPES "Wide" json_shapes::enums::Wide;
    SHAPES "Line" json_shapes::enums::Line;
    SHAPES "Place" json_shapes::enums::Place;
    SHAPES "Holder" json_shapes::enums::Holder;
    SHAPES "draw" json_shapes::functions::Draw;
    DEPENDENT "masked" json_dependent::types::Masked;
    DEPENDENT "outsideHolder" json_dependent::types::OutsideHolder;
    DEPENDENT "countedTwice" json_dependent::types::CountedTwice;
    DEPENDENT "matrix" json_dependent::types::Matrix;
    DEPENDENT "table" json_dependent::types::Table;
    DEPENDENT "maskedRows" json_dependent::types::MaskedRows;
    DEPENDENT "countedWhenThere" json_dependent::types::CountedWhenThere;
    DEPENDENT "tuples" json_dependent::types::Tuples;
    DEPENDENT "dictionaries" json_dependent::types::Dictionaries;
    DEPENDENT "choices" json_dependent::types::Choices;
    DEPENDENT "choicesByNumber" json_dependent::types::ChoicesByNumber;
    DEPENDENT "chainN" json_dependent::types::ChainN;
    DEPENDENT "woods" json_dependent::types::Woods;
    DEPENDENT "endless" json_dependent::types::Endless;
    DEPENDENT "boxedBuiltins" json_dependent::types::BoxedBuiltins;
    DEPENDENT "envelope" json_dependent::types::Envelope;
    DEPENDENT "getOutside" json_dependent::functions::GetOutside;
    DEPENDENT "getWithin" json_dependent::functions::GetWithin<RawObject>;
};

/// Holds one input. Its first byte says of which type it is, and whether bytes or text follow.
pub(crate) fn check(input: &[u8]) {
    let Some((&first, rest)) = input.split_first() else {
        return;
    };
    let item = &ITEMS[usize::from(first & 0x7f) % ITEMS.len()];
    let codec: &Codec = item.codec;
    let root = codec.value(item.name).or_else(|_| codec.call(item.name));
    let root = root.expect("it is there");
    if first < 0x80 {
        (item.is_told)(codec, &root, rest);
    } else if let Ok(text) = str::from_utf8(rest) {
        (item.is_read)(codec, &root, text);
    }
}

fn codec(text: &str) -> Codec {
    let mut sources = Sources::new();
    sources.add("fuzz.tl", text).expect("it is small");
    Codec::new(&read(&sources, &schema::Options::default()).remove(0).schema)
}

/// Bytes that are read are the same JSON by both, and that is the same bytes again.
fn is_told<T>(codec: &Codec, root: &Root, bytes: &[u8])
where
    T: for<'r> TlRead<'r> + TlWrite + Serialize + for<'de> Deserialize<'de>,
{
    let Ok(value) = decode::<T>(bytes) else {
        return;
    };
    let options = Options::keeping().with_limits(Limits {
        depth: u32::MAX,
        allocation_bytes: usize::MAX,
    });
    let text = serde_json::to_string(&value);
    let (text, dynamic) = match (text, codec.decode_with(root, bytes, &options)) {
        (Ok(text), Ok(dynamic)) => (text, dynamic),
        // Within an object of any type both look only now.
        (Err(_), Err(_)) => return,
        (text, dynamic) => panic!("{text:?}, by the codec {dynamic:?}"),
    };
    assert_eq!(text, dynamic.to_json().to_string());
    let again = from_text::<T>(&text);
    let again = again.unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(
        encode(&again).ok(),
        codec.encode(root, &dynamic).ok(),
        "{text}"
    );
}

/// Text is the same bytes by both, or of no use to either.
fn is_read<T>(codec: &Codec, root: &Root, text: &str)
where
    T: for<'r> TlRead<'r> + TlWrite + for<'de> Deserialize<'de>,
{
    let value = from_text::<T>(text);
    let dynamic = codec.value_from_text(root, text);
    let dynamic = dynamic.and_then(|value| codec.encode(root, &value));
    match (value, dynamic) {
        (Ok(value), Ok(bytes)) => assert_eq!(encode(&value), Ok(bytes), "{text}"),
        (Ok(_), Err(error)) => panic!("{text}: only the codec refuses it: {error}"),
        // Generated types hold no bits without a field.
        (Err(error), Ok(bytes)) => {
            assert!(
                decode::<T>(&bytes).is_err(),
                "{text}: only the codec reads it: {error}"
            );
        }
        (Err(_), Err(_)) => {}
    }
}

fn from_text<T: for<'de> Deserialize<'de>>(text: &str) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}
