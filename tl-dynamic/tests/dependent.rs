//! Dependent types, each with bytes worked out by hand from the definition: what stands behind a comment is the field that
//! the words are. The rules are those of <https://core.telegram.org/mtproto/TL-dependent> and
//! <https://core.telegram.org/mtproto/TL-formal>.

#![cfg(feature = "json")]

mod support;

use support::{assert_same, codec, refused, words};
use tl_dynamic::DecodeErrorKind;

const VECTOR: u32 = 0x1cb5_c415;

/// One definition of a type of its own, whose bare values the bytes are.
#[track_caller]
fn assert_bare(schema: &str, ty: &str, bytes: &[u32], json: &str) {
    let codec = codec(schema);
    let root = codec.value(ty).unwrap_or_else(|error| panic!("{error}"));
    assert_same(&codec, &root, &words(bytes), json);
}

#[test]
fn a_field_counts_the_items_behind_it() {
    assert_bare(
        "list n:# items:n*[ int ] = List;",
        "list",
        &[
            2, // n
            7, 8, // items
        ],
        r#"{"@type":"list","n":2,"items":[7,8]}"#,
    );
}

#[test]
fn without_a_count_the_last_number_counts() {
    assert_bare(
        "list # [ long ] = List;",
        "list",
        &[
            1, // the number
            9, 0, // one long
        ],
        r#"{"@type":"list","arg1":1,"arg2":["9"]}"#,
    );
}

#[test]
fn sums_and_fixed_counts_count() {
    assert_bare(
        "poly n:# a:(n+1)*[ int ] b:2*[ int ] = Poly;",
        "poly",
        &[
            1, // n
            5, 6, // a: n+1 = 2
            7, 8, // b: 2
        ],
        r#"{"@type":"poly","n":1,"a":[5,6],"b":[7,8]}"#,
    );
}

#[test]
fn items_with_several_fields_are_objects_without_a_type() {
    assert_bare(
        "dict n:# items:n*[ key:int value:string ] = Dict;",
        "dict",
        &[
            2, // n
            1,
            u32::from_le_bytes([1, b'a', 0, 0]), // key, value
            2,
            u32::from_le_bytes([2, b'b', b'c', 0]), // key, value
        ],
        r#"{"@type":"dict","n":2,"items":[{"key":1,"value":"a"},{"key":2,"value":"bc"}]}"#,
    );
}

#[test]
fn repetitions_nest_and_see_the_numbers_outside_and_inside() {
    assert_bare(
        "matrix m:# rows:2*[ n:# m*[ int ] n*[ int ] ] = Matrix;",
        "matrix",
        &[
            2, // m
            1, 10, 11, 12, // row 0: n, m ints, n ints
            0, 20, 21, // row 1: n, m ints, no ints
        ],
        r#"{"@type":"matrix","m":2,"rows":[{"n":1,"arg2":[10,11],"arg3":[12]},{"n":0,"arg2":[20,21],"arg3":[]}]}"#,
    );
    assert_bare(
        "grid n:# cells:n*[ 2*[ int ] ] = Grid;",
        "grid",
        &[
            2, // n
            1, 2, // cells[0]
            3, 4, // cells[1]
        ],
        r#"{"@type":"grid","n":2,"cells":[[1,2],[3,4]]}"#,
    );
}

#[test]
fn a_tuple_takes_its_type_and_its_count_from_outside() {
    let schema = "tuple {X:Type} {n:#} [ X ] = Tuple X n; \
                  use a:(tuple int 3) b:(%Tuple (%Tuple long 1) 2) = Use;";
    assert_bare(
        schema,
        "use",
        &[
            1, 2, 3, // a: three ints, no id, no count
            4, 0, // b[0][0]: a long
            5, 0, // b[1][0]
        ],
        r#"{"@type":"use","a":{"@type":"tuple","arg1":[1,2,3]},"b":{"@type":"tuple","arg1":[{"@type":"tuple","arg1":["4"]},{"@type":"tuple","arg1":["5"]}]}}"#,
    );
    // As the type of the whole value, too.
    assert_bare(
        schema,
        "(tuple int 4)",
        &[1, 2, 3, 4],
        r#"{"@type":"tuple","arg1":[1,2,3,4]}"#,
    );
    assert_bare(
        schema,
        "tuple<int,2>",
        &[1, 2],
        r#"{"@type":"tuple","arg1":[1,2]}"#,
    );
}

