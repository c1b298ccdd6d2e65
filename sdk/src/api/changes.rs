use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Agent, Party, PartyAddress, RegisteredVehicle, Tag, filing::filing};
use crate::{
    codes::BodyColor,
    identifiers::{
        Address, EngineNumber, IdentityNumber, MobileNumber, PersonName, RegionCode,
        RegistrationCertificateNumber,
    },
};

const TAG: Tag = Tag {
    name: "changes",
    description: "变更备案 · Filing what has changed.",
};

filing! {
    service: ContactChange = "contact_change",
    applicant: owner,
    tag: TAG,
    path: "/v1/contact-changes",
    scope: Changes,
    summary: "提交联系方式变更备案 · File new contact details",
    description: "联系方式变更备案 (R164 Art 23, 24(3)): the proof of identity is all that is asked for. \
        The owner's duty is to file within 30 days of the change; later is a warning, not a refusal.",
    examples: {
        "standard": "更换手机号码和邮寄地址 · A new telephone number and postal address",
    },

    /// Files a change of the owner's contact details.
    pub struct SubmitContactChange;

    /// 联系方式变更备案申请.
    pub struct ContactChangeRequest {
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
}

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

filing! {
    service: OwnerNameChange = "owner_name_change",
    applicant: owner,
    tag: TAG,
    path: "/v1/owner-name-changes",
    scope: Changes,
    summary: "提交姓名（名称）变更备案 · File an owner's new name",
    description: "姓名、单位名称变更备案 (R164 Art 23, 24(1)): one owner under a new name, no other owner. \
        The certificate is signed over and a new driving permit issued; plates and certificate number \
        stay. The owner's duty is to file within 30 days of the change; later is a warning, not a \
        refusal.",
    examples: {
        "standard": "个人改名 · A person with a new name",
    },

    /// Files a change of the owner's name.
    pub struct SubmitOwnerNameChange;

    /// 姓名（名称）变更备案申请.
    pub struct OwnerNameChangeRequest {
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
}

filing! {
    service: AddressChange = "address_change",
    applicant: owner,
    tag: TAG,
    path: "/v1/address-changes",
    scope: Changes,
    summary: "提交住所变更备案 · File an owner's new address",
    description: "住所在辖区内迁移备案 (R164 Art 23–24): the owner has moved within the city. Of the new address the \
        identity card, or the residence permit of an owner whose card names another place (R164 Art 89), \
        lies in the city; whoever moves away moves his vehicle too (R164 Art 18), which is another service. \
        The owner's duty is to file within 30 days of the change; later is a warning, not a refusal.",
    examples: {
        "standard": "市内搬家 · A move within the city",
    },

    /// Files a change of the owner's address within the city.
    pub struct SubmitAddressChange;

    /// 住所变更备案申请.
    pub struct AddressChangeRequest {
        /// 机动车所有人, with the address before the change.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 变更后的住所.
        pub new_address: PartyAddress,
        /// 变更日期: the owner files within 30 days of it (R164 Art 23); later is no refusal.
        #[serde(deserialize_with = "crate::moment::deserialize_date")]
        pub changed_on: Date,
    }
}

filing! {
    service: IdentityChange = "identity_change",
    applicant: owner,
    tag: TAG,
    path: "/v1/identity-changes",
    scope: Changes,
    summary: "提交身份证明号码变更备案 · File an owner's new identity number",
    description: "身份证明名称、号码变更备案 (R164 Art 23–24): one owner with another number, no other owner. A person's \
        is followed by a person's, an organisation's by an organisation's. The certificate is signed over; plates \
        and certificate number stay. The owner's duty is to file within 30 days of the change; later is a \
        warning, not a refusal.",
    examples: {
        "standard": "身份证号码更正后变更 · A person with another number",
    },

    /// Files a change of the owner's identity number.
    pub struct SubmitIdentityChange;

    /// 身份证明号码变更备案申请.
    pub struct IdentityChangeRequest {
        /// 机动车所有人, with the number on record.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 变更后的身份证明号码 (GA field `sfzmhm`).
        pub new_identity_number: IdentityNumber,
        /// 变更日期: the owner files within 30 days of it (R164 Art 23); later is no refusal.
        #[serde(deserialize_with = "crate::moment::deserialize_date")]
        pub changed_on: Date,
    }
}

filing! {
    service: Correction = "correction",
    applicant: owner,
    tag: TAG,
    path: "/v1/corrections",
    scope: Changes,
    summary: "提交登记错误更正 · File the correction of an error in the register",
    description: "登记错误更正 (R164 Art 53): what the authority has entered wrongly is put right within five working \
        days of acceptance. The owner is named as he stands on record, the error included.",
    examples: {
        "standard": "姓名录入有误 · A name entered wrongly",
    },

    /// Files the correction of an error in the register.
    pub struct SubmitCorrection;

    /// 登记错误更正申请.
    pub struct CorrectionRequest {
        /// 机动车所有人, as on record.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 更正后的内容.
        pub corrected: Corrected,
    }
}

/// 更正后的内容: at least one entry, as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Corrected {
    /// 姓名/名称 (GA field `syr`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_name: Option<PersonName>,
    /// 初次登记日期 (GA field `ccdjrq`). The inspection dates that were issued stay.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::moment::deserialize_optional_date"
    )]
    pub first_registered_on: Option<Date>,
    /// 发动机号 (GA field `fdjh`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_number: Option<EngineNumber>,
    /// 车身颜色 (GA field `csys`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<BodyColor>,
}
