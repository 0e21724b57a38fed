//! The device registry: certificates, the CAs that sign them, things, groups, policies and what is attached to what; authorizers and endpoints.
//!
//! One lock guards all of it, so that every operation of the `iot` API is atomic.

pub mod attachments;
pub mod authorities;
pub mod authorizers;
pub mod certificates;
pub mod claims;
mod deletion;
pub mod domains;
pub mod groups;
pub mod issuer;
pub mod names;
pub mod ownership;
pub mod policies;
mod provisioned;
pub mod provisioning_templates;
mod refusal;
mod scope;
mod signing_key;
pub mod things;

use std::sync::{Arc, Mutex, PoisonError};

pub use attachments::{Attachments, PrincipalType, Target};
pub use authorities::{
    Authorities, Authority, AuthoritySettings, Registration, RegistrationTemplate,
};
pub use authorizers::{Authorizer, AuthorizerSettings, AuthorizerStatus, Authorizers};
pub use certificates::{Certificate, CertificateMode, CertificateStatus, Certificates};
pub use claims::Claims;
pub use domains::{DomainConfiguration, DomainConfigurations};
pub use groups::Groups;
pub use ownership::{InvalidToken, Ownerships};
pub use policies::Policies;
pub use provisioned::Made;
pub use provisioning_templates::{ProvisioningTemplate, ProvisioningTemplates};
pub use refusal::Refusal;
pub use scope::{Scope, managed_domains};
pub use signing_key::{InvalidSigningKey, SigningKey};
pub use things::Things;

/// The registry of one account and Region.
pub struct Registry {
    /// Account and Region.
    pub scope: Scope,
    /// Signs device certificates.
    pub issuer: issuer::Issuer,
    state: Mutex<State>,
}

impl Registry {
    /// An empty registry with a fresh issuing authority.
    ///
    /// # Errors
    /// [`Refusal::Internal`] when the crypto library fails.
    pub fn new(scope: Scope) -> Result<Self, Refusal> {
        Ok(Self {
            issuer: issuer::Issuer::generate()?,
            state: Mutex::new(State::new(scope.clone())),
            scope,
        })
    }

    /// Runs one atomic operation. It must not call the registry again.
    pub fn with<R>(&self, operation: impl FnOnce(&mut State) -> R) -> R {
        operation(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The registry's content.
#[derive(Debug)]
pub struct State {
    /// Device certificates.
    pub certificates: Certificates,
    /// CAs that sign device certificates elsewhere.
    pub authorities: Authorities,
    /// Things and thing types.
    pub things: Things,
    /// Thing groups.
    pub groups: Groups,
    /// Policies.
    pub policies: Policies,
    /// What is attached to what.
    pub attachments: Attachments,
    /// Custom authorizers.
    pub authorizers: Authorizers,
    /// Endpoints besides the account's own.
    pub domains: DomainConfigurations,
    /// Provisioning templates.
    pub provisioning_templates: ProvisioningTemplates,
    /// New certificates of fleet provisioning, and who may register a thing with them.
    pub ownerships: Ownerships,
    /// Certificates of five minutes.
    pub claims: Claims,
    scope: Scope,
}

/// What is known about a certificate that connects with a client id.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// Policies in force: those of the certificate, then those of the groups of the resolved thing, its own first.
    pub policies: Vec<Arc<iot_policy::Policy>>,
    /// The thing that gives the thing variables their values.
    pub thing: Option<iot_policy::Thing>,
    /// Whether that thing owns the certificate exclusively.
    pub exclusive: bool,
}

impl State {
    fn new(scope: Scope) -> Self {
        Self {
            certificates: Certificates::default(),
            authorities: Authorities::default(),
            things: Things::default(),
            groups: Groups::default(),
            policies: Policies::default(),
            attachments: Attachments::default(),
            authorizers: Authorizers::default(),
            domains: DomainConfigurations::default(),
            provisioning_templates: ProvisioningTemplates::default(),
            ownerships: Ownerships::default(),
            claims: Claims::default(),
            scope,
        }
    }

    /// Reads the target of a policy attachment: the ARN of a registered certificate or of a thing group.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] for another ARN, [`Refusal::NotFound`].
    pub fn target(&self, arn: &str) -> Result<Target, Refusal> {
        if arn.contains(":thinggroup/") {
            let name = self.scope.name_in("thinggroup", arn)?;
            return Ok(Target::ThingGroup(self.groups.get(name)?.name.clone()));
        }
        let id = self.scope.name_in("cert", arn)?;
        Ok(Target::Certificate(self.certificates.get(id)?.id.clone()))
    }

    /// The ARN of a target.
    #[must_use]
    pub fn target_arn(&self, target: &Target) -> String {
        match target {
            Target::Certificate(id) => self.scope.certificate(id),
            Target::ThingGroup(name) => self.scope.thing_group(name),
        }
    }

    /// Reads a principal: the ARN of a registered certificate.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] for another ARN, [`Refusal::NotFound`].
    pub fn principal(&self, arn: &str) -> Result<&Certificate, Refusal> {
        self.certificates.get(self.scope.name_in("cert", arn)?)
    }

    /// What a certificate may rely on when it connects with `client_id`.
    ///
    /// The thing is the exclusively attached one, else the attached one whose name is the client id. Only its groups
    /// bring policies.
    #[must_use]
    pub fn grounds(&self, certificate: &str, client_id: &str) -> Grounds {
        let attachments: Vec<_> = self
            .attachments
            .things_of(certificate)
            .filter_map(|(name, how)| {
                let thing = self.things.get(name).ok()?;
                let thing = iot_policy::Thing {
                    name: thing.name.clone(),
                    type_name: thing.thing_type.clone(),
                    attributes: thing.attributes.clone(),
                };
                Some(iot_policy::Attachment {
                    thing,
                    exclusive: how == PrincipalType::Exclusive,
                })
            })
            .collect();
        let thing = iot_policy::resolve_thing(client_id, &attachments).cloned();
        let policies =
            self.policies_for(certificate, thing.as_ref().map(|thing| thing.name.as_str()));
        let exclusive =
            thing.is_some() && attachments.iter().any(|attachment| attachment.exclusive);
        Grounds {
            policies,
            thing,
            exclusive,
        }
    }

    /// The policies in force of a certificate and of a thing's groups with their parents, each once.
    #[must_use]
    pub fn policies_for(
        &self,
        certificate: &str,
        thing: Option<&str>,
    ) -> Vec<Arc<iot_policy::Policy>> {
        let mut targets = vec![Target::Certificate(certificate.to_owned())];
        for group in thing
            .into_iter()
            .flat_map(|thing| self.groups.of_thing(thing))
        {
            let line = self.groups.lineage(group);
            targets.extend(
                line.iter()
                    .map(|group| Target::ThingGroup(group.name.clone())),
            );
        }
        let claim = self.claims.policy_of(certificate);
        let mut policies: Vec<Arc<iot_policy::Policy>> = claim.cloned().into_iter().collect();
        for name in targets
            .iter()
            .flat_map(|target| self.attachments.policies_of(target))
        {
            let Ok(version) = self.policies.get(name).and_then(policies::Policy::in_force) else {
                continue;
            };
            if !policies.iter().any(|there| there.name == name) {
                policies.push(Arc::clone(&version.parsed));
            }
        }
        policies
    }
}
