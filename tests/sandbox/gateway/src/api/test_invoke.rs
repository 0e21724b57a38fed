//! TestInvokeAuthorizer.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::request::Request;
use super::{Answer, Api, response};
use crate::custom_auth::{Context, HttpRequest, InvalidAnswer, Login, Refused};
use crate::registry::{Refusal, names};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    token: Option<String>,
    token_signature: Option<String>,
    http_context: Option<HttpContext>,
    mqtt_context: Option<MqttContext>,
    tls_context: Option<TlsContext>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpContext {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    query_string: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MqttContext {
    username: Option<String>,
    password: Option<String>,
    client_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TlsContext {
    server_name: Option<String>,
}

/// Whether a request of the `iot` API is TestInvokeAuthorizer, the one that waits for a function.
#[must_use]
pub(crate) fn is_test_invoke(request: &http::Request<Bytes>) -> bool {
    let mut segments = request.uri().path().trim_start_matches('/').split('/');
    request.method() == http::Method::POST
        && segments.next() == Some("authorizer")
        && segments.nth(1) == Some("test")
        && segments.next().is_none()
}

impl Api {
    /// POST /authorizer/{authorizerName}/test
    pub(crate) async fn test_invoke_authorizer(
        &self,
        request: http::Request<Bytes>,
    ) -> Response<Bytes> {
        match self.rehearse(&Request::new(request)).await {
            Ok(body) => response::json(StatusCode::OK, &body),
            Err(refusal) => response::refusal(&refusal),
        }
    }

    async fn rehearse(&self, request: &Request) -> Answer {
        let name = request.path.get(1).map(String::as_str).unwrap_or_default();
        names::authorizer_name(name)?;
        let question: Question = request.json()?;
        let authorizer = self
            .registry
            .with(|state| state.authorizers.get(name).map(Arc::clone))?;
        let (http, mqtt) = (question.http()?, question.mqtt()?);
        length("token", &question.token, 6144)?;
        length("tokenSignature", &question.token_signature, 2560)?;
        let tls = question.tls_context.as_ref();
        if let Some(tls) = tls {
            length("tlsContext.serverName", &tls.server_name, 253)?;
        }
        let connection_id = uuid::Uuid::new_v4().to_string();
        let context = Context {
            token: question.token.as_deref(),
            signature_verified: false,
            tls: tls.map(|tls| tls.server_name.as_deref()),
            certificate: None,
            http: http.as_ref(),
            mqtt: mqtt.as_ref(),
            connection_id: &connection_id,
        };
        let signature = question.token_signature.as_deref();
        let rehearsed = self
            .custom_auth
            .rehearse(&authorizer, context, signature)
            .await;
        match rehearsed {
            Ok(answer) => Ok(json!({
                "isAuthenticated": true,
                "principalId": answer.principal_id,
                "policyDocuments": answer.documents,
                "refreshAfterInSeconds": answer.refresh_after_seconds,
                "disconnectAfterInSeconds": answer.disconnect_after_seconds,
            })),
            Err(Refused::Answer {
                why: InvalidAnswer::NotAuthenticated,
                ..
            }) => Ok(json!({ "isAuthenticated": false })),
            Err(refused @ (Refused::Token { .. } | Refused::Choice(_))) => {
                Err(Refusal::InvalidRequest(refused.to_string()))
            }
            Err(refused) => Err(Refusal::InvalidResponse(refused.to_string())),
        }
    }
}

impl Question {
    fn http(&self) -> Result<Option<HttpRequest>, Refusal> {
        let Some(http) = &self.http_context else {
            return Ok(None);
        };
        length("httpContext.queryString", &http.query_string, 4096)?;
        for (name, value) in &http.headers {
            within("httpContext.headers", name, 8192)?;
            within("httpContext.headers", value, 8192)?;
        }
        let query = http.query_string.as_deref();
        let query = query.map(|text| text.strip_prefix('?').unwrap_or(text).to_owned());
        Ok(Some(HttpRequest {
            headers: http.headers.clone(),
            query,
        }))
    }

    fn mqtt(&self) -> Result<Option<Login>, Refusal> {
        let Some(mqtt) = &self.mqtt_context else {
            return Ok(None);
        };
        length("mqttContext.username", &mqtt.username, 65_535)?;
        length("mqttContext.clientId", &mqtt.client_id, 65_535)?;
        let invalid = || {
            Refusal::InvalidRequest(
                "mqttContext.password must be 1 to 65535 bytes in base64".into(),
            )
        };
        let password = match &mqtt.password {
            None => None,
            Some(text) => {
                let bytes = STANDARD.decode(text).map_err(|_| invalid())?;
                if !(1..=65_535).contains(&bytes.len()) {
                    return Err(invalid());
                }
                Some(bytes.into())
            }
        };
        Ok(Some(Login {
            user_name: mqtt.username.clone(),
            password,
            client_id: mqtt.client_id.clone(),
        }))
    }
}

fn length(name: &str, text: &Option<String>, most: usize) -> Result<(), Refusal> {
    text.as_deref()
        .map_or(Ok(()), |text| within(name, text, most))
}

fn within(name: &str, text: &str, most: usize) -> Result<(), Refusal> {
    match (1..=most).contains(&text.chars().count()) {
        true => Ok(()),
        false => Err(Refusal::InvalidRequest(format!(
            "{name} must have 1 to {most} characters"
        ))),
    }
}
