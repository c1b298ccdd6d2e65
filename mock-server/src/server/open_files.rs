//! The limit on open files: every connection takes one.

/// As many open files as any test run needs. Not the system's maximum: where that is a thousand
/// million, programs the caller starts may walk through all of them before they begin.
#[cfg(unix)]
const ENOUGH: u64 = 65_536;

/// Raises the process's soft limit up to [`ENOUGH`] or its hard limit, never lowers it.
///
/// A refusal is no reason not to start: the server then works with the limit as it is.
#[cfg(unix)]
pub(super) fn raise_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(ENOUGH) {
        tracing::warn!(%error, "the limit on open files stays as it is; 打开文件数上限未能提高");
    }
}

/// Elsewhere sockets are not limited by such a number.
#[cfg(not(unix))]
pub(super) fn raise_limit() {}
