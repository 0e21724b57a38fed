//! The reader: RFC 8259, duplicate keys: the last one counts.

use super::{JsonProblem, MAX_DEPTH};
use crate::number;
use crate::value::{Members, Value};
use crate::version::SqlVersion;
use std::sync::Arc;

/// Reads a whole JSON document.
pub(crate) fn read(bytes: &[u8], version: SqlVersion) -> Result<Value, JsonProblem> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonProblem::NotJson)?;
    let mut reader = Reader {
        text,
        at: 0,
        version,
    };
    let value = reader.value(0)?;
    reader.space();
    if reader.at == text.len() {
        Ok(value)
    } else {
        Err(JsonProblem::NotJson)
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    version: SqlVersion,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonProblem> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(JsonProblem::NotJson)
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonProblem> {
        if !self.rest().starts_with(word) {
            return Err(JsonProblem::NotJson);
        }
        self.at += word.len();
        Ok(value)
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonProblem> {
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => Ok(Value::String(self.string()?.into())),
            Some(b't') => self.word("true", Value::Boolean(true)),
            Some(b'f') => self.word("false", Value::Boolean(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonProblem> {
        if depth > MAX_DEPTH {
            return Err(JsonProblem::TooDeep);
        }
        self.expect(b'{')?;
        let mut members = Members::new();
        self.space();
        if !self.take(b'}') {
            loop {
                self.space();
                let key = self.string()?;
                self.space();
                self.expect(b':')?;
                let value = self.value(depth)?;
                members.insert(key, value);
                self.space();
                if !self.take(b',') {
                    break;
                }
            }
            self.expect(b'}')?;
        }
        Ok(Value::Object(Arc::new(members)))
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonProblem> {
        if depth > MAX_DEPTH {
            return Err(JsonProblem::TooDeep);
        }
        self.expect(b'[')?;
        let mut items = Vec::new();
        self.space();
        if !self.take(b']') {
            loop {
                items.push(self.value(depth)?);
                self.space();
                if !self.take(b',') {
                    break;
                }
            }
            self.expect(b']')?;
        }
        Ok(Value::Array(Arc::new(items)))
    }

    fn digits(&mut self) -> Result<(), JsonProblem> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            Err(JsonProblem::NotJson)
        } else {
            Ok(())
        }
    }

    fn number(&mut self) -> Result<Value, JsonProblem> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'-') || self.take(b'+');
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let number = number::parse(text).ok_or(JsonProblem::NumberTooLarge)?;
        Ok(Value::number(number, self.version))
    }

    fn string(&mut self) -> Result<String, JsonProblem> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let run = self
                .rest()
                .find(|c: char| c == '"' || c == '\\' || c < ' ')
                .ok_or(JsonProblem::NotJson)?;
            text.push_str(self.rest().get(..run).unwrap_or_default());
            self.at += run;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return Err(JsonProblem::NotJson),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonProblem> {
        let byte = self.peek().ok_or(JsonProblem::NotJson)?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return Err(JsonProblem::NotJson),
        })
    }

    fn unicode(&mut self) -> Result<char, JsonProblem> {
        let first = self.hex4()?;
        let code = if (0xD800..0xDC00).contains(&first) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            let second = self.hex4()?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(JsonProblem::NotJson);
            }
            0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        } else {
            first
        };
        char::from_u32(code).ok_or(JsonProblem::NotJson)
    }

    fn hex4(&mut self) -> Result<u32, JsonProblem> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
            .ok_or(JsonProblem::NotJson)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| JsonProblem::NotJson)
    }
}
