//! Every constructor, boxed type and function of all three schemas: random values come in, are equal to themselves, and go
//! out as the same bytes.

#[path = "support/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::fmt::Debug;

use random::Maker;
use telegram_tl::wire::{TlRead, TlWrite, decode, encode};
use tl_parser::schema::{Combinator, Schema};

/// Values of each item.
const VALUES: u64 = 12;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Constructor,
    Type,
    Function,
}

use Kind::{Constructor, Function, Type};

/// The makers of a schema's layers.
type Makers<'a> = BTreeMap<Option<u32>, Maker<'a>>;

#[test]
fn every_item_gives_back_the_bytes_it_was_read_from() {
    let schemas = [
        "schemas/mtproto.tl",
        "schemas/end-to-end.tl",
        "schemas/api.tl",
    ]
    .map(random::schema);
    let [mut mtproto, mut end_to_end, mut api] = schemas.each_ref().map(makers);
    let mut items = 0;
    macro_rules! item {
        ($module:ident, $kind:ident, $tl_name:literal, $($path:tt)+) => {{
            let path = stringify!($($path)+);
            round_trip::<telegram_tl::$module::$($path)+>(&mut $module, $kind, $tl_name, path);
            items += 1;
        }};
    }
    include!(concat!(env!("OUT_DIR"), "/inventory.rs"));
    assert!(items > 2500, "only {items} items");
}

#[test]
fn no_definition_is_lost() {
    for (path, name) in [
        (
            "schemas/mtproto.tl",
            telegram_tl::mtproto::registry::name as fn(u32) -> Option<&'static str>,
        ),
        (
            "schemas/end-to-end.tl",
            telegram_tl::end_to_end::registry::name,
        ),
        ("schemas/api.tl", telegram_tl::api::registry::name),
    ] {
        let schema = random::schema(path);
        let is_value = |combinator: &&Combinator| {
            combinator.builtin.is_none() || combinator.explicit_id.is_some()
        };
        for combinator in schema
            .combinators()
            .map(|(_, combinator)| combinator)
            .filter(is_value)
        {
            if !combinator.is_prelude {
                assert_eq!(
                    name(combinator.id),
                    Some(combinator.name.as_str()),
                    "{path}"
                );
            }
        }
    }
}

fn makers(schema: &Schema) -> Makers<'_> {
    let layers = match schema.layers() {
        [] => vec![None],
        layers => layers.iter().copied().map(Some).collect(),
    };
    layers
        .into_iter()
        .map(|layer| (layer, Maker::new(schema, layer, 1)))
        .collect()
}

fn round_trip<T>(makers: &mut Makers<'_>, kind: Kind, tl_name: &str, path: &str)
where
    T: for<'a> TlRead<'a> + TlWrite + Clone + PartialEq + Debug,
{
    let layer = path
        .strip_prefix("layer_")
        .and_then(|rest| rest.split("::").next());
    let layer = layer.map(|number| number.trim().parse().expect("a layer's number"));
    let maker = makers.get_mut(&layer).expect("the schema has the layer");
    for value in 0..VALUES {
        let bytes = match kind {
            Type => maker.boxed(tl_name),
            Constructor => maker.combinator(tl_name, false),
            Function => maker.combinator(tl_name, true),
        };
        let read: T = decode(&bytes)
            .unwrap_or_else(|error| panic!("{tl_name}, value {value}: {error}\n{bytes:02x?}"));
        let written =
            encode(&read).unwrap_or_else(|error| panic!("{tl_name}, value {value}: {error}"));
        assert_eq!(written, bytes, "{tl_name}, value {value}: {read:?}");
        let cloned = encode(&read.clone());
        assert_eq!(cloned.as_ref(), Ok(&bytes), "{tl_name}, value {value}");
        assert_eq!(
            decode::<T>(&written).as_ref(),
            Ok(&read),
            "{tl_name}, value {value}"
        );
    }
}
