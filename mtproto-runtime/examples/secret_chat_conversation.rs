//! A conversation in a secret chat with another implementation, to see that both mean the same.
//!
//! ```text
//! secret_chat_conversation [--messages 1000] [--seed 1] [--originator] [--layers OURS,THEIRS,FIRST] [--upgrade] -- COMMAND…
//! ```
//!
//! The command is a program that speaks as `tests/interop/python/secret_chat_peer.py` says: a line of JSON in, a line of JSON
//! out. Texts go both ways over a network that loses, repeats and reorders them; keys wear out and are replaced; with
//! `--upgrade`, both sides learn the newest layer in the middle of it; at the end a file is sent each way. Exits with 0 if all
//! was read once and in order, and both show the same picture.

use std::collections::VecDeque;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
use mtproto_runtime::schema::end_to_end::{layer_8, layer_17, layer_45, layer_73};
use mtproto_runtime::secret_chat::file::FileKey;
use mtproto_runtime::secret_chat::{
    Chat, Effect, FIRST_SEQUENCED_LAYER, Identity, Input, LayerMessage, MAX_LAYER, Notice, Options,
    Outgoing,
};
use mtproto_runtime::time::UnixTime;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};

const START: u64 = 1_800_000_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[allow(clippy::print_stderr, clippy::print_stdout, reason = "a program")]
fn main() -> ExitCode {
    match Arguments::read(std::env::args().skip(1)).and_then(|arguments| run(&arguments)) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    messages: usize,
    seed: u64,
    is_originator: bool,
    layers: [i32; 3],
    upgrade: bool,
    command: Vec<String>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut this = Self {
            messages: 1000,
            seed: 1,
            is_originator: false,
            layers: [MAX_LAYER, MAX_LAYER, 46],
            upgrade: false,
            command: Vec::new(),
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--messages" => this.messages = value()?.parse()?,
                "--seed" => this.seed = value()?.parse()?,
                "--originator" => this.is_originator = true,
                "--upgrade" => this.upgrade = true,
                "--layers" => {
                    let layers: Result<Vec<i32>, _> = value()?.split(',').map(str::parse).collect();
                    let layers = layers?.try_into();
                    this.layers = layers.map_err(|_| "--layers needs three numbers")?;
                }
                "--" => {
                    this.command = words.by_ref().collect();
                }
                _ => return Err(format!("unknown argument {word}").into()),
            }
        }
        if this.command.is_empty() {
            return Err("the command of the peer is missing, behind --".into());
        }
        Ok(this)
    }
}

fn run(arguments: &Arguments) -> Outcome<String> {
    let mut talk = Talk::open(arguments)?;
    for number in 0..arguments.messages {
        if arguments.upgrade && number == arguments.messages / 2 {
            talk.upgrade()?;
        }
        if talk.rng.next_u32().is_multiple_of(2) {
            talk.we_say(&format!("ours {number}"))?;
        } else {
            talk.they_say(&format!("theirs {number}"))?;
        }
        talk.network()?;
    }
    talk.mend()?;
    talk.files()?;
    talk.compare()
}

/// Both sides, and what is on its way between them.
struct Talk {
    ours: Ours,
    theirs: Peer,
    to_us: VecDeque<Vec<u8>>,
    to_them: VecDeque<Vec<u8>>,
    we_said: Vec<String>,
    they_said: Vec<String>,
    lost: u32,
    rng: ChaCha20Rng,
}

