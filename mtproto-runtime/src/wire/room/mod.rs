//! Room for what is written: the spare capacity of a vector, which a [`Writer`](super::Writer) fills and never makes larger
//! itself.
//!
//! There are two forms of it. [`plain`] has a vector, and does. But each field is a few bytes, and a vector takes nine
//! instructions to append those where six do; nor can it copy the short strings that most are without a call. [`raw`] has
//! three pointers for it. What that gives stands in the book's page on performance; the feature `safe-wire` does without it.
//! The tests below hold the two against each other.

#[cfg(any(test, feature = "safe-wire"))]
mod plain;
#[cfg(any(test, not(feature = "safe-wire")))]
mod raw;

#[cfg(feature = "safe-wire")]
pub(super) use plain::Room;
#[cfg(not(feature = "safe-wire"))]
pub(super) use raw::Room;

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{plain, raw};

    /// What both forms do; whether they found room, and what is there then.
    macro_rules! both {
        ($rooms:expr, |$room:ident| $act:expr) => {{
            let (left, right) = $rooms;
            let found = {
                let $room = &mut *left;
                $act
            };
            let expected = {
                let $room = &mut *right;
                $act
            };
            assert_eq!(found, expected);
            assert_eq!((left.len(), left.left()), (right.len(), right.left()));
            found
        }};
    }

    /// A vector with some bytes in it, and room for so many.
    fn with_room(room: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(room + 2);
        bytes.extend([1, 2]);
        bytes
    }

    fn content(len: usize) -> Vec<u8> {
        (0..len).map(|at| at as u8 ^ 0x55).collect()
    }

    #[test]
    fn strings_of_every_length_are_written_the_same_wherever_there_is_room() {
        for len in 0..300 {
            let content = content(len);
            let padded = (len + 4) & !3;
            for room in [0, padded.saturating_sub(1), padded, padded + 1] {
                let mut left = raw::Room::new(with_room(room));
                let mut right = plain::Room::new(with_room(room));
                let fits = both!((&mut left, &mut right), |it| it.put_string(&content));
                assert_eq!(fits, len <= 253 && room >= padded);
                let bytes = left.into_vec();
                assert_eq!(bytes, right.into_vec());
                if fits {
                    assert_eq!(bytes[2], len as u8);
                    assert_eq!(bytes[3..3 + len], content);
                    assert!(bytes[3 + len..].iter().all(|&byte| byte == 0));
                    assert_eq!(bytes.len(), 2 + padded);
                } else {
                    assert_eq!(bytes, [1, 2]);
                }
            }
        }
    }

    #[test]
    fn both_forms_do_the_same() {
        let mut state = 1_u64;
        let mut misses = 0;
        for round in 0..4000_usize {
            let mut left = raw::Room::new(with_room(round % 200));
            let mut right = plain::Room::new(with_room(round % 200));
            for _ in 0..20 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let size = (state >> 8) as usize % 70;
                let words = content(size);
                let rooms = (&mut left, &mut right);
                let fits = match state % 8 {
                    0 => both!(rooms, |it| it.put([7])),
                    1 => both!(rooms, |it| it.put(state.to_le_bytes())),
                    2 => both!(rooms, |it| it.put([9; 64])),
                    3 => both!(rooms, |it| it.put_slice(&words)),
                    4 => both!(rooms, |it| it.put_string(&words)),
                    5 => both!(rooms, |it| it.put_chunks(
                        words.iter().map(|&byte| u32::from(byte).to_le_bytes())
                    )),
                    6 => both!(rooms, |it| {
                        it.overwrite(size, [0xee; 4]);
                        true
                    }),
                    _ if state & 64 == 0 => {
                        left.reserve(size);
                        right.reserve(size);
                        assert!(left.left() >= size);
                        // How much more than that a vector takes is its own affair, but the same of both.
                        assert_eq!(left.left(), right.left());
                        true
                    }
                    _ => true,
                };
                misses += u32::from(!fits);
            }
            assert_eq!(left.into_vec(), right.into_vec());
        }
        assert!(misses > 1000, "{misses}");
    }

    /// An iterator that says more or less than it has.
    struct Liar(usize, usize);

    impl Iterator for Liar {
        type Item = [u8; 4];

        fn next(&mut self) -> Option<Self::Item> {
            self.0 = self.0.checked_sub(1)?;
            Some([3; 4])
        }
    }

    impl ExactSizeIterator for Liar {
        fn len(&self) -> usize {
            self.1
        }
    }

    #[test]
    fn no_more_chunks_are_written_than_there_is_room_for_and_no_more_count_than_come() {
        let mut room = raw::Room::new(Vec::with_capacity(16));
        assert!(room.put_chunks(Liar(100, 4)));
        assert_eq!(room.into_vec(), [3; 16]);
        let mut room = raw::Room::new(Vec::with_capacity(16));
        assert!(room.put_chunks(Liar(1, 4)));
        assert_eq!(room.into_vec(), [3; 4]);
    }

    #[test]
    fn only_what_has_been_written_is_written_over() {
        for written in 0..9 {
            for offset in [0, 1, written, 4, 5, usize::MAX] {
                let mut room = raw::Room::new(Vec::with_capacity(64));
                room.put_slice(&content(written));
                room.overwrite(offset, [0xee; 4]);
                let mut expected = content(written);
                if let Some(place) = expected.get_mut(offset..offset.saturating_add(4)) {
                    place.fill(0xee);
                }
                assert_eq!(room.into_vec(), expected);
            }
        }
    }
}
