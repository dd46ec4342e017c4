//! In requests of HTTP: the client's two connections, and how long the server holds its answers back.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mtproto_runtime::net::{Client, ClientEvent, Http, KeySource, Pfs, Server, Transport};
use mtproto_runtime::session::{self, ClientState, Event, Session};
use mtproto_runtime::transport::{Frame, HEAD_ROOM, Limits, http};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::{
    ECHO, HELD, call, client, client_config, client_over, handshake, number, run, server,
};
use crate::transports::{carries, speaks};

const UPDATE: u32 = 0x5e5e_5e5e;

fn http() -> Transport {
    Transport::Http(Http::new())
}

#[test]
fn calls_get_through() {
    run(async {
        let (server, _) = server().await;
        speaks(&server, http()).await;
    });
}

#[test]
fn calls_in_parallel_have_their_own_answers() {
    run(async {
        let (server, log) = server().await;
        let client = client_over(&server, http()).await;
        let mut tasks = JoinSet::new();
        for k in 0..100 {
            let client = client.clone();
            tasks.spawn(async move { number(&client.invoke_raw(call(ECHO, k)).await.unwrap()) });
        }
        let mut answered = tasks.join_all().await;
        answered.sort_unstable();
        assert_eq!(answered, Vec::from_iter(0..100));
        assert!(log.counts().values().all(|count| *count == 1));
    });
}

#[test]
fn a_call_that_takes_long_holds_up_no_other() {
    run(async {
        let (server, log) = server().await;
        let client = client_over(&server, http()).await;
        let mut slow = JoinSet::new();
        for k in 0..5 {
            let caller = client.clone();
            slow.spawn(async move { caller.invoke_raw(call(HELD, k)).await.unwrap() });
            log.has_seen(2 * k as usize + 1).await;
            let quick = call(ECHO, 100 + k);
            assert_eq!(client.invoke_raw(quick.clone()).await.unwrap(), quick);
        }
        log.open_gate();
        assert_eq!(slow.join_all().await.len(), 5);
    });
}

#[test]
fn updates_come_through_the_long_poll() {
    run(async {
        let (server, _) = server().await;
        let client = client_over(&server, http()).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        for k in 0..5 {
            let update = call(UPDATE, k);
            assert_eq!(server.send_update(client.key().id(), &update).unwrap(), 1);
            loop {
                let event = events.next().await.unwrap();
                if let ClientEvent::Session(Event::Update { body, .. }) = event {
                    assert_eq!(body, update);
                    break;
                }
            }
        }
    });
}

#[test]
fn calls_outlive_the_connections() {
    run(async {
        let (server, log) = server().await;
        let client = client_over(&server, http()).await;
        let mut events = client.events();
        let mut tasks = JoinSet::new();
        for k in 0..20 {
            let client = client.clone();
            tasks.spawn(async move { number(&client.invoke_raw(call(HELD, k)).await.unwrap()) });
        }
        log.has_seen(20).await;
        server.disconnect_all();
        while events.next().await.unwrap() != ClientEvent::Reconnected {}
        log.open_gate();
        let mut answered = tasks.join_all().await;
        answered.sort_unstable();
        assert_eq!(answered, Vec::from_iter(0..20));
        assert!(log.counts().values().all(|count| *count == 1));
    });
}

#[test]
fn temporary_keys_are_made_and_bound() {
    run(async {
        let (server, _) = server().await;
        let KeySource::Handshake(handshake) = handshake() else {
            unreachable!("that is what it is");
        };
        let mut config = client_config(&server);
        config.transports = vec![http()];
        config.key = KeySource::Pfs(Pfs::new(handshake, None));
        let client = Client::connect(config).await.unwrap();
        carries(&client).await;
    });
}

#[test]
fn a_key_that_the_server_does_not_know_is_told() {
    run(async {
        let (known, _) = server().await;
        let (other, _) = server().await;
        let of_known = client(&known).await;
        let mut config = client_config(&other);
        config.transports = vec![http()];
        config.key = KeySource::Known {
            key: of_known.key().clone(),
            state: of_known.export().await.unwrap(),
        };
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        let refused = ClientEvent::Session(Event::TransportError { code: 404 });
        while events.next().await.unwrap() != refused {}
    });
}

/// Passes on one request of each connection, and ends it with the answer, as HTTP allows.
#[test]
fn connections_may_end_after_each_answer() {
    run(async {
        let (server, _) = server().await;
        let target = server.local_addr();
        let between = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = between.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (near, _) = between.accept().await.unwrap();
                let far = TcpStream::connect(target).await.unwrap();
                tokio::spawn(pass_on_once(near, far));
            }
        });
        let client = client_over(&server, http().at(address.to_string())).await;
        let mut events = client.events();
        carries(&client).await;
        let update = call(UPDATE, 1);
        server.send_update(client.key().id(), &update).unwrap();
        // That comes without another connection of the session, as nothing has got lost.
        loop {
            match events.next().await.unwrap() {
                ClientEvent::Session(Event::Update { body, .. }) => break assert_eq!(body, update),
                event => assert!(
                    !matches!(
                        event,
                        ClientEvent::Disconnected { .. } | ClientEvent::Reconnected
                    ),
                    "{event:?}"
                ),
            }
        }
    });
}

