//! The functions that AWS IoT invokes by itself, as far as their resource policies let AWS IoT call them.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use iot_gateway::Functions;
use lambda_host::{InvokeOptions, LambdaHost};
use sam_template::Permission;

use crate::options::ACCOUNT;

/// Functions with their permissions.
pub(crate) struct PermittedFunctions {
    pub(crate) lambda: Arc<LambdaHost>,
    pub(crate) permissions: Vec<Permission>,
}

impl Functions for PermittedFunctions {
    fn invoke(
        &self,
        function_arn: &str,
        source_arn: &str,
        event: Bytes,
    ) -> BoxFuture<'_, Result<Bytes, String>> {
        let mut permissions = self.permissions.iter();
        let permitted =
            permissions.any(|p| p.allows(function_arn, "iot.amazonaws.com", source_arn, ACCOUNT));
        let (function, source) = (function_arn.to_owned(), source_arn.to_owned());
        Box::pin(async move {
            if !permitted {
                return Err(format!(
                    "no AWS::Lambda::Permission lets {source} invoke {function}"
                ));
            }
            let call = self
                .lambda
                .invoke(&function, event, InvokeOptions::default());
            let answer = call.await.map_err(|error| error.to_string())?;
            if answer.function_error {
                return Err(String::from_utf8_lossy(&answer.payload).into_owned());
            }
            Ok(answer.payload)
        })
    }
}
