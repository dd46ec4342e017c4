//! The keystream, in one piece and in many.

use mtproto_runtime::crypto::aes_ctr::AesCtr;

use crate::{array, crc32, hex, tdlib_bytes};

/// Source: NIST SP 800-38A, F.5.5.
#[test]
fn the_blocks_of_the_standard() {
    let key = array("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    let mut data = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    AesCtr::new(&key, &array("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")).apply(&mut data);
    assert_eq!(
        data,
        hex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5")
    );
}

/// Source: mtcute (`packages/test/src/crypto.ts`).
#[test]
fn the_keystream_goes_on_between_calls() {
    let key = array("d450aae0bf0060a4af1044886b42a13f7c506b35255d134a7e87ab3f23a9493b");
    let mut cipher = AesCtr::new(&key, &array("0182de2bd789c295c3c6c875c5e9e190"));
    for expected in [
        "df5647dbb70bc393f2fb05b72f42286f",
        "3917147082672516b3177150129bc579",
        "2a7a9089270a5de45d5e3dd399cac725",
        "56d085217771398ac13583de4d677dd8",
        "cc639b488126cf36e79c4515e8012b92",
        "01384d100646cd562cc5586ec3f8f8c4",
    ] {
        let mut data = hex("7baae571e4c2f4cfadb1931d5923aca7");
        cipher.apply(&mut data);
        assert_eq!(data, hex(expected));
    }
}

/// Source: TDLib (`tdutils/test/crypto.cpp`, `AesCtrState`); the second answer is for a counter that overflows.
#[test]
fn long_data_in_pieces_of_any_length() {
    for (length, answer, overflowing) in [
        (0, 0, 0),
        (1, 1_141_589_763, 2_053_451_992),
        (31, 596_296_607, 1_384_063_362),
        (32, 3_673_001_485, 3_266_188_502),
        (33, 2_302_125_528, 2_893_295_118),
        (9_999, 330_967_191, 780_356_167),
        (10_000, 2_047_392_231, 1_904_947_434),
        (10_001, 3_537_459_563, 2_043_402_406),
        (999_999, 307_747_798, 472_080_809),
        (1_000_001, 2_149_598_133, 1_807_109_488),
    ] {
        let mut seed = length;
        let plaintext = tdlib_bytes(&mut seed, length as usize);
        let key = tdlib_bytes(&mut seed, 32).try_into().unwrap();
        let iv = tdlib_bytes(&mut seed, 16).try_into().unwrap();
        for (iv, answer) in [(iv, answer), ([0xff; 16], overflowing)] {
            let mut data = plaintext.clone();
            AesCtr::new(&key, &iv).apply(&mut data);
            assert_eq!(crc32(&data), answer, "{length} bytes");
            let mut decryption = AesCtr::new(&key, &iv);
            let mut rest = &mut data[..];
            for piece in [0, 1, 15, 16, 17, 4_096, 5].into_iter().cycle() {
                let (start, end) = rest.split_at_mut(piece.min(rest.len()));
                decryption.apply(start);
                rest = end;
                if rest.is_empty() {
                    break;
                }
            }
            assert_eq!(data, plaintext, "{length} bytes");
        }
    }
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(
        format!("{:?}", AesCtr::new(&[0xab; 32], &[0xcd; 16])),
        "AesCtr { .. }"
    );
}
