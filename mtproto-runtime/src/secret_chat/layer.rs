//! Messages of a chat as their layers write them.
//!
//! Page: <https://core.telegram.org/api/end-to-end#updating-to-new-layers>, <https://core.telegram.org/schema/end-to-end>.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::sequence::Numbers;
use crate::schema::end_to_end::{self, layer_8, layer_17, layer_66};
use crate::wire::{Combinator, DecodeError, Limits, Reader, TlRead, Writer, decode, encode_by};

/// The newest layer whose messages can be read and written.
pub const MAX_LAYER: i32 = end_to_end::LAYER;
/// The first layer that has sequence numbers: below it messages are not wrapped in `decryptedMessageLayer`.
pub const FIRST_SEQUENCED_LAYER: i32 = 17;
/// The first layer that can exchange new keys.
pub const FIRST_REKEY_LAYER: i32 = 20;
/// The first layer whose chats use MTProto 2.0 alone.
pub const FIRST_V2_LAYER: i32 = 73;

/// Fewer of them in a message, and it is to be ignored.
const MIN_RANDOM_BYTES: usize = 15;

const LAYER_ID: u32 = layer_17::types::DecryptedMessageLayer::ID;
const SERVICE_ID: u32 = layer_17::types::DecryptedMessageService::ID;
const SERVICE_8_ID: u32 = layer_8::types::DecryptedMessageService::ID;

/// Actions that the chat itself is concerned with are the same in all layers that have them.
pub(crate) type Action = layer_66::enums::DecryptedMessageAction;

macro_rules! layers {
    ($($(#[$doc:meta])* $variant:ident = $module:ident,)+) => {
        /// A `DecryptedMessage` of one of the layers.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum LayerMessage {
            $(
                #[doc = concat!("Of [`", stringify!($module), "`](crate::schema::end_to_end::", stringify!($module), ").")]
                $variant(end_to_end::$module::enums::DecryptedMessage),
            )+
        }

        impl LayerMessage {
            /// Reads the boxed message that a [`Delivery`](super::Delivery) holds. The layer that it states is tried first,
            /// and then the others from the newest on: peers that know a newer layer use some of its constructors early.
            ///
            /// # Errors
            ///
            /// What the stated layer, or the newest one below it, could not read.
            pub fn read(layer: i32, bytes: &[u8]) -> Result<Self, DecodeError> {
                let mut failure = None;
                let readers: &[(i32, fn(&[u8]) -> Result<Self, DecodeError>)] = &[$(
                    (end_to_end::$module::LAYER, |bytes| decode(bytes).map(Self::$variant)),
                )+];
                let (below, above): (Vec<_>, Vec<_>) = readers.iter().partition(|reader| reader.0 <= layer);
                for (_, read) in below.into_iter().rev().chain(above.into_iter().rev()) {
                    match read(bytes) {
                        Ok(message) => return Ok(message),
                        Err(error) => failure = failure.or(Some(error)),
                    }
                }
                Err(failure.expect("there are layers"))
            }

            /// The layer of the message.
            pub fn layer(&self) -> i32 {
                match self {
                    $(Self::$variant(_) => end_to_end::$module::LAYER,)+
                }
            }
        }

        impl crate::wire::TlWrite for LayerMessage {
            fn write_to(&self, w: &mut Writer) {
                match self {
                    $(Self::$variant(message) => w.write(message),)+
                }
            }
        }

        $(
            impl From<end_to_end::$module::enums::DecryptedMessage> for LayerMessage {
                fn from(message: end_to_end::$module::enums::DecryptedMessage) -> Self {
                    Self::$variant(message)
                }
            }
        )+
    };
}

layers! {
    Layer8 = layer_8,
    Layer17 = layer_17,
    Layer20 = layer_20,
    Layer23 = layer_23,
    Layer45 = layer_45,
    Layer46 = layer_46,
    Layer66 = layer_66,
    Layer73 = layer_73,
    Layer101 = layer_101,
    Layer143 = layer_143,
    Layer144 = layer_144,
}

/// What a decrypted message is wrapped in.
#[derive(Debug, PartialEq)]
pub(crate) enum Wrapped<'a> {
    /// `decryptedMessageLayer`.
    Sequenced {
        layer: i32,
        in_seq_no: i32,
        out_seq_no: i32,
        content: &'a [u8],
    },
    /// Nothing, as below layer 17.
    Bare { content: &'a [u8] },
}

impl<'a> Wrapped<'a> {
    /// None for what starts with no message, and for messages with too few random bytes.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut r = Reader::new(bytes);
        if r.peek_id() != LAYER_ID {
            return (bytes.len() >= 4).then_some(Self::Bare { content: bytes });
        }
        r.id();
        let random_bytes: &[u8] = r.read();
        let (layer, in_seq_no, out_seq_no) = (r.int(), r.int(), r.int());
        let content = r.rest();
        (!r.failed() && random_bytes.len() >= MIN_RANDOM_BYTES).then_some(Self::Sequenced {
            layer,
            in_seq_no,
            out_seq_no,
            content,
        })
    }
}

