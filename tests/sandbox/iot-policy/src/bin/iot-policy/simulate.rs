//! `iot-policy simulate`: one question to a set of policies.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use iot_policy::certificate::{AlternativeName, NameAttribute};
use iot_policy::{
    Action, Arn, Attachment, Certificate, Context, Request, Thing, ThingVariables, explain,
    resolve_thing,
};
use lexopt::prelude::*;

use crate::failure::{Failure, read_policy};

/// What the options say, before the thing is resolved.
#[derive(Default)]
struct Options {
    policies: Vec<iot_policy::Policy>,
    action: Option<Action>,
    resource: Option<String>,
    arn: Arn,
    context: Context,
    thing: Thing,
    exclusive: bool,
    last_will_topic: Option<String>,
}

pub(crate) fn run(mut arguments: lexopt::Parser, output: &mut String) -> Result<ExitCode, Failure> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                output.push_str(crate::HELP);
                return Ok(ExitCode::SUCCESS);
            }
            Long(name) => {
                let name = name.to_owned();
                options.take(&name, &mut arguments)?;
            }
            other => return Err(other.unexpected().into()),
        }
    }
    options.answer(output)
}

impl Options {
    fn take(&mut self, name: &str, arguments: &mut lexopt::Parser) -> Result<(), Failure> {
        match name {
            "exclusive" => self.exclusive = true,
            "no-thing-variables" => self.context.thing_variables = ThingVariables::Unavailable,
            "policy" => self
                .policies
                .push(read_policy(Path::new(&arguments.value()?))?.0),
            "action" => self.action = Some(arguments.value()?.parse()?),
            "resource" => self.resource = Some(arguments.value()?.string()?),
            "client-id" => self.context.client_id = Some(arguments.value()?.string()?),
            "thing-name" => self.thing.name = arguments.value()?.string()?,
            "thing-type" => self.thing.type_name = Some(arguments.value()?.string()?),
            "attribute" => self.thing.attributes.extend([pair(name, arguments)?]),
            "certificate-id" => self.certificate().id = arguments.value()?.string()?,
            "serial-number" => {
                self.certificate().serial_number = Some(arguments.value()?.string()?)
            }
            "subject" => push(
                &mut self.certificate().subject.attributes,
                attribute(name, arguments)?,
            ),
            "issuer" => push(
                &mut self.certificate().issuer.attributes,
                attribute(name, arguments)?,
            ),
            "subject-alternative" => push(
                &mut self.certificate().subject.alternatives,
                alternative(name, arguments)?,
            ),
            "issuer-alternative" => push(
                &mut self.certificate().issuer.alternatives,
                alternative(name, arguments)?,
            ),
            "source-ip" => self.context.source_ip = Some(arguments.value()?.parse()?),
            "domain-name" => self.context.domain_name = Some(arguments.value()?.string()?),
            "connect-attribute" => self
                .context
                .connect_attributes
                .push(arguments.value()?.string()?),
            "last-will-topic" => self.last_will_topic = Some(arguments.value()?.string()?),
            "region" => self.arn.region = arguments.value()?.string()?,
            "account" => self.arn.account = arguments.value()?.string()?,
            "partition" => self.arn.partition = arguments.value()?.string()?,
            other => {
                return Err(Failure::Usage(format!(
                    "unknown option `--{other}`; try `iot-policy --help`"
                )));
            }
        }
        Ok(())
    }

    fn certificate(&mut self) -> &mut Certificate {
        self.context.certificate.get_or_insert_default()
    }

    fn answer(mut self, output: &mut String) -> Result<ExitCode, Failure> {
        let needs =
            |what: &str| Failure::Usage(format!("simulate needs {what}; try `iot-policy --help`"));
        let action = self.action.ok_or_else(|| needs("--action"))?;
        let resource = self.resource.ok_or_else(|| needs("--resource"))?;
        if self.policies.is_empty() {
            return Err(needs("--policy"));
        }
        if !self.thing.name.is_empty() {
            let attachments = [Attachment {
                thing: self.thing,
                exclusive: self.exclusive,
            }];
            let client_id = self.context.client_id.as_deref().unwrap_or_default();
            self.context.thing = resolve_thing(client_id, &attachments).cloned();
        } else if self.exclusive || self.thing != Thing::default() {
            return Err(needs(
                "--thing-name beside --thing-type, --attribute and --exclusive",
            ));
        }
        self.context.last_will_topic = self.last_will_topic.map(|topic| self.arn.topic(&topic));
        let resource = match resource.as_str() {
            "*" => resource,
            arn if arn.starts_with("arn:") => resource,
            tail if tail.contains('/') => self.arn.resource(tail),
            other => {
                let advice = "write `topic/…`, `topicfilter/…`, `client/…`, `thing/…`, `rolealias/…`, an ARN or `*`";
                return Err(Failure::Usage(format!(
                    "`{other}` is not a resource; {advice}"
                )));
            }
        };
        let explanation = explain(
            &self.policies,
            &Request::new(action, resource, &self.context),
        );
        let _ = writeln!(output, "{}\n{explanation}", explanation.decision.effect);
        Ok(ExitCode::SUCCESS)
    }
}

fn push<K: Ord>(map: &mut std::collections::BTreeMap<K, Vec<String>>, (key, value): (K, String)) {
    map.entry(key).or_default().push(value);
}

fn pair(option: &str, arguments: &mut lexopt::Parser) -> Result<(String, String), Failure> {
    let text = arguments.value()?.string()?;
    let parts = text
        .split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    parts
        .ok_or_else(|| Failure::Usage(format!("`--{option} {text}` must have the form NAME=VALUE")))
}

fn attribute(
    option: &str,
    arguments: &mut lexopt::Parser,
) -> Result<(NameAttribute, String), Failure> {
    named(option, arguments, NameAttribute::ALL, NameAttribute::as_str)
}

fn alternative(
    option: &str,
    arguments: &mut lexopt::Parser,
) -> Result<(AlternativeName, String), Failure> {
    named(
        option,
        arguments,
        AlternativeName::ALL,
        AlternativeName::as_str,
    )
}

fn named<T: Copy>(
    option: &str,
    arguments: &mut lexopt::Parser,
    known: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<(T, String), Failure> {
    let (given, value) = pair(option, arguments)?;
    let found = known.iter().copied().find(|known| name(*known) == given);
    let unknown = || {
        let names: Vec<_> = known.iter().copied().map(&name).collect();
        Failure::Usage(format!(
            "unknown name `{given}` in `--{option}`; write one of {}",
            names.join(", ")
        ))
    };
    Ok((found.ok_or_else(unknown)?, value))
}
