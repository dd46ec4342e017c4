//! The cipher of messages against published vectors and against the definition, written down as plainly as it can be.

use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, KeyInit, consts::U16};
use aes::{Aes128, Aes256};
use mtproto_runtime::crypto::aes_ige::{LengthError, decrypt, encrypt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::{array, counting, crc32, hex, tdlib_bytes};

/// Source: mtcute (`packages/wasm/tests/ige.test.ts`); key and vector are OpenSSL's, the key twice.
#[test]
fn two_blocks_of_mtcute() {
    let key = array("5468697320697320616e20696d706c655468697320697320616e20696d706c65");
    let iv = array("6d656e746174696f6e206f6620494745206d6f646520666f72204f70656e5353");
    let plaintext = hex("99706487a1cde613bc6de0b6f24b1c7aa448c8b9c3403e3467a8cad89340f53b");
    let ciphertext = hex("792ea8ae577b1a66cb3bd92679b8030ca54ee631976bd3a04547fdcb4639fa69");
    check(&key, &iv, &plaintext, &ciphertext);
}

/// Source: grammers (`grammers-crypto/src/lib.rs`).
#[test]
fn two_blocks_of_grammers() {
    let (key, iv) = (counting(), counting());
    let ciphertext = hex("e28112a53e5c89c7b1ea8071c133699fd4e86b26c4bac9fc5af1ab8ce27a44a4");
    check(&key, &iv, &counting::<32>(), &ciphertext);
    let plaintext = hex("e5777afacd7b2c16f7ac40cae61ef603fee6098fb8a8860ab9ee672cd7e5bacc");
    check(&key, &iv, &plaintext, &counting::<32>());
}

/// Source: <https://core.telegram.org/mtproto/samples-auth_key>, step 6 (37 blocks, with its hash and padding).
#[test]
fn the_answer_of_the_sample_handshake() {
    check(
        &array(SAMPLE_KEY),
        &array(SAMPLE_IV),
        &hex(SAMPLE_ANSWER),
        &hex(SAMPLE_ENCRYPTED_ANSWER),
    );
}

/// Source: <https://core.telegram.org/mtproto/samples-auth_key>, step 7 (21 blocks). The SHA-1 in front is not printed
/// there.
#[test]
fn the_request_of_the_sample_handshake() {
    let data = hex(SAMPLE_DATA);
    let hash = mtproto_runtime::crypto::hash::sha1(&[&data]);
    let plaintext = [&hash[..], &data, &hex("74876952857ba6aaa495a20d")].concat();
    check(
        &array(SAMPLE_KEY),
        &array(SAMPLE_IV),
        &plaintext,
        &hex(SAMPLE_ENCRYPTED_DATA),
    );
}

/// Source: TDLib (`tdutils/test/crypto.cpp`, `AesIgeState`).
#[test]
fn checksums_of_tdlib() {
    for (length, answer) in [
        (0, 0),
        (16, 2_045_698_207),
        (32, 2_423_540_300),
        (256, 525_522_475),
        (1_024, 1_545_267_325),
        (65_536, 724_143_417),
    ] {
        let mut seed = length;
        let plaintext = tdlib_bytes(&mut seed, length as usize);
        let key = tdlib_bytes(&mut seed, 32).try_into().unwrap();
        let iv = tdlib_bytes(&mut seed, 32).try_into().unwrap();
        let mut data = plaintext.clone();
        encrypt(&key, &iv, &mut data).unwrap();
        assert_eq!(crc32(&data), answer, "{length} bytes");
        decrypt(&key, &iv, &mut data).unwrap();
        assert_eq!(data, plaintext, "{length} bytes");
    }
}

/// Source: OpenSSL (`test/igetest.c`; from Ben Laurie's paper on its IGE mode), also in gotd/ige. Its vectors have keys of
/// 128 bits, which MTProto has not: they hold for the definition that all lengths are compared with below.
#[test]
fn the_definition_is_that_of_openssl() {
    let plaintext = [0; 32];
    let ciphertext = hex("1a8519a6557be652e9da8e43da4ef4453cf456b4ca488aa383c79c98b34797cb");
    assert_eq!(
        definition::<Aes128>(&counting::<16>(), &counting(), &plaintext),
        ciphertext
    );
    let iv = array("6d656e746174696f6e206f6620494745206d6f646520666f72204f70656e5353");
    let plaintext = hex("99706487a1cde613bc6de0b6f24b1c7aa448c8b9c3403e3467a8cad89340f53b");
    assert_eq!(
        definition::<Aes128>(b"This is an imple", &iv, &plaintext),
        b"L. Let's hope Ben got it right!\n",
    );
}

#[test]
fn all_lengths_are_as_defined_in_place() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for blocks in (0..70).chain([255, 256, 1_024]) {
        let (mut key, mut iv, mut plaintext) = ([0; 32], [0; 32], vec![0; 16 * blocks]);
        rng.fill_bytes(&mut key);
        rng.fill_bytes(&mut iv);
        rng.fill_bytes(&mut plaintext);
        check(
            &key,
            &iv,
            &plaintext,
            &definition::<Aes256>(&key, &iv, &plaintext),
        );
    }
}

