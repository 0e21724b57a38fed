//! Creates what a CloudFormation template declares, without going through HTTP.

use std::fmt;

use serde_json::Value;

use crate::{api_error::ApiError, dynamodb, services::Services, sns, sqs, ssm, timestream};

/// Why a resource could not be made or a message not be sent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ServiceError {
    /// No service here makes resources of this type.
    UnknownResourceType(String),
    /// A property that is neither handled nor on the documented list of ignored ones.
    UnknownProperty {
        /// CloudFormation type.
        resource_type: &'static str,
        /// Property name.
        property: String,
    },
    /// A property with a value that cannot be.
    InvalidProperty {
        /// CloudFormation type.
        resource_type: &'static str,
        /// Property name.
        property: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The service refused the call.
    Refused {
        /// Service name.
        service: &'static str,
        /// Operation.
        operation: String,
        /// The service's error code.
        code: String,
        /// The service's text.
        message: String,
    },
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownResourceType(name) => write!(
                f,
                "resource type {name} is not one the sandbox's services make"
            ),
            Self::UnknownProperty {
                resource_type,
                property,
            } => {
                write!(
                    f,
                    "property {property} of {resource_type} is not supported by the sandbox"
                )
            }
            Self::InvalidProperty {
                resource_type,
                property,
                reason,
            } => {
                write!(f, "property {property} of {resource_type} {reason}")
            }
            Self::Refused {
                service,
                operation,
                code,
                message,
            } => {
                write!(f, "{service} {operation} answered {code}: {message}")
            }
        }
    }
}

impl std::error::Error for ServiceError {}

impl ServiceError {
    /// Wraps a service's answer.
    pub(crate) fn refused(service: &'static str, operation: &str, error: ApiError) -> Self {
        Self::Refused {
            service,
            operation: operation.to_owned(),
            code: error.code,
            message: error.message,
        }
    }
}

impl Services {
    /// Makes a resource from its CloudFormation type, physical id and resolved properties.
    ///
    /// The physical id is what `Ref` gives for most types: the table's, queue's, parameter's or database's name,
    /// `database|table` for a Timestream table; for a topic its name or its ARN; for a subscription it is not used.
    /// Properties that carry the name are ignored in favour of it. Which properties are ignored is listed in the README.
    ///
    /// # Errors
    /// [`ServiceError`]; an unknown type or property is named.
    pub async fn create_resource(
        &self,
        resource_type: &str,
        physical_id: &str,
        properties: &Value,
    ) -> Result<(), ServiceError> {
        let parts = self.parts();
        match resource_type {
            "AWS::DynamoDB::Table" => {
                dynamodb::resource::create(&parts.dynamodb, physical_id, properties)
            }
            "AWS::SQS::Queue" => sqs::resource::create(&parts.sqs, physical_id, properties).await,
            "AWS::SNS::Topic" => sns::resource::create_topic(&parts.sns, physical_id, properties),
            "AWS::SNS::Subscription" => sns::resource::subscribe(&parts.sns, properties),
            "AWS::SSM::Parameter" => ssm::resource::create(&parts.ssm, physical_id, properties),
            "AWS::Timestream::Database" => {
                timestream::resource::create_database(&parts.timestream, physical_id, properties)
            }
            "AWS::Timestream::Table" => {
                timestream::resource::create_table(&parts.timestream, physical_id, properties)
            }
            // Policies are not enforced between the services.
            "AWS::SQS::QueuePolicy" | "AWS::SNS::TopicPolicy" => Ok(()),
            other => Err(ServiceError::UnknownResourceType(other.to_owned())),
        }
    }

    /// Puts a message on a queue, as a Lambda destination or an IoT rule's error action does.
    ///
    /// `attributes` become string message attributes.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when the queue does not exist or refuses the message.
    pub async fn send_to_queue(
        &self,
        queue_arn: &str,
        body: &str,
        attributes: &[(String, String)],
    ) -> Result<(), ServiceError> {
        let attributes: Vec<_> = attributes
            .iter()
            .map(|(name, value)| sqs::Attribute::string(name, value))
            .collect();
        let sent = self.parts().sqs.send(queue_arn, body, &attributes).await;
        sent.map_err(|error| ServiceError::refused("sqs", "SendMessage", error))
    }
}
