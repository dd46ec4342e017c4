//! Through proxies of streams. The proxy here is written from RFC 1928 and RFC 1929, apart from the client.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mtproto_runtime::net::{
    Client, ClientEvent, ConnectError, LinkError, Socks5, Socks5Error, Transport,
};
use mtproto_runtime::transport::{DcId, Framing, ProxySecret};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

#[cfg(feature = "http")]
use crate::support::run_paused;
use crate::support::{
    ECHO, call, client_config, client_over, run, server, server_config, server_with,
};
use crate::transports::speaks;

const ABRIDGED: Transport = Transport::Plain(Framing::Abridged);
/// What nobody but the proxies of the tests can resolve.
const NAME: &str = "dc.test:443";

/// What a proxy was asked for: where to connect to, and by whom.
type Asked = (String, Option<(String, String)>);

/// A proxy that knows one name, and one password if any.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Proxy {
    /// `target` is what [`NAME`] stands for.
    async fn start(target: SocketAddr, password: Option<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(near, target, password, Arc::clone(&log)));
            }
        });
        Self { address, asked }
    }

    fn config(&self) -> Socks5 {
        Socks5::new(self.address.to_string())
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut near: TcpStream,
    target: SocketAddr,
    password: Option<(&'static str, &'static str)>,
    log: Arc<Mutex<Vec<Asked>>>,
) {
    assert_eq!(near.read_u8().await.unwrap(), 5);
    let methods = read_text(&mut near).await.into_bytes();
    let method = if password.is_some() { 2 } else { 0 };
    if !methods.contains(&method) {
        near.write_all(&[5, 0xff]).await.unwrap();
        return;
    }
    near.write_all(&[5, method]).await.unwrap();
    let mut who = None;
    if let Some((user, secret)) = password {
        assert_eq!(near.read_u8().await.unwrap(), 1);
        let said = (read_text(&mut near).await, read_text(&mut near).await);
        let is_right = said == (user.into(), secret.into());
        near.write_all(&[1, u8::from(!is_right)]).await.unwrap();
        if !is_right {
            return;
        }
        who = Some(said);
    }
    let mut head = [0; 4];
    near.read_exact(&mut head).await.unwrap();
    assert_eq!(head[..3], [5, 1, 0]);
    let host = match head[3] {
        1 => std::net::Ipv4Addr::from(near.read_u32().await.unwrap()).to_string(),
        3 => read_text(&mut near).await,
        kind => panic!("the tests use no addresses of the kind {kind}"),
    };
    let address = format!("{host}:{}", near.read_u16().await.unwrap());
    log.lock().unwrap().push((address.clone(), who));
    let address = if address == NAME {
        target.to_string()
    } else {
        address
    };
    let Ok(mut far) = TcpStream::connect(address).await else {
        near.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0])
            .await
            .unwrap();
        return;
    };
    // The address it connects from is told as a name, which is as long as a name may be.
    let mut reply = vec![5, 0, 0, 3, 255];
    reply.extend([b'n'; 255]);
    reply.extend([0, 80]);
    near.write_all(&reply).await.unwrap();
    // It ends when either side does.
    let _ = copy_bidirectional(&mut near, &mut far).await;
}

