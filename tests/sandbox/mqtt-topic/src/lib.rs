//! MQTT topic names and topic filters with AWS IoT Core's matching rules and limits.
//!
//! Pure: no I/O, no clock. Where AWS IoT Core and the MQTT specification differ, AWS wins:
//! `sensor/#` does **not** match `sensor` (AWS IoT developer guide, "MQTT topics").
//!
//! ```
//! use mqtt_topic::{TopicFilter, TopicName};
//! let filter = TopicFilter::parse("sensors/+/data")?;
//! assert!(filter.matches(&TopicName::parse("sensors/sci-p1-env-1/data")?));
//! # Ok::<(), mqtt_topic::InvalidTopic>(())
//! ```

use std::fmt;

/// Most bytes that a topic may have, without a Basic Ingest prefix. Source: AWS IoT Core quotas, "Maximum topic size".
pub const MAX_TOPIC_BYTES: usize = 256;
/// Most forward slashes that a topic may have, without a mandatory reserved prefix.
/// Source: AWS IoT Core quotas, "Maximum number of slashes in topic and topic filter".
pub const MAX_SLASHES: usize = 7;

const BASIC_INGEST: &str = "$aws/rules/";

/// Why a text is not a topic name or a topic filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidTopic {
    /// The text is empty.
    Empty,
    /// The text is longer than [`MAX_TOPIC_BYTES`].
    TooLong,
    /// The text has more slashes than [`MAX_SLASHES`].
    TooManyLevels,
    /// The text holds U+0000, which MQTT forbids.
    Nul,
    /// A topic name holds `+` or `#`.
    WildcardInName,
    /// `+` shares its level with other characters, or `#` is not alone in the last level.
    MisplacedWildcard,
}

impl fmt::Display for InvalidTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a topic must not be empty",
            Self::TooLong => "a topic must not be longer than 256 bytes",
            Self::TooManyLevels => "a topic must not have more than 7 forward slashes",
            Self::Nul => "a topic must not hold U+0000",
            Self::WildcardInName => "a topic name must not hold `+` or `#`",
            Self::MisplacedWildcard => {
                "`+` must be alone in its level and `#` alone in the last level"
            }
        })
    }
}

impl std::error::Error for InvalidTopic {}

/// A topic to publish to: 1 to 256 bytes, at most 8 levels, no wildcards.
/// A Basic Ingest prefix `$aws/rules/<rule>/` counts towards neither limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicName(String);

impl TopicName {
    /// Reads a topic name.
    ///
    /// # Errors
    /// [`InvalidTopic`] says which rule the text breaks.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidTopic> {
        let text = text.into();
        if text.contains(['+', '#']) {
            return Err(InvalidTopic::WildcardInName);
        }
        check_limits(&text)?;
        Ok(Self(text))
    }

    /// The topic as the client sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Splits a Basic Ingest topic `$aws/rules/<rule>/<rest>` into the rule's name and the rest, which may be empty.
    #[must_use]
    pub fn basic_ingest(&self) -> Option<(&str, &str)> {
        let (rule, rest) = split_basic_ingest(&self.0)?;
        Some((rule, rest))
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A pattern to subscribe or to select with: `+` stands for one level, a final `#` for one or more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicFilter(String);

impl TopicFilter {
    /// Reads a topic filter.
    ///
    /// # Errors
    /// [`InvalidTopic`] says which rule the text breaks.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidTopic> {
        let text = text.into();
        check_limits(&text)?;
        let mut levels = text.split('/').peekable();
        while let Some(level) = levels.next() {
            let last = levels.peek().is_none();
            let lone = level == "+" || (level == "#" && last);
            if level.contains(['+', '#']) && !lone {
                return Err(InvalidTopic::MisplacedWildcard);
            }
        }
        Ok(Self(text))
    }

    /// The filter as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a message on `topic` is selected.
    ///
    /// `a/#` matches `a/` and `a/b` but not `a` (AWS's rule). A wildcard in the first level does not match a topic that
    /// begins with `$` (the MQTT rule; AWS does not state it: unconfirmed).
    #[must_use]
    pub fn matches(&self, topic: &TopicName) -> bool {
        let (filter, topic) = (self.as_str(), topic.as_str());
        if topic.starts_with('$') && filter.starts_with(['+', '#']) {
            return false;
        }
        let (mut wanted, mut given) = (filter.split('/'), topic.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some("#"), Some(_)) => return true,
                (Some("+"), Some(_)) => {}
                (Some(w), Some(g)) if w == g => {}
                _ => return false,
            }
        }
    }
}

impl fmt::Display for TopicFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn split_basic_ingest(text: &str) -> Option<(&str, &str)> {
    let (rule, rest) = text.strip_prefix(BASIC_INGEST)?.split_once('/')?;
    (!rule.is_empty()).then_some((rule, rest))
}

