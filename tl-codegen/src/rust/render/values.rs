//! Statements, match arms and what is in them: calls, closures, arrays.

use super::tree::{self, Delimiter, Tree};
use super::{Body, CALL_WIDTH, INDENT, MAX_WIDTH, Printer, line};

/// The width up to which array items share lines.
const SHORT_ITEM: usize = 10;

impl Printer {
    /// A match arm. A value that is too long goes into a block.
    pub(super) fn arm(&mut self, pattern: &[Tree], value: &[Tree]) {
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
            } else if self.breaks_in_place(value, &text) {
                self.breakable(value, 1);
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

    /// Whether an arm's call breaks where it stands: in a block it would break, too, and its head fits here.
    fn breaks_in_place(&self, call: &[Tree], text: &str) -> bool {
        let is_whole_in_block =
            self.indent + INDENT + text.len() <= MAX_WIDTH && line::calls_are_short(call);
        let head = call.iter().position(|tree| matches!(tree, Tree::Group(..)));
        let head = line::flat(&call[..head.unwrap_or(0)]);
        !is_whole_in_block && tree::is_call(call) && self.column() + head.len() + 1 < MAX_WIDTH
    }

    /// The end of a statement, without braces.
    pub(super) fn fragment(&mut self, trees: &[Tree]) {
        let equals = trees.iter().position(|tree| tree.is_word("="));
        match equals {
            Some(equals)
                if trees[..equals]
                    .iter()
                    .take(2)
                    .any(|tree| tree.is_word("type")) =>
            {
                self.alias(trees, equals);
            }
            Some(equals) if is_static_call(trees, equals) => {
                self.on_next_line(&trees[..=equals], &trees[equals + 1..]);
            }
            _ => self.breakable(trees, 0),
        }
    }

    /// Text on one line where it fits, else with the arguments of its last call (or the items of its array) on lines of their own.
    /// `reserve` columns stay free behind it.
    pub(super) fn breakable(&mut self, trees: &[Tree], reserve: usize) {
        let text = line::flat(trees);
        // rustfmt does not break the types of parameters that are functions.
        let fits = self.column() + text.len() + reserve <= MAX_WIDTH
            || trees.iter().any(|tree| tree.is_word("dyn"));
        if let (false, Some((body, before))) = (fits, tree::closure(trees)) {
            return self.closure(before, body);
        }
        if let (false, Some(ty)) = (fits, tree::declared(trees)) {
            self.out
                .push_str(&line::flat(&trees[..trees.len() - ty.len()]));
            self.out.push(' ');
            return self.generics(ty, reserve);
        }
        if let (false, Some(value)) = (fits, tree::assigned(trees)) {
            return self.on_next_line(&trees[..trees.len() - value.len()], value);
        }
        let last_group = trees
            .iter()
            .rposition(|tree| matches!(tree, Tree::Group(..)));
        match last_group.map(|at| (at, &trees[at])) {
            Some((at, Tree::Group(Delimiter::Parenthesis, args)))
                if !args.is_empty() && (!fits || !line::calls_are_short(trees)) =>
            {
                self.out.push_str(&line::flat_before_group(&trees[..at]));
                self.out.push('(');
                let after = line::flat(&trees[at + 1..]);
                if !self.closure_last(args, after.len() + reserve) && !self.call_alone(args) {
                    self.vertical(args);
                }
                self.out.push(')');
                self.out.push_str(&after);
            }
            Some((at, Tree::Group(Delimiter::Bracket, items)))
                if !fits || line::flat(items).len() > CALL_WIDTH =>
            {
                self.out.push_str(&line::flat_before_group(&trees[..at]));
                self.array(items);
                self.out.push_str(&line::flat(&trees[at + 1..]));
            }
            None if !fits && trees.last().is_some_and(|last| last.is_word(">")) => {
                self.generics(trees, reserve)
            }
            _ => self.out.push_str(&text),
        }
    }

    /// Arguments of which the last is a closure: its body goes into a block, the rest stays on the line. Says whether it is
    /// so. `after` columns follow the call.
    fn closure_last(&mut self, args: &[Tree], after: usize) -> bool {
        let args = tree::comma_separated(args);
        let Some((body, before)) = args.last().and_then(|last| tree::closure(last)) else {
            return false;
        };
        let mut line = String::new();
        for arg in &args[..args.len() - 1] {
            line.push_str(&line::flat(arg));
            line.push_str(", ");
        }
        line.push_str(&line::flat(before));
        line.push_str(" {");
        // rustfmt leaves room for `)` and what follows it behind a reference to a closure, and only there; and for one more if
        // the body breaks, too.
        let text = line::flat(body);
        let is_whole =
            self.indent + INDENT + text.len() <= MAX_WIDTH && line::calls_are_short(body);
        let is_reference = before.first().is_some_and(|first| first.is_word("&"));
        let room = if is_reference {
            1 + after + usize::from(!is_whole)
        } else {
            0
        };
        if self.column() + line.len() + room > MAX_WIDTH {
            return false;
        }
        let parameters = line::flat(before);
        self.out
            .push_str(&line[..line.len() - parameters.len() - 2]);
        self.closure(before, body);
        true
    }

    /// A call that is the only argument: its own arguments break, where its head fits. Says whether it is so.
    fn call_alone(&mut self, args: &[Tree]) -> bool {
        let [head @ .., Tree::Group(Delimiter::Parenthesis, inner)] = args else {
            return false;
        };
        let is_alone = tree::comma_separated(args).len() == 1;
        let text = line::flat(head);
        if !is_alone || inner.is_empty() || self.column() + text.len() + 1 >= MAX_WIDTH {
            return false;
        }
        self.out.push_str(&text);
        self.out.push('(');
        self.vertical(inner);
        self.out.push(')');
        true
    }

    /// A closure whose body goes into a block.
    fn closure(&mut self, parameters: &[Tree], body: &[Tree]) {
        self.out.push_str(&line::flat(parameters));
        self.out.push_str(" {");
        self.end_line();
        self.indent += INDENT;
        self.sequence(body);
        self.indent -= INDENT;
        self.start_line();
        self.out.push('}');
    }

    /// A call in a field's place; a method's name goes to the next line where that is enough.
    pub(super) fn method_call(&mut self, value: &[Tree]) {
        let [receiver @ Tree::Word(_), dot, call @ ..] = value else {
            return self.breakable(value, 1);
        };
        let is_enough = self.indent + INDENT + 1 + line::flat(call).len() < MAX_WIDTH;
        if !dot.is_word(".") || !is_enough || !line::calls_are_short(value) {
            return self.breakable(value, 1);
        }
        self.out
            .push_str(&line::flat(std::slice::from_ref(receiver)));
        self.end_line();
        self.indent += INDENT;
        self.start_line();
        self.out.push('.');
        self.out.push_str(&line::flat(call));
        self.indent -= INDENT;
    }

    /// `let name = value` and the like, with the value on a line of its own where that is enough, or where not even its head fits.
    fn on_next_line(&mut self, head: &[Tree], value: &[Tree]) {
        let (head, text) = (line::flat(head), line::flat(value));
        let callee = value
            .iter()
            .position(|tree| matches!(tree, Tree::Group(..)));
        let callee = line::flat(&value[..callee.unwrap_or(0)]);
        self.out.push_str(&head);
        let is_enough =
            self.indent + INDENT + text.len() <= MAX_WIDTH && line::calls_are_short(value);
        if is_enough || self.column() + 1 + callee.len() + 1 > MAX_WIDTH {
            self.end_line();
            self.indent += INDENT;
            self.start_line();
            self.breakable(value, 0);
            self.indent -= INDENT;
        } else {
            self.out.push(' ');
            self.breakable(value, 0);
        }
    }

    /// Arguments below each other; short ones fill lines.
    fn vertical(&mut self, args: &[Tree]) {
        self.end_line();
        self.indent += INDENT;
        let args = tree::comma_separated(args);
        self.lines(&args, are_short(&args));
        self.indent -= INDENT;
        self.start_line();
    }

    /// Array items: short ones fill lines, others have a line each.
    fn array(&mut self, items: &[Tree]) {
        self.out.push('[');
        self.end_line();
        self.indent += INDENT;
        let items = tree::comma_separated(items);
        self.lines(&items, are_short(&items));
        self.indent -= INDENT;
        self.start_line();
        self.out.push(']');
    }

    /// Items with commas, which share lines or have a line each.
    pub(super) fn lines(&mut self, items: &[&[Tree]], share_lines: bool) {
        for (at, item) in items.iter().enumerate() {
            if at == 0 {
                self.start_line();
            } else if share_lines && self.column() + 1 + line::flat(item).len() + 1 < MAX_WIDTH {
                self.out.push(' ');
            } else {
                self.end_line();
                self.start_line();
            }
            self.breakable(item, 1);
            self.out.push(',');
        }
        self.end_line();
    }
}

/// Whether all items are so short that they share lines.
fn are_short(items: &[&[Tree]]) -> bool {
    items
        .iter()
        .all(|item| line::flat(item).len() <= SHORT_ITEM)
}

/// Whether a static is made by a call.
fn is_static_call(trees: &[Tree], equals: usize) -> bool {
    let mut value = trees[equals..].iter().rev();
    trees[..equals].iter().any(|tree| tree.is_word("static"))
        && value
            .nth(1)
            .is_some_and(|last| last.is_group(Delimiter::Parenthesis))
}
