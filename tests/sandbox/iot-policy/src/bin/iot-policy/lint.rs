//! `iot-policy lint`: known misconfigurations in files and templates.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use iot_policy::{Policy, PolicyDocument, lint};
use lexopt::prelude::*;

use crate::failure::{Failure, read, read_policy};
use crate::template;

pub(crate) fn run(mut arguments: lexopt::Parser, output: &mut String) -> Result<ExitCode, Failure> {
    let mut policies = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                output.push_str(crate::HELP);
                return Ok(ExitCode::SUCCESS);
            }
            Long("template") => policies.extend(read_template(PathBuf::from(arguments.value()?))?),
            Value(file) => policies.push(read_policy(&PathBuf::from(file))?),
            other => return Err(other.unexpected().into()),
        }
    }
    if policies.is_empty() {
        return Err(Failure::Usage(
            "lint needs a policy document or --template; try `iot-policy --help`".to_owned(),
        ));
    }
    let mut found = 0_usize;
    for (policy, text) in &policies {
        if let Some(finding) = lint::lint_size(text) {
            found += 1;
            let _ = writeln!(output, "policy `{}` {finding}", policy.name);
        }
        for finding in lint::lint(policy) {
            found += 1;
            let _ = writeln!(output, "{finding}");
        }
    }
    let _ = writeln!(
        output,
        "{} in {}",
        count(found, "finding", "findings"),
        count(policies.len(), "policy", "policies")
    );
    Ok(if found == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read_template(path: PathBuf) -> Result<Vec<(Policy, String)>, Failure> {
    let documents =
        template::policies(&read(&path)?).map_err(|why| Failure::Template(path.clone(), why))?;
    let read = |(name, text): (String, String)| {
        let document = PolicyDocument::parse(&text);
        let document =
            document.map_err(|why| Failure::Template(path.clone(), format!("{name}: {why}")))?;
        Ok((Policy::new(name, document), text))
    };
    documents.into_iter().map(read).collect()
}

fn count(number: usize, one: &str, several: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {several}")
    }
}
