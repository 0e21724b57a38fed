//! Names of things: what they may be, and what they may be mistaken for.

use sci_domain::thing::ThingName;
use testkit::Random;

/// Every character of a thing's name, those that mean something elsewhere more often.
const LETTERS: &[u8] = b"abcxyzABCXYZ0129:::___---";

/// Names that look like something else.
const WORDS: [&str; 24] = [
    "sci",
    "properties",
    "sensors",
    "data",
    "commands",
    "things",
    "shadow",
    "name",
    "get",
    "update",
    "jobs",
    "aws",
    "arn:aws:iot:eu-west-1:123456789012:topic",
    "iot:ClientId",
    "iot:Connection:Thing:ThingName",
    "client",
    "topic",
    "sci-property-001-environmental-0042",
    "-",
    "_",
    ":",
    "::",
    "dev1",
    "a",
];

/// A name.
pub(crate) fn name(random: &mut Random) -> String {
    match random.below(8) {
        0 => WORDS[random.below(WORDS.len() as u64) as usize].to_owned(),
        1 => letters(random, 128),
        _ => {
            let length = 1 + random.below(12);
            letters(random, length)
        }
    }
}

fn letters(random: &mut Random, length: u64) -> String {
    let letter = |_| char::from(LETTERS[random.below(LETTERS.len() as u64) as usize]);
    (0..length).map(letter).collect()
}

/// Another name, often one that is nearly the same.
pub(crate) fn other(random: &mut Random, name: &str) -> String {
    let letter = letters(random, 1);
    let other = match random.below(10) {
        0 => format!("{name}{letter}"),
        1 => format!("{letter}{name}"),
        2 => name[..name.len() - 1].to_owned(),
        3 => name[1..].to_owned(),
        4 => name.to_uppercase(),
        5 => name.to_lowercase(),
        6 => name.replace('-', "_"),
        7 => format!("{name}:{name}"),
        _ => self::name(random),
    };
    let valid = other != name && ThingName::parse(&*other).is_ok();
    if valid {
        other
    } else {
        format!("{}x", &name[..name.len().min(100)])
    }
}
