use bon::Builder;
use serde::{Deserialize, Serialize};

use super::{Agent, Party, RegisteredVehicle, Tag, filing::filing};
use crate::identifiers::RegistrationCertificateNumber;

filing! {
    service: PlateExchange = "plate_exchange",
    applicant: owner,
    tag: Tag {
        name: "plate_exchanges",
        description: "互换号牌 · Two vehicles of one owner exchange their numbers.",
    },
    path: "/v1/plate-exchanges",
    scope: Changes,
    summary: "提交互换号牌 · File an exchange of plate numbers",
    description: "互换号牌 (R164 Art 20): two vehicles of one owner, registered in this city, not operated, with plates of \
        one kind, exchange their numbers, once in a year. Violations and accidents of both are settled before. Both \
        records change in one step, so neither number is ever free; while it runs, nothing else is filed for either.",
    examples: {
        "standard": "同一所有人的两辆小型汽车 · Two cars of one owner",
    },

    /// Files an exchange of plate numbers.
    pub struct SubmitPlateExchange;

    /// 互换号牌申请.
    pub struct PlateExchangeRequest {
        /// 机动车所有人 of both.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车: one of the two.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 of the one (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 另一辆机动车.
        pub other: OtherVehicle,
    }
}

/// 另一辆机动车: the one with which numbers are exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OtherVehicle {
    /// 机动车.
    pub vehicle: RegisteredVehicle,
    /// 机动车登记证书编号 (GA field `djzsbh`).
    pub registration_certificate_number: RegistrationCertificateNumber,
}
