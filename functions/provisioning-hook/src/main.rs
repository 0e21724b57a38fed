//! Entry point: configuration, adapters, loop.

use provisioning_hook::{config::Config, run::run};
use sci_adapters::aws_clients::{AwsClients, CallLimits};
use sci_lambda::{Env, telemetry};

const NAME: &str = env!("CARGO_PKG_NAME");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::from_process();
    telemetry::init(&env);
    let config = Config::read(&env)
        .inspect_err(|invalid| tracing::error!(setting.name = invalid.name, "{invalid}"))?;
    let clients = AwsClients::load_within(env.texts(), CallLimits::PROMPT).await;
    let handler = config.connect(&clients);
    tracing::info!("started");
    run(env.function_name(NAME), handler).await
}
