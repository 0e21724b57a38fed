//! What a connected client may do: IoT policies at the five points where AWS IoT Core asks them.

use std::sync::Arc;

use iot_policy::{Action, Arn, Context, Request, ThingVariables, Verdict};

use crate::authenticator::{ClientCertificate, Credential, Principal};
use crate::registry::{CertificateStatus, Grounds, Registry, Scope};

/// A client on a connection.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The MQTT client id.
    pub client_id: String,
    /// Who authenticated.
    pub principal: Principal,
}

impl Identity {
    /// Asks for itself.
    #[must_use]
    pub fn requester(&self) -> Requester<'_> {
        Requester {
            client_id: Some(&self.client_id),
            principal: &self.principal,
        }
    }
}

/// Who wants something: a client on an MQTT connection, or a request over HTTPS.
#[derive(Debug, Clone, Copy)]
pub struct Requester<'a> {
    /// The MQTT client id; HTTPS has none.
    pub client_id: Option<&'a str>,
    /// Who authenticated.
    pub principal: &'a Principal,
}

/// What a policy can see of a CONNECT.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectFeatures {
    /// The session is to outlive the connection.
    pub persistent: bool,
    /// The will's topic.
    pub will_topic: Option<String>,
}

/// A refusal; its text names the action, the resource and what is missing.
pub type Denied = String;

/// Answers what a client may do.
pub trait Authorizer: Send + Sync {
    /// May it connect?
    ///
    /// # Errors
    /// Why not.
    fn connect(&self, who: &Identity, features: &ConnectFeatures) -> Result<(), Denied>;
    /// May it publish to this topic?
    ///
    /// # Errors
    /// Why not.
    fn publish(&self, who: Requester<'_>, topic: &str) -> Result<(), Denied>;
    /// May its message be retained? Asked besides [`Self::publish`].
    ///
    /// # Errors
    /// Why not.
    fn retain(&self, who: Requester<'_>, topic: &str) -> Result<(), Denied>;
    /// May it subscribe to this filter?
    ///
    /// # Errors
    /// Why not.
    fn subscribe(&self, who: &Identity, filter: &str) -> Result<(), Denied>;
    /// May it be given a message of this topic?
    ///
    /// # Errors
    /// Why not.
    fn receive(&self, who: &Identity, topic: &str) -> Result<(), Denied>;
}

/// Evaluates the policies of the certificate and of the groups of the connection's thing, and those of a custom
/// authorizer's answer.
///
/// A change of a policy or an attachment counts from the next question on; AWS IoT needs minutes.
pub struct Policies {
    registry: Arc<Registry>,
    arn: Arn,
}

impl Policies {
    /// An authorizer over a registry.
    #[must_use]
    pub fn new(registry: Arc<Registry>) -> Self {
        let arn = arn(&registry.scope);
        Self { registry, arn }
    }

    fn ask(
        &self,
        who: Requester<'_>,
        action: Action,
        resource: String,
        features: Option<&ConnectFeatures>,
    ) -> Result<(), Denied> {
        let grounds = self
            .grounds(who)
            .map_err(|why| format!("{} on {resource}: {why}", action.as_str()))?;
        let certificate = who.principal.certificate();
        let mut context = Context {
            client_id: who.client_id.map(str::to_owned),
            source_ip: Some(who.principal.address.ip()),
            domain_name: who.principal.server_name.clone(),
            thing: grounds.thing,
            thing_variables: match (who.client_id, certificate) {
                (Some(_), Some(_)) => ThingVariables::Available,
                _ => ThingVariables::Unavailable,
            },
            certificate: certificate.map(|it| it.facts.for_policies.clone()),
            ..Context::default()
        };
        if let Some(features) = features {
            if features.persistent {
                context.connect_attributes.push("PersistentConnect".into());
            }
            if let Some(topic) = &features.will_topic {
                context.connect_attributes.push("LastWill".into());
                context.last_will_topic = Some(self.arn.topic(topic));
            }
        }
        let decision = iot_policy::evaluate(
            &grounds.policies,
            &Request::new(action, resource.as_str(), &context),
        );
        let why = match decision.effect {
            Verdict::Allowed => return Ok(()),
            Verdict::ExplicitDeny => match decision.decided_by {
                Some(statement) => format!("{statement} denies it"),
                None => "a policy denies it".to_owned(),
            },
            Verdict::ImplicitDeny if grounds.policies.is_empty() => match certificate {
                Some(_) => {
                    "no policy is attached to the certificate or to a group of its thing".to_owned()
                }
                None => "the authorizer answered no policy document".to_owned(),
            },
            Verdict::ImplicitDeny => {
                let names: Vec<_> = grounds
                    .policies
                    .iter()
                    .map(|policy| policy.name.as_str())
                    .collect();
                format!("none of the policies {} allows it", names.join(", "))
            }
        };
        let missing = if decision.missing.is_empty() {
            String::new()
        } else {
            format!("; no value for {}", decision.missing.join(", "))
        };
        Err(format!("{} on {resource}: {why}{missing}", action.as_str()))
    }

    fn grounds(&self, who: Requester<'_>) -> Result<Grounds, String> {
        match &who.principal.credential {
            Credential::Certificate(certificate) => self.of_certificate(certificate, who),
            Credential::Permit(permit) => Ok(Grounds {
                policies: permit.policies(),
                thing: None,
                exclusive: false,
            }),
            Credential::Both(certificate, permit) => {
                let mut grounds = self.of_certificate(certificate, who)?;
                grounds.policies.extend(permit.policies());
                Ok(grounds)
            }
        }
    }

    fn of_certificate(
        &self,
        certificate: &ClientCertificate,
        who: Requester<'_>,
    ) -> Result<Grounds, String> {
        let id = &certificate.id;
        let grounds = self.registry.with(|state| {
            // Closes the gap between the handshake and a withdrawal that ends live sessions.
            let active = state
                .certificates
                .get(id)
                .is_ok_and(|it| it.status == CertificateStatus::Active);
            active.then(|| state.grounds(id, who.client_id.unwrap_or_default()))
        });
        grounds.ok_or_else(|| format!("certificate {id} is no longer ACTIVE"))
    }
}

/// The ARNs of the policy engine for a scope.
#[must_use]
pub fn arn(scope: &Scope) -> Arn {
    Arn::new(scope.region.as_str(), scope.account_id.as_str())
}

impl Authorizer for Policies {
    fn connect(&self, who: &Identity, features: &ConnectFeatures) -> Result<(), Denied> {
        self.ask(
            who.requester(),
            Action::Connect,
            self.arn.client(&who.client_id),
            Some(features),
        )
    }

    fn publish(&self, who: Requester<'_>, topic: &str) -> Result<(), Denied> {
        self.ask(who, Action::Publish, self.arn.topic(topic), None)
    }

    fn retain(&self, who: Requester<'_>, topic: &str) -> Result<(), Denied> {
        self.ask(who, Action::RetainPublish, self.arn.topic(topic), None)
    }

    fn subscribe(&self, who: &Identity, filter: &str) -> Result<(), Denied> {
        self.ask(
            who.requester(),
            Action::Subscribe,
            self.arn.topic_filter(filter),
            None,
        )
    }

    fn receive(&self, who: &Identity, topic: &str) -> Result<(), Denied> {
        self.ask(
            who.requester(),
            Action::Receive,
            self.arn.topic(topic),
            None,
        )
    }
}
