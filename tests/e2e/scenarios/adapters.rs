//! The AWS adapters pass the contracts that the fakes pass, on the sandbox's services through the real SDK.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
        ScalarAttributeType,
    },
};
use sandbox::{aws::sdk_config, options::REGION};
use sci_adapters::{
    aws_clients::AwsClients, dynamodb_device_keys::DynamoDbDeviceKeys,
    dynamodb_revocations::DynamoDbRevocations, resources::AlarmResources,
};
use sci_domain::timestamp::Timestamp;
use testkit::port_contracts;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn aws_adapters_keep_the_port_contracts() {
    let world = World::start().await;
    // Noon of some day, and the sandbox lives half an hour later: Timestream takes only what is recent.
    let day = Timestamp::from_millis(1_781_524_800_000).unwrap();
    world.sandbox.clock.set(day.as_millis() + 1_800_000);
    let environment = world.sandbox.environment("high-temp-processor");
    let config = sdk_config(&world.sandbox.endpoint(), REGION);
    let clients = AwsClients::new(config, true);
    let resources = AlarmResources::read(&environment).unwrap();
    let adapters = resources.connect(&clients, "high-temp-processor");
    port_contracts::alarm_store(&adapters.store, day).await;
    port_contracts::outbox(&adapters.store, day).await;
    port_contracts::telemetry_store(&adapters.telemetry, day).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn adapters_of_access_keep_the_port_contracts() {
    const REVOCATIONS: &str = "contracts-revocations";
    const DEVICES: &str = "contracts-devices";
    let world = World::start().await;
    create_table(&world.dynamodb, REVOCATIONS, "subject").await;
    create_table(&world.dynamodb, DEVICES, "thing").await;
    let clients = AwsClients::new(sdk_config(&world.sandbox.endpoint(), REGION), true);
    let seconds = |at: Timestamp| AttributeValue::N((at.as_millis() / 1000).to_string());

    let list = DynamoDbRevocations::new(clients.dynamodb(), REVOCATIONS.to_owned());
    let day = Timestamp::from_millis(1_781_524_800_000).unwrap();
    let revoke = async |entry: testkit::Revocation| {
        let put = world.dynamodb.put_item().table_name(REVOCATIONS);
        let mut put = put.item("subject", AttributeValue::S(entry.subject));
        if let Some(at) = entry.expires_at {
            put = put.item("expires_at", seconds(at));
        }
        if let Some(at) = entry.issued_before {
            put = put.item("issued_before", seconds(at));
        }
        put.send().await.unwrap();
    };
    port_contracts::revocations(&list, revoke, day).await;

    let devices = DynamoDbDeviceKeys::new(clients.dynamodb(), DEVICES.to_owned());
    let s = |text: &str| AttributeValue::S(text.to_owned());
    port_contracts::device_keys(
        &devices,
        async |thing, record, enabled| {
            let put = world.dynamodb.put_item().table_name(DEVICES);
            let put = put
                .item("thing", s(thing.as_str()))
                .item("jwks", s(&record.jwks))
                .item("property_id", s(record.property.as_str()))
                .item("scopes", s(&record.scopes.to_string()))
                .item("enabled", AttributeValue::Bool(enabled));
            put.send().await.unwrap();
        },
        async |thing| {
            let delete = world.dynamodb.delete_item().table_name(DEVICES);
            let delete = delete.key("thing", s(thing.as_str()));
            delete.send().await.unwrap();
        },
    )
    .await;
}

async fn create_table(client: &Client, table: &str, hash: &str) {
    let attribute = AttributeDefinition::builder()
        .attribute_name(hash)
        .attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder()
        .attribute_name(hash)
        .key_type(KeyType::Hash);
    client
        .create_table()
        .table_name(table)
        .attribute_definitions(attribute.build().unwrap())
        .key_schema(key.build().unwrap())
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}
