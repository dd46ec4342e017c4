//! What generated code looks like, written by hand:
//!
//! ```tl
//! flags.0 and flags.1 stand for what they are in Telegram's schema
//!
//! entity#0000e001 offset:int length:int = Entity;
//! messageEmpty#0000e002 = Message;
//! message#0000e003 flags:# silent:flags.0?true id:long text:string entities:flags.1?Vector<Entity>
//!     views:flags.2?int forwards:flags.2?int key:int128 parts:Vector<bytes> = Message;
//! textEmpty#0000e004 = RichText;
//! textBold#0000e005 text:RichText = RichText;
//! textConcat#0000e006 texts:Vector<RichText> = RichText;
//! ---functions---
//! getMessage#0000e007 id:long = Message;
//! ```

use mtproto_runtime::wire::{Combinator, Function, Int128, Reader, TlRead, TlWrite, Writer};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entity {
    pub(crate) offset: i32,
    pub(crate) length: i32,
}

impl Combinator for Entity {
    const TL: (u32, &'static str) = (0xe001, "entity");
}

impl<'a> TlRead<'a> for Entity {
    const MIN_BYTES: usize = 8;

    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        Self {
            offset: r.int(),
            length: r.int(),
        }
    }
}

impl TlWrite for Entity {
    fn write_to(&self, w: &mut Writer) {
        w.int(self.offset);
        w.int(self.length);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MessageBody {
    pub(crate) silent: bool,
    pub(crate) id: i64,
    pub(crate) text: String,
    pub(crate) entities: Option<Vec<Entity>>,
    pub(crate) views: Option<i32>,
    pub(crate) forwards: Option<i32>,
    pub(crate) key: Int128,
    pub(crate) parts: Vec<Vec<u8>>,
}

impl Combinator for MessageBody {
    const TL: (u32, &'static str) = (0xe003, "message");
}

impl<'a> TlRead<'a> for MessageBody {
    const MIN_BYTES: usize = 40;

    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        let flags = r.flags(0b111);
        Self {
            silent: flags & 1 != 0,
            id: r.long(),
            text: r.string(),
            entities: (flags & 2 != 0).then(|| r.vector_of(12, read_entity)),
            views: (flags & 4 != 0).then(|| r.int()),
            forwards: (flags & 4 != 0).then(|| r.int()),
            key: r.int128(),
            parts: r.vector_of(4, |r| r.bytes()),
        }
    }
}

impl TlWrite for MessageBody {
    fn write_to(&self, w: &mut Writer) {
        let mut flags = 0;
        flags |= u32::from(self.silent);
        flags |= u32::from(self.entities.is_some()) << 1;
        flags |= w.shared_bit(
            2,
            Self::NAME,
            "flags.2",
            &[self.views.is_some(), self.forwards.is_some()],
        );
        w.flags(flags);
        w.long(self.id);
        w.string(&self.text);
        if let Some(entities) = &self.entities {
            w.vector_of(entities, |entity, w| {
                w.id(Entity::ID);
                entity.write_to(w);
            });
        }
        if let Some(views) = self.views {
            w.int(views);
        }
        if let Some(forwards) = self.forwards {
            w.int(forwards);
        }
        w.int128(&self.key);
        w.vector_of(&self.parts, |part, w| w.bytes(part));
    }
}

fn read_entity(r: &mut Reader<'_>) -> Entity {
    r.expect_id(Entity::ID, Entity::NAME);
    Entity::read_from(r)
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    Empty,
    Message(Box<MessageBody>),
}

impl<'a> TlRead<'a> for Message {
    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        match r.id() {
            0xe002 => Self::Empty,
            0xe003 => Self::Message(r.boxed()),
            found => {
                r.unexpected_id("Message", found, &[0xe002, 0xe003]);
                Self::Empty
            }
        }
    }
}

impl TlWrite for Message {
    fn write_to(&self, w: &mut Writer) {
        match self {
            Self::Empty => w.id(0xe002),
            Self::Message(message) => {
                w.id(0xe003);
                message.write_to(w);
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RichText {
    Empty,
    Bold(Box<RichText>),
    Concat(Vec<RichText>),
}

impl<'a> TlRead<'a> for RichText {
    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        r.enter();
        let value = match r.id() {
            0xe004 => Self::Empty,
            0xe005 => Self::Bold(r.boxed()),
            0xe006 => Self::Concat(r.vector()),
            found => {
                r.unexpected_id("RichText", found, &[0xe004, 0xe005, 0xe006]);
                Self::Empty
            }
        };
        r.leave();
        value
    }
}

impl TlWrite for RichText {
    fn write_to(&self, w: &mut Writer) {
        match self {
            Self::Empty => w.id(0xe004),
            Self::Bold(text) => {
                w.id(0xe005);
                text.write_to(w);
            }
            Self::Concat(texts) => {
                w.id(0xe006);
                w.vector(texts);
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GetMessage {
    pub(crate) id: i64,
}

impl Combinator for GetMessage {
    const TL: (u32, &'static str) = (0xe007, "getMessage");
}

impl Function for GetMessage {
    type Return = Message;

    fn read_return(&self, r: &mut Reader<'_>) -> Message {
        r.read()
    }
}

impl<'a> TlRead<'a> for GetMessage {
    const MIN_BYTES: usize = 12;

    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        r.expect_id(Self::ID, Self::NAME);
        Self { id: r.long() }
    }
}

impl TlWrite for GetMessage {
    fn write_to(&self, w: &mut Writer) {
        w.id(Self::ID);
        w.long(self.id);
    }
}

/// A message with everything in it.
pub(crate) fn full_message() -> Message {
    Message::Message(Box::new(MessageBody {
        silent: true,
        id: -2,
        text: "grüße".into(),
        entities: Some(vec![
            Entity {
                offset: 0,
                length: 5,
            },
            Entity {
                offset: 5,
                length: 1,
            },
        ]),
        views: Some(7),
        forwards: Some(0),
        key: Int128(*b"0123456789abcdef"),
        parts: vec![vec![], vec![1, 2, 3], vec![0; 300]],
    }))
}
