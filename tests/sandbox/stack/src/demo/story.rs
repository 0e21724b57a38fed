//! Lets the day happen, tells it, and checks every claim.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
};

use bytes::Bytes;
use sandbox_services::{Fault, FaultKind, PublishedMessage, When};
use serde_json::json;

use super::{
    day::{self, Beat, MIDNIGHT, Outage, Role},
    evidence::Evidence,
    onboarding::Batch,
    tokens::{self, Logs},
};
use crate::{
    Options, Sandbox,
    aws::sdk_config,
    device::{Device, DeviceError},
    enrolment::EnrolmentFailed,
    fleet::{self, NewDevice, RegistrationFailed},
    identity_provider::IdentityProvider,
    options::REGION,
    sandbox::StartFailed,
};

/// Why the demo stopped.
#[derive(Debug)]
pub enum DemoFailed {
    /// The sandbox did not start.
    Start(StartFailed),
    /// A device could not be registered.
    Registration(RegistrationFailed),
    /// A device could not connect or publish.
    Device(&'static str, DeviceError),
    /// A device got no answer when it wanted to become a thing.
    Enrolment(EnrolmentFailed),
    /// An AWS call failed.
    Aws(String),
    /// Standard output is closed.
    Output(io::Error),
    /// The day happened, but not as it should have.
    Disagrees(usize),
}

impl fmt::Display for DemoFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(source) => write!(f, "{source}"),
            Self::Registration(source) => write!(f, "{source}"),
            Self::Device(thing, source) => write!(f, "{thing}: {source}"),
            Self::Enrolment(source) => write!(f, "an enrolment: {source}"),
            Self::Aws(text) => f.write_str(text),
            Self::Output(source) => write!(f, "cannot write: {source}"),
            Self::Disagrees(claims) => write!(
                f,
                "{claims} claims do not hold: see the lines marked ✗ above"
            ),
        }
    }
}

impl std::error::Error for DemoFailed {}

impl From<io::Error> for DemoFailed {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

pub(super) const TEMPERATURE_FUNCTION: &str = "HighTempProcessorFunctionName";
const SECURITY_FUNCTION: &str = "SecurityAlertProcessorFunctionName";

/// Lives through the day and tells it on `out`.
///
/// # Errors
/// [`DemoFailed`], also when a claim does not hold.
pub async fn run(mut options: Options, out: &mut (impl Write + Send)) -> Result<(), DemoFailed> {
    options.clock.set(MIDNIGHT);
    let (issuer, logs) = (tokens::issuer().await?, Logs::default());
    let trust = ("JwtIssuers".to_owned(), issuer.issuers_parameter());
    let just_in_time = ("JitpEnabled".to_owned(), "true".to_owned());
    options.parameters.extend([trust, just_in_time]);
    options.function_roots = issuer.root_ca_pem().to_owned();
    options.log_sink = logs.sink();
    let sandbox = Sandbox::start(options).await.map_err(DemoFailed::Start)?;
    let config = sdk_config(&sandbox.endpoint(), REGION);
    let mut story = Story {
        evidence: Evidence::new(&sandbox, &config),
        sandbox: &sandbox,
        devices: BTreeMap::new(),
        issuer,
        logs,
        with_token: BTreeMap::new(),
        stolen_token: String::new(),
        batch: None,
        published: 0,
        told: 0,
        failed: 0,
        out,
    };
    story
        .prologue(
            &aws_sdk_iot::Client::new(&config),
            &aws_sdk_dynamodb::Client::new(&config),
        )
        .await?;
    for (minute, beat) in day::script() {
        story.advance_to(minute).await?;
        story.happen(minute, beat).await?;
    }
    story.advance_to(24 * 60).await?;
    story.epilogue().await?;
    let failed = story.failed;
    sandbox.shutdown().await;
    if failed > 0 {
        Err(DemoFailed::Disagrees(failed))
    } else {
        Ok(())
    }
}

pub(super) struct Story<'a, W> {
    pub(super) sandbox: &'a Sandbox,
    pub(super) evidence: Evidence<'a>,
    devices: BTreeMap<Role, Device>,
    /// Issues the tokens of devices without certificates.
    pub(super) issuer: IdentityProvider,
    /// What the functions logged.
    pub(super) logs: Logs,
    /// Those that are connected, by client id.
    pub(super) with_token: BTreeMap<&'static str, Device>,
    pub(super) stolen_token: String,
    /// The devices that became things by themselves.
    pub(super) batch: Option<Batch>,
    /// Messages that devices published and the broker acknowledged.
    pub(super) published: usize,
    /// Notifications that were told already.
    told: usize,
    failed: usize,
    pub(super) out: &'a mut W,
}

