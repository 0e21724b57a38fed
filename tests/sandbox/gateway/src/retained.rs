//! Retained messages: the last one of each topic.

use std::collections::BTreeMap;
use std::sync::Arc;

use mqtt_topic::{TopicFilter, TopicName};

use crate::message::Message;

/// A retained message.
#[derive(Debug, Clone)]
pub struct Retained {
    /// The message.
    pub message: Arc<Message>,
    /// When it was stored, epoch milliseconds.
    pub stored_ms: u64,
    /// When it loses its worth, epoch milliseconds.
    pub expires_ms: Option<u64>,
}

/// All retained messages, by topic.
#[derive(Debug, Default)]
pub struct RetainedMessages {
    by_topic: BTreeMap<TopicName, Retained>,
}

impl RetainedMessages {
    /// Stores a message with the RETAIN flag; an empty payload removes what is stored.
    pub fn store(&mut self, message: &Arc<Message>, now_ms: u64, expires_ms: Option<u64>) {
        if message.payload.is_empty() {
            self.by_topic.remove(&message.topic);
            return;
        }
        let kept = Retained { message: Arc::clone(message), stored_ms: now_ms, expires_ms };
        self.by_topic.insert(message.topic.clone(), kept);
    }

    /// The messages a new subscription gets.
    pub fn matching<'a>(&'a self, filter: &'a TopicFilter, now_ms: u64) -> impl Iterator<Item = &'a Retained> {
        self.current(now_ms).filter(move |kept| filter.matches(&kept.message.topic))
    }

    /// The message of one topic.
    #[must_use]
    pub fn get(&self, topic: &str, now_ms: u64) -> Option<&Retained> {
        let topic = TopicName::parse(topic).ok()?;
        self.by_topic.get(&topic).filter(|kept| is_current(kept, now_ms))
    }

    /// All messages in the order of their topics.
    pub fn current(&self, now_ms: u64) -> impl Iterator<Item = &Retained> {
        self.by_topic.values().filter(move |kept| is_current(kept, now_ms))
    }
}

fn is_current(kept: &Retained, now_ms: u64) -> bool {
    kept.expires_ms.is_none_or(|end| now_ms < end)
}
