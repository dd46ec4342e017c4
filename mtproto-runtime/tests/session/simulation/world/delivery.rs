//! The network between the two: what is sent reaches a connection, and what arrives a side.

use rand_chacha::rand_core::Rng;

use super::{Action, Simulation};
use crate::simulation::network::{self, Link, Sent, Way};
use crate::simulation::server::{Id, Peer, Received};

/// On its way.
impl Simulation {
    /// Sends what is to be sent, and looks at what happened.
    pub(super) fn flush(&mut self) {
        while let Some(event) = self.client.poll_event() {
            self.on_event(event);
        }
        let ids: Vec<Id> = self.server.sessions.keys().copied().collect();
        for id in &ids {
            let (running, to_close) = self.server.collect(*id);
            for call in running {
                self.plan_within(3_000, Action::Respond(call));
            }
            to_close.into_iter().for_each(|link| self.cut(link));
        }
        let (client_now, now) = (self.client_now(), self.server_now());
        let mut packet = Vec::new();
        let ready = self.links.iter().filter(|(_, link)| link.is_ready());
        let ready: Vec<u32> = ready.map(|(number, _)| *number).collect();
        while !ready.is_empty()
            && let Some(transmit) = self.client.poll_transmit(client_now, &mut packet)
        {
            let link = ready[self.rng.next_u32() as usize % ready.len()];
            self.totals.second_connection += u64::from(link != ready[0]);
            let quick_ack = transmit.quick_ack_token.is_some();
            let packet = std::mem::take(&mut packet);
            self.transmit(link, Way::Up, packet, quick_ack);
        }
        for id in ids {
            while let Some(Peer { session, links }) = self.server.sessions.get_mut(&id)
                && !links.is_empty()
                && session.poll_transmit(now, &mut packet).is_some()
            {
                let at = self.rng.next_u32() as usize % links.len();
                let link = links.iter().nth(at).copied().expect("there is one");
                self.transmit(link, Way::Down, std::mem::take(&mut packet), false);
            }
        }
        for (number, link) in &mut self.links {
            for way in [Way::Up, Way::Down] {
                if let Some(delay) = link.next_piece(way, &mut self.rng) {
                    self.last_action += 1;
                    let action = Action::Arrive { link: *number, way };
                    self.actions
                        .insert((self.now + delay, self.last_action), action);
                }
            }
        }
    }

    /// Loses, repeats, damages and delays a packet on its way to a connection.
    pub(super) fn transmit(&mut self, link: u32, way: Way, packet: Vec<u8>, quick_ack: bool) {
        self.totals.packets += 1;
        let is_storm = self.is_storm();
        if is_storm && self.chance(10) {
            return self.log(|| format!("lost on its way: {way:?}"));
        }
        let mut copies = vec![packet];
        if is_storm && self.chance(5) {
            copies.push(copies[0].clone());
        }
        if is_storm && self.chance(2) {
            // Behind the id of the key: of an unknown one a server says so.
            let at = 8 + self.rng.next_u32() as usize % (copies[0].len() - 8);
            copies[0][at] ^= 1 << (self.rng.next_u32() % 8);
        }
        for packet in copies {
            let millis = match self.rng.next_u32() % 10 {
                0 if is_storm => u64::from(self.rng.next_u32() % 9_000),
                _ => 20 + u64::from(self.rng.next_u32() % 200),
            };
            let what = Sent::Packet { packet, quick_ack };
            self.plan(millis, Action::Send { link, way, what });
        }
    }

    pub(super) fn put_on_link(&mut self, number: u32, way: Way, what: Sent) {
        if let Some(link) = self.links.get_mut(&number) {
            link.send(way, what, &mut self.rng);
        }
    }

    pub(super) fn arrive(&mut self, number: u32, way: Way) {
        let (client_now, now) = (self.client_now(), self.server_now());
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        self.totals.pieces += 1;
        let was_ready = link.is_ready();
        let received = link.arrive(way, &mut self.rng);
        if link.is_ready() && !was_ready {
            self.log(|| format!("connection {number} is set up"));
            self.client.reconnected(client_now);
        }
        for received in received {
            match (way, received) {
                (
                    Way::Up,
                    network::Received::Packet {
                        mut packet,
                        quick_ack,
                    },
                ) => match self.server.receive(now, number, &mut packet, &mut self.rng) {
                    Received::Message { outcome, token } => {
                        self.count("server", outcome);
                        if let Some(token) = token.filter(|_| quick_ack) {
                            self.put_on_link(number, Way::Down, Sent::QuickAck(token));
                        }
                    }
                    Received::UnknownKey => self.put_on_link(number, Way::Down, Sent::UnknownKey),
                },
                (Way::Down, network::Received::Packet { mut packet, .. }) => {
                    let outcome = self.client.handle_input(client_now, &mut packet);
                    self.count("client", outcome);
                }
                (Way::Down, network::Received::QuickAck(token)) => {
                    let is_known = self.client.handle_quick_ack(token);
                    self.totals.quick_acks += u64::from(is_known);
                }
                (Way::Down, network::Received::Error(error)) => {
                    self.totals.unknown_keys += 1;
                    self.log(|| format!("{error}"));
                    self.client.handle_transport_error(client_now, error.code());
                    return self.cut(number);
                }
                (Way::Up, _) => panic!("clients send nothing but packets"),
            }
        }
    }

    pub(super) fn connect(&mut self) {
        self.last_link += 1;
        let number = self.last_link;
        let link = Link::connect(&mut self.rng);
        let is_ready = link.is_ready();
        self.links.insert(number, link);
        self.log(|| format!("connection {number}"));
        if is_ready && number > 1 {
            let client_now = self.client_now();
            self.client.reconnected(client_now);
        }
    }
}
