use bon::Builder;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Access, Found, NoBody, NoParams, Open, Operation, ProblemCode, Repeat, Scope, Tag,
    operation::{Link, sealed::Sealed},
};
use crate::{
    codes::{PlateKind, UseCharacter, VehicleStatusFlag, VehicleType},
    identifiers::{PlateNumber, Vin},
    inspection::DueKind,
};

const TAG: Tag = Tag {
    name: "vehicles",
    description: "机动车登记信息 · Vehicle records, without anything of the owner.",
};

/// Reads a vehicle's record by VIN.
pub struct GetVehicle;

impl Sealed for GetVehicle {}

impl Operation for GetVehicle {
    const ID: &'static str = "get_vehicle";
    const SUMMARY: &'static str = "按车辆识别代号查询车辆 · Read a vehicle by VIN";
    const DESCRIPTION: &'static str = "Registered vehicles only; nothing of the owner.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/vehicles/{vin}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Vehicles);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::VehicleNotFound];

    type Path = VehiclePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Vehicle>;
}

/// Finds a vehicle by plate kind and number.
pub struct ListVehicles;

impl Sealed for ListVehicles {}

impl Operation for ListVehicles {
    const ID: &'static str = "list_vehicles";
    const SUMMARY: &'static str = "按号牌查询车辆 · Find a vehicle by plate";
    const DESCRIPTION: &'static str = "The key of a plate is its kind and its number together: a car and a motorcycle may share a number.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/vehicles";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Vehicles);
    const PROBLEMS: &'static [ProblemCode] = &[];
    const LINKS: &'static [Link] = &[Link {
        name: "vehicle",
        operation_id: "get_vehicle",
        parameters: &[("vin", "$response.body#/items/0/vin")],
    }];

    type Path = NoParams;
    type Query = PlateQuery;
    type Body = NoBody;
    type Output = Found<VehicleList>;
}

/// Names one vehicle.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VehiclePath {
    /// 车辆识别代号.
    pub vin: Vin,
}

/// A plate.
#[derive(Clone, Debug, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlateQuery {
    /// 号牌种类.
    pub plate_kind: PlateKind,
    /// 号牌号码.
    pub plate_number: PlateNumber,
}

/// Vehicles with that plate: one or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VehicleList {
    /// The vehicles.
    pub items: Vec<Vehicle>,
}

/// 机动车登记信息.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Vehicle {
    /// 车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
    /// 号牌种类 (GA field `hpzl`); `41` of a vehicle in a dealer's stock.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub plate_kind: Open<PlateKind>,
    /// 号牌号码 (GA field `hphm`); absent of a vehicle in a dealer's stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_number: Option<PlateNumber>,
    /// 车辆类型 (GA field `cllx`).
    #[cfg_attr(feature = "schema", schema(inline))]
    pub vehicle_type: Open<VehicleType>,
    /// 使用性质 (GA field `syxz`).
    #[cfg_attr(feature = "schema", schema(inline))]
    pub use_character: Open<UseCharacter>,
    /// 初次登记日期 (GA field `ccdjrq`).
    pub first_registered_on: Date,
    /// 机动车状态 (GA field `zt`): a set; empty means normal.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status_flags: Vec<Open<VehicleStatusFlag>>,
    /// 抵押标记 (GA field `dybj`): whether it is mortgaged or pledged.
    pub mortgaged: bool,
    /// 抵押登记、质押备案 in force, with what is open to the public (R164 Art 36).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mortgages: Vec<PublicMortgage>,
    /// 检验有效期止 (GA field `yxqz`): when the next inspection or mark is due.
    pub inspection_due_on: Date,
    /// What has to be done by then, or of an overdue vehicle now.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub inspection_due_kind: Open<DueKind>,
    /// 可检验之日: the first day on which it can be done (R164 Art 54).
    pub inspection_window_opens_on: Date,
    /// 强制报废期止 (GA field `qzbfqz`), for classes that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrap_due_on: Option<Date>,
    /// 二手车待销售: of a vehicle that a filed dealer holds for sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaiting_sale: Option<AwaitingSale>,
}

/// 单独签注: how a dealer holds a vehicle for sale (商消费发〔2022〕92号).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AwaitingSale {
    /// 签注 on certificate, driving permit and temporary plates (GA field `bz`).
    #[cfg_attr(feature = "schema", schema(examples("二手车待销售")))]
    pub remark: String,
    /// Since when the dealer has it.
    pub since: Date,
    /// 已核发临时行驶车号牌: how many the dealer has had for it, three at most.
    pub temporary_plates: u32,
}

/// 抵押登记 or 质押备案, as the public may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PublicMortgage {
    /// Whether it is a pledge (质押, GA field `dybj` 2) and no mortgage (1).
    pub pledged: bool,
    /// 抵押登记日期 (GA field `dydjrq`).
    pub registered_on: Date,
}
