//! The function `jwt-authorizer` without deny list, to be measured beside others that have none.

use bench_authorizer::handler;
use jwt_authorizer::run::run;
use sci_lambda::{Env, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let env = Env::from_process();
    telemetry::init(&env);
    let arn = env.required("IOT_ARN_PREFIX", "an ARN prefix")?;
    let issuers = env.required("JWT_ISSUERS", "a JSON array")?;
    run("jwt-authorizer-alone", handler(arn, issuers)?).await
}
