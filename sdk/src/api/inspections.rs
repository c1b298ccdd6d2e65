//! 机动车检验: a station's calendar, and an inspection from booking to result.

use bon::Builder;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Access, Application, Created, Found, InspectionId, InspectionMarkRequest, Json, LongText,
    NoBody, NoParams, Open, Operation, OperatorId, OptionalJson, OutletId, OutletPath, PageSize,
    PartnerReference, Party, ProblemCode, RegisteredVehicle, Repeat, Scope, ShortText, Tag,
    operation::{Example, Link, sealed::Sealed},
};
use crate::{
    identifiers::{PlateNumber, Vin},
    inspection::DueKind,
    moment::Moment,
    wire_enum::wire_enum,
};

pub(super) const TAG: Tag = Tag {
    name: "inspections",
    description: "机动车检验 · Inspection of vehicles, and their marks.",
};

/// Refusals of whatever a station does by an operator.
const STATION_PROBLEMS: &[ProblemCode] = &[
    ProblemCode::ServiceNotEntrusted,
    ProblemCode::VehicleClassNotEntrusted,
    ProblemCode::OutletNotOfPartner,
    ProblemCode::OperatorNotOfOutlet,
    ProblemCode::OperatorNotAssessed,
    ProblemCode::OperatorCertificateLapsed,
    ProblemCode::ReferenceUsed,
    ProblemCode::VehicleHasInspection,
    ProblemCode::NoFreeSlot,
];

const STEP_PROBLEMS: &[ProblemCode] = &[
    ProblemCode::InspectionNotFound,
    ProblemCode::InspectionWrongState,
];

/// The step also takes a place in a calendar.
const PLACE_PROBLEMS: &[ProblemCode] = &[
    ProblemCode::InspectionNotFound,
    ProblemCode::InspectionWrongState,
    ProblemCode::NoFreeSlot,
];

/// An operator of the station takes the step.
const OPERATED_PROBLEMS: &[ProblemCode] = &[
    ProblemCode::InspectionNotFound,
    ProblemCode::InspectionWrongState,
    ProblemCode::OperatorNotOfOutlet,
    ProblemCode::OperatorNotAssessed,
    ProblemCode::OperatorCertificateLapsed,
];

/// The same where a vehicle comes that may be booked elsewhere by now.
const CHECK_IN_PROBLEMS: &[ProblemCode] = &[
    ProblemCode::InspectionNotFound,
    ProblemCode::InspectionWrongState,
    ProblemCode::VehicleHasInspection,
    ProblemCode::OperatorNotOfOutlet,
    ProblemCode::OperatorNotAssessed,
    ProblemCode::OperatorCertificateLapsed,
];

/// Where an inspection leads.
const LINKS: &[Link] = &[
    link("inspection", "get_inspection"),
    link("rebooking", "rebook_inspection"),
    link("cancellation", "cancel_inspection"),
    link("check_in", "check_in_inspection"),
    link("result", "record_inspection_result"),
];

const fn link(name: &'static str, operation_id: &'static str) -> Link {
    Link {
        name,
        operation_id,
        parameters: &[("inspection_id", "$response.body#/inspection_id")],
    }
}

/// Reads a station's calendar.
pub struct ListInspectionSlots;

impl Sealed for ListInspectionSlots {}

impl Operation for ListInspectionSlots {
    const ID: &'static str = "list_inspection_slots";
    const SUMMARY: &'static str = "查询检验机构预约日历 · Read a station's calendar";
    const DESCRIPTION: &'static str = "可预约时段: every slot of the days asked for, a week from today when none are named, with the places still \
        free. A station inspects 50 to 60 vehicles a day. Days on which it is closed, and outlets that inspect nothing, have \
        no slots. Nor has a day more than three months ahead, the longest time before its date in which a vehicle is \
        inspected (R164 Art 54). Days of a year whose public holidays are not announced yet count as if it had none.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/outlets/{outlet_id}/inspection-slots";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::OutletNotFound];

    type Path = OutletPath;
    type Query = SlotFilter;
    type Body = NoBody;
    type Output = Found<InspectionCalendar>;
}

/// Books an inspection, or takes in a vehicle that came without one.
pub struct BookInspection;

impl Sealed for BookInspection {}

