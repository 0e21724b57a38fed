//! What is measured: a program that is a Lambda function, and its processes.

use std::{
    error::Error,
    fmt,
    fs::{self, File},
    io,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc::RecvTimeoutError},
    time::{Duration, Instant},
};

use crate::{
    aws_stub::AwsStub,
    environment,
    issuer::Issuer,
    machine,
    runtime_api::{RuntimeApi, Signal},
};

/// How long a process may be silent before the benchmark gives up. No figure is judged by it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a silent process is checked to be alive.
const CHECK: Duration = Duration::from_millis(100);

/// A program that is a Lambda function.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The function's name.
    pub function: &'static str,
    /// How it is written, for the table.
    pub language: &'static str,
    /// The executable.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<PathBuf>,
    /// Bytes of the executable, if it is all there is.
    pub size: Option<u64>,
}

/// Where subjects are measured.
#[derive(Debug)]
pub struct Lab {
    /// In place of AWS.
    pub stub: AwsStub,
    /// The issuer whose tokens devices carry.
    pub issuer: Arc<Issuer>,
    /// Folder for what the processes write to their standard output.
    pub logs: PathBuf,
}

/// A subject that does not work.
#[derive(Debug)]
pub struct Broken {
    subject: String,
    what: String,
    log: String,
    source: Option<io::Error>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.what)?;
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        if !self.log.is_empty() {
            write!(f, "\nthe end of its log:\n{}", self.log)?;
        }
        Ok(())
    }
}

impl Error for Broken {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// One process of a subject. It is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    api: RuntimeApi,
    spawned: Instant,
    log: PathBuf,
}

/// A handled event.
#[derive(Debug, Clone)]
pub struct Handled {
    /// From the event's last byte out to the answer's last byte in.
    pub latency: Duration,
    /// The function's answer.
    pub body: String,
}

impl Subject {
    /// The function with the language, as in "high-temp-processor (Rust)".
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} ({})", self.function, self.language)
    }

    /// Starts a process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, lab: &Lab) -> Result<Running, Broken> {
        let broken = |what: &str, source| Broken {
            subject: self.name(),
            what: what.to_owned(),
            log: String::new(),
            source: Some(source),
        };
        let api = RuntimeApi::start().map_err(|error| broken("has no Runtime API", error))?;
        let log = lab
            .logs
            .join(format!("{}-{}.log", self.function, self.language));
        let output = File::create(&log).and_then(|out| Ok((out.try_clone()?, out)));
        let (stdout, stderr) = output.map_err(|error| broken("has no log file", error))?;
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(machine::search_path().map(|path| ("PATH", path)))
            .envs(environment::of(self.function, &api, lab))
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr);
        let spawned = machine::instant();
        let child = command.spawn().map_err(|error| {
            broken(
                &format!("cannot be started as {}", self.program.display()),
                error,
            )
        })?;
        Ok(Running {
            name: self.name(),
            child,
            api,
            spawned,
            log,
        })
    }
}

impl Running {
    /// Waits until the process asks for its first event, and says how long after its start that was.
    ///
    /// # Errors
    /// When it does not.
    pub fn ready(&mut self) -> Result<Duration, Broken> {
        Ok(self.polled()?.saturating_duration_since(self.spawned))
    }

    /// Sends an event to a process that is ready, and waits until it has answered and is ready again.
    ///
    /// # Errors
    /// When it does not, or reports an error.
    pub fn handle(&mut self, event: &str) -> Result<Handled, Broken> {
        self.api.send(event.to_owned());
        let handled = match self.signal()? {
            Signal::Answered {
                sent,
                received,
                body,
            } => Handled {
                latency: received.saturating_duration_since(sent),
                body,
            },
            Signal::Polled { .. } => {
                return Err(self.broken("asked for an event without answering", None));
            }
            Signal::Failed { what } => return Err(self.broken(&format!("reported {what}"), None)),
        };
        self.polled()?;
        Ok(handled)
    }

    /// What `read`, a function of [`crate::process`], says about the process.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn ask<T>(&self, read: impl Fn(u32) -> io::Result<T>) -> Result<T, Broken> {
        let answer = read(self.child.id());
        answer.map_err(|error| self.broken("cannot be read in /proc", Some(error)))
    }

    /// An error about this process, with the end of its log.
    #[must_use]
    pub fn broken(&self, what: &str, source: Option<io::Error>) -> Broken {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let mut last: Vec<_> = log.lines().rev().take(10).collect();
        last.reverse();
        Broken {
            subject: self.name.clone(),
            what: what.to_owned(),
            log: last.join("\n"),
            source,
        }
    }

    fn polled(&mut self) -> Result<Instant, Broken> {
        match self.signal()? {
            Signal::Polled { at } => Ok(at),
            Signal::Answered { body, .. } => {
                Err(self.broken(&format!("answered without having an event: {body}"), None))
            }
            Signal::Failed { what } => Err(self.broken(&format!("reported {what}"), None)),
        }
    }

    fn signal(&mut self) -> Result<Signal, Broken> {
        let mut silent = Duration::ZERO;
        while silent < PATIENCE {
            match self.api.signals().recv_timeout(CHECK) {
                Ok(signal) => return Ok(signal),
                Err(RecvTimeoutError::Timeout) => silent += CHECK,
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.broken(&format!("ended by itself: {status}"), None));
            }
        }
        Err(self.broken("was silent for a minute", None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only one that ended already cannot be killed.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
