//! `AWS::IoT::Certificate`.

use crate::expression::Text;
use crate::failed::{EvaluationFailed, Failure};
use crate::invalid::{InvalidTemplate, Problem};
use crate::node::Node;
use crate::provisioned::{CertificateSpec, Override};
use crate::scope::{Declared, Values};
use crate::template::CERTIFICATE_ID;
use crate::thing::replaceable;

/// Other ways to name a certificate, which belong to bulk registration.
const FOREIGN: [&str; 3] = [
    "CertificateSigningRequest",
    "CertificatePem",
    "CACertificatePem",
];
const STATUSES: [&str; 2] = ["ACTIVE", "INACTIVE"];

#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    at: String,
    status: Option<Text>,
    exclusive_thing: bool,
    status_override: Override,
}

impl Certificate {
    pub(crate) fn parse(
        resource: &Node<'_>,
        declared: &Declared<'_>,
    ) -> Result<Self, InvalidTemplate> {
        let properties = resource.require("Properties")?;
        for foreign in FOREIGN {
            if let Some(node) = properties.get(foreign) {
                return Err(node.error(Problem::ForeignCertificate));
            }
        }
        properties.only(&["CertificateId", "Status", "ThingPrincipalType"])?;
        // Anything else would let a device choose which certificate its registration activates.
        let id = properties.require("CertificateId")?;
        match Text::parse(&id, declared)? {
            Text::Parameter(name) if name == CERTIFICATE_ID => {}
            _ => return Err(id.error(Problem::ForeignCertificate)),
        }
        let status = match properties.get("Status") {
            Some(node) => Some(status(&node, declared)?),
            None => None,
        };
        let exclusive_thing = match properties.get("ThingPrincipalType") {
            Some(node) => {
                node.word(&[("EXCLUSIVE_THING", true), ("NON_EXCLUSIVE_THING", false)])?
            }
            None => false,
        };
        let settings = resource.get("OverrideSettings");
        if let Some(settings) = &settings {
            settings.only(&["Status"])?;
        }
        let status_override = match settings.and_then(|settings| settings.get("Status")) {
            Some(node) => replaceable(&node)?,
            None => Override::default(),
        };
        Ok(Self {
            at: properties.at,
            status,
            exclusive_thing,
            status_override,
        })
    }

    pub(crate) fn evaluate(
        &self,
        values: &Values<'_>,
    ) -> Result<CertificateSpec, EvaluationFailed> {
        let failed = |property: &str, failure| {
            EvaluationFailed::new(format!("{}.{property}", self.at), failure)
        };
        let is_active = match &self.status {
            None => true,
            Some(status) => status
                .evaluate(values)
                .and_then(|word| active(&word).ok_or(Failure::NotOneOf(&STATUSES)))
                .map_err(|failure| failed("Status", failure))?,
        };
        Ok(CertificateSpec {
            id: values
                .parameter(CERTIFICATE_ID)
                .map_err(|failure| failed("CertificateId", failure))?,
            active: is_active,
            exclusive_thing: self.exclusive_thing,
            status_override: self.status_override,
        })
    }
}

fn status(node: &Node<'_>, declared: &Declared<'_>) -> Result<Text, InvalidTemplate> {
    let status = Text::parse(node, declared)?;
    match &status {
        Text::Literal(word) if active(word).is_none() => Err(node.error(Problem::NotOneOf {
            word: word.clone(),
            words: STATUSES.into(),
        })),
        _ => Ok(status),
    }
}

/// In any case of letters: AWS's example of a fleet provisioning template says `Active`.
fn active(word: &str) -> Option<bool> {
    let [active, inactive] = STATUSES;
    if word.eq_ignore_ascii_case(active) {
        Some(true)
    } else if word.eq_ignore_ascii_case(inactive) {
        Some(false)
    } else {
        None
    }
}
