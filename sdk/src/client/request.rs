//! A request as it goes out, the same for every attempt.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use reqwest::Url;

use super::{
    context::CallContext,
    error::{Error, ErrorKind, Outcome, Result},
    runtime::{Runtime, identifier},
    submission::IdempotencyKey,
};
use crate::api::{
    Encoded, Operation, Repeat,
    operation::{Answer, Errors},
};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What transport and errors need to know of an operation. Taken out of the type, so that they are
/// compiled once and not once per operation.
pub(super) struct Info {
    pub(super) id: &'static str,
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) repeat: Repeat,
    pub(super) errors: Errors,
    pub(super) answers: &'static [Answer],
}

impl Info {
    pub(super) fn of<O: Operation>() -> Self {
        use crate::api::Output;
        Self {
            id: O::ID,
            method: O::METHOD,
            path: O::PATH,
            repeat: O::REPEAT,
            errors: O::ERRORS,
            answers: O::Output::ANSWERS,
        }
    }

    /// Whether it leaves nothing behind, so that only the last attempt matters.
    pub(super) fn reads(&self) -> bool {
        self.method == Method::GET
    }

    pub(super) fn error(&self, kind: ErrorKind, outcome: Outcome) -> Error {
        let mut error = Error::new(self.id, kind, outcome);
        error.inner_mut().reads = self.reads();
        error
    }
}

/// Method, address, headers and body, ready for any number of attempts.
pub(super) struct Prepared {
    pub(super) info: Info,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// `X-Request-Id` of all attempts.
    pub(super) request_id: HeaderValue,
}

impl Prepared {
    /// The request of an operation, without its credential.
    pub(super) fn new<O: Operation>(
        base: &Base,
        path: &O::Path,
        query: &O::Query,
        body: Encoded,
    ) -> Result<Self> {
        let info = Info::of::<O>();
        let broken = |what: &str| {
            info.error(ErrorKind::Request, Outcome::NotSent)
                .caused_by(what)
        };
        let values = serde_urlencoded::to_string(path).map_err(|_| broken("path"))?;
        let query = serde_urlencoded::to_string(query).map_err(|_| broken("query"))?;
        let text = expand(&base.prefix, O::PATH, &values, &query).ok_or_else(|| broken("path"))?;
        let url = Url::parse(&text).map_err(|_| broken("url"))?;

        let mut headers = base.headers.clone();
        if let Some(media_type) = body.media_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        let request_id = HeaderValue::from_static("");
        Ok(Self {
            info,
            url,
            headers,
            body: Bytes::from(body.bytes),
            request_id,
        })
    }

    /// Puts the identifiers on: the caller's, or new ones.
    pub(super) fn identified(
        mut self,
        context: &CallContext,
        key: Option<&IdempotencyKey>,
        runtime: &dyn Runtime,
    ) -> Self {
        self.request_id = context
            .request_id
            .clone()
            .unwrap_or_else(|| ascii(&identifier(runtime).to_string()));
        self.headers.insert(REQUEST_ID, self.request_id.clone());
        if let Some(traceparent) = &context.traceparent {
            self.headers.insert(TRACEPARENT, traceparent.clone());
        }
        if self.info.repeat != Repeat::Safe {
            let made;
            let key = match key {
                Some(key) => key,
                None => {
                    made = IdempotencyKey::made_by(runtime);
                    &made
                }
            };
            self.headers.insert(IDEMPOTENCY_KEY, ascii(key.as_str()));
        }
        self
    }
}

/// Both kinds of identifier are visible ASCII by construction; the empty value is never taken.
fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// What every request of a client starts from.
pub(super) struct Base {
    /// The platform's address without the slash at its end.
    prefix: String,
    /// Host, for traces.
    pub(super) host: String,
    /// Port, for traces.
    pub(super) port: u16,
    /// Headers that never change.
    headers: HeaderMap,
}

impl Base {
    pub(super) fn new(address: &Url, headers: HeaderMap) -> Self {
        Self {
            prefix: address.as_str().trim_end_matches('/').to_owned(),
            host: address.host_str().unwrap_or_default().to_owned(),
            port: address.port_or_known_default().unwrap_or_default(),
            headers,
        }
    }
}

/// Fills a path template from `name=value&…` in form encoding, and appends the query.
fn expand(prefix: &str, template: &str, values: &str, query: &str) -> Option<String> {
    let mut url =
        String::with_capacity(prefix.len() + template.len() + values.len() + query.len() + 1);
    url.push_str(prefix);
    let mut rest = template;
    while let Some((literal, tail)) = rest.split_once('{') {
        let (name, tail) = tail.split_once('}')?;
        url.push_str(literal);
        push_segment(&mut url, value_of(values, name)?)?;
        rest = tail;
    }
    url.push_str(rest);
    if !query.is_empty() {
        url.push('?');
        url.push_str(query);
    }
    Some(url)
}

fn value_of<'a>(values: &'a str, name: &str) -> Option<&'a str> {
    values
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// A form-encoded value as one path segment: the same but for the space. Empty or dotted ones
/// would change which path is meant.
fn push_segment(url: &mut String, value: &str) -> Option<()> {
    if matches!(value, "" | "." | "..") {
        return None;
    }
    for (index, part) in value.split('+').enumerate() {
        if index > 0 {
            url.push_str("%20");
        }
        url.push_str(part);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn a_template_is_filled_and_the_query_appended() {
        let url = expand(
            "https://a/b",
            "/v1/x/{id}/y/{kind}",
            "id=A%2FB+C&kind=k",
            "q=1",
        );
        assert_eq!(url.as_deref(), Some("https://a/b/v1/x/A%2FB%20C/y/k?q=1"));
    }

    #[test]
    fn a_value_cannot_change_which_path_is_meant() {
        for value in ["", ".", ".."] {
            assert_eq!(
                expand("https://a", "/v1/x/{id}", &format!("id={value}"), ""),
                None
            );
        }
        assert_eq!(expand("https://a", "/v1/x/{id}", "other=1", ""), None);
    }
}