#[test]
fn parts_of_blocks_are_refused_and_left_as_they_are() {
    for length_bytes in (0..100).filter(|length| length % 16 != 0) {
        for run in [encrypt, decrypt] {
            let mut data = vec![7; length_bytes];
            assert_eq!(
                run(&[1; 32], &[2; 32], &mut data),
                Err(LengthError { length_bytes })
            );
            assert_eq!(data, vec![7; length_bytes]);
        }
    }
    let message = encrypt(&[1; 32], &[2; 32], &mut [0; 17])
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "AES-IGE takes whole blocks of 16 bytes, and 17 bytes are none: pad before the encryption"
    );
}

#[test]
fn nothing_is_allocated() {
    let mut data = vec![0; 4_096];
    let allocations = allocation_counter::measure(|| {
        encrypt(&[1; 32], &[2; 32], &mut data).unwrap();
        decrypt(&[1; 32], &[2; 32], &mut data).unwrap();
    });
    assert_eq!(allocations.count_total, 0);
}

/// Both directions, in place.
#[track_caller]
fn check(key: &[u8; 32], iv: &[u8; 32], plaintext: &[u8], ciphertext: &[u8]) {
    let mut data = plaintext.to_vec();
    encrypt(key, iv, &mut data).unwrap();
    assert_eq!(data, ciphertext);
    decrypt(key, iv, &mut data).unwrap();
    assert_eq!(data, plaintext);
}

/// `c[i] = E(p[i] ^ c[i-1]) ^ p[i-1]`, byte by byte, with what comes before the first block in front.
fn definition<C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit>(
    key: &[u8],
    iv: &[u8; 32],
    plaintext: &[u8],
) -> Vec<u8> {
    let cipher = C::new_from_slice(key).unwrap();
    let (c, p) = iv.split_at(16);
    let (mut c, p) = (c.to_vec(), [p, plaintext].concat());
    for start in (0..plaintext.len()).step_by(16) {
        let mut block: [u8; 16] =
            core::array::from_fn(|index| p[16 + start + index] ^ c[start + index]);
        cipher.encrypt_block((&mut block).into());
        c.extend((0..16).map(|index| block[index] ^ p[start + index]));
    }
    c.split_off(16)
}

const SAMPLE_KEY: &str = "5ea702f743e850f5546e857f08b7d5337bbaedf9b61248751594851be2e8c297";
const SAMPLE_IV: &str = "1cef8e372a63d97ebfa805c0dbb018bc7c1e0931693fbcb1a1afc0c0a8bbc849";
const SAMPLE_ANSWER: &str = "\
    60026275cc91ddec5371c67b10331c4c1d362585ba0d89b5406709f612fadfbec3f0289d0aa67eefe11dbc3bc97d91a2\
    6154f932af01994303000000fe000100c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f\
    48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13ab\
    dc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4\
    a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d\
    169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f\
    0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5bfe0001000a77200bdff6e6c4c126a2c4\
    1df310ab3a3bdbd698cd480749e1f3c64fb1cfc9dfc70ac6f1aa671019620a640055b2cf7d7d99cc86533645c0fa0009\
    54de2987bad68d7450cf134c9f0305f34c1bb285da8233f65970a01c4bd3afd5ea3cd5864b8f1dcb35d5e9737df15063\
    c54cf53048ef519a280498dddaf23764f29ffb0c5813caad90c319be8592b78c4be815e65ada7c62ea23754b5a2c5a86\
    c4721872d0cc48e0f895c3ebe186e81e5f0e88a6b3f09101c409af3410b64238fbf2a2095e3f3b7ffc7eb3a02a319b99\
    a155647bc59958bcdfed8a1cc6eb7f13f8600e521d9d0247b0f639f2fa3b09f72987781f71c0e8aa950167de5092380b\
    4853e7f1513dc565c26f8049523e89d2";
