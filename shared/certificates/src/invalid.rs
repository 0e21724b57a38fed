//! Why a certificate is refused.

use sci_domain::{reasons, rsa_modulus::WeakModulus};

reasons! {
    /// Why a certificate is refused. Neither the code nor the text holds anything that the certificate says.
    pub enum InvalidCertificate {
        /// More than [`MAX_PEM_BYTES`](crate::MAX_PEM_BYTES). Nothing else was looked at.
        TooLong => "certificate-too-long": "the certificate is longer than 16 KiB",
        /// No block between `-----BEGIN CERTIFICATE-----` and `-----END CERTIFICATE-----` (RFC 7468, section 5.1).
        NotPem => "certificate-not-pem": "the certificate is not one PEM block",
        /// Text behind the block: a chain, a private key, a comment.
        TrailingText => "certificate-trailing-text": "something follows the PEM block of the certificate",
        /// Other characters, no padding, or bits behind the end (RFC 4648, sections 3.5 and 4).
        Base64 => "certificate-base64": "the PEM block of the certificate is not canonical base64",
        /// An encoding that BER allows and DER does not (X.690, sections 10 and 11), or a length beyond the end.
        NotDer => "certificate-not-der": "the certificate is not DER",
        /// DER, but not `Certificate` of RFC 5280, section 4.1: other fields, or more of them.
        NotACertificate => "certificate-malformed": "the certificate does not have the structure of RFC 5280",
        /// X.509 v1 or v2. Plain `openssl x509 -req` makes v1, which has no extensions to say that it is no CA.
        NotVersion3 => "certificate-not-v3": "the certificate is not X.509 version 3",
        /// The signed part names another signature algorithm than the signature (RFC 5280, section 4.1.1.2).
        AlgorithmMismatch => "certificate-algorithm-mismatch": "the certificate names two signature algorithms",
        /// A time that is no UTCTime or GeneralizedTime as in RFC 5280, section 4.1.2.5, before 1970, or an end before the beginning.
        Validity => "certificate-validity-malformed": "the validity of the certificate is not two times in order between 1970 and 9999",
        /// An extension stands twice (RFC 5280, section 4.2).
        ExtensionTwice => "certificate-extension-twice": "an extension stands twice in the certificate",
        /// An extension that decides and that is not known here (RFC 5280, section 4.2).
        ExtensionCritical => "certificate-extension-critical": "an extension of the certificate is critical and not known here",
        /// The device's own certificate could sign further ones (RFC 5280, section 4.2.1.9).
        IsACa => "certificate-is-a-ca": "the certificate is that of a certificate authority",

        /// An attribute that is read stands twice: which one is meant?
        SubjectTwice => "subject-twice": "the subject has an attribute twice",
        /// A value that is neither `UTF8String` nor `PrintableString` (RFC 5280, section 4.1.2.4).
        SubjectNotText => "subject-not-text": "a value of the subject is neither UTF8String nor PrintableString",
        /// A value that is not 1 to 64 printable ASCII characters (RFC 5280, appendix A.1, `ub-common-name`).
        SubjectNotPrintable => "subject-not-printable": "a value of the subject is not 1 to 64 printable ASCII characters",

        /// Neither RSA nor elliptic curve: Ed25519, DSA, RSA-PSS.
        KeyAlgorithm => "key-algorithm": "the key is neither RSA nor of an elliptic curve",
        /// Not the one spelling of RFC 3279, sections 2.3.1 and 2.3.5.
        KeyMalformed => "key-malformed": "the key is not encoded as its algorithm asks",
        /// A curve other than P-256, P-384 and P-521, or one that the certificate defines itself (CVE-2020-0601).
        KeyCurve => "key-curve": "the key is not on P-256, P-384 or P-521",
        /// Compressed, at infinity, or not on the curve (SEC 1, section 2.3.4).
        KeyPoint => "key-point": "the key is not an uncompressed point of its curve",
        /// A modulus of fewer than 2,048 or more than 4,096 bits.
        KeyRsaSize => "key-rsa-size": "the RSA modulus does not have 2048 to 4096 bits",
        /// An exponent other than 65537.
        KeyRsaExponent => "key-rsa-exponent": "the RSA exponent is not 65537",
        /// A modulus that one division factors.
        KeyRsaSmallFactor => "key-rsa-small-factor": "the RSA modulus has a small factor",
        /// A modulus of the flawed library in some smart cards and TPMs (CVE-2017-15361).
        KeyRsaRoca => "key-rsa-roca": "the RSA modulus has the fingerprint of ROCA",
    }
}

impl From<WeakModulus> for InvalidCertificate {
    fn from(weak: WeakModulus) -> Self {
        match weak {
            WeakModulus::Size => Self::KeyRsaSize,
            WeakModulus::SmallFactor => Self::KeyRsaSmallFactor,
            WeakModulus::Roca => Self::KeyRsaRoca,
        }
    }
}
