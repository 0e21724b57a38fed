//! SNS: what is refused, message by message and batch by batch.

use aws_sdk_sns::types::PublishBatchRequestEntry;
use serde_json::json;

use crate::{
    sns::{Pipe, text, typed},
    support::code,
};

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    let pipe = Pipe::new(json!({})).await;
    let publish = || pipe.sns.publish().topic_arn(&pipe.topic);
    let long = "x".repeat(262_145);
    for (request, part) in [
        (publish().message("m").subject("line\nbreak"), "Subject"),
        (publish().message("m").subject("s".repeat(100)), "Subject"),
        (publish().message("m").subject("30 °C"), "Subject"),
        (publish().message(""), "Empty message"),
        (publish().message(&long), "Message too long"),
        (
            publish()
                .message(&long[..262_130])
                .message_attributes("name", text("a long value")),
            "Message too long",
        ),
        (
            publish().message("m").message_deduplication_id("d"),
            "MessageDeduplicationId",
        ),
    ] {
        let error = request.send().await.unwrap_err().into_service_error();
        assert!(error.is_invalid_parameter_exception(), "{part}: {error:?}");
        assert!(
            error.meta().message().unwrap().contains(part),
            "{part}: {error:?}"
        );
    }
    for (name, value) in [
        ("empty", text("")),
        ("number", typed("Number", "warm")),
        ("list", typed("String.Array", "x")),
    ] {
        let request = publish().message("m").message_attributes(name, value);
        let error = request.send().await.unwrap_err().into_service_error();
        assert!(
            error.is_invalid_parameter_value_exception(),
            "{name}: {error:?}"
        );
    }
    let nowhere = pipe
        .sns
        .publish()
        .topic_arn("arn:aws:sns:eu-west-1:123456789012:nope")
        .message("m");
    assert!(
        nowhere
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_not_found_exception()
    );
    publish().message(&long[..262_144]).send().await.unwrap();
    assert_eq!(pipe.stand.services.published().len(), 1);
}

#[tokio::test]
async fn a_batch_fails_entry_by_entry_or_as_a_whole() {
    let pipe = Pipe::new(json!({})).await;
    let entry =
        |id: &str, message: &str| PublishBatchRequestEntry::builder().id(id).message(message);
    let batch = || pipe.sns.publish_batch().topic_arn(&pipe.topic);
    let answer = batch()
        .publish_batch_request_entries(entry("good", "1").build().unwrap())
        .publish_batch_request_entries(entry("bad", "2").subject("a\nb").build().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.successful()[0].id(), Some("good"));
    assert_eq!(answer.failed()[0].id(), "bad");
    assert_eq!(
        (answer.failed()[0].code(), answer.failed()[0].sender_fault()),
        ("InvalidParameter", true)
    );
    assert_eq!(pipe.received().await.len(), 1);

    let mut eleven = batch();
    for i in 0..11 {
        eleven =
            eleven.publish_batch_request_entries(entry(&format!("e{i}"), "m").build().unwrap());
    }
    assert!(
        eleven
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_too_many_entries_in_batch_request_exception()
    );
    let twice = batch()
        .publish_batch_request_entries(entry("a", "1").build().unwrap())
        .publish_batch_request_entries(entry("a", "2").build().unwrap());
    assert!(
        twice
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_batch_entry_ids_not_distinct_exception()
    );
    let half = "x".repeat(140_000);
    let large = batch()
        .publish_batch_request_entries(entry("a", &half).build().unwrap())
        .publish_batch_request_entries(entry("b", &half).build().unwrap());
    assert!(
        large
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_batch_request_too_long_exception()
    );
    assert_eq!(
        pipe.stand.services.published().len(),
        1,
        "a batch that fails as a whole publishes nothing"
    );
}

#[tokio::test]
async fn endpoints_and_protocols_the_sandbox_does_not_have_are_named() {
    let pipe = Pipe::new(json!({})).await;
    let subscribe = |protocol: &str, endpoint: &str| {
        pipe.sns
            .subscribe()
            .topic_arn(&pipe.topic)
            .protocol(protocol)
            .endpoint(endpoint)
            .send()
    };
    let sms = subscribe("sms", "+491700000000")
        .await
        .unwrap_err()
        .into_service_error();
    assert!(
        sms.to_string().contains("sms") || sms.meta().message().unwrap().contains("protocol sms"),
        "{sms:?}"
    );
    let missing = subscribe("sqs", "arn:aws:sqs:eu-west-1:123456789012:nope")
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(code(&missing), "InvalidParameter");
}
