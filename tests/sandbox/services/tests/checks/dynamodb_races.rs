//! DynamoDB under concurrency: what the alarm engine's correctness rests on.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use crate::dynamodb::{n, s, stand};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_conditional_writers_exactly_one_wins() {
    let (_stand, client) = stand().await;
    let writers: Vec<_> = (0..32)
        .map(|i| {
            let put = client
                .put_item()
                .table_name("Alarms")
                .item("alarm_id", s("race"))
                .item("winner", n(i))
                .condition_expression("attribute_not_exists(alarm_id)");
            tokio::spawn(async move { put.send().await.map(|_| i) })
        })
        .collect();
    let mut winners = Vec::new();
    for writer in writers {
        match writer.await.unwrap() {
            Ok(i) => winners.push(i),
            Err(error) => assert!(
                error
                    .into_service_error()
                    .is_conditional_check_failed_exception()
            ),
        }
    }
    assert_eq!(winners.len(), 1);
    let item = client
        .get_item()
        .table_name("Alarms")
        .key("alarm_id", s("race"))
        .send()
        .await
        .unwrap()
        .item
        .unwrap();
    assert_eq!(item["winner"], n(winners[0]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_concurrent_transactions_on_the_same_pair_never_both_apply() {
    let (_stand, client) = stand().await;
    for round in 0..20 {
        let names = [format!("x{round}"), format!("y{round}")];
        let transactions: Vec<_> = (0..4)
            .map(|i| {
                // Half of them take the pair in the other order.
                let order = if i % 2 == 0 {
                    [&names[0], &names[1]]
                } else {
                    [&names[1], &names[0]]
                };
                let mut call = client.transact_write_items();
                for name in order {
                    let put = Put::builder()
                        .table_name("Alarms")
                        .item("alarm_id", s(name))
                        .item("by", n(i));
                    let put = put
                        .condition_expression("attribute_not_exists(alarm_id)")
                        .build()
                        .unwrap();
                    call = call.transact_items(TransactWriteItem::builder().put(put).build());
                }
                tokio::spawn(call.send())
            })
            .collect();
        let mut applied = 0;
        for transaction in transactions {
            match transaction.await.unwrap() {
                Ok(_) => applied += 1,
                Err(error) => assert!(
                    error
                        .into_service_error()
                        .is_transaction_canceled_exception()
                ),
            }
        }
        assert_eq!(applied, 1);
        let mut by = Vec::new();
        for name in &names {
            let read = client
                .get_item()
                .table_name("Alarms")
                .key("alarm_id", s(name))
                .send()
                .await
                .unwrap();
            by.push(read.item.unwrap().remove("by").unwrap());
        }
        assert_eq!(by[0], by[1], "both items are of the same transaction");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_increment_is_lost() {
    let (_stand, client) = stand().await;
    let updates: Vec<_> = (0..50)
        .map(|_| {
            let update = client
                .update_item()
                .table_name("Alarms")
                .key("alarm_id", s("count"))
                .update_expression("ADD v :one")
                .expression_attribute_values(":one", n(1));
            tokio::spawn(update.send())
        })
        .collect();
    for update in updates {
        update.await.unwrap().unwrap();
    }
    let item = client
        .get_item()
        .table_name("Alarms")
        .key("alarm_id", s("count"))
        .send()
        .await
        .unwrap()
        .item
        .unwrap();
    assert_eq!(item["v"], n(50));
}
