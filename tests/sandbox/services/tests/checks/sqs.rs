//! SQS: visibility, redrive, batches, long polling, FIFO order.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    types::{
        MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
        SendMessageBatchRequestEntry,
    },
};
use serde_json::json;

use crate::support::{Stand, code};

async fn queue(stand: &Stand, name: &str, properties: serde_json::Value) -> (Client, String) {
    stand
        .services
        .create_resource("AWS::SQS::Queue", name, &properties)
        .await
        .unwrap();
    let client = stand.sqs();
    let url = client
        .get_queue_url()
        .queue_name(name)
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    assert_eq!(url, format!("{}/123456789012/{name}", stand.endpoint));
    (client, url)
}

#[tokio::test]
async fn a_received_message_is_invisible_until_its_timeout_and_gone_when_deleted() {
    let stand = Stand::start().await;
    let (client, url) = queue(&stand, "q", json!({})).await;
    client
        .send_message()
        .queue_url(&url)
        .message_body("m")
        .send()
        .await
        .unwrap();
    let first = client
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    let handle = first.messages()[0].receipt_handle().unwrap();
    assert!(
        client
            .receive_message()
            .queue_url(&url)
            .send()
            .await
            .unwrap()
            .messages()
            .is_empty()
    );
    let show = client
        .change_message_visibility()
        .queue_url(&url)
        .receipt_handle(handle)
        .visibility_timeout(0);
    show.send().await.unwrap();
    let again = client
        .receive_message()
        .queue_url(&url)
        .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
        .send()
        .await
        .unwrap();
    let message = &again.messages()[0];
    assert_eq!(
        message.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount],
        "2"
    );
    client
        .delete_message()
        .queue_url(&url)
        .receipt_handle(message.receipt_handle().unwrap())
        .send()
        .await
        .unwrap();
    let left = client
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap()
        .attributes
        .unwrap();
    assert_eq!(left[&QueueAttributeName::ApproximateNumberOfMessages], "0");
    assert_eq!(
        left[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible],
        "0"
    );
    assert_eq!(
        left[&QueueAttributeName::QueueArn],
        "arn:aws:sqs:eu-west-1:123456789012:q"
    );
}

#[tokio::test]
async fn a_message_nobody_deletes_moves_to_the_dead_letter_queue() {
    let stand = Stand::start().await;
    let (_, dead) = queue(&stand, "dead", json!({})).await;
    let redrive = json!({"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead", "maxReceiveCount": "2"});
    let (client, url) = queue(
        &stand,
        "live",
        json!({"RedrivePolicy": redrive, "VisibilityTimeout": 0}),
    )
    .await;
    client
        .send_message()
        .queue_url(&url)
        .message_body("poison")
        .send()
        .await
        .unwrap();
    for _ in 0..2 {
        let got = client
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(2)
            .send()
            .await
            .unwrap();
        assert_eq!(got.messages().len(), 1);
    }
    assert!(
        client
            .receive_message()
            .queue_url(&url)
            .send()
            .await
            .unwrap()
            .messages()
            .is_empty()
    );
    let moved = client
        .receive_message()
        .queue_url(&dead)
        .wait_time_seconds(2)
        .send()
        .await
        .unwrap();
    assert_eq!(moved.messages()[0].body(), Some("poison"));
}

