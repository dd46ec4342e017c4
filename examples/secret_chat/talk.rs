//! The conversation: what an application does around `mtproto_runtime::secret_chat` and `mtproto_runtime::net`.

use std::collections::VecDeque;
use std::time::SystemTime;

use getrandom::SysRng;
use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache};
use mtproto_runtime::crypto::rsa::PublicKey;
use mtproto_runtime::handshake;
use mtproto_runtime::net::{Client, ClientConfig, ClientEvent, Events, KeySource};
use mtproto_runtime::schema::end_to_end::{layer_143, layer_144};
use mtproto_runtime::secret_chat::file::{FileKey, Parts};
use mtproto_runtime::secret_chat::{
    Chat, Effect, Identity, Input, LayerMessage, MAX_LAYER, Notice, Options, Outgoing, Sending,
    StoredChat,
};
use mtproto_runtime::session::Event;
use mtproto_runtime::time::UnixTime;
use rand_core::{Rng as _, UnwrapErr};
use telegram_tl::api::{LAYER, enums, functions, types};
use telegram_tl::wire::{Function, decode, encode};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// So many random bytes of the server are mixed into secrets.
const RANDOM_BYTES: i32 = 256;
/// Not a whole number of blocks, nor of parts.
const FILE_BYTES: usize = 100_003;
/// More than a key is used for.
const TEXTS: usize = 100;

/// Lets two new users of that data center talk, and checks what they see.
pub(crate) async fn talk(
    address: &str,
    public_key: &PublicKey,
    say: &dyn Fn(&str),
) -> Result<(), Error> {
    let mut alice = Person::connect("Alice", address, public_key).await?;
    let mut bob = Person::connect("Bob", address, public_key).await?;
    say(&format!(
        "Alice is user {}, Bob is user {}",
        alice.id, bob.id
    ));

    let (group, random) = alice.dh_config().await?;
    let (chat, effects) = Chat::request(
        Options::default(),
        alice.id,
        bob.id,
        group,
        &random,
        &mut UnwrapErr(SysRng),
    );
    alice.chat = Some(chat);
    alice.peer = Some(bob.as_input());
    alice.carry_out(effects).await?;
    say("Alice asks for a secret chat");
    until(&mut alice, &mut bob, |alice, bob| {
        [alice, bob]
            .iter()
            .all(|person| person.layer() == MAX_LAYER)
    })
    .await?;
    let picture = alice.picture()?;
    check(picture == bob.picture()?, "both see the same picture")?;
    say(&format!(
        "the chat is open, in layer {MAX_LAYER}; both see the same picture:\n{picture}"
    ));

    alice.say("Hello Bob").await?;
    bob.say("Hello Alice").await?;
    until(&mut alice, &mut bob, |alice, bob| {
        alice.texts.len() == 1 && bob.texts.len() == 1
    })
    .await?;
    check(
        alice.texts == ["Hello Alice"] && bob.texts == ["Hello Bob"],
        "texts arrive as they are",
    )?;
    say("a text each way has arrived");

    let mut file = vec![0; FILE_BYTES];
    UnwrapErr(SysRng).fill_bytes(&mut file);
    let parts = alice.send_file(&file).await?;
    say(&format!(
        "Alice sends a file of {FILE_BYTES} bytes, in {parts} parts"
    ));
    until(&mut alice, &mut bob, |_, bob| bob.files.len() == 1).await?;
    let received = bob.fetch_file().await?;
    check(received == file, "the file is what was sent")?;
    say("Bob has fetched and decrypted it: the same bytes");

    let before = alice.fingerprint()?;
    for number in 0..TEXTS {
        alice.say(&format!("text {number}")).await?;
    }
    let replaced = |person: &Person| person.keys > 1;
    until(&mut alice, &mut bob, |alice, bob| {
        replaced(alice) && replaced(bob) && bob.texts.len() == 1 + TEXTS
    })
    .await?;
    bob.say("under the new key").await?;
    until(&mut alice, &mut bob, |alice, _| alice.texts.len() == 2).await?;
    let in_order = (0..TEXTS).all(|number| bob.texts[1 + number] == format!("text {number}"));
    check(in_order, "texts arrive in their order")?;
    check(
        alice.fingerprint()? == bob.fingerprint()?,
        "both have the same new key",
    )?;
    check(alice.fingerprint()? != before, "the key is another one")?;
    check(
        alice.picture()? == picture && bob.picture()? == picture,
        "the picture has not changed",
    )?;
    say(&format!(
        "after {TEXTS} texts the key was replaced: fingerprint {before:016x}, now {:016x}; the picture is the same",
        alice.fingerprint()?
    ));

    alice.leave().await?;
    until(&mut alice, &mut bob, |_, bob| bob.has_ended()).await?;
    say("Alice has left, and Bob knows");
    Ok(())
}