/// Each answer on the first connection stands there twice, as soon as the key is made: the second one would be taken for that
/// to the next request.
#[test]
fn an_answer_too_many_ends_the_connection() {
    run(async {
        let (server, _) = server().await;
        let target = server.local_addr();
        let between = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = between.local_addr().unwrap();
        tokio::spawn(async move {
            for connection in 0.. {
                let (near, _) = between.accept().await.unwrap();
                let far = TcpStream::connect(target).await.unwrap();
                let (mut near, mut far) = (BufReader::new(near), BufReader::new(far));
                tokio::spawn(async move {
                    for answered in 0.. {
                        far.write_all(&read_message(&mut near).await?).await.ok()?;
                        let answer = read_message(&mut far).await?;
                        let times = if connection == 0 && answered > 2 {
                            2
                        } else {
                            1
                        };
                        near.write_all(&answer.repeat(times)).await.ok()?;
                    }
                    Some(())
                });
            }
        });
        let client = client_over(&server, http().at(address.to_string())).await;
        let mut events = client.events();
        for k in 0..3 {
            let body = call(ECHO, k);
            assert_eq!(client.invoke_raw(body.clone()).await.unwrap(), body);
        }
        loop {
            if let ClientEvent::Disconnected { reason } = events.next().await.unwrap() {
                break assert_eq!(reason.to_string(), "the server answered what was not asked");
            }
        }
    });
}

async fn pass_on_once(near: TcpStream, far: TcpStream) {
    let (mut near, mut far) = (BufReader::new(near), BufReader::new(far));
    let Some(request) = read_message(&mut near).await else {
        return;
    };
    let _ = far.write_all(&request).await;
    let Some(answer) = read_message(&mut far).await else {
        return;
    };
    let head = b"Connection: keep-alive";
    let at = answer
        .windows(head.len())
        .position(|window| window == head)
        .unwrap();
    let answer = [
        &answer[..at],
        b"Connection: close",
        &answer[at + head.len()..],
    ]
    .concat();
    let _ = near.write_all(&answer).await;
}

/// A message of HTTP, if another one comes.
async fn read_message(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let (mut message, mut len) = (String::new(), 0);
    while !message.ends_with("\r\n\r\n") {
        let start = message.len();
        if stream.read_line(&mut message).await.ok()? == 0 {
            return None;
        }
        if let Some(value) = message[start..].strip_prefix("Content-Length: ") {
            len = value.trim_end().parse().unwrap();
        }
    }
    let mut message = message.into_bytes();
    let start = message.len();
    message.resize(start + len, 0);
    stream.read_exact(&mut message[start..]).await.ok()?;
    Some(message)
}

/// A connection of a client in memory, where paused time is exact, with one request after the other.
struct Connection {
    stream: DuplexStream,
    answers: http::Answers,
}

/// A session that says nothing but how long the server may wait.
struct Waiting {
    server: Arc<Server>,
    session: Session,
}

impl Waiting {
    async fn start() -> (Self, Connection) {
        let server = Arc::new(server().await.0);
        let key = client(&server).await.key().clone();
        let state = ClientState::default();
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let mut config = session::Config::default();
        config.ack_count = 1;
        let now = SystemTime::now().into();
        let session = Session::client(config, key, &state, now, &mut rng);
        tokio::time::pause();
        let mut waiting = Self { server, session };
        let mut connection = waiting.connect().await;
        // It has to find out the salt, and that its session is new.
        waiting.ask(&mut connection, (0, 0, 0)).await;
        waiting.ask(&mut connection, (0, 0, 0)).await;
        assert_answer(waiting.ask(&mut connection, (0, 0, 0)).await, 0, 0);
        (waiting, connection)
    }

    async fn connect(&self) -> Connection {
        let (near, far) = tokio::io::duplex(1 << 16);
        self.server.serve(far).await;
        let answers = http::Answers::new(Limits::default());
        Connection {
            stream: near,
            answers,
        }
    }

    /// How long an answer takes, and how many updates it has in it.
    async fn ask(
        &mut self,
        connection: &mut Connection,
        wait: (i32, i32, i32),
    ) -> (Duration, usize) {
        self.post(connection, wait).await;
        self.answer(connection).await
    }

    async fn post(
        &mut self,
        connection: &mut Connection,
        (max_delay, wait_after, max_wait): (i32, i32, i32),
    ) {
        self.session.http_wait(max_delay, wait_after, max_wait);
        self.post_what_there_is(connection).await;
    }

    async fn post_what_there_is(&mut self, connection: &mut Connection) {
        let now = SystemTime::now().into();
        let mut packet = vec![0; HEAD_ROOM];
        self.session.poll_transmit(now, &mut packet).unwrap();
        let request = http::encode_request("dc.test", "/api", &mut packet).unwrap();
        connection.stream.write_all(request).await.unwrap();
    }

