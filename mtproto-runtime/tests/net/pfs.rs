//! Perfect forward secrecy: temporary keys, made, bound and replaced while calls go on.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mtproto_runtime::handshake::PermanentKey;
use mtproto_runtime::net::{
    Call, Client, ClientConfig, ClientEvent, ConnectError, Events, InvokeError, KeySource, Pfs,
    Server,
};
use mtproto_runtime::schema::mtproto::functions::DestroyAuthKey;
use mtproto_runtime::session::Event;
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::wire;
use tokio::sync::watch;
use tokio::task::{JoinSet, yield_now};
use tokio::time::advance;

use crate::several::Between;
use crate::support::{
    ECHO, HELD, call, client_config, number, private_key, run, run_paused, server, server_config,
    server_with,
};
use crate::transports::large;

/// The call that a connection begins with, here `invokeWithLayer#da9b0d0d layer:int`.
const INIT: [u32; 2] = [0xda9b_0d0d, 230];
const LIFETIME_SECS: i32 = 8000;

fn init_connection() -> Vec<u8> {
    INIT.map(u32::to_le_bytes).concat()
}

/// What a call was made under.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    number: u32,
    auth_key_id: u64,
    permanent_key_id: Option<u64>,
    initialises: bool,
}

#[derive(Clone)]
struct Watcher {
    seen: Arc<Mutex<Vec<Seen>>>,
    count: watch::Sender<usize>,
    gate: watch::Sender<bool>,
}

impl Watcher {
    async fn server() -> (Server, Self) {
        let watcher = Self {
            seen: Arc::default(),
            count: watch::Sender::new(0),
            gate: watch::Sender::new(false),
        };
        let handler = {
            let watcher = watcher.clone();
            move |call| watcher.clone().answer(call)
        };
        let server = Server::bind("127.0.0.1:0", server_config(), handler);
        (server.await.unwrap(), watcher)
    }

