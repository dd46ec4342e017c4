//! Constructor ids: the CRC32 of a definition's canonical text.
//!
//! The official pages give one rule (TL-combinators, "combinator number"); Telegram's own schemas follow a variant of it.
//! Both start from the definition without its explicit id, brackets and separators folded into single spaces.

use crate::syntax::ast::{Arg, ArgForm, Combinator, Expr, ExprKind};

/// Which canonical text ids are computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Telegram's: `flag:flags.0?true` arguments are left out, `bytes` directly after `:` or `?` reads `string`, `!` stays.
    #[default]
    Telegram,
    /// The documented rule, as TON, VK and TDLib's API follow it: nothing is left out but `!`.
    Raw,
}

/// The id a definition's text gives.
pub fn computed_id(combinator: &Combinator<'_>, dialect: Dialect) -> u32 {
    crc32fast::hash(canonical_text(combinator, dialect).as_bytes())
}

/// The text whose CRC32 is the id.
pub fn canonical_text(combinator: &Combinator<'_>, dialect: Dialect) -> String {
    text_as(combinator, combinator.name.text, dialect)
}

fn text_as(combinator: &Combinator<'_>, name: &str, dialect: Dialect) -> String {
    let mut text = Canonical {
        text: String::with_capacity(128),
        dialect,
    };
    text.text.push_str(name);
    text.combinator(combinator);
    text.text
}

/// Whether the two dialects give a definition different ids.
pub(super) fn differs_between_dialects(combinator: &Combinator<'_>) -> bool {
    combinator
        .args
        .iter()
        .any(|arg| arg.bang.is_some() || is_true_flag(arg) || is_named(&arg.ty, "bytes"))
}

/// Why a definition keeps an id that its text does not give; `None` when nothing explains it.
pub(super) fn exception(combinator: &Combinator<'_>, id: u32, dialect: Dialect) -> Option<String> {
    let name = combinator.name.text;
    let known = EXCEPTIONS
        .iter()
        .find(|exception| exception.0 == name && exception.1 == id);
    if let Some((_, _, reason)) = known {
        return Some((*reason).to_owned());
    }
    // Old definitions are kept beside new ones under another name: `photo8`, `thumbLegacy`.
    let without_number = name.trim_end_matches(|last: char| last.is_ascii_digit());
    let original = [without_number, name.strip_suffix("Legacy").unwrap_or(name)];
    let original = original.into_iter().find(|original| {
        *original != name
            && crc32fast::hash(text_as(combinator, original, dialect).as_bytes()) == id
    });
    original.map(|original| format!("it is the id of `{original}`, the name it had before"))
}

const EXCEPTIONS: &[(&str, u32, &str)] = &[
    (
        "gzip_packed",
        0x3072_cfa1,
        "the hash of `gzip_packed packed_data:string = Object`",
    ),
    (
        "msg_container",
        0x73f1_f8dc,
        "the hash of `msg_container messages:vector message = MessageContainer`",
    ),
    (
        "ipPortSecret",
        0x3798_2646,
        "computed with `bytes` kept as written",
    ),
    (
        "decryptedMessageMediaDocument",
        0x6abd_9782,
        "computed with `bytes` kept as written",
    ),
    ("accessPointRule", 0x4679_b65f, BY_HAND),
    ("help.configSimple", 0x5a59_2a6c, BY_HAND),
    ("tonNode.capabilities", 0xf5bf_60c0, BY_HAND),
    ("db.block.info", 0x4ac6_e727, BY_HAND),
    ("collatorNode.pong", 0x5bbf_0521, BY_HAND),
    ("liteServer.transactionId", 0xb12f_65af, BY_HAND),
    ("liteServer.signatureSet.ordinary", 0xf644_a6e6, BY_HAND),
    ("liteServer.getValidatorStats", 0x091a_58bc, BY_HAND),
];

const BY_HAND: &str = "chosen by hand; no text gives it";

struct Canonical {
    text: String,
    dialect: Dialect,
}

impl Canonical {
    fn combinator(&mut self, combinator: &Combinator<'_>) {
        if combinator.builtin.is_some() {
            self.text.push_str(" ?");
        }
        self.args(&combinator.args);
        self.text.push_str(" = ");
        self.expr(&combinator.result, Place::Free);
    }

