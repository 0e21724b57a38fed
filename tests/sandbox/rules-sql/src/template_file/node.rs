//! YAML into a small tree in which the short and the long forms of intrinsic functions are the same.
//!
//! Built from the parser's events without recursion, so that no nesting overflows the stack.

use std::borrow::Cow;
use std::collections::HashSet;

use saphyr_parser::{Event, Parser, Tag};

use super::InvalidTemplateFile;

/// Deepest nesting of a template file.
const MAX_DEPTH: usize = 64;

/// A value of a template file. Scalars are kept as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    List(Vec<Node>),
    /// `!Sub x` is the member `Fn::Sub`.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads the first document of a text.
    pub(super) fn read(text: &str) -> Result<Self, InvalidTemplateFile> {
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, span) =
                event.map_err(|cause| InvalidTemplateFile::Yaml(cause.to_string()))?;
            let line = span.start.line();
            if let Some(document) = builder.event(event, line)? {
                return Ok(document);
            }
        }
        Err(InvalidTemplateFile::Empty)
    }

    /// The member of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.members()
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v)
    }

    pub(super) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Map(members) => members,
            _ => &[],
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; anything else is a list of itself.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            other => std::slice::from_ref(other),
        }
    }
}

/// A list or a map that is still open.
enum Open {
    List(Vec<Node>),
    Map {
        members: Vec<(String, Node)>,
        seen: HashSet<String>,
        key: Option<String>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<(Open, Option<String>)>,
}

impl Builder {
    /// Takes an event; answers the document when it is complete.
    fn event(
        &mut self,
        event: Event<'_>,
        line: usize,
    ) -> Result<Option<Node>, InvalidTemplateFile> {
        if self.open.len() > MAX_DEPTH {
            return Err(InvalidTemplateFile::TooDeep);
        }
        let node = match event {
            Event::Scalar(text, _, _, tag) => tagged(Node::Text(text.into_owned()), intrinsic(tag)),
            Event::SequenceStart(_, tag) => {
                self.open.push((Open::List(Vec::new()), intrinsic(tag)));
                return Ok(None);
            }
            Event::MappingStart(_, tag) => {
                let map = Open::Map {
                    members: Vec::new(),
                    seen: HashSet::new(),
                    key: None,
                };
                self.open.push((map, intrinsic(tag)));
                return Ok(None);
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some((Open::List(items), tag)) => tagged(Node::List(items), tag),
                Some((Open::Map { members, .. }, tag)) => tagged(Node::Map(members), tag),
                None => return Ok(None),
            },
            Event::Alias(_) => {
                return Err(InvalidTemplateFile::Yaml(format!(
                    "line {line}: aliases are not supported by CloudFormation"
                )));
            }
            _ => return Ok(None),
        };
        self.add(node, line)
    }

    fn add(&mut self, node: Node, line: usize) -> Result<Option<Node>, InvalidTemplateFile> {
        match self.open.last_mut() {
            None => return Ok(Some(node)),
            Some((Open::List(items), _)) => items.push(node),
            Some((Open::Map { members, seen, key }, _)) => match (key.take(), node) {
                (Some(key), node) => members.push((key, node)),
                (None, Node::Text(text)) => {
                    if !seen.insert(text.clone()) {
                        return Err(InvalidTemplateFile::Yaml(format!(
                            "line {line}: the key `{text}` stands there twice"
                        )));
                    }
                    *key = Some(text);
                }
                (None, _) => {
                    return Err(InvalidTemplateFile::Yaml(format!(
                        "line {line}: a key that is no text"
                    )));
                }
            },
        }
        Ok(None)
    }
}

/// The long name of an intrinsic function's tag.
fn intrinsic(tag: Option<Cow<'_, Tag>>) -> Option<String> {
    let tag = tag.filter(|t| t.handle == "!")?;
    Some(match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        other => format!("Fn::{other}"),
    })
}

fn tagged(node: Node, name: Option<String>) -> Node {
    match name {
        Some(name) => Node::Map(vec![(name, node)]),
        None => node,
    }
}
