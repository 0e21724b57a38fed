//! The intrinsic functions. They are read once, into a tree: at evaluation a parameter's value is only ever text, so nothing
//! that a device sends can become a function.

use crate::failed::Failure;
use crate::invalid::{InvalidTemplate, Problem};
use crate::node::{Node, is_function};
use crate::scope::{Declared, Values};

/// What gives text.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Literal(String),
    Parameter(String),
    Join(String, List),
    Select(Box<Text>, List),
    FindInMap(String, Box<[Text; 2]>),
    /// `Fn::Sub`: the pieces in order.
    Concatenation(Vec<Text>),
}

/// What gives a list of texts.
#[derive(Debug, Clone)]
pub(crate) enum List {
    Items(Vec<Text>),
    Split(String, Box<Text>),
}

/// What an object is.
pub(crate) enum Function {
    Text(Text),
    List(List),
}

impl Text {
    pub(crate) fn parse(node: &Node<'_>, declared: &Declared<'_>) -> Result<Self, InvalidTemplate> {
        if let Some(text) = node.value.as_str() {
            return Ok(Self::Literal(text.to_owned()));
        }
        match Function::parse(node, declared)? {
            Some(Function::Text(text)) => Ok(text),
            Some(Function::List(_)) => Err(node.error(Problem::ListForText)),
            None => Err(node.expected("text, or a function that gives text")),
        }
    }

    pub(crate) fn evaluate(&self, values: &Values<'_>) -> Result<String, Failure> {
        match self {
            Self::Literal(text) => Ok(text.clone()),
            Self::Parameter(name) => values.parameter(name),
            Self::Join(delimiter, list) => Ok(list.evaluate(values)?.join(delimiter)),
            Self::Select(index, list) => {
                let index = index.evaluate(values)?;
                let index: usize = index.parse().map_err(|_| Failure::NotAnIndex)?;
                let items = list.evaluate(values)?;
                let length = items.len();
                let item = items.into_iter().nth(index);
                item.ok_or(Failure::NoSuchItem { length })
            }
            Self::FindInMap(mapping, keys) => {
                let [first, second] = keys.as_ref();
                values.find_in_map(mapping, &first.evaluate(values)?, &second.evaluate(values)?)
            }
            Self::Concatenation(pieces) => {
                pieces.iter().map(|piece| piece.evaluate(values)).collect()
            }
        }
    }
}

impl List {
    pub(crate) fn parse(node: &Node<'_>, declared: &Declared<'_>) -> Result<Self, InvalidTemplate> {
        if let Some(items) = node.items() {
            let items = items.iter().map(|item| Text::parse(item, declared));
            return Ok(Self::Items(items.collect::<Result<_, _>>()?));
        }
        match Function::parse(node, declared)? {
            Some(Function::List(list)) => Ok(list),
            _ => Err(node.expected("a list, or Fn::Split")),
        }
    }

    pub(crate) fn evaluate(&self, values: &Values<'_>) -> Result<Vec<String>, Failure> {
        match self {
            Self::Items(items) => items.iter().map(|item| item.evaluate(values)).collect(),
            Self::Split(delimiter, text) => {
                let text = text.evaluate(values)?;
                Ok(text.split(delimiter.as_str()).map(str::to_owned).collect())
            }
        }
    }
}

