//! SRP of two-step login: <https://core.telegram.org/api/srp>.

use mtproto_runtime::crypto::dh::{DhError, DhGroup, DhPrimeCache, DhSecret, TELEGRAM_DH_PRIME};
use mtproto_runtime::crypto::srp::{Answer, Challenge, PasswordAlgo, SrpError};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{Script, array, hex};

fn group() -> DhGroup {
    DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default()).unwrap()
}

fn algo(salt1: &str, salt2: &str) -> PasswordAlgo {
    PasswordAlgo::new(group(), &hex(salt1), &hex(salt2))
}

#[test]
fn vector_of_mtcute() {
    // mtcute, `packages/core/src/utils/crypto/password.test.ts`, with the first bytes of `packages/test/src/crypto.ts` as `a`.
    // The test before it has added 32 of them to the salt.
    let algo = algo(MTCUTE_SALT1, "6c619bb0786dc4ed1bf211d23f6e4065")
        .with_random_salt(&mut Script::of(hex(MTCUTE_RANDOM)));
    let srp_b = hex(MTCUTE_SRP_B);
    let a = DhSecret::from_bytes(&array(MTCUTE_SECRET));
    let answer = algo.answer(b"qwe123", &srp_b, &a).unwrap();
    assert_eq!(answer.a.to_vec(), hex(MTCUTE_A));
    assert_eq!(
        answer.m1.to_vec(),
        hex("25a91b21c634ad670a144165a9829192d152e131a716f676abc48cd817f508c6")
    );
}

#[test]
fn vector_of_grammers() {
    // grammers, `grammers-crypto/src/two_factor_auth.rs`, the second.
    let algo = algo(
        "5f483c38bd0986e7cdc95ae138ef4f49b951c1f81c713fecdef3af692cec4b4716ac9b770a195ebe",
        "b616fc6bbedf511119c5ed34629527f1",
    );
    let a = DhSecret::from_bytes(&array(GRAMMERS_SECRET));
    let answer = algo.answer(b"234567", &hex(GRAMMERS_SRP_B), &a).unwrap();
    assert_eq!(answer.a.to_vec(), hex(GRAMMERS_A));
    assert_eq!(
        answer.m1.to_vec(),
        hex("4d7af412c5a2e7b15467376bd118b853604e687b31f51c4980c4d7c1876613e3")
    );
}

#[test]
fn verifiers_of_new_passwords() {
    // mtcute, the same file; the salt comes from its random bytes.
    let random = hex(MTCUTE_RANDOM);
    let new = algo(MTCUTE_SALT1, "6c619bb0786dc4ed1bf211d23f6e4065")
        .with_random_salt(&mut Script::of(random.clone()));
    assert_eq!(new.salt1().to_vec(), [hex(MTCUTE_SALT1), random].concat());
    assert_eq!(new.verifier(b"123qwe").to_vec(), hex(MTCUTE_VERIFIER));
    // gotd, `crypto/srp/new_hash_test.go`: random bytes are zeros.
    let new = algo("e6c8957ddf988d48", "9f6344822b096cff87efa426f57857b6")
        .with_random_salt(&mut Script::of([0]));
    assert_eq!(new.verifier(b"newPassword").to_vec(), hex(GOTD_VERIFIER));
}

#[test]
fn server_and_client_agree_on_the_right_password_alone() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let group = group();
    let algo = PasswordAlgo::new(group.clone(), b"one", b"two").with_random_salt(rng);
    let verifier = algo.verifier(b"right");
    let mut challenge = || Challenge::new(&algo, &verifier[..], &group.secret(rng)).unwrap();
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let mut answer = |password: &[u8], challenge: &Challenge| {
        algo.answer(password, challenge.srp_b(), &group.secret(rng))
            .unwrap()
    };

    let first = challenge();
    let Answer { a, m1 } = answer(b"right", &first);
    let second = challenge();
    assert_eq!(
        second.check(&a, &m1),
        Err(SrpError::Password),
        "an answer is good for its challenge alone"
    );
    assert_eq!(first.check(&a, &m1), Ok(()));

    let third = challenge();
    let Answer { a, m1 } = answer(b"wrong", &third);
    assert_eq!(third.check(&a, &m1), Err(SrpError::Password));
    for wrong in [&[][..], &m1[1..], &[0; 32]] {
        assert_eq!(challenge().check(&a, wrong), Err(SrpError::Password));
    }
}

