//! Calls written by hand: what they return, and schemas whose ids are numbered by hand.

use mtproto_runtime::wire::{Combinator, Function, decode_return, encode};
use tl_derive::{Function, TlRead, TlWrite};

#[derive(Debug, PartialEq, TlRead, TlWrite)]
#[tl(schema = "tests/schema.tl")]
enum User {
    User { id: i64, name: String },
    Empty,
}

#[derive(TlRead, TlWrite, Function)]
#[tl(schema = "tests/schema.tl", name = "getUser", boxed, returns = User)]
struct GetUser {
    id: i64,
}

#[derive(TlWrite, Function)]
#[tl(id = 0x0000_0002, name = "inLayer", boxed, returns_of = "query")]
struct InLayer<X> {
    layer: i32,
    query: X,
}

/// `unheard` has an id that its text does not give.
#[derive(Debug, PartialEq, TlRead, TlWrite, Function)]
#[tl(
    schema_inline = "---functions---\nunheard#00000007 x:int = int;",
    trust_ids
)]
#[tl(name = "unheard", boxed, returns = i32)]
struct Unheard {
    x: i32,
}

#[test]
fn a_call_reads_what_it_returns() {
    let call = Unheard { x: 1 };
    assert_eq!(Unheard::ID, 7);
    assert_eq!(encode(&call), Ok(vec![7, 0, 0, 0, 1, 0, 0, 0]));
    assert_eq!(decode_return(&call, &[9, 0, 0, 0]), Ok(9));
}

#[test]
fn a_result_can_be_a_type_written_by_hand() {
    let user = User::User {
        id: 7,
        name: "Ada".to_owned(),
    };
    let answer = encode(&user).expect("it has a form on the wire");
    assert_eq!(decode_return(&GetUser { id: 7 }, &answer), Ok(user));
    decode_return(&GetUser { id: 7 }, &answer[..8]).expect_err("it ends too early");
}

#[test]
fn a_call_that_wraps_another_returns_what_that_returns() {
    fn returned<F: Function<Return = i32>>(call: &F) -> i32 {
        decode_return(call, &[9, 0, 0, 0]).expect("it is an `int`")
    }
    let call = InLayer {
        layer: 3,
        query: InLayer {
            layer: 2,
            query: Unheard { x: 1 },
        },
    };
    assert_eq!(returned(&call), 9);
    assert_eq!(
        encode(&call).map(|bytes| bytes[..12].to_vec()),
        Ok(vec![2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0])
    );
}
