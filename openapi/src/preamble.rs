//! What the document says before its first operation.

use lingminban::api::Scope;
use serde_json::{Map, Value, json};

pub(crate) fn info() -> Value {
    json!({
        "title": "灵敏办合作网点开放接口 · Partner outlets' API",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "合作网点代办机动车登记业务的接口 · Vehicle registration and transfer through partner outlets",
        "description": include_str!("preamble.md"),
        "contact": { "name": "灵敏办接口支持 · Partner support" },
        "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
    })
}

pub(crate) fn server(base_url: &str) -> Value {
    json!({ "url": base_url, "description": "提供本文档的服务器 · The server this document comes from" })
}

pub(crate) fn security_schemes() -> Value {
    let scopes: Map<String, Value> = Scope::ALL
        .iter()
        .map(|scope| (scope.as_str().to_owned(), scope.chinese_name().into()))
        .collect();
    json!({
        "client_credentials": {
            "type": "oauth2",
            "description": "OAuth 2.0 客户端凭证，令牌有效期 7200 秒。 Client credentials (RFC 6749 §4.4); \
                send the token as `Authorization: Bearer …`.",
            "flows": { "clientCredentials": { "tokenUrl": "/oauth2/token", "scopes": scopes } },
        },
        "client_basic": {
            "type": "http",
            "scheme": "basic",
            "description": "client_id 和 client_secret，仅用于换取令牌。 The partner's credential, for the \
                token endpoint alone.",
        },
    })
}
