//! The server's handshake as a driver has it: queries that come again, come late, or are wrong.

use core::time::Duration;

use mtproto_runtime::crypto::dh::DhPrimeCache;
use mtproto_runtime::handshake::{
    ClientHandshake, ClientStep, Dcs, HandshakeError, Message, NewKey, PeerIncompatible,
    PeerMisbehaved, Refused, ServerConfig, ServerHandshake, ServerStep, nonce_of,
};
use mtproto_runtime::plain_message;
use mtproto_runtime::schema::mtproto::{enums, functions};

use crate::forge::{object, plain};
use crate::support::{NOW, SERVER, Transcript, client_config, handshake, rng, server_config};

fn server(config: &ServerConfig, honest: &Transcript) -> ServerHandshake {
    let (server, answer) =
        ServerHandshake::start(config, NOW, &honest.messages[0], &mut rng(!3)).unwrap();
    assert_eq!(answer, honest.messages[1]);
    server
}

fn send(server: &mut ServerHandshake, query: &[u8]) -> ServerStep {
    server.handle(&SERVER, NOW, query, &mut rng(!4))
}

fn sent(step: ServerStep) -> Vec<u8> {
    match step {
        ServerStep::Send(answer) => answer,
        step => panic!("{step:?}"),
    }
}

fn refused(step: ServerStep) -> (i32, HandshakeError) {
    match step {
        ServerStep::Refuse { code, error } => (code, error),
        step => panic!("{step:?}"),
    }
}

/// The same object in another envelope, with bytes after it, as TDLib sends again what got no answer.
fn again_in_another_envelope(query: &[u8]) -> Vec<u8> {
    let body = [&query[20..], &[0x5A; 12]].concat();
    plain_message::write(0x65C5_3D99_0000_0010, &body).unwrap()
}

#[test]
fn a_query_that_comes_again_gets_the_same_answer_at_every_step() {
    let honest = handshake(3, client_config());
    let [req_pq, res_pq, req_dh, _, set_dh, _] = &honest.messages;
    let mut server = server(&SERVER, &honest);
    assert_eq!(&sent(send(&mut server, req_pq)), res_pq);
    assert_eq!(
        &sent(send(&mut server, &again_in_another_envelope(req_pq))),
        res_pq
    );

    // This server draws another `a` than that of the transcript, so that it needs a client of its own.
    let (mut client, query) = ClientHandshake::start(client_config(), NOW, &mut rng(3)).unwrap();
    assert_eq!(&query, req_pq);
    let mut step = |answer: &[u8]| {
        client
            .handle(NOW, answer, &mut DhPrimeCache::default(), &mut rng(5))
            .unwrap()
    };
    let ClientStep::Send(query) = step(res_pq) else {
        panic!()
    };
    assert_ne!(&query, req_dh);
    let params = sent(send(&mut server, &query));
    for query in [&query, &again_in_another_envelope(&query)] {
        assert_eq!(sent(send(&mut server, query)), params);
    }
    // Also what came before: a query may have been under way for long.
    assert_eq!(&sent(send(&mut server, req_pq)), res_pq);

    let ClientStep::Send(query) = step(&params) else {
        panic!()
    };
    assert_ne!(&query, set_dh);
    assert!(matches!(
        send(&mut server, &query),
        ServerStep::CheckAuthKeyId(_)
    ));
    assert!(matches!(send(&mut server, &query), ServerStep::Wait));
    let (done, dh_gen) = server.accept(NOW).unwrap();
    for query in [&query, &again_in_another_envelope(&query)] {
        assert_eq!(sent(send(&mut server, query)), dh_gen);
    }
    let ClientStep::Done(client) = step(&dh_gen) else {
        panic!()
    };
    assert_eq!(client.key, done.key);
}

#[test]
fn an_answer_that_comes_again_is_passed_over() {
    let honest = handshake(3, client_config());
    let (mut client, _) = ClientHandshake::start(client_config(), NOW, &mut rng(3)).unwrap();
    let mut step =
        |answer: &[u8]| client.handle(NOW, answer, &mut DhPrimeCache::default(), &mut rng(5));
    assert!(matches!(step(&honest.messages[1]), Ok(ClientStep::Send(_))));
    assert!(matches!(step(&honest.messages[1]), Ok(ClientStep::Wait)));
    // A server that hides the lengths sends other bytes behind the object each time.
    let body = [&honest.messages[1][20..], &[0x5A; 12]].concat();
    let again = plain_message::write(0x65C5_3D99_0000_0001, &body).unwrap();
    assert!(matches!(step(&again), Ok(ClientStep::Wait)));
    // An older one is a fault.
    assert!(step(&honest.messages[5]).is_err());
    assert_eq!(
        step(&honest.messages[1]).unwrap_err(),
        HandshakeError::NothingAwaited
    );
}

