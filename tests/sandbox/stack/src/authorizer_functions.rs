//! The functions behind custom authorizers, as far as their resource policies let AWS IoT call them.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use iot_gateway::AuthorizerFunctions;
use lambda_host::{InvokeOptions, LambdaHost};
use sam_template::Permission;

use crate::options::ACCOUNT;

/// Functions with their permissions.
pub(crate) struct PermittedFunctions {
    pub(crate) lambda: Arc<LambdaHost>,
    pub(crate) permissions: Vec<Permission>,
}

impl AuthorizerFunctions for PermittedFunctions {
    fn invoke(
        &self,
        function_arn: &str,
        authorizer_arn: &str,
        event: Bytes,
    ) -> BoxFuture<'_, Result<Bytes, String>> {
        let mut permissions = self.permissions.iter();
        let permitted = permissions
            .any(|p| p.allows(function_arn, "iot.amazonaws.com", authorizer_arn, ACCOUNT));
        let function = function_arn.to_owned();
        Box::pin(async move {
            if !permitted {
                return Err(format!(
                    "no AWS::Lambda::Permission lets this authorizer invoke {function}"
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
