//! The authorizer of device tokens, as the template makes it and as its parameters change it; and what a template may not
//! say about authorizers and domains.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use sam_template::{Function, Parameters, Stack, Template};
use support::{default_stack, with};

fn function(stack: &Stack) -> &Function {
    support::function(stack, "jwt-authorizer")
}

#[test]
fn the_function_gets_what_it_needs_and_nothing_of_the_others() {
    let stack = default_stack();
    let function = function(&stack);
    assert_eq!(function.name, "jwt-authorizer-dev");
    assert_eq!(function.timeout, Duration::from_secs(5));
    assert_eq!(
        (function.memory_mb, function.reserved_concurrency),
        (512, None)
    );
    assert_eq!(function.event_invoke.max_retries, 0);
    let expected = [
        ("DEVICE_KEYS_TABLE", "DeviceKeys-dev"),
        ("IOT_ARN_PREFIX", "arn:aws:iot:eu-west-1:123456789012"),
        ("JWT_ISSUERS", "[]"),
        ("JWT_KEYS_PARAMETER", ""),
        ("REVOCATIONS_TABLE", "TokenRevocations-dev"),
        ("RUST_LOG", "info"),
        ("SESSION_REFRESH_SECONDS", "300"),
        ("SSL_CERT_FILE", "/etc/pki/tls/certs/ca-bundle.crt"),
        ("STAGE", "dev"),
        ("TOKEN_SIGNING", "disabled"),
    ];
    let environment = function.environment.iter();
    assert_eq!(
        environment
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect::<BTreeSet<_>>(),
        BTreeSet::from(expected)
    );
}

#[test]
fn a_domain_asks_the_authorizer_and_no_other() {
    let stack = default_stack();
    let [authorizer] = stack.authorizers() else {
        panic!("{:?}", stack.authorizers())
    };
    assert_eq!(authorizer.name, "SCI-Jwt-Authorizer-dev");
    assert_eq!(
        authorizer.arn,
        "arn:aws:iot:eu-west-1:123456789012:authorizer/SCI-Jwt-Authorizer-dev"
    );
    assert_eq!(authorizer.function_arn, function(&stack).arn);
    assert!(authorizer.active && authorizer.signing_disabled && !authorizer.caching_for_http);
    assert_eq!(authorizer.token_key_name.as_deref(), Some("sci-token"));
    assert!(authorizer.token_signing_public_keys.is_empty());
    let [domain] = stack.domain_configurations() else {
        panic!("{:?}", stack.domain_configurations())
    };
    assert_eq!(domain.name, "SCI-Jwt-Domain-dev");
    let arn = "arn:aws:iot:eu-west-1:123456789012:domainconfiguration/SCI-Jwt-Domain-dev/";
    assert_eq!(domain.arn.strip_prefix(arn).map(str::len), Some(5));
    assert_eq!(domain.default_authorizer.as_ref(), Some(&authorizer.name));
    assert!(domain.enabled && !domain.allow_authorizer_override);
    assert_eq!(
        (
            domain.authentication_type.as_str(),
            domain.application_protocol.as_str(),
            domain.domain_name.as_deref()
        ),
        ("DEFAULT", "DEFAULT", None)
    );
    assert_eq!(stack.outputs["JwtAuthorizerName"], authorizer.name);
    assert!(stack.outputs["JwtEndpointCommand"].contains(" SCI-Jwt-Domain-dev "));
}

#[test]
fn a_public_key_switches_signing_on_for_an_authorizer_of_another_name() {
    let key = support::public_key();
    let stack = with(&[("TokenSigningPublicKey", &key)]);
    let authorizer = &stack.authorizers()[0];
    assert!(!authorizer.signing_disabled);
    assert_eq!(
        authorizer
            .token_signing_public_keys
            .iter()
            .collect::<Vec<_>>(),
        [(&"primary".to_owned(), &key)]
    );
    // CloudFormation cannot replace a resource by one of the same name.
    assert_eq!(authorizer.name, "SCI-Jwt-Authorizer-Signed-dev");
    assert_eq!(function(&stack).environment["TOKEN_SIGNING"], "required");
}

#[test]
fn its_concurrency_is_its_own() {
    let reserved = |parameters: &[(&str, &str)]| {
        let stack = with(parameters);
        ["jwt-authorizer", "high-temp-processor"]
            .map(|binary| support::function(&stack, binary).reserved_concurrency)
    };
    assert_eq!(reserved(&[("ReservedConcurrency", "7")]), [None, Some(7)]);
    assert_eq!(
        reserved(&[("AuthorizerConcurrency", "50")]),
        [Some(50), None]
    );
}

