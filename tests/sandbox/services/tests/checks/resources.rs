//! CloudFormation properties: what is made of them, what is ignored, what is refused.

use sandbox_services::ServiceError;
use serde_json::json;

use crate::support::Stand;

#[tokio::test]
async fn a_table_of_the_template() {
    let stand = Stand::start().await;
    let properties = json!({
        "TableName": "HighTemps",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "deviceId", "AttributeType": "S"}, {"AttributeName": "timestamp", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "deviceId", "KeyType": "HASH"}, {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
        "SSESpecification": {"SSEEnabled": true, "SSEType": "KMS"},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": true},
        "Tags": [{"Key": "a", "Value": "b"}],
    });
    stand
        .services
        .create_resource("AWS::DynamoDB::Table", "HighTemps", &properties)
        .await
        .unwrap();
    let client = stand.dynamodb();
    let table = client
        .describe_table()
        .table_name("HighTemps")
        .send()
        .await
        .unwrap()
        .table
        .unwrap();
    assert_eq!(table.key_schema().len(), 2);
    assert_eq!(
        table
            .stream_specification()
            .unwrap()
            .stream_view_type()
            .unwrap()
            .as_str(),
        "NEW_IMAGE"
    );
    assert!(
        table
            .latest_stream_arn()
            .unwrap()
            .starts_with("arn:aws:dynamodb:eu-west-1:123456789012:table/HighTemps/stream/")
    );
    let ttl = client
        .describe_time_to_live()
        .table_name("HighTemps")
        .send()
        .await
        .unwrap();
    assert_eq!(
        ttl.time_to_live_description.unwrap().attribute_name(),
        Some("expires_at")
    );
    let backups = client
        .describe_continuous_backups()
        .table_name("HighTemps")
        .send()
        .await
        .unwrap();
    let recovery = backups
        .continuous_backups_description
        .unwrap()
        .point_in_time_recovery_description
        .unwrap();
    assert_eq!(
        recovery.point_in_time_recovery_status.unwrap().as_str(),
        "ENABLED"
    );
}

#[tokio::test]
async fn unknown_types_properties_and_values_are_named() {
    let stand = Stand::start().await;
    for kind in [
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::SNS::Topic",
        "AWS::Timestream::Database",
    ] {
        let error = stand
            .services
            .create_resource(kind, "name", &json!({"Sparkle": 1}))
            .await
            .unwrap_err();
        assert!(
            matches!(&error, ServiceError::UnknownProperty { property, .. } if property == "Sparkle"),
            "{error}"
        );
        assert!(error.to_string().contains(kind), "{error}");
    }
    let error = stand
        .services
        .create_resource("AWS::S3::Bucket", "b", &json!({}))
        .await
        .unwrap_err();
    assert_eq!(
        error,
        ServiceError::UnknownResourceType("AWS::S3::Bucket".into())
    );
    let bad = json!({"VisibilityTimeout": -1});
    let error = stand
        .services
        .create_resource("AWS::SQS::Queue", "q", &bad)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ServiceError::Refused { service: "sqs", .. }),
        "{error}"
    );
}
