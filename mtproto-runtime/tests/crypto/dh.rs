//! Diffie–Hellman: <https://core.telegram.org/mtproto/auth_key#dh-key-exchange-complete>.

use mtproto_runtime::crypto::dh::{DhError, DhGroup, DhPrimeCache, DhSecret, TELEGRAM_DH_PRIME};

use super::{Script, array, hex};

fn group() -> DhGroup {
    DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut DhPrimeCache::default()).unwrap()
}

fn check(dh_prime: &[u8], g: i32) -> Result<(), DhError> {
    DhGroup::check(dh_prime, g, &mut DhPrimeCache::default()).map(drop)
}

/// `g_b` and `auth_key` of <https://core.telegram.org/mtproto/samples-auth_key>, from its `b` and its `g_a`.
#[test]
fn the_official_sample_is_recomputed() {
    let b = DhSecret::from_bytes(&array(SAMPLE_B));
    assert_eq!(group().public(&b).unwrap().to_vec(), hex(SAMPLE_G_B));
    let auth_key = group().shared(&b, &hex(SAMPLE_G_A)).unwrap();
    assert_eq!(auth_key.as_bytes().to_vec(), hex(SAMPLE_AUTH_KEY));
}

#[test]
fn check_05_the_prime_has_2048_bits() {
    let size = |length_bytes| Err(DhError::PrimeSize { length_bytes });
    let mut longer = vec![0];
    longer.extend(TELEGRAM_DH_PRIME);
    assert_eq!(check(&longer, 3), size(257));
    assert_eq!(check(&TELEGRAM_DH_PRIME[1..], 3), size(255));
    assert_eq!(check(&[], 3), size(0));
    // The largest safe prime below 2^2047 has 256 bytes too; any number of its size is refused before it is tested.
    let mut lower = TELEGRAM_DH_PRIME;
    lower[0] &= 0x7f;
    assert_eq!(check(&lower, 4), size(256));
}

#[test]
fn check_05_the_prime_is_safe() {
    assert_eq!(check(&hex(SAFE_PRIME), 4), Ok(()));
    // A prime whose half is not, a composite whose half is prime, and others that are neither.
    assert_eq!(
        check(&hex(PRIME_THAT_IS_NOT_SAFE), 4),
        Err(DhError::NotSafePrime)
    );
    assert_eq!(
        check(&hex(COMPOSITE_OF_PRIME_HALF), 4),
        Err(DhError::NotSafePrime)
    );
    let mut even = TELEGRAM_DH_PRIME;
    even[255] &= !1;
    assert_eq!(check(&even, 4), Err(DhError::NotSafePrime));
    for step in [4, 12, 100] {
        let mut other = TELEGRAM_DH_PRIME;
        other[255] += step;
        assert_eq!(
            check(&other, 4),
            Err(DhError::NotSafePrime),
            "{step} above Telegram's"
        );
    }
}

/// `p mod 4g` of the page, on primes that are safe.
#[test]
fn check_06_the_generator_is_a_residue() {
    let telegram = TELEGRAM_DH_PRIME.to_vec();
    let no_residue = |g| Err(DhError::NotResidue { g });
    // What is said here comes from Euler's criterion: g^((p-1)/2) mod p, computed by Python.
    for (prime, residues) in [
        (&telegram, TELEGRAM_RESIDUES),
        (&hex(SAFE_PRIME), SAFE_PRIME_RESIDUES),
        (&hex(OTHER_SAFE_PRIME), OTHER_SAFE_PRIME_RESIDUES),
    ] {
        for (g, is_residue) in (2..=7).zip(residues) {
            assert_eq!(
                check(prime, g),
                if is_residue { Ok(()) } else { no_residue(g) },
                "g = {g}"
            );
        }
    }
}

#[test]
fn check_06_the_generator_is_from_2_to_7() {
    for g in [i32::MIN, -1, 0, 1, 8, 9, 16, i32::MAX] {
        assert_eq!(check(&TELEGRAM_DH_PRIME, g), Err(DhError::Generator { g }));
    }
}