impl Operation for BookInspection {
    const ID: &'static str = "book_inspection";
    const SUMMARY: &'static str = "预约检验 · Book an inspection";
    const DESCRIPTION: &'static str = "Takes a place in the station's own calendar. Without `starts_at` the vehicle is already there (随到随检): it \
        gets a free place in the slot that runs or the next one today. A vehicle has one inspection at a time; it is due within \
        three months (school buses one) or overdue, and has to be tested on the line: where the mark alone is due, \
        `submit_exempt_mark` is what it needs.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/inspections";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = STATION_PROBLEMS;
    const LINKS: &'static [Link] = LINKS;
    const EXAMPLES: &'static [Example] = &[
        Example {
            name: "standard",
            summary: "预约次日上午 · Booked for the next morning",
            json: include_str!("examples/inspection.standard.json"),
        },
        Example {
            name: "walk_in",
            summary: "随到随检 · The car is already there",
            json: include_str!("examples/inspection.walk_in.json"),
        },
    ];

    type Path = NoParams;
    type Query = NoParams;
    type Body = Json<InspectionBooking>;
    type Output = Created<Inspection>;
}

/// Reads one inspection.
pub struct GetInspection;

impl Sealed for GetInspection {}

impl Operation for GetInspection {
    const ID: &'static str = "get_inspection";
    const SUMMARY: &'static str = "查询检验 · Read one inspection";
    const DESCRIPTION: &'static str =
        "Another partner's inspection is answered like one that does not exist.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/inspections/{inspection_id}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::InspectionNotFound];

    type Path = InspectionPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Inspection>;
}

/// Lists the partner's inspections.
pub struct ListInspections;

impl Sealed for ListInspections {}

impl Operation for ListInspections {
    const ID: &'static str = "list_inspections";
    const SUMMARY: &'static str = "查询检验列表 · List inspections";
    const DESCRIPTION: &'static str = "The partner's own inspections in the order in which they were booked. Stable: what is booked while you page \
        appears behind what you have not read yet.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/inspections";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::InvalidPageToken];
    const LINKS: &'static [Link] = &[Link {
        name: "first",
        operation_id: "get_inspection",
        parameters: &[("inspection_id", "$response.body#/items/0/inspection_id")],
    }];

    type Path = NoParams;
    type Query = InspectionFilter;
    type Body = NoBody;
    type Output = Found<InspectionPage>;
}

/// Moves a booking to another slot.
pub struct RebookInspection;

impl Sealed for RebookInspection {}

impl Operation for RebookInspection {
    const ID: &'static str = "rebook_inspection";
    const SUMMARY: &'static str = "改约 · Move a booking";
    const DESCRIPTION: &'static str = "To another slot of the same station, before the vehicle has come. The place it had is free again.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/inspections/{inspection_id}/rebooking";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = PLACE_PROBLEMS;

    type Path = InspectionPath;
    type Query = NoParams;
    type Body = Json<Rebooking>;
    type Output = Found<Inspection>;
}

/// Cancels a booking.
pub struct CancelInspection;

impl Sealed for CancelInspection {}

impl Operation for CancelInspection {
    const ID: &'static str = "cancel_inspection";
    const SUMMARY: &'static str = "取消预约 · Cancel a booking";
    const DESCRIPTION: &'static str = "Before the vehicle has come. Its place is free again.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/inspections/{inspection_id}/cancellation";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = STEP_PROBLEMS;

    type Path = InspectionPath;
    type Query = NoParams;
    type Body = OptionalJson<Cancellation>;
    type Output = Found<Inspection>;
}

/// Takes in a vehicle that has come.
pub struct CheckInInspection;

impl Sealed for CheckInInspection {}

impl Operation for CheckInInspection {
    const ID: &'static str = "check_in_inspection";
    const SUMMARY: &'static str = "到检登记 · Check a vehicle in";
    const DESCRIPTION: &'static str = "On the day it is booked for, at whatever hour it comes; after a failed test for the re-test (复检), which \
        takes no place in the calendar, within 20 days (a parameter: no source names a period). A check-in holds for the day: \
        what is not tested by its end is cancelled, or waits for its re-test again. Refused with 409, and told why, where the \
        records have overtaken the inspection: a mark was issued or another test passed since, the vehicle is deregistered, \
        stolen or at the end of its life.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/inspections/{inspection_id}/check-in";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = CHECK_IN_PROBLEMS;

    type Path = InspectionPath;
    type Query = NoParams;
    type Body = Json<CheckIn>;
    type Output = Found<Inspection>;
}

/// Puts in what the test showed.
pub struct RecordInspectionResult;

impl Sealed for RecordInspectionResult {}

