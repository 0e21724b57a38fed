use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_ssm::config::{Credentials, SharedCredentialsProvider};
use sci_domain::ports::FailureKind;
use serde_json::{Value, json};

use super::*;
use crate::test_server::{End, Server, serve};
use testkit::port_contracts;

fn source(server: &Server) -> SsmKeySource {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(format!("http://127.0.0.1:{}", server.port))
        .build();
    SsmKeySource::new(&AwsClients::new(config, true), "/sci/jwks".to_owned())
}

fn answer(status: u16, body: &Value) -> String {
    let body = body.to_string();
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

async fn fetch(status: u16, body: Value) -> (Result<Vec<u8>, PortFailure>, Server) {
    let server = serve(None, answer(status, &body), End::Closed).await;
    (source(&server).fetch().await, server)
}

fn parameter(kind: &str, value: &str) -> Value {
    json!({ "Parameter": { "Name": "/sci/jwks", "Type": kind, "Value": value, "Version": 3 } })
}

#[tokio::test(flavor = "current_thread")]
async fn a_parameter_is_read_as_it_is() {
    let (fetched, server) = fetch(200, parameter("String", "{\"keys\":[]}\n")).await;
    assert_eq!(fetched.unwrap(), b"{\"keys\":[]}\n");
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    let (head, body) = asked[0].split_once("\r\n\r\n").unwrap();
    assert!(head.contains("AmazonSSM.GetParameter"), "{head}");
    assert_eq!(body, "{\"Name\":\"/sci/jwks\"}", "not decrypted");
}

#[tokio::test(flavor = "current_thread")]
async fn it_keeps_the_contract() {
    let server = serve(None, "", End::Closed).await;
    let publish = async |jwks: &str| server.answer(answer(200, &parameter("String", jwks)));
    port_contracts::key_source(&source(&server), publish).await;
}

#[tokio::test(flavor = "current_thread")]
async fn what_holds_no_public_keys_is_a_failure_without_content() {
    let too_long = "secret".repeat(MAX_BYTES / 6 + 1);
    let refused = |code: &str| json!({ "__type": code, "message": "a secret word" });
    for (status, body, kind, said) in [
        (
            200,
            parameter("SecureString", "secret"),
            FailureKind::Misconfigured,
            "type String",
        ),
        (
            200,
            parameter("StringList", "secret"),
            FailureKind::Misconfigured,
            "type String",
        ),
        (200, json!({}), FailureKind::Misconfigured, "type String"),
        (
            200,
            parameter("String", &too_long),
            FailureKind::Misconfigured,
            "65536",
        ),
        (
            400,
            refused("ParameterNotFound"),
            FailureKind::Misconfigured,
            "ParameterNotFound",
        ),
        (
            400,
            refused("ThrottlingException"),
            FailureKind::Throttled,
            "ThrottlingException",
        ),
        (
            500,
            refused("InternalServerError"),
            FailureKind::Unavailable,
            "InternalServerError",
        ),
    ] {
        let (fetched, _) = fetch(status, body).await;
        let failure = fetched.unwrap_err();
        let text = format!("{failure}: {}", failure.source);
        assert_eq!(failure.kind, kind, "{text}");
        assert!(text.contains(said), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
