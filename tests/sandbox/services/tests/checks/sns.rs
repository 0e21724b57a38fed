//! SNS: topics, publishing rules, batches, delivery to queues.

use aws_sdk_sns::{Client, primitives::Blob, types::MessageAttributeValue};
use serde_json::{Value, json};

use crate::support::Stand;

pub fn text(value: &str) -> MessageAttributeValue {
    typed("String", value)
}

pub fn typed(data_type: &str, value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type(data_type)
        .string_value(value)
        .build()
        .unwrap()
}

/// A topic with a queue behind it.
pub struct Pipe {
    pub stand: Stand,
    pub sns: Client,
    pub topic: String,
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
}

impl Pipe {
    pub async fn new(subscription: Value) -> Self {
        let stand = Stand::start().await;
        let services = &stand.services;
        services
            .create_resource("AWS::SQS::Queue", "q", &json!({}))
            .await
            .unwrap();
        services
            .create_resource("AWS::SNS::Topic", "alarms", &json!({}))
            .await
            .unwrap();
        let topic = "arn:aws:sns:eu-west-1:123456789012:alarms".to_owned();
        let mut properties = json!({
            "TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-west-1:123456789012:q",
        });
        properties
            .as_object_mut()
            .unwrap()
            .extend(subscription.as_object().unwrap().clone());
        services
            .create_resource("AWS::SNS::Subscription", "s", &properties)
            .await
            .unwrap();
        let queue_url = format!("{}/123456789012/q", stand.endpoint);
        Self {
            sns: stand.sns(),
            sqs: stand.sqs(),
            stand,
            topic,
            queue_url,
        }
    }

    /// Everything the queue got, taken off it.
    pub async fn received(&self) -> Vec<aws_sdk_sqs::types::Message> {
        let sqs = &self.sqs;
        let mut all = Vec::new();
        loop {
            let receive = sqs
                .receive_message()
                .queue_url(&self.queue_url)
                .max_number_of_messages(10);
            let got = receive.message_attribute_names("All").send().await.unwrap();
            if got.messages().is_empty() {
                return all;
            }
            for message in got.messages.unwrap() {
                let handle = message.receipt_handle().unwrap().to_owned();
                sqs.delete_message()
                    .queue_url(&self.queue_url)
                    .receipt_handle(handle)
                    .send()
                    .await
                    .unwrap();
                all.push(message);
            }
        }
    }
}

#[tokio::test]
async fn a_queue_gets_the_notification_document() {
    let pipe = Pipe::new(json!({})).await;
    let id = pipe
        .sns
        .publish()
        .topic_arn(&pipe.topic)
        .subject("Hot: property-001")
        .message("33.2 °C <&> \r\n")
        .message_attributes("severity", text("major"))
        .send()
        .await
        .unwrap()
        .message_id
        .unwrap();
    let received = pipe.received().await;
    let document: Value = serde_json::from_str(received[0].body().unwrap()).unwrap();
    assert_eq!(document["Type"], "Notification");
    assert_eq!(document["MessageId"], id.as_str());
    assert_eq!(document["TopicArn"], pipe.topic.as_str());
    assert_eq!(document["Subject"], "Hot: property-001");
    assert_eq!(document["Message"], "33.2 °C <&> \r\n");
    assert_eq!(document["Timestamp"], "2026-11-21T01:02:03.004Z");
    assert_eq!(document["SignatureVersion"], "1");
    assert_eq!(
        document["MessageAttributes"],
        json!({"severity": {"Type": "String", "Value": "major"}})
    );
    for key in ["Signature", "SigningCertURL", "UnsubscribeURL"] {
        assert!(document[key].is_string(), "{key}");
    }
    let published = pipe.stand.services.published();
    assert_eq!(published[0].message_id, id);
    assert_eq!(published[0].attributes["severity"].value, "major");
}

#[tokio::test]
async fn raw_delivery_passes_text_and_attributes() {
    let pipe = Pipe::new(json!({"RawMessageDelivery": true})).await;
    let binary = MessageAttributeValue::builder()
        .data_type("Binary")
        .binary_value(Blob::new([1, 2, 3]))
        .build()
        .unwrap();
    let publish = pipe
        .sns
        .publish()
        .topic_arn(&pipe.topic)
        .message("plain")
        .message_attributes("b", binary);
    publish
        .message_attributes("n", typed("Number", "5"))
        .send()
        .await
        .unwrap();
    let received = pipe.received().await;
    assert_eq!(received[0].body(), Some("plain"));
    let attributes = received[0].message_attributes().unwrap();
    assert_eq!(attributes["n"].string_value(), Some("5"));
    assert_eq!(attributes["b"].binary_value().unwrap().as_ref(), [1, 2, 3]);
}

