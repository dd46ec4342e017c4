//! The client that blocks, against a server on a thread of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mtproto_runtime::net::blocking::Client;
use mtproto_runtime::net::{
    ClientConfig, ClientEvent, ConnectError, InvokeError, KeySource, LinkError, Pfs, Server,
    ServerConfig, Transport,
};
use mtproto_runtime::schema::mtproto::{enums, functions::Ping};
use mtproto_runtime::session::Event;
use mtproto_runtime::transport::{DcId, Framing, ProxySecret};
use tokio::sync::oneshot;

use crate::support::{
    ECHO, FAIL, HELD, Log, call, client_config, handshake, run, server_config, server_with,
};
use crate::transports::large;

/// No test waits for so long: it is for answers that come.
const LONG: Duration = Duration::from_secs(600);
/// For answers that do not.
const SHORT: Duration = Duration::from_millis(20);

const UPDATE: u32 = 0x5e5e_5e5e;

fn with_server(config: ServerConfig, test: impl FnOnce(&Server, &Log)) {
    let (ready, is_ready) = std::sync::mpsc::channel();
    let (done, is_done) = oneshot::channel::<()>();
    let serving = std::thread::spawn(move || {
        run(async move {
            let (server, log) = server_with(config).await;
            let server = Arc::new(server);
            ready.send((Arc::clone(&server), log)).unwrap();
            let _ = is_done.await;
            drop(server);
        });
    });
    let (server, log) = is_ready.recv().unwrap();
    test(&server, &log);
    drop((server, done));
    serving.join().unwrap();
}

fn with_client(test: impl FnOnce(&Server, &Log, Client)) {
    with_server(server_config(), |server, log| {
        let client = Client::connect(client_config(server)).unwrap();
        test(server, log, client);
    });
}

#[test]
fn calls_are_answered() {
    with_client(|_, log, mut client| {
        let pong = client.invoke(&Ping { ping_id: 77 }, LONG).unwrap();
        assert!(matches!(pong, enums::Pong::Pong(pong) if pong.ping_id == 77));
        for k in 0..10 {
            assert_eq!(
                client.invoke_raw(call(ECHO, k), LONG).unwrap(),
                call(ECHO, k)
            );
        }
        match client.invoke_raw(call(FAIL, 30), LONG) {
            Err(InvokeError::Rpc(error)) => assert_eq!(error.message, "FLOOD_WAIT_30"),
            other => panic!("{other:?}"),
        }
        let error = client.invoke_raw(vec![1, 2, 3], LONG).unwrap_err();
        assert!(matches!(error, InvokeError::NotSent(_)), "{error}");
        assert_eq!(log.counts().len(), 11);
    });
}

#[test]
fn a_server_that_talks_without_end_does_not_make_connecting_longer() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = ClientConfig::new(listener.local_addr().unwrap().to_string(), handshake());
    config.connect_timeout = SHORT;
    let talking = std::thread::spawn(move || {
        let (mut far, _) = listener.accept().unwrap();
        // Quick acknowledgments, which nobody has asked for.
        let words = [0, 0, 0, 0x80].repeat(1000);
        while std::io::Write::write_all(&mut far, &words).is_ok() {}
    });
    let started_at = Instant::now();
    match Client::connect(config) {
        Err(ConnectError::Link(LinkError::Unresponsive)) => {}
        other => panic!("{other:?}"),
    }
    // Far more than that, for machines that have much to do.
    assert!(started_at.elapsed() < 100 * SHORT);
    talking.join().unwrap();
}

#[test]
fn each_transport_of_streams_is_spoken() {
    let secrets = [
        "000102030405060708090a0b0c0d0e0f",
        "ee202122232425262728292a2b2c2d2e2f6578616d706c652e636f6d",
    ]
    .map(|secret| ProxySecret::parse(secret).unwrap());
    let (framing, dc) = (Framing::Intermediate, DcId::new(2));
    let mut config = server_config();
    config.accept.secrets = secrets.to_vec();
    let mut transports = vec![
        Transport::Plain(Framing::Full),
        Transport::Plain(Framing::Abridged),
        Transport::Obfuscated(Framing::PaddedIntermediate),
        #[cfg(feature = "websocket")]
        Transport::WebSocket(mtproto_runtime::net::WebSocket::new(framing)),
    ];
    transports.extend(secrets.map(|secret| Transport::Proxy {
        framing,
        secret,
        dc,
    }));
    with_server(config, |server, _| {
        for transport in transports {
            let mut config = client_config(server);
            config.transports = vec![transport];
            let mut client = Client::connect(config).unwrap();
            let body = large();
            assert!(client.invoke_raw(body.clone(), LONG).unwrap() == body);
        }
    });
}

#[test]
fn a_call_that_takes_too_long_is_given_up_and_hurts_no_other() {
    with_client(|_, log, mut client| {
        let error = client.invoke_raw(call(HELD, 1), SHORT).unwrap_err();
        assert!(matches!(error, InvokeError::TimedOut(SHORT)), "{error}");
        log.open_gate();
        assert_eq!(
            client.invoke_raw(call(ECHO, 2), LONG).unwrap(),
            call(ECHO, 2)
        );
        assert_eq!(
            client.invoke_raw(call(HELD, 3), LONG).unwrap(),
            call(HELD, 3)
        );
    });
}

