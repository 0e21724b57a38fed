//! The operators' command, as a process, on the tables of a stack whose functions read what it writes.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Stdio};

use aws_sdk_dynamodb::types::AttributeValue;
use sandbox::{
    binaries,
    device::Identity,
    enrolment::{Claim, NewDevice, Outcome, commit},
    options::{REGION, workspace},
};
use serde_json::Value;
use tempfile::TempDir;
use testkit::onboarding;
use tokio::process::Command;

use crate::world::World;

/// What the command printed, and how it ended.
struct Ran {
    output: String,
    errors: String,
    status: i32,
}

struct Fleet {
    world: World,
    program: PathBuf,
    folder: TempDir,
}

impl Fleet {
    async fn new() -> Self {
        let world = World::start().await;
        let name = "fleet".to_owned();
        let mut built = binaries::build(&workspace(), &[name]).await.unwrap();
        Self {
            world,
            program: built.remove("fleet").unwrap(),
            folder: TempDir::new().unwrap(),
        }
    }

    fn command(&self, arguments: &str) -> Command {
        let output = |name: &str| self.world.sandbox.output(name).to_owned();
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .envs([
                ("AWS_ENDPOINT_URL", self.world.sandbox.endpoint()),
                ("AWS_REGION", REGION.to_owned()),
                ("AWS_ACCESS_KEY_ID", "sandbox".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "sandbox".to_owned()),
                ("ALLOW_LIST_TABLE", output("DeviceAllowListTableName")),
                ("INTRODUCERS_TABLE", output("IntroducersTableName")),
                ("ENROLMENT_AUDIT_TABLE", output("EnrolmentAuditTableName")),
                ("USER", "ada".to_owned()),
            ])
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &str) -> Ran {
        ran(self.command(arguments).output().await.unwrap())
    }

    /// Runs it, and it ends with `status`.
    async fn ends(&self, status: i32, arguments: &str) -> String {
        let ran = self.run(arguments).await;
        let Ran { output, errors, .. } = &ran;
        assert_eq!(ran.status, status, "{arguments}\n{output}{errors}");
        ran.output + &ran.errors
    }

    /// A manifest of devices with secrets.
    fn manifest(&self, name: &str, serials: impl IntoIterator<Item = String>) -> String {
        let header = "serial_number,property_id,device_type,voucher_secret\n".to_owned();
        let manifest = serials.into_iter().fold(header, |manifest, serial| {
            manifest + &format!("{serial},property-001,environmental,{}\n", secret(&serial))
        });
        fs::write(self.folder.path().join(name), &manifest).unwrap();
        manifest
    }

    async fn enrol(&self, claim: &Identity, device: &NewDevice) -> Result<Identity, String> {
        let sandbox = &self.world.sandbox;
        let root_ca_pem = sandbox.gateway.root_ca_pem();
        let claim = Claim {
            identity: claim,
            template: sandbox.output("ProvisioningTemplateName"),
            port: sandbox.mqtt_port(),
            root_ca_pem,
        };
        match device.enrol(claim, &BTreeMap::new()).await.unwrap() {
            Outcome::Rejected(code) => Err(code),
            Outcome::Enrolled(identity) => {
                let device = commit(&identity, sandbox.mqtt_port(), root_ca_pem).await;
                sandbox.quiesce().await;
                drop(device.unwrap());
                Ok(identity)
            }
        }
    }
}

fn ran(output: std::process::Output) -> Ran {
    Ran {
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap(),
    }
}

fn secret(serial: &str) -> String {
    let secret = onboarding::secret(serial);
    secret.expose().iter().map(|b| format!("{b:02x}")).collect()
}

fn device(serial: &str) -> NewDevice {
    NewDevice::new(serial, Some(onboarding::secret(serial).expose().to_vec())).unwrap()
}

