//! The options of `Config`, one property each; what they make of types is the goldens' business.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use fixtures::{root, scratch_dir};
use snapbox::{assert_data_eq, str};
use tl_codegen::{Config, Dialect, Error, Files, ItemKind, Output, Unknown};

const SCHEMA: &str = "
user#74e5ad7d id:long = User;
chat title:string members:Vector<User> photo:Photo = chats.Chat;
photo data:bytes = Photo;
unrelated x:int = Unrelated;
message flags:# reply:flags.0?Message text:string = Message;
---functions---
chats.getChat id:long = chats.Chat;
chats.getTitle id:long = Bool;
getMessage id:long = Message;
";

fn config() -> Config {
    Config::new().schema_text("schema.tl", SCHEMA)
}

/// All generated text.
fn text(output: &Output) -> String {
    output.files.iter().map(|(_, text)| text).collect()
}

/// What a configuration fails with.
#[track_caller]
fn error(config: &Config) -> String {
    let error = config.generate().expect_err("it can't be used");
    error.to_string()
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for schema in ["mtproto", "end-to-end", "api"] {
        let config = Config::new().schema(root().join(format!("schemas/{schema}.tl")));
        let [first, second] = [config.generate(), config.generate()].map(Result::unwrap);
        assert!(first.files == second.files, "{schema}");
        assert!(
            !text(&first).contains(root().to_str().unwrap()),
            "{schema}: where it was made shows"
        );
    }
}

#[test]
fn the_runtime_can_lie_anywhere() {
    let output = config().runtime_path("crate::tl").generate();
    let text = text(&output.unwrap());
    assert!(text.contains(" crate::tl::wire::TlWrite for User"));
    assert!(!text.contains("mtproto_runtime"));
}

#[test]
fn no_std_takes_everything_from_core_and_alloc() {
    let text = text(&config().no_std(true).generate().unwrap());
    for path in [
        "pub title: ::alloc::string::String",
        "pub members: ::alloc::vec::Vec<",
        "pub reply: ::core::option::Option<::alloc::boxed::Box<",
    ] {
        assert!(text.contains(path), "{path}");
    }
    assert!(!text.contains("std::"));
}

#[test]
fn derives_are_those_asked_for() {
    let some = text(
        &config()
            .derives(["Clone", "::core::cmp::PartialEq", "my::Own"])
            .generate()
            .unwrap(),
    );
    assert!(some.contains("#[derive(my::Own)]\npub struct User {"));
    for written_out in ["clone::Clone", "cmp::PartialEq"] {
        assert!(some.contains(&format!("impl ::core::{written_out} for User {{")));
    }
    assert!(!some.contains("Debug"));
    let none = text(&config().derives([""; 0]).generate().unwrap());
    assert!(!none.contains("derive") && !none.contains("Clone"));
}

#[test]
fn what_is_copy_derives_clone_with_it() {
    let generate = |config: Config| text(&config.derives(["Clone"]).generate().unwrap());
    let user = generate(config().attributes("user", "#[derive(Copy)]"));
    assert!(user.contains("#[derive(Clone, Copy)]\npub struct User {"));
    assert_eq!(user.matches("Clone for User {").count(), 1, "the enum");
    assert!(user.contains("Clone for Chat {"));
    let allowed = "#[allow(clippy::clone_on_copy, reason";
    assert!(user.contains(allowed) && !generate(config()).contains(allowed));
}

#[test]
fn a_docs_link_goes_before_the_stated_one() {
    let stated = Config::new().schema_text(
        "schema.tl",
        format!("// DOCS https://stated.org/{{kind}}/{{name}}\n{SCHEMA}"),
    );
    let links = |config: Config| {
        let text = text(&config.generate().unwrap());
        let mut links: Vec<_> = text
            .lines()
            .filter_map(|line| Some(line.strip_prefix("/// <")?.strip_suffix('>')?.to_owned()))
            .collect();
        links.sort();
        links.truncate(2);
        links
    };
    assert_eq!(links(config()), [""; 0]);
    assert_eq!(
        links(stated.clone()),
        [
            "https://stated.org/constructor/chat",
            "https://stated.org/constructor/message"
        ]
    );
    assert_eq!(
        links(stated.docs_link("https://given.org/{name}")),
        ["https://given.org/Message", "https://given.org/Photo"]
    );
}

