//! A schema's bytes.

use std::collections::HashMap;

use super::overlap::any_overlap;
use super::select::{SelectedType, Selection, select};
use super::{
    ANNOTATIONS, ARG, ARRAY, BARE, EXPR_NAT, EXPR_TYPE, IMPLICIT, Inexpressible, LEFT,
    LEFT_BUILTIN, NAT_ID, NAT_VAR, QUERY, RIGHT, TYPE, TYPE_DEFAULT, TYPE_EMPTY, TYPE_EXPR,
    TYPE_FINAL, TYPE_ID, TYPE_OVERLAP, TYPE_PERCENT, TYPE_VAR, TloError, TloVersion,
};
use crate::schema::{Combinator, Kind, Mentions, Param, Schema, Term, TypeId, VarId, View};

/// The bytes of a schema as it stands in `view`. `date` is the moment it was made, in seconds since 1970; the same input gives
/// the same bytes, so it is not the clock's business but the caller's, and 0 is as good as any.
///
/// The compiler's own definitions (`int ? = Int` and the like) are written where the schema uses them without giving them, so
/// that the result always stands on its own.
///
/// # Errors
/// The schema says something that TLO can't.
pub fn write(view: &View<'_>, version: TloVersion, date: u32) -> Result<Vec<u8>, TloError> {
    let schema = view.schema();
    let Selection { types, functions } = select(view);
    let whole = types.iter().filter(|ty| ty.partial.is_none());
    let mut writer = Writer {
        schema,
        version,
        type_ids: whole.map(|ty| (ty.id, id_of(ty))).collect(),
        bytes: Vec::new(),
        vars: HashMap::new(),
    };
    writer.u32(version.magic());
    writer.u32(0);
    writer.u32(date);
    writer.types(&types)?;
    writer.u32(types.iter().map(|ty| ty.constructors.len() as u32).sum());
    for ty in &types {
        let mut constructors = ty.constructors.iter();
        constructors.try_for_each(|one| writer.combinator(one, ty.partial.map(|_| ty)))?;
    }
    writer.u32(functions.len() as u32);
    functions
        .into_iter()
        .try_for_each(|one| writer.combinator(one, None))?;
    Ok(writer.bytes)
}

fn id_of(ty: &SelectedType<'_>) -> u32 {
    let ids = ty.constructors.iter().map(|one| one.id);
    ids.fold(0, |all, id| all ^ id)
}

struct Writer<'a> {
    schema: &'a Schema,
    version: TloVersion,
    type_ids: HashMap<TypeId, u32>,
    bytes: Vec<u8>,
    /// The numbers of the variables of the combinator that is being written.
    vars: HashMap<VarId, u32>,
}

