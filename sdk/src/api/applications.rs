use bon::Builder;
use http::{Method, StatusCode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Access, ApplicationId, BundleId, Document, Finding, Found, LongText, MaterialKind,
    MaterialRequirement, NoBody, NoParams, Open, Operation, OperatorId, OptionalJson, OutletId,
    Output, PartnerReference, ProblemCode, Repeat, Scope, Service, Tag, TemporaryPlateCase,
    operation::{Answer, Link, sealed::Sealed},
};
use crate::{
    codes::PlateKind,
    identifiers::{PlateNumber, RegistrationCertificateNumber, Vin},
    moment::Moment,
    wire_enum::wire_enum,
};

const TAG: Tag = Tag {
    name: "applications",
    description: "业务办理 · An application from filing to certificate, whatever its service.",
};

const STEP_PROBLEMS: &[ProblemCode] = &[ProblemCode::ApplicationNotFound, ProblemCode::WrongState];

/// Where an application leads.
pub(super) const LINKS: &[Link] = &[
    link("application", "get_application"),
    link("timeline", "get_timeline"),
    link("materials", "list_materials"),
    Link {
        name: "material",
        operation_id: "put_material",
        parameters: &[
            ("application_id", "$response.body#/application_id"),
            ("kind", "$response.body#/required_materials/0/kind"),
        ],
    },
    link("submission", "hand_in_application"),
    link("supplements", "answer_supplement_notice"),
    link("withdrawal", "withdraw_application"),
];

const fn link(name: &'static str, operation_id: &'static str) -> Link {
    Link {
        name,
        operation_id,
        parameters: &[("application_id", "$response.body#/application_id")],
    }
}

/// Reads one application.
pub struct GetApplication;

impl Sealed for GetApplication {}

impl Operation for GetApplication {
    const ID: &'static str = "get_application";
    const SUMMARY: &'static str = "查询业务 · Read one application";
    const DESCRIPTION: &'static str =
        "Another partner's application is answered like one that does not exist.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/applications/{application_id}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Applications);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::ApplicationNotFound];

    type Path = ApplicationPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Application>;
}

/// Lists the partner's applications.
pub struct ListApplications;

impl Sealed for ListApplications {}

impl Operation for ListApplications {
    const ID: &'static str = "list_applications";
    const SUMMARY: &'static str = "查询业务列表 · List applications";
    const DESCRIPTION: &'static str = "The partner's own applications in the order they were filed. Stable: what is filed \
        while you page appears behind what you have not read yet.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/applications";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Applications);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::InvalidPageToken];
    const LINKS: &'static [Link] = &[Link {
        name: "first",
        operation_id: "get_application",
        parameters: &[("application_id", "$response.body#/items/0/application_id")],
    }];

    type Path = NoParams;
    type Query = ApplicationFilter;
    type Body = NoBody;
    type Output = Found<ApplicationPage>;
}

/// Reads the timeline of an application.
pub struct GetTimeline;

impl Sealed for GetTimeline {}

impl Operation for GetTimeline {
    const ID: &'static str = "get_timeline";
    const SUMMARY: &'static str = "查询办理过程 · Read an application's timeline";
    const DESCRIPTION: &'static str =
        "Every state the application has been in, with its statutory deadline and article.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/applications/{application_id}/timeline";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Applications);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::ApplicationNotFound];

    type Path = ApplicationPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Timeline>;
}

/// Hands an application in before every material is there.
pub struct HandInApplication;

impl Sealed for HandInApplication {}

impl Operation for HandInApplication {
    const ID: &'static str = "hand_in_application";
    const SUMMARY: &'static str = "提前交件 · Hand in";
    const DESCRIPTION: &'static str = "From `received` only. What is missing is told once and completely in a supplement notice \
        (一次告知, R164 Art 3). An application whose materials are all there needs no handing in.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/applications/{application_id}/submission";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Applications);
    const PROBLEMS: &'static [ProblemCode] = STEP_PROBLEMS;

    type Path = ApplicationPath;
    type Query = NoParams;
    type Body = OptionalJson<HandIn>;
    type Output = Found<Application>;
}

/// Answers a supplement notice.
pub struct AnswerSupplementNotice;

impl Sealed for AnswerSupplementNotice {}

impl Operation for AnswerSupplementNotice {
    const ID: &'static str = "answer_supplement_notice";
    const SUMMARY: &'static str = "补正 · Answer a supplement notice";
    const DESCRIPTION: &'static str = "From `supplement_required` only, once every material of the notice has been put; \
        otherwise each one still missing is named.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/applications/{application_id}/supplements";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Applications);
    const PROBLEMS: &'static [ProblemCode] = STEP_PROBLEMS;

    type Path = ApplicationPath;
    type Query = NoParams;
    type Body = OptionalJson<SupplementAnswer>;
    type Output = Found<Application>;
}

/// Withdraws an application.
pub struct WithdrawApplication;

impl Sealed for WithdrawApplication {}

