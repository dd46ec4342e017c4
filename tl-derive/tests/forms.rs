//! Types written by hand, of every form, held against a schema: they read and write the same bytes as what is generated from it.

use std::fmt::Debug;

use mtproto_runtime::wire::{
    Boxed, Combinator, EncodeError, Int128, Int256, TlRead, TlWrite, decode, decode_boxed, encode,
    encode_boxed,
};
use tl_derive::{TlRead, TlWrite, tl_schema};

tl_schema!(
    /// Generated from the same schema.
    mod generated,
    file = "tests/schema.tl",
    read_functions = true
);

use generated::{enums, types};

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "user", schema = "tests/schema.tl")]
struct User {
    id: i64,
    name: String,
}

/// Without `name`: the variants are called as the generated ones, and the type as the schema's.
#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "User", schema = "tests/schema.tl")]
enum AnyUser {
    User(User),
    Empty,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "userProfile", schema = "tests/schema.tl")]
struct UserProfile {
    #[tl(flags)]
    flags: (),
    #[tl(flags = "flags.0")]
    about: Option<String>,
    #[tl(flags = "flags.1")]
    verified: bool,
    #[tl(flags = "flags.2")]
    birthday: Option<i32>,
    #[tl(flags = "flags.2")]
    pinned: Option<i64>,
    #[tl(flags_before = "flags2", flags = "flags2.31")]
    premium: bool,
    #[tl(flags = "flags2.0")]
    photos: Option<Vec<i64>>,
    #[tl(flags = "flags2.5")]
    friend: Option<Box<AnyUser>>,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(schema = "tests/schema.tl")]
enum InputPeer {
    /// A variant that holds the fields themselves.
    User { user_id: i64, access_hash: i64 },
    #[tl(name = "inputPeerForwarded")]
    Nested(Box<InputPeer>, i32),
    #[tl(name = "inputPeerSelf")]
    Me,
}

#[derive(Clone, Copy, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "point", schema = "tests/schema.tl")]
struct Point(i32, i32);

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "path", schema = "tests/schema.tl")]
struct Path {
    #[tl(bare)]
    points: Vec<Point>,
    boxes: Vec<Point>,
    #[tl(items(boxed))]
    all: Vec<Point>,
    #[tl(items(bare))]
    nested: Vec<Vec<i32>>,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "row", schema = "tests/schema.tl")]
struct Row {
    #[tl(counter_before = "n", count = "n")]
    cells: Vec<i32>,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "grid", schema = "tests/schema.tl")]
struct Grid {
    #[tl(counter)]
    n: (),
    #[tl(count = "n")]
    names: Vec<String>,
    #[tl(count = "n")]
    sizes: Vec<Point>,
}

/// The mask is data: its unknown bits survive.
#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(
    name = "masked",
    schema_inline = "masked mask:# a:mask.0?int b:mask.31?string = Masked;"
)]
struct Masked {
    mask: u32,
    #[tl(flags = "mask.0")]
    a: Option<i32>,
    #[tl(flags = "mask.31")]
    b: Option<String>,
}

/// What borrows from the input.
#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "blob", schema = "tests/schema.tl")]
struct Blob<'a> {
    data: &'a [u8],
    key: &'a [u8; 16],
    big: Int256,
    ok: bool,
    d: f64,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "user", schema = "tests/schema.tl")]
struct UserRef<'a> {
    id: i64,
    name: &'a str,
}

/// A boxed struct, a name in the schema's own spelling, a newtype, a module, and a field that is not on the wire.
#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(name = "message", schema = "tests/schema.tl", boxed)]
struct Message {
    r#type: i32,
    random_id: RandomId,
    #[tl(name = "from", boxed)]
    sender: User,
    peer: InputPeer,
    #[tl(with = seconds)]
    at: std::time::Duration,
    #[tl(skip)]
    cached: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, TlRead, TlWrite)]
struct RandomId(i64);

mod seconds {
    use mtproto_runtime::wire::{Reader, Writer};
    use std::time::Duration;

    pub(super) fn read(r: &mut Reader<'_>) -> Duration {
        Duration::from_secs(u64::from(r.nat()))
    }

    pub(super) fn write(value: &Duration, w: &mut Writer) {
        w.nat(u32::try_from(value.as_secs()).unwrap_or(u32::MAX));
    }
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(schema = "tests/schema.tl", name = "Update")]
enum Update {
    #[tl(name = "updateOne")]
    One(Message),
    #[tl(name = "updateMany")]
    Several(Vec<Message>, i32),
    None,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(schema = "tests/schema.tl", name = "tree", boxed)]
struct Tree {
    value: i32,
    children: Vec<Tree>,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(schema = "tests/schema.tl", name = "either")]
