//! `AWS::IoT::Thing`.

use std::collections::BTreeMap;

use crate::expression::{List, Text};
use crate::failed::EvaluationFailed;
use crate::invalid::{InvalidTemplate, Problem};
use crate::node::Node;
use crate::provisioned::{Override, ThingOverrides, ThingSpec};
use crate::scope::{Declared, Values};

const MAX_ATTRIBUTES_WITHOUT_TYPE: usize = 3;
const MAX_ATTRIBUTES: usize = 50;
const PROPERTIES: [&str; 6] = [
    "ThingName",
    "AttributePayload",
    "ThingTypeName",
    "ThingGroups",
    "BillingGroup",
    "PackageVersions",
];

#[derive(Debug, Clone)]
pub(crate) struct Thing {
    at: String,
    name: Text,
    attributes: BTreeMap<String, Text>,
    thing_type: Option<Text>,
    groups: Option<List>,
    overrides: ThingOverrides,
}

impl Thing {
    pub(crate) fn parse(
        resource: &Node<'_>,
        declared: &Declared<'_>,
    ) -> Result<Self, InvalidTemplate> {
        let properties = resource.require("Properties")?;
        properties.only(&PROPERTIES)?;
        for unsupported in ["BillingGroup", "PackageVersions"] {
            if let Some(node) = properties.get(unsupported) {
                return Err(node.error(Problem::Unsupported(unsupported)));
            }
        }
        let text = |node: Node<'_>| Text::parse(&node, declared);
        let mut attributes = BTreeMap::new();
        let thing_type = properties.get("ThingTypeName").map(text).transpose()?;
        if let Some(payload) = properties.get("AttributePayload") {
            for (name, value) in payload.members()? {
                attributes.insert(name.clone(), text(value)?);
            }
            let count = attributes.len();
            let limit = match thing_type {
                Some(_) => MAX_ATTRIBUTES,
                None => MAX_ATTRIBUTES_WITHOUT_TYPE,
            };
            if count > limit {
                return Err(payload.error(Problem::TooManyAttributes { count, limit }));
            }
        }
        Ok(Self {
            name: text(properties.require("ThingName")?)?,
            attributes,
            thing_type,
            groups: properties
                .get("ThingGroups")
                .map(|node| List::parse(&node, declared))
                .transpose()?,
            overrides: overrides(resource)?,
            at: properties.at,
        })
    }

    pub(crate) fn evaluate(&self, values: &Values<'_>) -> Result<ThingSpec, EvaluationFailed> {
        let failed = |property: &str| {
            let at = format!("{}.{property}", self.at);
            move |failure| EvaluationFailed::new(at, failure)
        };
        let mut attributes = BTreeMap::new();
        for (name, value) in &self.attributes {
            let at = format!("AttributePayload.{name}");
            attributes.insert(name.clone(), value.evaluate(values).map_err(failed(&at))?);
        }
        let thing_type = self.thing_type.as_ref().map(|text| text.evaluate(values));
        let groups = self.groups.as_ref().map(|list| list.evaluate(values));
        Ok(ThingSpec {
            name: self.name.evaluate(values).map_err(failed("ThingName"))?,
            attributes,
            thing_type: thing_type.transpose().map_err(failed("ThingTypeName"))?,
            groups: groups
                .transpose()
                .map_err(failed("ThingGroups"))?
                .unwrap_or_default(),
            overrides: self.overrides,
        })
    }
}

fn overrides(resource: &Node<'_>) -> Result<ThingOverrides, InvalidTemplate> {
    let settings = resource.get("OverrideSettings");
    if let Some(settings) = &settings {
        settings.only(&["AttributePayload", "ThingTypeName", "ThingGroups"])?;
    }
    let setting = |name: &str| settings.as_ref().and_then(|settings| settings.get(name));
    let all = |name| setting(name).map_or(Ok(Override::default()), |node| mergeable(&node));
    Ok(ThingOverrides {
        attributes: all("AttributePayload")?,
        groups: all("ThingGroups")?,
        thing_type: setting("ThingTypeName")
            .map_or(Ok(Override::default()), |node| replaceable(&node))?,
    })
}

fn mergeable(node: &Node<'_>) -> Result<Override, InvalidTemplate> {
    node.word(&[
        ("DO_NOTHING", Override::DoNothing),
        ("REPLACE", Override::Replace),
        ("FAIL", Override::Fail),
        ("MERGE", Override::Merge),
    ])
}

/// A setting of something that cannot be merged.
pub(crate) fn replaceable(node: &Node<'_>) -> Result<Override, InvalidTemplate> {
    node.word(&[
        ("DO_NOTHING", Override::DoNothing),
        ("REPLACE", Override::Replace),
        ("FAIL", Override::Fail),
    ])
}