/// Waits until both are so far, and has them handle what comes.
async fn until(
    alice: &mut Person,
    bob: &mut Person,
    done: impl Fn(&Person, &Person) -> bool,
) -> Result<(), Error> {
    while !done(alice, bob) {
        tokio::select! {
            event = alice.events.next() => alice.handle(event).await?,
            event = bob.events.next() => bob.handle(event).await?,
        }
    }
    Ok(())
}

fn check(held: bool, what: &str) -> Result<(), Error> {
    match held {
        true => Ok(()),
        false => Err(format!("it does not hold that {what}").into()),
    }
}

/// A user with a client and a chat.
struct Person {
    name: &'static str,
    id: i64,
    access_hash: i64,
    client: Client,
    events: Events,
    /// Whom a chat is asked of.
    peer: Option<enums::InputUser>,
    chat: Option<Chat<DhGroup>>,
    /// In place of a store.
    stored: Option<StoredChat>,
    texts: Vec<String>,
    files: Vec<(
        layer_143::types::DecryptedMessageMediaDocument,
        enums::EncryptedFile,
    )>,
    /// How many keys the chat has had.
    keys: u32,
}

/// Being on the net.
impl Person {
    async fn connect(
        name: &'static str,
        address: &str,
        public_key: &PublicKey,
    ) -> Result<Self, Error> {
        let key = handshake::ClientConfig::new(vec![public_key.clone()], 2);
        let mut config = ClientConfig::new(address, KeySource::Handshake(key));
        config.init_connection = Some(init_connection(name)?);
        config.max_events = 4096;
        let client = Client::connect(config).await?;
        let events = client.events();
        let id = vec![enums::InputUser::Self_];
        let users = client.invoke(&functions::users::GetUsers { id }).await?;
        let Some(enums::User::User(user)) = users.into_iter().next() else {
            return Err("the data center does not tell who we are".into());
        };
        Ok(Self {
            name,
            id: user.id,
            access_hash: user.access_hash.unwrap_or_default(),
            client,
            events,
            peer: None,
            chat: None,
            stored: None,
            texts: Vec::new(),
            files: Vec::new(),
            keys: 1,
        })
    }

    fn as_input(&self) -> enums::InputUser {
        enums::InputUser::InputUser(types::InputUser {
            user_id: self.id,
            access_hash: self.access_hash,
        })
    }

    async fn call<F: Function>(&self, function: F) -> Result<F::Return, Error> {
        let outcome = self.client.invoke(&function).await;
        outcome.map_err(|error| format!("{}: {}: {error}", self.name, F::NAME).into())
    }

    /// Prime and generator, checked, and random bytes.
    async fn dh_config(&self) -> Result<(DhGroup, Vec<u8>), Error> {
        let config = self.call(functions::messages::GetDhConfig {
            version: 0,
            random_length: RANDOM_BYTES,
        });
        let enums::messages::DhConfig::DhConfig(config) = config.await? else {
            return Err("there is no configuration of Diffie–Hellman".into());
        };
        let group = DhGroup::check(&config.p, config.g, &mut DhPrimeCache::default())?;
        Ok((group, config.random))
    }

