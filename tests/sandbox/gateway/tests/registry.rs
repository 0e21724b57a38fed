//! The `iot` API: refusals, quotas, paging, races.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use support::{ALLOW_ALL, World};

async fn refused(world: &World, method: Method, path: &str, body: Value) -> (u16, String) {
    let (status, code, body) = world.try_iot(method, path, &[], body).await;
    assert!(!body["message"].as_str().unwrap_or_default().is_empty(), "{path}: {body}");
    (status.as_u16(), code)
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, format!("{code}Exception"))
}

#[tokio::test]
async fn keys_and_certificates_look_like_those_of_aws() {
    let world = World::start().await;
    let made = world.iot(Method::POST, "/keys-and-certificate", json!({})).await;
    let key = made["keyPair"]["PrivateKey"].as_str().unwrap();
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
    let id = made["certificateId"].as_str().unwrap();
    let described = world.iot(Method::GET, &format!("/certificates/{id}"), json!({})).await;
    let description = &described["certificateDescription"];
    assert_eq!(description["status"], "INACTIVE");
    assert_eq!(description["validity"]["notAfter"], 2_524_607_999.0);
    assert_eq!(description["creationDate"], support::NOON as f64 / 1000.0);
    let (_, pem) = x509_parser::pem::parse_x509_pem(description["certificatePem"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(iot_gateway::x509::certificate_id(&pem.contents), id);
    let certificate = pem.parse_x509().unwrap();
    assert_eq!(certificate.subject().to_string(), "CN=AWS IoT Certificate");
    assert_eq!(certificate.public_key().parsed().unwrap().key_size(), 2048);
}

#[tokio::test]
async fn a_certificate_for_a_csr_keeps_its_subject_and_key() {
    let world = World::start().await;
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "sci-p-env-1");
    params.distinguished_name.push(rcgen::DnType::OrganizationName, "SCI, Ltd");
    let csr = params.serialize_request(&key).unwrap().pem().unwrap();
    let body = json!({ "certificateSigningRequest": csr });
    let made = world.iot(Method::POST, "/certificates", body.clone()).await;
    let (_, pem) = x509_parser::pem::parse_x509_pem(made["certificatePem"].as_str().unwrap().as_bytes()).unwrap();
    let certificate = pem.parse_x509().unwrap();
    assert_eq!(certificate.subject().iter_common_name().next().unwrap().as_str().unwrap(), "sci-p-env-1");
    assert_eq!(certificate.subject().iter_organization().next().unwrap().as_str().unwrap(), "SCI, Ltd");
    assert_eq!(certificate.public_key().raw, rcgen::PublicKeyData::subject_public_key_info(&key));
    // The same CSR again is another certificate.
    let again = world.iot(Method::POST, "/certificates", body).await;
    assert_ne!(again["certificateId"], made["certificateId"]);

    let tampered = csr.replace("-----BEGIN CERTIFICATE REQUEST-----\n", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA");
    for bad in ["", "no PEM", tampered.as_str(), &"x".repeat(5000)] {
        let body = json!({ "certificateSigningRequest": bad });
        assert_eq!(refused(&world, Method::POST, "/certificates", body).await, is(400, "InvalidRequest"));
    }
}

#[tokio::test]
async fn a_certificate_in_use_is_not_deleted() {
    let world = World::start().await;
    let device = world.device(ALLOW_ALL).await;
    world.thing("t", &device, "NON_EXCLUSIVE_THING").await;
    let path = format!("/certificates/{}", device.id);
    let delete = |path: String| refused(&world, Method::DELETE, path.leak(), json!({}));
    assert_eq!(delete(path.clone()).await, is(406, "CertificateState"));
    world.set_status(&device, "INACTIVE").await;
    assert_eq!(delete(path.clone()).await, is(409, "DeleteConflict"));
    assert_eq!(delete(format!("{path}?forceDelete=true")).await, is(409, "DeleteConflict"));
    assert_eq!(refused(&world, Method::DELETE, "/things/t", json!({})).await, is(400, "InvalidRequest"));
    let headers = [("x-amzn-principal", device.arn.as_str())];
    world.try_iot(Method::DELETE, "/things/t/principals", &headers, json!({})).await;
    assert_eq!(delete(path.clone()).await, is(409, "DeleteConflict"));
    world.iot(Method::DELETE, &format!("{path}?forceDelete=true"), json!({})).await;
    assert_eq!(refused(&world, Method::GET, &path, json!({})).await, is(404, "ResourceNotFound"));
    world.iot(Method::DELETE, "/things/t", json!({})).await;
}

#[tokio::test]
async fn statuses_of_the_service_cannot_be_asked_for() {
    let world = World::start().await;
    let device = world.trusted().await;
    for status in ["PENDING_ACTIVATION", "PENDING_TRANSFER", "active", ""] {
        let path = format!("/certificates/{}?newStatus={status}", device.id);
        assert_eq!(refused(&world, Method::PUT, &path, json!({})).await, is(400, "InvalidRequest"), "{status}");
    }
    let unknown = format!("/certificates/{}?newStatus=ACTIVE", "0".repeat(64));
    assert_eq!(refused(&world, Method::PUT, &unknown, json!({})).await, is(404, "ResourceNotFound"));
    // Idempotent.
    world.set_status(&device, "ACTIVE").await;
}

#[tokio::test]
async fn policies_have_five_versions_ten_per_target_and_are_checked() {
    let world = World::start().await;
    let device = world.device(ALLOW_ALL).await;
    let body = json!({ "policyDocument": ALLOW_ALL });
    world.iot(Method::POST, "/policies/p", body.clone()).await;
    assert_eq!(refused(&world, Method::POST, "/policies/p", body.clone()).await, is(409, "ResourceAlreadyExists"));
    for _ in 2..=5 {
        world.iot(Method::POST, "/policies/p/version", body.clone()).await;
    }
    let sixth = refused(&world, Method::POST, "/policies/p/version", body.clone()).await;
    assert_eq!(sixth, is(409, "VersionsLimitExceeded"));
    assert_eq!(refused(&world, Method::DELETE, "/policies/p/version/1", json!({})).await, is(409, "DeleteConflict"));
    assert_eq!(refused(&world, Method::DELETE, "/policies/p", json!({})).await, is(409, "DeleteConflict"));
    world.iot(Method::DELETE, "/policies/p/version/2", json!({})).await;
    let next = world.iot(Method::POST, "/policies/p/version", body.clone()).await;
    assert_eq!(next["policyVersionId"], "6");

    for bad in ["{}", "nonsense", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get","Resource":"*"}]}"#] {
        let body = json!({ "policyDocument": bad });
        assert_eq!(refused(&world, Method::POST, "/policies/bad", body).await, is(400, "MalformedPolicy"), "{bad}");
    }
    let long = ALLOW_ALL.replace("\"*\"", &format!("\"arn:aws:iot:eu-west-1:123456789012:topic/{}\"", "x".repeat(2048)));
    let body_long = json!({ "policyDocument": long });
    assert_eq!(refused(&world, Method::POST, "/policies/long", body_long).await, is(400, "MalformedPolicy"));

    for number in 1..=9 {
        world.grant(&device, ALLOW_ALL).await;
        let listed = world.iot(Method::POST, &format!("/attached-policies/{}", encoded(&device.arn)), json!({})).await;
        assert_eq!(listed["policies"].as_array().unwrap().len(), number + 1);
    }
    let target = json!({ "target": device.arn });
    assert_eq!(refused(&world, Method::PUT, "/target-policies/p", target).await, is(410, "LimitExceeded"));
    let attached = world.iot(Method::POST, "/policy-targets/p", json!({})).await;
    assert_eq!(attached["targets"], json!([]));
}

fn encoded(arn: &str) -> String {
    arn.replace(':', "%3A").replace('/', "%2F")
}

#[tokio::test]
async fn things_are_validated_versioned_and_listed_in_pages() {
    let world = World::start().await;
    let attributes = json!({ "attributePayload": { "attributes": { "a": "1", "b": "2", "c": "3" } } });
    world.iot(Method::POST, "/things/t", attributes.clone()).await;
    // The same again is fine, something else is not.
    world.iot(Method::POST, "/things/t", attributes.clone()).await;
    assert_eq!(refused(&world, Method::POST, "/things/t", json!({})).await, is(409, "ResourceAlreadyExists"));
    let four = json!({ "attributePayload": { "attributes": { "d": "4" }, "merge": true } });
    assert_eq!(refused(&world, Method::PATCH, "/things/t", four.clone()).await, is(400, "InvalidRequest"));
    world.iot(Method::POST, "/thing-types/sensor", json!({})).await;
    world.iot(Method::PATCH, "/things/t", json!({ "thingTypeName": "sensor" })).await;
    world.iot(Method::PATCH, "/things/t", four).await;
    let removal = json!({ "attributePayload": { "attributes": { "a": "" }, "merge": true }, "expectedVersion": 3 });
    world.iot(Method::PATCH, "/things/t", removal.clone()).await;
    assert_eq!(refused(&world, Method::PATCH, "/things/t", removal).await, is(409, "VersionConflict"));
    let thing = world.iot(Method::GET, "/things/t", json!({})).await;
    assert_eq!(thing["attributes"], json!({ "b": "2", "c": "3", "d": "4" }));
    assert_eq!((&thing["version"], &thing["thingTypeName"]), (&4.into(), &"sensor".into()));
    for bad in ["a*b", "a%2Fb", "a%24b", "%C3%A9", &"x".repeat(129)] {
        let made = refused(&world, Method::POST, &format!("/things/{bad}"), json!({})).await;
        assert_eq!(made, is(400, "InvalidRequest"), "{bad}");
    }
    let unknown_type = json!({ "thingTypeName": "nothing" });
    assert_eq!(refused(&world, Method::POST, "/things/u", unknown_type).await, is(404, "ResourceNotFound"));

    for number in 0..7 {
        world.iot(Method::POST, &format!("/things/n{number}"), json!({})).await;
    }
    let (mut seen, mut path) = (Vec::new(), "/things?maxResults=3".to_owned());
    loop {
        let page = world.iot(Method::GET, &path, json!({})).await;
        seen.extend(page["things"].as_array().unwrap().iter().map(|thing| thing["thingName"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextToken"].as_str() else { break };
        path = format!("/things?maxResults=3&nextToken={next}");
    }
    assert_eq!(seen, ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "t"]);
    let typed = world.iot(Method::GET, "/things?thingTypeName=sensor", json!({})).await;
    assert_eq!(typed["things"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn groups_form_a_forest_of_seven_levels() {
    let world = World::start().await;
    world.iot(Method::POST, "/thing-groups/g1", json!({})).await;
    for level in 2..=7 {
        let body = json!({ "parentGroupName": format!("g{}", level - 1) });
        world.iot(Method::POST, &format!("/thing-groups/g{level}"), body).await;
    }
    let eighth = json!({ "parentGroupName": "g7" });
    assert_eq!(refused(&world, Method::POST, "/thing-groups/g8", eighth).await, is(400, "InvalidRequest"));
    let described = world.iot(Method::GET, "/thing-groups/g3", json!({})).await;
    let line = &described["thingGroupMetadata"]["rootToParentThingGroups"];
    assert_eq!((&line[0]["groupName"], &line[1]["groupName"]), (&"g1".into(), &"g2".into()));

    world.iot(Method::POST, "/things/t", json!({})).await;
    let member = |group: &str| json!({ "thingGroupName": group, "thingName": "t" });
    world.iot(Method::PUT, "/thing-groups/addThingToThingGroup", member("g3")).await;
    let second = refused(&world, Method::PUT, "/thing-groups/addThingToThingGroup", member("g5")).await;
    assert_eq!(second, is(400, "InvalidRequest"));
    let direct = world.iot(Method::GET, "/thing-groups/g1/things", json!({})).await;
    assert_eq!(direct["things"], json!([]));
    let below = world.iot(Method::GET, "/thing-groups/g1/things?recursive=true", json!({})).await;
    assert_eq!(below["things"], json!(["t"]));
    assert_eq!(refused(&world, Method::DELETE, "/thing-groups/g3", json!({})).await, is(400, "InvalidRequest"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_exclusive_attachments_at_once_one_wins() {
    let world = Arc::new(World::start().await);
    let device = world.trusted().await;
    for number in 0..16 {
        world.iot(Method::POST, &format!("/things/t{number}"), json!({})).await;
    }
    let attempts = (0..16).map(|number| {
        let (world, device) = (Arc::clone(&world), device.clone());
        tokio::spawn(async move { world.attach_thing(&format!("t{number}"), &device, "EXCLUSIVE_THING").await })
    });
    let mut won = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        let (status, code, _) = attempt.await.unwrap();
        match status.as_u16() {
            200 => won += 1,
            400 => assert_eq!(code, "InvalidRequestException"),
            other => panic!("{other} {code}"),
        }
    }
    assert_eq!(won, 1);
    let headers = [("x-amzn-principal", device.arn.as_str())];
    let (_, _, body) = world.try_iot(Method::GET, "/principals/things-v2", &headers, json!({})).await;
    let things = body["principalThingObjects"].as_array().unwrap();
    assert_eq!((things.len(), &things[0]["thingPrincipalType"]), (1, &"EXCLUSIVE_THING".into()));
}

#[tokio::test]
async fn what_is_missing_is_refused_by_its_name_and_counted() {
    let world = World::start().await;
    for (method, path, name) in [
        (Method::POST, "/rules/r", "iot:CreateTopicRule"),
        (Method::PUT, "/jobs/j", "iot:CreateJob"),
        (Method::GET, "/nothing/like/it", "the iot operation behind GET /nothing/like/it"),
        (Method::GET, "/endpoint?endpointType=iot:Jobs", "iot:DescribeEndpoint of iot:Jobs"),
    ] {
        let (status, code, body) = world.try_iot(method, path, &[], json!({})).await;
        assert_eq!((status.as_u16(), code.as_str()), (400, "UnsupportedOperationException"));
        assert!(body["message"].as_str().unwrap().contains(name), "{body}");
        assert_eq!(world.gateway.unsupported().get(name), Some(&1));
    }
    let endpoint = world.iot(Method::GET, "/endpoint?endpointType=iot:Data-ATS", json!({})).await;
    assert_eq!(endpoint["endpointAddress"], format!("localhost:{}", world.gateway.mqtt_addr().port()));
}
