//! YAML with CloudFormation's short tags, read into JSON with the long forms: `!Ref A` becomes `{"Ref": "A"}`.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::{Map, Number, Value};

use crate::{Problem, TemplateError};

/// Reads one document.
pub(crate) fn read(text: &str) -> Result<Value, TemplateError> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        line: 1,
    };
    let mut document = None;
    loop {
        match reader.next()? {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            _ if document.is_some() => return Err(reader.error("a template is one document")),
            event => document = Some(reader.node(event)?),
        }
    }
    document.ok_or_else(|| reader.error("the document is empty"))
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    line: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, message: impl Into<String>) -> TemplateError {
        TemplateError {
            path: String::new(),
            problem: Problem::Yaml {
                line: self.line,
                message: message.into(),
            },
        }
    }

    fn next(&mut self) -> Result<Event<'a>, TemplateError> {
        match self.parser.next() {
            Some(Ok((event, span))) => {
                let span: Span = span;
                self.line = span.start.line();
                Ok(event)
            }
            Some(Err(error)) => {
                self.line = error.marker().line();
                Err(self.error(error.info()))
            }
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(&mut self, event: Event<'a>) -> Result<Value, TemplateError> {
        match event {
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                Err(self.error("anchors and aliases are not supported"))
            }
            Event::Scalar(text, style, _, tag) => {
                let line = self.line;
                let Some(tag) = tag else {
                    return self.scalar(&text, style);
                };
                // Whatever follows a tag is text: `!Ref 1` names something called "1".
                self.tagged(&tag, Value::String(text.into_owned()), line)
            }
            Event::SequenceStart(_, tag) => {
                let line = self.line;
                let items = self.sequence()?;
                self.maybe_tagged(tag.as_deref(), items, line)
            }
            Event::MappingStart(_, tag) => {
                let line = self.line;
                let members = self.mapping()?;
                let members = self.long_get_att(members)?;
                self.maybe_tagged(tag.as_deref(), members, line)
            }
            Event::Alias(_) => Err(self.error("anchors and aliases are not supported")),
            _ => Err(self.error("the document ends in the middle of a value")),
        }
    }

    fn sequence(&mut self) -> Result<Value, TemplateError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::Array(items)),
                event => items.push(self.node(event)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Value, TemplateError> {
        let mut members = Map::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => return Ok(Value::Object(members)),
                Event::Scalar(text, _, 0, None) => text.into_owned(),
                _ => return Err(self.error("a key must be plain text")),
            };
            let line = self.line;
            let event = self.next()?;
            let value = self.node(event)?;
            if members.contains_key(&key) {
                self.line = line;
                return Err(self.error(format!("key `{key}` occurs twice")));
            }
            members.insert(key, value);
        }
    }

    fn maybe_tagged(
        &mut self,
        tag: Option<&Tag>,
        value: Value,
        line: usize,
    ) -> Result<Value, TemplateError> {
        match tag {
            Some(tag) => self.tagged(tag, value, line),
            None => Ok(value),
        }
    }

    fn tagged(&mut self, tag: &Tag, value: Value, line: usize) -> Result<Value, TemplateError> {
        self.line = line;
        if tag.handle != "!" {
            return Err(self.error(format!("unsupported tag `{}{}`", tag.handle, tag.suffix)));
        }
        let name = tag.suffix.as_str();
        let (long, value) = match name {
            "Ref" | "Condition" => (name.to_owned(), value),
            "GetAtt" => ("Fn::GetAtt".to_owned(), self.get_att(value)?),
            "And" | "Equals" | "FindInMap" | "If" | "Join" | "Not" | "Or" | "Select" | "Split"
            | "Sub" => (format!("Fn::{name}"), value),
            _ => return Err(self.error(format!("unsupported tag `!{name}`"))),
        };
        Ok(Value::Object(Map::from_iter([(long, value)])))
    }

    /// The long form takes `A.B` too.
    fn long_get_att(&self, members: Value) -> Result<Value, TemplateError> {
        match members.get("Fn::GetAtt") {
            Some(Value::String(text))
                if members
                    .as_object()
                    .is_some_and(|members| members.len() == 1) =>
            {
                let argument = self.get_att(Value::String(text.clone()))?;
                Ok(Value::Object(Map::from_iter([(
                    "Fn::GetAtt".to_owned(),
                    argument,
                )])))
            }
            _ => Ok(members),
        }
    }

    /// `!GetAtt A.B` is the short form of a list; the first dot separates, since a logical id has none.
    fn get_att(&self, value: Value) -> Result<Value, TemplateError> {
        let Value::String(text) = value else {
            return Ok(value);
        };
        let (id, attribute) = text
            .split_once('.')
            .ok_or_else(|| self.error(format!("`!GetAtt {text}` names no attribute")))?;
        Ok(Value::Array(vec![id.into(), attribute.into()]))
    }

    fn scalar(&self, text: &str, style: ScalarStyle) -> Result<Value, TemplateError> {
        if style != ScalarStyle::Plain {
            return Ok(text.into());
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
            "true" | "True" | "TRUE" => return Ok(true.into()),
            "false" | "False" | "FALSE" => return Ok(false.into()),
            _ => {}
        }
        // CloudFormation reads YAML 1.1, where these are Booleans and octal numbers: nobody who reads them is sure.
        let digits = text.strip_prefix('-').unwrap_or(text);
        let leading_zero = digits.len() > 1
            && digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit());
        if leading_zero || ["yes", "no", "on", "off"].contains(&text.to_ascii_lowercase().as_str())
        {
            return Err(self.error(format!("`{text}` is ambiguous, put it in quotes")));
        }
        Ok(number(text).map_or_else(|| text.into(), Value::Number))
    }
}

