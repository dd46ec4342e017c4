//! A test server in a few lines, by the traits generated from `fixtures/generate/server_traits.tl`.

#![deny(warnings, missing_docs, unreachable_pub, rust_2018_idioms, clippy::all)]

/// What the generator makes of it.
#[path = "fixtures/generate/server_traits/mod.rs"]
pub mod server_traits;

use server_traits::{enums, functions, server, types};
use telegram_tl::wire::{
    CallError, Function, RawObject, RawObjectRef, Service, TlWrite, decode_return, encode,
};

/// Knows one user, and which layer it was asked in.
#[derive(Default)]
struct TestServer {
    layers: Vec<i32>,
}

impl Service for TestServer {
    type Error = CallError;
}

impl server::Functions for TestServer {
    fn invoke_with_layer(
        &mut self,
        call: &functions::InvokeWithLayer<RawObjectRef<'_>>,
    ) -> Result<(), CallError> {
        self.layers.push(call.layer);
        Ok(())
    }

    fn both(&mut self, call: RawObjectRef<'_>) -> Result<RawObject, CallError> {
        Ok(call.to_owned())
    }
}

impl server::Users for TestServer {
    fn get_users(
        &mut self,
        call: functions::users::GetUsers,
    ) -> Result<Vec<enums::User>, CallError> {
        let user = |id| {
            let name = format!("user {id}");
            enums::User::User(types::User { id, name })
        };
        Ok(call.ids.into_iter().map(user).collect())
    }

    fn get_first(
        &mut self,
        call: functions::users::GetFirst,
    ) -> Result<enums::Tuple<types::Tuple<i32>>, CallError> {
        let row = types::Tuple {
            items: vec![1; call.server as usize],
        };
        // One row too few when it is asked for seven.
        let rows = call.call - u32::from(call.call == 7);
        Ok(enums::Tuple::Tuple(types::Tuple {
            items: vec![row; rows as usize],
        }))
    }
}

impl server::TonChain for TestServer {}

/// What a peer reads that makes the call.
fn ask<F: Function>(server: &mut TestServer, call: &F) -> Result<F::Return, CallError> {
    let answer = answer(server, call)?;
    Ok(decode_return(call, &answer).expect("the server writes what the call returns"))
}

fn answer<F: TlWrite>(server: &mut TestServer, call: &F) -> Result<Vec<u8>, CallError> {
    server::dispatch(server, &encode(call).expect("the call is written"))
}

#[test]
fn a_call_goes_to_its_method() {
    let call = functions::users::GetUsers { ids: vec![5, 6] };
    let users = ask(&mut TestServer::default(), &call).expect("it is answered");
    let names: Vec<_> = users
        .iter()
        .map(|enums::User::User(user)| (user.id, user.name.as_str()))
        .collect();
    assert_eq!(names, [(5, "user 5"), (6, "user 6")]);
}

#[test]
fn what_wraps_a_call_is_unwrapped_and_told() {
    let mut server = TestServer::default();
    let call = functions::InvokeWithLayer {
        layer: 198,
        query: functions::InitConnection {
            api_id: 1,
            lang: Some("en".into()),
            query: functions::InvokeWithLayer {
                layer: 199,
                query: functions::users::GetUsers { ids: vec![7] },
            },
        },
    };
    let users = ask(&mut server, &call).expect("it is answered");
    assert_eq!(users.len(), 1);
    assert_eq!(server.layers, [198, 199]);
}

#[test]
fn calls_in_calls_take_neither_stack_nor_copies() {
    let depth = 200_000;
    let wrapper = encode(&functions::InvokeWithLayer {
        layer: 1,
        query: functions::ton::chain::GetState,
    })
    .expect("it is written");
    let mut call = wrapper[..8].repeat(depth);
    call.extend(&wrapper[8..]);
    let mut server = TestServer::default();
    let error = server::dispatch(&mut server, &call).expect_err("nobody answers it");
    assert_eq!(
        error,
        CallError::NotImplemented {
            function: "ton.chain.getState"
        }
    );
    assert_eq!(server.layers.len(), depth);
}

#[test]
fn results_are_written_by_the_arguments_of_their_calls() {
    let mut server = TestServer::default();
    let call = functions::users::GetFirst {
        server: 2,
        call: 3,
        value: 9,
    };
    let enums::Tuple::Tuple(rows) = ask(&mut server, &call).expect("it is answered");
    assert_eq!(rows.items.len(), 3);
    assert!(rows.items.iter().all(|row| row.items == [1, 1]));
    let error = ask(&mut server, &functions::users::GetFirst { call: 7, ..call });
    let error = error.expect_err("six rows are not seven");
    assert_eq!(
        error.to_string(),
        "the result can't be written: `tuple.items` has 6 items, but its count says 7"
    );
}

#[test]
fn calls_whose_types_the_schema_does_not_tell_come_as_they_are() {
    let call = functions::Both {
        first: functions::Ping { ping_id: 1 },
        second: functions::Ping { ping_id: 2 },
    };
    let echo = answer(&mut TestServer::default(), &call).expect("it comes back");
    assert_eq!(Ok(echo), encode(&call));
}

#[test]
fn what_has_no_answer_says_why() {
    let mut server = TestServer::default();
    let error = ask(&mut server, &functions::Ping { ping_id: 1 }).expect_err("there is no method");
    assert_eq!(error.to_string(), "`ping` is not implemented");
    let error = server::dispatch(&mut server, &[1, 2, 3, 4]).expect_err("there is no function");
    assert_eq!(error, CallError::UnknownFunction { id: 0x0403_0201 });
    let error = server::dispatch(&mut server, &[1, 2]).expect_err("that is no id");
    assert_eq!(error, CallError::UnknownFunction { id: 0 });
    let call = encode(&functions::users::GetUsers { ids: vec![1] }).expect("it is written");
    let error = server::dispatch(&mut server, &call[..12]).expect_err("it is cut");
    assert!(
        matches!(&error, CallError::Decode(error) if error.offset == 8),
        "{error}"
    );
}
