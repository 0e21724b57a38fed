//! DynamoDB transactions: all or nothing, reasons in order, idempotency tokens.

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{ConditionCheck, Put, TransactWriteItem, Update},
};

use crate::{
    dynamodb::{n, read, s, stand},
    support::code,
};

fn put(id: &str, condition: Option<&str>) -> TransactWriteItem {
    let put = Put::builder()
        .table_name("Alarms")
        .item("alarm_id", s(id))
        .item("by", s("tx"));
    TransactWriteItem::builder()
        .put(
            put.set_condition_expression(condition.map(str::to_owned))
                .build()
                .unwrap(),
        )
        .build()
}

#[tokio::test]
async fn a_refused_transaction_gives_its_reasons_in_order_and_writes_nothing() {
    let (_stand, client) = stand().await;
    client
        .put_item()
        .table_name("Alarms")
        .item("alarm_id", s("b"))
        .item("v", n(1))
        .send()
        .await
        .unwrap();
    let check = ConditionCheck::builder()
        .table_name("Alarms")
        .key("alarm_id", s("nobody"))
        .condition_expression("attribute_exists(alarm_id)");
    let refused = client
        .transact_write_items()
        .transact_items(put("a", None))
        .transact_items(put("b", Some("attribute_not_exists(alarm_id)")))
        .transact_items(put("c", None))
        .transact_items(
            TransactWriteItem::builder()
                .condition_check(check.build().unwrap())
                .build(),
        )
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(refused) = refused else {
        panic!("{refused:?}")
    };
    let codes: Vec<_> = refused
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "None",
            "ConditionalCheckFailed",
            "None",
            "ConditionalCheckFailed"
        ]
    );
    assert!(read(&client, "a").await.is_none() && read(&client, "c").await.is_none());
    assert_eq!(read(&client, "b").await.unwrap()["v"], n(1));
}

#[tokio::test]
async fn a_transaction_writes_all_and_its_token_makes_it_happen_once() {
    let (_stand, client) = stand().await;
    let increment = |by: i64| {
        let update = Update::builder()
            .table_name("Alarms")
            .key("alarm_id", s("count"))
            .update_expression("ADD v :by")
            .expression_attribute_values(":by", n(by));
        TransactWriteItem::builder()
            .update(update.build().unwrap())
            .build()
    };
    let send = |by: i64| {
        let transaction = client
            .transact_write_items()
            .client_request_token("token-1");
        transaction
            .transact_items(increment(by))
            .transact_items(put("a", None))
            .send()
    };
    send(2).await.unwrap();
    send(2).await.unwrap();
    assert_eq!(read(&client, "count").await.unwrap()["v"], n(2));
    assert!(read(&client, "a").await.is_some());
    let other = send(3).await.unwrap_err().into_service_error();
    assert_eq!(code(&other), "IdempotentParameterMismatchException");
}

#[tokio::test]
async fn two_actions_on_one_item_are_refused() {
    let (_stand, client) = stand().await;
    let twice = client
        .transact_write_items()
        .transact_items(put("a", None))
        .transact_items(put("a", None));
    assert_eq!(
        code(&twice.send().await.unwrap_err().into_service_error()),
        "ValidationException"
    );
}
