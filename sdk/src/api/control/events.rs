use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{COMMANDS, SpaceId, SpacePath};
use crate::{
    api::{
        Access, ApplicationId, Delivery, Event, EventType, Found, InspectionId, Json, NoBody,
        NoParams, Open, Operation, PageSize, ProblemCode, Repeat, Tag, WebhookId,
        operation::{Example, sealed::Sealed},
    },
    moment::Moment,
    wire_enum::wire_enum,
};

/// Fires an event.
pub struct FireEvent;

impl Sealed for FireEvent {}

impl Operation for FireEvent {
    const ID: &'static str = "fire_event";
    const SUMMARY: &'static str = "触发事件 · Fire an event of any type";
    const DESCRIPTION: &'static str = "With `application_id` the event stands in its partner's list of events and is pushed to that \
        partner's subscriptions; the application itself stays as it is, and no message is sent. Without it \
        the event is invented, marked `test`, stands in no list, and is pushed to every subscription of the \
        space that wants its type. `webhook_id` pushes it to that subscription alone, whatever it wants.";
    const TAG: Tag = COMMANDS;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/events/fire";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[
        ProblemCode::SpaceNotFound,
        ProblemCode::ApplicationNotFound,
        ProblemCode::WebhookNotFound,
        ProblemCode::WebhookDisabled,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            name: "invented",
            summary: "A test event to every subscription",
            json: r#"{"type":"webhook.test"}"#,
        },
        Example {
            name: "bad_signature",
            summary: "A completion that was not signed by the platform",
            json: r#"{"type":"application.completed","effect":"bad_signature"}"#,
        },
    ];

    type Path = SpacePath;
    type Query = NoParams;
    type Body = Json<FireCommand>;
    type Output = Found<FiredEvent>;
}

/// Lists the messages to the citizens.
pub struct ListMessages;

impl Sealed for ListMessages {}

impl Operation for ListMessages {
    const ID: &'static str = "list_messages";
    const SUMMARY: &'static str = "查询短信 · List the text messages to citizens";
    const DESCRIPTION: &'static str = "What the authority would have written to the applicants' telephones, in the order of sending: \
        on acceptance, on a supplement notice, and at every end of an application; when an inspection is \
        booked, moved or cancelled, and with its result.";
    const TAG: Tag = COMMANDS;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/messages";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::InvalidPageToken];

    type Path = SpacePath;
    type Query = MessageFilter;
    type Body = NoBody;
    type Output = Found<MessagePage>;
}

wire_enum! {
    /// 推送故障: what goes wrong with a push.
    pub enum DeliveryEffect {
        Duplicate = "duplicate", "推送两次";
        BadSignature = "bad_signature", "首次推送签名不符，重试时正常";
        OutOfOrder = "out_of_order", "晚于下一个事件，最迟一分钟后";
        Never = "never", "不推送";
    }
}

/// 事件 to fire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FireCommand {
    /// 事件类型.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// 业务流水号: what the event is about; an invented application when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// 推送订阅编号: the only subscription to push it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    /// 推送故障; it is pushed as it should be when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<DeliveryEffect>,
}

/// 已触发的事件.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FiredEvent {
    /// 事件.
    pub event: Event,
    /// 推送记录: one for each subscription that it is pushed to.
    pub deliveries: Vec<Delivery>,
}

/// Which messages to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MessageFilter {
    /// 业务流水号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// 检验流水号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection_id: Option<InspectionId>,
    /// Entries a page, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<PageSize>,
    /// `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

wire_enum! {
    /// 短信事由.
    pub enum MessageOccasion {
        Accepted = "application.accepted", "受理";
        SupplementRequired = "application.supplement_required", "补正通知";
        NotAccepted = "application.not_accepted", "不予受理";
        Completed = "application.completed", "办结";
        Refused = "application.refused", "不予登记";
        Withdrawn = "application.withdrawn", "撤回";
        Lapsed = "application.lapsed", "失效";
        InspectionBooked = "inspection.booked", "预约或改约检验";
        InspectionCancelled = "inspection.cancelled", "取消检验预约";
        InspectionPassed = "inspection.passed", "检验合格";
        InspectionFailed = "inspection.failed", "检验不合格";
    }
}

/// One page of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MessagePage {
    /// This page's entries.
    pub items: Vec<Message>,
    /// Asks for the page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// 短信 to a citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Message {
    /// The space it was sent in.
    pub space_id: SpaceId,
    /// 发送时间.
    pub sent_at: Moment,
    /// 手机号码 of the applicant, its four middle digits hidden.
    pub to: String,
    /// 业务流水号, where it is about an application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// 检验流水号, where it is about an inspection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection_id: Option<InspectionId>,
    /// 事由: on what occasion.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub kind: Open<MessageOccasion>,
    /// 内容, in Chinese, as citizens get it.
    pub text: String,
}
