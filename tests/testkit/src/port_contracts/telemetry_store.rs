//! The contract of [`TelemetryStore`].

use sci_domain::{
    ports::TelemetryStore,
    telemetry::{MeasureValue, TelemetryRecord},
    timestamp::Timestamp,
};

use super::samples::{at, key, reading};

/// Checks a store, which must be switched on, against the contract of [`TelemetryStore`]. `day` is a time of today.
///
/// # Panics
/// When the store breaks the contract.
pub async fn telemetry_store<S: TelemetryStore>(store: &S, day: Timestamp) {
    let record = |seconds, version, degrees| TelemetryRecord {
        version,
        values: vec![("temperature", MeasureValue::Double(degrees))],
        ..TelemetryRecord::from(&reading(&key("telemetry"), at(day, seconds), 36.0))
    };
    let write = async |records: &[TelemetryRecord]| {
        let rejected = store.write(records).await.unwrap();
        rejected
            .iter()
            .map(|record| record.index)
            .collect::<Vec<_>>()
    };
    assert_eq!(write(&[]).await, [0; 0]);
    assert_eq!(
        write(&[record(0, 5, 36.0), record(1, 5, 21.0)]).await,
        [0; 0]
    );
    assert_eq!(
        write(&[record(0, 5, 36.0)]).await,
        [0; 0],
        "writing again changes nothing"
    );
    assert_eq!(
        write(&[record(0, 6, 37.0)]).await,
        [0; 0],
        "a higher version replaces"
    );
    assert_eq!(
        write(&[record(0, 5, 36.0)]).await,
        [0; 0],
        "an outdated record is no loss"
    );
    // One that cannot be stored does not keep the others out.
    let mixed = [record(2, 5, 36.0), record(0, 6, 40.0), record(3, 5, 36.0)];
    assert_eq!(
        write(&mixed).await,
        [1],
        "the same version with other values"
    );
    assert_eq!(
        write(&[record(2, 5, 36.0), record(3, 5, 36.0)]).await,
        [0; 0]
    );
}
