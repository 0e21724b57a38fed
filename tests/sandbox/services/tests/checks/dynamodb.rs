//! DynamoDB: conditions, transactions, updates, indexes, paging, time to live.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure, TimeToLiveSpecification,
    },
};
use serde_json::json;

use crate::support::{NOW_MS, Stand, code};

pub fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The shape of the suite's tables: a key, and a sparse index on due things.
pub async fn stand() -> (Stand, Client) {
    let stand = Stand::start().await;
    let properties = json!({
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "alarm_id", "AttributeType": "S"},
            {"AttributeName": "kind", "AttributeType": "S"},
            {"AttributeName": "due_at", "AttributeType": "N"},
        ],
        "KeySchema": [{"AttributeName": "alarm_id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "due",
            "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "due_at", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
    });
    stand
        .services
        .create_resource("AWS::DynamoDB::Table", "Alarms", &properties)
        .await
        .unwrap();
    let client = stand.dynamodb();
    (stand, client)
}

pub async fn read(client: &Client, id: &str) -> Option<HashMap<String, AttributeValue>> {
    client
        .get_item()
        .table_name("Alarms")
        .key("alarm_id", s(id))
        .consistent_read(true)
        .send()
        .await
        .unwrap()
        .item
}

#[tokio::test]
async fn a_conditional_write_is_refused_and_returns_what_is_there() {
    let (_stand, client) = stand().await;
    let put = |value: i64| {
        client
            .put_item()
            .table_name("Alarms")
            .item("alarm_id", s("a"))
            .item("v", n(value))
            .condition_expression("attribute_not_exists(alarm_id) OR #v < :v")
            .expression_attribute_names("#v", "v")
            .expression_attribute_values(":v", n(value))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    put(5).send().await.unwrap();
    let refused = put(5).send().await.unwrap_err().into_service_error();
    assert!(
        refused.is_conditional_check_failed_exception(),
        "{refused:?}"
    );
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
        refused,
    ) = refused
    else {
        panic!()
    };
    assert_eq!(refused.item().unwrap()["v"], n(5));
    put(6).send().await.unwrap();
    assert_eq!(read(&client, "a").await.unwrap()["v"], n(6));
}

#[tokio::test]
async fn update_expressions_set_add_remove_and_return() {
    let (_stand, client) = stand().await;
    let key = || {
        client
            .update_item()
            .table_name("Alarms")
            .key("alarm_id", s("u"))
    };
    key()
        .update_expression("SET a = if_not_exists(a, :one), l = :l, m = :m")
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":l", AttributeValue::L(vec![s("x")]))
        .expression_attribute_values(
            ":m",
            AttributeValue::M(HashMap::from([("in".to_owned(), n(1))])),
        )
        .send()
        .await
        .unwrap();
    let updated = key()
        .update_expression(
            "SET a = a + :one, l = list_append(l, :more), m.#in = :two REMOVE gone ADD tags :tags",
        )
        .expression_attribute_names("#in", "in")
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":two", n(2))
        .expression_attribute_values(":more", AttributeValue::L(vec![s("y")]))
        .expression_attribute_values(":tags", AttributeValue::Ss(vec!["t".into()]))
        .return_values(ReturnValue::AllNew)
        .send()
        .await
        .unwrap()
        .attributes
        .unwrap();
    assert_eq!(updated["a"], n(2));
    assert_eq!(updated["l"], AttributeValue::L(vec![s("x"), s("y")]));
    assert_eq!(
        updated["m"],
        AttributeValue::M(HashMap::from([("in".to_owned(), n(2))]))
    );
    assert_eq!(updated["tags"], AttributeValue::Ss(vec!["t".into()]));
}