/// With A = 0 or a multiple of `p` the shared secret would be 0, whatever the password is; with 1 or -1 it would be 1 or -1.
#[test]
fn check_07_the_server_refuses_public_values_out_of_range() {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let group = group();
    let algo = PasswordAlgo::new(group.clone(), b"one", b"two");
    let verifier = group.public(&group.secret(rng)).unwrap();
    let mut p_minus_1 = TELEGRAM_DH_PRIME;
    p_minus_1[255] -= 1;
    for a in [
        &[][..],
        &[0],
        &[1],
        &[3],
        &TELEGRAM_DH_PRIME,
        &p_minus_1,
        &[255; 256],
        &[1; 257],
    ] {
        let challenge = Challenge::new(&algo, &verifier, &group.secret(rng)).unwrap();
        assert_eq!(
            challenge.check(a, &[0; 32]),
            Err(SrpError::Dh(DhError::PublicRange))
        );
    }
    for verifier in [&[][..], &[1], &TELEGRAM_DH_PRIME] {
        let result = Challenge::new(&algo, verifier, &group.secret(rng));
        assert_eq!(result.map(drop), Err(SrpError::Dh(DhError::PublicRange)));
    }
}

/// `srp_B` is above 0 and below `p`, and less `k v` it is a public value of Diffie–Hellman.
#[test]
fn check_07_the_client_refuses_public_values_out_of_range() {
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
    let group = group();
    let algo = PasswordAlgo::new(group.clone(), b"one", b"two");
    let mut above = TELEGRAM_DH_PRIME;
    above[255] += 1;
    for srp_b in [
        &[][..],
        &[0; 256],
        &TELEGRAM_DH_PRIME,
        &above,
        &[255; 256],
        &[1; 257],
    ] {
        assert_eq!(
            algo.answer(b"password", srp_b, &group.secret(rng)),
            Err(SrpError::ServerPublic)
        );
    }
    // k v + 1, with which a server would learn whether it guessed the password: `t` is 1, whatever `a` is.
    let one = hex(K_V_PLUS_1);
    assert_eq!(
        algo.answer(b"password", &one, &group.secret(rng)),
        Err(SrpError::ServerPublic)
    );
    assert!(algo.answer(b"another", &one, &group.secret(rng)).is_ok());
    // A secret that leads to a small A.
    let honest = group.public(&group.secret(rng)).unwrap();
    let mut small = [0; 256];
    small[255] = 1;
    assert_eq!(
        algo.answer(b"password", &honest, &DhSecret::from_bytes(&small)),
        Err(SrpError::Dh(DhError::PublicRange))
    );
}

/// Numbers with zeros in front are the same without them.
#[test]
fn check_10_leading_zeros() {
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let group = group();
    let algo = PasswordAlgo::new(group.clone(), b"one", b"two");
    let mut srp_b = group.public(&group.secret(rng)).unwrap();
    srp_b[..2].fill(0);
    let a = group.secret(rng);
    assert_eq!(
        algo.answer(b"password", &srp_b, &a),
        algo.answer(b"password", &srp_b[2..], &a)
    );
    assert!(algo.answer(b"password", &srp_b, &a).is_ok());
}

#[test]
fn secrets_are_not_printed() {
    let rng = &mut ChaCha20Rng::seed_from_u64(6);
    let algo = PasswordAlgo::new(group(), b"", b"");
    let secret = group().secret(rng);
    let challenge = Challenge::new(
        &algo,
        &group().public(&group().secret(rng)).unwrap(),
        &secret,
    )
    .unwrap();
    let shown = format!("{challenge:?}");
    assert!(
        shown.contains("verifier: <redacted>, b: <redacted>"),
        "{shown}"
    );
}

const MTCUTE_SALT1: &str =
    "9b3accc457c0d5288e8cff31eb21094048bc11902f6614dbb9afb839ee7641c37619537d8ebe749e";

const MTCUTE_RANDOM: &str = "29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8";