#[test]
fn check_07_public_values_are_far_from_both_ends() {
    let group = group();
    let secret = DhSecret::from_bytes(&array(SAMPLE_B));
    let refused = |bytes: &[u8]| {
        assert_eq!(group.check_public(bytes), Err(DhError::PublicRange));
        assert_eq!(group.shared(&secret, bytes), Err(DhError::PublicRange));
    };
    // 2^1984 is a one and 248 zeros.
    let mut low = vec![1];
    low.resize(249, 0);
    for bytes in [
        &[][..],
        &[0],
        &[1],
        &[2],
        &low[1..],
        &low,
        &[0; 256],
        &[255; 256],
        &[1; 257],
    ] {
        refused(bytes);
    }
    let minus = |number: &[u8; 256], small: u8| {
        let mut number = *number;
        number[255] -= small;
        number
    };
    let mut high = TELEGRAM_DH_PRIME;
    high[7] -= 1;
    for bytes in [
        &TELEGRAM_DH_PRIME,
        &minus(&TELEGRAM_DH_PRIME, 1),
        &minus(&TELEGRAM_DH_PRIME, 2),
        &high,
    ] {
        refused(bytes);
    }
    *low.last_mut().unwrap() = 1;
    assert_eq!(group.check_public(&low), Ok(()));
    assert_eq!(group.check_public(&minus(&high, 1)), Ok(()));
}

/// One's own value too: what a secret of zeros leads to is not sent.
#[test]
fn check_07_own_public_value() {
    for bytes in [[0; 256], {
        let mut one = [0; 256];
        one[255] = 1;
        one
    }] {
        assert_eq!(
            group().public(&DhSecret::from_bytes(&bytes)),
            Err(DhError::PublicRange)
        );
    }
}

#[test]
fn check_08_secrets_are_2048_bits_of_the_generator() {
    let group = group();
    let public_of = |bytes: [u8; 256]| group.public(&DhSecret::from_bytes(&bytes)).unwrap();
    let mut script = Script::of((0..=255).chain(1..=255));
    let first = core::array::from_fn(|i| i as u8);
    let second = core::array::from_fn(|i| (i as u8).wrapping_add(1));
    assert_eq!(
        group.public(&group.secret(&mut script)).unwrap(),
        public_of(first)
    );
    assert_eq!(
        group.public(&group.secret(&mut script)).unwrap(),
        public_of({
            let mut bytes: [u8; 256] = second;
            bytes[255] = 0;
            bytes
        })
    );
}

/// Whatever the server sends, every bit of one's own randomness still counts.
#[test]
fn check_08_randomness_of_the_server_is_mixed_in() {
    let group = group();
    let own: [u8; 256] = core::array::from_fn(|i| i as u8);
    let public = |server_random: &[u8]| {
        let secret = group.secret_mixed(&mut Script::of(own), server_random);
        group.public(&secret).unwrap()
    };
    let public_of = |bytes: [u8; 256]| group.public(&DhSecret::from_bytes(&bytes)).unwrap();
    assert_eq!(public(&[]), public_of(own));
    assert_eq!(public(&[0x55; 256]), public_of(own.map(|byte| byte ^ 0x55)));
    // Too little of it leaves the rest as it is, and too much goes round.
    let mut short = own;
    short[0] ^= 0xff;
    assert_eq!(public(&[0xff]), public_of(short));
    assert_eq!(
        public(&[0xff; 257]),
        public_of({
            let mut bytes = own.map(|byte| !byte);
            bytes[0] = 0;
            bytes
        })
    );
}

/// Values with zeros in front keep their 256 bytes, and are understood without them. The secrets were searched by Python.
#[test]
fn check_10_leading_zeros_are_kept() {
    let group = group();
    let secret = |number: u16| {
        let bytes: [u8; 256] = number.to_be_bytes().repeat(128).try_into().unwrap();
        DhSecret::from_bytes(&bytes)
    };
    let (a, b) = (secret(459), secret(300));
    let (g_a, g_b) = (group.public(&a).unwrap(), group.public(&b).unwrap());
    assert_eq!(g_a[..10].to_vec(), hex("00a1d51392614d6e7e86"));
    let key = group.shared(&a, &g_b).unwrap();
    assert_eq!(
        key.as_bytes()[..12].to_vec(),
        hex("00b1c0315646aac7e2a80384")
    );
    assert_eq!(group.shared(&b, &g_a).unwrap(), key);
    assert_eq!(
        group.shared(&b, &g_a[1..]).unwrap(),
        key,
        "a peer may drop them"
    );
}

#[test]
fn check_05_verdicts_are_kept_and_their_number_is_bounded() {
    let mut cache = DhPrimeCache::with_capacity(2);
    let mut composite = TELEGRAM_DH_PRIME;
    let mut refuse = |cache: &mut DhPrimeCache, step| {
        composite[100] = step;
        assert_eq!(
            DhGroup::check(&composite, 4, cache).map(drop),
            Err(DhError::NotSafePrime)
        );
    };
    assert!(DhGroup::check(&TELEGRAM_DH_PRIME, 3, &mut cache).is_ok());
    assert!(cache.is_empty(), "a known prime needs no verdict");
    refuse(&mut cache, 1);
    refuse(&mut cache, 1);
    assert_eq!(cache.len(), 1);
    refuse(&mut cache, 2);
    refuse(&mut cache, 3);
    assert_eq!(cache.len(), 2);
    let mut none = DhPrimeCache::with_capacity(0);
    refuse(&mut none, 4);
    assert!(none.is_empty());
}