impl Function {
    /// The function that an object is, if it is one.
    pub(crate) fn parse(
        node: &Node<'_>,
        declared: &Declared<'_>,
    ) -> Result<Option<Self>, InvalidTemplate> {
        let Some(name) = name(node)? else {
            return Ok(None);
        };
        let Some(argument) = node.get(&name) else {
            return Ok(None);
        };
        let items = argument.items().unwrap_or_default();
        let function = match (name.as_str(), items.as_slice()) {
            ("Ref", _) => {
                let name = argument.text("the name of a parameter")?;
                Self::Text(parameter(&argument, name, declared)?)
            }
            ("Fn::Join", [delimiter, list]) => Self::Text(Text::Join(
                delimiter.text("a delimiter")?.to_owned(),
                List::parse(list, declared)?,
            )),
            ("Fn::Select", [index, list]) => {
                let index = match index.value.as_u64() {
                    Some(number) => Text::Literal(number.to_string()),
                    None => Text::parse(index, declared)?,
                };
                Self::Text(Text::Select(Box::new(index), List::parse(list, declared)?))
            }
            ("Fn::FindInMap", [mapping, first, second]) => {
                let name = mapping.text("the name of a mapping")?;
                if !declared.mappings.contains_key(name) {
                    return Err(mapping.error(Problem::UnknownMapping(name.to_owned())));
                }
                let keys = [
                    Text::parse(first, declared)?,
                    Text::parse(second, declared)?,
                ];
                Self::Text(Text::FindInMap(name.to_owned(), Box::new(keys)))
            }
            ("Fn::Split", [delimiter, text]) => {
                let delimiter = delimiter.text("a delimiter")?;
                if delimiter.is_empty() {
                    return Err(argument.expected("a delimiter that is not empty, and text"));
                }
                let text = Text::parse(text, declared)?;
                Self::List(List::Split(delimiter.to_owned(), Box::new(text)))
            }
            ("Fn::Sub", [template, variables]) => {
                variables.object()?;
                Self::Text(substitution(template, Some(variables), declared)?)
            }
            ("Fn::Sub", []) => Self::Text(substitution(&argument, None, declared)?),
            ("Fn::Join", _) => return Err(argument.expected("a delimiter and a list")),
            ("Fn::Select", _) => return Err(argument.expected("an index and a list")),
            ("Fn::FindInMap", _) => return Err(argument.expected("a mapping and two keys")),
            ("Fn::Split", _) => return Err(argument.expected("a delimiter and text")),
            ("Fn::Sub", _) => return Err(argument.expected("text, or text and its variables")),
            _ => return Err(node.error(Problem::UnknownFunction(name))),
        };
        Ok(Some(function))
    }
}

/// The name of the function that an object is, if it is one.
pub(crate) fn name(node: &Node<'_>) -> Result<Option<String>, InvalidTemplate> {
    let Some(members) = node.value.as_object() else {
        return Ok(None);
    };
    match members.keys().find(|name| is_function(name)) {
        Some(name) if members.len() > 1 => {
            Err(node.error(Problem::MisplacedFunction(name.clone())))
        }
        found => Ok(found.cloned()),
    }
}

fn parameter(
    node: &Node<'_>,
    name: &str,
    declared: &Declared<'_>,
) -> Result<Text, InvalidTemplate> {
    if declared.parameters.contains(name) {
        return Ok(Text::Parameter(name.to_owned()));
    }
    let name = name.to_owned();
    Err(node.error(if declared.resources.contains(&name) {
        Problem::ResourceReference(name)
    } else {
        Problem::UnknownParameter(name)
    }))
}

/// `${Name}` is a variable or a parameter, `${!Name}` the text `${Name}`: that is how policy variables pass through.
fn substitution(
    node: &Node<'_>,
    variables: Option<&Node<'_>>,
    declared: &Declared<'_>,
) -> Result<Text, InvalidTemplate> {
    let mut rest = node.text("text")?;
    let mut pieces = Vec::new();
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after
            .split_once('}')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| node.error(Problem::MalformedSubstitution))?;
        pieces.push(Text::Literal(before.to_owned()));
        pieces.push(match name.strip_prefix('!') {
            Some(literal) => Text::Literal(format!("${{{literal}}}")),
            None => match variables.and_then(|variables| variables.get(name)) {
                Some(value) => Text::parse(&value, declared)?,
                None => parameter(node, name, declared)?,
            },
        });
        rest = tail;
    }
    pieces.push(Text::Literal(rest.to_owned()));
    Ok(Text::Concatenation(pieces))
}
