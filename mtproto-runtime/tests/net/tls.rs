//! Within TLS, with an authority and certificates that are made here.

use std::net::SocketAddr;
use std::sync::Arc;

use mtproto_runtime::net::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use mtproto_runtime::net::{
    Client, ClientEvent, ConnectError, LinkError, Server, Tls, Transport, rustls,
};
use mtproto_runtime::transport::Framing;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{ECHO, call, client_config, client_over, run, server};
use crate::transports::speaks;

const PLAIN: Transport = Transport::Plain(Framing::Intermediate);

/// Who vouches for the servers of a test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)
                .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// Whoever trusts nobody else.
    fn trusted(&self) -> Tls {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.0.der().to_vec()))
            .unwrap();
        let config =
            rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
        Tls::with_config(Arc::new(config))
    }
}

/// Has a server take connections of TLS, too.
async fn listen(server: &Arc<Server>, acceptor: TlsAcceptor) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Arc::clone(server);
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            // Some clients of the tests do not trust it.
            if let Ok(stream) = acceptor.accept(socket).await {
                server.serve(stream).await;
            }
        }
    });
    address
}

async fn connects(server: &Server, transport: Transport) -> Result<(), ConnectError> {
    let mut config = client_config(server);
    config.transports = vec![transport];
    Client::connect(config).await.map(drop)
}

#[test]
fn each_transport_goes_within() {
    run(async {
        let server = Arc::new(server().await.0);
        let authority = Authority::new();
        let address = listen(&server, authority.acceptor("127.0.0.1"))
            .await
            .to_string();
        let transports = [
            PLAIN,
            Transport::Obfuscated(Framing::Abridged),
            #[cfg(feature = "websocket")]
            Transport::WebSocket(mtproto_runtime::net::WebSocket::new(Framing::Abridged)),
            #[cfg(feature = "http")]
            Transport::Http(mtproto_runtime::net::Http::new()),
        ];
        for transport in transports {
            speaks(
                &server,
                transport.over_tls(authority.trusted()).at(&*address),
            )
            .await;
        }
    });
}

#[test]
fn calls_outlive_a_connection_of_tls() {
    run(async {
        let server = Arc::new(server().await.0);
        let authority = Authority::new();
        let address = listen(&server, authority.acceptor("127.0.0.1")).await;
        let transport = PLAIN.over_tls(authority.trusted()).at(address.to_string());
        let client = client_over(&server, transport).await;
        let mut events = client.events();
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        server.disconnect_all();
        client.invoke_raw(call(ECHO, 2)).await.unwrap();
        while events.next().await.unwrap() != ClientEvent::Reconnected {}
    });
}

#[test]
fn only_who_is_vouched_for_is_spoken_to() {
    run(async {
        let server = Arc::new(server().await.0);
        let (authority, other) = (Authority::new(), Authority::new());
        let address = listen(&server, authority.acceptor("dc.test"))
            .await
            .to_string();
        let over = |tls: Tls| PLAIN.over_tls(tls).at(&*address);
        connects(
            &server,
            over(authority.trusted().with_server_name("dc.test")),
        )
        .await
        .unwrap();
        for (tls, reason) in [
            (authority.trusted(), "not valid for name"),
            (
                authority.trusted().with_server_name("other.test"),
                "not valid for name",
            ),
            (
                other.trusted().with_server_name("dc.test"),
                "invalid peer certificate",
            ),
            (
                Tls::with_webpki_roots()
                    .unwrap()
                    .with_server_name("dc.test"),
                "UnknownIssuer",
            ),
            (
                authority.trusted().with_server_name("no name"),
                "invalid dns name",
            ),
        ] {
            let error = connects(&server, over(tls)).await.unwrap_err();
            assert!(
                matches!(error, ConnectError::Link(LinkError::Io(_))),
                "{error}"
            );
            assert!(error.to_string().contains(reason), "{error}");
        }
    });
}
