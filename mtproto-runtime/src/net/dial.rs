//! From an address to a stream: a socket, tunnels through proxies, TLS.

use tokio::net::TcpStream;

use super::LinkError;
use super::stream::Stream;
use super::transport::Way;

/// Goes that way.
pub(super) async fn dial(way: &Way) -> Result<Stream, LinkError> {
    #[cfg(feature = "socks5")]
    let stream = through_proxies(way).await?;
    #[cfg(not(feature = "socks5"))]
    let stream = connect(&way.address).await?;
    #[cfg(feature = "tls")]
    if let Some(tls) = &way.tls {
        return Ok(tls.connect(&way.address, stream).await?);
    }
    Ok(stream)
}

async fn connect(address: &str) -> Result<Stream, LinkError> {
    let connected = TcpStream::connect(address).await;
    let stream = connected.map_err(|error| LinkError::connect(address, error))?;
    Ok(Stream::tcp(stream)?)
}

#[cfg(feature = "socks5")]
async fn through_proxies(way: &Way) -> Result<Stream, LinkError> {
    let mut stops = way.proxies.iter().map(super::Socks5::address);
    let mut stream = connect(stops.next().unwrap_or(&way.address)).await?;
    for proxy in &way.proxies {
        let next = stops.next().unwrap_or(&way.address);
        tunnel(&mut stream, proxy, next).await?;
    }
    Ok(stream)
}

/// Has a proxy connect to an address.
#[cfg(feature = "socks5")]
async fn tunnel(
    stream: &mut Stream,
    proxy: &super::Socks5,
    address: &str,
) -> Result<(), LinkError> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::socks5::Dialogue;

    let dialogue = Dialogue::new(proxy, address)?;
    let (mut method, mut verdict, mut head) = ([0; 2], [0; 2], [0; 5]);
    stream.write_all(dialogue.greeting()).await?;
    stream.read_exact(&mut method).await?;
    if let Some(password) = dialogue.password(method)? {
        stream.write_all(&password).await?;
        stream.read_exact(&mut verdict).await?;
        Dialogue::check_verdict(verdict)?;
    }
    stream.write_all(dialogue.request()).await?;
    stream.read_exact(&mut head).await?;
    let mut rest = alloc::vec![0; Dialogue::rest_of_reply(head)?];
    stream.read_exact(&mut rest).await?;
    Ok(())
}
