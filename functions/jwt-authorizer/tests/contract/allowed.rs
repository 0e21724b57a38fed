//! What those who are let in may do, and for how long.

use serde_json::{Value, json};
use testkit::authorizer::{ALL_SCOPES, SIGNING_THING, THING};

use super::{files, replay, support::ARN};

const PRINCIPAL: &str = "sciZhpropertyZh001ZhenvironmentalZh0042";
/// The certificate's id in the file.
const CERTIFICATE: &str = "08aed79f4c56cf54f6af318df402c20bf3f216011a56c14e3d9106cb1815029f";
const TELEMETRY: &str = "telemetry:publish";

/// File, principal, thing, granted scopes, `disconnectAfterInSeconds`.
const EXPECTED: [(&str, &str, &str, &str, u32); 24] = [
    ("rs256", PRINCIPAL, THING, TELEMETRY, 3540),
    ("ps256", PRINCIPAL, THING, TELEMETRY, 3540),
    ("es256", PRINCIPAL, THING, TELEMETRY, 3540),
    ("es384", PRINCIPAL, THING, TELEMETRY, 3540),
    ("eddsa", PRINCIPAL, THING, TELEMETRY, 3540),
    ("mqtt-token", PRINCIPAL, THING, TELEMETRY, 3540),
    ("mqtt-token-signed", PRINCIPAL, THING, TELEMETRY, 3540),
    ("websocket-header", PRINCIPAL, THING, TELEMETRY, 3540),
    ("websocket-password", PRINCIPAL, THING, TELEMETRY, 3540),
    ("https-publish", PRINCIPAL, THING, TELEMETRY, 3540),
    ("x509", CERTIFICATE, THING, TELEMETRY, 3540),
    ("sources-agree", PRINCIPAL, THING, TELEMETRY, 3540),
    ("fields-absent", PRINCIPAL, THING, TELEMETRY, 3540),
    ("fields-null", PRINCIPAL, THING, TELEMETRY, 3540),
    (
        "device-signed",
        "lockZh0007",
        SIGNING_THING,
        "security:publish commands:subscribe",
        3540,
    ),
    ("all-scopes", PRINCIPAL, THING, ALL_SCOPES, 3540),
    ("unknown-scopes", PRINCIPAL, THING, TELEMETRY, 3540),
    ("scopes-of-issuer", PRINCIPAL, THING, TELEMETRY, 3540),
    ("audiences", PRINCIPAL, THING, TELEMETRY, 3540),
    ("other-key-of-partner", PRINCIPAL, THING, TELEMETRY, 3540),
    ("not-before", PRINCIPAL, THING, TELEMETRY, 3540),
    ("without-jti", PRINCIPAL, THING, TELEMETRY, 3540),
    ("day", PRINCIPAL, THING, TELEMETRY, 85_800),
    ("last-minutes", PRINCIPAL, THING, TELEMETRY, 300),
];

/// One document: what may be done to which resources, `{}` for the thing.
fn document(statements: &[(&str, &[&str])], thing: &str) -> Value {
    let statement = |(action, resources): &(&str, &[&str])| {
        let arn = |resource: &&str| format!("{ARN}:{}", resource.replace("{}", thing));
        let resources: Vec<_> = resources.iter().map(arn).collect();
        json!({ "Effect": "Allow", "Action": format!("iot:{action}"), "Resource": resources })
    };
    let statements: Vec<_> = statements.iter().map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// What a scope grants: the whole of it.
fn granted(scope: &str, thing: &str) -> Value {
    let statements: &[(&str, &[&str])] = match scope {
        "telemetry:publish" => &[(
            "Publish",
            &[
                "topic/sensors/{}/data",
                "topic/sci/properties/{}/environmental",
            ],
        )],
        "security:publish" => &[("Publish", &["topic/sci/properties/{}/security"])],
        "commands:subscribe" => &[
            ("Subscribe", &["topicfilter/sci/properties/{}/commands/*"]),
            ("Receive", &["topic/sci/properties/{}/commands/*"]),
        ],
        "shadow:read" => &[
            (
                "Publish",
                &[
                    "topic/$aws/things/{}/shadow/get",
                    "topic/$aws/things/{}/shadow/name/*/get",
                ],
            ),
            ("Subscribe", &["topicfilter/$aws/things/{}/shadow/*"]),
            ("Receive", &["topic/$aws/things/{}/shadow/*"]),
        ],
        "shadow:write" => &[
            (
                "Publish",
                &[
                    "topic/$aws/things/{}/shadow/update",
                    "topic/$aws/things/{}/shadow/name/*/update",
                ],
            ),
            (
                "Subscribe",
                &[
                    "topicfilter/$aws/things/{}/shadow/update/*",
                    "topicfilter/$aws/things/{}/shadow/name/*/update/*",
                ],
            ),
            (
                "Receive",
                &[
                    "topic/$aws/things/{}/shadow/update/*",
                    "topic/$aws/things/{}/shadow/name/*/update/*",
                ],
            ),
        ],
        "jobs:execute" => &[
            (
                "Publish",
                &[
                    "topic/$aws/things/{}/jobs/get",
                    "topic/$aws/things/{}/jobs/start-next",
                    "topic/$aws/things/{}/jobs/*/get",
                    "topic/$aws/things/{}/jobs/*/update",
                ],
            ),
            ("Subscribe", &["topicfilter/$aws/things/{}/jobs/*"]),
            ("Receive", &["topic/$aws/things/{}/jobs/*"]),
        ],
        "certificate:rotate" => &[
            (
                "Publish",
                &[
                    "topic/sci/properties/{}/certificate/csr",
                    "topic/sci/properties/{}/certificate/commit",
                ],
            ),
            (
                "Subscribe",
                &["topicfilter/sci/properties/{}/certificate/*"],
            ),
            ("Receive", &["topic/sci/properties/{}/certificate/*"]),
        ],
        other => panic!("{other}"),
    };
    document(statements, thing)
}

#[tokio::test(flavor = "current_thread")]
async fn every_answer_is_exactly_what_the_token_grants() {
    let mut expected = EXPECTED.to_vec();
    expected.push(("any-name", "ZZoneZc7ZuaZhb", "Zone:7_a-b", TELEMETRY, 3540));
    let files = files("allow-");
    assert_eq!(files.len(), expected.len());
    for (case, principal, thing, scopes, disconnect) in expected {
        let name = format!("allow-{case}.json");
        let file = files.iter().find(|file| file.name == name);
        let file = file.unwrap_or_else(|| panic!("there is no {name}"));
        let replayed = replay(&file.event, &file.world).await;
        let connect = document(&[("Connect", &["client/{}"])], thing);
        let documents: Vec<_> = [connect]
            .into_iter()
            .chain(scopes.split(' ').map(|scope| granted(scope, thing)))
            .collect();
        let answer: Value = serde_json::from_str(&replayed.answer).unwrap();
        let whole = json!({
            "isAuthenticated": true,
            "principalId": principal,
            "disconnectAfterInSeconds": disconnect,
            "refreshAfterInSeconds": 300,
            "policyDocuments": documents,
        });
        assert_eq!(answer, whole, "{name}");
        let letters = |id: &str| id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert!(
            letters(principal) && (1..=128).contains(&principal.len()),
            "{name}"
        );
        assert!(
            replayed.log.contains(r#""message":"allowed""#),
            "{name}: {}",
            replayed.log
        );
    }
}
