//! What may be deleted, and what goes with it.

use super::{AuthorizerStatus, CertificateStatus, DomainConfiguration, Refusal, State, Target};

impl State {
    /// Deletes a certificate.
    ///
    /// # Errors
    /// [`Refusal::CertificateState`] while ACTIVE, [`Refusal::DeleteConflict`] while a thing, or without `force` a
    /// policy, is attached, [`Refusal::NotFound`].
    pub fn delete_certificate(&mut self, id: &str, force: bool) -> Result<(), Refusal> {
        if self.certificates.get(id)?.status == CertificateStatus::Active {
            return Err(Refusal::CertificateState(format!(
                "certificate {id} is ACTIVE; set it to INACTIVE first"
            )));
        }
        if let Some((thing, _)) = self.attachments.things_of(id).next() {
            return Err(Refusal::DeleteConflict(format!(
                "certificate {id} is attached to thing {thing}; detach it first"
            )));
        }
        let target = Target::Certificate(id.to_owned());
        let policy = self.attachments.policies_of(&target).next();
        if let (Some(policy), false) = (policy, force) {
            return Err(Refusal::DeleteConflict(format!(
                "policy {policy} is attached to certificate {id}; detach it first"
            )));
        }
        self.attachments.forget_target(&target);
        self.certificates.remove(id);
        Ok(())
    }

    /// Deletes the certificates of fleet provisioning that nobody has activated within the hour, and the claims whose five
    /// minutes are over; answers their ids.
    pub fn expire_provisioning(&mut self, now_ms: u64) -> Vec<String> {
        let mut expired = self.ownerships.expire(now_ms);
        expired.retain(|id| {
            let found = self.certificates.get(id);
            found.is_ok_and(|it| it.status == CertificateStatus::PendingActivation)
        });
        let claims = self.claims.expire(now_ms);
        expired.extend(
            claims
                .into_iter()
                .filter(|id| self.certificates.get(id).is_ok()),
        );
        for id in &expired {
            self.attachments.forget_certificate(id);
            self.certificates.remove(id);
        }
        expired
    }

    /// Deletes a thing and takes it out of its groups.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] while a certificate is attached, [`Refusal::VersionConflict`], [`Refusal::NotFound`].
    pub fn delete_thing(
        &mut self,
        name: &str,
        expected_version: Option<u64>,
    ) -> Result<(), Refusal> {
        if let Some((certificate, _)) = self.attachments.certificates_of(name).next() {
            return Err(Refusal::InvalidRequest(format!(
                "thing {name} is attached to certificate {certificate}; detach it first"
            )));
        }
        self.things.remove(name, expected_version)?;
        self.groups.forget_thing(name);
        Ok(())
    }

    /// Deletes a policy with a single version that is attached to nothing.
    ///
    /// # Errors
    /// [`Refusal::DeleteConflict`], [`Refusal::NotFound`].
    pub fn delete_policy(&mut self, name: &str) -> Result<(), Refusal> {
        if self.policies.get(name)?.versions.len() > 1 {
            return Err(Refusal::DeleteConflict(format!(
                "policy {name} has versions besides the default one; delete them first"
            )));
        }
        if let Some(target) = self.attachments.targets_of(name).next() {
            let arn = self.target_arn(target);
            return Err(Refusal::DeleteConflict(format!(
                "policy {name} is attached to {arn}; detach it first"
            )));
        }
        self.policies.remove(name);
        Ok(())
    }

    /// Deletes an authorizer that nothing uses.
    ///
    /// # Errors
    /// [`Refusal::DeleteConflict`] while it is ACTIVE, the default one or that of a domain configuration,
    /// [`Refusal::NotFound`].
    pub fn delete_authorizer(&mut self, name: &str) -> Result<(), Refusal> {
        let conflict = |why: String| Err(Refusal::DeleteConflict(why));
        if self.authorizers.get(name)?.status == AuthorizerStatus::Active {
            return conflict(format!(
                "authorizer {name} is ACTIVE; set it to INACTIVE first"
            ));
        }
        if self
            .authorizers
            .of_account()
            .is_ok_and(|it| it.name == name)
        {
            return conflict(format!(
                "authorizer {name} is the default one; call ClearDefaultAuthorizer first"
            ));
        }
        let uses = |it: &&DomainConfiguration| {
            let config = it.authorizer.as_ref();
            config.is_some_and(|config| config.default_authorizer.as_deref() == Some(name))
        };
        if let Some(domain) = self.domains.list().find(uses) {
            return conflict(format!(
                "authorizer {name} is the default of domain configuration {}; change that first",
                domain.name
            ));
        }
        self.authorizers.remove(name);
        Ok(())
    }

    /// Deletes a group without children; its things stay. A group that does not exist is fine.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`] while it has children, [`Refusal::VersionConflict`].
    pub fn delete_group(
        &mut self,
        name: &str,
        expected_version: Option<u64>,
    ) -> Result<(), Refusal> {
        let Ok(group) = self.groups.get(name) else {
            return Ok(());
        };
        if expected_version.is_some_and(|expected| expected != group.version) {
            return Err(Refusal::VersionConflict(format!(
                "thing group {name} has version {}",
                group.version
            )));
        }
        if let Some(child) = self.groups.children(name).next() {
            return Err(Refusal::InvalidRequest(format!(
                "thing group {name} has the child {}; delete it first",
                child.name
            )));
        }
        self.attachments
            .forget_target(&Target::ThingGroup(name.to_owned()));
        self.groups.remove(name);
        Ok(())
    }
}
