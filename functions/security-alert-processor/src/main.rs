//! Entry point: configuration, adapters, loop.

use sci_adapters::aws_clients::AwsClients;
use sci_domain::alarm::service::AlarmService;
use sci_lambda::{Env, ports::AlarmPorts, run, system_clock, telemetry};
use security_alert_processor::{config::Config, handler::Handler};

const NAME: &str = env!("CARGO_PKG_NAME");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::from_process();
    telemetry::init(&env);
    let config = Config::read(&env)
        .inspect_err(|invalid| tracing::error!(setting.name = invalid.name, "{invalid}"))?;
    let clients = AwsClients::load(env.texts()).await;
    let adapters = config.resources.connect(&clients, NAME);
    let alarms = AlarmService {
        store: adapters.store,
        publisher: adapters.publisher,
    };
    let ports = AlarmPorts {
        alarms,
        telemetry: adapters.telemetry,
        refused: adapters.refused,
    };
    tracing::info!(stage = config.stage, "started");
    run(
        env.function_name(NAME),
        Handler::new(ports, config.settings, system_clock::now),
    )
    .await
}
