//! Refused messages in an SQS queue, for people to look at and to send again.

use aws_sdk_sqs::{Client, error::BuildError, types::MessageAttributeValue};
use sci_domain::{
    ports::{PortFailure, RefusedMessages},
    refusal::Refusal,
};
use serde_json::json;

use crate::{
    aws_clients::Lazily,
    sdk_error::{failure, misconfigured},
};

/// What SQS takes with attributes: 1 MiB. An asynchronous event has at most 1 MB, and its text grows when it is quoted.
/// Source: Amazon SQS message quotas.
const MAX_BYTES: usize = 1024 * 1024;

/// [`RefusedMessages`] in one SQS queue.
#[derive(Debug, Clone)]
pub struct SqsRefusedMessages {
    client: Lazily<Client>,
    queue_url: String,
    function: &'static str,
}

impl SqsRefusedMessages {
    /// Keeps what `function` refuses in `queue_url`.
    #[must_use]
    pub const fn new(client: Lazily<Client>, queue_url: String, function: &'static str) -> Self {
        Self {
            client,
            queue_url,
            function,
        }
    }
}

/// The event goes in as a text, not as JSON: it is kept as it came, also when it is not valid JSON.
fn body(function: &str, refusal: &Refusal, event: &str) -> String {
    json!({
        "reason": refusal.reason.code(),
        "detail": refusal.detail,
        "function": function,
        "event": event,
    })
    .to_string()
}

fn attribute(value: &str) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
}

impl RefusedMessages for SqsRefusedMessages {
    async fn keep(&self, refusal: &Refusal, event: &str) -> Result<(), PortFailure> {
        const KEEP: &str = "keep a refused message";
        let body = body(self.function, refusal, event);
        // Room for the attributes' names, types and values.
        if body.len() > MAX_BYTES - 1024 {
            return Err(misconfigured(
                KEEP,
                "the event is too long for SQS; its copy is in the failure queue",
            ));
        }
        let attribute = |value| attribute(value).map_err(|error| misconfigured(KEEP, error));
        let sent = self
            .client
            .get()
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(body)
            .message_attributes("reason", attribute(refusal.reason.code())?)
            .message_attributes("function", attribute(self.function)?)
            .send()
            .await;
        sent.map_err(|error| failure(KEEP, error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sci_domain::refusal::Reason;
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_event_is_kept_verbatim() {
        let event = "{\"temperature\": 1e400, \"thing\": \"\\ud800\"}\n";
        let refusal = Refusal::new(Reason::NumberOutOfRange, "temperature is too large");
        let body: Value =
            serde_json::from_str(&body("high-temp-processor", &refusal, event)).unwrap();
        assert_eq!(body["event"], event);
        assert_eq!(body["reason"], "number-out-of-range");
        assert_eq!(body["function"], "high-temp-processor");
    }
}
