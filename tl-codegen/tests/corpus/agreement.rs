//! Bindings, held against the dynamic codec.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use tl_codegen::{ItemInfo, ItemKind, Unknown};
use tl_dynamic::{Codec, DecodeErrorKind, Limits, Options, Root};

use crate::asking::{Asker, Rng};
use crate::heights::heights;
use crate::schemas::{BOXED, Bindings};
use crate::scratch::Program;

/// Both count memory by the sizes of their own types: with so much of it, few inputs are refused for that, and all other
/// failures show. Those few are not compared.
const ROOM_BYTES: usize = 1 << 24;

/// A struct or enum that is read and written by itself.
pub(crate) struct Item<'b> {
    schema: &'b Bindings,
    form: &'static str,
    unknown: Unknown,
    info: &'b ItemInfo,
}

impl Bindings {
    /// Every struct and enum of every form but those that depend on numbers passed in: these are part of others.
    pub(crate) fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.forms.iter().flat_map(move |form| {
            let items = form.output.items.iter();
            let items = items.filter(|info| !info.is_dependent && info.kind != ItemKind::Record);
            // A client does not read calls.
            let reads_calls = form.module != "plain";
            let items = items.filter(move |info| reads_calls || info.kind != ItemKind::Function);
            items.map(move |info| Item {
                schema: self,
                form: form.module,
                unknown: form.unknown,
                info,
            })
        })
    }
}

impl Item<'_> {
    /// Its path below the package's library, with arguments: `int` for a type, an object for a query.
    pub(crate) fn rust_type(&self) -> String {
        let argument = match self.info.kind {
            ItemKind::Function => "mtproto_runtime::wire::RawObject",
            _ => "i32",
        };
        let lifetime = self.info.is_borrowed.then_some("'_");
        let arguments = std::iter::repeat_n(argument, self.info.type_parameters);
        let arguments: Vec<_> = lifetime.into_iter().chain(arguments).collect();
        let path = format!(
            "{}::{}::{}",
            self.schema.module, self.form, self.info.rust_path
        );
        match arguments.is_empty() {
            true => path,
            false => format!("{path}<{}>", arguments.join(", ")),
        }
    }

    /// The layer that it is of.
    fn layer(&self) -> Option<u32> {
        let mut path = self.info.rust_path.split("::");
        path.find_map(|word| word.strip_prefix("layer_")?.parse().ok())
    }

    /// Whether it is a function of which something follows a query.
    fn has_query_inside(&self) -> bool {
        let mut combinators = self.schema.schema.combinators();
        let found = combinators.find(|row| row.1.name.as_str() == self.info.tl_name);
        found.is_some_and(|(_, function)| {
            let before = function.params.split_last().map_or(&[][..], |all| all.1);
            before.iter().any(|param| param.is_query)
        })
    }

    /// What the codec calls it; none where it has no name for it.
    fn root(&self, codec: &Codec) -> Option<Root> {
        let name = &self.info.tl_name;
        let arguments = " int".repeat(self.info.type_parameters);
        match self.info.kind {
            // An object that stands for a query takes the rest of the input.
            ItemKind::Function if self.has_query_inside() => None,
            ItemKind::Function => codec.call(name).ok(),
            _ => codec.value(&format!("{name}{arguments}")).ok(),
        }
    }
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// Structs and enums of all forms.
    items: u32,
    /// Inputs, each for all forms of an item.
    inputs: u32,
    refused: u32,
}

impl Count {
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            items: self.items - before.items,
            inputs: self.inputs - before.inputs,
            refused: self.refused - before.refused,
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {} | {}", self.items, self.inputs, self.refused)
    }
}

/// Compares, and counts what it has compared.
pub(crate) struct Agreement {
    /// Random values of each item.
    values: u32,
    /// Inputs of one item that are spoilt, at most.
    spoilt: usize,
    rng: Rng,
    pub(crate) count: Count,
    /// What no bytes were found for: `schema: definition`.
    pub(crate) missed: Vec<String>,
    /// The first of each struct and enum, by schema.
    differences: BTreeMap<String, BTreeMap<String, String>>,
}

impl Agreement {
    /// Every value is cut at every length and every byte of it is spoilt.
    pub(crate) fn thorough() -> Self {
        Self {
            values: 8,
            spoilt: 2000,
            rng: Rng::new(1),
            count: Count::default(),
            missed: Vec::new(),
            differences: BTreeMap::new(),
        }
    }

    /// For thousands of items.
    pub(crate) fn quick() -> Self {
        Self {
            values: 3,
            spoilt: 60,
            ..Self::thorough()
        }
    }

    /// Holds a program of these bindings against the codec.
    pub(crate) fn hold(&mut self, bindings: &[Bindings], program: &mut Program) {
        let mut first = 0;
        for schema in bindings {
            let items: Vec<_> = schema.items().collect();
            self.hold_schema(schema, &items, first, program);
            first += items.len();
        }
    }

