//! What the sandbox does not have: a typed 400 in the service's own format, counted; never a 500, never silence.

use bytes::Bytes;
use http::Request;
use sandbox_services::{Config, Services, StartError};
use serde_json::json;

use crate::support::{Stand, code};

#[tokio::test]
async fn operations_and_services_are_named_and_counted() {
    let stand = Stand::start().await;
    for (service, operation) in [
        ("dynamodb", "CreateGlobalTable"),
        ("sqs", "AddPermission"),
        ("sqs", "Dance"),
        ("ssm", "CreateAssociation"),
        ("timestream", "CreateScheduledQuery"),
        ("glacier", "Freeze"),
    ] {
        let (status, answer) = stand.json(service, operation, json!({})).await;
        assert_eq!(status, 400, "{answer}");
        assert!(answer["__type"].is_string(), "{answer}");
        let name = if service == "glacier" {
            service
        } else {
            operation
        };
        assert!(answer.to_string().contains(name), "{answer}");
    }
    let error = stand
        .sns()
        .list_origination_numbers()
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 400);
    assert_eq!(code(&error.into_service_error()), "InvalidAction");
    stand.json("sqs", "Dance", json!({})).await;
    let unsupported = stand.services.unsupported();
    assert_eq!(unsupported.len(), 7);
    assert!(unsupported.contains(&("sqs".into(), "Dance".into(), 2)));
}

#[tokio::test]
async fn parameters_are_named() {
    let stand = Stand::start().await;
    let topic = stand
        .sns()
        .create_topic()
        .name("t")
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    let error = stand
        .sns()
        .publish()
        .topic_arn(topic)
        .message("m")
        .message_group_id("g")
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .into_service_error()
            .meta()
            .message()
            .unwrap()
            .contains("MessageGroupId")
    );
    let fifo = stand
        .sns()
        .create_topic()
        .name("t.fifo")
        .send()
        .await
        .unwrap_err();
    assert!(
        fifo.into_service_error()
            .meta()
            .message()
            .unwrap()
            .contains("FIFO")
    );
    let body = json!({"TableName": "Table", "GlobalTableWitnesses": []});
    let (status, answer) = stand.json("dynamodb", "CreateTable", body).await;
    assert!(
        status == 400 && answer.to_string().contains("GlobalTableWitnesses"),
        "{answer}"
    );
    let body = json!({"TableName": "Table", "GlobalSecondaryIndexes": [{"IndexName": "i", "WarmThroughput": {}}]});
    let (status, answer) = stand.json("dynamodb", "CreateTable", body).await;
    assert!(
        status == 400
            && answer
                .to_string()
                .contains("WarmThroughput of GlobalSecondaryIndexes"),
        "{answer}"
    );
}

#[tokio::test]
async fn requests_that_are_none_are_answered() {
    let stand = Stand::start().await;
    for service in [
        "dynamodb",
        "sqs",
        "sns",
        "ssm",
        "timestream",
        "sts",
        "nothing",
    ] {
        for body in [
            Bytes::new(),
            Bytes::from_static(b"\xff\xfe{"),
            Bytes::from_static(b"[[[["),
        ] {
            let response = stand
                .services
                .handle(service, Request::post("/").body(body).unwrap())
                .await;
            assert_eq!(response.status(), 400, "{service}: {response:?}");
        }
    }
}

#[tokio::test]
async fn sts_says_who_one_is() {
    let stand = Stand::start().await;
    let request = Request::post("/")
        .body(Bytes::from("Action=GetCallerIdentity&Version=2011-06-15"))
        .unwrap();
    let response = stand.services.handle("sts", request).await;
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(
        text.contains("<GetCallerIdentityResult>")
            && text.contains("<Account>123456789012</Account>"),
        "{text}"
    );
}

#[test]
fn an_unusable_endpoint_base_is_refused() {
    for endpoint_base in [
        "https://127.0.0.1:1",
        "127.0.0.1:4566",
        "http://localhost",
        "http://:1",
        "http://a:b",
    ] {
        let config = Config {
            clock: std::sync::Arc::new(|| 0),
            account_id: "123456789012".into(),
            region: "eu-west-1".into(),
            endpoint_base: endpoint_base.into(),
        };
        assert!(
            matches!(Services::start(config), Err(StartError::EndpointBase(_))),
            "{endpoint_base}"
        );
    }
}