    async fn handle(&mut self, event: Option<ClientEvent>) -> Result<(), Error> {
        let body = match event {
            Some(ClientEvent::Session(Event::Update { body, .. })) => body,
            Some(ClientEvent::Missed(count)) => {
                return Err(format!("{count} events were missed").into());
            }
            None => return Err(format!("the client of {} has ended", self.name).into()),
            Some(_) => return Ok(()),
        };
        let Ok(enums::Updates::UpdateShort(short)) = decode(&body) else {
            return Ok(());
        };
        match short.update {
            enums::Update::Encryption(update) => self.handle_chat(update.chat).await,
            enums::Update::NewEncryptedMessage(update) => {
                let (data, file) = match update.message {
                    enums::EncryptedMessage::EncryptedMessage(message) => {
                        (message.bytes, encode(&message.file)?)
                    }
                    enums::EncryptedMessage::Service(message) => (message.bytes, Vec::new()),
                    _ => return Ok(()),
                };
                let file = (!file.is_empty()).then_some(&file[..]);
                let qts = update.qts;
                self.put(Input::Encrypted {
                    data: &data,
                    file,
                    qts,
                })
                .await
            }
            _ => Ok(()),
        }
    }

    /// The state of a chat has changed.
    async fn handle_chat(&mut self, chat: enums::EncryptedChat) -> Result<(), Error> {
        match chat {
            enums::EncryptedChat::Requested(chat) => {
                let (group, random) = self.dh_config().await?;
                let identity = Identity {
                    chat_id: chat.id,
                    access_hash: chat.access_hash,
                    own_user_id: self.id,
                    peer_user_id: chat.admin_id,
                    is_originator: false,
                };
                let (chat, effects) = Chat::offered(Options::default(), identity, group, &chat.g_a);
                self.chat = Some(chat);
                self.carry_out(effects).await?;
                let server_random = &random;
                self.put(Input::Accept { server_random }).await
            }
            enums::EncryptedChat::EncryptedChat(chat) => {
                let (g_b, key_fingerprint) = (&chat.g_a_or_b, chat.key_fingerprint);
                self.put(Input::Accepted {
                    g_b,
                    key_fingerprint,
                })
                .await
            }
            enums::EncryptedChat::Discarded(_) => self.put(Input::Discarded).await,
            _ => Ok(()),
        }
    }
}

/// The chat.
impl Person {
    fn chat(&self) -> Result<&Chat<DhGroup>, Error> {
        self.chat
            .as_ref()
            .ok_or_else(|| format!("{} has no chat", self.name).into())
    }

    fn layer(&self) -> i32 {
        self.chat.as_ref().map_or(0, Chat::layer)
    }

    fn has_ended(&self) -> bool {
        self.chat
            .as_ref()
            .is_some_and(|chat| chat.discarded().is_some())
    }

    fn picture(&self) -> Result<String, Error> {
        let picture = self.chat()?.visualization();
        Ok(picture.ok_or("the chat is not open")?.to_string())
    }

    fn fingerprint(&self) -> Result<i64, Error> {
        Ok(self
            .chat()?
            .key_fingerprint()
            .ok_or("the chat is not open")?)
    }

    /// Tells the chat, and does what it wants.
    async fn put(&mut self, input: Input<'_>) -> Result<(), Error> {
        let effects = self.reduce(input)?;
        self.carry_out(effects).await
    }

    fn reduce(&mut self, input: Input<'_>) -> Result<Vec<Effect>, Error> {
        let now = UnixTime::from(SystemTime::now());
        let chat = self.chat.as_mut().ok_or("there is no chat")?;
        Ok(chat.handle(now, input, &mut UnwrapErr(SysRng))?)
    }

