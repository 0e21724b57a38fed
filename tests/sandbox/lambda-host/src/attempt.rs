//! One attempt to run a function: find or start an instance, hand over the event, name the outcome.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::{Instant as Timer, sleep};
use uuid::Uuid;

use crate::inner::Inner;
use crate::instance::{Ended, InitFailure, Instance};
use crate::outcome::{Invocation, Kind, Outcome};
use crate::pool::{Function, Lease};
use crate::process;
use crate::runtime_api::Reply;
use crate::timestamp;

/// The init phase's own limit (`lambda/latest/dg/lambda-runtime-environment`).
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// What to run.
pub(crate) struct Call {
    pub(crate) function: Arc<Function>,
    /// With the qualifier the caller used.
    pub(crate) invoked_arn: String,
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    /// JSON.
    pub(crate) client_context: Option<String>,
    pub(crate) kind: Kind,
}

/// A finished attempt and the last 4 KB of its log.
pub(crate) struct Attempt {
    pub(crate) invocation: Invocation,
    pub(crate) log_tail: Bytes,
}

/// Facts gathered on the way.
#[derive(Default)]
struct Facts {
    pid: Option<u32>,
    init: Option<Duration>,
    cpu_us: Option<u64>,
    log_tail: Bytes,
    /// Faults that concern the answer.
    delay: Duration,
    lose: bool,
}

