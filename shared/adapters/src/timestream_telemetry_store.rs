//! Telemetry in Timestream for LiveAnalytics, or nowhere where an account does not have it.

use aws_sdk_timestreamwrite::{
    Client,
    endpoint_discovery::ReloadEndpoint,
    error::BuildError,
    operation::write_records::WriteRecordsError,
    types::{
        Dimension, MeasureValue as WireValue, MeasureValueType, Record, TimeUnit,
        error::RejectedRecordsException,
    },
};
use sci_domain::{
    ports::{FailureKind, PortFailure, RejectedRecord, TelemetryStore},
    telemetry::{MeasureValue, TelemetryRecord},
};
use tokio::sync::OnceCell;

use crate::{
    aws_clients::{AwsClients, Lazily},
    sdk_error::{failure, misconfigured, other},
};

const WRITE: &str = "write telemetry";

/// [`TelemetryStore`] in one Timestream table, or switched off.
#[derive(Debug)]
pub enum TimestreamTelemetryStore {
    /// Records go to a table.
    On(Box<TimestreamTable>),
    /// Nothing is stored: Timestream for LiveAnalytics takes no new customers since 2025-06-20.
    Off,
}

/// A Timestream table with the endpoint to reach it.
#[derive(Debug)]
pub struct TimestreamTable {
    client: Lazily<Client>,
    discovers: bool,
    discovered: OnceCell<(Client, ReloadEndpoint)>,
    database: String,
    table: String,
}

impl TimestreamTelemetryStore {
    /// A store in `table` of `database`.
    #[must_use]
    pub fn new(clients: &AwsClients, database: String, table: String) -> Self {
        Self::On(Box::new(TimestreamTable {
            client: clients.timestream(),
            discovers: clients.discovers_timestream(),
            discovered: OnceCell::new(),
            database,
            table,
        }))
    }
}

impl TimestreamTable {
    /// The client for the data plane: AWS gives each account a cell of its own, which must be asked for once.
    async fn client(&self) -> Result<&Client, PortFailure> {
        if !self.discovers {
            return Ok(self.client.get());
        }
        let discover = || async {
            let client = self.client.get().clone();
            client.with_endpoint_discovery_enabled().await
        };
        let discovered = self.discovered.get_or_try_init(discover).await;
        let (client, _) = discovered.map_err(|error| {
            other(
                "discover Timestream's endpoint",
                FailureKind::Unavailable,
                error,
            )
        })?;
        Ok(client)
    }

    async fn write(&self, records: &[TelemetryRecord]) -> Result<Vec<RejectedRecord>, PortFailure> {
        let wire: Result<Vec<_>, _> = records.iter().map(wire_record).collect();
        let written = self
            .client()
            .await?
            .write_records()
            .database_name(&self.database)
            .table_name(&self.table)
            .set_records(Some(wire.map_err(|error| misconfigured(WRITE, error))?))
            .send()
            .await;
        let Err(error) = written else {
            return Ok(Vec::new());
        };
        match error.as_service_error() {
            Some(WriteRecordsError::RejectedRecordsException(rejected)) => {
                Ok(refused_for_good(records, rejected))
            }
            Some(WriteRecordsError::InvalidEndpointException(_)) => {
                // The account moved to another cell. The retry of the event finds the new one.
                if let Some((_, endpoint)) = self.discovered.get() {
                    endpoint.reload_once().await;
                }
                Err(failure(WRITE, error))
            }
            _ => Err(failure(WRITE, error)),
        }
    }
}

impl TelemetryStore for TimestreamTelemetryStore {
    async fn write(&self, records: &[TelemetryRecord]) -> Result<Vec<RejectedRecord>, PortFailure> {
        match self {
            Self::Off => Ok(Vec::new()),
            Self::On(_) if records.is_empty() => Ok(Vec::new()),
            Self::On(table) => table.write(records).await,
        }
    }
}

