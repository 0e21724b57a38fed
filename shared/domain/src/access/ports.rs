//! What a decision about a token needs of the world.

use std::future::Future;

use crate::{
    access::Scopes,
    ports::PortFailure,
    thing::{PropertyId, ThingName},
    timestamp::Timestamp,
};

/// What a verified token can be revoked by. Its texts passed the token's checks; they are still what a device sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credential<'a> {
    /// The claim `iss`: one of the configured issuers.
    pub issuer: &'a str,
    /// The header's `kid`.
    pub kid: &'a str,
    /// The claim `jti`, if the token has one.
    pub jti: Option<&'a str>,
    /// The claim `sub`.
    pub thing: &'a ThingName,
    /// The claim `iat`.
    pub issued_at: Timestamp,
}

/// What is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revoked {
    /// Everything that the issuer signed.
    Issuer,
    /// Everything that one key of the issuer signed.
    Key,
    /// Every token of the thing.
    Thing,
    /// This one token.
    Token,
}

/// The list of what is revoked.
pub trait Revocations {
    /// Whether `credential` is revoked at `now`, and by what; an entry must count from the moment it was written.
    fn find(
        &self,
        credential: Credential<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Revoked>, PortFailure>> + Send;
}

/// A device that signs its own tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Its public keys: a JWK Set as JSON text (RFC 7517, section 5).
    pub jwks: String,
    /// The property that its tokens must name.
    pub property: PropertyId,
    /// The most that its tokens may ask for: a device writes its own claims, so they prove nothing by themselves.
    pub scopes: Scopes,
}

/// The public keys of devices that sign their own tokens.
pub trait DeviceKeys {
    /// The record of `thing`; nothing for a device that is unknown or switched off.
    fn load(
        &self,
        thing: &ThingName,
    ) -> impl Future<Output = Result<Option<DeviceRecord>, PortFailure>> + Send;
}

/// Where an issuer publishes its keys.
pub trait KeySource {
    /// The JWK Set as it is published now, at most 64 KiB.
    fn fetch(&self) -> impl Future<Output = Result<Vec<u8>, PortFailure>> + Send;
}
