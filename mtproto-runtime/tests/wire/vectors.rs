//! Vectors: their forms, and counts that lie.

use crate::generated::{Entity, RichText};
use crate::words;
use mtproto_runtime::wire::{
    DecodeErrorKind, Int256, Limits, Reader, TlRead, TlWrite, VECTOR_ID, Writer, decode,
    decode_with, encode,
};

#[test]
fn numbers_round_trip() {
    round_trip(&vec![1_i32, -1, i32::MIN]);
    round_trip(&vec![0_u32, u32::MAX]);
    round_trip(&vec![i64::MIN, 0, i64::MAX]);
    round_trip(&vec![0.5_f64, -0.0, f64::INFINITY]);
    round_trip(&Vec::<i64>::new());
    let nan = f64::from_bits(0x7ff0_0000_0000_0001);
    assert_eq!(
        decode::<Vec<f64>>(&encode(&vec![nan]).unwrap()).unwrap()[0].to_bits(),
        nan.to_bits()
    );
}

#[test]
fn other_items_round_trip() {
    round_trip(&vec![true, false]);
    round_trip(&vec![String::from("a"), String::new()]);
    round_trip(&vec![vec![1_u8, 2], vec![]]);
    round_trip(&vec![vec![vec![1_i64]], vec![]]);
    round_trip(&vec![Int256([7; 32])]);
    round_trip(&vec![RichText::Concat(vec![RichText::Bold(Box::new(
        RichText::Empty,
    ))])]);
}

fn round_trip<T: TlWrite + for<'a> TlRead<'a> + PartialEq + std::fmt::Debug>(value: &T) {
    let bytes = encode(value).unwrap();
    assert_eq!(&decode::<T>(&bytes).unwrap(), value);
}

#[test]
fn a_boxed_vector_is_id_count_items() {
    let bytes = words(&[VECTOR_ID, 2, 5, 6]);
    assert_eq!(encode(&vec![5, 6]).unwrap(), bytes);
    assert_eq!(encode(&[5, 6][..]).unwrap(), bytes);
    let mut r = Reader::new(&bytes);
    assert_eq!(r.vector::<i32>(), [5, 6]);
    assert_eq!(r.finish(), Ok(()));
}

#[test]
fn bare_vectors_and_counted_items_have_no_id() {
    struct Table(Vec<Vec<Entity>>);
    impl TlWrite for Table {
        fn write_to(&self, w: &mut Writer) {
            w.bare_vector_of(&self.0, |row, w| w.bare_vector(row));
            let count = w.count(self.0[0].len(), "table.count");
            w.items(count, &self.0[0], "table.first");
            w.items_of(1, &self.0, "table.rows", |_, w| w.nat(9));
        }
    }
    let bytes = encode(&Table(vec![vec![Entity {
        offset: 3,
        length: 4,
    }]]))
    .unwrap();
    assert_eq!(bytes, words(&[1, 1, 3, 4, 1, 3, 4, 9]));

    let mut r = Reader::new(&bytes);
    let rows = r.bare_vector_of(4, |r| r.bare_vector::<Entity>());
    assert_eq!(
        rows,
        [[Entity {
            offset: 3,
            length: 4
        }]]
    );
    let count = r.nat();
    assert_eq!(r.items::<Entity>(count), rows[0]);
    assert_eq!(r.items_of(1, 4, |r| r.nat()), [9]);
    assert_eq!(r.finish(), Ok(()));
}

#[test]
fn items_of_another_number_than_counted_are_refused() {
    struct Counted(u32);
    impl TlWrite for Counted {
        fn write_to(&self, w: &mut Writer) {
            w.items(self.0, &[7_i32], "counted.items");
        }
    }
    assert_eq!(encode(&Counted(1)).unwrap(), words(&[7]));
    for expected in [0, 2] {
        let error = encode(&Counted(expected)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`counted.items` has 1 items, but its count says {expected}")
        );
    }
}

#[test]
fn counts_that_the_input_cannot_hold_are_refused_at_the_count() {
    for count in [2, 3, 1000, i32::MAX as u32] {
        for bytes in [words(&[VECTOR_ID, count, 1]), words(&[VECTOR_ID, count])] {
            let available = bytes.len() - 8;
            let error = decode::<Vec<i32>>(&bytes).unwrap_err();
            assert_eq!((error.offset, error.reading), (4, "Vector"));
            let needed = count as usize * 4;
            assert_eq!(
                error.kind,
                DecodeErrorKind::UnexpectedEnd { needed, available }
            );
        }
    }
}

#[test]
fn negative_counts_are_refused() {
    for count in [0xffff_ffff, 0x8000_0000] {
        let bytes = words(&[VECTOR_ID, count, 1]);
        let error = decode::<Vec<RichText>>(&bytes).unwrap_err();
        assert_eq!(
            (error.offset, error.kind),
            (4, DecodeErrorKind::VectorTooLong { count })
        );
    }
}

#[test]
fn items_of_no_size_are_bounded_by_the_allocation_limit() {
    #[derive(Debug)]
    struct Nothing;
    impl<'a> TlRead<'a> for Nothing {
        const MIN_BYTES: usize = 0;
        extern "C" fn read_from(_: &mut Reader<'a>) -> Self {
            Self
        }
    }
    for count in [0x8000_0000, 0x7fff_ffff, 70_000] {
        decode::<Vec<Nothing>>(&words(&[VECTOR_ID, count])).unwrap_err();
    }
    assert_eq!(
        decode::<Vec<Nothing>>(&words(&[VECTOR_ID, 60_000]))
            .unwrap()
            .len(),
        60_000
    );
    let wide = Limits::for_input(8).with_allocation_bytes(70_000);
    assert_eq!(
        decode_with::<Vec<Nothing>>(&words(&[VECTOR_ID, 70_000]), wide)
            .unwrap()
            .len(),
        70_000
    );
}

#[test]
fn reading_stops_at_the_first_bad_item() {
    let bytes = words(&[3, 0xe004, 1, 0xe004]);
    let mut r = Reader::new(&bytes);
    assert_eq!(r.bare_vector::<RichText>().len(), 2);
    assert_eq!(r.finish().unwrap_err().offset, 8);
}
