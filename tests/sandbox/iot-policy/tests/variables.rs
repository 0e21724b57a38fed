//! Every policy variable: its name, its value, and when it has none.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use iot_policy::certificate::{AlternativeName, NameAttribute, Names};
use iot_policy::key::Key;
use iot_policy::{
    Action, Certificate, Context, Policy, PolicyDocument, Request, Thing, ThingVariables, explain,
};

fn full() -> Context {
    let names = |prefix: &str| {
        let mut names = Names::default();
        for &name in NameAttribute::ALL {
            names.attributes.insert(
                name,
                vec![format!("{prefix}{}", name.as_str()), "second".to_owned()],
            );
        }
        for &name in AlternativeName::ALL {
            names.alternatives.insert(
                name,
                vec![format!("{prefix}{}", name.as_str()), "other".to_owned()],
            );
        }
        names
    };
    let mut thing = Thing::new("thing");
    thing.type_name = Some("type".to_owned());
    thing
        .attributes
        .insert("a.b/c#1".to_owned(), "value".to_owned());
    Context {
        client_id: Some("client".to_owned()),
        source_ip: Some("192.0.2.1".parse().unwrap()),
        domain_name: Some("iot.example.com".to_owned()),
        thing: Some(thing),
        certificate: Some(Certificate {
            id: "c0ffee".to_owned(),
            serial_number: Some("92:12:85".to_owned()),
            subject: names("S-"),
            issuer: names("I-"),
        }),
        connect_attributes: vec!["LastWill".to_owned()],
        last_will_topic: Some("arn:aws:iot:r:1:topic/w".to_owned()),
        thing_variables: ThingVariables::Available,
    }
}

fn values(name: &str, context: &Context) -> Vec<String> {
    let key = Key::parse(name).unwrap_or_else(|| panic!("{name} is not known"));
    assert_eq!(key.to_string(), name);
    key.values(context)
        .into_iter()
        .map(|value| value.into_owned())
        .collect()
}

#[test]
fn every_variable_has_its_value() {
    let context = full();
    for (name, expected) in [
        ("iot:ClientId", "client"),
        ("aws:SourceIp", "192.0.2.1"),
        ("iot:DomainName", "iot.example.com"),
        ("iot:ConnectAttributes", "LastWill"),
        ("iot:LastWillTopic", "arn:aws:iot:r:1:topic/w"),
        ("iot:Connection.Thing.ThingName", "thing"),
        ("iot:Connection.Thing.ThingTypeName", "type"),
        ("iot:Connection.Thing.IsAttached", "true"),
        ("iot:Connection.Thing.Attributes[a.b/c#1]", "value"),
        ("iot:CertificateId", "c0ffee"),
        ("iot:Certificate.SerialNumber", "92:12:85"),
    ] {
        assert_eq!(values(name, &context), [expected], "{name}");
        assert!(
            values(name, &Context::default())
                .iter()
                .all(|value| value == "false"),
            "{name} without context"
        );
    }
    for (party, prefix) in [("Subject", "S-"), ("Issuer", "I-")] {
        for name in NameAttribute::ALL {
            let key = format!("iot:Certificate.{party}.{}", name.as_str());
            let first = format!("{prefix}{}", name.as_str());
            assert_eq!(values(&key, &context), [first.as_str()]);
            assert_eq!(values(&format!("{key}.0"), &context), [first.as_str()]);
            assert_eq!(values(&format!("{key}.1"), &context), ["second"]);
            assert!(values(&format!("{key}.2"), &context).is_empty());
            assert_eq!(
                values(&format!("{key}.List"), &context),
                [first.as_str(), "second"]
            );
            assert!(values(&key, &Context::default()).is_empty());
        }
        for name in AlternativeName::ALL {
            let key = format!("iot:Certificate.{party}.AlternativeName.{}", name.as_str());
            assert_eq!(
                values(&key, &context),
                [format!("{prefix}{}", name.as_str())]
            );
            assert_eq!(values(&format!("{key}.1"), &context), ["other"]);
        }
    }
    let available = values("iot:Certificate.AvailableKeys", &context);
    assert_eq!(
        available.len(),
        2 * (NameAttribute::ALL.len() + AlternativeName::ALL.len()) + 1
    );
    assert!(
        available.iter().all(|name| Key::parse(name).is_some()),
        "{available:?}"
    );
}

#[test]
fn an_ipv4_address_inside_ipv6_is_the_ipv4_address() {
    let context = Context {
        source_ip: Some("::ffff:192.0.2.1".parse().unwrap()),
        ..Context::default()
    };
    assert_eq!(values("aws:SourceIp", &context), ["192.0.2.1"]);
}

