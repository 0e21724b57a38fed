//! Provisioning templates and their versions.
//!
//! Source: AWS IoT developer guide, "Provisioning templates"; the service model's constraints; AWS IoT quotas.

use std::collections::BTreeMap;
use std::sync::Arc;

use provisioning_template::{Kind, Template};

use super::{Refusal, names};

/// Most templates of an account.
const MAX_TEMPLATES: usize = 256;
/// Most versions of a template.
const MAX_VERSIONS: usize = 5;
const MAX_DESCRIPTION: usize = 500;

/// One version of a template.
#[derive(Debug, Clone)]
pub struct TemplateVersion {
    /// `1`, `2`, …; never used twice.
    pub id: u64,
    /// The text as it was sent.
    pub body: String,
    /// The text, read.
    pub parsed: Arc<Template>,
    /// Epoch milliseconds.
    pub created_ms: u64,
}

/// What a template says besides its body, and may be changed.
#[derive(Debug, Clone)]
pub struct TemplateSettings {
    /// Free text.
    pub description: Option<String>,
    /// A template that is not refuses every registration.
    pub enabled: bool,
    /// The role that AWS IoT provisions with. Kept, not asked.
    pub role_arn: String,
    /// The function that decides on each registration.
    pub hook: Option<String>,
}

/// A provisioning template.
#[derive(Debug, Clone)]
pub struct ProvisioningTemplate {
    /// 1 to 36 of `[0-9A-Za-z_-]`.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// What may be changed.
    pub settings: TemplateSettings,
    /// 1 to 5, the oldest first.
    pub versions: Vec<TemplateVersion>,
    /// The id of the version in force.
    pub default_version: u64,
    /// Epoch milliseconds.
    pub created_ms: u64,
    /// Epoch milliseconds.
    pub modified_ms: u64,
    next_version: u64,
}

impl ProvisioningTemplate {
    /// Finds a version.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn version(&self, id: u64) -> Result<&TemplateVersion, Refusal> {
        let found = self.versions.iter().find(|version| version.id == id);
        found.ok_or_else(|| {
            Refusal::NotFound(format!(
                "provisioning template {} has no version {id}",
                self.name
            ))
        })
    }

    /// The version in force.
    ///
    /// # Errors
    /// Never, as long as the default version cannot be deleted.
    pub fn in_force(&self) -> Result<&TemplateVersion, Refusal> {
        self.version(self.default_version)
    }

    fn add_version(&mut self, body: String, now_ms: u64) -> Result<u64, Refusal> {
        if self.versions.len() >= MAX_VERSIONS {
            return Err(Refusal::VersionsLimitExceeded(format!(
                "provisioning template {} has {MAX_VERSIONS} versions already; delete one first",
                self.name
            )));
        }
        let parsed = Template::parse(&body, self.kind)
            .map_err(|e| Refusal::InvalidRequest(format!("templateBody: {e}")))?;
        let id = self.next_version;
        self.next_version += 1;
        self.versions.push(TemplateVersion {
            id,
            body,
            parsed: Arc::new(parsed),
            created_ms: now_ms,
        });
        Ok(id)
    }

    fn check(&self) -> Result<(), Refusal> {
        let invalid = |why: String| Err(Refusal::InvalidRequest(why));
        let settings = &self.settings;
        let description = settings.description.as_deref().unwrap_or_default();
        if description.chars().count() > MAX_DESCRIPTION {
            return invalid(format!(
                "description is longer than {MAX_DESCRIPTION} characters"
            ));
        }
        let fields: Vec<_> = settings.role_arn.splitn(6, ':').collect();
        if !matches!(fields.as_slice(), ["arn", _, "iam", "", _, role] if role.starts_with("role/"))
        {
            return invalid(format!(
                "provisioningRoleArn `{}` must be the ARN of an IAM role",
                settings.role_arn
            ));
        }
        if let Some(hook) = &settings.hook {
            names::function_arn("preProvisioningHook.targetArn", hook)?;
            if self.kind != Kind::FleetProvisioning {
                return invalid(
                    "only a template of type FLEET_PROVISIONING can have a preProvisioningHook"
                        .into(),
                );
            }
        }
        Ok(())
    }
}

