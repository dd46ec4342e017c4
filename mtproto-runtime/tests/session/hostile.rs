//! A peer that has the key and sends whatever it likes: nothing panics, and memory stays bounded.
//!
//! The fuzz target `session_inbound` drives a session in the same way; what it has found is in `tests/corpus`.

use std::time::Duration;

use mtproto_runtime::AuthKey;
use mtproto_runtime::crypto::aes_ige;
use mtproto_runtime::crypto::kdf::{self, Side};
use mtproto_runtime::session::{
    ClientState, Config, Event, Handle, InvokeOptions, ServerSalts, Session,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// Does with a session what the input says, a step at a time: a byte that tells what, one that tells how long its argument
/// is (in words of four bytes), and the argument.
pub(crate) fn drive(input: &[u8]) {
    let Some((role, mut rest)) = input.split_first() else {
        return;
    };
    let mut peer = Peer::new(role & 1 == 0);
    while let Some(([step, words], after)) = rest.split_first_chunk() {
        let len = (usize::from(*words) * 4).min(after.len());
        let (argument, after) = after.split_at(len);
        peer.step(*step, argument);
        rest = after;
    }
    let (messages, (_, bytes)) = (peer.session.messages(), peer.session.pending());
    assert!(
        messages < 1500 && bytes < 8 << 20,
        "{messages} messages, {bytes} bytes"
    );
}

/// The session, and what its peer knows of it.
struct Peer {
    session: Session,
    side: Side,
    now: UnixTime,
    last_id: i64,
    seq_no: i32,
    salt: i64,
    /// The last msg_ids that the session sent.
    sent: Vec<i64>,
    calls: Vec<i64>,
    handles: Vec<Handle>,
    packet: Vec<u8>,
}

impl Peer {
    fn new(is_client: bool) -> Self {
        let now = UnixTime::from_secs(1_750_000_000);
        let mut config = Config::default();
        config.max_pending = 64;
        config.max_received_ids = 32;
        config.max_unpacked_bytes = 64 << 10;
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let salts = ServerSalts::new([4; 32], Duration::from_secs(1800));
        let (session, side) = match is_client {
            true => {
                let state = ClientState::from_handshake(7, 0, now);
                (
                    Session::client(config, key(), &state, now, &mut rng),
                    Side::Server,
                )
            }
            false => (
                Session::server(config, key(), 5, salts, now, &mut rng),
                Side::Client,
            ),
        };
        Self {
            session,
            side,
            now,
            last_id: 0,
            seq_no: 0,
            salt: 0,
            sent: Vec::new(),
            calls: Vec::new(),
            handles: Vec::new(),
            packet: Vec::new(),
        }
    }

    fn step(&mut self, step: u8, argument: &[u8]) {
        match step % 12 {
            0 => self.send(true, argument),
            1 => self.send(false, argument),
            2 => self.send_raw(argument),
            3 => self.answer(argument),
            4 => self.refuse(argument),
            5 => {
                let secs = argument.first().map_or(1, |secs| u64::from(*secs) * 7);
                self.now = self.now.after(Duration::from_secs(secs));
                self.session.handle_timeout(self.now);
            }
            6 => self.call(argument),
            7 => self.transmit(),
            8 => self.session.reconnected(self.now),
            9 => self.respond(argument),
            10 => {
                let mut packet = argument.to_vec();
                let _ = self.session.handle_input(self.now, &mut packet);
            }
            _ => {
                if let Some(handle) = self.handles.pop() {
                    self.session.cancel(handle);
                }
            }
        }
        while let Some(event) = self.session.poll_event() {
            if let Event::Call { msg_id, .. }
            | Event::DestroySession { msg_id, .. }
            | Event::DestroyAuthKey { msg_id } = event
            {
                self.calls.push(msg_id);
            }
        }
        assert!(self.session.poll_timeout().is_none_or(|at| at >= self.now));
    }

    /// A message that keeps the rules, whatever its body is.
    fn send(&mut self, content_related: bool, body: &[u8]) {
        let bits = i64::from(self.side == Side::Server) * 3;
        self.last_id = ((self.now.msg_id_bits() as i64 & !3).max(self.last_id & !3) + 4) | bits;
        let seq_no = self.seq_no + i32::from(content_related);
        self.seq_no = self.seq_no.wrapping_add(i32::from(content_related) * 2);
        self.seal(self.last_id, seq_no, body.len() as i32, body);
    }

    /// A message with numbers of the input.
    fn send_raw(&mut self, argument: &[u8]) {
        if let Some((numbers, body)) = argument.split_first_chunk::<16>() {
            let offset = i64::from_le_bytes(numbers[..8].try_into().unwrap());
            let seq_no = i32::from_le_bytes(numbers[8..12].try_into().unwrap());
            let length = i32::from_le_bytes(numbers[12..].try_into().unwrap());
            self.seal(self.last_id.wrapping_add(offset), seq_no, length, body);
        }
    }

    /// `rpc_result` of a message that the session has sent.
    fn answer(&mut self, argument: &[u8]) {
        let Some((which, result)) = argument.split_first_chunk::<4>() else {
            return;
        };
        let mut body = 0xf35c_6d01_u32.to_le_bytes().to_vec();
        body.extend(self.sent_id(which[0]).to_le_bytes());
        body.extend(result);
        self.send(true, &body);
    }

    /// `bad_msg_notification` or `bad_server_salt` of a message that the session has sent.
    fn refuse(&mut self, argument: &[u8]) {
        let [which, code, salt, ..] = argument else {
            return;
        };
        let id = if *code == 48 {
            0xedab_447b_u32
        } else {
            0xa7ef_f811
        };
        let mut body = id.to_le_bytes().to_vec();
        body.extend(self.sent_id(*which).to_le_bytes());
        body.extend(1_i32.to_le_bytes());
        body.extend(i32::from(*code).to_le_bytes());
        if *code == 48 {
            body.extend(i64::from(*salt).to_le_bytes());
        }
        self.send(false, &body);
    }

    fn call(&mut self, body: &[u8]) {
        let mut options = InvokeOptions::default();
        options.after = self
            .handles
            .iter()
            .rev()
            .take(body.len() / 4 % 3)
            .copied()
            .collect();
        options.quick_ack = body.len() == 4;
        if let Ok(handle) = self.session.invoke_raw(body.to_vec(), options) {
            self.handles.push(handle);
        }
        let _ = self.session.send_update(body.to_vec());
    }

    fn respond(&mut self, body: &[u8]) {
        if let Some(call) = self.calls.pop() {
            let _ = self.session.respond(call, body.to_vec());
        }
    }

    /// Fetches all packets, and looks at their msg_ids and salts.
    fn transmit(&mut self) {
        loop {
            self.packet.clear();
            let Some(transmit) = self.session.poll_transmit(self.now, &mut self.packet) else {
                return;
            };
            if let Some(token) = transmit.quick_ack_token {
                self.session.handle_quick_ack(token);
            }
            let sender = self.side.other();
            let msg_key = self.packet[8..24].try_into().unwrap();
            let keys = kdf::message_keys(&key(), &msg_key, sender);
            aes_ige::decrypt(&keys.key, &keys.iv, &mut self.packet[24..]).unwrap();
            let plaintext = &self.packet[24..];
            self.salt = i64::from_le_bytes(plaintext[..8].try_into().unwrap());
            let outer = i64::from_le_bytes(plaintext[16..24].try_into().unwrap());
            self.sent.push(outer);
            if plaintext[32..36] == 0x73f1_f8dc_u32.to_le_bytes() && plaintext.len() > 48 {
                self.sent
                    .push(i64::from_le_bytes(plaintext[40..48].try_into().unwrap()));
            }
        }
    }

    fn sent_id(&self, which: u8) -> i64 {
        let at = self.sent.len().wrapping_sub(1 + usize::from(which));
        self.sent.get(at).copied().unwrap_or(4)
    }

    fn seal(&mut self, msg_id: i64, seq_no: i32, length: i32, body: &[u8]) {
        let mut plaintext = Vec::new();
        plaintext.extend(self.salt.to_le_bytes());
        plaintext.extend(self.session.session_id().to_le_bytes());
        plaintext.extend(msg_id.to_le_bytes());
        plaintext.extend(seq_no.to_le_bytes());
        plaintext.extend(length.to_le_bytes());
        plaintext.extend(body);
        let padding = 12 + (12 + body.len()).wrapping_neg() % 16;
        plaintext.resize(plaintext.len() + padding, 0);
        let msg_key = kdf::msg_key(&key(), self.side, &plaintext);
        let keys = kdf::message_keys(&key(), &msg_key, self.side);
        aes_ige::encrypt(&keys.key, &keys.iv, &mut plaintext).unwrap();
        let mut packet = key().id().to_le_bytes().to_vec();
        packet.extend(msg_key);
        packet.extend(plaintext);
        let _ = self.session.handle_input(self.now, &mut packet);
    }
}

fn key() -> AuthKey {
    AuthKey::new([0x42; 256])
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use rand_chacha::rand_core::Rng;

    use super::*;

    #[test]
    fn what_the_fuzzer_found_does_no_harm() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/session_inbound");
        let mut count = 0;
        for entry in fs::read_dir(corpus).unwrap() {
            drive(&fs::read(entry.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 20, "{count} files");
    }

    /// Bytes that are no messages at all, and messages made of the ids that mean something.
    #[test]
    fn random_steps_do_no_harm() {
        let ids = [
            0x73f1_f8dc_u32,
            0xe060_46b2,
            0x3072_cfa1,
            0xf35c_6d01,
            0x62d6_b459,
            0xa7ef_f811,
            0xedab_447b,
            0xda69_fb52,
            0x04de_b57d,
            0x8cc0_d131,
            0x276d_3ec6,
            0x809d_b6df,
            0x7d86_1a08,
            0x8610_baeb,
            0xae50_0895,
            0x3477_73c5,
            0x9ec2_0908,
            0xe220_45fc,
            0x9299_359f,
            0xf660_e1d4,
            0x58e4_a740,
            0xb921_bd04,
            0x7abe_77ec,
            0xf342_7b8c,
            0xe751_2126,
            0xd143_5160,
            0xcb9f_372d,
            0x3dc4_b4f0,
            0x2144_ca19,
            0x5bb8_e511,
            0x1cb5_c415,
            1,
            2,
            0,
        ];
        let mut rng = ChaCha20Rng::seed_from_u64(11);
        for _ in 0..3000 {
            let mut input = vec![rng.next_u32() as u8];
            for _ in 0..1 + rng.next_u32() % 24 {
                let words = rng.next_u32() % 9;
                input.extend([rng.next_u32() as u8, words as u8]);
                for _ in 0..words {
                    let word = match rng.next_u32() % 3 {
                        0 => rng.next_u32(),
                        1 => rng.next_u32() % 70,
                        _ => ids[rng.next_u32() as usize % ids.len()],
                    };
                    input.extend(word.to_le_bytes());
                }
            }
            drive(&input);
        }
    }
}
