//! A function's process, and facts about it.

use std::future::pending;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::{fs, io};

use tokio::process::{Child, Command};
use tokio::runtime::Handle;

use crate::gauge::{Gauge, Guard};

/// A running process. It is killed when this is dropped, and counted until it is gone.
pub(crate) struct Process {
    /// `None` only while it is being dropped.
    child: Option<Child>,
    pub(crate) pid: u32,
    guard: Option<Guard>,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command, running: &Gauge) -> io::Result<Self> {
        let guard = running.enter();
        let child = command.kill_on_drop(true).spawn()?;
        let pid = child
            .id()
            .ok_or_else(|| io::Error::other("the process ended at once"))?;
        Ok(Self {
            child: Some(child),
            pid,
            guard: Some(guard),
        })
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => false,
        }
    }

    /// Waits for the process to end by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        match &mut self.child {
            Some(child) => child.wait().await.unwrap_or_default(),
            None => pending().await,
        }
    }

    /// Kills the process and waits until it is gone.
    pub(crate) async fn kill(&mut self) {
        if let Some(child) = &mut self.child {
            // An error means that it is gone already.
            let _ = child.kill().await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let (child, guard) = (self.child.take(), self.guard.take());
        if let (Some(mut child), Ok(runtime)) = (child, Handle::try_current()) {
            runtime.spawn(async move {
                let _ = child.kill().await;
                drop(guard);
            });
        }
    }
}

/// Why the process ended, in the words Lambda uses, which are those of Go's `os/exec`.
pub(crate) fn exit_reason(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".into(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(signal)) => {
            format!("Runtime exited with error: signal: {}", signal_name(signal))
        }
        (None, None) => "Runtime exited without providing a reason".into(),
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        2 => "interrupt",
        4 => "illegal instruction",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        15 => "terminated",
        other => return other.to_string(),
    };
    name.into()
}

/// CPU time of all threads alive in microseconds; `None` where `/proc` does not tell.
pub(crate) fn cpu_us(pid: u32) -> Option<u64> {
    let mut total = 0_u64;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        // A thread may end between the listing and the reading.
        let Ok(text) = fs::read_to_string(thread.ok()?.path().join("schedstat")) else {
            continue;
        };
        total += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(total / 1000)
}

/// Largest resident memory so far in MB; `None` where `/proc` does not tell.
pub(crate) fn peak_memory_mb(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_worded_as_lambda_words_them() {
        // Wait statuses: exit code in the high byte, signal in the low one.
        let reason = |raw| exit_reason(ExitStatus::from_raw(raw));
        assert_eq!(reason(0), "Runtime exited without providing a reason");
        assert_eq!(
            reason(101 << 8),
            "Runtime exited with error: exit status 101"
        );
        assert_eq!(reason(9), "Runtime exited with error: signal: killed");
        assert_eq!(reason(6), "Runtime exited with error: signal: aborted");
    }
}
