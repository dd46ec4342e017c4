//! What `Config::opaque` keeps as bytes, what that leaves out, and what it refuses. What the bindings do is the root package's
//! test `opaque`.

use snapbox::{assert_data_eq, str};
use tl_codegen::{Config, ItemKind, Output};

const SCHEMA: &str = "
user id:long photo:files.Photo = User;
files.photo data:bytes size:Size = files.Photo;
files.photoEmpty = files.Photo;
size w:int h:int = Size;
both size:Size = Both;
message from:User = Message;
messageService action:Action = Message;
action size:Size = Action;
actionOdd deep:Deep = Action;
deep x:int = Deep;
unrelated x:int = Unrelated;
---functions---
getMessage = Message;
getBoth = Both;
";

fn config() -> Config {
    Config::new().schema_text("schema.tl", SCHEMA)
}

#[track_caller]
fn error(config: &Config) -> String {
    config.generate().expect_err("it can't be used").to_string()
}

/// The items of some kind, by their TL names.
fn items(output: &Output, kind: ItemKind) -> Vec<&str> {
    let items = output.items.iter().filter(|item| item.kind == kind);
    items.map(|item| item.tl_name.as_str()).collect()
}

#[test]
fn what_only_kept_values_hold_is_not_generated() {
    let output = config().opaque(["files.*"]).generate().unwrap();
    assert_eq!(items(&output, ItemKind::Opaque), ["files.Photo"]);
    assert_eq!(output.opaque.types, ["files.Photo"]);
    assert!(output.opaque.constructors.is_empty());
    // `Size` is needed elsewhere, and what nothing needs is generated as ever.
    let constructors = items(&output, ItemKind::Constructor);
    assert!(!constructors.iter().any(|name| name.starts_with("files.")));
    assert!(constructors.contains(&"size") && constructors.contains(&"unrelated"));

    let output = config()
        .opaque(["files.*", "Both"])
        .only(["getBoth", "User"]);
    let output = output.generate().unwrap();
    assert_eq!(items(&output, ItemKind::Opaque), ["Both", "files.Photo"]);
    assert_eq!(items(&output, ItemKind::Constructor), ["user"]);
    // A type that nothing needs is not there, whatever its values are kept as; and what is kept is not cut.
    let output = config().opaque(["files.*", "Both"]).only(["getBoth"]);
    let output = output.generate().unwrap();
    assert_eq!(items(&output, ItemKind::Opaque), ["Both"]);
    assert_eq!(output.opaque.types, ["Both"]);
    assert!(!output.cut.constructors.contains(&"size".to_owned()));
    assert!(output.cut.constructors.contains(&"files.photo".to_owned()));
}

#[test]
fn single_constructors_are_kept_in_their_enum() {
    let output = config().opaque(["actionOdd"]).generate().unwrap();
    assert_eq!(output.opaque.constructors, ["actionOdd"]);
    assert!(items(&output, ItemKind::Opaque).is_empty());
    assert!(!items(&output, ItemKind::Type).contains(&"Deep"));
    let enums = output.files.text("enums/mod.rs").unwrap();
    assert!(enums.contains(
        "    /// Kept as bytes: `actionOdd`.\n    Opaque(::mtproto_runtime::wire::RawObject),\n"
    ));
    // All of them are the type.
    let output = config().opaque(["action", "actionO*"]).generate().unwrap();
    assert_eq!(output.opaque.types, ["Action"]);
    assert!(output.opaque.constructors.is_empty());
    let output = config().opaque(["action"]).except(["actionOdd"]);
    assert_eq!(output.generate().unwrap().opaque.types, ["Action"]);
}

#[test]
fn the_table_has_what_values_end_by_and_no_more() {
    let table = |config: Config| {
        let output = config.generate().unwrap();
        let registry = output.files.text("registry.rs").unwrap().to_owned();
        registry
            .split_once("DEFINITIONS")
            .map(|(_, table)| table.to_owned())
    };
    assert_eq!(table(config()), None);
    let photos = table(config().opaque(["files.Photo"])).unwrap();
    for line in [
        "files.photo files.Photo data:bytes size:!Size",
        "files.photoEmpty files.Photo",
        "size Size w:int h:int",
    ] {
        assert!(photos.contains(&format!("\"{line}\"")), "{photos}");
    }
    assert!(
        !photos.contains("user") && !photos.contains("getMessage"),
        "{photos}"
    );
    let actions = table(config().opaque(["actionOdd"])).unwrap();
    assert!(actions.contains("actionOdd Action deep:!Deep") && !actions.contains("size"));
    // serde needs all of them.
    let told = table(config().opaque(["actionOdd"]).serde(true)).unwrap();
    assert!(told.contains("user User") && told.contains("getMessage -"));
}

/// A reader allows values as deep as bindings that keep none do, wherever the way down leads through kept ones.
#[test]
fn what_nests_within_kept_values_counts() {
    let schema = "leaf = Tree; node of:Tree = Tree; message page:Page = Message; page of:Message = Page; pageEmpty = Page;";
    let config = Config::new().schema_text("schema.tl", schema);
    let enters = |config: Config| {
        let output = config.generate().unwrap();
        let enums = output.files.text("enums.rs").unwrap();
        enums.matches("r.enter();").count()
    };
    assert_eq!(enters(config.clone()), 3);
    // `Tree`, and `Message`; the walk counts `Page`.
    assert_eq!(enters(config.opaque(["node", "Page"])), 2);
}