fn check_limits(text: &str) -> Result<(), InvalidTopic> {
    if text.is_empty() {
        return Err(InvalidTopic::Empty);
    }
    if text.contains('\0') {
        return Err(InvalidTopic::Nul);
    }
    let counted = split_basic_ingest(text).map_or(text, |(_, rest)| rest);
    if counted.len() > MAX_TOPIC_BYTES {
        return Err(InvalidTopic::TooLong);
    }
    // Other reserved prefixes (`$aws/things/<thing>/shadow/name/<shadow>/update/accepted` has 8 slashes) are mandatory
    // segments too; AWS names the exemption without listing each prefix (unconfirmed): `$aws/` topics are not counted.
    if !text.starts_with("$aws/") && counted.matches('/').count() > MAX_SLASHES {
        return Err(InvalidTopic::TooManyLevels);
    }
    if split_basic_ingest(text).is_some() && counted.matches('/').count() > MAX_SLASHES {
        return Err(InvalidTopic::TooManyLevels);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(filter: &str, topic: &str) -> bool {
        TopicFilter::parse(filter)
            .unwrap()
            .matches(&TopicName::parse(topic).unwrap())
    }

    #[test]
    fn awss_examples() {
        for (filter, topic, expected) in [
            ("sensor/#", "sensor/", true),
            ("sensor/#", "sensor/temperature", true),
            ("sensor/#", "sensor/temperature/room1", true),
            ("sensor/#", "sensor", false),
            ("sensor/+/room1", "sensor/temperature/room1", true),
            ("sensor/+/room1", "sensor/temperature/room2", false),
            ("+", "a", true),
            ("+", "a/b", false),
            ("a/+", "a/", true),
            ("a/+", "a", false),
            ("+/+", "/a", true),
            ("#", "a/b/c", true),
            ("a/b", "A/b", false),
            ("#", "$aws/events/x", false),
            ("+/events/x", "$aws/events/x", false),
            ("$aws/events/#", "$aws/events/x", true),
            (
                "$aws/things/+/shadow/update",
                "$aws/things/t/shadow/update",
                true,
            ),
        ] {
            assert_eq!(matches(filter, topic), expected, "{filter} on {topic}");
        }
    }

    #[test]
    fn limits_and_wildcards() {
        for (text, why) in [
            ("", InvalidTopic::Empty),
            ("a\0b", InvalidTopic::Nul),
            ("a/b+", InvalidTopic::MisplacedWildcard),
            ("#/a", InvalidTopic::MisplacedWildcard),
            ("a/#b", InvalidTopic::MisplacedWildcard),
            ("1/2/3/4/5/6/7/8/9", InvalidTopic::TooManyLevels),
        ] {
            assert_eq!(TopicFilter::parse(text), Err(why), "{text}");
        }
        assert_eq!(TopicName::parse("a/+"), Err(InvalidTopic::WildcardInName));
        assert_eq!(
            TopicName::parse("é".repeat(129)),
            Err(InvalidTopic::TooLong)
        );
        assert!(TopicName::parse("1/2/3/4/5/6/7/8").is_ok());
        assert!(TopicName::parse(format!("$aws/rules/r/{}", "a".repeat(256))).is_ok());
        assert_eq!(
            TopicName::parse("$aws/rules/r/1/2/3/4/5/6/7/8/9"),
            Err(InvalidTopic::TooManyLevels)
        );
    }

    #[test]
    fn basic_ingest_is_split_off() {
        let topic = TopicName::parse("$aws/rules/SCI_Rule/sci/p/1").unwrap();
        assert_eq!(topic.basic_ingest(), Some(("SCI_Rule", "sci/p/1")));
        assert_eq!(
            TopicName::parse("$aws/rules/r").unwrap().basic_ingest(),
            None
        );
    }

    /// The second, obvious implementation: a regular expression in spirit, by recursion over levels.
    fn oracle(filter: &[&str], topic: &[&str]) -> bool {
        match (filter, topic) {
            ([], []) => true,
            (["#"], [_, ..]) => true,
            (["+", f @ ..], [_, t @ ..]) => oracle(f, t),
            ([a, f @ ..], [b, t @ ..]) => a == b && oracle(f, t),
            _ => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]
        #[test]
        fn agrees_with_the_oracle(
            f in prop::collection::vec(prop::sample::select(vec!["a", "b", "", "+", "#"]), 1..6),
            t in prop::collection::vec(prop::sample::select(vec!["a", "b", ""]), 1..6),
        ) {
            let (ft, tt) = (f.join("/"), t.join("/"));
            if let (Ok(filter), Ok(topic)) = (TopicFilter::parse(ft), TopicName::parse(tt)) {
                prop_assert_eq!(filter.matches(&topic), oracle(&f, &t));
            }
        }
    }
}
