//! Rule SQL that reaches outside the message.

use aws_sdk_dynamodb::types::AttributeValue;
use sandbox::RuleOutcome;
use serde_json::Value;

use crate::world::{SENSOR, World};

const ROLE: &str = "'arn:aws:iam::123456789012:role/lookup'";

#[tokio::test(flavor = "multi_thread")]
async fn rules_look_things_up() {
    let lookups = format!(
        "get_registry_data('DescribeThing', topic(3), {ROLE}).thingName AS registered, \
         get_dynamodb('Properties-dev', 'property_id', property_id, {ROLE}).floors AS floors, \
         property_id AS claimed_property,"
    );
    let world = World::start_with(|options| {
        options.template =
            options
                .template
                .replacen("property_id AS claimed_property,", &lookups, 1);
    })
    .await;
    let mut device = world.device(SENSOR).await;
    // No such item: a function that fails ends the rule, without any action.
    world.reads(&mut device, 36.0).await;
    assert!(world.outcomes().is_empty());
    let outcomes: Vec<_> = world
        .sandbox
        .rule_runs()
        .into_iter()
        .map(|run| run.outcome)
        .collect();
    let failed = |outcome: &RuleOutcome| matches!(outcome, RuleOutcome::EvaluationFailed(why) if why.contains("get_dynamodb"));
    assert!(outcomes.iter().any(failed), "{outcomes:?}");

    let put = world
        .dynamodb
        .put_item()
        .table_name(world.sandbox.output("PropertiesTableName"));
    let put = put.item("property_id", AttributeValue::S("property-001".into()));
    put.item("floors", AttributeValue::N("7".into()))
        .send()
        .await
        .unwrap();
    world.reads(&mut device, 36.0).await;
    assert_eq!(world.outcomes(), ["stored"]);
    let event: Value = serde_json::from_slice(&world.invocations()[0].payload).unwrap();
    assert_eq!(
        (&event["registered"], &event["floors"]),
        (&SENSOR.into(), &7.into())
    );
}