    fn args(&mut self, args: &[Arg<'_>]) {
        for arg in args {
            self.arg(arg);
        }
    }

    fn arg(&mut self, arg: &Arg<'_>) {
        if self.dialect == Dialect::Telegram && is_true_flag(arg) {
            return;
        }
        if arg.names.is_empty() {
            self.text.push(' ');
            self.arg_type(arg, Place::Free);
        }
        for name in &arg.names {
            self.text.push(' ');
            self.text.push_str(name.text);
            self.text.push(':');
            self.arg_type(arg, Place::Glued);
        }
    }

    fn arg_type(&mut self, arg: &Arg<'_>, mut place: Place) {
        if let Some(condition) = &arg.condition {
            self.text.push_str(condition.word.text);
            if let Some(bit) = condition.bit {
                self.text.push('.');
                self.text.push_str(&bit.value.to_string());
            }
            self.text.push('?');
            place = Place::Glued;
        }
        if arg.bang.is_some() && self.dialect == Dialect::Telegram {
            self.text.push('!');
        }
        self.expr(&arg.ty, place);
    }

    fn expr(&mut self, expr: &Expr<'_>, place: Place) {
        match &expr.kind {
            ExprKind::Name(name) => self.text.push_str(self.type_name(name.text, place)),
            ExprKind::Hash => self.text.push('#'),
            ExprKind::Nat(value) => self.text.push_str(&value.to_string()),
            ExprKind::Paren(inner) => self.expr(inner, place),
            ExprKind::Bare(inner) => {
                self.text.push('%');
                self.expr(inner, Place::Free);
            }
            ExprKind::Apply(apply) => {
                self.expr(&apply.head, place);
                for arg in &apply.args {
                    self.text.push(' ');
                    self.expr(arg, Place::Free);
                }
            }
            ExprKind::Add(sum) => self.sum(&sum.0, &sum.1),
            ExprKind::Repeat(repeat) => {
                if let Some(count) = &repeat.count {
                    self.expr(count, Place::Free);
                    self.text.push('*');
                }
                self.text.push('[');
                self.args(&repeat.args);
                self.text.push_str(" ]");
            }
        }
    }

    /// A number stands behind what it is added to: `1+n` reads `n+1`.
    fn sum(&mut self, left: &Expr<'_>, right: &Expr<'_>) {
        let (first, second) = if is_number(left) && !is_number(right) {
            (right, left)
        } else {
            (left, right)
        };
        self.expr(first, Place::Free);
        self.text.push('+');
        self.expr(second, Place::Free);
    }

    fn type_name<'n>(&self, name: &'n str, place: Place) -> &'n str {
        match (self.dialect, place, name) {
            (Dialect::Telegram, Place::Glued, "bytes") => "string",
            _ => name,
        }
    }
}

/// Whether an expression stands directly behind a `:` or a `?`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Glued,
    Free,
}

fn is_true_flag(arg: &Arg<'_>) -> bool {
    arg.form == ArgForm::Plain && arg.condition.is_some() && is_named(&arg.ty, "true")
}

fn is_named(expr: &Expr<'_>, word: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(name) if name.text == word)
}

fn is_number(expr: &Expr<'_>) -> bool {
    match &expr.kind {
        ExprKind::Nat(_) => true,
        ExprKind::Paren(inner) => is_number(inner),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::{ast::Item, parse};

    fn id(text: &str, dialect: Dialect) -> u32 {
        let parsed = parse(FileId(0), text);
        assert_eq!(parsed.diagnostics, [], "{text}");
        match &parsed.file.items[..] {
            [Item::Combinator(combinator)] => computed_id(combinator, dialect),
            other => panic!("one combinator, not {other:?}"),
        }
    }

    #[test]
    fn ids_known_from_the_official_pages_and_ton() {
        assert_eq!(
            id("vector {t:Type} # [ t ] = Vector t;", Dialect::Raw),
            0x1cb5_c415
        );
        assert_eq!(id("int128 4*[ int ] = Int128;", Dialect::Raw), 0x84cc_f7b7);
        assert_eq!(
            id("getUsers (Vector int) = Vector User;", Dialect::Raw),
            0x2d84_d5f5
        );
        assert_eq!(id("bytes = Bytes;", Dialect::Raw), 0xe937_bb82);
        assert_eq!(id("bytes data:string = Bytes;", Dialect::Raw), 0x1846_14d1);
    }

    #[test]
    fn telegram_leaves_out_true_flags_and_reads_bytes_as_string() {
        let photo = "inputMediaUploadedPhoto flags:# spoiler:flags.2?true live_photo:flags.3?true file:InputFile \
                     stickers:flags.0?Vector<InputDocument> ttl_seconds:flags.1?int video:flags.3?InputDocument = InputMedia;";
        assert_eq!(id(photo, Dialect::Telegram), 0x7d83_75da);
        assert_eq!(
            id(
                "inputPhoto id:long access_hash:long file_reference:bytes = InputPhoto;",
                Dialect::Telegram
            ),
            0x3bb3_b94a
        );
        assert_eq!(
            id(
                "invokeWithLayer {X:Type} layer:int query:!X = X;",
                Dialect::Telegram
            ),
            0xda9b_0d0d
        );
    }

    fn text(definition: &str, dialect: Dialect) -> String {
        let parsed = parse(FileId(0), definition);
        match &parsed.file.items[..] {
            [Item::Combinator(combinator)] => canonical_text(combinator, dialect),
            other => panic!("one combinator, not {other:?}"),
        }
    }

    #[test]
    fn canonical_text_folds_brackets_groups_and_sums() {
        let cases = [
            ("a {m n:#} = A;", "a m:# n:# = A"),
            ("a {n:#} x:(1+n)*[ int ] = A;", "a n:# x:n+1*[ int ] = A"),
            ("a x:Map<int,string> = A;", "a x:Map int string = A"),
            (
                "a x:%Foo y:%(Tuple int 4) = A;",
                "a x:%Foo y:%Tuple int 4 = A",
            ),
            (
                "a f:# b:f.0?true c:bytes _:int = A;",
                "a f:# b:f.0?true c:bytes _:int = A",
            ),
        ];
        for (definition, canonical) in cases {
            assert_eq!(text(definition, Dialect::Raw), canonical);
        }
        assert_eq!(
            text("a q:!X x:Vector<bytes> = A;", Dialect::Raw),
            "a q:X x:Vector bytes = A"
        );
        assert_eq!(
            text("a q:!X x:Vector<bytes> y:bytes = A;", Dialect::Telegram),
            "a q:!X x:Vector bytes y:string = A"
        );
    }
}
