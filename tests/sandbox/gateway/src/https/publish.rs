//! `POST /topics/<topic>?qos=n`.

use std::sync::Arc;

use http::{Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::rejection::Rejection;
use super::{REQUEST_WITHIN, Visit, locked, seen};
use crate::api;
use crate::authenticator::Principal;
use crate::authorizer::Requester;
use crate::custom_auth::{Applicant, HttpRequest, Refused};
use crate::message::MAX_PAYLOAD_BYTES;
use crate::shared::Guest;

/// An authorizer's answer that counts for later requests on the same connection.
pub(super) struct Cached {
    authorizer: String,
    request: HttpRequest,
    principal: Principal,
    until_ms: u64,
}

impl Cached {
    /// AWS does not say whether other credentials on the same connection are judged anew; here they are.
    fn serves(&self, authorizer: &str, request: &HttpRequest, now_ms: u64) -> bool {
        let others = |it: &HttpRequest| {
            let headers = it.headers.clone().into_iter();
            headers
                .filter(|(name, _)| name != "content-length")
                .collect::<Vec<_>>()
        };
        now_ms < self.until_ms
            && self.authorizer == authorizer
            && self.request.query == request.query
            && others(&self.request) == others(request)
    }
}

impl Visit {
    /// Takes the message of a request; the event log has whatever it is refused for.
    pub(super) async fn publish(&self, request: Request<Incoming>) -> Result<(), Rejection> {
        let seen = seen(&request);
        self.refuse_sigv4(&seen)?;
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, MAX_PAYLOAD_BYTES).collect();
        let late = |_| {
            let why = "the body took more than 30 s";
            Rejection::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", why).closing()
        };
        let too_large = |_| {
            let (status, code) = (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLargeException",
            );
            Rejection::new(status, code, "the payload is longer than 128 KB").closing()
        };
        let body = timeout(REQUEST_WITHIN, body).await;
        let body = body.map_err(late)?.map_err(too_large)?.to_bytes();
        let principal = self.principal(seen).await?;
        let message = api::published_message(Request::from_parts(parts, body))?;
        let requester = Requester {
            client_id: None,
            principal: &principal,
        };
        let published = self.shared.broker.publish(requester, message);
        published.map_err(|_| Rejection::forbidden())
    }

    async fn principal(&self, request: HttpRequest) -> Result<Principal, Rejection> {
        let applicant = match &self.guest {
            Guest::Known(principal) => return Ok(principal.clone()),
            Guest::Applicant(applicant) => Applicant {
                http: Some(request.clone()),
                ..Applicant::clone(applicant)
            },
        };
        self.admitted(&applicant, request).await.map_err(|refused| {
            let certificate = self.guest.certificate_id().map(str::to_owned);
            self.shared.turned_away(certificate, refused.to_string());
            Rejection::forbidden().closing()
        })
    }

    async fn admitted(
        &self,
        applicant: &Applicant,
        request: HttpRequest,
    ) -> Result<Principal, Refused> {
        let custom_auth = &self.shared.custom_auth;
        let vetted = custom_auth.vet(applicant)?;
        let authorizer = Arc::clone(&vetted.authorizer);
        let now = self.shared.broker.now_ms();
        if let Some(cached) = locked(&self.cached).as_ref()
            && cached.serves(&authorizer.name, &request, now)
        {
            return Ok(cached.principal.clone());
        }
        let admission = custom_auth.admit(applicant, vetted).await?;
        let lasts_ms = admission
            .refresh_after_ms
            .min(admission.disconnect_after_ms);
        *locked(&self.cached) = authorizer.caching_for_http.then(|| Cached {
            authorizer: authorizer.name.clone(),
            request,
            principal: admission.principal.clone(),
            until_ms: self.shared.broker.now_ms().saturating_add(lasts_ms),
        });
        Ok(admission.principal)
    }
}
