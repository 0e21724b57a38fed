//! The adapters of admission pass the contracts that their fakes pass, on the sandbox's DynamoDB and AWS IoT.

use std::sync::atomic::{AtomicU8, Ordering};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, ScalarAttributeType,
};
use sandbox::{
    aws::sdk_config,
    device::Device,
    maker::Maker,
    options::{ACCOUNT, REGION},
};
use sci_adapters::{
    aws_clients::AwsClients,
    dynamodb_admission_store::{AdmissionTables, DynamoDbAdmissionStore},
};
use sci_domain::{
    admission::{CertificateId, Introducer, RegisteredStatus, Reprovisioning},
    thing::ThingName,
    timestamp::Timestamp,
};
use sci_iot_control::{IotCertificates, IotRegistry};
use testkit::{RegistryThing, Standing, port_contracts};

use crate::world::{Item, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_store_of_admissions_keeps_its_contract() {
    let world = World::start().await;
    let tables = AdmissionTables {
        allow_list: "contracts-allow-list".to_owned(),
        introducers: "contracts-introducers".to_owned(),
        audit: "contracts-audit".to_owned(),
    };
    create_table(&world, &tables.introducers, &[HASH_INTRODUCER], &[]).await;
    create_table(&world, &tables.audit, &[HASH_SUBJECT, RANGE_SEQUENCE], &[]).await;
    let due = [HASH_DUE_SHARD, RANGE_DUE_AT];
    create_table(&world, &tables.allow_list, &[HASH_SERIAL], &due).await;
    let clients = AwsClients::new(sdk_config(&world.sandbox.endpoint(), REGION), true);
    let store = DynamoDbAdmissionStore::new(clients.dynamodb(), tables.clone());
    let write = async |introducer: &Introducer| {
        let put = world.dynamodb.put_item().table_name(&tables.introducers);
        put.set_item(Some(item(introducer))).send().await.unwrap();
    };
    let day = Timestamp::from_millis(1_781_524_800_000).unwrap();
    port_contracts::admission_store(&store, write, day).await;
    port_contracts::registration_budget(&store, day).await;
}

/// What an operator would write.
pub(crate) fn item(introducer: &Introducer) -> Item {
    let s = |text: &str| AttributeValue::S(text.to_owned());
    let n = |number: u64| AttributeValue::N(number.to_string());
    let seconds = |at: Timestamp| n(at.as_millis() / 1000);
    let policy = introducer.policy;
    let state = match introducer.suspended {
        true => "suspended",
        false => "active",
    };
    let (reprovisioning, until) = match policy.reprovisioning {
        Reprovisioning::Refuse => ("refuse", None),
        Reprovisioning::Window { until } => ("window", Some(seconds(until))),
        Reprovisioning::Replace => ("replace", None),
    };
    // The functions write these, and nobody did before the first lease.
    let used = introducer.used;
    let counter = |count: u64| (used.total > 0).then(|| n(count));
    let required = AttributeValue::Bool(policy.voucher_required);
    [
        ("introducer", Some(s(&introducer.id.to_string()))),
        ("batch", Some(s(introducer.batch.as_str()))),
        ("state", Some(s(state))),
        ("expires_at", Some(seconds(introducer.expires_at))),
        ("voucher_required", Some(required)),
        ("reprovisioning", Some(s(reprovisioning))),
        ("window_until", until),
        ("lease_seconds", Some(n(policy.lease.as_secs()))),
        ("factory_key", introducer.factory_key.as_deref().map(s)),
        ("quota_total", Some(n(introducer.quota.total))),
        ("quota_per_minute", Some(n(introducer.quota.per_minute))),
        ("used_total", counter(used.total)),
        ("used_minute", counter(used.minute)),
        ("used_in_minute", counter(used.in_minute)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

type Key = (&'static str, KeyType, ScalarAttributeType);

const HASH_INTRODUCER: Key = ("introducer", KeyType::Hash, ScalarAttributeType::S);
const HASH_SUBJECT: Key = ("subject", KeyType::Hash, ScalarAttributeType::S);
const RANGE_SEQUENCE: Key = ("sequence", KeyType::Range, ScalarAttributeType::N);
const HASH_SERIAL: Key = ("serial_number", KeyType::Hash, ScalarAttributeType::S);
const HASH_DUE_SHARD: Key = ("due_shard", KeyType::Hash, ScalarAttributeType::S);
const RANGE_DUE_AT: Key = ("due_at", KeyType::Range, ScalarAttributeType::N);

/// Creates a table, with the index `due` if that has keys.
async fn create_table(world: &World, table: &str, keys: &[Key], due: &[Key]) {
    let schema = |keys: &[Key]| -> Vec<_> {
        let element = |(name, kind, _): &Key| {
            let element = KeySchemaElement::builder().attribute_name(*name);
            element.key_type(kind.clone()).build().unwrap()
        };
        keys.iter().map(element).collect()
    };
    let attributes = keys.iter().chain(due).map(|(name, _, scalar)| {
        let attribute = AttributeDefinition::builder().attribute_name(*name);
        attribute.attribute_type(scalar.clone()).build().unwrap()
    });
    let projection = Projection::builder().projection_type(ProjectionType::KeysOnly);
    let index = GlobalSecondaryIndex::builder()
        .index_name("due")
        .set_key_schema(Some(schema(due)))
        .projection(projection.build());
    let indexes = (!due.is_empty()).then(|| vec![index.build().unwrap()]);
    let create = world.dynamodb.create_table().table_name(table);
    create
        .set_attribute_definitions(Some(attributes.collect()))
        .set_key_schema(Some(schema(keys)))
        .set_global_secondary_indexes(indexes)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_of_certificates_keeps_its_contract() {
    let world = World::start().await;
    let clients = AwsClients::new(sdk_config(&world.sandbox.endpoint(), REGION), true);
    let prefix = format!("arn:aws:iot:{REGION}:{ACCOUNT}");
    let registry = IotCertificates::new(&clients, prefix.clone());
    let iot = &world.iot;
    let policy = world.sandbox.output("DevicePolicyName");
    let arn = |id: CertificateId| format!("{prefix}:cert/{id}");
    let issue = async || {
        let keys = iot.create_keys_and_certificate().set_as_active(true);
        let keys = keys.send().await.unwrap();
        // Policies may be attached to a certificate, too.
        let attach = iot.attach_policy().policy_name(policy);
        let attach = attach.set_target(keys.certificate_arn);
        attach.send().await.unwrap();
        CertificateId::parse(&keys.certificate_id.unwrap()).unwrap()
    };
    let attach = async |id: CertificateId, thing: &ThingName| {
        let create = iot.create_thing().thing_name(thing.as_str());
        create.send().await.unwrap();
        let attach = iot.attach_thing_principal().thing_name(thing.as_str());
        attach.principal(arn(id)).send().await.unwrap();
    };
    let is_active = async |id: CertificateId| {
        let describe = iot.describe_certificate().certificate_id(id.to_string());
        match describe.send().await {
            Ok(answer) => {
                let status = answer.certificate_description.unwrap().status.unwrap();
                Some(status.as_str() == "ACTIVE")
            }
            Err(error) => {
                let error = error.into_service_error();
                assert!(error.is_resource_not_found_exception(), "{error}");
                None
            }
        }
    };
    port_contracts::certificates(&registry, issue, attach, is_active).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registry_of_things_keeps_its_contract() {
    let world = World::start().await;
    let clients = AwsClients::new(sdk_config(&world.sandbox.endpoint(), REGION), true);
    let prefix = format!("arn:aws:iot:{REGION}:{ACCOUNT}");
    let fleet = world.sandbox.output("FleetGroupName").to_owned();
    let registry = IotRegistry::new(&clients, prefix.clone(), fleet.clone());
    let iot = &world.iot;

    // A CA of which no operator knows: the function leaves its certificates alone.
    let maker = Maker::new("Contracts CA").unwrap();
    let register = iot
        .register_ca_certificate()
        .ca_certificate(maker.ca_pem())
        .certificate_mode(aws_sdk_iot::types::CertificateMode::SniOnly)
        .set_as_active(true)
        .allow_auto_registration(true);
    let id = register.send().await.unwrap().certificate_id.unwrap();
    let authority = CertificateId::parse(&id).unwrap();

    let devices = AtomicU8::new(0);
    let present = async || {
        let name = format!("contract-{}", devices.fetch_add(1, Ordering::Relaxed));
        let device = maker.device(&name, &name, &name).unwrap();
        let root = world.sandbox.gateway.root_ca_pem();
        let refused = Device::connect(&device, world.sandbox.mqtt_port(), root).await;
        refused.unwrap_err();
        let list = iot.list_certificates_by_ca().ca_certificate_id(&id);
        let newest = list.ascending_order(false).send().await.unwrap();
        let newest = newest.certificates()[0].certificate_id().unwrap();
        let id = CertificateId::parse(newest).unwrap();
        (id, device.certificate_pem)
    };
    let standing = async |id: CertificateId| {
        let describe = iot.describe_certificate().certificate_id(id.to_string());
        let description = describe.send().await.ok()?.certificate_description?;
        let status = match description.status.unwrap().as_str() {
            "PENDING_ACTIVATION" => RegisteredStatus::Pending,
            "ACTIVE" => RegisteredStatus::Active,
            _ => RegisteredStatus::OutOfUse,
        };
        let principal = format!("{prefix}:cert/{id}");
        let things = iot.list_principal_things_v2().principal(principal);
        let things = things.send().await.unwrap();
        let things = things.principal_thing_objects();
        assert!(things.len() <= 1, "{things:?}");
        let owner = match things.first() {
            None => None,
            Some(thing) => {
                let kind = thing.thing_principal_type().unwrap();
                assert_eq!(kind.as_str(), "EXCLUSIVE_THING");
                Some(owner(&world, thing.thing_name(), &fleet).await)
            }
        };
        Some(Standing { status, owner })
    };
    let now = Timestamp::from_millis(sandbox::clock::system_now()).unwrap();
    port_contracts::registry(&registry, authority, present, standing, now).await;
}

/// A thing as the contract looks at it.
async fn owner(world: &World, name: &str, fleet: &str) -> (ThingName, RegistryThing) {
    let describe = world.iot.describe_thing().thing_name(name);
    let thing = describe.send().await.unwrap();
    let groups = world.iot.list_thing_groups_for_thing().thing_name(name);
    let groups = groups.send().await.unwrap();
    let mut groups = groups.thing_groups().iter();
    let attributes = thing.attributes().unwrap();
    let thing = RegistryThing {
        thing_type: thing.thing_type_name().unwrap().to_owned(),
        attributes: ["property", "serial"].map(|name| attributes[name].clone()),
        in_fleet: groups.any(|group| group.group_name() == Some(fleet)),
    };
    (ThingName::parse(name).unwrap(), thing)
}
