//! Several connections of one session.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mtproto_runtime::net::{Client, ClientEvent};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::advance;

use crate::support::{ECHO, call, client_config, number, run_paused, server};

/// Stands between a client and a server, and passes on what they say, from the client only while the gate is open.
pub(crate) struct Between {
    pub(crate) address: String,
    pub(crate) gate: watch::Sender<bool>,
    connections: Arc<Mutex<Vec<Passing>>>,
}

/// How many bytes came by a connection, and how to cut it.
type Passing = (Arc<AtomicUsize>, AbortHandle);

impl Between {
    pub(crate) async fn client_and(target: std::net::SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let between = Self {
            address: listener.local_addr().unwrap().to_string(),
            gate: watch::Sender::new(true),
            connections: Arc::default(),
        };
        let connections = Arc::clone(&between.connections);
        let gate = between.gate.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(target).await.unwrap();
                let count = Arc::new(AtomicUsize::new(0));
                let task = tokio::spawn(pass_on(near, far, Arc::clone(&count), gate.subscribe()));
                connections
                    .lock()
                    .unwrap()
                    .push((count, task.abort_handle()));
            }
        });
        between
    }

    pub(crate) fn counts(&self) -> Vec<usize> {
        let connections = self.connections.lock().unwrap();
        let count = |connection: &Passing| connection.0.load(Ordering::Relaxed);
        connections.iter().map(count).collect()
    }
}

async fn pass_on(
    near: TcpStream,
    far: TcpStream,
    count: Arc<AtomicUsize>,
    mut gate: watch::Receiver<bool>,
) {
    let (mut from_client, mut to_client) = near.into_split();
    let (mut from_server, mut to_server) = far.into_split();
    let back = tokio::io::copy(&mut from_server, &mut to_client);
    let forth = async {
        let mut room = vec![0; 1 << 16];
        loop {
            gate.wait_for(|is_open| *is_open).await.unwrap();
            match from_client.read(&mut room).await {
                Ok(len @ 1..) => {
                    count.fetch_add(len, Ordering::Relaxed);
                    to_server.write_all(&room[..len]).await?;
                }
                _ => return std::io::Result::Ok(()),
            }
        }
    };
    // Both are dropped when one ends.
    tokio::select! {
        _ = back => {}
        _ = forth => {}
    }
}

/// A part of an upload, which does not become shorter by compression.
fn part(number: u32) -> Vec<u8> {
    let mut body = call(ECHO, number);
    let mut state = u64::from(number) + 1;
    body.extend((0..(512 << 10) / 8).flat_map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 24).to_le_bytes()
    }));
    body
}

fn upload(client: &Client, count: u32) -> JoinSet<u32> {
    let mut tasks = JoinSet::new();
    for k in 0..count {
        let client = client.clone();
        tasks.spawn(async move { number(&client.invoke_raw(part(k)).await.unwrap()) });
    }
    tasks
}

#[test]
fn large_uploads_take_as_many_connections_as_allowed_and_small_calls_one() {
    run_paused(async {
        let (server, log) = server().await;
        let between = Between::client_and(server.local_addr()).await;
        let mut config = client_config(&server);
        config.address.clone_from(&between.address);
        config.connections = 3;
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        for k in 1000..1020 {
            client.invoke_raw(call(ECHO, k)).await.unwrap();
        }
        assert_eq!(between.counts().len(), 1);

        // Nobody reads until there are three connections, so that there is more to send than they take.
        between.gate.send_replace(false);
        let tasks = upload(&client, 48);
        while between.counts().len() < 3 {
            tokio::task::yield_now().await;
        }
        between.gate.send_replace(true);
        let mut answered = tasks.join_all().await;
        answered.sort_unstable();
        assert_eq!(answered, Vec::from_iter(0..48));
        let counts = between.counts();
        assert_eq!(counts.len(), 3, "{counts:?}");
        assert!(counts.iter().all(|count| *count >= 512 << 10), "{counts:?}");
        assert!(log.counts().values().all(|count| *count == 1));

        // Those that are of no use any more are closed, the first stays.
        advance(Duration::from_secs(31)).await;
        let mut closed = 0;
        while closed < 2 {
            match events.next().await.unwrap() {
                ClientEvent::Disconnected { reason } => {
                    assert_eq!(reason.to_string(), "this side has closed the connection");
                    closed += 1;
                }
                ClientEvent::Reconnected => panic!("the first has ended"),
                _ => {}
            }
        }
        client.invoke_raw(call(ECHO, 2000)).await.unwrap();
        assert_eq!(between.counts().len(), 3);
    });
}

#[test]
fn one_of_several_connections_ends_and_nothing_is_lost_or_done_twice() {
    run_paused(async {
        let (server, log) = server().await;
        let between = Between::client_and(server.local_addr()).await;
        let mut config = client_config(&server);
        config.address.clone_from(&between.address);
        config.connections = 3;
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        between.gate.send_replace(false);
        let tasks = upload(&client, 48);
        while between.counts().len() < 3 {
            tokio::task::yield_now().await;
        }
        // One goes down with what it has taken.
        let cut = between.connections.lock().unwrap()[1].1.clone();
        cut.abort();
        while !matches!(
            events.next().await.unwrap(),
            ClientEvent::Disconnected { .. }
        ) {}
        between.gate.send_replace(true);
        let mut answered = tasks.join_all().await;
        answered.sort_unstable();
        assert_eq!(answered, Vec::from_iter(0..48));
        let counts = log.counts();
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    });
}
