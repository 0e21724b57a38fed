//! From what a peer sent to what it may do, by way of its authorizer's function.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::answer::{self, Answer, InvalidAnswer};
use super::applicant::{Applicant, SIGNATURE_PARAMETER};
use super::choose::{self, NoAuthorizer};
use super::event::Context;
use super::permit::Permit;
use super::signature::{self, BadToken};
use crate::authenticator::{Credential, Principal};
use crate::functions::Invoker;
use crate::registry::{Authorizer, Registry};

/// Why a peer is not let in. The peer is told nothing of it.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No authorizer can be asked.
    Choice(NoAuthorizer),
    /// The token or its signature; the function was not invoked.
    Token {
        /// The authorizer's name.
        authorizer: String,
        /// Why.
        why: BadToken,
    },
    /// The function could not be invoked, failed or took too long.
    Function {
        /// The authorizer's name.
        authorizer: String,
        /// Why.
        why: String,
    },
    /// The function's answer does not let it in.
    Answer {
        /// The authorizer's name.
        authorizer: String,
        /// Why.
        why: InvalidAnswer,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choice(why) => why.fmt(f),
            Self::Token { authorizer, why } => {
                write!(
                    f,
                    "authorizer {authorizer}: {why}; its function was not invoked"
                )
            }
            Self::Function { authorizer, why } => {
                write!(f, "authorizer {authorizer}: its function failed: {why}")
            }
            Self::Answer { authorizer, why } => write!(f, "authorizer {authorizer}: {why}"),
        }
    }
}

/// A peer whose authorizer is known and whose token bears a good signature, if it needs one.
pub(crate) struct Vetted {
    /// Who judges it.
    pub(crate) authorizer: Arc<Authorizer>,
    token: Option<String>,
    signature_verified: bool,
}

/// A peer that was let in.
pub(crate) struct Admission {
    /// Who it is.
    pub(crate) principal: Principal,
    /// What it may do.
    pub(crate) permit: Arc<Permit>,
    /// How to ask again.
    pub(crate) renewal: Renewal,
    /// When to ask again, milliseconds from now.
    pub(crate) refresh_after_ms: u64,
    /// How long the connection may last, milliseconds.
    pub(crate) disconnect_after_ms: u64,
}

/// What a refresh needs: the same event for the same authorizer.
pub(crate) struct Renewal {
    authorizer: String,
    event: Bytes,
    certificate_id: Option<String>,
}

/// Asks authorizers.
pub(crate) struct CustomAuth {
    /// Where they are registered.
    pub(crate) registry: Arc<Registry>,
    /// Invokes their functions.
    pub(crate) invoker: Invoker,
}

impl CustomAuth {
    /// Chooses the authorizer and checks the token's signature.
    ///
    /// # Errors
    /// [`Refused::Choice`], [`Refused::Token`].
    pub(crate) fn vet(&self, applicant: &Applicant) -> Result<Vetted, Refused> {
        let parameter = |name: &str| {
            let value = applicant.parameter(name);
            value.map_err(|e| Refused::Choice(e.into()))
        };
        let authorizer = self
            .registry
            .with(|state| choose::choose(state, applicant))
            .map_err(Refused::Choice)?;
        let token = match &authorizer.token_key_name {
            Some(name) => parameter(name)?,
            None => None,
        };
        let signature = parameter(SIGNATURE_PARAMETER)?;
        let signature_verified = verify(&authorizer, token.as_deref(), signature.as_deref())?;
        Ok(Vetted {
            authorizer,
            token,
            signature_verified,
        })
    }

    /// Asks the function about a vetted peer.
    ///
    /// # Errors
    /// [`Refused::Function`], [`Refused::Answer`].
    pub(crate) async fn admit(
        &self,
        applicant: &Applicant,
        vetted: Vetted,
    ) -> Result<Admission, Refused> {
        let certificate_id = applicant.certificate.as_ref().map(|it| it.id.clone());
        let token = vetted.token.as_deref();
        let event = Context::of(applicant, token, vetted.signature_verified).event();
        let answer = self
            .ask(&vetted.authorizer, event.clone(), certificate_id.as_deref())
            .await?;
        let permit = Arc::new(Permit::new(answer.principal_id, answer.policies));
        let credential = match &applicant.certificate {
            None => Credential::Permit(Arc::clone(&permit)),
            Some(certificate) => Credential::Both(certificate.clone(), Arc::clone(&permit)),
        };
        Ok(Admission {
            principal: Principal {
                credential,
                address: applicant.address,
                server_name: applicant.server_name.clone(),
            },
            permit,
            renewal: Renewal {
                authorizer: vetted.authorizer.name.clone(),
                event,
                certificate_id,
            },
            refresh_after_ms: answer.refresh_after_seconds * 1000,
            disconnect_after_ms: answer.disconnect_after_seconds * 1000,
        })
    }

    /// Asks again about a peer that was let in.
    ///
    /// # Errors
    /// [`Refused`] but for the token.
    pub(crate) async fn renew(&self, renewal: &Renewal) -> Result<Answer, Refused> {
        let authorizer = self
            .registry
            .with(|state| choose::active(state, &renewal.authorizer))
            .map_err(Refused::Choice)?;
        let certificate_id = renewal.certificate_id.as_deref();
        self.ask(&authorizer, renewal.event.clone(), certificate_id)
            .await
    }

    /// Asks about a connection that does not exist.
    ///
    /// # Errors
    /// [`Refused`] but for the choice.
    pub(crate) async fn rehearse(
        &self,
        authorizer: &Authorizer,
        mut context: Context<'_>,
        signature: Option<&str>,
    ) -> Result<Answer, Refused> {
        context.signature_verified = verify(authorizer, context.token, signature)?;
        self.ask(authorizer, context.event(), None).await
    }

    async fn ask(
        &self,
        authorizer: &Authorizer,
        event: Bytes,
        certificate_id: Option<&str>,
    ) -> Result<Answer, Refused> {
        let failed = |why: String| Refused::Function {
            authorizer: authorizer.name.clone(),
            why,
        };
        let arn = self.registry.scope.authorizer(&authorizer.name);
        let invoked = self.invoker.invoke(&authorizer.function_arn, &arn, event);
        let answer = invoked.await.map_err(failed)?;
        answer::read(&answer, certificate_id).map_err(|why| Refused::Answer {
            authorizer: authorizer.name.clone(),
            why,
        })
    }
}

fn verify(
    authorizer: &Authorizer,
    token: Option<&str>,
    signature: Option<&str>,
) -> Result<bool, Refused> {
    signature::verify(authorizer, token, signature).map_err(|why| Refused::Token {
        authorizer: authorizer.name.clone(),
        why,
    })
}
