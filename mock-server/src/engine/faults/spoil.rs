//! What an effect makes of an answer.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use lingminban::api::{
    Operation, Output, ProblemCode, Schemas, TokenErrorCode, control::RetryAfterForm,
    operation::Errors, problems,
};
use serde_json::{Map, Value, json};

use super::{
    Strike,
    effect::{Effect, Told},
};
use crate::{
    engine::{pipeline::http_date, refusal::Refusal, tokens},
    server::Reply,
};

/// A word no list has, and a member no schema has.
const ADDED_LATER: &str = "added_later";

const GATEWAY_PAGE: &str = "<!DOCTYPE html>\r\n<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n\
    <body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

impl Strike {
    /// 名称 of the rule, or of the effect.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is answered without asking the operation, at the space's time `now`; `None` when it is
    /// asked.
    #[must_use]
    pub fn instead<O: Operation>(&self, now: Timestamp) -> Option<Result<Reply, Refusal>> {
        match self.effect {
            Effect::Status(told) => Some(Err(told.refusal::<O>(now))),
            Effect::ExpiredToken => Some(Err(tokens::refused(ProblemCode::ExpiredToken))),
            Effect::Html502 => Some(Ok(gateway_page())),
            // Nobody hears of it.
            Effect::CloseBefore => Some(Ok(gateway_page())),
            _ => None,
        }
    }

    /// What is left of the answer, which was given at the space's time `now`, and whether the fault
    /// did what it is named after: those that spoil a good answer leave any other as it is.
    #[must_use]
    pub fn finish<O: Operation>(&self, mut reply: Reply, now: Timestamp) -> (Option<Reply>, bool) {
        let done = match self.effect {
            Effect::CloseBefore | Effect::LostAck => return (None, true),
            Effect::Status(_) | Effect::ExpiredToken | Effect::Html502 => true,
            Effect::Delay(_) | Effect::Slower(_) => {
                reply.delay = self.delay;
                true
            }
            Effect::SkewedDate(seconds) => skew(&mut reply.headers, now, seconds),
            _ if !reply.status.is_success() || reply.body.is_empty() => false,
            Effect::Truncate => {
                reply.body.truncate(reply.body.len() / 2);
                true
            }
            Effect::NotJson => {
                reply.body = b"OK".to_vec();
                true
            }
            Effect::WrongContentType => {
                let wrong = HeaderValue::from_static("text/html; charset=utf-8");
                reply.headers.insert(header::CONTENT_TYPE, wrong);
                true
            }
            Effect::UnknownEnum => {
                let schemas = Known(O::Output::schemas(reply.status));
                rewrite(&mut reply.body, |body| schemas.replace_words(body))
            }
            Effect::ExtraFields => rewrite(&mut reply.body, add_members),
            Effect::Event(_) => false,
        };
        (Some(reply), done)
    }
}

impl Told {
    fn refusal<O: Operation>(self, now: Timestamp) -> Refusal {
        let mut refusal = match self.status {
            StatusCode::BAD_REQUEST if O::ERRORS == Errors::OAuth => {
                Refusal::oauth(TokenErrorCode::InvalidRequest)
            }
            StatusCode::UNAUTHORIZED if O::ERRORS == Errors::OAuth => {
                Refusal::oauth(TokenErrorCode::InvalidClient)
            }
            StatusCode::UNAUTHORIZED => {
                tokens::refused(self.code.unwrap_or(ProblemCode::InvalidToken))
            }
            status => Refusal::new(self.code.unwrap_or_else(|| usual::<O>(status))),
        };
        if self.status == StatusCode::METHOD_NOT_ALLOWED
            && let Ok(own) = HeaderValue::from_str(O::METHOD.as_str())
        {
            refusal = refusal.with_header(header::ALLOW, own);
        }
        let retry_after = self
            .retry_after
            .and_then(|(seconds, form)| retry_after(seconds, form, now));
        if let Some(value) = retry_after {
            refusal = refusal.with_header(header::RETRY_AFTER, value);
        }
        refusal.with_status(self.status)
    }
}

/// The first refusal of this status that the operation documents.
fn usual<O: Operation>(status: StatusCode) -> ProblemCode {
    let mut documented = problems::<O>().into_iter();
    documented
        .find(|code| code.status() == status)
        .unwrap_or(ProblemCode::ScriptedFault)
}

