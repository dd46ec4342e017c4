//! Types as one writes them: `User`, `Vector<long>`, `%(Vector %Message)`, `tuple int 4`.
//!
//! The grammar is that of <https://core.telegram.org/mtproto/TL-formal> for type expressions, without variables.

use crate::error::NameError;
use crate::program::{Arg, Count, Kind, Meaning, Program, Special, Ty};
use crate::suggest;

/// How deep parentheses may nest.
const MAX_DEPTH: u32 = 64;

pub(crate) fn parse(program: &Program, text: &str) -> Result<Ty, NameError> {
    let mut parser = Parser {
        program,
        rest: text,
        depth: 0,
    };
    match parser.application()? {
        Arg::Type(ty) if parser.peek().is_none() => Ok(ty),
        Arg::Type(_) => error(format!(
            "`{}` is too much in the type `{text}`",
            parser.rest.trim_start()
        )),
        Arg::Nat(_) => error(format!("`{text}` is a number, and no type")),
    }
}

struct Parser<'p, 't> {
    program: &'p Program,
    rest: &'t str,
    depth: u32,
}

impl<'t> Parser<'_, 't> {
    /// `head arg arg …`
    fn application(&mut self) -> Result<Arg, NameError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return error("the type nests too deep".to_owned());
        }
        let is_bare = self.eat('%');
        let arg = match self.peek() {
            Some('(') => {
                let inner = self.parenthesized()?;
                self.bare_if(is_bare, inner)?
            }
            _ => {
                let name = self.word()?;
                let mut args = Vec::new();
                if self.peek() == Some('<') {
                    args = self.angled()?;
                } else {
                    while self
                        .peek()
                        .is_some_and(|next| !matches!(next, ')' | '>' | ','))
                    {
                        args.push(self.argument()?);
                    }
                }
                let arg = self.apply(name, args)?;
                self.bare_if(is_bare, arg)?
            }
        };
        self.depth -= 1;
        Ok(arg)
    }

    /// An argument among others: a name alone, or something in brackets.
    fn argument(&mut self) -> Result<Arg, NameError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return error("the type nests too deep".to_owned());
        }
        let is_bare = self.eat('%');
        let arg = if self.peek() == Some('(') {
            self.parenthesized()?
        } else {
            let name = self.word()?;
            let args = match self.peek() {
                Some('<') => self.angled()?,
                _ => Vec::new(),
            };
            self.apply(name, args)?
        };
        self.depth -= 1;
        self.bare_if(is_bare, arg)
    }

    fn parenthesized(&mut self) -> Result<Arg, NameError> {
        self.expect('(')?;
        let inner = self.application()?;
        self.expect(')')?;
        Ok(inner)
    }

    fn angled(&mut self) -> Result<Vec<Arg>, NameError> {
        self.expect('<')?;
        let mut args = vec![self.application()?];
        while self.eat(',') {
            args.push(self.application()?);
        }
        self.expect('>')?;
        Ok(args)
    }

    fn bare_if(&self, is_bare: bool, arg: Arg) -> Result<Arg, NameError> {
        match arg {
            arg if !is_bare => Ok(arg),
            Arg::Type(Ty::Vector { item, .. }) => Ok(Arg::Type(Ty::Vector {
                is_boxed: false,
                item,
            })),
            Arg::Type(Ty::Boxed(index, args)) => {
                let ty = self.program.ty(index);
                match (&ty.plain, &ty.constructors[..]) {
                    (Some(plain), _) => Ok(Arg::Type(plain.clone())),
                    (None, &[(_, constructor)]) => Ok(Arg::Type(Ty::Bare(constructor, args))),
                    // A number among its arguments may tell.
                    (None, _) if ty.params.contains(&Kind::Nat) => {
                        Ok(Arg::Type(Ty::BareType(index, args)))
                    }
                    (None, constructors) => error(format!(
                        "`%{}` could be any of its {} constructors; name the one",
                        ty.name,
                        constructors.len()
                    )),
                }
            }
            Arg::Type(bare @ (Ty::Bare(..) | Ty::BareType(..))) => Ok(Arg::Type(bare)),
            _ => error("`%` stands before what is no boxed type".to_owned()),
        }
    }

    fn apply(&self, name: &str, args: Vec<Arg>) -> Result<Arg, NameError> {
        if name == "#" {
            return Ok(Arg::Type(Ty::Nat));
        }
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            return match name.parse() {
                Ok(plus) if args.is_empty() => Ok(Arg::Nat(Count { slot: None, plus })),
                _ => error(format!("`{name}` is no number of 32 bits")),
            };
        }
        let (index, constructor) = match self.program.named(name) {
            Some(Meaning::Type(index)) => (Some(index), None),
            Some(Meaning::Constructor(index)) => (self.program.combinator(index).ty, Some(index)),
            Some(Meaning::Function(_)) => {
                return error(format!("`{name}` is a function, and no type"));
            }
            None => {
                let known = self.program.by_name.iter();
                let known = known.filter(|row| !matches!(row.1, Meaning::Function(_)));
                let near = suggest::nearest(name, known.map(|row| &*row.0));
                return error(format!("there is no type `{name}`{}", suggest::hint(near)));
            }
        };
        let Some(index) = index else {
            return error(format!("`{name}` is no type"));
        };
        let ty = self.program.ty(index);
        let fits = args.len() == ty.params.len()
            && args
                .iter()
                .zip(&ty.params)
                .all(|pair| matches!(pair, (Arg::Type(_), Kind::Type) | (Arg::Nat(_), Kind::Nat)));
        if !fits {
            let wanted: Vec<_> = ty
                .params
                .iter()
                .map(|kind| match kind {
                    Kind::Type => "a type",
                    Kind::Nat => "a number",
                })
                .collect();
            return error(match &wanted[..] {
                [] => format!("`{name}` takes no arguments"),
                wanted => format!("`{name}` takes {}", wanted.join(" and ")),
            });
        }
        Ok(Arg::Type(match (ty.special, constructor, &args[..]) {
            (Some(Special::Bool), ..) => Ty::Bool,
            (Some(Special::Object), None, _) => Ty::Object,
            (Some(Special::Vector), constructor, [Arg::Type(item)]) => Ty::Vector {
                is_boxed: constructor.is_none(),
                item: Box::new(item.clone()),
            },
            (_, None, _) => Ty::Boxed(index, args.into()),
            (_, Some(constructor), _) => match &ty.plain {
                Some(plain) => plain.clone(),
                None => Ty::Bare(constructor, args.into()),
            },
        }))
    }

    fn word(&mut self) -> Result<&'t str, NameError> {
        let text = self.rest.trim_start();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let len = match text.starts_with('#') {
            true => 1,
            false => text.find(|c| !is_part(c)).unwrap_or(text.len()),
        };
        let (word, rest) = text.split_at(len);
        self.rest = rest;
        match (word, rest.chars().next()) {
            ("", None) => error("the type ends too early".to_owned()),
            ("", Some(next)) => error(format!("`{next}` has no place in a type")),
            _ => Ok(word),
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.trim_start().chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), NameError> {
        match self.eat(wanted) {
            true => Ok(()),
            false => error(format!("`{wanted}` is missing in the type")),
        }
    }
}

fn error<T>(message: String) -> Result<T, NameError> {
    Err(NameError { message })
}
