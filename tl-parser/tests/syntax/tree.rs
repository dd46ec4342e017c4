//! Trees as short text, so that a test can say in one line what it expects.

use std::fmt::Write;

use tl_parser::diagnostic::Diagnostic;
use tl_parser::span::FileId;
use tl_parser::syntax::ast::{Arg, ArgForm, Combinator, Expr, ExprKind, File, Item};
use tl_parser::syntax::{Parsed, parse};

pub(crate) fn read(text: &str) -> Parsed<'_> {
    parse(FileId(7), text)
}

/// The items of a text that has to be free of errors.
pub(crate) fn items(text: &str) -> Vec<String> {
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.file.items.iter().map(item).collect()
}

/// The one definition of a text.
pub(crate) fn one(text: &str) -> String {
    let items = items(text);
    assert_eq!(items.len(), 1, "{items:?}");
    items.into_iter().next().expect("one item")
}

/// `code start..end "text under it" message`
pub(crate) fn told(text: &str) -> Vec<String> {
    read(text)
        .diagnostics
        .iter()
        .map(|diagnostic| tell(text, diagnostic))
        .collect()
}

pub(crate) fn tell(text: &str, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.primary.span;
    assert_eq!(span.file, FileId(7));
    format!(
        "{:?} {:?} {:?} {}",
        diagnostic.code,
        span.range(),
        &text[span.range()],
        diagnostic.message
    )
}

/// The tree with all spans blanked.
pub(crate) fn without_spans(file: &File<'_>) -> String {
    let debug = format!("{:#?}", file.items);
    let mut kept = String::new();
    for line in debug.lines() {
        let word = line.trim();
        if !["start: ", "end: "]
            .iter()
            .any(|field| word.starts_with(field))
        {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

pub(crate) fn item(item: &Item<'_>) -> String {
    match item {
        Item::Section(section) => format!("section {:?}", section.kind),
        Item::Layer(layer) => format!("layer {}", layer.number),
        Item::Combinator(combinator) => definition(combinator),
        Item::Finalization(finalization) => {
            format!("{:?} {}", finalization.kind, finalization.ty.text)
        }
        Item::Partial(partial) => format!("partial {}", expr(&partial.expr)),
    }
}

fn definition(combinator: &Combinator<'_>) -> String {
    let mut out = String::new();
    for annotation in &combinator.annotations {
        write!(out, "@{} ", annotation.text).expect("a string");
    }
    out += combinator.name.text;
    if let Some(id) = combinator.id {
        write!(out, "#{:x}", id.value).expect("a string");
    }
    out += if combinator.builtin.is_some() {
        " builtin"
    } else {
        ""
    };
    for one in &combinator.args {
        write!(out, " {}", arg(one)).expect("a string");
    }
    format!(
        "{out} {} {}{}",
        if combinator.arrow { "=>" } else { "=" },
        if combinator.result_bang.is_some() {
            "!"
        } else {
            ""
        },
        expr(&combinator.result)
    )
}

fn arg(arg: &Arg<'_>) -> String {
    let mut out = match arg.form {
        ArgForm::Plain => String::new(),
        ArgForm::Implicit => "implicit ".to_owned(),
        ArgForm::Group => "group ".to_owned(),
    };
    let names: Vec<_> = arg.names.iter().map(|name| name.text).collect();
    write!(out, "{}:", names.join(",")).expect("a string");
    if let Some(condition) = &arg.condition {
        write!(out, "if({}", condition.word.text).expect("a string");
        if let Some(bit) = condition.bit {
            write!(out, " bit {}", bit.value).expect("a string");
        }
        out += ")";
    }
    out += if arg.bang.is_some() { "!" } else { "" };
    format!("[{out}{}]", expr(&arg.ty))
}

fn expr(node: &Expr<'_>) -> String {
    let list = |nodes: &[Expr<'_>]| nodes.iter().map(expr).collect::<Vec<_>>().join(" ");
    match &node.kind {
        ExprKind::Name(name) => name.text.to_owned(),
        ExprKind::Hash => "#".to_owned(),
        ExprKind::Nat(value) => value.to_string(),
        ExprKind::Bare(inner) => format!("bare {}", expr(inner)),
        ExprKind::Apply(apply) if apply.angle => {
            format!("angle({} {})", expr(&apply.head), list(&apply.args))
        }
        ExprKind::Apply(apply) => format!("apply({} {})", expr(&apply.head), list(&apply.args)),
        ExprKind::Add(sum) => format!("add({} {})", expr(&sum.0), expr(&sum.1)),
        ExprKind::Paren(inner) => format!("paren({})", expr(inner)),
        ExprKind::Repeat(repeat) => {
            let args: Vec<_> = repeat.args.iter().map(arg).collect();
            let count = repeat.count.as_ref().map_or("_".to_owned(), expr);
            format!("repeat({count}; {})", args.join(" "))
        }
    }
}
