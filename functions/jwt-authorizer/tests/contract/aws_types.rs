//! The same files and answers with the types of `aws_lambda_events`, a second reading of AWS's documentation.

use aws_lambda_events::event::iot::{
    IoTCoreCustomAuthorizerRequest, IoTCoreCustomAuthorizerResponse,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jwt_authorizer::event::Event;
use serde_json::Value;

use super::{files, replay};

/// The samples of the AWS IoT developer guide, "Defining your Lambda function" (custom authentication), and of "Custom
/// authentication with X.509 client certificates", as `aws_lambda_events` 1.2.1 carries them for its own tests.
const FULL_SAMPLE: &str = r#"{
    "token": "aToken",
    "signatureVerified": true,
    "protocols": ["tls", "http", "mqtt"],
    "protocolData": {
        "tls": { "serverName": "serverName" },
        "http": { "headers": { "X-Request-ID": "abc123" }, "queryString": "?foo=bar" },
        "mqtt": { "username": "myUserName", "password": "bXlQYXNzd29yZA==", "clientId": "myClientId" }
    },
    "connectionMetadata": { "id": "e56f08c3-c559-490f-aa9f-7e8427d0f57b" }
}"#;
const X509_SAMPLE: &str = r#"{
    "token": "aToken",
    "signatureVerified": true,
    "protocols": ["tls", "mqtt"],
    "protocolData": {
        "tls": {
            "serverName": "serverName",
            "x509CertificatePem": "x509CertificatePem",
            "principalId": "principalId"
        },
        "mqtt": { "clientId": "myClientId" }
    },
    "connectionMetadata": { "id": "UUID" }
}"#;

/// Both readings of one event find the same.
fn compare(name: &str, json: &str) {
    let ours = Event::read(json).unwrap_or_else(|| panic!("{name}"));
    let theirs: IoTCoreCustomAuthorizerRequest =
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(ours.token.as_deref(), theirs.token.as_deref(), "{name}");
    assert_eq!(
        ours.signature_verified,
        Some(theirs.signature_verified),
        "{name}"
    );
    let data = theirs.protocol_data.unwrap();
    let tls = data.tls.unwrap_or_default();
    assert_eq!(ours.certificate_id(), tls.principal_id.as_deref(), "{name}");

    let mqtt = data.mqtt.unwrap_or_default();
    assert_eq!(ours.client_id(), mqtt.client_id.as_deref(), "{name}");
    let password = ours.protocol_data.mqtt.and_then(|mqtt| mqtt.password);
    let password = BASE64
        .decode(password.unwrap_or_default().as_bytes())
        .unwrap();
    assert_eq!(password, mqtt.password.0, "{name}");

    let http = data.http.unwrap_or_default();
    let headers = ours
        .protocol_data
        .http
        .map(|http| http.headers)
        .unwrap_or_default();
    for header in http.headers.keys() {
        let expected: Vec<_> = http.headers.get_all(header).iter().collect();
        assert!(
            headers.all(header.as_str()).eq(expected),
            "{name}: {header}"
        );
    }
}

#[test]
fn both_find_the_same_in_every_event() {
    for file in files("allow-") {
        compare(&file.name, &file.event);
    }
    compare("sample", FULL_SAMPLE);
    compare("sample with certificate", X509_SAMPLE);
}

#[test]
fn the_documented_samples_are_read() {
    let event = Event::read(FULL_SAMPLE).unwrap();
    assert_eq!(event.client_id(), Some("myClientId"));
    assert_eq!(
        event.connection_id(),
        Some("e56f08c3-c559-490f-aa9f-7e8427d0f57b")
    );
    let mqtt = event.protocol_data.mqtt.as_ref().unwrap();
    assert_eq!(mqtt.password.as_deref(), Some("bXlQYXNzd29yZA=="));
    let event = Event::read(X509_SAMPLE).unwrap();
    assert_eq!(event.certificate_id(), Some("principalId"));
    // No UUID, so nothing to log.
    assert_eq!(event.connection_id(), None);
}

#[tokio::test(flavor = "current_thread")]
async fn every_answer_is_one_of_theirs() {
    for file in files("") {
        let answer = replay(&file.event, &file.world).await.answer;
        let ours: Value = serde_json::from_str(&answer).unwrap();
        let theirs: IoTCoreCustomAuthorizerResponse = serde_json::from_str(&answer).unwrap();
        let name = &file.name;
        assert_eq!(ours["isAuthenticated"], theirs.is_authenticated, "{name}");
        assert_eq!(
            ours["principalId"].as_str(),
            theirs.principal_id.as_deref(),
            "{name}"
        );
        assert_eq!(
            ours["disconnectAfterInSeconds"], theirs.disconnect_after_in_seconds,
            "{name}"
        );
        assert_eq!(
            ours["refreshAfterInSeconds"], theirs.refresh_after_in_seconds,
            "{name}"
        );
        let documents = ours["policyDocuments"].as_array().unwrap();
        assert_eq!(documents.len(), theirs.policy_documents.len(), "{name}");
        for (ours, theirs) in documents.iter().zip(theirs.policy_documents) {
            let theirs = theirs.unwrap();
            assert_eq!(
                ours["Version"].as_str(),
                theirs.version.as_deref(),
                "{name}"
            );
            let actions = theirs
                .statement
                .iter()
                .map(|statement| statement.action.join(" "));
            let statements = ours["Statement"].as_array().unwrap().iter();
            assert!(
                statements
                    .map(|s| s["Action"].as_str().unwrap().to_owned())
                    .eq(actions),
                "{name}"
            );
            assert!(
                theirs
                    .statement
                    .iter()
                    .all(|statement| statement.condition.is_none()),
                "{name}"
            );
        }
    }
}