    fn hold_schema(
        &mut self,
        schema: &Bindings,
        items: &[Item<'_>],
        first: usize,
        program: &mut Program,
    ) {
        // The forms of what has one name in TL, by layer.
        let mut same: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, item) in items.iter().enumerate() {
            let key = (item.layer(), &item.info.tl_name, item.info.kind as u8);
            same.entry(key).or_default().push(at);
        }
        let mut codecs: BTreeMap<Option<u32>, (Codec, HashMap<u32, usize>)> = BTreeMap::new();
        for ((layer, name, _), forms) in same {
            let (codec, heights) = codecs.entry(layer).or_insert_with(|| {
                let layer = layer.or(schema.schema.layer());
                let codec = Codec::at_layer(&schema.schema, layer);
                let heights = heights(&schema.schema.view(layer)).into_iter();
                let by_id = heights.map(|(id, height)| (schema.schema[id].id, height));
                (codec, by_id.collect())
            });
            let Some(root) = items[forms[0]].root(codec) else {
                continue;
            };
            let asker = Asker::new(codec, options(Unknown::Reject)).with_heights(heights);
            if !asker.is_determined(&root, 0) {
                continue;
            }
            let inputs = self.inputs(&asker, &root);
            if inputs.is_empty() {
                self.missed.push(format!("{}: {name}", schema.name));
            }
            for &form in &forms {
                let place = items[form].rust_type();
                let (inputs, expected): (Vec<_>, Vec<_>) = inputs
                    .iter()
                    .map(|bytes| (bytes, outcome(codec, &root, bytes, items[form].unknown)))
                    .filter(|(_, expected)| !expected.contains("AllocationLimit"))
                    .unzip();
                let questions: Vec<_> = inputs
                    .iter()
                    .map(|bytes| format!("{} {}", first + form, hex(bytes)))
                    .collect();
                let answers = program.ask(&questions);
                assert_eq!(answers.len(), inputs.len(), "{place}");
                for ((expected, answer), bytes) in expected.into_iter().zip(&answers).zip(&inputs) {
                    let agrees = match items[form].form {
                        BOXED => without_name(answer) == without_name(&expected),
                        _ => *answer == expected,
                    };
                    if !agrees && !answer.contains("AllocationLimit") {
                        let bytes = hex(bytes);
                        let differs =
                            format!("{place}: {bytes}\n  is {answer}\n  by the codec {expected}");
                        let schema = self.differences.entry(schema.name.clone()).or_default();
                        schema.entry(place.clone()).or_insert(differs);
                    }
                    self.count.refused += u32::from(answer.starts_with("refused"));
                }
                self.count.items += 1;
                self.count.inputs += inputs.len() as u32;
            }
        }
    }

    /// Random values, and what becomes of them when they are spoilt.
    fn inputs(&mut self, asker: &Asker<'_>, root: &Root) -> Vec<Vec<u8>> {
        let values = (0..self.values).filter_map(|_| asker.find(root, &mut self.rng));
        let values: Vec<_> = values.collect();
        let mut inputs = values.clone();
        for bytes in &values {
            let room = (self.spoilt / values.len()).max(3) / 3;
            let step = 1 + bytes.len() / room;
            for at in (0..bytes.len()).step_by(step) {
                inputs.push(bytes[..at].to_vec());
                let mut spoilt = bytes.clone();
                spoilt[at] ^= 1 << self.rng.below(8);
                inputs.push(spoilt.clone());
                spoilt[at] = [0, 1, 2, 5, 0x7f, 0xfe, 0xff][self.rng.below(7)];
                inputs.push(spoilt);
            }
            inputs.push([bytes, &[0, 0, 0, 0][..]].concat());
        }
        inputs
    }

    /// All was the same, and something was compared indeed.
    pub(crate) fn holds(&self, items: u32, refused: u32) {
        let differences = self.differences.values().flat_map(BTreeMap::values);
        let differences: Vec<_> = differences.map(String::as_str).collect();
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        let count = self.count;
        assert!(count.items >= items, "{count:?}");
        assert!(count.refused >= refused, "{count:?}");
        assert!(count.inputs - count.refused >= items, "{count:?}");
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count {
            items,
            inputs,
            refused,
        } = self.count;
        write!(
            f,
            "{items} structs and enums, each of its forms counted, agree with the codec on {inputs} inputs, {refused} of which \
             are refused; no bytes were found for {} definitions: {:?}",
            self.missed.len(),
            self.missed
        )
    }
}

fn options(unknown: Unknown) -> Options {
    let strict = Options::strict();
    match unknown {
        Unknown::Keep => Options {
            constructors: tl_dynamic::Unknown::Keep,
            flag_bits: tl_dynamic::Unknown::Keep,
            ..strict
        },
        _ => strict,
    }
}

/// What the codec makes of bytes, as the program says it.
fn outcome(codec: &Codec, root: &Root, bytes: &[u8], unknown: Unknown) -> String {
    let limits = Limits {
        allocation_bytes: ROOM_BYTES,
        ..Limits::for_input(bytes.len())
    };
    let value = codec.decode_with(root, bytes, &options(unknown).with_limits(limits));
    match value.map(|value| codec.encode(root, &value)) {
        Ok(Ok(written)) => format!("written {}", hex(&written)),
        Ok(Err(error)) => format!("unwritable {error}"),
        Err(error) => {
            let kind = match error.kind {
                DecodeErrorKind::UnexpectedConstructor {
                    found,
                    mut expected,
                } => {
                    expected.sort_unstable();
                    format!("{found:08x}, expected {expected:08x?}")
                }
                kind => format!("{kind:?}"),
            };
            format!("refused at {} in {}: {kind}", error.offset, error.reading)
        }
    }
}

/// A refusal without what was read: a struct in a `Boxed` goes by the name of its constructor, not by that of its type.
fn without_name(answer: &str) -> String {
    match answer
        .split_once(" in ")
        .and_then(|(at, rest)| Some((at, rest.split_once(": ")?.1)))
    {
        Some((at, kind)) if at.starts_with("refused") => format!("{at}: {kind}"),
        _ => answer.to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
