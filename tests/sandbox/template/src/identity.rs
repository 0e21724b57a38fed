//! What AWS calls a resource: its physical id (what `Ref` gives) and its attributes (what `Fn::GetAtt` gives), as the
//! "Return values" of the resource's page in the CloudFormation template reference say.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::environment::Environment;
use crate::path::Path;
use crate::scalar::text;
use crate::{Problem, TemplateError, derived};

/// Names of one resource.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) type_name: String,
    pub(crate) physical_id: String,
    pub(crate) attributes: BTreeMap<String, String>,
}

/// Types with an identity, so that a type is checked even where a condition leaves the resource out.
const SUPPORTED: &[&str] = &[
    "AWS::CloudWatch::Alarm",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::IoT::Authorizer",
    "AWS::IoT::DomainConfiguration",
    "AWS::IoT::Policy",
    "AWS::IoT::ProvisioningTemplate",
    "AWS::IoT::ThingGroup",
    "AWS::IoT::ThingType",
    "AWS::IoT::TopicRule",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Serverless::Function",
    "AWS::Timestream::Database",
    "AWS::Timestream::Table",
];

pub(crate) fn check_type(type_name: &str, path: &Path<'_>) -> Result<(), TemplateError> {
    if SUPPORTED.contains(&type_name) {
        Ok(())
    } else {
        Err(path
            .key("Type")
            .error(Problem::UnsupportedType(type_name.to_owned())))
    }
}

/// Computes the names of a resource from its resolved properties.
pub(crate) fn identify(
    environment: &Environment,
    logical_id: &str,
    type_name: &str,
    properties: &Value,
    path: &Path<'_>,
) -> Result<Identity, TemplateError> {
    let maker = Maker {
        environment,
        logical_id,
        properties,
        path,
    };
    let (physical_id, attributes) = maker.names(type_name)?;
    let attributes = attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Ok(Identity {
        type_name: type_name.to_owned(),
        physical_id,
        attributes,
    })
}

struct Maker<'a> {
    environment: &'a Environment,
    logical_id: &'a str,
    properties: &'a Value,
    path: &'a Path<'a>,
}

