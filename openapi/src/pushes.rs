//! What the platform sends by itself: the root `webhooks` of the document.
//!
//! They have a tag of their own: generators make one class of a tag, and a webhook beside paths would
//! overwrite theirs.

use lingminban::api::{Event, schemas_of};
use serde_json::{Value, json};

use crate::components::Components;

const TAG: &str = "webhooks";

pub(crate) fn tag() -> Value {
    json!({ "name": TAG, "description": "事件推送 · What the platform sends to the receivers of webhook subscriptions." })
}

/// One push carries one event, of whatever type.
pub(crate) fn event(components: &mut Components) -> Value {
    let event = components.schema(schemas_of::<Event>()).unwrap_or_default();
    json!({ "post": {
        "operationId": "receive_event",
        "summary": "接收事件 · Receive an event",
        "description": include_str!("pushes.md").trim_end(),
        "tags": [TAG],
        "security": [],
        "parameters": [
            header(
                "webhook-id",
                "推送编号，即 `event_id`，重发时不变。 The event's `event_id`, the same in every attempt.",
                json!({ "type": "string", "examples": ["evt-3703000000001"] }),
            ),
            header(
                "webhook-timestamp",
                "本次推送的时间，自 1970 年起的整秒数。 When this attempt was made, in whole seconds since 1970.",
                json!({ "type": "string", "pattern": "^[0-9]+$", "examples": ["1772413200"] }),
            ),
            header(
                "webhook-signature",
                "`v1,` 加 Base64 签名；密钥轮换期间有多个，以空格分隔。 `v1,` and the signature in Base64; \
                    several, separated by spaces, while a secret is being rotated.",
                json!({ "type": "string", "examples": ["v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="] }),
            ),
        ],
        "requestBody": {
            "description": "一个事件。 One event.",
            "required": true,
            "content": { "application/json": {
                "schema": event,
                "examples": { "completed": { "summary": "业务已办结 · An application is completed", "value": example() } },
            } },
        },
        "responses": {
            "2XX": { "description": "已收到，不再推送；应答内容不读取。 Taken; what it carries is not read." },
            "410": { "description": "停用此订阅。 Disables the subscription at once." },
            "default": { "description": "稍后重新推送。 Brings another attempt." },
        },
    } })
}

fn header(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "description": description, "required": true, "schema": schema })
}

fn example() -> Value {
    json!({
        "event_id": "evt-3703000000007",
        "type": "application.completed",
        "occurred_at": "2026-03-04T15:00:00+08:00",
        "application_id": "3703010000001",
        "partner_reference": "DMS-2026-000123",
        "outlet_id": "zb-dealer-001",
        "service": "registration",
        "status": "completed",
    })
}
