//! Operations on thing types.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::response::timestamp;
use super::{Answer, Api};
use crate::registry::Refusal;
use crate::registry::things::ThingType;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct TypeProperties {
    thing_type_description: Option<String>,
    searchable_attributes: Vec<String>,
    mqtt5_configuration: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeBody {
    #[serde(default)]
    thing_type_properties: TypeProperties,
}

impl Api {
    /// POST /thing-types/{thingTypeName}
    pub(super) fn create_thing_type(&self, name: &str, request: &Request) -> Answer {
        let body: TypeBody = request.json()?;
        let properties = body.thing_type_properties;
        if properties.mqtt5_configuration.is_some() {
            return Err(Refusal::Unsupported(
                "mqtt5Configuration of thing types is not supported by this gateway".into(),
            ));
        }
        let wanted = ThingType {
            name: name.to_owned(),
            id: uuid::Uuid::new_v4().to_string(),
            description: properties.thing_type_description,
            searchable_attributes: properties.searchable_attributes,
            created_ms: self.now_ms(),
            deprecated_ms: None,
        };
        let arn = self.registry.scope.thing_type(name);
        let made = self
            .registry
            .with(|state| state.things.create_type(wanted, arn.clone()))?;
        Ok(json!({ "thingTypeName": name, "thingTypeArn": arn, "thingTypeId": made.id }))
    }

    /// GET /thing-types/{thingTypeName}
    pub(super) fn describe_thing_type(&self, name: &str) -> Answer {
        let found = self
            .registry
            .with(|state| state.things.get_type(name).cloned())?;
        let mut answer = self.thing_type(&found);
        if let Some(map) = answer.as_object_mut() {
            map.insert("thingTypeId".into(), found.id.into());
        }
        Ok(answer)
    }

    /// GET /thing-types
    pub(super) fn list_thing_types(&self, request: &Request) -> Answer {
        let wanted = request.query("thingTypeName");
        let all: Vec<_> = self.registry.with(|state| {
            let types = state
                .things
                .list_types()
                .filter(|kind| wanted.is_none_or(|name| kind.name == name));
            types.map(|kind| self.thing_type(kind)).collect()
        });
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        Ok(json!({ "thingTypes": page, "nextToken": next }))
    }

    fn thing_type(&self, kind: &ThingType) -> Value {
        json!({
            "thingTypeName": kind.name,
            "thingTypeArn": self.registry.scope.thing_type(&kind.name),
            "thingTypeProperties": {
                "thingTypeDescription": kind.description,
                "searchableAttributes": kind.searchable_attributes,
            },
            "thingTypeMetadata": {
                "deprecated": kind.deprecated_ms.is_some(),
                "deprecationDate": kind.deprecated_ms.map(timestamp),
                "creationDate": timestamp(kind.created_ms),
            },
        })
    }
}
