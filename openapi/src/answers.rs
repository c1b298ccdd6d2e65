//! Successes and refusals of an operation.

use std::collections::BTreeMap;

use http::StatusCode;
use lingminban::api::{
    Operation, Output, Problem, ProblemCode, Repeat, TokenError, TokenErrorCode,
    operation::{Answer, Errors, Link},
    problems, schemas_of,
};
use serde_json::{Map, Value, json};

use crate::components::Components;

/// Every answer of an operation by status.
pub(crate) fn of<O: Operation>(components: &mut Components) -> Value {
    let mut answers = BTreeMap::new();
    for answer in O::Output::ANSWERS {
        answers.insert(answer.status, success::<O>(answer, components));
    }
    if O::ERRORS == Errors::OAuth {
        for status in [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED] {
            answers.insert(status, token_error(status, components));
        }
    }
    for (status, codes) in by_status(&problems::<O>()) {
        answers.insert(status, problem(status, &codes, components));
    }
    answers
        .into_iter()
        .map(|(status, answer)| (status.as_str().to_owned(), answer))
        .collect()
}

fn success<O: Operation>(answer: &Answer, components: &mut Components) -> Value {
    let schema = components.schema(O::Output::schemas(answer.status));
    let links: Map<String, Value> = O::LINKS
        .iter()
        .filter(|link| {
            schema
                .as_ref()
                .is_some_and(|schema| leads_from(link, schema, components))
        })
        .map(|link| (link.name.to_owned(), link_object(link)))
        .collect();
    let mut headers = vec![Header::RequestId];
    if O::REPEAT != Repeat::Safe {
        headers.push(Header::IdempotencyReplayed);
    }
    if O::ERRORS == Errors::OAuth {
        headers.push(Header::CacheControl);
    }
    let mut response = response(
        answer.description,
        &headers,
        O::Output::MEDIA_TYPES,
        schema,
        components,
    );
    if !links.is_empty() {
        response["links"] = Value::Object(links);
    }
    response
}

/// Whether the answer has the values the link needs: a dry run names no application.
fn leads_from(link: &Link, schema: &Value, components: &Components) -> bool {
    link.parameters.iter().all(|(_, expression)| {
        expression
            .strip_prefix("$response.body#/")
            .is_none_or(|pointer| components.may_have(schema, pointer))
    })
}

fn link_object(link: &Link) -> Value {
    let parameters: Map<String, Value> = link
        .parameters
        .iter()
        .map(|(name, from)| ((*name).to_owned(), json!(from)))
        .collect();
    json!({ "operationId": link.operation_id, "parameters": parameters })
}

fn by_status(codes: &[ProblemCode]) -> BTreeMap<StatusCode, Vec<ProblemCode>> {
    let mut groups: BTreeMap<StatusCode, Vec<ProblemCode>> = BTreeMap::new();
    for code in codes {
        groups.entry(code.status()).or_default().push(*code);
    }
    groups
}

fn problem(status: StatusCode, codes: &[ProblemCode], components: &mut Components) -> Value {
    let schema = components.schema(schemas_of::<Problem>());
    let lines: Vec<String> = codes
        .iter()
        .map(|code| format!("- `{code}`: {} {}", code.text().zh, code.text().en))
        .collect();
    let mut headers = vec![Header::RequestId];
    headers.extend(headers_of_problem(status, codes));
    let response = response(
        &lines.join("\n"),
        &headers,
        &["application/problem+json"],
        schema,
        components,
    );
    match shared_name(codes) {
        Some(name) => components.response(&name, response),
        None => response,
    }
}

fn headers_of_problem(status: StatusCode, codes: &[ProblemCode]) -> Option<Header> {
    match status {
        StatusCode::UNAUTHORIZED => Some(Header::WwwAuthenticate),
        StatusCode::METHOD_NOT_ALLOWED => Some(Header::Allow),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Some(Header::RetryAfter),
        StatusCode::CONFLICT if codes.contains(&ProblemCode::RequestInProgress) => {
            Some(Header::RetryAfter)
        }
        _ => None,
    }
}

