//! What breaks in AWS breaks here, and nothing is lost or silently doubled.

use std::sync::Arc;

use sandbox_services::{FaultKind, When};

use crate::world::{ALWAYS, SENSOR, World, text};

const MINUTE: u64 = 60_000;

async fn assert_raised_once(world: &World) {
    let alarm = world.alarm().await;
    assert_eq!(text(&alarm, "state"), "active");
    assert_eq!(world.items("HighTempsTableName").await.len(), 1);
    assert!(world.items("OutboxTableName").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_database_is_waited_for() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    world.inject("dynamodb", "*", When::Next(2), FaultKind::Throttle);
    world.reads(&mut device, 36.0).await;
    assert_eq!(world.outcomes(), ["stored"]);
    assert_raised_once(&world).await;
    assert_eq!(world.told(), [("raised".into(), "1".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stays_down_dead_letters_the_message_with_its_content() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    world.inject("dynamodb", "*", ALWAYS, FaultKind::InternalBefore);
    world.reads(&mut device, 36.0).await;
    assert_eq!(
        world.outcomes().len(),
        3,
        "one attempt and two retries: {:?}",
        world.outcomes()
    );
    let failures = world.bodies("FunctionFailuresQueueUrl").await;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0]["requestPayload"]["temperature"], 36.0);
    assert_eq!(
        failures[0]["requestContext"]["condition"],
        "RetriesExhausted"
    );
    // What is in the queue can be sent again once the database is back.
    world.sandbox.services.faults().clear();
    let function = world.sandbox.output("HighTempProcessorFunctionName");
    let event = failures[0]["requestPayload"].to_string();
    world
        .sandbox
        .lambda
        .invoke_async(function, event.into())
        .unwrap();
    world.sandbox.quiesce().await;
    assert_raised_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_sns_is_down_the_news_waits_in_the_outbox() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    world.later(0);
    world.inject("sns", "Publish", ALWAYS, FaultKind::InternalBefore);
    world.reads(&mut device, 36.0).await;
    assert_eq!(world.outcomes(), ["stored"], "the message itself is safe");
    assert_eq!(
        (
            world.told().len(),
            world.items("OutboxTableName").await.len()
        ),
        (0, 1)
    );
    world.later(2 * MINUTE);
    world.sandbox.tick().await;
    assert_eq!(world.told().len(), 0, "still down");
    world.sandbox.services.faults().clear();
    world.later(2 * MINUTE);
    world.sandbox.tick().await;
    assert_eq!(
        world.told(),
        [("raised".into(), "3".into())],
        "once, and it says that it may not be the first"
    );
    world.later(2 * MINUTE);
    world.sandbox.tick().await;
    assert_eq!(world.told().len(), 1);
    assert_raised_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_of_the_write_neither_loses_nor_doubles() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    world.later(0);
    world.inject(
        "dynamodb",
        "TransactWriteItems",
        When::Next(1),
        FaultKind::LostReply,
    );
    world.reads(&mut device, 36.0).await;
    world.later(2 * MINUTE);
    world.sandbox.tick().await;
    assert_raised_once(&world).await;
    assert_eq!(world.told().len(), 1, "{:?}", world.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_of_the_publish_doubles_and_says_so() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    world.later(0);
    // SNS took the message; neither the SDK nor the function ever hears of it.
    world.inject("sns", "Publish", When::Next(3), FaultKind::LostReply);
    world.reads(&mut device, 36.0).await;
    world.later(2 * MINUTE);
    world.sandbox.tick().await;
    assert_raised_once(&world).await;
    let told = world.told();
    assert_eq!(
        told.last(),
        Some(&("raised".to_owned(), "2".to_owned())),
        "{told:?}"
    );
    let ids: std::collections::BTreeSet<_> = world
        .sandbox
        .services
        .published()
        .iter()
        .map(|m| m.attributes["notification_id"].value.clone())
        .collect();
    assert_eq!(
        ids.len(),
        1,
        "the same notification, so a subscriber can tell"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_killed_between_two_effects_is_finished_by_retry_and_sweep() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    world.later(0);
    let function = world
        .sandbox
        .output("HighTempProcessorFunctionName")
        .to_owned();
    // SNS holds its answer back; the function dies as soon as the write before it is done.
    world.inject("sns", "Publish", When::Next(1), FaultKind::Delay(60_000));
    let services = world.sandbox.services.clone();
    let once = Arc::new(std::sync::atomic::AtomicBool::new(false));
    world.sandbox.lambda.faults().kill_when(
        &function,
        Arc::new(move |_| {
            let (services, once) = (services.clone(), Arc::clone(&once));
            Box::pin(async move {
                if once.swap(true, std::sync::atomic::Ordering::SeqCst) {
                    std::future::pending::<()>().await;
                }
                while !services
                    .calls()
                    .iter()
                    .any(|call| call.operation == "TransactWriteItems")
                {
                    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                }
            })
        }),
    );
    world.reads(&mut device, 36.0).await;
    let outcomes = world.outcomes();
    assert_eq!(
        outcomes.first().map(String::as_str),
        Some("crash"),
        "{outcomes:?}"
    );
    assert_eq!(
        outcomes.last().map(String::as_str),
        Some("duplicate"),
        "the retry sees its own write: {outcomes:?}"
    );
    world.later(2 * MINUTE);
    world.sandbox.tick().await;
    assert_raised_once(&world).await;
    assert_eq!(world.told(), [("raised".into(), "2".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn timestream_that_rejects_a_record_keeps_it_among_the_refused() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    world.inject(
        "timestream",
        "WriteRecords",
        When::Next(1),
        FaultKind::RejectRecords(vec![0]),
    );
    world.reads(&mut device, 36.0).await;
    assert_eq!(
        world.outcomes(),
        ["stored"],
        "row and alarm do not depend on it"
    );
    assert_raised_once(&world).await;
    let kept = world.bodies("RefusedMessagesQueueUrl").await;
    assert_eq!(kept[0]["reason"], "telemetry-rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_hangs_is_stopped_and_tried_again() {
    let world = World::start_with(|options| {
        options.template = options.template.replace("Timeout: 45", "Timeout: 2");
    })
    .await;
    let mut device = world.device(SENSOR).await;
    world.inject(
        "dynamodb",
        "BatchGetItem",
        When::Next(1),
        FaultKind::Delay(60_000),
    );
    world.reads(&mut device, 36.0).await;
    let outcomes = world.outcomes();
    assert_eq!(
        outcomes.last().map(String::as_str),
        Some("stored"),
        "{outcomes:?}"
    );
    assert_raised_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_delivered_twice_counts_once() {
    let world = World::start().await;
    let mut device = world.device(SENSOR).await;
    let function = world
        .sandbox
        .output("HighTempProcessorFunctionName")
        .to_owned();
    world.sandbox.lambda.faults().duplicate(&function, 1);
    world.reads(&mut device, 36.0).await;
    let mut outcomes = world.outcomes();
    outcomes.sort();
    assert_eq!(outcomes, ["duplicate", "stored"]);
    assert_raised_once(&world).await;
    assert_eq!(world.told().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_alarm_does_not_keep_the_others_open() {
    let world = World::start().await;
    world.later(0);
    let mut broken = world.device(SENSOR).await;
    world.reads(&mut broken, 36.0).await;
    world.later(1000);
    let mut other = world.device("sci-property-001-environmental-0043").await;
    world.reads(&mut other, 36.0).await;
    let s = aws_sdk_dynamodb::types::AttributeValue::S;
    let update = world
        .dynamodb
        .update_item()
        .table_name(world.sandbox.output("AlarmsTableName"));
    let update = update.key("alarm_id", s(format!("{SENSOR}#temperature")));
    let update = update
        .update_expression("SET document = :d")
        .expression_attribute_values(":d", s("{".into()));
    update.send().await.unwrap();
    world.later(31 * MINUTE);
    world.sandbox.tick().await;
    let told: Vec<_> = world
        .told()
        .into_iter()
        .map(|(transition, _)| transition)
        .collect();
    assert_eq!(
        told,
        ["raised", "raised", "cleared"],
        "the longest overdue one is broken"
    );
    assert!(
        !world.bodies("FunctionFailuresQueueUrl").await.is_empty(),
        "and an operator sees that a sweep fails"
    );
}
