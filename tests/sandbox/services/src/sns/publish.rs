//! `Publish` and `PublishBatch`.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    Fill, Sns, invalid,
    message::{MAX_BYTES, Message},
    no_more, not_found,
    store::{PublishedMessage, Subscription},
};
use crate::{api_error::ApiError, sync::lock, wire::Params};

impl Sns {
    pub(super) async fn publish(&self, params: &mut Params) -> Result<Fill, ApiError> {
        let topic = match (params.take("TopicArn"), params.take("TargetArn")) {
            (Some(arn), None) | (None, Some(arn)) => arn,
            _ if params.take("PhoneNumber").is_some() => {
                return Err(ApiError::unsupported(
                    "InvalidParameter",
                    "publishing to a PhoneNumber",
                ));
            }
            _ => return Err(invalid("TopicArn or TargetArn", "exactly one is required")),
        };
        let message = Message::take(params)?;
        let id = self.accept(&topic, message).await?;
        Ok(Box::new(move |xml| xml.text("MessageId", &id)))
    }

    pub(super) async fn publish_batch(&self, params: &mut Params) -> Result<Fill, ApiError> {
        let topic = params.require("TopicArn")?;
        let entries = params.take_list("PublishBatchRequestEntries.member");
        no_more(params, "PublishBatch")?;
        self.subscribers(&topic)?;
        let entries = read_batch(entries)?;

        let mut outcomes = Vec::new();
        for (id, message) in entries {
            let outcome = match message {
                Ok(message) => self.accept(&topic, message).await,
                Err(error) => Err(error),
            };
            outcomes.push((id, outcome));
        }
        Ok(Box::new(move |xml| {
            let (done, failed): (Vec<_>, Vec<_>) = outcomes
                .into_iter()
                .partition(|(_, outcome)| outcome.is_ok());
            xml.open("Successful");
            for (id, message_id) in done
                .into_iter()
                .filter_map(|(id, outcome)| Some((id, outcome.ok()?)))
            {
                xml.open("member");
                xml.text("Id", &id);
                xml.text("MessageId", &message_id);
                xml.close();
            }
            xml.close();
            xml.open("Failed");
            for (id, error) in failed
                .into_iter()
                .filter_map(|(id, outcome)| Some((id, outcome.err()?)))
            {
                xml.open("member");
                xml.text("Id", &id);
                xml.text("Code", &error.code);
                xml.text("Message", &error.message);
                xml.text(
                    "SenderFault",
                    if error.status < 500 { "true" } else { "false" },
                );
                xml.close();
            }
            xml.close();
        }))
    }

    /// Takes a message and delivers it; a delivery that fails is no error of the publisher.
    pub(super) async fn accept(&self, topic: &str, message: Message) -> Result<String, ApiError> {
        let subscribers = self.subscribers(topic)?;
        let published = PublishedMessage {
            topic_arn: topic.to_owned(),
            message_id: Uuid::new_v4().to_string(),
            subject: message.subject.clone(),
            message: message.text.clone(),
            attributes: message.attributes.clone(),
            at_ms: self.config.now_ms(),
        };
        let id = published.message_id.clone();
        lock(&self.store).published.push(published.clone());
        for subscription in subscribers
            .iter()
            .filter(|subscription| !subscription.pending)
        {
            self.deliver(subscription, &published, &message).await;
        }
        Ok(id)
    }

    fn subscribers(&self, topic: &str) -> Result<Vec<Subscription>, ApiError> {
        if !topic.starts_with("arn:aws:sns:") {
            return Err(invalid(
                "TopicArn",
                "An ARN must have at least 6 elements, not 1",
            ));
        }
        let store = lock(&self.store);
        if !store.topics.contains_key(topic) {
            return Err(not_found("Topic"));
        }
        Ok(store
            .subscriptions
            .iter()
            .filter(|subscription| subscription.topic_arn == topic)
            .cloned()
            .collect())
    }
}

type Entry = (String, Result<Message, ApiError>);

/// Rules on the batch as a whole fail it as a whole; a bad entry fails alone.
fn read_batch(entries: Vec<Params>) -> Result<Vec<Entry>, ApiError> {
    let refuse = |code: &str, message: &str| Err(ApiError::new(400, code, message));
    if entries.is_empty() {
        return refuse(
            "EmptyBatchRequest",
            "The batch request doesn't contain any entries.",
        );
    }
    if entries.len() > 10 {
        return refuse(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible (10).",
        );
    }
    let mut ids = BTreeSet::new();
    let mut read = Vec::new();
    for mut entry in entries {
        let id = entry.require("Id")?;
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if id.is_empty() || id.len() > 80 || !id.chars().all(known) {
            return refuse(
                "InvalidBatchEntryId",
                "The Id of a batch entry in a batch request doesn't abide by the specification.",
            );
        }
        if !ids.insert(id.clone()) {
            return refuse(
                "BatchEntryIdsNotDistinct",
                "Two or more batch entries in the request have the same Id.",
            );
        }
        read.push((id, Message::take(&mut entry)));
    }
    let size: usize = read
        .iter()
        .filter_map(|(_, message)| Some(message.as_ref().ok()?.size()))
        .sum();
    if size > MAX_BYTES {
        return refuse(
            "BatchRequestTooLong",
            "The length of all the batch messages put together is more than the limit.",
        );
    }
    Ok(read)
}
