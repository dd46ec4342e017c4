//! In WebSockets: ours with ours, and either side with tungstenite, which stands in for all others.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use mtproto_runtime::net::{Client, ClientEvent, ConnectError, LinkError, Transport, WebSocket};
use mtproto_runtime::transport::{Error, Framing, HttpError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async, client_async};

use crate::support::{ECHO, call, client_config, client_over, run, server};
use crate::transports::speaks;

const FRAMINGS: [Framing; 3] = [
    Framing::Abridged,
    Framing::Intermediate,
    Framing::PaddedIntermediate,
];

fn web_socket(framing: Framing) -> Transport {
    Transport::WebSocket(WebSocket::new(framing))
}

/// What one side of a bridge has seen.
#[derive(Clone, Default)]
struct Seen {
    /// Path, host and protocol of each upgrade.
    upgrades: Arc<Mutex<Vec<[String; 3]>>>,
    pongs: Arc<Mutex<usize>>,
}

/// Passes bytes on between a WebSocket and a socket: in messages that have nothing to do with packets, and with pings.
async fn bridge(mut web: WebSocketStream<TcpStream>, socket: TcpStream, seen: Seen) {
    web.send(Message::Ping(b"are you there?".as_slice().into()))
        .await
        .unwrap();
    let (mut to_web, mut from_web) = web.split();
    let (mut from_socket, mut to_socket) = socket.into_split();
    tokio::spawn(async move {
        let mut room = [0; 777];
        while let Ok(len @ 1..) = from_socket.read(&mut room).await {
            let message = Message::Binary(room[..len].to_vec().into());
            if to_web.send(message).await.is_err() {
                return;
            }
        }
        let _ = to_web.close().await;
    });
    while let Some(Ok(message)) = from_web.next().await {
        match message {
            Message::Binary(bytes) => to_socket.write_all(&bytes).await.unwrap(),
            Message::Pong(payload) => {
                assert_eq!(&*payload, b"are you there?");
                *seen.pongs.lock().unwrap() += 1;
            }
            Message::Close(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// A server of tungstenite, which passes on to a server of MTProto.
async fn web_server(target: SocketAddr) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let log = seen.clone();
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            let seen = log.clone();
            #[allow(clippy::result_large_err, reason = "the type is that of the callback")]
            let check = |request: &Request, mut response: Response| -> Result<_, ErrorResponse> {
                let header = |name| request.headers()[name].to_str().unwrap().to_owned();
                let protocol = header("sec-websocket-protocol");
                let upgrade = [request.uri().to_string(), header("host"), protocol];
                seen.upgrades.lock().unwrap().push(upgrade);
                let protocol = request.headers()["sec-websocket-protocol"].clone();
                response
                    .headers_mut()
                    .insert("sec-websocket-protocol", protocol);
                Ok(response)
            };
            let web = accept_hdr_async(near, check).await.unwrap();
            let far = TcpStream::connect(target).await.unwrap();
            tokio::spawn(bridge(web, far, seen.clone()));
        }
    });
    (address, seen)
}

/// A client of tungstenite, which passes a client of MTProto on to a server with WebSockets.
async fn web_client(target: SocketAddr) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let log = seen.clone();
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            let far = TcpStream::connect(target).await.unwrap();
            let mut request = format!("ws://{target}/apiws")
                .into_client_request()
                .unwrap();
            request
                .headers_mut()
                .insert("sec-websocket-protocol", "binary".parse().unwrap());
            let (web, _) = client_async(request, far).await.unwrap();
            tokio::spawn(bridge(web, near, log.clone()));
        }
    });
    (address, seen)
}

#[test]
fn ours_with_ours() {
    run(async {
        let (server, _) = server().await;
        for framing in FRAMINGS {
            speaks(&server, web_socket(framing)).await;
        }
    });
}

#[test]
fn our_client_with_another_server() {
    run(async {
        let (server, _) = server().await;
        let (address, seen) = web_server(server.local_addr()).await;
        for framing in FRAMINGS {
            speaks(&server, web_socket(framing).at(address.to_string())).await;
        }
        let mut elsewhere = WebSocket::new(Framing::Abridged);
        elsewhere.path = "/apiws_test".into();
        elsewhere.host = Some("venus.web.telegram.org".into());
        speaks(
            &server,
            Transport::WebSocket(elsewhere).at(address.to_string()),
        )
        .await;
        let usual = ["/apiws".into(), address.to_string(), "binary".into()];
        let named = ["/apiws_test", "venus.web.telegram.org", "binary"].map(String::from);
        let expected = [usual.clone(), usual.clone(), usual, named];
        assert_eq!(*seen.upgrades.lock().unwrap(), expected);
        assert_eq!(*seen.pongs.lock().unwrap(), 4);
    });
}

#[test]
fn another_client_with_our_server() {
    run(async {
        let (server, _) = server().await;
        let (address, seen) = web_client(server.local_addr()).await;
        for framing in FRAMINGS {
            speaks(
                &server,
                Transport::Obfuscated(framing).at(address.to_string()),
            )
            .await;
        }
        assert_eq!(*seen.pongs.lock().unwrap(), 3);
    });
}

#[test]
fn a_close_ends_the_connection_and_is_answered() {
    run(async {
        let (server, _) = server().await;
        // Somebody who ends each WebSocket in its own way, after the first message in it.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let closing = tokio::spawn(async move {
            let (near, _) = listener.accept().await.unwrap();
            #[allow(clippy::result_large_err, reason = "the type is that of the callback")]
            let agree =
                |_: &Request, response: Response| -> Result<_, ErrorResponse> { Ok(response) };
            let mut web = accept_hdr_async(near, agree).await.unwrap();
            assert!(matches!(web.next().await, Some(Ok(Message::Binary(_)))));
            web.close(None).await.unwrap();
            // What answers it is all that comes.
            let answer = web.next().await;
            assert!(
                matches!(answer, Some(Ok(Message::Close(Some(_))))),
                "{answer:?}"
            );
        });
        let mut config = client_config(&server);
        config.transports = vec![web_socket(Framing::Abridged).at(address.to_string())];
        let outcome = Client::connect(config).await;
        assert!(
            matches!(outcome, Err(ConnectError::Link(LinkError::Closed))),
            "{outcome:?}"
        );
        closing.await.unwrap();
    });
}

#[test]
fn calls_outlive_a_web_socket() {
    run(async {
        let (server, _) = server().await;
        let client = client_over(&server, web_socket(Framing::Intermediate)).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        server.disconnect_all();
        assert_eq!(
            client.invoke_raw(call(ECHO, 2)).await.unwrap(),
            call(ECHO, 2)
        );
        while events.next().await.unwrap() != ClientEvent::Reconnected {}
    });
}

#[test]
fn a_server_that_does_not_agree_is_told_by_its_status() {
    run(async {
        let (server, _) = server().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut near, _) = listener.accept().await.unwrap();
            let answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
            near.write_all(answer).await.unwrap();
        });
        let mut config = client_config(&server);
        config.transports = vec![web_socket(Framing::Abridged).at(address.to_string())];
        let status = match Client::connect(config).await {
            Err(ConnectError::Link(LinkError::Transport(Error::Http {
                kind: HttpError::Upgrade { status },
                ..
            }))) => status,
            other => panic!("{other:?}"),
        };
        assert_eq!(status, 403);
    });
}
