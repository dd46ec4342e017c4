//! Calls and their answers, on a connection that stays.

use std::future::Future as _;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use mtproto_runtime::handshake::PermanentKey;
use mtproto_runtime::net::server::{Observer, ServerEvent};
use mtproto_runtime::net::{
    Client, ClientConfig, ClientEvent, ConnectError, InvokeError, KeySource,
};
use mtproto_runtime::schema::mtproto::{enums, functions::Ping};
use mtproto_runtime::session::{Event, Remedy};
use tokio::task::JoinSet;

use crate::support::{
    ECHO, FAIL, HELD, NO_TL, PANIC, call, client, client_config, number, run, server,
    server_config, server_with,
};

#[test]
fn a_hundred_calls_in_parallel_have_their_own_answers() {
    run(async {
        let (server, log) = server().await;
        let client = client(&server).await;
        let mut tasks = JoinSet::new();
        for k in 0..100 {
            let client = client.clone();
            tasks.spawn(async move { (k, client.invoke_raw(call(ECHO, k)).await.unwrap()) });
        }
        while let Some(outcome) = tasks.join_next().await {
            let (k, body) = outcome.unwrap();
            assert_eq!(body, call(ECHO, k));
        }
        let counts = log.counts();
        assert_eq!(counts.len(), 100);
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    });
}

#[test]
fn a_typed_call_returns_its_type() {
    run(async {
        let (server, _) = server().await;
        let ping = Ping { ping_id: 77 };
        let pong = client(&server).await.invoke(&ping).await.unwrap();
        assert!(matches!(pong, enums::Pong::Pong(pong) if pong.ping_id == 77));
    });
}

#[test]
fn errors_of_the_server_come_as_they_are() {
    run(async {
        let (server, _) = server().await;
        let error = client(&server)
            .await
            .invoke_raw(call(FAIL, 30))
            .await
            .unwrap_err();
        let InvokeError::Rpc(error) = error else {
            panic!("{error}");
        };
        assert_eq!(error.message, "FLOOD_WAIT_30");
        assert_eq!(
            error.remedy(),
            Remedy::Wait(std::time::Duration::from_secs(30))
        );
    });
}

