//! Trust is what the configuration says, on every path: the token's, the proxy's, the call's.

use std::sync::{Arc, Mutex};

use lingminban::{
    Client, Outcome,
    client::{ClientIdentity, ErrorKind, Proxy, RetryPolicy},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{
    fixtures::*,
    server::{Server, one_after_the_other},
};

/// An authority nobody knows.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Certificate and key for a name, PEM.
    fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (
            params.signed_by(&key, &self.0).unwrap().pem(),
            key.serialize_pem(),
        )
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }

    /// A server under this authority, which asks for certificates of `clients`.
    fn server(&self, name: &str, clients: Option<&Self>) -> Arc<ServerConfig> {
        let (certificate, key) = self.issue(name);
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(authority.roots(), provider)
                    .build()
                    .unwrap(),
            ),
        };
        Arc::new(builder.with_single_cert(chain, key).unwrap())
    }
}

async fn platform(tls: Arc<ServerConfig>) -> Server {
    Server::with_tls(
        Some(tls),
        one_after_the_other(vec![application("accepted"); 9]),
    )
    .await
}

/// A builder for a server under that name; a macro, for the builder's type says what is set.
macro_rules! builder {
    ($server:expr, $host:expr) => {
        Client::builder()
            .base_url(format!("https://{}:{}", $host, $server.port))
            .client_id("a")
            .client_secret("b")
    };
}

#[tokio::test]
async fn an_authority_nobody_knows_is_not_trusted_and_says_so() {
    let authority = Authority::new();
    let server = platform(authority.server("localhost", None)).await;
    let client = builder!(server, "localhost").build().unwrap();

    let error = call_without_token(&client).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Tls)
    );
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");

    let error = client.get_application(&id()).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Token)
    );
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
}

#[tokio::test]
async fn distrust_is_not_repeated() {
    let server = platform(Authority::new().server("localhost", None)).await;
    let client = builder!(server, "localhost").build().unwrap();
    assert_eq!(call_without_token(&client).await.unwrap_err().attempts(), 1);
}

#[tokio::test]
async fn an_added_authority_is_trusted_for_token_and_call() {
    let authority = Authority::new();
    let server = platform(authority.server("localhost", None)).await;
    let client = builder!(server, "localhost")
        .ca_certificates_pem(authority.0.pem())
        .build()
        .unwrap();
    client.get_application(&id()).await.unwrap();
    assert_eq!((server.token_calls().len(), server.calls().len()), (1, 1));
}

#[tokio::test]
async fn a_certificate_of_another_name_is_not_trusted() {
    let authority = Authority::new();
    let server = platform(authority.server("elsewhere.example.cn", None)).await;
    let client = builder!(server, "localhost")
        .ca_certificates_pem(authority.0.pem())
        .build()
        .unwrap();
    assert_eq!(
        call_without_token(&client).await.unwrap_err().kind(),
        ErrorKind::Tls
    );
}

#[tokio::test]
async fn a_client_certificate_is_shown_on_both_paths() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let server = platform(authority.server("localhost", Some(&clients))).await;
    let (certificate, key) = clients.issue("partner");
    let with = builder!(server, "localhost")
        .ca_certificates_pem(authority.0.pem())
        .client_identity(ClientIdentity::from_pem(certificate, key))
        .build()
        .unwrap();
    with.get_application(&id()).await.unwrap();
    assert_eq!((server.token_calls().len(), server.calls().len()), (1, 1));

    let without = builder!(server, "localhost")
        .ca_certificates_pem(authority.0.pem())
        .build()
        .unwrap();
    without.get_application(&id()).await.unwrap_err();
    assert_eq!((server.token_calls().len(), server.calls().len()), (1, 1));
}

#[tokio::test]
async fn certificate_and_key_of_different_pairs_are_refused() {
    let clients = Authority::new();
    let ((certificate, _), (_, key)) = (clients.issue("a"), clients.issue("b"));
    let error = Client::builder()
        .base_url("https://localhost:1")
        .client_id("a")
        .client_secret("b")
        .client_identity(ClientIdentity::from_pem(certificate, key))
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("belong together"), "{error}");
}

/// A proxy that knows CONNECT; tells whom it was asked for, and with what credential.
struct Tunnel {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    async fn start(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Self::connect(stream, to, Arc::clone(&log)));
            }
        });
        Self { port, asked }
    }

    async fn connect(mut stream: TcpStream, to: u16, asked: Arc<Mutex<Vec<String>>>) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let refused = head.contains("blocked.example.cn");
        asked.lock().unwrap().push(head);
        if refused {
            stream.write_all(b"HTTP/1.1 403 no\r\n\r\n").await.unwrap();
            return;
        }
        stream.write_all(b"HTTP/1.1 200 ok\r\n\r\n").await.unwrap();
        let mut onward = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    }
}

#[tokio::test]
async fn through_a_proxy_trust_and_certificate_are_the_same() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let server = platform(authority.server("lmb.example.cn", Some(&clients))).await;
    let tunnel = Tunnel::start(server.port).await;
    let (certificate, key) = clients.issue("partner");
    let client = builder!(server, "lmb.example.cn")
        .ca_certificates_pem(authority.0.pem())
        .client_identity(ClientIdentity::from_pem(certificate, key))
        .proxy(Proxy::url(&format!(
            "http://user:password@127.0.0.1:{}",
            tunnel.port
        )))
        .build()
        .unwrap();
    client.get_application(&id()).await.unwrap();
    assert_eq!((server.token_calls().len(), server.calls().len()), (1, 1));
    let asked = tunnel.asked.lock().unwrap();
    let expected = format!("CONNECT lmb.example.cn:{} ", server.port);
    assert!(
        asked.iter().all(|head| head.starts_with(&expected)),
        "{asked:?}"
    );
    // "user:password" in Base64.
    assert!(
        asked
            .iter()
            .all(|head| head.contains("dXNlcjpwYXNzd29yZA==")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_proxy_that_refuses_means_not_sent() {
    let tunnel = Tunnel::start(1).await;
    let client = Client::builder()
        .base_url("https://blocked.example.cn")
        .client_id("a")
        .client_secret("b")
        .retry(RetryPolicy::never())
        .proxy(Proxy::url(&format!("http://127.0.0.1:{}", tunnel.port)))
        .build()
        .unwrap();
    let error = call_without_token(&client).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Connect)
    );
    assert!(error.to_string().contains("tunnel"), "{error}");
}
