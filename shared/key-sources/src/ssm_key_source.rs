//! A JWK Set in a parameter of SSM Parameter Store.

use aws_sdk_ssm::{
    Client,
    types::{Parameter, ParameterType},
};
use sci_adapters::{
    aws_clients::{AwsClients, Lazily},
    sdk_error::{failure, misconfigured},
};
use sci_domain::{access::KeySource, ports::PortFailure};

use crate::{FETCH, MAX_BYTES};

#[cfg(test)]
mod tests;

/// [`KeySource`] in one parameter of type `String`.
#[derive(Debug, Clone)]
pub struct SsmKeySource {
    client: Lazily<Client>,
    parameter: String,
}

impl SsmKeySource {
    /// Reads `parameter`, a name or an ARN. Nothing is called and no client is built yet.
    #[must_use]
    pub fn new(clients: &AwsClients, parameter: String) -> Self {
        Self {
            client: clients.client(Client::new),
            parameter,
        }
    }
}

impl KeySource for SsmKeySource {
    async fn fetch(&self) -> Result<Vec<u8>, PortFailure> {
        let answer = self
            .client
            .get()
            .get_parameter()
            .name(&self.parameter)
            .send()
            .await
            .map_err(|error| failure(FETCH, error))?;
        let parameter = answer
            .parameter
            .unwrap_or_else(|| Parameter::builder().build());
        if parameter.r#type != Some(ParameterType::String) {
            let rule = "the parameter must have the type String: public keys need no encryption";
            return Err(misconfigured(FETCH, rule));
        }
        let value = parameter.value.unwrap_or_default();
        if value.len() > MAX_BYTES {
            let rule = format!("the parameter is longer than {MAX_BYTES} bytes");
            return Err(misconfigured(FETCH, rule));
        }
        Ok(value.into_bytes())
    }
}