#[test]
fn a_constructor_that_stands_bare_has_its_struct() {
    let schema = "a x:int next:%b = A; b y:int deep:C = B; c z:int = C; d b:B = D;";
    let output = Config::new().schema_text("bare.tl", schema).opaque(["B"]);
    let output = output.generate().unwrap();
    assert_eq!(items(&output, ItemKind::Constructor), ["a", "b", "c", "d"]);
    assert_eq!(items(&output, ItemKind::Type), ["A", "C", "D"]);
    assert_eq!(items(&output, ItemKind::Opaque), ["B"]);
}

#[test]
fn the_docs_say_what_is_kept() {
    let output = config()
        .opaque(["files.*", "actionOdd"])
        .generate()
        .unwrap();
    let said = "Kept as bytes by `opaque` `files.*`, `actionOdd`: the type `files.Photo`; the constructor `actionOdd`.";
    for (file, start) in [("mod.rs", "// "), ("enums/mod.rs", "//! ")] {
        let text = output.files.text(file).unwrap();
        let docs: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix(start))
            .collect();
        assert!(docs.join(" ").contains(said), "{text}");
    }
    let photo = output.files.text("enums/files.rs").unwrap();
    assert!(
        photo.contains(
            "/// Kept as bytes: `decode` reads it as a type that has its constructors.\n"
        )
    );
}

#[test]
fn a_pattern_that_names_nothing_is_an_error() {
    assert_data_eq!(
        error(&config().opaque(["Photo"])),
        str![
            "the pattern `Photo` of `opaque` matches no type and no constructor of the schema; names are written as in TL, `WebPage`, and `*` stands for any text"
        ]
    );
    // A function is neither, and what is cut can't be kept.
    assert!(error(&config().opaque(["getMessage"])).contains("`getMessage` of `opaque`"));
    assert!(
        error(
            &config()
                .opaque(["files.*"])
                .except(["files.*", "user", "message"])
        )
        .contains("`files.*` of `opaque`")
    );
}

#[test]
fn what_has_no_end_of_its_own_is_refused() {
    let refused = |schema: &str, pattern: &str| {
        error(
            &Config::new()
                .schema_text("schema.tl", schema)
                .opaque([pattern]),
        )
    };
    assert_data_eq!(
        refused(
            "pair {X:Type} first:X second:X = Pair X; a x:(Pair int) = A;",
            "Pair"
        ),
        str![[r#"
1 error in the schema
schema.tl:1:34: error[TL0023]: `Pair` has parameters and can't be kept as bytes
  help: name types without parameters in `opaque`

"#]]
    );
    assert_data_eq!(
        refused(
            "pair {X:Type} first:X second:X = Pair X; a x:(Pair int) = A; b a:A = B;",
            "B"
        ),
        str![[r#"
3 errors in the schema
schema.tl:1:15: error[TL0023]: `pair` holds a value of a type variable and can't be kept as bytes, nor can what holds a `pair`
  help: name other types in `opaque`
schema.tl:1:23: error[TL0023]: `pair` holds a value of a type variable and can't be kept as bytes, nor can what holds a `pair`
  help: name other types in `opaque`
schema.tl:1:44: error[TL0023]: `a` holds a value of a type with parameters and can't be kept as bytes, nor can what holds a `a`
  help: name other types in `opaque`

"#]]
    );
    assert_data_eq!(
        refused("a x:int rest:Object = A; b a:A = B;", "B"),
        str![[r#"
1 error in the schema
schema.tl:1:9: error[TL0023]: `a` holds an object of any type and can't be kept as bytes, nor can what holds a `a`
  help: name other types in `opaque`

"#]]
    );
    // One whose length is stated has an end.
    let sized = "a bytes:int body:Object = A; b a:A = B;";
    assert!(
        Config::new()
            .schema_text("schema.tl", sized)
            .opaque(["B"])
            .generate()
            .is_ok()
    );
}

#[test]
fn layers_that_keep_the_same_share_it() {
    let schema = "
===1===
inner x:int = Inner;
page inner:Inner = Page;
other x:int = Other;
===2===
other x:int y:int = Other;
===3===
inner x:long = Inner;
";
    let output = Config::new()
        .schema_text("layers.tl", schema)
        .opaque(["Page"]);
    let output = output.generate().unwrap();
    let page = |layer: u32| {
        output
            .files
            .text(&format!("layer_{layer}/enums.rs"))
            .unwrap()
    };
    assert!(page(1).contains("pub struct Page(pub") && page(1).contains("registry::DEFINITIONS_1"));
    assert!(
        page(2).contains("pub use super::super::layer_1::enums::Page;"),
        "{}",
        page(2)
    );
    assert!(page(3).contains("pub struct Page(pub") && page(3).contains("registry::DEFINITIONS_3"));
}