#[tokio::test]
async fn batches_answer_entry_by_entry() {
    let stand = Stand::start().await;
    let (client, url) = queue(&stand, "q", json!({})).await;
    let entry = |id: &str, body: &str| {
        SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body(body)
            .build()
            .unwrap()
    };
    let batch = client.send_message_batch().queue_url(&url);
    let sent = batch
        .clone()
        .entries(entry("a", "1"))
        .entries(entry("b", "2"))
        .send()
        .await
        .unwrap();
    assert_eq!((sent.successful().len(), sent.failed().len()), (2, 0));
    let same = batch
        .clone()
        .entries(entry("a", "1"))
        .entries(entry("a", "2"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        code(&same.into_service_error()),
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"
    );
    let mut eleven = batch;
    for i in 0..11 {
        eleven = eleven.entries(entry(&i.to_string(), "x"));
    }
    let eleven = eleven.send().await.unwrap_err().into_service_error();
    assert_eq!(
        code(&eleven),
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
    );
}

#[tokio::test]
async fn a_long_poll_wakes_when_a_message_arrives() {
    let stand = Stand::start().await;
    let (client, url) = queue(&stand, "q", json!({})).await;
    let poll = tokio::spawn(
        client
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(20)
            .send(),
    );
    let empty = client
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert!(empty.messages().is_empty());
    client
        .send_message()
        .queue_url(&url)
        .message_body("late")
        .send()
        .await
        .unwrap();
    let got = tokio::time::timeout(Duration::from_secs(10), poll)
        .await
        .expect("woken well before 20 s")
        .unwrap()
        .unwrap();
    assert_eq!(got.messages()[0].body(), Some("late"));
}

#[tokio::test]
async fn a_fifo_queue_keeps_order_within_a_group_and_drops_duplicates() {
    let stand = Stand::start().await;
    let (client, url) = queue(&stand, "q.fifo", json!({"FifoQueue": true})).await;
    for (i, dedup) in ["d1", "d2", "d2", "d3"].iter().enumerate() {
        let send = client
            .send_message()
            .queue_url(&url)
            .message_body(format!("{i}"));
        send.message_group_id("g")
            .message_deduplication_id(*dedup)
            .send()
            .await
            .unwrap();
    }
    let mut bodies = Vec::new();
    loop {
        let receive = client
            .receive_message()
            .queue_url(&url)
            .max_number_of_messages(10);
        let got = receive.send().await.unwrap();
        let Some(message) = got.messages().first() else {
            break;
        };
        bodies.push(message.body().unwrap().to_owned());
        let blocked = client
            .receive_message()
            .queue_url(&url)
            .send()
            .await
            .unwrap();
        assert!(
            blocked.messages().is_empty(),
            "the group is blocked while a message is in flight"
        );
        let handle = message.receipt_handle().unwrap();
        client
            .delete_message()
            .queue_url(&url)
            .receipt_handle(handle)
            .send()
            .await
            .unwrap();
    }
    assert_eq!(bodies, ["0", "1", "3"]);
}

#[tokio::test]
async fn attributes_and_bodies_survive_and_missing_queues_are_named() {
    let stand = Stand::start().await;
    let (client, url) = queue(&stand, "q", json!({})).await;
    let body = "ümläut <&> \u{1F321} \"quoted\"\n";
    let attribute = MessageAttributeValue::builder()
        .data_type("Number")
        .string_value("33.5")
        .build()
        .unwrap();
    client
        .send_message()
        .queue_url(&url)
        .message_body(body)
        .message_attributes("temp", attribute)
        .send()
        .await
        .unwrap();
    let arn = "arn:aws:sqs:eu-west-1:123456789012:q";
    stand
        .services
        .send_to_queue(arn, "direct", &[("reason".into(), "bad_json".into())])
        .await
        .unwrap();
    let got = client
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(10)
        .message_attribute_names("All")
        .send()
        .await
        .unwrap();
    let first = got
        .messages()
        .iter()
        .find(|message| message.body() == Some(body))
        .unwrap();
    assert_eq!(
        first.message_attributes().unwrap()["temp"].string_value(),
        Some("33.5")
    );
    let second = got
        .messages()
        .iter()
        .find(|message| message.body() == Some("direct"))
        .unwrap();
    assert_eq!(
        second.message_attributes().unwrap()["reason"].string_value(),
        Some("bad_json")
    );

    let missing = client
        .get_queue_url()
        .queue_name("nope")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(missing.is_queue_does_not_exist(), "{missing:?}");
    let error = stand
        .services
        .send_to_queue("arn:aws:sqs:eu-west-1:123456789012:nope", "x", &[])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("NonExistentQueue"), "{error}");
}
