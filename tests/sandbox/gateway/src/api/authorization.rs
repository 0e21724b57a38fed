//! What policies say, and where devices connect to.

use serde::Deserialize;
use serde_json::{Value, json};

use iot_policy::{Action, Context, Decision, Policy, Verdict};

use super::request::Request;
use super::{Answer, Api};
use crate::registry::{Refusal, Scope, State};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    principal: Option<String>,
    cognito_identity_pool_id: Option<String>,
    #[serde(default)]
    auth_infos: Vec<AuthInfo>,
    #[serde(default)]
    policy_names_to_add: Vec<String>,
    #[serde(default)]
    policy_names_to_skip: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthInfo {
    action_type: String,
    #[serde(default)]
    resources: Vec<String>,
}

impl Api {
    /// POST /effective-policies?thingName
    pub(super) fn get_effective_policies(&self, request: &Request) -> Answer {
        let question: Question = request.json()?;
        no_cognito(&question)?;
        let thing = request.query("thingName");
        self.registry.with(|state| {
            let certificate = match &question.principal {
                Some(arn) => state.principal(arn)?.id.clone(),
                None if thing.is_some() => String::new(),
                None => {
                    return Err(Refusal::InvalidRequest(
                        "principal or thingName is needed".into(),
                    ));
                }
            };
            if let Some(thing) = thing {
                state.things.get(thing)?;
            }
            let policies = state.policies_for(&certificate, thing);
            let list = policies.iter().map(|policy| self.effective(state, policy));
            let list = list.collect::<Result<Vec<_>, _>>()?;
            Ok(json!({ "effectivePolicies": list }))
        })
    }

    /// POST /test-authorization?clientId
    pub(super) fn test_authorization(&self, request: &Request) -> Answer {
        let question: Question = request.json()?;
        no_cognito(&question)?;
        let principal = question.principal.as_deref();
        let principal =
            principal.ok_or_else(|| Refusal::InvalidRequest("principal is missing".into()))?;
        let client_id = request.query("clientId");
        self.registry.with(|state| {
            let certificate = state.principal(principal)?.clone();
            let grounds = state.grounds(&certificate.id, client_id.unwrap_or_default());
            let mut policies = grounds.policies;
            policies.retain(|policy| !question.policy_names_to_skip.contains(&policy.name));
            for name in &question.policy_names_to_add {
                policies.push(std::sync::Arc::clone(
                    &state.policies.get(name)?.in_force()?.parsed,
                ));
            }
            let context = Context {
                client_id: client_id.map(str::to_owned),
                thing: grounds.thing,
                certificate: Some(certificate.facts.for_policies.clone()),
                ..Context::default()
            };
            let mut results = Vec::new();
            for info in &question.auth_infos {
                let action = action(&info.action_type)?;
                for resource in &info.resources {
                    let asked = iot_policy::Request::new(action, resource.as_str(), &context);
                    let decision = iot_policy::evaluate(&policies, &asked);
                    results.push(result(
                        &self.registry.scope,
                        info,
                        resource,
                        &decision,
                        &policies,
                    ));
                }
            }
            Ok(json!({ "authResults": results }))
        })
    }

    /// GET /endpoint?endpointType
    pub(super) fn describe_endpoint(&self, request: &Request) -> Answer {
        match request.query("endpointType") {
            // AWS's one host has all ports; here each port is somebody's, and the second one a member of its own.
            None | Some("iot:Data-ATS" | "iot:Data") => Ok(json!({
                "endpointAddress": format!("localhost:{}", self.mqtt_addr.port()),
                "httpsEndpointAddress": format!("localhost:{}", self.https_addr.port()),
            })),
            Some(other @ ("iot:CredentialProvider" | "iot:Jobs" | "iot:Data-Beta")) => {
                Err(self.count_unsupported(&format!("iot:DescribeEndpoint of {other}")))
            }
            Some(other) => Err(Refusal::InvalidRequest(format!(
                "endpointType `{other}` is not one of AWS IoT's"
            ))),
        }
    }

    fn effective(&self, state: &State, policy: &Policy) -> Answer {
        let version = state.policies.get(&policy.name)?.in_force()?;
        let mut entry = self.policy(&policy.name);
        if let Some(map) = entry.as_object_mut() {
            map.insert("policyDocument".into(), version.text.clone().into());
        }
        Ok(entry)
    }
}

fn no_cognito(question: &Question) -> Result<(), Refusal> {
    match question.cognito_identity_pool_id {
        None => Ok(()),
        Some(_) => Err(Refusal::Unsupported(
            "Cognito identities are not supported by this gateway".into(),
        )),
    }
}

/// `PUBLISH`, `SUBSCRIBE`, `RECEIVE` and `CONNECT` are all that TestAuthorization knows.
fn action(text: &str) -> Result<Action, Refusal> {
    Ok(match text {
        "CONNECT" => Action::Connect,
        "PUBLISH" => Action::Publish,
        "RECEIVE" => Action::Receive,
        "SUBSCRIBE" => Action::Subscribe,
        _ => {
            return Err(Refusal::InvalidRequest(format!(
                "actionType `{text}` must be PUBLISH, SUBSCRIBE, RECEIVE or CONNECT"
            )));
        }
    })
}

fn result(
    scope: &Scope,
    info: &AuthInfo,
    resource: &str,
    decision: &Decision,
    policies: &[std::sync::Arc<Policy>],
) -> Value {
    let name = |name: &str| json!({ "policyName": name, "policyArn": scope.policy(name) });
    let deciding: Vec<_> = decision
        .decided_by
        .iter()
        .map(|by| name(&by.policy))
        .collect();
    let mut result = json!({
        "authInfo": { "actionType": info.action_type, "resources": [resource] },
        "authDecision": decision.effect.to_string(),
        "missingContextValues": decision.missing,
    });
    if let Some(map) = result.as_object_mut() {
        match decision.effect {
            Verdict::Allowed => map.insert("allowed".into(), json!({ "policies": deciding })),
            Verdict::ExplicitDeny => map.insert(
                "denied".into(),
                json!({ "explicitDeny": { "policies": deciding } }),
            ),
            Verdict::ImplicitDeny => {
                let all: Vec<_> = policies.iter().map(|policy| name(&policy.name)).collect();
                map.insert(
                    "denied".into(),
                    json!({ "implicitDeny": { "policies": all } }),
                )
            }
        };
    }
    result
}
