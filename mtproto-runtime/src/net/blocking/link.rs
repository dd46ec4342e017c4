//! A socket with a transport on it.

use alloc::vec::Vec;
use std::time::Instant;

use super::Clock;
use super::socket::Socket;
use crate::crypto::dh::DhPrimeCache;
use crate::handshake::client::Done;
use crate::handshake::{self, ClientHandshake, ClientStep};
use crate::net::random::{self, SystemRng};
use crate::net::transport::Way;
use crate::net::{ClientConfig, ConnectError, LinkError, Transport};
use crate::session::Session;
use crate::time::UnixTime;
use crate::transport::{Connection, Control, Decoder, Encoder, Error, Frame, HEAD_ROOM};

pub(super) struct Link {
    socket: Socket,
    encoder: Encoder,
    decoder: Decoder,
    /// Where packets are made.
    packet: Vec<u8>,
}

impl Link {
    /// Connects, by one of the transports.
    pub(super) fn connect(
        config: &ClientConfig,
        transport: &Transport,
        now: UnixTime,
        limit: Instant,
        rng: &mut SystemRng,
    ) -> Result<Self, LinkError> {
        let (spoken, way) = Way::of(&config.address, transport);
        #[cfg(feature = "http")]
        if let Transport::Http(_) = spoken {
            return Err(LinkError::Unsupported("HTTP by a client that blocks"));
        }
        let mut connector = spoken.connector(&way, now, rng)?;
        let mut socket = Socket::dial(&way, limit)?;
        socket.write(connector.outgoing(), limit)?;
        let Connection { encoder, decoder } = loop {
            if let Some(connection) = connector.poll()? {
                break connection;
            }
            let len = socket.read_in_time(connector.spare(), limit)?;
            connector.filled(len);
        };
        Ok(Self {
            socket,
            encoder,
            decoder,
            packet: Vec::new(),
        })
    }

    /// Makes an authorization key.
    pub(super) fn make_key(
        &mut self,
        config: handshake::ClientConfig,
        clock: Clock,
        limit: Instant,
        rng: &mut SystemRng,
    ) -> Result<Done, ConnectError> {
        let mut primes = DhPrimeCache::default();
        let (mut handshake, mut query) = ClientHandshake::start(config, clock.now(), rng)?;
        loop {
            self.packet.clear();
            self.packet.resize(HEAD_ROOM, 0);
            self.packet.append(&mut query);
            let bytes = self
                .encoder
                .encode(&mut self.packet, false, rng)
                .map_err(LinkError::from)?;
            self.socket.write(bytes, limit)?;
            query = loop {
                let step = match self.decoder.next_frame().map_err(LinkError::from)? {
                    Some(Frame::Packet { payload, .. }) => {
                        handshake.handle(clock.now(), payload, &mut primes, rng)?
                    }
                    Some(Frame::Error(error)) => {
                        return Err(handshake.handle_transport_error(error.code()).into());
                    }
                    Some(_) => continue,
                    None => {
                        // What comes without end and is no answer does not make that longer.
                        if Instant::now() >= limit || !self.read(limit)? {
                            return Err(LinkError::Unresponsive.into());
                        }
                        continue;
                    }
                };
                match step {
                    ClientStep::Send(query) => break query,
                    ClientStep::Wait => {}
                    ClientStep::Done(done) => return Ok(*done),
                }
            };
        }
    }

    /// Sends all that the session has.
    pub(super) fn transmit(
        &mut self,
        session: &mut Session,
        now: UnixTime,
        rng: &mut SystemRng,
    ) -> Result<(), LinkError> {
        loop {
            self.packet.clear();
            self.packet.resize(HEAD_ROOM, 0);
            let Some(transmit) = session.poll_transmit(now, &mut self.packet) else {
                return Ok(());
            };
            let quick_ack = transmit.quick_ack_token.is_some();
            let bytes = self.encoder.encode(&mut self.packet, quick_ack, rng)?;
            self.socket.write_all(bytes)?;
        }
    }

    /// Reads once, and answers what a WebSocket wants. Returns whether there was anything before the time is over.
    pub(super) fn read(&mut self, limit: Instant) -> Result<bool, LinkError> {
        let Some(len) = self.socket.read(self.decoder.spare(), limit)? else {
            return Ok(false);
        };
        self.decoder.filled(len);
        let mut rng = random::system();
        match self.decoder.control() {
            None => {}
            Some(Control::Ping(ping)) => {
                let pong = self.encoder.encode_pong(&ping, &mut self.packet, &mut rng);
                self.socket.write_all(pong)?;
            }
            Some(Control::Close) => {
                let close = self.encoder.encode_close(&mut self.packet, &mut rng);
                self.socket.write_all(close)?;
            }
        }
        Ok(true)
    }

    /// The next frame that has come, if it is there as a whole.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        self.decoder.next_frame()
    }
}