const MTCUTE_SRP_B: &str = "\
    1476a7b5991d7f028bbee33b3455cad3f2cd0eb3737409fcce92fa7d4cd5c733ec6d2cb3454e587d4c17eda2fd7ef9a57327\
    215f38292cc8bd5dc77d3e1d31cddae2652f8347c4b0093f7c78242f70e6cc13137ee7acc257a49855a63113db8f163992b9\
    101551f3b6f7eb5d196cee3647c359553b1bcbe82ba8933c0fb1ac350243c535b8e634613e1f626ba8a6d141ef957c859e71\
    a117b557c0298bfbb107c91f71f5b4275fded58289aa1e87c612f44b7aa0b5e0de7def4458f58db80019d2e7b181eb66dc27\
    0374af2d160dd0c53edd677b2701694d71ea8718c49df6a9dbe2cbae051ffc1986336cd26f11a8ab426dfe0813d7b3f4eedf\
    4e34182ccc3a";

const MTCUTE_SECRET: &str = "\
    29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8a990c9b8b980c343936b33fa7f97bae02510\
    2532233abb269c489920ef99021b259ce3a2c964c5c8972b4a84ff96f3375a94b535a9468f2896e2080ac7a32ed58e910474\
    a4b02415e07671cbb5bdd58a5dd26fd137c4c98b8c346571fae6ead39dfd612bd6b480b6723433f5218e9d6e271591153fb3\
    ffefc089f7e848d3f4633459fff66b33cf939e5655813149fa34be8625f9bc4814d1ee6cf40e4d0de2291aa22e68c8ad8cc6\
    98103734f9aaf79f2bdc052a787a7a9b3629d1ed38750f88cb0481c0ba30a9c611672f9a4d1dc02637abb4e98913ee810a3b\
    152d3d75f25d";

const MTCUTE_A: &str = "\
    363976f55edb57cc5cc0c4aaca9b7539eff98a43a93fa84be34860d18ac3a80fffd57c4617896ff667677d0552a079eb189d\
    25d147ec96edd4495c946a18652d31d78eede40a8b29da340c19b32ccac78f8482406e392102c03d850d1db872232c144bfa\
    cadb58856971aafb70ca3aac4efa7f73977ddc50dfc0a2c76c0ac950728d58b8480fa89c701703855148fadd885aaf1ca313\
    ae3a3b2942de58a9a6fb9e3e65c7ac7a1b7f4e6aa4742b957f81927bd8cc761b76f90229dec34d6f15d34fa454aa69d9219d\
    9c5fa3625f5c6f1ac03892a70aa17269c76cd9bf2949a961fad2a71e5fa961824b32db037130c7e9aad4c1e9f02ebc5b8326\
    22f98b59597e";

const MTCUTE_VERIFIER: &str = "\
    2540539ceeffd4543cd845bf319b8392e6b17bf7cf26bafcf6282ce9ae7953684ff49469c2863b17e6d65ddb16ae6f60bc07\
    cc254c00e5ba389292f6cea0b3aac459d1d08984d65319df8c5d124042169bbe2ab8c0c93bc7178827f2ea84e7c3a4f26600\
    99fb6a4c38984c914283d3015278369521a4b81ecf927669b8c89746ef49ec7b019af7f3addc746362f298d96409bef4677b\
    9c3d8e5b5afe7a44c0bc130ebc7a79b5d5980966d88d3d9eba511b101b0703abd86df7410cd120edad122a7a3ccad92d906d\
    bf6f43bba13555bafb626b45551275f3626a4ae26a14908d38d640680e501f52bd08a0e3ff9d9185eebdae890c167459449b\
    2c205b3ecde4";

const GRAMMERS_SRP_B: &str = "\
    93f70ebd50f6426aca2568769599f91f24d01284cc51a449e62dcc1527dfe50126b2aa44238e4fb2331419ed4aebf1a0ae15\
    e03abd18bfc52ca6baec564c13b5a1d2e357799897757bb736fdc2ceb1b56aacf19ab3548d6d922a522f0b51f40124c3bc99\
    36aff3e1dcfbea39ac9ad2addc6af0ad30783278bbb84cab0ed8464b0ffeb2b0c93a39a5d97dba0105672ca5475373d8d23e\
    54a6ac9bed9519e8bef4f00719f5ad56151be5537648df2f8e3e7265cb57fb94a054ce2a82b8cc664ad060e0d6c6df187934\
    5440eb977fa0f2d36f31a253d8917732f133d40033a34b6152969b600d59cdabfea2ab2393ad659e56d66e13605b1f61e48e\
    3cd65c0f58ac";

