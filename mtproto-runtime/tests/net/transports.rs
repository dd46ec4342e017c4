//! Each transport carries a handshake, calls, and a large answer.

use mtproto_runtime::net::{Client, Server, Transport};
use mtproto_runtime::transport::{DcId, Framing, ProxySecret};

use crate::support::{ECHO, call, client_over, run, server, server_config, server_with};

/// Incompressible, and longer than any buffer of a socket or a record of TLS.
pub(crate) fn large() -> Vec<u8> {
    let mut state = 1_u64;
    let noise = (0..100_000).flat_map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 32).to_le_bytes()
    });
    let mut body = call(ECHO, 7);
    body.extend(noise);
    body
}

pub(crate) async fn speaks(server: &Server, transport: Transport) {
    carries(&client_over(server, transport).await).await;
}

/// Whether calls get through, small ones and a large one.
pub(crate) async fn carries(client: &Client) {
    for k in 0..3 {
        assert_eq!(
            client.invoke_raw(call(ECHO, k)).await.unwrap(),
            call(ECHO, k)
        );
    }
    let body = large();
    assert!(client.invoke_raw(body.clone()).await.unwrap() == body);
}

#[test]
fn plain() {
    run(async {
        let (server, _) = server().await;
        for framing in [
            Framing::Full,
            Framing::Abridged,
            Framing::Intermediate,
            Framing::PaddedIntermediate,
        ] {
            speaks(&server, Transport::Plain(framing)).await;
        }
    });
}

#[test]
fn obfuscated() {
    run(async {
        let (server, _) = server().await;
        for framing in [
            Framing::Abridged,
            Framing::Intermediate,
            Framing::PaddedIntermediate,
        ] {
            speaks(&server, Transport::Obfuscated(framing)).await;
        }
    });
}

#[test]
fn with_each_form_of_a_proxy_s_secret() {
    run(async {
        let secrets = [
            "000102030405060708090a0b0c0d0e0f",
            "dd101112131415161718191a1b1c1d1e1f",
            // example.com
            "ee202122232425262728292a2b2c2d2e2f6578616d706c652e636f6d",
        ]
        .map(|secret| ProxySecret::parse(secret).unwrap());
        let mut config = server_config();
        config.accept.secrets = secrets.to_vec();
        config.accept.without_secret = false;
        let (server, _) = server_with(config).await;
        for secret in secrets {
            let (framing, dc) = (Framing::Intermediate, DcId::new(2));
            let transport = Transport::Proxy {
                framing,
                secret,
                dc,
            };
            speaks(&server, transport).await;
        }
    });
}
