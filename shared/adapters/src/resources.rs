//! The AWS resources of an alarm function, by the names in its environment.

use std::collections::BTreeMap;

use sci_domain::{settings::InvalidSetting, timestamp::Millis};

use crate::{
    aws_clients::AwsClients,
    dynamodb_alarm_store::{DynamoDbAlarmStore, Tables},
    sns_publisher::SnsPublisher,
    sqs_refused_messages::SqsRefusedMessages,
    timestream_telemetry_store::TimestreamTelemetryStore,
};

/// Names of tables, topic and queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmResources {
    /// The DynamoDB tables.
    pub tables: Tables,
    /// The SNS topic of the alarms.
    pub topic_arn: String,
    /// The SQS queue of refused messages.
    pub refused_queue_url: String,
    /// Timestream's database and table; none when it is switched off.
    pub timestream: Option<(String, String)>,
    /// How long rows of readings are kept.
    pub reading_ttl: Millis,
}

/// The adapters of an alarm function.
#[derive(Debug)]
pub struct AlarmAdapters {
    /// Alarms, readings and the outbox.
    pub store: DynamoDbAlarmStore,
    /// Where people are told.
    pub publisher: SnsPublisher,
    /// The time-series store.
    pub telemetry: TimestreamTelemetryStore,
    /// Where refused messages are kept.
    pub refused: SqsRefusedMessages,
}

impl AlarmResources {
    /// Reads the names from `environment`: `HIGH_TEMPS_TABLE` (only functions that store readings), `ALARMS_TABLE`,
    /// `OUTBOX_TABLE`, `PROPERTIES_TABLE`, `ALARM_TOPIC_ARN`, `REFUSED_QUEUE_URL`, `TIMESTREAM_DATABASE` and
    /// `TIMESTREAM_TABLE` (both empty: off), `READING_TTL_DAYS` (1 to 3650, default 90).
    ///
    /// # Errors
    /// The first name that is missing or breaks its rule.
    pub fn read(environment: &BTreeMap<String, String>) -> Result<Self, InvalidSetting> {
        let optional = |name: &str| {
            let value = environment.get(name).map(|value| value.trim());
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let required = |name: &'static str, rule: &'static str| {
            optional(name).ok_or(InvalidSetting { name, rule })
        };
        const TABLE: &str = "the name of a DynamoDB table";
        let days = optional("READING_TTL_DAYS").unwrap_or_else(|| "90".to_owned());
        let days = days.parse().ok().filter(|days| (1..=3650).contains(days));
        let days: u64 = days.ok_or(InvalidSetting {
            name: "READING_TTL_DAYS",
            rule: "a number of days from 1 to 3650",
        })?;
        let timestream = match (
            optional("TIMESTREAM_DATABASE"),
            optional("TIMESTREAM_TABLE"),
        ) {
            (Some(database), Some(table)) => Some((database, table)),
            (None, None) => None,
            _ => {
                return Err(InvalidSetting {
                    name: "TIMESTREAM_TABLE",
                    rule: "set together with TIMESTREAM_DATABASE, or both empty to switch Timestream off",
                });
            }
        };
        let topic_arn = required("ALARM_TOPIC_ARN", "the ARN of an SNS topic")?;
        let queue_url = required("REFUSED_QUEUE_URL", "the URL of an SQS queue")?;
        Ok(Self {
            tables: Tables {
                high_temps: optional("HIGH_TEMPS_TABLE"),
                alarms: required("ALARMS_TABLE", TABLE)?,
                outbox: required("OUTBOX_TABLE", TABLE)?,
                properties: required("PROPERTIES_TABLE", TABLE)?,
            },
            topic_arn,
            refused_queue_url: queue_url,
            timestream,
            reading_ttl: Millis::from_secs(days.saturating_mul(86_400)),
        })
    }

    /// Requires the table of readings.
    ///
    /// # Errors
    /// When `HIGH_TEMPS_TABLE` is not set.
    pub fn storing_readings(self) -> Result<Self, InvalidSetting> {
        if self.tables.high_temps.is_some() {
            return Ok(self);
        }
        Err(InvalidSetting {
            name: "HIGH_TEMPS_TABLE",
            rule: "the name of a DynamoDB table",
        })
    }

    /// The adapters of `function`. Nothing is called and no client is built yet.
    #[must_use]
    pub fn connect(self, clients: &AwsClients, function: &'static str) -> AlarmAdapters {
        AlarmAdapters {
            store: DynamoDbAlarmStore::new(clients.dynamodb(), self.tables, self.reading_ttl),
            publisher: SnsPublisher::new(clients.sns(), self.topic_arn),
            telemetry: self
                .timestream
                .map_or(TimestreamTelemetryStore::Off, |(database, table)| {
                    TimestreamTelemetryStore::new(clients, database, table)
                }),
            refused: SqsRefusedMessages::new(clients.sqs(), self.refused_queue_url, function),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> BTreeMap<String, String> {
        [
            ("ALARMS_TABLE", "Alarms"),
            ("OUTBOX_TABLE", "Outbox"),
            ("PROPERTIES_TABLE", "Properties"),
            (
                "ALARM_TOPIC_ARN",
                "arn:aws:sns:eu-west-1:123456789012:alarms",
            ),
            ("REFUSED_QUEUE_URL", "http://localhost/123456789012/refused"),
            ("TIMESTREAM_DATABASE", ""),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn timestream_and_readings_are_optional() {
        let resources = AlarmResources::read(&environment()).unwrap();
        assert_eq!(resources.timestream, None);
        assert_eq!(resources.reading_ttl, Millis::from_secs(90 * 86_400));
        let missing = resources.storing_readings().unwrap_err();
        assert_eq!(missing.name, "HIGH_TEMPS_TABLE");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for name in environment()
            .keys()
            .filter(|name| *name != "TIMESTREAM_DATABASE")
        {
            let mut broken = environment();
            broken.remove(name);
            assert_eq!(AlarmResources::read(&broken).unwrap_err().name, name);
        }
        for (name, value) in [
            ("READING_TTL_DAYS", "0"),
            ("READING_TTL_DAYS", "ever"),
            ("TIMESTREAM_TABLE", "EnvironmentalData"),
        ] {
            let mut broken = environment();
            broken.insert(name.to_owned(), value.to_owned());
            assert_eq!(AlarmResources::read(&broken).unwrap_err().name, name);
        }
    }
}
