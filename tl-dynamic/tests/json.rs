//! JSON as TDLib writes it, what is preserved in it, and what its errors say.

mod support;

use support::{assert_same, codec, refused, words};
use tl_dynamic::{Codec, DecodeErrorKind, Options, Root, Value};

const SCHEMA: &str = "
all i:int j:long k:int53 s:string b:bytes h:int128 t:Bool n:# = All;
d x:double = D;
m flags:# out:flags.1?true id:flags.2?long = M;
peerUser#00000001 user_id:long = Peer;
peerChat#00000002 chat_id:long = Peer;
message id:int from_id:Peer = Message;
messages messages:Vector<Message> = Messages;
boxedInt x:Int y:True z:Bool = BoxedInt;
s x:string = S;
r msg_id:long result:Object = R;
---functions---
getTime = long;
getPeer peer:Peer = Peer;
";

fn root(codec: &Codec, ty: &str) -> Root {
    codec.value(ty).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_built_in_type_has_its_form() {
    let codec = codec(SCHEMA);
    let mut bytes = words(&[0xffff_ffff]); // i
    bytes.extend(i64::MIN.to_le_bytes()); // j
    bytes.extend((1_i64 << 53).to_le_bytes()); // k
    bytes.extend(b"\x05\xd0\xb6\"\\\n\0\0"); // s
    bytes.extend(b"\x02\xff\0\0"); // b
    bytes.extend(0..16); // h
    bytes.extend(0x9972_75b5_u32.to_le_bytes()); // t
    bytes.extend(words(&[u32::MAX])); // n
    let json = "{\"@type\":\"all\",\"i\":-1,\"j\":\"-9223372036854775808\",\"k\":\"9007199254740992\",\"s\":\"ж\\\"\\\\\\n\",\
                \"b\":\"/wA=\",\"h\":\"AAECAwQFBgcICQoLDA0ODw==\",\"t\":true,\"n\":4294967295}";
    assert_same(&codec, &root(&codec, "all"), &bytes, json);
    // Exact as a number, so a number.
    let small = codec.value_from_text(&root(&codec, "int53"), &((1_i64 << 53) - 1).to_string());
    assert_eq!(small, Ok(Value::Int53((1 << 53) - 1)));
}

#[test]
fn doubles_come_back_bit_by_bit() {
    let codec = codec(SCHEMA);
    let d = root(&codec, "d");
    for (bits, json) in [
        (0x0000_0000_0000_0000, "0.0"),
        (0x8000_0000_0000_0000, "-0.0"),
        (0x3ff0_0000_0000_0000, "1.0"),
        (0x3fb9_9999_9999_999a, "0.1"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0x7ff0_0000_0000_0000, "\"Infinity\""),
        (0xfff0_0000_0000_0000, "\"-Infinity\""),
        (0x7ff8_0000_0000_0000, "\"NaN\""),
        (0xfff8_0000_0000_0000, "\"NaN:0xfff8000000000000\""),
        (0x7ff0_0000_0000_0001, "\"NaN:0x7ff0000000000001\""),
        (0x2b2b_ff2e_e48e_0530_u64, "1e-100"),
    ] {
        let json = format!("{{\"@type\":\"d\",\"x\":{json}}}");
        assert_same(&codec, &d, &bits.to_le_bytes(), &json);
    }
    for json in ["\"nan\"", "\"NaN:0x3ff0000000000000\"", "\"1.5\"", "true"] {
        let error = refused(&codec, &d, &format!("{{\"x\":{json}}}"));
        assert!(
            error.starts_with("at x: expected a number (`double`)"),
            "{error}"
        );
    }
}

#[test]
fn floats_come_back_bit_by_bit() {
    let codec = codec("f x:float = F;");
    let f = root(&codec, "f");
    for (bits, json) in [
        (0x3fc0_0000_u32, "1.5"),
        (0x3dcc_cccd, "0.10000000149011612"),
        (0x8000_0000, "-0.0"),
        (0x0000_0001, "1.401298464324817e-45"),
        (0x7f80_0000, "\"Infinity\""),
        (0x7fc0_0000, "\"NaN\""),
        (0xff80_0001, "\"NaN:0xff800001\""),
    ] {
        let json = format!("{{\"@type\":\"f\",\"x\":{json}}}");
        assert_same(&codec, &f, &bits.to_le_bytes(), &json);
    }
    let near = codec.value_from_text(&f, r#"{"x":0.1}"#);
    let near = near.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(codec.encode(&f, &near), Ok(words(&[0x3dcc_cccd])));
    for json in ["1e39", "\"NaN:0x3f800000\"", "\"x\""] {
        let error = refused(&codec, &f, &format!("{{\"x\":{json}}}"));
        assert!(
            error.starts_with("at x: expected a number (`float`)"),
            "{error}"
        );
    }
}

#[test]
fn masks_are_told_by_their_fields_and_unknown_bits_are_kept() {
    let codec = codec(SCHEMA);
    let m = root(&codec, "m");
    assert_same(&codec, &m, &words(&[0]), r#"{"@type":"m"}"#);
    assert_same(
        &codec,
        &m,
        &words(&[6, 5, 0]),
        r#"{"@type":"m","out":true,"id":"5"}"#,
    );
    let unknown = words(&[0x8000_0002]);
    let value = assert_same(
        &codec,
        &m,
        &unknown,
        r#"{"@type":"m","flags":2147483650,"out":true}"#,
    );
    assert_eq!(value.get("out"), Some(&Value::True));
    assert_eq!(value.get("id"), None);
    let error = codec.decode_with(&m, &unknown, &Options::strict());
    let kind = DecodeErrorKind::UnknownFlagBits {
        bits: 0x8000_0000,
        known: 6,
    };
    assert_eq!(error.expect_err("bit 31").kind, kind);
    // `false` and `null` are as good as absent.
    let absent = codec.value_from_text(&m, r#"{"out":false,"id":null}"#);
    assert_eq!(
        absent,
        codec.decode(&m, &words(&[0])).map_err(|_| unreachable!())
    );
}

#[test]
fn text_that_is_no_text_is_kept() {
    let codec = codec(SCHEMA);
    let s = root(&codec, "s");
    let bytes = b"\x03a\xffb";
    assert_same(&codec, &s, bytes, r#"{"@type":"s","x":{"@bytes":"Yf9i"}}"#);
    let error = codec.decode_with(&s, bytes, &Options::strict());
    let error = error.expect_err("not UTF-8");
    assert_eq!(
        (error.offset, error.kind),
        (2, DecodeErrorKind::InvalidUtf8)
    );
    // Bytes that are text after all are text.
    let text = codec.value_from_text(&s, r#"{"x":{"@bytes":"YWI="}}"#);
    let text = text.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(text.get("x"), Some(&Value::String("ab".to_owned())));
}

#[test]
fn built_in_types_are_plain_in_a_box_too() {
    let codec = codec(SCHEMA);
    let id = |name: &str| codec.names().find(|own| own.0 == name).expect("known").1;
    let bytes = words(&[id("int"), 7, 0x3fed_d339, 0xbc79_9737]);
    assert_same(
        &codec,
        &root(&codec, "boxedInt"),
        &bytes,
        r#"{"@type":"boxedInt","x":7,"y":true,"z":false}"#,
    );
}

#[test]
fn an_unknown_constructor_of_a_plain_type_is_kept_too() {
    let codec = codec("last x:Int = Last;");
    let last = root(&codec, "last");
    let bytes = words(&[7, 8]);
    let value = codec.decode_with(&last, &bytes, &Options::keeping());
    let value = value.unwrap_or_else(|error| panic!("{error}"));
    let json = value.to_json();
    assert_eq!(
        json.to_string(),
        r#"{"@type":"last","x":{"@type":"@unknown","@id":"0x00000007","@raw":"CAAAAA=="}}"#
    );
    assert_eq!(codec.value_from_json(&last, &json), Ok(value.clone()));
    assert_eq!(codec.encode(&last, &value), Ok(bytes));
}

#[test]
fn objects_of_any_type_are_read_by_their_id() {
    let codec = codec(SCHEMA);
    let r = root(&codec, "r");
    let json = r#"{"@type":"r","msg_id":"5","result":{"@type":"peerChat","chat_id":"9"}}"#;
    assert_same(&codec, &r, &words(&[5, 0, 2, 9, 0]), json);
    let unknown = words(&[5, 0, 0xabc, 9, 0]);
    let error = codec.decode(&r, &unknown).expect_err("nothing has the id");
    assert_eq!(
        error.to_string(),
        "at byte 8: nothing in the schema has the id 0x00000abc, in r > result"
    );
    let value = codec.decode_with(&r, &unknown, &Options::keeping());
    let value = value.unwrap_or_else(|error| panic!("{error}"));
    let json = value.to_json().to_string();
    assert_eq!(
        json,
        r#"{"@type":"r","msg_id":"5","result":{"@type":"@unknown","@id":"0x00000abc","@raw":"CQAAAAAAAAA="}}"#
    );
    assert_eq!(codec.value_from_text(&r, &json), Ok(value.clone()));
    assert_eq!(codec.encode(&r, &value), Ok(unknown));
    assert!(refused(&codec, &r, &json.replace("CQAAAAAAAAA=", "CQ==")).starts_with("at result: "),);
}

#[test]
fn a_call_of_no_function_is_kept_though_a_constructor_has_its_id() {
    let codec = codec(
        "leaf#1 n:int = Leaf; ---functions--- wrap#2 {X:Type} query:!X = X; get#3 n:int = Leaf;",
    );
    let wrap = codec.call("wrap").expect("it is there");
    let bytes = words(&[2, 1, 7]);
    let error = codec.decode(&wrap, &bytes).expect_err("`leaf` is no call");
    assert_eq!(error.offset, 4);
    let value = codec.decode_with(&wrap, &bytes, &Options::keeping());
    let value = value.unwrap_or_else(|error| panic!("{error}"));
    let json = value.to_json();
    assert_eq!(
        json.to_string(),
        r#"{"@type":"wrap","query":{"@type":"@unknown","@id":"0x00000001","@raw":"BwAAAA=="}}"#
    );
    assert_eq!(codec.value_from_json(&wrap, &json), Ok(value.clone()));
    assert_eq!(codec.encode(&wrap, &value), Ok(bytes));
}

#[test]
fn an_object_that_something_follows_is_kept_as_it_is_if_it_tells_its_end() {
    let codec = codec("leaf#1 s:string = Leaf; pair#2 x:Object y:Object = Pair;");
    let pair = root(&codec, "pair");
    // A leaf, and in it a byte that its writer would have set to zero.
    let leaf = words(&[1, 0x0700_6101]);
    let unknown = words(&[9, 8]);
    let read = |bytes: &[u8]| codec.decode_with(&pair, bytes, &Options::strict());
    let bytes = [&leaf[..], &unknown[..]].concat();
    let value = read(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(codec.encode(&pair, &value), Ok(bytes));
    // In what is followed, nothing takes the rest.
    let inner = [&words(&[2])[..], &leaf[..], &leaf[..]].concat();
    let bytes = [&inner[..], &unknown[..]].concat();
    let value = read(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(codec.encode(&pair, &value), Ok(bytes));
    let error = read(&[&words(&[2])[..], &leaf[..], &unknown[..], &leaf[..]].concat());
    assert_eq!(error.map_err(|error| error.offset), Err(12));
    // What has no end of its own can't be written where something follows it.
    let raw = r#"{"@type":"@unknown","@id":"0x00000009","@raw":""}"#;
    let text = format!(r#"{{"@type":"pair","x":{raw},"y":{raw}}}"#);
    let value = codec
        .value_from_text(&pair, &text)
        .expect("it is two objects");
    let error = codec.encode(&pair, &value).expect_err("`x` has no end");
    assert!(
        error.to_string().contains("nothing can follow it"),
        "{error}"
    );
}

#[test]
fn errors_name_the_path_what_was_found_and_what_belongs_there() {
    let codec = codec(SCHEMA);
    let messages = root(&codec, "Messages");
    let in_message = |message: &str| {
        refused(
            &codec,
            &messages,
            &format!(
                r#"{{"messages":[{{"id":1,"from_id":{{"@type":"peerUser","user_id":1}}}},{message}]}}"#
            ),
        )
    };
    for (message, error) in [
        (
            r#"{"id":1,"from_id":{"@type":"peerUsr","user_id":"1"}}"#,
            "at messages[1].from_id: expected a `Peer`: `peerUser`, `peerChat`, found `peerUsr`; did you mean `peerUser`?",
        ),
        (
            r#"{"id":1,"from_id":{"user_id":"1"}}"#,
            "at messages[1].from_id: expected a `Peer`: `peerUser`, `peerChat`, found an object without `@type`",
        ),
        (
            r#"{"id":1,"from_id":{"@type":"peerUser","userid":"1"}}"#,
            "at messages[1].from_id: `peerUser` has no field `userid`; did you mean `user_id`?",
        ),
        (
            r#"{"id":1,"from_id":{"@type":"peerUser","user_id":"x"}}"#,
            "at messages[1].from_id.user_id: expected an integer of 64 bits (`long`), as a string or a number, found the \
             string \"x\"",
        ),
        (
            r#"{"id":2147483648,"from_id":null}"#,
            "at messages[1].id: expected an integer of 32 bits (`int`), found the number 2147483648",
        ),
        (
            r#"{"id":1}"#,
            "at messages[1]: `message` needs the field `from_id`",
        ),
        (
            r#"7"#,
            "at messages[1]: expected a `Message`, found the number 7",
        ),
        (
            r#"{"@type":"peerUser"}"#,
            "at messages[1]: expected a `Message`: `message`, found `peerUser`",
        ),
    ] {
        assert_eq!(in_message(message), error);
    }
    assert_eq!(
        refused(&codec, &messages, r#"{"messages":[],"messages":[]}"#),
        "this is no JSON: the key `messages` comes twice at line 1 column 29"
    );
    assert_eq!(
        refused(&codec, &codec.any(), r#"{"@type":"getTme"}"#),
        "expected a constructor or function, found `getTme`; did you mean `getTime`?"
    );
}

#[test]
fn no_two_fields_have_one_name() {
    let codec = codec("a int arg1:int int arg3:int arg3_:int = A;");
    let json = r#"{"@type":"a","arg1_":1,"arg1":2,"arg3__":3,"arg3":4,"arg3_":5}"#;
    assert_same(&codec, &root(&codec, "a"), &words(&[1, 2, 3, 4, 5]), json);
}

#[test]
fn a_single_constructor_needs_no_type() {
    let codec = codec(SCHEMA);
    let value = codec.value_from_text(
        &root(&codec, "Messages"),
        r#"{"messages":[{"id":1,"from_id":{"@type":"peerUser","user_id":2}}]}"#,
    );
    let value = value.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        value.as_object().map(|object| object.name()),
        Some("messages")
    );
    let call = codec.call("getPeer").expect("a function");
    let call = codec.value_from_text(&call, r#"{"peer":{"@type":"peerUser","user_id":"1"}}"#);
    assert!(call.is_ok());
}

#[test]
fn calls_and_results_are_values_too() {
    let codec = codec(SCHEMA);
    let call = codec.call("getTime").expect("a function");
    let bytes = codec.encode(&call, &codec.decode(&codec.any(), &time()).expect("a call"));
    assert_eq!(bytes, Ok(time()));
    let result = codec.result("getTime").expect("it is a long");
    assert_eq!(
        codec.decode(&result, &5_i64.to_le_bytes()),
        Ok(Value::Long(5))
    );
    let wrong = codec.decode(&codec.call("getPeer").expect("a function"), &time());
    let wrong = wrong.expect_err("another function");
    assert_eq!((wrong.offset, wrong.reading.as_str()), (0, "getPeer"));
}

fn time() -> Vec<u8> {
    let codec = codec(SCHEMA);
    let id = codec
        .names()
        .find(|own| own.0 == "getTime")
        .expect("known")
        .1;
    words(&[id])
}

#[test]
fn layers_have_their_own_codecs() {
    let schema = support::schema(
        "===8===\nmessage#00000001 x:int = Message;\n===17===\nmessage#00000002 x:int y:int = Message;",
    );
    let old = Codec::at_layer(&schema, Some(8));
    let new = Codec::new(&schema);
    assert_same(
        &old,
        &root(&old, "Message"),
        &words(&[1, 5]),
        r#"{"@type":"message","x":5}"#,
    );
    assert_same(
        &new,
        &root(&new, "Message"),
        &words(&[2, 5, 6]),
        r#"{"@type":"message","x":5,"y":6}"#,
    );
    let value = old
        .decode(&root(&old, "Message"), &words(&[1, 5]))
        .expect("it is");
    assert_eq!(
        new.encode(&root(&new, "Message"), &value)
            .expect_err("another layer")
            .to_string(),
        "expected an object of this codec's schema, found `message` of another codec"
    );
}