/// Runs the function once and enters the attempt in the history. `throttles` is how often this event found no
/// instance since it last ran: only the first is entered, or a long queue would fill the history with its waiting.
pub(crate) async fn attempt(host: &Inner, call: &Call, number: u32, throttles: u32) -> Attempt {
    let started_ms = host.config.now_ms();
    let timer = Timer::now();
    let mut facts = Facts::default();
    let outcome = match call.function.lease() {
        None => Outcome::Throttled,
        Some(lease) => {
            let outcome = run(host, call, lease, &mut facts).await;
            sleep(facts.delay).await;
            match outcome {
                Outcome::Ok(_) | Outcome::FunctionError { .. } if facts.lose => Outcome::Lost,
                outcome => outcome,
            }
        }
    };
    let invocation = Invocation {
        function: call.function.spec.name.clone(),
        request_id: call.request_id.clone(),
        kind: call.kind,
        attempt: number,
        payload: call.payload.clone(),
        outcome,
        started_ms,
        duration_ms: millis(timer.elapsed()),
        pid: facts.pid,
        init_ms: facts.init.map(millis),
        cpu_us: facts.cpu_us,
    };
    if invocation.outcome == Outcome::Throttled {
        host.ledger.count(|totals| totals.throttles += 1);
    }
    if invocation.outcome != Outcome::Throttled || throttles == 0 {
        host.ledger.record(invocation.clone());
    }
    Attempt {
        invocation,
        log_tail: facts.log_tail,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

async fn run(host: &Inner, call: &Call, lease: Lease, facts: &mut Facts) -> Outcome {
    let spec = &call.function.spec;
    let mut plan = None;
    loop {
        let (mut instance, limit) = match lease.warm() {
            Some(instance) => (instance, spec.timeout),
            None => match cold_start(host, call, facts).await {
                Ok(started) => started,
                Err(outcome) => return outcome,
            },
        };
        facts.pid = Some(instance.pid());
        instance.logs.begin(&call.request_id).await;
        let cpu_before = process::cpu_us(instance.pid());
        let timer = Timer::now();
        let plan =
            plan.get_or_insert_with(|| host.faults.next_attempt(&spec.name, &call.request_id));
        (facts.delay, facts.lose) = (plan.delay, plan.lose);
        let ended = instance
            .run(
                &call.request_id,
                headers(call, limit),
                call.payload.clone(),
                limit,
                &mut plan.kill,
            )
            .await;
        if matches!(ended, Ended::NotDelivered) {
            // A warm process that went away while it was idle: the event has not been seen by anybody.
            continue;
        }
        facts.cpu_us = cpu_before
            .zip(process::cpu_us(instance.pid()))
            .and_then(|(before, after)| after.checked_sub(before));
        let alive = matches!(ended, Ended::Reply(_));
        let outcome = outcome(call, ended);
        report(host, call, &instance, timer.elapsed(), facts, &outcome);
        facts.log_tail = instance.logs.tail();
        if alive {
            lease.keep(instance);
        }
        return outcome;
    }
}

fn outcome(call: &Call, ended: Ended) -> Outcome {
    let exit = |reason: &str| Outcome::crash(&call.request_id, "Runtime.ExitError", reason);
    match ended {
        Ended::Reply(Reply::Response(body)) => Outcome::Ok(body),
        Ended::Reply(Reply::Error { error_type, body }) => Outcome::reported(body, error_type),
        Ended::Reply(Reply::TooLarge) => Outcome::response_too_large(),
        Ended::TimedOut => Outcome::timeout(&call.request_id, call.function.spec.timeout),
        Ended::Exited(status) => exit(&process::exit_reason(status)),
        Ended::Killed | Ended::NotDelivered => exit("Runtime exited with error: signal: killed"),
    }
}

/// Starts a process and waits for its first `/next`. When the init phase fails, Lambda runs it a second time
/// as part of the invocation, under the function's timeout. Answers the instance and what is left of the timeout.
async fn cold_start(
    host: &Inner,
    call: &Call,
    facts: &mut Facts,
) -> Result<(Instance, Duration), Outcome> {
    let spec = &call.function.spec;
    let start = async || {
        Instance::start(&host.config, spec, &host.processes)
            .await
            .map_err(|error| {
                Outcome::crash(
                    &call.request_id,
                    "Runtime.InvalidEntrypoint",
                    &error.to_string(),
                )
            })
    };
    let timer = Timer::now();
    let mut instance = start().await?;
    facts.pid = Some(instance.pid());
    if instance.ready(INIT_LIMIT).await.is_ok() {
        facts.init = Some(timer.elapsed());
        return Ok((instance, spec.timeout));
    }
    instance.kill().await;
    instance.logs.flush().await;

    let timer = Timer::now();
    let mut instance = start().await?;
    facts.pid = Some(instance.pid());
    instance.logs.begin(&call.request_id).await;
    let failure = match instance.ready(spec.timeout).await {
        Ok(()) => {
            facts.init = Some(timer.elapsed());
            let left = spec.timeout.saturating_sub(timer.elapsed());
            return Ok((instance, left));
        }
        Err(failure) => failure,
    };
    instance.kill().await;
    instance.logs.flush().await;
    facts.log_tail = instance.logs.tail();
    Err(match failure {
        InitFailure::TimedOut => Outcome::timeout(&call.request_id, spec.timeout),
        InitFailure::Reported { error_type, body } => Outcome::reported(body, error_type),
        InitFailure::Exited(status) => Outcome::crash(
            &call.request_id,
            "Runtime.ExitError",
            &process::exit_reason(status),
        ),
    })
}

/// The headers of `/invocation/next`.
///
/// # Source
/// `lambda/latest/dg/runtimes-api`, "Next invocation".
fn headers(call: &Call, limit: Duration) -> HeaderMap {
    let deadline = timestamp::system_ms().saturating_add(millis(limit));
    let trace = Uuid::new_v4().simple().to_string();
    let (root, rest) = trace.split_at(24);
    let parent = Uuid::new_v4().simple().to_string();
    let parent = parent.get(..16).unwrap_or_default();
    let seconds = timestamp::system_ms() / 1000;
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: &str| {
        // Not refused: ids, numbers, ARNs and JSON have no control characters.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("content-type", "application/json");
    set("lambda-runtime-aws-request-id", &call.request_id);
    set("lambda-runtime-deadline-ms", &deadline.to_string());
    set("lambda-runtime-invoked-function-arn", &call.invoked_arn);
    set(
        "lambda-runtime-trace-id",
        &format!("Root=1-{seconds:08x}-{root};Parent={parent};Sampled=0;Lineage=1:{rest}:0"),
    );
    if let Some(context) = &call.client_context {
        set("lambda-runtime-client-context", context);
    }
    headers
}

/// Lambda's own last lines of an invocation's log.
fn report(
    host: &Inner,
    call: &Call,
    instance: &Instance,
    elapsed: Duration,
    facts: &Facts,
    outcome: &Outcome,
) {
    let (id, logs) = (&call.request_id, &instance.logs);
    let spec = &call.function.spec;
    let duration = elapsed.as_secs_f64() * 1000.0;
    if matches!(outcome, Outcome::Timeout { .. }) {
        let now = timestamp::rfc3339(host.config.now_ms());
        let seconds = spec.timeout.as_secs_f64();
        logs.platform(&format!(
            "{now} {id} Task timed out after {seconds:.2} seconds\n"
        ));
    }
    let memory = process::peak_memory_mb(instance.pid()).unwrap_or(0);
    let init = facts.init.map_or_else(String::new, |init| {
        format!("Init Duration: {:.2} ms\t", init.as_secs_f64() * 1000.0)
    });
    logs.platform(&format!("END RequestId: {id}"));
    logs.platform(&format!(
        "REPORT RequestId: {id}\tDuration: {duration:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t\
         Max Memory Used: {memory} MB\t{init}",
        duration.ceil(),
        spec.memory_mb,
    ));
}
