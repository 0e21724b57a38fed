//! Where the stack is deployed: what the pseudo parameters say.

use serde_json::Value;

/// Account, Region and name of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Twelve digits.
    pub account: String,
    /// For example `eu-west-1`.
    pub region: String,
    /// Name of the stack; part of generated names.
    pub stack_name: String,
    /// What queue URLs begin with, without a slash at the end. AWS: `https://sqs.<region>.amazonaws.com`.
    pub sqs_endpoint: String,
}

impl Environment {
    /// A stack in AWS's own shape: queue URLs point to AWS.
    #[must_use]
    pub fn new(
        account: impl Into<String>,
        region: impl Into<String>,
        stack_name: impl Into<String>,
    ) -> Self {
        let region = region.into();
        Self {
            account: account.into(),
            sqs_endpoint: format!("https://sqs.{region}.amazonaws.com"),
            region,
            stack_name: stack_name.into(),
        }
    }

    /// Queue URLs begin with this instead, for example `http://127.0.0.1:4566`.
    #[must_use]
    pub fn with_sqs_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        let endpoint: String = endpoint.into();
        endpoint
            .trim_end_matches('/')
            .clone_into(&mut self.sqs_endpoint);
        self
    }

    /// `aws`, `aws-cn` or `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    /// `arn:<partition>:<service>:<region>:<account>:<resource>`.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition(),
            self.region,
            self.account
        )
    }

    /// The value of a pseudo parameter. `AWS::NoValue` is none: it removes what it stands for.
    pub(crate) fn pseudo(&self, name: &str) -> Option<Value> {
        Some(match name {
            "AWS::AccountId" => self.account.clone().into(),
            "AWS::Region" => self.region.clone().into(),
            "AWS::Partition" => self.partition().into(),
            "AWS::StackName" => self.stack_name.clone().into(),
            "AWS::StackId" => {
                let id = crate::derived::uuid(&[&self.stack_name]);
                self.arn("cloudformation", &format!("stack/{}/{id}", self.stack_name))
                    .into()
            }
            "AWS::URLSuffix" if self.partition() == "aws-cn" => "amazonaws.com.cn".into(),
            "AWS::URLSuffix" => "amazonaws.com".into(),
            "AWS::NotificationARNs" => Value::Array(Vec::new()),
            _ => return None,
        })
    }
}
