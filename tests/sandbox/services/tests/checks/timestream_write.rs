//! Timestream writes: validation, versions, partial rejection, retention.

use aws_sdk_timestreamwrite::{
    Client,
    operation::write_records::WriteRecordsError,
    types::{Dimension, MeasureValueType, Record, RejectedRecord},
};
use serde_json::json;

use crate::support::{NOW_MS, Stand, code};

pub const DB: &str = "SCI_Properties";
pub const TABLE: &str = "EnvironmentalData";

pub async fn stand(magnetic_writes: bool) -> (Stand, Client) {
    let stand = Stand::start().await;
    let create = |kind, id, properties| {
        let services = stand.services.clone();
        async move {
            services
                .create_resource(kind, id, &properties)
                .await
                .unwrap()
        }
    };
    create("AWS::Timestream::Database", DB, json!({})).await;
    let properties = json!({
        "DatabaseName": DB,
        "RetentionProperties": {"MemoryStoreRetentionPeriodInHours": "24", "MagneticStoreRetentionPeriodInDays": "365"},
        "MagneticStoreWriteProperties": {"EnableMagneticStoreWrites": magnetic_writes},
    });
    create(
        "AWS::Timestream::Table",
        "SCI_Properties|EnvironmentalData",
        properties,
    )
    .await;
    let client = stand.timestream();
    (stand, client)
}

pub fn dimension(name: &str, value: &str) -> Dimension {
    Dimension::builder()
        .name(name)
        .value(value)
        .build()
        .unwrap()
}

/// A DOUBLE of one thing, `age_ms` before now.
pub fn reading(
    name: &str,
    value: &str,
    age_ms: i64,
) -> aws_sdk_timestreamwrite::types::builders::RecordBuilder {
    let time = i64::try_from(NOW_MS).unwrap() - age_ms;
    Record::builder()
        .dimensions(dimension("property_id", "property-001"))
        .measure_name(name)
        .measure_value(value)
        .measure_value_type(MeasureValueType::Double)
        .time(time.to_string())
}

pub type Ingested = Result<i32, Vec<(i32, String, Option<i64>)>>;

/// Writes records: how many were ingested, or what was rejected.
pub async fn write(client: &Client, records: Vec<Record>) -> Ingested {
    let call = client
        .write_records()
        .database_name(DB)
        .table_name(TABLE)
        .set_records(Some(records));
    match call.send().await {
        Ok(answer) => Ok(answer.records_ingested.unwrap().total),
        Err(error) => match error.into_service_error() {
            WriteRecordsError::RejectedRecordsException(rejected) => {
                let entry = |record: &RejectedRecord| {
                    (
                        record.record_index,
                        record.reason().unwrap().to_owned(),
                        record.existing_version,
                    )
                };
                Err(rejected.rejected_records().iter().map(entry).collect())
            }
            other => panic!("{other:?}"),
        },
    }
}

/// The reason why a single record is rejected.
pub async fn reason(client: &Client, record: Record) -> String {
    let mut rejected = write(client, vec![record]).await.unwrap_err();
    assert_eq!((rejected.len(), rejected[0].0), (1, 0));
    rejected.remove(0).1
}

#[tokio::test]
async fn a_repeated_value_is_accepted_and_a_changed_one_needs_a_greater_version() {
    let (_stand, client) = stand(false).await;
    let at = |value: &str, version| reading("temperature", value, 1000).version(version).build();
    assert_eq!(write(&client, vec![at("33.2", 5)]).await, Ok(1));
    assert_eq!(
        write(&client, vec![at("33.20", 5)]).await,
        Ok(1),
        "the same value in another spelling"
    );
    assert_eq!(
        write(&client, vec![at("33.2", 1)]).await,
        Ok(1),
        "the same value with a smaller version"
    );
    for version in [4, 5] {
        let rejected = write(&client, vec![at("34", version)]).await.unwrap_err();
        assert_eq!((rejected[0].0, rejected[0].2), (0, Some(5)));
    }
    assert_eq!(write(&client, vec![at("34", 6)]).await, Ok(1));
    let rejected = write(&client, vec![at("33.2", 5)]).await.unwrap_err();
    assert_eq!(rejected[0].2, Some(6));
    let without = reading("temperature", "1", 1000).build();
    assert_eq!(
        write(&client, vec![without]).await.unwrap_err()[0].2,
        Some(6),
        "the default version is 1"
    );
}