#[test]
fn names_that_are_not_known() {
    for name in [
        "",
        "iot:",
        "iot:ClientID",
        "iot:Connection.Thing.Attributes[]",
        "iot:Connection.Thing.Attributes[a",
        "iot:Connection.Thing.Attributes[a]b]",
        "iot:Certificate.Subject",
        "iot:Certificate.Subject.CommonName.x",
        "iot:Certificate.Subject.CommonName.",
        "iot:Certificate.Subject.CommonName.1.2",
        "iot:Certificate.Owner.CommonName",
        "iot:Certificate.Subject.AlternativeName",
        "iot:Certificate.Subject.AlternativeName.CommonName",
        "iot:Certificate.Subject.CommonName.99999999999999999999999",
        "aws:username",
    ] {
        assert_eq!(Key::parse(name), None, "{name}");
    }
}

#[test]
fn thing_variables_need_a_thing_and_mqtt() {
    let named = ["ThingName", "ThingTypeName", "Attributes[a.b/c#1]"]
        .map(|name| format!("iot:Connection.Thing.{name}"));
    let unattached = Context {
        thing: None,
        ..full()
    };
    let http = Context {
        thing_variables: ThingVariables::Unavailable,
        ..full()
    };
    for name in &named {
        assert!(values(name, &unattached).is_empty(), "{name}");
        assert!(values(name, &http).is_empty(), "{name}");
    }
    assert_eq!(
        values("iot:Connection.Thing.IsAttached", &unattached),
        ["false"]
    );
    assert!(values("iot:Connection.Thing.IsAttached", &http).is_empty());
}

#[test]
fn only_the_first_five_values_and_no_unusable_one() {
    let mut context = full();
    let all = ["0", "1*", "2", "3", "4", "5"].map(str::to_owned).to_vec();
    let subject = &mut context.certificate.as_mut().unwrap().subject;
    subject.attributes.insert(NameAttribute::Country, all);
    assert_eq!(
        values("iot:Certificate.Subject.Country.List", &context),
        ["0", "2", "3", "4"]
    );
    assert!(values("iot:Certificate.Subject.Country.1", &context).is_empty());
    assert_eq!(values("iot:Certificate.Subject.Country.4", &context), ["4"]);
    assert!(values("iot:Certificate.Subject.Country.5", &context).is_empty());
}

#[test]
fn explain_says_what_is_missing_and_why() {
    let document = |resource: &str| {
        let arn = "arn:aws:iot:eu-west-1:123456789012:topic/";
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Sid":"Own","Effect":"Allow","Action":"iot:Publish","Resource":"{arn}{resource}"}}}}"#
        );
        [Policy::new("device", PolicyDocument::parse(&text).unwrap())]
    };
    let ask = |resource: &str, context: &Context| {
        explain(
            &document(resource),
            &Request::new(
                Action::Publish,
                "arn:aws:iot:eu-west-1:123456789012:topic/t",
                context,
            ),
        )
        .to_string()
    };
    let thing = "${iot:Connection.Thing.ThingName}";
    let bad_certificate = {
        let mut certificate = Certificate::with_id("c");
        certificate
            .subject
            .attributes
            .insert(NameAttribute::CommonName, vec!["t*".to_owned()]);
        Context {
            certificate: Some(certificate),
            ..Context::default()
        }
    };
    for (resource, context, expected) in [
        (
            "t",
            Context::default(),
            "policy `device` statement 0 (`Own`) allows iot:Publish on",
        ),
        (
            "x",
            Context::default(),
            "its resource `arn:aws:iot:eu-west-1:123456789012:topic/x` does not cover the requested one",
        ),
        (
            thing,
            Context::of_client("t"),
            "the client id must be exactly the name of a thing the certificate is attached to",
        ),
        (
            thing,
            Context {
                thing_variables: ThingVariables::Unavailable,
                ..full()
            },
            "thing variables exist only on MQTT",
        ),
        (
            "${iot:Connection.Thing.Attributes[k]}",
            full(),
            "`iot:Connection.Thing.Attributes[k]` has no value: thing `thing` has none",
        ),
        (
            "${iot:CertificateId}",
            Context::default(),
            "the connection has no client certificate",
        ),
        (
            "${iot:Certificate.Subject.CommonName}",
            bad_certificate,
            "AWS does not substitute it: it holds one of `*$+?#`",
        ),
    ] {
        let explanation = ask(resource, &context);
        assert!(explanation.contains(expected), "{explanation}");
    }
}
