//! Intrinsic functions into texts, as far as a parameter's default or a pseudo parameter decides them.

use super::node::Node;

/// The values of pseudo parameters.
const PSEUDO: [(&str, &str); 5] = [
    ("AWS::AccountId", crate::DEFAULT_ACCOUNT_ID),
    ("AWS::Region", "eu-west-1"),
    ("AWS::Partition", "aws"),
    ("AWS::StackName", "stack"),
    ("AWS::URLSuffix", "amazonaws.com"),
];

/// Resolves texts of one template file.
pub(super) struct Resolver<'t> {
    pub(super) parameters: &'t [(String, Node)],
    /// What stands for the names that are not known here; without it they are errors.
    pub(super) unknown: Option<&'static str>,
}

impl Resolver<'_> {
    /// The text of a value; the error names what is not known here.
    pub(super) fn text(&self, node: &Node) -> Result<String, String> {
        match node {
            Node::Text(text) => Ok(text.clone()),
            Node::Map(members) => match members.as_slice() {
                [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                    self.intrinsic(name, argument)
                }
                _ => Err("a map where a text is needed".to_owned()),
            },
            Node::List(_) => Err("a list where a text is needed".to_owned()),
        }
    }

    fn intrinsic(&self, name: &str, argument: &Node) -> Result<String, String> {
        match (name, argument) {
            ("Ref", Node::Text(target)) => self.name(target, &[]),
            ("Fn::Sub", Node::Text(text)) => self.substitute(text, &[]),
            ("Fn::Sub", Node::List(parts)) => match parts.as_slice() {
                [Node::Text(text), Node::Map(names)] => self.substitute(text, names),
                _ => Err("Fn::Sub needs a text, or a list of a text and a map".to_owned()),
            },
            ("Fn::Join", Node::List(parts)) => match parts.as_slice() {
                [Node::Text(separator), Node::List(items)] => {
                    let items: Result<Vec<String>, String> =
                        items.iter().map(|i| self.text(i)).collect();
                    Ok(items?.join(separator))
                }
                _ => Err("Fn::Join needs a separator and a list".to_owned()),
            },
            _ => self.missing(name),
        }
    }

    fn missing(&self, what: &str) -> Result<String, String> {
        self.unknown
            .map(str::to_owned)
            .ok_or_else(|| format!("`{what}` is not known without the deployed stack"))
    }

    fn name(&self, name: &str, local: &[(String, Node)]) -> Result<String, String> {
        if let Some((_, node)) = local.iter().find(|(k, _)| k == name) {
            return self.text(node);
        }
        if let Some((_, value)) = PSEUDO.iter().find(|(k, _)| *k == name) {
            return Ok((*value).to_owned());
        }
        match self.parameters.iter().find(|(k, _)| k == name) {
            Some((_, parameter)) => match parameter.get("Default").and_then(Node::text) {
                Some(text) => Ok(text.to_owned()),
                None => self.missing(name),
            },
            None => self.missing(name),
        }
    }

    /// `${Name}` is a value, `${!Name}` the text `${Name}`.
    fn substitute(&self, text: &str, local: &[(String, Node)]) -> Result<String, String> {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let (name, following) = after
                .split_once('}')
                .ok_or_else(|| "`${` without `}` in Fn::Sub".to_owned())?;
            match name.strip_prefix('!') {
                Some(literal) => {
                    result.push_str("${");
                    result.push_str(literal);
                    result.push('}');
                }
                None => result.push_str(&self.name(name.trim(), local)?),
            }
            rest = following;
        }
        result.push_str(rest);
        Ok(result)
    }
}
