//! Timestream queries: the two of the source documents, shapes, and what is refused.

use aws_sdk_timestreamwrite::types::{MeasureValue, MeasureValueType, Record};
use serde_json::{Value, json};

use crate::{
    support::{NOW_MS, Stand},
    timestream_write::{self, dimension},
};

/// Readings of two properties over some hours, and security events.
async fn filled() -> Stand {
    let (stand, client) = timestream_write::stand(true).await;
    let services = &stand.services;
    let properties = json!({"DatabaseName": "SCI_Properties", "RetentionProperties": {
        "MemoryStoreRetentionPeriodInHours": 168, "MagneticStoreRetentionPeriodInDays": 2555}});
    services
        .create_resource(
            "AWS::Timestream::Table",
            "SCI_Properties|SecurityEvents",
            &properties,
        )
        .await
        .unwrap();
    let number = |name: &str, value: f64| {
        let value = MeasureValue::builder()
            .name(name)
            .value(value.to_string())
            .r#type(MeasureValueType::Double);
        value.build().unwrap()
    };
    let minutes = |ago: u64| (NOW_MS - ago * 60_000).to_string();
    let mut write = client
        .write_records()
        .database_name("SCI_Properties")
        .table_name("EnvironmentalData");
    for (property, ago, temperature, humidity) in [
        ("p1", 1, 20.0, 40.0),
        ("p1", 30, 24.0, 50.0),
        ("p2", 59, 30.5, 60.0),
        ("p2", 61, 99.0, 99.0),
    ] {
        let record = Record::builder()
            .dimensions(dimension("property_id", property))
            .measure_name("environment")
            .measure_value_type(MeasureValueType::Multi)
            .measure_values(number("temperature", temperature))
            .measure_values(number("humidity", humidity))
            .time(minutes(ago));
        write = write.records(record.build());
    }
    write.send().await.unwrap();
    let mut write = client
        .write_records()
        .database_name("SCI_Properties")
        .table_name("SecurityEvents");
    for (ago, level) in [(10, "4"), (60 * 23, "9"), (60 * 25, "7")] {
        let record = Record::builder()
            .dimensions(dimension("property_id", "p1"))
            .measure_name("alert_level")
            .measure_value(level)
            .measure_value_type(MeasureValueType::Bigint)
            .time(minutes(ago));
        write = write.records(record.build());
    }
    write.send().await.unwrap();
    stand
}

async fn query(stand: &Stand, text: &str) -> Value {
    let (status, answer) = stand
        .json("timestream", "Query", json!({"QueryString": text}))
        .await;
    assert_eq!(status, 200, "{text}: {answer}");
    answer
}

/// Rows as texts, `-` for null.
fn rows(answer: &Value) -> Vec<Vec<String>> {
    let cell = |datum: &Value| datum["ScalarValue"].as_str().unwrap_or("-").to_owned();
    let row = |row: &Value| row["Data"].as_array().unwrap().iter().map(cell).collect();
    answer["Rows"].as_array().unwrap().iter().map(row).collect()
}

fn columns(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let columns = answer["ColumnInfo"].as_array().unwrap().iter();
    columns
        .map(|column| (text(&column["Name"]), text(&column["Type"]["ScalarType"])))
        .collect()
}

#[tokio::test]
async fn averages_of_the_last_hour_per_property() {
    let stand = filled().await;
    let answer = query(
        &stand,
        "SELECT property_id, AVG(temperature) as avg_temp, AVG(humidity) as avg_humidity \
         FROM SCI_Properties.EnvironmentalData WHERE time between ago(1h) and now() GROUP BY property_id",
    )
    .await;
    let mut found = rows(&answer);
    found.sort();
    assert_eq!(found, [["p1", "22.0", "45.0"], ["p2", "30.5", "60.0"]]);
    let expected = [
        ("property_id", "VARCHAR"),
        ("avg_temp", "DOUBLE"),
        ("avg_humidity", "DOUBLE"),
    ];
    assert_eq!(
        columns(&answer),
        expected.map(|(name, kind)| (name.to_owned(), kind.to_owned()))
    );
}

