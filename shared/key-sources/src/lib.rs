#![doc = include_str!("../README.md")]

mod https_key_source;
mod https_url;
mod ssm_key_source;
#[cfg(test)]
mod test_server;

pub use https_key_source::HttpsKeySource;
pub use https_url::InvalidUrl;
pub use ssm_key_source::SsmKeySource;

/// The most that a source answers, as the port promises.
const MAX_BYTES: usize = 64 * 1024;

const FETCH: &str = "fetch an issuer's keys";
