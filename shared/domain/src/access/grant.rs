//! What a token's scopes allow one thing to do: the whole of it, in topics.
//!
//! A policy is made of typed values. The only text from a token that reaches it is a [`ThingName`], whose alphabet holds
//! neither wildcards nor `/`, `$` and quotes. It holds no policy variable: what a variable becomes is decided by the
//! connection, what a name is was decided by the token. Every wildcard in it stands in this file.

use super::{
    Scope, Scopes,
    policy::{Action, ArnPrefix, OfThing, PolicyDocument, PolicyTooLarge},
};
use crate::thing::ThingName;

/// What one thing may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant<'a> {
    /// The thing; also the only client id that may connect.
    pub thing: &'a ThingName,
    /// What its token asks for, and nobody forbids.
    pub scopes: Scopes,
}

impl Grant<'_> {
    /// One document for the connection, and one for each scope.
    ///
    /// # Errors
    /// When a document is longer than AWS IoT takes, which no thing's name can cause in an AWS Region known today.
    pub fn policies(&self, arn: &ArnPrefix) -> Result<Vec<PolicyDocument>, PolicyTooLarge> {
        let document = |allowed: &[_]| PolicyDocument::new(arn, self.thing, allowed);
        let mut documents = Vec::with_capacity(1 + Scope::ALL.len());
        documents.push(document(&[(Action::Connect, &[OfThing("", "")])])?);
        for scope in self.scopes.iter() {
            let Topics { says, hears } = topics(scope);
            // `Subscribe` is decided by the filter's text and `Receive` by the message's topic, so that both are needed.
            // Source: AWS IoT developer guide, "AWS IoT Core policy actions".
            documents.push(document(&[
                (Action::Publish, says),
                (Action::Subscribe, hears),
                (Action::Receive, hears),
            ])?);
        }
        Ok(documents)
    }
}

/// The topics of a scope.
struct Topics {
    says: &'static [OfThing],
    hears: &'static [OfThing],
}

/// Source for `$aws/things/`: AWS IoT developer guide, "Reserved topics".
const fn topics(scope: Scope) -> Topics {
    const NONE: &[OfThing] = &[];
    let (says, hears): (&[OfThing], &[OfThing]) = match scope {
        Scope::TelemetryPublish => (
            &[
                OfThing("sensors/", "/data"),
                OfThing("sci/properties/", "/environmental"),
            ],
            NONE,
        ),
        Scope::SecurityPublish => (&[OfThing("sci/properties/", "/security")], NONE),
        Scope::CommandsSubscribe => (NONE, &[OfThing("sci/properties/", "/commands/*")]),
        Scope::ShadowRead => (
            &[
                OfThing("$aws/things/", "/shadow/get"),
                OfThing("$aws/things/", "/shadow/name/*/get"),
            ],
            &[OfThing("$aws/things/", "/shadow/*")],
        ),
        // Not `delete`: a device that may change its shadow need not be able to make the cloud forget it.
        Scope::ShadowWrite => (
            &[
                OfThing("$aws/things/", "/shadow/update"),
                OfThing("$aws/things/", "/shadow/name/*/update"),
            ],
            &[
                OfThing("$aws/things/", "/shadow/update/*"),
                OfThing("$aws/things/", "/shadow/name/*/update/*"),
            ],
        ),
        Scope::JobsExecute => (
            &[
                OfThing("$aws/things/", "/jobs/get"),
                OfThing("$aws/things/", "/jobs/start-next"),
                OfThing("$aws/things/", "/jobs/*/get"),
                OfThing("$aws/things/", "/jobs/*/update"),
            ],
            &[OfThing("$aws/things/", "/jobs/*")],
        ),
        Scope::CertificateRotate => (
            &[
                OfThing("sci/properties/", "/certificate/csr"),
                OfThing("sci/properties/", "/certificate/commit"),
            ],
            &[OfThing("sci/properties/", "/certificate/*")],
        ),
    };
    Topics { says, hears }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing() -> ThingName {
        ThingName::parse("sci-p-lock-1").unwrap()
    }

    fn texts(scopes: &[Scope]) -> Vec<String> {
        let arn = ArnPrefix::parse("arn:aws:iot:eu-west-1:123456789012").unwrap();
        let scopes = scopes.iter().copied().collect();
        let thing = thing();
        let documents = Grant {
            thing: &thing,
            scopes,
        }
        .policies(&arn)
        .unwrap();
        documents
            .iter()
            .map(|document| document.as_str().to_owned())
            .collect()
    }

    #[test]
    fn without_scopes_a_device_may_connect_and_nothing_else() {
        assert_eq!(
            texts(&[]),
            [
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":["arn:aws:iot:eu-west-1:123456789012:client/sci-p-lock-1"]}]}"#
            ]
        );
    }

    #[test]
    fn a_scope_is_a_document() {
        let [_, security] = &texts(&[Scope::SecurityPublish])[..] else {
            panic!("one document more");
        };
        assert_eq!(
            security,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Publish","Resource":["arn:aws:iot:eu-west-1:123456789012:topic/sci/properties/sci-p-lock-1/security"]}]}"#
        );
        assert_eq!(texts(&Scope::ALL).len(), 8);
    }

    #[test]
    fn every_document_fits_the_longest_names() {
        let arn = ArnPrefix::parse("arn:aws-us-gov:iot:ap-southeast-5:123456789012").unwrap();
        let thing = ThingName::parse("n".repeat(128)).unwrap();
        let scopes = Scopes::ALL;
        let documents = Grant {
            thing: &thing,
            scopes,
        }
        .policies(&arn)
        .unwrap();
        assert!(documents.len() <= 10);
        for document in &documents {
            assert!(document.as_str().len() <= 2048);
            // Serializing reads it: it is JSON, and the same JSON.
            assert_eq!(serde_json::to_string(document).unwrap(), document.as_str());
        }
    }

    #[test]
    fn no_variable_and_no_wildcard_before_the_name() {
        for document in texts(&Scope::ALL) {
            assert!(!document.contains("${"), "{document}");
            for resource in document.split('"').filter(|text| text.starts_with("arn:")) {
                let (before, _) = resource.split_once("sci-p-lock-1").unwrap();
                assert!(!before.contains(['*', '?']), "{resource}");
            }
        }
    }
}
