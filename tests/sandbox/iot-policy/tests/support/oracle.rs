//! The second implementation: slow, obvious, and straight from the policy's JSON. It shares no code with the crate.

use std::net::IpAddr;

use iot_policy::{Context, Verdict};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sign {
    Is(char),
    One,
    Run,
    /// A variable without value: equal to nothing at all.
    Never,
}

/// Tries every possibility.
pub(crate) fn spells(pattern: &[Sign], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([Sign::Run, rest @ ..], text) => {
            (0..=text.len()).any(|taken| spells(rest, &text[taken..]))
        }
        ([Sign::One, rest @ ..], [_, text @ ..]) => spells(rest, text),
        ([Sign::Is(wanted), rest @ ..], [given, text @ ..]) => {
            wanted == given && spells(rest, text)
        }
        _ => false,
    }
}

pub(crate) fn plain(pattern: &str) -> Vec<Sign> {
    let sign = |character| match character {
        '*' => Sign::Run,
        '?' => Sign::One,
        other => Sign::Is(other),
    };
    pattern.chars().map(sign).collect()
}

pub(crate) fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

pub(crate) fn decide(
    documents: &[Value],
    action: &str,
    resource: &str,
    context: &Context,
) -> Verdict {
    let statements: Vec<&Value> = documents
        .iter()
        .flat_map(|document| many(&document["Statement"]))
        .collect();
    let hit = |effect: &str| {
        let mut statements = statements
            .iter()
            .filter(|statement| statement["Effect"] == effect);
        statements.any(|statement| matches(statement, action, resource, context))
    };
    match (hit("Deny"), hit("Allow")) {
        (true, _) => Verdict::ExplicitDeny,
        (false, true) => Verdict::Allowed,
        (false, false) => Verdict::ImplicitDeny,
    }
}

fn many(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |items| items.iter().collect())
}

fn matches(statement: &Value, action: &str, resource: &str, context: &Context) -> bool {
    let allow = statement["Effect"] == "Allow";
    let about = |wanted: &&Value| spells(&plain(wanted.as_str().unwrap()), &chars(action));
    if !many(&statement["Action"]).iter().any(about) {
        return false;
    }
    let covers = |pattern: &&Value| {
        spells(
            &signs(pattern.as_str().unwrap(), true, context),
            &chars(resource),
        )
    };
    let unknown =
        |pattern: &&Value| signs(pattern.as_str().unwrap(), true, context).contains(&Sign::Never);
    match statement.get("NotResource") {
        Some(excepted) => {
            let excepted = many(excepted);
            if excepted.iter().any(covers) || (allow && excepted.iter().any(unknown)) {
                return false;
            }
        }
        None => {
            if !many(&statement["Resource"]).iter().any(covers) {
                return false;
            }
        }
    }
    let Some(condition) = statement.get("Condition") else {
        return true;
    };
    let all = condition.as_object().unwrap().iter();
    let mut all = all.flat_map(|(operator, keys)| {
        keys.as_object()
            .unwrap()
            .iter()
            .map(move |(key, values)| (operator, key, values))
    });
    all.all(|(operator, key, values)| holds(operator, key, &many(values), allow, context))
}

/// The text with its variables filled in.
fn signs(text: &str, wild: bool, context: &Context) -> Vec<Sign> {
    let mut signs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("${") {
            let end = rest.find('}').unwrap();
            match &rest[2..end] {
                escape @ ("*" | "?" | "$") => signs.push(Sign::Is(chars(escape)[0])),
                name => match values(name, context).first() {
                    Some(value) => signs.extend(value.chars().map(Sign::Is)),
                    None => signs.push(Sign::Never),
                },
            }
            rest = &rest[end + 1..];
        } else {
            signs.extend(if wild {
                plain(&first.to_string())
            } else {
                vec![Sign::Is(first)]
            });
            rest = &rest[first.len_utf8()..];
        }
    }
    signs
}

