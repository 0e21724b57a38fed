//! Resource ARNs of AWS IoT Core's data plane.

use std::fmt;

/// Where the resources of a policy live; builds their ARNs.
///
/// Source: AWS IoT developer guide, "Action resources".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// For example `eu-west-1`.
    pub region: String,
    /// Twelve digits.
    pub account: String,
}

impl Arn {
    /// ARNs of the partition `aws`.
    #[must_use]
    pub fn new(region: impl Into<String>, account: impl Into<String>) -> Self {
        Self {
            partition: "aws".to_owned(),
            region: region.into(),
            account: account.into(),
        }
    }

    /// `client/<client id>`: resource of `iot:Connect`.
    #[must_use]
    pub fn client(&self, client_id: &str) -> String {
        self.resource(format_args!("client/{client_id}"))
    }

    /// `topic/<topic>`: resource of publish, receive and retained messages; also the value of `iot:LastWillTopic`.
    #[must_use]
    pub fn topic(&self, topic: &str) -> String {
        self.resource(format_args!("topic/{topic}"))
    }

    /// `topicfilter/<filter>`: resource of `iot:Subscribe`.
    #[must_use]
    pub fn topic_filter(&self, filter: &str) -> String {
        self.resource(format_args!("topicfilter/{filter}"))
    }

    /// `thing/<thing>`: resource of the shadow and job actions over HTTP.
    #[must_use]
    pub fn thing(&self, thing: &str) -> String {
        self.resource(format_args!("thing/{thing}"))
    }

    /// `thing/<thing>/<shadow>`: resource of the shadow actions on a named shadow.
    #[must_use]
    pub fn named_shadow(&self, thing: &str, shadow: &str) -> String {
        self.resource(format_args!("thing/{thing}/{shadow}"))
    }

    /// `rolealias/<alias>`: resource of `iot:AssumeRoleWithCertificate`.
    #[must_use]
    pub fn role_alias(&self, alias: &str) -> String {
        self.resource(format_args!("rolealias/{alias}"))
    }

    /// The ARN that ends in `tail`, for example `topic/sensors/1/data`.
    #[must_use]
    pub fn resource(&self, tail: impl fmt::Display) -> String {
        format!(
            "arn:{}:iot:{}:{}:{tail}",
            self.partition, self.region, self.account
        )
    }
}

impl Default for Arn {
    /// The sandbox's region and account.
    fn default() -> Self {
        Self::new("eu-west-1", "123456789012")
    }
}
