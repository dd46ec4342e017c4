//! Values kept as bytes: the walk over definitions that finds where one ends accepts and refuses what generated code does, and
//! bindings that keep some types are, around these, the same as bindings that keep none.
//!
//! The bindings are those of `fixtures/options/opaque.tl`; `tl-codegen`'s test `options` makes them.

#![deny(warnings, missing_docs, clippy::all)]

#[path = "support/random.rs"]
#[allow(dead_code, reason = "only whole types are made here")]
mod random;

use random::{Maker, Rng};
use telegram_tl::api::{self, registry};
use telegram_tl::wire::{
    DecodeError, DecodeErrorKind, Definitions, Limits, RawObjectRef, Reader, TlRead, decode_with,
};

/// Random values of each type.
const VALUES: u64 = 6;
/// The longest input of which every byte is spoilt; of longer ones some are.
const SPOILT_BYTES: usize = 160;
/// Generated code counts memory by the sizes of its own types: without that limit all other failures show.
const UNPAID: usize = usize::MAX / 2;

fn limits(bytes: &[u8]) -> Limits {
    Limits::for_input(bytes.len()).with_allocation_bytes(UNPAID)
}

/// Where an object ends by the walk.
fn passed<'a>(
    bytes: &'a [u8],
    ty: &'static str,
    definitions: &'static Definitions,
) -> Result<RawObjectRef<'a>, DecodeError> {
    let mut r = Reader::with_limits(bytes, limits(bytes));
    let object = r.opaque_ref(ty, definitions);
    r.finish().map(|()| object)
}

/// What is comparable of an outcome, as text.
fn told(outcome: Result<(), DecodeError>) -> String {
    let Err(DecodeError {
        offset,
        reading,
        kind,
        ..
    }) = outcome
    else {
        return String::new();
    };
    let kind = match kind {
        DecodeErrorKind::UnexpectedConstructor { found, expected } => {
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            format!("{found:08x}, expected {expected:08x?}")
        }
        kind => format!("{kind:?}"),
    };
    format!("{offset}: {reading}: {kind}")
}

#[derive(Debug, Default)]
struct Count {
    types: u32,
    inputs: u32,
    refused: u32,
}

impl Count {
    fn same<T: for<'a> TlRead<'a>>(&mut self, bytes: &[u8], ty: &'static str) {
        let read = decode_with::<T>(bytes, limits(bytes)).map(drop);
        let walked = passed(bytes, ty, &registry::DEFINITIONS);
        self.inputs += 1;
        self.refused += u32::from(read.is_err());
        if let Ok(object) = walked {
            assert_eq!(object.as_bytes(), bytes, "{ty}");
        }
        let walked = walked.map(drop);
        assert_eq!(told(walked), told(read), "{ty}: {bytes:02x?}");
    }

    /// Random values, cut at every length, and with every byte spoilt.
    fn check<T: for<'a> TlRead<'a>>(&mut self, maker: &mut Maker<'_>, ty: &'static str) {
        self.types += 1;
        for value in 0..VALUES {
            let bytes = maker.boxed(ty);
            self.same::<T>(&bytes, ty);
            if value > 0 {
                continue;
            }
            let step = 1 + bytes.len() / SPOILT_BYTES;
            for len in (0..bytes.len()).step_by(step) {
                self.same::<T>(&bytes[..len], ty);
            }
            let mut rng = Rng::new(bytes.len() as u64);
            for at in (0..bytes.len()).step_by(step) {
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << rng.below(8);
                self.same::<T>(&bytes, ty);
                bytes[at] = [0, 1, 2, 5, 0x7f, 0xfe, 0xff][rng.below(7)];
                self.same::<T>(&bytes, ty);
            }
            let longer = [&bytes[..], &[0; 4]].concat();
            self.same::<T>(&longer, ty);
        }
    }
}

#[test]
fn what_is_passed_over_is_what_generated_code_reads_for_every_type_of_the_api() {
    let schema = random::schema("schemas/api.tl");
    let mut maker = Maker::new(&schema, None, 5);
    let mut count = Count::default();
    macro_rules! item {
        (api, Type, $tl_name:literal, $($path:tt)+) => {{
            count.check::<api::$($path)+>(&mut maker, $tl_name);
        }};
        ($($other:tt)+) => {};
    }
    include!(concat!(env!("OUT_DIR"), "/inventory.rs"));
    assert!(count.types > 600, "{count:?}");
    assert!(count.refused > 30_000, "{count:?}");
    assert!(count.inputs - count.refused > 5_000, "{count:?}");
}
