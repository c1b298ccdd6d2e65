use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, Created, DeliveryId, EventId, EventType, Found, Json, NoBody, NoContent, NoParams,
    Open, Operation, OptionalJson, OverlapSeconds, PageSize, ProblemCode, Repeat, Scope, ShortText,
    Tag, WebhookId,
    operation::{Example, Link, sealed::Sealed},
};
use crate::{
    identifiers::{IdentifierError, newtype::identifier},
    moment::Moment,
    wire_enum::wire_enum,
};

const TAG: Tag = Tag {
    name: "webhook_subscriptions",
    description: "推送订阅 · Where events are pushed to, with what secret, and what became of each.",
};

const OF_ONE: &[ProblemCode] = &[ProblemCode::WebhookNotFound];

const LINKS: &[Link] = &[
    link("webhook", "get_webhook"),
    link("deletion", "delete_webhook"),
    link("secret_rotation", "rotate_webhook_secret"),
    link("enablement", "enable_webhook"),
    link("test", "test_webhook"),
    link("deliveries", "list_deliveries"),
];

const fn link(name: &'static str, operation_id: &'static str) -> Link {
    Link {
        name,
        operation_id,
        parameters: &[("webhook_id", "$response.body#/webhook_id")],
    }
}

/// Subscribes to events.
pub struct CreateWebhook;

impl Sealed for CreateWebhook {}

impl Operation for CreateWebhook {
    const ID: &'static str = "create_webhook";
    const SUMMARY: &'static str = "新建推送订阅 · Subscribe to events";
    const DESCRIPTION: &'static str = "At most ten a partner. The answer tells the secret with which every push is signed, \
        and no later answer does: keep it.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/webhooks";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::LimitReached];
    const LINKS: &'static [Link] = LINKS;
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "只订阅办结和退办 · Ends of applications only",
        json: include_str!("examples/webhook.standard.json"),
    }];

    type Path = NoParams;
    type Query = NoParams;
    type Body = Json<WebhookRequest>;
    type Output = Created<Webhook>;
}

/// Lists the partner's subscriptions.
pub struct ListWebhooks;

impl Sealed for ListWebhooks {}

impl Operation for ListWebhooks {
    const ID: &'static str = "list_webhooks";
    const SUMMARY: &'static str = "查询推送订阅列表 · List webhook subscriptions";
    const DESCRIPTION: &'static str = "The partner's own, in the order of their creation.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/webhooks";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] = &[];

    type Path = NoParams;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<WebhookList>;
}

/// Reads one subscription.
pub struct GetWebhook;

impl Sealed for GetWebhook {}

impl Operation for GetWebhook {
    const ID: &'static str = "get_webhook";
    const SUMMARY: &'static str = "查询推送订阅 · Read one webhook subscription";
    const DESCRIPTION: &'static str = "Without its secret.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/webhooks/{webhook_id}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] = OF_ONE;

    type Path = WebhookPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Webhook>;
}

/// Ends a subscription.
pub struct DeleteWebhook;

impl Sealed for DeleteWebhook {}

impl Operation for DeleteWebhook {
    const ID: &'static str = "delete_webhook";
    const SUMMARY: &'static str = "删除推送订阅 · End a webhook subscription";
    const DESCRIPTION: &'static str =
        "Nothing is pushed to it any more, not what is waiting for another attempt either.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/v1/webhooks/{webhook_id}";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] = OF_ONE;

    type Path = WebhookPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = NoContent;
}

/// Gives a subscription a new secret.
pub struct RotateWebhookSecret;

impl Sealed for RotateWebhookSecret {}

impl Operation for RotateWebhookSecret {
    const ID: &'static str = "rotate_webhook_secret";
    const SUMMARY: &'static str = "轮换推送密钥 · Rotate the secret of a subscription";
    const DESCRIPTION: &'static str = "The answer tells the new secret, once. For `overlap_seconds` the old one signs \
        beside it, so that receivers can change over one after the other; with 0 it ends at once. Rotated again \
        meanwhile, every old secret signs as long as it was to, five of them at most: a rotation that would leave \
        a sixth is refused.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/webhooks/{webhook_id}/secret-rotations";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::WebhookNotFound, ProblemCode::LimitReached];