struct Either<A, B> {
    left: A,
    right: B,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(schema = "tests/schema.tl", name = "list", boxed)]
struct List {
    #[tl(flags_before = "flags", flags = "flags.0")]
    items: Option<Vec<i32>>,
    #[tl(flags = "flags.1")]
    next: Option<Box<List>>,
}

/// A function is boxed.
#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
#[tl(schema = "tests/schema.tl", name = "getUser", boxed)]
struct GetUser {
    id: i64,
}

/// Without a schema: ids as they are given, several fields in a variant, a unit variant.
#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
enum Shape {
    #[tl(id = 0x0000_0001)]
    Circle(i32, #[tl(flags)] (), #[tl(flags = "1.4")] Option<String>),
    #[tl(id = 0x0000_0002, name = "shapeNothing")]
    Nothing,
    #[tl(id = 0x0000_0003)]
    Marked {
        #[tl(with = seconds)]
        at: std::time::Duration,
    },
    #[tl(id = 0x0000_0004)]
    MarkedTwice {
        #[tl(with = self::seconds)]
        at: std::time::Duration,
    },
}

/// A recursive type whose failed reader needs to be told where to end.
#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
enum Expression {
    #[tl(id = 0x0000_0001)]
    Not(Negated),
    #[tl(id = 0x0000_0002, fallback)]
    Literal(Literal),
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
struct Negated {
    inner: Box<Expression>,
}

#[derive(Clone, Debug, PartialEq, TlRead, TlWrite)]
struct Literal {
    value: i32,
}

/// The same bytes from both, and the same values from the bytes.
#[track_caller]
fn same<H, G>(by_hand: &H, generated: &G)
where
    H: TlWrite + for<'r> TlRead<'r> + PartialEq + Debug,
    G: TlWrite + for<'r> TlRead<'r> + PartialEq + Debug,
{
    let bytes = encode(generated).expect("the generated value is sound");
    assert_eq!(encode(by_hand).as_ref(), Ok(&bytes));
    assert_eq!(decode::<H>(&bytes).as_ref(), Ok(by_hand));
    assert_eq!(decode::<G>(&bytes).as_ref(), Ok(generated));
    // Cut short, both fail; where counts are held against what is left, one may notice sooner.
    for end in 0..bytes.len() {
        decode::<H>(&bytes[..end]).expect_err("cut short");
        decode::<G>(&bytes[..end]).expect_err("cut short");
    }
}

fn ada() -> (User, types::User) {
    let name = "Ada".to_owned();
    (
        User {
            id: 7,
            name: name.clone(),
        },
        types::User { id: 7, name },
    )
}

#[test]
fn structs_and_enums_are_as_generated() {
    let (own, generated) = ada();
    same(&own, &generated);
    assert_eq!(User::ID, types::User::ID);
    assert_eq!(User::NAME, "user");
    same(&AnyUser::User(own), &enums::User::User(generated));
    same(&AnyUser::Empty, &enums::User::Empty);
    same(&InputPeer::Me, &enums::InputPeer::Self_);
    same(
        &InputPeer::User {
            user_id: 1,
            access_hash: -1,
        },
        &enums::InputPeer::User(types::InputPeerUser {
            user_id: 1,
            access_hash: -1,
        }),
    );
    same(
        &InputPeer::Nested(Box::new(InputPeer::Me), 3),
        &enums::InputPeer::Forwarded(types::InputPeerForwarded {
            from: Box::new(enums::InputPeer::Self_),
            depth: 3,
        }),
    );
    same(&GetUser { id: 5 }, &generated::functions::GetUser { id: 5 });
}

#[test]
fn flags_are_computed_from_fields() {
    let generated = types::UserProfile {
        about: Some("x".to_owned()),
        verified: true,
        birthday: None,
        pinned: None,
        premium: true,
        photos: Some(vec![1]),
        friend: Some(enums::User::Empty),
    };
    let own = UserProfile {
        flags: (),
        about: Some("x".to_owned()),
        verified: true,
        birthday: None,
        pinned: None,
        premium: true,
        photos: Some(vec![1]),
        friend: Some(Box::new(AnyUser::Empty)),
    };
    same(&own, &generated);
    let bytes = encode(&own).expect("it is sound");
    assert_eq!(bytes[..4], [3, 0, 0, 0], "flags");
    assert_eq!(
        bytes[8..12],
        [0x21, 0, 0, 0x80],
        "flags2, bit 31 among them"
    );
    let none = UserProfile {
        about: None,
        verified: false,
        premium: false,
        photos: None,
        friend: None,
        ..own.clone()
    };
    assert_eq!(encode(&none), Ok(vec![0; 8]));
    // Fields that share a bit are there together or not at all.
    let torn = UserProfile {
        birthday: Some(1),
        ..own
    };
    let Err(EncodeError::Contradiction { combinator, what }) = encode(&torn) else {
        panic!("no contradiction");
    };
    assert_eq!((combinator, what), ("userProfile", "flags.2"));
}

#[test]
fn vectors_are_boxed_or_bare_and_so_are_their_items() {
    let point = types::Point { x: 1, y: 2 };
    let generated = types::Path {
        points: vec![point.clone()],
        boxes: vec![point.clone()],
        all: vec![enums::Point::Point(point)],
        nested: vec![vec![9]],
    };
    let own = Path {
        points: vec![Point(1, 2)],
        boxes: vec![Point(1, 2)],
        all: vec![Point(1, 2)],
        nested: vec![vec![9]],
    };
    same(&own, &generated);
    let words: Vec<u32> = encode(&own)
        .expect("it is sound")
        .chunks(4)
        .map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")))
        .collect();
    let (vector, point) = (0x1cb5_c415, types::Point::ID);
    assert_eq!(
        words,
        [
            1, 1, 2, vector, 1, 1, 2, vector, 1, point, 1, 2, vector, 1, 1, 9
        ]
    );
}

#[test]
fn counts_are_computed_and_must_agree() {
    same(
        &Row { cells: vec![4, 5] },
        &types::Row { cells: vec![4, 5] },
    );
    let own = Grid {
        n: (),
        names: vec!["a".to_owned()],
        sizes: vec![Point(1, 2)],
    };
    let generated = types::Grid {
        names: vec!["a".to_owned()],
        sizes: vec![types::Point { x: 1, y: 2 }],
    };
    same(&own, &generated);
    let torn = Grid {
        sizes: vec![],
        ..own
    };
    assert!(matches!(
        encode(&torn),
        Err(EncodeError::WrongCount {
            what: "grid.sizes",
            expected: 1,
            found: 0
        })
    ));
}

#[test]
fn a_mask_that_is_data_keeps_its_bits_and_is_held_against_the_fields() {
    let bytes = [1, 0, 0, 0x80, 5, 0, 0, 0, 1, b'z', 0, 0];
    let value = Masked {
        mask: 0x8000_0001,
        a: Some(5),
        b: Some("z".to_owned()),
    };
    assert_eq!(decode::<Masked>(&bytes).as_ref(), Ok(&value));
    assert_eq!(encode(&value), Ok(bytes.to_vec()));
    let spare = Masked {
        mask: 0x40,
        a: None,
        b: None,
    };
    assert_eq!(decode::<Masked>(&[0x40, 0, 0, 0]).as_ref(), Ok(&spare));
    let torn = Masked { a: None, ..value };
    assert!(matches!(
        encode(&torn),
        Err(EncodeError::WrongPresence {
            what: "masked.a",
            ..
        })
    ));
}

#[test]
fn what_borrows_lies_in_the_input() {
    let generated = types::Blob {
        data: vec![1, 2, 3],
        key: Int128([4; 16]),
        big: Int256([5; 32]),
        ok: true,
        d: 0.5,
    };
    let bytes = encode(&generated).expect("it is sound");
    let own: Blob<'_> = decode(&bytes).expect("the same form");
    assert_eq!(own.data.as_ptr(), bytes[1..].as_ptr());
    assert_eq!(
        (own.key, own.big, own.ok, own.d),
        (&[4; 16], Int256([5; 32]), true, 0.5)
    );
    assert_eq!(encode(&own), Ok(bytes));
    let bytes = encode(&ada().1).expect("it is sound");
    let own: UserRef<'_> = decode(&bytes).expect("the same form");
    assert_eq!((own.id, own.name), (7, "Ada"));
    assert_eq!(encode(&own), Ok(bytes));
}

#[test]
fn names_modules_and_skipped_fields() {
    let (user, generated_user) = ada();
    let own = Message {
        r#type: 1,
        random_id: RandomId(2),
        sender: user,
        peer: InputPeer::Me,
        at: std::time::Duration::from_secs(60),
        cached: None,
    };
    let generated = types::Message {
        r#type: 1,
        random_id: 2,
        from: enums::User::User(generated_user),
        peer: enums::InputPeer::Self_,
        at: 60,
    };
    same(&own, &enums::Message::Message(generated.clone()));
    let shown = Message {
        cached: Some("not sent".to_owned()),
        ..own.clone()
    };
    assert_eq!(encode(&shown), encode(&own));
    same(
        &Update::One(own.clone()),
        &enums::Update::One(types::UpdateOne {
            message: enums::Message::Message(generated.clone()),
        }),
    );
    same(
        &Update::Several(vec![own], 4),
        &enums::Update::Many(types::UpdateMany {
            messages: vec![enums::Message::Message(generated)],
            count: 4,
        }),
    );
    same(&Update::None, &enums::Update::None);
}

#[test]
fn recursion_and_type_parameters() {
    let leaf = Tree {
        value: 2,
        children: vec![],
    };
    let own = Tree {
        value: 1,
        children: vec![leaf],
    };
    let leaf = enums::Tree::Tree(types::Tree {
        value: 2,
        children: vec![],
    });
    let generated = types::Tree {
        value: 1,
        children: vec![leaf],
    };
    same(&own, &enums::Tree::Tree(generated));
    let own: Either<i32, Vec<String>> = Either {
        left: 1,
        right: vec!["x".to_owned()],
    };
    let bytes = encode(&own).expect("it is sound");
    assert_eq!(decode(&bytes), Ok(own.clone()));
    let generated = types::Either {
        left: own.left,
        right: own.right,
    };
    assert_eq!(encode(&generated), Ok(bytes));
    let own = List {
        items: None,
        next: Some(Box::new(List {
            items: Some(vec![1]),
            next: None,
        })),
    };
    let bytes = encode(&own).expect("it is sound");
    let generated: enums::List = decode(&bytes).expect("the same form");
    assert_eq!(encode(&generated), Ok(bytes.clone()));
    assert_eq!(decode(&bytes), Ok(own));
}

#[test]
fn variants_without_a_schema() {
    let value = Shape::Circle(9, (), Some("c".to_owned()));
    let bytes = encode(&value).expect("it is sound");
    assert_eq!(
        bytes,
        [1, 0, 0, 0, 9, 0, 0, 0, 0x10, 0, 0, 0, 1, b'c', 0, 0]
    );
    assert_eq!(decode(&bytes), Ok(value));
    for value in [
        Shape::Nothing,
        Shape::Marked {
            at: std::time::Duration::from_secs(1),
        },
        Shape::MarkedTwice {
            at: std::time::Duration::from_secs(1),
        },
    ] {
        let bytes = encode(&value).expect("it is sound");
        assert_eq!(decode(&bytes), Ok(value));
    }
    let error = decode::<Shape>(&[9, 0, 0, 0]).expect_err("no such id");
    assert_eq!(error.offset, 0);
    let boxed = encode_boxed(&ada().0).expect("it is sound");
    assert_eq!(decode_boxed::<User>(&boxed), Ok(ada().0));
}

#[test]
fn boxed_structs_have_one_id_whoever_writes_it() {
    // A bare one, one that sees to its id itself, and one behind a box.
    let user = ada().0;
    let bytes = encode_boxed(&user).expect("it is sound");
    assert_eq!(encode(&Boxed(user.clone())).as_ref(), Ok(&bytes));
    assert_eq!(decode(&bytes), Ok(Boxed(user.clone())));
    assert_eq!(decode(&bytes), Ok(Boxed(Box::new(user))));
    let tree = Tree {
        value: 1,
        children: Vec::new(),
    };
    let bytes = encode(&tree).expect("it is sound");
    assert_eq!(encode(&Boxed(tree.clone())).as_ref(), Ok(&bytes));
    assert_eq!(decode(&bytes), Ok(Boxed(tree.clone())));
    let several = vec![Boxed(Box::new(tree.clone())), Boxed(Box::new(tree))];
    let bytes = encode(&several).expect("it is sound");
    assert_eq!(decode(&bytes), Ok(several));
}

#[test]
fn hostile_depth_ends_in_an_error() {
    let deep: Vec<u8> = [1, 0, 0, 0].repeat(100_000);
    decode::<Expression>(&deep).expect_err("too deep");
    decode::<Expression>(&deep[..8]).expect_err("cut short");
    let nested = InputPeer::Nested(Box::new(InputPeer::Me), 3);
    let id = &encode(&nested).expect("it is sound")[..4];
    decode::<InputPeer>(&id.repeat(100_000)).expect_err("too deep");
    // Trees of one child each: the id, a value, a vector of one.
    let tree = encode(&Tree {
        value: 0,
        children: vec![],
    });
    let mut level = tree.expect("it is sound");
    level[12] = 1;
    decode::<Tree>(&level.repeat(100_000)).expect_err("too deep");
    let value = Expression::Not(Negated {
        inner: Box::new(Expression::Literal(Literal { value: 3 })),
    });
    let bytes = encode(&value).expect("it is sound");
    assert_eq!(decode(&bytes), Ok(value));
}