#[tokio::test]
async fn message_structure_json_picks_the_protocol() {
    let pipe = Pipe::new(json!({"RawMessageDelivery": "true"})).await;
    let publish = |message: Value| {
        pipe.sns
            .publish()
            .topic_arn(&pipe.topic)
            .message_structure("json")
            .message(message.to_string())
            .send()
    };
    publish(json!({"default": "d", "sqs": "for queues"}))
        .await
        .unwrap();
    assert_eq!(pipe.received().await[0].body(), Some("for queues"));
    let refused = publish(json!({"sqs": "no default"}))
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refused.is_invalid_parameter_exception(), "{refused:?}");
}

#[tokio::test]
async fn topics_and_subscriptions_live_and_die() {
    let pipe = Pipe::new(json!({})).await;
    let sns = &pipe.sns;
    let again = sns
        .create_topic()
        .name("alarms")
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    assert_eq!(again, pipe.topic);
    sns.set_topic_attributes()
        .topic_arn(&again)
        .attribute_name("DisplayName")
        .attribute_value("A")
        .send()
        .await
        .unwrap();
    let pending = sns
        .subscribe()
        .topic_arn(&again)
        .protocol("email")
        .endpoint("ops@example.com")
        .send()
        .await
        .unwrap();
    assert_eq!(pending.subscription_arn(), Some("pending confirmation"));
    let attributes = sns
        .get_topic_attributes()
        .topic_arn(&again)
        .send()
        .await
        .unwrap()
        .attributes
        .unwrap();
    assert_eq!(attributes["SubscriptionsConfirmed"], "1");
    assert_eq!(attributes["SubscriptionsPending"], "1");
    assert_eq!(attributes["DisplayName"], "A");
    let listed = sns
        .list_subscriptions_by_topic()
        .topic_arn(&again)
        .send()
        .await
        .unwrap();
    let arn = listed.subscriptions()[0].subscription_arn().unwrap();
    assert_eq!(
        listed.subscriptions()[1].subscription_arn(),
        Some("PendingConfirmation")
    );
    sns.unsubscribe()
        .subscription_arn(arn)
        .send()
        .await
        .unwrap();
    sns.publish()
        .topic_arn(&again)
        .message("nobody listens")
        .send()
        .await
        .unwrap();
    assert!(pipe.received().await.is_empty());
    sns.delete_topic().topic_arn(&again).send().await.unwrap();
    assert!(sns.list_topics().send().await.unwrap().topics().is_empty());
    assert!(
        sns.list_subscriptions()
            .send()
            .await
            .unwrap()
            .subscriptions()
            .is_empty()
    );
}

#[tokio::test]
async fn a_delivery_that_fails_goes_to_the_dead_letter_queue() {
    let stand = Stand::start().await;
    let services = &stand.services;
    for name in ["live", "dead"] {
        services
            .create_resource("AWS::SQS::Queue", name, &json!({}))
            .await
            .unwrap();
    }
    let subscription = json!({
        "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-west-1:123456789012:live", "RawMessageDelivery": true,
        "RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"},
    });
    services
        .create_resource(
            "AWS::SNS::Topic",
            "t",
            &json!({"Subscription": [subscription]}),
        )
        .await
        .unwrap();
    let sqs = stand.sqs();
    let url = |name: &str| format!("{}/123456789012/{name}", stand.endpoint);
    sqs.delete_queue()
        .queue_url(url("live"))
        .send()
        .await
        .unwrap();
    let topic = "arn:aws:sns:eu-west-1:123456789012:t";
    stand
        .sns()
        .publish()
        .topic_arn(topic)
        .message("m")
        .send()
        .await
        .unwrap();
    let dead = sqs
        .receive_message()
        .queue_url(url("dead"))
        .send()
        .await
        .unwrap();
    assert_eq!(dead.messages()[0].body(), Some("m"));
}
