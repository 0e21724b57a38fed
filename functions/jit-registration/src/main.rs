//! Entry point: configuration, adapters, loop.

use jit_registration::config::Config;
use sci_adapters::aws_clients::AwsClients;
use sci_lambda::{Env, run, telemetry};

const NAME: &str = env!("CARGO_PKG_NAME");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::from_process();
    telemetry::init(&env);
    let config = Config::read(&env)
        .inspect_err(|invalid| tracing::error!(setting.name = invalid.name, "{invalid}"))?;
    let clients = AwsClients::load(env.texts()).await;
    let handler = config.connect(&clients, NAME);
    tracing::info!("started");
    run(env.function_name(NAME), handler).await
}
