//! The port for functions that reach outside the message.

use std::fmt;

use crate::value::Value;

/// Why a function that reaches outside has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExternalFailure {
    /// The surroundings do not offer the function. `get_or_default` does not hide this.
    Unsupported {
        /// The SQL function.
        function: &'static str,
    },
    /// The call failed as it may fail in AWS: not found, denied, timed out.
    Failed {
        /// The SQL function.
        function: &'static str,
        /// What the other service said.
        reason: String,
    },
}

impl fmt::Display for ExternalFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { function } => {
                write!(
                    f,
                    "{function}() is not available here: no service is connected for it"
                )
            }
            Self::Failed { function, reason } => write!(f, "{function}() failed: {reason}"),
        }
    }
}

impl std::error::Error for ExternalFailure {}

/// Which form of a secret `get_secret` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretType {
    /// `SecretString`
    String,
    /// `SecretBinary`; answered in base64.
    Binary,
}

/// The services behind `aws_lambda`, `get_thing_shadow`, `get_dynamodb`, `get_registry_data`, `get_secret` and the
/// protobuf form of `decode`. Every method that is not implemented answers [`ExternalFailure::Unsupported`].
///
/// Answers are JSON texts as the service gives them. Calls block: run the evaluation where blocking is allowed.
pub trait External {
    /// Invokes a function synchronously with a JSON payload (AWS allows 2,000 ms) and answers its JSON result.
    ///
    /// # Errors
    /// [`ExternalFailure`], also when the function itself answers an error.
    fn aws_lambda(&self, function_arn: &str, payload: &str) -> Result<String, ExternalFailure> {
        let _ = (function_arn, payload);
        Err(ExternalFailure::Unsupported {
            function: "aws_lambda",
        })
    }

    /// The shadow document of a thing, of the classic shadow when `shadow` is `None`.
    ///
    /// # Errors
    /// [`ExternalFailure`]
    fn get_thing_shadow(
        &self,
        thing: &str,
        shadow: Option<&str>,
        role_arn: &str,
    ) -> Result<String, ExternalFailure> {
        let _ = (thing, shadow, role_arn);
        Err(ExternalFailure::Unsupported {
            function: "get_thing_shadow",
        })
    }

    /// The item with the given key as a plain JSON object (at most 8 KB). `key` holds the partition key and, if there is
    /// one, the sort key: names with a String, an Int or a Decimal.
    ///
    /// # Errors
    /// [`ExternalFailure`], also when there is no such item.
    fn get_dynamodb(
        &self,
        table: &str,
        key: &[(&str, Value)],
        role_arn: &str,
    ) -> Result<String, ExternalFailure> {
        let _ = (table, key, role_arn);
        Err(ExternalFailure::Unsupported {
            function: "get_dynamodb",
        })
    }

    /// The answer of `DescribeThing` or `ListThingGroupsForThing`.
    ///
    /// # Errors
    /// [`ExternalFailure`]
    fn get_registry_data(
        &self,
        api: &str,
        thing: &str,
        role_arn: &str,
    ) -> Result<String, ExternalFailure> {
        let _ = (api, thing, role_arn);
        Err(ExternalFailure::Unsupported {
            function: "get_registry_data",
        })
    }

    /// The current version of a secret: its text, or its bytes in base64.
    ///
    /// # Errors
    /// [`ExternalFailure`]
    fn get_secret(
        &self,
        secret_id: &str,
        secret_type: SecretType,
        role_arn: &str,
    ) -> Result<String, ExternalFailure> {
        let _ = (secret_id, secret_type, role_arn);
        Err(ExternalFailure::Unsupported {
            function: "get_secret",
        })
    }

    /// A protobuf message as JSON, read with the descriptor set at `s3://bucket/key`.
    ///
    /// # Errors
    /// [`ExternalFailure`]
    fn decode_protobuf(
        &self,
        message: &[u8],
        bucket: &str,
        key: &str,
        proto_file: &str,
        message_type: &str,
    ) -> Result<String, ExternalFailure> {
        let _ = (message, bucket, key, proto_file, message_type);
        Err(ExternalFailure::Unsupported {
            function: "decode(…, 'proto', …)",
        })
    }
}

/// Surroundings without any service.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoExternal;

impl External for NoExternal {}
