//! Templates: their sections, and their evaluation.

use std::collections::{BTreeMap, BTreeSet};

use crate::certificate::Certificate;
use crate::expression::Text;
use crate::failed::{EvaluationFailed, Failure};
use crate::invalid::{InvalidTemplate, Problem};
use crate::json;
use crate::node::Node;
use crate::policy::Policy;
use crate::provisioned::Provisioned;
use crate::scope::{Declared, Mappings, Values};
use crate::thing::Thing;

/// Most characters of a template.
pub const MAX_CHARACTERS: usize = 10_240;

/// The parameter that is the id of the certificate being registered. It need not be declared.
pub const CERTIFICATE_ID: &str = "AWS::IoT::Certificate::Id";

/// The parameters that just-in-time provisioning takes from the subject of the device's certificate.
pub const SUBJECT_PARAMETERS: [&str; 7] = [
    "AWS::IoT::Certificate::Country",
    "AWS::IoT::Certificate::Organization",
    "AWS::IoT::Certificate::OrganizationalUnit",
    "AWS::IoT::Certificate::DistinguishedNameQualifier",
    "AWS::IoT::Certificate::StateName",
    "AWS::IoT::Certificate::CommonName",
    "AWS::IoT::Certificate::SerialNumber",
];

const THING: &str = "AWS::IoT::Thing";
const CERTIFICATE: &str = "AWS::IoT::Certificate";
const POLICY: &str = "AWS::IoT::Policy";

/// What a template is for. AWS does not let a template change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `FLEET_PROVISIONING`.
    FleetProvisioning,
    /// `JITP`: no mappings, no device configuration, and no parameters but those of the certificate.
    Jitp,
}

/// A template that holds to the grammar.
#[derive(Debug, Clone)]
pub struct Template {
    parameters: BTreeMap<String, Option<String>>,
    mappings: Mappings,
    thing: Option<Thing>,
    certificate: Certificate,
    policies: Vec<Policy>,
    device_configuration: BTreeMap<String, Text>,
}

impl Template {
    /// Reads the body of a template.
    ///
    /// # Errors
    /// [`InvalidTemplate`] says where and what: nothing is skipped, whether AWS does not have it or this crate.
    pub fn parse(body: &str, kind: Kind) -> Result<Self, InvalidTemplate> {
        let characters = body.chars().count();
        if characters > MAX_CHARACTERS {
            return Err(InvalidTemplate::new("", Problem::TooLong { characters }));
        }
        let value =
            json::parse(body).map_err(|why| InvalidTemplate::new("", Problem::NotJson(why)))?;
        let root = Node::root(&value);
        root.only(&["Parameters", "Mappings", "Resources", "DeviceConfiguration"])?;
        for fleet_only in ["Mappings", "DeviceConfiguration"] {
            if let Some(section) = root.get(fleet_only).filter(|_| kind == Kind::Jitp) {
                return Err(section.error(Problem::FleetOnly));
            }
        }
        let parameters = match root.get("Parameters") {
            Some(section) => parameters(&section, kind)?,
            None => BTreeMap::new(),
        };
        let mappings = match root.get("Mappings") {
            Some(section) => mappings(&section)?,
            None => Mappings::new(),
        };
        let resources = root.require("Resources")?;
        let mut names: BTreeSet<_> = parameters.keys().cloned().collect();
        names.insert(CERTIFICATE_ID.to_owned());
        let declared = Declared {
            parameters: &names,
            resources: &resources.object()?.keys().cloned().collect(),
            mappings: &mappings,
        };
        let (mut things, mut certificates, mut policies) = (Vec::new(), Vec::new(), Vec::new());
        for (_, resource) in resources.members()? {
            resource.only(&["Type", "Properties", "OverrideSettings"])?;
            let of_type = resource.require("Type")?;
            match of_type.text("a type")? {
                THING => things.push(Thing::parse(&resource, &declared)?),
                CERTIFICATE => certificates.push(Certificate::parse(&resource, &declared)?),
                POLICY => policies.push(Policy::parse(&resource, &declared)?),
                other => {
                    return Err(of_type.error(Problem::NotOneOf {
                        word: other.to_owned(),
                        words: vec![THING, CERTIFICATE, POLICY],
                    }));
                }
            }
        }
        let counted = |type_name, count| resources.error(Problem::Resources { type_name, count });
        if things.len() > 1 {
            return Err(counted(THING, things.len()));
        }
        let count = certificates.len();
        let certificate = certificates.pop().filter(|_| count == 1);
        let mut device_configuration = BTreeMap::new();
        if let Some(section) = root.get("DeviceConfiguration") {
            for (name, value) in section.members()? {
                device_configuration.insert(name.clone(), Text::parse(&value, &declared)?);
            }
        }
        Ok(Self {
            thing: things.pop(),
            certificate: certificate.ok_or_else(|| counted(CERTIFICATE, count))?,
            policies,
            device_configuration,
            mappings,
            parameters,
        })
    }

