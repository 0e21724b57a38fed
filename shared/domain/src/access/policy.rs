//! IoT policy documents as values.
//!
//! Source: AWS IoT developer guide, "AWS IoT Core policies"; service quotas of AWS IoT Core.

use std::fmt;

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

use crate::thing::ThingName;

/// Most characters of one document that an authorizer answers.
const MAX_DOCUMENT: usize = 2048;

/// The beginning of every ARN of AWS IoT in one account and Region: `arn:aws:iot:eu-west-1:123456789012`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArnPrefix(String);

/// A text that is no beginning of an AWS IoT ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidArnPrefix;

impl fmt::Display for InvalidArnPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ARN prefix must look like arn:aws:iot:eu-west-1:123456789012")
    }
}

impl std::error::Error for InvalidArnPrefix {}

impl ArnPrefix {
    /// Reads a prefix.
    ///
    /// # Errors
    /// When a part is missing, or holds what could change the meaning of a policy.
    pub fn parse(text: &str) -> Result<Self, InvalidArnPrefix> {
        let word = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        let mut parts = text.split(':');
        let valid = parts.next() == Some("arn")
            && parts.next().is_some_and(word)
            && parts.next() == Some("iot")
            && parts.next().is_some_and(word)
            && parts.next().is_some_and(account)
            && parts.next().is_none();
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidArnPrefix)
        }
    }
}

/// What a statement allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Connect,
    Publish,
    Subscribe,
    Receive,
}

impl Action {
    /// The action's name, and what its resources are.
    const fn texts(self) -> [&'static str; 2] {
        match self {
            Self::Connect => ["iot:Connect", "client"],
            Self::Publish => ["iot:Publish", "topic"],
            Self::Subscribe => ["iot:Subscribe", "topicfilter"],
            Self::Receive => ["iot:Receive", "topic"],
        }
    }
}

/// The name of a resource that belongs to a thing: what stands before the thing's name and what behind it. Both are ours,
/// and hold nothing that JSON escapes.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfThing(pub(super) &'static str, pub(super) &'static str);

/// A policy document as JSON text without blanks, at most 2,048 characters.
#[derive(Debug, Clone)]
pub struct PolicyDocument(String);

/// A document that AWS IoT would not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyTooLarge;

impl fmt::Display for PolicyTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a policy document is longer than {MAX_DOCUMENT} characters"
        )
    }
}

impl std::error::Error for PolicyTooLarge {}

impl PolicyDocument {
    /// A document that allows each action on its resources, and denies everything else by not naming it. An action
    /// without resources is left out.
    pub(super) fn new(
        arn: &ArnPrefix,
        thing: &ThingName,
        allowed: &[(Action, &[OfThing])],
    ) -> Result<Self, PolicyTooLarge> {
        let mut json = String::with_capacity(MAX_DOCUMENT);
        json.push_str(r#"{"Version":"2012-10-17","Statement":["#);
        let allowed = allowed
            .iter()
            .filter(|(_, resources)| !resources.is_empty());
        for (place, (action, resources)) in allowed.enumerate() {
            let [action, kind] = action.texts();
            let comma = if place == 0 { "" } else { "," };
            json.extend([
                comma,
                r#"{"Effect":"Allow","Action":""#,
                action,
                r#"","Resource":["#,
            ]);
            for (place, OfThing(before, behind)) in resources.iter().enumerate() {
                let quote = if place == 0 { "\"" } else { ",\"" };
                json.extend([
                    quote,
                    &arn.0,
                    ":",
                    kind,
                    "/",
                    before,
                    thing.as_str(),
                    behind,
                    "\"",
                ]);
            }
            json.push_str("]}");
        }
        json.push_str("]}");
        if json.len() > MAX_DOCUMENT {
            return Err(PolicyTooLarge);
        }
        Ok(Self(json))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The document as a part of another one. It is read again on the way, so that nothing but JSON can get there.
impl Serialize for PolicyDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_an_account_in_a_region() {
        for good in [
            "arn:aws:iot:eu-west-1:123456789012",
            "arn:aws-cn:iot:cn-north-1:123456789012",
        ] {
            assert!(ArnPrefix::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "arn:aws:iot:eu-west-1:*",
            "arn:aws:iot:*:123456789012",
            "arn:aws:iot:eu-west-1:12345678901",
            "arn:aws:iot:eu-west-1:123456789012:",
            "arn:aws:iot::123456789012",
            "arn:aws:s3:eu-west-1:123456789012",
            "arn:aws:iot:eu-west-1:${aws}",
            "ARN:aws:iot:eu-west-1:123456789012",
        ] {
            assert_eq!(ArnPrefix::parse(bad), Err(InvalidArnPrefix), "{bad}");
        }
    }

    #[test]
    fn a_document_has_an_end() {
        let arn = ArnPrefix::parse("arn:aws:iot:eu-west-1:123456789012").unwrap();
        let thing = ThingName::parse("x").unwrap();
        let document = |length: usize| {
            let before = "x".repeat(length).leak();
            PolicyDocument::new(&arn, &thing, &[(Action::Connect, &[OfThing(before, "")])])
        };
        let spare = MAX_DOCUMENT - document(0).unwrap().as_str().len();
        assert_eq!(document(spare).unwrap().as_str().len(), 2048);
        assert_eq!(document(spare + 1).unwrap_err(), PolicyTooLarge);
    }
}