fn retry_after(seconds: u32, form: RetryAfterForm, now: Timestamp) -> Option<HeaderValue> {
    match form {
        RetryAfterForm::Seconds => Some(seconds.into()),
        RetryAfterForm::Date => http_date(moved(now, seconds.into())),
    }
}

fn skew(headers: &mut HeaderMap, now: Timestamp, seconds: i64) -> bool {
    let date = http_date(moved(now, seconds));
    date.map(|date| headers.insert(header::DATE, date))
        .is_some()
}

/// So many seconds later or earlier; the same at the ends of the calendar.
fn moved(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(now)
}

fn gateway_page() -> Reply {
    let html = HeaderValue::from_static("text/html");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, html)]);
    Reply::new(StatusCode::BAD_GATEWAY, headers, GATEWAY_PAGE)
}

/// Changes a body that is JSON; `false` when nothing was changed.
fn rewrite(body: &mut Vec<u8>, change: impl FnOnce(&mut Value) -> bool) -> bool {
    let Ok(mut value) = serde_json::from_slice(body) else {
        return false;
    };
    let changed = change(&mut value);
    if let Ok(bytes) = serde_json::to_vec(&value)
        && changed
    {
        *body = bytes;
    }
    changed
}

/// A new member in every object.
fn add_members(value: &mut Value) -> bool {
    match value {
        Value::Object(members) => {
            for member in members.values_mut() {
                add_members(member);
            }
            members.insert(ADDED_LATER.to_owned(), json!({ "since": "2027" }));
            true
        }
        Value::Array(items) => {
            let mut changed = false;
            for item in items {
                changed |= add_members(item);
            }
            changed
        }
        _ => false,
    }
}

/// The schema of an answer and everything it refers to; the first is the answer's own.
struct Known(Schemas);

impl Known {
    /// Replaces every word of a list that may be extended by one that nobody knows.
    fn replace_words(&self, body: &mut Value) -> bool {
        let written = self
            .0
            .iter()
            .filter_map(|(name, schema)| Some((name.clone(), serde_json::to_value(schema).ok()?)));
        let schemas: Map<String, Value> = written.collect();
        let own = self.0.first().and_then(|(name, _)| schemas.get(name));
        own.is_some_and(|own| replace(own, body, &schemas))
    }
}

fn replace(schema: &Value, value: &mut Value, schemas: &Map<String, Value>) -> bool {
    let referred = schema["$ref"]
        .as_str()
        .and_then(|target| target.rsplit('/').next())
        .and_then(|name| schemas.get(name));
    if let Some(referred) = referred {
        return replace(referred, value, schemas);
    }
    if value.is_string() && schema.get("x-extensible-enum").is_some() {
        *value = ADDED_LATER.into();
        return true;
    }
    let mut changed = false;
    // An optional member, or one with a description, is a union with that one schema.
    for union in ["oneOf", "anyOf", "allOf"] {
        for branch in schema[union].as_array().into_iter().flatten() {
            changed |= replace(branch, value, schemas);
        }
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                changed |= replace(&schema["properties"][name], member, schemas);
            }
        }
        Value::Array(items) => {
            for item in items {
                changed |= replace(&schema["items"], item, schemas);
            }
        }
        _ => {}
    }
    changed
}

#[cfg(test)]
mod tests {
    use lingminban::api::{
        DrawPlates, GetApplication, IssueToken, control::FaultScript, schemas_of,
    };

    use super::*;
    use crate::engine::{faults::Script, space::DEFAULT_START};

    fn strike<O: Operation>(rule: Value) -> Strike {
        let script: FaultScript = serde_json::from_value(json!([rule])).unwrap();
        let mut made = Script::default();
        assert!(made.replace(script.into_rules(), 1));
        let mut script = made;
        script.strike::<O>().unwrap()
    }

    fn status<O: Operation>(rule: Value) -> (u16, HeaderMap, Value) {
        let mut rule = rule;
        rule["operation"] = json!("*");
        rule["effect"] = json!("status");
        let instead = strike::<O>(rule).instead::<O>(DEFAULT_START);
        let Some(Err(refusal)) = instead else {
            panic!("no refusal")
        };
        let reply = refusal.told(lingminban::text::Language::English, "/", "req-1");
        let body = serde_json::from_slice(&reply.body).unwrap();
        (reply.status.as_u16(), reply.headers, body)
    }

