//! Operations on policies, their versions and their attachment.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::response::timestamp;
use super::{Answer, Api};
use crate::registry::policies::{Policy, PolicyVersion};
use crate::registry::{Refusal, names};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    policy_document: String,
}

#[derive(Deserialize)]
struct TargetBody {
    target: String,
}

impl Api {
    /// POST /policies/{policyName}
    pub(super) fn create_policy(&self, name: &str, request: &Request) -> Answer {
        let body: Document = request.json()?;
        let now = self.now_ms();
        let arn = self.registry.scope.policy(name);
        self.registry.with(|state| state.policies.create(name, &body.policy_document, now, arn.clone()).map(drop))?;
        Ok(json!({
            "policyName": name,
            "policyArn": arn,
            "policyDocument": body.policy_document,
            "policyVersionId": "1",
        }))
    }

    /// POST /policies/{policyName}/version?setAsDefault
    pub(super) fn create_policy_version(&self, name: &str, request: &Request) -> Answer {
        let body: Document = request.json()?;
        let default = request.flag("setAsDefault")?;
        let now = self.now_ms();
        let id = self
            .registry
            .with(|state| state.policies.create_version(name, &body.policy_document, default, now))?;
        Ok(json!({
            "policyArn": self.registry.scope.policy(name),
            "policyDocument": body.policy_document,
            "policyVersionId": id.to_string(),
            "isDefaultVersion": default,
        }))
    }

    /// PATCH /policies/{policyName}/version/{policyVersionId}
    pub(super) fn set_default_policy_version(&self, name: &str, version: &str) -> Answer {
        let (id, now) = (version_id(version)?, self.now_ms());
        self.registry.with(|state| state.policies.set_default(name, id, now))?;
        Ok(json!({}))
    }

    /// GET /policies/{policyName}
    pub(super) fn get_policy(&self, name: &str) -> Answer {
        names::policy_name(name)?;
        self.registry.with(|state| {
            let policy = state.policies.get(name)?;
            let mut answer = self.version(policy, policy.in_force()?);
            if let Some(map) = answer.as_object_mut() {
                map.remove("policyVersionId");
                map.remove("isDefaultVersion");
                map.insert("defaultVersionId".into(), policy.default_version.to_string().into());
                map.insert("creationDate".into(), timestamp(policy.created_ms));
            }
            Ok(answer)
        })
    }

    /// GET /policies/{policyName}/version/{policyVersionId}
    pub(super) fn get_policy_version(&self, name: &str, version: &str) -> Answer {
        let id = version_id(version)?;
        self.registry.with(|state| {
            let policy = state.policies.get(name)?;
            Ok(self.version(policy, policy.version(id)?))
        })
    }

    /// GET /policies
    pub(super) fn list_policies(&self, request: &Request) -> Answer {
        let mut all: Vec<_> =
            self.registry.with(|state| state.policies.list().map(|policy| self.policy(&policy.name)).collect());
        if !request.flag("isAscendingOrder")? {
            all.reverse();
        }
        let (page, next) = request.page(all, "marker", "pageSize", 25)?;
        Ok(json!({ "policies": page, "nextMarker": next }))
    }

    /// GET /policies/{policyName}/version
    pub(super) fn list_policy_versions(&self, name: &str) -> Answer {
        self.registry.with(|state| {
            let policy = state.policies.get(name)?;
            let versions: Vec<_> = policy
                .versions
                .iter()
                .rev()
                .map(|version| {
                    json!({
                        "versionId": version.id.to_string(),
                        "isDefaultVersion": version.id == policy.default_version,
                        "createDate": timestamp(version.created_ms),
                    })
                })
                .collect();
            Ok(json!({ "policyVersions": versions }))
        })
    }

    /// DELETE /policies/{policyName}
    pub(super) fn delete_policy(&self, name: &str) -> Answer {
        self.registry.with(|state| state.delete_policy(name))?;
        Ok(json!({}))
    }

    /// DELETE /policies/{policyName}/version/{policyVersionId}
    pub(super) fn delete_policy_version(&self, name: &str, version: &str) -> Answer {
        let id = version_id(version)?;
        self.registry.with(|state| state.policies.delete_version(name, id))?;
        Ok(json!({}))
    }

    /// PUT /target-policies/{policyName}
    pub(super) fn attach_policy(&self, name: &str, request: &Request) -> Answer {
        let body: TargetBody = request.json()?;
        self.registry.with(|state| {
            state.policies.get(name)?;
            let target = state.target(&body.target)?;
            state.attachments.attach_policy(name, target)
        })?;
        Ok(json!({}))
    }

    /// POST /target-policies/{policyName}
    pub(super) fn detach_policy(&self, name: &str, request: &Request) -> Answer {
        let body: TargetBody = request.json()?;
        self.registry.with(|state| {
            let target = state.target(&body.target)?;
            state.attachments.detach_policy(name, target);
            Ok(json!({}))
        })
    }

    /// POST /attached-policies/{target}?recursive
    pub(super) fn list_attached_policies(&self, target: &str, request: &Request) -> Answer {
        let recursive = request.flag("recursive")?;
        let all = self.registry.with(|state| {
            let mut targets = vec![state.target(target)?];
            if let (true, Some(crate::registry::Target::ThingGroup(group))) = (recursive, targets.first()) {
                let above = state.groups.lineage(group).into_iter().skip(1);
                let above: Vec<_> =
                    above.map(|group| crate::registry::Target::ThingGroup(group.name.clone())).collect();
                targets.extend(above);
            }
            let mut names: Vec<&str> =
                targets.iter().flat_map(|target| state.attachments.policies_of(target)).collect();
            names.sort_unstable();
            names.dedup();
            Ok::<_, Refusal>(names.into_iter().map(|name| self.policy(name)).collect::<Vec<_>>())
        })?;
        let (page, next) = request.page(all, "marker", "pageSize", 25)?;
        Ok(json!({ "policies": page, "nextMarker": next }))
    }

    /// POST /policy-targets/{policyName}
    pub(super) fn list_targets_for_policy(&self, name: &str, request: &Request) -> Answer {
        let all = self.registry.with(|state| {
            state.policies.get(name)?;
            let targets = state.attachments.targets_of(name).map(|target| state.target_arn(target));
            Ok::<_, Refusal>(targets.collect::<Vec<_>>())
        })?;
        let (page, next) = request.page(all, "marker", "pageSize", 25)?;
        Ok(json!({ "targets": page, "nextMarker": next }))
    }

    pub(super) fn policy(&self, name: &str) -> Value {
        json!({ "policyName": name, "policyArn": self.registry.scope.policy(name) })
    }

    fn version(&self, policy: &Policy, version: &PolicyVersion) -> Value {
        json!({
            "policyName": policy.name,
            "policyArn": self.registry.scope.policy(&policy.name),
            "policyDocument": version.text,
            "policyVersionId": version.id.to_string(),
            "isDefaultVersion": version.id == policy.default_version,
            "creationDate": timestamp(version.created_ms),
            "lastModifiedDate": timestamp(policy.modified_ms),
            "generationId": format!("{}-{}", policy.name, policy.modified_ms),
        })
    }
}

fn version_id(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::InvalidRequest(format!("policyVersionId `{text}` must be a number")))
}
