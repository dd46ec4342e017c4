//! What is not as the schema says is an error that says where it is and what belongs there.

use std::fmt::Write;

use serde_json::json;

use super::{json as bindings, json_dependent};
use bindings::enums::{Numbers, Rows, Tree, User};

fn error<T: for<'de> super::Deserialize<'de>>(tree: serde_json::Value) -> String {
    match serde_json::from_value::<T>(tree) {
        Ok(_) => "no error".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// All of them at once, to be read side by side.
#[test]
fn errors_say_where_and_what() {
    let user = |key: &str, value: serde_json::Value| {
        let mut user = json!({"@type": "user", "id": "1"});
        user[key] = value;
        user
    };
    let photo = json!({"@type": "photo", "id": "1", "key": ""});
    let peer = json!({"@type": "nobody"});
    let rows = |user: serde_json::Value| json!({"@type": "rows", "users": [{"@type": "user", "id": "1"}, user], "photos": [], "names": []});
    let numbers = |key: &str, value: serde_json::Value| {
        let mut numbers = json!({
            "small": 1, "wide": "AAAAAAAAAAAAAAAAAAAAAA==", "exact": 5, "single": 1.0, "double": 2.0, "yes": false,
        });
        numbers[key] = value;
        error::<Numbers>(numbers)
    };
    let mut found = String::new();
    let mut tell = |what: &str, error: String| {
        writeln!(found, "{what}\n    {error}").expect("it is text");
    };
    tell(
        "a field too many",
        error::<User>(user("nmae", json!("Ada"))),
    );
    tell("a field too few", error::<User>(json!({"@type": "user"})));
    tell(
        "null for what must be there",
        error::<User>(user("id", json!(null))),
    );
    tell(
        "another kind of value",
        error::<User>(user("name", json!(5))),
    );
    tell(
        "a number for a flag",
        error::<User>(user("is_bot", json!(1))),
    );
    tell("no number", error::<User>(user("id", json!("12x"))));
    tell(
        "too large a number",
        error::<User>(user("id", json!("9223372036854775808"))),
    );
    tell(
        "a field that shares a bit alone",
        error::<User>(user("photo", photo.clone())),
    );
    let mut both = user("photo", photo);
    both["peer"] = peer.clone();
    tell("(both are fine)", error::<User>(both.clone()));
    both["flags"] = json!(0);
    tell("a flags word that says otherwise", error::<User>(both));
    tell(
        "a flags word that says more",
        error::<User>(user("flags", json!(2))),
    );
    tell(
        "a bit of a word that is data",
        error::<json_dependent::types::Masked>(json!({"mask": 0, "a": 1})),
    );
    tell(
        "another constructor",
        error::<User>(json!({"@type": "usr"})),
    );
    tell("another type's constructor", error::<User>(peer.clone()));
    tell(
        "another constructor for a struct",
        error::<bindings::types::User>(peer),
    );
    tell("no `@type` among several", error::<Tree>(json!({})));
    tell("a number for `@type`", error::<Tree>(json!({"@type": 1})));
    tell("no object", error::<Tree>(json!([])));
    tell(
        "deep inside",
        error::<Rows>(rows(user("name", json!(["Ada"])))),
    );
    tell(
        "deeper inside",
        error::<Rows>(json!({"users": [], "photos": [], "names": [["a"], ["b", 1]]})),
    );
    tell(
        "no array",
        error::<Rows>(json!({"users": {}, "photos": [], "names": []})),
    );
    tell("a fraction", numbers("small", json!(1.5)));
    tell("out of range", numbers("small", json!(1_u64 << 31)));
    tell("out of every range", numbers("small", json!(u64::MAX)));
    tell("too few bytes", numbers("wide", json!("AAAA")));
    tell(
        "no base64",
        numbers("wide", json!("AAAAAAAAAAAAAAAAAAAAA!==")),
    );
    tell("too large a float", numbers("single", json!(1e300)));
    tell(
        "no number by that name",
        numbers("double", json!("infinity")),
    );
    tell("a text for a Bool", numbers("yes", json!("true")));
    tell(
        "an unknown object without bytes",
        error::<Tree>(json!({"@type": "@unknown", "@id": "0x12345678"})),
    );
    tell(
        "an unknown object where it is not last",
        error::<Tree>(json!({
            "@type": "tree",
            "left": {"@type": "@unknown", "@id": "0x12345678", "@raw": ""},
            "right": {"@type": "leaf", "type": ""},
        })),
    );
    tell(
        "another number of items",
        error::<json_dependent::types::Counted>(json!({"n": 3, "items": ["a"]})),
    );
    tell(
        "two counts in one",
        error::<json_dependent::types::CountedTwice>(json!({"xs": [1], "ys": []})),
    );
    tell(
        "no JSON",
        serde_json::from_str::<User>(r#"{"@type": "user","#)
            .expect_err("it ends")
            .to_string(),
    );
    tell(
        "a key that comes twice",
        serde_json::from_str::<User>(r#"{"@type": "user", "id": 1, "id": 2}"#)
            .expect_err("which?")
            .to_string(),
    );
    snapbox::assert_data_eq!(found, snapbox::file!["errors.txt"]);
}

#[test]
fn bytes_of_another_value_are_an_error() {
    let read = postcard::from_bytes::<json_dependent::types::Counted>;
    assert!(read(&[4, 1, 0, 0, 0]).is_err(), "the item is missing");
    assert!(
        read(&[8, 0, 0, 0, 0, 0, 0, 0, 0]).is_err(),
        "too many bytes"
    );
    assert!(read(&[4, 0, 0, 0, 0]).is_ok());
}

/// Objects that nobody has read yet, and JSON that nobody has written: no panic, and what is told comes back.
#[test]
fn garbage_is_told_or_refused() {
    use bindings::functions::{GetUser, InvokeWithLayer};
    use telegram_tl::wire::{RawObject, encode};

    let mut rng = super::random::Rng::new(5);
    let (mut told, mut refused) = (0, 0);
    let good = encode(&InvokeWithLayer {
        layer: 1,
        query: GetUser { id: 2 },
    })
    .expect("it can be written");
    let ids = [0x1bda_02e9_u32, 0x686d_73cf, 0x1cb5_c415, 7];
    for round in 0..20_000 {
        let mut words: Vec<u8> = good.repeat(1 + rng.below(3));
        words.truncate(4 * (1 + rng.below(words.len() / 4)));
        for _ in 0..rng.below(4) {
            let at = 4 * rng.below(words.len() / 4);
            let word = match rng.below(3) {
                0 => ids[rng.below(ids.len())],
                1 => rng.below(3) as u32,
                _ => rng.next() as u32,
            };
            words[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        let query = RawObject::new(words).expect("whole words");
        let call = InvokeWithLayer {
            layer: round,
            query,
        };
        match serde_json::to_value(&call) {
            Ok(tree) => {
                told += 1;
                assert_eq!(tree["layer"], round, "{tree}");
            }
            Err(_) => refused += 1,
        }
    }
    assert!(told > 1_000 && refused > 1_000, "{told}, {refused}");
}

/// A value in which every part is replaced by others in turn, or left out.
#[test]
fn json_with_any_part_spoilt_is_read_or_refused() {
    let user = json!({
        "@type": "user", "flags": 7, "is_bot": true, "id": "1", "name": "Ada",
        "photo": {"@type": "photo", "id": "2", "key": "AAAA"}, "peer": {"@type": "peerUser", "user_id": "3"},
    });
    let rows = json!({"@type": "rows", "users": [user], "photos": [{"id": 1, "key": ""}], "names": [[], ["x"]]});
    assert_eq!(error::<Rows>(rows.clone()), "no error");
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(0.5),
        json!(""),
        json!([]),
        json!({}),
        json!({"@type": "nobody"}),
        json!({"@type": "@unknown", "@id": "0x00000001", "@raw": ""}),
    ];
    let places = places(&rows);
    assert!(places.len() > 20);
    let mut refused = 0;
    for place in &places {
        for other in &others {
            let mut rows = rows.clone();
            *rows.pointer_mut(place).expect("it is there") = other.clone();
            refused += usize::from(error::<Rows>(rows) != "no error");
        }
    }
    let all = places.len() * others.len();
    assert!(refused > all / 2 && refused < all, "{refused} of {all}");
}

/// The JSON pointers to all parts of a tree, itself among them.
fn places(tree: &serde_json::Value) -> Vec<String> {
    let mut places = vec![String::new()];
    let mut inner = |key: &str, tree| {
        places.extend(
            self::places(tree)
                .iter()
                .map(|rest| format!("/{key}{rest}")),
        );
    };
    match tree {
        serde_json::Value::Array(items) => {
            (items.iter().enumerate()).for_each(|(at, tree)| inner(&at.to_string(), tree));
        }
        serde_json::Value::Object(map) => map.iter().for_each(|(key, tree)| inner(key, tree)),
        _ => {}
    }
    places
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| {
        let leaf = r#"{"@type":"leaf","type":""}"#;
        let open = r#"{"@type":"tree","right":"#;
        format!(
            "{}{leaf}{}",
            open.repeat(depth),
            format!(r#","left":{leaf}}}"#).repeat(depth)
        )
    };
    let read = |depth: usize| {
        let text = nested(depth);
        let mut reader = serde_json::Deserializer::from_str(&text);
        reader.disable_recursion_limit();
        let tree = <Tree as super::Deserialize<'_>>::deserialize(&mut reader);
        tree.map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(read(60), Ok(()));
    // As reading bytes bounds it; then, as JSON itself is bounded.
    for (depth, expected) in [
        (100, "the limit of 64"),
        (300, "the limit of 256"),
        (600, "the limit of 512"),
        (100_000, "the limit of 512"),
    ] {
        let error = read(depth).expect_err("it is too deep");
        assert!(error.contains(expected), "{depth}: {error}");
    }
}

#[test]
fn memory_is_bounded() {
    // A few bytes of text ask for a value of 32.
    let items = "0,".repeat(2 << 20);
    let text = format!(r#"{{"users":[{items}0]}}"#);
    let error = serde_json::from_str::<Rows>(&text).expect_err("it is too large");
    assert!(error.to_string().contains("bytes of memory"), "{error}");
}
