//! Typed views of the resources that the sandbox runs.
//!
//! A view names every property of its type that it honours or that changes nothing locally. Any other property is an
//! error: what the sandbox would silently ignore must not look as if it worked.

mod authorizer;
mod fields;
mod function;
mod iam;
mod iot;
mod provisioning;
mod queue;
mod rule;
mod schedule;
mod table;
mod timestream;
mod topic;

use serde::de::DeserializeOwned;

use crate::path::Path;
use crate::stack::Resource;
use crate::{Problem, TemplateError};

pub use authorizer::{Authorizer, DomainConfiguration};
pub use function::{EventInvoke, Function, Permission};
pub use iam::{Effect, Role, Statement};
pub use iot::{IotPolicy, ThingGroup, ThingType};
pub use provisioning::{ProvisioningKind, ProvisioningTemplate};
pub use queue::Queue;
pub use rule::{RuleAction, SnsMessageFormat, TopicRule};
pub use schedule::Schedule;
pub use table::{Index, Table};
pub use timestream::{TimestreamDatabase, TimestreamTable};
pub use topic::{Subscription, Topic};

/// All views of a stack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Views {
    pub(crate) functions: Vec<Function>,
    pub(crate) permissions: Vec<Permission>,
    pub(crate) tables: Vec<Table>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) topics: Vec<Topic>,
    pub(crate) topic_rules: Vec<TopicRule>,
    pub(crate) authorizers: Vec<Authorizer>,
    pub(crate) domain_configurations: Vec<DomainConfiguration>,
    pub(crate) iot_policies: Vec<IotPolicy>,
    pub(crate) provisioning_templates: Vec<ProvisioningTemplate>,
    pub(crate) thing_types: Vec<ThingType>,
    pub(crate) thing_groups: Vec<ThingGroup>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) timestream_databases: Vec<TimestreamDatabase>,
    pub(crate) timestream_tables: Vec<TimestreamTable>,
    pub(crate) roles: Vec<Role>,
}

impl Views {
    pub(crate) fn of(resources: &[Resource]) -> Result<Self, TemplateError> {
        let mut views = Self::default();
        for resource in resources {
            match resource.type_.as_str() {
                "AWS::Serverless::Function" => {
                    views.functions.push(Function::of(resource, resources)?)
                }
                "AWS::Lambda::Permission" => {
                    views.permissions.push(Permission::of(resource, resources)?)
                }
                "AWS::DynamoDB::Table" => views.tables.push(Table::of(resource)?),
                "AWS::SQS::Queue" => views.queues.push(Queue::of(resource)?),
                "AWS::SNS::Topic" => views.topics.push(Topic::of(resource, resources)?),
                "AWS::IoT::TopicRule" => views.topic_rules.push(TopicRule::of(resource)?),
                "AWS::IoT::Authorizer" => {
                    views.authorizers.push(Authorizer::of(resource, resources)?)
                }
                "AWS::IoT::DomainConfiguration" => views
                    .domain_configurations
                    .push(DomainConfiguration::of(resource, resources)?),
                "AWS::IoT::Policy" => views.iot_policies.push(IotPolicy::of(resource)?),
                "AWS::IoT::ProvisioningTemplate" => views
                    .provisioning_templates
                    .push(ProvisioningTemplate::of(resource, resources)?),
                "AWS::IoT::ThingType" => views.thing_types.push(ThingType::of(resource)?),
                "AWS::IoT::ThingGroup" => views.thing_groups.push(ThingGroup::of(resource)?),
                "AWS::Scheduler::Schedule" => views.schedules.push(Schedule::of(resource)?),
                "AWS::Timestream::Database" => views
                    .timestream_databases
                    .push(TimestreamDatabase::of(resource)?),
                "AWS::Timestream::Table" => {
                    views.timestream_tables.push(TimestreamTable::of(resource)?)
                }
                "AWS::IAM::Role" => views.roles.push(Role::of(resource)?),
                _ => {}
            }
        }
        Ok(views)
    }
}

impl Resource {
    /// Reads the properties as `T`; the error names the property.
    fn read<T: DeserializeOwned>(&self) -> Result<T, TemplateError> {
        serde_path_to_error::deserialize(&self.properties).map_err(|error| {
            let inner = error.path().to_string();
            let path = format!("Resources.{}.Properties", self.logical_id);
            let path = if inner == "." {
                path
            } else {
                format!("{path}.{inner}")
            };
            TemplateError {
                path,
                problem: Problem::UnsupportedProperty(error.into_inner().to_string()),
            }
        })
    }

    fn error(&self, property: &str, problem: Problem) -> TemplateError {
        Path::Root
            .key("Resources")
            .key(&self.logical_id)
            .key("Properties")
            .key(property)
            .error(problem)
    }

    fn arn(&self) -> String {
        self.attributes.get("Arn").cloned().unwrap_or_default()
    }
}