/// A verdict does not stand for another generator.
#[test]
fn check_06_holds_for_primes_in_the_cache() {
    let mut cache = DhPrimeCache::default();
    let prime = hex(SAFE_PRIME);
    for _ in 0..2 {
        for (g, is_residue) in (2..=7).zip(SAFE_PRIME_RESIDUES) {
            assert_eq!(DhGroup::check(&prime, g, &mut cache).is_ok(), is_residue);
        }
    }
    assert_eq!(cache.len(), 1);
}

#[test]
fn secrets_are_not_printed() {
    let secret = group().secret(&mut Script::of([0xab]));
    assert_eq!(format!("{secret:?}"), "DhSecret(<redacted>)");
}

// Made by `openssl prime -generate -safe -bits 2048`.
const SAFE_PRIME: &str = "\
    D8B605F80144A107CF4FB0FE7A07B5E8F5ADCE37D5E83BCD367A67A126CFAB2F1F17D2F3742C7B596D750E7AD6E2451F147A\
    D150FF9AF10907F01022874C33E628D7E4F861A4976444721F5A77DEBBA6E40C4152663EA1461CD1688750B4C07EDB709289\
    5BA7A83EA9E8FE16D189391BFF1168214D40F9FA34F14072325A869C61D654150349A28A4E7B3AB5DD2609D1D349A87B5C62\
    DE438AA54D65E6E6382FC84CA2152D61CF0BACB864B7DB36B69DF884FEE4178CA310AEAAB08A21BF56FBF75D7B140F07BEC5\
    FD5705AF1C911C2DA5C210570D09313C719199FA54D71F4AF2CD204B02B97FF7837EAE56731FF32777A428702919E2EB5E4A\
    FEF2B3E02483";
const OTHER_SAFE_PRIME: &str = "\
    CD8CFD1B400EFEEFBD43F3021DB7AFBB7DEA43DEF520863BDF1E769B9061C52D88ADF04E8A319A6A15F39138CA569114B1CB\
    523BAD6DDFCE46A76CE7ED113B2A402507F1558C544DF85F663750522E032BBD09C09DBCE33301641F7B21481C063FA1B3B0\
    BCF58E6821BA8355833A44337207B1271BA4EE2455138791B4BD42196168F3BCF8EF6DE4A15DEF7A6154FB062E4B45D30EA1\
    72325C470DBEF332204702B73E43EFF0B14C4453B7274A1064043DBB3D06F0D469721311118149799370DB52D9173078EE9A\
    810224D5429F6BBD8A49A60910ABB397FEA2ACAD315C0D572D388E47065DF7838A6D4C17B77FD7DD367674FEAE9DF7A90B67\
    E4BE49A02E17";
// Searched by Python: 11 modulo 12 both, as a safe prime is.
const PRIME_THAT_IS_NOT_SAFE: &str = "\
    AA9EBA0CDF561D802A759159FB7FF337F5CAE3BF3729C619C60A3CAB359EEEFB015C33B2DF1461AAF8EB18B90074513021DA\
    8978206F5C6671E0C07E9E115E4B9E30691C238642EA126A1E48CC11D357C30D8B7628DBD25E63B229F1C4069545DE11CC9D\
    EA959C212E9C82B1478C281D687C966C377B9AA2BB2EDB20035B73993FD4235992EDCF451A1AFE878B33E968617959CE3F1F\
    65A8DE5271007814E8A25F2DD97F1CFB10F62827688DE6A16A3B0D464138A62332553FC1EA36F17FD374C6A5387777330BDB\
    D7210DFF076CE2EF87B0B125EC1D7DA0A6EB8C9EBD69FE29D76D4330F1446BEAB0C11FDECB91CE375BC8FBBCBDE5C0994164\
    D8399F76896F";
const COMPOSITE_OF_PRIME_HALF: &str = "\
    EB38430993526F4D191F2BDE094025D0CEFFA273B0943A74B71D1F657FE52203E60039DC0BB508CFE0C627FFF3403FD0832A\
    43FC1D2F39E65A2C696968CA64A4F1F08BEAF66241BE5E9A990CA1AFA27F64912322F6243B8A9CB4744DA314CD34B5F09CD6\
    9EB2CE4E21CDB1CCAD00D1736A5487575B1A32953124272C01BB6E9B2C1AB51F34CAD55FA2824B089A4BBD66A9E8D4D22159\
    FE0087125BF84A9970C9DF20372654F83100D46EA722B8EDE3140B0B403898FADBE0C435DEAFC9988265EE211D2DEEE1844C\
    64CD5477619BD22FEFE6AC69E1C79B2E5D03ACDA68D8DC57405FB5435B0C9889C092A91D1415192C65D4D251EC46D7E4A096\
    E974941FEA13";
