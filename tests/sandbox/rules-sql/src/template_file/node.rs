//! YAML into a small tree in which the short and the long forms of intrinsic functions are the same.

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};

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
    pub(super) fn read(text: &str) -> Result<Self, InvalidTemplateFile> {
        let documents = Yaml::load_from_str(text)
            .map_err(|cause| InvalidTemplateFile::Yaml(cause.to_string()))?;
        let document = documents.first().ok_or(InvalidTemplateFile::Empty)?;
        convert(document, 0)
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

fn convert(yaml: &Yaml<'_>, depth: usize) -> Result<Node, InvalidTemplateFile> {
    if depth > MAX_DEPTH {
        return Err(InvalidTemplateFile::TooDeep);
    }
    Ok(match yaml {
        Yaml::Value(scalar) => Node::Text(scalar_text(scalar)),
        Yaml::Representation(text, _, _) => Node::Text(text.to_string()),
        Yaml::Sequence(items) => {
            let items: Result<Vec<Node>, _> = items.iter().map(|i| convert(i, depth + 1)).collect();
            Node::List(items?)
        }
        Yaml::Mapping(members) => {
            let members: Result<Vec<(String, Node)>, _> = members
                .iter()
                .map(|(key, value)| {
                    let key = match convert(key, depth + 1)? {
                        Node::Text(text) => text,
                        _ => String::new(),
                    };
                    Ok((key, convert(value, depth + 1)?))
                })
                .collect();
            Node::Map(members?)
        }
        Yaml::Tagged(tag, inner) => {
            let inner = convert(inner, depth + 1)?;
            let name = match tag.suffix.as_str() {
                _ if tag.handle != "!" => return Ok(inner),
                "Ref" | "Condition" => tag.suffix.clone(),
                other => format!("Fn::{other}"),
            };
            Node::Map(vec![(name, inner)])
        }
        Yaml::Alias(_) | Yaml::BadValue => {
            return Err(InvalidTemplateFile::Yaml(
                "a value that is not valid YAML".to_owned(),
            ));
        }
    })
}

fn scalar_text(scalar: &Scalar<'_>) -> String {
    match scalar {
        Scalar::Null => String::new(),
        Scalar::Boolean(value) => value.to_string(),
        Scalar::Integer(value) => value.to_string(),
        Scalar::FloatingPoint(value) => value.to_string(),
        Scalar::String(value) => value.to_string(),
    }
}
