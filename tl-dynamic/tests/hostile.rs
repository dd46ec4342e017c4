//! Input made to hurt: an error each time, in time and memory that the input has paid for.

#![cfg(feature = "json")]

mod support;

use allocation_counter::measure;
use support::{assert_same, codec, refused, words};
use tl_dynamic::{Codec, DecodeErrorKind, Limits, MAX_LEVELS, Options};

const DEEP: usize = 100_000;
const MEGABYTE: usize = 1 << 20;
/// Heap that decoding may hold for each byte of input.
const HEAP_FACTOR: u64 = 64;

#[test]
fn a_hundred_thousand_levels_reach_the_depth_limit() {
    let codec = codec(
        "wrap#00000001 x:T = T; end#00000002 = T; bare n:# x:n*[ v:(vector %Bare) ] = Bare;\n---functions---\ninvoke#00000003 {X:Type} query:!X = X;",
    );
    let limit = |bytes: &[u8], ty: &str| {
        let root = codec.value(ty).expect("a type");
        let error = codec.decode(&root, bytes).expect_err("it never ends");
        assert!(
            matches!(error.kind, DecodeErrorKind::DepthLimit { limit: 64 }),
            "{error}"
        );
        assert!(error.offset <= 64 * 12, "{error}");
    };
    limit(&words(&[1; DEEP]), "T");
    limit(&words(&[1; DEEP]), "%Bare");
    limit(&words(&[3; DEEP]), "Object");
    // A list as deep as a number of the input says.
    let list = codec_of_lists();
    let root = list.value("use").expect("a type");
    let error = list.decode(&root, &words(&[DEEP as u32; DEEP]));
    let error = error.expect_err("too deep");
    assert!(
        matches!(error.kind, DecodeErrorKind::DepthLimit { limit: 64 }),
        "{error}"
    );
    // Whatever the limit, the stack holds.
    let limits = Limits {
        depth: u32::MAX,
        allocation_bytes: usize::MAX,
    };
    let options = Options::new().with_limits(limits);
    let root = codec.value("T").expect("a type");
    let error = codec.decode_with(&root, &words(&[1; DEEP]), &options);
    let kind = DecodeErrorKind::DepthLimit { limit: MAX_LEVELS };
    assert_eq!(error.expect_err("too deep").kind, kind);
}

fn codec_of_lists() -> Codec {
    codec(
        "tnil {X:Type} = Tuple X 0; tcons {X:Type} {n:#} hd:X tl:%(Tuple X n) = Tuple X (n+1); \
         use n:# t:%(Tuple int n) = Use;",
    )
}

#[test]
fn a_schema_that_nests_without_recursion_is_bounded_too() {
    let mut text = String::new();
    for index in 0..2000 {
        text.push_str(&format!("c{index} x:%C{} = C{index};\n", index + 1));
    }
    text.push_str("c2000 x:int = C2000;");
    let codec = codec(&text);
    let root = codec.value("c0").expect("a type");
    let error = codec.decode(&root, &words(&[0])).expect_err("2000 levels");
    assert_eq!(
        error.kind,
        DecodeErrorKind::DepthLimit { limit: MAX_LEVELS }
    );
    let root = codec.value("c1900").expect("a type");
    assert!(codec.decode(&root, &words(&[0])).is_ok());
}

/// An object counts, and so does the type that it is of: generated code enters both.
#[test]
fn objects_of_recursive_types_count_twice() {
    let codec =
        codec("tree#1 left:Tree o:Object right:Tree = Tree; stump#2 = Tree; leaf#3 n:int = Leaf;");
    let root = codec.value("Tree").expect("a type");
    let nested = |levels: usize| {
        let bytes = words(&[[1, 2].repeat(levels), vec![3, 7], vec![2; levels]].concat());
        let value = codec.decode_with(&root, &bytes, &Options::strict());
        value
            .map(drop)
            .map_err(|error| (error.offset, format!("{:?}", error.kind)))
    };
    assert_eq!(nested(32), Ok(()));
    let limit = "DepthLimit { limit: 64 }".to_owned();
    assert_eq!(nested(33), Err((256, limit)));
}

#[test]
fn deep_json_is_refused() {
    let codec = codec("wrap x:T = T; end = T;");
    let root = codec.value("T").expect("a type");
    let json = |depth: usize| {
        format!(
            "{}{{\"@type\":\"end\"}}{}",
            "{\"@type\":\"wrap\",\"x\":".repeat(depth),
            "}".repeat(depth)
        )
    };
    let value = codec
        .value_from_text(&root, &json(200))
        .expect("200 levels");
    assert!(codec.encode(&root, &value).is_ok());
    for depth in [300, DEEP] {
        let error = refused(&codec, &root, &json(depth));
        assert!(error.contains("nest deeper than the limit"), "{error}");
    }
}

