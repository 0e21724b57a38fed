//! What is suspicious about the rules of a template.

mod division;
mod names;
mod reach;

use std::fmt;

use crate::problem::{ParseError, Problem};
use crate::statement::{InvalidRule, Statement};
use crate::template::Template;
use crate::template_file::{TemplateFile, TopicRule};

/// The kinds of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Lint {
    /// The statement cannot be read or does not parse.
    Syntax,
    /// The statement calls a function that does not exist.
    UnknownFunction,
    /// A substitution template of an action does not parse.
    TemplateSyntax,
    /// `AwsIotSqlVersion` is missing: AWS then takes 2015-10-08.
    MissingVersion,
    /// The rule has no error action: failed actions leave no trace but a log line.
    MissingErrorAction,
    /// Two whole numbers are or may be divided: the remainder is lost.
    IntDivision,
    /// An expression has no alias: AWS does not document the key of its value.
    MissingAlias,
    /// No IoT policy of the template allows a device to publish what the rule selects.
    UnreachableTopic,
}

impl Lint {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownFunction => "unknown-function",
            Self::TemplateSyntax => "template-syntax",
            Self::MissingVersion => "missing-version",
            Self::MissingErrorAction => "missing-error-action",
            Self::IntDivision => "int-division",
            Self::MissingAlias => "missing-alias",
            Self::UnreachableTopic => "unreachable-topic",
        }
    }
}

/// One thing to look at. `Display` is one line for a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The logical id of the rule.
    pub rule: String,
    /// The kind.
    pub lint: Lint,
    /// What was found and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.lint.name(), self.message)
    }
}

/// Looks at every rule of a template, in the order of the file.
#[must_use]
pub fn check(file: &TemplateFile) -> Vec<Finding> {
    file.rules
        .iter()
        .flat_map(|rule| check_rule(rule, file))
        .collect()
}

fn check_rule(rule: &TopicRule, file: &TemplateFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |lint: Lint, message: String| {
        findings.push(Finding {
            rule: rule.logical_id.clone(),
            lint,
            message,
        });
    };
    if rule.version.is_none() {
        report(
            Lint::MissingVersion,
            "AwsIotSqlVersion is missing, so that AWS takes 2015-10-08: set it, to 2016-03-23 in new rules".to_owned(),
        );
    }
    if !rule.has_error_action {
        report(
            Lint::MissingErrorAction,
            "ErrorAction is missing: a failed action leaves only a log line and the message is lost".to_owned(),
        );
    }
    let statement = match &rule.sql {
        Err(reason) => Err((Lint::Syntax, reason.clone())),
        Ok(sql) => Statement::parse_rule(sql, rule.version.as_deref())
            .map_err(|e| (kind(&e), e.to_string())),
    };
    let version = match statement {
        Err((lint, message)) => {
            report(lint, message);
            None
        }
        Ok(statement) => {
            division::check(&statement, |message| report(Lint::IntDivision, message));
            names::check(&statement, |message| report(Lint::MissingAlias, message));
            if let (Some(filter), Some(publishable)) = (statement.topic_filter(), &file.publishable)
                && !reach::reachable(filter, rule.name.as_deref(), publishable)
            {
                report(
                    Lint::UnreachableTopic,
                    format!(
                        "no AWS::IoT::Policy of the template allows iot:Publish to a topic that '{filter}' selects: allow it, or correct the filter"
                    ),
                );
            }
            Some(statement.version())
        }
    };
    for (path, text) in &rule.templates {
        if let Err(problem) = Template::parse_as(text, version.unwrap_or_default()) {
            report(Lint::TemplateSyntax, format!("{path}: {problem}"));
        }
    }
    findings
}

const fn kind(cause: &InvalidRule) -> Lint {
    match cause {
        InvalidRule::Sql(ParseError {
            problem: Problem::UnknownFunction { .. },
            ..
        }) => Lint::UnknownFunction,
        _ => Lint::Syntax,
    }
}
