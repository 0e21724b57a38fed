//! Settings of the function, read once at its start.

use std::ops::RangeInclusive;

use sci_adapters::{
    aws_clients::AwsClients,
    dynamodb_admission_store::{AdmissionTables, DynamoDbAdmissionStore},
    sqs_refused_messages::SqsRefusedMessages,
};
use sci_domain::{
    access::ArnPrefix,
    settings::InvalidSetting,
    timestamp::{Millis, Timestamp},
};
use sci_iot_control::IotRegistry;
use sci_lambda::{Env, system_clock};

use crate::handler::Handler;

const SECONDS_OF_A_DAY: u64 = 86_400;

/// The settings.
pub struct Config {
    tables: AdmissionTables,
    refused_queue: String,
    arn_prefix: String,
    fleet_group: String,
    events_per_hour: u64,
    pending_days: u64,
}

/// The function as it runs in AWS.
pub type AwsHandler =
    Handler<DynamoDbAdmissionStore, IotRegistry, SqsRefusedMessages, fn() -> Timestamp>;

impl Config {
    /// Reads the settings that `functions/jit-registration/README.md` lists.
    ///
    /// # Errors
    /// The first one that is missing or breaks its rule.
    pub fn read(env: &Env) -> Result<Self, InvalidSetting> {
        let text = |name, rule| env.required(name, rule).map(str::to_owned);
        let (name, rule) = (
            "IOT_ARN_PREFIX",
            "an ARN prefix such as arn:aws:iot:eu-west-1:123456789012",
        );
        let arn_prefix = text(name, rule)?;
        ArnPrefix::parse(&arn_prefix).map_err(|_| InvalidSetting { name, rule })?;
        Ok(Self {
            tables: AdmissionTables::read(env.texts())?,
            refused_queue: text("REFUSED_QUEUE_URL", "the URL of an SQS queue")?,
            fleet_group: text("FLEET_GROUP", "the name of a thing group")?,
            events_per_hour: number(
                env,
                ("CA_EVENTS_PER_HOUR", "1 to 100000"),
                1..=100_000,
                1000,
            )?,
            pending_days: number(env, ("PENDING_DAYS", "1 to 365"), 1..=365, 7)?,
            arn_prefix,
        })
    }

    /// The function on AWS. Nothing is called and no client is built yet.
    #[must_use]
    pub fn connect(self, clients: &AwsClients, function: &'static str) -> AwsHandler {
        Handler {
            store: DynamoDbAdmissionStore::new(clients.dynamodb(), self.tables),
            registry: IotRegistry::new(clients, self.arn_prefix, self.fleet_group),
            refused: SqsRefusedMessages::new(clients.sqs(), self.refused_queue, function),
            clock: system_clock::now,
            events_per_hour: self.events_per_hour,
            pending_for: Millis::from_secs(self.pending_days.saturating_mul(SECONDS_OF_A_DAY)),
        }
    }
}

fn number(
    env: &Env,
    (name, rule): (&'static str, &'static str),
    range: RangeInclusive<u64>,
    default: u64,
) -> Result<u64, InvalidSetting> {
    match env.optional(name) {
        None => Ok(default),
        Some(text) => {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or(InvalidSetting { name, rule })
        }
    }
}