    #[test]
    fn a_status_speaks_as_the_operation_would() {
        for (rule, code) in [
            (json!({"status": 503}), "service_unavailable"),
            (json!({"status": 401}), "invalid_token"),
            (json!({"status": 404}), "application_not_found"),
            (json!({"status": 429}), "rate_limited"),
            (json!({"status": 502}), "scripted_fault"),
            (json!({"status": 418}), "scripted_fault"),
            (
                json!({"status": 409, "code": "vehicle_in_process"}),
                "vehicle_in_process",
            ),
        ] {
            let wanted = rule["status"].clone();
            let (status, _, body) = status::<GetApplication>(rule);
            assert_eq!((json!(status), &body["status"]), (wanted.clone(), &wanted));
            assert_eq!(body["code"], code);
        }
        let (_, _, body) = status::<GetApplication>(json!({"status": 502}));
        assert_eq!(body["title"], "Bad Gateway");
        let (_, headers, body) = status::<IssueToken>(json!({"status": 401}));
        assert_eq!(body["error"], "invalid_client");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    }

    #[test]
    fn retry_after_is_written_both_ways() {
        let written = |rule| {
            let (_, headers, _) = status::<GetApplication>(rule);
            headers[header::RETRY_AFTER].to_str().unwrap().to_owned()
        };
        assert_eq!(written(json!({"status": 429, "retry_after": 90})), "90");
        let date = json!({"status": 503, "retry_after": 90, "retry_after_form": "date"});
        assert_eq!(written(date), "Mon, 02 Mar 2026 01:01:30 GMT");
    }

    #[test]
    fn only_good_answers_are_spoilt() {
        for effect in [
            "truncate",
            "not_json",
            "wrong_content_type",
            "unknown_enum",
            "extra_fields",
        ] {
            let strike = strike::<GetApplication>(json!({"operation": "*", "effect": effect}));
            let reply = |status, body: &str| Reply::new(status, HeaderMap::new(), body);
            for (status, body) in [
                (StatusCode::NOT_FOUND, r#"{"status": 404}"#),
                (StatusCode::OK, ""),
            ] {
                let (left, done) =
                    strike.finish::<GetApplication>(reply(status, body), DEFAULT_START);
                let left = left.unwrap();
                assert_eq!(
                    (left.body.as_slice(), done),
                    (body.as_bytes(), false),
                    "{effect}"
                );
                assert!(left.headers.is_empty(), "{effect}");
            }
        }
    }

    #[test]
    fn words_are_replaced_wherever_the_schema_has_a_list_that_may_be_extended() {
        let schemas = Known(schemas_of::<lingminban::api::Application>());
        let mut body = json!({
            "application_id": "9465000000001", "status": "completed", "service": "registration",
            "partner_reference": "completed", "required_materials": [{ "kind": "purchase_tax" }],
            "findings": [{ "code": "required", "message": "registration" }],
            "result": { "plate_kind": "02", "plate_number": "鲁C12345" },
        });
        assert!(schemas.replace_words(&mut body));
        let kept = ["application_id", "partner_reference"].map(|name| body[name].clone());
        assert_eq!(kept, ["9465000000001", "completed"]);
        for at in [
            "/status",
            "/service",
            "/findings/0/code",
            "/result/plate_kind",
            "/required_materials/0/kind",
        ] {
            assert_eq!(body.pointer(at).unwrap(), ADDED_LATER, "{at}");
        }
        assert_eq!(body["findings"][0]["message"], "registration");
        assert_eq!(body["result"]["plate_number"], "鲁C12345");
    }

    #[test]
    fn an_answer_without_such_a_list_stays() {
        let strike = strike::<DrawPlates>(json!({"operation": "*", "effect": "unknown_enum"}));
        let body = r#"{"draw_id": "draw-1"}"#;
        let reply = Reply::new(StatusCode::CREATED, HeaderMap::new(), body);
        let (left, done) = strike.finish::<DrawPlates>(reply, DEFAULT_START);
        assert_eq!(
            (left.unwrap().body.as_slice(), done),
            (body.as_bytes(), false)
        );
    }
}
