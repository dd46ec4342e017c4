//! The tree as TL text.

mod partial;
mod print;
mod scope;
mod spelling;

use std::collections::{HashMap, HashSet};

use super::decode::{Combinator, ExprKind, File, Type, decode, malformed};
use super::{Malformed, TYPE_EMPTY, TYPE_FINAL, TloError};
use crate::format::name::{is_combinator_name, is_type_name};

/// The TL text of a serialized schema of any version, with an id on every definition. It reads back as the same schema: the
/// same ids, arguments and types.
///
/// # Errors
/// The bytes are malformed, or say what TL text can't. No input makes this panic, and neither time nor memory goes beyond what
/// the input's size warrants.
pub fn read(bytes: &[u8]) -> Result<String, TloError> {
    let file = decode(bytes)?;
    let mut lines = Lines {
        names: Names::of(&file)?,
        named: HashSet::new(),
        size: 0,
        trials: spelling::MAX_TRIAL_BYTES,
    };
    let mut text = lines.combinators(&file.constructors, false)?;
    let functions = lines.combinators(&file.functions, true)?;
    text.push_str(&lines.partial_types()?);
    text.push_str(&lines.finalizations());
    if !functions.is_empty() {
        text.push_str("\n---functions---\n\n");
        text.push_str(&functions);
    }
    Ok(text)
}

/// No real schema has a hundredth of it.
const MAX_TEXT_BYTES: usize = 1 << 28;

/// What is written so far.
struct Lines<'b> {
    names: Names<'b>,
    /// The types that a constructor's name stands for somewhere.
    named: HashSet<usize>,
    size: usize,
    /// How many bytes of text may still be tried out for their ids.
    trials: usize,
}

impl<'b> Lines<'b> {
    fn combinators(
        &mut self,
        combinators: &[Combinator<'b>],
        is_function: bool,
    ) -> Result<String, TloError> {
        let mut text = String::new();
        for combinator in combinators {
            if is_partial(combinator.name) {
                // Those of a type that is one itself are made by the type.
                if !self.names.has_partial_type(combinator) {
                    text.push_str(&self.partial(combinator.name, combinator.offset)?);
                }
                continue;
            }
            if !is_combinator_name(combinator.name) {
                return Err(bad_name(combinator.offset, combinator.name));
            }
            let line = spelling::find(&self.names, combinator, is_function, &mut self.trials)?;
            self.size += line.text.len() + 1;
            if self.size > MAX_TEXT_BYTES {
                return Err(malformed(combinator.offset, Malformed::TooLarge));
            }
            self.named.extend(line.named);
            text.push_str(&line.text);
            text.push('\n');
        }
        Ok(text)
    }

    /// Partial applications of types.
    fn partial_types(&mut self) -> Result<String, TloError> {
        let types = self.names.types;
        let partials = types.iter().filter(|ty| is_partial(ty.name));
        partials
            .map(|ty| self.partial(ty.name, ty.offset))
            .collect()
    }

    fn partial(&mut self, name: &str, offset: usize) -> Result<String, TloError> {
        let line = partial::print(&self.names, name, offset, &mut self.named)?;
        self.size += line.len();
        match self.size > MAX_TEXT_BYTES {
            true => Err(malformed(offset, Malformed::TooLarge)),
            false => Ok(line),
        }
    }

    /// `Empty Foo;` for types without constructors, and `Final Foo;` for those that nothing else closes.
    fn finalizations(&self) -> String {
        let mut text = String::new();
        for (index, ty) in self.names.types.iter().enumerate() {
            let is_empty =
                self.names.constructed[index] == Constructed::Never || ty.flags & TYPE_EMPTY != 0;
            let is_final = ty.flags & TYPE_FINAL != 0 && !self.named.contains(&index);
            let word = match (is_empty, is_final) {
                _ if matches!(ty.name, "#" | "Type") || is_partial(ty.name) => continue,
                (true, _) => "Empty",
                (false, true) => "Final",
                (false, false) => continue,
            };
            text.push_str(&format!("{word} {};\n", ty.name));
        }
        text
    }
}

/// What names the ids stand for.
struct Names<'b> {
    types: &'b [Type<'b>],
    /// The place of each type id; none where several types have it.
    by_id: HashMap<u32, Option<usize>>,
    constructed: Vec<Constructed<'b>>,
    /// How many arguments types and the bare types of constructors take, by their names, and of which type a constructor is.
    applied: HashMap<&'b str, (usize, Option<usize>)>,
}

/// How many constructors a type has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Constructed<'b> {
    Never,
    Once(&'b str),
    Often,
}

impl<'b> Names<'b> {
    fn of(file: &'b File<'b>) -> Result<Self, TloError> {
        let mut by_id = HashMap::with_capacity(file.types.len());
        for (index, ty) in file.types.iter().enumerate() {
            if !is_type_name(ty.name) && ty.name != "#" && !is_partial(ty.name) {
                return Err(bad_name(ty.offset, ty.name));
            }
            by_id
                .entry(ty.id)
                .and_modify(|place| *place = None)
                .or_insert(Some(index));
        }
        let arity = |ty: &Type<'b>| (ty.name, (ty.arity as usize, None));
        let mut applied: HashMap<_, _> = file.types.iter().map(arity).collect();
        for combinator in &file.constructors {
            if let ExprKind::Apply { id, args, .. } = &combinator.result.kind {
                let index = by_id.get(id).copied().flatten();
                applied.insert(combinator.name, (args.len(), index));
            }
        }
        let mut constructed = vec![Constructed::Never; file.types.len()];
        for combinator in file.constructors.iter().filter(|one| !is_partial(one.name)) {
            let ExprKind::Apply { id, .. } = combinator.result.kind else {
                continue;
            };
            if let Some(Some(index)) = by_id.get(&id) {
                constructed[*index] = match constructed[*index] {
                    Constructed::Never => Constructed::Once(combinator.name),
                    _ => Constructed::Often,
                };
            }
        }
        Ok(Self {
            types: &file.types,
            by_id,
            constructed,
            applied,
        })
    }

    /// Whether a combinator makes values of a type that is a partial application.
    fn has_partial_type(&self, combinator: &Combinator<'_>) -> bool {
        match combinator.result.kind {
            ExprKind::Apply { id, .. } => match self.by_id.get(&id) {
                Some(Some(index)) => is_partial(self.types[*index].name),
                _ => false,
            },
            _ => false,
        }
    }

    fn lists(&self, id: u32) -> bool {
        self.by_id.contains_key(&id)
    }

    fn find(&self, id: u32, offset: usize) -> Result<usize, TloError> {
        match self.by_id.get(&id) {
            Some(Some(index)) => Ok(*index),
            Some(None) => Err(malformed(offset, Malformed::AmbiguousType(id))),
            None => Err(malformed(offset, Malformed::UnknownType(id))),
        }
    }
}

/// Whether a name is that of a partial application: `Vector int`.
fn is_partial(name: &str) -> bool {
    name.contains(' ')
}

fn bad_name(offset: usize, name: &str) -> TloError {
    let shown = name.chars().take(64).collect();
    malformed(offset, Malformed::BadName(shown))
}
