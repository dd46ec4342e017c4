//! Syntax tree to text: the formatter, and the canonical spelling of single nodes for messages and docs.
//!
//! One definition a line, single blanks, at most one blank line. Parentheses, `<…>` and the order of things stay as they
//! were written: constructor ids are computed from them.

use super::ast::{
    Apply, Arg, ArgForm, Combinator, Comment, Condition, Expr, ExprKind, File, FinalizationKind,
    Item, SectionKind,
};

/// The text of a file in the one true style. `file` is what [`parse`](super::parse) made of `text`, without errors:
/// broken definitions are not in the tree and would be lost.
pub fn format(file: &File<'_>, text: &str) -> String {
    let mut layout = Layout {
        text,
        end: 0,
        out: String::with_capacity(text.len() + text.len() / 8),
    };
    let mut comments = file.comments.as_slice();
    for item in &file.items {
        let span = item.span();
        layout.comments(split_before(&mut comments, span.start));
        layout.item(item, split_before(&mut comments, span.end));
    }
    layout.comments(comments);
    if !layout.out.is_empty() {
        layout.out.push('\n');
    }
    layout.out
}

/// A combinator on one line, with its `;`.
pub fn combinator(combinator: &Combinator<'_>) -> String {
    print(combinator, write_combinator)
}

/// An argument as it stands in a definition.
pub fn arg(arg: &Arg<'_>) -> String {
    print(arg, write_arg)
}

/// A type or number expression.
pub fn expr(expr: &Expr<'_>) -> String {
    print(expr, write_expr)
}

fn print<T>(node: &T, write: impl Fn(&mut String, &T)) -> String {
    let mut out = String::new();
    write(&mut out, node);
    out
}

/// Takes the comments that begin before an offset.
fn split_before<'c, 's>(comments: &mut &'c [Comment<'s>], offset: u32) -> &'c [Comment<'s>] {
    let (before, after) =
        comments.split_at(comments.partition_point(|comment| comment.span.start < offset));
    *comments = after;
    before
}

/// What is written so far, and the place in the old text behind the last thing written.
struct Layout<'t> {
    text: &'t str,
    end: u32,
    out: String,
}

impl Layout<'_> {
    /// Comments between items. One that stood behind something on its line stays there.
    fn comments(&mut self, comments: &[Comment<'_>]) {
        for comment in comments {
            match self.newlines_before(comment.span.start) {
                0 => self.separate(" "),
                1 => self.separate("\n"),
                _ => self.separate("\n\n"),
            }
            write_comment(&mut self.out, comment);
            self.end = comment.span.end;
        }
    }

    /// An item, and before it the comments that stood inside of it.
    fn item(&mut self, item: &Item<'_>, inside: &[Comment<'_>]) {
        let is_mark = matches!(item, Item::Section(_) | Item::Layer(_));
        let mut gap = if self.newlines_before(item.span().start) > 1 {
            "\n\n"
        } else {
            "\n"
        };
        for comment in inside {
            self.separate(gap);
            write_comment(&mut self.out, comment);
            gap = "\n";
        }
        self.separate(if is_mark { "\n\n" } else { gap });
        write_item(&mut self.out, item);
        self.end = item.span().end;
    }

    /// Nothing goes before the first line.
    fn separate(&mut self, gap: &str) {
        if !self.out.is_empty() {
            self.out.push_str(gap);
        }
    }

    fn newlines_before(&self, start: u32) -> usize {
        let gap = self
            .text
            .get(self.end as usize..start as usize)
            .unwrap_or_default();
        gap.bytes().filter(|&byte| byte == b'\n').count()
    }
}

/// A comment without the blanks at the end of its lines, which end in LF.
fn write_comment(out: &mut String, comment: &Comment<'_>) {
    for (index, line) in comment.text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(line.trim_end());
    }
}

