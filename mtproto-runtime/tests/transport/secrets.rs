//! Secrets of proxies.

use mtproto_runtime::transport::{ProxySecret, SecretError};

use crate::hex;

/// gotd's `TestParseSecret` and mtg's tests have these; TDLib's rules decide the rest.
#[test]
fn forms() {
    for (text, padded, domain) in [
        ("52a493bdfb90eea55739eabff2d92a14", false, None),
        ("DDf05fb7acb549be047a7c585116581418", true, None),
        (
            "ee852380f362a09343efb4690c4e17862e676f6f676c652e636f6d",
            true,
            Some("google.com"),
        ),
        (
            "eedf71035a8ed48a623d8e83e66aec4d0562696e672e636f6d",
            true,
            Some("bing.com"),
        ),
        (
            "ee367a189aee18fa31c190054efd4a8e9573746f726167652e676f6f676c65617069732e636f6d",
            true,
            Some("storage.googleapis.com"),
        ),
    ] {
        let bytes = hex(text);
        let secret = ProxySecret::parse(text).unwrap();
        assert_eq!(secret.is_padded(), padded, "{text}");
        assert_eq!(secret.domain(), domain.map(str::as_bytes), "{text}");
        let key_at = usize::from(bytes.len() > 16);
        assert_eq!(secret.key()[..], bytes[key_at..key_at + 16]);
        assert_eq!(*secret.to_hex(), text.to_lowercase());
        assert!(ProxySecret::from_bytes(&bytes).is_ok_and(|other| other == secret));
    }
}

#[test]
fn base64_of_both_alphabets() {
    let bytes = hex("ddfbfffebfacb549be047a7c5851165814");
    let expected = ProxySecret::from_bytes(&bytes).unwrap();
    for text in [
        "3fv//r+stUm+BHp8WFEWWBQ=",
        "3fv__r-stUm-BHp8WFEWWBQ",
        "3fv__r-stUm-BHp8WFEWWBQ=",
    ] {
        assert!(
            ProxySecret::parse(text).is_ok_and(|secret| secret == expected),
            "{text}"
        );
    }
}

#[test]
fn malformed() {
    let domain = |bytes: usize| ["ee", &"11".repeat(16), &"61".repeat(bytes)].concat();
    for (text, expected) in [
        ("", SecretError::Length { bytes: 0 }),
        ("dd", SecretError::Length { bytes: 1 }),
        (
            "52a493bdfb90eea55739eabff2d92a",
            SecretError::Length { bytes: 15 },
        ),
        (
            "52a493bdfb90eea55739eabff2d92a1422",
            SecretError::Length { bytes: 17 },
        ),
        (
            "eef05fb7acb549be047a7c585116581418",
            SecretError::Length { bytes: 17 },
        ),
        (
            "ddf05fb7acb549be047a7c58511658141800",
            SecretError::Length { bytes: 18 },
        ),
        ("not a secret", SecretError::Encoding),
        (&domain(183), SecretError::Domain { bytes: 183 }),
        (
            &[&domain(1), "00"].concat(),
            SecretError::Domain { bytes: 2 },
        ),
    ] {
        assert_eq!(ProxySecret::parse(text), Err(expected), "{text}");
    }
    assert!(ProxySecret::parse(&domain(182)).is_ok());
}

#[test]
fn nothing_of_a_secret_is_printed() {
    for text in [
        "52a493bdfb90eea55739eabff2d92a14",
        "ee852380f362a09343efb4690c4e17862e676f6f676c652e636f6d",
    ] {
        let printed = format!("{:?}", ProxySecret::parse(text).unwrap());
        assert!(printed.ends_with(", redacted)"), "{printed}");
        assert!(
            !printed.contains("82") && !printed.contains("52"),
            "{printed}"
        );
    }
    let error = ProxySecret::parse("dd1122").unwrap_err().to_string();
    assert_eq!(
        error,
        "has 3 bytes, but is 16, or `dd` and 16, or `ee` and 16 and a domain"
    );
}
