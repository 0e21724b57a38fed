//! Operations on things and the certificates attached to them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::{Answer, Api};
use crate::registry::things::{Thing, ThingUpdate};
use crate::registry::{PrincipalType, Refusal};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AttributePayload {
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) merge: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThingBody {
    thing_type_name: Option<String>,
    attribute_payload: Option<AttributePayload>,
    billing_group_name: Option<String>,
    #[serde(default)]
    remove_thing_type: bool,
    expected_version: Option<u64>,
}

impl Api {
    /// POST /things/{thingName}
    pub(super) fn create_thing(&self, name: &str, request: &Request) -> Answer {
        let body: ThingBody = request.json()?;
        if body.billing_group_name.is_some() {
            return Err(Refusal::Unsupported(
                "billing groups are not supported by this gateway".into(),
            ));
        }
        let attributes = body.attribute_payload.unwrap_or_default().attributes;
        let arn = self.registry.scope.thing(name);
        let thing = self.registry.with(|state| {
            state
                .things
                .create(name, body.thing_type_name, attributes, arn.clone())
        })?;
        Ok(json!({ "thingName": name, "thingArn": arn, "thingId": thing.id }))
    }

    /// GET /things/{thingName}
    pub(super) fn describe_thing(&self, name: &str) -> Answer {
        let thing = self
            .registry
            .with(|state| state.things.get(name).cloned())?;
        let mut answer = self.thing(&thing);
        if let Some(map) = answer.as_object_mut() {
            map.insert("thingId".into(), thing.id.into());
            map.insert("defaultClientId".into(), thing.name.into());
        }
        Ok(answer)
    }

    /// PATCH /things/{thingName}
    pub(super) fn update_thing(&self, name: &str, request: &Request) -> Answer {
        let body: ThingBody = request.json()?;
        let update = ThingUpdate {
            thing_type: body.thing_type_name,
            remove_thing_type: body.remove_thing_type,
            attributes: body
                .attribute_payload
                .map(|payload| (payload.attributes, payload.merge)),
            expected_version: body.expected_version,
        };
        self.registry
            .with(|state| state.things.update(name, update))?;
        Ok(json!({}))
    }

    /// DELETE /things/{thingName}?expectedVersion
    pub(super) fn delete_thing(&self, name: &str, request: &Request) -> Answer {
        let expected = request.number("expectedVersion")?;
        self.registry
            .with(|state| state.delete_thing(name, expected))?;
        Ok(json!({}))
    }

    /// GET /things
    pub(super) fn list_things(&self, request: &Request) -> Answer {
        let prefix = request.flag("usePrefixAttributeValue")?;
        let (attribute, value) = (
            request.query("attributeName"),
            request.query("attributeValue"),
        );
        let thing_type = request.query("thingTypeName");
        let wanted = |thing: &Thing| {
            let attributes = match (attribute, value) {
                (None, _) => true,
                (Some(name), None) => thing.attributes.contains_key(name),
                (Some(name), Some(value)) => {
                    thing
                        .attributes
                        .get(name)
                        .is_some_and(|there| match prefix {
                            true => there.starts_with(value),
                            false => there == value,
                        })
                }
            };
            attributes
                && thing_type.is_none_or(|wanted| thing.thing_type.as_deref() == Some(wanted))
        };
        let all: Vec<_> = self.registry.with(|state| {
            state
                .things
                .list()
                .filter(|thing| wanted(thing))
                .map(|thing| self.thing(thing))
                .collect()
        });
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        Ok(json!({ "things": page, "nextToken": next }))
    }

    /// PUT /things/{thingName}/principals?thingPrincipalType
    pub(super) fn attach_thing_principal(&self, thing: &str, request: &Request) -> Answer {
        let how = request
            .query("thingPrincipalType")
            .map_or(Ok(PrincipalType::NonExclusive), PrincipalType::parse)?;
        let principal = principal(request)?;
        self.registry.with(|state| {
            state.things.get(thing)?;
            let id = state.principal(principal)?.id.clone();
            state.attachments.attach_thing(&id, thing, how)
        })?;
        Ok(json!({}))
    }

    /// DELETE /things/{thingName}/principals
    pub(super) fn detach_thing_principal(&self, thing: &str, request: &Request) -> Answer {
        let principal = principal(request)?;
        self.registry.with(|state| {
            state.things.get(thing)?;
            let id = state.principal(principal)?.id.clone();
            state.attachments.detach_thing(&id, thing);
            Ok(json!({}))
        })
    }

    /// GET /things/{thingName}/principals, and principals-v2 with the attachment's type
    pub(super) fn list_thing_principals(&self, thing: &str, request: &Request, v2: bool) -> Answer {
        let wanted = request
            .query("thingPrincipalType")
            .map(PrincipalType::parse)
            .transpose()?;
        let all = self.registry.with(|state| {
            state.things.get(thing)?;
            let all = state
                .attachments
                .certificates_of(thing)
                .filter(|(_, how)| wanted.is_none_or(|it| it == *how));
            let all = all
                .map(|(id, how)| entry("principal", self.registry.scope.certificate(id), how, v2));
            Ok::<_, Refusal>(all.collect::<Vec<_>>())
        })?;
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        let list = if v2 {
            "thingPrincipalObjects"
        } else {
            "principals"
        };
        Ok(json!({ list: page, "nextToken": next }))
    }

    /// GET /principals/things, and things-v2 with the attachment's type
    pub(super) fn list_principal_things(&self, request: &Request, v2: bool) -> Answer {
        let wanted = request
            .query("thingPrincipalType")
            .map(PrincipalType::parse)
            .transpose()?;
        let principal = principal(request)?;
        let all = self.registry.with(|state| {
            let id = &state.principal(principal)?.id;
            let all = state
                .attachments
                .things_of(id)
                .filter(|(_, how)| wanted.is_none_or(|it| it == *how));
            Ok::<_, Refusal>(
                all.map(|(thing, how)| entry("thingName", thing.to_owned(), how, v2))
                    .collect::<Vec<_>>(),
            )
        })?;
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        let list = if v2 {
            "principalThingObjects"
        } else {
            "things"
        };
        Ok(json!({ list: page, "nextToken": next }))
    }

    fn thing(&self, thing: &Thing) -> Value {
        json!({
            "thingName": thing.name,
            "thingArn": self.registry.scope.thing(&thing.name),
            "thingTypeName": thing.thing_type,
            "attributes": thing.attributes,
            "version": thing.version,
        })
    }
}

fn principal(request: &Request) -> Result<&str, Refusal> {
    request
        .header("x-amzn-principal")
        .ok_or_else(|| Refusal::InvalidRequest("the header x-amzn-principal is missing".into()))
}

fn entry(name: &str, value: String, how: PrincipalType, v2: bool) -> Value {
    match v2 {
        true => json!({ name: value, "thingPrincipalType": how.as_str() }),
        false => value.into(),
    }
}
