//! Path, query and header parameters.

use lingminban::api::{Body, Operation, Repeat, schemas_of};
use serde_json::{Value, json};

use crate::components::Components;

/// Every parameter of an operation: path, query, then headers.
pub(crate) fn of<O: Operation>(components: &mut Components) -> Value {
    let mut parameters = members_of::<O::Path>("path", components);
    parameters.extend(members_of::<O::Query>("query", components));
    parameters.extend(idempotency_key(O::REPEAT, components));
    if carries_raw_bytes::<O>() {
        parameters.push(components.parameter("ContentDigest", content_digest()));
    }
    parameters.push(components.parameter("AcceptLanguage", accept_language()));
    parameters.push(components.parameter("RequestId", request_id()));
    Value::Array(parameters)
}

/// Whether the body is neither JSON nor a form.
pub(crate) fn carries_raw_bytes<O: Operation>() -> bool {
    !O::Body::MEDIA_TYPES.is_empty() && O::Body::schemas().is_empty()
}

/// One parameter for each member of `P`.
fn members_of<P: lingminban::api::Params>(place: &str, components: &mut Components) -> Vec<Value> {
    let mut schema = components.unnamed_schema(schemas_of::<P>());
    let required = schema["required"].take();
    let Value::Object(members) = schema["properties"].take() else {
        return Vec::new();
    };
    members
        .into_iter()
        .map(|(name, mut schema)| {
            let description = schema
                .as_object_mut()
                .and_then(|members| members.shift_remove("description"))
                .unwrap_or_default();
            let required = required
                .as_array()
                .is_some_and(|names| names.contains(&json!(name)));
            json!({
                "name": name,
                "in": place,
                "description": description,
                "required": required,
                "schema": schema,
            })
        })
        .collect()
}

fn idempotency_key(repeat: Repeat, components: &mut Components) -> Option<Value> {
    let (name, required) = match repeat {
        Repeat::Safe => return None,
        Repeat::KeyRequired => ("IdempotencyKey", true),
        Repeat::KeyOptional => ("OptionalIdempotencyKey", false),
    };
    let parameter = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "幂等键：每次提交生成一个新的，重发时不变。 \
            Names the submission, not the attempt: the same key with the same body is answered with \
            the stored answer for 24 hours; with another body it is refused.",
        "required": required,
        "schema": {
            "type": "string",
            "minLength": 8,
            "maxLength": 255,
            "pattern": "^[!-~]+$",
            "examples": ["0199c2f0-6f0e-7c3a-9d1b-2f6a4c8e1b70"],
        },
    });
    Some(components.parameter(name, parameter))
}

fn content_digest() -> Value {
    json!({
        "name": "Content-Digest",
        "in": "header",
        "description": "材料内容的 SHA-256 摘要（RFC 9530）。 The bytes' SHA-256, checked on arrival.",
        "required": false,
        "schema": {
            "type": "string",
            "examples": ["sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"],
        },
    })
}

fn accept_language() -> Value {
    json!({
        "name": "Accept-Language",
        "in": "header",
        "description": "提示信息的语言，默认中文。 Language of messages: `zh-CN` unless `en` is preferred.",
        "required": false,
        "schema": { "type": "string", "default": "zh-CN", "examples": ["zh-CN", "en"] },
    })
}

fn request_id() -> Value {
    json!({
        "name": "X-Request-Id",
        "in": "header",
        "description": "请求编号：自带则原样返回，否则由平台生成。 Your own name of this request; \
            the answer carries it, or one the platform made.",
        "required": false,
        "schema": { "type": "string", "examples": ["0199c2f0-6f0e-7c3a-9d1b-2f6a4c8e1b70"] },
    })
}