#[test]
fn a_megabyte_of_counts_takes_memory_it_has_paid_for() {
    let codec = codec(
        "empty = Empty; a n:# x:n*[ m:# y:m*[ int ] ] = A; v x:Vector<vector<vector<%Empty>>> = V; \
         t {X:Type} {n:#} [ X ] = T X n; w n:# x:(%T (%T %Empty n) n) = W;",
    );
    for ty in [
        "a",
        "v",
        "w",
        "Vector<vector<int>>",
        "Vector<Bool>",
        "vector<#>",
    ] {
        let root = codec.value(ty).expect("a type");
        for word in [
            0,
            1,
            2,
            0xffff,
            0x3_ffff,
            0x7fff_ffff,
            0x8000_0000,
            u32::MAX,
        ] {
            let mut bytes = words(&[word; MEGABYTE / 4]);
            for first in [word, 0x1cb5_c415] {
                bytes[..4].copy_from_slice(&first.to_le_bytes());
                let mut value = None;
                let heap = measure(|| value = Some(codec.decode(&root, &bytes)));
                let value = value.expect("it has run");
                assert!(
                    heap.bytes_max < HEAP_FACTOR * MEGABYTE as u64,
                    "{ty} {word:x}: {heap:?}"
                );
                if let Ok(value) = value {
                    assert_eq!(
                        codec.encode(&root, &value).as_ref(),
                        Ok(&bytes),
                        "{ty} {word:x}"
                    );
                }
            }
        }
    }
}

#[test]
fn items_of_no_size_are_paid_for() {
    let codec = codec("empty = Empty;");
    let root = codec.value("vector<%Empty>").expect("a type");
    let value = codec.decode(&root, &words(&[1000]));
    assert!(value.is_ok());
    let empty = r#"{"@type":"empty"}"#;
    assert_same(&codec, &root, &words(&[2]), &format!("[{empty},{empty}]"));
    let error = codec
        .decode(&root, &words(&[0x7fff_ffff]))
        .expect_err("too many");
    assert_eq!(error.offset, 0);
    assert!(
        matches!(error.kind, DecodeErrorKind::AllocationLimit { .. }),
        "{error}"
    );
}

#[test]
fn the_end_of_what_is_kept_is_looked_for_in_memory_that_it_has_paid_for() {
    let codec = codec("empty = Empty; many#1 v:vector<%Empty> = Many; pair x:Object y:int = Pair;");
    let root = codec.value("pair").expect("a type");
    let encode = |count: &str| {
        let raw = format!(r#"{{"@type":"@unknown","@id":"0x00000001","@raw":"{count}"}}"#);
        let text = format!(r#"{{"@type":"pair","x":{raw},"y":7}}"#);
        let value = codec.value_from_text(&root, &text);
        codec.encode(&root, &value.expect("it is an object"))
    };
    // 1,000 items, and a million.
    assert!(encode("6AMAAA==").is_ok());
    let refused = measure(|| assert!(encode("AAAQAA==").is_err()));
    assert!(refused.bytes_max < MEGABYTE as u64, "{refused:?}");
}

#[test]
fn types_that_double_at_every_level_take_no_more_memory() {
    // Each level's type is a pair of the one before: written out, the last one would have 2^64 parts.
    let codec = codec(
        "pair {a:Type} {b:Type} x:# = Pair a b; more#00000001 {t:Type} x:(F (Pair t t)) = F t; \
         eq#00000002 {t:Type} y:(E t t) = F t; e#00000003 {t:Type} = E t t;",
    );
    let root = codec.value("F int").expect("a type");
    let mut bytes = words(&[1; 60]);
    bytes.extend(words(&[2, 3]));
    let heap = measure(|| drop(codec.decode(&root, &bytes)));
    assert!(heap.bytes_total < MEGABYTE as u64, "{heap:?}");
}

#[test]
fn results_that_double_with_every_wrapped_call_are_refused() {
    let codec = codec(
        "pair {a:Type} {b:Type} x:a y:b = Pair a b;\n---functions---\n\
         end#00000001 = int; both#00000002 {X:Type} query:!X = Pair X X;",
    );
    let result = |depth: usize| {
        let calls = words(&[vec![2; depth], vec![1]].concat());
        let call = codec.decode(&codec.any(), &calls);
        codec.result_of(&call.unwrap_or_else(|error| panic!("{error}")))
    };
    assert!(result(8).is_ok());
    let error = result(60).expect_err("it would have 2^60 parts");
    assert_eq!(
        error.to_string(),
        "the result's type has more than 10000 parts"
    );
}

#[test]
fn wrong_type_expressions_are_errors() {
    let codec = codec(
        "user x:int = User; t {X:Type} {n:#} [ X ] = T X n; a = Any; b = Any;\n---functions---\nget = User;",
    );
    for (text, message) in [
        ("", "the type ends too early"),
        ("Usr", "there is no type `Usr`; did you mean `User`?"),
        ("User int", "`User` takes no arguments"),
        ("T int", "`T` takes a type and a number"),
        ("T 4 int", "`T` takes a type and a number"),
        (
            "%Any",
            "`%Any` could be any of its 2 constructors; name the one",
        ),
        ("get", "`get` is a function, and no type"),
        ("4", "`4` is a number, and no type"),
        ("99999999999", "`99999999999` is no number of 32 bits"),
        ("Vector<int", "`>` is missing in the type"),
        ("(User", "`)` is missing in the type"),
        ("User )", "`)` is too much in the type `User )`"),
        ("Ж", "`Ж` has no place in a type"),
    ] {
        let error = codec.value(text).expect_err(text);
        assert_eq!(error.to_string(), message, "{text}");
    }
    let deep = "(".repeat(DEEP);
    assert!(codec.value(&deep).is_err());
    assert!(codec.value(&"Vector<".repeat(DEEP)).is_err());
}
