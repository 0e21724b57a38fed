//! Facts about a function's process.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

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
