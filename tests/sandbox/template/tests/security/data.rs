//! Data at rest and in transit.

use std::collections::BTreeSet;

use sam_template::Stack;
use serde_json::Value;

use crate::helpers::{arn_of, resource_policies, texts};

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
    let without = stack
        .tables()
        .iter()
        .filter(|table| table.ttl_attribute.as_deref() != Some("expires_at"));
    found.extend(without.map(|table| format!("{}: no time to live", table.logical_id)));
    found
}
