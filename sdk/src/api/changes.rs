use bon::Builder;
use http::Method;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Access, Agent, FilingQuery, Json, NoParams, Operation, OperatorId, OutletId, PartnerReference,
    Party, ProblemCode, RegisteredVehicle, Repeat, Scope, Submitted, Tag, applications,
    filing::{self, filing_request},
    operation::{Example, Link, sealed::Sealed},
};
use crate::identifiers::{
    Address, MobileNumber, PersonName, RegionCode, RegistrationCertificateNumber,
};

const TAG: Tag = Tag {
    name: "changes",
    description: "变更备案 · Filing what has changed.",
};

/// Files a change of the owner's contact details.
pub struct SubmitContactChange;

impl Sealed for SubmitContactChange {}

impl Operation for SubmitContactChange {
    const ID: &'static str = "submit_contact_change";
    const SUMMARY: &'static str = "提交联系方式变更备案 · File new contact details";
    const DESCRIPTION: &'static str = "联系方式变更备案 (R164 Art 23, 24(3)): the proof of identity is all that is asked for. \
        The owner's duty is to file within 30 days of the change; later is a warning, not a refusal.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/contact-changes";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Changes);
    const PROBLEMS: &'static [ProblemCode] = filing::PROBLEMS;
    const LINKS: &'static [Link] = applications::LINKS;
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "更换手机号码和邮寄地址 · A new telephone number and postal address",
        json: include_str!("examples/contact_change.standard.json"),
    }];

    type Path = NoParams;
    type Query = FilingQuery;
    type Body = Json<ContactChangeRequest>;
    type Output = Submitted;
}

/// 联系方式变更备案申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ContactChangeRequest {
    /// 经办人编号: an assessed operator of the outlet.
    pub operator_id: OperatorId,
    /// 合作单位业务编号: the partner's own name of this submission, unique for ever.
    pub partner_reference: PartnerReference,
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// 机动车所有人; messages of this application go to this mobile number.
    pub owner: Party,
    /// 代理人, when the owner does not come in person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// 机动车.
    pub vehicle: RegisteredVehicle,
    /// 变更后的联系方式.
    pub new_contact: ContactDetails,
    /// 变更日期: the owner files within 30 days of it (R164 Art 23); later is no refusal.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub changed_on: Date,
}

filing_request!(ContactChangeRequest, ContactChange, SubmitContactChange, applicant: owner);

/// 联系方式, as the authority is to have it from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ContactDetails {
    /// 手机号码 (GA field `sjhm`).
    pub mobile_number: MobileNumber,
    /// 邮寄地址, where it is to change too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_address: Option<PostalAddress>,
}

/// 邮寄地址: anywhere in the country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PostalAddress {
    /// 邮寄行政区划 (GA field `zzxzqh`): GB/T 2260.
    pub region_code: RegionCode,
    /// 邮寄详细地址 (GA field `zzxxdz`).
    pub detail: Address,
}

/// Files a change of the owner's name.
pub struct SubmitOwnerNameChange;

impl Sealed for SubmitOwnerNameChange {}

impl Operation for SubmitOwnerNameChange {
    const ID: &'static str = "submit_owner_name_change";
    const SUMMARY: &'static str = "提交姓名（名称）变更备案 · File an owner's new name";
    const DESCRIPTION: &'static str = "姓名、单位名称变更备案 (R164 Art 23, 24(1)): one owner under a new name, no other owner. \
        The certificate is signed over and a new driving permit issued; plates and certificate number \
        stay. The owner's duty is to file within 30 days of the change; later is a warning, not a \
        refusal.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/owner-name-changes";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Changes);
    const PROBLEMS: &'static [ProblemCode] = filing::PROBLEMS;
    const LINKS: &'static [Link] = applications::LINKS;
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "个人改名 · A person with a new name",
        json: include_str!("examples/owner_name_change.standard.json"),
    }];

    type Path = NoParams;
    type Query = FilingQuery;
    type Body = Json<OwnerNameChangeRequest>;
    type Output = Submitted;
}

/// 姓名（名称）变更备案申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OwnerNameChangeRequest {
    /// 经办人编号: an assessed operator of the outlet.
    pub operator_id: OperatorId,
    /// 合作单位业务编号: the partner's own name of this submission, unique for ever.
    pub partner_reference: PartnerReference,
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
    /// 机动车所有人, under the name on record.
    pub owner: Party,
    /// 代理人, when the owner does not come in person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// 机动车.
    pub vehicle: RegisteredVehicle,
    /// 机动车登记证书编号 (GA field `djzsbh`).
    pub registration_certificate_number: RegistrationCertificateNumber,
    /// 变更后的姓名/名称.
    pub new_name: PersonName,
    /// 变更日期: the owner files within 30 days of it (R164 Art 23); later is no refusal.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub changed_on: Date,
}

filing_request!(OwnerNameChangeRequest, OwnerNameChange, SubmitOwnerNameChange, applicant: owner);
