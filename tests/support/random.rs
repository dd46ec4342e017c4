//! Random wire objects made from a schema alone: bytes that a reader of the schema must accept and a writer must give back.
//!
//! It shares the parser with the generated code, and nothing else.

#[path = "heights.rs"]
mod heights;

use std::collections::HashMap;

use heights::heights;
use tl_parser::schema::{
    Builtin, CombinatorId, Condition, Options, Param, Schema, Term, TypeId, VarId, View, read,
};
use tl_parser::span::Sources;

/// A schema read for making objects of it.
pub(crate) fn schema(path: &str) -> Schema {
    let mut sources = Sources::new();
    let text = std::fs::read_to_string(path).expect("the schema is there");
    sources.add(path, text).expect("the schema is small");
    let mut readings = read(&sources, &Options::default());
    assert_eq!(readings.len(), 1, "{path} is one schema");
    readings.remove(0).schema
}

/// A small generator of random numbers (xorshift64*), the same on every machine.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Makes objects of one view of a schema.
pub(crate) struct Maker<'a> {
    view: View<'a>,
    rng: Rng,
    bytes: Vec<u8>,
    /// How many required fields deep a constructor's smallest value is.
    height: HashMap<CombinatorId, usize>,
}

/// From this depth on only the smallest values are made.
const DEEP: usize = 6;

impl<'a> Maker<'a> {
    pub(crate) fn new(schema: &'a Schema, layer: Option<u32>, seed: u64) -> Self {
        let view = schema.view(layer);
        let height = heights(&view);
        Self {
            view,
            rng: Rng::new(seed),
            bytes: Vec::new(),
            height,
        }
    }

    /// A boxed value of a type.
    pub(crate) fn boxed(&mut self, name: &str) -> Vec<u8> {
        let found = self
            .view
            .schema()
            .types()
            .find(|(_, ty)| ty.name.as_str() == name);
        let (ty, _) = found.unwrap_or_else(|| panic!("no type {name}"));
        self.bytes.clear();
        self.boxed_type(ty, 0);
        std::mem::take(&mut self.bytes)
    }

    /// A constructor's value without its id; a function's call with it.
    pub(crate) fn combinator(&mut self, name: &str, with_id: bool) -> Vec<u8> {
        let mut combinators = self.view.schema().combinators();
        let found = combinators
            .find(|(id, combinator)| combinator.name.as_str() == name && self.view.holds(*id));
        let (_, combinator) = found.unwrap_or_else(|| panic!("no combinator {name}"));
        self.bytes.clear();
        if with_id {
            self.word(combinator.id);
        }
        self.params(&combinator.params, &mut HashMap::new(), 0);
        std::mem::take(&mut self.bytes)
    }

    fn params(&mut self, params: &[Param], words: &mut HashMap<VarId, u32>, depth: usize) {
        for (index, param) in params
            .iter()
            .enumerate()
            .filter(|(_, param)| !param.is_implicit)
        {
            if let Some(Condition { word, bit }) = param.condition {
                let number = words[&word];
                if bit.map_or(number, |bit| number & 1 << bit) == 0 {
                    continue;
                }
            }
            match &param.ty {
                Term::Nat => {
                    let known = known_bits(params, param.var);
                    let sparse = if depth >= DEEP {
                        0
                    } else {
                        self.rng.next() as u32
                    };
                    let word = match known {
                        // Of what it counts there may be a few.
                        0 => (sparse % 4).min(number_limit(params, param.var)),
                        known => known & sparse,
                    };
                    words.insert(param.var, word);
                    self.word(word);
                }
                _ if self.states_length_of_next(params, index) => self.length_and_object(),
                Term::Boxed(ty, _)
                    if self.is_object(*ty) && self.states_length_before(params, index) => {}
                Term::Repeat(repeat) => {
                    let count = match repeat.count {
                        Term::Var { var, .. } => words[&var],
                        ref other => panic!("these schemas have no {other:?} items"),
                    };
                    for _ in 0..count {
                        self.params(&repeat.params, &mut words.clone(), depth + 1);
                    }
                }
                Term::Var { .. } => self.object(),
                ty => self.term(ty, depth),
            }
        }
    }

    /// `bytes:int body:Object`: an object with its length before it.
    fn length_and_object(&mut self) {
        let words = 1 + self.rng.below(4);
        self.word(words as u32 * 4);
        for _ in 0..words {
            let word = self.rng.next() as u32;
            self.word(word);
        }
    }

    fn states_length_of_next(&self, params: &[Param], index: usize) -> bool {
        params
            .get(index + 1)
            .is_some_and(|next| matches!(&next.ty, Term::Boxed(ty, _) if self.is_object(*ty)))
            && params[index].name.as_deref() == Some("bytes")
    }

