//! A function that does what its event says, for the tests of this crate: `{"do": "echo"}`.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it exists to misbehave"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("INIT").as_deref() {
        Ok("exit") => std::process::exit(7),
        Ok("hang") => std::thread::sleep(Duration::from_secs(600)),
        // Fails the first time: the marker file is the memory.
        Ok(marker) if !std::path::Path::new(marker).exists() => {
            std::fs::write(marker, "")?;
            std::process::exit(8);
        }
        _ => {}
    }
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let (input, context) = event.into_parts();
    let number = |name: &str| input.get(name).and_then(Value::as_u64).unwrap_or_default();
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    println!("got {}", text("say"));
    match text("do") {
        "error" => Err(Diagnostic {
            error_type: "TestError".into(),
            error_message: "as asked".into(),
        }),
        "panic" => panic!("as asked"),
        "exit" => std::process::exit(i32::try_from(number("code")).unwrap_or(1)),
        "sleep" => {
            tokio::time::sleep(Duration::from_millis(number("ms"))).await;
            Ok(json!({ "pid": std::process::id() }))
        }
        "big" => {
            let bytes = usize::try_from(number("bytes")).unwrap_or_default();
            Ok(Value::String("x".repeat(bytes.saturating_sub(2))))
        }
        "environment" => {
            let all: BTreeMap<String, String> = std::env::vars().collect();
            Ok(json!({ "variables": all, "folder": std::env::current_dir().ok() }))
        }
        "print" => {
            for n in 0..number("lines") {
                println!("line {n}");
            }
            eprintln!("last line");
            Ok(Value::Null)
        }
        _ => Ok(json!({
            "event": input,
            "pid": std::process::id(),
            "request_id": context.request_id,
            "arn": context.invoked_function_arn,
            "client": context.client_context,
            "trace": context.xray_trace_id,
            "left_ms": context.deadline().duration_since(std::time::SystemTime::now())
                .map(|d| d.as_secs_f64() * 1000.0).unwrap_or(-1.0),
        })),
    }
}
