use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, District, Found, Lookup, MaterialKind, MaterialState, NoBody, NoParams, Open,
    Operation, OutletKind, ProblemCode, Repeat, Scope, Service, Tag, TransferKind,
    operation::sealed::Sealed,
};
use crate::{
    codes::{UseCharacter, VehicleType},
    services::{
        self, IdOnly, Mandate, MaterialCondition, MaterialRule, NAMED_EXEMPTIONS, ServiceRule,
    },
};

/// Lists every service with the law behind it.
pub struct ListServices;

impl Sealed for ListServices {}

impl Operation for ListServices {
    const ID: &'static str = "list_services";
    const SUMMARY: &'static str = "查询业务目录 · List the services";
    const DESCRIPTION: &'static str = "办理依据、条件、程序、期限、收费 (R164 Art 69), the same for whoever asks: who may file what \
        for which vehicles, which materials are asked for and which source exempts them, by when the \
        authority decides, and the article behind it. Authority and materials of a submission are \
        judged by this list.";
    const TAG: Tag = Tag {
        name: "services",
        description: "业务目录 · What can be filed, by whom and with what.",
    };
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/services";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Outlets);
    const PROBLEMS: &'static [ProblemCode] = &[];

    type Path = NoParams;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<ServiceList>;
}

/// 业务目录.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServiceList {
    /// Every service.
    pub items: Vec<ServiceInfo>,
    /// 五项免提交: the proofs that data sharing spares the citizen by the city's own list.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub named_exemptions: Vec<Open<MaterialKind>>,
}

/// 业务: one service with its rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServiceInfo {
    /// 业务类型.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub service: Open<Service>,
    /// 业务名称.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// 依据: the articles that rule it.
    pub rule: String,
    /// 委托: who may file it, and for which vehicles; one entry is enough.
    pub mandates: Vec<ServiceMandate>,
    /// 所需材料, in the order in which they are asked for.
    pub materials: Vec<ServiceMaterial>,
    /// 一证即办: whether the proof of identity alone is enough.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub id_only: Open<IdOnly>,
    /// 网上可办: whether the applicant may file by himself, in the authority's app.
    pub online: bool,
    /// 代理: whether somebody else may come in the applicant's place (R164 Art 86).
    pub agent_allowed: bool,
    /// 办理期限 from acceptance, in working days.
    pub working_days: u32,
    /// 期限依据: the article behind `working_days`.
    pub limit_rule: String,
    /// 其他期限: of transfers over the city's borders, where the limit is another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_limits: Vec<OtherLimit>,
    /// 工本费 in fen.
    pub fee_fen: u32,
}

/// 期限 of one kind of transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OtherLimit {
    /// 转让地域.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub transfer_kind: Open<TransferKind>,
    /// 办理期限 from acceptance, in working days.
    pub working_days: u32,
    /// 期限依据: the article behind `working_days`.
    pub limit_rule: String,
}

/// 委托 of a service (R164 Art 69): kinds of outlets, and the vehicles for which they have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServiceMandate {
    /// 网点类型: kinds that have the service without a grant of their own.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub outlet_kinds: Vec<Open<OutletKind>>,
    /// 单独委托: kinds of which single outlets have been granted the service.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub granted_kinds: Vec<Open<OutletKind>>,
    /// 车辆类型.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub vehicle_types: Vec<Open<VehicleType>>,
    /// 使用性质.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub use_characters: Vec<Open<UseCharacter>>,
    /// 工本费 in fen of these vehicles, where it is not the service's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_fen: Option<u32>,
    /// 区县: where its outlets may be. Whether one also serves people of the other districts, it says
    /// itself (`cross_district` of an outlet).
    #[cfg_attr(feature = "schema", schema(inline))]
    pub districts: Vec<Open<District>>,
}

/// 材料 of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServiceMaterial {
    /// 材料种类.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub kind: Open<MaterialKind>,
    /// When it is asked for.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub condition: Open<MaterialCondition>,
    /// 数据来源: the source that exempts it when it answers; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub lookup: Option<Open<Lookup>>,
    /// 查询不到时: how the material stands when the source does not answer, or there is none.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub without_answer: Open<MaterialState>,
}

impl ServiceList {
    /// The list as the authority publishes it.
    #[must_use]
    pub fn published() -> Self {
        Self {
            items: services::SERVICES.iter().map(ServiceInfo::from).collect(),
            named_exemptions: open(&NAMED_EXEMPTIONS),
        }
    }
}

impl From<&ServiceRule> for ServiceInfo {
    fn from(row: &ServiceRule) -> Self {
        Self {
            service: row.service.into(),
            name_zh: row.service.chinese_name().to_owned(),
            name_en: row.english_name.to_owned(),
            rule: row.rule.to_owned(),
            mandates: row.mandates.iter().map(ServiceMandate::from).collect(),
            materials: row.materials.iter().map(ServiceMaterial::from).collect(),
            id_only: row.id_only.into(),
            online: row.online,
            agent_allowed: row.agent_allowed,
            working_days: row.working_days,
            limit_rule: row.limit_rule.to_owned(),
            other_limits: other_limits(row),
            fee_fen: row.fee_fen,
        }
    }
}

fn other_limits(row: &ServiceRule) -> Vec<OtherLimit> {
    let kinds = TransferKind::ALL.iter().map(|kind| {
        let (working_days, limit_rule) = services::time_limit(row.service, *kind);
        OtherLimit {
            transfer_kind: (*kind).into(),
            working_days,
            limit_rule: limit_rule.to_owned(),
        }
    });
    kinds
        .filter(|limit| limit.limit_rule != row.limit_rule)
        .collect()
}

impl From<&Mandate> for ServiceMandate {
    fn from(mandate: &Mandate) -> Self {
        Self {
            outlet_kinds: open(mandate.outlet_kinds),
            granted_kinds: open(mandate.granted_kinds),
            vehicle_types: open(mandate.vehicle_types),
            use_characters: open(mandate.use_characters),
            fee_fen: mandate.fee_fen,
            districts: open(District::ALL),
        }
    }
}

impl From<&MaterialRule> for ServiceMaterial {
    fn from(rule: &MaterialRule) -> Self {
        Self {
            kind: rule.kind.into(),
            condition: rule.condition.into(),
            lookup: rule.lookup.map(Into::into),
            without_answer: MaterialState::Required.into(),
        }
    }
}

fn open<E: Copy>(words: &[E]) -> Vec<Open<E>>
where
    Open<E>: From<E>,
{
    words.iter().copied().map(Open::from).collect()
}