    fn states_length_before(&self, params: &[Param], index: usize) -> bool {
        index > 0 && params[index - 1].name.as_deref() == Some("bytes")
    }

    fn is_object(&self, ty: TypeId) -> bool {
        self.view.schema()[ty].builtin == Some(Builtin::Object)
    }

    fn boxed_type(&mut self, ty: TypeId, depth: usize) {
        let schema = self.view.schema();
        if self.is_object(ty) {
            return self.object();
        }
        let mut constructors: Vec<_> = self.view.constructors(ty).collect();
        if depth >= DEEP {
            constructors.sort_by_key(|id| self.height[id]);
            constructors.truncate(1);
        }
        let id = constructors[self.rng.below(constructors.len())];
        self.word(schema[id].id);
        self.params(&schema[id].params, &mut HashMap::new(), depth + 1);
    }

    /// Some object that ends with the input.
    fn object(&mut self) {
        for _ in 0..1 + self.rng.below(4) {
            let word = self.rng.next() as u32;
            self.word(word);
        }
    }

    fn term(&mut self, term: &Term, depth: usize) {
        let schema = self.view.schema();
        match term {
            Term::Boxed(ty, args) if schema[*ty].builtin == Some(Builtin::Vector) => {
                self.word(0x1cb5_c415);
                self.vector(&args[0], depth);
            }
            Term::Boxed(ty, _) => self.boxed_type(*ty, depth),
            Term::Bare(id, args) => match schema[*id].builtin {
                Some(Builtin::Vector) => self.vector(&args[0], depth),
                Some(builtin) => self.builtin(builtin),
                None => self.params(
                    &schema[self.view.current(*id)].params,
                    &mut HashMap::new(),
                    depth + 1,
                ),
            },
            other => panic!("these schemas have no {other:?} as a value"),
        }
    }

    fn vector(&mut self, item: &Term, depth: usize) {
        let count = if depth >= DEEP { 0 } else { self.rng.below(4) };
        self.word(count as u32);
        for _ in 0..count {
            self.term(item, depth + 1);
        }
    }

    fn builtin(&mut self, builtin: Builtin) {
        let words = match builtin {
            Builtin::True => 0,
            Builtin::Int | Builtin::Float => 1,
            Builtin::Long | Builtin::Int53 => 2,
            Builtin::Double => return self.double(),
            Builtin::Int128 => 4,
            Builtin::Int256 => 8,
            Builtin::Int512 => 16,
            Builtin::String | Builtin::Bytes => return self.string(builtin == Builtin::Bytes),
            other => panic!("{other:?} is no bare value"),
        };
        for _ in 0..words {
            let word = self.rng.next() as u32;
            self.word(word);
        }
    }

    /// Any double but NaN, which equals nothing.
    fn double(&mut self) {
        let value = f64::from_bits(self.rng.next());
        let value = if value.is_nan() { -0.0 } else { value };
        self.bytes.extend(value.to_le_bytes());
    }

    /// Lengths around every border of the short and long forms.
    fn string(&mut self, any_bytes: bool) {
        const LENGTHS: [usize; 12] = [0, 1, 2, 3, 4, 7, 31, 252, 253, 254, 255, 256];
        let lengths = if self.rng.below(8) == 0 {
            LENGTHS.len()
        } else {
            7
        };
        let len = LENGTHS[self.rng.below(lengths)];
        if len < 254 {
            self.bytes.push(len as u8);
        } else {
            self.bytes.push(254);
            self.bytes.extend(&(len as u32).to_le_bytes()[..3]);
        }
        let start = if any_bytes || len < 2 { "" } else { "ж" };
        self.bytes.extend(start.bytes());
        for _ in start.len()..len {
            let byte = self.rng.next() as u8;
            self.bytes.push(if any_bytes { byte } else { byte & 0x7f });
        }
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
    }

    fn word(&mut self, word: u32) {
        self.bytes.extend(word.to_le_bytes());
    }
}

/// What is no count stays zero: it may be a word without bits.
fn number_limit(params: &[Param], word: VarId) -> u32 {
    let is_count = |param: &Param| match &param.ty {
        Term::Repeat(repeat) => matches!(repeat.count, Term::Var { var, .. } if var == word),
        _ => false,
    };
    if params.iter().any(is_count) { 3 } else { 0 }
}

fn known_bits(params: &[Param], word: VarId) -> u32 {
    let bits = params
        .iter()
        .filter_map(|param| param.condition)
        .filter(|condition| condition.word == word);
    bits.filter_map(|condition| condition.bit)
        .fold(0, |known, bit| known | 1 << bit)
}
