use jiff::civil::Date;

use super::{
    Agent, CompulsoryInsurance, MortgageeAgreement, Party, PlateChoice, RegisteredVehicle, Tag,
    filing::filing,
};
use crate::identifiers::RegistrationCertificateNumber;

filing! {
    service: MoveIn = "move_in",
    applicant: owner,
    tag: Tag {
        name: "moves",
        description: "迁入 · A vehicle follows its owner into the city.",
    },
    path: "/v1/move-ins",
    scope: Changes,
    summary: "提交迁入登记 · File a move into the city",
    description: "变更登记，机动车迁入 (R164 Art 18): the owner of a small passenger car who has moved here applies \
        here at once, with no errand to where it was registered. Violations and accidents are settled first. \
        The owner applies within 30 days of the move; later is a warning, not a refusal.",
    examples: {
        "standard": "车主住所迁入本市 · The owner of a car registered elsewhere has moved here",
    },

    /// Files a move into the city.
    pub struct SubmitMoveIn;

    /// 迁入登记申请.
    pub struct MoveInRequest {
        /// 机动车所有人, with the address here.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车, with the plate of where it is registered.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 住所迁入日期: the owner applies within 30 days of it (R164 Art 18); later is no refusal.
        #[serde(deserialize_with = "crate::moment::deserialize_date")]
        pub moved_on: Date,
        /// 交强险: needed when the inspection is overdue (R164 Art 18).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub compulsory_insurance: Option<CompulsoryInsurance>,
        /// 抵押权人共同申请: required for a mortgaged vehicle (R164 Art 32).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mortgagee_agreement: Option<MortgageeAgreement>,
        /// 取号方式 for the new number; at random when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub plate_choice: Option<PlateChoice>,
    }
}
