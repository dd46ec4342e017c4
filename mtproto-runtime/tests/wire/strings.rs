//! Strings at the lengths where their form changes.

use mtproto_runtime::wire::{DecodeErrorKind, TlRead, decode, encode, encoded_len};

/// Length, bytes its length takes, padding.
const FORMS: [(usize, usize, usize); 14] = [
    (0, 1, 3),
    (1, 1, 2),
    (2, 1, 1),
    (3, 1, 0),
    (4, 1, 3),
    (252, 1, 3),
    (253, 1, 2),
    (254, 4, 2),
    (255, 4, 1),
    (256, 4, 0),
    (257, 4, 3),
    ((1 << 24) - 1, 4, 1),
    (1 << 24, 8, 0),
    ((1 << 24) + 1, 8, 3),
];

#[test]
fn every_length_has_the_form_of_the_specification() {
    for (len, header, padding) in FORMS {
        let content: Vec<u8> = (0..len).map(|i| i as u8 | 1).collect();
        let bytes = encode(&content).unwrap();
        let length = (len as u64).to_le_bytes();
        let start = match header {
            1 => vec![len as u8],
            4 => [&[254], &length[..3]].concat(),
            _ => [&[255], &length[..7]].concat(),
        };
        assert_eq!(bytes[..header], start, "{len}");
        assert_eq!(bytes[header..header + len], content, "{len}");
        assert_eq!(bytes[header + len..], vec![0; padding], "{len}");
        assert_eq!(decode::<Vec<u8>>(&bytes).unwrap(), content, "{len}");
        assert_eq!(decode::<&[u8]>(&bytes).unwrap(), content, "{len}");
        assert_eq!(encoded_len(&content), Ok(bytes.len()));
    }
}

#[test]
fn text_reads_owned_and_borrowed() {
    let bytes = encode("grüße").unwrap();
    assert_eq!(bytes, b"\x07gr\xc3\xbc\xc3\x9fe");
    assert_eq!(decode::<String>(&bytes).unwrap(), "grüße");
    assert_eq!(decode::<&str>(&bytes).unwrap(), "grüße");
}

#[test]
fn a_string_without_its_padding_is_cut_short() {
    for len in [0, 1, 2, 252, 253, 254, 255, 257] {
        let bytes = encode(&vec![b'x'; len]).unwrap();
        for end in 0..bytes.len() {
            let error = decode::<String>(&bytes[..end]).unwrap_err();
            assert!(
                matches!(error.kind, DecodeErrorKind::UnexpectedEnd { available, .. } if available == end)
            );
            assert_eq!((error.offset, error.reading), (0, "string"));
        }
    }
}

#[test]
fn longer_forms_than_needed_are_read() {
    assert_eq!(decode::<&str>(b"\xfe\x02\0\0hi\0\0").unwrap(), "hi");
    assert_eq!(decode::<&str>(b"\xff\x02\0\0\0\0\0\0hi\0\0").unwrap(), "hi");
}

#[test]
fn the_content_of_padding_is_ignored() {
    assert_eq!(decode::<&str>(b"\x02hi!").unwrap(), "hi");
}

#[test]
fn lengths_past_the_input_are_refused() {
    for bytes in [
        &b"\x04abc"[..],
        b"\xfe\xff\xff\xff",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xff\0\0\0\0\0\0",
    ] {
        refused::<String>(bytes);
        refused::<&str>(bytes);
        refused::<Vec<u8>>(bytes);
        refused::<&[u8]>(bytes);
    }
}

fn refused<'a, T: TlRead<'a>>(bytes: &'a [u8]) {
    let error = decode::<T>(bytes).err().unwrap();
    assert!(
        matches!(error.kind, DecodeErrorKind::UnexpectedEnd { .. }),
        "{error}"
    );
}

#[test]
fn a_string_that_is_not_utf8_tells_the_first_bad_byte() {
    let short = decode::<String>(b"\x05ab\xffcd\0\0").unwrap_err();
    assert_eq!(
        (short.offset, short.kind),
        (3, DecodeErrorKind::InvalidUtf8)
    );
    let mut long = encode(&vec![b'x'; 300]).unwrap();
    long[4 + 200] = 0x80;
    let long = decode::<&str>(&long).unwrap_err();
    assert_eq!(
        (long.offset, long.kind),
        (204, DecodeErrorKind::InvalidUtf8)
    );
}