#[tokio::test]
async fn security_events_of_the_last_day_newest_first() {
    let stand = filled().await;
    let answer = query(
        &stand,
        "SELECT * FROM SCI_Properties.SecurityEvents WHERE time > ago(24h) ORDER BY time DESC",
    )
    .await;
    assert_eq!(
        rows(&answer),
        [
            ["p1", "alert_level", "2026-11-21 00:52:03.004000000", "4"],
            ["p1", "alert_level", "2026-11-20 02:02:03.004000000", "9"],
        ]
    );
    let expected = [
        ("property_id", "VARCHAR"),
        ("measure_name", "VARCHAR"),
        ("time", "TIMESTAMP"),
        ("measure_value::bigint", "BIGINT"),
    ];
    assert_eq!(
        columns(&answer),
        expected.map(|(name, kind)| (name.to_owned(), kind.to_owned()))
    );
}

#[tokio::test]
async fn the_supported_constructs_work() {
    let stand = filled().await;
    let e = r#"FROM "SCI_Properties"."EnvironmentalData""#;
    let s = r#"FROM "SCI_Properties"."SecurityEvents""#;
    let half_past = format!("from_milliseconds({})", NOW_MS - 30 * 60_000);
    for (text, expected) in [
        (format!("SELECT COUNT(*) {e}"), vec![vec!["4"]]),
        (
            format!("SELECT MIN(temperature), MAX(temperature), SUM(humidity) {e}"),
            vec![vec!["20.0", "99.0", "249.0"]],
        ),
        (
            format!("SELECT COUNT(DISTINCT property_id) {e}"),
            vec![vec!["2"]],
        ),
        (
            format!("SELECT Temperature {e} WHERE PROPERTY_ID = 'p1' ORDER BY time"),
            vec![vec!["24.0"], vec!["20.0"]],
        ),
        (
            format!("SELECT temperature {e} WHERE time >= {half_past} ORDER BY 1"),
            vec![vec!["20.0"], vec!["24.0"]],
        ),
        (
            format!("SELECT temperature {e} WHERE time < now() - 1h"),
            vec![vec!["99.0"]],
        ),
        (
            format!(
                "SELECT temperature {e} WHERE (temperature > 20 AND humidity <> 99) AND NOT property_id = 'p2'"
            ),
            vec![vec!["24.0"]],
        ),
        (
            format!(
                "SELECT property_id {e} WHERE property_id IN ('p2', 'p3') OR temperature < 21 ORDER BY temperature LIMIT 2"
            ),
            vec![vec!["p1"], vec!["p2"]],
        ),
        (
            format!(
                "SELECT COUNT(*) {e} WHERE temperature IS NOT NULL AND time BETWEEN ago(90m) AND now()"
            ),
            vec![vec!["4"]],
        ),
        (
            format!(
                "SELECT measure_value::bigint {s} WHERE measure_value::bigint > 5 ORDER BY time"
            ),
            vec![vec!["7"], vec!["9"]],
        ),
        (
            format!(
                "SELECT bin(time, 1d) AS day, COUNT(*) AS n {s} GROUP BY bin(time, 1d) ORDER BY day"
            ),
            vec![
                vec!["2026-11-20 00:00:00.000000000", "2"],
                vec!["2026-11-21 00:00:00.000000000", "1"],
            ],
        ),
        (
            format!(
                "SELECT property_id, COUNT(*) AS n {e} GROUP BY 1 ORDER BY n DESC, property_id"
            ),
            vec![vec!["p1", "2"], vec!["p2", "2"]],
        ),
        (
            format!("SELECT AVG(temperature) {e} WHERE property_id = 'p3'"),
            vec![vec!["-"]],
        ),
        (
            format!("SELECT property_id {e} WHERE property_id = 'x'' OR 1=1'"),
            vec![],
        ),
    ] {
        assert_eq!(rows(&query(&stand, &text).await), expected, "{text}");
    }
    assert_eq!(
        columns(
            &query(
                &stand,
                &format!("SELECT property_id, COUNT(*) {e} GROUP BY property_id")
            )
            .await
        )[1]
        .0,
        "_col1"
    );
}