#[test]
fn boxed_tuples_have_ids_at_every_level() {
    let codec = codec(
        "tuple#00000011 {X:Type} {n:#} [ X ] = Tuple X n; use a:(Tuple (Tuple int 1) 2) = Use;",
    );
    let root = codec.value("use").expect("a type");
    let bytes = words(&[
        0x11, // a
        0x11, 7, // a[0]
        0x11, 8, // a[1]
    ]);
    let json = r#"{"@type":"use","a":{"@type":"tuple","arg1":[{"@type":"tuple","arg1":[7]},{"@type":"tuple","arg1":[8]}]}}"#;
    assert_same(&codec, &root, &bytes, json);
}

#[test]
fn a_number_read_before_is_passed_on() {
    assert_bare(
        "tuple {X:Type} {n:#} [ X ] = Tuple X n; vec {X:Type} n:# v:(%Tuple X (n+1)) = Vec X; use v:%(Vec long) = Use;",
        "use",
        &[
            1, // v.n
            3, 0, // v.v[0]
            4, 0, // v.v[1], for it is n+1
        ],
        r#"{"@type":"use","v":{"@type":"vec","n":1,"v":{"@type":"tuple","arg1":["3","4"]}}}"#,
    );
}

#[test]
fn a_mask_comes_from_outside() {
    let schema = "user {fields:#} id:int name:fields.0?string age:fields.31?int = User fields; \
                  both mask:# user:%(User mask) other:%(User 1) = Both;";
    assert_bare(
        schema,
        "both",
        &[
            0x8000_0000, // mask: bit 31
            5,
            44, // user: id, age
            6,
            u32::from_le_bytes([1, b'x', 0, 0]), // other: id, name by the mask 1
        ],
        r#"{"@type":"both","mask":2147483648,"user":{"@type":"user","id":5,"age":44},"other":{"@type":"user","id":6,"name":"x"}}"#,
    );
    assert_bare(schema, "%(User 0)", &[5], r#"{"@type":"user","id":5}"#);
}

#[test]
fn a_whole_word_is_a_condition() {
    let schema = "a word:# x:word?int y:word.1?int = A;";
    assert_bare(
        schema,
        "a",
        &[1, 9], // word, x
        r#"{"@type":"a","word":1,"x":9}"#,
    );
    assert_bare(
        schema,
        "a",
        &[2, 9, 8], // word, x, y
        r#"{"@type":"a","word":2,"x":9,"y":8}"#,
    );
    assert_bare(schema, "a", &[0], r#"{"@type":"a","word":0}"#);
}

#[test]
fn words_can_be_conditional_themselves_and_any_number() {
    let schema = "a f:# g:f.0?# x:g.5?int h:# y:h.31?true z:g.0?true = A;";
    assert_bare(
        schema,
        "a",
        &[
            1,           // f: g is there
            0x21,        // g: bits 0 and 5
            7,           // x
            0x8000_0000, // h: y
        ],
        r#"{"@type":"a","g":33,"x":7,"y":true,"z":true}"#,
    );
    assert_bare(schema, "a", &[0, 0], r#"{"@type":"a"}"#);
    // A word that is there though it is 0 is not the same as one that is not.
    assert_bare(schema, "a", &[1, 0, 0], r#"{"@type":"a","g":0}"#);
}

#[test]
fn repetitions_can_be_conditional() {
    assert_bare(
        "local mask:# n:# items:mask.0?n*[ int ] fixed:mask.2?3*[ int ] = Local;",
        "local",
        &[
            4, // mask: fixed
            9, // n, which counts nothing now
            1, 2, 3, // fixed
        ],
        r#"{"@type":"local","n":9,"fixed":[1,2,3]}"#,
    );
}

#[test]
fn conditions_within_a_repetition_look_outside() {
    assert_bare(
        "outer {mask:#} n:# items:n*[ a:int b:mask.0?int ] = Outer mask; use x:%(Outer 1) y:%(Outer 2) = Use;",
        "use",
        &[
            1, 10, 11, // x: n, a, b
            1, 20, // y: n, a
        ],
        r#"{"@type":"use","x":{"@type":"outer","n":1,"items":[{"a":10,"b":11}]},"y":{"@type":"outer","n":1,"items":[{"a":20}]}}"#,
    );
}

#[test]
fn constructors_are_told_apart_by_the_number_of_their_type() {
    let schema = "leaf#000000a0 value:int = Tree 0; \
                  node#000000a1 {h:#} left:(Tree h) right:(Tree h) = Tree (h+1); \
                  use tree:(Tree 2) = Use;";
    let tree = [
        0xa1, // tree: a node of height 2
        0xa1, 0xa0, 1, 0xa0, 2, // left: a node of two leaves
        0xa1, 0xa0, 3, 0xa0, 4, // right
    ];
    assert_bare(
        schema,
        "use",
        &tree,
        r#"{"@type":"use","tree":{"@type":"node","left":{"@type":"node","left":{"@type":"leaf","value":1},"right":{"@type":"leaf","value":2}},"right":{"@type":"node","left":{"@type":"leaf","value":3},"right":{"@type":"leaf","value":4}}}}"#,
    );
    // A leaf where the number says node: the constructor is refused, not the bytes behind it.
    let codec = codec(schema);
    let root = codec.value("Tree 1").expect("a type");
    let error = codec.decode(&root, &words(&[0xa0, 1])).expect_err("a leaf");
    assert_eq!(error.offset, 0);
    let expected = DecodeErrorKind::UnexpectedConstructor {
        found: 0xa0,
        expected: vec![0xa1],
    };
    assert_eq!(error.kind, expected);
    assert_eq!(
        refused(&codec, &root, r#"{"@type":"leaf","value":1}"#),
        "`leaf` is no constructor of the type that stands here: its arguments differ"
    );
}

#[test]
fn a_number_tells_the_constructor_of_a_bare_type() {
    let schema = "tnil {X:Type} = Tuple X 0; tcons {X:Type} {n:#} hd:X tl:%(Tuple X n) = Tuple X (n+1); \
                  use n:# t:%(Tuple int n) = Use; both {t:Type} v:%t = Both t;";
    let two = r#"{"@type":"tcons","hd":8,"tl":{"@type":"tcons","hd":9,"tl":{"@type":"tnil"}}}"#;
    assert_bare(
        schema,
        "use",
        &[
            2, // n
            8, 9, // t: two ints, and no id anywhere
        ],
        &format!(r#"{{"@type":"use","n":2,"t":{two}}}"#),
    );
    assert_bare(schema, "%(Tuple int 2)", &[8, 9], two);
    let both = format!(r#"{{"@type":"both","v":{two}}}"#);
    assert_bare(schema, "%(Both (Tuple int 2))", &[8, 9], &both);
    let codec = codec(schema);
    let root = codec.value("use").expect("a type");
    assert_eq!(
        refused(&codec, &root, r#"{"n":1,"t":{"@type":"tnil"}}"#),
        "at t: expected `tcons`, found `tnil`"
    );
}

#[test]
fn an_argument_that_comes_twice_has_to_be_the_same_twice() {
    let codec = codec(
        "square#00000005 {n:#} side:n*[ int ] = Rect n n; other#00000006 {m:#} {n:#} a:m*[ int ] b:n*[ int ] = Rect m n; \
         same#00000007 {t:Type} x:t = Two t t; two#00000008 {t:Type} {u:Type} x:t y:u = Two t u;",
    );
    let refused = |ty: &str, bytes: &[u32], expected: &[u32]| {
        let root = codec.value(ty).expect("a type");
        let error = codec.decode(&root, &words(bytes)).expect_err("it differs");
        let kind = DecodeErrorKind::UnexpectedConstructor {
            found: bytes[0],
            expected: expected.to_vec(),
        };
        assert_eq!(error.kind, kind);
    };
    let accepted = |ty: &str, bytes: &[u32], json: &str| {
        let root = codec.value(ty).expect("a type");
        assert_same(&codec, &root, &words(bytes), json);
    };
    accepted("Rect 2 2", &[5, 8, 9], r#"{"@type":"square","side":[8,9]}"#);
    accepted(
        "Rect 1 2",
        &[6, 7, 8, 9],
        r#"{"@type":"other","a":[7],"b":[8,9]}"#,
    );
    refused("Rect 1 2", &[5, 8], &[6]);
    accepted(
        "Two (Vector int) (Vector int)",
        &[7, VECTOR, 1, 5],
        r#"{"@type":"same","x":[5]}"#,
    );
    accepted(
        "Two int (Vector int)",
        &[8, 4, VECTOR, 0],
        r#"{"@type":"two","x":4,"y":[]}"#,
    );
    refused("Two (Vector int) (vector int)", &[7, VECTOR, 1, 5], &[8]);
    refused("Two (Rect 1 1) (Rect 1 2)", &[7, 5, 1], &[8]);
}

#[test]
fn type_parameters_reach_through_types() {
    assert_bare(
        "nothing#00000010 {t:Type} = Maybe t; just#00000011 {t:Type} value:t = Maybe t; \
         pair {a:Type} {b:Type} one:a two:b = Pair a b; \
         use x:(Maybe (Pair int (Maybe long))) = Use; pair2 {a:Type} x:%(Pair a a) = Pair2 a;",
        "%(Pair2 (Maybe int))",
        &[
            0x11, 5,    // x.one: just 5
            0x10, // x.two: nothing
        ],
        r#"{"@type":"pair2","x":{"@type":"pair","one":{"@type":"just","value":5},"two":{"@type":"nothing"}}}"#,
    );
}

#[test]
fn a_percent_before_a_variable_makes_its_type_bare() {
    let schema =
        "point x:int = Point; both {t:Type} boxed:t bare:%t = Both t; use b:%(Both Point) = Use;";
    let codec = codec(schema);
    let id = codec
        .names()
        .find(|name| name.0 == "point")
        .expect("it is there")
        .1;
    let root = codec.value("use").expect("a type");
    let json = r#"{"@type":"use","b":{"@type":"both","boxed":{"@type":"point","x":1},"bare":{"@type":"point","x":2}}}"#;
    assert_same(&codec, &root, &words(&[id, 1, 2]), json);
}

#[test]
fn dictionaries_are_vectors_of_fields() {
    assert_bare(
        "field {t:Type} key:string value:t = Field t; dictionary {t:Type} %(Vector %(Field t)) = Dictionary t; \
         use d:%(Dictionary %(Dictionary int)) = Use;",
        "use",
        &[
            1,                                   // d: one field
            u32::from_le_bytes([1, b'k', 0, 0]), // key
            2,                                   // value: two fields
            u32::from_le_bytes([1, b'a', 0, 0]),
            1, // a: 1
            u32::from_le_bytes([1, b'b', 0, 0]),
            2, // b: 2
        ],
        r#"{"@type":"use","d":{"@type":"dictionary","arg1":[{"@type":"field","key":"k","value":{"@type":"dictionary","arg1":[{"@type":"field","key":"a","value":1},{"@type":"field","key":"b","value":2}]}}]}}"#,
    );
}

#[test]
fn vectors_are_boxed_or_bare_at_each_level() {
    assert_bare(
        "point x:int = Point; v a:Vector<vector<int>> b:vector<%Point> = V;",
        "v",
        &[
            VECTOR, 2, // a
            1, 7, // a[0]
            0, // a[1]
            1, 9, // b
        ],
        r#"{"@type":"v","a":[[7],[]],"b":[{"@type":"point","x":9}]}"#,
    );
}

#[test]
fn a_result_depends_on_an_argument() {
    let schema = "tuple {X:Type} {n:#} [ X ] = Tuple X n; user {f:#} id:int name:f.0?string = User f;\n---functions---\n\
                  getTuple n:# = %Tuple int (n+1);\n\
                  getUsers fields:# ids:(vector int) = vector (user fields);\n\
                  with {X:Type} layer:int query:!X = X;\n\
                  many {X:Type} query:!X = vector X;";
    let codec = codec(schema);
    let result = |call: &str, bytes: &[u32], json: &str| {
        let call = codec
            .value_from_text(&codec.any(), call)
            .unwrap_or_else(|error| panic!("{error}"));
        let root = codec
            .result_of(&call)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_same(&codec, &root, &words(bytes), json);
    };
    result(
        r#"{"@type":"getTuple","n":1}"#,
        &[4, 5], // n+1 ints
        r#"{"@type":"tuple","arg1":[4,5]}"#,
    );
    result(
        r#"{"@type":"getUsers","fields":1,"ids":[]}"#,
        &[1, 6, u32::from_le_bytes([1, b'u', 0, 0])], // one user: id, name
        r#"[{"@type":"user","id":6,"name":"u"}]"#,
    );
    // The result of a wrapped call of a wrapped call.
    result(
        r#"{"@type":"with","layer":3,"query":{"@type":"many","query":{"@type":"getTuple","n":0}}}"#,
        &[2, 8, 9], // two tuples of one int
        r#"[{"@type":"tuple","arg1":[8]},{"@type":"tuple","arg1":[9]}]"#,
    );
    let error = codec.result("getTuple").expect_err("it depends");
    assert_eq!(
        error.to_string(),
        "what `getTuple` returns depends on its arguments: a call is needed"
    );
}

#[test]
fn counts_and_masks_that_are_contradicted_are_refused_on_writing() {
    let codec = codec(
        "list n:# items:n*[ int ] = List; m flags:# a:flags.0?int b:flags.0?int c:flags.3?true = M; \
         user {f:#} name:f.0?string = User f; use u:%(User 2) = Use; w word:# x:word?int = W; box bytes:int body:Object = Box;",
    );
    let root = |ty: &str| codec.value(ty).expect("a type");
    for (ty, json, message) in [
        (
            "list",
            r#"{"n":3,"items":[1]}"#,
            "at items: there are 1 items, but the count is 3",
        ),
        (
            "m",
            r#"{"a":1}"#,
            "bit 0 of `flags` is set, but `b` is absent",
        ),
        (
            "m",
            r#"{"flags":0,"a":1,"b":2}"#,
            "`a` is there, but bit 0 of `flags` is not set",
        ),
        (
            "m",
            r#"{"flags":8}"#,
            "bit 3 of `flags` is set, but `c` is absent",
        ),
        (
            "use",
            r#"{"u":{"name":"x"}}"#,
            "at u: `name` is there, but bit 0 of the number that the type is given is not set",
        ),
        ("w", r#"{"x":1}"#, "`w` needs the field `word`"),
        (
            "w",
            r#"{"word":0,"x":1}"#,
            "`x` is there, but `word` is not set",
        ),
    ] {
        assert_eq!(refused(&codec, &root(ty), json), message, "{json}");
    }
    // What the items tell need not be said.
    let list = codec.value_from_text(&root("list"), r#"{"items":[1,2]}"#);
    let list = list.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(codec.encode(&root("list"), &list), Ok(words(&[2, 1, 2])));
    // A size that is said has to be right.
    let boxed = codec.value_from_text(
        &root("box"),
        r#"{"bytes":8,"body":{"@type":"list","n":0,"items":[]}}"#,
    );
    let boxed = boxed.unwrap_or_else(|error| panic!("{error}"));
    assert!(codec.encode(&root("box"), &boxed).is_ok());
    let boxed = codec.value_from_text(
        &root("box"),
        r#"{"bytes":9,"body":{"@type":"list","n":0,"items":[]}}"#,
    );
    let error = codec.encode(
        &root("box"),
        &boxed.unwrap_or_else(|error| panic!("{error}")),
    );
    assert_eq!(
        error.expect_err("it is 8").to_string(),
        "at body: the object takes 8 bytes, but the field before it says 9"
    );
}

#[test]
fn what_nothing_determines_is_said_so() {
    let codec = codec(
        "free#00000007 {n:#} n*[ int ] = Free; odd#00000008 ? = Odd; t#00000009 {X:Type} x:X = T X;",
    );
    for (id, message) in [
        (
            7,
            "at byte 4: `free` can't be read: nothing determines its implicit argument `n`",
        ),
        (
            8,
            "at byte 4: `odd` can't be read: the schema does not tell its arguments",
        ),
        (
            9,
            "at byte 4: `t` can't be read: its type has parameters, and nothing here gives them: name the type, as in `Vector<long>`",
        ),
    ] {
        let error = codec.decode(&codec.any(), &words(&[id, 0]));
        assert_eq!(error.expect_err("no").to_string(), message);
    }
}