/// The claim certificate of a batch, with its id.
async fn claim_certificate(world: &World) -> (String, Identity) {
    let keys = world.iot.create_keys_and_certificate().set_as_active(true);
    let keys = keys.send().await.unwrap();
    let attach = world.iot.attach_policy();
    let attach = attach.policy_name(world.sandbox.output("ClaimPolicyName"));
    let attach = attach.set_target(keys.certificate_arn.clone());
    attach.send().await.unwrap();
    let identity = Identity {
        thing: "claim-1".to_owned(),
        certificate_pem: keys.certificate_pem.unwrap(),
        private_key_pem: keys.key_pair.unwrap().private_key.unwrap(),
    };
    (keys.certificate_arn.unwrap(), identity)
}

/// The words of each line, and so whatever the columns' widths are.
fn words(text: &str) -> Vec<String> {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect()
}

fn has(text: &str, wanted: &str) {
    assert!(
        words(text).iter().any(|line| line.contains(wanted)),
        "no {wanted}:\n{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendors_devices_are_imported_enrolled_judged_and_accounted_for() {
    let fleet = Fleet::new().await;
    let world = &fleet.world;
    fleet.manifest("vendor.csv", ["0042", "0043", "0044"].map(str::to_owned));
    let mut outputs = vec![
        fleet
            .ends(0, "import vendor.csv --batch 2026-11 --dry-run")
            .await,
    ];
    has(&outputs[0], "3 new: would be written");
    assert!(world.items("DeviceAllowListTableName").await.is_empty());

    let first = fleet.ends(0, "import vendor.csv --batch 2026-11").await;
    has(&first, "3 imported");
    assert_eq!(world.items("DeviceAllowListTableName").await.len(), 3);
    let again = fleet
        .ends(0, "import vendor.csv --batch 2026-11 --json")
        .await;
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&again["new"], &again["present"]), (&0.into(), &3.into()));
    // The vendor's other opinion.
    let other = fleet.ends(1, "import vendor.csv --batch 2026-12").await;
    has(&other, "0042 batch");
    outputs.extend([first, other]);

    // Nobody introduces devices until an operator says who.
    let (arn, claim) = claim_certificate(world).await;
    let sensor = device("0042");
    assert!(fleet.enrol(&claim, &sensor).await.is_err());
    let add = format!("claim add {arn} --batch 2026-11 --expires 2040-01-01 --quota 10");
    has(&fleet.ends(0, &add).await, "added");
    has(&fleet.ends(1, &add).await, "is there already");
    let identity = fleet.enrol(&claim, &sensor).await.unwrap();
    // Told in the chain of the claim certificate, since there is no such device.
    assert!(fleet.enrol(&claim, &device("9999")).await.is_err());
    let show = fleet.ends(0, &format!("claim show {arn}")).await;
    has(&show, "state active");
    has(&show, "leases 1 of 10, at most 60 in a minute");

    // A second key, with the device's own secret.
    assert!(fleet.enrol(&claim, &device("0042")).await.is_err());
    has(&fleet.ends(0, "history 0042").await, "decided not yet");
    fleet.ends(0, "decide 0042 keep --by ada").await;
    fleet.ends(1, "decide 0043 keep --by ada").await;
    let history = fleet.ends(0, "history 0042").await;
    for wanted in [
        "imported ada",
        "admitted",
        "confirmed",
        "denied clone-suspected",
        "commanded keep ada",
        "state enrolled since",
        &format!("thing {}", identity.thing),
        "decided keep by ada",
    ] {
        has(&history, wanted);
    }

    // The kill switch.
    fleet.ends(0, &format!("claim suspend {arn}")).await;
    assert!(fleet.enrol(&claim, &device("0043")).await.is_err());
    has(
        &fleet.ends(0, &format!("claim show {arn}")).await,
        "state suspended",
    );
    fleet.ends(0, &format!("claim resume {arn}")).await;
    fleet.enrol(&claim, &device("0043")).await.unwrap();
    fleet.ends(1, &format!("claim suspend {arn} --ca")).await;

    has(&fleet.ends(0, "verify --all").await, "4 chains with");
    has(
        &fleet.ends(0, "verify 0042 serial#0043").await,
        "2 chains with",
    );
    let claim = arn.rsplit('/').next().unwrap();
    has(
        &fleet.ends(0, &format!("verify claim#{claim}")).await,
        "1 chain with",
    );
    fleet.ends(1, "verify 9999").await;

    // Somebody lays hands on the audit: a record is rewritten, and a whole chain goes.
    let key = |item: &crate::world::Item| -> BTreeMap<String, AttributeValue> {
        let key = item
            .iter()
            .filter(|(name, _)| matches!(name.as_str(), "subject" | "sequence"));
        key.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    for item in world.items("EnrolmentAuditTableName").await {
        let table = world.sandbox.output("EnrolmentAuditTableName");
        let (subject, sequence) = (&item["subject"], &item["sequence"]);
        if *subject == AttributeValue::S("serial#0044".into()) {
            let delete = world.dynamodb.delete_item().table_name(table);
            let delete = delete.set_key(Some(key(&item).into_iter().collect()));
            delete.send().await.unwrap();
        } else if *subject == AttributeValue::S("serial#0042".into())
            && *sequence == AttributeValue::N("2".into())
        {
            let mut altered = item.clone();
            altered.insert("record".into(), AttributeValue::S("{}".into()));
            altered.remove("hash");
            let put = world.dynamodb.put_item().table_name(table);
            put.set_item(Some(altered)).send().await.unwrap();
        }
    }
    let broken = fleet.ends(2, "verify --all").await;
    has(&broken, "BROKEN: 2 chains");
    has(&broken, "serial#0042: record 2 was altered");
    has(
        &broken,
        "serial#0044: the device is at version 1 and its chain has 0 records",
    );
    let history = fleet.ends(2, "history 0042").await;
    assert!(
        history.starts_with("THE CHAIN OF 0042 IS BROKEN"),
        "{history}"
    );
    has(&history, "commanded keep ada");
    outputs.extend([history, broken]);

    for serial in ["0042", "0043", "0044"] {
        for output in &outputs {
            assert!(!output.contains(&secret(serial)[..16]), "{output}");
        }
    }
}

