//! One execution environment: a process and its Runtime API.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use tokio::process::Command;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::config::HostConfig;
use crate::environment;
use crate::gauge::Gauge;
use crate::logs::Logs;
use crate::process::Process;
use crate::runtime_api::{Init, Reply, RuntimeApi, Work};
use crate::spec::FunctionSpec;

pub(crate) struct Instance {
    process: Process,
    runtime: RuntimeApi,
    pub(crate) logs: Logs,
}

/// Why an instance did not come up.
pub(crate) enum InitFailure {
    Exited(ExitStatus),
    Reported {
        error_type: Option<String>,
        body: Bytes,
    },
    TimedOut,
}

/// How one event ended. Except after `Reply` the process is gone.
pub(crate) enum Ended {
    Reply(Reply),
    Exited(ExitStatus),
    TimedOut,
    Killed,
    /// The process was gone before it received the event.
    NotDelivered,
}

impl Instance {
    /// Starts the process; it is not ready yet.
    pub(crate) async fn start(
        config: &HostConfig,
        spec: &FunctionSpec,
        running: &Gauge,
    ) -> io::Result<Self> {
        let runtime = RuntimeApi::listen().await?;
        let (logs, writer) = Logs::open(spec.name.clone(), config.log_sink.clone())?;
        let mut command = Command::new(&spec.binary);
        command
            .env_clear()
            .envs(environment::of_instance(config, spec, runtime.address))
            .current_dir(spec.binary.parent().unwrap_or(&spec.binary))
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let process = Process::spawn(&mut command, running)?;
        Ok(Self {
            process,
            runtime,
            logs,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.process.is_alive()
    }

    /// Waits until the runtime asks for its first event.
    pub(crate) async fn ready(&mut self, limit: Duration) -> Result<(), InitFailure> {
        let runtime = &self.runtime;
        let process = &mut self.process;
        let wait = async {
            tokio::select! {
                biased;
                init = runtime.initialized() => match init {
                    Init::Failed { error_type, body } => Err(InitFailure::Reported { error_type, body }),
                    Init::Running | Init::Done => Ok(()),
                },
                status = process.ended() => Err(InitFailure::Exited(status)),
            }
        };
        timeout(limit, wait)
            .await
            .unwrap_or(Err(InitFailure::TimedOut))
    }

    /// Hands over one event and waits for its end, at most `limit`.
    pub(crate) async fn run(
        &mut self,
        request_id: &str,
        headers: HeaderMap,
        payload: Bytes,
        limit: Duration,
        kill: &mut BoxFuture<'static, ()>,
    ) -> Ended {
        let (reply, answer) = oneshot::channel();
        self.runtime
            .offer(Work {
                request_id: request_id.to_owned(),
                headers,
                payload,
                reply,
            })
            .await;
        let ended = tokio::select! {
            biased;
            Ok(reply) = answer => Ended::Reply(reply),
            status = self.process.ended() => {
                if self.runtime.was_taken(request_id) {
                    Ended::Exited(status)
                } else {
                    Ended::NotDelivered
                }
            }
            () = kill => Ended::Killed,
            () = sleep(limit) => Ended::TimedOut,
        };
        if !matches!(ended, Ended::Reply(_)) {
            self.runtime.give_up();
            self.kill().await;
        }
        self.logs.flush().await;
        ended
    }

    /// Kills the process and waits until it is gone.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await;
    }
}
