//! The part of the story about devices that become things by themselves.

use std::{collections::BTreeMap, io::Write};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use aws_sdk_iot::{
    error::DisplayErrorContext,
    types::{CertificateMode, RegistrationConfig},
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    day::Enrolling,
    evidence::Item,
    story::{DemoFailed, Story},
};
use crate::{
    device::{Device, Identity},
    enrolment::{self, Claim, NewDevice, Outcome},
    maker::Maker,
};

/// The property of all these devices.
const PROPERTY: &str = "property-004";
/// The batch that they were made in.
const BATCH: &str = "2026-06";
/// Stands for all ten in the story.
const FIRST: &str = "N001";
/// Is on the allow-list, and was opened by somebody who has its claim certificate.
const OPENED: &str = "N011";

/// Has a certificate that the company's CA signed.
const SIGNED: &str = "N012";
/// Belongs to a fleet that takes whatever its CA signed. Its certificate holds its thing's name.
const PROVISIONED: &str = "sci-property-004-lock-0001";

/// The devices of the batch, by what they carry.
pub(super) struct Batch {
    claim: Identity,
    /// The things that they became.
    things: BTreeMap<String, Identity>,
    /// The one that works on when its clone comes.
    live: Option<Device>,
}

/// The secret that the factory gave a device: also in the demo nobody else can know it.
fn secret(serial: &str) -> Vec<u8> {
    let digest = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        format!("demo secret of {serial}").as_bytes(),
    );
    digest.as_ref().to_vec()
}

