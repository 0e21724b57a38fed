//! The signed part of a token: a compact JWS whose payload is not looked at yet.

use crate::{
    Rejection, VerifyingKey,
    header::Header,
    segment::{Segments, decode},
};

/// The longest token that is looked at. With the largest signature (RSA, 4096 bits) it leaves more than 5 KB to the claims.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// A well-formed compact JWS (RFC 7515, section 7.1). Nothing in it is believed.
pub(crate) struct Jws<'t> {
    pub(crate) header: Header,
    pub(crate) payload: Vec<u8>,
    signing_input: &'t [u8],
    signature: Vec<u8>,
}

impl<'t> Jws<'t> {
    pub(crate) fn parse(token: &'t [u8]) -> Result<Self, Rejection> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Rejection::TooLong);
        }
        let segments = Segments::split(token)?;
        let decode = |segment| decode(segment).ok_or(Rejection::Base64url);
        let header = decode(segments.header)?;
        let payload = decode(segments.payload)?;
        let signature = decode(segments.signature)?;
        Ok(Self {
            header: Header::read(&header)?,
            payload,
            signing_input: segments.signing_input,
            signature,
        })
    }

    /// Checks the signature. The key decides with which algorithm; that of the header must be the same (RFC 8725, section 3.1).
    pub(crate) fn verify(&self, key: &VerifyingKey) -> Result<(), Rejection> {
        if self.header.algorithm != key.algorithm() {
            return Err(Rejection::AlgMismatch);
        }
        if !key.verifies(self.signing_input, &self.signature) {
            return Err(Rejection::Signature);
        }
        Ok(())
    }
}