impl Talk {
    fn open(arguments: &Arguments) -> Outcome<Self> {
        let [our_layer, their_layer, first] = arguments.layers;
        let mut rng = ChaCha20Rng::seed_from_u64(arguments.seed);
        let mut theirs = Peer::start(&arguments.command)?;
        theirs.ask(json!({
            "do": "new",
            "originator": !arguments.is_originator,
            "layer": their_layer,
            "remote_layer": first,
        }))?;
        let options = Options {
            local_layer: our_layer,
            initial_peer_layer: first,
            ..Options::default()
        };
        let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())?;
        let now = UnixTime::from_secs(START);
        let mut to_us = VecDeque::new();
        let mut ours = if arguments.is_originator {
            let (chat, effects) = Chat::request(options, 1, 2, group, &[], &mut rng);
            let mut ours = Ours::new(chat, options);
            let g_a = effects.into_iter().find_map(|effect| match effect {
                Effect::RequestEncryption { g_a, .. } => Some(g_a),
                _ => None,
            });
            let g_a = g_a.ok_or("there is no request")?;
            let answer = theirs.ask(json!({"do": "accept", "g_a": hex(&g_a[..])}))?;
            to_us.extend(packets(&answer)?);
            let g_b = bytes(&answer["g_b"])?;
            let key_fingerprint = answer["key_fingerprint"].as_i64().ok_or("no fingerprint")?;
            ours.handle(
                Input::Accepted {
                    g_b: &g_b,
                    key_fingerprint,
                },
                &mut rng,
            )?;
            ours
        } else {
            let answer = theirs.ask(json!({"do": "request"}))?;
            let identity = Identity {
                chat_id: 1,
                access_hash: 1,
                own_user_id: 2,
                peer_user_id: 1,
                is_originator: false,
            };
            let (mut chat, _) = Chat::offered(options, identity, group, &bytes(&answer["g_a"])?);
            let accept = Input::Accept { server_random: &[] };
            let effects = chat.handle(now, accept, &mut rng)?;
            let accepted = effects.into_iter().find_map(|effect| match effect {
                Effect::AcceptEncryption {
                    g_b,
                    key_fingerprint,
                } => Some((g_b, key_fingerprint)),
                _ => None,
            });
            let (g_b, key_fingerprint) = accepted.ok_or("it was not accepted")?;
            let mut ours = Ours::new(chat, options);
            ours.handle(Input::AcceptConfirmed, &mut rng)?;
            let answer = theirs.ask(json!({
                "do": "confirm",
                "g_b": hex(&g_b[..]),
                "key_fingerprint": key_fingerprint,
            }))?;
            to_us.extend(packets(&answer)?);
            ours
        };
        let to_them = ours.outbox.drain(..).collect();
        let mut talk = Self {
            ours,
            theirs,
            to_us,
            to_them,
            we_said: Vec::new(),
            they_said: Vec::new(),
            lost: 0,
            rng,
        };
        talk.deliver_all()?;
        Ok(talk)
    }

    fn we_say(&mut self, text: &str) -> Outcome<()> {
        let random_id = self.rng.next_u64() as i64;
        let message = text_message(self.ours.chat.layer(), random_id, text);
        let file = None;
        self.ours
            .handle(Input::Send(Outgoing { message, file }), &mut self.rng)?;
        self.we_said.push(text.to_owned());
        let sent: Vec<_> = self.ours.outbox.drain(..).collect();
        for data in sent {
            if self.may_lose() {
                self.lost += 1;
            } else {
                self.to_them.push_back(data);
            }
        }
        Ok(())
    }

    fn they_say(&mut self, text: &str) -> Outcome<()> {
        let answer = self.theirs.ask(json!({"do": "send", "text": text}))?;
        self.they_said.push(text.to_owned());
        for data in packets(&answer)? {
            if self.may_lose() {
                self.lost += 1;
            } else {
                self.to_us.push_back(data);
            }
        }
        Ok(())
    }

    /// Messages without numbers can't be asked for again.
    fn may_lose(&mut self) -> bool {
        self.is_numbered() && self.rng.next_u32().is_multiple_of(20)
    }

    fn is_numbered(&self) -> bool {
        self.ours.chat.layer() >= FIRST_SEQUENCED_LAYER
    }

    /// Some of what is on its way arrives: nearly in order, and at times twice.
    fn network(&mut self) -> Outcome<()> {
        if !self.is_numbered() {
            return self.deliver_all();
        }
        for _ in 0..self.rng.next_u32() % 4 {
            let to_us = self.rng.next_u32().is_multiple_of(2);
            let way = if to_us {
                &mut self.to_us
            } else {
                &mut self.to_them
            };
            if way.is_empty() {
                continue;
            }
            let index = self.rng.next_u32() as usize % way.len().min(3);
            let data = if self.rng.next_u32().is_multiple_of(20) {
                way.get(index).cloned()
            } else {
                way.remove(index)
            };
            let data = data.ok_or("nothing is on its way")?;
            self.deliver(to_us, &data)?;
        }
        Ok(())
    }

    fn deliver(&mut self, to_us: bool, data: &[u8]) -> Outcome<()> {
        if to_us {
            let encrypted = Input::Encrypted {
                data,
                file: None,
                qts: 1,
            };
            self.ours.handle(encrypted, &mut self.rng)?;
            self.to_them.extend(self.ours.outbox.drain(..));
        } else {
            let answer = self
                .theirs
                .ask(json!({"do": "receive", "packet": hex(data)}))?;
            self.to_us.extend(packets(&answer)?);
        }
        Ok(())
    }

    fn deliver_all(&mut self) -> Outcome<()> {
        while !(self.to_us.is_empty() && self.to_them.is_empty()) {
            while let Some(data) = self.to_us.pop_front() {
                self.deliver(true, &data)?;
            }
            while let Some(data) = self.to_them.pop_front() {
                self.deliver(false, &data)?;
            }
        }
        Ok(())
    }

    /// Both applications are updated to the newest layer.
    fn upgrade(&mut self) -> Outcome<()> {
        self.deliver_all()?;
        self.ours.upgrade(&mut self.rng)?;
        self.to_them.extend(self.ours.outbox.drain(..));
        let answer = self
            .theirs
            .ask(json!({"do": "upgrade", "layer": MAX_LAYER}))?;
        self.to_us.extend(packets(&answer)?);
        self.deliver_all()
    }

    /// Nothing is lost any more, and a last message each shows what is missing.
    fn mend(&mut self) -> Outcome<()> {
        self.deliver_all()?;
        for _ in 0..2 {
            let before = self.lost;
            self.we_say("the end")?;
            self.they_say("the end")?;
            if self.lost == before {
                break;
            }
        }
        self.deliver_all()?;
        // What was lost of the last words is seen by the next.
        for _ in 0..20 {
            if self.ours.texts == self.they_said && self.theirs.texts == self.we_said {
                return Ok(());
            }
            self.we_say("still here")?;
            self.they_say("still here")?;
            self.deliver_all()?;
        }
        Err(format!(
            "of {} texts of theirs {} were read, and of {} of ours {}",
            self.they_said.len(),
            self.ours.texts.len(),
            self.we_said.len(),
            self.theirs.texts.len(),
        )
        .into())
    }

    /// A file each way, in chunks on our side.
    fn files(&mut self) -> Outcome<()> {
        let mut plaintext = vec![0; 100_003];
        self.rng.fill_bytes(&mut plaintext);
        let key = FileKey::generate(&mut self.rng);
        let mut encrypted = Vec::new();
        let mut encryptor = key.encryptor();
        let (whole, last) = plaintext.split_at(96_000);
        for chunk in whole.chunks(32_000) {
            let mut chunk = chunk.to_vec();
            encryptor.chunk(&mut chunk)?;
            encrypted.extend(chunk);
        }
        let mut last = last.to_vec();
        encryptor.last_chunk(&mut last, &mut self.rng);
        encrypted.extend(last);

        let (key_hex, iv_hex) = (hex(&key.key), hex(&key.iv));
        let answer = self.theirs.ask(json!({
            "do": "decrypt_file", "data": hex(&encrypted), "key": key_hex, "iv": iv_hex, "size": plaintext.len(),
        }))?;
        if bytes(&answer["data"])? != plaintext {
            return Err("our file reads otherwise there".into());
        }
        let answer = self.theirs.ask(json!({
            "do": "encrypt_file", "data": hex(&plaintext), "key": key_hex, "iv": iv_hex,
        }))?;
        let fingerprint = answer["fingerprint"].as_i64().ok_or("no fingerprint")?;
        key.check_fingerprint(fingerprint as i32)?;
        let mut theirs = bytes(&answer["data"])?;
        let mut decryptor = key.decryptor(plaintext.len() as u64);
        let own = decryptor.chunk(&mut theirs)?;
        decryptor.finish()?;
        if theirs[..own] != plaintext {
            return Err("their file reads otherwise here".into());
        }
        Ok(())
    }

    fn compare(&mut self) -> Outcome<String> {
        if let Some(reason) = self.ours.chat.discarded() {
            return Err(format!("the chat has ended: {reason}").into());
        }
        let state = self.theirs.ask(json!({"do": "state"}))?;
        let picture = self
            .ours
            .chat
            .visualization()
            .ok_or("the chat is not open")?;
        if hex(&picture.bytes().collect::<Vec<_>>()) != state["visualization"] {
            return Err(format!("the pictures differ: {}", state["visualization"]).into());
        }
        if self.ours.chat.key_fingerprint() != state["key_fingerprint"].as_i64() {
            return Err("the keys differ".into());
        }
        Ok(format!(
            "{} texts of ours and {} of theirs, {} lost and asked for, {} keys, layer {}",
            self.we_said.len(),
            self.they_said.len(),
            self.lost,
            self.ours.keys,
            self.ours.chat.layer(),
        ))
    }
}

