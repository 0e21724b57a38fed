//! Operations on custom authorizers and on the account's default one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::Request;
use super::response::timestamp;
use super::{Answer, Api};
use crate::registry::{Authorizer, AuthorizerSettings, AuthorizerStatus, Refusal, names};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    authorizer_function_arn: Option<String>,
    token_key_name: Option<String>,
    token_signing_public_keys: Option<BTreeMap<String, String>>,
    status: Option<String>,
    signing_disabled: Option<bool>,
    enable_caching_for_http: Option<bool>,
}

impl Body {
    fn settings(self) -> Result<AuthorizerSettings, Refusal> {
        let status = self.status.as_deref().map(AuthorizerStatus::parse);
        Ok(AuthorizerSettings {
            function_arn: self.authorizer_function_arn,
            token_key_name: self.token_key_name,
            keys: self.token_signing_public_keys,
            status: status.transpose()?,
            caching_for_http: self.enable_caching_for_http,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    authorizer_name: String,
}

impl Api {
    /// POST /authorizer/{authorizerName}
    pub(super) fn create_authorizer(&self, name: &str, request: &Request) -> Answer {
        let body: Body = request.json()?;
        let signing_disabled = body.signing_disabled.unwrap_or(false);
        let settings = body.settings()?;
        let (now, arn) = (self.now_ms(), self.registry.scope.authorizer(name));
        self.registry.with(|state| {
            let authorizers = &mut state.authorizers;
            authorizers.create(name, settings, signing_disabled, now, arn)
        })?;
        Ok(self.authorizer(name))
    }

    /// PUT /authorizer/{authorizerName}
    pub(super) fn update_authorizer(&self, name: &str, request: &Request) -> Answer {
        let body: Body = request.json()?;
        if body.signing_disabled.is_some() {
            return Err(Refusal::InvalidRequest(
                "signingDisabled cannot be changed after creation".into(),
            ));
        }
        let (settings, now) = (body.settings()?, self.now_ms());
        self.registry
            .with(|state| state.authorizers.update(name, settings, now))?;
        Ok(self.authorizer(name))
    }

    /// GET /authorizer/{authorizerName}
    pub(super) fn describe_authorizer(&self, name: &str) -> Answer {
        names::authorizer_name(name)?;
        self.registry.with(|state| {
            let found = state.authorizers.get(name)?;
            Ok(json!({ "authorizerDescription": self.description(found) }))
        })
    }

    /// DELETE /authorizer/{authorizerName}
    pub(super) fn delete_authorizer(&self, name: &str) -> Answer {
        self.registry.with(|state| state.delete_authorizer(name))?;
        Ok(json!({}))
    }

    /// GET /authorizers/?status
    pub(super) fn list_authorizers(&self, request: &Request) -> Answer {
        let status = request.query("status").map(AuthorizerStatus::parse);
        let status = status.transpose()?;
        let mut all: Vec<_> = self.registry.with(|state| {
            let wanted = |it: &&Authorizer| status.is_none_or(|status| it.status == status);
            let found = state.authorizers.list().filter(wanted);
            found.map(|it| self.authorizer(&it.name)).collect()
        });
        if !request.flag("isAscendingOrder")? {
            all.reverse();
        }
        let (page, next) = request.page(all, "marker", "pageSize", 25)?;
        Ok(json!({ "authorizers": page, "nextMarker": next }))
    }

    /// POST /default-authorizer
    pub(super) fn set_default_authorizer(&self, request: &Request) -> Answer {
        let Named { authorizer_name } = request.json()?;
        let arn = self.registry.scope.authorizer(&authorizer_name);
        self.registry
            .with(|state| state.authorizers.set_default(&authorizer_name, arn))?;
        Ok(self.authorizer(&authorizer_name))
    }

    /// GET /default-authorizer
    pub(super) fn describe_default_authorizer(&self) -> Answer {
        self.registry.with(|state| {
            let found = state.authorizers.of_account()?;
            Ok(json!({ "authorizerDescription": self.description(found) }))
        })
    }

    /// DELETE /default-authorizer
    pub(super) fn clear_default_authorizer(&self) -> Answer {
        self.registry
            .with(|state| state.authorizers.clear_default())?;
        Ok(json!({}))
    }

    fn authorizer(&self, name: &str) -> Value {
        json!({ "authorizerName": name, "authorizerArn": self.registry.scope.authorizer(name) })
    }

    fn description(&self, authorizer: &Authorizer) -> Value {
        let keys = authorizer.keys.iter();
        let keys: BTreeMap<_, _> = keys.map(|(name, key)| (name, &key.pem)).collect();
        json!({
            "authorizerName": authorizer.name,
            "authorizerArn": self.registry.scope.authorizer(&authorizer.name),
            "authorizerFunctionArn": authorizer.function_arn,
            "tokenKeyName": authorizer.token_key_name,
            "tokenSigningPublicKeys": keys,
            "status": authorizer.status.as_str(),
            "creationDate": timestamp(authorizer.created_ms),
            "lastModifiedDate": timestamp(authorizer.modified_ms),
            "signingDisabled": authorizer.signing_disabled,
            "enableCachingForHttp": authorizer.caching_for_http,
        })
    }
}