impl<W: Write> Story<'_, W> {
    async fn prologue(
        &mut self,
        iot: &aws_sdk_iot::Client,
        dynamodb: &aws_sdk_dynamodb::Client,
    ) -> Result<(), DemoFailed> {
        let sandbox = self.sandbox;
        writeln!(
            self.out,
            "Six devices are registered, each with its own certificate, and connect over mutual TLS.\n"
        )?;
        let group = sandbox.output("FleetGroupName");
        let arn = format!(
            "arn:aws:iot:{REGION}:{}:thinggroup/{group}",
            crate::options::ACCOUNT
        );
        let attached = fleet::attach_policy(iot, sandbox.output("DevicePolicyName"), &arn).await;
        attached.map_err(DemoFailed::Registration)?;
        for role in Role::ALL {
            let device = NewDevice {
                thing: role.thing(),
                thing_type: Some(role.thing_type()),
                group,
            };
            let identity = fleet::register(iot, device)
                .await
                .map_err(DemoFailed::Registration)?;
            let connected = Device::connect(
                &identity,
                sandbox.mqtt_port(),
                sandbox.gateway.root_ca_pem(),
            )
            .await;
            let device = connected.map_err(|error| DemoFailed::Device(role.thing(), error))?;
            self.devices.insert(role, device);
        }
        // The server room's property wants two of three readings to be hot.
        let s = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.into());
        let put = dynamodb
            .put_item()
            .table_name(sandbox.output("PropertiesTableName"));
        let put = put
            .item("property_id", s("property-002"))
            .item("debounce_count", s("2/3"));
        put.send().await.map_err(|e| {
            DemoFailed::Aws(aws_sdk_dynamodb::error::DisplayErrorContext(e).to_string())
        })?;
        Ok(())
    }

    /// Time passes; the sweep ticks every five minutes.
    async fn advance_to(&mut self, minute: u64) -> Result<(), DemoFailed> {
        let target = MIDNIGHT + minute * 60_000;
        loop {
            let now = self.sandbox.clock.now();
            let next = (now / 300_000 + 1) * 300_000;
            if next > target {
                break;
            }
            self.sandbox.clock.set(next);
            self.sandbox.tick().await;
            self.tell()?;
        }
        self.sandbox.clock.set(target.max(self.sandbox.clock.now()));
        Ok(())
    }

    async fn happen(&mut self, minute: u64, beat: Beat) -> Result<(), DemoFailed> {
        match beat {
            Beat::Say(text) => writeln!(self.out, "{}  {text}", clock_time(minute))?,
            Beat::Publish {
                role,
                topic,
                payload,
                times,
            } => {
                let Some(device) = self.devices.get_mut(&role) else {
                    return Ok(());
                };
                for _ in 0..times {
                    let sent = device.publish(&topic, payload.clone()).await;
                    sent.map_err(|error| DemoFailed::Device(role.thing(), error))?;
                    self.published += 1;
                }
                self.sandbox.quiesce().await;
                self.tell()?;
            }
            Beat::Break(outage) => self.break_down(outage),
            Beat::Repair => {
                self.sandbox.services.faults().clear();
                self.sandbox.lambda.faults().clear();
            }
            Beat::Acknowledge(role, kind) => self.acknowledge(role, kind).await?,
            Beat::Present(what) => self.present(what).await?,
            Beat::Enrol(what) => self.enrol(what).await?,
        }
        Ok(())
    }

    async fn acknowledge(&mut self, role: Role, kind: &str) -> Result<(), DemoFailed> {
        let alarm = format!("{}#{kind}", role.thing());
        let event = json!({ "type": "acknowledge", "alarm_id": alarm, "by": "ada" });
        let function = self.sandbox.output(match kind {
            "temperature" => TEMPERATURE_FUNCTION,
            _ => SECURITY_FUNCTION,
        });
        let payload = Bytes::from(event.to_string());
        let answer = self
            .sandbox
            .lambda
            .invoke(function, payload, Default::default())
            .await;
        let answer = answer.map_err(|error| DemoFailed::Aws(error.to_string()))?;
        let done = String::from_utf8_lossy(&answer.payload).contains("\"acknowledged\"");
        self.claim(&format!("acknowledged: {alarm}"), done)
    }

    fn break_down(&self, outage: Outage) {
        let (faults, always) = (
            self.sandbox.services.faults(),
            When::Probability {
                percent: 100,
                seed: 0,
            },
        );
        let fault = |service: &str, operation: &str, when, kind| Fault {
            service: service.into(),
            operation: operation.into(),
            when,
            kind,
        };
        match outage {
            Outage::Notifications => {
                faults.inject(fault("sns", "Publish", always, FaultKind::InternalBefore));
            }
            Outage::Database => {
                faults.inject(fault("dynamodb", "*", always, FaultKind::InternalBefore));
            }
            Outage::Throttling => {
                faults.inject(fault("dynamodb", "*", When::Next(2), FaultKind::Throttle));
            }
            Outage::LostAnswer => {
                let function = self.sandbox.output(TEMPERATURE_FUNCTION);
                self.sandbox.lambda.faults().lose_response(function, 1);
            }
        }
    }

    /// Prints what people were told since the last time.
    pub(super) fn tell(&mut self) -> Result<(), DemoFailed> {
        let published = self.sandbox.services.published();
        for message in published.iter().skip(self.told) {
            let minute = message.at_ms.saturating_sub(MIDNIGHT) / 60_000;
            let again = match attribute(message, "attempt").as_str() {
                "" | "1" => String::new(),
                attempt => format!("  (attempt {attempt})"),
            };
            let subject = message.subject.as_deref().unwrap_or_default();
            writeln!(self.out, "{}    ✉ {subject}{again}", clock_time(minute))?;
        }
        self.told = published.len();
        Ok(())
    }

    pub(super) fn claim(&mut self, text: &str, holds: bool) -> Result<(), DemoFailed> {
        if !holds {
            self.failed += 1;
        }
        writeln!(self.out, "  {} {text}", if holds { '✓' } else { '✗' })?;
        Ok(())
    }
}

pub(super) fn attribute(message: &PublishedMessage, name: &str) -> String {
    message
        .attributes
        .get(name)
        .map(|attribute| attribute.value.clone())
        .unwrap_or_default()
}

fn clock_time(minute: u64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