const TELEGRAM_RESIDUES: [bool; 6] = [false, true, true, false, false, true];
const SAFE_PRIME_RESIDUES: [bool; 6] = [false, true, true, true, false, true];
const OTHER_SAFE_PRIME_RESIDUES: [bool; 6] = [true, true, true, true, true, false];
// <https://core.telegram.org/mtproto/samples-auth_key>
const SAMPLE_B: &str = "\
    1376A5A6BF7A9F874B47028F3D5CFF0689FD52F58949BB0EE9BACDBE81DD1CED07101844EB6F2AE19E61120B84799431F445\
    785E33A18141399821479AE96786E0F4E9C5C6C9E46BF562C21C96B0F8F7438C8CABA3DFCB3DD3B886C2A37B95ED80431533\
    5C0DDFFEB3A278243D89F964278BC734D1087D6D4B554C1F78397A414F440E38BA9A4F1211B20AE835437762F81A45FDB035\
    BB2220D939693084B39A3C7BE2481309AB9AE378EAB8BB3A15A69EBA80BEF683582E2218FA604E823EABD111553D31DBB46B\
    9383A0D8EEF615FFF9CF266C970800AA28AC5E962D20351311A815FFA7562989CA6D6323BF2B5AF40EF3F45021B744566485\
    2D07B80172CE";
const SAMPLE_G_A: &str = "\
    0A77200BDFF6E6C4C126A2C41DF310AB3A3BDBD698CD480749E1F3C64FB1CFC9DFC70AC6F1AA671019620A640055B2CF7D7D\
    99CC86533645C0FA000954DE2987BAD68D7450CF134C9F0305F34C1BB285DA8233F65970A01C4BD3AFD5EA3CD5864B8F1DCB\
    35D5E9737DF15063C54CF53048EF519A280498DDDAF23764F29FFB0C5813CAAD90C319BE8592B78C4BE815E65ADA7C62EA23\
    754B5A2C5A86C4721872D0CC48E0F895C3EBE186E81E5F0E88A6B3F09101C409AF3410B64238FBF2A2095E3F3B7FFC7EB3A0\
    2A319B99A155647BC59958BCDFED8A1CC6EB7F13F8600E521D9D0247B0F639F2FA3B09F72987781F71C0E8AA950167DE5092\
    380B4853E7F1";
const SAMPLE_G_B: &str = "\
    A215D057BC6648453D68C2F418A38D9D4F4FA47E5D520AC7EBC2ADC3B00075090C10A1E9D96A5DDA127317F2DDC165C5F6C8\
    C2854648C106D0D9DF684DAE70B0E6021658806245B494B762B1979E8BD597B5CC8E43A80F96CA47FB0765C98D40529F3D94\
    C82113AE32C603AA24411EF8B330565A1D66EA6B89C9D4F8AFFEEA397C4B247564215D147B6AD0DF7F3FB4499E89E3430453\
    1D87448B91967B5BD53093F09386C0F78940C1DD6AA7C8667E15857453E6AAD275F94CD386468CF49108FB7C54282596A4D0\
    314DCE9EFED4066A6E072471439AEAAA74157DB7DD53F01982982534DEE8740610BA433BF459B3DFE38674561F31991CE007\
    BA112DDA6718";
const SAMPLE_AUTH_KEY: &str = "\
    ACA2547BAA3B4B3E6AD9129ADEE796042FC4ACAAABA40DCE7A1196640595829E2BA85C5E68E5D2B7B713B28720CCD0E65DA3\
    B80CD8A9282BDE895755B924F4CBBCED119DEE057D3066D7095C25771A53D9AD6EC3464EE0E7FE1A4D9851F17B6CC7D6E636\
    E0BDEA7D66153CF37005835A528E65673C1F5ADAA27465964BA89AA6FD045108B25B1DC9AB2D979864858C9EACBFA4A399CD\
    BF2154D2CC6743C5CAA40683343D80A36C7F1289DC5AC5EE585DEA1E1CD296444EA6CD8F6C3564B2D355B310A3C02608EEA5\
    EC36D38E941BF811489AB7A24C069E44FF54714CB4A45EEE2F310FDDC0A1B08BD3DFF8801E27C8508EFD7AD51EF3C13EF1D9\
    A02EE4601741";