#[test]
fn the_unanswered_query_is_kept_for_another_connection() {
    let honest = handshake(3, client_config());
    let rng_c = &mut rng(3);
    let (mut client, query) = ClientHandshake::start(client_config(), NOW, rng_c).unwrap();
    assert_eq!(client.unanswered(), query);
    let answer = &honest.messages[1];
    let primes = &mut DhPrimeCache::default();
    let ClientStep::Send(query) = client.handle(NOW, answer, primes, rng_c).unwrap() else {
        panic!()
    };
    assert_eq!(client.unanswered(), query);
    let error = client.handle_transport_error(-404);
    assert_eq!(
        error,
        HandshakeError::Refused {
            message: Message::ReqDhParams,
            reason: Refused::NotFound
        }
    );
    assert_eq!(error.fault(), None);
    assert!(client.unanswered().is_empty());
}

#[test]
fn messages_are_told_by_their_nonce() {
    let honest = handshake(3, client_config());
    let nonce = object::<functions::ReqPqMulti>(&honest.messages[0]).nonce;
    for index in [0, 2, 4] {
        assert_eq!(nonce_of(&honest.messages[index]), Some(nonce));
    }
    for index in [1, 3, 5] {
        assert_eq!(nonce_of(&honest.messages[index]), None);
    }
    let old = plain(0, &functions::ReqPq { nonce });
    assert_eq!(nonce_of(&old), Some(nonce));
    assert_eq!(nonce_of(&[]), None);
}

#[test]
fn old_clients_ask_by_req_pq() {
    let query = functions::ReqPq {
        nonce: [3; 16].into(),
    };
    let (_, answer) = ServerHandshake::start(&SERVER, NOW, &plain(0, &query), &mut rng(1)).unwrap();
    let enums::ResPq::ResPq(res_pq) = object(&answer) else {
        panic!()
    };
    assert_eq!(res_pq.nonce, query.nonce);
}

#[test]
fn nothing_can_be_decided_before_a_key_is_proposed() {
    let honest = handshake(3, client_config());
    let mut server = server(&SERVER, &honest);
    assert_eq!(
        server.accept(NOW).unwrap_err(),
        HandshakeError::NothingAwaited
    );
    assert_eq!(
        server.reject(NOW).unwrap_err(),
        HandshakeError::NothingAwaited
    );
    assert_eq!(
        server.retry(&SERVER, NOW).unwrap_err(),
        HandshakeError::NothingAwaited
    );
    // It goes on nevertheless.
    assert_eq!(
        sent(send(&mut server, &honest.messages[0])),
        honest.messages[1]
    );
}

#[test]
fn check_13_a_client_of_another_environment_is_told_so() {
    let honest = handshake(3, client_config());
    let config = ServerConfig {
        dcs: Dcs::Only(vec![2, -2]),
        ..server_config()
    };
    let mut server = server(&config, &honest);
    let step = server.handle(&config, NOW, &honest.messages[2], &mut rng(!4));
    assert!(matches!(step, ServerStep::Send(_)));

    let mut of_test = client_config();
    of_test.dc = 10_002;
    let (mut client, query) = ClientHandshake::start(of_test, NOW, &mut rng(3)).unwrap();
    let (mut server, answer) = ServerHandshake::start(&config, NOW, &query, &mut rng(!3)).unwrap();
    let primes = &mut DhPrimeCache::default();
    let ClientStep::Send(query) = client.handle(NOW, &answer, primes, &mut rng(5)).unwrap() else {
        panic!()
    };
    let (code, error) = refused(server.handle(&config, NOW, &query, &mut rng(!4)));
    assert_eq!(code, -444);
    assert_eq!(
        error,
        HandshakeError::PeerIncompatible {
            message: Message::PQInnerData,
            error: PeerIncompatible::WrongDc { dc: 10_002 }
        }
    );
    assert_eq!(
        client.handle_transport_error(code),
        HandshakeError::Refused {
            message: Message::ReqDhParams,
            reason: Refused::WrongDc
        }
    );
}

/// Temporary keys are for a time.
#[test]
fn a_temporary_key_needs_a_lifetime() {
    for (expires_in, accepted) in [(1, true), (0, false), (-5, false)] {
        let config = client_config().temporary(expires_in);
        let (mut client, query) = ClientHandshake::start(config, NOW, &mut rng(3)).unwrap();
        let (mut server, answer) =
            ServerHandshake::start(&SERVER, NOW, &query, &mut rng(!3)).unwrap();
        let primes = &mut DhPrimeCache::default();
        let ClientStep::Send(query) = client.handle(NOW, &answer, primes, &mut rng(5)).unwrap()
        else {
            panic!()
        };
        match send(&mut server, &query) {
            ServerStep::Send(_) => assert!(accepted),
            step => assert_eq!(
                refused(step),
                (
                    -404,
                    HandshakeError::PeerMisbehaved {
                        message: Message::PQInnerData,
                        error: PeerMisbehaved::ExpiresIn { expires_in }
                    }
                )
            ),
        }
    }
}

#[test]
fn temporary_keys_expire_by_the_servers_clock() {
    let honest = handshake(3, client_config().temporary(600));
    for key in [honest.client.key, honest.server.key] {
        let NewKey::Temporary(key) = key else {
            panic!()
        };
        assert_eq!(key.expires_at(), NOW.after(Duration::from_secs(600)));
    }
}