    /// Does it in order; what follows from a step comes before the next one.
    async fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), Error> {
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            let more = self.step(effect).await?;
            for effect in more.into_iter().rev() {
                todo.push_front(effect);
            }
        }
        Ok(())
    }

    async fn step(&mut self, effect: Effect) -> Result<Vec<Effect>, Error> {
        match effect {
            Effect::Persist(chat) => self.stored = Some(chat),
            Effect::RequestEncryption { random_id, g_a } => {
                let user_id = self.peer.clone().ok_or("nobody to ask")?;
                let g_a = g_a.to_vec();
                let request = functions::messages::RequestEncryption {
                    user_id,
                    random_id,
                    g_a,
                };
                let enums::EncryptedChat::Waiting(chat) = self.call(request).await? else {
                    return Err("the chat was not asked for".into());
                };
                let (chat_id, access_hash) = (chat.id, chat.access_hash);
                return self.reduce(Input::Waiting {
                    chat_id,
                    access_hash,
                });
            }
            Effect::AcceptEncryption {
                g_b,
                key_fingerprint,
            } => {
                let accept = functions::messages::AcceptEncryption {
                    peer: self.input_chat()?,
                    g_b: g_b.to_vec(),
                    key_fingerprint,
                };
                self.call(accept).await?;
                return self.reduce(Input::AcceptConfirmed);
            }
            Effect::Send(sending) => {
                let random_id = sending.random_id;
                self.send(sending).await?;
                return self.reduce(Input::Sent { random_id });
            }
            Effect::Deliver(delivery) => {
                self.read(delivery.message()?, delivery.file.as_deref())?;
                return self.reduce(Input::Delivered {
                    number: delivery.number,
                });
            }
            Effect::AcknowledgeQueue { qts: max_qts } => {
                self.call(functions::messages::ReceivedQueue { max_qts })
                    .await?;
            }
            Effect::Notify(Notice::KeyReplaced) => self.keys += 1,
            Effect::Notify(Notice::Dropped(reason)) => {
                return Err(format!("a message was dropped: {reason:?}").into());
            }
            Effect::Discarded {
                tell_server: true, ..
            } => {
                let chat_id = self.chat()?.identity().chat_id;
                let delete_history = false;
                let discard = functions::messages::DiscardEncryption {
                    delete_history,
                    chat_id,
                };
                self.call(discard).await?;
            }
            _ => {}
        }
        Ok(Vec::new())
    }

    async fn send(&self, sending: Sending) -> Result<(), Error> {
        let Sending {
            random_id,
            data,
            file,
            is_service,
            ..
        } = sending;
        let (peer, silent) = (self.input_chat()?, false);
        match file {
            Some(file) => {
                let file = decode(&file)?;
                let send = functions::messages::SendEncryptedFile {
                    silent,
                    peer,
                    random_id,
                    data,
                    file,
                };
                self.call(send).await?;
            }
            None if is_service => {
                let send = functions::messages::SendEncryptedService {
                    peer,
                    random_id,
                    data,
                };
                self.call(send).await?;
            }
            None => {
                let send = functions::messages::SendEncrypted {
                    silent,
                    peer,
                    random_id,
                    data,
                };
                self.call(send).await?;
            }
        }
        Ok(())
    }

    fn input_chat(&self) -> Result<enums::InputEncryptedChat, Error> {
        let identity = self.chat()?.identity();
        Ok(enums::InputEncryptedChat::InputEncryptedChat(
            types::InputEncryptedChat {
                chat_id: identity.chat_id,
                access_hash: identity.access_hash,
            },
        ))
    }

    /// Keeps what a message says.
    fn read(&mut self, message: LayerMessage, file: Option<&[u8]>) -> Result<(), Error> {
        use layer_144::enums::DecryptedMessage;
        let LayerMessage::Layer144(DecryptedMessage::DecryptedMessage(message)) = message else {
            return Ok(());
        };
        match (message.media.map(|media| *media), file) {
            (Some(layer_143::enums::DecryptedMessageMedia::Document(document)), Some(file)) => {
                self.files.push((*document, decode(file)?));
            }
            _ => self.texts.push(message.message),
        }
        Ok(())
    }

    async fn say(&mut self, text: &str) -> Result<(), Error> {
        let message = message(text, None);
        self.put(Input::Send(Outgoing {
            message,
            file: None,
        }))
        .await
    }

    async fn leave(&mut self) -> Result<(), Error> {
        self.put(Input::Discard).await
    }
}

