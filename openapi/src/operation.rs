//! One operation of the document.

use lingminban::api::{Access, Body, Operation};
use serde_json::{Map, Value, json};

use crate::{answers, components::Components, parameters};

/// Everything the document says of `O`.
pub(crate) fn describe<O: Operation>(components: &mut Components) -> Value {
    let mut described = json!({
        "operationId": O::ID,
        "summary": O::SUMMARY,
        "description": O::DESCRIPTION,
        "tags": [O::TAG.name],
        "security": security::<O>(),
        "parameters": parameters::of::<O>(components),
    });
    if let Some(body) = request_body::<O>(components) {
        described["requestBody"] = body;
    }
    described["responses"] = answers::of::<O>(components);
    described
}

/// A token with its scope; for the token itself HTTP Basic or the credential in the form; an admin
/// token where the sandbox was started with one; nothing where anyone may ask.
fn security<O: Operation>() -> Value {
    match O::ACCESS {
        Access::Token(scope) => json!([{ "client_credentials": [scope] }]),
        Access::Credential => json!([{ "client_basic": [] }, {}]),
        Access::Admin => json!([{ "admin_token": [] }, {}]),
        Access::Anyone => json!([]),
    }
}

fn request_body<O: Operation>(components: &mut Components) -> Option<Value> {
    if O::Body::MEDIA_TYPES.is_empty() {
        return None;
    }
    let schema = components.schema(O::Body::schemas()).unwrap_or_else(|| {
        json!({ "type": "string", "format": "binary", "minLength": 1, "maxLength": O::Body::LIMIT })
    });
    let content: Map<String, Value> = O::Body::MEDIA_TYPES
        .iter()
        .map(|media_type| ((*media_type).to_owned(), media::<O>(&schema)))
        .collect();
    Some(json!({
        "description": format!("不超过 {0} MiB。 At most {0} MiB.", O::Body::LIMIT >> 20),
        "required": O::Body::REQUIRED,
        "content": content,
    }))
}

fn media<O: Operation>(schema: &Value) -> Value {
    let mut media = json!({ "schema": schema });
    for example in O::EXAMPLES {
        // An example that is no JSON shows as a text, and a test of this crate finds it.
        let value = serde_json::from_str(example.json)
            .unwrap_or_else(|_| Value::String(example.json.to_owned()));
        media["examples"][example.name] = json!({ "summary": example.summary, "value": value });
    }
    media
}
