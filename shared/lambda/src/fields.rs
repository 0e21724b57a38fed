//! The fields of an event, each read only when it is asked for, so that a refusal names the field that is wrong.

use std::{collections::BTreeMap, fmt};

use sci_domain::refusal::{Reason, Refusal};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The fields of a JSON object by name, unread. A field that is null counts as absent: a rule's SQL writes null for
/// what the device did not send.
#[derive(Debug)]
pub struct Fields<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// Splits `event` into its fields.
    ///
    /// # Errors
    /// When it is not one JSON object, or names a field twice: two readers might take different ones.
    pub fn parse(event: &'a str) -> Result<Self, Refusal> {
        serde_json::from_str(event).map_err(|_| {
            Refusal::new(
                Reason::MalformedEvent,
                "the event must be a JSON object that names each field once",
            )
        })
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let raw = self.0.get(name).map(|raw| raw.get());
        raw.filter(|raw| *raw != "null")
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// When it is absent.
    pub fn require(&self, name: &str) -> Result<(), Refusal> {
        self.get(name).map(|_| ()).ok_or_else(|| missing(name))
    }

    /// A text, if it is there.
    ///
    /// # Errors
    /// When it is of another type, or its escapes make no text.
    pub fn optional_text(&self, name: &str) -> Result<Option<String>, Refusal> {
        let Some(raw) = self.get(name) else {
            return Ok(None);
        };
        if !raw.starts_with('"') {
            return Err(wrong_type(name, "a text"));
        }
        let text = serde_json::from_str(raw).map_err(|_| {
            Refusal::new(
                Reason::MalformedEvent,
                format!("{name} holds an escape that is no character"),
            )
        });
        text.map(Some)
    }

    /// A text.
    ///
    /// # Errors
    /// When it is absent, of another type, or its escapes make no text.
    pub fn text(&self, name: &str) -> Result<String, Refusal> {
        self.optional_text(name)?.ok_or_else(|| missing(name))
    }

    /// How long a text is as it stands between its quotes, if it is there: escapes count as they are written.
    ///
    /// # Errors
    /// When it is of another type.
    pub fn text_length(&self, name: &str) -> Result<Option<usize>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(raw) if raw.starts_with('"') => Ok(Some(raw.len().saturating_sub(2))),
            Some(_) => Err(wrong_type(name, "a text")),
        }
    }

    /// A number, if it is there. Texts such as `"21.5"` or `"NaN"` are no numbers.
    ///
    /// # Errors
    /// When it is of another type, or beyond what a number can hold, such as `1e400`.
    pub fn optional_number(&self, name: &str) -> Result<Option<f64>, Refusal> {
        let Some(raw) = self.get(name) else {
            return Ok(None);
        };
        if !raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            return Err(wrong_type(name, "a number"));
        }
        let number = serde_json::from_str::<f64>(raw).ok();
        let finite = number.filter(|number| number.is_finite());
        finite.map(Some).ok_or_else(|| {
            Refusal::new(
                Reason::NumberOutOfRange,
                format!("{name} is beyond what a number can hold"),
            )
        })
    }

    /// A number.
    ///
    /// # Errors
    /// When it is absent, of another type, or beyond what a number can hold.
    pub fn number(&self, name: &str) -> Result<f64, Refusal> {
        self.optional_number(name)?.ok_or_else(|| missing(name))
    }

    /// A point in time as a number, if it is there; fractions are cut off and what is negative is 0, so that the
    /// domain's checks of the range apply to them too.
    ///
    /// # Errors
    /// When it is of another type, or beyond what a number can hold.
    pub fn optional_millis(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let number = self.optional_number(name)?;
        // Exact below 2⁵³, which is the year 287,396; the cast saturates.
        Ok(number.map(|number| number as u64))
    }

    /// A point in time as a number.
    ///
    /// # Errors
    /// When it is absent, of another type, or beyond what a number can hold.
    pub fn millis(&self, name: &str) -> Result<u64, Refusal> {
        self.optional_millis(name)?.ok_or_else(|| missing(name))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a field is named twice"));
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Object).map(Self)
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::new(Reason::MissingField, format!("{name} is missing"))
}

fn wrong_type(name: &str, wanted: &str) -> Refusal {
    Refusal::new(Reason::WrongType, format!("{name} must be {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason<T: fmt::Debug>(result: Result<T, Refusal>) -> Reason {
        result.unwrap_err().reason
    }

    /// How `lambda_runtime` reads a payload: nothing may fail there, because what fails there never reaches the handler
    /// and so never the refused messages.
    #[test]
    fn the_runtime_hands_over_whatever_is_json() {
        for event in [
            r#"{"temperature":1e400}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"thing":"\ud800"}"#,
            r#"{"\udfff":1}"#,
            "[1]",
            "null",
            "\"text\"",
            "  {\"a\" : 1}  ",
            &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        ] {
            let mut json = serde_json::Deserializer::from_slice(event.as_bytes());
            let raw: Box<RawValue> = serde_path_to_error::deserialize(&mut json).unwrap();
            assert_eq!(raw.get(), event.trim());
            let _ = Fields::parse(raw.get());
        }
    }

    #[test]
    fn each_wrong_field_has_its_reason() {
        let fields = Fields::parse(
            r#"{"huge":1e400,"text":"21.5","nan":"NaN","null":null,"escape":"\ud800","yes":true,
                "list":[1],"negative":-5,"fraction":1795184580.123,"zero":-0}"#,
        )
        .unwrap();
        assert_eq!(reason(fields.number("huge")), Reason::NumberOutOfRange);
        assert_eq!(reason(fields.millis("huge")), Reason::NumberOutOfRange);
        for name in ["text", "nan", "yes", "list", "escape"] {
            assert_eq!(reason(fields.number(name)), Reason::WrongType, "{name}");
        }
        for name in ["null", "absent"] {
            assert_eq!(reason(fields.number(name)), Reason::MissingField, "{name}");
            assert_eq!(reason(fields.text(name)), Reason::MissingField, "{name}");
            assert_eq!(reason(fields.require(name)), Reason::MissingField, "{name}");
            assert_eq!(fields.optional_number(name), Ok(None));
        }
        assert_eq!(reason(fields.text("escape")), Reason::MalformedEvent);
        assert_eq!(reason(fields.text("huge")), Reason::WrongType);
        assert_eq!(fields.text_length("escape"), Ok(Some(6)));
        assert_eq!(fields.millis("negative"), Ok(0));
        assert_eq!(fields.millis("fraction"), Ok(1_795_184_580));
        assert_eq!(fields.number("zero"), Ok(0.0));
    }

    #[test]
    fn what_is_no_object_of_unique_names_is_malformed() {
        for event in [
            "[1]",
            "null",
            "7",
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"\ud800":1}"#,
        ] {
            assert_eq!(
                reason(Fields::parse(event)),
                Reason::MalformedEvent,
                "{event}"
            );
        }
    }
}