#[test]
fn handlers_that_panic_or_return_no_tl_are_answered_for() {
    run(async {
        let (server, _) = server().await;
        let client = client(&server).await;
        for id in [PANIC, NO_TL] {
            match client.invoke_raw(call(id, 1)).await {
                Err(InvokeError::Rpc(error)) => assert_eq!(error.code, 500),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(
            client.invoke_raw(call(ECHO, 2)).await.unwrap(),
            call(ECHO, 2)
        );
    });
}

#[test]
fn what_is_no_tl_is_not_sent() {
    run(async {
        let (server, log) = server().await;
        let error = client(&server)
            .await
            .invoke_raw(vec![1, 2, 3])
            .await
            .unwrap_err();
        assert!(matches!(error, InvokeError::NotSent(_)), "{error}");
        assert!(log.counts().is_empty());
    });
}

#[test]
fn a_call_that_is_dropped_hurts_no_other() {
    run(async {
        let (server, log) = server().await;
        let client = client(&server).await;
        // Dropped before it is sent.
        {
            let mut call = pin!(client.invoke_raw(call(ECHO, 1)));
            let mut cx = Context::from_waker(Waker::noop());
            assert!(call.as_mut().poll(&mut cx).is_pending());
        }
        // Dropped while the server is at it.
        let held = tokio::spawn({
            let client = client.clone();
            async move { client.invoke_raw(call(HELD, 2)).await }
        });
        log.has_seen(1).await;
        held.abort();
        assert!(held.await.unwrap_err().is_cancelled());
        log.open_gate();
        for k in 3..20 {
            assert_eq!(
                client.invoke_raw(call(ECHO, k)).await.unwrap(),
                call(ECHO, k)
            );
        }
        assert_eq!(log.counts().get(&1), None, "nobody waited for it");
        assert_eq!(log.counts()[&2], 1);
    });
}

#[test]
fn calls_wait_when_the_session_is_full() {
    run(async {
        let (server, log) = server().await;
        let mut config = client_config(&server);
        config.session.max_pending = 16;
        config.max_queued = 2;
        let client = Client::connect(config).await.unwrap();
        let mut tasks = JoinSet::new();
        for k in 0..50 {
            let client = client.clone();
            tasks.spawn(async move { number(&client.invoke_raw(call(ECHO, k)).await.unwrap()) });
        }
        let mut answered: Vec<u32> = tasks.join_all().await;
        answered.sort_unstable();
        assert_eq!(answered, Vec::from_iter(0..50));
        assert_eq!(log.counts().len(), 50);
    });
}

#[test]
fn a_server_with_few_places_for_calls_answers_them_all() {
    run(async {
        let mut config = server_config();
        config.max_calls = 1;
        let (server, log) = server_with(config).await;
        let client = client(&server).await;
        let mut tasks = JoinSet::new();
        for k in 0..30 {
            let client = client.clone();
            tasks.spawn(async move { client.invoke_raw(call(ECHO, k)).await.unwrap() });
        }
        assert_eq!(tasks.join_all().await.len(), 30);
        assert_eq!(log.counts().len(), 30);
    });
}

#[test]
fn updates_come_as_events() {
    run(async {
        let (server, _) = server().await;
        let client = client(&server).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        let update = call(0x5e5e_5e5e, 9);
        assert_eq!(server.send_update(client.key().id(), &update).unwrap(), 1);
        assert_eq!(server.send_update(1, &update).unwrap(), 0, "no such key");
        loop {
            if let ClientEvent::Session(Event::Update { body, .. }) = events.next().await.unwrap() {
                assert_eq!(body, update);
                break;
            }
        }
    });
}

#[test]
fn events_end_with_the_client() {
    run(async {
        let (server, _) = server().await;
        let client = client(&server).await;
        let mut events = client.events();
        drop(client);
        while events.next().await.is_some() {}
    });
}

#[test]
fn a_known_key_needs_no_handshake() {
    run(async {
        let (server, log) = server().await;
        let first = client(&server).await;
        first.invoke_raw(call(ECHO, 1)).await.unwrap();
        let (key, state) = (first.key().clone(), first.export().await.unwrap());
        drop(first);
        let source = KeySource::Known {
            key: key.clone(),
            state,
        };
        assert!(!format!("{source:?}").contains("salt"));
        let config = ClientConfig::new(server.local_addr().to_string(), source);
        let second = Client::connect(config).await.unwrap();
        second.invoke_raw(call(ECHO, 2)).await.unwrap();
        assert_eq!(second.key(), &key);
        assert_eq!(log.counts().len(), 2);
    });
}

#[test]
fn keys_outlive_a_server_that_stores_them() {
    run(async {
        let stored = Arc::new(Mutex::new(Vec::new()));
        let mut config = server_config();
        config.observer = Some(Observer::new({
            let stored = Arc::clone(&stored);
            move |event| {
                if let ServerEvent::KeyMade {
                    permanent: Some(key),
                    ..
                } = event
                {
                    stored.lock().unwrap().push(PermanentKey::clone(key));
                }
            }
        }));
        let (server, _) = server_with(config).await;
        let client = client(&server).await;
        let (key, state) = (client.key().clone(), client.export().await.unwrap());
        drop((client, server));

        let mut config = server_config();
        config.max_keys = 1;
        let (server, _) = server_with(config).await;
        let stored = stored.lock().unwrap().clone();
        assert_eq!(stored.len(), 1);
        assert!(server.handle().add_key(stored[0].clone()));
        assert!(server.handle().add_key(stored[0].clone()), "it is there");
        let another = PermanentKey::from_storage([7; 256], stored[0].created_at());
        assert!(!server.handle().add_key(another), "there is no room");
        let source = KeySource::Known { key, state };
        let config = ClientConfig::new(server.local_addr().to_string(), source);
        let client = Client::connect(config).await.unwrap();
        let body = call(ECHO, 2);
        assert_eq!(client.invoke_raw(body.clone()).await.unwrap(), body);
    });
}

#[test]
fn what_can_t_be_connected_to_is_an_error() {
    run(async {
        let (server, _) = server().await;
        let mut config = client_config(&server);
        drop(server);
        config.transports.clear();
        let error = Client::connect(config.clone()).await.unwrap_err();
        assert!(matches!(error, ConnectError::NoTransport), "{error}");
        config.address = "127.0.0.1:0".into();
        config.transports = ClientConfig::new("", config.key.clone()).transports;
        let error = Client::connect(config).await.unwrap_err();
        assert!(matches!(error, ConnectError::Link(_)), "{error}");
    });
}
