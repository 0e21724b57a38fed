//! Settings of the function, read once at its start. What is wrong with them ends it there: an authorizer that guesses is
//! worse than one that does not start.

use std::{error::Error, fmt};

use sci_adapters::{
    aws_clients::AwsClients, dynamodb_device_keys::DynamoDbDeviceKeys,
    dynamodb_revocations::DynamoDbRevocations,
};
use sci_domain::{
    access::{ArnPrefix, KeySource, RefreshInterval},
    ports::PortFailure,
    settings::InvalidSetting,
};
use sci_key_sources::{HttpsKeySource, SsmKeySource};
use sci_lambda::{Env, system_clock};

use crate::{
    handler::{Handler, Keys, Settings, Trusted},
    issuers::{self, InvalidIssuers, Issuer, KeysFrom, Published},
    key_ring::{Clock, KeyRing, log_dropped},
};

/// The settings.
pub struct Config {
    settings: Settings,
    issuers: Vec<Issuer>,
    keys_parameter: Option<String>,
    revocations_table: String,
    device_keys_table: String,
}

/// A setting that cannot be used.
#[derive(Debug)]
pub enum InvalidConfig {
    /// One that stands alone.
    Setting(InvalidSetting),
    /// The issuers.
    Issuers(InvalidIssuers),
}

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting(invalid) => invalid.fmt(f),
            Self::Issuers(invalid) => invalid.fmt(f),
        }
    }
}

impl Error for InvalidConfig {}

impl From<InvalidSetting> for InvalidConfig {
    fn from(invalid: InvalidSetting) -> Self {
        Self::Setting(invalid)
    }
}

impl From<InvalidIssuers> for InvalidConfig {
    fn from(invalid: InvalidIssuers) -> Self {
        Self::Issuers(invalid)
    }
}

/// A place where an issuer publishes its keys.
pub enum Source {
    /// An SSM parameter.
    Parameter(SsmKeySource),
    /// A URL.
    Url(HttpsKeySource),
}

impl KeySource for Source {
    async fn fetch(&self) -> Result<Vec<u8>, PortFailure> {
        match self {
            Self::Parameter(source) => source.fetch().await,
            Self::Url(source) => source.fetch().await,
        }
    }
}

/// The function as it runs in AWS.
pub type AwsHandler = Handler<DynamoDbRevocations, DynamoDbDeviceKeys, Source, Clock>;

impl Config {
    /// Reads the settings that `functions/README.md` lists.
    ///
    /// # Errors
    /// The first one that is missing or breaks its rule.
    pub fn read(env: &Env) -> Result<Self, InvalidConfig> {
        let invalid = |name, rule| InvalidSetting { name, rule };
        let arn = "an ARN prefix such as arn:aws:iot:eu-west-1:123456789012";
        let prefix = ArnPrefix::parse(env.required("IOT_ARN_PREFIX", arn)?);
        let refresh = match env.optional("SESSION_REFRESH_SECONDS") {
            None => Some(RefreshInterval::default()),
            Some(text) => text
                .parse()
                .ok()
                .and_then(|seconds| RefreshInterval::from_secs(seconds).ok()),
        };
        let signing = "required or disabled";
        let signing_required = match env.required("TOKEN_SIGNING", signing)? {
            "required" => true,
            "disabled" => false,
            _ => return Err(invalid("TOKEN_SIGNING", signing).into()),
        };
        let read = issuers::read(env.required("JWT_ISSUERS", "a JSON array")?, |key| {
            log_dropped("JWT_ISSUERS", key);
        });
        Ok(Self {
            settings: Settings {
                arn: prefix.map_err(|_| invalid("IOT_ARN_PREFIX", arn))?,
                refresh: refresh
                    .ok_or_else(|| invalid("SESSION_REFRESH_SECONDS", "300 to 86400"))?,
                signing_required,
            },
            issuers: read?,
            keys_parameter: env.optional("JWT_KEYS_PARAMETER").map(str::to_owned),
            revocations_table: env
                .required("REVOCATIONS_TABLE", "the name of a table")?
                .to_owned(),
            device_keys_table: env
                .required("DEVICE_KEYS_TABLE", "the name of a table")?
                .to_owned(),
        })
    }

    /// Puts the function together on AWS.
    ///
    /// # Errors
    /// When an issuer's keys are in a parameter that is not named, or at a URL that is none.
    pub fn connect(self, clients: &AwsClients) -> Result<AwsHandler, InvalidConfig> {
        let mut trusted = Vec::with_capacity(self.issuers.len());
        for (index, issuer) in self.issuers.into_iter().enumerate() {
            let parameter = self.keys_parameter.as_deref();
            trusted.push(trust(issuer, index, parameter, clients)?);
        }
        let dynamodb = clients.dynamodb();
        Ok(Handler {
            settings: self.settings,
            issuers: trusted,
            revocations: DynamoDbRevocations::new(dynamodb.clone(), self.revocations_table),
            devices: DynamoDbDeviceKeys::new(dynamodb, self.device_keys_table),
            clock: system_clock::now,
        })
    }
}

fn trust(
    issuer: Issuer,
    index: usize,
    parameter: Option<&str>,
    clients: &AwsClients,
) -> Result<Trusted<Source>, InvalidConfig> {
    let broken = |rule| InvalidIssuers {
        index: Some(index),
        rule,
    };
    let ring = |source, published: Published| {
        let issuer = issuer.expectation.issuer.clone();
        let Published { limits, snapshot } = published;
        Keys::Published(KeyRing::new(
            issuer,
            source,
            limits,
            snapshot,
            system_clock::now,
        ))
    };
    let keys = match issuer.keys {
        KeysFrom::Inline(keys) => Keys::Fixed(keys),
        KeysFrom::Devices => Keys::Devices,
        KeysFrom::Parameter(published) => {
            let name = parameter.ok_or_else(|| {
                let rule = "keys are in the parameter, so JWT_KEYS_PARAMETER must name one";
                broken(rule.to_owned())
            })?;
            let source = SsmKeySource::new(clients, name.to_owned());
            ring(Source::Parameter(source), published)
        }
        KeysFrom::Url(url, published) => {
            let source = HttpsKeySource::new(&url);
            let source = source.map_err(|invalid| broken(format!("url {invalid}")))?;
            ring(Source::Url(source), published)
        }
    };
    Ok(Trusted {
        expectation: issuer.expectation,
        scopes: issuer.scopes,
        keys,
    })
}