/// All provisioning templates.
#[derive(Debug, Default)]
pub struct ProvisioningTemplates {
    by_name: BTreeMap<String, ProvisioningTemplate>,
}

impl ProvisioningTemplates {
    /// Creates a template with version 1.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], [`Refusal::LimitExceeded`], [`Refusal::InvalidRequest`].
    pub fn create(
        &mut self,
        name: &str,
        kind: Kind,
        body: String,
        settings: TemplateSettings,
        now_ms: u64,
        arn: String,
    ) -> Result<&ProvisioningTemplate, Refusal> {
        names::template_name(name)?;
        if self.by_name.contains_key(name) {
            return Err(Refusal::AlreadyExists {
                message: format!("provisioning template {name} exists; create a new version of it"),
                id: name.to_owned(),
                arn,
            });
        }
        if self.by_name.len() >= MAX_TEMPLATES {
            return Err(Refusal::LimitExceeded(format!(
                "there are {MAX_TEMPLATES} provisioning templates already; delete one first"
            )));
        }
        let mut template = ProvisioningTemplate {
            name: name.to_owned(),
            kind,
            settings,
            versions: Vec::new(),
            default_version: 1,
            created_ms: now_ms,
            modified_ms: now_ms,
            next_version: 1,
        };
        template.check()?;
        template.add_version(body, now_ms)?;
        Ok(self.by_name.entry(name.to_owned()).or_insert(template))
    }

    /// Changes the settings, and the version in force if one is given; all or nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::InvalidRequest`].
    pub fn update(
        &mut self,
        name: &str,
        default_version: Option<u64>,
        now_ms: u64,
        change: impl FnOnce(&mut TemplateSettings),
    ) -> Result<(), Refusal> {
        let mut template = self.get(name)?.clone();
        change(&mut template.settings);
        if let Some(id) = default_version {
            template.version(id)?;
            template.default_version = id;
        }
        template.modified_ms = now_ms;
        template.check()?;
        self.by_name.insert(name.to_owned(), template);
        Ok(())
    }

    /// Adds a version and answers its id.
    ///
    /// # Errors
    /// [`Refusal::VersionsLimitExceeded`], [`Refusal::InvalidRequest`], [`Refusal::NotFound`].
    pub fn create_version(
        &mut self,
        name: &str,
        body: String,
        set_as_default: bool,
        now_ms: u64,
    ) -> Result<u64, Refusal> {
        let template = self.get_mut(name)?;
        let id = template.add_version(body, now_ms)?;
        if set_as_default {
            template.default_version = id;
        }
        template.modified_ms = now_ms;
        Ok(id)
    }

    /// Deletes a version that is not in force.
    ///
    /// # Errors
    /// [`Refusal::DeleteConflict`] for the version in force, [`Refusal::NotFound`].
    pub fn delete_version(&mut self, name: &str, id: u64) -> Result<(), Refusal> {
        let template = self.get_mut(name)?;
        template.version(id)?;
        if template.default_version == id {
            return Err(Refusal::DeleteConflict(format!(
                "version {id} is the default of provisioning template {name}; set another default first"
            )));
        }
        template.versions.retain(|version| version.id != id);
        Ok(())
    }

    /// Finds a template.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, name: &str) -> Result<&ProvisioningTemplate, Refusal> {
        self.by_name.get(name).ok_or_else(|| unknown(name))
    }

    /// All templates by name.
    pub fn list(&self) -> impl Iterator<Item = &ProvisioningTemplate> {
        self.by_name.values()
    }

    /// Deletes a template with all its versions.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn delete(&mut self, name: &str) -> Result<(), Refusal> {
        let deleted = self.by_name.remove(name);
        deleted.map(drop).ok_or_else(|| unknown(name))
    }

    fn get_mut(&mut self, name: &str) -> Result<&mut ProvisioningTemplate, Refusal> {
        self.by_name.get_mut(name).ok_or_else(|| unknown(name))
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::NotFound(format!("provisioning template {name} does not exist"))
}