#[test]
fn only_what_is_named_and_what_it_reaches_is_generated() {
    let items = |patterns: &[&str]| {
        let output = config().only(patterns.iter().copied()).generate().unwrap();
        let mut names: Vec<_> = output
            .items
            .into_iter()
            .map(|item| item.rust_path)
            .collect();
        names.sort();
        names
    };
    let chat = [
        "enums::Photo",
        "enums::User",
        "enums::chats::Chat",
        "types::Chat",
        "types::Photo",
        "types::User",
    ];
    // A type, a constructor, a function, and all functions of a namespace.
    assert_eq!(items(&["chats.Chat"]), chat);
    assert_eq!(items(&["chat"]), chat);
    let get_chat = ["functions::chats::GetChat"];
    assert_eq!(
        items(&["chats.getChat"]),
        [&chat[..3], &get_chat, &chat[3..]].concat()
    );
    assert_eq!(
        items(&["chats.get*"]),
        [
            &chat[..3],
            &get_chat,
            &["functions::chats::GetTitle"],
            &chat[3..]
        ]
        .concat()
    );
    // Patterns add up, and a star stands for nothing too.
    assert_eq!(
        items(&["photo*", "Unrelated*"]),
        [
            "enums::Photo",
            "enums::Unrelated",
            "types::Photo",
            "types::Unrelated"
        ]
    );
    assert_eq!(items(&["*"]), items(&[]));
}

#[test]
fn a_pattern_that_names_nothing_is_an_error() {
    assert_eq!(
        error(&config().only(["chats.*", "chat.*"])),
        "the pattern `chat.*` matches no function, type or constructor of the schema; names are written as in TL, \
         `messages.sendMessage`, and `*` stands for any text"
    );
}

#[test]
fn several_files_make_one_schema() {
    let output = config()
        .schema_text("more.tl", "group chats:Vector<chats.Chat> = Group;")
        .generate()
        .unwrap();
    let group = output
        .items
        .iter()
        .find(|item| item.tl_name == "group")
        .unwrap();
    assert_eq!(
        (group.rust_path.as_str(), group.kind),
        ("types::Group", ItemKind::Constructor)
    );
    assert!(
        output
            .files
            .text("types/mod.rs")
            .unwrap_or(&text(&output))
            .contains("super::enums::chats::Chat")
    );
}

#[test]
fn the_dialect_decides_computed_ids() {
    let schema =
        Config::new().schema_text("schema.tl", "photo flags:# is_new:flags.0?true = Photo;");
    for (dialect, id) in [
        (Dialect::Telegram, "0x5d89a724"),
        (Dialect::Raw, "0xd6170dcd"),
    ] {
        let text = text(&schema.clone().dialect(dialect).generate().unwrap());
        assert!(
            text.contains(&format!("const TL: (u32, &'static str) = ({id}, ")),
            "{dialect:?}"
        );
    }
}

#[test]
fn given_ids_hold_when_they_are_trusted() {
    let schema = Config::new().schema_text("schema.tl", "user#1 id:long = User;");
    assert!(error(&schema).contains("TL0012"));
    let text = text(&schema.trust_ids(true).generate().unwrap());
    assert!(text.contains("const TL: (u32, &'static str) = (0x00000001, "));
}

#[test]
fn what_cannot_be_used_is_said() {
    assert_eq!(error(&Config::new()), "no schema is given");
    assert_eq!(
        error(&config().runtime_path("a b")),
        "`a b` is not a Rust path"
    );
    assert_eq!(
        error(&config().derives(["Clone, Debug"])),
        "`Clone, Debug` is not a Rust path"
    );
    assert!(error(&Config::new().schema("missing.tl")).starts_with("missing.tl: "));
    assert!(
        matches!(config().build("api"), Err(Error::Config(_))),
        "no build script"
    );
}

