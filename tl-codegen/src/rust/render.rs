//! Tokens to text, laid out as rustfmt lays them out.
//!
//! rustfmt must not run in a build script (it may not be there), and a general pretty-printer has to parse its input
//! first, which takes seconds for a large schema in an unoptimised build script. The generator emits few shapes of code, so this
//! printer knows just those; a test runs rustfmt over everything generated and finds nothing to change.

mod line;
mod tree;

use proc_macro2::TokenStream;

use tree::{Delimiter, Tree};

/// The width that rustfmt allows a line.
const MAX_WIDTH: usize = 100;
/// The width that rustfmt allows the arguments of a call on one line.
const CALL_WIDTH: usize = 60;
/// The width that rustfmt allows the fields of a struct literal on one line.
const LITERAL_WIDTH: usize = 18;
/// The width up to which array items share lines.
const SHORT_ITEM: usize = 10;
const INDENT: usize = 4;

/// The text of a file's items, a blank line between two of them unless both are one-line declarations.
pub(crate) fn render<'t>(items: impl IntoIterator<Item = &'t TokenStream>) -> String {
    let mut printer = Printer {
        out: String::new(),
        indent: 0,
    };
    let mut after_declaration = true;
    for item in items {
        let trees = tree::from_tokens(item.clone());
        let is_declaration = !trees
            .iter()
            .any(|tree| tree.is_group(Delimiter::Brace) || tree.is_group(Delimiter::Bracket));
        let are_declarations = after_declaration && is_declaration;
        if !(printer.out.is_empty() || are_declarations) {
            printer.out.push('\n');
        }
        after_declaration = is_declaration;
        printer.items(&trees);
    }
    printer.out
}

struct Printer {
    out: String,
    indent: usize,
}

/// What stands between a pair of braces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Items of a module or impl.
    Items,
    /// Statements.
    Statements,
    /// Match arms.
    Arms,
    /// Fields or variants of a definition.
    Fields,
    /// Fields of a struct literal.
    Literal,
}

impl Printer {
    /// Items, each with its attributes.
    fn items(&mut self, trees: &[Tree]) {
        let mut rest = trees;
        let mut is_first = true;
        while !rest.is_empty() {
            rest = self.attributes(rest, is_first || self.indent == 0);
            let end = tree::item_end(rest);
            self.sequence(&rest[..end]);
            rest = &rest[end..];
            is_first = false;
        }
    }

