//! RegisterThing.

use std::collections::BTreeMap;
use std::sync::Arc;

use provisioning_template::{CERTIFICATE_ID, Kind, Template};
use serde::{Deserialize, Serialize};

use super::rejection::Rejection;
use super::{FleetProvisioning, hook};
use crate::authorizer::Identity;
use crate::events::EventKind;
use crate::registry::{InvalidToken, State};

/// Longest name and value of a parameter in characters. Source: the service model's RegisterThing.
const MAX_NAME: usize = 2048;
const MAX_VALUE: usize = 4096;

/// The payload. No `Debug`: it holds the ownership token, and whatever secret a device shows to the hook.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Register {
    certificate_ownership_token: Option<String>,
    parameters: Option<BTreeMap<String, String>>,
}

/// The answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registered {
    device_configuration: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thing_name: Option<String>,
}

/// What is to be evaluated, for which certificate.
struct Prepared {
    template: Arc<Template>,
    hook: Option<String>,
    certificate_id: String,
    certificate_pem: String,
}

impl FleetProvisioning {
    pub(super) async fn register_thing(
        &self,
        who: &Identity,
        template: &str,
        request: Register,
    ) -> Result<Registered, Rejection> {
        let token = request.certificate_ownership_token.unwrap_or_default();
        let mut parameters = request.parameters.unwrap_or_default();
        check(&parameters).map_err(Rejection::Parameters)?;
        let now = self.broker.now_ms();
        let prepared = self
            .registry
            .with(|state| prepare(state, template, &token, who, now))?;
        if let Some(function) = &prepared.hook {
            let asked = self.ask(who, template, function, &prepared, &parameters);
            let overrides = asked.await.map_err(|why| Rejection::Hook {
                template: template.to_owned(),
                why,
            })?;
            parameters.extend(overrides);
        }
        let certificate_id = prepared.certificate_id;
        parameters.insert(CERTIFICATE_ID.to_owned(), certificate_id.clone());
        let wanted = prepared.template.evaluate(&parameters);
        let wanted = wanted.map_err(Rejection::Evaluation)?;
        let now = self.broker.now_ms();
        let made = self.registry.with(|state| {
            // The hour may have ended while the hook was thinking.
            let principal = who.principal.id();
            state.ownerships.certificate(&token, principal, now)?;
            Ok::<_, Rejection>(state.provision(&wanted, now)?)
        })?;
        if made.withdrawn {
            self.broker.end_sessions_of(&certificate_id);
        }
        let kind = EventKind::Provisioned {
            template: template.to_owned(),
            thing: made.thing.clone(),
            certificate_id,
        };
        self.broker.note(Some(who.requester()), kind);
        Ok(Registered {
            device_configuration: wanted.device_configuration,
            thing_name: made.thing,
        })
    }

    async fn ask(
        &self,
        who: &Identity,
        template: &str,
        function: &str,
        prepared: &Prepared,
        parameters: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, String> {
        let arn = self.registry.scope.provisioning_template(template);
        let question = hook::Question {
            claim_certificate_id: who.principal.id(),
            certificate_id: &prepared.certificate_id,
            certificate_pem: &prepared.certificate_pem,
            template_arn: &arn,
            client_id: &who.client_id,
            parameters,
        };
        let answer = self.invoker.invoke(function, &arn, question.event());
        let overrides = hook::read(&answer.await?)?;
        check(&overrides).map_err(|why| format!("its answer's parameterOverrides: {why}"))?;
        Ok(overrides)
    }
}

fn prepare(
    state: &State,
    name: &str,
    token: &str,
    who: &Identity,
    now_ms: u64,
) -> Result<Prepared, Rejection> {
    let template = state.provisioning_templates.get(name)?;
    if template.kind != Kind::FleetProvisioning {
        return Err(Rejection::Template(format!(
            "provisioning template {name} is of type JITP, which no device asks for"
        )));
    }
    if !template.settings.enabled {
        return Err(Rejection::Template(format!(
            "provisioning template {name} is not enabled; call UpdateProvisioningTemplate"
        )));
    }
    if token.is_empty() {
        return Err(Rejection::NoToken);
    }
    let principal = who.principal.id();
    let id = state.ownerships.certificate(token, principal, now_ms)?;
    let certificate = state.certificates.get(id);
    let certificate = certificate.map_err(|_| InvalidToken::Unknown)?;
    Ok(Prepared {
        template: Arc::clone(&template.in_force()?.parsed),
        hook: template.settings.hook.clone(),
        certificate_id: certificate.id.clone(),
        certificate_pem: certificate.pem.clone(),
    })
}

/// Neither a device nor a hook gives the service's own parameters a value.
fn check(parameters: &BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in parameters {
        if name.starts_with("AWS::") {
            return Err("parameters whose names begin with AWS:: are the service's own".into());
        }
        if name.chars().count() > MAX_NAME || value.chars().count() > MAX_VALUE {
            return Err(format!(
                "a parameter's name has at most {MAX_NAME} characters, its value {MAX_VALUE}"
            ));
        }
    }
    Ok(())
}