fn write_item(out: &mut String, item: &Item<'_>) {
    match item {
        Item::Section(section) => out.push_str(match section.kind {
            SectionKind::Types => "---types---",
            SectionKind::Functions => "---functions---",
        }),
        Item::Layer(layer) => out.push_str(&format!("==={}===", layer.number)),
        Item::Combinator(combinator) => write_combinator(out, combinator),
        Item::Finalization(finalization) => {
            out.push_str(match finalization.kind {
                FinalizationKind::New => "New ",
                FinalizationKind::Final => "Final ",
                FinalizationKind::Empty => "Empty ",
            });
            out.push_str(finalization.ty.text);
            out.push(';');
        }
        Item::Partial(partial) => {
            write_expr(out, &partial.expr);
            out.push(';');
        }
    }
}

fn write_combinator(out: &mut String, combinator: &Combinator<'_>) {
    for annotation in &combinator.annotations {
        out.push('@');
        out.push_str(annotation.text);
        out.push(' ');
    }
    out.push_str(combinator.name.text);
    if let Some(id) = combinator.id {
        out.push_str(&format!("#{:08x}", id.value));
    }
    if combinator.builtin.is_some() {
        out.push_str(" ?");
    }
    for arg in &combinator.args {
        out.push(' ');
        write_arg(out, arg);
    }
    out.push_str(if combinator.arrow { " => " } else { " = " });
    out.push_str(if combinator.result_bang.is_some() {
        "!"
    } else {
        ""
    });
    write_expr(out, &combinator.result);
    out.push(';');
}

fn write_arg(out: &mut String, arg: &Arg<'_>) {
    let (open, close) = match arg.form {
        ArgForm::Plain => ("", ""),
        ArgForm::Implicit => ("{", "}"),
        ArgForm::Group => ("(", ")"),
    };
    out.push_str(open);
    for (index, name) in arg.names.iter().enumerate() {
        out.push_str(if index > 0 { " " } else { "" });
        out.push_str(name.text);
    }
    if !arg.names.is_empty() {
        out.push(':');
    }
    if let Some(condition) = &arg.condition {
        write_condition(out, condition);
    }
    if arg.bang.is_some() {
        out.push('!');
    }
    write_expr(out, &arg.ty);
    out.push_str(close);
}

fn write_condition(out: &mut String, condition: &Condition<'_>) {
    out.push_str(condition.word.text);
    if let Some(bit) = condition.bit {
        out.push_str(&format!(".{}", bit.value));
    }
    out.push('?');
}

fn write_expr(out: &mut String, expr: &Expr<'_>) {
    match &expr.kind {
        ExprKind::Name(name) => out.push_str(name.text),
        ExprKind::Hash => out.push('#'),
        ExprKind::Nat(value) => out.push_str(&value.to_string()),
        ExprKind::Bare(inner) => {
            out.push('%');
            write_expr(out, inner);
        }
        ExprKind::Apply(apply) => write_apply(out, apply),
        ExprKind::Add(sum) => {
            write_expr(out, &sum.0);
            out.push('+');
            write_expr(out, &sum.1);
        }
        ExprKind::Paren(inner) => {
            out.push('(');
            write_expr(out, inner);
            out.push(')');
        }
        ExprKind::Repeat(repeat) => {
            if let Some(count) = &repeat.count {
                write_expr(out, count);
                out.push('*');
            }
            out.push_str("[ ");
            for arg in &repeat.args {
                write_arg(out, arg);
                out.push(' ');
            }
            out.push(']');
        }
    }
}

fn write_apply(out: &mut String, apply: &Apply<'_>) {
    write_expr(out, &apply.head);
    let (open, between, close) = if apply.angle {
        ("<", ",", ">")
    } else {
        (" ", " ", "")
    };
    for (index, arg) in apply.args.iter().enumerate() {
        out.push_str(if index > 0 { between } else { open });
        write_expr(out, arg);
    }
    out.push_str(close);
}