    /// Attributes and doc comments at the front of `trees`; what is left.
    fn attributes<'t>(&mut self, mut trees: &'t [Tree], is_first: bool) -> &'t [Tree] {
        if !is_first {
            self.out.push('\n');
        }
        while let [
            Tree::Word(hash),
            Tree::Group(Delimiter::Bracket, inner),
            after @ ..,
        ] = trees
            && hash == "#"
        {
            match &inner[..] {
                [Tree::Word(doc), Tree::Word(_), Tree::Word(text)] if doc == "doc" => {
                    self.doc_line(text)
                }
                _ => self.line(&format!("#[{}]", line::flat(inner))),
            }
            trees = after;
        }
        trees
    }

    fn doc_line(&mut self, literal: &str) {
        let text = tree::string_value(literal);
        match text.trim_end() {
            "" => self.line("///"),
            text => self.line(&format!("///{text}")),
        }
    }

    /// One item, statement or field with all its braces.
    fn sequence(&mut self, trees: &[Tree]) {
        self.start_line();
        let mut rest = trees;
        while let Some(at) = rest.iter().position(|tree| tree.is_group(Delimiter::Brace)) {
            let (head, tail) = rest.split_at(at);
            let Some((Tree::Group(_, inner), after)) = tail.split_first() else {
                break;
            };
            let body = body_after(head);
            self.head(head, inner.is_empty());
            self.braces(inner, body);
            rest = after;
            if let [Tree::Word(word), ..] = rest
                && word == "else"
            {
                self.out.push(' ');
            }
        }
        self.fragment(rest);
        self.end_line();
    }

    /// What stands before an opening brace. An impl's header that is too long breaks before its trait, or before `for`.
    fn head(&mut self, head: &[Tree], is_empty: bool) {
        let text = line::flat(head);
        let brace = if is_empty { 3 } else { 2 };
        let is_impl = head.first().is_some_and(|first| first.is_word("impl"));
        let parts = text
            .split_once(" for ")
            .filter(|_| is_impl && self.column() + text.len() + brace > MAX_WIDTH);
        let Some((left, right)) = parts else {
            self.out.push_str(&text);
            return self.out.push(' ');
        };
        let (first, second) = match tree::generics_end(head) {
            Some(end) if self.column() + left.len() > MAX_WIDTH => {
                (line::flat(&head[..end]), line::flat(&head[end..]))
            }
            _ => (left.to_owned(), format!("for {right}")),
        };
        self.out.push_str(&first);
        self.end_line();
        self.indent += INDENT;
        self.line(&second);
        self.indent -= INDENT;
        self.start_line();
    }

    fn braces(&mut self, inner: &[Tree], body: Body) {
        if inner.is_empty() {
            return self.out.push_str("{}");
        }
        if body == Body::Literal {
            let text = line::flat(inner);
            if text.trim_end_matches(',').len() <= LITERAL_WIDTH {
                self.out
                    .push_str(&format!("{{ {} }}", text.trim_end_matches(',')));
                return;
            }
        }
        self.out.push('{');
        self.end_line();
        self.indent += INDENT;
        match body {
            Body::Items => self.items(inner),
            Body::Statements => tree::statements(inner)
                .into_iter()
                .for_each(|statement| self.sequence(statement)),
            Body::Arms => tree::arms(inner)
                .into_iter()
                .for_each(|(pattern, value)| self.arm(pattern, value)),
            Body::Fields | Body::Literal => {
                for field in tree::comma_separated(inner) {
                    let field = self.attributes(field, true);
                    self.field(field);
                }
            }
        }
        self.indent -= INDENT;
        self.start_line();
        self.out.push('}');
    }

    /// A field or variant, with its comma. A type that is too long goes on a line of its own.
    fn field(&mut self, trees: &[Tree]) {
        self.start_line();
        let text = line::flat(trees);
        if self.column() + text.len() < MAX_WIDTH {
            self.out.push_str(&text);
        } else if let Some(colon) = trees.iter().position(|tree| tree.is_word(":")) {
            let value = &trees[colon + 1..];
            let value_text = line::flat(value);
            self.out.push_str(&line::flat(&trees[..=colon]));
            if self.indent + INDENT + value_text.len() < MAX_WIDTH && !tree::is_call(value) {
                self.end_line();
                self.indent += INDENT;
                self.start_line();
                self.out.push_str(&value_text);
                self.indent -= INDENT;
            } else {
                self.out.push(' ');
                self.generics(value);
            }
        } else {
            self.breakable(trees, 1);
        }
        self.out.push(',');
        self.end_line();
    }

    /// A type that fits no line: the argument of its outermost generics goes on a line of its own.
    fn generics(&mut self, ty: &[Tree]) {
        let (open, close) = (
            ty.iter().position(|tree| tree.is_word("<")),
            ty.len().saturating_sub(1),
        );
        let Some(open) = open.filter(|&open| open < close && ty[close].is_word(">")) else {
            return self.breakable(ty, 1);
        };
        self.out.push_str(&line::flat(&ty[..=open]));
        self.end_line();
        self.indent += INDENT;
        self.line(&format!("{},", line::flat(&ty[open + 1..close])));
        self.indent -= INDENT;
        self.start_line();
        self.out.push('>');
    }

    /// A match arm. A value that is too long goes into a block.
    fn arm(&mut self, pattern: &[Tree], value: &[Tree]) {
        self.start_line();
        self.out.push_str(&line::flat(pattern));
        self.out.push_str(" => ");
        if let [Tree::Group(Delimiter::Brace, inner)] = value {
            self.braces(inner, Body::Statements);
        } else {
            let text = line::flat(value);
            if self.column() + text.len() < MAX_WIDTH && line::calls_are_short(value) {
                self.out.push_str(&text);
                self.out.push(',');
            } else {
                self.out.push('{');
                self.end_line();
                self.indent += INDENT;
                self.sequence(value);
                self.indent -= INDENT;
                self.start_line();
                self.out.push('}');
            }
        }
        self.end_line();
    }

    /// The end of a statement, without braces.
    fn fragment(&mut self, trees: &[Tree]) {
        self.breakable(trees, 0);
    }

    /// Text on one line where it fits, else with the arguments of its last call (or the items of its array) on lines of their own.
    /// `reserve` columns stay free behind it.
    fn breakable(&mut self, trees: &[Tree], reserve: usize) {
        let text = line::flat(trees);
        let fits = self.column() + text.len() + reserve <= MAX_WIDTH;
        let last_group = trees
            .iter()
            .rposition(|tree| matches!(tree, Tree::Group(..)));
        match last_group.map(|at| (at, &trees[at])) {
            Some((at, Tree::Group(Delimiter::Parenthesis, args)))
                if !args.is_empty() && (!fits || !line::calls_are_short(trees)) =>
            {
                self.out.push_str(&line::flat_before_group(&trees[..at]));
                self.out.push('(');
                self.vertical(args);
                self.out.push(')');
                self.out.push_str(&line::flat(&trees[at + 1..]));
            }
            Some((at, Tree::Group(Delimiter::Bracket, items)))
                if !fits || line::flat(items).len() > CALL_WIDTH =>
            {
                self.out.push_str(&line::flat_before_group(&trees[..at]));
                self.array(items);
                self.out.push_str(&line::flat(&trees[at + 1..]));
            }
            _ => self.out.push_str(&text),
        }
    }

    fn vertical(&mut self, args: &[Tree]) {
        self.end_line();
        self.indent += INDENT;
        for arg in tree::comma_separated(args) {
            self.start_line();
            self.breakable(arg, 1);
            self.out.push(',');
            self.end_line();
        }
        self.indent -= INDENT;
        self.start_line();
    }

    /// Array items: short ones fill lines, others have a line each.
    fn array(&mut self, items: &[Tree]) {
        let items = tree::comma_separated(items);
        let are_short = items
            .iter()
            .all(|item| line::flat(item).len() <= SHORT_ITEM);
        self.out.push('[');
        self.end_line();
        self.indent += INDENT;
        for (at, item) in items.iter().enumerate() {
            if at == 0 {
                self.start_line();
            } else if are_short && self.column() + 1 + line::flat(item).len() < MAX_WIDTH {
                self.out.push(' ');
            } else {
                self.end_line();
                self.start_line();
            }
            self.breakable(item, 1);
            self.out.push(',');
        }
        self.end_line();
        self.indent -= INDENT;
        self.start_line();
        self.out.push(']');
    }

    fn line(&mut self, text: &str) {
        self.start_line();
        self.out.push_str(text);
        self.end_line();
    }

    fn start_line(&mut self) {
        for _ in 0..self.indent {
            self.out.push(' ');
        }
    }

    fn end_line(&mut self) {
        self.out.push('\n');
    }

    fn column(&self) -> usize {
        self.out.len() - self.out.rfind('\n').map_or(0, |at| at + 1)
    }
}

/// What an opening brace begins, told by what stands before it.
fn body_after(head: &[Tree]) -> Body {
    let has = |word: &str| head.iter().any(|tree| tree.is_word(word));
    match head.last() {
        Some(last) if last.is_word("=") => Body::Statements,
        _ if has("match") => Body::Arms,
        _ if has("struct") || has("enum") => Body::Fields,
        _ if has("fn") || has("if") || has("else") => Body::Statements,
        _ if has("impl") || has("mod") => Body::Items,
        Some(Tree::Word(_)) => Body::Literal,
        _ => Body::Statements,
    }
}