impl Operation for WithdrawApplication {
    const ID: &'static str = "withdraw_application";
    const SUMMARY: &'static str = "撤回 · Withdraw an application";
    const DESCRIPTION: &'static str = "Until the authority has decided. The vehicle may then be filed anew under another partner reference.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/applications/{application_id}/withdrawal";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Applications);
    const PROBLEMS: &'static [ProblemCode] = STEP_PROBLEMS;

    type Path = ApplicationPath;
    type Query = NoParams;
    type Body = OptionalJson<Withdrawal>;
    type Output = Found<Application>;
}

wire_enum! {
    /// 办理状态.
    pub enum ApplicationStatus {
        Received = "received", "已收件，待材料齐全";
        Accepted = "accepted", "已受理";
        SupplementRequired = "supplement_required", "需补正材料";
        NotAccepted = "not_accepted", "不予受理";
        VehicleCheck = "vehicle_check", "查验车辆";
        InReview = "in_review", "审核中";
        Approved = "approved", "审核通过，制证中";
        Completed = "completed", "已办结";
        Refused = "refused", "不予登记";
        Withdrawn = "withdrawn", "已撤回";
        Lapsed = "lapsed", "逾期未补正，已失效";
    }
}

impl ApplicationStatus {
    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::NotAccepted | Self::Completed | Self::Refused | Self::Withdrawn | Self::Lapsed
        )
    }
}

/// 业务: an application and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Application {
    /// 业务流水号 (GA field `lsh`).
    pub application_id: ApplicationId,
    /// 一窗通办流水号, where it is part of a bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle_id: Option<BundleId>,
    /// 业务类型 (GA field `ywlx`).
    #[cfg_attr(feature = "schema", schema(inline))]
    pub service: Open<Service>,
    /// 办理状态 (GA field `lszt`).
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status: Open<ApplicationStatus>,
    /// Since when it is in this state.
    pub status_since: Moment,
    /// 合作单位业务编号.
    pub partner_reference: PartnerReference,
    /// 网点编号.
    pub outlet_id: OutletId,
    /// 经办人编号 (GA field `jbr`).
    pub operator_id: OperatorId,
    /// 提交时间 (GA field `sqrq`).
    pub created_at: Moment,
    /// 起算日: the working day on which the authority's periods begin, where the application came in
    /// outside the outlet's hours; absent where they begin on the day it was filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_starts_on: Option<Date>,
    /// 法定期限: the last day on which this state may end by law; absent in terminal states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_on: Option<Date>,
    /// 期限依据: the article behind `deadline_on`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_rule: Option<String>,
    /// When to ask again, in milliseconds; absent in terminal states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll_after_ms: Option<u32>,
    /// 所需材料, the ones that data sharing exempts included.
    pub required_materials: Vec<MaterialRequirement>,
    /// 审核发现: everything to correct, or every ground of a refusal.
    pub findings: Vec<Finding>,
    /// 提示: what looks unusual, such as an imported vehicle's check digit; nothing hangs on it. With
    /// `calendar_not_announced` the dates told here count the working days of a year whose public holidays
    /// are not announced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
    /// 临时行驶车号牌: what an application for one issues when completed; the one that drives the vehicle
    /// while its plates are made again (R164 Art 51), from the acceptance on; or out of the city once it is
    /// transferred to a buyer elsewhere (R164 Art 27).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary_plate: Option<TemporaryPlate>,
    /// 办理结果: when completed; absent where a temporary plate is all that is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<ApplicationResult>,
}

/// 临时行驶车号牌.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TemporaryPlate {
    /// 临时行驶车号牌号码; opaque.
    #[cfg_attr(feature = "schema", schema(examples("鲁C临000001")))]
    pub plate_number: String,
    /// 申领情形.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub case: Open<TemporaryPlateCase>,
    /// 有效期起: its first day, of the insurance too.
    pub valid_from: Date,
    /// 有效期止: its last day, never beyond what the case allows nor beyond the compulsory insurance, and
    /// three days after formal plates (R164 Art 46–48, 51).
    pub valid_until: Date,
    /// 第几次: which one of its case the owner has for this vehicle, beginning with 1; absent of one that
    /// comes with plates made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u32>,
    /// 次数上限: how many of its case there may be (R164 Art 47); absent where that is not limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// 办理结果: what was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ApplicationResult {
    /// 号牌种类 (GA field `hpzl`).
    #[cfg_attr(feature = "schema", schema(inline))]
    pub plate_kind: Open<PlateKind>,
    /// 号牌号码 (GA field `hphm`).
    pub plate_number: PlateNumber,
    /// 机动车登记证书编号 (GA field `djzsbh`).
    pub registration_certificate_number: RegistrationCertificateNumber,
    /// 检验有效期止 (GA field `yxqz`): when the next inspection or mark is due.
    pub inspection_due_on: Date,
    /// 注销证明编号, of a deregistration; plate and certificate are then those that are void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(examples("ZX379900000001")))]
    pub deregistration_certificate_number: Option<String>,
    /// 登记日期 of a mortgage, a pledge or its release: entered on the certificate and open to the
    /// public (R164 Art 36); absent for other services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_on: Option<Date>,
    /// 号牌发放日期: when a motorcycle's plates were handed out at its seller's, with the vehicle (带牌销售,
    /// R164 Art 14); absent where plates come otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plates_handed_out_on: Option<Date>,
    /// 互换后另一辆机动车的号牌号码 (GA field `hphm`): what the other vehicle of an exchange bears now; absent
    /// for other services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_plate_number: Option<PlateNumber>,
    /// 号牌已收回: the number above is that of plates which were handed back; the vehicle has none of
    /// this city now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plates_collected: bool,
}

