//! The decision: which checks, in which order. What costs nothing comes before what costs a call.

use std::time::Duration;

use sci_certificates::{DeviceCertificate, TemplateName, Voucher, VoucherKey, inspect};
use sci_domain::{
    admission::{
        AdmissionStore, CertificateId, IntroducerId, Loaded, Presented, Proof, Reason, Request,
        SerialNumber,
        service::{About, Settled, apply, refuse},
    },
    timestamp::Timestamp,
};
use tokio::time::timeout;

use crate::event::{Event, parameter};

/// How long a decision may take. AWS IoT gives up after 5 s, and the device gets `ACCESS_DENIED` either way.
/// Source: AWS IoT developer guide, "Pre-provisioning hooks".
pub const LIMIT: Duration = Duration::from_millis(3500);

/// The hook on its ports.
pub struct Handler<Store, Clock> {
    /// The template that it decides for, and no other.
    pub template: TemplateName,
    /// The allow-list.
    pub store: Store,
    /// The time.
    pub clock: Clock,
}

/// What was decided, and about whom.
#[derive(Debug)]
pub struct Decision {
    /// The serial number, if the device gave one.
    pub serial: Option<SerialNumber>,
    /// The certificate, if AWS IoT named one.
    pub certificate: Option<CertificateId>,
    /// The decision.
    pub settled: Settled,
    /// What is wrong with the certificate or the voucher, for operators.
    pub detail: Option<&'static str>,
}

impl<Store: AdmissionStore + Sync, Clock: Fn() -> Timestamp + Sync> Handler<Store, Clock> {
    /// Decides within [`LIMIT`]. A decision that was not made in time is a refusal, even if it was written: the device gets
    /// the same lease when it asks again.
    pub async fn decide(&self, event: Option<&Event>) -> Decision {
        let mut decision = Decision {
            serial: None,
            certificate: None,
            settled: Settled {
                outcome: Err(Reason::TooLate),
                unrecorded: None,
            },
            detail: None,
        };
        // Boxed: with the SDK's futures inside, its type would be nested deeper than the compiler follows.
        let settled = Box::pin(self.settle(event, &mut decision));
        if let Ok(settled) = timeout(LIMIT, settled).await {
            decision.settled = settled;
        }
        decision
    }

    async fn settle(&self, event: Option<&Event>, decision: &mut Decision) -> Settled {
        let now = (self.clock)();
        let claim = event.and_then(|event| CertificateId::parse(&event.claim_certificate_id).ok());
        // Without an introducer there is no chain to write to.
        let (Some(event), Some(claim)) = (event, claim) else {
            return Settled {
                outcome: Err(Reason::MalformedRequest),
                unrecorded: None,
            };
        };
        let introducer = IntroducerId::Claim(claim);
        let client = event.client_id.as_deref();
        decision.certificate = CertificateId::parse(&event.certificate_id).ok();
        decision.serial = event
            .parameter(parameter::SERIAL_NUMBER)
            .and_then(|serial| SerialNumber::parse(serial).ok());
        let inspected = inspect(&event.certificate_pem);
        let (serial, certificate, id) = match self.read(event, decision, &inspected) {
            Ok(read) => read,
            Err(reason) => {
                let about = About {
                    serial: decision.serial.as_ref(),
                    certificate: decision.certificate,
                    client,
                };
                return refuse(&self.store, introducer, reason, about, now).await;
            }
        };
        let request = Request {
            introducer,
            serial: serial.clone(),
            claimed_property: event.parameter(parameter::PROPERTY_ID),
            claimed_kind: event.parameter(parameter::DEVICE_TYPE),
            certificate: Presented {
                id,
                key: certificate.key,
                common_name: certificate
                    .subject
                    .common_name
                    .as_ref()
                    .map(|name| name.as_str()),
                serial_number: certificate
                    .subject
                    .serial_number
                    .as_ref()
                    .map(|text| text.as_str()),
                not_before: certificate.validity.not_before,
                not_after: certificate.validity.not_after,
            },
            proof: Proof::Absent,
        };
        let detail = &mut decision.detail;
        apply(&self.store, request, client, now, |loaded| {
            match self.prove(event, loaded, &serial, certificate) {
                Ok(proof) => proof,
                Err(why) => {
                    *detail = Some(why);
                    Proof::Invalid
                }
            }
        })
        .await
    }

    /// What must be in order before anybody is asked.
    fn read<'i>(
        &self,
        event: &Event,
        decision: &mut Decision,
        inspected: &'i Result<DeviceCertificate, sci_certificates::InvalidCertificate>,
    ) -> Result<(SerialNumber, &'i DeviceCertificate, CertificateId), Reason> {
        if event.template() != Some(self.template.as_str()) {
            return Err(Reason::WrongTemplate);
        }
        let id = decision.certificate.ok_or(Reason::MalformedRequest)?;
        // AWS IoT's own parameter, which some of its published events hold. Were it a device's, it would choose the certificate.
        let own = event.parameters.get("AWS::IoT::Certificate::Id");
        if own.is_some_and(|own| *own != event.certificate_id) {
            return Err(Reason::MalformedRequest);
        }
        let serial = decision.serial.clone().ok_or(Reason::InvalidSerial)?;
        let certificate = inspected.as_ref().map_err(|invalid| {
            decision.detail = Some(invalid.code());
            Reason::InvalidCertificate
        })?;
        Ok((serial, certificate, id))
    }

    /// Checks the voucher against the device's own secret, or against the key of its factory if it has none.
    fn prove(
        &self,
        event: &Event,
        loaded: &Loaded,
        serial: &SerialNumber,
        certificate: &DeviceCertificate,
    ) -> Result<Proof, &'static str> {
        let Some(text) = event.parameter(parameter::VOUCHER) else {
            return Ok(Proof::Absent);
        };
        let voucher = Voucher::parse(text).map_err(|rejected| rejected.code())?;
        let secret = loaded
            .entry
            .as_ref()
            .and_then(|entry| entry.secret.as_ref());
        let factory = loaded
            .introducer
            .as_ref()
            .and_then(|it| it.factory_key.as_deref());
        let key = match (secret, factory) {
            (Some(secret), _) => VoucherKey::device_secret(secret.expose()),
            (None, Some(pem)) => VoucherKey::factory_key(pem),
            (None, None) => return Err("voucher-key-missing"),
        };
        let key = key.map_err(|invalid| invalid.code())?;
        voucher
            .verify(&key, serial, &self.template, &certificate.key)
            .map_err(|rejected| rejected.code())?;
        Ok(Proof::Valid)
    }
}
