//! Semantic checks over the resolved schema: ids, and whether every type has a finite value.

use super::{Combinator, CombinatorId, CombinatorKind, Dialect, Map, Schema, finite, lint};
use crate::diagnostic::{Code, Diagnostic, Severity};

/// Runs every check.
pub(super) fn check(
    schema: &Schema,
    refused: &[Combinator],
    trust_ids: bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let all = schema.combinators().map(|(_, combinator)| combinator);
    check_ids_match(all.chain(refused), schema.dialect(), trust_ids, diagnostics);
    check_ids_differ(schema, diagnostics);
    finite::check(schema, diagnostics);
    let mut conditions = lint::Conditions::default();
    for (_, combinator) in schema
        .combinators()
        .filter(|(_, combinator)| !combinator.is_prelude)
    {
        lint::unused_implicit(combinator, diagnostics);
        lint::reused_bits(schema, combinator, &mut conditions, diagnostics);
    }
}

fn check_ids_match<'a>(
    combinators: impl Iterator<Item = &'a Combinator>,
    dialect: Dialect,
    trust_ids: bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for combinator in combinators {
        let Some(mismatch) = &combinator.id_mismatch else {
            continue;
        };
        diagnostics.push(match &mismatch.exception {
            Some(reason) => known(combinator, reason),
            None if trust_ids => known(combinator, "it is given by hand"),
            None => unexplained(combinator, mismatch.computed_id, dialect),
        });
    }
}

fn known(combinator: &Combinator, reason: &str) -> Diagnostic {
    let message = format!(
        "`{}` keeps an id that its text does not give: {reason}",
        combinator.name
    );
    Diagnostic::new(Code::KnownIdException, combinator.name_span, message)
}

fn unexplained(combinator: &Combinator, computed: u32, dialect: Dialect) -> Diagnostic {
    let rule = match dialect {
        Dialect::Telegram => "Telegram's rule",
        Dialect::Raw => "the documented rule",
    };
    let span = combinator.id_span;
    Diagnostic::new(
        Code::IdMismatch,
        span,
        format!(
            "`{}` is given the id #{:08x}, but its text gives #{computed:08x}",
            combinator.name, combinator.id
        ),
    )
    .label(format!("{rule} gives #{computed:08x}"))
    .help(format!(
        "if the text is right, write `{}#{computed:08x}`; if the id is, the text has changed since it was computed"
        ,
        combinator.name
    ))
    .fix(span, format!("#{computed:08x}"))
}

/// Ids must tell the definitions of one layer apart; a later layer may give an earlier definition again.
fn check_ids_differ(schema: &Schema, diagnostics: &mut Vec<Diagnostic>) {
    let count = schema.combinators().len();
    let mut first: Map<(u32, CombinatorKind), CombinatorId> =
        Map::with_capacity_and_hasher(count, <_>::default());
    for (id, combinator) in schema.combinators() {
        let other = match combinator.kind {
            CombinatorKind::Constructor => CombinatorKind::Function,
            CombinatorKind::Function => CombinatorKind::Constructor,
        };
        let same_kind = first.insert((combinator.id, combinator.kind), id);
        let Some(previous) = same_kind.or_else(|| first.get(&(combinator.id, other)).copied())
        else {
            continue;
        };
        let previous = &schema[previous];
        if previous.name == combinator.name && previous.layer != combinator.layer
            || combinator.is_prelude
        {
            continue;
        }
        let mut duplicate = Diagnostic::new(
            Code::DuplicateId,
            combinator.name_span,
            format!(
                "`{}` and `{}` have the same id {:08x}",
                previous.name, combinator.name, combinator.id
            ),
        )
        .label("this definition")
        .also(previous.name_span, "first used here");
        if previous.kind == combinator.kind {
            duplicate = duplicate.help("a reader could not tell them apart");
        } else {
            // Values and calls are read in different places; only an `Object` could be either.
            duplicate.severity = Severity::Warning;
            duplicate =
                duplicate.help("where an `Object` is read, a value could not be told from a call");
        }
        diagnostics.push(duplicate);
    }
}