/// What answers a submission: 201 with the application, or 200 with the assessment of a dry run.
#[derive(Clone, Debug)]
pub enum Submitted<F = Application, A = Assessment> {
    /// Filed.
    Filed(Box<F>),
    /// Only looked at (`validate_only=true`).
    Assessed(Box<A>),
}

impl<F: Document, A: Document> Output for Submitted<F, A> {
    const ANSWERS: &'static [Answer] = &[
        Answer {
            status: StatusCode::CREATED,
            description: "Filed.",
        },
        Answer {
            status: StatusCode::OK,
            description: "With `validate_only=true`: what filing would lead to. Nothing was filed.",
        },
    ];

    fn decode(status: StatusCode, body: &[u8]) -> Result<Self, serde_json::Error> {
        if status == StatusCode::OK {
            serde_json::from_slice(body).map(Self::Assessed)
        } else {
            serde_json::from_slice(body).map(Self::Filed)
        }
    }

    fn encode(&self) -> Result<(StatusCode, Vec<u8>), serde_json::Error> {
        Ok(match self {
            Self::Filed(application) => (StatusCode::CREATED, serde_json::to_vec(application)?),
            Self::Assessed(assessment) => (StatusCode::OK, serde_json::to_vec(assessment)?),
        })
    }

    #[cfg(feature = "schema")]
    fn schemas(status: StatusCode) -> super::Schemas {
        if status == StatusCode::OK {
            super::schemas_of::<A>()
        } else {
            super::schemas_of::<F>()
        }
    }
}

/// How a submission is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FilingQuery {
    /// 仅校验: tell what filing would lead to, and file nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub validate_only: bool,
}

/// 预审结果: what filing would lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Assessment {
    /// 业务类型.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub service: Open<Service>,
    /// 所需材料.
    pub required_materials: Vec<MaterialRequirement>,
    /// 审核发现: every ground on which it would be refused, and every material missing.
    pub findings: Vec<Finding>,
    /// 提示: what looks unusual; nothing hangs on it. With `calendar_not_announced` the dates told here count
    /// the working days of a year whose public holidays are not announced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
    /// 起算日: the working day on which the authority's periods would begin, were it filed now, outside
    /// the outlet's hours; absent where they would begin today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_starts_on: Option<Date>,
    /// 法定期限 of each state, were it filed now.
    pub deadlines: Vec<Deadline>,
}

/// 法定期限 of one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Deadline {
    /// 办理状态.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status: Open<ApplicationStatus>,
    /// Working days until `deadline_on`, counted from the day after the period begins (R164 Art 92).
    pub working_days: u32,
    /// 截止日期.
    pub deadline_on: Date,
    /// 依据: the article.
    pub rule: String,
}

/// 办理过程.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Timeline {
    /// Every state, the first first.
    pub items: Vec<TimelineEntry>,
}

/// A state the application entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    /// 办理状态.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status: Open<ApplicationStatus>,
    /// When it was entered.
    pub since: Moment,
    /// 法定期限: the last day on which this state may end by law. Of a year whose public holidays are not
    /// announced every Monday to Friday counts as a working day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_on: Option<Date>,
    /// 依据: the article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// Names one application.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ApplicationPath {
    /// 业务流水号.
    pub application_id: ApplicationId,
}

/// Which applications to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ApplicationFilter {
    /// 办理状态.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ApplicationStatus>,
    /// 业务类型.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// 网点编号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// 合作单位业务编号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_reference: Option<PartnerReference>,
    /// 车辆识别代号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin: Option<Vin>,
    /// Filed at this instant or later (RFC 3339; write `+` as `%2B`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_from: Option<Moment>,
    /// Filed before this instant (RFC 3339; write `+` as `%2B`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Moment>,
    /// Entries a page, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<super::PageSize>,
    /// `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

/// One page of applications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ApplicationPage {
    /// This page's entries.
    pub items: Vec<Application>,
    /// Asks for the page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// 交件.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HandIn {
    /// 说明.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<LongText>,
}

/// 补正说明.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SupplementAnswer {
    /// 说明.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<LongText>,
}

/// 撤回说明.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Withdrawal {
    /// 撤回原因.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<LongText>,
}

impl Application {
    /// The materials that are still to be handed in.
    pub fn missing_materials(&self) -> impl Iterator<Item = &Open<MaterialKind>> {
        self.required_materials
            .iter()
            .filter(|material| material.state == super::MaterialState::Required)
            .map(|material| &material.kind)
    }
}
