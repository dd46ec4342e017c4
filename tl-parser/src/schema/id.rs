//! Constructor ids: the CRC32 of a definition's canonical text.
//!
//! The official pages give one rule (TL-combinators, "combinator number"); Telegram's own schemas follow a variant of it.
//! Both start from the definition without its explicit id, brackets and separators folded into single spaces.

mod plain;

use super::IdMismatch;
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
    Ids::new(dialect).computed(combinator)
}

/// The text whose CRC32 is the id.
pub fn canonical_text(combinator: &Combinator<'_>, dialect: Dialect) -> String {
    text_as(combinator, combinator.name.text, dialect)
}

fn text_as(combinator: &Combinator<'_>, name: &str, dialect: Dialect) -> String {
    let mut ids = Ids::new(dialect);
    ids.write(combinator, name);
    ids.text
}

/// Ids of one dialect, one after another: the text of one leaves its place to that of the next.
pub(super) struct Ids {
    /// The canonical text.
    text: String,
    /// Where that of plain definitions is put together.
    plain: Box<[u8; plain::ROOM]>,
    dialect: Dialect,
}

impl Ids {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            text: String::with_capacity(256),
            plain: Box::new([0; plain::ROOM]),
            dialect,
        }
    }

    /// The id a definition's text gives.
    pub(super) fn computed(&mut self, combinator: &Combinator<'_>) -> u32 {
        self.write(combinator, combinator.name.text);
        crc32fast::hash(self.text.as_bytes())
    }

    /// A type or number as it stands in canonical text.
    pub(super) fn expr_text(&mut self, expr: &Expr<'_>) -> String {
        self.text.clear();
        self.expr(expr, Place::Free);
        self.text.clone()
    }

    /// What there is to say where a definition has another id than its text gives.
    #[cold]
    pub(super) fn mismatch(
        &self,
        combinator: &Combinator<'_>,
        explicit_id: u32,
        computed_id: u32,
    ) -> Box<IdMismatch> {
        Box::new(IdMismatch {
            computed_id,
            exception: exception(combinator, explicit_id, self.dialect),
        })
    }

    fn write(&mut self, combinator: &Combinator<'_>, name: &str) {
        self.text.clear();
        self.text.push_str(name);
        self.combinator(combinator);
    }
}

/// Whether the two dialects give a definition different ids.
pub(super) fn differs_between_dialects(combinator: &Combinator<'_>) -> bool {
    let mut args = combinator.args.iter();
    combinator.result_bang.is_some()
        || args.any(|arg| arg.bang.is_some() || is_true_flag(arg) || is_named(&arg.ty, "bytes"))
}

/// Why a definition keeps an id that its text does not give; `None` when nothing explains it.
fn exception(combinator: &Combinator<'_>, id: u32, dialect: Dialect) -> Option<String> {
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

impl Ids {
    fn combinator(&mut self, combinator: &Combinator<'_>) {
        if combinator.builtin.is_some() {
            self.text.push_str(" ?");
        }
        self.args(&combinator.args);
        self.text.push_str(" = ");
        if combinator.result_bang.is_some() && self.dialect == Dialect::Telegram {
            self.text.push('!');
        }
        self.expr(&combinator.result, Place::Free);
    }

    fn args(&mut self, args: &[Arg<'_>]) {
        for arg in args {
            if self.dialect == Dialect::Raw || !is_true_flag(arg) {
                self.arg(arg);
            }
        }
    }

    fn arg(&mut self, arg: &Arg<'_>) {
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
                self.number(bit.value);
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
            ExprKind::Nat(value) => self.number(*value),
            ExprKind::Paren(inner) => self.expr(inner, place),
            ExprKind::Bare(inner) => {
                if !is_bare_already(inner) {
                    self.text.push('%');
                }
                self.expr(inner, Place::Free);
            }
            ExprKind::Apply(apply) => {
                self.expr(&apply.head, place);
                for arg in &apply.args {
                    self.text.push(' ');
                    self.expr(arg, Place::Free);
                }
            }
            ExprKind::Add(_) => self.sum(expr),
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

    /// Numbers are added up and stand behind the variable: `1+n+2` reads `n+3`.
    fn sum(&mut self, sum: &Expr<'_>) {
        let mut total = 0_u32;
        let mut is_first = true;
        summands(sum, &mut |summand| match &summand.kind {
            ExprKind::Nat(value) => total = total.wrapping_add(*value),
            _ => {
                if !std::mem::take(&mut is_first) {
                    self.text.push('+');
                }
                self.expr(summand, Place::Free);
            }
        });
        if is_first {
            self.number(total);
        } else if total != 0 {
            self.text.push('+');
            self.number(total);
        }
    }

    fn number(&mut self, value: u32) {
        match value {
            0..10 => self.text.push(char::from(b'0' + value as u8)),
            _ => {
                self.number(value / 10);
                self.number(value % 10);
            }
        }
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

/// Whether a `%` says nothing new: before a constructor's name, or before another `%`.
fn is_bare_already(expr: &Expr<'_>) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => !name.is_boxed(),
        ExprKind::Bare(_) => true,
        ExprKind::Paren(inner) => is_bare_already(inner),
        ExprKind::Apply(apply) => is_bare_already(&apply.head),
        _ => false,
    }
}

/// The parts of a sum, from left to right.
fn summands<'e, 's>(expr: &'e Expr<'s>, visit: &mut impl FnMut(&'e Expr<'s>)) {
    match &expr.kind {
        ExprKind::Add(sum) => {
            summands(&sum.0, visit);
            summands(&sum.1, visit);
        }
        ExprKind::Paren(inner) => summands(inner, visit),
        _ => visit(expr),
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
            (
                "a x:(Foo (1 + 32 + 64)) y:(2+n+1)*[ int ] = A;",
                "a x:Foo 97 y:n+3*[ int ] = A",
            ),
            (
                "a x:%foo y:%%Foo z:%(foo int) = A;",
                "a x:foo y:%Foo z:foo int = A",
            ),
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
