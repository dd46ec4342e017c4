//! Tokens to text, laid out as rustfmt lays them out.
//!
//! rustfmt must not run in a build script (it may not be there), and a general pretty-printer has to parse its input
//! first, which takes seconds for a large schema in an unoptimised build script. The generator emits few shapes of code, so this
//! printer knows just those; a test runs rustfmt over everything generated and finds nothing to change.

mod line;
mod tree;
mod values;

use proc_macro2::TokenStream;

use tree::{Delimiter, Tree};

/// The width that rustfmt allows a line.
const MAX_WIDTH: usize = 100;
/// The width that rustfmt allows the arguments of a call on one line.
const CALL_WIDTH: usize = 60;
/// The width that rustfmt allows the fields of a struct literal on one line.
const LITERAL_WIDTH: usize = 18;
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

    /// A function's header that is too long: each parameter on a line of its own.
    fn signature(&mut self, head: &[Tree], params: usize) {
        self.parameters(head, params);
        // rustfmt counts the indentation of such a line twice.
        if self.indent + self.column() + 2 > MAX_WIDTH {
            self.end_line();
            self.start_line();
        } else {
            self.out.push(' ');
        }
    }

    /// A function's header up to its result, each parameter on a line of its own.
    fn parameters(&mut self, head: &[Tree], params: usize) {
        self.out.push_str(&line::flat(&head[..params]));
        self.out.push('(');
        if let Tree::Group(_, inner) = &head[params] {
            self.end_line();
            self.indent += INDENT;
            self.lines(&tree::comma_separated(inner), false);
            self.indent -= INDENT;
            self.start_line();
        }
        self.out.push(')');
        let after = &head[params + 1..];
        if after.is_empty() {
            return;
        }
        let text = line::flat(after);
        self.out.push(' ');
        match after {
            [arrow, ty @ ..]
                if arrow.is_word("->") && self.column() + text.len() > MAX_WIDTH + 2 =>
            {
                self.out.push_str("-> ");
                self.generics(ty, 0);
            }
            // rustfmt lets a result be two columns too wide: `{` goes below it.
            _ => self.out.push_str(&text),
        }
    }

    /// A header with a `where` clause: each predicate on a line of its own.
    fn bounded(&mut self, head: &[Tree], predicates: &[Tree]) {
        let text = line::flat(head);
        let params = head
            .iter()
            .position(|tree| tree.is_group(Delimiter::Parenthesis));
        match params {
            Some(params) if self.column() + text.len() > MAX_WIDTH => self.parameters(head, params),
            _ => self.out.push_str(&text),
        }
        self.end_line();
        self.line("where");
        self.indent += INDENT;
        for predicate in tree::comma_separated(predicates) {
            self.line(&format!("{},", line::flat(predicate)));
        }
        self.indent -= INDENT;
        self.start_line();
    }

    /// What stands before an opening brace. An impl's header that is too long breaks before `for`, or behind its
    /// generics.
    fn head(&mut self, head: &[Tree], is_empty: bool) {
        if let Some(at) = head.iter().position(|tree| tree.is_word("where")) {
            return self.bounded(&head[..at], &head[at + 1..]);
        }
        let text = line::flat(head);
        let brace = if is_empty { 3 } else { 2 };
        let params = head
            .iter()
            .position(|tree| tree.is_group(Delimiter::Parenthesis));
        if let Some(params) = params
            && head.iter().any(|tree| tree.is_word("fn"))
            && self.column() + text.len() + brace > MAX_WIDTH
        {
            return self.signature(head, params);
        }
        let is_impl = head.first().is_some_and(|first| first.is_word("impl"));
        if let Some(end) = tree::generics_end(head).filter(|_| is_impl)
            && self.column() + line::flat(&head[..end]).len() > MAX_WIDTH
        {
            return self.impl_generics(&head[..end], &line::flat(&head[end..]));
        }
        let is_too_long = is_impl && self.column() + text.len() + brace > MAX_WIDTH;
        let after_generics = || {
            let end = tree::generics_end(head)?;
            Some((line::flat(&head[..end]), line::flat(&head[end..])))
        };
        let lines = match text.split_once(" for ") {
            _ if !is_too_long => None,
            Some((left, right)) if self.column() + left.len() <= MAX_WIDTH => {
                Some((left.to_owned(), format!("for {right}")))
            }
            Some((left, right)) => {
                after_generics().or_else(|| Some((left.to_owned(), format!("for {right}"))))
            }
            None => after_generics(),
        };
        let Some((first, second)) = lines else {
            self.out.push_str(&text);
            return self.out.push(' ');
        };
        self.out.push_str(&first);
        self.end_line();
        self.indent += INDENT;
        self.line(&second);
        self.indent -= INDENT;
        self.start_line();
    }

    /// An impl's header whose generics alone are too long: each on a line of its own.
    fn impl_generics(&mut self, generics: &[Tree], rest: &str) {
        let (open, inner) = generics.split_at(2);
        self.out.push_str(&line::flat(open));
        self.end_line();
        self.indent += INDENT;
        let inner = inner.split_last().map_or(inner, |(_, inner)| inner);
        for generic in tree::comma_separated(inner) {
            self.line(&format!("{},", line::flat(generic)));
        }
        self.indent -= INDENT;
        self.line(&format!("> {rest}"));
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
                    self.field(field, body);
                }
            }
        }
        self.indent -= INDENT;
        self.start_line();
        self.out.push('}');
    }

    /// A field or variant, with its comma. A type that is too long goes on a line of its own.
    fn field(&mut self, trees: &[Tree], body: Body) {
        self.start_line();
        let text = line::flat(trees);
        let is_short = body == Body::Fields || line::calls_are_short(trees);
        if self.column() + text.len() < MAX_WIDTH && is_short {
            self.out.push_str(&text);
        } else if let Some(colon) = trees.iter().position(|tree| tree.is_word(":")) {
            let value = &trees[colon + 1..];
            let value_text = line::flat(value);
            self.out.push_str(&line::flat(&trees[..=colon]));
            if tree::is_call(value) {
                self.out.push(' ');
                self.method_call(value);
            } else if let ([of, dot, name], Body::Literal) = (value, body)
                && dot.is_word(".")
            {
                self.out
                    .push_str(&format!(" {}", line::flat(std::slice::from_ref(of))));
                self.end_line();
                self.indent += INDENT;
                self.start_line();
                self.out
                    .push_str(&format!(".{}", line::flat(std::slice::from_ref(name))));
                self.indent -= INDENT;
            } else if self.indent + INDENT + value_text.len() < MAX_WIDTH {
                self.end_line();
                self.indent += INDENT;
                self.start_line();
                self.out.push_str(&value_text);
                self.indent -= INDENT;
            } else {
                self.out.push(' ');
                self.generics(value, 1);
            }
        } else {
            self.breakable(trees, 1);
        }
        self.out.push(',');
        self.end_line();
    }

    /// A type, with the arguments of its outermost generics on lines of their own where it does not fit.
    fn generics(&mut self, ty: &[Tree], reserve: usize) {
        let text = line::flat(ty);
        let (open, close) = (
            ty.iter().position(|tree| tree.is_word("<")),
            ty.len().saturating_sub(1),
        );
        let open = open.filter(|&open| open < close && ty[close].is_word(">"));
        let Some(open) = open.filter(|_| self.column() + text.len() + reserve > MAX_WIDTH) else {
            return self.out.push_str(&text);
        };
        self.out.push_str(&line::flat(&ty[..=open]));
        self.end_line();
        self.indent += INDENT;
        for arg in tree::comma_separated(&ty[open + 1..close]) {
            self.start_line();
            self.generics(arg, 1);
            self.out.push(',');
            self.end_line();
        }
        self.indent -= INDENT;
        self.start_line();
        self.out.push('>');
    }

    /// `type Name = Type;`, with the type on a line of its own where that is enough.
    fn alias(&mut self, trees: &[Tree], equals: usize) {
        let (head, ty) = trees.split_at(equals + 1);
        let ty = ty.strip_suffix(&[Tree::Word(";".to_owned())]).unwrap_or(ty);
        self.out.push_str(&line::flat(head));
        let text = line::flat(ty);
        if self.column() + 1 + text.len() < MAX_WIDTH {
            self.out.push_str(&format!(" {text};"));
        } else if self.indent + INDENT + text.len() < MAX_WIDTH {
            self.end_line();
            self.indent += INDENT;
            self.start_line();
            self.out.push_str(&format!("{text};"));
            self.indent -= INDENT;
        } else {
            self.out.push(' ');
            self.generics(ty, 1);
            self.out.push(';');
        }
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
        _ if has("impl") || has("mod") || has("trait") => Body::Items,
        Some(Tree::Word(_)) => Body::Literal,
        _ => Body::Statements,
    }
}