    async fn answer(&mut self, connection: &mut Connection) -> (Duration, usize) {
        let start = Instant::now();
        loop {
            if let Some(frame) = connection.answers.next_answer().unwrap() {
                let Frame::Packet { payload, .. } = frame else {
                    panic!("{frame:?}");
                };
                // The first ones are refused for their salt.
                self.session
                    .handle_input(SystemTime::now().into(), payload)
                    .unwrap();
                break;
            }
            let len = connection
                .stream
                .read(connection.answers.spare())
                .await
                .unwrap();
            assert!(len > 0, "the connection has ended");
            connection.answers.filled(len);
        }
        let events = std::iter::from_fn(|| self.session.poll_event());
        let updates = events
            .filter(|event| matches!(event, Event::Update { .. }))
            .count();
        (start.elapsed(), updates)
    }

    fn update(&self) {
        let key = self.session.key().id();
        let sent = self.server.send_update(key, &call(UPDATE, 1)).unwrap();
        assert!(sent > 0, "the server knows the session");
    }

    /// Sends updates at these times from now on.
    fn updates_at(&self, millis: &'static [u64]) {
        let (server, key) = (Arc::clone(&self.server), self.session.key().id());
        tokio::spawn(async move {
            let start = Instant::now();
            for at in millis {
                tokio::time::sleep_until(start + Duration::from_millis(*at)).await;
                server.send_update(key, &call(UPDATE, 1)).unwrap();
            }
        });
    }
}

/// An answer after so long, with so many updates. Timers go by whole milliseconds.
#[track_caller]
fn assert_answer((after, updates): (Duration, usize), millis: u64, expected_updates: usize) {
    assert!(
        after.abs_diff(Duration::from_millis(millis)) <= Duration::from_millis(5),
        "{after:?} instead of {millis} ms"
    );
    assert_eq!(updates, expected_updates);
}

#[test]
fn without_messages_the_answer_is_held_back_and_then_empty() {
    run(async {
        let (mut waiting, mut connection) = Waiting::start().await;
        for wait in [1, 7_000, 60_000] {
            let answer = waiting.ask(&mut connection, (0, 0, wait)).await;
            assert_answer(answer, u64::try_from(wait).unwrap(), 0);
        }
        // What is less than nothing is nothing.
        assert_answer(waiting.ask(&mut connection, (-1, -1, -1)).await, 0, 0);
    });
}

#[test]
fn what_says_nothing_about_waiting_waits_for_25_seconds() {
    run(async {
        let (mut waiting, mut connection) = Waiting::start().await;
        waiting.update();
        assert_answer(waiting.ask(&mut connection, (0, 0, 0)).await, 0, 1);
        // All it says is that it has got that.
        waiting.post_what_there_is(&mut connection).await;
        assert_answer(waiting.answer(&mut connection).await, 25_000, 0);
    });
}

#[test]
fn a_message_ends_the_waiting() {
    run(async {
        let (mut waiting, mut connection) = Waiting::start().await;
        waiting.updates_at(&[4_000]);
        let answer = waiting.ask(&mut connection, (0, 0, 60_000)).await;
        assert_answer(answer, 4_000, 1);
        // One that is there already, at once.
        waiting.update();
        let answer = waiting.ask(&mut connection, (0, 0, 60_000)).await;
        assert_answer(answer, 0, 1);
    });
}

#[test]
fn messages_are_collected_as_long_as_the_client_says() {
    run(async {
        let (mut waiting, mut connection) = Waiting::start().await;
        // Until none has come for a second.
        waiting.updates_at(&[2_000, 2_500, 3_400]);
        let answer = waiting.ask(&mut connection, (10_000, 1_000, 60_000)).await;
        assert_answer(answer, 4_400, 3);
        // No longer than that after the first.
        waiting.updates_at(&[2_000, 2_500, 3_400, 4_000]);
        let answer = waiting.ask(&mut connection, (1_700, 1_000, 60_000)).await;
        assert_answer(answer, 3_700, 3);
        assert_answer(waiting.ask(&mut connection, (0, 0, 60_000)).await, 300, 1);
        // And no longer than that in all.
        waiting.updates_at(&[2_000]);
        let answer = waiting.ask(&mut connection, (9_000, 9_000, 3_000)).await;
        assert_answer(answer, 3_000, 1);
    });
}

#[test]
fn each_connection_waits_as_its_own_request_says() {
    run(async {
        let (mut waiting, mut first) = Waiting::start().await;
        let mut second = waiting.connect().await;
        waiting.post(&mut first, (0, 0, 60_000)).await;
        assert_answer(waiting.ask(&mut second, (0, 0, 0)).await, 0, 0);
        assert_answer(waiting.ask(&mut second, (0, 0, 500)).await, 500, 0);
        waiting.update();
        assert_answer(waiting.answer(&mut first).await, 0, 1);
    });
}

#[test]
fn a_client_that_goes_away_is_noticed() {
    run(async {
        let (mut waiting, mut first) = Waiting::start().await;
        let mut second = waiting.connect().await;
        waiting.post(&mut second, (0, 0, 60_000)).await;
        drop(second);
        waiting.update();
        let answer = waiting.ask(&mut first, (0, 0, 60_000)).await;
        assert_answer(answer, 0, 1);
    });
}
