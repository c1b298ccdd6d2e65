//! `wait-ready`: waits until a sandbox answers, for scripts that have started one.

use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use clap::Args;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{Exit, place::Place, tell, values};

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);
/// What an attempt may take before the next.
const ATTEMPT: Duration = Duration::from_secs(2);
/// More than the answer of a sandbox is.
const LONGEST_ANSWER: usize = 4 << 10;

#[derive(Debug, Args)]
pub(super) struct WaitReady {
    #[command(flatten)]
    place: Place,
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = values::duration)]
    timeout: Duration,
}

pub(super) async fn wait_ready(options: WaitReady) -> Exit {
    let mut last = None;
    let ready = timeout(options.timeout, async {
        loop {
            let attempt = timeout(ATTEMPT, options.attempt()).await;
            match attempt.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                Ok(url) => return url,
                Err(error) => last = Some(error),
            }
            sleep(PAUSE).await;
        }
    });
    match ready.await {
        Ok(url) => match writeln!(io::stdout(), "{url}") {
            Ok(()) => Exit::Done,
            Err(_) => Exit::Failed,
        },
        Err(_) => {
            let why = last.map(|error| error.to_string()).unwrap_or_default();
            tell(&format!(
                "沙箱在限定时间内未就绪 / the sandbox is not ready in time: {why}"
            ));
            Exit::NotReady
        }
    }
}

impl WaitReady {
    /// The sandbox's address if it answers now. All files are read anew: they may not be there yet, or
    /// may be an earlier run's.
    async fn attempt(&self) -> io::Result<String> {
        let found = self.place.find()?;
        ask(&found.url, found.ca.as_deref()).await?;
        Ok(found.base_url())
    }
}

async fn ask(url: &Uri, ca: Option<&[u8]>) -> io::Result<()> {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let secure = url.scheme_str() == Some("https");
    let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await?;
    if !secure {
        return ask_over(stream, url).await;
    }
    let config = trusting(ca)?;
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    ask_over(connector.connect(name, stream).await?, url).await
}

fn trusting(ca: Option<&[u8]>) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(io::Error::other)?;
                roots.add(certificate).map_err(io::Error::other)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

async fn ask_over(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    url: &Uri,
) -> io::Result<()> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let path = format!("{}/healthz", url.path().trim_end_matches('/'));
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(path)
        .header(header::HOST, authority)
        .body(Empty::<Bytes>::new())
        .map_err(io::Error::other)?;
    // Ends with the sender.
    tokio::spawn(connection);
    let response = sender.send_request(request).await;
    let response = response.map_err(io::Error::other)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LONGEST_ANSWER);
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let health: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    if status == StatusCode::OK && health["status"] == "ok" {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "应答者不是沙箱 / what answers is no sandbox: {status}"
    )))
}