/// Wraps a message of ours.
pub(crate) fn wrap(
    layer: i32,
    numbers: Numbers,
    content: &[u8],
    rng: &mut dyn CryptoRng,
) -> Vec<u8> {
    let random_bytes = random_bytes(rng);
    encode(|w| {
        w.id(LAYER_ID);
        w.bytes(&random_bytes);
        w.int(layer);
        w.int(numbers.in_seq_no);
        w.int(numbers.out_seq_no);
        w.raw(content);
    })
}

/// A service message with an action, for a peer of a layer.
pub(crate) fn service(
    layer: i32,
    random_id: i64,
    action: &Action,
    rng: &mut dyn CryptoRng,
) -> Vec<u8> {
    let random_bytes = random_bytes(rng);
    encode(|w| {
        if layer < FIRST_SEQUENCED_LAYER {
            w.id(SERVICE_8_ID);
            w.long(random_id);
            w.bytes(&random_bytes);
        } else {
            w.id(SERVICE_ID);
            w.long(random_id);
        }
        w.write(action);
    })
}

/// The action of a service message; none for other messages, and for actions that are not known.
pub(crate) fn action_of(content: &[u8]) -> Option<Action> {
    let (id, rest) = content.split_first_chunk()?;
    let mut r = Reader::with_limits(rest, Limits::for_input(rest.len()));
    match u32::from_le_bytes(*id) {
        SERVICE_ID => {
            r.long();
        }
        SERVICE_8_ID => {
            r.long();
            let random_bytes: &[u8] = r.read();
            if random_bytes.len() < MIN_RANDOM_BYTES {
                return None;
            }
        }
        _ => return None,
    }
    let action = Action::read_from(&mut r);
    r.finish().is_ok().then_some(action)
}

/// `random_id` of a message of any layer: behind the flags, where there are some.
pub(crate) fn random_id(content: &[u8]) -> Option<i64> {
    let mut r = Reader::new(content);
    match r.id() {
        layer_8::types::DecryptedMessage::ID
        | layer_17::types::DecryptedMessage::ID
        | SERVICE_ID
        | SERVICE_8_ID => {}
        end_to_end::layer_45::types::DecryptedMessage::ID
        | end_to_end::layer_73::types::DecryptedMessage::ID => {
            r.nat();
        }
        _ => return None,
    }
    let random_id = r.long();
    (!r.failed()).then_some(random_id)
}

fn random_bytes(rng: &mut dyn CryptoRng) -> [u8; MIN_RANDOM_BYTES] {
    let mut bytes = [0; MIN_RANDOM_BYTES];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn encode(write: impl Fn(&mut Writer)) -> Vec<u8> {
    encode_by(write).expect("nothing here can contradict itself")
}
