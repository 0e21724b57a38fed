//! The `iot` API's operations on authorizers and domain configurations.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use rcgen::SigningKey as _;
use serde_json::{Value, json};
use support::authorizer::{FUNCTION, Reply, Script, allow_all, but};
use support::{NOON, World};

const WEAK_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDxsuJv+ceN4QVE+4ZmWgffXMT/
XBibbhyZe3t3uz0NIKjICqYYZnim+JFJM9cM6oSh6oo11esoGQnOwfgr+eAfOQ0L
HobdTlGf0/WarPIBH/cQRxOMN950IM8eYq4CLzsk5GEhD3MZSRQTEQ97/AE+9apq
MilcvSVJU16V+Y2ElwIDAQAB
-----END PUBLIC KEY-----
";
const EC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZHiPyqq5H08bKVfMrwGuAHp9dT8G
88eWc44v0nYptKv7sVgyOT2le+VNrAU6y91YY3Ue1r89fsr2razu4BJGpQ==
-----END PUBLIC KEY-----
";

/// Status and error code of a refusal, with its message.
async fn refused(world: &World, method: Method, path: &str, body: Value) -> (u16, String, String) {
    let (status, code, body) = world.try_iot(method, path, &[], body).await;
    let message = body["message"].as_str().unwrap_or_default().to_owned();
    (status.as_u16(), code, message)
}

fn body() -> Value {
    json!({ "authorizerFunctionArn": FUNCTION, "signingDisabled": true })
}

fn arn(name: &str) -> String {
    format!("arn:aws:iot:eu-west-1:123456789012:authorizer/{name}")
}

