//! SNS standard topics: query protocol, filter policies, delivery to the embedded queues.

mod attribute;
mod delivery;
mod filter;
mod message;
mod publish;
pub(crate) mod resource;
mod store;
mod subscriptions;
mod topics;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Response;

use crate::{
    api_error::ApiError,
    config::Config,
    sqs::Sqs,
    sync::lock,
    wire::{self, Params, Protocol, Xml},
};

pub use attribute::PublishedAttribute;
pub use store::PublishedMessage;
use store::Store;

/// The service's state.
pub(crate) struct Sns {
    config: Arc<Config>,
    sqs: Arc<Sqs>,
    store: Mutex<Store>,
}

/// Writes the content of an operation's result element.
type Fill = Box<dyn FnOnce(&mut Xml) + Send>;

impl Sns {
    /// No topics yet.
    pub(crate) fn new(config: Arc<Config>, sqs: Arc<Sqs>) -> Self {
        Self {
            config,
            sqs,
            store: Mutex::new(Store::default()),
        }
    }

    /// Messages that topics accepted, in order.
    pub(crate) fn published(&self) -> Vec<PublishedMessage> {
        lock(&self.store).published.clone()
    }

    /// Answers one operation.
    ///
    /// # Errors
    /// The service's own error, or one that names what is not supported.
    pub(crate) async fn handle(
        &self,
        operation: &str,
        body: &[u8],
    ) -> Result<Response<Bytes>, ApiError> {
        let mut params = Params::parse(body);
        let fill = match operation {
            "CreateTopic" => self.create_topic(&mut params)?,
            "DeleteTopic" => self.delete_topic(&mut params)?,
            "GetSubscriptionAttributes" => self.get_subscription_attributes(&mut params)?,
            "GetTopicAttributes" => self.get_topic_attributes(&mut params)?,
            "ListSubscriptions" => self.list_subscriptions(&mut params, None)?,
            "ListSubscriptionsByTopic" => {
                let topic = params.require("TopicArn")?;
                self.list_subscriptions(&mut params, Some(&topic))?
            }
            "ListTopics" => self.list_topics(&mut params)?,
            "Publish" => self.publish(&mut params).await?,
            "PublishBatch" => self.publish_batch(&mut params).await?,
            "SetSubscriptionAttributes" => self.set_subscription_attributes(&mut params)?,
            "SetTopicAttributes" => self.set_topic_attributes(&mut params)?,
            "Subscribe" => self.subscribe(&mut params).await?,
            "Unsubscribe" => self.unsubscribe(&mut params)?,
            _ => {
                return Err(ApiError::unsupported(
                    "InvalidAction",
                    format!("the SNS operation `{operation}`"),
                ));
            }
        };
        let Protocol::Query { xmlns } = wire::SNS else {
            return Err(ApiError::new(500, "InternalError", "SNS speaks query"));
        };
        Ok(Protocol::result(xmlns, operation, fill))
    }
}

/// `InvalidParameter`, in AWS's words.
fn invalid(parameter: &str, reason: &str) -> ApiError {
    let reason = if reason.is_empty() {
        String::new()
    } else {
        format!(" Reason: {reason}")
    };
    ApiError::new(
        400,
        "InvalidParameter",
        format!("Invalid parameter: {parameter}{reason}"),
    )
}

/// `NotFound` for a topic or subscription.
fn not_found(what: &str) -> ApiError {
    ApiError::new(404, "NotFound", format!("{what} does not exist"))
}

/// Nothing in the result element.
fn empty() -> Fill {
    Box::new(|_| {})
}

/// Refuses what the operation did not ask for; call it before any effect.
fn no_more(params: &mut Params, operation: &str) -> Result<(), ApiError> {
    std::mem::take(params).finish(operation)
}