fn values(key: &str, context: &Context) -> Vec<String> {
    let one = |value: Option<String>| value.into_iter().collect::<Vec<_>>();
    let thing = context.thing.as_ref();
    match key {
        "iot:ClientId" => one(context.client_id.clone()),
        "aws:SourceIp" => one(context.source_ip.map(|ip| ip.to_string())),
        "iot:ConnectAttributes" => context.connect_attributes.clone(),
        "iot:LastWillTopic" => one(context.last_will_topic.clone()),
        "iot:Connection.Thing.ThingName" => one(thing.map(|thing| thing.name.clone())),
        "iot:Connection.Thing.ThingTypeName" => {
            one(thing.and_then(|thing| thing.type_name.clone()))
        }
        "iot:Connection.Thing.IsAttached" => vec![thing.is_some().to_string()],
        "iot:Connection.Thing.Attributes[k]" => {
            one(thing.and_then(|thing| thing.attributes.get("k").cloned()))
        }
        key => {
            let rest = key
                .strip_prefix("iot:Certificate.Subject.Organization")
                .unwrap();
            let Some(certificate) = &context.certificate else {
                return Vec::new();
            };
            let mut all = Vec::new();
            for value in certificate.subject.attributes.values().flatten() {
                let bad = value.contains(['*', '$', '+', '?', '#']) || value.chars().count() > 1024;
                all.push((!bad).then(|| value.replace('\\', "\\\\").replace('=', "\\=")));
            }
            all.truncate(5);
            match rest {
                ".List" => all.into_iter().flatten().collect(),
                "" => one(all.first().cloned().flatten()),
                index => one(all
                    .get(index[1..].parse::<usize>().unwrap())
                    .cloned()
                    .flatten()),
            }
        }
    }
}

fn holds(operator: &str, key: &str, wanted: &[&Value], allow: bool, context: &Context) -> bool {
    let given = values(key, context);
    let wanted: Vec<&str> = wanted.iter().map(|value| value.as_str().unwrap()).collect();
    if operator == "Null" {
        return wanted
            .iter()
            .any(|value| *value == given.is_empty().to_string());
    }
    let (qualifier, operator) = operator.split_once(':').unwrap_or(("", operator));
    let if_exists = operator.ends_with("IfExists");
    let operator = operator.trim_end_matches("IfExists");
    let negated = operator.contains("Not");
    let operator = operator.replace("Not", "");
    let passes = |given: &String| {
        let mut unknown = false;
        for wanted in &wanted {
            match compare(&operator, given, wanted, context) {
                Some(true) => return !negated,
                Some(false) => {}
                None => unknown = true,
            }
        }
        negated && !(unknown && allow)
    };
    match qualifier {
        "ForAllValues" => given.iter().all(passes),
        "ForAnyValue" => given.iter().any(passes),
        _ if given.is_empty() => negated || if_exists,
        _ => passes(&given[0]),
    }
}

/// Nothing when a variable of the policy's value has no value.
fn compare(operator: &str, given: &str, wanted: &str, context: &Context) -> Option<bool> {
    let known = |signs: Vec<Sign>| (!signs.contains(&Sign::Never)).then_some(signs);
    Some(match operator {
        "StringEquals" => {
            known(signs(wanted, false, context))?
                == chars(given).into_iter().map(Sign::Is).collect::<Vec<_>>()
        }
        "StringEqualsIgnoreCase" => {
            let lower = |signs: Vec<Sign>| {
                let text: String = signs
                    .iter()
                    .map(|sign| {
                        if let Sign::Is(character) = sign {
                            *character
                        } else {
                            panic!()
                        }
                    })
                    .collect();
                text.to_lowercase()
            };
            lower(known(signs(wanted, false, context))?) == given.to_lowercase()
        }
        "StringLike" => spells(&known(signs(wanted, true, context))?, &chars(given)),
        "ArnEquals" | "ArnLike" => {
            // The generated ARNs have variables only in the last part.
            let wanted: Vec<&str> = wanted.splitn(6, ':').collect();
            let given: Vec<&str> = given.splitn(6, ':').collect();
            let last = known(signs(wanted[5], true, context))?;
            given.len() == 6
                && (0..5).all(|part| spells(&plain(wanted[part]), &chars(given[part])))
                && spells(&last, &chars(given[5]))
        }
        "Bool" => given == wanted,
        "IpAddress" => given.parse().is_ok_and(|given| within(given, wanted)),
        _ => {
            let Ok(given) = given.parse::<f64>() else {
                return Some(false);
            };
            let wanted: f64 = wanted.parse().unwrap();
            match operator {
                "NumericEquals" => given == wanted,
                "NumericLessThan" => given < wanted,
                "NumericLessThanEquals" => given <= wanted,
                "NumericGreaterThan" => given > wanted,
                "NumericGreaterThanEquals" => given >= wanted,
                other => panic!("{other}"),
            }
        }
    })
}

fn within(given: IpAddr, block: &str) -> bool {
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => format!("{:032b}", u32::from(ip)),
        IpAddr::V6(ip) => format!("{:0128b}", u128::from(ip)),
    };
    let (network, length) = block.split_once('/').unwrap_or((block, "128"));
    let (network, given) = (bits(network.parse().unwrap()), bits(given));
    let length = length.parse::<usize>().unwrap().min(network.len());
    network.len() == given.len() && network[..length] == given[..length]
}
