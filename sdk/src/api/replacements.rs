use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Agent, Party, RegisteredVehicle, ShortText, Tag, filing::filing};
use crate::{identifiers::SocialCreditCode, wire_enum::wire_enum};

const TAG: Tag = Tag {
    name: "replacements",
    description: "牌证补换领 · Plates and papers issued again, on the proof of identity alone.",
};

wire_enum! {
    /// 补换领原因 (GA/T 16.15; `sqyy`).
    pub enum ReplacementCause {
        Lost = "lost", "丢失";
        Destroyed = "destroyed", "灭失";
        Damaged = "damaged", "损毁";
    }
}

filing! {
    service: PlateReplacement = "plate_replacement",
    applicant: owner,
    tag: TAG,
    path: "/v1/plate-replacements",
    scope: Replacements,
    summary: "提交补换领号牌 · File a replacement of plates",
    description: "补领、换领号牌 (R164 Art 51): the number stays, and what is left of the old plates is handed \
        in. The plates are made within 15 working days; a temporary plate drives the vehicle \
        meanwhile.",
    examples: {
        "standard": "号牌丢失 · Plates that were lost",
    },

    /// Files a replacement of plates.
    pub struct SubmitPlateReplacement;

    /// 补换领号牌申请.
    pub struct PlateReplacementRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 补换领原因 (GA field `sqyy`).
        pub cause: ReplacementCause,
    }
}

filing! {
    service: DrivingPermitReplacement = "driving_permit_replacement",
    applicant: owner,
    tag: TAG,
    path: "/v1/driving-permit-replacements",
    scope: Replacements,
    summary: "提交补换领行驶证 · File a replacement of the driving permit",
    description: "补领、换领行驶证 (R164 Art 52): the old one is void.",
    examples: {
        "standard": "行驶证损毁 · A permit that is damaged",
    },

    /// Files a replacement of the driving permit.
    pub struct SubmitDrivingPermitReplacement;

    /// 补换领行驶证申请.
    pub struct DrivingPermitReplacementRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 补换领原因 (GA field `sqyy`).
        pub cause: ReplacementCause,
    }
}

filing! {
    service: RegistrationCertificateReplacement = "registration_certificate_replacement",
    applicant: owner,
    tag: TAG,
    path: "/v1/registration-certificate-replacements",
    scope: Replacements,
    summary: "提交补换领登记证书 · File a replacement of the registration certificate",
    description: "补领、换领登记证书 (R164 Art 52): a new certificate under a new number; the old one is void. The \
        owner of one that is lost or destroyed comes in person (R164 Art 86); while the vehicle is mortgaged, \
        the mortgagee applies too (R164 Art 32).",
    examples: {
        "standard": "登记证书丢失，无抵押 · A certificate that was lost, no mortgage",
    },

    /// Files a replacement of the registration certificate.
    pub struct SubmitRegistrationCertificateReplacement;

    /// 补换领登记证书申请.
    pub struct RegistrationCertificateReplacementRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner of a damaged certificate does not come in person; nobody acts for one who
        /// has lost it (R164 Art 86).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 补换领原因 (GA field `sqyy`).
        pub cause: ReplacementCause,
        /// 抵押权人共同申请: required for a mortgaged vehicle (R164 Art 32).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mortgagee_agreement: Option<MortgageeAgreement>,
    }
}

/// 抵押权人共同申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MortgageeAgreement {
    /// 抵押权人名称.
    pub mortgagee_name: ShortText,
    /// 抵押权人统一社会信用代码 (GA field `dyqrsfzmhm`).
    pub mortgagee_credit_code: SocialCreditCode,
    /// 签署日期.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub signed_on: Date,
}

filing! {
    service: InspectionMarkReplacement = "inspection_mark_replacement",
    applicant: owner,
    tag: TAG,
    path: "/v1/inspection-mark-replacements",
    scope: Replacements,
    summary: "提交补换领检验合格标志 · File a replacement of the inspection mark",
    description: "补领、换领检验合格标志 (R164 Art 57): the mark of the inspection that is in force, with the same last \
        day. The compulsory insurance must be in force too.",
    examples: {
        "standard": "标志丢失 · A mark that was lost",
    },

    /// Files a replacement of the inspection mark.
    pub struct SubmitInspectionMarkReplacement;

    /// 补换领检验合格标志申请.
    pub struct InspectionMarkReplacementRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 补换领原因 (GA field `sqyy`).
        pub cause: ReplacementCause,
    }
}
