//! Takes the samples. Subjects that are compared take turns in short blocks, so that the machine's other work falls on
//! both of them.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    cases::Case,
    process,
    stats::Samples,
    subject::{Broken, Lab, Running, Subject},
};

/// Invocations per block: long enough for a CPU time well above its resolution.
pub const BLOCK: u32 = 25;
/// Invocations before the first sample: connections, lazily built clients, caches.
const WARM_UP: u32 = 10;

/// What starts of a subject cost.
#[derive(Debug, Clone, Default)]
pub struct Starts {
    /// From the spawn to the first request for an event.
    pub wall: Samples,
    /// CPU time until then.
    pub cpu: Samples,
    /// Most memory until then, in KiB, of all starts.
    pub memory: u64,
    /// Connections to AWS until then, in all starts: must be none.
    pub connections: usize,
    /// Calls of AWS until then, in all starts: must be none.
    pub calls: Vec<String>,
    /// Open network sockets at the first request for an event, the most of all starts: one, for that request.
    pub sockets: usize,
    /// Latency of the first event.
    pub first_latency: Samples,
    /// CPU time of the first event.
    pub first_cpu: Samples,
}

/// What an event costs a warm process.
#[derive(Debug, Clone, Default)]
pub struct Warm {
    /// Latency of each invocation.
    pub latency: Samples,
    /// CPU time per invocation, averaged over each block.
    pub cpu: Samples,
    /// The calls of AWS that an invocation made, in order. More than one entry: it was not always the same.
    pub calls: BTreeSet<Vec<String>>,
}

impl Starts {
    /// Starts a process of `subject` and lets it handle `first`.
    ///
    /// # Errors
    /// When it does not work.
    pub fn sample(&mut self, subject: &Subject, first: &Case, lab: &Lab) -> Result<(), Broken> {
        lab.stub.take_calls();
        let connections = lab.stub.connections();
        let mut running = subject.start(lab)?;
        self.wall.push(running.ready()?);
        let cpu = running.ask(process::cpu_time)?;
        self.cpu.push(cpu);
        self.memory = self.memory.max(running.ask(process::peak_memory)?);
        self.sockets = self.sockets.max(running.ask(process::network_sockets)?);
        self.connections += lab.stub.connections().saturating_sub(connections);
        self.calls.extend(lab.stub.take_calls());
        self.first_latency.push(handle(&mut running, first)?);
        let after = running.ask(process::cpu_time)?;
        self.first_cpu.push(after.saturating_sub(cpu));
        Ok(())
    }

    /// Whether a start used the network other than to ask for events.
    #[must_use]
    pub fn used_the_network(&self) -> bool {
        self.connections > 0 || !self.calls.is_empty() || self.sockets > 1
    }
}

/// Starts a process of `subject` that has handled each of `cases` some times.
///
/// # Errors
/// When it does not work.
pub fn warmed_up<'c>(
    subject: &Subject,
    cases: impl IntoIterator<Item = &'c Case>,
    lab: &Lab,
) -> Result<Running, Broken> {
    let mut running = subject.start(lab)?;
    running.ready()?;
    for case in cases {
        for _ in 0..WARM_UP {
            handle(&mut running, case)?;
        }
    }
    Ok(running)
}

impl Warm {
    /// Lets `running` handle `case` [`BLOCK`] times.
    ///
    /// # Errors
    /// When it does not work.
    pub fn sample(&mut self, running: &mut Running, case: &Case, lab: &Lab) -> Result<(), Broken> {
        lab.stub.take_calls();
        let before = running.ask(process::cpu_time)?;
        for _ in 0..BLOCK {
            self.latency.push(handle(running, case)?);
            self.calls.insert(lab.stub.take_calls());
        }
        let after = running.ask(process::cpu_time)?;
        self.cpu.push(after.saturating_sub(before) / BLOCK);
        Ok(())
    }
}

fn handle(running: &mut Running, case: &Case) -> Result<Duration, Broken> {
    let handled = running.handle(&case.event)?;
    if case.is_answered_by(&handled.body) {
        return Ok(handled.latency);
    }
    let what = format!(
        "did not do what \"{}\" is about; it answered {}",
        case.label, handled.body
    );
    Err(running.broken(&what, None))
}
