//! Whether a topic filter and the resource pattern of a policy have a topic in common.

use std::collections::HashSet;

use mqtt_topic::TopicFilter;

/// One position of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Char(char),
    /// Any one character.
    One,
    /// Any number of characters.
    Any,
    /// Any number of characters but `/`.
    Level,
}

/// Whether devices with these permissions can publish something that the filter selects, through the broker or, for a
/// rule whose name is known, through Basic Ingest. Topics of AWS itself (`$aws/…`) need no permission here.
pub(super) fn reachable(
    filter: &TopicFilter,
    rule_name: Option<&str>,
    publishable: &[String],
) -> bool {
    if filter.as_str().starts_with("$aws/") {
        return true;
    }
    let direct = filter_parts(filter.as_str());
    let ingest: Vec<Part> = rule_name.map_or_else(Vec::new, |name| {
        let prefix = format!("$aws/rules/{name}/");
        prefix.chars().map(Part::Char).chain([Part::Any]).collect()
    });
    publishable.iter().any(|pattern| {
        let allowed: Vec<Part> = pattern
            .chars()
            .map(|c| match c {
                '*' => Part::Any,
                '?' => Part::One,
                c => Part::Char(c),
            })
            .collect();
        overlap(&direct, &allowed) || (!ingest.is_empty() && overlap(&ingest, &allowed))
    })
}

fn filter_parts(filter: &str) -> Vec<Part> {
    filter
        .chars()
        .map(|c| match c {
            '+' => Part::Level,
            '#' => Part::Any,
            c => Part::Char(c),
        })
        .collect()
}

/// Whether some text fits both patterns: a walk over pairs of positions.
fn overlap(left: &[Part], right: &[Part]) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![(0, 0)];
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        let (i, j) = at;
        let (a, b) = (left.get(i).copied(), right.get(j).copied());
        if a.is_none() && b.is_none() {
            return true;
        }
        if a.is_some_and(repeats) {
            open.push((i + 1, j));
        }
        if b.is_some_and(repeats) {
            open.push((i, j + 1));
        }
        if let (Some(a), Some(b)) = (a, b)
            && shares_a_character(a, b)
        {
            open.push((i + usize::from(!repeats(a)), j + usize::from(!repeats(b))));
        }
    }
    false
}

const fn repeats(part: Part) -> bool {
    matches!(part, Part::Any | Part::Level)
}

fn shares_a_character(a: Part, b: Part) -> bool {
    match (a, b) {
        (Part::Char(x), Part::Char(y)) => x == y,
        (Part::Char(x), Part::Level) | (Part::Level, Part::Char(x)) => x != '/',
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_patterns() {
        for (filter, pattern, expected) in [
            ("sensors/+/data", "sensors/*/data", true),
            ("sensors/+/data", "sensors/t1/data", true),
            ("sensors/+/data", "sensors/*", true),
            ("sensors/+/data", "*", true),
            ("sensors/+/data", "sensors/t?/data", true),
            ("sensors/+/data", "sensor/*/data", false),
            ("sensors/+/data", "sensors/*/status", false),
            ("sensors/+/data", "sensors/a/b/data", false),
            ("sensors/#", "sensors/a/b/data", true),
            ("a", "ab", false),
        ] {
            let filter = TopicFilter::parse(filter).unwrap();
            assert_eq!(
                reachable(&filter, None, &[pattern.to_owned()]),
                expected,
                "{filter} {pattern}"
            );
        }
    }

    #[test]
    fn basic_ingest_and_topics_of_aws() {
        let filter = TopicFilter::parse("sensors/+/data").unwrap();
        let ingest = ["$aws/rules/Hot/*".to_owned()];
        assert!(reachable(&filter, Some("Hot"), &ingest));
        assert!(!reachable(&filter, Some("Cold"), &ingest));
        assert!(!reachable(&filter, None, &ingest));
        let events = TopicFilter::parse("$aws/events/certificates/registered/+").unwrap();
        assert!(reachable(&events, None, &[]));
    }
}
