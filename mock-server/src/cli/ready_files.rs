//! The files by which one process tells another where the sandbox is.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Where the authority's certificate stands that belongs to a port file: `<port file>.ca.pem`.
pub(super) fn ca_file_beside(port_file: &Path) -> PathBuf {
    let mut name = port_file.as_os_str().to_owned();
    name.push(".ca.pem");
    name.into()
}

/// Whoever watches for the file never reads half of it. `what` names it in an error.
pub(super) fn write_whole(path: &Path, what: &str, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| named(&error, "无法写入", "cannot write", what, path))
}

/// Takes away what an earlier run left; nothing there is as good.
pub(super) fn remove(path: &Path, what: &str) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(named(&error, "无法删除", "cannot remove", what, path))
        }
        _ => Ok(()),
    }
}

/// Reads a file named on the command line.
pub(super) fn read(path: &Path, what: &str) -> io::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| named(&error, "无法读取", "cannot read", what, path))
}

fn named(error: &io::Error, zh: &str, en: &str, what: &str, path: &Path) -> io::Error {
    let path = path.display();
    io::Error::new(error.kind(), format!("{zh} / {en} {what} {path}: {error}"))
}
