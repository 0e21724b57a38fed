//! The authorizer that is measured beside others does what they do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![cfg(target_os = "linux")]

use std::{path::PathBuf, sync::Arc};

use bench::{
    authorizer::ALONE,
    aws_stub::AwsStub,
    cases,
    issuer::Issuer,
    measure::warmed_up,
    subject::{Lab, Subject},
};

#[test]
fn good_tokens_get_their_policies_and_a_forged_one_gets_none() {
    let lab = Lab {
        stub: AwsStub::start(None).unwrap(),
        issuer: Arc::new(Issuer::new().unwrap()),
        logs: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
    };
    let subject = Subject {
        function: ALONE,
        language: "Rust",
        program: env!("CARGO_BIN_EXE_jwt-authorizer-alone").into(),
        arguments: Vec::new(),
        size: None,
    };
    let cases = cases::of(ALONE, &lab.issuer).unwrap();
    warmed_up(&subject, &cases, &lab).unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(
        (lab.stub.connections(), lab.stub.take_calls().len()),
        (0, 0)
    );
}
