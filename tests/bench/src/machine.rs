//! What is read from the machine: clocks, the few environment variables of the benchmark itself, and facts about it.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place of the benchmark that asks the operating system"
)]

use std::{
    ffi::OsString,
    fs,
    path::Path,
    thread,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// A point in time to measure from.
#[must_use]
pub fn instant() -> Instant {
    Instant::now()
}

/// Milliseconds since the epoch, for the timestamps in events.
#[must_use]
pub fn epoch_millis() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// `PATH`, the only variable that measured processes inherit: a script needs it to find its interpreter.
#[must_use]
pub fn search_path() -> Option<OsString> {
    std::env::var_os("PATH")
}

/// The cargo that runs the benchmark, or the one on the path.
#[must_use]
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The system's bundle of root certificates, as the template names Lambda's.
#[must_use]
pub fn certificate_bundle() -> Option<&'static Path> {
    const BUNDLES: [&str; 2] = [
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/certs/ca-certificates.crt",
    ];
    BUNDLES
        .into_iter()
        .map(Path::new)
        .find(|path| path.exists())
}

/// Processor, cores and kernel in one line.
#[must_use]
pub fn description() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |model| {
        model.trim_start_matches(['\t', ':', ' '])
    });
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{cores} cores, {model}, Linux {}", kernel.trim())
}

/// The load averages over 1, 5 and 15 minutes.
#[must_use]
pub fn load_average() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
