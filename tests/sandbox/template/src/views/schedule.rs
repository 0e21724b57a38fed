//! EventBridge Scheduler schedules.

use std::time::Duration;

use serde::Deserialize;

use super::fields::{Ignored, Whole};
use crate::stack::Resource;
use crate::{Problem, TemplateError};

/// An EventBridge Scheduler schedule at a fixed rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name in the template.
    pub logical_id: String,
    /// `Name`.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `GroupName`, or `default`.
    pub group: String,
    /// Time between two ticks.
    pub rate: Duration,
    /// Whether it ticks.
    pub enabled: bool,
    /// What it calls.
    pub target_arn: String,
    /// The role it calls with.
    pub role_arn: String,
    /// The event; may hold context attributes such as `<aws.scheduler.scheduled-time>`.
    pub input: String,
    /// Retries of one tick, 0 to 185 (AWS's default).
    pub max_retries: u32,
    /// How long one tick may wait, 60 s to 24 h (AWS's default).
    pub max_age: Duration,
    /// Queue ARN for ticks that could not be delivered.
    pub dead_letter_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    #[serde(rename = "Name")]
    _name: Option<Ignored>,
    #[serde(rename = "Description")]
    _description: Option<Ignored>,
    group_name: Option<String>,
    schedule_expression: String,
    state: Option<String>,
    flexible_time_window: FlexibleTimeWindow,
    target: Target,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct FlexibleTimeWindow {
    mode: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Target {
    arn: String,
    role_arn: String,
    // Without it Scheduler sends a notification of its own making; say what is wanted.
    input: String,
    retry_policy: Option<RetryPolicy>,
    dead_letter_config: Option<DeadLetterConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct RetryPolicy {
    maximum_event_age_in_seconds: Option<Whole>,
    maximum_retry_attempts: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct DeadLetterConfig {
    arn: Option<String>,
}

impl Schedule {
    pub(super) fn of(resource: &Resource) -> Result<Self, TemplateError> {
        let properties: Properties = resource.read()?;
        let unsupported =
            |property, what: String| resource.error(property, Problem::UnsupportedProperty(what));
        if properties.flexible_time_window.mode != "OFF" {
            return Err(unsupported(
                "FlexibleTimeWindow",
                "a flexible time window".to_owned(),
            ));
        }
        let expression = &properties.schedule_expression;
        let rate = rate(expression).ok_or_else(|| {
            unsupported(
                "ScheduleExpression",
                format!("schedule `{expression}`, only rate(n unit)"),
            )
        })?;
        let target = properties.target;
        let retry = target.retry_policy.as_ref();
        let whole = |value: Option<Whole>, default| value.map_or(default, |Whole(number)| number);
        Ok(Self {
            logical_id: resource.logical_id.clone(),
            name: resource.physical_id.clone(),
            arn: resource.arn(),
            group: properties
                .group_name
                .unwrap_or_else(|| "default".to_owned()),
            rate,
            enabled: properties.state.as_deref() != Some("DISABLED"),
            target_arn: target.arn,
            role_arn: target.role_arn,
            input: target.input,
            max_retries: whole(retry.and_then(|retry| retry.maximum_retry_attempts), 185),
            max_age: Duration::from_secs(
                whole(
                    retry.and_then(|retry| retry.maximum_event_age_in_seconds),
                    86_400,
                )
                .into(),
            ),
            dead_letter_arn: target.dead_letter_config.and_then(|config| config.arn),
        })
    }
}

/// `rate(5 minutes)`; AWS takes minutes, hours and days.
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression
        .strip_prefix("rate(")?
        .strip_suffix(')')?
        .split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        assert_eq!(rate("rate(1 minute)"), Some(Duration::from_secs(60)));
        assert_eq!(rate("rate(12 hours)"), Some(Duration::from_secs(43_200)));
        for wrong in [
            "rate(0 minutes)",
            "rate(5 seconds)",
            "cron(0 10 * * ? *)",
            "rate(1minute)",
        ] {
            assert_eq!(rate(wrong), None, "{wrong}");
        }
    }
}
