//! The short way gives what the long way gives, or nothing.

use super::super::parse_by_tokens;
use super::read;
use crate::span::FileId;

const FILE: FileId = FileId(3);

/// Pieces that texts are put together from: sound ones, and such that make the next one something else.
const PIECES: &[&str] = &[
    "user#d23c81a3 flags:# id:long name:flags.3?Vector<string> = users.User;\n",
    "a=B;",
    "a = B ;\n",
    "a.b#12 = B;",
    "a#0123456789 = B;",
    "a#01234567x = B;\n",
    "A = B;",
    "_ = B;",
    "x y:int = X;\n",
    "x y:int.z = X;",
    "x y:flags.0? int = X;",
    "x y:flags .0?int = X;",
    "x y:flags.99999?int = X;",
    "x y:a.b?int = X;",
    "x y:a.b.C z:a._b = X;",
    "x y:Vector <int> = X;",
    "x y:Vector<a.b> z:Vector<Vector<int>> = X;",
    "x y:Vector<int>z:int = X;",
    "x y:Vector<int,int> = X;",
    "x y:Vector<1> = X;",
    "x y:int*[int] = X;",
    "x y:int * [int] = X;",
    "x {X:Type} y:!X = X;",
    "x (a b:int) = X;",
    "x y:(Vector int) = Vector int;",
    "x y:%X = X;",
    "x y:# z:y.0?# = X;",
    "x = Vector<X>;",
    "x = Vector<X> ;",
    "x => X;",
    "x == X;",
    "x ? = X;",
    "New X;",
    "Final X;",
    "Vector int;",
    "pair int string;",
    "// comment; with ;\n",
    "/* comment;\n a = B;\n*/",
    "/* no end;\n",
    "x /* within */ y:int = X;",
    "x // within\n = X;",
    "---functions---\n",
    "---types---",
    "---other---",
    "===12===\n",
    "===x===",
    "x y:int = X\n",
    "x y = X;",
    "x y: = X;",
    "@read x = X;",
    "@ x = X;",
    "é",
    "\u{feff}",
    "\0",
    " ",
    "\n",
    "\r\n",
    "\t",
    ";",
    "=",
    "x",
    "#",
    ".",
    "<",
    ">",
];

#[test]
fn the_short_way_gives_the_same_tree_or_none() {
    let mut random = Random(1);
    let mut sound = 0;
    for _ in 0..20_000 {
        let count = 1 + random.below(6);
        let text: String = (0..count)
            .map(|_| PIECES[random.below(PIECES.len())])
            .collect();
        sound += u32::from(agrees(&text));
    }
    assert!(sound > 1_000, "{sound}");
}

#[test]
fn every_sound_text_is_read_the_short_way() {
    assert!(agrees(&PIECES[0].repeat(2_000)));
}

/// Whether the short way came to an end; then it has to agree with the long way, which has to have nothing to tell.
fn agrees(text: &str) -> bool {
    let Some(outline) = read(FILE, text) else {
        return false;
    };
    let parsed = parse_by_tokens(FILE, text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    assert_eq!(parsed.file, outline.into_file(), "{text}");
    true
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