const GRAMMERS_SECRET: &str = "\
    bf31574f34fce1e53891c59b7f62468a0ca682da8585df8de0a18873359755fbb1818878a9ee919bb1e94d20c5f0607e02a3\
    3176199bf3220256c9ea1a69f395a515d20539d88cda750a5252fb864f573f2b032f3b467d08b34fd9c89d1c5d06278e113e\
    51d4e893c1c027455af4653f096607a4156d94fb8e1dc7cee5bfe32850982f941ae4414e83bf22df56270b43b7ccc44c26d4\
    0886464da8e344a8540795b8f69b8f508552a723cd6931e1d69204e8e9dc056f0a2a10a0d7951e355f3edef5a5e18a909129\
    5a51eb9db10b8b0d30489c8d29bc0cd86e97781f5e30c5b6bfe7caf4aae81b282e653ac48aa1a8fde789722bc04f4320cd9f\
    86849fe05ca4";

const GRAMMERS_A: &str = "\
    0fa12bc655b1187a28296a69ae565d682782e0ceb05a089c0c41c1dce983dc7f4a53434ea78e065d9e1cb60e427b4468a478\
    0609feba2f55654ee2efe0aeb72edafde2652e26ed5b4d4baad9d2a381806af63416bf6263df45a43d85be5401bc223ebfac\
    09421caddd7e260bd6b86542133c048d6cd54b38d8e2ccdf6b550e875b1353a4acfe3292ffb56a0f58b2a39027c9bfdd91fd\
    4c531d23c77d6e8f7d583eaeea316dedded69935296ce7ea34e9be6ef2fbd829eac4c9bd646dc1563e47f77b91431ca002cf\
    79fc149d968272835c15ca1c6b2c5e03712a2e1b5d52f5e4faa1c16cb177fafd96a6aa5b4b3f4c649915644b63855cfb3856\
    1ff17fedfb8a";

const GOTD_VERIFIER: &str = "\
    186ac18dcc5790bf6bba21bd958d375ee5481af0029e9bd7a9c68ec926bd5196d81f8cd8b58ee06c8a10adeacc7f56e819ff\
    514825deb15b1fadec6aae17a244cb23488d17349cd4261a8ba4da7b9c2ce5c40014dd9e362750acf3ac89b8b8f5c618f0b6\
    a572c38fff3a554d8818a0b8e7b6015e1836128a1e4e2d5cf9971d1dd048aa181d861152eae71553962680632387b89ac186\
    5fded7c8c3daa64ed38dc25036663fa0cf7748c52ea19c187e70a752a8053e409d4894218a429393d03382e41e50b7415b3b\
    8ad092fd0790f88d894e84dca78f47f4218937d7aa99d88c87c09bcb8da890e535026623cea6fc8b3d25db70cb42aaa48323\
    927d87a8fcf1";

/// k v + 1 for "password" with the salts "one" and "two", by Python.
const K_V_PLUS_1: &str = "\
    8aadd5ce8615ca9052c76a353a04dd0b7c1dd0762bf61f11289602bc1b4ddd03f308a25c4146cd68a7f8d0e5515b55187172\
    747ff411b8df931e93baa2ea0f1ae2e5fa66f6e50189288b410e650997466361394b833e9030046a71a6157939955ba44558\
    f2a72bd8943ef5916a63e2ce7780bfa8ba2eafe3923ce825a901591b4b086a5729a82dccb7ca646ba3d9e66fc098572612d6\
    8a37298cddb10ba7fab033748e107838be85721bc5685d6fc482b37c61736ed2266292c03728ff718d9923e925ce767b731d\
    56deb13b5bdd217fa4b16be56d3b5cee3290c9eb403d5f7e7070b69cf93504ad801fe6771173beeda7a2bc60f45e1066712c\
    b4e850dc170c";
