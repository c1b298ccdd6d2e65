use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Agent, CourtDocument, Fen, Party, RegisteredVehicle, ShortText, Tag, filing::filing};
use crate::{
    codes::LenderKind,
    identifiers::{RegistrationCertificateNumber, SocialCreditCode},
    moment::Moment,
};

const TAG: Tag = Tag {
    name: "mortgages",
    description: "抵押和质押 · Mortgages and pledges of vehicles, and their release.",
};

filing! {
    service: Mortgage = "mortgage",
    applicant: owner,
    tag: TAG,
    path: "/v1/mortgages",
    scope: Mortgages,
    summary: "提交抵押登记 · File a mortgage",
    description: "抵押登记 (R164 Art 31–32, 35–36). Owner and mortgagee apply together; both sign electronically. Violations \
        not settled do not stand in the way. The day of registration is entered on the certificate and open to \
        the public.",
    examples: {
        "standard": "购车贷款抵押 · A car loan's mortgage",
    },

    /// Files a mortgage.
    pub struct SubmitMortgage;

    /// 抵押登记申请.
    pub struct MortgageRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 抵押权人.
        pub mortgagee: Lender,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 主合同和抵押合同.
        pub contract: SecuredContract,
        /// 在先抵押权人同意: required for a vehicle that is already mortgaged or pledged to somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub earlier_lender_consent: Option<EarlierLenderConsent>,
        /// 双方电子签名: both parties apply (R164 Art 31, 33, 34).
        pub signatures: Signatures,
        /// 贷款业务编号: what the lender itself calls the loan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lender_reference: Option<ShortText>,
    }
}

filing! {
    service: MortgageRelease = "mortgage_release",
    applicant: owner,
    tag: TAG,
    path: "/v1/mortgage-releases",
    scope: Mortgages,
    summary: "提交解除抵押登记 · File the release of a mortgage",
    description: "解除抵押登记 (R164 Art 33, 36). Owner and mortgagee apply together; both sign electronically. A court's or \
        arbitrator's document takes the place of one of them.",
    examples: {
        "standard": "贷款结清解除抵押 · The loan is paid off",
    },

    /// Files the release of a mortgage.
    pub struct SubmitMortgageRelease;

    /// 解除抵押登记申请.
    pub struct MortgageReleaseRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 抵押权人 on record.
        pub mortgagee: Lender,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 抵押合同编号 on record (GA field `dyhth`).
        pub contract_number: ShortText,
        /// 双方电子签名: both parties apply (R164 Art 31, 33, 34).
        pub signatures: Signatures,
        /// 法律文书: of a court or an arbitrator, in the place of one party's signature (R164 Art 33).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub court_document: Option<CourtDocument>,
        /// 贷款业务编号: what the lender itself calls the loan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lender_reference: Option<ShortText>,
    }
}

filing! {
    service: Pledge = "pledge",
    applicant: owner,
    tag: TAG,
    path: "/v1/pledges",
    scope: Mortgages,
    summary: "提交质押备案 · File a pledge",
    description: "质押备案 (R164 Art 34–36). Owner and pledgee apply together; both sign electronically.",
    examples: {
        "standard": "质押借款 · A loan against a pledge",
    },

    /// Files a pledge.
    pub struct SubmitPledge;

    /// 质押备案申请.
    pub struct PledgeRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 质权人.
        pub pledgee: Lender,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 主合同和质押合同.
        pub contract: SecuredContract,
        /// 在先抵押权人同意: required for a vehicle that is already mortgaged or pledged to somebody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub earlier_lender_consent: Option<EarlierLenderConsent>,
        /// 双方电子签名: both parties apply (R164 Art 31, 33, 34).
        pub signatures: Signatures,
        /// 贷款业务编号: what the lender itself calls the loan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lender_reference: Option<ShortText>,
    }
}

filing! {
    service: PledgeRelease = "pledge_release",
    applicant: owner,
    tag: TAG,
    path: "/v1/pledge-releases",
    scope: Mortgages,
    summary: "提交解除质押备案 · File the release of a pledge",
    description: "解除质押备案 (R164 Art 34, 36). Owner and pledgee apply together; both sign electronically. A court's or \
        arbitrator's document takes the place of one of them.",
    examples: {
        "standard": "还款后解除质押 · The loan is paid back",
    },

    /// Files the release of a pledge.
    pub struct SubmitPledgeRelease;

    /// 解除质押备案申请.
    pub struct PledgeReleaseRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 质权人 on record.
        pub pledgee: Lender,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`).
        pub registration_certificate_number: RegistrationCertificateNumber,
        /// 质押合同编号 on record.
        pub contract_number: ShortText,
        /// 双方电子签名: both parties apply (R164 Art 31, 33, 34).
        pub signatures: Signatures,
        /// 法律文书: of a court or an arbitrator, in the place of one party's signature (R164 Art 33).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub court_document: Option<CourtDocument>,
        /// 贷款业务编号: what the lender itself calls the loan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lender_reference: Option<ShortText>,
    }
}

/// 抵押权人、质权人: who lends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Lender {
    /// 抵押权人类型 (GA field `dyqrlx`).
    pub kind: LenderKind,
    /// 抵押权人名称.
    pub name: ShortText,
    /// 抵押权人统一社会信用代码 (GA field `dyqrsfzmhm`).
    pub credit_code: SocialCreditCode,
}

/// 主合同和抵押（质押）合同.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SecuredContract {
    /// 主合同编号 (GA field `zhth`): of the loan.
    pub main_contract_number: ShortText,
    /// 抵押（质押）合同编号 (GA field `dyhth`).
    pub contract_number: ShortText,
    /// 抵押（质押）金额 in fen (GA field `dyje`); not zero.
    pub amount_fen: Fen,
    /// 签订日期.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub signed_on: Date,
}

/// 在先抵押权人同意.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EarlierLenderConsent {
    /// 在先抵押权人统一社会信用代码.
    pub credit_code: SocialCreditCode,
    /// 签署日期.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub signed_on: Date,
}

/// 双方电子签名: two, given by two, not before the contract was signed. One that is missing is told like
/// every other fault of the submission.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Signatures {
    /// 机动车所有人签名.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<ElectronicSignature>,
    /// 抵押权人（质权人）签名.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lender: Option<ElectronicSignature>,
}

/// 电子签名 (R164 Art 9): the signing service's name of it, and when it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ElectronicSignature {
    /// 签名编号: opaque; what the signing service calls it.
    pub signature_id: ShortText,
    /// 签名时间.
    pub signed_at: Moment,
}
