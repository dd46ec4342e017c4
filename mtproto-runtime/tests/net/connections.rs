//! Connections that end, and what becomes of calls.

use mtproto_runtime::net::{Client, ClientEvent, Events, Transport};
use mtproto_runtime::session::Event;
use mtproto_runtime::transport::Framing;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Duration, advance};

use crate::support::{ECHO, HELD, call, client, client_config, number, run, run_paused, server};

async fn reconnected(events: &mut Events) {
    while events.next().await.unwrap() != ClientEvent::Reconnected {}
}

#[test]
fn unanswered_calls_outlive_their_connection_and_are_answered_once() {
    run(async {
        let (server, log) = server().await;
        let client = client(&server).await;
        let mut events = client.events();
        let mut tasks = JoinSet::new();
        for k in 0..100 {
            let client = client.clone();
            tasks.spawn(async move { number(&client.invoke_raw(call(HELD, k)).await.unwrap()) });
        }
        log.has_seen(100).await;
        server.disconnect_all();
        reconnected(&mut events).await;
        log.open_gate();
        let mut answered = tasks.join_all().await;
        answered.sort_unstable();
        assert_eq!(answered, Vec::from_iter(0..100));
        let counts = log.counts();
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    });
}

#[test]
fn answers_that_were_made_without_a_connection_are_sent_on_the_next() {
    run(async {
        let (server, log) = server().await;
        let client = client(&server).await;
        let held = tokio::spawn({
            let client = client.clone();
            async move { client.invoke_raw(call(HELD, 1)).await.unwrap() }
        });
        log.has_seen(1).await;
        // Both before any task has its turn: the connection ends, and the answer is there.
        server.disconnect_all();
        log.open_gate();
        assert_eq!(held.await.unwrap(), call(HELD, 1));
        assert_eq!(log.counts()[&1], 1);
    });
}

#[test]
fn ten_connections_one_after_the_other_lose_nothing() {
    run(async {
        let (server, log) = server().await;
        let client = client(&server).await;
        let mut events = client.events();
        for round in 0..10 {
            let mut tasks = JoinSet::new();
            for k in 0..5 {
                let client = client.clone();
                let call = call(ECHO, round * 5 + k);
                tasks.spawn(async move { client.invoke_raw(call).await.unwrap() });
            }
            server.disconnect_all();
            assert_eq!(tasks.join_all().await.len(), 5);
            reconnected(&mut events).await;
        }
        let counts = log.counts();
        assert_eq!(counts.len(), 50);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    });
}

#[test]
fn a_connection_that_ends_is_told_with_its_reason() {
    run(async {
        let (server, _) = server().await;
        let client = client(&server).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        server.disconnect_all();
        let reason = loop {
            if let ClientEvent::Disconnected { reason } = events.next().await.unwrap() {
                break reason.to_string();
            }
        };
        // If the server has not read all that came by then, its system resets the connection.
        let expected = [
            "the other side has closed the connection",
            "the socket failed: Connection reset by peer",
        ];
        assert!(
            expected.iter().any(|start| reason.starts_with(start)),
            "{reason}"
        );
        reconnected(&mut events).await;
    });
}

#[test]
fn a_key_that_the_server_does_not_know_is_told_and_kept() {
    run(async {
        let (known, _) = server().await;
        let (other, _) = server().await;
        let key = client(&known).await;
        let source = mtproto_runtime::net::KeySource::Known {
            key: key.key().clone(),
            state: key.export().await.unwrap(),
        };
        let mut config = client_config(&other);
        config.key = source;
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        let call = tokio::spawn(async move { client.invoke_raw(call(ECHO, 1)).await });
        loop {
            let event = events.next().await.unwrap();
            if event == ClientEvent::Session(Event::TransportError { code: 404 }) {
                break;
            }
        }
        assert!(!call.is_finished(), "nobody vouches for a transport error");
        call.abort();
    });
}

#[test]
fn the_next_transport_is_tried_when_one_brings_nothing() {
    run(async {
        let (server, _) = server().await;
        let mut config = client_config(&server);
        // Full framing can't be obfuscated.
        config.transports = vec![
            Transport::Obfuscated(Framing::Full),
            Transport::Obfuscated(Framing::Abridged),
        ];
        let client = Client::connect(config).await.unwrap();
        assert_eq!(
            client.invoke_raw(call(ECHO, 1)).await.unwrap(),
            call(ECHO, 1)
        );
    });
}

#[test]
fn an_address_where_nobody_listens_is_told() {
    run(async {
        let (server, _) = server().await;
        let mut config = client_config(&server);
        drop(server);
        let address = config.address.clone();
        config.connect_timeout = Duration::from_secs(60);
        let error = Client::connect(config).await.unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with(&format!("can't connect to {address}: ")),
            "{told}"
        );
    });
}

#[test]
fn a_client_goes_on_trying_after_failures() {
    run(async {
        let (server, log) = server().await;
        // In between there is somebody who closes three connections at once, and passes on the others.
        let between = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = between.local_addr().unwrap();
        let target = server.local_addr();
        tokio::spawn(async move {
            for number in 0.. {
                let (mut near, _) = between.accept().await.unwrap();
                if (1..4).contains(&number) {
                    drop(near);
                    continue;
                }
                let mut far = tokio::net::TcpStream::connect(target).await.unwrap();
                tokio::spawn(
                    async move { tokio::io::copy_bidirectional(&mut near, &mut far).await },
                );
            }
        });
        let mut config = client_config(&server);
        config.address = address.to_string();
        let client = Client::connect(config).await.unwrap();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        server.disconnect_all();
        assert_eq!(
            client.invoke_raw(call(ECHO, 2)).await.unwrap(),
            call(ECHO, 2)
        );
        assert_eq!(log.counts(), [(1, 1), (2, 1)].into());
    });
}

#[test]
fn the_server_ends_its_connections_when_it_is_dropped() {
    run(async {
        let (server, _) = server().await;
        let mut stream = tokio::net::TcpStream::connect(server.local_addr())
            .await
            .unwrap();
        let client = client(&server).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        drop(server);
        while !matches!(
            events.next().await.unwrap(),
            ClientEvent::Disconnected { .. }
        ) {}
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
    });
}

#[test]
fn connections_without_a_message_under_a_key_end_and_others_stay() {
    run_paused(async {
        let (server, _) = server().await;
        let client = client(&server).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        // Intermediate, and a packet under a key that nobody knows: answered, and no reason to stay.
        let mut stream = tokio::net::TcpStream::connect(server.local_addr())
            .await
            .unwrap();
        let packet = [&[0xee; 4][..], &24_u32.to_le_bytes(), &[7; 24]].concat();
        stream.write_all(&packet).await.unwrap();
        let mut answer = [0; 8];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer[4..], (-404_i32).to_le_bytes());
        advance(Duration::from_secs(61)).await;
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);

        client.invoke_raw(call(ECHO, 2)).await.unwrap();
        tokio::select! {
            biased;
            event = events.next() => assert!(!matches!(event, Some(ClientEvent::Disconnected { .. })), "{event:?}"),
            () = core::future::ready(()) => {}
        }
    });
}
