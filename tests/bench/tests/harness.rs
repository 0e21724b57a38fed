//! The benchmark finds what would make its figures worthless. The function that it measures here is this program itself,
//! started again with a word that says how to behave.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests, and a function that reads its environment and writes its log"
)]

use std::{
    env,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process,
    sync::{Arc, LazyLock},
};

use bench::{
    authorizer,
    aws_stub::AwsStub,
    cases::{self, Case},
    installed::Missing,
    issuer::Issuer,
    measure::{BLOCK, Starts, Warm, warmed_up},
    node, python,
    subject::{Lab, Subject},
};

static ISSUER: LazyLock<Arc<Issuer>> = LazyLock::new(|| Arc::new(Issuer::new().unwrap()));

fn main() {
    match env::var("AWS_LAMBDA_RUNTIME_API") {
        Ok(api) => function(&api, &env::args().nth(1).unwrap()),
        Err(_) => tests(),
    }
}

fn tests() {
    a_good_function_is_measured();
    network_use_at_the_start_is_found();
    a_function_that_does_not_work_is_named_with_its_log();
    the_handlers_in_other_languages_do_the_work();
    println!("harness: passed");
}

fn a_good_function_is_measured() {
    let lab = lab();
    let mut starts = Starts::default();
    starts.sample(&subject("good"), &case(), &lab).unwrap();
    assert!(!starts.used_the_network(), "{starts:?}");
    assert!(!starts.wall.min().is_zero() && !starts.cpu.min().is_zero());
    assert!(!starts.first_latency.min().is_zero() && starts.memory > 0);

    let mut running = warmed_up(&subject("good"), [&case()], &lab).unwrap();
    let mut warm = Warm::default();
    warm.sample(&mut running, &case(), &lab).unwrap();
    assert_eq!(
        warm.calls.len(),
        1,
        "always the same calls: {:?}",
        warm.calls
    );
    assert_eq!(warm.calls.first().unwrap(), &["PutItem", "PutItem"]);
    assert!(warm.latency.min() <= warm.latency.percentile(99) && BLOCK > 0);
}

fn network_use_at_the_start_is_found() {
    for behaviour in ["calls-first", "connects-first"] {
        let mut starts = Starts::default();
        starts.sample(&subject(behaviour), &case(), &lab()).unwrap();
        assert!(starts.used_the_network(), "{behaviour}: {starts:?}");
    }
}

fn a_function_that_does_not_work_is_named_with_its_log() {
    for (behaviour, expected) in [
        ("exits", "ended by itself: exit status: 3"),
        (
            "reports",
            "reported POST /2018-06-01/runtime/init/error: no table",
        ),
        ("shirks", "did not do what"),
    ] {
        let failed = Starts::default().sample(&subject(behaviour), &case(), &lab());
        let message = failed.unwrap_err().to_string();
        assert!(
            message.starts_with("high-temp-processor (test) "),
            "{message}"
        );
        assert!(
            message.contains(expected) && message.contains("started"),
            "{message}"
        );
    }
}

fn the_handlers_in_other_languages_do_the_work() {
    let package = env!("CARGO_MANIFEST_DIR").as_ref();
    for (language, handlers) in [
        ("Python", python::handlers(package, Missing::Skip)),
        ("Node", node::handlers(package, Missing::Skip)),
    ] {
        match handlers {
            Ok((handlers, _)) => handlers.iter().for_each(it_does_the_work),
            Err(why) => {
                println!("harness: {language} is SKIPPED, cargo bench -p bench installs it: {why}")
            }
        }
    }
}

fn it_does_the_work(handler: &Subject) {
    let lab = lab();
    let cases = cases::of(handler.function, &lab.issuer).unwrap();
    warmed_up(handler, &cases, &lab).unwrap_or_else(|broken| panic!("{broken}"));
    let calls = lab.stub.take_calls();
    let expected: &[&str] = match handler.function {
        authorizer::ALONE => &[],
        authorizer::FUNCTION => &["BatchGetItem"],
        _ => &[
            "BatchGetItem",
            "TransactWriteItems",
            "Publish",
            "WriteRecords",
            "SendMessage",
        ],
    };
    for operation in expected {
        assert!(
            calls.iter().any(|call| call == operation),
            "{operation} in {calls:?}"
        );
    }
    assert_eq!(calls.is_empty(), expected.is_empty(), "{calls:?}");
}

fn case() -> Case {
    let cases = cases::of("high-temp-processor", &ISSUER).unwrap();
    cases.into_iter().next().unwrap()
}

fn lab() -> Lab {
    Lab {
        stub: AwsStub::start(None).unwrap(),
        issuer: Arc::clone(&ISSUER),
        logs: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
    }
}

fn subject(behaviour: &str) -> Subject {
    Subject {
        function: "high-temp-processor",
        language: "test",
        program: env::current_exe().unwrap(),
        arguments: vec![behaviour.into()],
        size: None,
    }
}

fn function(api: &str, behaviour: &str) {
    println!("started");
    let aws = env::var("AWS_ENDPOINT_URL").unwrap();
    let aws = aws.trim_start_matches("http://").to_owned();
    let connect = || TcpStream::connect(&aws).unwrap();
    let _open = (behaviour == "connects-first").then(connect);
    let mut runtime = TcpStream::connect(api).unwrap();
    match behaviour {
        "exits" => process::exit(3),
        "reports" => {
            exchange(
                &mut runtime,
                &post("/2018-06-01/runtime/init/error", "", "no table"),
            );
        }
        "calls-first" => call(&mut connect()),
        _ => {}
    }
    let mut aws = None;
    loop {
        exchange(
            &mut runtime,
            "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n",
        );
        let aws = aws.get_or_insert_with(connect);
        call(aws);
        call(aws);
        let answer = match behaviour {
            "shirks" => r#"{"outcome":"refused"}"#,
            _ => r#"{"outcome":"stored","transition":"raised"}"#,
        };
        exchange(
            &mut runtime,
            &post("/2018-06-01/runtime/invocation/0/response", "", answer),
        );
    }
}

fn call(aws: &mut TcpStream) {
    exchange(
        aws,
        &post("/", "x-amz-target: DynamoDB_20120810.PutItem\r\n", "{}"),
    );
}

fn post(path: &str, fields: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\n{fields}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The answers are short and come in one piece.
fn exchange(stream: &mut TcpStream, request: &str) {
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = [0; 8192];
    if stream.read(&mut answer).unwrap() == 0 {
        process::exit(0);
    }
}