    type Path = WebhookPath;
    type Query = NoParams;
    type Body = OptionalJson<SecretRotation>;
    type Output = Found<Webhook>;
}

/// Enables a subscription that repeated failure has disabled.
pub struct EnableWebhook;

impl Sealed for EnableWebhook {}

impl Operation for EnableWebhook {
    const ID: &'static str = "enable_webhook";
    const SUMMARY: &'static str = "启用推送订阅 · Enable a webhook subscription";
    const DESCRIPTION: &'static str = "What happens from now on is pushed again. What happened meanwhile is not: read it \
        from the list of events. An enabled subscription stays as it is.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/webhooks/{webhook_id}/enablement";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] = OF_ONE;

    type Path = WebhookPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Webhook>;
}

/// Pushes an event that did not happen.
pub struct TestWebhook;

impl Sealed for TestWebhook {}

impl Operation for TestWebhook {
    const ID: &'static str = "test_webhook";
    const SUMMARY: &'static str = "推送测试 · Push a test event";
    const DESCRIPTION: &'static str = "Pushes an event of any type, invented and marked `test`, to this subscription \
        alone, whatever it is subscribed to; the list of events does not show it.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/webhooks/{webhook_id}/tests";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::WebhookNotFound, ProblemCode::WebhookDisabled];

    type Path = WebhookPath;
    type Query = NoParams;
    type Body = OptionalJson<WebhookTest>;
    type Output = Created<Delivery>;
}

/// Lists what was pushed to a subscription.
pub struct ListDeliveries;

impl Sealed for ListDeliveries {}

impl Operation for ListDeliveries {
    const ID: &'static str = "list_deliveries";
    const SUMMARY: &'static str = "查询推送记录 · List deliveries";
    const DESCRIPTION: &'static str = "In the order of their events, each with its attempts and the time of the next. Of \
        those that have ended, the last thousand are kept.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/webhooks/{webhook_id}/deliveries";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::WebhookNotFound, ProblemCode::InvalidPageToken];

    type Path = WebhookPath;
    type Query = DeliveryFilter;
    type Body = NoBody;
    type Output = Found<DeliveryPage>;
}

/// Pushes an event again.
pub struct Redeliver;

impl Sealed for Redeliver {}

impl Operation for Redeliver {
    const ID: &'static str = "redeliver";
    const SUMMARY: &'static str = "重新推送 · Push an event again";
    const DESCRIPTION: &'static str = "At once, whether it had arrived or not, and with the attempts of a first push should \
        it fail. The event keeps its `event_id`.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redelivery";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] = &[
        ProblemCode::WebhookNotFound,
        ProblemCode::DeliveryNotFound,
        ProblemCode::WebhookDisabled,
    ];

    type Path = DeliveryPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Delivery>;
}

identifier! {
    /// 接收地址: where events are pushed to. `https`, and `http` in the sandbox alone; a host name
    /// or an IPv4 address, no credential, no fragment.
    ///
    /// `Debug` does not show it: people put tokens into such addresses.
    personal struct WebhookUrl(Box<str>);
    parse: read_url,
    wire: read_url,
    format: "webhook-url",
    schema: {
        description: "接收地址: where events are pushed to. `https`, and `http` in the sandbox alone; a host name \
            or an IPv4 address, no credential, no fragment.",
        length: 8..=2000,
        pattern: Some(URL_PATTERN),
        ga_field: None,
        examples: ["https://dms.partner.example/lingminban/events"],
    },
}

/// What [`read_url`] takes, for generators and validators of other languages.
#[cfg(any(feature = "schema", test))]
const URL_PATTERN: &str = concat!(
    r"^https?://",
    r"(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
    r"|(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))",
    r"(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?",
    r"(?:[/?](?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?$",
);

const WRONG_URL: IdentifierError = IdentifierError::new(
    "url",
    None,
    "须为 https 网址，含主机名或 IPv4 地址，不含账号和“#”，不超过 2000 个字符，如 https://dms.partner.example/lingminban/events",
    "must be an https URL with a host name or an IPv4 address, without credential and fragment, of at most 2000 characters, such as https://dms.partner.example/lingminban/events",
);

