//! Every file of `events/` through the real binary and the Invoke API.

use sandbox::options::workspace;
use serde_json::Value;

use crate::world::{World, foreign};

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