    /// The declared parameters with their defaults, by name.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.parameters
            .iter()
            .map(|(name, default)| (name.as_str(), default.as_deref()))
    }

    /// What the template asks for with these parameters. [`CERTIFICATE_ID`] and [`SUBJECT_PARAMETERS`] are among them; the
    /// caller puts them there last, so that no device gives them a value. Parameters that the template does not declare
    /// are for the pre-provisioning hook and count for nothing.
    ///
    /// # Errors
    /// [`EvaluationFailed`] if a declared parameter has no value, or a function finds nothing.
    pub fn evaluate(
        &self,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Provisioned, EvaluationFailed> {
        let mut given = BTreeMap::new();
        let undeclared_id =
            (!self.parameters.contains_key(CERTIFICATE_ID)).then_some((CERTIFICATE_ID, None));
        for (name, default) in self.parameters().chain(undeclared_id) {
            let value = parameters.get(name).map(String::as_str).or(default);
            let value = value.ok_or_else(|| {
                EvaluationFailed::new(format!("Parameters.{name}"), Failure::MissingParameter)
            })?;
            given.insert(name, value);
        }
        let values = Values {
            parameters: given,
            mappings: &self.mappings,
        };
        let mut device_configuration = BTreeMap::new();
        for (name, text) in &self.device_configuration {
            let text = text.evaluate(&values).map_err(|failure| {
                EvaluationFailed::new(format!("DeviceConfiguration.{name}"), failure)
            })?;
            device_configuration.insert(name.clone(), text);
        }
        let thing = self.thing.as_ref().map(|thing| thing.evaluate(&values));
        let policies = self.policies.iter().map(|policy| policy.evaluate(&values));
        Ok(Provisioned {
            thing: thing.transpose()?,
            certificate: self.certificate.evaluate(&values)?,
            policies: policies.collect::<Result<_, _>>()?,
            device_configuration,
        })
    }
}

fn parameters(
    section: &Node<'_>,
    kind: Kind,
) -> Result<BTreeMap<String, Option<String>>, InvalidTemplate> {
    let mut parameters = BTreeMap::new();
    for (name, parameter) in section.members()? {
        let reserved = name.starts_with("AWS::");
        let has_source = match kind {
            _ if name == CERTIFICATE_ID => true,
            Kind::FleetProvisioning => !reserved,
            Kind::Jitp => SUBJECT_PARAMETERS.contains(&name.as_str()),
        };
        if !has_source {
            return Err(parameter.error(Problem::ParameterWithoutSource(name.clone())));
        }
        parameter.only(&["Type", "Default"])?;
        parameter.require("Type")?.word(&[("String", ())])?;
        let default = parameter
            .get("Default")
            .map(|node| node.text("text").map(str::to_owned));
        parameters.insert(name.clone(), default.transpose()?);
    }
    Ok(parameters)
}

fn mappings(section: &Node<'_>) -> Result<Mappings, InvalidTemplate> {
    let mut mappings = Mappings::new();
    for (name, mapping) in section.members()? {
        let first_keys = mappings.entry(name.clone()).or_default();
        for (name, second_level) in mapping.members()? {
            let second_keys = first_keys.entry(name.clone()).or_default();
            for (name, value) in second_level.members()? {
                let value = value.text("text; mappings have two levels and no functions")?;
                second_keys.insert(name.clone(), value.to_owned());
            }
        }
    }
    Ok(mappings)
}
