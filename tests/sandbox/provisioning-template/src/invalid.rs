//! Why a text is not a provisioning template.

use std::fmt;

/// A template that cannot be read: where, and why.
#[derive(Debug)]
pub struct InvalidTemplate {
    /// The element, for example `Resources.thing.Properties.ThingName`; empty for the template itself.
    pub at: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an element of a template.
#[derive(Debug)]
pub enum Problem {
    /// The text is not JSON, nests too deep, or has a name twice in one object.
    NotJson(serde_json::Error),
    /// More characters than a template may have.
    TooLong {
        /// Characters in the text.
        characters: usize,
    },
    /// An element of the wrong kind.
    WrongType {
        /// What it must be.
        expected: &'static str,
    },
    /// A required element is absent.
    Missing(&'static str),
    /// An element that provisioning templates do not have.
    UnknownElement {
        /// Its name.
        name: String,
        /// Those there are.
        known: &'static [&'static str],
    },
    /// An element that AWS has and this crate has not.
    Unsupported(&'static str),
    /// An element that only fleet provisioning templates have, in one for just-in-time provisioning.
    FleetOnly,
    /// A word that is none of those the element can be.
    NotOneOf {
        /// The word as given.
        word: String,
        /// Those there are.
        words: Vec<&'static str>,
    },
    /// A reserved parameter that this kind of template has not, or in a template for just-in-time provisioning one that is
    /// not reserved: nobody would ever give it a value.
    ParameterWithoutSource(String),
    /// A reference to something that is no parameter of the template.
    UnknownParameter(String),
    /// A reference to a resource of the template, whose value AWS does not document.
    ResourceReference(String),
    /// A mapping that the template does not have.
    UnknownMapping(String),
    /// A function that provisioning templates do not have.
    UnknownFunction(String),
    /// A function next to other names, or among names of the template's own (parameters, attributes, mappings).
    MisplacedFunction(String),
    /// `Fn::Join` in a policy resource.
    JoinInPolicy,
    /// A function that gives a list where text is needed.
    ListForText,
    /// A function inside an escaped policy document, where AWS would take it as part of the policy.
    FunctionInEscapedDocument(String),
    /// A policy document that is made by a function, so that a device's text could rewrite it.
    DocumentFromFunction,
    /// `${` without `}`, or nothing between them.
    MalformedSubstitution,
    /// Exactly one certificate is needed, at most one thing is possible.
    Resources {
        /// The type.
        type_name: &'static str,
        /// How many the template has.
        count: usize,
    },
    /// A certificate named in another way than by `{"Ref": "AWS::IoT::Certificate::Id"}`.
    ForeignCertificate,
    /// More attributes than a thing can have.
    TooManyAttributes {
        /// Attributes in the template.
        count: usize,
        /// Most that are possible: 3 without a thing type, 50 with one.
        limit: usize,
    },
    /// Both a policy's name and its document, or neither.
    NameOrDocument,
}

impl InvalidTemplate {
    pub(crate) fn new(at: impl Into<String>, problem: Problem) -> Self {
        let at = at.into();
        Self { at, problem }
    }
}

impl fmt::Display for InvalidTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            write!(f, "at {}: ", self.at)?;
        }
        self.problem.fmt(f)
    }
}

impl std::error::Error for InvalidTemplate {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::NotJson(source) => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "not JSON: {why}"),
            Self::TooLong { characters } => write!(
                f,
                "{characters} characters are more than the {} of a template",
                crate::MAX_CHARACTERS
            ),
            Self::WrongType { expected } => write!(f, "must be {expected}"),
            Self::Missing(name) => write!(f, "`{name}` is missing"),
            Self::UnknownElement { name, known } => {
                write!(f, "unknown element `{name}`; there are {}", known.join(", "))
            }
            Self::Unsupported(name) => write!(f, "`{name}` is not supported here"),
            Self::FleetOnly => f.write_str("only fleet provisioning templates have it"),
            Self::NotOneOf { word, words } => {
                write!(f, "`{word}` is not one of {}", words.join(", "))
            }
            Self::ParameterWithoutSource(name) => write!(
                f,
                "nothing gives the parameter `{name}` a value: just-in-time provisioning has the certificate's subject \
                 (AWS::IoT::Certificate::…), fleet provisioning AWS::IoT::Certificate::Id and names of your own"
            ),
            Self::UnknownParameter(name) => {
                write!(f, "no parameter `{name}`; declare it under `Parameters`, or write a literal in `Fn::Sub` as ${{!…}}")
            }
            Self::ResourceReference(name) => {
                write!(f, "`{name}` is a resource; only parameters can be referred to here")
            }
            Self::UnknownMapping(name) => write!(f, "no mapping `{name}`"),
            Self::UnknownFunction(name) => write!(
                f,
                "no function `{name}`; there are Ref, Fn::Join, Fn::Select, Fn::FindInMap, Fn::Split, Fn::Sub"
            ),
            Self::MisplacedFunction(name) => write!(
                f,
                "`{name}` cannot stand here; a function is alone in an object that takes the place of one value"
            ),
            Self::JoinInPolicy => {
                f.write_str("AWS IoT refuses Fn::Join in a policy resource; use Fn::Sub")
            }
            Self::ListForText => f.write_str("gives a list where text is needed; use Fn::Select"),
            Self::FunctionInEscapedDocument(name) => write!(
                f,
                "`{name}` inside an escaped document is not evaluated; write the document as an object"
            ),
            Self::DocumentFromFunction => f.write_str(
                "a document made by a function is not supported, a parameter could rewrite it; write it as an object",
            ),
            Self::MalformedSubstitution => f.write_str("`${` needs a name and a `}`"),
            Self::Resources { type_name, count } => {
                write!(f, "{count} resources of type {type_name}; there must be one")
            }
            Self::ForeignCertificate => f.write_str(
                "a certificate can only be {\"Ref\": \"AWS::IoT::Certificate::Id\"}, the one being registered",
            ),
            Self::TooManyAttributes { count, limit } => write!(
                f,
                "{count} attributes; a thing has at most 3 without a thing type and 50 with one, here {limit}"
            ),
            Self::NameOrDocument => f.write_str("needs either `PolicyName` or `PolicyDocument`"),
        }
    }
}
