//! Who may connect, and what hangs on the client id.

use super::tail::{Tail, tails};
use super::{Add, Code, is_about, statements};
use crate::Action;
use crate::document::{Effect, PolicyDocument, Resources, Statement};
use crate::key::Key;

/// A client id that no policy means.
const STRANGER: &str = "client/\u{1}stranger";

pub(super) fn check(document: &PolicyDocument, statement: &Statement, add: Add<'_>) {
    if is_about(statement, Action::Connect) && !binds_client(statement) {
        match &statement.resources {
            Resources::Only(patterns) => {
                for pattern in patterns
                    .iter()
                    .filter(|pattern| admits_stranger(&Tail::of(pattern)))
                {
                    add(
                        Code::ConnectAsAnyClient,
                        format!("iot:Connect is allowed on `{pattern}`, whatever the client id"),
                    );
                }
            }
            Resources::Except(_) => {
                add(
                    Code::ConnectAsAnyClient,
                    "iot:Connect is allowed on all client ids but those of `NotResource`"
                        .to_owned(),
                );
            }
        }
    }
    if is_about(statement, Action::Connect) || is_restricted(document) {
        return;
    }
    let named = statement.resources.patterns().iter();
    let mut named = named.filter(|pattern| pattern.variables().any(|key| *key == Key::ClientId));
    if let Some(pattern) = named.next() {
        let message = format!(
            "`{pattern}` follows the client id, and this policy does not restrict it: a client that connects as `+` or \
             `a/b` reaches further"
        );
        add(Code::UnrestrictedClientId, message);
    }
}

/// Whether the policy allows `iot:Connect`, and only for client ids it names.
fn is_restricted(document: &PolicyDocument) -> bool {
    let mut connects = statements(document, Effect::Allow, Action::Connect).peekable();
    let restricts = |statement: &Statement| {
        binds_client(statement)
            || (matches!(statement.resources, Resources::Only(_))
                && tails(statement)
                    .iter()
                    .all(|(_, tail)| !admits_stranger(tail)))
    };
    connects.peek().is_some() && connects.all(restricts)
}

/// Whether a client id of the client's choice is covered; `client/${iot:ClientId}` covers each.
fn admits_stranger(tail: &Tail) -> bool {
    tail.covers_for_some_client_id(STRANGER)
}

/// Whether a condition ties the client id to something: to the attached thing or to a list.
fn binds_client(statement: &Statement) -> bool {
    let binding = [Key::ClientId, Key::ThingName, Key::ThingIsAttached];
    statement
        .condition
        .iter()
        .any(|clause| binding.contains(&clause.key))
}