/// A name for answers that several operations give: those with one code, and those about the token.
/// Other sets of codes differ from operation to operation and stand where they belong.
fn shared_name(codes: &[ProblemCode]) -> Option<String> {
    match codes {
        [only] => Some(only.as_str().split('_').map(capitalised).collect()),
        [ProblemCode::MissingToken, ..] => Some("Unauthorized".to_owned()),
        _ => None,
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

fn token_error(status: StatusCode, components: &mut Components) -> Value {
    let schema = components.schema(schemas_of::<TokenError>());
    let is_about_client = status == StatusCode::UNAUTHORIZED;
    let lines: Vec<String> = TokenErrorCode::ALL
        .iter()
        .filter(|code| (**code == TokenErrorCode::InvalidClient) == is_about_client)
        .map(|code| format!("- `{code}`: {}", code.chinese_name()))
        .collect();
    let mut headers = vec![Header::RequestId, Header::CacheControl];
    if is_about_client {
        headers.push(Header::WwwAuthenticate);
    }
    let description = format!("RFC 6749 §5.2\n{}", lines.join("\n"));
    response(
        &description,
        &headers,
        &["application/json"],
        schema,
        components,
    )
}

fn response(
    description: &str,
    headers: &[Header],
    media_types: &[&str],
    schema: Option<Value>,
    components: &mut Components,
) -> Value {
    let headers: Map<String, Value> = headers
        .iter()
        .map(|header| {
            let (name, component, definition) = header.define();
            (name.to_owned(), components.header(component, definition))
        })
        .collect();
    let mut response = json!({ "description": description, "headers": headers });
    if let Some(schema) = schema {
        let content = media_types.iter().map(|media_type| {
            let is_json = *media_type == "application/json" || media_type.ends_with("+json");
            let schema = if is_json {
                schema.clone()
            } else {
                json!({ "type": "string" })
            };
            ((*media_type).to_owned(), json!({ "schema": schema }))
        });
        response["content"] = Value::Object(content.collect());
    }
    response
}

/// A header of an answer.
#[derive(Clone, Copy)]
enum Header {
    RequestId,
    IdempotencyReplayed,
    RetryAfter,
    Allow,
    WwwAuthenticate,
    CacheControl,
}

impl Header {
    /// Name on the wire, name in the document, definition.
    fn define(self) -> (&'static str, &'static str, Value) {
        let (name, component, required, description, schema) = match self {
            Self::RequestId => (
                "X-Request-Id",
                "RequestId",
                true,
                "请求编号，报障时请提供。 Names this request; give it when you report a fault.",
                json!({ "type": "string" }),
            ),
            Self::IdempotencyReplayed => (
                "Idempotency-Replayed",
                "IdempotencyReplayed",
                false,
                "`true`：此为先前结果的重放。 `true` when this is the stored answer of an earlier request.",
                json!({ "type": "boolean" }),
            ),
            Self::RetryAfter => (
                "Retry-After",
                "RetryAfter",
                false,
                "多少秒后再试。 Seconds to wait before the next attempt.",
                json!({ "type": "integer", "format": "int32", "minimum": 0 }),
            ),
            Self::Allow => (
                "Allow",
                "Allow",
                true,
                "该地址支持的方法。 The methods this path knows.",
                json!({ "type": "string", "examples": ["GET, POST"] }),
            ),
            Self::WwwAuthenticate => (
                "WWW-Authenticate",
                "WwwAuthenticate",
                true,
                "所需的认证方式。 How to authenticate.",
                json!({ "type": "string" }),
            ),
            Self::CacheControl => (
                "Cache-Control",
                "CacheControl",
                true,
                "`no-store`：不得缓存。 A token is never cached.",
                json!({ "type": "string", "examples": ["no-store"] }),
            ),
        };
        let definition =
            json!({ "description": description, "required": required, "schema": schema });
        (name, component, definition)
    }
}
