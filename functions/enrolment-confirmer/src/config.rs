//! Settings of the function, read once at its start.

use sci_adapters::{
    aws_clients::AwsClients,
    dynamodb_admission_store::{AdmissionTables, DynamoDbAdmissionStore},
    sns_operators::SnsOperators,
    sqs_refused_messages::SqsRefusedMessages,
};
use sci_domain::{access::ArnPrefix, settings::InvalidSetting, timestamp::Timestamp};
use sci_iot_control::IotCertificates;
use sci_lambda::{Env, system_clock};

use crate::handler::Handler;

/// The settings.
pub struct Config {
    tables: AdmissionTables,
    operations_topic: String,
    refused_queue: String,
    arn_prefix: String,
}

/// The function as it runs in AWS.
pub type AwsHandler = Handler<
    DynamoDbAdmissionStore,
    IotCertificates,
    SnsOperators,
    SqsRefusedMessages,
    fn() -> Timestamp,
>;

impl Config {
    /// Reads the settings that `functions/enrolment-confirmer/README.md` lists.
    ///
    /// # Errors
    /// The first one that is missing or breaks its rule.
    pub fn read(env: &Env) -> Result<Self, InvalidSetting> {
        let text = |name, rule| env.required(name, rule).map(str::to_owned);
        let (name, rule) = (
            "IOT_ARN_PREFIX",
            "an ARN prefix such as arn:aws:iot:eu-west-1:123456789012",
        );
        let arn_prefix = text(name, rule)?;
        ArnPrefix::parse(&arn_prefix).map_err(|_| InvalidSetting { name, rule })?;
        Ok(Self {
            tables: AdmissionTables::read(env.texts())?,
            operations_topic: text("OPERATIONS_TOPIC_ARN", "the ARN of an SNS topic")?,
            refused_queue: text("REFUSED_QUEUE_URL", "the URL of an SQS queue")?,
            arn_prefix,
        })
    }

    /// The function on AWS. Nothing is called and no client is built yet.
    #[must_use]
    pub fn connect(self, clients: &AwsClients, function: &'static str) -> AwsHandler {
        Handler {
            store: DynamoDbAdmissionStore::new(clients.dynamodb(), self.tables),
            certificates: IotCertificates::new(clients, self.arn_prefix),
            operators: SnsOperators::new(clients.sns(), self.operations_topic),
            refused: SqsRefusedMessages::new(clients.sqs(), self.refused_queue, function),
            clock: system_clock::now,
        }
    }
}
