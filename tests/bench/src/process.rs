//! What Linux says about a process: CPU time, memory, sockets.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
    time::Duration,
};

/// CPU time of all living threads, in user and kernel mode, with the scheduler's nanoseconds: `/proc/<pid>/stat` counts in
/// ticks of 10 ms. A thread that ended takes its time with it; the measured processes end none while they are measured.
///
/// # Errors
/// When the process is gone.
pub fn cpu_time(pid: u32) -> io::Result<Duration> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        let nanoseconds = text
            .split(' ')
            .next()
            .and_then(|number| number.parse().ok());
        total += Duration::from_nanos(nanoseconds.ok_or(ErrorKind::InvalidData)?);
    }
    Ok(total)
}

/// The most memory the process ever had resident, in KiB (`VmHWM`).
///
/// # Errors
/// When the process is gone.
pub fn peak_memory(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    number.ok_or_else(|| ErrorKind::InvalidData.into())
}

/// How many TCP and UDP sockets the process has open, connected or not.
///
/// # Errors
/// When the process is gone.
pub fn network_sockets(pid: u32) -> io::Result<usize> {
    let mut own = Vec::new();
    for descriptor in fs::read_dir(format!("/proc/{pid}/fd"))? {
        // One that was closed meanwhile is none.
        let Ok(target) = fs::read_link(descriptor?.path()) else {
            continue;
        };
        own.extend(socket_inode(&target));
    }
    let mut open = 0;
    for protocol in ["tcp", "tcp6", "udp", "udp6"] {
        // A kernel without IPv6 has no such table.
        let table = fs::read_to_string(format!("/proc/{pid}/net/{protocol}")).unwrap_or_default();
        let inodes = table
            .lines()
            .skip(1)
            .filter_map(|line| line.split_whitespace().nth(9));
        open += inodes
            .filter(|inode| own.iter().any(|mine| mine == inode))
            .count();
    }
    Ok(open)
}

fn socket_inode(target: &Path) -> Option<String> {
    let inode = target
        .to_str()?
        .strip_prefix("socket:[")?
        .strip_suffix(']')?;
    Some(inode.to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{hint::black_box, net::UdpSocket, process};

    use super::*;

    #[test]
    fn work_shows_as_cpu_time_and_memory() {
        let pid = process::id();
        let before = cpu_time(pid).unwrap();
        let ballast = vec![1_u8; 64 << 20];
        let sum: u64 = black_box(&ballast)
            .iter()
            .map(|byte| u64::from(*byte))
            .sum();
        assert_eq!(sum, 64 << 20);
        assert!(cpu_time(pid).unwrap() > before);
        assert!(peak_memory(pid).unwrap() > 64 << 10);
    }

    #[test]
    fn an_open_socket_is_counted() {
        let sockets: Vec<_> = (0..3)
            .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
            .collect();
        assert!(network_sockets(process::id()).unwrap() >= sockets.len());
    }
}
