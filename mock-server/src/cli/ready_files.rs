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

/// A text written beside the file it is for, so that whoever watches for that file never reads half of it.
/// Until it is [published](Staged::publish) nothing there is changed.
pub(super) struct Staged<'a> {
    path: &'a Path,
    what: &'a str,
    beside: PathBuf,
}

/// `what` names the file in an error.
pub(super) fn stage<'a>(path: &'a Path, what: &'a str, text: &str) -> io::Result<Staged<'a>> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let staged = Staged {
        path,
        what,
        beside: beside.into(),
    };
    let written = std::fs::write(&staged.beside, text);
    written.map_err(|error| staged.unwritable(&error))?;
    Ok(staged)
}

impl Staged<'_> {
    pub(super) fn publish(self) -> io::Result<()> {
        let published = std::fs::rename(&self.beside, self.path);
        published.map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &io::Error) -> io::Error {
        named(error, "无法写入", "cannot write", self.what, self.path)
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // Gone already when it was published.
        std::fs::remove_file(&self.beside).ok();
    }
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
