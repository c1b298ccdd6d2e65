//! What is served beside the operations: health, the document, and its pages for people.

use std::{
    io::Read,
    sync::{Arc, OnceLock},
};

use flate2::read::GzDecoder;
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
                .and_then(|file| self.swagger(file, call.headers)),
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

    /// As it is kept, packed to a quarter of its size, or unpacked for who does not take that.
    fn swagger(&self, file: &str, asked: &HeaderMap) -> Option<Reply> {
        let config = self.swagger.get_or_init(|| {
            let documents = [
                Url::with_primary("灵敏办开放接口 · API", PLATFORM_DOCUMENT, true),
                Url::new("沙箱控制接口 · Control interface", CONTROL_DOCUMENT),
            ];
            Arc::new(Config::new(documents).validator_url("none"))
        });
        let found = utoipa_swagger_ui::serve(file, Arc::clone(config)).ok()??;
        if !found.gzpipped {
            return Some(page(&found.content_type, found.bytes.into_owned()));
        }
        let packed = takes_gzip(asked);
        let bytes = if packed {
            found.bytes.into_owned()
        } else {
            unpacked(&found.bytes)?
        };
        let mut reply = page(&found.content_type, bytes);
        let vary = HeaderValue::from_static("accept-encoding");
        reply.headers.insert(header::VARY, vary);
        if packed {
            let gzip = HeaderValue::from_static("gzip");
            reply.headers.insert(header::CONTENT_ENCODING, gzip);
        }
        Some(reply)
    }
}

/// Whether a client says that it takes gzip (RFC 9110 §12.5.3). One that says nothing may be sent
/// anything, but mostly cannot unpack it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let weight = |wanted: &str| {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let codings = values.filter_map(|value| value.to_str().ok());
        codings
            .flat_map(|value| value.split(','))
            .find_map(|coding| {
                let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
                let weight = weight.trim().strip_prefix("q=")?.parse::<f32>().ok()?;
                name.trim().eq_ignore_ascii_case(wanted).then_some(weight)
            })
    };
    let weight = weight("gzip").or_else(|| weight("*"));
    weight.is_some_and(|weight| weight > 0.0)
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut bytes).ok()?;
    Some(bytes)
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
    fn pages_are_packed_for_who_takes_that() {
        let ask = |accepted: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for accepted in accepted {
                headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            }
            let call = Call {
                method: &Method::GET,
                path: "/docs/index.html",
                query: None,
                headers: &headers,
                body: b"",
            };
            let Ok(Some(reply)) = Pages::new(None).find(&call) else {
                panic!("there is a page");
            };
            assert_eq!(reply.headers[header::VARY], "accept-encoding");
            reply
        };
        for taken in [
            &["gzip"][..],
            &["br, GZIP;q=0.5"],
            &["br", "gzip"],
            &["*"],
            &["identity;q=0, *;q=0.1"],
        ] {
            let reply = ask(taken);
            assert_eq!(reply.headers[header::CONTENT_ENCODING], "gzip", "{taken:?}");
            assert_eq!(reply.body[..2], [0x1f, 0x8b], "{taken:?}");
        }
        for not in [
            &[][..],
            &[""],
            &["br"],
            &["gzip;q=0"],
            &["*, gzip;q=0.0"],
            &["gzip;q=x"],
        ] {
            let reply = ask(not);
            assert_eq!(reply.headers.get(header::CONTENT_ENCODING), None, "{not:?}");
            assert!(reply.body.starts_with(b"<!"), "{not:?}");
        }
    }

    #[test]
    fn a_page_that_does_not_exist_is_an_unknown_path_like_any_other() {
        assert_eq!(status(&Method::GET, "/docs/nothing.js"), None);
        assert_eq!(status(&Method::GET, "/nothing"), None);
    }
}
