//! Through an MTProxy, and by the first of several transports that works. The proxy here knows one secret, and passes packets on.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mtproto_runtime::net::{Client, ClientEvent, ConnectError, LinkError, Transport};
use mtproto_runtime::transport::{
    AcceptOptions, Accepted, Acceptor, Connector, DcId, Decoder, Encoder, Error, Frame, Framing,
    HEAD_ROOM, ProxySecret,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{
    ECHO, call, client_config, client_over, run, server, server_config, server_with,
};
use crate::transports::speaks;

const PLAIN: &str = "000102030405060708090a0b0c0d0e0f";
const PADDED: &str = "dd101112131415161718191a1b1c1d1e1f";
/// Of example.com.
const FAKE_TLS: &str = "ee202122232425262728292a2b2c2d2e2f6578616d706c652e636f6d";
const DC: u8 = 2;

fn secret(text: &str) -> ProxySecret {
    ProxySecret::parse(text).unwrap()
}

fn by_proxy(text: &str, address: SocketAddr) -> Transport {
    let (framing, dc) = (Framing::Intermediate, DcId::new(DC));
    let secret = secret(text);
    let transport = Transport::Proxy {
        framing,
        secret,
        dc,
    };
    transport.at(address.to_string())
}

/// What a proxy makes of those who come: the framing within the secret, or why it sends them away.
type Guests = Arc<Mutex<Vec<Result<Framing, Error>>>>;

/// Knows this secret, and passes packets on to the server.
async fn proxy(text: &str, target: SocketAddr) -> (SocketAddr, Guests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let options = AcceptOptions {
        secrets: vec![secret(text)],
        without_secret: false,
        ..AcceptOptions::default()
    };
    let guests = Guests::default();
    let log = Arc::clone(&guests);
    tokio::spawn(async move {
        for seed in 0.. {
            let (near, _) = listener.accept().await.unwrap();
            let acceptor = Acceptor::new(options.clone());
            tokio::spawn(serve(near, acceptor, target, Arc::clone(&log), seed));
        }
    });
    (address, guests)
}

async fn serve(
    mut near: TcpStream,
    mut acceptor: Acceptor,
    target: SocketAddr,
    guests: Guests,
    seed: u64,
) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let unix_time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let unix_time = u32::try_from(unix_time).unwrap();
    let (client, arrival) = loop {
        let mut out = Vec::new();
        let accepted = acceptor.poll(unix_time, &mut out, &mut rng);
        near.write_all(&out).await.unwrap();
        match accepted {
            Ok(Some(Accepted::Packets {
                connection,
                arrival,
            })) => break (connection, arrival),
            Ok(_) => {}
            Err(error) => return guests.lock().unwrap().push(Err(error)),
        }
        let len = near.read(acceptor.spare()).await.unwrap();
        if len == 0 {
            return;
        }
        acceptor.filled(len);
    };
    assert_eq!((arrival.secret, arrival.dc), (Some(0), Some(DcId::new(DC))));
    guests.lock().unwrap().push(Ok(arrival.framing));
    let far = TcpStream::connect(target).await.unwrap();
    let server = Connector::obfuscated(Framing::Abridged, &mut rng)
        .unwrap()
        .poll();
    let server = server.unwrap().unwrap();
    let (from_client, to_client) = near.into_split();
    let (from_server, to_server) = far.into_split();
    let up = (
        ChaCha20Rng::seed_from_u64(seed),
        ChaCha20Rng::seed_from_u64(!seed),
    );
    tokio::spawn(pass_on(
        from_client,
        client.decoder,
        to_server,
        server.encoder,
        up.0,
    ));
    pass_on(from_server, server.decoder, to_client, client.encoder, up.1).await;
}

