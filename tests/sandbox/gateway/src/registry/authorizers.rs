//! Custom authorizers and the account's default one.
//!
//! Source: AWS IoT developer guide, "Creating and managing custom authorizers"; the service model's constraints.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Refusal, SigningKey, names};

/// Most authorizers of an account. Source: AWS IoT Core quotas.
const MAX_AUTHORIZERS: usize = 100;
/// Most of them that are ACTIVE at a time. Source: AWS IoT Core quotas.
const MAX_ACTIVE: usize = 32;
const MAX_KEY_VALUE: usize = 5120;

/// Whether an authorizer may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizerStatus {
    /// May be used.
    Active,
    /// Switched off.
    Inactive,
}

impl AuthorizerStatus {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }

    /// Reads AWS's spelling.
    ///
    /// # Errors
    /// [`Refusal::InvalidRequest`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text {
            "ACTIVE" => Ok(Self::Active),
            "INACTIVE" => Ok(Self::Inactive),
            _ => Err(Refusal::InvalidRequest(format!(
                "status `{text}` must be ACTIVE or INACTIVE"
            ))),
        }
    }
}

impl fmt::Display for AuthorizerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A custom authorizer.
#[derive(Debug, Clone)]
pub struct Authorizer {
    /// 1 to 128 of `[\w=,@-]`.
    pub name: String,
    /// The Lambda function that decides.
    pub function_arn: String,
    /// The name of the header or parameter that carries the token.
    pub token_key_name: Option<String>,
    /// The keys that may have signed a token, by name.
    pub keys: BTreeMap<String, SigningKey>,
    /// Whether it may be used.
    pub status: AuthorizerStatus,
    /// Tokens need no signature; fixed at creation.
    pub signing_disabled: bool,
    /// HTTPS: an answer counts for later requests on the same connection.
    pub caching_for_http: bool,
    /// Epoch milliseconds.
    pub created_ms: u64,
    /// Epoch milliseconds.
    pub modified_ms: u64,
}

/// What a creation or a change says; nothing for what stays as it is or has its default.
#[derive(Debug, Default)]
pub struct AuthorizerSettings {
    /// See [`Authorizer::function_arn`].
    pub function_arn: Option<String>,
    /// See [`Authorizer::token_key_name`].
    pub token_key_name: Option<String>,
    /// PEM by name.
    pub keys: Option<BTreeMap<String, String>>,
    /// See [`Authorizer::status`].
    pub status: Option<AuthorizerStatus>,
    /// See [`Authorizer::caching_for_http`].
    pub caching_for_http: Option<bool>,
}

/// All authorizers.
#[derive(Debug, Default)]
pub struct Authorizers {
    by_name: BTreeMap<String, Arc<Authorizer>>,
    default: Option<String>,
}

impl Authorizers {
    /// Creates an authorizer; without a status it is INACTIVE.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], [`Refusal::LimitExceeded`], [`Refusal::InvalidRequest`].
    pub fn create(
        &mut self,
        name: &str,
        settings: AuthorizerSettings,
        signing_disabled: bool,
        now_ms: u64,
        arn: String,
    ) -> Result<(), Refusal> {
        names::authorizer_name(name)?;
        if self.by_name.contains_key(name) {
            return Err(Refusal::AlreadyExists {
                message: format!("authorizer {name} exists"),
                id: name.to_owned(),
                arn,
            });
        }
        if self.by_name.len() >= MAX_AUTHORIZERS {
            return Err(Refusal::LimitExceeded(format!(
                "there are {MAX_AUTHORIZERS} authorizers already; delete one first"
            )));
        }
        if settings.function_arn.is_none() {
            return Err(Refusal::InvalidRequest(
                "authorizerFunctionArn is missing".into(),
            ));
        }
        let authorizer = Authorizer {
            name: name.to_owned(),
            function_arn: String::new(),
            token_key_name: None,
            keys: BTreeMap::new(),
            status: AuthorizerStatus::Inactive,
            signing_disabled,
            caching_for_http: false,
            created_ms: now_ms,
            modified_ms: now_ms,
        };
        self.apply(authorizer, settings)
    }

