//! Timestream records: types, limits, names, multi-measure records, common attributes.

use aws_sdk_timestreamwrite::types::{MeasureValue, MeasureValueType, Record, TimeUnit};
use serde_json::json;

use crate::{
    support::NOW_MS,
    timestream_write::{DB, TABLE, dimension, reading, reason, stand, write},
};

#[tokio::test]
async fn types_are_checked_and_stay_what_they_were() {
    let (_stand, client) = stand(false).await;
    let typed = |name: &str, value: &str, kind: MeasureValueType| {
        reading(name, value, 0).measure_value_type(kind).build()
    };
    for (name, value, kind) in [
        ("d", "1.5", MeasureValueType::Double),
        ("i", "-7", MeasureValueType::Bigint),
        ("s", "text", MeasureValueType::Varchar),
        ("b", "true", MeasureValueType::Boolean),
        ("z", "1795222923004", MeasureValueType::Timestamp),
    ] {
        assert_eq!(
            write(&client, vec![typed(name, value, kind.clone())]).await,
            Ok(1),
            "{kind:?}"
        );
    }
    for (name, value, kind) in [
        ("d2", "warm", MeasureValueType::Double),
        ("d2", "NaN", MeasureValueType::Double),
        ("i2", "1.5", MeasureValueType::Bigint),
        ("b2", "yes", MeasureValueType::Boolean),
    ] {
        let reason = reason(&client, typed(name, value, kind.clone())).await;
        assert!(reason.contains(kind.as_str()), "{reason}");
    }
    let conflict = reason(&client, typed("d", "1", MeasureValueType::Bigint)).await;
    assert!(
        conflict.contains("'d' already exists with the data type DOUBLE"),
        "{conflict}"
    );
}

#[tokio::test]
async fn multi_measure_records() {
    let (_stand, client) = stand(false).await;
    let value = |name: &str, value: &str, kind| {
        MeasureValue::builder()
            .name(name)
            .value(value)
            .r#type(kind)
            .build()
            .unwrap()
    };
    let multi = |values: Vec<MeasureValue>, version| {
        Record::builder()
            .dimensions(dimension("property_id", "p"))
            .measure_name("metrics")
            .measure_value_type(MeasureValueType::Multi)
            .set_measure_values(Some(values))
            .time(NOW_MS.to_string())
            .version(version)
            .build()
    };
    let good = |temp: &str| {
        vec![
            value("temperature", temp, MeasureValueType::Double),
            value("state", "ok", MeasureValueType::Varchar),
        ]
    };
    assert_eq!(write(&client, vec![multi(good("20"), 1)]).await, Ok(1));
    assert_eq!(write(&client, vec![multi(good("20.0"), 1)]).await, Ok(1));
    assert_eq!(
        write(&client, vec![multi(good("21"), 1)])
            .await
            .unwrap_err()[0]
            .2,
        Some(1)
    );
    assert_eq!(write(&client, vec![multi(good("21"), 2)]).await, Ok(1));
    let twice = vec![
        value("a", "1", MeasureValueType::Bigint),
        value("a", "1", MeasureValueType::Bigint),
    ];
    assert!(reason(&client, multi(twice, 9)).await.contains("twice"));
    let dimension = vec![value("property_id", "1", MeasureValueType::Bigint)];
    assert!(
        reason(&client, multi(dimension, 9))
            .await
            .contains("dimension")
    );
    let conflict = vec![value("temperature", "x", MeasureValueType::Varchar)];
    assert!(reason(&client, multi(conflict, 9)).await.contains("DOUBLE"));
}

