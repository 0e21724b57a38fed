//! The rules engine: every published message against every rule of the template, its actions and its error action.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use iot_gateway::{Gateway, Inbound, PublishedMessage};
use lambda_host::LambdaHost;
use rules_sql::{EvalError, Evaluation, Message, Output, ParseError, SqlVersion, Statement};
use sam_template::{Permission, RuleAction, TopicRule};
use sandbox_services::Services;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    external::SandboxExternal,
    in_flight::InFlight,
    options::{ACCOUNT, REGION},
    rule_action::{bytes, error_report, name},
};

/// A rule that the sandbox cannot run. It stops the start: a rule is never run approximately.
#[derive(Debug)]
pub enum UnusableRule {
    /// Its SQL.
    Sql {
        /// The rule's name.
        rule: String,
        /// What is wrong, and where.
        source: Box<ParseError>,
    },
    /// Its SQL version.
    Version {
        /// The rule's name.
        rule: String,
        /// The version given.
        version: String,
    },
    /// An action that the sandbox does not run.
    Action {
        /// The rule's name.
        rule: String,
        /// The action.
        action: String,
    },
}

impl fmt::Display for UnusableRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sql { rule, source } => write!(f, "rule {rule}: {source}"),
            Self::Version { rule, version } => {
                write!(f, "rule {rule}: unknown AwsIotSqlVersion {version}")
            }
            Self::Action { rule, action } => {
                write!(
                    f,
                    "rule {rule}: the sandbox does not run the action {action}"
                )
            }
        }
    }
}

impl std::error::Error for UnusableRule {}

/// What a rule did with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleOutcome {
    /// Topic or WHERE did not match.
    NoMatch,
    /// It matched; the actions that failed, of all.
    Matched {
        /// Request ids of the Lambda invocations that were accepted.
        invocations: Vec<String>,
        /// `<action>: <error>` of each action that failed; the error action got them all.
        failures: Vec<String>,
    },
    /// The SQL failed on this message: no action ran, not even the error action, as in AWS.
    EvaluationFailed(String),
}

/// One rule on one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRun {
    /// The rule's name.
    pub rule: String,
    /// The message's topic.
    pub topic: String,
    /// The message's trace id.
    pub trace_id: String,
    /// What came of it.
    pub outcome: RuleOutcome,
}

struct Rule {
    name: String,
    arn: String,
    statement: Statement,
    actions: Vec<RuleAction>,
    error_action: Option<RuleAction>,
}

/// The engine. Clones share everything.
#[derive(Clone)]
pub(crate) struct RuleEngine(Arc<Parts>);

struct Parts {
    rules: Vec<Rule>,
    services: Services,
    lambda: Arc<LambdaHost>,
    permissions: Vec<Permission>,
    /// Set once it is up. Weak, because the gateway holds this engine.
    gateway: OnceLock<Weak<Gateway>>,
    runs: Mutex<Vec<RuleRun>>,
    in_flight: InFlight,
    inbox: mpsc::UnboundedSender<PublishedMessage>,
}

/// What the engine needs.
pub(crate) struct Surroundings {
    pub(crate) services: Services,
    pub(crate) lambda: Arc<LambdaHost>,
    /// Who may invoke the functions.
    pub(crate) permissions: Vec<Permission>,
}

