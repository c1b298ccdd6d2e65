use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Agent, CompulsoryInsurance, ConformityCertificate, ImportProof, OriginProof, Party, ShortText,
    Tag, VehicleOrigin, filing::filing,
};
use crate::{
    codes::{PlateKind, UseCharacter, VehicleType},
    identifiers::{PlateNumber, Vin},
    wire_enum::wire_enum,
};

wire_enum! {
    /// 申领情形: why a vehicle needs a temporary plate (R164 Art 27, 28, 46–48, 51).
    pub enum TemporaryPlateCase {
        Unsold = "unsold", "未销售";
        AcquiredUnregistered = "acquired_unregistered", "购买、调拨、赠予后尚未注册登记";
        NewExport = "new_export", "新车出口销售";
        ResearchTest = "research_test", "科研、定型试验";
        OversizeSpecial = "oversize_special", "超限特型机动车";
        ConnectedTest = "connected_test", "智能网联汽车道路测试、示范应用";
        PlateMakingDelay = "plate_making_delay", "因号牌制作的原因";
        PlateRemaking = "plate_remaking", "补换领号牌期间";
        TransferOut = "transfer_out", "转出本市";
        UsedExport = "used_export", "二手车出口";
        DealerStock = "dealer_stock", "二手车待销售";
    }
}

filing! {
    service: TemporaryPlate = "temporary_plate",
    applicant: owner,
    tag: Tag {
        name: "temporary_plates",
        description: "临时行驶车号牌 · Temporary plates.",
    },
    path: "/v1/temporary-plates",
    scope: Replacements,
    summary: "提交临时行驶车号牌申请 · File for a temporary plate",
    description: "临时行驶车号牌 (R164 Art 46–48). `case` says why the vehicle needs one, and with it which members are \
        needed: `unsold` to `connected_test` are of vehicles that are not registered (`origin`, `vehicle_type`, \
        `use_character` and the insurance are told), the others of registered ones (`plate_kind` and `plate_number` \
        are told; of `dealer_stock` and `plate_making_delay`, whose vehicles may bear none, they may be left out). \
        Each of these rests on its occasion, which the register knows: `plate_remaking` and `plate_making_delay` on an \
        application under way on which plates are made, beside which they are filed, by whoever is to have the plates; \
        `transfer_out` on a transfer by which the vehicle has left the city, and which brings a plate of its own; \
        `used_export` on an organisation that has bought the vehicle; `dealer_stock` on a filed dealer's holding. Where \
        the law sets no number, one follows the other and no two of a case hold at once.\n\n\
        The plate comes with completion, as `temporary_plate` of the application. It never holds beyond the compulsory \
        insurance, and ends three days after formal plates are handed out.",
    examples: {
        "standard": "购车后尚未注册登记 · A new car, bought and not yet registered",
        "transfer_out": "已转出本市 · A car that has moved to another city",
        "connected_test": "智能网联汽车道路测试 · A connected vehicle's road test",
    },

    /// Files for a temporary plate.
    pub struct SubmitTemporaryPlate;

    /// 临时行驶车号牌申请.
    pub struct TemporaryPlateRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 申领情形.
        pub case: TemporaryPlateCase,
        /// 机动车.
        pub vehicle: TemporaryPlateVehicle,
        /// 交强险: required for a vehicle that is not registered; for others where the one on record is not the
        /// newest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub compulsory_insurance: Option<CompulsoryInsurance>,
        /// 来历证明: required with `acquired_unregistered`, and only there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub origin_proof: Option<OriginProof>,
        /// 整车出厂合格证: required for a domestic vehicle with `unsold`, `acquired_unregistered` and
        /// `oversize_special`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub conformity_certificate: Option<ConformityCertificate>,
        /// 进口凭证: required for an imported vehicle with the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub import_proof: Option<ImportProof>,
        /// 道路测试、示范应用凭证: required with `connected_test`, and only there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub test_permit: Option<TestPermit>,
        /// 申请有效期止: the last day asked for, counted from the day of filing; the longest that the case and the
        /// insurance allow when left out.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::moment::deserialize_optional_date"
        )]
        pub valid_until: Option<Date>,
    }
}

/// 机动车: not registered, with what it is; or registered, with its plates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TemporaryPlateVehicle {
    /// 车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
    /// 国产/进口 (GA field `gcjk`): of a vehicle that is not registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<VehicleOrigin>,
    /// 车辆类型 (GA field `cllx`): of a vehicle that is not registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle_type: Option<VehicleType>,
    /// 使用性质 (GA field `syxz`): of a vehicle that is not registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_character: Option<UseCharacter>,
    /// 号牌种类 (GA field `hpzl`): of a registered vehicle; `41` or left out in a dealer's stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_kind: Option<PlateKind>,
    /// 号牌号码 (GA field `hphm`): of a registered vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_number: Option<PlateNumber>,
}

/// 道路测试、示范应用凭证, confirmed by the department in charge (R164 Art 48).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TestPermit {
    /// 凭证编号.
    pub number: ShortText,
    /// 凭证有效期止: its last day.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub valid_until: Date,
}
