//! What is served beside the operations: health, the document, and its pages for people.

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use lingminban::api::ProblemCode;

use utoipa_swagger_ui::{Config, Url};

use super::refusal::Refusal;
use crate::server::{Call, Reply};

/// Where the sandbox says that it lives.
pub const HEALTH: &str = "/healthz";
/// Where the platform's document is served.
const PLATFORM_DOCUMENT: &str = "/openapi.json";
/// Where the document of the control interface is served.
const CONTROL_DOCUMENT: &str = "/sandbox/v1/openapi.json";

/// The pages beside the operations.
pub struct Pages {
    public_url: Option<String>,
    documents: [OnceLock<Vec<u8>>; 2],
    swagger: OnceLock<Arc<Config<'static>>>,
}

impl Pages {
    /// Pages whose document names `public_url` as its server, or the address they are read from.
    #[must_use]
    pub fn new(public_url: Option<String>) -> Self {
        Self {
            public_url,
            documents: Default::default(),
            swagger: OnceLock::new(),
        }
    }

    /// The address under which others reach the sandbox.
    #[must_use]
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// The page a call asks for, if it asks for one.
    ///
    /// # Errors
    /// 405 when it does not ask to read it.
    pub fn find(&self, call: &Call<'_>) -> Result<Option<Reply>, Refusal> {
        let page = match call.path {
            HEALTH => Some(page("application/json", br#"{"status":"ok"}"#.to_vec())),
            PLATFORM_DOCUMENT => Some(self.document(0, lingminban_openapi::document_for)),
            CONTROL_DOCUMENT => Some(self.document(1, lingminban_openapi::sandbox_document_for)),
            "/docs" => Some(moved("/docs/")),
            path => path
                .strip_prefix("/docs/")
                .and_then(|file| self.swagger(file)),
        };
        if page.is_none() || *call.method == Method::GET || *call.method == Method::HEAD {
            return Ok(page);
        }
        let allow = HeaderValue::from_static("GET, HEAD");
        Err(Refusal::new(ProblemCode::MethodNotAllowed).with_header(header::ALLOW, allow))
    }

    /// Built when first asked for: it costs milliseconds that a start must not.
    fn document(&self, number: usize, build: fn(&str) -> serde_json::Value) -> Reply {
        let url = self.public_url.as_deref().unwrap_or("/");
        let bytes = self.documents[number].get_or_init(|| build(url).to_string().into_bytes());
        page("application/json", bytes.clone())
    }

    fn swagger(&self, file: &str) -> Option<Reply> {
        let config = self.swagger.get_or_init(|| {
            let documents = [
                Url::with_primary("灵敏办开放接口 · API", PLATFORM_DOCUMENT, true),
                Url::new("沙箱控制接口 · Control interface", CONTROL_DOCUMENT),
            ];
            Arc::new(Config::new(documents).validator_url("none"))
        });
        let found = utoipa_swagger_ui::serve(file, Arc::clone(config)).ok()??;
        let mut reply = page(&found.content_type, found.bytes.into_owned());
        // As it is kept: packed it is a quarter of the size, in the program too.
        if found.gzpipped {
            let gzip = HeaderValue::from_static("gzip");
            reply.headers.insert(header::CONTENT_ENCODING, gzip);
        }
        Some(reply)
    }
}

fn page(content_type: &str, body: Vec<u8>) -> Reply {
    let mut headers = HeaderMap::new();
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    Reply::new(StatusCode::OK, headers, body)
}

fn moved(to: &'static str) -> Reply {
    let headers = HeaderMap::from_iter([(header::LOCATION, HeaderValue::from_static(to))]);
    Reply::new(StatusCode::SEE_OTHER, headers, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: &Method, path: &str) -> Option<StatusCode> {
        let headers = HeaderMap::new();
        let call = Call {
            method,
            path,
            query: None,
            headers: &headers,
            body: b"",
        };
        match Pages::new(None).find(&call) {
            Ok(page) => page.map(|page| page.status),
            Err(refusal) => Some(refusal.code().status()),
        }
    }

    #[test]
    fn pages_are_there_to_be_read() {
        for path in [
            "/healthz",
            PLATFORM_DOCUMENT,
            CONTROL_DOCUMENT,
            "/docs/index.html",
        ] {
            assert_eq!(status(&Method::GET, path), Some(StatusCode::OK), "{path}");
            let written = status(&Method::POST, path);
            assert_eq!(written, Some(StatusCode::METHOD_NOT_ALLOWED), "{path}");
        }
    }

    #[test]
    fn a_page_that_does_not_exist_is_an_unknown_path_like_any_other() {
        assert_eq!(status(&Method::GET, "/docs/nothing.js"), None);
        assert_eq!(status(&Method::GET, "/nothing"), None);
    }
}