#[test]
fn updates_are_waited_for_as_long_as_the_caller_wants() {
    with_client(|server, _, mut client| {
        client.invoke_raw(call(ECHO, 1), LONG).unwrap();
        // What a new session brings.
        while client.next_event(SHORT).is_some() {}
        let update = call(UPDATE, 9);
        server.send_update(client.key().id(), &update).unwrap();
        let event = client.next_event(LONG).unwrap();
        let ClientEvent::Session(Event::Update { body, .. }) = event else {
            panic!("{event:?}");
        };
        assert_eq!(body, update);
        assert_eq!(client.next_event(SHORT), None);
    });
}

#[test]
fn of_too_many_events_the_oldest_are_missed() {
    with_server(server_config(), |server, _| {
        let mut config = client_config(server);
        config.max_events = 2;
        let mut client = Client::connect(config).unwrap();
        client.invoke_raw(call(ECHO, 1), LONG).unwrap();
        while client.next_event(SHORT).is_some() {}
        for k in 0..5 {
            server
                .send_update(client.key().id(), &call(UPDATE, k))
                .unwrap();
        }
        // They come before the answer, in the order in which the server has them.
        client.invoke_raw(call(ECHO, 2), LONG).unwrap();
        assert_eq!(client.next_event(LONG), Some(ClientEvent::Missed(3)));
        for k in 3..5 {
            let event = client.next_event(LONG).unwrap();
            let ClientEvent::Session(Event::Update { body, .. }) = event else {
                panic!("{event:?}");
            };
            assert_eq!(body, call(UPDATE, k));
        }
    });
}

#[test]
fn calls_outlive_their_connection() {
    with_server(server_config(), |server, log| {
        let mut config = client_config(server);
        // What is not answered is asked after because there is another connection, not because time passes.
        config.session.answer_timeout = 2 * LONG;
        let mut client = Client::connect(config).unwrap();
        client.invoke_raw(call(ECHO, 1), LONG).unwrap();
        while client.next_event(SHORT).is_some() {}
        server.disconnect_all();
        assert_eq!(
            client.invoke_raw(call(ECHO, 2), LONG).unwrap(),
            call(ECHO, 2)
        );
        let mut events = std::iter::from_fn(|| client.next_event(SHORT));
        let is_end = |event: &ClientEvent| matches!(event, ClientEvent::Disconnected { .. });
        assert!(events.any(|event| is_end(&event)));
        assert!(events.any(|event| event == ClientEvent::Reconnected));
        assert_eq!(log.counts(), [(1, 1), (2, 1)].into());
    });
}

#[test]
fn a_known_key_needs_no_handshake() {
    with_client(|server, _, mut first| {
        first.invoke_raw(call(ECHO, 1), LONG).unwrap();
        let (key, state) = (first.key().clone(), first.export());
        drop(first);
        let source = KeySource::Known {
            key: key.clone(),
            state,
        };
        let config = ClientConfig::new(server.local_addr().to_string(), source);
        let mut second = Client::connect(config).unwrap();
        assert_eq!(
            second.invoke_raw(call(ECHO, 2), LONG).unwrap(),
            call(ECHO, 2)
        );
        assert_eq!(second.key(), &key);
    });
}

#[test]
fn the_first_transport_that_works_is_taken() {
    with_server(server_config(), |server, _| {
        let mut config = client_config(server);
        // Full framing can't be obfuscated, and nobody listens at port 1.
        config.transports = vec![
            Transport::Obfuscated(Framing::Full),
            Transport::Plain(Framing::Full).at("127.0.0.1:1"),
            Transport::Plain(Framing::Full),
        ];
        let mut client = Client::connect(config).unwrap();
        client.invoke_raw(call(ECHO, 1), LONG).unwrap();
    });
}

#[test]
fn what_it_can_t_do_is_told() {
    with_server(server_config(), |server, _| {
        let mut config = client_config(server);
        let KeySource::Handshake(keys) = handshake() else {
            unreachable!("that is what it is");
        };
        config.key = KeySource::Pfs(Pfs::new(keys, None));
        let unsupported = |config| {
            let outcome = Client::connect(config);
            let error = matches!(&outcome, Err(ConnectError::Link(LinkError::Unsupported(_))));
            assert!(error, "{outcome:?}");
        };
        unsupported(config);
        #[cfg(feature = "http")]
        {
            let mut config = client_config(server);
            config.transports = vec![Transport::Http(mtproto_runtime::net::Http::new())];
            unsupported(config);
        }
        #[cfg(feature = "tls")]
        {
            let tls = mtproto_runtime::net::Tls::with_webpki_roots().unwrap();
            let mut config = client_config(server);
            config.transports = vec![Transport::Plain(Framing::Full).over_tls(tls)];
            unsupported(config);
        }
        let mut config = client_config(server);
        config.transports.clear();
        let outcome = Client::connect(config);
        assert!(
            matches!(outcome, Err(ConnectError::NoTransport)),
            "{outcome:?}"
        );
    });
}
