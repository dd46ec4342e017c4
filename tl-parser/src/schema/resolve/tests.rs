//! A plain definition means what its tree means, and whatever is wrong with it is told alike.

use super::resolve;
use crate::diagnostic::Diagnostic;
use crate::schema::{Combinator, Dialect, Schema};
use crate::span::FileId;
use crate::syntax::{Outline, outline, parse};

/// Pieces that schemas are put together from: all plain, with something wrong in many.
const PIECES: &[&str] = &[
    "user#d23c81a3 flags:# id:long name:flags.3?Vector<string> = users.User;\n",
    "a#00000001 flags:# x:flags.0?true y:flags.1?bytes z:flags.31?int u:flags?User = A;\n",
    "a flags:# x:flags.01?true x2:flags.007?int  y:bytes z:Vector<bytes> = A;\n",
    "a_much_longer_name_of_a_constructor a_much_longer_name_of_an_argument:users.User = AType;\n",
    "b a_much_longer_name_of_a_mask:# c:a_much_longer_name_of_a_mask.1?int = AType;\n",
    "b x:int x:long = B;\n",
    "b flags:# x:flag.0?int = B;\n",
    "b x:int y:x.0?int = B;\n",
    "b flags:# x:flags.32?int = B;\n",
    "b x:Unknown = B;\n",
    "b x:unknown y:Vector<Unknown> z:Unknown<unknown> = B;\n",
    "b x:Vector = B;\n",
    "b x:User<int> y:int<int> z:vector<user> = B;\n",
    "b flags:# x:flags y:Vector<flags> = B;\n",
    "b user:# x:user y:Vector<user> = B;\n",
    "b x:Type = B;\n",
    "b x:bytes<int> = B;\n",
    "type = Type;\n",
    "user x:a y:a.b z:users.User = User;\n",
    "int = Int;\n",
    "true x:int = True;\n",
    "bare = bare;\n",
    "tuple {t:Type} {n:#} x:n*[ t ] = Tuple t n;\n",
    "row {t:Type} x:t = Row t;\n",
    "b x:Tuple<int> y:Row<int> z:row<User> = B;\n",
    "of x:int = Row<int>;\n",
    "---functions---\n",
    "---types---\n",
    "a x:int = Vector<User>;\n",
    "ask x:a = int;\n",
    "ask flags:# = flags;\n",
    "===2===\n",
    "===3===\n",
    "o x:O = O;\n",
    "Vector int; tuple int 2; row user;\n",
    "//@description About it @x This\n",
];

#[test]
fn plain_definitions_and_their_trees_give_one_schema() {
    let mut random = Random(7);
    let (mut sound, mut broken) = (0, 0);
    for round in 0..2_000 {
        let count = 1 + random.below(8);
        let text: String = (0..count)
            .map(|_| PIECES[random.below(PIECES.len())])
            .collect();
        let dialect = [Dialect::Telegram, Dialect::Raw][round % 2];
        let found = resolved(outline(FILE, &text).0, dialect);
        let parsed = parse(FILE, &text);
        let expected = resolved(Outline::of_trees(FILE, &text, parsed.file), dialect);
        assert_eq!(found, expected, "{text}");
        match found.2.is_empty() {
            true => sound += 1,
            false => broken += 1,
        }
    }
    assert!(sound > 100 && broken > 700, "{sound} and {broken}");
}

const FILE: FileId = FileId(3);

fn resolved(outline: Outline<'_>, dialect: Dialect) -> (Schema, Vec<Combinator>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let (schema, refused) = resolve(&[outline], dialect, true, &mut diagnostics);
    (schema, refused, diagnostics)
}

/// An xorshift generator: the same texts in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
