//! What the system tells of this process, and what is made of many figures.

use std::{fs, path::PathBuf, time::Duration};

/// The processor time taken so far by all threads of this process that still run, but for the
/// calling one; `None` where the system does not tell.
pub(crate) fn others_busy() -> Option<Duration> {
    let busy = |directory: PathBuf| -> Option<u64> {
        let text = fs::read_to_string(directory.join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let all: u64 = threads
        .flatten()
        .filter_map(|thread| busy(thread.path()))
        .sum();
    let own = busy("/proc/thread-self".into())?;
    Some(Duration::from_nanos(all.checked_sub(own)?))
}

/// Bytes of memory this process has resident; not a number where the system does not tell.
pub(crate) fn resident() -> f64 {
    let read = || -> Option<f64> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib * 1024.0)
    };
    read().unwrap_or(f64::NAN)
}

/// The median; sorts the values.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A limit and whether it was kept.
pub(crate) fn verdict(kept: bool, limit: &str) -> String {
    format!("{} {limit}", if kept { "ok:" } else { "MISSED:" })
}

/// Runs a future on this thread.
pub(crate) fn here<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
