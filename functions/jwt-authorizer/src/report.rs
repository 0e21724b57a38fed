//! What is said of a decision: one log line and its metrics. Neither holds a token, a key, a certificate, or anything
//! that stood in a token which was not believed.

use sci_lambda::metrics::Count;
use sha2::{Digest as _, Sha256};

use crate::{
    denial::Denial,
    event::Event,
    handler::{Admitted, loggable},
};

/// Logs a decision.
pub fn log(event: Option<&Event<'_>>, decision: &Result<Admitted, Denial>) {
    let connection = event.and_then(Event::connection_id);
    let client = loggable(event.and_then(Event::client_id));
    let client = client.as_ref().map(|name| name.as_str());
    match decision {
        Ok(admitted) => {
            let claims = &admitted.claims;
            tracing::info!(
                connection.id = connection,
                thing = claims.thing().as_str(),
                token.issuer = claims.issuer(),
                token.kid = claims.kid(),
                token.id_sha256 = claims.jti().map(digest),
                token.expires_at = %claims.expires_at(),
                token.unknown_scopes = claims.unknown_scopes(),
                scopes = %admitted.scopes,
                session.seconds = admitted.session.disconnect_after,
                "allowed"
            );
        }
        Err(denial) if denial.is_failure() => tracing::error!(
            connection.id = connection,
            client.id = client,
            denial.reason = denial.code(),
            "denied, because the decision failed"
        ),
        Err(denial) => tracing::warn!(
            connection.id = connection,
            client.id = client,
            denial.reason = denial.code(),
            "denied"
        ),
    }
}

/// What a decision counts as: `Decisions` by outcome, `Denials` by reason, and scopes that nobody knows.
#[must_use]
pub fn counts(decision: &Result<Admitted, Denial>) -> Vec<Count> {
    let outcome = |outcome| Count::new("Decisions", 1).by("outcome", outcome);
    match decision {
        Ok(admitted) => {
            let unknown = admitted.claims.unknown_scopes();
            let unknown = (unknown > 0).then(|| Count::new("UnknownScopes", unknown));
            [outcome("allow")].into_iter().chain(unknown).collect()
        }
        Err(denial) => {
            let fate = if denial.is_failure() { "fail" } else { "deny" };
            let reason = Count::new("Denials", 1).by("reason", denial.code());
            vec![outcome(fate), reason]
        }
    }
}

/// Enough of a SHA-256 to find a token again that somebody has, and too little to learn its id.
fn digest(token_id: &str) -> String {
    let digest = Sha256::digest(token_id);
    let first = digest.iter().take(8);
    first.fold(String::with_capacity(16), |hex, byte| {
        hex + &format!("{byte:02x}")
    })
}