#[tokio::test]
async fn an_authorizer_is_created_described_changed_and_deleted() {
    let world = World::start().await;
    let created = world.iot(Method::POST, "/authorizer/jwt", body()).await;
    assert_eq!(
        created,
        json!({ "authorizerName": "jwt", "authorizerArn": arn("jwt") })
    );
    let described = async || world.iot(Method::GET, "/authorizer/jwt", json!({})).await;
    let seconds = NOON as f64 / 1000.0;
    assert_eq!(
        described().await["authorizerDescription"],
        json!({
            "authorizerName": "jwt",
            "authorizerArn": arn("jwt"),
            "authorizerFunctionArn": FUNCTION,
            "tokenKeyName": null,
            "tokenSigningPublicKeys": {},
            "status": "INACTIVE",
            "creationDate": seconds,
            "lastModifiedDate": seconds,
            "signingDisabled": true,
            "enableCachingForHttp": false,
        })
    );
    let again = refused(&world, Method::POST, "/authorizer/jwt", body()).await;
    assert_eq!(
        (again.0, again.1.as_str()),
        (409, "ResourceAlreadyExistsException")
    );

    world.advance(Duration::from_secs(1));
    let change = json!({
        "authorizerFunctionArn": format!("{FUNCTION}:live"),
        "tokenKeyName": "t",
        "status": "ACTIVE",
        "enableCachingForHttp": true,
    });
    world.iot(Method::PUT, "/authorizer/jwt", change).await;
    let now = described().await["authorizerDescription"].clone();
    assert_eq!(now["status"], "ACTIVE");
    assert_eq!(now["tokenKeyName"], "t");
    assert_eq!(now["enableCachingForHttp"], true);
    assert_eq!(now["authorizerFunctionArn"], format!("{FUNCTION}:live"));
    assert_eq!(now["lastModifiedDate"], seconds + 1.0);
    assert_eq!(now["creationDate"], seconds);

    let active = refused(&world, Method::DELETE, "/authorizer/jwt", json!({})).await;
    assert_eq!(
        (active.0, active.1.as_str()),
        (409, "DeleteConflictException")
    );
    world
        .iot(
            Method::PUT,
            "/authorizer/jwt",
            json!({ "status": "INACTIVE" }),
        )
        .await;
    world
        .iot(Method::DELETE, "/authorizer/jwt", json!({}))
        .await;
    for (method, path) in [
        (Method::GET, "/authorizer/jwt"),
        (Method::PUT, "/authorizer/jwt"),
        (Method::DELETE, "/authorizer/jwt"),
        (Method::POST, "/authorizer/jwt/test"),
    ] {
        let gone = refused(&world, method, path, json!({})).await;
        assert_eq!(
            (gone.0, gone.1.as_str()),
            (404, "ResourceNotFoundException"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_models_constraints() {
    let world = World::start().await;
    let strong =
        rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
            .unwrap()
            .public_key_pem();
    let with = |name: &str, value: Value| but(body(), name, value);
    let signed = |name: &str, key: &str| {
        let body = with("signingDisabled", json!(false));
        but(
            but(body, "tokenKeyName", json!("t")),
            "tokenSigningPublicKeys",
            json!({ name: key }),
        )
    };
    let cases = [
        ("a%20b", body(), "authorizerName"),
        (&"a".repeat(129), body(), "authorizerName"),
        (
            "x",
            with("authorizerFunctionArn", Value::Null),
            "authorizerFunctionArn is missing",
        ),
        (
            "x",
            with("authorizerFunctionArn", json!("authorizer")),
            "ARN of a Lambda function",
        ),
        ("x", with("tokenKeyName", json!("a b")), "tokenKeyName"),
        ("x", with("tokenKeyName", json!("")), "tokenKeyName"),
        ("x", with("status", json!("active")), "ACTIVE or INACTIVE"),
        (
            "x",
            with("signingDisabled", Value::Null),
            "tokenSigningPublicKeys are needed",
        ),
        (
            "x",
            but(signed("k", &strong), "tokenKeyName", Value::Null),
            "tokenKeyName and",
        ),
        ("x", signed("k", "no key"), "not a PEM block"),
        (
            "x",
            signed("k", &strong.replace("PUBLIC", "RSA PUBLIC")),
            "not a PEM block",
        ),
        ("x", signed("k", EC_KEY), "not an RSA key"),
        ("x", signed("k", WEAK_KEY), "1024 bits"),
        ("x", signed("a b", &strong), "key name"),
        ("x", signed("k", &"x".repeat(5121)), "longer than 5120"),
    ];
    for (name, body, why) in cases {
        let (status, code, message) =
            refused(&world, Method::POST, &format!("/authorizer/{name}"), body).await;
        assert_eq!(
            (status, code.as_str()),
            (400, "InvalidRequestException"),
            "{why}: {message}"
        );
        assert!(message.contains(why), "{why}: {message}");
    }
    world
        .iot(Method::POST, "/authorizer/x=,@-", signed("k:1", &strong))
        .await;
    let found = world.iot(Method::GET, "/authorizer/x=,@-", json!({})).await;
    assert_eq!(
        found["authorizerDescription"]["tokenSigningPublicKeys"]["k:1"],
        strong
    );
    // Signing is for ever.
    let change = json!({ "signingDisabled": true });
    let (status, ..) = refused(&world, Method::PUT, "/authorizer/x=,@-", change).await;
    assert_eq!(status, 400);
    let change = json!({ "tokenSigningPublicKeys": {} });
    let (status, ..) = refused(&world, Method::PUT, "/authorizer/x=,@-", change).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn quotas_and_lists() {
    let world = World::start().await;
    for index in 0..100 {
        let status = if index < 32 { "ACTIVE" } else { "INACTIVE" };
        let body = but(body(), "status", json!(status));
        world
            .iot(Method::POST, &format!("/authorizer/a{index:02}"), body)
            .await;
    }
    let (status, code, _) = refused(&world, Method::POST, "/authorizer/a100", body()).await;
    assert_eq!((status, code.as_str()), (410, "LimitExceededException"));
    let active = json!({ "status": "ACTIVE" });
    let (status, code, _) = refused(&world, Method::PUT, "/authorizer/a32", active.clone()).await;
    assert_eq!((status, code.as_str()), (410, "LimitExceededException"));
    world.iot(Method::PUT, "/authorizer/a31", active).await;

    let list = async |query: &str| {
        let found = world
            .iot(Method::GET, &format!("/authorizers/{query}"), json!({}))
            .await;
        let names = found["authorizers"].as_array().unwrap().iter();
        let names: Vec<_> = names
            .map(|it| it["authorizerName"].as_str().unwrap().to_owned())
            .collect();
        (names, found["nextMarker"].clone())
    };
    let (names, next) = list("?isAscendingOrder=true&pageSize=2").await;
    assert_eq!(names, ["a00", "a01"]);
    let next = format!(
        "?isAscendingOrder=true&pageSize=2&marker={}",
        next.as_str().unwrap()
    );
    assert_eq!(list(&next).await.0, ["a02", "a03"]);
    assert_eq!(list("").await.0[0], "a99");
    assert_eq!(list("?status=ACTIVE&pageSize=250").await.0.len(), 32);
}

#[tokio::test]
async fn the_default_authorizer() {
    let world = World::start().await;
    let path = "/default-authorizer";
    for method in [Method::GET, Method::DELETE] {
        let none = refused(&world, method, path, json!({})).await;
        assert_eq!(
            (none.0, none.1.as_str()),
            (404, "ResourceNotFoundException")
        );
    }
    world.iot(Method::POST, "/authorizer/a", body()).await;
    world.iot(Method::POST, "/authorizer/b", body()).await;
    let unknown = refused(&world, Method::POST, path, json!({ "authorizerName": "c" })).await;
    assert_eq!(unknown.0, 404);
    for _ in 0..2 {
        let set = world
            .iot(Method::POST, path, json!({ "authorizerName": "a" }))
            .await;
        assert_eq!(set["authorizerArn"], arn("a"));
    }
    let other = refused(&world, Method::POST, path, json!({ "authorizerName": "b" })).await;
    assert_eq!(
        (other.0, other.1.as_str()),
        (409, "ResourceAlreadyExistsException")
    );
    let found = world.iot(Method::GET, path, json!({})).await;
    assert_eq!(found["authorizerDescription"]["authorizerName"], "a");
    let used = refused(&world, Method::DELETE, "/authorizer/a", json!({})).await;
    assert_eq!(used.1, "DeleteConflictException");
    world.iot(Method::DELETE, path, json!({})).await;
    world.iot(Method::DELETE, "/authorizer/a", json!({})).await;
    world.default_authorizer("b").await;
}

#[tokio::test]
async fn domain_configurations() {
    let world = World::start().await;
    world.iot(Method::POST, "/authorizer/jwt", body()).await;
    let path = "/domainConfigurations/Fleet.1";
    let config = json!({ "defaultAuthorizerName": "jwt", "allowAuthorizerOverride": true });
    let create =
        json!({ "authorizerConfig": config, "serviceType": "DATA", "tags": [{ "Key": "k" }] });
    let created = world.iot(Method::POST, path, create.clone()).await;
    let arn = created["domainConfigurationArn"].as_str().unwrap();
    let prefix = "arn:aws:iot:eu-west-1:123456789012:domainconfiguration/Fleet.1/";
    assert!(
        arn.starts_with(prefix) && arn.len() == prefix.len() + 5,
        "{arn}"
    );
    let found = world.iot(Method::GET, path, json!({})).await;
    let name = found["domainName"].as_str().unwrap();
    assert!(name.ends_with(".iot.eu-west-1.localhost"), "{name}");
    assert_eq!(
        found,
        json!({
            "domainConfigurationName": "Fleet.1",
            "domainConfigurationArn": arn,
            "domainName": name,
            "serverCertificates": [],
            "authorizerConfig": config,
            "domainConfigurationStatus": "ENABLED",
            "serviceType": "DATA",
            "domainType": "AWS_MANAGED",
            "lastStatusChangeDate": NOON as f64 / 1000.0,
            "authenticationType": "DEFAULT",
            "applicationProtocol": "DEFAULT",
        })
    );
    // The same name gives the same domain in another run.
    let other = World::start().await;
    other.iot(Method::POST, "/authorizer/jwt", body()).await;
    assert_eq!(other.domain("Fleet.1", create.clone()).await, name);
    assert_ne!(other.domain("Fleet.2", create.clone()).await, name);

    let refusals = [
        (Method::POST, path, create, "ResourceAlreadyExistsException"),
        (
            Method::POST,
            "/domainConfigurations/a%20b",
            json!({}),
            "InvalidRequestException",
        ),
        (
            Method::POST,
            "/domainConfigurations/x",
            json!({ "authorizerConfig": {} }),
            "InvalidRequestException",
        ),
        (
            Method::POST,
            "/domainConfigurations/x",
            json!({ "authorizerConfig": { "defaultAuthorizerName": "none" } }),
            "InvalidRequestException",
        ),
        (
            Method::POST,
            "/domainConfigurations/x",
            json!({ "serviceType": "JOBS" }),
            "UnsupportedOperationException",
        ),
        (
            Method::POST,
            "/domainConfigurations/x",
            json!({ "domainName": "a.example" }),
            "UnsupportedOperationException",
        ),
        (
            Method::POST,
            "/domainConfigurations/x",
            json!({ "clientCertificateConfig": {} }),
            "UnsupportedOperationException",
        ),
        (
            Method::PUT,
            path,
            json!({ "tlsConfig": {} }),
            "UnsupportedOperationException",
        ),
        (
            Method::PUT,
            path,
            json!({ "authenticationType": "AWS_SIGV4" }),
            "UnsupportedOperationException",
        ),
        (
            Method::PUT,
            path,
            json!({ "authenticationType": "CUSTOM" }),
            "InvalidRequestException",
        ),
        (
            Method::PUT,
            path,
            json!({ "applicationProtocol": "MQTT" }),
            "InvalidRequestException",
        ),
        (
            Method::PUT,
            path,
            json!({ "domainConfigurationStatus": "ON" }),
            "InvalidRequestException",
        ),
        (
            Method::PUT,
            path,
            json!({ "removeAuthorizerConfig": true, "authorizerConfig": config }),
            "InvalidRequestException",
        ),
        (Method::DELETE, path, json!({}), "InvalidRequestException"),
        (
            Method::GET,
            "/domainConfigurations/none",
            json!({}),
            "ResourceNotFoundException",
        ),
        (
            Method::DELETE,
            "/authorizer/jwt",
            json!({}),
            "DeleteConflictException",
        ),
    ];
    for (method, path, body, code) in refusals {
        let text = format!("{method} {path} {body}");
        assert_eq!(refused(&world, method, path, body).await.1, code, "{text}");
    }

    let change = json!({
        "removeAuthorizerConfig": true,
        "authenticationType": "CUSTOM_AUTH",
        "applicationProtocol": "MQTT_WSS",
        "domainConfigurationStatus": "DISABLED",
    });
    world.iot(Method::PUT, path, change).await;
    let found = world.iot(Method::GET, path, json!({})).await;
    assert_eq!(found["authorizerConfig"], Value::Null);
    assert_eq!(found["authenticationType"], "CUSTOM_AUTH");
    assert_eq!(found["domainConfigurationStatus"], "DISABLED");
    let listed = world
        .iot(
            Method::GET,
            "/domainConfigurations?serviceType=DATA",
            json!({}),
        )
        .await;
    assert_eq!(
        listed["domainConfigurations"][0]["domainConfigurationArn"],
        arn
    );
    // AWS lets go of its own domains after a week only.
    world.advance(Duration::from_secs(7 * 24 * 3600 - 1));
    assert_eq!(
        refused(&world, Method::DELETE, path, json!({})).await.0,
        400
    );
    world.advance(Duration::from_secs(1));
    world.iot(Method::DELETE, path, json!({})).await;
    for index in 0..10 {
        world.domain(&format!("d{index}"), json!({})).await;
    }
    let (status, code, _) =
        refused(&world, Method::POST, "/domainConfigurations/d10", json!({})).await;
    assert_eq!((status, code.as_str()), (410, "LimitExceededException"));
}

#[tokio::test]
async fn test_invoke_authorizer_rehearses_every_kind_of_connection() {
    let script = Script::always(allow_all());
    let world = World::with(&script).await;
    world.authorizer("jwt").await;
    let path = "/authorizer/jwt/test";
    let question = json!({
        "token": "abc",
        "httpContext": { "headers": { "X-Name": "v" }, "queryString": "?a=b" },
        "mqttContext": { "username": "u", "password": STANDARD.encode(b"\xff"), "clientId": "c+1" },
        "tlsContext": { "serverName": "example" },
    });
    let answered = world.iot(Method::POST, path, question).await;
    let document = &allow_all()["policyDocuments"][0];
    assert_eq!(
        answered,
        json!({
            "isAuthenticated": true,
            "principalId": "device42",
            "policyDocuments": [document.to_string()],
            "refreshAfterInSeconds": 300,
            "disconnectAfterInSeconds": 3600,
        })
    );
    let event = script.event(0);
    let id = &event["connectionMetadata"]["id"];
    assert!(uuid::Uuid::parse_str(id.as_str().unwrap()).is_ok());
    assert_eq!(
        event,
        json!({
            "token": "abc",
            "signatureVerified": false,
            "protocols": ["tls", "http", "mqtt"],
            "protocolData": {
                "tls": { "serverName": "example" },
                "http": { "headers": { "X-Name": "v" }, "queryString": "?a=b" },
                "mqtt": { "username": "u", "password": STANDARD.encode(b"\xff"), "clientId": "c+1" },
            },
            "connectionMetadata": { "id": id },
        })
    );
    world.iot(Method::POST, path, json!({})).await;
    assert_eq!(script.event(1)["protocols"], json!([]));

    let calls = script.count();
    let long = |length: usize| "x".repeat(length);
    for (question, why) in [
        (json!({ "token": "" }), "token must have"),
        (json!({ "token": long(6145) }), "token must have"),
        (
            json!({ "tokenSignature": long(2561) }),
            "tokenSignature must have",
        ),
        (
            json!({ "httpContext": { "headers": { "a": "" } } }),
            "httpContext.headers",
        ),
        (
            json!({ "httpContext": { "headers": { "a": long(8193) } } }),
            "httpContext.headers",
        ),
        (
            json!({ "httpContext": { "queryString": long(4097) } }),
            "httpContext.queryString",
        ),
        (
            json!({ "mqttContext": { "username": long(65_536) } }),
            "mqttContext.username",
        ),
        (
            json!({ "mqttContext": { "password": "?" } }),
            "mqttContext.password",
        ),
        (
            json!({ "mqttContext": { "password": "" } }),
            "mqttContext.password",
        ),
        (
            json!({ "mqttContext": { "password": STANDARD.encode(long(65_536)) } }),
            "mqttContext.password",
        ),
        (
            json!({ "mqttContext": { "clientId": "" } }),
            "mqttContext.clientId",
        ),
        (
            json!({ "tlsContext": { "serverName": long(254) } }),
            "tlsContext.serverName",
        ),
        (json!({ "token": 5 }), "the body cannot be read"),
    ] {
        let (status, code, message) = refused(&world, Method::POST, path, question).await;
        assert_eq!(
            (status, code.as_str()),
            (400, "InvalidRequestException"),
            "{why}"
        );
        assert!(message.contains(why), "{why}: {message}");
    }
    assert_eq!(script.count(), calls);

    script.answer(but(allow_all(), "isAuthenticated", json!(false)));
    let answered = world.iot(Method::POST, path, json!({})).await;
    assert_eq!(answered, json!({ "isAuthenticated": false }));
    script.answer(json!({ "isAuthenticated": true }));
    let (status, code, message) = refused(&world, Method::POST, path, json!({})).await;
    assert_eq!((status, code.as_str()), (400, "InvalidResponseException"));
    assert!(message.contains("has no principalId"), "{message}");
    script.change(|_| Reply::Error("boom".into()));
    let (_, code, message) = refused(&world, Method::POST, path, json!({})).await;
    assert_eq!(code, "InvalidResponseException");
    assert!(message.contains("boom"), "{message}");
}

#[tokio::test]
async fn test_invoke_authorizer_checks_signatures() {
    let script = Script::always(allow_all());
    let world = World::with(&script).await;
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
        .unwrap();
    let signing = json!({ "signingDisabled": false, "tokenSigningPublicKeys": { "k": key.public_key_pem() } });
    world.authorizer_with("jwt", signing).await;
    let signature = STANDARD.encode(key.sign(b"abc").unwrap());
    let good = json!({ "token": "abc", "tokenSignature": signature });
    world.iot(Method::POST, "/authorizer/jwt/test", good).await;
    assert_eq!(script.event(0)["signatureVerified"], true);
    for bad in [
        json!({ "token": "abd", "tokenSignature": signature }),
        json!({ "token": "abc" }),
        json!({ "tokenSignature": signature }),
    ] {
        let (status, code, _) = refused(&world, Method::POST, "/authorizer/jwt/test", bad).await;
        assert_eq!((status, code.as_str()), (400, "InvalidRequestException"));
    }
    assert_eq!(script.count(), 1);
}

#[tokio::test]
async fn the_endpoint_tells_both_ports() {
    let world = World::start().await;
    let found = world
        .iot(
            Method::GET,
            "/endpoint?endpointType=iot:Data-ATS",
            json!({}),
        )
        .await;
    let port = |address: std::net::SocketAddr| format!("localhost:{}", address.port());
    assert_eq!(found["endpointAddress"], port(world.gateway.mqtt_addr()));
    assert_eq!(
        found["httpsEndpointAddress"],
        port(world.gateway.https_addr())
    );
}
