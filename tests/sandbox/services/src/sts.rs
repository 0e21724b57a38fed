//! STS: only the call that tells who one is, which the AWS CLI and many tools make first.

use bytes::Bytes;
use http::Response;

use crate::{
    api_error::ApiError,
    config::Config,
    wire::{Params, Protocol, STS},
};

/// Answers `GetCallerIdentity`.
///
/// # Errors
/// Every other operation, by name.
pub(crate) fn handle(
    config: &Config,
    operation: &str,
    body: &[u8],
) -> Result<Response<Bytes>, ApiError> {
    if operation != "GetCallerIdentity" {
        return Err(ApiError::unsupported(
            "InvalidAction",
            format!("the STS operation {operation}"),
        ));
    }
    Params::parse(body).finish(operation)?;
    let Protocol::Query { xmlns } = STS else {
        return Err(ApiError::new(500, "InternalFailure", "STS speaks query"));
    };
    Ok(Protocol::result(xmlns, operation, |xml| {
        xml.text(
            "Arn",
            &format!("arn:aws:iam::{}:user/sandbox", config.account_id),
        );
        xml.text("UserId", "AIDASANDBOX0000000000");
        xml.text("Account", &config.account_id);
    }))
}