fn read_url(text: &str) -> Result<WebhookUrl, IdentifierError> {
    let fits = text.len() <= 2000
        && ["https://", "http://"]
            .iter()
            .any(|scheme| text.strip_prefix(scheme).is_some_and(is_address));
    if fits {
        Ok(WebhookUrl(text.into()))
    } else {
        Err(WRONG_URL)
    }
}

/// What follows the scheme: host, perhaps a port, perhaps a path or a query.
fn is_address(text: &str) -> bool {
    let end = text.find(['/', '?']).unwrap_or(text.len());
    let (authority, target) = text.split_at(end);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    is_host(host) && port.is_none_or(is_port) && is_target(target)
}

/// A host whose last label begins with a digit is an IPv4 address or nothing, as URLs have it.
fn is_host(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.starts_with(|first: char| first.is_ascii_digit()) {
        return host.parse::<std::net::Ipv4Addr>().is_ok();
    }
    host.split('.').all(|label| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

fn is_port(port: &str) -> bool {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits && !port.starts_with('0') && port.parse::<u16>().is_ok()
}

fn is_target(target: &str) -> bool {
    let bytes = target.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes
            .get(at + 1..at + 3)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        _ => byte.is_ascii_alphanumeric() || b"._~:/?@!$&'()*+,;=-".contains(byte),
    })
}

/// 推送密钥: `whsec_` and Base64. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecret(Box<str>);

impl WebhookSecret {
    /// A secret by its text.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for the partner's own store of secrets; `webhook::Secret` reads it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for WebhookSecret {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("推送密钥: `whsec_` and Base64 of the key."))
            .examples(["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="])
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for WebhookSecret {
    fn name() -> std::borrow::Cow<'static, str> {
        "WebhookSecret".into()
    }
}

/// 事件类型 of a subscription: 1 to 50; one named twice counts once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<EventType>")]
pub struct EventTypes(Vec<EventType>);

/// A subscription to no type of event, or to too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "须为 1 至 50 种事件类型，全部订阅则不填 / must be 1 to 50 types of event; leave it out for all"
)]
pub struct WrongEventTypes;

impl EventTypes {
    /// The types.
    #[must_use]
    pub fn as_slice(&self) -> &[EventType] {
        &self.0
    }
}

impl TryFrom<Vec<EventType>> for EventTypes {
    type Error = WrongEventTypes;

    fn try_from(types: Vec<EventType>) -> Result<Self, WrongEventTypes> {
        if (1..=50).contains(&types.len()) {
            Ok(Self(types))
        } else {
            Err(WrongEventTypes)
        }
    }
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for EventTypes {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ArrayBuilder::new()
            .items(utoipa::openapi::Ref::from_schema_name("EventType"))
            .description(Some(
                "事件类型 of a subscription; one named twice counts once.",
            ))
            .min_items(Some(1))
            .max_items(Some(50))
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for EventTypes {
    fn name() -> std::borrow::Cow<'static, str> {
        "EventTypes".into()
    }

    fn schemas(
        schemas: &mut Vec<(
            String,
            utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>,
        )>,
    ) {
        schemas.extend(super::schemas_of::<EventType>());
    }
}

/// A subscription to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WebhookRequest {
    /// 接收地址.
    pub url: WebhookUrl,
    /// 事件类型; all of them, those of tomorrow too, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub event_types: Option<EventTypes>,
    /// 说明: the partner's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<ShortText>,
}

wire_enum! {
    /// 订阅状态.
    pub enum WebhookStatus {
        Enabled = "enabled", "启用";
        Disabled = "disabled", "多次推送失败，已停用";
    }
}

/// 推送订阅.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// 推送订阅编号.
    pub webhook_id: WebhookId,
    /// 接收地址.
    pub url: WebhookUrl,
    /// 事件类型; absent where all are pushed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub event_types: Vec<Open<EventType>>,
    /// 说明.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<ShortText>,
    /// 订阅状态.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status: Open<WebhookStatus>,
    /// 新建时间.
    pub created_at: Moment,
    /// 停用时间: since when nothing is pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Moment>,
    /// 推送密钥: in the answers to creation and rotation only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<WebhookSecret>,
    /// 旧密钥停用时间: until then the secret before this one signs too; of several old secrets, until
    /// the last of them ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<Moment>,
}

