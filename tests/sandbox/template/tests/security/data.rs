//! Data at rest and in transit.

use std::collections::BTreeSet;

use sam_template::Stack;
use serde_json::Value;

use crate::helpers::{arn_of, resource_policies, texts};

/// What only a decision ends.
const KEPT: &[&str] = &[
    "DeviceAllowListTable",
    "EnrolmentAuditTable",
    "IntroducersTable",
];

pub(crate) fn encryption(stack: &Stack) -> Vec<String> {
    let key = stack.of_type("AWS::KMS::Key").next().unwrap();
    let key_arn = &key.attributes["Arn"];
    let mut found = Vec::new();
    if key.properties["EnableKeyRotation"] != true {
        found.push(format!("{}: does not rotate", key.logical_id));
    }
    for (type_, pointer) in [
        ("AWS::SQS::Queue", "/KmsMasterKeyId"),
        ("AWS::SNS::Topic", "/KmsMasterKeyId"),
        ("AWS::DynamoDB::Table", "/SSESpecification/KMSMasterKeyId"),
        ("AWS::Logs::LogGroup", "/KmsKeyId"),
        ("AWS::Timestream::Database", "/KmsKeyId"),
    ] {
        for resource in stack.of_type(type_) {
            if resource.properties.pointer(pointer).and_then(Value::as_str) != Some(key_arn) {
                found.push(format!(
                    "{}: not encrypted with the suite's key",
                    resource.logical_id
                ));
            }
        }
    }
    for bucket in stack.of_type("AWS::S3::Bucket") {
        let public = &bucket.properties["PublicAccessBlockConfiguration"];
        let blocked = [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ];
        if bucket.properties.get("BucketEncryption").is_none()
            || blocked.iter().any(|one| public[*one] != true)
        {
            found.push(format!("{}: not encrypted or public", bucket.logical_id));
        }
    }
    found
}

/// CloudWatch Logs uses the key for the log groups that the key's policy names, and for no other.
pub(crate) fn log_groups(stack: &Stack) -> Vec<String> {
    let key = stack.of_type("AWS::KMS::Key").next().unwrap();
    let statements = key.properties["KeyPolicy"]["Statement"].as_array().unwrap();
    let named = statements.iter().flat_map(|statement| {
        texts(&statement["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"])
    });
    let named = named.collect::<BTreeSet<_>>();
    let refused = stack
        .of_type("AWS::Logs::LogGroup")
        .filter(|group| !named.contains(group.attributes["Arn"].trim_end_matches(":*")));
    refused
        .map(|group| format!("{}: the key refuses it", group.logical_id))
        .collect()
}

pub(crate) fn tls(stack: &Stack) -> Vec<String> {
    let denied = resource_policies(stack)
        .into_iter()
        .filter(|(_, statement)| {
            statement["Effect"] == "Deny"
                && statement["Principal"] == "*"
                && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
        });
    let denied = denied
        .flat_map(|(_, statement)| texts(&statement["Resource"]))
        .collect::<BTreeSet<_>>();
    let reachable = ["AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket"];
    let open = stack.resources.iter().filter(|resource| {
        reachable.contains(&resource.type_.as_str()) && !denied.contains(&arn_of(resource).unwrap())
    });
    open.map(|resource| format!("{}: reachable without TLS", resource.logical_id))
        .collect()
}

pub(crate) fn tables(stack: &Stack) -> Vec<String> {
    let unsafe_tables = stack.of_type("AWS::DynamoDB::Table").filter(|table| {
        table.properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] != true
            || table.properties["BillingMode"] != "PAY_PER_REQUEST"
    });
    let mut found = unsafe_tables
        .map(|t| format!("{}: no recovery or not on demand", t.logical_id))
        .collect::<Vec<_>>();
    // Whether it is on is the stage's business; a table that does not ask is never protected.
    let unprotected = stack
        .of_type("AWS::DynamoDB::Table")
        .filter(|table| !table.properties["DeletionProtectionEnabled"].is_boolean());
    found.extend(unprotected.map(|t| format!("{}: no deletion protection", t.logical_id)));
    for table in stack.tables() {
        let kept = KEPT.contains(&table.logical_id.as_str());
        match table.ttl_attribute.as_deref() {
            Some(_) if kept => {
                found.push(format!("{}: a clock deletes its rows", table.logical_id))
            }
            Some("expires_at") => {}
            None if kept => {}
            _ => found.push(format!("{}: no time to live", table.logical_id)),
        }
    }
    found
}