fn number(text: &str) -> Option<Number> {
    if let Ok(int) = text.parse::<i64>() {
        return (!text.starts_with('+')).then(|| int.into());
    }
    let plausible = text.contains('.')
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    plausible
        .then(|| text.parse::<f64>().ok().and_then(Number::from_f64))
        .flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_tags_become_long_forms() {
        let value = read(
            "a: !Ref X\nb: !GetAtt Q.Arn\nc: !Sub\n  - '${V}'\n  - {V: !Join ['-', [1, !Ref Y]]}\n",
        )
        .unwrap();
        assert_eq!(
            value,
            json!({
                "a": {"Ref": "X"},
                "b": {"Fn::GetAtt": ["Q", "Arn"]},
                "c": {"Fn::Sub": ["${V}", {"V": {"Fn::Join": ["-", [1, {"Ref": "Y"}]]}}]},
            })
        );
    }

    #[test]
    fn plain_scalars_have_types_and_quoted_ones_are_text() {
        let value = read("[1, -2, 1.5, true, null, 'true', \"1\", 2012-10-17, 1/1, a]").unwrap();
        assert_eq!(
            value,
            json!([
                1,
                -2,
                1.5,
                true,
                null,
                "true",
                "1",
                "2012-10-17",
                "1/1",
                "a"
            ])
        );
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        for (text, message) in [
            ("a: 1\nb: !Nope x", "line 2: unsupported tag `!Nope`"),
            ("a: 1\na: 2", "line 2: key `a` occurs twice"),
            (
                "a: &x 1\nb: *x",
                "line 1: anchors and aliases are not supported",
            ),
            ("a: yes", "line 1: `yes` is ambiguous, put it in quotes"),
            ("a: 0123", "line 1: `0123` is ambiguous, put it in quotes"),
            (
                "a: !GetAtt Queue",
                "line 1: `!GetAtt Queue` names no attribute",
            ),
            (
                "a: !!int 1",
                "line 1: unsupported tag `tag:yaml.org,2002:int`",
            ),
            ("---\na: 1\n---\nb: 1", "line 4: a template is one document"),
            ("", "line 1: the document is empty"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), message, "{text}");
        }
    }
}
