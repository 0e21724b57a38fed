//! Which policies apply to a connection.
//!
//! Source: AWS IoT developer guide, "Authorization"; AWS IoT API reference, `GetEffectivePolicies`.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;

use crate::document::{Policy, PolicyDocument};
use crate::invalid::InvalidPolicy;
use crate::limits::{LimitExceeded, check_authorizer_document_size, check_authorizer_documents};

/// A thing group as far as policies go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingGroup<P = Policy> {
    /// The policies attached to the group.
    pub policies: Vec<P>,
    /// The parent group's name.
    pub parent: Option<String>,
}

/// The policies of a certificate's connection: those attached to the certificate, then those of each group the resolved
/// thing is in, then those of the groups above it. A policy that is attached several times counts once.
///
/// `groups` are the names of the thing's own groups; `find` looks a group up. An unknown group has no policies; groups
/// that are each other's parent are visited once.
#[must_use]
pub fn of_certificate<'r, P: Borrow<Policy>>(
    certificate: &'r [P],
    groups: &[String],
    find: impl Fn(&str) -> Option<&'r ThingGroup<P>>,
) -> Vec<&'r Policy> {
    let mut seen = HashSet::new();
    let mut effective = Vec::new();
    let mut add = |policies: &'r [P]| {
        let policies = policies.iter().map(Borrow::<Policy>::borrow);
        effective.extend(policies.filter(|policy| seen.insert(policy.name.as_str())));
    };
    add(certificate);
    let mut visited = HashSet::new();
    for group in groups {
        let mut name = Some(group.as_str());
        while let Some((found, current)) = name.and_then(|name| Some((find(name)?, name))) {
            if !visited.insert(current.to_owned()) {
                break;
            }
            add(&found.policies);
            name = found.parent.as_deref();
        }
    }
    effective
}

/// Why an authorizer's documents cannot be used.
#[derive(Debug)]
pub enum InvalidAnswer {
    /// Too many documents, or one that is too long.
    Limit(LimitExceeded),
    /// A document that cannot be read.
    Document {
        /// Its place in the answer, counted from zero.
        index: usize,
        /// Why.
        source: InvalidPolicy,
    },
}

impl fmt::Display for InvalidAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(why) => why.fmt(f),
            Self::Document { index, source } => {
                write!(f, "authorizer's policy document {index}: {source}")
            }
        }
    }
}

impl std::error::Error for InvalidAnswer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Limit(source) => Some(source),
            Self::Document { source, .. } => Some(source),
        }
    }
}

/// The policies of a custom authorizer's answer, named `authorizer document <n>`. With `CUSTOM_AUTH_X509` they count
/// beside the certificate's.
///
/// # Errors
/// [`InvalidAnswer`] when the answer breaks a limit or holds a document that cannot be read; the whole answer counts
/// for nothing then.
pub fn of_authorizer<D: AsRef<str>>(documents: &[D]) -> Result<Vec<Policy>, InvalidAnswer> {
    check_authorizer_documents(documents.len()).map_err(InvalidAnswer::Limit)?;
    let read = |(index, document): (usize, &D)| {
        check_authorizer_document_size(document.as_ref()).map_err(InvalidAnswer::Limit)?;
        let document = PolicyDocument::parse(document.as_ref());
        let document = document.map_err(|source| InvalidAnswer::Document { index, source })?;
        Ok(Policy::new(
            format!("authorizer document {index}"),
            document,
        ))
    };
    documents.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn policy(name: &str) -> Policy {
        let statement = r#"{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}"#;
        let document = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        Policy::new(name, PolicyDocument::parse(&document).unwrap())
    }

    fn group(policies: &[&str], parent: Option<&str>) -> ThingGroup {
        ThingGroup {
            policies: policies.iter().copied().map(policy).collect(),
            parent: parent.map(str::to_owned),
        }
    }

    #[test]
    fn certificate_then_groups_then_parents_each_once() {
        let groups = HashMap::from([
            ("floor", group(&["floor"], Some("building"))),
            ("building", group(&["building", "device"], Some("site"))),
            ("site", group(&["site"], Some("building"))),
            ("sensors", group(&["sensors"], Some("site"))),
        ]);
        let certificate = [policy("device")];
        let own = [
            "floor".to_owned(),
            "sensors".to_owned(),
            "no such group".to_owned(),
        ];
        let effective = of_certificate(&certificate, &own, |name| groups.get(name));
        let names: Vec<_> = effective
            .iter()
            .map(|policy| policy.name.as_str())
            .collect();
        assert_eq!(names, ["device", "floor", "building", "site", "sensors"]);
    }

    #[test]
    fn an_authorizers_answer_counts_as_a_whole() {
        let good = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}}"#;
        assert_eq!(of_authorizer(&[good, good]).unwrap().len(), 2);
        let why = of_authorizer(&[good, "{}"]).unwrap_err();
        assert!(
            matches!(why, InvalidAnswer::Document { index: 1, .. }),
            "{why}"
        );
        assert!(of_authorizer(&[good; 10]).is_ok());
        let why = of_authorizer(&[good; 11]).unwrap_err();
        assert!(
            matches!(
                why,
                InvalidAnswer::Limit(LimitExceeded::AuthorizerDocuments(11))
            ),
            "{why}"
        );
        let padded = format!("{good}{}", " ".repeat(2_048 - good.len()));
        assert!(of_authorizer(&[&padded]).is_ok());
        let why = of_authorizer(&[padded + " "]).unwrap_err();
        let too_long = LimitExceeded::AuthorizerDocumentSize { characters: 2_049 };
        assert!(
            matches!(&why, InvalidAnswer::Limit(limit) if *limit == too_long),
            "{why}"
        );
    }
}
