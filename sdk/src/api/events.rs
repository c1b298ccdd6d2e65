use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, ApplicationId, ApplicationStatus, Cursor, EventId, EventPageSize, Found, MaterialKind,
    NoBody, NoParams, Open, Operation, OutletId, PartnerReference, ProblemCode, Repeat, Scope,
    Service, Tag, operation::sealed::Sealed,
};
use crate::{moment::Moment, wire_enum::wire_enum};

/// Lists what has happened to the partner's applications.
pub struct ListEvents;

impl Sealed for ListEvents {}

impl Operation for ListEvents {
    const ID: &'static str = "list_events";
    const SUMMARY: &'static str = "查询事件 · List events";
    const DESCRIPTION: &'static str = "For partners whom no webhook can reach: what has happened to the partner's own \
        applications, in the order in which it happened, the oldest first. Keep `next_cursor` and ask with it \
        again, now while `has_more` is `true`, and otherwise later: it never lapses, and the answer is what came \
        since. Without a cursor the list begins with the first event there is. A filter may leave a page empty \
        that is not the last. An event pushed by webhook and read here has one `event_id`.";
    const TAG: Tag = Tag {
        name: "events",
        description: "事件 · What happens to applications, in order, to be read at one's own pace.",
    };
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/events";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Events);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::InvalidCursor];

    type Path = NoParams;
    type Query = EventQuery;
    type Body = NoBody;
    type Output = Found<EventPage>;
}

wire_enum! {
    /// 事件类型.
    pub enum EventType {
        ApplicationReceived = "application.received", "业务已收件";
        ApplicationAccepted = "application.accepted", "业务已受理";
        ApplicationSupplementRequired = "application.supplement_required", "业务需补正材料";
        ApplicationVehicleCheck = "application.vehicle_check", "业务进入查验车辆";
        ApplicationInReview = "application.in_review", "业务进入审核";
        ApplicationApproved = "application.approved", "业务审核通过";
        ApplicationCompleted = "application.completed", "业务已办结";
        ApplicationRefused = "application.refused", "业务不予登记";
        ApplicationNotAccepted = "application.not_accepted", "业务不予受理";
        ApplicationWithdrawn = "application.withdrawn", "业务已撤回";
        ApplicationLapsed = "application.lapsed", "业务逾期未补正，已失效";
        MaterialReceived = "material.received", "材料已收到";
        WebhookTest = "webhook.test", "推送测试";
    }
}

impl EventType {
    /// The event that an application's entering this state is.
    #[must_use]
    pub const fn of(status: ApplicationStatus) -> Self {
        use ApplicationStatus as Status;
        match status {
            Status::Received => Self::ApplicationReceived,
            Status::Accepted => Self::ApplicationAccepted,
            Status::SupplementRequired => Self::ApplicationSupplementRequired,
            Status::VehicleCheck => Self::ApplicationVehicleCheck,
            Status::InReview => Self::ApplicationInReview,
            Status::Approved => Self::ApplicationApproved,
            Status::Completed => Self::ApplicationCompleted,
            Status::Refused => Self::ApplicationRefused,
            Status::NotAccepted => Self::ApplicationNotAccepted,
            Status::Withdrawn => Self::ApplicationWithdrawn,
            Status::Lapsed => Self::ApplicationLapsed,
        }
    }

    /// The state an application enters with this event; `None` where it enters none.
    #[must_use]
    pub fn status(self) -> Option<ApplicationStatus> {
        let mut states = ApplicationStatus::ALL.iter().copied();
        states.find(|status| Self::of(*status) == self)
    }
}

/// 事件: something that happened to one of the partner's applications. It names things and tells
/// nothing personal; read the application for more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Event {
    /// 事件编号: the same wherever and however often the event arrives.
    pub event_id: EventId,
    /// 事件类型.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub kind: Open<EventType>,
    /// 发生时间.
    pub occurred_at: Moment,
    /// 业务流水号 (GA field `lsh`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// 合作单位业务编号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_reference: Option<PartnerReference>,
    /// 网点编号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// 业务类型 (GA field `ywlx`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub service: Option<Open<Service>>,
    /// 办理状态 that the application entered (GA field `lszt`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status: Option<Open<ApplicationStatus>>,
    /// 材料 that was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub material_kind: Option<Open<MaterialKind>>,
    /// 游标: asks for what came after this event; in the list of events only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// 测试: `true` in what a test delivery brings; nothing happened then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
}

/// Which events to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EventQuery {
    /// 游标: what came after it; from the first event when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// Events a page, 1 to 100; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<EventPageSize>,
    /// 事件类型.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EventType>,
    /// 业务流水号; of another partner's application there are no events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
}

/// Some events, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EventPage {
    /// 事件.
    pub items: Vec<Event>,
    /// 游标: asks for what comes after these; always there, and good for ever.
    pub next_cursor: Cursor,
    /// Whether more is there already.
    pub has_more: bool,
}