type Names = (String, Vec<(&'static str, String)>);

impl Maker<'_> {
    fn names(&self, type_name: &str) -> Result<Names, TemplateError> {
        let arn = |service: &str, resource: String| self.environment.arn(service, &resource);
        Ok(match type_name {
            "AWS::Serverless::Function" => self.simple("FunctionName", "lambda", "function:")?,
            "AWS::DynamoDB::Table" => self.simple("TableName", "dynamodb", "table/")?,
            "AWS::SQS::Queue" => {
                let name = self.named("QueueName")?;
                let url = format!(
                    "{}/{}/{name}",
                    self.environment.sqs_endpoint, self.environment.account
                );
                (
                    url.clone(),
                    vec![
                        ("Arn", arn("sqs", name.clone())),
                        ("QueueName", name),
                        ("QueueUrl", url),
                    ],
                )
            }
            "AWS::SNS::Topic" => {
                let name = self.named("TopicName")?;
                let arn = arn("sns", name.clone());
                (arn.clone(), vec![("TopicArn", arn), ("TopicName", name)])
            }
            "AWS::SNS::Subscription" => {
                let arn = format!("{}:{}", self.required("TopicArn")?, self.uuid());
                (arn.clone(), vec![("Arn", arn)])
            }
            "AWS::IAM::Role" => {
                let name = self.named("RoleName")?;
                // IAM is global: its ARNs carry no Region.
                let arn = format!(
                    "arn:{}:iam::{}:role/{name}",
                    self.environment.partition(),
                    self.environment.account
                );
                (
                    name,
                    vec![("Arn", arn), ("RoleId", format!("AROA{}", self.suffix(17)))],
                )
            }
            "AWS::KMS::Key" => {
                let id = self.uuid();
                (
                    id.clone(),
                    vec![("Arn", arn("kms", format!("key/{id}"))), ("KeyId", id)],
                )
            }
            "AWS::KMS::Alias" => (self.required("AliasName")?, vec![]),
            "AWS::Logs::LogGroup" => {
                let name = self.named("LogGroupName")?;
                // With the ":*" that the attribute has in CloudFormation.
                (
                    name.clone(),
                    vec![("Arn", arn("logs", format!("log-group:{name}:*")))],
                )
            }
            "AWS::IoT::TopicRule" => {
                let name = self.named("RuleName")?;
                if !name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                {
                    return Err(self
                        .path
                        .key("RuleName")
                        .expected("letters, digits and underscores only"));
                }
                (
                    name.clone(),
                    vec![("Arn", arn("iot", format!("rule/{name}")))],
                )
            }
            "AWS::IoT::Authorizer" => self.simple("AuthorizerName", "iot", "authorizer/")?,
            "AWS::IoT::DomainConfiguration" => {
                let name = self.named("DomainConfigurationName")?;
                let id = self.suffix(5).to_ascii_lowercase();
                let domain = match self.optional("DomainName")? {
                    Some(_) => "CUSTOMER_MANAGED",
                    None => "AWS_MANAGED",
                };
                (
                    name.clone(),
                    vec![
                        (
                            "Arn",
                            arn("iot", format!("domainconfiguration/{name}/{id}")),
                        ),
                        ("DomainType", domain.to_owned()),
                    ],
                )
            }
            "AWS::IoT::ProvisioningTemplate" => {
                let name = self.required("TemplateName")?;
                let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
                if !(1..=36).contains(&name.len()) || !name.bytes().all(valid) {
                    return Err(self
                        .path
                        .key("TemplateName")
                        .expected("1 to 36 letters, digits, underscores and hyphens"));
                }
                let arn = arn("iot", format!("provisioningtemplate/{name}"));
                (name, vec![("TemplateArn", arn)])
            }
            "AWS::IoT::ThingType" => self.iot("ThingTypeName", "thingtype")?,
            "AWS::IoT::ThingGroup" => self.iot("ThingGroupName", "thinggroup")?,
            "AWS::IoT::Policy" => self.iot("PolicyName", "policy")?,
            "AWS::SSM::Parameter" => (
                self.named("Name")?,
                vec![
                    ("Type", self.required("Type")?),
                    ("Value", self.required("Value")?),
                ],
            ),
            "AWS::Scheduler::ScheduleGroup" => {
                self.simple("Name", "scheduler", "schedule-group/")?
            }
            "AWS::Scheduler::Schedule" => {
                let name = self.named("Name")?;
                let group = self
                    .optional("GroupName")?
                    .unwrap_or_else(|| "default".to_owned());
                (
                    name.clone(),
                    vec![("Arn", arn("scheduler", format!("schedule/{group}/{name}")))],
                )
            }
            "AWS::Timestream::Database" => {
                self.simple("DatabaseName", "timestream", "database/")?
            }
            "AWS::Timestream::Table" => {
                let (database, name) = (self.required("DatabaseName")?, self.named("TableName")?);
                let arn = arn("timestream", format!("database/{database}/table/{name}"));
                (
                    format!("{database}|{name}"),
                    vec![("Arn", arn), ("Name", name)],
                )
            }
            "AWS::CloudWatch::Alarm" => self.simple("AlarmName", "cloudwatch", "alarm:")?,
            "AWS::S3::Bucket" => {
                let name = self.required("BucketName")?;
                let arn = format!("arn:{}:s3:::{name}", self.environment.partition());
                (
                    name.clone(),
                    vec![
                        ("Arn", arn),
                        ("DomainName", format!("{name}.s3.amazonaws.com")),
                    ],
                )
            }
            // Nothing in a template can use the names of these.
            "AWS::Lambda::Permission"
            | "AWS::S3::BucketPolicy"
            | "AWS::SNS::TopicPolicy"
            | "AWS::SQS::QueuePolicy" => (self.generated(), vec![]),
            other => return Err(self.path.error(Problem::UnsupportedType(other.to_owned()))),
        })
    }

    /// A name, and an ARN that ends in it.
    fn simple(&self, property: &str, service: &str, kind: &str) -> Result<Names, TemplateError> {
        let name = self.named(property)?;
        let arn = self.environment.arn(service, &format!("{kind}{name}"));
        Ok((name, vec![("Arn", arn)]))
    }

    fn iot(&self, property: &str, kind: &str) -> Result<Names, TemplateError> {
        let name = self.named(property)?;
        let arn = self.environment.arn("iot", &format!("{kind}/{name}"));
        Ok((name, vec![("Arn", arn), ("Id", self.uuid())]))
    }

    fn optional(&self, property: &str) -> Result<Option<String>, TemplateError> {
        self.properties
            .get(property)
            .map(|value| text(value, &self.path.key(property)))
            .transpose()
    }

    fn required(&self, property: &'static str) -> Result<String, TemplateError> {
        self.optional(property)?
            .ok_or_else(|| self.path.error(Problem::Missing(property)))
    }

    fn named(&self, property: &str) -> Result<String, TemplateError> {
        Ok(self.optional(property)?.unwrap_or_else(|| self.generated()))
    }

    /// AWS makes `<stack>-<logical id>-<random>`.
    fn generated(&self) -> String {
        format!(
            "{}-{}-{}",
            self.environment.stack_name,
            self.logical_id,
            self.suffix(12)
        )
    }

    fn suffix(&self, length: usize) -> String {
        derived::letters(&[&self.environment.stack_name, self.logical_id], length)
    }

    fn uuid(&self) -> String {
        derived::uuid(&[&self.environment.stack_name, self.logical_id])
    }
}