impl Writer<'_> {
    /// All types; `#` and `Type` are two of them.
    fn types(&mut self, types: &[SelectedType<'_>]) -> Result<(), TloError> {
        let before_type = types.partition_point(|ty| ty.name(self.schema) < "Type");
        self.u32(types.len() as u32 + 2);
        self.plain_type("#", NAT_ID)?;
        types[..before_type].iter().try_for_each(|ty| self.ty(ty))?;
        self.plain_type("Type", TYPE_ID)?;
        types[before_type..].iter().try_for_each(|ty| self.ty(ty))
    }

    fn plain_type(&mut self, name: &str, id: u32) -> Result<(), TloError> {
        self.u32(TYPE);
        self.u32(id);
        self.string(name)?;
        [0, 0, 0].into_iter().for_each(|word| self.u32(word));
        self.u64(0);
        Ok(())
    }

    fn ty(&mut self, selected: &SelectedType<'_>) -> Result<(), TloError> {
        let (name, params) = (selected.name(self.schema), selected.params(self.schema));
        if params.len() > 64 {
            return Err(inexpressible(name, Inexpressible::TooManyParameters));
        }
        let numbers = params
            .iter()
            .enumerate()
            .filter(|(_, kind)| **kind == Kind::Nat);
        self.u32(TYPE);
        self.u32(id_of(selected));
        self.string(name)?;
        self.u32(selected.constructors.len() as u32);
        self.u32(self.type_flags(selected));
        self.u32(params.len() as u32);
        self.u64(numbers.fold(0, |bits, (index, _)| bits | 1 << index));
        Ok(())
    }

    fn type_flags(&self, selected: &SelectedType<'_>) -> u32 {
        let has_default = selected
            .constructors
            .iter()
            .any(|one| one.name.as_str() == "_");
        let mentions = match selected.partial {
            Some(_) => Mentions::default(),
            None => self.schema[selected.id].mentions,
        };
        [
            (selected.by_constructor || mentions.is_final, TYPE_FINAL),
            (mentions.by_percent, TYPE_PERCENT),
            (
                any_overlap(self.schema, &selected.constructors),
                TYPE_OVERLAP,
            ),
            (mentions.is_empty, TYPE_EMPTY),
            (has_default, TYPE_DEFAULT),
        ]
        .into_iter()
        .filter(|(is_set, _)| *is_set)
        .fold(0, |flags, (_, flag)| flags | flag)
    }

    /// A combinator; `made` is its type where that is a partial application.
    fn combinator(
        &mut self,
        combinator: &Combinator,
        made: Option<&SelectedType<'_>>,
    ) -> Result<(), TloError> {
        self.vars.clear();
        self.u32(self.version.combinator());
        self.u32(combinator.id);
        self.string(combinator.name.as_str())?;
        let result = match (made, &combinator.result) {
            (Some(made), _) => Some(id_of(made)),
            (None, Term::Boxed(ty, _)) => self.type_ids.get(ty).copied(),
            _ => None,
        };
        self.u32(result.unwrap_or(0));
        if combinator.is_opaque {
            self.u32(LEFT_BUILTIN);
        } else {
            self.u32(LEFT);
            self.params(&combinator.params, combinator)?;
        }
        self.u32(RIGHT);
        match (made, &combinator.result) {
            (Some(made), Term::Boxed(_, args)) => self.applied(made, args, combinator)?,
            (_, result) => self.expr(result, combinator)?,
        }
        if self.version >= TloVersion::V4 {
            self.u32(annotation_flags(combinator));
        }
        Ok(())
    }

    fn params(&mut self, params: &[Param], combinator: &Combinator) -> Result<(), TloError> {
        self.u32(params.len() as u32);
        params
            .iter()
            .try_for_each(|param| self.param(param, combinator))
    }

    fn param(&mut self, param: &Param, combinator: &Combinator) -> Result<(), TloError> {
        let declares_var = matches!(param.ty, Term::Nat | Term::Type);
        let flags = [
            (param.is_implicit, IMPLICIT | BARE),
            (param.is_query, QUERY),
            (declares_var, self.version.declares_var()),
            (param.condition.is_some(), self.version.is_conditional()),
        ];
        self.u32(ARG);
        self.string(param.name.as_deref().unwrap_or_default())?;
        self.u32(
            flags
                .into_iter()
                .filter(|(is_set, _)| *is_set)
                .fold(0, |flags, (_, flag)| flags | flag),
        );
        if declares_var {
            // All variables of the combinator share one counter; that of a repetition goes on behind it.
            let number = self.vars.len() as u32;
            self.vars.insert(param.var, number);
            self.u32(number);
        }
        if let Some(condition) = param.condition {
            let whole_word =
                || inexpressible(combinator.name.as_str(), Inexpressible::WholeWordCondition);
            self.u32(self.var(condition.word));
            self.u32(u32::from(condition.bit.ok_or_else(whole_word)?));
        }
        match &param.ty {
            Term::Repeat(repeat) => {
                self.u32(ARRAY);
                self.nat(&repeat.count, combinator)?;
                self.params(&repeat.params, combinator)
            }
            ty => self.expr(ty, combinator),
        }
    }

    fn expr(&mut self, term: &Term, combinator: &Combinator) -> Result<(), TloError> {
        match term {
            Term::Nat => self.head(NAT_ID, false, 0),
            Term::Type => self.head(TYPE_ID, false, 0),
            Term::Var { var, bare } => {
                self.u32(TYPE_VAR);
                self.u32(self.var(*var));
                self.u32(if *bare { BARE } else { 0 });
            }
            Term::Boxed(ty, args) => self.apply(Some(*ty), false, args, combinator)?,
            Term::BareType(ty, args) => self.apply(Some(*ty), true, args, combinator)?,
            Term::Bare(id, args) => {
                self.apply(self.schema.result_type(*id), true, args, combinator)?
            }
            Term::Number(_) | Term::Sum(..) | Term::Repeat(_) => {
                return Err(inexpressible(
                    combinator.name.as_str(),
                    Inexpressible::WrongKind,
                ));
            }
        }
        Ok(())
    }

    fn apply(
        &mut self,
        ty: Option<TypeId>,
        bare: bool,
        args: &[Term],
        combinator: &Combinator,
    ) -> Result<(), TloError> {
        let Some((ty, id)) = ty.and_then(|ty| Some((ty, *self.type_ids.get(&ty)?))) else {
            return Err(inexpressible(
                combinator.name.as_str(),
                Inexpressible::WrongKind,
            ));
        };
        self.head(id, bare, args.len());
        self.args(&self.schema[ty].params, args, combinator)
    }

    /// The result of a constructor of a partial application: its type with the arguments that have no value yet.
    fn applied(
        &mut self,
        made: &SelectedType<'_>,
        args: &[Term],
        combinator: &Combinator,
    ) -> Result<(), TloError> {
        let params = made.params(self.schema);
        let open = args.get(args.len().saturating_sub(params.len())..);
        let open = open.unwrap_or_default();
        self.head(id_of(made), false, open.len());
        self.args(params, open, combinator)
    }

    fn args(
        &mut self,
        kinds: &[Kind],
        args: &[Term],
        combinator: &Combinator,
    ) -> Result<(), TloError> {
        for (kind, arg) in kinds.iter().zip(args) {
            match kind {
                Kind::Type => {
                    self.u32(EXPR_TYPE);
                    self.expr(arg, combinator)?;
                }
                Kind::Nat => {
                    self.u32(EXPR_NAT);
                    self.nat(arg, combinator)?;
                }
            }
        }
        Ok(())
    }

    fn head(&mut self, id: u32, bare: bool, args: usize) {
        self.u32(TYPE_EXPR);
        self.u32(id);
        self.u32(if bare { BARE } else { 0 });
        self.u32(args as u32);
    }

    fn nat(&mut self, term: &Term, combinator: &Combinator) -> Result<(), TloError> {
        let (mut term, mut plus) = (term, 0_u32);
        while let Term::Sum(inner, number) = term {
            (term, plus) = (inner, plus.saturating_add(*number));
        }
        match term {
            Term::Number(number) => {
                self.u32(EXPR_NAT);
                self.u32(number.saturating_add(plus));
            }
            Term::Var { var, .. } => {
                self.u32(NAT_VAR);
                self.u32(plus);
                self.u32(self.var(*var));
            }
            _ => {
                return Err(inexpressible(
                    combinator.name.as_str(),
                    Inexpressible::WrongKind,
                ));
            }
        }
        Ok(())
    }

    fn var(&self, var: VarId) -> u32 {
        self.vars.get(&var).copied().unwrap_or(0)
    }

    fn string(&mut self, text: &str) -> Result<(), TloError> {
        let start = self.bytes.len();
        let length = text.len() as u32;
        match length {
            0..=253 => self.bytes.push(length as u8),
            254..=0xff_ffff => self.u32(length << 8 | 254),
            _ => {
                return Err(inexpressible(
                    text.get(..64).unwrap_or_default(),
                    Inexpressible::NameTooLong,
                ));
            }
        }
        self.bytes.extend_from_slice(text.as_bytes());
        let end = start + (self.bytes.len() - start).next_multiple_of(4);
        self.bytes.resize(end, 0);
        Ok(())
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }
}

fn annotation_flags(combinator: &Combinator) -> u32 {
    let flag_of = |word: &str| {
        ANNOTATIONS
            .iter()
            .find(|known| known.0 == word)
            .map_or(0, |known| known.1)
    };
    combinator
        .annotations
        .iter()
        .fold(0, |flags, word| flags | flag_of(word))
}

fn inexpressible(name: &str, what: Inexpressible) -> TloError {
    TloError::Inexpressible {
        name: name.to_owned(),
        what,
    }
}
