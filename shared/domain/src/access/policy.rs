//! IoT policy documents as values.
//!
//! Source: AWS IoT developer guide, "AWS IoT Core policies"; service quotas of AWS IoT Core.

use std::fmt;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

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

    pub(super) fn clients<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        self.all("client", ids)
    }

    pub(super) fn topics(&self, topics: &[String]) -> Vec<String> {
        self.all("topic", topics.iter().map(String::as_str))
    }

    pub(super) fn topic_filters(&self, filters: &[String]) -> Vec<String> {
        self.all("topicfilter", filters.iter().map(String::as_str))
    }

    fn all<'a>(&self, kind: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let arn = |name| [&self.0, ":", kind, "/", name].concat();
        names.into_iter().map(arn).collect()
    }
}

/// What a statement allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Action {
    #[serde(rename = "iot:Connect")]
    Connect,
    #[serde(rename = "iot:Publish")]
    Publish,
    #[serde(rename = "iot:Subscribe")]
    Subscribe,
    #[serde(rename = "iot:Receive")]
    Receive,
}

#[derive(Debug, Clone, Copy, Serialize)]
enum Effect {
    Allow,
}

/// Something that is allowed. There is no other effect here: what is not allowed is denied.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    effect: Effect,
    action: Action,
    resource: Vec<String>,
}

impl Statement {
    pub(super) const fn new(action: Action, resource: Vec<String>) -> Self {
        Self {
            effect: Effect::Allow,
            action,
            resource,
        }
    }
}

/// A policy document as JSON text without blanks, at most 2,048 characters.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct PolicyDocument(Box<RawValue>);

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
    pub(super) fn new(statements: &[Statement]) -> Result<Self, PolicyTooLarge> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Document<'a> {
            version: &'static str,
            statement: &'a [Statement],
        }
        let document = Document {
            version: "2012-10-17",
            statement: statements,
        };
        // Texts and enumerations alone cannot fail to be JSON.
        let json = to_raw_value(&document).map_err(|_| PolicyTooLarge)?;
        if json.get().len() > MAX_DOCUMENT {
            return Err(PolicyTooLarge);
        }
        Ok(Self(json))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
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
        let document = |length: usize| {
            let id = "x".repeat(length);
            PolicyDocument::new(&[Statement::new(Action::Connect, arn.clients([id.as_str()]))])
        };
        let spare = MAX_DOCUMENT - document(0).unwrap().as_str().len();
        assert_eq!(document(spare).unwrap().as_str().len(), 2048);
        assert_eq!(document(spare + 1).unwrap_err(), PolicyTooLarge);
    }
}