    /// Changes an authorizer. Given keys replace the earlier ones.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::LimitExceeded`], [`Refusal::InvalidRequest`].
    pub fn update(
        &mut self,
        name: &str,
        settings: AuthorizerSettings,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        let mut authorizer = Authorizer::clone(self.get(name)?);
        authorizer.modified_ms = now_ms;
        self.apply(authorizer, settings)
    }

    fn apply(
        &mut self,
        mut authorizer: Authorizer,
        settings: AuthorizerSettings,
    ) -> Result<(), Refusal> {
        if let Some(arn) = settings.function_arn {
            names::function_arn("authorizerFunctionArn", &arn)?;
            authorizer.function_arn = arn;
        }
        if let Some(name) = settings.token_key_name {
            names::token_key_name(&name)?;
            authorizer.token_key_name = Some(name);
        }
        if let Some(keys) = settings.keys {
            authorizer.keys = keys
                .into_iter()
                .map(|(name, pem)| read_key(name, &pem))
                .collect::<Result<_, _>>()?;
        }
        authorizer.status = settings.status.unwrap_or(authorizer.status);
        authorizer.caching_for_http = settings
            .caching_for_http
            .unwrap_or(authorizer.caching_for_http);
        if !authorizer.signing_disabled
            && (authorizer.token_key_name.is_none() || authorizer.keys.is_empty())
        {
            return Err(Refusal::InvalidRequest(
                "tokenKeyName and tokenSigningPublicKeys are needed unless signingDisabled is true"
                    .into(),
            ));
        }
        let others = self
            .by_name
            .values()
            .filter(|other| other.name != authorizer.name);
        let active = others.filter(|other| other.status == AuthorizerStatus::Active);
        if authorizer.status == AuthorizerStatus::Active && active.count() >= MAX_ACTIVE {
            return Err(Refusal::LimitExceeded(format!(
                "{MAX_ACTIVE} authorizers are ACTIVE already; set one to INACTIVE first"
            )));
        }
        self.by_name
            .insert(authorizer.name.clone(), Arc::new(authorizer));
        Ok(())
    }

    /// Finds an authorizer.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn get(&self, name: &str) -> Result<&Arc<Authorizer>, Refusal> {
        self.by_name
            .get(name)
            .ok_or_else(|| Refusal::NotFound(format!("authorizer {name} does not exist")))
    }

    /// All of them by name.
    pub fn list(&self) -> impl Iterator<Item = &Authorizer> {
        self.by_name.values().map(Arc::as_ref)
    }

    /// The one for connections that name none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn of_account(&self) -> Result<&Arc<Authorizer>, Refusal> {
        let none = || Refusal::NotFound("there is no default authorizer".into());
        self.get(self.default.as_deref().ok_or_else(none)?)
    }

    /// Makes an authorizer the default; the same again is fine.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] while another one is (the model lists the exception; that it means this is
    /// unconfirmed), [`Refusal::NotFound`].
    pub fn set_default(&mut self, name: &str, arn: String) -> Result<(), Refusal> {
        self.get(name)?;
        if let Some(there) = self.default.as_ref().filter(|there| *there != name) {
            return Err(Refusal::AlreadyExists {
                message: format!(
                    "authorizer {there} is the default already; call ClearDefaultAuthorizer first"
                ),
                id: there.clone(),
                arn,
            });
        }
        self.default = Some(name.to_owned());
        Ok(())
    }

    /// Leaves the account without a default authorizer.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it has none.
    pub fn clear_default(&mut self) -> Result<(), Refusal> {
        self.of_account()?;
        self.default = None;
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.by_name.remove(name);
    }
}

fn read_key(name: String, pem: &str) -> Result<(String, SigningKey), Refusal> {
    names::signing_key_name(&name)?;
    let invalid =
        |why: String| Refusal::InvalidRequest(format!("tokenSigningPublicKeys.{name}: {why}"));
    if pem.len() > MAX_KEY_VALUE {
        return Err(invalid(format!(
            "the key is longer than {MAX_KEY_VALUE} characters"
        )));
    }
    let key = SigningKey::parse(pem).map_err(|e| invalid(e.to_string()))?;
    Ok((name, key))
}
