//! Which authorizer judges a peer.
//!
//! Source: AWS IoT developer guide, "Connecting to AWS IoT Core by using custom authentication" and "Creating and
//! configuring AWS managed domains".

use std::fmt;
use std::sync::Arc;

use super::applicant::{Ambiguous, Applicant, NAME_PARAMETER};
use crate::registry::domains::AuthenticationType;
use crate::registry::{Authorizer, AuthorizerStatus, DomainConfiguration, State};

/// Why no authorizer can be asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoAuthorizer {
    /// A parameter was given twice.
    Ambiguous(String),
    /// None was named, and there is no default.
    NoDefault,
    /// It does not exist.
    Unknown(String),
    /// It is switched off.
    Inactive(String),
    /// The endpoint has one and allows no other.
    NoOverride {
        /// The one that was asked for.
        asked: String,
        /// The domain configuration.
        domain: String,
    },
    /// The endpoint wants a certificate, which only SNI can tell in time.
    NeedsServerName(String),
    /// The endpoint is switched off.
    Disabled(String),
}

impl fmt::Display for NoAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ambiguous(name) => write!(f, "{name} was given twice with different values"),
            Self::NoDefault => write!(
                f,
                "no authorizer: the client names none ({NAME_PARAMETER}) and neither its endpoint nor the account has a default one"
            ),
            Self::Unknown(name) => write!(f, "authorizer {name:?} does not exist"),
            Self::Inactive(name) => {
                write!(f, "authorizer {name} is INACTIVE; set its status to ACTIVE")
            }
            Self::NoOverride { asked, domain } => write!(
                f,
                "domain configuration {domain} does not allow another authorizer than its own, and the client asks for {asked:?}; set allowAuthorizerOverride"
            ),
            Self::NeedsServerName(domain) => write!(
                f,
                "domain configuration {domain} wants a client certificate; the client must send its name as SNI"
            ),
            Self::Disabled(domain) => write!(f, "domain configuration {domain} is DISABLED"),
        }
    }
}

impl From<Ambiguous> for NoAuthorizer {
    fn from(Ambiguous(name): Ambiguous) -> Self {
        Self::Ambiguous(name)
    }
}

/// Finds the authorizer: the one the peer names, else the endpoint's, else the account's default.
///
/// # Errors
/// [`NoAuthorizer`].
pub(crate) fn choose(
    state: &State,
    applicant: &Applicant,
) -> Result<Arc<Authorizer>, NoAuthorizer> {
    let named = applicant.parameter(NAME_PARAMETER)?;
    let domain = applicant
        .endpoint()
        .and_then(|name| state.domains.of_domain(name));
    if let Some(domain) = domain {
        suits(applicant, domain)?;
    }
    let config = domain.and_then(|it| it.authorizer.as_ref());
    let own = config.and_then(|it| it.default_authorizer.as_deref());
    let name = match (named, own, domain) {
        (Some(asked), Some(own), Some(domain))
            if asked != own && config.and_then(|it| it.allow_override) != Some(true) =>
        {
            let domain = domain.name.clone();
            return Err(NoAuthorizer::NoOverride { asked, domain });
        }
        (Some(asked), _, _) => asked,
        (None, Some(own), _) => own.to_owned(),
        (None, None, _) => {
            let default = state.authorizers.of_account();
            default.map_err(|_| NoAuthorizer::NoDefault)?.name.clone()
        }
    };
    active(state, &name)
}

/// Finds an authorizer that is switched on.
///
/// # Errors
/// [`NoAuthorizer`].
pub(crate) fn active(state: &State, name: &str) -> Result<Arc<Authorizer>, NoAuthorizer> {
    let Ok(authorizer) = state.authorizers.get(name) else {
        return Err(NoAuthorizer::Unknown(name.to_owned()));
    };
    match authorizer.status {
        AuthorizerStatus::Active => Ok(Arc::clone(authorizer)),
        AuthorizerStatus::Inactive => Err(NoAuthorizer::Inactive(name.to_owned())),
    }
}

/// What the handshake has decided by SNI is checked again for peers that gave the endpoint's name as a Host header only.
fn suits(applicant: &Applicant, domain: &DomainConfiguration) -> Result<(), NoAuthorizer> {
    let with_certificate = matches!(
        domain.authentication,
        AuthenticationType::X509 | AuthenticationType::CustomX509
    );
    if !domain.enabled {
        return Err(NoAuthorizer::Disabled(domain.name.clone()));
    }
    if with_certificate && applicant.certificate.is_none() {
        return Err(NoAuthorizer::NeedsServerName(domain.name.clone()));
    }
    Ok(())
}
