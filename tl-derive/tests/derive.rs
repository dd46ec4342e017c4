//! What the derives make of hand-written structs.

use mtproto_runtime::wire::{Combinator, Int128, decode, decode_boxed, encode, encode_boxed};
use tl_derive::{TlRead, TlWrite};

#[derive(Debug, PartialEq, TlRead, TlWrite)]
#[tl(id = 0x05162463, name = "resPQ")]
struct ResPq {
    nonce: Int128,
    server_nonce: Int128,
    pq: Vec<u8>,
    fingerprints: Vec<i64>,
}

#[derive(Debug, PartialEq, TlRead, TlWrite)]
struct Pair<A, B> {
    first: A,
    second: B,
}

#[derive(Debug, PartialEq, TlRead, TlWrite)]
struct Borrowed<'a> {
    text: &'a str,
    bytes: &'a [u8],
}

#[derive(Debug, PartialEq, TlRead, TlWrite)]
struct Nothing;

#[test]
fn fields_go_over_the_wire_in_order() {
    let value = ResPq {
        nonce: Int128([1; 16]),
        server_nonce: Int128([2; 16]),
        pq: vec![0x17, 0xed],
        fingerprints: vec![-1],
    };
    let bytes = encode_boxed(&value).expect("it has a form on the wire");
    let expected: Vec<u8> = [
        &[0x63, 0x24, 0x16, 0x05][..],         // resPQ
        &[1; 16],                              // nonce
        &[2; 16],                              // server_nonce
        &[2, 0x17, 0xed, 0],                   // pq
        &[0x15, 0xc4, 0xb5, 0x1c, 1, 0, 0, 0], // Vector, 1 item
        &[0xff; 8],                            // -1
    ]
    .concat();
    assert_eq!(bytes, expected);
    assert_eq!(decode_boxed::<ResPq>(&bytes), Ok(value));
    assert_eq!((ResPq::ID, ResPq::NAME), (0x0516_2463, "resPQ"));
}

#[test]
fn type_parameters_and_lifetimes_are_carried_through() {
    let pair = Pair {
        first: 1,
        second: Pair {
            first: true,
            second: "x".to_owned(),
        },
    };
    let bytes = encode(&pair).expect("it has a form on the wire");
    assert_eq!(bytes, [1, 0, 0, 0, 0xb5, 0x75, 0x72, 0x99, 1, b'x', 0, 0]);
    assert_eq!(decode::<Pair<i32, Pair<bool, String>>>(&bytes), Ok(pair));

    let borrowed = Borrowed {
        text: "ab",
        bytes: &[9],
    };
    let bytes = encode(&borrowed).expect("it has a form on the wire");
    assert_eq!(decode::<Borrowed<'_>>(&bytes), Ok(borrowed));
}

#[test]
fn a_struct_without_fields_takes_no_bytes_and_cannot_be_counted_in_billions() {
    assert_eq!(encode(&Nothing), Ok(vec![]));
    assert_eq!(decode::<Nothing>(&[]), Ok(Nothing));
    // A vector of two billion nothings.
    let bytes = [0x15, 0xc4, 0xb5, 0x1c, 0xff, 0xff, 0xff, 0x7f];
    decode::<Vec<Nothing>>(&bytes).expect_err("too many");
}
