use bon::Builder;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{COMMANDS, SpaceId};
use crate::{
    api::{
        Access, Found, Json, Lookup, NoParams, Open, Operation, ProblemCode, Repeat, Seats, Tag,
        operation::{Example, sealed::Sealed},
    },
    codes::{PlateKind, UseCharacter, VehicleStatusFlag, VehicleType},
    identifiers::{IdentityNumber, PersonName, PlateNumber, RegistrationCertificateNumber, Vin},
};

/// Puts a registered vehicle on record.
pub struct PutVehicle;

impl Sealed for PutVehicle {}

impl Operation for PutVehicle {
    const ID: &'static str = "put_vehicle";
    const SUMMARY: &'static str = "登记在用车 · Put a registered vehicle on record";
    const DESCRIPTION: &'static str = "A vehicle of any class, age and owner, as a test needs it: due for inspection, near its scrapping, \
        insured until yesterday. It takes the place of what was on record of the VIN, but for its flags, silent \
        sources, defects and the temporary plates it has had. It must have no unfinished application, and the \
        number be nobody's, nor promised to anybody. The owner has had it since its first registration. Invent \
        the owner: county 370399 is nobody's.";
    const TAG: Tag = COMMANDS;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/vehicles/{vin}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::VehicleInProcess];
    const EXAMPLES: &'static [Example] = &[Example {
        name: "due_for_inspection",
        summary: "A small car whose test is due in April 2026",
        json: include_str!("../examples/vehicle_on_record.due_for_inspection.json"),
    }];

    type Path = SpaceVehiclePath;
    type Query = NoParams;
    type Body = Json<VehicleOnRecord>;
    type Output = Found<VehicleStanding>;
}

/// 在用车档案: a registered vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct VehicleOnRecord {
    /// 车辆类型.
    pub vehicle_type: VehicleType,
    /// 使用性质.
    pub use_character: UseCharacter,
    /// 核定载客, the driver included.
    pub seats: Seats,
    /// 出厂日期, where it is known; not after the first registration.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub manufactured_on: Option<Date>,
    /// 初次登记日期: today or earlier.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub first_registered_on: Date,
    /// 号牌种类.
    pub plate_kind: PlateKind,
    /// 号牌号码: nobody else's.
    pub plate_number: PlateNumber,
    /// 机动车登记证书编号.
    pub registration_certificate_number: RegistrationCertificateNumber,
    /// 机动车所有人.
    pub owner: OwnerOnRecord,
    /// 检验有效期止, as issued, not before the first registration; the next due point after today when left
    /// out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub inspection_due_on: Option<Date>,
    /// 交强险终止日期; uninsured when left out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub insured_until: Option<Date>,
    /// 恢复原检验周期之日: of an accident with injuries or a punished modification, not before the first
    /// registration.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub old_cycle_from: Option<Date>,
}

/// 机动车所有人, as far as the register knows him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OwnerOnRecord {
    /// 姓名/名称.
    pub name: PersonName,
    /// 身份证明号码.
    pub identity_number: IdentityNumber,
}

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
