//! Public keys: `SubjectPublicKeyInfo`, RFC 5280, section 4.1.2.7, with RFC 3279 and RFC 5480.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ParsedPublicKey,
    VerificationAlgorithm,
};

use sci_domain::rsa_modulus;

use crate::{
    InvalidCertificate,
    der::{Element, Reader},
};

/// The contents of object identifiers: `rsaEncryption`, 1.2.840.113549.1.1.1, and `id-ecPublicKey`, 1.2.840.10045.2.1.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];

/// NULL, the parameters of an RSA key.
const NULL: &[u8] = &[5, 0];

/// The parameters of an elliptic curve's key: its object identifier.
const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x22];
const P521: &[u8] = &[6, 5, 0x2b, 0x81, 4, 0, 0x23];

/// 65537, the only exponent that is taken.
const EXPONENT: &[u8] = &[1, 0, 1];

/// The kinds of keys that AWS IoT takes.
///
/// Source: AWS IoT developer guide, "X.509 client certificates". It takes RSA keys of more than 4,096 bits too; nothing here does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA.
    Rsa {
        /// The size of the modulus, 2,048 to 4,096.
        bits: u32,
    },
    /// NIST P-256.
    EcP256,
    /// NIST P-384.
    EcP384,
    /// NIST P-521.
    EcP521,
}

/// A key that is fit for use and has no second spelling.
pub(crate) struct PublicKey<'d> {
    pub(crate) kind: KeyKind,
    /// `RSAPublicKey` as DER, or the uncompressed point.
    pub(crate) bytes: &'d [u8],
}

impl<'d> PublicKey<'d> {
    /// Reads `SubjectPublicKeyInfo`.
    pub(crate) fn read(info: Element<'d>) -> Result<Self, InvalidCertificate> {
        let mut info = info.fields();
        let mut algorithm = info.sequence()?;
        let bytes = info.octets()?;
        info.end()?;
        let id = algorithm.oid()?;
        let parameters = if algorithm.is_empty() {
            &[]
        } else {
            algorithm.any()?.encoding
        };
        algorithm.end()?;
        let kind = match (id, parameters) {
            (RSA, NULL) => rsa(bytes)?,
            (RSA, _) => return Err(InvalidCertificate::KeyMalformed),
            (EC, P256) => ec(KeyKind::EcP256, &ECDSA_P256_SHA256_ASN1, bytes)?,
            (EC, P384) => ec(KeyKind::EcP384, &ECDSA_P384_SHA384_ASN1, bytes)?,
            (EC, P521) => ec(KeyKind::EcP521, &ECDSA_P521_SHA512_ASN1, bytes)?,
            (EC, _) => return Err(InvalidCertificate::KeyCurve),
            _ => return Err(InvalidCertificate::KeyAlgorithm),
        };
        Ok(Self { kind, bytes })
    }
}

/// `SEQUENCE { modulus INTEGER, publicExponent INTEGER }`: RFC 3279, section 2.3.1.
fn rsa(key: &[u8]) -> Result<KeyKind, InvalidCertificate> {
    let numbers = || {
        let mut key = Reader::new(key);
        let mut numbers = key.sequence()?;
        key.end()?;
        let (modulus, exponent) = (numbers.integer()?, numbers.integer()?);
        numbers.end()?;
        Ok((modulus, exponent))
    };
    let (modulus, exponent) =
        numbers().map_err(|_: InvalidCertificate| InvalidCertificate::KeyMalformed)?;
    let modulus = match modulus {
        [0, modulus @ ..] => modulus,
        [0x80..=0xff, ..] => return Err(InvalidCertificate::KeyMalformed), // negative
        modulus => modulus,
    };
    let bits = rsa_modulus::check(modulus)?;
    if exponent != EXPONENT {
        return Err(InvalidCertificate::KeyRsaExponent);
    }
    Ok(KeyKind::Rsa { bits })
}

/// A point: 4 and both coordinates (SEC 1, section 2.3.3). aws-lc checks that it is a whole one and on the curve; it would take
/// other encodings too.
fn ec(
    kind: KeyKind,
    algorithm: &'static dyn VerificationAlgorithm,
    point: &[u8],
) -> Result<KeyKind, InvalidCertificate> {
    if point.first() == Some(&4) && ParsedPublicKey::new(algorithm, point).is_ok() {
        Ok(kind)
    } else {
        Err(InvalidCertificate::KeyPoint)
    }
}