#[tokio::test]
async fn the_rest_is_refused_by_name() {
    let stand = filled().await;
    let t = "SCI_Properties.EnvironmentalData";
    for (text, part) in [
        (
            format!("SELECT DISTINCT property_id FROM {t}"),
            "SELECT DISTINCT",
        ),
        (format!("SELECT a.time FROM {t} a"), "a"),
        (format!("SELECT time FROM {t} JOIN {t} ON true"), "JOIN"),
        (format!("WITH x AS (SELECT 1) SELECT time FROM {t}"), "WITH"),
        (
            format!("SELECT property_id FROM {t} GROUP BY property_id HAVING COUNT(*) > 1"),
            "HAVING",
        ),
        (
            format!("SELECT approx_percentile(temperature, 0.5) FROM {t}"),
            "approx_percentile",
        ),
        (
            format!("SELECT temperature * 2 FROM {t}"),
            "temperature * 2",
        ),
        (
            format!("SELECT time FROM {t} WHERE property_id LIKE 'p%'"),
            "LIKE",
        ),
        (
            format!("SELECT colour FROM {t}"),
            "Column 'colour' does not exist",
        ),
        (
            format!("SELECT time FROM {t} WHERE temperature = 'hot'"),
            "cannot be compared",
        ),
        (
            format!("SELECT time FROM {t} WHERE time > 5"),
            "cannot be compared",
        ),
        (
            format!("SELECT property_id, AVG(temperature) FROM {t}"),
            "must be an aggregate",
        ),
        (format!("SELECT AVG(property_id) FROM {t}"), "VARCHAR"),
        (
            format!("SELECT time FROM {t} WHERE time > ago(5parsecs)"),
            "5parsecs",
        ),
        (format!("SELECT time FROM {t} OFFSET 5"), "OFFSET"),
        (
            format!("SELECT SUM(temperature) OVER (PARTITION BY property_id) FROM {t}"),
            "OVER",
        ),
        (
            "SELECT time FROM EnvironmentalData".to_owned(),
            "EnvironmentalData",
        ),
        (format!("DROP TABLE {t}"), "DROP"),
        (
            format!("SELECT time FROM {t}; SELECT time FROM {t}"),
            "one statement",
        ),
        ("SELEC".to_owned(), "syntax"),
    ] {
        let (status, answer) = stand
            .json("timestream", "Query", json!({"QueryString": text}))
            .await;
        assert_eq!(status, 400, "{text}: {answer}");
        assert!(
            answer["__type"]
                .as_str()
                .unwrap()
                .ends_with("#ValidationException"),
            "{answer}"
        );
        assert!(
            answer["Message"].as_str().unwrap().contains(part),
            "{text}: {answer}"
        );
    }
    let (_, answer) = stand
        .json(
            "timestream",
            "Query",
            json!({"QueryString": "SELECT time FROM a.b"}),
        )
        .await;
    assert!(
        answer["__type"]
            .as_str()
            .unwrap()
            .ends_with("#ResourceNotFoundException"),
        "{answer}"
    );
}

#[tokio::test]
async fn pages_and_retention() {
    let stand = filled().await;
    let text = "SELECT temperature FROM SCI_Properties.EnvironmentalData ORDER BY temperature";
    let (_, first) = stand
        .json(
            "timestream",
            "Query",
            json!({"QueryString": text, "MaxRows": 3}),
        )
        .await;
    assert_eq!(rows(&first).len(), 3);
    let next = json!({"QueryString": text, "MaxRows": 3, "NextToken": first["NextToken"]});
    let (_, second) = stand.json("timestream", "Query", next).await;
    assert_eq!(rows(&second), [["99.0"]]);
    assert!(second["NextToken"].is_null());
    stand.advance_ms(366 * 86_400_000);
    assert!(
        rows(&query(&stand, text).await).is_empty(),
        "what has left both stores is gone"
    );
}