#[test]
fn errors_of_a_schema_are_all_listed() {
    let schema = Config::new().schema_text("schema.tl", "a x:B = A;\nc#1 = C;\n");
    assert_data_eq!(
        error(&schema),
        str![[r#"
2 errors in the schema
schema.tl:1:5: error[TL0009]: unknown type `B`
schema.tl:2:2: error[TL0012]: `c` is given the id #00000001, but its text gives #ee6017f5
  help: if the text is right, write `c#ee6017f5`; if the id is, the text has changed since it was computed

"#]]
    );
}

#[test]
fn files_that_stay_the_same_are_not_touched() {
    let dir = scratch_dir("untouched");
    config().generate_into(&dir).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for path in ["mod.rs", "registry.rs"] {
        let file = File::options().write(true).open(dir.join(path)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let more = config().schema_text("more.tl", "group id:long = Group;");
    more.generate_into(&dir).unwrap();
    let modified = |path| fs::metadata(dir.join(path)).unwrap().modified().unwrap();
    assert_eq!(modified("mod.rs"), long_ago);
    assert!(modified("registry.rs") > long_ago);
}

#[test]
fn a_layer_that_is_no_int_is_told() {
    let below = "// LAYER 2147483647\na = A;";
    let output = Config::new().schema_text("a.tl", below).generate();
    assert!(text(&output.unwrap()).contains("LAYER: i32 = 2147483647;"));
    for above in [
        "// LAYER 2147483648\na = A;",
        "===1===\na = A;\n===2147483648===\nb = B;",
    ] {
        assert_eq!(
            error(&Config::new().schema_text("a.tl", above)),
            "the schema states layer 2147483648; no layer can be above 2147483647, for clients state theirs in an `int`"
        );
    }
}

#[test]
fn an_id_of_a_constructor_and_a_function_has_the_constructors_name() {
    for both in [
        "value#1 = Value;\n---functions---\ncall#1 = Value;",
        "---functions---\ncall#1 = Value;\n---types---\nvalue#1 = Value;",
    ] {
        let config = Config::new().schema_text("a.tl", both).trust_ids(true);
        let files = config.generate().unwrap().files;
        let registry = files.text("registry.rs").unwrap();
        assert!(registry.contains("(0x00000001, \"value\")"), "{registry}");
        assert!(!registry.contains("call"), "{registry}");
    }
}

#[test]
fn a_file_is_added_once() {
    let mut files = Files::new();
    files.insert("a.rs", "first").unwrap();
    files.insert("b.rs", "other").unwrap();
    let error = files.insert("a.rs", "second").unwrap_err();
    assert_eq!(error.to_string(), "`a.rs` would be generated twice");
    assert_eq!(files.text("a.rs"), Some("first"));
}

#[test]
fn a_name_that_had_to_be_changed_is_told_once() {
    let output = Config::new().schema_text("a.tl", "self id:int = Thing; other = Thing;");
    let output = output.generate().unwrap();
    let messages: Vec<_> = output
        .diagnostics
        .iter()
        .map(|found| &found.message)
        .collect();
    assert_eq!(messages, ["`self` is `Self_` in Rust"]);
}

/// The TL names of what a configuration generates, sorted.
fn names(config: &Config) -> Vec<String> {
    let output = config.generate().expect("it is generated");
    let mut names: Vec<_> = output.items.into_iter().map(|item| item.tl_name).collect();
    names.sort();
    names
}

#[test]
fn what_is_excepted_is_not_generated() {
    let all = names(&config());
    let without = |cut: &[&str]| {
        let mut names = all.clone();
        names.retain(|name| !cut.contains(&name.as_str()));
        names
    };
    // A function, a type with its constructors, a namespace with all in it.
    assert_eq!(
        names(&config().except(["getMessage"])),
        without(&["getMessage"])
    );
    assert_eq!(
        names(&config().except(["Unrelated"])),
        without(&["Unrelated", "unrelated"])
    );
    assert_eq!(
        names(&config().except(["chats.*"])),
        without(&["chats.Chat", "chat", "chats.getChat", "chats.getTitle"])
    );
    // Of what is asked for, and what only that would reach goes with it.
    let some = config()
        .only(["chats.*"])
        .except(["chats.Chat", "chats.getChat"]);
    assert_eq!(names(&some), ["chats.getTitle"]);
    // A constructor: its type has the others.
    let two = Config::new().schema_text("two.tl", "a = X; b x:X = X; c = X;");
    let output = two.except(["a"]).generate().unwrap();
    let enums = output.files.text("enums.rs").unwrap();
    assert!(
        enums.contains("    C,\n") && !enums.contains("    A,\n"),
        "{enums}"
    );
    assert_eq!(
        error(&config().except(["chats.*", "char.*"])),
        error(&config().only(["char.*"]))
    );
}

#[test]
fn what_is_excepted_must_not_be_needed() {
    assert_data_eq!(
        error(&config().except(["user", "photo", "chats.Chat"])),
        str![[r#"
`except` cuts what is still needed; cut what needs it, too, or keep it
  `chats.Chat` is needed by `chats.getChat`
"#]]
    );
    assert_data_eq!(
        error(&config().except(["User", "Photo"])),
        str![[r#"
`except` cuts what is still needed; cut what needs it, too, or keep it
  `Photo` is needed by `chat`
  `User` is needed by `chat`
"#]]
    );
    let bare = Config::new().schema_text(
        "bare.tl",
        "a x:int = X; b = X; c1 a:a = Y; c2 a:a = Y; c3 a:a = Y; c4 a:a = Y; c5 a:a = Y; c6 a:a = Y; c7 a:a = Y;",
    );
    assert_data_eq!(
        error(&bare.except(["a"])),
        str![[r#"
`except` cuts what is still needed; cut what needs it, too, or keep it
  `a` is needed by `c1`, `c2`, `c3`, `c4`, `c5` and 2 more
"#]]
    );
}

#[test]
fn the_docs_say_what_is_cut() {
    let output = config()
        .only(["chats.*", "getMessage"])
        .except(["getMessage"])
        .generate()
        .unwrap();
    let cut = &output.cut;
    assert_eq!(cut.functions, ["getMessage"]);
    assert_eq!(cut.constructors, ["unrelated", "message"]);
    assert_eq!(cut.types, ["Unrelated", "Message"]);
    let by = "Cut by `only` `chats.*`, `getMessage` and `except` `getMessage`:";
    for (file, rest) in [
        ("functions/chats.rs", None),
        ("functions/mod.rs", Some("the function `getMessage`.")),
        ("types.rs", Some("2 constructors, `unrelated`, `message`.")),
        ("enums/mod.rs", Some("2 types, `Unrelated`, `Message`.")),
    ] {
        let text = output.files.text(file).unwrap();
        let docs: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("//! "))
            .collect();
        let said = docs
            .join(" ")
            .split_once(by)
            .map(|(_, rest)| rest.trim().to_owned());
        assert_eq!(said.as_deref(), rest, "{file}");
    }
    let root = output.files.text("mod.rs").unwrap();
    let comment: Vec<_> = root
        .lines()
        .filter_map(|line| line.strip_prefix("// "))
        .collect();
    for names in ["`Message`", "`message`", "`getMessage`"] {
        assert!(comment.join(" ").contains(&format!("{names}.")), "{root}");
    }
    // Long lists are not told to their end.
    let many: String = (0..30).map(|at| format!("c{at} = C{at}; ")).collect();
    let many = Config::new().schema_text("many.tl", many).only(["c0"]);
    let text = text(&many.generate().unwrap());
    assert!(text.contains("`c20` and 9 more."), "{text}");
    let all = config().generate().unwrap();
    assert!(!all.files.iter().any(|(_, text)| text.contains("Cut by")));
}

#[test]
fn patterns_and_attributes_that_cannot_be_used_are_said() {
    assert_eq!(
        error(&config().attributes("users", "#[must_use]")),
        error(&config().only(["users"]))
    );
    for attribute in [
        "must_use",
        "#![must_use]",
        "#[]",
        "",
        "#[must_use] x",
        "#[(x)]",
        "#[must_use",
        "#(x)",
    ] {
        assert_eq!(
            error(&config().attributes("user", attribute)),
            format!("`{attribute}` is no attribute, as `#[derive(Hash)]` is")
        );
    }
    let unused = error(&config().redact(["title", "user.title"]));
    assert!(
        unused.starts_with("the pattern `user.title` of `redact` matches no field"),
        "{unused}"
    );
}

/// The names of types that are `Boxed` structs, with the modules they are in.
fn boxed(config: &Config) -> Vec<String> {
    let output = config.clone().boxed_structs(true).generate();
    let output = output.expect("it can be generated");
    let lines = output.files.iter().flat_map(|(path, text)| {
        let module = path.to_owned();
        let aliases = text.lines().filter_map(|line| {
            let name = line.strip_prefix("pub type ")?.split_once([' ', '<'])?.0;
            Some(name.to_owned())
        });
        let aliases: Vec<_> = aliases.collect();
        aliases
            .into_iter()
            .map(move |name| format!("{module} {name}"))
    });
    lines.collect()
}

#[test]
fn what_says_more_than_its_struct_stays_an_enum() {
    let schema = "
        text value:string = Text;
        note text:Text = Note;
        empty = Empty;
        many text:Text = Many; manyMore text:Text = Many;
        list items:Vector<List> = List;
        pair {t:Type} first:t second:t = Pair t;
        pairs both:(Pair Text) = Pairs;
    ";
    let config = Config::new().schema_text("a.tl", schema);
    let all = ["enums.rs Text", "enums.rs Note", "enums.rs Pairs"];
    assert_eq!(boxed(&config), all);
    // What a generic type is given is alike with and without the forms that borrow.
    let with_borrowed = boxed(&config.clone().borrowed(true));
    assert!(
        all.iter()
            .all(|name| with_borrowed.contains(&(*name).to_owned()))
    );
    // One that lost the others is a constructor alone, too.
    let one_of_many = boxed(&config.clone().except(["manyMore"]));
    assert!(
        one_of_many.contains(&"enums.rs Many".to_owned()),
        "{one_of_many:?}"
    );

    assert_eq!(boxed(&config.clone().unknown(Unknown::Keep)), [""; 0]);
    assert_eq!(
        boxed(&config.clone().derives(["Clone", "my::Own"])),
        [""; 0]
    );
    assert_eq!(
        boxed(&config.clone().derives(["Clone", "core::hash::Hash"])),
        all
    );
    let own = config.clone().attributes("Note", "#[must_use]");
    assert_eq!(boxed(&own), ["enums.rs Text", "enums.rs Pairs"]);
    let kept = config.clone().opaque(["note"]);
    assert_eq!(boxed(&kept), ["enums.rs Text", "enums.rs Pairs"]);
}

#[test]
fn a_type_is_an_enum_in_all_layers_that_have_its_struct_if_it_is_one_in_any() {
    let schema = "
        ===1===
        text value:string = Text;
        grow text:Text = Grow;
        shrink text:Text = Shrink;
        ===2===
        growMore text:Text = Grow;
    ";
    let config = Config::new().schema_text("a.tl", schema);
    let names = boxed(&config);
    assert!(
        names.iter().any(|name| name.ends_with(" Text")),
        "{names:?}"
    );
    assert!(
        names.iter().any(|name| name.ends_with(" Shrink")),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.ends_with(" Grow")),
        "{names:?}"
    );
    // All of it has shapes: nothing derives what one function does for all.
    let output = config
        .boxed_structs(true)
        .generate()
        .expect("it can be generated");
    assert!(!text(&output).contains("derive(Debug"));
}
