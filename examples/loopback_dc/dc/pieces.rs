//! Connections that come in pieces: a proxy in front of the server, which knows nothing of what it passes on.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What happens to the bytes of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Each is sent alone.
    Bytes,
    /// The first answer ends in the middle, and the connection with it.
    Half,
}

pub(super) struct Pieces {
    local_addr: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Pieces {
    pub(super) async fn start(listen: &str, server: SocketAddr, cut: Cut) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let local_addr = listener.local_addr()?;
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, server, cut));
            }
        });
        Ok(Self {
            local_addr,
            accepting,
        })
    }

    pub(super) fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass_on(client: TcpStream, server: SocketAddr, cut: Cut) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(server).await?.into_split();
    let upwards = tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
    let mut buffer = [0; 4096];
    loop {
        let len = from_server.read(&mut buffer).await?;
        let bytes = &buffer[..len];
        match cut {
            _ if bytes.is_empty() => break,
            Cut::Half => {
                to_client.write_all(&bytes[..len / 2]).await?;
                break;
            }
            Cut::Bytes => {
                for byte in bytes {
                    to_client.write_all(&[*byte]).await?;
                }
            }
        }
    }
    upwards.abort();
    Ok(())
}
