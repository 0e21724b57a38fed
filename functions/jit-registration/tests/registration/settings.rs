//! What the environment must say.

use std::collections::BTreeMap;

use jit_registration::config::Config;
use sci_lambda::Env;

fn environment() -> BTreeMap<String, String> {
    [
        ("ALLOW_LIST_TABLE", "AllowList"),
        ("INTRODUCERS_TABLE", "Introducers"),
        ("ENROLMENT_AUDIT_TABLE", "Audit"),
        ("FLEET_GROUP", "Fleet"),
        ("REFUSED_QUEUE_URL", "https://queue.example"),
        ("IOT_ARN_PREFIX", "arn:aws:iot:eu-west-1:123456789012"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn wrong(environment: BTreeMap<String, String>) -> Option<&'static str> {
    let read = Config::read(&Env::from_texts(environment));
    read.err().map(|invalid| invalid.name)
}

#[test]
fn what_is_missing_or_breaks_its_rule_is_named() {
    assert_eq!(wrong(environment()), None);
    for name in environment().keys() {
        let mut without = environment();
        without.remove(name);
        assert_eq!(wrong(without), Some(leak(name.as_str())), "{name}");
    }
    for (name, right, bad) in [
        (
            "CA_EVENTS_PER_HOUR",
            ["1", "100000"],
            ["0", "100001", "-1", "many"],
        ),
        ("PENDING_DAYS", ["1", "365"], ["0", "366", "1.5", "week"]),
    ] {
        let with = |value: &str| {
            let mut with = environment();
            with.insert(name.to_owned(), value.to_owned());
            wrong(with)
        };
        for value in right {
            assert_eq!(with(value), None, "{name}={value}");
        }
        for value in bad {
            assert_eq!(with(value), Some(name), "{name}={value}");
        }
    }
    let mut prefix = environment();
    prefix.insert("IOT_ARN_PREFIX".to_owned(), "arn:aws:iot".to_owned());
    assert_eq!(wrong(prefix), Some("IOT_ARN_PREFIX"));
}

/// Settings have static names.
fn leak(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}
