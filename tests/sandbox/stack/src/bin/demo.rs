//! `cargo demo`: builds the functions, lets a day happen on this laptop, and checks it.

#![expect(clippy::print_stderr, reason = "a command-line program")]

use std::{io, process::ExitCode};

use sandbox::{Options, binaries, demo, options::workspace};

#[tokio::main]
async fn main() -> ExitCode {
    eprintln!("Building the functions (a few minutes the first time)…");
    let names = ["high-temp-processor", "security-alert-processor"].map(str::to_owned);
    let built = match binaries::build(&workspace(), &names).await {
        Ok(built) => built,
        Err(error) => return fail(&error),
    };
    let template = match std::fs::read_to_string(workspace().join("template.yaml")) {
        Ok(template) => template,
        Err(error) => return fail(&error),
    };
    match demo::run(Options::new(template, built), &mut io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("demo: {error}");
    ExitCode::FAILURE
}
