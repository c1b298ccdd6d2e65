use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, Found, NoBody, NoParams, Open, Operation, OperatorId, OutletId, PartyAddress,
    ProblemCode, Repeat, Scope, Service, Tag,
    operation::{Link, sealed::Sealed},
};
use crate::{identifiers::PersonName, moment::TimeOfDay, wire_enum::wire_enum};

const TAG: Tag = Tag {
    name: "outlets",
    description: "灵敏办网点 · Partner outlets, what they are entrusted with, and who works there.",
};

/// Lists the outlets of the city.
pub struct ListOutlets;

impl Sealed for ListOutlets {}

impl Operation for ListOutlets {
    const ID: &'static str = "list_outlets";
    const SUMMARY: &'static str = "查询网点 · List outlets";
    const DESCRIPTION: &'static str = "All outlets of the city in the order of their numbers, narrowed by kind, district and service.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/outlets";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Outlets);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::InvalidPageToken];
    const LINKS: &'static [Link] = &[Link {
        name: "first",
        operation_id: "get_outlet",
        parameters: &[("outlet_id", "$response.body#/items/0/outlet_id")],
    }];

    type Path = NoParams;
    type Query = OutletFilter;
    type Body = NoBody;
    type Output = Found<OutletPage>;
}

/// Reads one outlet.
pub struct GetOutlet;

impl Sealed for GetOutlet {}

impl Operation for GetOutlet {
    const ID: &'static str = "get_outlet";
    const SUMMARY: &'static str = "查询单个网点 · Read one outlet";
    const DESCRIPTION: &'static str = "Any outlet of the city, one's own or not.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/outlets/{outlet_id}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Outlets);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::OutletNotFound];

    type Path = OutletPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Outlet>;
}

/// Lists the operators of the partner's own outlets.
pub struct ListOperators;

impl Sealed for ListOperators {}

impl Operation for ListOperators {
    const ID: &'static str = "list_operators";
    const SUMMARY: &'static str = "查询本网点经办人 · List the operators of the own outlets";
    const DESCRIPTION: &'static str = "Only an operator who has passed the assessment, and whose certificate has not lapsed, may file.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/operators";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Outlets);
    const PROBLEMS: &'static [ProblemCode] = &[
        ProblemCode::InvalidPageToken,
        ProblemCode::OutletNotOfPartner,
    ];

    type Path = NoParams;
    type Query = OperatorFilter;
    type Body = NoBody;
    type Output = Found<OperatorPage>;
}

wire_enum! {
    /// 网点类型.
    pub enum OutletKind {
        Dealer = "dealer", "汽车销售企业（4S店）";
        UsedCarMarket = "used_car_market", "二手车交易市场";
        InspectionStation = "inspection_station", "机动车检验机构";
        Bank = "bank", "银行网点";
        Insurer = "insurer", "保险机构";
        PostOffice = "post_office", "警邮网点";
        Other = "other", "其他网点";
        MotorcycleDealer = "motorcycle_dealer", "摩托车销售企业";
        DrivingSchool = "driving_school", "驾驶培训机构";
        TownshipSquadron = "township_squadron", "乡镇交警中队";
        TrafficStation = "traffic_station", "交管服务站";
    }
}

impl OutletKind {
    /// 基层网点: the authority's own posts below the counties, beside which the 192 partner outlets
    /// stand; what they handle is the share handled at the base.
    #[must_use]
    pub const fn is_base_level(self) -> bool {
        matches!(self, Self::TownshipSquadron | Self::TrafficStation)
    }
}

wire_enum! {
    /// 星期.
    pub enum Weekday {
        Monday = "monday", "星期一";
        Tuesday = "tuesday", "星期二";
        Wednesday = "wednesday", "星期三";
        Thursday = "thursday", "星期四";
        Friday = "friday", "星期五";
        Saturday = "saturday", "星期六";
        Sunday = "sunday", "星期日";
    }
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(weekday: jiff::civil::Weekday) -> Self {
        use jiff::civil::Weekday as Day;
        match weekday {
            Day::Monday => Self::Monday,
            Day::Tuesday => Self::Tuesday,
            Day::Wednesday => Self::Wednesday,
            Day::Thursday => Self::Thursday,
            Day::Friday => Self::Friday,
            Day::Saturday => Self::Saturday,
            Day::Sunday => Self::Sunday,
        }
    }
}

