//! The writer: no spaces, members in order, nothing escaped that need not be.

use crate::value::Value;
use std::fmt::Write as _;

/// Writes a value as JSON text of at most `limit` bytes; `None` when it would be longer.
/// Undefined on its own is the empty text (documented).
pub(crate) fn write(value: &Value, limit: usize) -> Option<String> {
    let mut text = String::new();
    write_value(value, &mut text, limit)?;
    Some(text)
}

/// The size of the JSON text in bytes, if it is at most `limit`.
pub(crate) fn size_within(value: &Value, limit: usize) -> Option<usize> {
    write(value, limit).map(|text| text.len())
}

fn write_value(value: &Value, out: &mut String, limit: usize) -> Option<()> {
    match value {
        Value::Undefined => {}
        Value::Null => out.push_str("null"),
        Value::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(i) => write!(out, "{i}").ok()?,
        Value::Decimal(d) => write!(out, "{d}").ok()?,
        Value::String(s) => write_string(s, out),
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write_value(item, out, limit)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (n, (key, item)) in members.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write_value(item, out, limit)?;
            }
            out.push('}');
        }
    }
    (out.len() <= limit).then_some(())
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a String does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
