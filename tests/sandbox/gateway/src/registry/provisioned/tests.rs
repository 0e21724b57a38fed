use std::collections::BTreeMap;
use std::sync::Arc;

use provisioning_template::ThingOverrides;
use serde_json::json;

use super::*;
use crate::registry::groups::Group;
use crate::registry::things::ThingType;
use crate::registry::{Certificate, CertificateMode, Scope};

const ID: &str = "c0ffee";

fn state() -> State {
    let mut state = State::new(Scope {
        account_id: "123456789012".into(),
        region: "eu-west-1".into(),
    });
    let certificate = Certificate {
        id: ID.into(),
        pem: String::new(),
        facts: Arc::new(crate::x509::Facts {
            not_before_ms: 0,
            not_after_ms: 0,
            for_policies: iot_policy::Certificate::default(),
        }),
        status: CertificateStatus::PendingActivation,
        owned_by: "123456789012".into(),
        ca_certificate_id: None,
        mode: CertificateMode::Default,
        created_ms: 0,
        modified_ms: 0,
        customer_version: 1,
    };
    state.certificates.add(certificate, String::new()).unwrap();
    for name in ["fleet", "site"] {
        let group = Group {
            name: name.into(),
            id: String::new(),
            parent: None,
            description: None,
            attributes: BTreeMap::new(),
            created_ms: 0,
            version: 1,
        };
        state.groups.create(group, String::new()).unwrap();
    }
    for name in ["lamp", "lock"] {
        let thing_type = ThingType {
            name: name.into(),
            id: String::new(),
            description: None,
            searchable_attributes: Vec::new(),
            created_ms: 0,
            deprecated_ms: None,
        };
        state.things.create_type(thing_type, String::new()).unwrap();
    }
    let document = document().to_string();
    let created = state.policies.create("device", &document, 0, String::new());
    created.unwrap();
    state
}

fn document() -> serde_json::Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "iot:Connect", "Resource": "*" }] })
}