/// The listed records only: Timestream stored the others. One that lost to a *newer* version of itself is not refused,
/// it is outdated, and what the port promises (the higher version stays) holds.
fn refused_for_good(
    records: &[TelemetryRecord],
    rejected: &RejectedRecordsException,
) -> Vec<RejectedRecord> {
    let listed = rejected.rejected_records().iter();
    let refused = listed.filter_map(|entry| {
        let index = usize::try_from(entry.record_index).ok()?;
        let ours = records.get(index).map(wire_version);
        let outdated = matches!((ours, entry.existing_version), (Some(ours), Some(existing)) if existing > ours);
        (!outdated).then(|| RejectedRecord {
            index,
            reason: entry.reason.clone().unwrap_or_else(|| "no reason".to_owned()),
        })
    });
    refused.collect()
}

fn wire_version(record: &TelemetryRecord) -> i64 {
    i64::try_from(record.version).unwrap_or(i64::MAX)
}

fn wire_record(record: &TelemetryRecord) -> Result<Record, BuildError> {
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let mut wire = Record::builder()
        .measure_name(record.measure)
        .measure_value_type(MeasureValueType::Multi)
        .time(record.at.as_millis().to_string())
        .time_unit(TimeUnit::Milliseconds)
        .version(wire_version(record))
        .dimensions(dimension("thing", record.thing.as_str())?);
    if let Some((property, device_type)) = &record.placement {
        wire = wire
            .dimensions(dimension("property_id", property.as_str())?)
            .dimensions(dimension("device_type", device_type.as_str())?);
    }
    if let Some(kind) = record.event_type {
        wire = wire.dimensions(dimension("event_type", kind.as_str())?);
    }
    for (name, value) in &record.values {
        let (kind, text) = match value {
            MeasureValue::Double(number) => (MeasureValueType::Double, number.to_string()),
            MeasureValue::BigInt(number) => (MeasureValueType::Bigint, number.to_string()),
            MeasureValue::Varchar(text) => (MeasureValueType::Varchar, text.clone()),
        };
        let value = WireValue::builder().name(*name).value(text).r#type(kind);
        wire = wire.measure_values(value.build()?);
    }
    Ok(wire.build())
}

#[cfg(test)]
mod tests {
    use aws_sdk_timestreamwrite::types::RejectedRecord as WireRejected;
    use sci_domain::{
        thing::{DeviceType, PropertyId, ThingName},
        timestamp::Timestamp,
    };

    use super::*;

    fn record(version: u64) -> TelemetryRecord {
        TelemetryRecord {
            thing: ThingName::parse("sci-property-001-environmental-0042").unwrap(),
            placement: Some((
                PropertyId::parse("property-001").unwrap(),
                DeviceType::parse("environmental").unwrap(),
            )),
            event_type: None,
            measure: "environment",
            at: Timestamp::from_millis(1_795_184_580_000).unwrap(),
            version,
            values: vec![("temperature", MeasureValue::Double(36.0))],
        }
    }

    #[test]
    fn whole_numbers_stay_doubles() {
        let wire = wire_record(&record(7)).unwrap();
        let value = &wire.measure_values()[0];
        assert_eq!(
            (value.value(), value.r#type()),
            ("36", &MeasureValueType::Double)
        );
        assert_eq!(wire.version(), Some(7));
        let names: Vec<_> = wire.dimensions().iter().map(Dimension::name).collect();
        assert_eq!(names, ["thing", "property_id", "device_type"]);
    }

    #[test]
    fn rejects_are_read_one_by_one_and_outdated_ones_are_no_loss() {
        let reject = |index, existing| {
            let entry = WireRejected::builder().record_index(index).reason("why");
            entry.set_existing_version(existing).build()
        };
        let rejected = RejectedRecordsException::builder()
            .rejected_records(reject(0, None))
            .rejected_records(reject(1, Some(9)))
            .rejected_records(reject(2, Some(5)))
            .build();
        let refused = refused_for_good(&[record(5), record(5), record(5)], &rejected);
        let indexes: Vec<_> = refused.iter().map(|r| r.index).collect();
        assert_eq!(indexes, [0, 2]);
    }
}
