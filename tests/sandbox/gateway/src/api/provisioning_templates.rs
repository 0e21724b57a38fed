//! Operations on provisioning templates and their versions.

use provisioning_template::Kind;
use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::response::timestamp;
use super::{Answer, Api};
use crate::registry::provisioning_templates::TemplateSettings;
use crate::registry::{ProvisioningTemplate, Refusal};

/// The only version of a hook's event there is.
const PAYLOAD_VERSION: &str = "2020-04-01";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct New {
    template_name: String,
    description: Option<String>,
    template_body: String,
    #[serde(default)]
    enabled: bool,
    provisioning_role_arn: String,
    pre_provisioning_hook: Option<Hook>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    description: Option<String>,
    enabled: Option<bool>,
    default_version_id: Option<u64>,
    provisioning_role_arn: Option<String>,
    pre_provisioning_hook: Option<Hook>,
    #[serde(default)]
    remove_pre_provisioning_hook: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewVersion {
    template_body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hook {
    payload_version: Option<String>,
    target_arn: String,
}

impl Hook {
    fn function(self) -> Result<String, Refusal> {
        match self.payload_version.as_deref() {
            None | Some(PAYLOAD_VERSION) => Ok(self.target_arn),
            Some(other) => Err(Refusal::InvalidRequest(format!(
                "preProvisioningHook.payloadVersion `{other}` must be {PAYLOAD_VERSION}"
            ))),
        }
    }
}

impl Api {
    /// POST /provisioning-templates
    pub(super) fn create_provisioning_template(&self, request: &Request) -> Answer {
        let body: New = request.json()?;
        let name = body.template_name.as_str();
        let kind = match body.kind.as_deref() {
            None | Some("FLEET_PROVISIONING") => Kind::FleetProvisioning,
            Some("JITP") => Kind::Jitp,
            Some(other) => {
                return Err(Refusal::InvalidRequest(format!(
                    "type `{other}` must be FLEET_PROVISIONING or JITP"
                )));
            }
        };
        let settings = TemplateSettings {
            description: body.description,
            enabled: body.enabled,
            role_arn: body.provisioning_role_arn,
            hook: body.pre_provisioning_hook.map(Hook::function).transpose()?,
        };
        let arn = self.registry.scope.provisioning_template(name);
        let now = self.now_ms();
        let version = self.registry.with(|state| {
            let templates = &mut state.provisioning_templates;
            let created =
                templates.create(name, kind, body.template_body, settings, now, arn.clone());
            created.map(|it| it.default_version)
        })?;
        Ok(json!({ "templateArn": arn, "templateName": name, "defaultVersionId": version }))
    }

    /// GET /provisioning-templates/{templateName}
    pub(super) fn describe_provisioning_template(&self, name: &str) -> Answer {
        self.registry.with(|state| {
            let found = state.provisioning_templates.get(name)?;
            let mut answer = self.template_summary(found);
            if let Some(map) = answer.as_object_mut() {
                let settings = &found.settings;
                let hook = settings
                    .hook
                    .as_ref()
                    .map(|arn| json!({ "payloadVersion": PAYLOAD_VERSION, "targetArn": arn }));
                map.insert("defaultVersionId".into(), found.default_version.into());
                map.insert("templateBody".into(), found.in_force()?.body.clone().into());
                map.insert(
                    "provisioningRoleArn".into(),
                    settings.role_arn.clone().into(),
                );
                map.insert("preProvisioningHook".into(), hook.into());
            }
            Ok(answer)
        })
    }

    /// GET /provisioning-templates
    pub(super) fn list_provisioning_templates(&self, request: &Request) -> Answer {
        let all = self.registry.with(|state| {
            let all = state.provisioning_templates.list();
            all.map(|it| self.template_summary(it)).collect()
        });
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        Ok(json!({ "templates": page, "nextToken": next }))
    }

    /// PATCH /provisioning-templates/{templateName}
    pub(super) fn update_provisioning_template(&self, name: &str, request: &Request) -> Answer {
        let body: Change = request.json()?;
        let remove = body.remove_pre_provisioning_hook;
        if remove && body.pre_provisioning_hook.is_some() {
            return Err(Refusal::InvalidRequest(
                "preProvisioningHook and removePreProvisioningHook exclude each other".into(),
            ));
        }
        let hook = body.pre_provisioning_hook.map(Hook::function).transpose()?;
        let now = self.now_ms();
        self.registry.with(|state| {
            let templates = &mut state.provisioning_templates;
            templates.update(name, body.default_version_id, now, |it| {
                it.enabled = body.enabled.unwrap_or(it.enabled);
                if body.description.is_some() {
                    it.description = body.description;
                }
                if let Some(arn) = body.provisioning_role_arn {
                    it.role_arn = arn;
                }
                if remove || hook.is_some() {
                    it.hook = hook;
                }
            })
        })?;
        Ok(json!({}))
    }

    /// DELETE /provisioning-templates/{templateName}
    pub(super) fn delete_provisioning_template(&self, name: &str) -> Answer {
        self.registry
            .with(|state| state.provisioning_templates.delete(name))?;
        Ok(json!({}))
    }

    /// POST /provisioning-templates/{templateName}/versions?setAsDefault
    pub(super) fn create_provisioning_template_version(
        &self,
        name: &str,
        request: &Request,
    ) -> Answer {
        let body: NewVersion = request.json()?;
        let default = request.flag("setAsDefault")?;
        let now = self.now_ms();
        let id = self.registry.with(|state| {
            let templates = &mut state.provisioning_templates;
            templates.create_version(name, body.template_body, default, now)
        })?;
        Ok(json!({
            "templateArn": self.registry.scope.provisioning_template(name),
            "templateName": name,
            "versionId": id,
            "isDefaultVersion": default,
        }))
    }

    /// GET /provisioning-templates/{templateName}/versions
    pub(super) fn list_provisioning_template_versions(
        &self,
        name: &str,
        request: &Request,
    ) -> Answer {
        let all = self.registry.with(|state| {
            let found = state.provisioning_templates.get(name)?;
            let versions = found.versions.iter().map(|version| {
                json!({
                    "versionId": version.id,
                    "creationDate": timestamp(version.created_ms),
                    "isDefaultVersion": version.id == found.default_version,
                })
            });
            Ok::<_, Refusal>(versions.collect())
        })?;
        let (page, next) = request.page(all, "nextToken", "maxResults", 25)?;
        Ok(json!({ "versions": page, "nextToken": next }))
    }

    /// GET /provisioning-templates/{templateName}/versions/{versionId}
    pub(super) fn describe_provisioning_template_version(&self, name: &str, id: &str) -> Answer {
        let id = version_id(id)?;
        self.registry.with(|state| {
            let found = state.provisioning_templates.get(name)?;
            let version = found.version(id)?;
            Ok(json!({
                "versionId": version.id,
                "creationDate": timestamp(version.created_ms),
                "templateBody": version.body,
                "isDefaultVersion": version.id == found.default_version,
            }))
        })
    }

    /// DELETE /provisioning-templates/{templateName}/versions/{versionId}
    pub(super) fn delete_provisioning_template_version(&self, name: &str, id: &str) -> Answer {
        let id = version_id(id)?;
        self.registry
            .with(|state| state.provisioning_templates.delete_version(name, id))?;
        Ok(json!({}))
    }

    fn template_summary(&self, template: &ProvisioningTemplate) -> Value {
        json!({
            "templateArn": self.registry.scope.provisioning_template(&template.name),
            "templateName": template.name,
            "description": template.settings.description,
            "creationDate": timestamp(template.created_ms),
            "lastModifiedDate": timestamp(template.modified_ms),
            "enabled": template.settings.enabled,
            "type": match template.kind {
                Kind::FleetProvisioning => "FLEET_PROVISIONING",
                Kind::Jitp => "JITP",
            },
        })
    }
}

fn version_id(text: &str) -> Result<u64, Refusal> {
    text.parse()
        .map_err(|_| Refusal::InvalidRequest(format!("versionId `{text}` must be a number")))
}
