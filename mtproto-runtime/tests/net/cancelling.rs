//! Futures that are dropped, wherever they are.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use mtproto_runtime::net::{Client, ClientConfig, InvokeError};

use crate::support::{ECHO, HELD, call, client, client_config, run, server};

/// Polls a future so many times at most; none if that was not enough.
struct Polls<F> {
    future: F,
    left: usize,
}

impl<F: Future + Unpin> Future for Polls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        match Pin::new(&mut self.future).poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // After the last one nobody will wake it.
            Poll::Pending if self.left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

async fn polls<F: Future>(left: usize, future: F) -> Option<F::Output> {
    let future = pin!(future);
    Polls { future, left }.await
}

async fn turns(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

#[test]
fn connecting_may_be_given_up_at_every_point() {
    run(async {
        let (server, _) = server().await;
        let mut given_up = 0;
        let client = loop {
            if let Some(outcome) = polls(given_up, connect(client_config(&server))).await {
                break outcome.unwrap();
            }
            given_up += 1;
        };
        // The connection, and three answers of the handshake.
        assert!(given_up >= 4, "{given_up}");
        assert_eq!(
            client.invoke_raw(call(ECHO, 1)).await.unwrap(),
            call(ECHO, 1)
        );
    });
}

async fn connect(config: ClientConfig) -> Result<Client, mtproto_runtime::net::ConnectError> {
    Client::connect(config).await
}

#[test]
fn calls_may_be_given_up_at_every_point() {
    run(async {
        let (server, log) = server().await;
        let mut config = client_config(&server);
        // Requests wait, too.
        config.max_queued = 1;
        config.session.max_pending = 8;
        let client = Client::connect(config).await.unwrap();
        let mut answered = 0;
        for count in 0..60 {
            let calls: Vec<_> = (0..4)
                .map(|k| {
                    let client = client.clone();
                    let id = if k % 2 == 0 { ECHO } else { HELD };
                    let number = count * 4 + k;
                    tokio::spawn(async move { client.invoke_raw(call(id, number)).await })
                })
                .collect();
            turns(usize::try_from(count).unwrap()).await;
            for call in calls {
                call.abort();
                match call.await {
                    Ok(outcome) => {
                        outcome.unwrap();
                        answered += 1;
                    }
                    Err(error) => assert!(error.is_cancelled()),
                }
            }
            let number = 1000 + count;
            let body = client.invoke_raw(call(ECHO, number)).await.unwrap();
            assert_eq!(body, call(ECHO, number));
        }
        log.open_gate();
        assert!((1..60 * 4).contains(&answered), "{answered}");
        let counts = log.counts();
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        assert!((1000..1060).all(|number| counts.contains_key(&number)));
    });
}

#[test]
fn waiting_for_events_and_exports_may_be_given_up() {
    run(async {
        let (server, _) = server().await;
        let client = client(&server).await;
        let mut events = client.events();
        for count in 0..8 {
            assert!(polls(count % 2, events.next()).await.is_none());
            let _ = polls(count, client.export()).await;
        }
        let update = call(0x5e5e_5e5e, 1);
        client.invoke_raw(call(ECHO, 1)).await.unwrap();
        assert_eq!(server.send_update(client.key().id(), &update).unwrap(), 1);
        loop {
            use mtproto_runtime::net::ClientEvent;
            use mtproto_runtime::session::Event;
            match events.next().await.unwrap() {
                ClientEvent::Session(Event::Update { body, .. }) => {
                    assert_eq!(body, update);
                    break;
                }
                ClientEvent::Session(_) => {}
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn a_call_keeps_its_client_alive() {
    run(async {
        let (server, log) = server().await;
        let client = client(&server).await;
        let held = client.clone();
        let mut held = Box::pin(async move { held.invoke_raw(call(HELD, 1)).await });
        assert!(polls(1, &mut held).await.is_none());
        log.has_seen(1).await;
        drop(client);
        // The future is a handle, too: its client lives on until it is done.
        log.open_gate();
        let outcome: Result<_, InvokeError> = held.await;
        assert_eq!(outcome.unwrap(), call(HELD, 1));
    });
}
