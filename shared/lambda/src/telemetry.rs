//! Logs: one JSON object per line, with the fields of the invocation's span.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

use crate::Env;

/// Starts logging to standard output. `RUST_LOG` (a level, or `target=level` pairs) goes before
/// `AWS_LAMBDA_LOG_LEVEL`, which Lambda's logging configuration sets; the default is `info`.
///
/// `lambda_runtime` opens a span with request id and trace id for each invocation. Its own logs at `trace` and the
/// SDK's at `debug` hold payloads, so these targets are capped whatever the environment says.
pub fn init(env: &Env) {
    let targets = targets(
        env.optional("RUST_LOG")
            .or_else(|| env.optional("AWS_LAMBDA_LOG_LEVEL")),
    );
    let layer = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    // A second call, as in tests, keeps the first subscriber.
    let _ = registry().with(targets).with(layer).try_init();
}

fn targets(wanted: Option<&str>) -> Targets {
    let mut targets = wanted
        .and_then(|text| match text.to_ascii_lowercase().as_str() {
            // Lambda's word for what `tracing` calls an error.
            "fatal" => Some(Targets::new().with_default(LevelFilter::ERROR)),
            text => text.parse().ok(),
        })
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let default = targets.default_level().unwrap_or(LevelFilter::INFO);
    targets = targets.with_default(default);
    for (chatty, most) in [
        ("lambda_runtime", LevelFilter::INFO),
        ("lambda_runtime_api_client", LevelFilter::INFO),
        ("aws", LevelFilter::WARN),
        ("hyper", LevelFilter::WARN),
        ("rustls", LevelFilter::WARN),
    ] {
        targets = targets.with_target(chatty, default.min(most));
    }
    targets
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn levels_come_from_the_environment_but_payloads_never_show() {
        for (wanted, ours) in [
            (None, Level::INFO),
            (Some("DEBUG"), Level::DEBUG),
            (Some("trace"), Level::TRACE),
            (Some("FATAL"), Level::ERROR),
            (Some("not a level!"), Level::INFO),
            (Some("warn,sci_lambda=debug"), Level::WARN),
        ] {
            let targets = targets(wanted);
            assert_eq!(
                targets.default_level(),
                Some(LevelFilter::from_level(ours)),
                "{wanted:?}"
            );
            assert!(!targets.would_enable("lambda_runtime::layers", &Level::TRACE));
            assert!(!targets.would_enable("aws_smithy_runtime::client", &Level::DEBUG));
        }
    }
}
