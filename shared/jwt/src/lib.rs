#![doc = include_str!("../README.md")]

mod algorithm;
mod claims;
mod ed25519_points;
mod header;
mod identifier;
mod jwk;
mod jws;
mod key;
mod key_cache;
mod key_defect;
mod key_set;
mod numeric_date;
mod rejection;
mod segment;
mod strict_json;
mod token;
#[cfg(test)]
mod wycheproof;

pub use algorithm::Algorithm;
pub use claims::{Claims, MAX_AUDIENCES};
pub use jws::MAX_TOKEN_BYTES;
pub use key::VerifyingKey;
pub use key_cache::{CacheLimits, Freshness, KeyCache, Lookup};
pub use key_defect::{InvalidKeySet, KeyDefect};
pub use key_set::{DroppedKey, KeySet, Loaded, MAX_KEY_SET_BYTES, MAX_KEYS};
pub use rejection::Rejection;
pub use strict_json::MAX_DEPTH;
pub use token::{Expectation, LEEWAY, UnverifiedToken};
