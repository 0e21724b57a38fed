//! The process environment, read once.
#![allow(
    clippy::disallowed_methods,
    reason = "the only place that reads the environment"
)]

use std::collections::BTreeMap;

use sci_domain::settings::InvalidSetting;

/// The environment as it was when the function started. Values that are not UTF-8 are left out.
#[derive(Clone)]
pub struct Env(BTreeMap<String, String>);

impl Env {
    /// Reads the process environment.
    #[must_use]
    pub fn from_process() -> Self {
        let texts = std::env::vars_os();
        Self(
            texts
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        )
    }

    /// An environment of one's own, for tests.
    #[must_use]
    pub const fn from_texts(texts: BTreeMap<String, String>) -> Self {
        Self(texts)
    }

    /// All texts by name. They hold credentials: never show them.
    #[must_use]
    pub const fn texts(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// A text without surrounding blanks; nothing when it is absent or empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The name under which the function is deployed, which holds its stage; `default` outside Lambda. Metrics carry it, so
    /// that stages of one account do not mix.
    #[must_use]
    pub fn function_name<'a>(&'a self, default: &'a str) -> &'a str {
        self.optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or(default)
    }

    /// A text that must be there. `rule` says what it must be.
    ///
    /// # Errors
    /// When it is absent or empty.
    pub fn required(&self, name: &'static str, rule: &'static str) -> Result<&str, InvalidSetting> {
        self.optional(name).ok_or(InvalidSetting { name, rule })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_absence_and_errors_name_key_and_rule() {
        let texts = [("STAGE", " dev "), ("EMPTY", "  ")];
        let env = Env::from_texts(texts.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
        assert_eq!(env.required("STAGE", "a stage"), Ok("dev"));
        assert_eq!(env.optional("EMPTY"), None);
        assert_eq!(env.function_name("f"), "f");
        let deployed = [("AWS_LAMBDA_FUNCTION_NAME".to_owned(), "f-prod".to_owned())];
        assert_eq!(
            Env::from_texts(deployed.into()).function_name("f"),
            "f-prod"
        );
        let error = env.required("EMPTY", "the name of a stage").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the setting EMPTY must be the name of a stage"
        );
        assert!(!Env::from_process().texts().is_empty());
    }
}
