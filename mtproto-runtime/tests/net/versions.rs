//! Clients that speak MTProto 1.0.

use mtproto_runtime::net::Server;
use mtproto_runtime::session::{Config, Event, InvokeOptions, Session, Version};
use mtproto_runtime::time::UnixTime;
use mtproto_runtime::transport::{Connection, Frame, Framing, HEAD_ROOM};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{ECHO, call, client, run, server_config, server_with};

/// Calls over a connection of its own, in that version; `None` if the server refuses to understand it.
async fn call_in(
    version: Version,
    server: &Server,
    client: &mtproto_runtime::net::Client,
) -> Option<Vec<u8>> {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let now = || UnixTime::from(std::time::SystemTime::now());
    let mut state = client.export().await.unwrap();
    state.session = None;
    let mut session = Session::client(
        Config::default(),
        client.key().clone(),
        &state,
        now(),
        &mut rng,
    );
    session.set_version(version);
    session
        .invoke_raw(call(ECHO, 7), InvokeOptions::default())
        .unwrap();

    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let mut connection = Connection::client(Framing::Intermediate);
    loop {
        let mut packet = vec![0; HEAD_ROOM];
        while session.poll_transmit(now(), &mut packet).is_some() {
            let bytes = connection
                .encoder
                .encode(&mut packet, false, &mut rng)
                .unwrap();
            stream.write_all(bytes).await.unwrap();
            packet.clear();
            packet.resize(HEAD_ROOM, 0);
        }
        let len = stream.read(connection.decoder.spare()).await.unwrap();
        connection.decoder.filled(len);
        while let Some(frame) = connection.decoder.next_frame().unwrap() {
            match frame {
                Frame::Packet { payload, .. } => session.handle_input(now(), payload).unwrap(),
                Frame::Error(error) => {
                    assert_eq!(error.code(), -404);
                    return None;
                }
                other => panic!("{other:?}"),
            }
        }
        while let Some(event) = session.poll_event() {
            if let Event::Result { body, .. } = event {
                return Some(body);
            }
        }
    }
}

#[test]
fn a_server_that_takes_both_answers_each_in_its_own() {
    run(async {
        let mut config = server_config();
        config.session.allow_legacy = true;
        let (server, _) = server_with(config).await;
        let client = client(&server).await;
        for version in [Version::V1, Version::V2, Version::V1] {
            let answer = call_in(version, &server, &client).await;
            assert_eq!(answer, Some(call(ECHO, 7)), "{version:?}");
        }
        assert_eq!(
            client.invoke_raw(call(ECHO, 8)).await.unwrap(),
            call(ECHO, 8)
        );
    });
}

#[test]
fn a_server_takes_no_1_0_unless_it_is_told_to() {
    run(async {
        let (server, _) = server_with(server_config()).await;
        let client = client(&server).await;
        assert_eq!(call_in(Version::V1, &server, &client).await, None);
        assert!(call_in(Version::V2, &server, &client).await.is_some());
    });
}
