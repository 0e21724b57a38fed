//! The ways a caller may name a function: name, `name:qualifier`, partial ARN, ARN.

use crate::error::InvokeError;
use crate::spec::is_function_name;

/// A parsed function name. The only version is `$LATEST`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FunctionRef {
    pub(crate) name: String,
    /// As written by the caller; `None` when the caller named no version.
    pub(crate) qualifier: Option<String>,
}

pub(crate) fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{account}:function:{name}")
}

/// Parses the `FunctionName` of the Lambda API.
///
/// # Source
/// `lambda/latest/api/API_Invoke`, "Name formats".
pub(crate) fn parse(text: &str, region: &str, account: &str) -> Result<FunctionRef, InvokeError> {
    let parts: Vec<&str> = text.split(':').collect();
    let (place, name, qualifier) = match parts.as_slice() {
        ["arn", _, "lambda", r, a, "function", name] => (Some((*r, *a)), *name, None),
        ["arn", _, "lambda", r, a, "function", name, q] => (Some((*r, *a)), *name, Some(*q)),
        [a, "function", name] => (Some((region, *a)), *name, None),
        [a, "function", name, q] => (Some((region, *a)), *name, Some(*q)),
        ["function", name] => (None, *name, None),
        [name] => (None, *name, None),
        [name, q] => (None, *name, Some(*q)),
        _ => return Err(InvokeError::InvalidFunctionName(text.to_owned())),
    };
    if !is_function_name(name) {
        return Err(InvokeError::InvalidFunctionName(text.to_owned()));
    }
    match place {
        Some((r, a)) if r != region || a != account => Err(InvokeError::FunctionNotFound {
            arn: arn(r, a, name),
        }),
        _ => Ok(FunctionRef {
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<FunctionRef, InvokeError> {
        parse(text, "eu-west-1", "123456789012")
    }

    #[test]
    fn every_documented_form_names_the_same_function() {
        for text in [
            "high-temp",
            "function:high-temp",
            "123456789012:function:high-temp",
            "arn:aws:lambda:eu-west-1:123456789012:function:high-temp",
        ] {
            let found = parsed(text).unwrap();
            assert_eq!((found.name.as_str(), found.qualifier), ("high-temp", None));
        }
        for text in [
            "high-temp:$LATEST",
            "arn:aws:lambda:eu-west-1:123456789012:function:high-temp:$LATEST",
        ] {
            let found = parsed(text).unwrap();
            assert_eq!(found.qualifier.as_deref(), Some("$LATEST"));
        }
    }

    #[test]
    fn foreign_places_and_bad_names_are_refused() {
        assert!(matches!(
            parsed("arn:aws:lambda:us-east-1:123456789012:function:high-temp"),
            Err(InvokeError::FunctionNotFound { .. })
        ));
        for text in ["", "a b", "arn:aws:sqs:eu-west-1:123456789012:q", "a/b"] {
            assert!(matches!(
                parsed(text),
                Err(InvokeError::InvalidFunctionName(_))
            ));
        }
    }
}
