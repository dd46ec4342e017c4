//! MTProto 1.0, where it is allowed.

use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::schema::mtproto::functions;
use mtproto_runtime::session::{EnvelopeError, Session, SessionError, Version, envelope};

use crate::support::*;

#[test]
fn mtproto_1_0_between_two_that_agree_on_it() {
    let mut client = client();
    let mut server = Session::server(
        quiet(),
        key(),
        client.session_id(),
        server_salts(),
        NOW,
        &mut rng(2),
    );
    client.set_version(Version::V1);
    server.set_version(Version::V1);
    let call = client.invoke(functions::Ping { ping_id: 1 }).unwrap();
    let packet = packets(&mut client, NOW).pop().unwrap();
    let opened = |version| {
        envelope::open(&key(), Side::Client, version, &mut packet.clone()).map(|_| version)
    };
    assert_eq!(opened(Version::V2), Err(EnvelopeError::Unauthentic));
    assert_eq!(opened(Version::V1), Ok(Version::V1));
    let _ = server.handle_input(NOW, &mut packet.clone());
    exchange(&mut client, &mut server, NOW);
    assert!(
        events(&mut client)
            .iter()
            .any(|event| event.handle() == Some(call.handle()))
    );
}

/// Whichever the client speaks, it gets its answer in that, and the same server serves the next connection in the other.

#[test]
fn a_server_finds_out_which_version_a_client_speaks() {
    for versions in [
        [Version::V1, Version::V2],
        [Version::V2, Version::V1],
        [Version::V1, Version::V1],
    ] {
        let mut config = quiet();
        config.allow_legacy = true;
        let mut client = client();
        let session_id = client.session_id();
        let salts = server_salts();
        let mut server = Session::server(config, key(), session_id, salts, NOW, &mut rng(2));
        for version in versions {
            server.reconnected(NOW);
            client.set_version(version);
            let call = client.invoke(functions::Ping { ping_id: 1 }).unwrap();
            exchange(&mut client, &mut server, NOW);
            let is_answered = events(&mut client)
                .iter()
                .any(|event| event.handle() == Some(call.handle()));
            assert!(is_answered, "{version:?} of {versions:?}");
        }
    }
}

/// What a server takes is for its owner to say, and within a connection nobody changes the version.

#[test]
fn mtproto_1_0_is_taken_only_where_it_is_allowed() {
    let unauthentic = Err(SessionError::Envelope(EnvelopeError::Unauthentic));
    let mut client = client();
    client.set_version(Version::V1);
    client.invoke(functions::Ping { ping_id: 1 }).unwrap();
    let packet = packets(&mut client, NOW).pop().unwrap();
    let session_id = client.session_id();
    let server =
        |config| Session::server(config, key(), session_id, server_salts(), NOW, &mut rng(2));
    assert_eq!(
        server(quiet()).handle_input(NOW, &mut packet.clone()),
        unauthentic
    );
    let mut config = quiet();
    config.allow_legacy = true;
    let mut server = server(config);
    let mut changed = packet.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(server.handle_input(NOW, &mut changed), unauthentic);
    client.set_version(Version::V2);
    client.invoke(functions::Ping { ping_id: 2 }).unwrap();
    let mut as_v2 = packets(&mut client, NOW).pop().unwrap();
    assert_ne!(server.handle_input(NOW, &mut as_v2), unauthentic);
    assert_eq!(server.handle_input(NOW, &mut packet.clone()), unauthentic);
}