/// Our side, with the application around it.
struct Ours {
    chat: Chat<DhGroup>,
    options: Options,
    stored: Vec<u8>,
    outbox: VecDeque<Vec<u8>>,
    texts: Vec<String>,
    delivered: u64,
    keys: u32,
}

impl Ours {
    fn new(chat: Chat<DhGroup>, options: Options) -> Self {
        Self {
            chat,
            options,
            stored: Vec::new(),
            outbox: VecDeque::new(),
            texts: Vec::new(),
            delivered: 0,
            keys: 1,
        }
    }

    fn handle(&mut self, input: Input<'_>, rng: &mut ChaCha20Rng) -> Outcome<()> {
        let effects = self.chat.handle(UnixTime::from_secs(START), input, rng)?;
        self.carry_out(effects, rng)
    }

    fn carry_out(&mut self, effects: Vec<Effect>, rng: &mut ChaCha20Rng) -> Outcome<()> {
        for effect in effects {
            match effect {
                Effect::Persist(stored) => self.stored = stored.as_bytes().to_vec(),
                Effect::Send(sending) => {
                    self.outbox.push_back(sending.data);
                    let random_id = sending.random_id;
                    self.handle(Input::Sent { random_id }, rng)?;
                }
                Effect::Deliver(delivery) => {
                    self.delivered = delivery.number;
                    self.texts.extend(text_of(delivery.message()?));
                    let number = delivery.number;
                    self.handle(Input::Delivered { number }, rng)?;
                }
                Effect::Notify(Notice::KeyReplaced) => self.keys += 1,
                Effect::Discarded { reason, .. } => return Err(reason.to_string().into()),
                _ => {}
            }
        }
        Ok(())
    }