impl Operation for RecordInspectionResult {
    const ID: &'static str = "record_inspection_result";
    const SUMMARY: &'static str = "录入检验结果 · Record a result";
    const DESCRIPTION: &'static str = "Of a vehicle that is checked in: every item of the test (GB 38900), or after a failed one the items that had \
        failed. One that fails says what was found. All passed: the vehicle has passed, and its mark can be filed for. The last \
        test counts: one that fails takes an earlier pass back. Refused with 409 on the grounds of `check_in_inspection`.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/inspections/{inspection_id}/results";
    const REPEAT: Repeat = Repeat::KeyOptional;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = OPERATED_PROBLEMS;
    const EXAMPLES: &'static [Example] = &[
        Example {
            name: "passed",
            summary: "全部合格 · All passed",
            json: include_str!("examples/inspection_result.passed.json"),
        },
        Example {
            name: "failed",
            summary: "制动不合格 · The brakes failed",
            json: include_str!("examples/inspection_result.failed.json"),
        },
    ];

    type Path = InspectionPath;
    type Query = NoParams;
    type Body = Json<InspectionResult>;
    type Output = Found<Inspection>;
}

/// From check-in to the mark in one call.
pub struct InspectAtOneStop;

impl Sealed for InspectAtOneStop {}

impl Operation for InspectAtOneStop {
    const ID: &'static str = "inspect_at_one_stop";
    const SUMMARY: &'static str = "“交钥匙”一站式检验 · From check-in to the mark in one call";
    const DESCRIPTION: &'static str = "交钥匙: the owner hands over the key once and gets the mark. Checks the vehicle in, booked or not, puts in the \
        result, and when it passed files for the mark; all of it, or nothing. A failed test files nothing and is no error.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/one-stop-inspections";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Inspections);
    const PROBLEMS: &'static [ProblemCode] = &[
        ProblemCode::ServiceNotEntrusted,
        ProblemCode::VehicleClassNotEntrusted,
        ProblemCode::OutletNotOfPartner,
        ProblemCode::OperatorNotOfOutlet,
        ProblemCode::OperatorNotAssessed,
        ProblemCode::OperatorCertificateLapsed,
        ProblemCode::AlreadySubmitted,
        ProblemCode::VehicleInProcess,
        ProblemCode::ReferenceUsed,
        ProblemCode::InspectionNotFound,
        ProblemCode::InspectionWrongState,
        ProblemCode::VehicleHasInspection,
        ProblemCode::NoFreeSlot,
    ];
    const LINKS: &'static [Link] = &[Link {
        name: "inspection",
        operation_id: "get_inspection",
        parameters: &[("inspection_id", "$response.body#/inspection/inspection_id")],
    }];
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "未预约，检验合格并申领标志 · Not booked; passes, and its mark is filed for",
        json: include_str!("examples/one_stop.standard.json"),
    }];

    type Path = NoParams;
    type Query = NoParams;
    type Body = Json<OneStopRequest>;
    type Output = Created<OneStop>;
}

/// Days of a calendar.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SlotFilter {
    /// 起始日期: the first day; today when left out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub from: Option<Date>,
    /// 截止日期: the last day, at most 30 days after the first; six days after it when left out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub to: Option<Date>,
}

/// 预约日历 of a station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionCalendar {
    /// 检验机构网点编号.
    pub outlet_id: OutletId,
    /// Its slots, in order.
    pub slots: Vec<InspectionSlot>,
}

/// 预约时段.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionSlot {
    /// 开始时间: names the slot in a booking.
    pub starts_at: Moment,
    /// 结束时间.
    pub ends_at: Moment,
    /// 可检数量: vehicles that can be inspected in it.
    pub capacity: u32,
    /// 余量: places nobody has; none in a slot that is over. Those of a slot that has begun are for vehicles
    /// that are there already (随到随检), which name no slot.
    pub free: u32,
}

wire_enum! {
    /// 检验状态.
    pub enum InspectionStatus {
        Booked = "booked", "已预约";
        CheckedIn = "checked_in", "已到检";
        Passed = "passed", "检验合格";
        Failed = "failed", "检验不合格，待复检";
        Cancelled = "cancelled", "已取消";
        NoShow = "no_show", "未到检";
    }
}

wire_enum! {
    /// 检验项目 (GB 38900, with the emission test of GB 18285). The standard's headings, none of which we
    /// have read in the original: a parameter.
    pub enum InspectionItem {
        NetworkQuery = "network_query", "联网查询";
        Identity = "identity", "车辆唯一性检查";
        Parameters = "parameters", "车辆特征参数检查";
        Appearance = "appearance", "车辆外观检查";
        SafetyDevices = "safety_devices", "安全装置检查";
        ChassisDynamics = "chassis_dynamics", "底盘动态检验";
        ChassisParts = "chassis_parts", "车辆底盘部件检查";
        Brakes = "brakes", "制动检验";
        Headlamps = "headlamps", "前照灯检验";
        Emissions = "emissions", "排放检验";
    }
}

