//! A caller without the SDK: sends what the SDK would not, and shows what came back.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use http::{HeaderMap, Method};
use lingminban_sandbox::Credential;
use reqwest::RequestBuilder;
use serde_json::Value;

/// Keys of a test process: no two requests share one by accident.
static KEYS: AtomicU64 = AtomicU64::new(1);

/// Sends requests by hand.
#[derive(Clone)]
pub(crate) struct Caller {
    http: reqwest::Client,
    base_url: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Caller {
    pub(crate) fn stranger(base_url: &str) -> Self {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(unused_tls())
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("an HTTP client");
        Self {
            http,
            base_url: base_url.to_owned(),
            token: None,
        }
    }

    pub(crate) async fn of(base_url: &str, credential: &Credential) -> Self {
        let stranger = Self::stranger(base_url);
        let got = stranger.token(credential, None).await;
        let token = got.json()["access_token"].as_str().map(str::to_owned);
        Self {
            token: Some(token.expect("a token")),
            ..stranger
        }
    }

    /// The same caller with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The token in use.
    pub(crate) fn bearer(&self) -> &str {
        self.token.as_deref().expect("a token")
    }

    /// Asks for a token with the credential in the form.
    pub(crate) async fn token(&self, credential: &Credential, scope: Option<&str>) -> Got {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", credential.client_id.as_ref()),
            ("client_secret", credential.client_secret.as_str()),
        ];
        form.extend(scope.map(|scope| ("scope", scope)));
        self.send(self.request(Method::POST, "/oauth2/token").form(&form))
            .await
    }

    /// A request with the token and nothing else.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.base_url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Got {
        let response = request.send().await.expect("an answer");
        Got {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            bytes: response.bytes().await.expect("a whole body").to_vec(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts a body under a key of its own.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Got {
        self.post_keyed(path, &fresh_key(), body).await
    }

    pub(crate) async fn post_keyed(&self, path: &str, key: &str, body: &Value) -> Got {
        let request = self.request(Method::POST, path);
        self.send(request.header("Idempotency-Key", key).json(body))
            .await
    }

    /// Posts text that is said to be JSON, under a key of its own.
    pub(crate) async fn post_text(&self, path: &str, text: impl Into<Vec<u8>>) -> Got {
        let request = self
            .request(Method::POST, path)
            .header("Idempotency-Key", fresh_key())
            .header("Content-Type", "application/json")
            .body(text.into());
        self.send(request).await
    }
}

/// reqwest is built without a TLS provider and asks for one before it knows that none is needed.
fn unused_tls() -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows them all")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// A key nobody else has.
pub(crate) fn fresh_key() -> String {
    format!("test-key-{}", KEYS.fetch_add(1, Ordering::Relaxed))
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("a body of JSON")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Place and code of each error, in their order.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let errors = problem["errors"].as_array().into_iter().flatten();
        errors
            .map(|error| {
                let place = ["pointer", "parameter", "header"]
                    .iter()
                    .find_map(|place| error[*place].as_str());
                let code = error["code"].as_str().unwrap_or_default();
                (place.unwrap_or("?").to_owned(), code.to_owned())
            })
            .collect()
    }

    /// Asserts a refusal of that status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> &Self {
        assert_eq!(
            (self.status, self.code().as_str()),
            (status, code),
            "{}",
            self.text()
        );
        self
    }

    /// Asserts a success of that status.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }
}

/// Everything an answer is, but what the wire adds.
pub(crate) fn written(got: &Got) -> String {
    let mut headers: Vec<String> = got
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    format!("{}\n{}\n\n{}", got.status, headers.join("\n"), got.text())
}