#[tokio::test]
async fn limits_and_reserved_names_reject_the_record() {
    let (_stand, client) = stand(false).await;
    let with = |name: &str, value: &str| {
        reading("t", "1", 0)
            .dimensions(dimension(name, value))
            .build()
    };
    for (record, part) in [
        (with("time", "x"), "reserved"),
        (with("measure_name", "x"), "reserved"),
        (with("ts_x", "x"), "reserved"),
        (with("a:b", "x"), "colon"),
        (with(&"n".repeat(61), "x"), "60 bytes"),
        (with("long", &"v".repeat(2048)), "2048 bytes"),
        (reading(&"m".repeat(257), "1", 0).build(), "256 bytes"),
    ] {
        let reason = reason(&client, record).await;
        assert!(reason.contains(part), "{part}: {reason}");
    }
    let mut many = reading("t", "1", 0);
    for i in 0..128 {
        many = many.dimensions(dimension(&format!("d{i}"), "x"));
    }
    assert!(
        reason(&client, many.build())
            .await
            .contains("128 dimensions")
    );
}

#[tokio::test]
async fn a_malformed_request_is_refused_as_a_whole() {
    let (stand, client) = stand(false).await;
    let write = |records: Vec<Record>| {
        client
            .write_records()
            .database_name(DB)
            .table_name(TABLE)
            .set_records(Some(records))
    };
    let common = Record::builder()
        .dimensions(dimension("property_id", "p"))
        .build();
    for (call, part) in [
        (
            write((0..101).map(|i| reading("t", "1", i).build()).collect()),
            "100",
        ),
        (write(vec![]), "100"),
        (
            write(vec![reading("t", "1", 0).build()]).common_attributes(common),
            "property_id",
        ),
        (
            write(vec![reading("t", "1", 0).time("soon").build()]),
            "Invalid time",
        ),
        (
            write(vec![
                Record::builder()
                    .measure_name("t")
                    .measure_value("1")
                    .build(),
            ]),
            "Time",
        ),
        (
            write(vec![Record::builder().measure_value("1").time("1").build()]),
            "MeasureName",
        ),
        (
            write(vec![reading("t", "1", 0).version(0).build()]),
            "Version",
        ),
        (
            write(vec![
                reading("t", "1", 0)
                    .measure_value_type(MeasureValueType::Multi)
                    .build(),
            ]),
            "MULTI",
        ),
    ] {
        let error = call.send().await.unwrap_err().into_service_error();
        assert!(error.is_validation_exception(), "{part}: {error:?}");
        assert!(
            error.meta().message().unwrap().contains(part),
            "{part}: {error:?}"
        );
    }
    let unknown = client
        .write_records()
        .database_name(DB)
        .table_name("Nope")
        .records(reading("t", "1", 0).build());
    assert!(
        unknown
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_resource_not_found_exception()
    );
    let body = json!({"DatabaseName": DB, "TableName": TABLE, "Records": [{"Colour": "red"}]});
    let (status, answer) = stand.json("timestream", "WriteRecords", body).await;
    assert!(
        status == 400 && answer["Message"].as_str().unwrap().contains("Colour"),
        "{answer}"
    );
}

#[tokio::test]
async fn common_attributes_fill_in() {
    let (stand, client) = stand(false).await;
    let common = Record::builder()
        .dimensions(dimension("property_id", "p9"))
        .time((NOW_MS / 1000).to_string())
        .time_unit(TimeUnit::Seconds)
        .measure_value_type(MeasureValueType::Double)
        .build();
    let record = |name: &str, value: &str| {
        Record::builder()
            .measure_name(name)
            .measure_value(value)
            .build()
    };
    let call = client
        .write_records()
        .database_name(DB)
        .table_name(TABLE)
        .common_attributes(common);
    call.records(record("temperature", "20"))
        .records(record("humidity", "40"))
        .send()
        .await
        .unwrap();
    let query = json!({"QueryString": format!("SELECT time FROM {DB}.{TABLE} WHERE property_id = 'p9' AND measure_name = 'humidity'")});
    let (_, answer) = stand.json("timestream", "Query", query).await;
    assert_eq!(
        answer["Rows"][0]["Data"][0]["ScalarValue"],
        "2026-11-21 01:02:03.000000000"
    );
}
