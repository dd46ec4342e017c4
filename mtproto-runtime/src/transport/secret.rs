//! Secrets of proxies, as [links](https://core.telegram.org/api/links#mtproxy-links) carry them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::SecretError;
use crate::base64;

/// The longest domain that a hello has room for, by TDLib's measure.
const MAX_DOMAIN: usize = 182;

/// What clients of a proxy share with it: a key, and how the connection has to look.
///
/// | form | connection |
/// |---|---|
/// | 16 bytes | [obfuscated](super::obfuscated), in any framing |
/// | `dd`, 16 bytes | obfuscated, in padded intermediate framing |
/// | `ee`, 16 bytes, a domain | that within [fake TLS](super::fake_tls) to the domain |
///
/// ```
/// use mtproto_runtime::transport::ProxySecret;
///
/// let secret = ProxySecret::parse("ee000102030405060708090a0b0c0d0e0f676f6f676c652e636f6d")?;
/// assert_eq!(secret.domain(), Some(&b"google.com"[..]));
/// # Ok::<_, mtproto_runtime::transport::SecretError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ProxySecret {
    key: [u8; 16],
    #[zeroize(skip)]
    form: Form,
}

#[derive(Clone, PartialEq, Eq)]
enum Form {
    Plain,
    Padded,
    FakeTls { domain: Vec<u8> },
}

impl ProxySecret {
    /// The secret of a link: hexadecimal, or base64 of either alphabet.
    ///
    /// # Errors
    ///
    /// If it is neither, or [not a secret](Self::from_bytes).
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let bytes = Zeroizing::new(
            unhex(text)
                .or_else(|| base64::decode(text, true))
                .ok_or(SecretError::Encoding)?,
        );
        Self::from_bytes(&bytes)
    }

    /// The secret of these bytes.
    ///
    /// # Errors
    ///
    /// If the length or the first byte is of none of the three forms, or the domain fits no hello.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        let wrong = SecretError::Length { bytes: bytes.len() };
        let (key, form) = match *bytes {
            [0xdd, ref key @ ..] if bytes.len() == 17 => (key, Form::Padded),
            [0xee, ref rest @ ..] if bytes.len() > 17 => {
                let (key, domain) = rest.split_at(16);
                if domain.len() > MAX_DOMAIN || domain.contains(&0) {
                    return Err(SecretError::Domain {
                        bytes: domain.len(),
                    });
                }
                let domain = domain.to_vec();
                (key, Form::FakeTls { domain })
            }
            _ => (bytes, Form::Plain),
        };
        let key = key.try_into().map_err(|_| wrong)?;
        Ok(Self { key, form })
    }

    /// The 16 bytes that keys are made with.
    pub fn key(&self) -> &[u8; 16] {
        &self.key
    }

    /// Whether only padded intermediate framing goes with it.
    pub fn is_padded(&self) -> bool {
        self.form != Form::Plain
    }

    /// The domain that connections pretend to go to, if they are to look like TLS.
    pub fn domain(&self) -> Option<&[u8]> {
        match &self.form {
            Form::FakeTls { domain } => Some(domain),
            _ => None,
        }
    }

    /// The secret as links have it: hexadecimal.
    pub fn to_hex(&self) -> Zeroizing<String> {
        let (prefix, domain): (&[u8], &[u8]) = match &self.form {
            Form::Plain => (&[], &[]),
            Form::Padded => (&[0xdd], &[]),
            Form::FakeTls { domain } => (&[0xee], domain),
        };
        let mut text = Zeroizing::new(String::with_capacity(2 * (17 + domain.len())));
        for byte in prefix.iter().chain(&self.key).chain(domain) {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl PartialEq for ProxySecret {
    fn eq(&self, other: &Self) -> bool {
        self.form == other.form && bool::from(self.key.ct_eq(&other.key))
    }
}

impl Eq for ProxySecret {}

impl fmt::Debug for ProxySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.form {
            Form::Plain => "plain",
            Form::Padded => "padded",
            Form::FakeTls { .. } => "fake TLS",
        };
        write!(f, "ProxySecret({form}, redacted)")
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8))
        .collect()
}
