//! `cargo sandbox`: the local AWS, until Ctrl-C.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program"
)]

use std::{error::Error, fs, process::ExitCode, sync::Arc};

use sandbox::{
    Options, Sandbox, binaries, function_binaries, identity_provider::IdentityProvider,
    options::workspace, welcome,
};

const USAGE: &str =
    "usage: cargo sandbox [--port N] [--mqtt-port N] [--https-port N] [--parameter Name=Value]… [--quiet]

  --port N              port of the AWS APIs (default 4566)
  --mqtt-port N         port of MQTT over TLS (default 8883)
  --https-port N        port in the role of AWS's 443: tokens, WebSocket, HTTPS (default 8443)
  --parameter Name=Value  a parameter of template.yaml
  --quiet               do not print the functions' logs";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let Some(mut options) = options()? else {
        println!("{USAGE}");
        return Ok(());
    };
    options.template = fs::read_to_string(workspace().join("template.yaml"))?;
    let names = function_binaries(&options.template)?;
    eprintln!("Building the functions (a few minutes the first time)…");
    options.binaries = binaries::build(&workspace(), &names).await?;
    let issuer = IdentityProvider::start().await?;
    let trust = options.parameters.entry("JwtIssuers".to_owned());
    trust.or_insert_with(|| issuer.issuers_parameter());
    options.function_roots = issuer.root_ca_pem().to_owned();
    let mut sandbox = Sandbox::start(options).await?;
    sandbox.run_schedules();
    let folder = workspace().join(".sandbox");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("root-ca.pem"), sandbox.gateway.root_ca_pem())?;
    fs::write(folder.join("issuer-ca.pem"), issuer.root_ca_pem())?;
    for name in &names {
        // For `cargo lambda watch`, which wants its values in quotes.
        let environment = sandbox.environment(name).into_iter();
        let lines: String = environment
            .map(|(key, value)| format!("{key}=\"{value}\"\n"))
            .collect();
        fs::write(folder.join(format!("{name}.env")), lines)?;
    }
    println!(
        "{}",
        welcome::instructions(&sandbox, &issuer, ".sandbox/root-ca.pem")
    );
    tokio::signal::ctrl_c().await?;
    eprintln!("Stopping…");
    sandbox.shutdown().await;
    Ok(())
}

/// Nothing when help is asked for.
fn options() -> Result<Option<Options>, Box<dyn Error + Send + Sync>> {
    let mut options = Options::new(String::new(), Default::default());
    (options.aws_port, options.mqtt_port, options.https_port) = (4566, 8883, 8443);
    options.retry_delays = lambda_host::RetryDelays::default();
    let mut quiet = false;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("port") => {
                options.aws_port = lexopt::ValueExt::parse(&arguments.value()?)?
            }
            lexopt::Arg::Long("mqtt-port") => {
                options.mqtt_port = lexopt::ValueExt::parse(&arguments.value()?)?
            }
            lexopt::Arg::Long("https-port") => {
                options.https_port = lexopt::ValueExt::parse(&arguments.value()?)?
            }
            lexopt::Arg::Long("parameter") => {
                let text = arguments
                    .value()?
                    .into_string()
                    .map_err(|_| "--parameter is not UTF-8")?;
                let (name, value) = text.split_once('=').ok_or("--parameter wants Name=Value")?;
                options.parameters.insert(name.to_owned(), value.to_owned());
            }
            lexopt::Arg::Long("quiet") => quiet = true,
            lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    if !quiet {
        options.log_sink = Arc::new(|function, _, line| eprintln!("[{function}] {line}"));
    }
    Ok(Some(options))
}