const SAMPLE_ENCRYPTED_ANSWER: &str = "\
    6ad7dd5d8b2526c761abe50e93c82a6f331b1eae0ad011893da976e3771d4aa45209d234fea65642985386b817bf8980\
    f517f6d32dbeb47e34534556f950ddf960db721a48480231619161112682c6046d5629c71cd1ec8061dfcdd704703ec7\
    a8aebdcbd159579fc8886d9fa51e009af49b5ab90c7628eb81c9788a2eb6ac0e757a7debe3d949f80a990bedb4d2dbae\
    43f00328b82f4d8fc83a9b9cfeef467e1593bb4579ee32412f167a780cfa517650bd0eb51cbfb50e3afe978839466131\
    fcd956711e63614f006a55ed35ed2b1f833c29f4fd7a84f0c8f1c10dfc1a1aaf9a8a57108decf206e3968406f0fb25e9\
    22df154f497b51527e4834202fab477a137d0a99d1c347196fba10699f52ea56f01ef93829b310a5c97db95fd57e6441\
    7e526eb920d261157c6e38791bdd5389eeb744e075d952db33a8151207d0ab3c629e30a723a5205f8fa18398937ed271\
    4a4e76a5f4512508a4be1b4d6ae46fd156c6f06347af5e07ce49279195133b07cce4bc6775d88f3611180d23c4c70946\
    619ad759ab9f183a385ccf9bf19315fadbe8a4fdc748af52df930345909c870de4b48901e9f90e56d74ca534d8e1fe3a\
    35a92a18d676958eb8fc3d82f9cee308df2a9e4ccd23ff89ea255b9eedbc3378148879666ffc2e19a431cbb57ae1a010\
    ffe5cb39abf131add9e90bf969a112c435509b78960e0b20031c822190841561e8390446227660bbaccf3d53574bfba3\
    3bf476e3bdc9eb680aa2a17fd6756f652725ed0313e5eb0fd6a9c8c949eefbe809a89311bf20f40055ca25fd169dc13e\
    e14b315092fde4184638d849682fd862";
const SAMPLE_DATA: &str = "\
    54b64366406709f612fadfbec3f0289d0aa67eefe11dbc3bc97d91a26154f932af0199430000000000000000fe000100\
    a215d057bc6648453d68c2f418a38d9d4f4fa47e5d520ac7ebc2adc3b00075090c10a1e9d96a5dda127317f2ddc165c5\
    f6c8c2854648c106d0d9df684dae70b0e6021658806245b494b762b1979e8bd597b5cc8e43a80f96ca47fb0765c98d40\
    529f3d94c82113ae32c603aa24411ef8b330565a1d66ea6b89c9d4f8affeea397c4b247564215d147b6ad0df7f3fb449\
    9e89e34304531d87448b91967b5bd53093f09386c0f78940c1dd6aa7c8667e15857453e6aad275f94cd386468cf49108\
    fb7c54282596a4d0314dce9efed4066a6e072471439aeaaa74157db7dd53f01982982534dee8740610ba433bf459b3df\
    e38674561f31991ce007ba112dda6718";
const SAMPLE_ENCRYPTED_DATA: &str = "\
    14d185e575255986c29be3a0437d525ba22430cba0cd755225945ad3a1acefb536518514f5086892e6e3fa84d1cbb644\
    bc8f7bebcde74e31ba8a073f47623ebb6e7d94b3a676a4c1afd4689c52d05f73d21c33f64fe6aeabd04273d9117cd064\
    e467e1f8e6c887bcae4679e0399ad35db1302a80629618f8c8485248d89a4e3568b464ff7b608cbe24b51eeb81b65d76\
    224b62a1669eaa48a99c122e5e8a778e13dd441dc52175160088a498f186a2b99c736fe8c5c3e274d804c629564a0f15\
    ddabc5b449356a7990900652a7432afb1499c7ce09246f6b29006425df2926465b04f17c0077b6a336a50e46b675ad56\
    07f05818f84eadec1f4847bf311027e742f8b1e183c01810c4ce964f2a0f36e257849c144c9b0b93b4a7a9e57391db0c\
    cb0d757a2b7a77257c8ff55553d66b6e1d45e9d8ca88e5a47b16322ff2ed5f5abe099e7006b2d29c829d746b704130b1";
