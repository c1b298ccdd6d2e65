//! The limit on open files: every connection takes one.

/// As many open files as any test run needs. Not the system's maximum: where that is a thousand
/// million, programs the caller starts may walk through all of them before they begin.
#[cfg(unix)]
const ENOUGH: u64 = 65_536;

/// Raises the process's soft limit up to [`ENOUGH`] or its hard limit, never lowers it.
///
/// A refusal is no reason not to start: the server then works with the limit as it is. Gives the limit
/// now in force, where it is known.
#[cfg(unix)]
pub(super) fn raise_limit() -> Option<u64> {
    let raised = rlimit::increase_nofile_limit(ENOUGH);
    if let Err(error) = &raised {
        tracing::warn!(%error, "the limit on open files stays as it is; 打开文件数上限未能提高");
    }
    raised.ok()
}

/// Elsewhere sockets are not limited by such a number.
#[cfg(not(unix))]
pub(super) fn raise_limit() -> Option<u64> {
    None
}