/// One is interrupted, two go on at the same time: every device is on the list once, with one record.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_interrupted_is_finished_by_two() {
    const DEVICES: usize = 200;
    let fleet = Fleet::new().await;
    fleet.manifest("vendor.csv", (0..DEVICES).map(|n| format!("{n:04}")));
    let import = fleet
        .command("import vendor.csv --batch b --rate 20")
        .spawn()
        .unwrap();
    let listed = async || fleet.world.items("DeviceAllowListTableName").await.len();
    while listed().await == 0 {
        tokio::task::yield_now().await;
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &import.id().unwrap().to_string()])
        .status();
    assert!(interrupt.await.unwrap().success());
    let stopped = ran(import.wait_with_output().await.unwrap());
    assert_eq!(stopped.status, 1, "{}", stopped.errors);
    has(&stopped.output, "Stopped. Run the same command again");
    has(&stopped.errors, "Stopping");
    let before = listed().await;
    has(&stopped.output, &format!("{before} imported"));
    assert!((1..DEVICES).contains(&before), "{before}");

    let go_on = "import vendor.csv --batch b --rate 500 --json";
    let (one, two) = tokio::join!(fleet.run(go_on), fleet.run(go_on));
    let new = |ran: &Ran| -> usize {
        assert_eq!(ran.status, 0, "{}{}", ran.output, ran.errors);
        let summary: Value = serde_json::from_str(&ran.output).unwrap();
        usize::try_from(summary["new"].as_u64().unwrap()).unwrap()
    };
    assert_eq!(before + new(&one) + new(&two), DEVICES);
    assert_eq!(listed().await, DEVICES);
    let whole = fleet.ends(0, "verify --all --rate 500").await;
    let expected = format!("{DEVICES} chains with {DEVICES} records checked, none broken");
    has(&whole, &expected);
}