/// Passes on what comes, until one of the sides ends.
async fn pass_on(
    mut from: OwnedReadHalf,
    mut decoder: Decoder,
    mut to: OwnedWriteHalf,
    mut encoder: Encoder,
    mut rng: ChaCha20Rng,
) {
    // The first packet may have come with what set the connection up.
    loop {
        while let Some(frame) = decoder.next_frame().unwrap() {
            let mut buffer = vec![0; HEAD_ROOM];
            let bytes = match frame {
                Frame::Packet { payload, quick_ack } => {
                    buffer.extend_from_slice(payload);
                    encoder.encode(&mut buffer, quick_ack, &mut rng)
                }
                Frame::Error(error) => encoder.encode_error(error, &mut buffer, &mut rng),
                other => panic!("{other:?}"),
            };
            if to.write_all(bytes.unwrap()).await.is_err() {
                return;
            }
        }
        match from.read(decoder.spare()).await {
            Ok(len @ 1..) => decoder.filled(len),
            _ => return,
        }
    }
}

#[test]
fn each_form_of_a_secret_gets_through() {
    run(async {
        let (server, _) = server().await;
        for (text, framing) in [
            (PLAIN, Framing::Intermediate),
            (PADDED, Framing::PaddedIntermediate),
            (FAKE_TLS, Framing::PaddedIntermediate),
        ] {
            let (address, guests) = proxy(text, server.local_addr()).await;
            speaks(&server, by_proxy(text, address)).await;
            assert_eq!(*guests.lock().unwrap(), [Ok(framing)]);
        }
    });
}

#[test]
fn another_secret_of_the_same_form_does_not() {
    run(async {
        let (server, _) = server().await;
        for (right, wrong) in [
            (PLAIN, "ff0102030405060708090a0b0c0d0e0f"),
            (PADDED, "ddff1112131415161718191a1b1c1d1e1f"),
            (
                FAKE_TLS,
                "eeff2122232425262728292a2b2c2d2e2f6578616d706c652e636f6d",
            ),
        ] {
            let (address, guests) = proxy(right, server.local_addr()).await;
            let mut config = client_config(&server);
            config.transports = vec![by_proxy(wrong, address)];
            let outcome = Client::connect(config).await;
            assert!(
                matches!(
                    outcome,
                    Err(ConnectError::Link(LinkError::Closed | LinkError::Io(_)))
                ),
                "{outcome:?}"
            );
            let guests = guests.lock().unwrap();
            assert!(matches!(guests[..], [Err(_)]), "{guests:?}");
        }
    });
}

#[test]
fn calls_outlive_a_connection_through_a_proxy() {
    run(async {
        let (server, log) = server().await;
        let (address, guests) = proxy(FAKE_TLS, server.local_addr()).await;
        let client = client_over(&server, by_proxy(FAKE_TLS, address)).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        server.disconnect_all();
        client.invoke_raw(call(ECHO, 2)).await.unwrap();
        while events.next().await.unwrap() != ClientEvent::Reconnected {}
        assert_eq!(guests.lock().unwrap().len(), 2);
        assert_eq!(log.counts(), [(1, 1), (2, 1)].into());
    });
}

/// An address where nobody listens.
async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Transports that fail, each in its own way.
async fn failing(target: SocketAddr) -> Vec<Transport> {
    let (strict, _) = proxy(PLAIN, target).await;
    let mut all = vec![
        Transport::Obfuscated(Framing::Full),
        Transport::Plain(Framing::Abridged).at(nowhere().await),
        by_proxy("ff0102030405060708090a0b0c0d0e0f", strict),
        // Not a proxy: it knows no secret, and no TLS.
        by_proxy(FAKE_TLS, target),
    ];
    #[cfg(feature = "socks5")]
    {
        let proxy = mtproto_runtime::net::Socks5::new(nowhere().await);
        all.push(Transport::Plain(Framing::Abridged).through(proxy));
    }
    #[cfg(feature = "tls")]
    {
        let tls = mtproto_runtime::net::Tls::with_webpki_roots().unwrap();
        all.push(Transport::Plain(Framing::Abridged).over_tls(tls));
    }
    #[cfg(feature = "websocket")]
    {
        let mut socket = mtproto_runtime::net::WebSocket::new(Framing::Abridged);
        // No header can have that.
        socket.host = Some("dc\u{0}test".into());
        all.push(Transport::WebSocket(socket));
    }
    #[cfg(feature = "http")]
    {
        let mut http = mtproto_runtime::net::Http::new();
        http.path = "/elsewhere".into();
        all.push(Transport::Http(http));
    }
    all
}

