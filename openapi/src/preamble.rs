//! What the document says before its first operation.

use lingminban::api::Scope;
use serde_json::{Map, Value, json};

/// The words before the operations, and the ways to be let in.
pub(crate) struct Preamble {
    title: &'static str,
    summary: &'static str,
    description: &'static str,
    security_schemes: fn() -> Value,
}

/// Of the platform's own document.
pub(crate) const PLATFORM: Preamble = Preamble {
    title: "灵敏办合作网点开放接口 · Partner outlets' API",
    summary: "合作网点代办机动车登记业务的接口 · Vehicle registration and transfer through partner outlets",
    description: include_str!("preamble.md"),
    security_schemes: platform_schemes,
};

/// Of the document of the sandbox's control interface.
pub(crate) const SANDBOX: Preamble = Preamble {
    title: "灵敏办沙箱控制接口 · The sandbox's control interface",
    summary: "沙箱的空间、时钟、故障与取证 · Spaces, time, faults and evidence of a sandbox",
    description: include_str!("sandbox_preamble.md"),
    security_schemes: sandbox_schemes,
};

impl Preamble {
    pub(crate) fn info(&self) -> Value {
        json!({
            "title": self.title,
            "version": env!("CARGO_PKG_VERSION"),
            "summary": self.summary,
            "description": self.description,
            "contact": { "name": "灵敏办接口支持 · Partner support" },
            "license": { "name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE") },
        })
    }

    pub(crate) fn security_schemes(&self) -> Value {
        (self.security_schemes)()
    }
}

pub(crate) fn server(base_url: &str) -> Value {
    json!({ "url": base_url, "description": "提供本文档的服务器 · The server this document comes from" })
}

fn sandbox_schemes() -> Value {
    json!({
        "admin_token": {
            "type": "http",
            "scheme": "bearer",
            "description": "启动沙箱时 --admin-token 所给的令牌；仅监听本机且未设令牌时不需要。 The token the sandbox \
                was started with; not needed where it listens on its own machine alone and was given none.",
        },
    })
}

fn platform_schemes() -> Value {
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
