//! Where a sandbox is that runs already.

use std::{
    io,
    net::Ipv6Addr,
    path::{Path, PathBuf},
};

use clap::{
    ArgGroup, ArgMatches, Args, Command, FromArgMatches, error::ErrorKind, parser::ValueSource,
};
use http::Uri;

use super::ready_files;

/// A sandbox named by its address, or by the file it has written its port to.
#[derive(Debug)]
pub(super) struct Place(Given);

#[derive(Debug, Args)]
// Both may be there: what stands in the environment gives way to the command line.
#[command(group = ArgGroup::new("place").args(["url", "port_file"]).required(true).multiple(true))]
struct Given {
    /// Read once it is known to be needed: a variable that is not may say anything.
    #[arg(long, env = "LINGMINBAN_SANDBOX_URL")]
    url: Option<String>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_PORT_FILE", value_name = "FILE")]
    port_file: Option<PathBuf>,
    #[arg(long, default_value = "127.0.0.1", value_parser = host)]
    host: String,
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// A sandbox's address, and the certificates to trust where it has its own: PEM.
pub(super) struct Found {
    pub(super) url: Uri,
    pub(super) ca: Option<Vec<u8>>,
}

impl FromArgMatches for Place {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Given::from_arg_matches(matches)?;
        let said = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        if said("port_file") && !said("url") {
            given.url = None;
        }
        if let Some(url) = &given.url {
            base_url(url).map_err(|error| {
                let told = format!("--url (LINGMINBAN_SANDBOX_URL): {error}\n");
                clap::Error::raw(ErrorKind::ValueValidation, told)
            })?;
        }
        Ok(Self(given))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Place {
    fn augment_args(command: Command) -> Command {
        Given::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Given::augment_args_for_update(command)
    }
}

fn base_url(text: &str) -> Result<Uri, &'static str> {
    text.parse::<Uri>()
        .ok()
        .filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
        .ok_or("应为 / expected http://… or https://…")
}

/// A host as an address has it: an IPv6 literal in brackets.
fn host(text: &str) -> Result<String, &'static str> {
    let host = match text.parse::<Ipv6Addr>() {
        Ok(_) => format!("[{text}]"),
        Err(_) => text.to_owned(),
    };
    let url = base_url(&format!("http://{host}"));
    url.ok()
        .filter(|url| url.host() == Some(host.as_str()))
        .map(|_| host)
        .ok_or("应为主机名或地址 / expected a host name or an address: 127.0.0.1, ::1, localhost")
}

impl Place {
    /// Reads the files anew: they may not be there yet, or may be an earlier run's.
    pub(super) fn find(&self) -> io::Result<Found> {
        let given = &self.0;
        let ca = given.ca_file.as_deref();
        let ca = ca.map(|path| ready_files::read(path, "--ca-file"));
        let ca = ca.transpose()?;
        if let Some(url) = &given.url {
            let url = base_url(url).map_err(io::Error::other)?;
            return Ok(Found { url, ca });
        }
        let path = given.port_file.as_deref().unwrap_or(Path::new(""));
        let port = port(path)?;
        let ca = ca.map_or_else(|| ca_beside(path), |ca| Ok(Some(ca)))?;
        let scheme = if ca.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}:{port}", given.host).parse::<Uri>();
        let url = url.map_err(io::Error::other)?;
        Ok(Found { url, ca })
    }
}

fn port(path: &Path) -> io::Result<u16> {
    let port = ready_files::read(path, "--port-file")?;
    let port = str::from_utf8(&port).ok().map(str::trim);
    let port = port.and_then(|port| port.parse().ok());
    port.ok_or_else(|| {
        let path = path.display();
        io::Error::other(format!("不是端口文件 / {path} holds no port"))
    })
}

fn ca_beside(port_file: &Path) -> io::Result<Option<Vec<u8>>> {
    let path = ready_files::ca_file_beside(port_file);
    let beside = path.exists();
    beside.then(|| ready_files::read(&path, "CA")).transpose()
}

impl Found {
    /// The address without the slash at its end.
    pub(super) fn base_url(&self) -> String {
        self.url.to_string().trim_end_matches('/').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for (given, expected) in [
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
            ("sandbox.example", "sandbox.example"),
        ] {
            assert_eq!(host(given).as_deref(), Ok(expected));
        }
        for wrong in [
            "",
            "a b",
            "localhost:80",
            "http://localhost",
            "a/b",
            "user@a",
            "[::1",
            "a?b",
            "沙箱",
        ] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }
}