/// 预约检验申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionBooking {
    /// 经办人编号: an assessed operator of the station.
    pub operator_id: OperatorId,
    /// 合作单位业务编号: the partner's own name of this inspection, unique among its inspections for ever.
    pub partner_reference: PartnerReference,
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// 机动车所有人: who is told by text message.
    pub owner: Party,
    /// 机动车.
    pub vehicle: RegisteredVehicle,
    /// 预约时段开始时间, of one of the station's slots that has not begun; without it the vehicle is already
    /// there (随到随检).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Moment>,
}

/// 改约.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rebooking {
    /// 新预约时段开始时间.
    pub starts_at: Moment,
}

/// 取消预约.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Cancellation {
    /// 原因.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<LongText>,
}

/// 到检登记.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CheckIn {
    /// 经办人编号: an assessed operator of the station.
    pub operator_id: OperatorId,
}

/// 检验结果.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionResult {
    /// 检验员编号: an assessed operator of the station.
    pub operator_id: OperatorId,
    /// 检验项目: each that is asked for, once.
    pub items: Vec<InspectedItem>,
}

/// 一个检验项目的结果.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectedItem {
    /// 检验项目.
    pub item: InspectionItem,
    /// 合格: whether it passed.
    pub passed: bool,
    /// 不合格情况: what was found; needed where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<ShortText>,
}

/// 一站式检验申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OneStopRequest {
    /// 检验流水号 of a vehicle that is booked, or comes for its re-test; without it the vehicle came without
    /// (随到随检).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection_id: Option<InspectionId>,
    /// 检验项目: each that is asked for, once.
    pub items: Vec<InspectedItem>,
    /// 检验合格标志申请: filed when the vehicle passed. Its operator is the one who inspects, and its
    /// reference names the inspection too.
    pub mark: InspectionMarkRequest,
}

/// 一站式检验结果.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OneStop {
    /// 检验.
    pub inspection: Inspection,
    /// 检验合格标志业务; absent where the vehicle failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Application>,
}

/// 检验: an inspection and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Inspection {
    /// 检验流水号.
    pub inspection_id: InspectionId,
    /// 合作单位业务编号.
    pub partner_reference: PartnerReference,
    /// 检验机构网点编号.
    pub outlet_id: OutletId,
    /// 检验状态.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status: Open<InspectionStatus>,
    /// Since when it is in this state.
    pub status_since: Moment,
    /// 车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
    /// 号牌号码 (GA field `hphm`); absent of a vehicle in a dealer's stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_number: Option<PlateNumber>,
    /// 预约时段开始时间.
    pub starts_at: Moment,
    /// 预约时段结束时间.
    pub ends_at: Moment,
    /// 随到随检: whether it came without a booking.
    pub walk_in: bool,
    /// 检验有效期止 (GA field `yxqz`): the date that the vehicle's papers show.
    pub due_on: Date,
    /// What has to be done by that date.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub due_kind: Open<DueKind>,
    /// 逾期: whether that date has gone by.
    pub overdue: bool,
    /// 检验记录: every test, the first first.
    pub tests: Vec<InspectionTest>,
    /// 待检项目: what the next result has to contain.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub items_due: Vec<Open<InspectionItem>>,
}

/// 一次检验.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionTest {
    /// 检验时间.
    pub tested_at: Moment,
    /// 检验员编号.
    pub operator_id: OperatorId,
    /// 合格: whether every item passed.
    pub passed: bool,
    /// 不合格项目.
    pub failed_items: Vec<FailedItem>,
}

/// 不合格项目.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FailedItem {
    /// 检验项目.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub item: Open<InspectionItem>,
    /// 不合格情况.
    pub finding: ShortText,
}

/// Names one inspection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionPath {
    /// 检验流水号.
    pub inspection_id: InspectionId,
}

/// Which inspections to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionFilter {
    /// 检验状态.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<InspectionStatus>,
    /// 网点编号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// 预约日期.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub on: Option<Date>,
    /// 车辆识别代号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin: Option<Vin>,
    /// 合作单位业务编号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_reference: Option<PartnerReference>,
    /// Entries of a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<PageSize>,
    /// 翻页标记: the `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

/// A page of inspections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionPage {
    /// The inspections.
    pub items: Vec<Inspection>,
    /// 翻页标记 of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}
