//! A resolved template.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::TemplateError;
use crate::views::{
    Authorizer, DomainConfiguration, Function, IotPolicy, Permission, ProvisioningTemplate, Queue,
    Role, Schedule, Table, ThingGroup, ThingType, TimestreamDatabase, TimestreamTable, Topic,
    TopicRule, Views,
};

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its name in the template.
    pub logical_id: String,
    /// For example `AWS::SQS::Queue`.
    pub type_: String,
    /// What `Ref` gives.
    pub physical_id: String,
    /// The properties, every intrinsic function resolved, SAM's globals merged in.
    pub properties: Value,
    /// What `Fn::GetAtt` gives.
    pub attributes: BTreeMap<String, String>,
    /// Logical ids of the resources that must exist first.
    pub depends_on: Vec<String>,
    /// The resource's `Metadata`, as written.
    pub metadata: Value,
}

/// What a template makes: resources in an order in which they can be made, and outputs.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Each after those it depends on.
    pub resources: Vec<Resource>,
    /// By name.
    pub outputs: BTreeMap<String, String>,
    views: Views,
}

impl Stack {
    pub(crate) fn new(
        resources: Vec<Resource>,
        outputs: BTreeMap<String, String>,
    ) -> Result<Self, TemplateError> {
        let views = Views::of(&resources)?;
        Ok(Self {
            resources,
            outputs,
            views,
        })
    }

    /// The resource with this logical id, unless a condition leaves it out.
    #[must_use]
    pub fn resource(&self, logical_id: &str) -> Option<&Resource> {
        self.resources
            .iter()
            .find(|resource| resource.logical_id == logical_id)
    }

    /// The resources of one type.
    pub fn of_type<'a>(&'a self, type_: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources
            .iter()
            .filter(move |resource| resource.type_ == type_)
    }

    /// Lambda functions.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        &self.views.functions
    }

    /// Who may invoke the functions.
    #[must_use]
    pub fn permissions(&self) -> &[Permission] {
        &self.views.permissions
    }

    /// DynamoDB tables.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.views.tables
    }

    /// SQS queues.
    #[must_use]
    pub fn queues(&self) -> &[Queue] {
        &self.views.queues
    }

    /// SNS topics with their subscriptions.
    #[must_use]
    pub fn topics(&self) -> &[Topic] {
        &self.views.topics
    }

    /// AWS IoT topic rules.
    #[must_use]
    pub fn topic_rules(&self) -> &[TopicRule] {
        &self.views.topic_rules
    }

    /// AWS IoT custom authorizers.
    #[must_use]
    pub fn authorizers(&self) -> &[Authorizer] {
        &self.views.authorizers
    }

    /// AWS IoT domain configurations.
    #[must_use]
    pub fn domain_configurations(&self) -> &[DomainConfiguration] {
        &self.views.domain_configurations
    }

    /// AWS IoT device policies.
    #[must_use]
    pub fn iot_policies(&self) -> &[IotPolicy] {
        &self.views.iot_policies
    }

    /// AWS IoT provisioning templates.
    #[must_use]
    pub fn provisioning_templates(&self) -> &[ProvisioningTemplate] {
        &self.views.provisioning_templates
    }

    /// AWS IoT thing types.
    #[must_use]
    pub fn thing_types(&self) -> &[ThingType] {
        &self.views.thing_types
    }

    /// AWS IoT thing groups.
    #[must_use]
    pub fn thing_groups(&self) -> &[ThingGroup] {
        &self.views.thing_groups
    }

    /// EventBridge Scheduler schedules.
    #[must_use]
    pub fn schedules(&self) -> &[Schedule] {
        &self.views.schedules
    }

    /// Timestream databases.
    #[must_use]
    pub fn timestream_databases(&self) -> &[TimestreamDatabase] {
        &self.views.timestream_databases
    }

    /// Timestream tables.
    #[must_use]
    pub fn timestream_tables(&self) -> &[TimestreamTable] {
        &self.views.timestream_tables
    }

    /// IAM roles with their statements.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.views.roles
    }
}
