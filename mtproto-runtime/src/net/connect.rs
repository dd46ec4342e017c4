//! From an address to a link, and from a link to a key.

use tokio::io::AsyncWriteExt;

use super::clock::Clock;
use super::dial::dial;
use super::link::{Link, Received, read_some};
use super::random::SystemRng;
use super::transport::Way;
use super::{ClientConfig, ConnectError, LinkError, Transport};
use crate::crypto::dh::DhPrimeCache;
use crate::handshake::client::Done;
use crate::handshake::{self, ClientHandshake, ClientStep};

/// Connects, by one of the transports.
pub(super) async fn connect(
    config: &ClientConfig,
    transport: &Transport,
    clock: &Clock,
    rng: &mut SystemRng,
) -> Result<Link, LinkError> {
    let (spoken, way) = Way::of(&config.address, transport);
    #[cfg(feature = "http")]
    if let Transport::Http(http) = spoken {
        let first = dial(&way).await?;
        return Ok(Link::http_client(way, http, first, config.connect_timeout));
    }
    let mut connector = spoken.connector(&way, clock.now(), rng)?;
    let mut stream = dial(&way).await?;
    stream.write_all(connector.outgoing()).await?;
    stream.flush().await?;
    loop {
        if let Some(connection) = connector.poll()? {
            return Ok(Link::new(stream, connection));
        }
        let len = read_some(&mut stream, connector.spare()).await?;
        connector.filled(len.ok_or(LinkError::Closed)?);
    }
}

/// Makes an authorization key.
pub(super) async fn make_key(
    link: &mut Link,
    config: handshake::ClientConfig,
    clock: &Clock,
    rng: &mut SystemRng,
) -> Result<Done, ConnectError> {
    let mut primes = DhPrimeCache::default();
    let (mut handshake, query) = ClientHandshake::start(config, clock.now(), rng)?;
    link.push(&query, rng)?;
    loop {
        let step = match link.receive().await? {
            Received::Packet(payload) => {
                handshake.handle(clock.now(), &payload, &mut primes, rng)?
            }
            Received::Error(error) => {
                return Err(handshake.handle_transport_error(error.code()).into());
            }
        };
        match step {
            ClientStep::Send(query) => link.push(&query, rng)?,
            ClientStep::Wait => {}
            ClientStep::Done(done) => return Ok(*done),
        }
    }
}
