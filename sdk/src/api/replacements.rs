use bon::Builder;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Access, Agent, FilingQuery, Json, NoParams, Operation, OperatorId, OutletId, PartnerReference,
    Party, ProblemCode, RegisteredVehicle, Repeat, Scope, ShortText, Submitted, Tag, applications,
    filing::{self, filing_request},
    operation::{Example, Link, sealed::Sealed},
};
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

/// Files a replacement of plates.
pub struct SubmitPlateReplacement;

impl Sealed for SubmitPlateReplacement {}

impl Operation for SubmitPlateReplacement {
    const ID: &'static str = "submit_plate_replacement";
    const SUMMARY: &'static str = "提交补换领号牌 · File a replacement of plates";
    const DESCRIPTION: &'static str = "补领、换领号牌 (R164 Art 51): the number stays, and what is left of the old plates is handed \
        in. The plates are made within 15 working days; a temporary plate drives the vehicle \
        meanwhile.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/plate-replacements";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Replacements);
    const PROBLEMS: &'static [ProblemCode] = filing::PROBLEMS;
    const LINKS: &'static [Link] = applications::LINKS;
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "号牌丢失 · Plates that were lost",
        json: include_str!("examples/plate_replacement.standard.json"),
    }];

    type Path = NoParams;
    type Query = FilingQuery;
    type Body = Json<PlateReplacementRequest>;
    type Output = Submitted;
}

/// 补换领号牌申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlateReplacementRequest {
    /// 经办人编号: an assessed operator of the outlet.
    pub operator_id: OperatorId,
    /// 合作单位业务编号: the partner's own name of this submission, unique for ever.
    pub partner_reference: PartnerReference,
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
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

filing_request!(PlateReplacementRequest, PlateReplacement, SubmitPlateReplacement, applicant: owner);

/// Files a replacement of the driving permit.
pub struct SubmitDrivingPermitReplacement;

impl Sealed for SubmitDrivingPermitReplacement {}

impl Operation for SubmitDrivingPermitReplacement {
    const ID: &'static str = "submit_driving_permit_replacement";
    const SUMMARY: &'static str = "提交补换领行驶证 · File a replacement of the driving permit";
    const DESCRIPTION: &'static str = "补领、换领行驶证 (R164 Art 52): the old one is void.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/driving-permit-replacements";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Replacements);
    const PROBLEMS: &'static [ProblemCode] = filing::PROBLEMS;
    const LINKS: &'static [Link] = applications::LINKS;
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "行驶证损毁 · A permit that is damaged",
        json: include_str!("examples/driving_permit_replacement.standard.json"),
    }];

    type Path = NoParams;
    type Query = FilingQuery;
    type Body = Json<DrivingPermitReplacementRequest>;
    type Output = Submitted;
}

/// 补换领行驶证申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DrivingPermitReplacementRequest {
    /// 经办人编号: an assessed operator of the outlet.
    pub operator_id: OperatorId,
    /// 合作单位业务编号: the partner's own name of this submission, unique for ever.
    pub partner_reference: PartnerReference,
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
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

filing_request!(DrivingPermitReplacementRequest, DrivingPermitReplacement, SubmitDrivingPermitReplacement, applicant: owner);

/// Files a replacement of the registration certificate.
pub struct SubmitRegistrationCertificateReplacement;

impl Sealed for SubmitRegistrationCertificateReplacement {}

impl Operation for SubmitRegistrationCertificateReplacement {
    const ID: &'static str = "submit_registration_certificate_replacement";
    const SUMMARY: &'static str =
        "提交补换领登记证书 · File a replacement of the registration certificate";
    const DESCRIPTION: &'static str = "补领、换领登记证书 (R164 Art 52): a new certificate under a new number; the old one is void. The \
        owner comes in person (R164 Art 86), and with the mortgagee while the vehicle is mortgaged \
        (R164 Art 32).";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/registration-certificate-replacements";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Replacements);
    const PROBLEMS: &'static [ProblemCode] = filing::PROBLEMS;
    const LINKS: &'static [Link] = applications::LINKS;
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "登记证书丢失，无抵押 · A certificate that was lost, no mortgage",
        json: include_str!("examples/registration_certificate_replacement.standard.json"),
    }];

    type Path = NoParams;
    type Query = FilingQuery;
    type Body = Json<RegistrationCertificateReplacementRequest>;
    type Output = Submitted;
}

/// 补换领登记证书申请; nobody acts for the owner (R164 Art 86).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RegistrationCertificateReplacementRequest {
    /// 经办人编号: an assessed operator of the outlet.
    pub operator_id: OperatorId,
    /// 合作单位业务编号: the partner's own name of this submission, unique for ever.
    pub partner_reference: PartnerReference,
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// 机动车所有人.
    pub owner: Party,
    /// 机动车.
    pub vehicle: RegisteredVehicle,
    /// 补换领原因 (GA field `sqyy`).
    pub cause: ReplacementCause,
    /// 抵押权人共同申请: required for a mortgaged vehicle (R164 Art 32).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mortgagee_agreement: Option<MortgageeAgreement>,
}

filing_request!(RegistrationCertificateReplacementRequest, RegistrationCertificateReplacement, SubmitRegistrationCertificateReplacement, applicant: owner);

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

/// Files a replacement of the inspection mark.
pub struct SubmitInspectionMarkReplacement;

impl Sealed for SubmitInspectionMarkReplacement {}

impl Operation for SubmitInspectionMarkReplacement {
    const ID: &'static str = "submit_inspection_mark_replacement";
    const SUMMARY: &'static str =
        "提交补换领检验合格标志 · File a replacement of the inspection mark";
    const DESCRIPTION: &'static str = "补领、换领检验合格标志 (R164 Art 57): the mark of the inspection that is in force, with the same last \
        day. The compulsory insurance must be in force too.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/inspection-mark-replacements";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Replacements);
    const PROBLEMS: &'static [ProblemCode] = filing::PROBLEMS;
    const LINKS: &'static [Link] = applications::LINKS;
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "标志丢失 · A mark that was lost",
        json: include_str!("examples/inspection_mark_replacement.standard.json"),
    }];

    type Path = NoParams;
    type Query = FilingQuery;
    type Body = Json<InspectionMarkReplacementRequest>;
    type Output = Submitted;
}

/// 补换领检验合格标志申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InspectionMarkReplacementRequest {
    /// 经办人编号: an assessed operator of the outlet.
    pub operator_id: OperatorId,
    /// 合作单位业务编号: the partner's own name of this submission, unique for ever.
    pub partner_reference: PartnerReference,
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
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

filing_request!(InspectionMarkReplacementRequest, InspectionMarkReplacement, SubmitInspectionMarkReplacement, applicant: owner);
