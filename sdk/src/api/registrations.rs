use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Agent, CompulsoryInsurance, ConformityCertificate, ImportProof, Invoice, Kilograms, Kilowatts,
    Millilitres, Millimetres, Party, PlateChoice, Seats, ShortText, Tag, TaxDeclaration,
    filing::filing,
};
use crate::{
    codes::{AcquisitionMethod, BodyColor, Fuel, UseCharacter, VehicleType},
    identifiers::{EngineNumber, Vin},
    wire_enum::wire_enum,
};

filing! {
    service: Registration = "registration",
    applicant: owner,
    tag: Tag {
        name: "registrations",
        description: "注册登记 · Registration of a new vehicle.",
    },
    path: "/v1/registrations",
    scope: Registrations,
    summary: "提交注册登记 · File a registration",
    description: "注册登记 (R164 Art 10–15). Motorcycles are registered where they are sold, and leave with their plates \
        (带牌销售, R164 Art 14). Every fault of the submission is told in one answer \
        (一次告知, R164 Art 3). Grounds on which the authority refuses (R164 Art 15) become the state of the \
        application, for a formal refusal has a number and a date.",
    examples: {
        "standard": "个人国产小型轿车，无需提交材料 · A person's domestic small car; no material is needed",
        "supplement": "纸质发票，税务数据查询不到，需补材料 · A paper invoice that the lookups do not find; materials are needed",
        "motorcycle": "摩托车带牌销售 · A motorcycle, sold with its plates",
    },

    /// Files a registration.
    pub struct SubmitRegistration;

    /// 注册登记申请.
    pub struct RegistrationRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: NewVehicle,
        /// 来历证明.
        pub origin_proof: OriginProof,
        /// 整车出厂合格证: required for a domestic vehicle.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub conformity_certificate: Option<ConformityCertificate>,
        /// 进口凭证: required for an imported vehicle.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub import_proof: Option<ImportProof>,
        /// 交强险.
        pub compulsory_insurance: CompulsoryInsurance,
        /// 车辆购置税.
        pub purchase_tax: TaxDeclaration,
        /// 车船税.
        pub vehicle_tax: TaxDeclaration,
        /// 取号方式.
        pub plate_choice: PlateChoice,
    }
}

wire_enum! {
    /// 国产/进口.
    pub enum VehicleOrigin {
        Domestic = "domestic", "国产";
        Imported = "imported", "进口";
    }
}

/// 新车: what the registration records of the vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewVehicle {
    /// 车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
    /// 国产/进口 (GA field `gcjk`).
    pub origin: VehicleOrigin,
    /// 车辆类型 (GA field `cllx`).
    pub vehicle_type: VehicleType,
    /// 使用性质 (GA field `syxz`).
    pub use_character: UseCharacter,
    /// 中文品牌 (GA field `clpp1`).
    pub brand: ShortText,
    /// 车辆型号 (GA field `clxh`).
    pub model: ShortText,
    /// 制造厂名称 (GA field `zzcmc`).
    pub manufacturer: ShortText,
    /// 出厂日期 (GA field `ccrq`).
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub manufactured_on: Date,
    /// 发动机号, of an electric car the motor's (GA field `fdjh`).
    pub engine_number: EngineNumber,
    /// 燃料种类 (GA field `rlzl`).
    pub fuel: Fuel,
    /// 排量 in millilitres (GA field `pl`); none for electric cars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub displacement_ml: Option<Millilitres>,
    /// 功率 in kilowatts (GA field `gl`).
    pub power_kw: Kilowatts,
    /// 车身颜色 (GA field `csys`).
    pub color: BodyColor,
    /// 核定载客, the driver included (GA field `hdzk`).
    pub seats: Seats,
    /// 车长 in millimetres (GA field `cwkc`).
    pub length_mm: Millimetres,
    /// 车宽 in millimetres (GA field `cwkk`).
    pub width_mm: Millimetres,
    /// 车高 in millimetres (GA field `cwkg`).
    pub height_mm: Millimetres,
    /// 轴距 in millimetres (GA field `zj`).
    pub wheelbase_mm: Millimetres,
    /// 总质量 in kilograms (GA field `zzl`).
    pub gross_mass_kg: Kilograms,
    /// 整备质量 in kilograms (GA field `zbzl`).
    pub kerb_mass_kg: Kilograms,
}

/// 来历证明.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OriginProof {
    /// 获得方式 (GA field `hdfs`).
    pub acquisition: AcquisitionMethod,
    /// 机动车销售统一发票.
    pub invoice: Invoice,
}
