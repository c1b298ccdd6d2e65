use bon::Builder;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Access, District, Found, NoBody, NoParams, Open, Operation, OutletKind, ProblemCode, Repeat,
    Scope, Service, Tag, operation::sealed::Sealed,
};
use crate::wire_enum::wire_enum;

/// Lists how much was handled where.
pub struct ListStatistics;

impl Sealed for ListStatistics {}

impl Operation for ListStatistics {
    const ID: &'static str = "list_statistics";
    const SUMMARY: &'static str = "业务量统计 · How much was handled where";
    const DESCRIPTION: &'static str = "What came in and what was decided at all outlets of the city, whosesoever they are, by day, service, \
        kind of outlet and district: sums, which tell nothing about anybody. `by` adds up what differs in \
        anything else. Entries stand in the order in which the first of their applications was counted, the \
        oldest first, and where nothing was counted there is none. `base_share` is the share handled at the \
        base (基层办理占比), at the township squadrons and traffic stations.";
    const TAG: Tag = Tag {
        name: "statistics",
        description: "业务统计 · How much the outlets of the city handle.",
    };
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/statistics";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Outlets);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::InvalidPageToken];

    type Path = NoParams;
    type Query = StatisticsFilter;
    type Body = NoBody;
    type Output = Found<StatisticsPage>;
}

wire_enum! {
    /// 统计维度.
    pub enum StatisticsDimension {
        Day = "day", "按日";
        Service = "service", "按业务类型";
        OutletKind = "outlet_kind", "按网点类型";
        District = "district", "按区县";
    }
}

/// What to count, and how to add it up.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StatisticsFilter {
    /// 业务类型.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// 网点类型; `base_share` is among all kinds all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_kind: Option<OutletKind>,
    /// 区县, of the outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<District>,
    /// 起始日期: the first day counted.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub from: Option<Date>,
    /// 截止日期: the last day counted.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub to: Option<Date>,
    /// 统计维度: adds up what differs in anything else; every combination by itself when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StatisticsDimension>,
    /// Entries a page, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<super::PageSize>,
    /// `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

/// One page of the statistics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StatisticsPage {
    /// This page's entries.
    pub items: Vec<Statistic>,
    /// 基层办理占比, of everything that the filter chooses and not of this page alone.
    pub base_share: BaseShare,
    /// Asks for the page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// 业务量: how much was handled. With `by`, the member of that name alone says of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Statistic {
    /// 日期, in Beijing: of the filing for `received`, of the decision for the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// 业务类型.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub service: Option<Open<Service>>,
    /// 网点类型.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub outlet_kind: Option<Open<OutletKind>>,
    /// 区县, of the outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub district: Option<Open<District>>,
    /// 收件 that came in.
    pub received: u32,
    /// 办结 that were completed.
    pub completed: u32,
    /// 不予受理 and 不予登记: applications that the authority turned away.
    pub refused: u32,
}

/// 基层办理占比: how much of what came in came in at the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BaseShare {
    /// 收件 at outlets of all kinds.
    pub received: u32,
    /// 基层收件: of these, at the township squadrons and traffic stations.
    pub received_at_base: u32,
    /// 占比 in thousandths, rounded down, 0 to 1000; absent where nothing came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_permille: Option<u32>,
}

impl BaseShare {
    /// The share of so many of so many.
    #[must_use]
    pub fn of(received_at_base: u32, received: u32) -> Self {
        let share = (u64::from(received_at_base) * 1_000).checked_div(received.into());
        Self {
            received,
            received_at_base,
            share_permille: share.and_then(|share| share.try_into().ok()),
        }
    }
}