/// Lambda refuses more than 4 KB of environment variables, which would only show at deployment.
///
/// Source: AWS Lambda Developer Guide, "Lambda quotas".
#[test]
fn the_longest_parameters_fit_into_a_functions_environment() {
    let issuers = format!("[{}]", " ".repeat(2558));
    let parameter = format!("/sci/{}", "x".repeat(251));
    let stack = with(&[
        ("Stage", "staging"),
        ("JwtIssuers", &issuers),
        ("JwtKeysParameter", &parameter),
        ("LogFilter", &"x".repeat(200)),
        ("TokenSigningPublicKey", &support::public_key()),
        ("SessionRefreshSeconds", "86400"),
    ]);
    for function in stack.functions() {
        let variables = function.environment.iter();
        let bytes: usize = variables
            .map(|(name, value)| name.len() + value.len())
            .sum();
        assert!(bytes <= 4096, "{}: {bytes} bytes", function.name);
    }
}

#[test]
fn refused_parameters_do_not_reach_aws() {
    let refused = |name: &str, value: &str| {
        let parameters = Parameters::new().with(name, value);
        Template::parse(support::TEXT)
            .unwrap()
            .resolve(&parameters, &support::environment())
            .is_err()
    };
    for (name, value) in [
        ("JwtIssuers", "".to_owned()),
        ("JwtIssuers", "{}".to_owned()),
        ("JwtIssuers", "[\"ü\"]".to_owned()),
        ("JwtIssuers", format!("[{}]", " ".repeat(2559))),
        ("JwtKeysParameter", "/other/keys".to_owned()),
        ("JwtKeysParameter", "/sci/".to_owned()),
        ("JwtKeysParameter", "/sci/*".to_owned()),
        ("JwtKeysParameter", "/sciother".to_owned()),
        ("TokenSigningPublicKey", "MIIB".repeat(98)),
        // 1,024 bits.
        (
            "TokenSigningPublicKey",
            support::public_key().replace(&"MIIB".repeat(98), &"MIIB".repeat(54)),
        ),
        (
            "TokenSigningPublicKey",
            support::public_key().replace("PUBLIC", "PRIVATE"),
        ),
        ("SessionRefreshSeconds", "299".to_owned()),
        ("SessionRefreshSeconds", "86401".to_owned()),
    ] {
        assert!(refused(name, &value), "{name}: {value}");
    }
    assert!(!refused(
        "JwtIssuers",
        "[\n  {\"issuer\": \"https://id.example\"}\n]"
    ));
}

#[test]
fn what_the_views_do_not_honour_is_named() {
    for (says, instead, expected) in [
        (
            "      AuthorizerFunctionArn: !GetAtt JwtAuthorizerFunction.Arn\n",
            "      AuthorizerFunctionArn: arn:aws:lambda:eu-west-1:123456789012:function:other\n",
            "Resources.JwtAuthorizer.Properties.AuthorizerFunctionArn: unsupported: function \
             `arn:aws:lambda:eu-west-1:123456789012:function:other` that is not in the template",
        ),
        (
            "      SigningDisabled: !If [HasTokenSigning, false, true]\n",
            "",
            "Resources.JwtAuthorizer.Properties.TokenSigningPublicKeys: `TokenSigningPublicKeys` is required",
        ),
        (
            "      Status: ACTIVE\n",
            "",
            "Resources.JwtAuthorizer.Properties.Status: `Status` is required",
        ),
        (
            "      TokenKeyName: sci-token\n",
            "      TokenKeyname: sci-token\n",
            "Resources.JwtAuthorizer.Properties.TokenKeyname: unsupported: unknown field `TokenKeyname`",
        ),
        (
            "        DefaultAuthorizerName: !Ref JwtAuthorizer\n",
            "        DefaultAuthorizerName: other\n",
            "Resources.JwtDomainConfiguration.Properties.AuthorizerConfig.DefaultAuthorizerName: unsupported: authorizer \
             `other` that is not in the template",
        ),
        (
            "        AllowAuthorizerOverride: false\n",
            "",
            "Resources.JwtDomainConfiguration.Properties.AuthorizerConfig.AllowAuthorizerOverride: `AllowAuthorizerOverride` \
             is required",
        ),
        (
            "      ServiceType: DATA\n",
            "      ServiceType: JOBS\n",
            "Resources.JwtDomainConfiguration.Properties.ServiceType: unsupported: service `JOBS`",
        ),
        (
            "      ServiceType: DATA\n",
            "      TlsConfig: {SecurityPolicy: IoTSecurityPolicy_TLS13_1_3_2022_10}\n",
            "Resources.JwtDomainConfiguration.Properties.TlsConfig: unsupported: unknown field `TlsConfig`",
        ),
    ] {
        assert!(
            support::TEXT.contains(says),
            "the template no longer says {says}"
        );
        let error = Template::parse(&support::TEXT.replacen(says, instead, 1))
            .unwrap()
            .resolve(&Parameters::new(), &support::environment())
            .unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