/// Files.
impl Person {
    /// Encrypts a file, uploads it, and sends it. Returns how many parts it has.
    async fn send_file(&mut self, file: &[u8]) -> Result<u32, Error> {
        let rng = &mut UnwrapErr(SysRng);
        let key = FileKey::generate(rng);
        let mut encrypted = file.to_vec();
        key.encryptor().last_chunk(&mut encrypted, rng);
        let parts = Parts::of(encrypted.len() as u64).ok_or("the file can't be sent")?;
        let file_id = rng.next_u64().cast_signed();
        for (file_part, bytes) in (0..).zip(encrypted.chunks(parts.part_bytes as usize)) {
            let bytes = bytes.to_vec();
            let save = functions::upload::SaveFilePart {
                file_id,
                file_part,
                bytes,
            };
            check(self.call(save).await?, "the part is saved")?;
        }
        let uploaded = enums::InputEncryptedFile::Uploaded(types::InputEncryptedFileUploaded {
            id: file_id,
            parts: parts.count.cast_signed(),
            md5_checksum: String::new(),
            key_fingerprint: key.fingerprint(),
        });
        let document = layer_143::types::DecryptedMessageMediaDocument {
            thumb: Vec::new(),
            thumb_w: 0,
            thumb_h: 0,
            mime_type: "application/octet-stream".into(),
            size: file.len() as i64,
            key: key.key.to_vec(),
            iv: key.iv.to_vec(),
            attributes: Vec::new(),
            caption: String::new(),
        };
        let message = message("", Some(document));
        let file = Some(encode(&uploaded)?);
        self.put(Input::Send(Outgoing { message, file })).await?;
        Ok(parts.count)
    }

    /// Fetches the last file that came, and decrypts it.
    async fn fetch_file(&mut self) -> Result<Vec<u8>, Error> {
        let (document, file) = self.files.last().ok_or("there is no file")?;
        let enums::EncryptedFile::EncryptedFile(file) = file else {
            return Err("the message has no file".into());
        };
        let key = FileKey::from_message(&document.key, &document.iv)?;
        key.check_fingerprint(file.key_fingerprint)?;
        let mut decryptor = key.decryptor(document.size.cast_unsigned());
        let mut plaintext = Vec::new();
        let mut offset = 0;
        while offset < file.size {
            let location = types::InputEncryptedFileLocation {
                id: file.id,
                access_hash: file.access_hash,
            };
            let fetch = functions::upload::GetFile {
                precise: false,
                cdn_supported: false,
                location: enums::InputFileLocation::InputEncryptedFileLocation(location),
                offset,
                limit: 64 << 10,
            };
            let enums::upload::File::File(mut part) = self.call(fetch).await? else {
                return Err("the file is elsewhere".into());
            };
            check(!part.bytes.is_empty(), "the file is as long as it says")?;
            offset += part.bytes.len() as i64;
            let own = decryptor.chunk(&mut part.bytes)?;
            plaintext.extend_from_slice(&part.bytes[..own]);
        }
        decryptor.finish()?;
        Ok(plaintext)
    }
}

/// A message of the newest layer.
fn message(
    text: &str,
    document: Option<layer_143::types::DecryptedMessageMediaDocument>,
) -> LayerMessage {
    use layer_143::enums::DecryptedMessageMedia;
    let message = layer_144::types::DecryptedMessage {
        no_webpage: false,
        silent: false,
        random_id: UnwrapErr(SysRng).next_u64().cast_signed(),
        ttl: 0,
        message: text.to_owned(),
        media: document
            .map(|document| Box::new(DecryptedMessageMedia::Document(Box::new(document)))),
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    };
    layer_144::enums::DecryptedMessage::DecryptedMessage(message).into()
}

/// What stands before the first call: who is calling, and in which layer.
fn init_connection(device: &str) -> Result<Vec<u8>, Error> {
    let call = functions::InvokeWithLayer {
        layer: LAYER,
        query: functions::InitConnection {
            api_id: 1,
            device_model: device.to_owned(),
            system_version: "1".into(),
            app_version: "1".into(),
            system_lang_code: "en".into(),
            lang_pack: String::new(),
            lang_code: "en".into(),
            proxy: None,
            params: None,
            query: functions::help::GetConfig {},
        },
    };
    let mut bytes = encode(&call)?;
    // Without the query, which is its id.
    bytes.truncate(bytes.len() - 4);
    Ok(bytes)
}
