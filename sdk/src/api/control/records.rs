use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{COMMANDS, SpaceId};
use crate::{
    api::{
        Access, Found, Json, Lookup, NoParams, Open, Operation, ProblemCode, Repeat, Tag,
        operation::{Example, sealed::Sealed},
    },
    codes::VehicleStatusFlag,
    identifiers::Vin,
};

/// Sets and lifts flags of a vehicle's status.
pub struct SetFlags;

impl Sealed for SetFlags {}

impl Operation for SetFlags {
    const ID: &'static str = "set_flags";
    const SUMMARY: &'static str = "设定机动车状态 · Set and lift flags of any vehicle's status";
    const DESCRIPTION: &'static str = "A vehicle that nobody knows is put on record, unregistered. Unfinished applications of the \
        vehicle are looked at anew.";
    const TAG: Tag = COMMANDS;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/vehicles/{vin}/flags";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::SpaceNotFound];
    const EXAMPLES: &'static [Example] = &[Example {
        name: "sealed",
        summary: "Sealed by a court from now on",
        json: r#"{"set":["sealed"]}"#,
    }];

    type Path = SpaceVehiclePath;
    type Query = NoParams;
    type Body = Json<FlagCommand>;
    type Output = Found<VehicleStanding>;
}

/// Silences data sources about a vehicle, or lets them answer again.
pub struct SetLookups;

impl Sealed for SetLookups {}

impl Operation for SetLookups {
    const ID: &'static str = "set_lookups";
    const SUMMARY: &'static str = "设定数据共享 · Silence data sources about any vehicle";
    const DESCRIPTION: &'static str = "What a silent source would have exempted is asked for on paper in what is filed from now on.";
    const TAG: Tag = COMMANDS;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/vehicles/{vin}/lookups";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::SpaceNotFound];

    type Path = SpaceVehiclePath;
    type Query = NoParams;
    type Body = Json<LookupCommand>;
    type Output = Found<VehicleStanding>;
}

/// 机动车状态 to set and to lift: at least one flag, none in both lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FlagCommand {
    /// Flags to set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub set: Vec<VehicleStatusFlag>,
    /// Flags to lift.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub clear: Vec<VehicleStatusFlag>,
}

/// 数据共享 to silence and to let answer again: at least one source, none in both lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LookupCommand {
    /// Sources to silence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub silence: Vec<Lookup>,
    /// Sources that answer again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub answer: Vec<Lookup>,
}

/// How a vehicle stands with the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VehicleStanding {
    /// 车辆识别代号.
    pub vin: Vin,
    /// Whether it is registered.
    pub registered: bool,
    /// 机动车状态.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status_flags: Vec<Open<VehicleStatusFlag>>,
    /// Sources that have no answer about it.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub silent_lookups: Vec<Open<Lookup>>,
}

/// Names one vehicle of a space.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpaceVehiclePath {
    /// 空间编号.
    pub space_id: SpaceId,
    /// 车辆识别代号.
    pub vin: Vin,
}
