//! One PEM block, RFC 7468.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::InvalidCertificate;

/// The longest PEM text that is looked at. A certificate of AWS IoT has about 1,200 bytes.
pub const MAX_PEM_BYTES: usize = 16 * 1024;

/// The bytes in the one block of `pem`, which must have this label.
pub(crate) fn decode(pem: &str, label: &str) -> Result<Vec<u8>, InvalidCertificate> {
    if pem.len() > MAX_PEM_BYTES {
        return Err(InvalidCertificate::TooLong);
    }
    let boundary = |line: Option<&str>, word: &str| {
        line.and_then(|line| line.strip_prefix("-----"))
            .and_then(|line| line.strip_prefix(word))
            .and_then(|line| line.strip_suffix("-----"))
            == Some(label)
    };
    let mut lines = pem.lines();
    if !boundary(lines.next(), "BEGIN ") {
        return Err(InvalidCertificate::NotPem);
    }
    let mut base64 = String::with_capacity(pem.len());
    loop {
        match lines.next() {
            None => return Err(InvalidCertificate::NotPem),
            line if boundary(line, "END ") => break,
            Some(line) => base64.push_str(line),
        }
    }
    if lines.next().is_some() {
        return Err(InvalidCertificate::TrailingText);
    }
    STANDARD
        .decode(base64)
        .map_err(|_| InvalidCertificate::Base64)
}
