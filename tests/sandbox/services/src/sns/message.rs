//! One message: its parameters, and what SNS refuses before it takes it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    attribute::{self, PublishedAttribute},
    invalid, no_more,
};
use crate::{api_error::ApiError, wire::Params};

/// Largest message with its attributes, in bytes.
pub(super) const MAX_BYTES: usize = 262_144;

/// A message to publish.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) subject: Option<String>,
    /// As given.
    pub(super) text: String,
    /// With `MessageStructure=json`: text by protocol, `default` among them.
    pub(super) by_protocol: Option<Map<String, Value>>,
    pub(super) attributes: BTreeMap<String, PublishedAttribute>,
}

impl Message {
    /// Takes the message from the parameters of `Publish` or of one batch entry, and leaves none over.
    ///
    /// # Errors
    /// `InvalidParameter` and `ParameterValueInvalid` as AWS gives them.
    pub(super) fn take(params: &mut Params) -> Result<Self, ApiError> {
        let text = params.take("Message").unwrap_or_default();
        let subject = params.take("Subject");
        let structure = params.take("MessageStructure");
        let attributes = attribute::take(params)?;
        if params.take("MessageDeduplicationId").is_some() {
            return Err(invalid(
                "MessageDeduplicationId",
                "only allowed for FIFO topics",
            ));
        }
        no_more(params, "Publish")?;
        if text.is_empty() {
            return Err(invalid("Empty message", ""));
        }
        if let Some(subject) = &subject {
            check_subject(subject)?;
        }
        let message = Self {
            subject,
            by_protocol: structured(&text, structure.as_deref())?,
            text,
            attributes,
        };
        if message.size() > MAX_BYTES {
            return Err(invalid("Message too long", ""));
        }
        Ok(message)
    }

    /// Bytes that count toward the limit: text and attributes, not the subject (unconfirmed).
    pub(super) fn size(&self) -> usize {
        self.text.len()
            + self
                .attributes
                .iter()
                .map(|(name, value)| name.len() + value.size())
                .sum::<usize>()
    }

    /// What a protocol receives.
    pub(super) fn text_for(&self, protocol: &str) -> &str {
        let Some(texts) = &self.by_protocol else {
            return &self.text;
        };
        [protocol, "default"]
            .iter()
            .find_map(|key| texts.get(*key)?.as_str())
            .unwrap_or(&self.text)
    }
}

fn structured(text: &str, structure: Option<&str>) -> Result<Option<Map<String, Value>>, ApiError> {
    let reason = match structure {
        None => return Ok(None),
        Some("json") => match serde_json::from_str(text) {
            Ok(Value::Object(texts)) if texts.get("default").is_some_and(Value::is_string) => {
                return Ok(Some(texts));
            }
            Ok(Value::Object(_)) => "No default entry in JSON message body",
            _ => "JSON message body failed to parse",
        },
        Some(_) => return Err(invalid("MessageStructure", "")),
    };
    Err(invalid("Message Structure -", reason))
}

/// Subject rules of `Publish`: ASCII, begins with a letter, number or punctuation mark, no line breaks or control
/// characters, less than 100 characters long.
fn check_subject(subject: &str) -> Result<(), ApiError> {
    let printable = subject.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    let begins = subject.chars().next().is_some_and(|c| c.is_ascii_graphic());
    if printable && begins && subject.len() < 100 {
        Ok(())
    } else {
        Err(invalid("Subject", ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_follow_the_rules_of_the_api() {
        let ninety_nine = "s".repeat(99);
        for good in ["Hot: property-001", "1", "!", ninety_nine.as_str()] {
            assert_eq!(check_subject(good), Ok(()), "{good:?}");
        }
        let hundred = "s".repeat(100);
        for bad in [
            "",
            " leading blank",
            "line\nbreak",
            "tab\there",
            "30 °C",
            "bell\u{7}",
            hundred.as_str(),
        ] {
            assert_eq!(
                check_subject(bad).unwrap_err().message,
                "Invalid parameter: Subject",
                "{bad:?}"
            );
        }
    }
}
