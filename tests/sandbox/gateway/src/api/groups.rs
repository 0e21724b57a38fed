//! Operations on thing groups and their members.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::response::timestamp;
use super::things::AttributePayload;
use super::{Answer, Api};
use crate::registry::groups::Group;
use crate::registry::{Refusal, State};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    thing_group_description: Option<String>,
    attribute_payload: AttributePayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupBody {
    parent_group_name: Option<String>,
    #[serde(default)]
    thing_group_properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Membership {
    thing_group_name: Option<String>,
    thing_group_arn: Option<String>,
    thing_name: Option<String>,
    thing_arn: Option<String>,
}

impl Api {
    /// POST /thing-groups/{thingGroupName}
    pub(super) fn create_thing_group(&self, name: &str, request: &Request) -> Answer {
        let body: GroupBody = request.json()?;
        let wanted = Group {
            name: name.to_owned(),
            id: uuid::Uuid::new_v4().to_string(),
            parent: body.parent_group_name,
            description: body.thing_group_properties.thing_group_description,
            attributes: body.thing_group_properties.attribute_payload.attributes,
            created_ms: self.now_ms(),
            version: 1,
        };
        let arn = self.registry.scope.thing_group(name);
        let made = self.registry.with(|state| state.groups.create(wanted, arn.clone()))?;
        Ok(json!({ "thingGroupName": name, "thingGroupArn": arn, "thingGroupId": made.id }))
    }

    /// GET /thing-groups/{thingGroupName}
    pub(super) fn describe_thing_group(&self, name: &str) -> Answer {
        self.registry.with(|state| {
            let group = state.groups.get(name)?;
            let mut line: Vec<_> = state.groups.lineage(name).into_iter().skip(1).collect();
            line.reverse();
            let line: Vec<_> = line.into_iter().map(|group| self.name_and_arn(&group.name)).collect();
            Ok(json!({
                "thingGroupName": group.name,
                "thingGroupId": group.id,
                "thingGroupArn": self.registry.scope.thing_group(&group.name),
                "version": group.version,
                "thingGroupProperties": {
                    "thingGroupDescription": group.description,
                    "attributePayload": { "attributes": group.attributes },
                },
                "thingGroupMetadata": {
                    "parentGroupName": group.parent,
                    "rootToParentThingGroups": line,
                    "creationDate": timestamp(group.created_ms),
                },
            }))
        })
    }

    /// GET /thing-groups
    pub(super) fn list_thing_groups(&self, request: &Request) -> Answer {
        // Recursive by default. Source: AWS IoT API reference, ListThingGroups.
        let recursive = request.query("recursive").is_none() || request.flag("recursive")?;
        let prefix = request.query("namePrefixFilter").unwrap_or_default();
        let parent = request.query("parentGroup");
        let all = self.registry.with(|state| {
            if let Some(parent) = parent {
                state.groups.get(parent)?;
            }
            let wanted = |group: &&Group| {
                let above = group.parent.as_deref();
                group.name.starts_with(prefix)
                    && match (parent, recursive) {
                        (Some(parent), true) => group.name != parent && state.groups.is_under(&group.name, parent),
                        (Some(parent), false) => above == Some(parent),
                        (None, true) => true,
                        (None, false) => above.is_none(),
                    }
            };
            let all = state.groups.list().filter(wanted).map(|group| self.name_and_arn(&group.name));
            Ok::<_, Refusal>(all.collect::<Vec<_>>())
        })?;
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        Ok(json!({ "thingGroups": page, "nextToken": next }))
    }

    /// DELETE /thing-groups/{thingGroupName}?expectedVersion
    pub(super) fn delete_thing_group(&self, name: &str, request: &Request) -> Answer {
        let expected = request.number("expectedVersion")?;
        self.registry.with(|state| state.delete_group(name, expected))?;
        Ok(json!({}))
    }

    /// PUT /thing-groups/addThingToThingGroup
    pub(super) fn add_thing_to_thing_group(&self, request: &Request) -> Answer {
        let body: Membership = request.json()?;
        self.registry.with(|state| {
            let (group, thing) = self.membership(state, &body)?;
            state.groups.add_thing(&group, &thing)
        })?;
        Ok(json!({}))
    }

    /// PUT /thing-groups/removeThingFromThingGroup
    pub(super) fn remove_thing_from_thing_group(&self, request: &Request) -> Answer {
        let body: Membership = request.json()?;
        self.registry.with(|state| {
            let (group, thing) = self.membership(state, &body)?;
            state.groups.remove_thing(&group, &thing)
        })?;
        Ok(json!({}))
    }

    /// GET /thing-groups/{thingGroupName}/things?recursive
    pub(super) fn list_things_in_thing_group(&self, name: &str, request: &Request) -> Answer {
        let recursive = request.flag("recursive")?;
        let all = self.registry.with(|state| {
            state.groups.get(name)?;
            let things = state.groups.things_in(name, recursive).into_iter().map(str::to_owned);
            Ok::<_, Refusal>(things.collect::<Vec<_>>())
        })?;
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        Ok(json!({ "things": page, "nextToken": next }))
    }

    /// GET /things/{thingName}/thing-groups
    pub(super) fn list_thing_groups_for_thing(&self, thing: &str, request: &Request) -> Answer {
        let all = self.registry.with(|state| {
            state.things.get(thing)?;
            Ok::<_, Refusal>(state.groups.of_thing(thing).map(|group| self.name_and_arn(group)).collect::<Vec<_>>())
        })?;
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        Ok(json!({ "thingGroups": page, "nextToken": next }))
    }

    fn membership(&self, state: &State, body: &Membership) -> Result<(String, String), Refusal> {
        let scope = &self.registry.scope;
        let group = one_of("thingGroup", body.thing_group_name.as_deref(), body.thing_group_arn.as_deref(), |arn| {
            scope.name_in("thinggroup", arn)
        })?;
        let thing = one_of("thing", body.thing_name.as_deref(), body.thing_arn.as_deref(), |arn| {
            scope.name_in("thing", arn)
        })?;
        state.things.get(thing)?;
        Ok((group.to_owned(), thing.to_owned()))
    }

    fn name_and_arn(&self, group: &str) -> Value {
        json!({ "groupName": group, "groupArn": self.registry.scope.thing_group(group) })
    }
}

fn one_of<'a>(
    what: &str,
    name: Option<&'a str>,
    arn: Option<&'a str>,
    read: impl Fn(&'a str) -> Result<&'a str, Refusal>,
) -> Result<&'a str, Refusal> {
    match (name, arn.map(read).transpose()?) {
        (Some(name), Some(of_arn)) if name != of_arn => {
            Err(Refusal::InvalidRequest(format!("{what}Name and {what}Arn name different things")))
        }
        (Some(name), _) | (None, Some(name)) => Ok(name),
        (None, None) => Err(Refusal::InvalidRequest(format!("{what}Name or {what}Arn is needed"))),
    }
}
