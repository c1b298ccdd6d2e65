use super::{Agent, Party, RegisteredVehicle, Tag, filing::filing};
use crate::{identifiers::RegistrationCertificateNumber, wire_enum::wire_enum};

wire_enum! {
    /// 注销原因 (GA/T 16.14; `zxyy`).
    pub enum DeregistrationCause {
        Scrapped = "scrapped", "报废";
        Lost = "lost", "灭失";
        TakenAbroad = "taken_abroad", "出境";
        ReturnedToMaker = "returned_to_maker", "退车";
    }
}

filing! {
    service: Deregistration = "deregistration",
    applicant: owner,
    tag: Tag {
        name: "deregistrations",
        description: "注销登记 · The end of a registration.",
    },
    path: "/v1/deregistrations",
    scope: Changes,
    summary: "提交注销登记 · File a deregistration",
    description: "注销登记 (R164 Art 37–42), for one of four causes, each with its own proof. A mortgaged or \
        pledged vehicle is not deregistered (R164 Art 42). Violations and accidents must be settled \
        before a vehicle goes abroad or back to its maker (R164 Art 37). Whose vehicle is lost comes \
        in person (R164 Art 86).",
    examples: {
        "standard": "报废车经回收企业注销 · Scrapped by a recycler",
    },

    /// Files a deregistration.
    pub struct SubmitDeregistration;

    /// 注销登记申请.
    pub struct DeregistrationRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person; not for a vehicle that is lost (R164 Art 86).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 注销原因 (GA field `zxyy`).
        pub cause: DeregistrationCause,
    }
}