#[test]
fn the_first_transport_that_works_is_taken_whatever_is_wrong_with_those_before() {
    run(async {
        let (server, _) = server().await;
        let target = server.local_addr();
        let (address, guests) = proxy(PADDED, target).await;
        for transport in failing(target).await {
            let mut config = client_config(&server);
            config.transports = vec![transport.clone()];
            let outcome = Client::connect(config).await;
            assert!(outcome.is_err(), "{transport:?}");
        }
        let mut config = client_config(&server);
        config.transports = failing(target).await;
        config.transports.push(by_proxy(PADDED, address));
        let client = Client::connect(config).await.unwrap();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        assert_eq!(guests.lock().unwrap().len(), 1);
    });
}

#[test]
fn a_transport_that_stops_working_is_left_for_one_that_does() {
    run(async {
        let (server, log) = server().await;
        let target = server.local_addr();
        // The first way is open for one connection.
        let between = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let once = between.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let (mut near, _) = between.accept().await.unwrap();
            drop(between);
            let mut far = TcpStream::connect(target).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        });
        let (address, guests) = proxy(PADDED, target).await;
        let mut config = client_config(&server);
        config.transports = vec![Transport::Plain(Framing::Intermediate).at(once)];
        config.transports.extend(failing(target).await);
        config.transports.push(by_proxy(PADDED, address));
        let client = Client::connect(config).await.unwrap();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        assert!(guests.lock().unwrap().is_empty());
        server.disconnect_all();
        client.invoke_raw(call(ECHO, 2)).await.unwrap();
        assert_eq!(guests.lock().unwrap().len(), 1);
        assert_eq!(log.counts(), [(1, 1), (2, 1)].into());
    });
}

#[test]
fn whoever_never_answers_is_not_waited_for_longer_than_configured() {
    run(async {
        let (server, _) = server().await;
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = silent.local_addr().unwrap().to_string();
        let mut config = client_config(&server);
        config.transports = vec![Transport::Plain(Framing::Full).at(address)];
        config.connect_timeout = Duration::from_millis(1);
        let outcome = Client::connect(config).await;
        assert!(
            matches!(outcome, Err(ConnectError::TimedOut(_))),
            "{outcome:?}"
        );
    });
}

/// Who has seen a hello of a client goes on with it, and learns nothing: not even that there is a server of fake TLS.
#[test]
fn a_hello_is_taken_once() {
    run(async {
        let mut config = server_config();
        config.accept.secrets = vec![secret(FAKE_TLS)];
        let (server, _) = server_with(config).await;
        let mut hello = {
            let mut rng = ChaCha20Rng::seed_from_u64(1);
            let unix_time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            let unix_time = u32::try_from(unix_time.as_secs()).unwrap();
            let (framing, dc) = (Framing::PaddedIntermediate, DcId::new(DC));
            let connector =
                Connector::proxy(framing, &secret(FAKE_TLS), dc, unix_time, &mut rng).unwrap();
            connector.outgoing().to_vec()
        };
        for (is_first, other_time) in [(true, 0), (false, 0), (false, 1)] {
            // Nothing guards the time, which ends the 32 random bytes.
            hello[11 + 28] ^= other_time;
            let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
            stream.write_all(&hello).await.unwrap();
            let mut answer = [0; 3];
            let read = stream.read(&mut answer).await;
            // What was not read is lost with a connection that is reset.
            assert_eq!(matches!(read, Ok(3)), is_first, "{read:?}");
            assert_eq!(answer == [0x16, 3, 3], is_first);
        }
    });
}
