//! `cargo fleet`: what operators do with the allow-list, the introducers and the audit of enrolment.

mod claim;
mod common;
mod decide;
mod failure;
mod help;
mod history;
mod import;
mod progress;
mod stop;
mod verify;

use std::{io::Write as _, process::ExitCode};

use common::Common;
use failure::Failure;
use lexopt::prelude::*;

/// The command did what it should.
const DONE: u8 = 0;
/// Something could not be done, or not all of it.
const NOT_DONE: u8 = 1;
/// A chain is broken.
const BROKEN: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut output = String::new();
    let status = run(lexopt::Parser::from_env(), &mut output).await;
    // Whoever closed the pipe does not want the rest.
    let _ = std::io::stdout().lock().write_all(output.as_bytes());
    match status {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            let _ = writeln!(std::io::stderr().lock(), "error: {failure}");
            ExitCode::from(failure.status())
        }
    }
}

async fn run(mut arguments: lexopt::Parser, output: &mut String) -> Result<u8, Failure> {
    let command = match arguments.next()? {
        Some(Value(command)) => command.string()?,
        Some(Short('h') | Long("help")) => {
            output.push_str(help::OVERVIEW);
            return Ok(DONE);
        }
        Some(other) => return Err(other.unexpected().into()),
        None => return Err(Failure::usage("no command")),
    };
    let common = Common::new();
    match command.as_str() {
        "import" => import::run(common, arguments, output).await,
        "history" => history::run(common, arguments, output).await,
        "verify" => verify::run(common, arguments, output).await,
        "claim" => claim::run(common, arguments, output).await,
        "decide" => decide::run(common, arguments, output).await,
        _ => Err(Failure::usage("unknown command")),
    }
}
