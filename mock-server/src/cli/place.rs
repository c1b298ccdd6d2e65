//! Where a sandbox is that runs already.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::{ArgGroup, Args};
use http::Uri;

use super::ready_files;

#[derive(Debug, Args)]
// Both may be there: the port file comes from the environment, the address from the command line.
#[command(group = ArgGroup::new("place").args(["url", "port_file"]).required(true).multiple(true))]
pub(super) struct Place {
    #[arg(long, value_parser = base_url)]
    url: Option<Uri>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_PORT_FILE", value_name = "FILE")]
    port_file: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// A sandbox's address, and the certificate to trust where it has one of its own.
pub(super) struct Found {
    pub(super) url: Uri,
    pub(super) ca_file: Option<PathBuf>,
}

fn base_url(text: &str) -> Result<Uri, String> {
    text.parse::<Uri>()
        .ok()
        .filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
        .ok_or_else(|| "应为 / expected http://… or https://…".to_owned())
}

impl Place {
    /// Reads the files anew: they may not be there yet, or may be an earlier run's.
    pub(super) fn find(&self) -> io::Result<Found> {
        let mut found = self.named()?;
        if self.ca_file.is_some() {
            found.ca_file.clone_from(&self.ca_file);
        }
        Ok(found)
    }

    fn named(&self) -> io::Result<Found> {
        if let Some(url) = &self.url {
            return Ok(Found {
                url: url.clone(),
                ca_file: None,
            });
        }
        let path = self.port_file.as_deref().unwrap_or(Path::new(""));
        let port = ready_files::read(path, "--port-file")?;
        let port = str::from_utf8(&port).ok().map(str::trim);
        let port = port.and_then(|port| port.parse::<u16>().ok());
        let port = port.ok_or_else(|| {
            let path = path.display();
            io::Error::other(format!("不是端口文件 / {path} holds no port"))
        })?;
        let ca_file = Some(ready_files::ca_file_beside(path)).filter(|ca| ca.exists());
        let scheme = if ca_file.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://127.0.0.1:{port}").parse::<Uri>();
        Ok(Found {
            url: url.map_err(io::Error::other)?,
            ca_file,
        })
    }
}

impl Found {
    /// The address without the slash at its end.
    pub(super) fn base_url(&self) -> String {
        self.url.to_string().trim_end_matches('/').to_owned()
    }
}