async fn read_text(stream: &mut TcpStream) -> String {
    let len = stream.read_u8().await.unwrap();
    let mut text = vec![0; usize::from(len)];
    stream.read_exact(&mut text).await.unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn every_transport_goes_through() {
    run(async {
        let secret =
            ProxySecret::parse("ee202122232425262728292a2b2c2d2e2f6578616d706c652e636f6d").unwrap();
        let mut config = server_config();
        config.accept.secrets = vec![secret.clone()];
        let (server, _) = server_with(config).await;
        let proxy = Proxy::start(server.local_addr(), None).await;
        let (framing, dc) = (Framing::Intermediate, DcId::new(2));
        let transports = [
            Transport::Plain(Framing::Full),
            Transport::Obfuscated(Framing::PaddedIntermediate),
            Transport::Proxy {
                framing,
                secret,
                dc,
            },
            #[cfg(feature = "websocket")]
            Transport::WebSocket(mtproto_runtime::net::WebSocket::new(framing)),
        ];
        let count = transports.len();
        for transport in transports {
            speaks(&server, transport.through(proxy.config())).await;
        }
        let address = server.local_addr().to_string();
        assert_eq!(proxy.asked(), vec![(address, None); count]);
        // That has two connections.
        #[cfg(feature = "http")]
        {
            let http = Transport::Http(mtproto_runtime::net::Http::new());
            speaks(&server, http.through(proxy.config())).await;
            assert_eq!(proxy.asked().len(), count + 2);
        }
    });
}

/// A client over HTTP makes its second connection when it has a request for it.
#[cfg(feature = "http")]
#[test]
fn a_proxy_that_falls_silent_holds_up_no_request_for_ever() {
    run_paused(async {
        let (server, _) = server().await;
        let target = server.local_addr();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Socks5::new(listener.local_addr().unwrap().to_string());
        let (silent, mut has_silent) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            for number in 0.. {
                let (near, _) = listener.accept().await.unwrap();
                match number {
                    1 => silent.send(near).unwrap(),
                    _ => drop(tokio::spawn(serve(near, target, None, Arc::default()))),
                }
            }
        });
        let http = Transport::Http(mtproto_runtime::net::Http::new());
        let mut config = client_config(&server);
        config.transports = vec![http.through(proxy)];
        let limit = config.connect_timeout;
        let client = Client::connect(config).await.unwrap();
        let mut events = client.events();
        let caller = client.clone();
        let calling = tokio::spawn(async move { caller.invoke_raw(call(ECHO, 1)).await });
        let _silent = has_silent.recv().await.unwrap();
        tokio::time::advance(limit).await;
        let reason = loop {
            if let ClientEvent::Disconnected { reason } = events.next().await.unwrap() {
                break reason.to_string();
            }
        };
        assert_eq!(reason, LinkError::Unresponsive.to_string());
        assert_eq!(calling.await.unwrap().unwrap(), call(ECHO, 1));
    });
}

#[test]
fn names_are_resolved_by_the_proxy_which_may_want_a_password() {
    run(async {
        let (server, _) = server().await;
        let proxy = Proxy::start(server.local_addr(), Some(("ada", "pass word"))).await;
        let transport = ABRIDGED
            .at(NAME)
            .through(proxy.config().with_password("ada", "pass word"));
        speaks(&server, transport).await;
        let who = Some(("ada".into(), "pass word".into()));
        assert_eq!(proxy.asked(), [(NAME.into(), who)]);
    });
}

#[test]
fn a_proxy_is_reached_through_another() {
    run(async {
        let (server, _) = server().await;
        let inner = Proxy::start(server.local_addr(), None).await;
        let outer = Proxy::start(server.local_addr(), Some(("u", "p"))).await;
        let transport = ABRIDGED
            .at(NAME)
            .through(inner.config())
            .through(outer.config().with_password("u", "p"));
        speaks(&server, transport).await;
        assert_eq!(outer.asked()[0].0, inner.address.to_string());
        assert_eq!(inner.asked()[0].0, NAME);
    });
}

#[test]
fn each_connection_goes_through() {
    run(async {
        let (server, _) = server().await;
        let proxy = Proxy::start(server.local_addr(), None).await;
        let client = client_over(&server, ABRIDGED.through(proxy.config())).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        server.disconnect_all();
        while events.next().await.unwrap() != ClientEvent::Reconnected {}
        client.invoke_raw(call(ECHO, 2)).await.unwrap();
        assert_eq!(proxy.asked().len(), 2);
    });
}

#[test]
fn what_a_proxy_refuses_is_told_and_the_next_transport_is_tried() {
    run(async {
        let (server, _) = server().await;
        let guarded = Proxy::start(server.local_addr(), Some(("ada", "right"))).await;
        let open = Proxy::start(server.local_addr(), None).await;
        // Nobody listens here any more.
        let gone = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        for (proxy, address, expected) in [
            (
                guarded.config().with_password("ada", "wrong"),
                NAME,
                Socks5Error::Denied,
            ),
            (
                guarded.config(),
                NAME,
                Socks5Error::Method {
                    offered_password: false,
                },
            ),
            (open.config(), &*gone.to_string(), Socks5Error::Refused(5)),
            (
                open.config(),
                "no port",
                Socks5Error::Address("no port".into()),
            ),
            (
                guarded.config().with_password("", "x"),
                NAME,
                Socks5Error::Credentials,
            ),
        ] {
            let refused = ABRIDGED.at(address).through(proxy);
            let mut config = client_config(&server);
            config.transports = vec![refused.clone()];
            match Client::connect(config.clone()).await {
                Err(ConnectError::Link(LinkError::Socks5(error))) => assert_eq!(error, expected),
                other => panic!("{other:?}"),
            }
            config.transports = vec![refused, ABRIDGED.through(open.config())];
            let client = Client::connect(config).await.unwrap();
            client.invoke_raw(call(ECHO, 1)).await.unwrap();
        }
    });
}
