//! Delays between connections, pings, and the order of transports, while time stands still but for what a test adds.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mtproto_runtime::net::{Backoff, Client, ClientEvent, Events, Transport};
use mtproto_runtime::transport::Framing;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::advance;

use crate::several::Between;
use crate::support::{ECHO, call, client_config, run_paused, server};

/// Lets connections through to a server, or not, by their number and their first byte.
struct Keeper {
    address: String,
    /// The first bytes of the connections.
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Keeper {
    async fn of(
        target: std::net::SocketAddr,
        lets_through: impl Fn(usize, u8) -> bool + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&seen);
        tokio::spawn(async move {
            for number in 0.. {
                let (mut near, _) = listener.accept().await.unwrap();
                let first = near.read_u8().await.unwrap();
                notes.lock().unwrap().push(first);
                if lets_through(number, first) {
                    let mut far = TcpStream::connect(target).await.unwrap();
                    far.write_u8(first).await.unwrap();
                    tokio::spawn(async move {
                        tokio::io::copy_bidirectional(&mut near, &mut far).await
                    });
                }
            }
        });
        Self { address, seen }
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

async fn disconnected(events: &mut Events) -> String {
    loop {
        if let ClientEvent::Disconnected { reason } = events.next().await.unwrap() {
            return reason.to_string();
        }
    }
}

async fn echo(client: &Client, number: u32) {
    let body = client.invoke_raw(call(ECHO, number)).await.unwrap();
    assert_eq!(body, call(ECHO, number));
}

/// Lets all tasks go on that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn delays_double_until_a_connection_brings_something() {
    run_paused(async {
        let (server, _) = server().await;
        // After the first, five connections are closed at once.
        let keeper = Keeper::of(server.local_addr(), |number, _| !(1..6).contains(&number)).await;
        let mut config = client_config(&server);
        config.address.clone_from(&keeper.address);
        config.backoff = Backoff {
            first: Duration::from_secs(1),
            max: Duration::from_secs(8),
            jitter: 0.0,
        };
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        echo(&client, 1).await;
        server.disconnect_all();
        for (tries, secs) in (1..).zip([1, 2, 4, 8, 8, 8]) {
            disconnected(&mut events).await;
            advance(Duration::from_secs(secs) - Duration::from_millis(2)).await;
            settle().await;
            assert_eq!(keeper.count(), tries, "it came too early");
            advance(Duration::from_millis(2)).await;
            while keeper.count() == tries {
                tokio::task::yield_now().await;
            }
        }
        echo(&client, 2).await;
        // It has brought something: the delay is the first one again.
        server.disconnect_all();
        disconnected(&mut events).await;
        advance(Duration::from_millis(1001)).await;
        echo(&client, 3).await;
    });
}

#[test]
fn chance_shortens_delays_by_no_more_than_its_part() {
    run_paused(async {
        let (server, _) = server().await;
        let keeper = Keeper::of(server.local_addr(), |_, _| true).await;
        let mut config = client_config(&server);
        config.address.clone_from(&keeper.address);
        config.backoff = Backoff {
            first: Duration::from_secs(10),
            max: Duration::from_secs(10),
            jitter: 0.5,
        };
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        for round in 1..6 {
            echo(&client, round).await;
            server.disconnect_all();
            disconnected(&mut events).await;
            advance(Duration::from_millis(4998)).await;
            settle().await;
            assert_eq!(keeper.count(), round as usize);
            advance(Duration::from_millis(5003)).await;
        }
        echo(&client, 6).await;
    });
}

#[test]
fn transports_are_tried_in_their_order_when_connections_bring_nothing() {
    run_paused(async {
        let (server, _) = server().await;
        // From the second connection on, abridged (ef) and intermediate (ee) do not get through.
        let keeper = Keeper::of(server.local_addr(), |number, first| {
            number == 0 || ![0xef, 0xee].contains(&first)
        })
        .await;
        let mut config = client_config(&server);
        config.address.clone_from(&keeper.address);
        config.transports = [
            Framing::Abridged,
            Framing::Intermediate,
            Framing::PaddedIntermediate,
        ]
        .map(Transport::Plain)
        .to_vec();
        let client = Client::connect(config).await.unwrap();
        echo(&client, 1).await;
        server.disconnect_all();
        echo(&client, 2).await;
        // The one that had worked is tried once more.
        assert_eq!(*keeper.seen.lock().unwrap(), [0xef, 0xef, 0xee, 0xdd]);
    });
}

#[test]
fn pings_keep_a_silent_connection_alive() {
    run_paused(async {
        let (server, _) = server().await;
        let between = Between::client_and(server.local_addr()).await;
        let mut config = client_config(&server);
        config.address.clone_from(&between.address);
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        echo(&client, 0).await;
        for minute in 1..20 {
            let before = between.counts()[0];
            advance(Duration::from_secs(60)).await;
            while between.counts()[0] == before {
                tokio::task::yield_now().await;
            }
            // What comes after the ping is answered after it.
            echo(&client, minute).await;
        }
        assert_eq!(between.counts().len(), 1);
        drop(client);
        while let Some(event) = events.next().await {
            assert!(
                !matches!(event, ClientEvent::Disconnected { .. }),
                "{event:?}"
            );
        }
    });
}

#[test]
fn a_connection_on_which_nothing_comes_is_left() {
    run_paused(async {
        let (server, _) = server().await;
        let between = Between::client_and(server.local_addr()).await;
        let mut config = client_config(&server);
        config.address.clone_from(&between.address);
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        echo(&client, 0).await;
        between.gate.send_replace(false);
        // Something that is in the gate already may pass.
        let call = tokio::spawn({
            let client = client.clone();
            async move { echo(&client, 1).await }
        });
        settle().await;
        let told = tokio::spawn(async move { disconnected(&mut events).await });
        for _ in 0..20 {
            advance(Duration::from_secs(16)).await;
            settle().await;
            if told.is_finished() {
                break;
            }
        }
        assert!(told.is_finished(), "minutes without a word");
        assert_eq!(
            told.await.unwrap(),
            "the other side has been silent for too long"
        );
        between.gate.send_replace(true);
        call.await.unwrap();
    });
}
