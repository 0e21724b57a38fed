//! The rules for names and sizes.
//!
//! Source: the service model of AWS IoT (patterns and lengths) and its quotas page.

use std::collections::BTreeMap;

use super::Refusal;

/// Most attributes of a thing without a thing type.
pub const MAX_ATTRIBUTES_WITHOUT_TYPE: usize = 3;
/// Most attributes of a thing that has a thing type, and of a thing group.
pub const MAX_ATTRIBUTES: usize = 50;
const MAX_FUNCTION_ARN: usize = 2048;
/// Most bytes of all attribute names and values of a thing together.
const MAX_ATTRIBUTE_BYTES: usize = 47 * 1024;

/// Checks the name of a thing, thing type or thing group: 1 to 128 of letters, digits, `:`, `_`, `-`.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn registry_name(what: &str, name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ":_-".contains(c);
    check(what, name, 128, "[a-zA-Z0-9:_-]+", allowed)
}

/// Checks the name of a policy: 1 to 128 of letters, digits, `_`, `+`, `=`, `,`, `.`, `@`, `-`.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn policy_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    check("policyName", name, 128, "[\\w+=,.@-]+", allowed)
}

/// Checks the name of an authorizer: 1 to 128 of letters, digits, `_`, `=`, `,`, `@`, `-`.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn authorizer_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_=,@-".contains(c);
    check("authorizerName", name, 128, "[\\w=,@-]+", allowed)
}

/// Checks the name of an authorizer's token: 1 to 128 of letters, digits, `_`, `-`.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn token_key_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    check("tokenKeyName", name, 128, "[a-zA-Z0-9_-]+", allowed)
}

/// Checks the name of an authorizer's key: 1 to 128 of letters, digits, `:`, `_`, `-`.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn signing_key_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ":_-".contains(c);
    check("key name", name, 128, "[a-zA-Z0-9:_-]+", allowed)
}

/// Checks the name of a domain configuration: 1 to 128 of letters, digits, `_`, `.`, `-`.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn domain_configuration_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    check("domainConfigurationName", name, 128, "[\\w.-]+", allowed)
}

/// Checks the name of a provisioning template: 1 to 36 of letters, digits, `_`, `-`.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn template_name(name: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    check("templateName", name, 36, "[0-9A-Za-z_-]+", allowed)
}

/// Checks the ARN of a Lambda function: at most 2,048 characters.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn function_arn(what: &str, arn: &str) -> Result<(), Refusal> {
    let fields: Vec<_> = arn.splitn(7, ':').collect();
    match fields.as_slice() {
        ["arn", _, "lambda", _, _, "function", _] if arn.len() <= MAX_FUNCTION_ARN => Ok(()),
        _ => Err(Refusal::InvalidRequest(format!(
            "{what} `{arn}` must be the ARN of a Lambda function, at most {MAX_FUNCTION_ARN} characters"
        ))),
    }
}

/// Checks a certificate id: 64 hexadecimal digits.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn certificate_id(id: &str) -> Result<(), Refusal> {
    if id.len() == 64 && id.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Refusal::InvalidRequest(format!(
        "certificateId `{id}` must be 64 hexadecimal digits"
    )))
}

/// Checks attributes: at most `most`, names of 1 to 128, values of 1 to 800 characters, 47 KB in all.
///
/// # Errors
/// [`Refusal::InvalidRequest`].
pub fn attributes(attributes: &BTreeMap<String, String>, most: usize) -> Result<(), Refusal> {
    if attributes.len() > most {
        return Err(Refusal::InvalidRequest(format!(
            "{} attributes are more than the {most} allowed here (a thing without a thing type may have {MAX_ATTRIBUTES_WITHOUT_TYPE})",
            attributes.len()
        )));
    }
    let mut bytes = 0;
    for (name, value) in attributes {
        let in_name = |c: char| c.is_ascii_alphanumeric() || "_.,@/:#-".contains(c);
        let in_value = |c: char| in_name(c) || "=[]".contains(c);
        check("attribute name", name, 128, "[a-zA-Z0-9_.,@/:#-]+", in_name)?;
        if !value.is_empty() {
            check(
                "attribute value",
                value,
                800,
                "[a-zA-Z0-9_.,@/:#=\\[\\]-]*",
                in_value,
            )?;
        }
        bytes += name.len() + value.len();
    }
    if bytes > MAX_ATTRIBUTE_BYTES {
        return Err(Refusal::InvalidRequest(format!(
            "attributes of {bytes} bytes are more than 47 KB"
        )));
    }
    Ok(())
}

fn check(
    what: &str,
    text: &str,
    most: usize,
    pattern: &str,
    allowed: impl Fn(char) -> bool,
) -> Result<(), Refusal> {
    if text.is_empty() || text.chars().count() > most || !text.chars().all(allowed) {
        return Err(Refusal::InvalidRequest(format!(
            "{what} `{text}` must have 1 to {most} characters and match {pattern}"
        )));
    }
    Ok(())
}
