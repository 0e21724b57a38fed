//! Requests, and what of them is supported.

use serde::Deserialize;

use crate::api_error::ApiError;

/// Characters of a value; AWS says 4 KB and 8 KB.
const STANDARD: usize = 4096;
const ADVANCED: usize = 8192;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct PutParameter {
    pub(super) name: String,
    pub(super) value: String,
    #[serde(rename = "Type")]
    pub(super) type_: Option<String>,
    #[serde(default)]
    pub(super) overwrite: bool,
    tier: Option<Tier>,
    data_type: Option<String>,
    // No operation that is here gives it back.
    #[serde(rename = "Description")]
    _description: Option<String>,
}

/// A parameter's tier; in a request, how it is chosen.
#[derive(Clone, Copy, PartialEq, Deserialize)]
pub(super) enum Tier {
    Standard,
    Advanced,
    #[serde(rename = "Intelligent-Tiering")]
    Intelligent,
}

impl Tier {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
            Self::Intelligent => "Intelligent-Tiering",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct GetParameter {
    pub(super) name: String,
    /// AWS ignores it for parameters of type `String`.
    #[serde(rename = "WithDecryption")]
    _with_decryption: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DeleteParameter {
    pub(super) name: String,
}

impl PutParameter {
    /// Only texts, and only such as AWS takes.
    ///
    /// # Errors
    /// Another type, another data type, no value, or one that looks like a reference.
    pub(super) fn check_kind(&self) -> Result<(), ApiError> {
        let unsupported = |what| Err(ApiError::unsupported("UnsupportedParameterType", what));
        match self.type_.as_deref() {
            None | Some("String") => {}
            Some(other) => return unsupported(format!("parameters of type `{other}`")),
        }
        if let Some(other) = self.data_type.as_deref().filter(|kind| *kind != "text") {
            return unsupported(format!("the data type `{other}`"));
        }
        if self.value.is_empty() {
            return Err(ApiError::validation(
                "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length \
                 greater than or equal to 1",
            ));
        }
        // JSON never has "{{" outside of its texts.
        if let Some((_, rest)) = self.value.split_once("{{")
            && rest.contains("}}")
        {
            return Err(ApiError::validation(
                "Parameter value can't nest another parameter: {{}} is not allowed in it",
            ));
        }
        Ok(())
    }

    /// The tier that the parameter gets. `before` is the tier that it has.
    ///
    /// # Errors
    /// A value that is too long for it, and a way back from the advanced tier.
    pub(super) fn tier(&self, before: Option<Tier>) -> Result<Tier, ApiError> {
        let length = self.value.chars().count();
        let tier = match self.tier.or(before).unwrap_or(Tier::Standard) {
            Tier::Intelligent if length > STANDARD || before == Some(Tier::Advanced) => {
                Tier::Advanced
            }
            Tier::Intelligent => Tier::Standard,
            chosen => chosen,
        };
        if before == Some(Tier::Advanced) && tier == Tier::Standard {
            return Err(ApiError::validation(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                 advanced-parameter tier to the standard-parameter tier.",
            ));
        }
        let limit = if tier == Tier::Advanced {
            ADVANCED
        } else {
            STANDARD
        };
        if length > limit {
            return Err(ApiError::validation(format!(
                "{} tier parameters support a maximum parameter value of {limit} characters.",
                tier.as_str()
            )));
        }
        Ok(tier)
    }
}