impl RuleEngine {
    /// Parses every rule and starts to wait for messages.
    pub(crate) fn start(
        rules: &[TopicRule],
        surroundings: Surroundings,
    ) -> Result<(Self, JoinHandle<()>), UnusableRule> {
        let rules = rules.iter().filter(|rule| !rule.disabled);
        let rules = rules.map(prepare).collect::<Result<Vec<_>, _>>()?;
        let (inbox, mut messages) = mpsc::unbounded_channel();
        let engine = Self(Arc::new(Parts {
            rules,
            services: surroundings.services,
            lambda: surroundings.lambda,
            permissions: surroundings.permissions,
            gateway: OnceLock::new(),
            runs: Mutex::default(),
            in_flight: InFlight::default(),
            inbox,
        }));
        let worker = engine.clone();
        let task = tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                worker.0.on_message(&message).await;
                worker.0.in_flight.finish();
            }
        });
        Ok((engine, task))
    }

    /// The registry that `get_registry_data()` asks.
    pub(crate) fn connect(&self, gateway: &Arc<Gateway>) {
        let _ = self.0.gateway.set(Arc::downgrade(gateway));
    }

    /// Waits until every message that was published has been through the rules.
    pub(crate) async fn quiesce(&self) {
        self.0.in_flight.idle().await;
    }

    /// Everything the rules did, in order.
    pub(crate) fn runs(&self) -> Vec<RuleRun> {
        self.0
            .runs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Inbound for RuleEngine {
    fn published(&self, message: PublishedMessage) {
        self.0.in_flight.begin();
        if self.0.inbox.send(message).is_err() {
            self.0.in_flight.finish();
        }
    }
}

fn prepare(rule: &TopicRule) -> Result<Rule, UnusableRule> {
    // Said at the start, not when the first message comes.
    for action in rule.actions.iter().chain(&rule.error_action) {
        if !matches!(action, RuleAction::Lambda { .. } | RuleAction::Sqs { .. }) {
            return Err(UnusableRule::Action {
                rule: rule.name.clone(),
                action: name(action).to_owned(),
            });
        }
    }
    let version = rule
        .sql_version
        .parse::<SqlVersion>()
        .map_err(|_| UnusableRule::Version {
            rule: rule.name.clone(),
            version: rule.sql_version.clone(),
        })?;
    let statement = Statement::parse(&rule.sql, version).map_err(|source| UnusableRule::Sql {
        rule: rule.name.clone(),
        source: Box::new(source),
    })?;
    Ok(Rule {
        name: rule.name.clone(),
        arn: rule.arn.clone(),
        statement,
        actions: rule.actions.clone(),
        error_action: rule.error_action.clone(),
    })
}

impl Parts {
    async fn on_message(&self, message: &PublishedMessage) {
        for rule in &self.rules {
            if message
                .basic_ingest_rule
                .as_ref()
                .is_some_and(|wanted| *wanted != rule.name)
            {
                continue;
            }
            let outcome = match self.select(rule, message) {
                Ok(Evaluation::NoMatch) => RuleOutcome::NoMatch,
                Ok(Evaluation::Match(selected)) => self.act(rule, message, &selected.output).await,
                Err(error) => RuleOutcome::EvaluationFailed(error.to_string()),
            };
            let run = RuleRun {
                rule: rule.name.clone(),
                topic: message.topic.clone(),
                trace_id: message.trace_id.clone(),
                outcome,
            };
            self.runs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(run);
        }
    }

    fn select(&self, rule: &Rule, message: &PublishedMessage) -> Result<Evaluation, EvalError> {
        let source_ip = message.source_ip.map(|ip| ip.to_string());
        let properties = &message.properties;
        let external = SandboxExternal {
            rule_arn: &rule.arn,
            permissions: &self.permissions,
            services: &self.services,
            lambda: &self.lambda,
            gateway: self.gateway.get().and_then(Weak::upgrade),
        };
        rule.statement.evaluate(
            &Message {
                client_id: message.client_id.as_deref(),
                principal: message.principal.as_deref(),
                source_ip: source_ip.as_deref(),
                trace_id: Some(&message.trace_id),
                account_id: ACCOUNT,
                now_ms: message.received_at_ms,
                seed: seed(&message.trace_id),
                content_type: properties.content_type.as_deref(),
                response_topic: properties.response_topic.as_deref(),
                correlation_data: properties.correlation_data.as_deref(),
                payload_is_utf8: properties.payload_is_utf8.unwrap_or_default(),
                user_properties: &properties.user,
                ..Message::new(&message.topic, &message.payload)
            },
            &external,
        )
    }

    async fn act(&self, rule: &Rule, message: &PublishedMessage, output: &Output) -> RuleOutcome {
        let (mut invocations, mut failures) = (Vec::new(), Vec::new());
        for action in &rule.actions {
            match self.run(rule, action, output).await {
                Ok(request_id) => invocations.extend(request_id),
                Err(error) => failures.push((action, error)),
            }
        }
        if let (Some(error_action), false) = (&rule.error_action, failures.is_empty()) {
            let report = error_report(&rule.name, message, &failures);
            let report = Output::Json(report);
            // AWS only logs an error action that fails.
            if let Err(error) = self.run(rule, error_action, &report).await {
                failures.push((error_action, error));
            }
        }
        RuleOutcome::Matched {
            invocations,
            failures: failures
                .iter()
                .map(|(action, error)| format!("{}: {error}", name(action)))
                .collect(),
        }
    }

    /// Runs an action; a Lambda invocation answers its request id.
    async fn run(
        &self,
        rule: &Rule,
        action: &RuleAction,
        output: &Output,
    ) -> Result<Option<String>, String> {
        match action {
            RuleAction::Lambda { function_arn } => {
                let function = function_arn.rsplit(':').next().unwrap_or(function_arn);
                let allows = |p: &Permission| {
                    p.allows(function_arn, "iot.amazonaws.com", &rule.arn, ACCOUNT)
                };
                if !self.permissions.iter().any(allows) {
                    return Err(format!(
                        "no AWS::Lambda::Permission lets this rule invoke {function}"
                    ));
                }
                let Output::Json(text) = output else {
                    return Err(
                        "a Lambda action takes no binary payload: select encode(*, 'base64')"
                            .into(),
                    );
                };
                let accepted = self
                    .lambda
                    .invoke_async(function, Bytes::from(text.clone()));
                accepted
                    .map(|a| Some(a.request_id))
                    .map_err(|e| e.to_string())
            }
            RuleAction::Sqs {
                queue_url,
                use_base64,
                ..
            } => {
                let name = queue_url.rsplit('/').next().unwrap_or_default();
                let queue_arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
                let bytes = bytes(output);
                let body = if *use_base64 {
                    BASE64.encode(&bytes)
                } else {
                    String::from_utf8_lossy(&bytes).into_owned()
                };
                let sent = self.services.send_to_queue(&queue_arn, &body, &[]).await;
                sent.map(|()| None).map_err(|e| e.to_string())
            }
            RuleAction::Sns { .. } | RuleAction::Republish { .. } => Err(format!(
                "the sandbox does not run the action {}",
                name(action)
            )),
        }
    }
}

fn seed(trace_id: &str) -> u64 {
    trace_id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