fn attributes(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn wanted(all: Override) -> Provisioned {
    let thing_type = match all {
        Override::Merge => Override::Replace,
        other => other,
    };
    Provisioned {
        thing: Some(ThingSpec {
            name: "t1".into(),
            attributes: attributes(&[("serial", "7")]),
            thing_type: Some("lamp".into()),
            groups: vec!["fleet".into()],
            overrides: ThingOverrides {
                attributes: all,
                thing_type,
                groups: all,
            },
        }),
        certificate: CertificateSpec {
            id: ID.into(),
            active: true,
            exclusive_thing: true,
            status_override: thing_type,
        },
        policies: vec![
            PolicySpec::Existing("device".into()),
            PolicySpec::Document(document()),
        ],
        device_configuration: BTreeMap::new(),
    }
}

/// A thing of the same name that differs in everything.
fn other_thing(state: &mut State) {
    let attributes = attributes(&[("owner", "me")]);
    let things = &mut state.things;
    things
        .create("t1", Some("lock".into()), attributes, String::new())
        .unwrap();
    state.groups.add_thing("site", "t1").unwrap();
}

fn groups(state: &State) -> Vec<&str> {
    state.groups.of_thing("t1").collect()
}

#[test]
fn everything_is_made_and_the_same_again_is_fine() {
    let mut state = state();
    let made = state.provision(&wanted(Override::Fail), 5).unwrap();
    let thing = state.things.get("t1").unwrap();
    assert_eq!(thing.thing_type.as_deref(), Some("lamp"));
    assert_eq!(thing.attributes, attributes(&[("serial", "7")]));
    assert_eq!(groups(&state), ["fleet"]);
    let certificate = state.certificates.get(ID).unwrap();
    assert_eq!(certificate.status, CertificateStatus::Active);
    let target = Target::Certificate(ID.into());
    let mut attached: Vec<_> = state.attachments.policies_of(&target).collect();
    attached.sort_unstable();
    let mut named: Vec<_> = made.policies.iter().map(String::as_str).collect();
    named.sort_unstable();
    assert_eq!((attached, made.policies.len()), (named, 2));
    let things: Vec<_> = state.attachments.things_of(ID).collect();
    assert_eq!(things, [("t1", PrincipalType::Exclusive)]);

    let before = format!("{state:?}");
    assert_eq!(state.provision(&wanted(Override::Fail), 9), Ok(made));
    assert_eq!(format!("{state:?}"), before);
}

#[test]
fn each_failure_leaves_the_registry_as_it_was() {
    type Spoil = fn(&mut Provisioned);
    let cases: [(&str, Spoil); 8] = [
        ("InvalidRequestException: thingName", |w| {
            w.thing.as_mut().unwrap().name = "../evil".into();
        }),
        ("thing type nothing does not exist", |w| {
            w.thing.as_mut().unwrap().thing_type = Some("nothing".into());
        }),
        ("thing group nowhere does not exist", |w| {
            w.thing.as_mut().unwrap().groups.push("nowhere".into());
        }),
        ("policy unknown does not exist", |w| {
            w.policies.push(PolicySpec::Existing("unknown".into()));
        }),
        ("MalformedPolicyException", |w| {
            w.policies
                .push(PolicySpec::Document(json!({ "Version": "2012-10-17" })));
        }),
        ("LimitExceededException", |w| {
            for number in 0..10 {
                let mut document = document();
                document["Statement"][0]["Resource"] =
                    format!("arn:aws:iot:eu-west-1:123456789012:client/{number}").into();
                w.policies.push(PolicySpec::Document(document));
            }
        }),
        ("is not registered", |w| w.certificate.id = "dead".into()),
        ("InvalidRequestException: attribute value", |w| {
            w.thing
                .as_mut()
                .unwrap()
                .attributes
                .insert("a".into(), "a b".into());
        }),
    ];
    for (reason, spoil) in cases {
        let mut state = state();
        let before = format!("{state:?}");
        let mut wanted = wanted(Override::Merge);
        spoil(&mut wanted);
        let refusal = state.provision(&wanted, 5).unwrap_err().to_string();
        assert!(refusal.contains(reason), "{reason}: {refusal}");
        assert_eq!(format!("{state:?}"), before, "{reason}");

        // The same where a thing has been changed by then.
        other_thing(&mut state);
        let before = format!("{state:?}");
        assert!(state.provision(&wanted, 5).is_err(), "{reason}");
        assert_eq!(format!("{state:?}"), before, "{reason}");
    }
}

#[test]
fn an_exclusive_thing_elsewhere_is_a_failure_in_the_end() {
    let mut state = state();
    let attached = state
        .attachments
        .attach_thing(ID, "other", PrincipalType::NonExclusive);
    attached.unwrap();
    let before = format!("{state:?}");
    let refusal = state.provision(&wanted(Override::Merge), 5).unwrap_err();
    assert!(refusal.to_string().contains("attached to thing other"));
    assert_eq!(format!("{state:?}"), before);
}

#[test]
fn override_settings() {
    let both = attributes(&[("owner", "me"), ("serial", "7")]);
    let cases = [
        (
            Override::DoNothing,
            "lock",
            attributes(&[("owner", "me")]),
            vec!["site"],
        ),
        (
            Override::Replace,
            "lamp",
            attributes(&[("serial", "7")]),
            vec!["fleet"],
        ),
        (Override::Merge, "lamp", both, vec!["fleet", "site"]),
    ];
    for (all, thing_type, attributes, in_groups) in cases {
        let mut state = state();
        other_thing(&mut state);
        state.provision(&wanted(all), 5).unwrap();
        let thing = state.things.get("t1").unwrap();
        assert_eq!(thing.thing_type.as_deref(), Some(thing_type), "{all:?}");
        assert_eq!(thing.attributes, attributes, "{all:?}");
        assert_eq!(groups(&state), in_groups, "{all:?}");
    }
}

#[test]
fn fail_fails_for_each_part_that_differs() {
    type Spoil = fn(&mut ThingSpec);
    let cases: [(&str, Spoil); 3] = [
        ("AttributePayload", |it| {
            it.overrides.attributes = Override::Fail;
        }),
        ("ThingTypeName", |it| {
            it.overrides.thing_type = Override::Fail;
        }),
        ("ThingGroups", |it| it.overrides.groups = Override::Fail),
    ];
    for (part, spoil) in cases {
        let mut state = state();
        other_thing(&mut state);
        let before = format!("{state:?}");
        let mut wanted = wanted(Override::Merge);
        spoil(wanted.thing.as_mut().unwrap());
        let refusal = state.provision(&wanted, 5).unwrap_err();
        assert!(matches!(&refusal, Refusal::Conflict(why) if why.contains(part)));
        assert_eq!(format!("{state:?}"), before);
    }
}

#[test]
fn the_status_of_a_certificate_that_is_not_pending_any_more() {
    let inactive = |all| {
        let mut inactive = wanted(all);
        inactive.certificate.active = false;
        inactive
    };
    for (all, status) in [
        (Override::DoNothing, CertificateStatus::Active),
        (Override::Replace, CertificateStatus::Inactive),
    ] {
        let mut state = state();
        state.provision(&wanted(all), 5).unwrap();
        let made = state.provision(&inactive(all), 6).unwrap();
        assert_eq!(state.certificates.get(ID).unwrap().status, status);
        assert_eq!(made.withdrawn, all == Override::Replace);
    }
    let mut state = state();
    state.provision(&wanted(Override::Fail), 5).unwrap();
    let before = format!("{state:?}");
    let refusal = state.provision(&inactive(Override::Fail), 6).unwrap_err();
    assert!(matches!(refusal, Refusal::Conflict(_)));
    assert_eq!(format!("{state:?}"), before);
    // Nor does provisioning bring back what was revoked.
    let certificates = &mut state.certificates;
    certificates
        .set_status(ID, CertificateStatus::Revoked, 7)
        .unwrap();
    let refusal = state.provision(&wanted(Override::Replace), 8).unwrap_err();
    assert!(matches!(refusal, Refusal::CertificateState(_)));
}
