//! Cases of a second key, told to operators through SNS.

use aws_sdk_sns::Client;
use sci_domain::{
    admission::{Operators, upkeep::CaseNotice},
    ports::PortFailure,
};

use crate::{aws_clients::Lazily, sdk_error::failure};

/// [`Operators`] on one SNS topic.
#[derive(Debug, Clone)]
pub struct SnsOperators {
    client: Lazily<Client>,
    topic_arn: String,
}

impl SnsOperators {
    /// Publishes to `topic_arn`.
    #[must_use]
    pub const fn new(client: Lazily<Client>, topic_arn: String) -> Self {
        Self { client, topic_arn }
    }
}

impl Operators for SnsOperators {
    /// `sns:Publish`.
    async fn tell(&self, notice: &CaseNotice) -> Result<(), PortFailure> {
        let request = self.client.get().publish().topic_arn(&self.topic_arn);
        let request = request.subject(notice.subject()).message(notice.text());
        let sent = request.send().await;
        sent.map(|_| ())
            .map_err(|error| failure("tell operators of a second key", error))
    }
}
