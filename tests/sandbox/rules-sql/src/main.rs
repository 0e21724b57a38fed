//! The command line of the rules SQL engine. See the README for transcripts.
#![expect(
    clippy::disallowed_methods,
    reason = "the program asks for the time when --now does not give it; the library never does"
)]

mod arguments;

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use arguments::{Arguments, Command, USAGE};
use rules_sql::{Evaluation, Message, NoExternal, Output, Statement, TemplateFile, check};

/// Why the program ends without a result, with its exit code.
struct Failure(u8, String);

impl Failure {
    /// The input does not parse.
    fn input(cause: impl ToString) -> Self {
        Self(2, cause.to_string())
    }
}

fn main() -> ExitCode {
    let mut out = Vec::new();
    let (code, message) = match run(&mut out) {
        Ok(code) => (code, None),
        Err(Failure(code, message)) => (code, Some(message)),
    };
    // A reader that went away is no failure of the evaluation.
    let _ = io::stdout().write_all(&out);
    if let Some(message) = message {
        let _ = writeln!(io::stderr(), "error: {message}");
    }
    ExitCode::from(code)
}

fn run(out: &mut Vec<u8>) -> Result<u8, Failure> {
    match arguments::parse(lexopt::Parser::from_env()).map_err(Failure::input)? {
        Command::Help => {
            out.extend_from_slice(USAGE.as_bytes());
            Ok(0)
        }
        Command::Check(path) => {
            let file = template_file(&path)?;
            let findings = check(&file);
            for finding in &findings {
                out.extend_from_slice(format!("{finding}\n").as_bytes());
            }
            Ok(u8::from(!findings.is_empty()))
        }
        Command::Run(arguments) => {
            evaluate(&arguments, out)?;
            Ok(0)
        }
    }
}

fn template_file(path: &str) -> Result<TemplateFile, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| Failure::input(format!("cannot read {path}: {e}")))?;
    TemplateFile::parse(&text).map_err(Failure::input)
}

fn evaluate(arguments: &Arguments, out: &mut Vec<u8>) -> Result<(), Failure> {
    let statement = match (&arguments.statement, &arguments.rule) {
        (Some(sql), _) => Statement::parse(sql, arguments.version).map_err(Failure::input)?,
        (None, Some((path, rule))) => template_file(path)?
            .statement(rule)
            .map_err(Failure::input)?,
        (None, None) => return Err(Failure::input("no statement; see --help")),
    };
    let payload = payload(arguments)?;
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now_ms = arguments
        .now_ms
        .unwrap_or_else(|| u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX));
    let message = Message {
        client_id: arguments.client_id.as_deref(),
        principal: arguments.principal.as_deref(),
        source_ip: arguments.source_ip.as_deref(),
        trace_id: arguments.trace_id.as_deref(),
        account_id: &arguments.account_id,
        content_type: arguments.content_type.as_deref(),
        response_topic: arguments.response_topic.as_deref(),
        correlation_data: arguments.correlation_data.as_deref().map(str::as_bytes),
        payload_is_utf8: arguments.payload_is_utf8,
        user_properties: &arguments.user_properties,
        now_ms,
        seed: arguments
            .seed
            .unwrap_or(u64::from(since_epoch.subsec_nanos()) ^ now_ms),
        ..Message::new(&arguments.topic, &payload)
    };
    let evaluation = statement
        .evaluate(&message, &NoExternal)
        .map_err(|e| Failure(1, e.to_string()))?;
    match evaluation {
        Evaluation::NoMatch => out.extend_from_slice(b"NOMATCH"),
        Evaluation::Match(selected) => match selected.output {
            Output::Json(text) => out.extend_from_slice(text.as_bytes()),
            Output::Raw(bytes) => out.extend_from_slice(&bytes),
            Output::Undefined => out.extend_from_slice(b"UNDEFINED"),
        },
    }
    out.push(b'\n');
    Ok(())
}

fn payload(arguments: &Arguments) -> Result<Vec<u8>, Failure> {
    if let Some(text) = &arguments.payload {
        return Ok(text.clone().into_bytes());
    }
    if let Some(path) = &arguments.payload_file {
        return std::fs::read(path).map_err(|e| Failure::input(format!("cannot read {path}: {e}")));
    }
    let mut bytes = Vec::new();
    io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::input(format!("cannot read the payload from stdin: {e}")))?;
    Ok(bytes)
}
