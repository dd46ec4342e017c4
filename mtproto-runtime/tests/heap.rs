//! Memory: what hostile inputs can take, and how often encoding allocates.

#![allow(
    improper_ctypes_definitions,
    reason = "reads are `extern \"C\"` so that they do not unwind"
)]

use allocation_counter::{AllocationInfo, measure};
use mtproto_runtime::wire::{Reader, TlRead, VECTOR_ID, decode, encode, encode_into};

const MEGABYTE: usize = 1 << 20;

/// 208 bytes in Rust, 4 on the wire, as the variants of large enums are.
struct Wide {
    _room: [u64; 26],
}

impl<'a> TlRead<'a> for Wide {
    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        Self {
            _room: [r.nat().into(); 26],
        }
    }
}

/// Three times the size in Rust that it has on the wire.
struct Tree {
    _branches: Vec<Tree>,
}

impl<'a> TlRead<'a> for Tree {
    const MIN_BYTES: usize = 8;

    extern "C" fn read_from(r: &mut Reader<'a>) -> Self {
        r.enter();
        let branches = r.vector();
        r.leave();
        Self {
            _branches: branches,
        }
    }
}

/// A boxed vector header, then `word` over and over.
fn hostile(count: usize, word: u32) -> Vec<u8> {
    let mut bytes = [VECTOR_ID, count as u32].map(u32::to_le_bytes).concat();
    bytes.extend(word.to_le_bytes().repeat(MEGABYTE / 4));
    bytes
}

fn measured<'a, T: TlRead<'a>>(bytes: &'a [u8]) -> AllocationInfo {
    let info = measure(|| drop(decode::<T>(bytes)));
    assert!(
        info.bytes_max <= 8 * bytes.len() as u64,
        "{} bytes of heap",
        info.bytes_max
    );
    info
}

#[test]
fn hostile_vectors_stay_within_eight_times_the_input() {
    let counts = [MEGABYTE / 4, MEGABYTE / 8, 65_536, 35_000, 20_000];
    for bytes in counts.map(|count| hostile(count, 0)) {
        measured::<Vec<Wide>>(&bytes);
        measured::<Vec<Box<Wide>>>(&bytes);
        measured::<Vec<String>>(&bytes);
        measured::<Vec<Vec<u8>>>(&bytes);
        measured::<Vec<&str>>(&bytes);
        measured::<Vec<Vec<Wide>>>(&bytes);
    }
}

#[test]
fn an_impossible_count_allocates_nothing() {
    for count in [MEGABYTE / 4 + 1, 0x7fff_ffff, 0xffff_ffff] {
        assert_eq!(measured::<Vec<Wide>>(&hostile(count, 0)).count_total, 0);
        assert_eq!(measured::<Vec<i32>>(&hostile(count, 0)).count_total, 0);
    }
}

#[test]
fn vectors_in_vectors_share_one_budget() {
    // Each vector claims all the bytes that are left for its items, the first of which is the next vector.
    let size = MEGABYTE as u32 / 8;
    let bytes: Vec<u8> = (1..=size)
        .flat_map(|i| [VECTOR_ID, size - i])
        .flat_map(u32::to_le_bytes)
        .collect();
    let info = measured::<Tree>(&bytes);
    assert!(
        (2..10).contains(&info.count_total),
        "{} allocations",
        info.count_total
    );
}

#[test]
fn decoding_allocates_once_for_each_vector_and_string() {
    let numbers = encode(&vec![7_i64; 1000]).unwrap();
    let info = measured::<Vec<i64>>(&numbers);
    assert_eq!((info.count_total, info.bytes_total), (1, 8000));
    let texts = encode(&vec!["some text"; 10]).unwrap();
    let info = measure(|| drop(decode::<Vec<String>>(&texts)));
    assert_eq!(
        (info.count_total, info.bytes_total),
        (11, (10 * (size_of::<String>() + 9)) as u64)
    );
    assert_eq!(measure(|| drop(decode::<Vec<&str>>(&texts))).count_total, 1);
}

#[test]
fn encoding_allocates_once_and_exactly() {
    let value = vec![vec![String::from("a"), "long ".repeat(100)]; 7];
    let len = encode(&value).unwrap().len();
    let info = measure(|| drop(encode(&value)));
    assert_eq!((info.count_total, info.bytes_total), (1, len as u64));
    let mut bytes = vec![0; 3];
    assert_eq!(
        measure(|| encode_into(&value, &mut bytes).unwrap()).count_total,
        1
    );
    bytes.clear();
    assert_eq!(
        measure(|| encode_into(&value, &mut bytes).unwrap()).count_total,
        0
    );
}

#[test]
fn a_thread_keeps_room_for_what_it_writes_up_to_64_kib() {
    let kept = |len: usize| {
        let value = vec![0_u8; len];
        let first = measure(|| drop(encode(&value[..]))).bytes_current;
        let second = measure(|| drop(encode(&value[..])));
        let exact = encode(&value[..]).unwrap().len() as u64;
        assert_eq!((second.count_total, second.bytes_total), (1, exact));
        first
    };
    let lens = [10, 5_000, 10, 40_000, 70_000, 40_000, 10_000_000];
    let expected = [4 << 10, 4 << 10, 0, 56 << 10, 0, 0, 0];
    assert_eq!(lens.map(kept), expected);
}
