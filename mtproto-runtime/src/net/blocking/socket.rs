//! A socket whose reads and writes end in time.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use crate::net::LinkError;
use crate::net::transport::Way;

/// How long a write may take when nobody says otherwise: whoever does not read for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The shortest timeout that there is: 0 means none.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

pub(super) struct Socket(TcpStream);

impl Socket {
    /// Goes that way.
    pub(super) fn dial(way: &Way, limit: Instant) -> Result<Self, LinkError> {
        #[cfg(feature = "tls")]
        if way.tls.is_some() {
            return Err(LinkError::Unsupported("TLS by a client that blocks"));
        }
        #[cfg(feature = "socks5")]
        let socket = Self::through_proxies(way, limit)?;
        #[cfg(not(feature = "socks5"))]
        let socket = Self::connect(&way.address, limit)?;
        Ok(socket)
    }

    fn connect(address: &str, limit: Instant) -> Result<Self, LinkError> {
        let connected = Self::connect_to_any(address, limit);
        let stream = connected.map_err(|error| LinkError::connect(address, error))?;
        // Packets are whole: there is nothing to wait for.
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Connects to the first address of a name that can be connected to.
    fn connect_to_any(address: &str, limit: Instant) -> io::Result<TcpStream> {
        let mut outcome = Err(io::Error::new(
            ErrorKind::NotFound,
            "the name has no address",
        ));
        for address in address.to_socket_addrs()? {
            outcome = TcpStream::connect_timeout(&address, rest(limit));
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    #[cfg(feature = "socks5")]
    fn through_proxies(way: &Way, limit: Instant) -> Result<Self, LinkError> {
        let mut stops = way.proxies.iter().map(crate::net::Socks5::address);
        let mut socket = Self::connect(stops.next().unwrap_or(&way.address), limit)?;
        for proxy in &way.proxies {
            let next = stops.next().unwrap_or(&way.address);
            socket.tunnel(proxy, next, limit)?;
        }
        Ok(socket)
    }

    /// Has a proxy connect to an address.
    #[cfg(feature = "socks5")]
    fn tunnel(
        &mut self,
        proxy: &crate::net::Socks5,
        address: &str,
        limit: Instant,
    ) -> Result<(), LinkError> {
        use crate::net::socks5::Dialogue;

        let dialogue = Dialogue::new(proxy, address)?;
        let (mut method, mut verdict, mut head) = ([0; 2], [0; 2], [0; 5]);
        self.write(dialogue.greeting(), limit)?;
        self.read_exact(&mut method, limit)?;
        if let Some(password) = dialogue.password(method)? {
            self.write(&password, limit)?;
            self.read_exact(&mut verdict, limit)?;
            Dialogue::check_verdict(verdict)?;
        }
        self.write(dialogue.request(), limit)?;
        self.read_exact(&mut head, limit)?;
        let mut rest = alloc::vec![0; Dialogue::rest_of_reply(head)?];
        self.read_exact(&mut rest, limit)
    }

    /// Reads once: how many bytes, or nothing if the time is over.
    pub(super) fn read(
        &mut self,
        room: &mut [u8],
        limit: Instant,
    ) -> Result<Option<usize>, LinkError> {
        loop {
            self.0.set_read_timeout(Some(rest(limit)))?;
            return match self.0.read(room) {
                Ok(0) => Err(LinkError::Closed),
                Ok(len) => Ok(Some(len)),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if is_timeout(&error) => Ok(None),
                Err(error) => Err(error.into()),
            };
        }
    }

    /// Reads once, where something has to come in time: whoever says a little again and again does not make that longer.
    pub(super) fn read_in_time(
        &mut self,
        room: &mut [u8],
        limit: Instant,
    ) -> Result<usize, LinkError> {
        match Instant::now() < limit {
            true => self.read(room, limit)?.ok_or(LinkError::Unresponsive),
            false => Err(LinkError::Unresponsive),
        }
    }

    #[cfg(feature = "socks5")]
    fn read_exact(&mut self, mut room: &mut [u8], limit: Instant) -> Result<(), LinkError> {
        while !room.is_empty() {
            let len = self.read_in_time(room, limit)?;
            room = &mut room[len..];
        }
        Ok(())
    }

    /// Writes all of it, in that time.
    pub(super) fn write(&mut self, mut bytes: &[u8], limit: Instant) -> Result<(), LinkError> {
        while !bytes.is_empty() {
            if Instant::now() >= limit {
                return Err(LinkError::Unresponsive);
            }
            self.0.set_write_timeout(Some(rest(limit)))?;
            match self.0.write(bytes) {
                Ok(0) => return Err(LinkError::Closed),
                Ok(len) => bytes = &bytes[len..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => return Err(LinkError::Unresponsive),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Writes all of it.
    pub(super) fn write_all(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        self.write(bytes, Instant::now() + WRITE_TIMEOUT)
    }
}

fn rest(limit: Instant) -> Duration {
    limit
        .saturating_duration_since(Instant::now())
        .max(MIN_TIMEOUT)
}

/// Systems differ in what they call it.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn whoever_reads_a_little_again_and_again_does_not_make_a_write_longer() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let reading = std::thread::spawn(move || {
            let (mut far, _) = listener.accept().unwrap();
            let mut room = alloc::vec![0; 1 << 16];
            let mut count = 0;
            while let Ok(len @ 1..) = far.read(&mut room) {
                count += len;
                std::thread::sleep(Duration::from_millis(5));
            }
            count
        });
        let mut socket = Socket(TcpStream::connect(address).unwrap());
        // That would take five seconds.
        let bytes = alloc::vec![0; 1000 << 16];
        let limit = Instant::now() + Duration::from_millis(200);
        let error = socket.write(&bytes, limit).unwrap_err();
        assert!(matches!(error, LinkError::Unresponsive), "{error}");
        socket.0.shutdown(std::net::Shutdown::Both).unwrap();
        assert!(reading.join().unwrap() < bytes.len());
    }
}
