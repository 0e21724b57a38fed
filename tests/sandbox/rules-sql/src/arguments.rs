//! The arguments of the command line.

use lexopt::{Arg, Error, Parser, ValueExt as _};
use rules_sql::{DEFAULT_ACCOUNT_ID, SqlVersion};

pub(crate) const USAGE: &str = "\
Evaluates AWS IoT rules SQL on one message.

Usage:
  rules-sql \"<statement>\" --topic <topic> [options] < payload
  rules-sql --template <template.yaml> --rule <name> --topic <topic> [options] < payload
  rules-sql check <template.yaml>

Options:
  --topic <topic>          the topic of the message
  --payload-file <file>    the payload (default: standard input)
  --payload <text>         the payload itself
  --version <version>      2015-10-08, 2016-03-23 (default) or beta; a template brings its own
  --template <file>        take the statement from a template
  --rule <name>            its logical id or rule name
  --client-id <id>         for clientid()
  --principal <id>         for principal()
  --source-ip <address>    for sourceip()
  --trace-id <uuid>        for traceid()
  --account-id <id>        for accountid() (default: 123456789012)
  --content-type <type>, --response-topic <topic>, --correlation-data <text>, --utf8
                           for get_mqtt_property()
  --user-property <k=v>    for get_user_properties(); may be repeated
  --now <epoch ms>         for timestamp() (default: now)
  --seed <number>          for rand() and newuuid() (default: differs from run to run)

Prints the resulting JSON on one line, NOMATCH when topic or WHERE do not match, UNDEFINED when SELECT VALUE is
Undefined. Exit codes: 0; 1 when the evaluation fails or check finds something; 2 when the input does not parse.
";

/// What to do.
pub(crate) enum Command {
    Help,
    Check(String),
    Run(Box<Arguments>),
}

/// The options of an evaluation.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) statement: Option<String>,
    /// Template and rule.
    pub(crate) rule: Option<(String, String)>,
    pub(crate) version: SqlVersion,
    pub(crate) topic: String,
    pub(crate) payload: Option<String>,
    pub(crate) payload_file: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) principal: Option<String>,
    pub(crate) source_ip: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) account_id: String,
    pub(crate) content_type: Option<String>,
    pub(crate) response_topic: Option<String>,
    pub(crate) correlation_data: Option<String>,
    pub(crate) payload_is_utf8: bool,
    pub(crate) user_properties: Vec<(String, String)>,
    pub(crate) now_ms: Option<u64>,
    pub(crate) seed: Option<u64>,
}

pub(crate) fn parse(mut parser: Parser) -> Result<Command, Error> {
    let mut arguments = Arguments {
        account_id: DEFAULT_ACCOUNT_ID.to_owned(),
        ..Arguments::default()
    };
    let mut positional: Vec<String> = Vec::new();
    let (mut template, mut rule, mut topic) = (None, None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("topic") => topic = Some(parser.value()?.string()?),
            Arg::Long("payload") => arguments.payload = Some(parser.value()?.string()?),
            Arg::Long("payload-file") => arguments.payload_file = Some(parser.value()?.string()?),
            Arg::Long("version") => arguments.version = parser.value()?.parse()?,
            Arg::Long("template") => template = Some(parser.value()?.string()?),
            Arg::Long("rule") => rule = Some(parser.value()?.string()?),
            Arg::Long("client-id") => arguments.client_id = Some(parser.value()?.string()?),
            Arg::Long("principal") => arguments.principal = Some(parser.value()?.string()?),
            Arg::Long("source-ip") => arguments.source_ip = Some(parser.value()?.string()?),
            Arg::Long("trace-id") => arguments.trace_id = Some(parser.value()?.string()?),
            Arg::Long("account-id") => arguments.account_id = parser.value()?.string()?,
            Arg::Long("content-type") => arguments.content_type = Some(parser.value()?.string()?),
            Arg::Long("response-topic") => {
                arguments.response_topic = Some(parser.value()?.string()?)
            }
            Arg::Long("correlation-data") => {
                arguments.correlation_data = Some(parser.value()?.string()?)
            }
            Arg::Long("utf8") => arguments.payload_is_utf8 = true,
            Arg::Long("user-property") => {
                let pair = parser.value()?.string()?;
                let (key, value) = pair
                    .split_once('=')
                    .ok_or("--user-property needs <key>=<value>")?;
                arguments
                    .user_properties
                    .push((key.to_owned(), value.to_owned()));
            }
            Arg::Long("now") => arguments.now_ms = Some(parser.value()?.parse()?),
            Arg::Long("seed") => arguments.seed = Some(parser.value()?.parse()?),
            Arg::Value(value) => positional.push(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    arguments.rule = match (template, rule) {
        (Some(template), Some(rule)) => Some((template, rule)),
        (None, None) => None,
        _ => return Err("--template and --rule belong together".into()),
    };
    match (positional.as_slice(), &arguments.rule) {
        ([command, path], None) if command == "check" => return Ok(Command::Check(path.clone())),
        ([command], None) if command == "check" => return Err("check needs a template file".into()),
        ([statement], None) => arguments.statement = Some(statement.clone()),
        ([], Some(_)) => {}
        ([], None) => return Err("no statement; see --help".into()),
        _ => return Err("more than one statement; put it in quotes".into()),
    }
    arguments.topic = topic.ok_or("--topic is missing")?;
    Ok(Command::Run(Box::new(arguments)))
}
