//! What SNS remembers.

use std::collections::BTreeMap;

use super::{attribute::PublishedAttribute, filter::FilterPolicy};

/// Topics, subscriptions and accepted messages.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// By ARN; settable attributes only.
    pub(super) topics: BTreeMap<String, BTreeMap<String, String>>,
    /// In the order of their creation.
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) published: Vec<PublishedMessage>,
}

/// A subscription of a topic.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) arn: String,
    pub(super) topic_arn: String,
    pub(super) protocol: String,
    pub(super) endpoint: String,
    /// Waits for a confirmation nobody can give here; nothing is delivered.
    pub(super) pending: bool,
    /// As set, text and all.
    pub(super) attributes: BTreeMap<String, String>,
    /// The parsed `FilterPolicy`.
    pub(super) filter: Option<FilterPolicy>,
    /// The queue of `RedrivePolicy`.
    pub(super) dead_letter_queue: Option<String>,
}

impl Subscription {
    /// Whether the message goes out without the SNS envelope.
    pub(super) fn raw(&self) -> bool {
        self.attributes
            .get("RawMessageDelivery")
            .is_some_and(|value| value == "true")
    }
}

/// A message a topic accepted, whoever received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedMessage {
    /// The topic.
    pub topic_arn: String,
    /// The id SNS gave it.
    pub message_id: String,
    /// Subject, if any.
    pub subject: Option<String>,
    /// Message text; with `MessageStructure=json` the whole JSON text.
    pub message: String,
    /// Message attributes by name.
    pub attributes: BTreeMap<String, PublishedAttribute>,
    /// When, by the injected clock (ms since the epoch).
    pub at_ms: u64,
}
