//! A manifest as JSON: an array of objects, or an object on each line. The messages of the JSON reader are not shown, since
//! they repeat what they stumbled over.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{
    Column, What,
    check::{Check, Row},
};

pub(super) fn array(text: &[u8], check: &mut Check<'_>) {
    let elements: Vec<&RawValue> = match serde_json::from_slice(text) {
        Ok(elements) => elements,
        Err(error) => return syntax(1, &error, check),
    };
    let (mut line, mut counted) = (1, 0);
    for element in elements {
        // Elements lie in the text, in its order.
        let element = element.get();
        let start = element.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        line += newlines(text.get(counted..start).unwrap_or_default());
        counted = start;
        object(element.as_bytes(), line, check);
    }
}

pub(super) fn lines(text: &[u8], check: &mut Check<'_>) {
    for (line, number) in text.split(|byte| *byte == b'\n').zip(1..) {
        if !line.trim_ascii().is_empty() {
            object(line, number, check);
        }
    }
}

fn newlines(text: &[u8]) -> u64 {
    text.iter()
        .fold(0, |lines, byte| lines + u64::from(*byte == b'\n'))
}

fn syntax(line: u64, error: &serde_json::Error, check: &mut Check<'_>) {
    let below = u64::try_from(error.line()).unwrap_or(1).saturating_sub(1);
    check.problem(line + below, None, What::Syntax(error.column()));
}

/// The members of an object in their order, also those that are there twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

fn object(text: &[u8], line: u64, check: &mut Check<'_>) {
    let members = match serde_json::from_slice(text) {
        Ok(Members(members)) => members,
        Err(error) if error.is_data() => return check.problem(line, None, What::NotAnObject),
        Err(error) => return syntax(line, &error, check),
    };
    let mut cells = BTreeMap::new();
    let mut seen = Vec::new();
    let mut good = true;
    let mut problem = |column, what| {
        check.problem(line, column, what);
        good = false;
    };
    for (key, value) in members {
        let Some(column) = Column::parse(&key) else {
            problem(None, What::KeyUnknown);
            continue;
        };
        if seen.contains(&column) {
            problem(Some(column), What::KeyTwice);
            continue;
        }
        seen.push(column);
        match value {
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => drop(cells.insert(column, Cow::Owned(text))),
            Value::Null => {}
            // A serial number that was written as a number has lost its leading zeros.
            _ => problem(Some(column), What::NotText),
        }
    }
    if good {
        check.row(&Row { line, cells });
    }
}
