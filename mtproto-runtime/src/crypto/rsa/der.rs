//! The few structures of ASN.1 that RSA keys are written in, in DER: tag, length, content.
//!
//! It reads what it knows, byte for byte, and refuses everything else: lengths that are not in their shortest form,
//! negative numbers, numbers with zeros in front, bytes that are left over.
//!
//! Sources: RFC 8017, appendix A.1 (PKCS#1), RFC 5280, section 4.1 (`SubjectPublicKeyInfo`), RFC 5208 (PKCS#8).

use super::KeyError;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The content of the `AlgorithmIdentifier` of RSA: the object identifier 1.2.840.113549.1.1.1, and NULL.
const RSA_ENCRYPTION: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

/// The numbers of a public key, without zeros in front.
pub(super) struct PublicParts<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
}

/// The numbers of a private key that are used.
pub(super) struct PrivateParts<'a> {
    pub(super) public: PublicParts<'a>,
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
    pub(super) d_p: &'a [u8],
    pub(super) d_q: &'a [u8],
    pub(super) q_inverse: &'a [u8],
}

/// Bytes that are still to be read.
pub(super) struct Der<'a> {
    bytes: &'a [u8],
    /// Where they begin in the whole.
    offset: usize,
}

impl<'a> Der<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// `RSAPublicKey`, and nothing after it.
    pub(super) fn pkcs1_public(mut self) -> Result<PublicParts<'a>, KeyError> {
        let mut key = self.read(SEQUENCE, "RSAPublicKey")?;
        self.end()?;
        let parts = PublicParts {
            n: key.integer("modulus")?,
            e: key.integer("publicExponent")?,
        };
        key.end()?;
        Ok(parts)
    }

    /// `SubjectPublicKeyInfo` with an `RSAPublicKey` in it.
    pub(super) fn public_key_info(mut self) -> Result<PublicParts<'a>, KeyError> {
        let mut info = self.read(SEQUENCE, "SubjectPublicKeyInfo")?;
        self.end()?;
        info.rsa_encryption()?;
        let mut bits = info.read(BIT_STRING, "subjectPublicKey")?;
        info.end()?;
        // How many bits of the last byte do not count.
        if bits.take(1) != Some(&[0]) {
            return Err(bits.missing("whole number of bytes in subjectPublicKey"));
        }
        bits.pkcs1_public()
    }

    /// `RSAPrivateKey` of two primes, and nothing after it.
    pub(super) fn pkcs1_private(mut self) -> Result<PrivateParts<'a>, KeyError> {
        let mut key = self.read(SEQUENCE, "RSAPrivateKey")?;
        self.end()?;
        key.version()?;
        let public = PublicParts {
            n: key.integer("modulus")?,
            e: key.integer("publicExponent")?,
        };
        key.integer("privateExponent")?;
        let parts = PrivateParts {
            public,
            p: key.integer("prime1")?,
            q: key.integer("prime2")?,
            d_p: key.integer("exponent1")?,
            d_q: key.integer("exponent2")?,
            q_inverse: key.integer("coefficient")?,
        };
        key.end()?;
        Ok(parts)
    }

    /// `PrivateKeyInfo` with an `RSAPrivateKey` in it.
    pub(super) fn private_key_info(mut self) -> Result<PrivateParts<'a>, KeyError> {
        let mut info = self.read(SEQUENCE, "PrivateKeyInfo")?;
        self.end()?;
        info.version()?;
        info.rsa_encryption()?;
        let key = info.read(OCTET_STRING, "privateKey")?;
        info.end()?;
        key.pkcs1_private()
    }

    /// The version of two primes, which is 0.
    fn version(&mut self) -> Result<(), KeyError> {
        let error = self.missing("version 0");
        if self.integer("version 0")?.is_empty() {
            Ok(())
        } else {
            Err(error)
        }
    }

    fn rsa_encryption(&mut self) -> Result<(), KeyError> {
        let algorithm = self.read(SEQUENCE, "AlgorithmIdentifier")?;
        if algorithm.bytes == RSA_ENCRYPTION {
            Ok(())
        } else {
            Err(algorithm.missing("rsaEncryption"))
        }
    }

    /// A number that is not negative, without the zero that keeps it so; 0 has no bytes.
    fn integer(&mut self, expected: &'static str) -> Result<&'a [u8], KeyError> {
        let error = self.missing(expected);
        match self.read(INTEGER, expected)?.bytes {
            [0, number @ ..] if number.first().is_none_or(|&first| first >= 0x80) => Ok(number),
            number @ [1..0x80, ..] => Ok(number),
            _ => Err(error),
        }
    }

    /// The content of the next value.
    fn read(&mut self, tag: u8, expected: &'static str) -> Result<Self, KeyError> {
        let error = self.missing(expected);
        let content = self.read_content(tag).ok_or(error)?;
        Ok(Self {
            bytes: content,
            offset: self.offset - content.len(),
        })
    }

    fn read_content(&mut self, tag: u8) -> Option<&'a [u8]> {
        let [found, length] = *self.take(2)?.as_array()?;
        let length = match length {
            0..=0x7f => length.into(),
            0x81 => self
                .take(1)
                .map(|bytes| bytes[0].into())
                .filter(|&length| length >= 0x80)?,
            0x82 => {
                let length = u16::from_be_bytes(*self.take(2)?.as_array()?);
                (length >= 0x100).then_some(length.into())?
            }
            // No key is longer than that, and other forms are not DER.
            _ => return None,
        };
        if found == tag {
            self.take(length)
        } else {
            None
        }
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        self.offset += length;
        Some(taken)
    }

    fn end(&self) -> Result<(), KeyError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(self.missing("end"))
        }
    }

    fn missing(&self, expected: &'static str) -> KeyError {
        KeyError::Der {
            offset_bytes: self.offset,
            expected,
        }
    }
}
