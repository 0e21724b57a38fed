//! `cargo demo`: builds the functions, lets a day happen on this laptop, and checks it.

#![expect(clippy::print_stderr, reason = "a command-line program")]

use std::{error::Error, fs, io, process::ExitCode};

use sandbox::{Options, binaries, demo, function_binaries, options::workspace};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let template = fs::read_to_string(workspace().join("template.yaml"))?;
    eprintln!("Building the functions (a few minutes the first time)…");
    let built = binaries::build(&workspace(), &function_binaries(&template)?).await?;
    demo::run(Options::new(template, built), &mut io::stdout()).await?;
    Ok(())
}
