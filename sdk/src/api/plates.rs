use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, Created, Json, NoParams, Operation, OutletId, PlateDrawId, ProblemCode, Repeat, Scope,
    Tag,
    operation::{Example, sealed::Sealed},
};
use crate::{codes::PlateKind, identifiers::PlateNumber, moment::Moment, wire_enum::wire_enum};

/// Draws 50 plate numbers to choose from.
pub struct DrawPlates;

impl Sealed for DrawPlates {}

impl Operation for DrawPlates {
    const ID: &'static str = "draw_plates";
    const SUMMARY: &'static str = "随机选号 · Draw plate numbers";
    const DESCRIPTION: &'static str = "Fifty free numbers of one plate kind, held for the caller for three minutes \
        (R164 Art 43). The filing with which a vehicle gets a number then names the draw and one of its numbers.";
    const TAG: Tag = Tag {
        name: "plates",
        description: "选号 · Choosing a plate number.",
    };
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/plate-draws";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::PlateDraws);
    const PROBLEMS: &'static [ProblemCode] = &[
        ProblemCode::ServiceNotEntrusted,
        ProblemCode::VehicleClassNotEntrusted,
        ProblemCode::OutletNotOfPartner,
    ];
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "小型汽车选号 · A draw for a small car",
        json: include_str!("examples/plate_draw.standard.json"),
    }];

    type Path = NoParams;
    type Query = NoParams;
    type Body = Json<PlateDrawRequest>;
    type Output = Created<PlateDraw>;
}

/// What to draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlateDrawRequest {
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// 号牌种类 (GA field `hpzl`).
    pub plate_kind: PlateKind,
}

/// 选号批次.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlateDraw {
    /// 选号批次号.
    pub plate_draw_id: PlateDrawId,
    /// 号牌种类 (GA field `hpzl`).
    #[cfg_attr(feature = "schema", schema(inline))]
    pub plate_kind: super::Open<PlateKind>,
    /// 备选号码: 50 candidates (GA field `hphm`).
    pub plate_numbers: Vec<PlateNumber>,
    /// 保留至: until then nobody else is offered these numbers.
    pub held_until: Moment,
}

wire_enum! {
    /// 取号方式 (R164 Art 43–44). A number that its former owner may ask for again within two years is
    /// given to nobody else meanwhile.
    pub enum PlateMethod {
        Random = "random", "系统随机选取";
        Draw = "draw", "从已选批次中选定";
        SelfComposed = "self_composed", "自编号码";
        Reuse = "reuse", "使用本人原号牌号码（交回后两年内）";
    }
}

/// 取号方式: how the plate number is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlateChoice {
    /// 取号方式.
    pub method: PlateMethod,
    /// 选号批次号: with `draw` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_draw_id: Option<PlateDrawId>,
    /// 选定、自编或原有的号码 (GA field `hphm`): with `draw`, `self_composed` and `reuse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_number: Option<PlateNumber>,
}
