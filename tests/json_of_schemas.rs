//! serde's traits of every constructor, type and function of all three schemas: what they write is what the dynamic codec makes
//! of the same bytes, letter by letter, and what they read gives the value back.

#[path = "support/random.rs"]
mod random;
#[path = "json/told.rs"]
mod told;

use std::collections::BTreeMap;

use tl_parser::schema::Schema;
use told::{Constructor, Function, Layer, Type};

#[test]
fn every_item_of_every_schema_is_told_as_the_codec_tells_it_and_comes_back() {
    let schemas = [
        "schemas/mtproto.tl",
        "schemas/end-to-end.tl",
        "schemas/api.tl",
    ]
    .map(random::schema);
    let [mut mtproto, mut end_to_end, mut api] = schemas.each_ref().map(layers);
    let mut items = 0;
    macro_rules! item {
        ($module:ident, $kind:ident, $tl_name:literal, $($path:tt)+) => {{
            let path = stringify!($($path)+);
            let layer = layer_of(&mut $module, path);
            layer.check::<telegram_tl::$module::$($path)+>($kind, $tl_name);
            items += 1;
        }};
    }
    include!(concat!(env!("OUT_DIR"), "/inventory.rs"));
    assert!(items > 2500, "only {items} items");
}

fn layers(schema: &Schema) -> BTreeMap<Option<u32>, Layer<'_>> {
    let layers = match schema.layers() {
        [] => vec![None],
        layers => layers.iter().copied().map(Some).collect(),
    };
    let layers = layers.into_iter();
    layers
        .map(|layer| (layer, Layer::new(schema, layer)))
        .collect()
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
