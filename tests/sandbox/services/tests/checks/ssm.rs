//! Parameters of Systems Manager, through the real SDK.

use aws_sdk_ssm::{
    operation::{
        get_parameter::{GetParameterError, builders::GetParameterFluentBuilder},
        put_parameter::{PutParameterError, builders::PutParameterFluentBuilder},
    },
    types::{ParameterTier, ParameterType},
};
use sandbox_services::{Fault, FaultKind, ServiceError, When};
use serde_json::json;

use crate::support::{NOW_MS, Stand};

fn put(stand: &Stand, name: &str, value: &str) -> PutParameterFluentBuilder {
    let put = stand.ssm().put_parameter().name(name).value(value);
    put.r#type(ParameterType::String)
}

fn get(stand: &Stand, name: &str) -> GetParameterFluentBuilder {
    stand.ssm().get_parameter().name(name)
}

async fn refusal(request: PutParameterFluentBuilder) -> PutParameterError {
    let error = request.send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 400);
    error.into_service_error()
}

#[tokio::test]
async fn a_parameter_comes_back_as_it_was_put() {
    let stand = Stand::start().await;
    let keys = r#"{"keys":[{"kty":"OKP","a":{"b":{"c":1}}}]}"#;
    let made = put(&stand, "/sci/jwt/keys", keys).send().await.unwrap();
    assert_eq!(
        (made.version(), made.tier()),
        (1, Some(&ParameterTier::Standard))
    );
    let arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/sci/jwt/keys";
    for name in ["/sci/jwt/keys", arn] {
        let found = get(&stand, name)
            .with_decryption(true)
            .send()
            .await
            .unwrap();
        let found = found.parameter().unwrap();
        assert_eq!(found.name(), Some("/sci/jwt/keys"));
        assert_eq!(found.value(), Some(keys));
        assert_eq!(found.r#type(), Some(&ParameterType::String));
        assert_eq!((found.version(), found.arn()), (1, Some(arn)));
        assert_eq!(found.data_type(), Some("text"));
        let at = found.last_modified_date().unwrap().secs();
        assert_eq!(at, i64::try_from(NOW_MS / 1000).unwrap());
    }
    stand
        .ssm()
        .delete_parameter()
        .name("/sci/jwt/keys")
        .send()
        .await
        .unwrap();
    let gone = get(&stand, "/sci/jwt/keys").send().await.unwrap_err();
    assert!(gone.into_service_error().is_parameter_not_found());
    let gone = stand.ssm().delete_parameter().name("/sci/jwt/keys");
    let gone = gone.send().await.unwrap_err();
    assert!(gone.into_service_error().is_parameter_not_found());
}

#[tokio::test]
async fn a_new_version_is_asked_for_and_old_ones_are_kept() {
    let stand = Stand::start().await;
    put(&stand, "/sci/k", "one").send().await.unwrap();
    let twice = refusal(put(&stand, "/sci/k", "two")).await;
    assert!(twice.is_parameter_already_exists(), "{twice}");
    // The type is only needed to create one.
    let second = stand.ssm().put_parameter().name("/sci/k").value("two");
    let second = second.overwrite(true).send().await.unwrap();
    assert_eq!(second.version(), 2);
    let value = async |name: &str| -> Result<String, GetParameterError> {
        let found = get(&stand, name).send().await;
        let found = found.map_err(aws_sdk_ssm::error::SdkError::into_service_error)?;
        Ok(found.parameter.unwrap().value.unwrap())
    };
    assert_eq!(value("/sci/k").await.unwrap(), "two");
    assert_eq!(value("/sci/k:1").await.unwrap(), "one");
    let arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/sci/k:1";
    assert_eq!(value(arn).await.unwrap(), "one");
    let none = value("/sci/k:3").await.unwrap_err();
    assert!(none.is_parameter_version_not_found(), "{none}");
    for number in 3..=101 {
        let next = put(&stand, "/sci/k", "more").overwrite(true);
        assert_eq!(next.send().await.unwrap().version(), number);
    }
    let oldest = value("/sci/k:1").await.unwrap_err();
    assert!(oldest.is_parameter_version_not_found(), "{oldest}");
    assert_eq!(value("/sci/k:2").await.unwrap(), "two");
}

#[tokio::test]
async fn a_value_has_the_length_of_its_tier() {
    let stand = Stand::start().await;
    let (full, more, most) = ("x".repeat(4096), "x".repeat(4097), "x".repeat(8192));
    put(&stand, "/sci/k", &full).send().await.unwrap();
    let again = |value: &str| put(&stand, "/sci/k", value).overwrite(true);
    for (request, code) in [
        (again(&more), "ValidationException"),
        (
            again(&format!("{most}x")).tier(ParameterTier::Advanced),
            "ValidationException",
        ),
        (again(""), "ValidationException"),
        (again("{{ssm:other}}"), "ValidationException"),
    ] {
        let refused = refusal(request).await;
        assert_eq!(refused.meta().code(), Some(code), "{refused}");
    }
    let advanced = again(&more).tier(ParameterTier::IntelligentTiering);
    let advanced = advanced.send().await.unwrap();
    assert_eq!(advanced.tier(), Some(&ParameterTier::Advanced));
    again(&most).send().await.unwrap();
    let back = refusal(again("x").tier(ParameterTier::Standard)).await;
    assert!(
        back.meta().message().unwrap().contains("downgrade"),
        "{back}"
    );
}

#[tokio::test]
async fn names_follow_the_rules() {
    let stand = Stand::start().await;
    let deep = "/a".repeat(15);
    for name in ["plain", "/sci/k-1_2.x", &deep] {
        put(&stand, name, "v").send().await.unwrap();
    }
    let long = format!("/{}", "x".repeat(1011));
    for (name, code) in [
        ("", "ValidationException"),
        ("/", "ValidationException"),
        ("/sci//k", "ValidationException"),
        ("/sci/k ey", "ValidationException"),
        ("sci/k", "ValidationException"),
        ("/aws/k", "ValidationException"),
        ("SSMkey", "ValidationException"),
        (&long, "ValidationException"),
        (&format!("{deep}/a"), "HierarchyLevelLimitExceededException"),
    ] {
        let body = json!({"Name": name, "Value": "v", "Type": "String"});
        let (status, answer) = stand.json("ssm", "PutParameter", body).await;
        assert_eq!(
            (status, &answer["__type"]),
            (400, &json!(code)),
            "{name}: {answer}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_named_and_counted() {
    let stand = Stand::start().await;
    for kind in [ParameterType::SecureString, ParameterType::StringList] {
        let refused = refusal(put(&stand, "/sci/k", "v").r#type(kind.clone())).await;
        assert!(refused.is_unsupported_parameter_type(), "{refused}");
        assert!(refused.meta().message().unwrap().contains(kind.as_str()));
    }
    let refused = refusal(put(&stand, "/sci/k", "v").allowed_pattern("v")).await;
    assert!(refused.meta().message().unwrap().contains("AllowedPattern"));
    put(&stand, "/sci/k", "v").send().await.unwrap();
    let label = get(&stand, "/sci/k:live").send().await.unwrap_err();
    let label = label.into_service_error();
    assert!(label.meta().message().unwrap().contains("live"), "{label}");
    let paths = stand.ssm().get_parameters_by_path().path("/sci");
    let paths = paths.send().await.unwrap_err().into_service_error();
    assert!(
        paths
            .meta()
            .message()
            .unwrap()
            .contains("GetParametersByPath")
    );
    assert_eq!(
        stand.services.unsupported(),
        [
            ("ssm".into(), "GetParameter".into(), 1),
            ("ssm".into(), "GetParametersByPath".into(), 1),
            ("ssm".into(), "PutParameter".into(), 3),
        ]
    );
    let untyped = stand.ssm().put_parameter().name("/sci/n").value("v");
    let untyped = refusal(untyped).await;
    assert_eq!(untyped.meta().code(), Some("ValidationException"));
}

#[tokio::test]
async fn faults_and_the_call_log_are_those_of_every_service() {
    let stand = Stand::start().await;
    put(&stand, "/sci/k", "v").send().await.unwrap();
    stand.services.clear_calls();
    for kind in [
        FaultKind::Throttle,
        FaultKind::InternalBefore,
        FaultKind::LostReply,
    ] {
        stand.services.faults().inject(Fault {
            service: "ssm".into(),
            operation: "GetParameter".into(),
            when: When::Next(1),
            kind,
        });
        let failed = get(&stand, "/sci/k").send().await;
        assert!(failed.is_err(), "{failed:?}");
        stand.services.faults().clear();
    }
    get(&stand, "/sci/k").send().await.unwrap();
    let calls = stand.services.calls();
    assert_eq!(
        calls
            .iter()
            .map(|call| (call.operation.as_str(), call.status, call.fault))
            .collect::<Vec<_>>(),
        [
            ("GetParameter", 400, Some("Throttle")),
            ("GetParameter", 500, Some("InternalBefore")),
            ("GetParameter", 500, Some("LostReply")),
            ("GetParameter", 200, None),
        ]
    );
}

#[tokio::test]
async fn a_parameter_of_a_template() {
    let stand = Stand::start().await;
    let create = async |properties| {
        let services = &stand.services;
        services
            .create_resource("AWS::SSM::Parameter", "/sci/k", &properties)
            .await
    };
    let unknown = json!({"Type": "String", "Value": "v", "Policies": "[]"});
    assert!(
        matches!(create(unknown).await, Err(ServiceError::UnknownProperty { property, .. }) if property == "Policies")
    );
    let secret = json!({"Type": "SecureString", "Value": "v"});
    assert!(matches!(
        create(secret).await,
        Err(ServiceError::Refused { service: "ssm", .. })
    ));
    create(json!({"Name": "/sci/k", "Type": "String", "Value": 7, "Tier": "Advanced", "Tags": {"a": "b"}}))
        .await
        .unwrap();
    let found = get(&stand, "/sci/k").send().await.unwrap();
    assert_eq!(found.parameter().unwrap().value(), Some("7"));
}