/// The record of a claim certificate or CA, as an operator writes it.
fn introducer(id: &str) -> Item {
    // 2100: the functions live by the real time, whatever day the story tells of.
    let expires_at = 4_102_444_800;
    let attributes = [
        ("introducer", s(id)),
        ("batch", s(BATCH)),
        ("state", s("active")),
        ("expires_at", n(expires_at)),
        ("lease_seconds", n(900)),
        ("quota_total", n(12)),
        ("quota_per_minute", n(600)),
    ];
    attributes
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

/// A line of the allow-list.
fn line(serial: &str, secret: Option<Vec<u8>>) -> Item {
    let attributes = [
        ("serial_number", s(serial)),
        ("property_id", s(PROPERTY)),
        ("device_kind", s("environmental")),
        ("batch", s(BATCH)),
        ("state", s("allowed")),
        ("state_json", s(r#"{"state":"allowed"}"#)),
        ("version", n(1)),
    ];
    let secret = secret.map(|secret| ("voucher_secret", AttributeValue::B(Blob::new(secret))));
    attributes
        .into_iter()
        .chain(secret)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn n(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn thing(serial: &str) -> String {
    format!("sci-{PROPERTY}-environmental-{serial}")
}

fn made(error: rcgen::Error) -> DemoFailed {
    DemoFailed::Enrolment(error.into())
}

fn aws(error: impl std::error::Error) -> DemoFailed {
    DemoFailed::Aws(DisplayErrorContext(error).to_string())
}

impl<W: Write> Story<'_, W> {
    /// A device of the batch comes, or somebody who says so.
    pub(super) async fn enrol(&mut self, what: Enrolling) -> Result<(), DemoFailed> {
        match what {
            Enrolling::Prepare => self.prepare().await,
            Enrolling::Ten => self.ten().await,
            Enrolling::Invented => {
                let device =
                    NewDevice::new("X999", Some(secret("X999"))).map_err(DemoFailed::Enrolment)?;
                self.turned_down(&device, "an invented serial number", "unknown-serial")
                    .await
            }
            Enrolling::StolenClaim => {
                let device = NewDevice::new(OPENED, None).map_err(DemoFailed::Enrolment)?;
                self.turned_down(
                    &device,
                    "the claim certificate of a device that was opened, without its secret",
                    "voucher-missing",
                )
                .await
            }
            Enrolling::Clone => self.clone_comes().await,
            Enrolling::Registered => self.registered().await,
            Enrolling::Provisioned => self.provisioned().await,
        }
    }

    /// Just-in-time registration: AWS IoT announces the certificate and drops the connection, the function looks, the device
    /// comes again.
    async fn registered(&mut self) -> Result<(), DemoFailed> {
        let maker = Maker::new("SCI factory 1").map_err(made)?;
        let id = self.register_ca(&maker, None).await?;
        let item = introducer(&format!("ca#{id}"));
        self.evidence.put("IntroducersTableName", item).await?;
        let device = maker.device(&thing(SIGNED), SIGNED, SIGNED).map_err(made)?;
        self.evidence
            .put("DeviceAllowListTableName", line(SIGNED, None))
            .await?;
        let first = self.connects(&device).await;
        self.sandbox.quiesce().await;
        let committed = self.commit(&device).await.is_ok();
        self.sandbox.quiesce().await;
        let enrolled = self
            .states()
            .await?
            .get(SIGNED)
            .is_some_and(|state| state == "enrolled");
        self.claim(
            &format!("{} is dropped at first, admitted by the same rules as the others, and enrolled when it comes again", thing(SIGNED)),
            !first && committed && enrolled,
        )?;
        let stranger = maker
            .device("sci-property-004-environmental-X998", "X998", "X998")
            .map_err(made)?;
        self.connects(&stranger).await;
        self.sandbox.quiesce().await;
        let stays_out = !self.connects(&stranger).await;
        self.sandbox.quiesce().await;
        self.claim(
            "another certificate of that CA, whose serial number nobody knows, stays out",
            stays_out,
        )
    }

    /// Just-in-time provisioning: the template of the CA makes the thing, without asking anybody.
    async fn provisioned(&mut self) -> Result<(), DemoFailed> {
        let maker = Maker::new("SCI factory 2").map_err(made)?;
        let template = self.sandbox.output("JitpTemplateName").to_owned();
        self.register_ca(&maker, Some(template)).await?;
        let device = maker
            .device(PROVISIONED, PROVISIONED, "0001")
            .map_err(made)?;
        let first = self.connects(&device).await;
        let second = self.connects(&device).await;
        self.claim(
            &format!("{PROVISIONED} is dropped at first, made a thing by the template of its CA, and let in when it comes again"),
            !first && second,
        )
    }

    async fn register_ca(
        &self,
        maker: &Maker,
        template: Option<String>,
    ) -> Result<String, DemoFailed> {
        let register = self
            .iot()
            .register_ca_certificate()
            .ca_certificate(maker.ca_pem());
        let config = template.map(|name| RegistrationConfig::builder().template_name(name).build());
        let registered = register
            .certificate_mode(CertificateMode::SniOnly)
            .set_as_active(true)
            .allow_auto_registration(true)
            .set_registration_config(config)
            .send();
        let registered = registered.await.map_err(aws)?;
        Ok(registered.certificate_id.unwrap_or_default())
    }

    async fn connects(&self, device: &Identity) -> bool {
        let sandbox = self.sandbox;
        let root = sandbox.gateway.root_ca_pem();
        Device::connect(device, sandbox.mqtt_port(), root)
            .await
            .is_ok()
    }

    async fn commit(&mut self, device: &Identity) -> Result<Device, DemoFailed> {
        let sandbox = self.sandbox;
        let root = sandbox.gateway.root_ca_pem();
        let device = enrolment::commit(device, sandbox.mqtt_port(), root).await;
        let device = device.map_err(|error| DemoFailed::Enrolment(error.into()))?;
        self.published += 1;
        Ok(device)
    }

    fn iot(&self) -> aws_sdk_iot::Client {
        let config = crate::aws::sdk_config(&self.sandbox.endpoint(), crate::options::REGION);
        aws_sdk_iot::Client::new(&config)
    }

    /// What an operator and the factory do before: a claim certificate, its record, and the allow-list.
    async fn prepare(&mut self) -> Result<(), DemoFailed> {
        let sandbox = self.sandbox;
        let iot = self.iot();
        let keys = iot.create_keys_and_certificate().set_as_active(true);
        let keys = keys.send().await.map_err(aws)?;
        let attach = iot
            .attach_policy()
            .policy_name(sandbox.output("ClaimPolicyName"))
            .set_target(keys.certificate_arn);
        attach.send().await.map_err(aws)?;
        let claim = Identity {
            thing: "claim-factory".to_owned(),
            certificate_pem: keys.certificate_pem.unwrap_or_default(),
            private_key_pem: keys
                .key_pair
                .and_then(|pair| pair.private_key)
                .unwrap_or_default(),
        };
        let id = keys.certificate_id.unwrap_or_default();
        let item = introducer(&format!("claim#{id}"));
        self.evidence.put("IntroducersTableName", item).await?;
        for serial in (1..=11).map(|number| format!("N{number:03}")) {
            let item = line(&serial, Some(secret(&serial)));
            self.evidence.put("DeviceAllowListTableName", item).await?;
        }
        self.batch = Some(Batch {
            claim,
            things: BTreeMap::new(),
            live: None,
        });
        Ok(())
    }

    /// Ten sensors are switched on: each makes its own key, and comes back as a thing.
    async fn ten(&mut self) -> Result<(), DemoFailed> {
        let mut enrolled = 0;
        for number in 1..=10 {
            let serial = format!("N{number:03}");
            let device =
                NewDevice::new(&serial, Some(secret(&serial))).map_err(DemoFailed::Enrolment)?;
            let Outcome::Enrolled(identity) = self.ask(&device).await? else {
                continue;
            };
            enrolled += usize::from(identity.thing == thing(&serial));
            if let Some(batch) = &mut self.batch {
                batch.things.insert(serial, identity);
            }
        }
        self.claim(
            &format!("{enrolled} of 10 sensors got a certificate for their own key, and a name from the allow-list"),
            enrolled == 10,
        )?;
        let things = self
            .batch
            .as_ref()
            .map(|batch| batch.things.clone())
            .unwrap_or_default();
        for (serial, identity) in things {
            let mut device = self.commit(&identity).await?;
            let reading = json!({
                "temperature": 20.5, "humidity": 41, "property_id": PROPERTY, "device_type": "environmental",
                "timestamp": self.sandbox.clock.now(),
            });
            let topic = format!("sci/properties/{}/environmental", identity.thing);
            let sent = device.publish(&topic, reading.to_string()).await;
            sent.map_err(|error| DemoFailed::Enrolment(error.into()))?;
            self.published += 1;
            if let (FIRST, Some(batch)) = (serial.as_str(), &mut self.batch) {
                batch.live = Some(device);
            }
        }
        self.sandbox.quiesce().await;
        let states = self.states().await?;
        let confirmed = states.values().filter(|state| *state == "enrolled").count();
        self.claim(
            &format!("{confirmed} of 10 came back with it, which makes them enrolled, and reported their first reading"),
            confirmed == 10,
        )
    }

    /// The same serial number and the same secret, but another key: somebody copied a device.
    async fn clone_comes(&mut self) -> Result<(), DemoFailed> {
        let clone = NewDevice::new(FIRST, Some(secret(FIRST))).map_err(DemoFailed::Enrolment)?;
        self.turned_down(
            &clone,
            &format!("a second key for {}", thing(FIRST)),
            "clone-suspected",
        )
        .await?;
        self.sandbox.tick().await;
        self.tell()?;
        let published = self.sandbox.services.published();
        let told = published
            .iter()
            .filter(|message| {
                message.subject.as_deref() == Some("Second key for serial number N001")
            })
            .count();
        self.claim("operators were told of it once", told == 1)?;
        let reading = json!({
            "temperature": 20.7, "humidity": 41, "property_id": PROPERTY, "device_type": "environmental",
            "timestamp": self.sandbox.clock.now(),
        });
        let topic = format!("sci/properties/{}/environmental", thing(FIRST));
        let mut works_on = false;
        if let Some(live) = self.batch.as_mut().and_then(|batch| batch.live.as_mut()) {
            works_on = live.publish(&topic, reading.to_string()).await.is_ok();
            self.published += usize::from(works_on);
        }
        self.sandbox.quiesce().await;
        self.claim("the device that was first works on", works_on)?;
        let event =
            json!({ "type": "command", "serial_number": FIRST, "command": "keep", "by": "ada" });
        let function = self.sandbox.output("EnrolmentConfirmerFunctionName");
        let answer = self
            .sandbox
            .lambda
            .invoke(function, Bytes::from(event.to_string()), Default::default())
            .await
            .map_err(|error| DemoFailed::Aws(error.to_string()))?;
        let answer: Value = serde_json::from_slice(&answer.payload).unwrap_or_default();
        self.claim(
            "an operator decides to keep it; the other key stays out",
            answer.get("outcome") == Some(&json!("commanded")),
        )?;
        self.turned_down(&clone, "the second key again", "key-refused")
            .await
    }

    async fn ask(&self, device: &NewDevice) -> Result<Outcome, DemoFailed> {
        let Some(batch) = &self.batch else {
            return Err(DemoFailed::Aws("nobody prepared the batch".into()));
        };
        let claim = Claim {
            identity: &batch.claim,
            template: self.sandbox.output("ProvisioningTemplateName"),
            port: self.sandbox.mqtt_port(),
            root_ca_pem: self.sandbox.gateway.root_ca_pem(),
        };
        let outcome = device.enrol(claim, &BTreeMap::new()).await;
        outcome.map_err(DemoFailed::Enrolment)
    }

    /// It learns nothing; the operator's log says why.
    async fn turned_down(
        &mut self,
        device: &NewDevice,
        who: &str,
        reason: &str,
    ) -> Result<(), DemoFailed> {
        let before = self.logs.denials().get(reason).copied().unwrap_or(0);
        let states = self.states().await?;
        let outcome = self.ask(device).await?;
        let after = self.logs.denials().get(reason).copied().unwrap_or(0);
        let refused = matches!(outcome, Outcome::Rejected(code) if code == "ACCESS_DENIED");
        let unchanged = states == self.states().await?;
        self.claim(
            &format!("{who}: ACCESS_DENIED for the device, {reason} for the operator"),
            refused && after == before + 1 && unchanged,
        )
    }

    /// Where the devices of the batch stand.
    async fn states(&self) -> Result<BTreeMap<String, String>, DemoFailed> {
        let items = self.evidence.items("DeviceAllowListTableName").await?;
        let text = |value: Option<&AttributeValue>| {
            let text = value.and_then(|value| value.as_s().ok());
            text.cloned().unwrap_or_default()
        };
        Ok(items
            .iter()
            .map(|item| (text(item.get("serial_number")), text(item.get("state"))))
            .collect())
    }
}
