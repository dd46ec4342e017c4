//! Secret chats: messages that the server carries and can't read.
//!
//! A [`Chat`] is a reducer. It is told what happens ([`Input`]) and says what is to be done about it, in order ([`Effect`]):
//! store this, send that, show these. It holds no socket, clock, randomness or store; a crash between any two effects is
//! made up for by [`Chat::restore`] and [`Chat::resume`]. Around it stand the generated bindings of
//! [`schema::end_to_end`](crate::schema::end_to_end), layer by layer, and the calls of the API that carry the messages
//! (`messages.requestEncryption`, `messages.sendEncrypted` …), which are the application's.
//!
//! Pages: <https://core.telegram.org/api/end-to-end>, <https://core.telegram.org/api/end-to-end_v1>,
//! <https://core.telegram.org/api/end-to-end/pfs>, <https://core.telegram.org/api/end-to-end/seq_no>,
//! <https://core.telegram.org/mtproto/security_guidelines>.
//!
//! ```
//! use mtproto_runtime::crypto::dh::{DhGroup, DhPrimeCache, TELEGRAM_DH_PRIME};
//! use mtproto_runtime::secret_chat::{Chat, Effect, Identity, Input, Options};
//! use mtproto_runtime::time::UnixTime;
//! # use rand_chacha::rand_core::SeedableRng;
//! # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
//!
//! let now = UnixTime::from_secs(1_800_000_000);
//! // `messages.getDhConfig` has answered with the prime and the generator.
//! let group = DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default())?;
//! let (mut alice, effects) = Chat::request(Options::default(), 1, 2, group.clone(), &[], &mut rng);
//! let [Effect::Persist(_), Effect::RequestEncryption { g_a, .. }] = &effects[..] else { panic!() };
//!
//! // Over the server the request comes to Bob, who accepts it.
//! let identity = Identity { chat_id: 7, access_hash: 8, own_user_id: 2, peer_user_id: 1, is_originator: false };
//! let (mut bob, _) = Chat::offered(Options::default(), identity, group, &g_a[..]);
//! let effects = bob.handle(now, Input::Accept { server_random: &[] }, &mut rng)?;
//! let [Effect::Persist(_), Effect::AcceptEncryption { g_b, key_fingerprint }] = &effects[..] else { panic!() };
//! bob.handle(now, Input::AcceptConfirmed, &mut rng)?;
//! alice.handle(now, Input::Accepted { g_b: &g_b[..], key_fingerprint: *key_fingerprint }, &mut rng)?;
//!
//! // Both see the same picture.
//! assert_eq!(alice.visualization(), bob.visualization());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Threat model
//!
//! The server, and whoever holds the wire, is the attacker: it may read, drop, delay, reorder, repeat and make up whatever it
//! carries.
//!
//! Protected, once both users have compared the [visualization](Chat::visualization) over another channel:
//!
//! * What messages say, and whether they are whole, in order, complete and new: `msg_key`, and sequence numbers that carry
//!   who counts. What does not fit is dropped where anyone could have sent it, and ends the chat where only the peer could.
//! * Past messages, after a key is lost: keys are replaced after 100 messages or a week, and erased.
//! * Files: by one-time keys. A file has no authentication of its own, see [`mod@file`].
//!
//! Not protected: that a chat exists, between whom, when, and about how long messages are; a chat whose users have compared
//! nothing; devices that are broken into.
//!
//! *Unknown key share.* New keys are agreed on inside the chat, and nothing in that exchange names the two users (Miculan and
//! Vitacolonna, "Automated verification of Telegram's MTProto 2.0"). A dishonest peer can thus make one user share a key with
//! a third person while both believe to talk to the peer. The protocol can't be changed from here, so the binding is local: a
//! chat carries the [`Identity`] it was made with in its stored form, [`Chat::restore`] refuses it for anyone else, the
//! visualization is that of the first key whatever is agreed on later, and what an application has marked as verified belongs
//! to one [`Identity`] and one visualization, never to a user or to another chat.
//!
//! What an application must do:
//!
//! * show the visualization, and let users mark a chat as verified themselves;
//! * carry out effects in their order, store a chat as a whole, and never go back to an older one;
//! * store a delivered message together with its [number](Delivery::number);
//! * keep the stored chat as safe as the messages: it is not encrypted.

mod agreement;
mod chat;
mod effect;
pub mod file;
mod layer;
#[cfg(test)]
mod model_check;
mod open;
mod rekey;
mod sealed;
mod sequence;
mod state;
mod visualization;

pub use agreement::Agreement;
pub use chat::{Chat, Identity, Options};
pub use effect::{
    Delivery, DiscardReason, DropReason, Effect, Input, InputError, Notice, Outgoing, Sending,
    StoredChat,
};
pub use layer::{
    FIRST_REKEY_LAYER, FIRST_SEQUENCED_LAYER, FIRST_V2_LAYER, LayerMessage, MAX_LAYER,
};
pub use sealed::Protocol;
pub use state::RestoreError;
pub use visualization::KeyVisualization;