wire_enum! {
    /// 区县: the districts and counties of Zibo 淄博, the functional zones with their district.
    pub enum District {
        Zichuan = "zichuan", "淄川区";
        Zhangdian = "zhangdian", "张店区";
        Boshan = "boshan", "博山区";
        Linzi = "linzi", "临淄区";
        Zhoucun = "zhoucun", "周村区";
        Huantai = "huantai", "桓台县";
        Gaoqing = "gaoqing", "高青县";
        Yiyuan = "yiyuan", "沂源县";
    }
}

impl District {
    /// 行政区划代码 (GB/T 2260).
    #[must_use]
    pub const fn region_code(self) -> &'static str {
        match self {
            Self::Zichuan => "370302",
            Self::Zhangdian => "370303",
            Self::Boshan => "370304",
            Self::Linzi => "370305",
            Self::Zhoucun => "370306",
            Self::Huantai => "370321",
            Self::Gaoqing => "370322",
            Self::Yiyuan => "370323",
        }
    }

    /// Whether an address lies in the district, by its card or by a residence permit.
    #[must_use]
    pub fn has(self, address: &PartyAddress) -> bool {
        let mut places = address.regions();
        places.any(|region| region.as_str() == self.region_code())
    }
}

wire_enum! {
    /// 经办人状态.
    pub enum OperatorState {
        Certified = "certified", "考核合格，可以办理业务";
        NotAssessed = "not_assessed", "尚未通过考核";
        Lapsed = "lapsed", "考核证书已过期";
    }
}

/// Which outlets to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutletFilter {
    /// 网点类型.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OutletKind>,
    /// 区县.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<District>,
    /// 受委托业务: only outlets entrusted with this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Entries a page, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<super::PageSize>,
    /// `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

/// One page of outlets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutletPage {
    /// This page's entries.
    pub items: Vec<Outlet>,
    /// Asks for the page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// 网点.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Outlet {
    /// 网点编号.
    pub outlet_id: OutletId,
    /// 网点名称.
    pub name: String,
    /// 网点类型.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub kind: Open<OutletKind>,
    /// 区县.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub district: Open<District>,
    /// 受委托业务: what the outlet may file.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub services: Vec<Open<Service>>,
    /// 办公时间 of the township squadrons and traffic stations, in Beijing. Absent of the outlets of
    /// partners, who keep their own hours and are open when they file.
    ///
    /// On public holidays (法定节假日) the outlet is closed. On a Saturday or Sunday that is worked in
    /// exchange (调休上班), and on which it is closed otherwise, it keeps the hours of the first day
    /// listed. What comes in outside hours is received at once, and the authority's periods begin on
    /// the next working day on which the outlet opens (起算日, `clock_starts_on` of the application):
    /// the same day, when it comes in before the outlet opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opening_hours: Vec<OfficeHours>,
    /// 跨区办理: whether it also serves people who live in other districts of the city, or are from
    /// elsewhere, where a service asks who lives in which. Without it, it serves those of its own
    /// district (`district_not_entrusted`). Absent where it has no service that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_district: Option<bool>,
}

/// 办公时间: the days of the week on which an outlet is open from one time of day to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OfficeHours {
    /// 星期.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub days: Vec<Open<Weekday>>,
    /// 开始时刻: the first minute the outlet is open.
    pub from: TimeOfDay,
    /// 结束时刻: the first minute it is closed again, later on the same day.
    pub to: TimeOfDay,
}

/// Names one outlet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutletPath {
    /// 网点编号.
    pub outlet_id: OutletId,
}

/// Which operators to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OperatorFilter {
    /// 网点编号: one of the partner's own outlets; all of them when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// Entries a page, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<super::PageSize>,
    /// `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

/// One page of operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OperatorPage {
    /// This page's entries.
    pub items: Vec<Operator>,
    /// Asks for the page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// 经办人: a person at an outlet who files, trained and assessed by the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Operator {
    /// 经办人编号.
    pub operator_id: OperatorId,
    /// 网点编号.
    pub outlet_id: OutletId,
    /// 姓名.
    pub name: PersonName,
    /// 状态, on the platform's date.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub state: Open<OperatorState>,
    /// 证书有效期止: the last day of the certificate; absent before the assessment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified_until: Option<jiff::civil::Date>,
}
