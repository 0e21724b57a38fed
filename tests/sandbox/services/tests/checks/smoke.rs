//! Every service answers its real SDK.
use crate::support::Stand;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};

#[tokio::test]
async fn one_call_of_each() {
    let stand = Stand::start().await;

    let dynamodb = stand.dynamodb();
    dynamodb
        .create_table()
        .table_name("Things")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name("k")
                .attribute_type(ScalarAttributeType::S)
                .build()
                .unwrap(),
        )
        .key_schema(
            KeySchemaElement::builder()
                .attribute_name("k")
                .key_type(KeyType::Hash)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    dynamodb
        .put_item()
        .table_name("Things")
        .item("k", AttributeValue::S("a".into()))
        .send()
        .await
        .unwrap();
    let table = dynamodb
        .describe_table()
        .table_name("Things")
        .send()
        .await
        .unwrap()
        .table
        .unwrap();
    assert_eq!(
        table.table_arn.unwrap(),
        "arn:aws:dynamodb:eu-west-1:123456789012:table/Things"
    );

    let sqs = stand.sqs();
    let url = sqs
        .create_queue()
        .queue_name("q")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    assert_eq!(url, format!("{}/123456789012/q", stand.endpoint));
    sqs.send_message()
        .queue_url(&url)
        .message_body("hello")
        .send()
        .await
        .unwrap();
    let got = sqs.receive_message().queue_url(&url).send().await.unwrap();
    assert_eq!(got.messages()[0].body(), Some("hello"));

    let sns = stand.sns();
    let topic = sns
        .create_topic()
        .name("t")
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    assert_eq!(topic, "arn:aws:sns:eu-west-1:123456789012:t");
    let id = sns
        .publish()
        .topic_arn(&topic)
        .message("m")
        .send()
        .await
        .unwrap()
        .message_id
        .unwrap();
    assert_eq!(stand.services.published()[0].message_id, id);

    let timestream = stand.timestream();
    timestream
        .create_database()
        .database_name("SCI_Properties")
        .send()
        .await
        .unwrap();
    let listed = timestream.list_databases().send().await.unwrap();
    assert_eq!(
        listed.databases()[0].database_name(),
        Some("SCI_Properties")
    );

    let calls = stand.services.calls();
    assert_eq!(calls[0].operation, "CreateTable");
    assert!(
        calls
            .iter()
            .all(|call| call.status == 200 && call.access_key_id.as_deref() == Some("AKIDTEST"))
    );
    assert!(
        calls[0]
            .user_agent
            .as_deref()
            .unwrap()
            .contains("aws-sdk-rust")
    );
}
