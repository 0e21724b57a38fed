//! Limits on policies and on the names in them, for the registry to enforce.
//!
//! Source: AWS general reference, "AWS IoT Core endpoints and quotas"; AWS IoT API reference. Nothing is documented on
//! the number of statements: the document's size bounds it.

use std::fmt;

/// Most characters of a policy document, white space not counted. Not adjustable.
pub const MAX_DOCUMENT_CHARACTERS: usize = 2_048;
/// Most characters `CreatePolicy` takes at all (the API model's length of `PolicyDocument`), white space included.
pub const MAX_WIRE_CHARACTERS: usize = 404_600;
/// Most policies attached to one certificate, Cognito identity or thing group.
pub const MAX_POLICIES_PER_PRINCIPAL: usize = 10;
/// Most versions of one policy; one must be deleted before a sixth.
pub const MAX_VERSIONS: usize = 5;
/// Most documents in a custom authorizer's answer.
pub const MAX_AUTHORIZER_DOCUMENTS: usize = 10;
/// Most characters of a policy's or a thing's name.
pub const MAX_NAME_CHARACTERS: usize = 128;

/// A limit that is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitExceeded {
    /// The document is too long.
    DocumentSize {
        /// Characters that count.
        characters: usize,
    },
    /// A document of an authorizer is too long.
    AuthorizerDocumentSize {
        /// Characters, white space included.
        characters: usize,
    },
    /// An authorizer answered with too many documents.
    AuthorizerDocuments(usize),
    /// Too many policies on one principal or thing group.
    PoliciesPerPrincipal(usize),
    /// Too many versions of one policy.
    Versions(usize),
    /// A name that `[\w+=,.@-]{1,128}` does not cover.
    PolicyName(String),
    /// A name that `[a-zA-Z0-9:_-]{1,128}` does not cover.
    ThingName(String),
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DocumentSize { characters } => write!(
                f,
                "policy document has {characters} characters without white space, at most {MAX_DOCUMENT_CHARACTERS} are allowed; split it or use wildcards and policy variables"
            ),
            Self::AuthorizerDocumentSize { characters } => write!(
                f,
                "authorizer's policy document has {characters} characters with white space, at most {MAX_DOCUMENT_CHARACTERS} are allowed; minify it"
            ),
            Self::AuthorizerDocuments(count) => {
                write!(
                    f,
                    "authorizer answered {count} policy documents, at most {MAX_AUTHORIZER_DOCUMENTS} are allowed"
                )
            }
            Self::PoliciesPerPrincipal(count) => {
                write!(
                    f,
                    "{count} policies on one principal, at most {MAX_POLICIES_PER_PRINCIPAL} are allowed; detach one"
                )
            }
            Self::Versions(count) => {
                write!(
                    f,
                    "{count} versions of one policy, at most {MAX_VERSIONS} are allowed; delete one"
                )
            }
            Self::PolicyName(name) => {
                write!(
                    f,
                    "policy name `{name}` must be 1 to {MAX_NAME_CHARACTERS} of letters, digits and `_+=,.@-`"
                )
            }
            Self::ThingName(name) => {
                write!(
                    f,
                    "thing name `{name}` must be 1 to {MAX_NAME_CHARACTERS} of letters, digits and `:_-`"
                )
            }
        }
    }
}

impl std::error::Error for LimitExceeded {}

/// The size that counts against [`MAX_DOCUMENT_CHARACTERS`]: characters that are not white space.
#[must_use]
pub fn document_size(json: &str) -> usize {
    json.chars()
        .filter(|character| !character.is_whitespace())
        .count()
}

/// Checks a policy of the registry.
///
/// # Errors
/// [`LimitExceeded::DocumentSize`].
pub fn check_document_size(json: &str) -> Result<(), LimitExceeded> {
    let characters = document_size(json);
    keep(characters <= MAX_DOCUMENT_CHARACTERS, || {
        LimitExceeded::DocumentSize { characters }
    })
}

/// Checks one document of an authorizer; AWS does not say that white space is free there.
///
/// # Errors
/// [`LimitExceeded::AuthorizerDocumentSize`].
pub fn check_authorizer_document_size(json: &str) -> Result<(), LimitExceeded> {
    let characters = json.chars().count();
    keep(characters <= MAX_DOCUMENT_CHARACTERS, || {
        LimitExceeded::AuthorizerDocumentSize { characters }
    })
}

/// Checks how many documents an authorizer answered with.
///
/// # Errors
/// [`LimitExceeded::AuthorizerDocuments`].
pub fn check_authorizer_documents(count: usize) -> Result<(), LimitExceeded> {
    keep(count <= MAX_AUTHORIZER_DOCUMENTS, || {
        LimitExceeded::AuthorizerDocuments(count)
    })
}

/// Checks how many policies would be attached to a principal.
///
/// # Errors
/// [`LimitExceeded::PoliciesPerPrincipal`].
pub fn check_policies_per_principal(count: usize) -> Result<(), LimitExceeded> {
    keep(count <= MAX_POLICIES_PER_PRINCIPAL, || {
        LimitExceeded::PoliciesPerPrincipal(count)
    })
}

/// Checks how many versions a policy would have.
///
/// # Errors
/// [`LimitExceeded::Versions`].
pub fn check_versions(count: usize) -> Result<(), LimitExceeded> {
    keep(count <= MAX_VERSIONS, || LimitExceeded::Versions(count))
}

/// Checks a policy's name.
///
/// # Errors
/// [`LimitExceeded::PolicyName`].
pub fn check_policy_name(name: &str) -> Result<(), LimitExceeded> {
    keep(is_name(name, "_+=,.@-"), || {
        LimitExceeded::PolicyName(name.to_owned())
    })
}

/// Checks a thing's name.
///
/// # Errors
/// [`LimitExceeded::ThingName`].
pub fn check_thing_name(name: &str) -> Result<(), LimitExceeded> {
    keep(is_name(name, ":_-"), || {
        LimitExceeded::ThingName(name.to_owned())
    })
}

fn is_name(name: &str, others: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || others.contains(character);
    (1..=MAX_NAME_CHARACTERS).contains(&name.len()) && name.chars().all(allowed)
}

fn keep(kept: bool, exceeded: impl FnOnce() -> LimitExceeded) -> Result<(), LimitExceeded> {
    if kept { Ok(()) } else { Err(exceeded()) }
}