#[tokio::test]
async fn a_sparse_index_holds_only_items_with_its_keys_in_order_and_pages() {
    let (_stand, client) = stand().await;
    for i in 0..25_i64 {
        let item = client
            .put_item()
            .table_name("Alarms")
            .item("alarm_id", s(&format!("a{i}")))
            .item("kind", s("temp"));
        // Every fifth is not due and stays out of the index.
        let item = if i % 5 == 0 {
            item
        } else {
            item.item("due_at", n(1000 - i))
        };
        item.send().await.unwrap();
    }
    let mut due = Vec::new();
    let mut pages = 0;
    let mut start = None;
    loop {
        let page = client
            .query()
            .table_name("Alarms")
            .index_name("due")
            .key_condition_expression("kind = :k AND due_at <= :now")
            .expression_attribute_values(":k", s("temp"))
            .expression_attribute_values(":now", n(995))
            .limit(7)
            .set_exclusive_start_key(start)
            .send()
            .await
            .unwrap();
        due.extend(
            page.items()
                .iter()
                .map(|item| item["due_at"].as_n().unwrap().parse::<i64>().unwrap()),
        );
        pages += 1;
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    let expected: Vec<i64> = (0..25)
        .rev()
        .filter(|i| i % 5 != 0 && 1000 - i <= 995)
        .map(|i| 1000 - i)
        .collect();
    assert_eq!(due, expected);
    assert!(pages >= 3, "{pages}");
    client
        .update_item()
        .table_name("Alarms")
        .key("alarm_id", s("a6"))
        .update_expression("REMOVE due_at")
        .send()
        .await
        .unwrap();
    let left = client
        .query()
        .table_name("Alarms")
        .index_name("due")
        .key_condition_expression("kind = :k")
        .expression_attribute_values(":k", s("temp"));
    assert_eq!(left.send().await.unwrap().count(), 19);
}

#[tokio::test]
async fn a_page_ends_at_one_megabyte() {
    let (_stand, client) = stand().await;
    let big = "x".repeat(300_000);
    for i in 0..5 {
        let item = client
            .put_item()
            .table_name("Alarms")
            .item("alarm_id", s(&format!("a{i}")))
            .item("big", s(&big));
        item.send().await.unwrap();
    }
    let page = client.scan().table_name("Alarms").send().await.unwrap();
    assert!(
        page.count() < 5 && page.last_evaluated_key.is_some(),
        "{}",
        page.count()
    );
    let too_big = client
        .put_item()
        .table_name("Alarms")
        .item("alarm_id", s("b"))
        .item("big", s(&"x".repeat(410_000)));
    assert_eq!(
        code(&too_big.send().await.unwrap_err().into_service_error()),
        "ValidationException"
    );
}

#[tokio::test]
async fn time_to_live_is_set_described_and_swept_by_the_injected_clock() {
    let (stand, client) = stand().await;
    let specification = TimeToLiveSpecification::builder()
        .attribute_name("expires")
        .enabled(true)
        .build()
        .unwrap();
    client
        .update_time_to_live()
        .table_name("Alarms")
        .time_to_live_specification(specification)
        .send()
        .await
        .unwrap();
    let described = client
        .describe_time_to_live()
        .table_name("Alarms")
        .send()
        .await
        .unwrap();
    let described = described.time_to_live_description.unwrap();
    assert_eq!(described.attribute_name(), Some("expires"));
    let expires = i64::try_from(NOW_MS / 1000).unwrap() + 60;
    client
        .put_item()
        .table_name("Alarms")
        .item("alarm_id", s("a"))
        .item("expires", n(expires))
        .send()
        .await
        .unwrap();
    assert_eq!(stand.services.sweep_time_to_live().unwrap(), 0);
    stand.advance_ms(61_000);
    assert!(
        read(&client, "a").await.is_some(),
        "an expired item stays until the sweep"
    );
    assert_eq!(stand.services.sweep_time_to_live().unwrap(), 1);
    assert!(read(&client, "a").await.is_none());
}

#[tokio::test]
async fn point_in_time_recovery_is_recorded() {
    let (stand, client) = stand().await;
    let status = async || {
        let described = client
            .describe_continuous_backups()
            .table_name("Alarms")
            .send()
            .await
            .unwrap();
        let described = described.continuous_backups_description.unwrap();
        described
            .point_in_time_recovery_description
            .unwrap()
            .point_in_time_recovery_status
            .unwrap()
    };
    assert_eq!(status().await.as_str(), "DISABLED");
    let body = json!({"TableName": "Alarms", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}});
    assert_eq!(
        stand
            .json("dynamodb", "UpdateContinuousBackups", body)
            .await
            .0,
        200
    );
    assert_eq!(status().await.as_str(), "ENABLED");
    let unknown = client
        .describe_continuous_backups()
        .table_name("Nope")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        code(&unknown.into_service_error()),
        "TableNotFoundException"
    );
}

#[tokio::test]
async fn malformed_requests_get_an_error_class_and_no_engine_marks() {
    let (stand, _client) = stand().await;
    for body in [
        json!({"TableName": "Alarms", "Item": {"alarm_id": {"S": 5}}}),
        json!({"TableName": "Alarms", "Item": {"alarm_id": {}}}),
        json!({"TableName": "Alarms", "Item": {"alarm_id": {"NULL": false}}}),
        json!({"TableName": 7}),
        json!({}),
    ] {
        let (status, answer) = stand.json("dynamodb", "PutItem", body).await;
        let text = answer.to_string();
        assert_eq!(status, 400, "{text}");
        assert!(
            text.contains("ValidationException") || text.contains("SerializationException"),
            "{text}"
        );
        assert!(
            !text.contains("VALIDATION")
                && !text.contains("SERIALIZATION")
                && !text.contains("at line"),
            "{text}"
        );
    }
}
