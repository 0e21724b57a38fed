//! Devices that become things by themselves: the hook and the confirmer as they are deployed, behind the real protocol.

use std::{collections::BTreeMap, fs};

use bytes::Bytes;
use futures_util::future::join_all;
use lambda_host::InvokeOptions;
use sandbox::{
    aws::sdk_config,
    clock::system_now,
    device::{Device, Identity},
    enrolment::{Claim, NewDevice, Outcome, commit},
    options::{REGION, workspace},
};
use sandbox_services::{FaultKind, When};
use sci_adapters::{
    aws_clients::AwsClients,
    dynamodb_admission_store::{AdmissionTables, DynamoDbAdmissionStore},
};
use sci_domain::{
    admission::{
        AdmissionStore as _, CertificateId, Commit, Committed, Entry, Introducer, IntroducerId,
        SerialNumber, State, Subject,
        audit::{Fact, Happened, append, verify},
    },
    timestamp::{Millis, Timestamp},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{
    event_files,
    onboarding::{self, entry, import, introducers},
};

use crate::{
    admission_adapters::item,
    world::{World, foreign, skipped},
};

/// A batch that wants vouchers, with its claim certificate in the sandbox.
struct Batch {
    world: World,
    store: DynamoDbAdmissionStore,
    claim: Identity,
}

fn now() -> Timestamp {
    Timestamp::from_millis(system_now()).unwrap()
}

fn store(world: &World) -> DynamoDbAdmissionStore {
    let clients = AwsClients::new(sdk_config(&world.sandbox.endpoint(), REGION), true);
    let output = |name: &str| world.sandbox.output(name).to_owned();
    let tables = AdmissionTables {
        allow_list: output("DeviceAllowListTableName"),
        introducers: output("IntroducersTableName"),
        audit: output("EnrolmentAuditTableName"),
    };
    DynamoDbAdmissionStore::new(clients.dynamodb(), tables)
}

async fn introduce(world: &World, introducer: &Introducer) {
    let put = world.dynamodb.put_item();
    let put = put.table_name(world.sandbox.output("IntroducersTableName"));
    put.set_item(Some(item(introducer))).send().await.unwrap();
}

async fn invoke(world: &World, output: &str, event: String) -> Value {
    let function = world.sandbox.output(output);
    let invoked =
        world
            .sandbox
            .lambda
            .invoke(function, Bytes::from(event), InvokeOptions::default());
    let result = invoked.await.unwrap();
    assert!(!result.function_error, "{:?}", result.payload);
    serde_json::from_slice(&result.payload).unwrap()
}

impl Batch {
    async fn new() -> Self {
        let world = World::start().await;
        let keys = world.iot.create_keys_and_certificate().set_as_active(true);
        let keys = keys.send().await.unwrap();
        let attach = world.iot.attach_policy();
        let attach = attach.policy_name(world.sandbox.output("ClaimPolicyName"));
        let attach = attach.set_target(keys.certificate_arn);
        attach.send().await.unwrap();
        let mut batch = onboarding::introducer("claim", "batch");
        let id = CertificateId::parse(&keys.certificate_id.unwrap()).unwrap();
        batch.id = IntroducerId::Claim(id);
        introduce(&world, &batch).await;
        Self {
            store: store(&world),
            world,
            claim: Identity {
                thing: "claim-1".to_owned(),
                certificate_pem: keys.certificate_pem.unwrap(),
                private_key_pem: keys.key_pair.unwrap().private_key.unwrap(),
            },
        }
    }

    fn claim(&self) -> Claim<'_> {
        Claim {
            identity: &self.claim,
            template: self.world.sandbox.output("ProvisioningTemplateName"),
            port: self.world.sandbox.mqtt_port(),
            root_ca_pem: self.world.sandbox.gateway.root_ca_pem(),
        }
    }

    /// Puts `entry` on the list, whatever was there.
    async fn write(&self, entry: &Entry) {
        let subject = Subject::device(&entry.serial);
        let (_, head) = self.store.history(&subject).await.unwrap();
        let fact = Fact {
            at: now(),
            happened: Happened::Imported,
            reason: String::new(),
            serial: Some(entry.serial.clone()),
            introducer: None,
            certificate: None,
            key: None,
            client: None,
            by: Some("test".to_owned()),
        };
        let record = append(&subject, head, fact).unwrap();
        let commit = Commit {
            entry: Some(entry),
            charge: None,
            record: &record,
        };
        assert_eq!(self.store.commit(commit).await.unwrap(), Committed::Written);
    }

    async fn device(&self, serial: &str) -> NewDevice {
        self.write(&entry(serial, "batch")).await;
        NewDevice::new(serial, Some(onboarding::secret(serial).expose().to_vec())).unwrap()
    }

    async fn enrol(&self, device: &NewDevice) -> Result<Identity, String> {
        let outcome = device.enrol(self.claim(), &BTreeMap::new()).await.unwrap();
        match outcome {
            Outcome::Enrolled(identity) => Ok(identity),
            Outcome::Rejected(code) => Err(code),
        }
    }

    async fn commit(&self, identity: &Identity) -> Device {
        let sandbox = &self.world.sandbox;
        let connected = commit(identity, sandbox.mqtt_port(), sandbox.gateway.root_ca_pem()).await;
        sandbox.quiesce().await;
        connected.unwrap()
    }

    async fn entry(&self, serial: &str) -> Entry {
        let serial = SerialNumber::parse(serial).unwrap();
        self.store.device(&serial).await.unwrap().unwrap().entry
    }

    async fn story(&self, serial: &str) -> Vec<Happened> {
        let subject = Subject::device(&SerialNumber::parse(serial).unwrap());
        let (records, head) = self.store.history(&subject).await.unwrap();
        let facts = verify(&subject, &records, head).unwrap();
        facts.iter().map(|fact| fact.happened).collect()
    }

    async fn connects(&self, identity: &Identity) -> bool {
        let sandbox = &self.world.sandbox;
        let root = sandbox.gateway.root_ca_pem();
        Device::connect(identity, sandbox.mqtt_port(), root)
            .await
            .is_ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_the_hook_is_decided_as_its_name_says() {
    let world = World::start().await;
    for introducer in introducers() {
        introduce(&world, &introducer).await;
    }
    import(&store(&world), now()).await;
    let rows = event_files::rows("provisioning-hook");
    assert!(rows.len() > 40);
    for row in rows {
        let file = row.split('`').nth(1).unwrap();
        let event = event_files::event("provisioning-hook", file);
        let answer = invoke(&world, "ProvisioningHookFunctionName", event).await;
        assert_eq!(
            answer["allowProvisioning"],
            file.starts_with("allow-"),
            "{file}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_the_confirmer_does_what_its_name_says() {
    let world = World::start().await;
    let store = store(&world);
    import(&store, now()).await;
    for row in event_files::rows("enrolment-confirmer") {
        let file = row.split('`').nth(1).unwrap();
        let event = event_files::event("enrolment-confirmer", file);
        let answer = invoke(&world, "EnrolmentConfirmerFunctionName", event).await;
        let outcome = match file.split('-').next().unwrap() {
            "confirm" => "confirmed",
            "already" => "already",
            "ignore" => "ignored",
            "refuse" | "malformed" => "refused",
            "sweep" => "swept",
            "command" => "commanded",
            other => panic!("{other}"),
        };
        assert_eq!(answer["outcome"], outcome, "{file}: {answer}");
    }
    assert!(world.bodies("RefusedMessagesQueueUrl").await.len() > 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_enrols_by_claim_and_is_enrolled_when_it_comes_back() {
    let batch = Batch::new().await;
    let device = batch.device("0042").await;
    let identity = batch.enrol(&device).await.unwrap();
    assert_eq!(identity.thing, "sci-property-001-environmental-0042");
    assert!(matches!(batch.entry("0042").await.state, State::Leased(_)));
    // What the allow-list says, in the registry.
    let describe = batch.world.iot.describe_thing().thing_name(&identity.thing);
    let thing = describe.send().await.unwrap();
    assert_eq!(
        thing.thing_type_name.as_deref(),
        Some("SCI-Environmental-Sensor")
    );
    let attributes = thing.attributes.unwrap();
    assert_eq!(
        (&attributes["property"][..], &attributes["serial"][..]),
        ("property-001", "0042")
    );

    let mut connected = batch.commit(&identity).await;
    assert!(matches!(
        batch.entry("0042").await.state,
        State::Enrolled(_)
    ));
    batch.world.reads(&mut connected, 21.0).await;
    assert_eq!(batch.world.outcomes().last().unwrap(), "quiet");
    assert_eq!(
        batch.story("0042").await,
        [Happened::Imported, Happened::Admitted, Happened::Confirmed]
    );
    // It says so at each start.
    drop(connected);
    batch.commit(&identity).await;
    assert_eq!(batch.world.outcomes().last().unwrap(), "already");
    // A claim certificate is good for nothing else.
    let claim = &batch.claim;
    let root = batch.world.sandbox.gateway.root_ca_pem();
    let session = Device::connect(claim, batch.world.sandbox.mqtt_port(), root).await;
    let mut session = session.unwrap();
    assert!(session.publish("sensors/claim-1/data", "{}").await.is_err());
    let other = Identity {
        thing: identity.thing.clone(),
        ..claim.clone()
    };
    assert!(!batch.connects(&other).await);
}

/// A lease is not for ever: the certificate goes, and the serial number is free again.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_nobody_confirmed_ends() {
    let batch = Batch::new().await;
    let device = batch.device("0042").await;
    let identity = batch.enrol(&device).await.unwrap();
    assert!(batch.connects(&identity).await);
    let mut entry = batch.entry("0042").await;
    let State::Leased(lease) = &mut entry.state else {
        panic!("{:?}", entry.state)
    };
    lease.expires_at = now().minus(Millis::new(1));
    entry.version += 1;
    batch.write(&entry).await;
    batch.world.sandbox.tick().await;
    let entry = batch.entry("0042").await;
    assert_eq!((&entry.state, entry.retiring.len()), (&State::Allowed, 0));
    assert!(!batch.connects(&identity).await);
    assert_eq!(
        batch.story("0042").await[2..],
        [Happened::Imported, Happened::Expired, Happened::Retired]
    );
    let again = batch.device_again("0042");
    let identity = batch.enrol(&again).await.unwrap();
    batch.commit(&identity).await;
    assert!(matches!(
        batch.entry("0042").await.state,
        State::Enrolled(_)
    ));
}

impl Batch {
    /// The same device after it lost its key.
    fn device_again(&self, serial: &str) -> NewDevice {
        NewDevice::new(serial, Some(onboarding::secret(serial).expose().to_vec())).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_never_touches_the_device_that_was_first() {
    let batch = Batch::new().await;
    let first = batch.device("0042").await;
    let identity = batch.enrol(&first).await.unwrap();
    batch.commit(&identity).await;
    let clone = batch.device_again("0042");
    for _ in 0..3 {
        assert_eq!(batch.enrol(&clone).await.unwrap_err(), "ACCESS_DENIED");
    }
    batch.world.sandbox.tick().await;
    batch.world.sandbox.tick().await;
    let published = batch.world.sandbox.services.published();
    let cases = published
        .iter()
        .filter(|m| m.subject.as_deref() == Some("Second key for serial number 0042"));
    assert_eq!(cases.count(), 1);
    assert!(batch.connects(&identity).await);

    let replace =
        json!({"type": "command", "serial_number": "0042", "command": "replace", "by": "Ana"});
    let answer = invoke(
        &batch.world,
        "EnrolmentConfirmerFunctionName",
        replace.to_string(),
    )
    .await;
    assert_eq!(answer["outcome"], "commanded");
    let other = batch.enrol(&clone).await.unwrap();
    // Both, until the new one has proved that it works.
    assert!(batch.connects(&identity).await);
    batch.commit(&other).await;
    batch.world.sandbox.tick().await;
    assert!(!batch.connects(&identity).await);
    assert!(batch.connects(&other).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_hooks_at_once_one_lets_a_device_in() {
    let world = World::start().await;
    for introducer in introducers() {
        introduce(&world, &introducer).await;
    }
    import(&store(&world), now()).await;
    let read = |file: &str| -> Value {
        serde_json::from_str(&event_files::event("provisioning-hook", file)).unwrap()
    };
    let event = read("allow-no-voucher-wanted.json");
    // One certificate for each key: another one of the winner's key would be let in as well.
    let mut rivals = BTreeMap::new();
    for row in event_files::rows("provisioning-hook") {
        let other = read(row.split('`').nth(1).unwrap());
        let Some(serial) = other["parameters"]["SerialNumber"].as_str() else {
            continue;
        };
        if serial.len() == 4 {
            let mut rival = event.clone();
            rival["certificatePem"] = other["certificatePem"].clone();
            rival["certificateId"] = other["certificateId"].clone();
            rivals.entry(serial.to_owned()).or_insert(rival.to_string());
        }
    }
    // More than the function's concurrency: Lambda throttles some, which AWS IoT takes for a refusal.
    let function = world.sandbox.output("ProvisioningHookFunctionName");
    let asked = rivals.into_values().map(|event| {
        let options = InvokeOptions::default();
        world.sandbox.lambda.invoke(function, event.into(), options)
    });
    let answers: Vec<_> = join_all(asked).await.into_iter().flatten().collect();
    assert!(answers.len() >= 8);
    let winners = answers
        .iter()
        .map(|answer| serde_json::from_slice::<Value>(&answer.payload).unwrap())
        .filter(|answer| answer["allowProvisioning"] == true);
    assert_eq!(winners.count(), 1);
}

/// The device gets its answer while DynamoDB gives none, and nothing is lost by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_lets_nobody_in_and_burns_no_serial_number() {
    let batch = Batch::new().await;
    let device = batch.device("0042").await;
    let always = When::Probability {
        percent: 100,
        seed: 1,
    };
    for kind in [FaultKind::InternalBefore, FaultKind::Throttle] {
        batch.world.inject("dynamodb", "*", always, kind);
        assert_eq!(batch.enrol(&device).await.unwrap_err(), "ACCESS_DENIED");
        batch.world.sandbox.services.faults().clear();
    }
    assert_eq!(batch.entry("0042").await.state, State::Allowed);
    let identity = batch.enrol(&device).await.unwrap();
    batch.commit(&identity).await;
    assert!(matches!(
        batch.entry("0042").await.state,
        State::Enrolled(_)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_provisioning_client_of_the_aws_iot_device_sdk_enrols() {
    let package = "awsiotsdk from PyPI";
    let Some(found) = foreign("python3", package, &["-c", "import awsiot"], &[]).await else {
        return;
    };
    if !found.status.success() {
        return skipped("the AWS IoT Device SDK for Python", package);
    }
    let batch = Batch::new().await;
    let device = batch.device("0042").await;
    let sandbox = &batch.world.sandbox;
    let folder = TempDir::new().unwrap();
    for (file, content) in [
        ("ca.pem", sandbox.gateway.root_ca_pem()),
        ("cert.pem", &batch.claim.certificate_pem),
        ("key.pem", &batch.claim.private_key_pem),
        ("device.csr", &device.csr().unwrap()),
        ("device.key", &device.key_pem()),
    ] {
        fs::write(folder.path().join(file), content).unwrap();
    }
    let script = workspace().join("tests/sandbox/gateway/tests/clients/fleet_device.py");
    let template = sandbox.output("ProvisioningTemplateName");
    let (script, port) = (
        script.display().to_string(),
        sandbox.mqtt_port().to_string(),
    );
    let path = folder.path().display().to_string();
    let run = |parameters: Value| {
        let (script, port, path) = (script.clone(), port.clone(), path.clone());
        async move {
            let topic = "sci/properties/{thing}/certificate/commit";
            let parameters = parameters.to_string();
            let args = [&script, "csr", &port, &path, template, topic, &parameters];
            foreign("python3", package, &args, &[]).await
        }
    };
    let refused = run(json!({"SerialNumber": "0042"})).await.unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("ACCESS_DENIED"),
        "{said}"
    );
    let voucher = device.voucher(template).unwrap();
    let enrolled = run(json!({"SerialNumber": "0042", "Voucher": voucher}))
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&enrolled.stderr).into_owned();
    assert!(enrolled.status.success(), "{said}");
    let told: Value = serde_json::from_slice(&enrolled.stdout).unwrap();
    assert_eq!(told["thingName"], "sci-property-001-environmental-0042");
    sandbox.quiesce().await;
    assert!(matches!(
        batch.entry("0042").await.state,
        State::Enrolled(_)
    ));
}
