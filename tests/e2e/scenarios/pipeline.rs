//! A hot reading travels from a real MQTT client over TLS to an alarm.

use serde_json::Value;
use tempfile::TempDir;

use crate::world::{SENSOR, World, foreign, text};

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_pub_raises_an_alarm() {
    let world = World::start().await;
    let identity = world.register(SENSOR).await;
    let folder = TempDir::new().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let root = file("root.pem", world.sandbox.gateway.root_ca_pem());
    let certificate = file("device.pem", &identity.certificate_pem);
    let key = file("device.key", &identity.private_key_pem);
    let port = world.sandbox.mqtt_port().to_string();
    let topic = format!("sensors/{SENSOR}/data");
    let payload = format!(r#"{{"temp":36.4,"deviceId":"{SENSOR}","humidity":40}}"#);
    for version in ["311", "5"] {
        let args = [
            "--cafile",
            &root,
            "--cert",
            &certificate,
            "--key",
            &key,
            "-h",
            "localhost",
            "-p",
            &port,
            "-i",
            SENSOR,
            "-q",
            "1",
            "-t",
            &topic,
            "-m",
            &payload,
            "-V",
            version,
        ];
        let Some(output) = foreign(
            "mosquitto_pub",
            "the Debian package mosquitto-clients",
            &args,
            &[],
        )
        .await
        else {
            return;
        };
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        world.sandbox.quiesce().await;
    }
    assert_eq!(world.outcomes(), ["stored", "stored"]);
    let alarm = world.alarm().await;
    assert_eq!(
        (text(&alarm, "state"), text(&alarm, "severity")),
        ("active".into(), "warning".into())
    );
    assert_eq!(world.told(), [("raised".into(), "1".into())]);
    assert_eq!(world.items("HighTempsTableName").await.len(), 2);
    let sql = format!(
        "SELECT * FROM \"{}\".\"EnvironmentalData\"",
        world.sandbox.output("TelemetryDatabaseName")
    );
    assert_eq!(world.query(&sql).await.len(), 2);
    shows_in_the_aws_cli(&world).await;
}

/// The same evidence through the AWS CLI, as the README says.
async fn shows_in_the_aws_cli(world: &World) {
    let endpoint = world.sandbox.endpoint();
    let env = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "sandbox"),
        ("AWS_SECRET_ACCESS_KEY", "sandbox"),
    ];
    let sql = format!(
        "SELECT * FROM \"{}\".\"EnvironmentalData\"",
        world.sandbox.output("TelemetryDatabaseName")
    );
    let (alarms, topic) = (
        world.sandbox.output("AlarmsTableName"),
        world.sandbox.output("TemperatureAlarmsTopicArn"),
    );
    for (args, pointer, expected) in [
        (
            vec!["dynamodb", "scan", "--table-name", alarms],
            "/Items/0/state/S",
            "active",
        ),
        (
            vec!["timestream-query", "query", "--query-string", &sql],
            "/Rows/1/Data/0/ScalarValue",
            "",
        ),
        (
            vec!["sns", "get-topic-attributes", "--topic-arn", topic],
            "/Attributes/TopicArn",
            topic,
        ),
        (
            vec!["iot", "list-thing-principals", "--thing-name", SENSOR],
            "/principals/0",
            "arn:aws:iot:eu-west-1:123456789012:cert/",
        ),
    ] {
        let Some(output) = foreign("aws", "awscli from PyPI", &args, &env).await else {
            return;
        };
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = answer.pointer(pointer).and_then(Value::as_str);
        assert!(
            found.is_some_and(|f| f.starts_with(expected)),
            "{args:?}: no {pointer} in {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_aws_calls_is_what_the_readme_says() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    world.calls();
    world.reads(&mut device, 22.0).await;
    assert_eq!(
        world.calls(),
        ["BatchGetItem", "PutItem", "WriteRecords"],
        "quiet"
    );
    world.reads(&mut device, 31.0).await;
    assert_eq!(
        world.calls(),
        ["BatchGetItem", "TransactWriteItems", "WriteRecords"],
        "hot"
    );
    world.reads(&mut device, 36.0).await;
    let raising = [
        "BatchGetItem",
        "TransactWriteItems",
        "Publish",
        "DeleteItem",
        "WriteRecords",
    ];
    assert_eq!(world.calls(), raising, "raising");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_timestream_runs_too() {
    let world = World::start_with(|options| {
        options
            .parameters
            .insert("TimestreamEnabled".into(), "false".into());
    })
    .await;
    let mut device = world.device(SENSOR).await;
    world.calls();
    world.reads(&mut device, 36.0).await;
    assert_eq!(world.outcomes(), ["stored"]);
    assert!(!world.calls().contains(&"WriteRecords".to_owned()));
}
