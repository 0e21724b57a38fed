//! Each kind of fault, as the SDK sees it, and what took effect.

use aws_sdk_timestreamwrite::operation::write_records::WriteRecordsError;
use aws_sdk_timestreamwrite::types::Record;
use sandbox_services::{Fault, FaultKind, When};
use serde_json::json;

use crate::{
    dynamodb::{n, s, stand},
    support::{NOW_MS, Stand, code},
    timestream_write,
};

fn inject(
    stand: &Stand,
    service: &str,
    operation: &str,
    when: When,
    kind: FaultKind,
) -> sandbox_services::FaultId {
    stand.services.faults().inject(Fault {
        service: service.into(),
        operation: operation.into(),
        when,
        kind,
    })
}

#[tokio::test]
async fn throttles_carry_each_services_own_code() {
    let (stand, dynamodb) = stand().await;
    for service in ["dynamodb", "sqs", "sns", "timestream"] {
        inject(&stand, service, "*", When::Next(1), FaultKind::Throttle);
    }
    let error = dynamodb
        .get_item()
        .table_name("Alarms")
        .key("alarm_id", s("a"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        code(&error.into_service_error()),
        "ProvisionedThroughputExceededException"
    );
    let error = stand.sqs().list_queues().send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 403);
    assert_eq!(code(&error.into_service_error()), "RequestThrottled");
    let error = stand.sns().list_topics().send().await.unwrap_err();
    assert_eq!(code(&error.into_service_error()), "Throttling");
    let error = stand
        .timestream()
        .list_databases()
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_throttling_exception());
    assert!(
        stand
            .services
            .calls()
            .iter()
            .rev()
            .take(4)
            .all(|call| call.fault == Some("Throttle"))
    );
}

#[tokio::test]
async fn an_internal_error_has_no_effect_and_the_sdk_retries_it() {
    let (stand, _) = stand().await;
    let fault = inject(
        &stand,
        "dynamodb",
        "PutItem",
        When::Nth(1),
        FaultKind::InternalBefore,
    );
    stand.services.clear_calls();
    let put = stand
        .dynamodb_retrying()
        .put_item()
        .table_name("Alarms")
        .item("alarm_id", s("a"));
    put.condition_expression("attribute_not_exists(alarm_id)")
        .send()
        .await
        .unwrap();
    let statuses: Vec<_> = stand
        .services
        .calls()
        .iter()
        .map(|call| call.status)
        .collect();
    assert_eq!(statuses, [500, 200]);
    assert_eq!(stand.services.faults().fired(fault), 1);
}

#[tokio::test]
async fn a_lost_reply_took_effect() {
    let (stand, client) = stand().await;
    inject(
        &stand,
        "dynamodb",
        "UpdateItem",
        When::Nth(1),
        FaultKind::LostReply,
    );
    let update = client
        .update_item()
        .table_name("Alarms")
        .key("alarm_id", s("a"))
        .update_expression("ADD v :one");
    let error = update
        .expression_attribute_values(":one", n(1))
        .send()
        .await
        .unwrap_err();
    assert!(
        error.as_service_error().is_none(),
        "the connection was closed without an answer: {error:?}"
    );
    let item = client
        .get_item()
        .table_name("Alarms")
        .key("alarm_id", s("a"))
        .send()
        .await
        .unwrap()
        .item
        .unwrap();
    assert_eq!(item["v"], n(1));
}

#[tokio::test]
async fn any_error_can_be_given() {
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
    let kind = FaultKind::Error {
        code: "KMSDisabled".into(),
        message: "key off".into(),
        status: 400,
    };
    inject(&stand, "sns", "Publish", When::Next(1), kind);
    let error = stand
        .sns()
        .publish()
        .topic_arn(&topic)
        .message("m")
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_kms_disabled_exception());
    assert!(stand.services.published().is_empty());
}

#[tokio::test]
async fn chosen_records_are_rejected_and_the_others_stored() {
    let (stand, client) = timestream_write::stand(false).await;
    inject(
        &stand,
        "timestream",
        "WriteRecords",
        When::Nth(1),
        FaultKind::RejectRecords(vec![1]),
    );
    let mut write = client
        .write_records()
        .database_name("SCI_Properties")
        .table_name("EnvironmentalData");
    for name in ["a", "b", "c"] {
        write = write.records(
            Record::builder()
                .measure_name(name)
                .measure_value("1")
                .time(NOW_MS.to_string())
                .build(),
        );
    }
    let WriteRecordsError::RejectedRecordsException(rejected) =
        write.send().await.unwrap_err().into_service_error()
    else {
        panic!()
    };
    assert_eq!(rejected.rejected_records()[0].record_index(), 1);
    let query = json!({"QueryString": "SELECT measure_name FROM SCI_Properties.EnvironmentalData ORDER BY measure_name"});
    let (_, answer) = stand.json("timestream", "Query", query).await;
    let names: Vec<_> = answer["Rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["Data"][0]["ScalarValue"])
        .collect();
    assert_eq!(names, ["a", "c"]);
}

#[tokio::test]
async fn a_delay_holds_the_call_back_and_abandoning_it_leaves_no_effect() {
    let (stand, client) = stand().await;
    inject(
        &stand,
        "dynamodb",
        "PutItem",
        When::Next(1),
        FaultKind::Delay(3_600_000),
    );
    let put = client
        .put_item()
        .table_name("Alarms")
        .item("alarm_id", s("a"))
        .send();
    let held = tokio::time::timeout(std::time::Duration::from_millis(200), put).await;
    assert!(held.is_err(), "answered in spite of the delay: {held:?}");
    let item = client
        .get_item()
        .table_name("Alarms")
        .key("alarm_id", s("a"))
        .send()
        .await
        .unwrap()
        .item;
    assert_eq!(item, None);
    inject(&stand, "sts", "*", When::Next(1), FaultKind::Delay(1));
    let request = http::Request::post("/")
        .body("Action=GetCallerIdentity".into())
        .unwrap();
    assert_eq!(stand.services.handle("sts", request).await.status(), 200);
}