/// The partner's subscriptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WebhookList {
    /// 推送订阅: ten at most.
    pub items: Vec<Webhook>,
}

/// 密钥轮换.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SecretRotation {
    /// 新旧密钥并用时间, in seconds: 0 to 604800, a day when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<OverlapSeconds>,
}

/// 推送测试.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WebhookTest {
    /// 事件类型; `webhook.test` when left out.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EventType>,
}

wire_enum! {
    /// 推送状态.
    pub enum DeliveryStatus {
        Pending = "pending", "等待推送";
        Delivered = "delivered", "已送达";
        Failed = "failed", "推送失败，不再重试";
    }
}

wire_enum! {
    /// 一次推送的结果.
    pub enum AttemptOutcome {
        Delivered = "delivered", "接收端以 2xx 应答";
        Refused = "refused", "接收端以其他状态应答";
        TimedOut = "timed_out", "15 秒内未应答";
        Unreachable = "unreachable", "无法连接，或连接中断";
    }
}

/// 推送记录: one event on its way to one subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// 推送记录编号.
    pub delivery_id: DeliveryId,
    /// 事件编号.
    pub event_id: EventId,
    /// 事件类型.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub event_type: Open<EventType>,
    /// 推送状态.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status: Open<DeliveryStatus>,
    /// 推送经过: the attempts of the last push, the first first.
    pub attempts: Vec<DeliveryAttempt>,
    /// 下次推送时间: while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Moment>,
}

/// 一次推送.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeliveryAttempt {
    /// 推送时间.
    pub attempted_at: Moment,
    /// 结果.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub outcome: Open<AttemptOutcome>,
    /// HTTP 状态码 of the receiver's answer, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(minimum = 100, maximum = 599))]
    pub http_status: Option<u16>,
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeliveryFilter {
    /// 推送状态.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<DeliveryStatus>,
    /// Entries a page, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<PageSize>,
    /// `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

/// One page of deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeliveryPage {
    /// This page's entries.
    pub items: Vec<Delivery>,
    /// Asks for the page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Names one subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WebhookPath {
    /// 推送订阅编号.
    pub webhook_id: WebhookId,
}

/// Names one delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeliveryPath {
    /// 推送订阅编号.
    pub webhook_id: WebhookId,
    /// 推送记录编号.
    pub delivery_id: DeliveryId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways(text: &str) -> bool {
        let read = text.parse::<WebhookUrl>().is_ok();
        let pattern = regex::Regex::new(URL_PATTERN).unwrap();
        assert_eq!(pattern.is_match(text) && text.len() <= 2000, read, "{text}");
        read
    }

    #[test]
    fn an_address_is_a_url_that_can_be_pushed_to() {
        for text in [
            "https://a",
            "http://localhost:8080",
            "http://127.0.0.1:1/",
            "https://dms.partner.example:65535/a%2Fb/c?token=d&e=(f)",
            "https://1-a.b?q",
            "https://xn--fiqs8s.cn/",
        ] {
            assert!(both_ways(text), "{text}");
        }
        for text in [
            "",
            "https://",
            "ftp://a/",
            "HTTPS://a/",
            "https:///a",
            "https://a#b",
            "https://user:secret@a/",
            "https://user@a/",
            "https://a/ b",
            "https://a/%2",
            "https://a/%zz",
            "https://a:0/",
            "https://a:65536/",
            "https://a:/",
            "https://a:+80/",
            "https://-a/",
            "https://a..b/",
            "https://a./",
            "https://1.2.3.256/",
            "https://1.2.3/",
            "https://a.1b/",
            "https://[::1]/",
            "https://例.cn/",
        ] {
            assert!(!both_ways(text), "{text}");
        }
        let long = format!("https://a/{}", "b".repeat(1_990));
        assert!(both_ways(&long));
        assert!(!both_ways(&format!("{long}b")));
    }
}