    fn upgrade(&mut self, rng: &mut ChaCha20Rng) -> Outcome<()> {
        self.options.local_layer = MAX_LAYER;
        let identity = *self.chat.identity();
        self.chat = Chat::restore(self.options, &self.stored, Some(&identity))?;
        let effects = self
            .chat
            .resume(UnixTime::from_secs(START), self.delivered, rng);
        self.carry_out(effects, rng)
    }
}

/// The other implementation.
struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    texts: Vec<String>,
}

impl Peer {
    fn start(command: &[String]) -> Outcome<Self> {
        let mut child = Command::new(&command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no input")?;
        let output = child.stdout.take().ok_or("no output")?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
            texts: Vec::new(),
        })
    }

    fn ask(&mut self, question: Value) -> Outcome<Value> {
        writeln!(self.input, "{question}")?;
        self.input.flush()?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(format!("the peer has no answer to {question}").into());
        }
        let answer: Value = serde_json::from_str(&line)?;
        if let Some(reason) = answer.get("aborted") {
            return Err(format!("the peer has ended the chat: {reason}").into());
        }
        for event in answer["events"].as_array().into_iter().flatten() {
            self.texts.extend(event["text"].as_str().map(str::to_owned));
        }
        Ok(answer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn packets(answer: &Value) -> Outcome<Vec<Vec<u8>>> {
    let packets = answer["packets"].as_array().ok_or("no packets")?;
    packets.iter().map(bytes).collect()
}

fn bytes(value: &Value) -> Outcome<Vec<u8>> {
    let text = value.as_str().ok_or("no text")?;
    let digits = text.as_bytes().chunks(2);
    let digits =
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair)?, 16).map_err(Into::into));
    digits.collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text_of(message: LayerMessage) -> Option<String> {
    use mtproto_runtime::schema::end_to_end as layers;
    macro_rules! texts {
        ($($variant:ident in $module:ident,)+) => {
            match message {
                $(LayerMessage::$variant(layers::$module::enums::DecryptedMessage::DecryptedMessage(message)) => {
                    Some(message.message)
                })+
                _ => None,
            }
        };
    }
    texts! {
        Layer8 in layer_8,
        Layer17 in layer_17,
        Layer20 in layer_20,
        Layer23 in layer_23,
        Layer45 in layer_45,
        Layer46 in layer_46,
        Layer66 in layer_66,
        Layer73 in layer_73,
        Layer101 in layer_101,
        Layer143 in layer_143,
        Layer144 in layer_144,
    }
}

/// A text, in the newest form that a layer has.
fn text_message(layer: i32, random_id: i64, text: &str) -> LayerMessage {
    let message = text.to_owned();
    match layer {
        ..17 => {
            let message = Box::new(layer_8::types::DecryptedMessage {
                random_id,
                random_bytes: vec![0; 15],
                message,
                media: layer_8::enums::DecryptedMessageMedia::Empty,
            });
            layer_8::enums::DecryptedMessage::DecryptedMessage(message).into()
        }
        17..45 => {
            let message = Box::new(layer_17::types::DecryptedMessage {
                random_id,
                ttl: 0,
                message,
                media: layer_17::enums::DecryptedMessageMedia::Empty,
            });
            layer_17::enums::DecryptedMessage::DecryptedMessage(message).into()
        }
        45..73 => {
            let message = layer_45::types::DecryptedMessage {
                random_id,
                ttl: 0,
                message,
                media: None,
                entities: None,
                via_bot_name: None,
                reply_to_random_id: None,
            };
            layer_45::enums::DecryptedMessage::DecryptedMessage(message).into()
        }
        _ => {
            let message = layer_73::types::DecryptedMessage {
                no_webpage: false,
                silent: false,
                random_id,
                ttl: 0,
                message,
                media: None,
                entities: None,
                via_bot_name: None,
                reply_to_random_id: None,
                grouped_id: None,
            };
            layer_73::enums::DecryptedMessage::DecryptedMessage(message).into()
        }
    }
}
