//! Every file of `events/` through the real binary and the Invoke API.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_host::FunctionSpec;
use sandbox::options::workspace;
use serde_json::Value;
use testkit::{authorizer, event_files, tokens::renew};

use crate::world::{World, foreign, function_binaries};

#[tokio::test(flavor = "multi_thread")]
async fn every_event_file_can_be_invoked() {
    let world = World::start().await;
    for (function, output) in [
        ("high-temp-processor", "HighTempProcessorFunctionName"),
        (
            "security-alert-processor",
            "SecurityAlertProcessorFunctionName",
        ),
    ] {
        let mut files: Vec<_> = workspace()
            .join("events")
            .join(function)
            .read_dir()
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect();
        files.sort();
        assert!(files.len() > 20);
        for file in files {
            let event = std::fs::read(&file).unwrap();
            // Timestream takes what is recent: the sandbox lives at the time of the event.
            let text = String::from_utf8_lossy(&event).into_owned();
            let received = serde_json::from_str::<Value>(&text)
                .ok()
                .and_then(|event| event["received_at"].as_u64());
            world
                .sandbox
                .clock
                .set(received.unwrap_or(1_795_184_580_180));
            let result = world
                .sandbox
                .lambda
                .invoke(
                    world.sandbox.output(output),
                    event.into(),
                    Default::default(),
                )
                .await
                .unwrap();
            let answer: Value = serde_json::from_slice(&result.payload).unwrap();
            assert!(!result.function_error, "{}: {answer}", file.display());
            let name = file.file_stem().unwrap().to_str().unwrap();
            let refused = name.starts_with("refuse-") || name.starts_with("malformed-");
            assert_eq!(answer["outcome"] == "refused", refused, "{name}: {answer}");
        }
    }
}

/// Tokens expire, so those of the files are signed anew for today, with the test keys.
#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_the_authorizer_is_decided_as_its_name_says() {
    let world = World::start().await;
    let binary = &function_binaries().await["jwt-authorizer"];
    let mut environment = world.sandbox.environment("jwt-authorizer");
    // Lambda sets its own.
    for reserved in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        environment.remove(reserved);
    }
    // More than a template's parameter can hold: one set of keys for each of its issuers.
    environment.insert("JWT_ISSUERS".into(), authorizer::issuers_setting());
    let mut names = Vec::new();
    for signing in ["disabled", "required"] {
        let name = format!("authorizer-{signing}");
        environment.insert("TOKEN_SIGNING".into(), signing.into());
        let spec = FunctionSpec {
            environment: environment.clone(),
            timeout: Duration::from_secs(5),
            ..FunctionSpec::new(&name, binary)
        };
        world.sandbox.lambda.register(spec).unwrap();
        names.push(name);
    }
    let s = |text: &str| AttributeValue::S(text.to_owned());
    let put = |output: &str, item: HashMap<String, AttributeValue>| {
        let put = world.dynamodb.put_item().set_item(Some(item));
        put.table_name(world.sandbox.output(output)).send()
    };
    for subject in authorizer::revoked_subjects() {
        let item = HashMap::from([("subject".to_owned(), s(&subject))]);
        put("RevocationsTableName", item).await.unwrap();
    }
    for (thing, record) in authorizer::device_records() {
        let scopes = record.scopes.to_string();
        let item = [
            ("thing", thing.as_str()),
            ("jwks", &record.jwks),
            ("property_id", record.property.as_str()),
            ("scopes", &scopes),
        ];
        let item = item.map(|(name, value)| (name.to_owned(), s(value)));
        put("DeviceKeysTableName", item.into()).await.unwrap();
    }
    for row in event_files::rows("jwt-authorizer") {
        let file = row.split('`').nth(1).unwrap();
        let event = event_files::event("jwt-authorizer", file);
        let event = renew(&event, sandbox::clock::system_now() / 1000);
        let function = &names[usize::from(row.contains("`TOKEN_SIGNING=required`"))];
        let invoked = world
            .sandbox
            .lambda
            .invoke(function, event.into(), Default::default());
        let result = invoked.await.unwrap();
        let answer: Value = serde_json::from_slice(&result.payload).unwrap();
        assert!(!result.function_error, "{file}: {answer}");
        assert_eq!(
            answer["isAuthenticated"],
            file.starts_with("allow-"),
            "{file}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cargo_lambda_invokes_by_the_binarys_name() {
    let world = World::start().await;
    world.sandbox.clock.set(1_795_184_580_180);
    let port = world
        .sandbox
        .endpoint()
        .rsplit(':')
        .next()
        .unwrap()
        .to_owned();
    let file = workspace()
        .join("events/high-temp-processor/raise-hot.json")
        .display()
        .to_string();
    let args = [
        "lambda",
        "invoke",
        "high-temp-processor",
        "-A",
        "127.0.0.1",
        "-P",
        &port,
        "--data-file",
        &file,
    ];
    let Some(output) = foreign("cargo-lambda", "cargo-lambda from PyPI", &args, &[]).await else {
        return;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&answer["outcome"], &answer["transition"]),
        (&"stored".into(), &"raised".into())
    );
}
