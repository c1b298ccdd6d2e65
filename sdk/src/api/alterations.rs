use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Agent, MortgageeAgreement, Party, PlateChoice, RegisteredVehicle, Tag, filing::filing,
};
use crate::{
    codes::BodyColor,
    identifiers::{EngineNumber, RegistrationCertificateNumber},
    wire_enum::wire_enum,
};

const TAG: Tag = Tag {
    name: "alterations",
    description: "变更登记 · What of a vehicle or of its owners is registered anew.",
};

filing! {
    service: Alteration = "alteration",
    applicant: owner,
    tag: TAG,
    path: "/v1/alterations",
    scope: Changes,
    summary: "提交变更登记 · File an alteration of a vehicle",
    description: "变更登记 of colour, engine, body or frame (R164 Art 16–17, 21): one of them or several at once. The \
        vehicle is shown; the certificate is signed over and a new driving permit issued, plates and \
        certificate number stay. Brand, model and type of engine cannot be altered (R164 Art 21): there is \
        no member for them. The owner's duty is to apply within ten working days of the change; later is a \
        warning, not a refusal.",
    examples: {
        "standard": "改变车身颜色 · Another colour",
    },

    /// Files an alteration.
    pub struct SubmitAlteration;

    /// 变更登记申请.
    pub struct AlterationRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 变更事项.
        pub altered: Altered,
        /// 变更日期: the owner applies within ten working days of it (R164 Art 16); later is no refusal.
        #[serde(deserialize_with = "crate::moment::deserialize_date")]
        pub changed_on: Date,
    }
}

/// 变更事项: at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Altered {
    /// 变更后的车身颜色 (GA field `csys`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<BodyColor>,
    /// 更换后的发动机号 (GA field `fdjh`): of an engine of the same type. The vehicle must have passed a
    /// safety inspection (R164 Art 17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_number: Option<EngineNumber>,
    /// 更换车身、车架. The vehicle must have passed a safety inspection (R164 Art 17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_structure: Option<VehicleStructure>,
}

wire_enum! {
    /// 车身、车架: what carries a vehicle.
    pub enum VehicleStructure {
        Body = "body", "车身";
        Frame = "frame", "车架";
    }
}

filing! {
    service: CoOwnerChange = "co_owner_change",
    applicant: co_owner,
    tag: TAG,
    path: "/v1/co-owner-changes",
    scope: Changes,
    summary: "提交共同所有人变更登记 · File a change to a co-owner",
    description: "共同所有人变更 (R164 Art 19, 32, 86): a vehicle that several own is registered for another of them. \
        Both apply and come in person; no agent may act for either. Of a mortgaged vehicle the mortgagee applies \
        with them. It is no sale: the vehicle gets a new number, and keeps the old one between spouses who have \
        been married for a year, where they wish so.",
    examples: {
        "standard": "夫妻间变更，保留原号码 · Between spouses, with the old number",
    },

    /// Files a change of the registered owner to a co-owner.
    pub struct SubmitCoOwnerChange;

    /// 共同所有人变更登记申请; nobody acts for either of them (R164 Art 86).
    pub struct CoOwnerChangeRequest {
        /// 变更前的机动车所有人: the one on record.
        pub owner: Party,
        /// 变更后的机动车所有人: the co-owner for whom it is registered from now on.
        pub co_owner: Party,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 共同所有证明.
        pub co_ownership_proof: CoOwnershipProof,
        /// 抵押权人共同申请: required for a mortgaged vehicle (R164 Art 32).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mortgagee_agreement: Option<MortgageeAgreement>,
        /// 保留原号码: for spouses who have been married for a year (R164 Art 43–45).
        pub keep_plate_number: bool,
        /// 取号方式 for a new number; at random when left out, and left out where the old one is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub plate_choice: Option<PlateChoice>,
    }
}

/// 共同所有证明.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CoOwnershipProof {
    /// 证明种类.
    pub kind: CoOwnershipProofKind,
    /// 结婚登记日期、公证日期: of the marriage, or of the notarial deed.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub issued_on: Date,
}

wire_enum! {
    /// 共同所有证明种类 (R164 Art 19).
    pub enum CoOwnershipProofKind {
        Marriage = "marriage", "结婚证或者证明夫妻关系的居民户口簿";
        Notarised = "notarised", "共同所有的公证证明";
    }
}