#[tokio::test]
async fn a_partial_rejection_stores_the_others() {
    let (stand, client) = stand(false).await;
    let records = vec![
        reading("temperature", "20", 0).build(),
        reading("temperature", "21", 25 * 3_600_000).build(),
        reading("humidity", "40", 0).build(),
        reading("humidity", "41", 0).build(),
    ];
    let rejected = write(&client, records).await.unwrap_err();
    let indices: Vec<_> = rejected.iter().map(|record| (record.0, record.2)).collect();
    assert_eq!(indices, [(1, None), (3, Some(1))]);
    let query = json!({"QueryString": format!("SELECT COUNT(*) FROM {DB}.{TABLE}")});
    let (_, answer) = stand.json("timestream", "Query", query).await;
    assert_eq!(answer["Rows"][0]["Data"][0]["ScalarValue"], "2");
}

#[tokio::test]
async fn time_windows() {
    let (stand, client) = stand(false).await;
    assert_eq!(
        write(&client, vec![reading("t", "1", -15 * 60_000 + 1).build()]).await,
        Ok(1)
    );
    let future = reason(&client, reading("t", "1", -15 * 60_000).build()).await;
    assert!(
        future.contains("2026-11-21T01:17:03.004Z) of the memory store"),
        "{future}"
    );
    assert_eq!(
        write(&client, vec![reading("t", "1", 24 * 3_600_000).build()]).await,
        Ok(1)
    );
    let old = reason(&client, reading("t", "2", 24 * 3_600_000 + 1).build()).await;
    assert!(old.contains("[2026-11-20T01:02:03.004Z"), "{old}");
    stand.advance_ms(1);
    assert_eq!(
        write(&client, vec![reading("u", "1", -15 * 60_000).build()]).await,
        Ok(1),
        "the clock decides"
    );
}

#[tokio::test]
async fn late_records_go_to_the_magnetic_store_when_that_is_on() {
    let (_stand, client) = stand(true).await;
    let records = vec![
        reading("t", "1", 0).build(),
        reading("t", "1", 30 * 86_400_000).build(),
    ];
    let call = client
        .write_records()
        .database_name(DB)
        .table_name(TABLE)
        .set_records(Some(records));
    let ingested = call.send().await.unwrap().records_ingested.unwrap();
    assert_eq!(
        (
            ingested.total,
            ingested.memory_store,
            ingested.magnetic_store
        ),
        (2, 1, 1)
    );
    let old = reason(&client, reading("t", "1", 366 * 86_400_000).build()).await;
    assert!(old.contains("magnetic store"), "{old}");
}

#[tokio::test]
async fn databases_and_tables_live_and_die() {
    let (_stand, client) = stand(false).await;
    let again = client
        .create_database()
        .database_name(DB)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(again.is_conflict_exception());
    let table = client
        .describe_table()
        .database_name(DB)
        .table_name(TABLE)
        .send()
        .await
        .unwrap()
        .table
        .unwrap();
    assert_eq!(
        table.arn(),
        Some(
            "arn:aws:timestream:eu-west-1:123456789012:database/SCI_Properties/table/EnvironmentalData"
        )
    );
    let retention = table.retention_properties.unwrap();
    assert_eq!(
        (
            retention.memory_store_retention_period_in_hours,
            retention.magnetic_store_retention_period_in_days
        ),
        (24, 365)
    );
    assert_eq!(
        client
            .list_tables()
            .database_name(DB)
            .send()
            .await
            .unwrap()
            .tables()
            .len(),
        1
    );
    let in_use = client
        .delete_database()
        .database_name(DB)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(in_use.is_validation_exception());
    client
        .delete_table()
        .database_name(DB)
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    client
        .delete_database()
        .database_name(DB)
        .send()
        .await
        .unwrap();
    let gone = client
        .describe_database()
        .database_name(DB)
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        code(&gone.into_service_error()),
        "ResourceNotFoundException"
    );
    let endpoints = client.describe_endpoints().send().await.unwrap();
    assert!(endpoints.endpoints()[0].address().contains("127.0.0.1"));
}