    async fn answer(self, call: Call) -> Result<Vec<u8>, mtproto_runtime::session::RpcError> {
        let init = init_connection();
        let body = call.body.strip_prefix(&*init).unwrap_or(&call.body);
        self.seen.lock().unwrap().push(Seen {
            number: number(body),
            auth_key_id: call.auth_key_id,
            permanent_key_id: call.permanent_key_id,
            initialises: body.len() < call.body.len(),
        });
        self.count.send_modify(|count| *count += 1);
        if wire::call_id(body) == HELD {
            let mut gate = self.gate.subscribe();
            gate.wait_for(|is_open| *is_open).await.unwrap();
        }
        Ok(body.to_vec())
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    async fn has_seen(&self, count: usize) {
        let mut counts = self.count.subscribe();
        counts.wait_for(|seen| *seen >= count).await.unwrap();
    }
}

fn config(server: &Server, permanent: Option<PermanentKey>) -> ClientConfig {
    let public_key = private_key().public_key().clone();
    let handshake = mtproto_runtime::handshake::ClientConfig::new(vec![public_key], 2);
    let mut pfs = Pfs::new(handshake, permanent);
    pfs.expires_in_secs = LIFETIME_SECS;
    let mut config = client_config(server);
    config.key = KeySource::Pfs(pfs);
    config.init_connection = Some(init_connection());
    config
}

async fn client(server: &Server) -> Client {
    Client::connect(config(server, None)).await.unwrap()
}

async fn bound(events: &mut Events) -> u64 {
    loop {
        let event = events.next().await.unwrap();
        if let ClientEvent::Session(Event::TemporaryKeyBound { auth_key_id }) = event {
            return auth_key_id;
        }
    }
}

async fn echo(client: &Client, number: u32) {
    let body = client.invoke_raw(call(ECHO, number)).await.unwrap();
    assert_eq!(body, call(ECHO, number));
}

#[test]
fn calls_go_under_a_temporary_key_that_stands_for_the_permanent_one() {
    run(async {
        let (server, watcher) = Watcher::server().await;
        let client = client(&server).await;
        echo(&client, 1).await;
        echo(&client, 2).await;
        let seen = watcher.seen();
        let permanent = client.key().id();
        assert_eq!(seen.len(), 2);
        for call in &seen {
            assert_ne!(call.auth_key_id, permanent);
            assert_eq!(call.permanent_key_id, Some(permanent));
        }
        assert!(seen[0].initialises && !seen[1].initialises, "{seen:?}");
    });
}

#[test]
fn keys_are_replaced_in_time_while_calls_go_on() {
    run_paused(async {
        let (server, watcher) = Watcher::server().await;
        let client = client(&server).await;
        let mut events = client.events();
        let mut keys = vec![bound(&mut events).await];
        let mut next = 0;
        for renewal in 0..3 {
            // One call is under way from before the renewal until after it, others come all the time.
            let held = tokio::spawn({
                let client = client.clone();
                async move { client.invoke_raw(call(HELD, 1_000_000 + renewal)).await }
            });
            let before = watcher.seen().len();
            watcher.has_seen(before + 1).await;
            advance(Duration::from_secs(7000 - 5)).await;
            echo(&client, next).await;
            assert_eq!(
                watcher.seen().last().unwrap().auth_key_id,
                *keys.last().unwrap()
            );
            // An eighth of its time is left.
            advance(Duration::from_secs(6)).await;
            let mut load = JoinSet::new();
            for number in next + 1..next + 50 {
                let client = client.clone();
                load.spawn(async move { echo(&client, number).await });
            }
            keys.push(bound(&mut events).await);
            load.join_all().await;
            next += 50;
            assert!(!held.is_finished());
            watcher.gate.send_replace(true);
            assert_eq!(
                held.await.unwrap().unwrap(),
                call(HELD, 1_000_000 + renewal)
            );
            watcher.gate.send_replace(false);
        }
        echo(&client, next).await;

        let seen = watcher.seen();
        let last = seen.last().unwrap();
        assert_eq!(last.auth_key_id, *keys.last().unwrap());
        let numbers: BTreeSet<u32> = seen.iter().map(|call| call.number).collect();
        assert_eq!(numbers.len(), seen.len(), "each call was executed once");
        let used: BTreeSet<u64> = seen.iter().map(|call| call.auth_key_id).collect();
        assert_eq!(used, keys.iter().copied().collect::<BTreeSet<u64>>());
        assert_eq!(used.len(), 4);
        let permanent = Some(client.key().id());
        assert!(seen.iter().all(|call| call.permanent_key_id == permanent));
        // The connection is initialised under each key anew.
        for key in used {
            let first = seen.iter().find(|call| call.auth_key_id == key).unwrap();
            assert!(first.initialises, "{first:?}");
        }
    });
}

#[test]
fn a_key_is_replaced_where_nothing_more_could_be_sent_for_a_while() {
    run_paused(async {
        let (server, _) = Watcher::server().await;
        let between = Between::client_and(server.local_addr()).await;
        let mut config = config(&server, None);
        config.address = between.address.clone();
        config.session.ping_interval = None;
        let KeySource::Pfs(pfs) = &mut config.key else {
            unreachable!("that is what it is");
        };
        pfs.expires_in_secs = 160;
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        let first = bound(&mut events).await;
        // More than the sockets take.
        between.gate.send_replace(false);
        let mut load = JoinSet::new();
        for _ in 0..40 {
            let client = client.clone();
            load.spawn(async move { client.invoke_raw(large()).await.unwrap() == large() });
        }
        for _ in 0..1000 {
            yield_now().await;
        }
        // An eighth of its time is left.
        advance(Duration::from_secs(141)).await;
        for _ in 0..1000 {
            yield_now().await;
        }
        between.gate.send_replace(true);
        assert_ne!(bound(&mut events).await, first);
        assert!(load.join_all().await.into_iter().all(|is_same| is_same));
    });
}

#[test]
fn a_temporary_key_that_the_server_has_forgotten_is_replaced() {
    run(async {
        let (server, watcher) = Watcher::server().await;
        let client = client(&server).await;
        let mut events = client.events();
        echo(&client, 1).await;
        let forgotten = watcher.seen()[0].auth_key_id;
        // The server forgets the key that this comes under.
        client.invoke(&DestroyAuthKey {}).await.unwrap();
        echo(&client, 2).await;
        let seen = watcher.seen();
        assert_eq!(seen.len(), 2);
        assert_ne!(seen[1].auth_key_id, forgotten);
        assert_eq!(seen[1].permanent_key_id, Some(client.key().id()));
        assert!(seen[1].initialises);
        let mut told = Vec::new();
        while !matches!(told.last(), Some(ClientEvent::Session(Event::TemporaryKeyBound { auth_key_id }))
            if *auth_key_id == seen[1].auth_key_id)
        {
            told.push(events.next().await.unwrap());
        }
        let not_found = ClientEvent::Session(Event::TransportError { code: 404 });
        assert!(told.contains(&not_found), "{told:?}");
    });
}

#[test]
fn a_handshake_goes_on_upon_the_next_connection() {
    run_paused(async {
        let (server, watcher) = Watcher::server().await;
        let client = client(&server).await;
        let mut events = client.events();
        let first = bound(&mut events).await;
        advance(Duration::from_secs(7001)).await;
        // The renewal is due, and there is no connection.
        server.disconnect_all();
        assert_ne!(bound(&mut events).await, first);
        echo(&client, 1).await;
        assert_ne!(watcher.seen()[0].auth_key_id, first);
    });
}

#[test]
fn temporary_keys_whose_time_is_over_take_no_room_from_others() {
    run_paused(async {
        let mut server_config = server_config();
        server_config.max_keys = 2;
        let (server, _) = server_with(server_config).await;
        // One key is permanent.
        let first = client(&server).await;
        let refused = Client::connect(config(&server, None)).await.unwrap_err();
        assert!(matches!(refused, ConnectError::Handshake(_)), "{refused}");
        drop(first);
        advance(Duration::from_secs(LIFETIME_SECS as u64)).await;
        let permanent = PermanentKey::from_storage([7; 256], UnixTime::default());
        let new = Client::connect(config(&server, Some(permanent)));
        new.await.unwrap();
    });
}

#[test]
fn what_is_stored_lets_the_client_come_back() {
    run(async {
        let (server, watcher) = Watcher::server().await;
        let first = client(&server).await;
        echo(&first, 1).await;
        let age = UnixTime::from(std::time::SystemTime::now()).since(first.created_at());
        assert!(age < Duration::from_secs(600), "{age:?}");
        let stored = (*first.key().as_bytes(), first.created_at());
        let state = first.export().await.unwrap();
        assert!(state.session.is_none() && state.salts.is_empty());
        assert!(state.server_time_offset_nanos.is_some());
        drop(first);

        let permanent = PermanentKey::from_storage(stored.0, stored.1);
        let second = Client::connect(config(&server, Some(permanent)))
            .await
            .unwrap();
        echo(&second, 2).await;
        let seen = watcher.seen();
        assert_eq!(seen[0].permanent_key_id, seen[1].permanent_key_id);
        assert_ne!(seen[0].auth_key_id, seen[1].auth_key_id);
    });
}

#[test]
fn a_permanent_key_that_is_lost_ends_all_calls() {
    run(async {
        let (server, _) = server().await;
        // The server never had it, and it is old.
        let permanent = PermanentKey::from_storage([7; 256], UnixTime::default());
        let client = Client::connect(config(&server, Some(permanent)))
            .await
            .unwrap();
        let mut events = client.events();
        for number in 1..3 {
            let error = client.invoke_raw(call(ECHO, number)).await.unwrap_err();
            assert!(matches!(error, InvokeError::PermanentKeyInvalid), "{error}");
        }
        let lost = ClientEvent::Session(Event::PermanentKeyInvalid);
        while events.next().await.unwrap() != lost {}
        client.export().await.unwrap();
    });
}

#[test]
fn a_permanent_key_that_is_new_is_not_given_up_for_a_refusal() {
    run_paused(async {
        let (server, _) = Watcher::server().await;
        let now = std::time::SystemTime::now();
        let permanent = PermanentKey::from_storage([7; 256], now.into());
        let client = Client::connect(config(&server, Some(permanent)))
            .await
            .unwrap();
        let mut events = client.events();
        let call = tokio::spawn({
            let client = client.clone();
            async move { client.invoke_raw(call(ECHO, 1)).await }
        });
        // Each is followed by another try, until the key is a minute old.
        for _ in 0..12 {
            loop {
                match events.next().await.unwrap() {
                    ClientEvent::Session(Event::BindingFailed { error: Some(error) }) => {
                        assert_eq!(error.message, "ENCRYPTED_MESSAGE_INVALID");
                        break;
                    }
                    ClientEvent::Session(Event::PermanentKeyInvalid) => panic!("too early"),
                    _ => {}
                }
            }
            assert!(!call.is_finished());
            advance(Duration::from_secs(5)).await;
        }
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(error, InvokeError::PermanentKeyInvalid), "{error}");
    });
}

#[test]
fn calls_that_wait_for_a_key_can_be_given_up() {
    run_paused(async {
        let (server, watcher) = Watcher::server().await;
        let now = std::time::SystemTime::now();
        let permanent = PermanentKey::from_storage([7; 256], now.into());
        let client = Client::connect(config(&server, Some(permanent)))
            .await
            .unwrap();
        let mut events = client.events();
        let failed = |event: &ClientEvent| {
            matches!(event, ClientEvent::Session(Event::BindingFailed { .. }))
        };
        let call = tokio::spawn({
            let client = client.clone();
            async move { client.invoke_raw(call(ECHO, 1)).await }
        });
        while !failed(&events.next().await.unwrap()) {}
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        advance(Duration::from_secs(5)).await;
        while !failed(&events.next().await.unwrap()) {}
        assert!(watcher.seen().is_empty());
    });
}
