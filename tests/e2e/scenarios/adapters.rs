//! The AWS adapters pass the contracts that the fakes pass, on the sandbox's services through the real SDK.

use sandbox::{aws::sdk_config, options::REGION};
use sci_adapters::{aws_clients::AwsClients, resources::AlarmResources};
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
