//! Proofs that a submission names: invoice, certificates, insurance, taxes.

use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Fen, ShortText};
use crate::{
    identifiers::{
        ConformityCertificateNumber, ImportCertificateNumber, InvoiceCode, InvoiceNumber,
        PolicyNumber, Vin,
    },
    wire_enum::wire_enum,
};

/// 统一发票: on paper a code of 12 digits and a number of 8; fully digital one number of 20.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Invoice {
    /// 发票代码 (GA field `fpdm`): paper invoices only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<InvoiceCode>,
    /// 发票号码 (GA field `fphm`).
    pub number: InvoiceNumber,
    /// 开票日期 (GA field `kprq`).
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub issued_on: Date,
    /// 价税合计 in fen (GA field `xsjg`).
    pub price_fen: Fen,
    /// 销售单位 (GA field `xsdw`).
    pub issuer: ShortText,
    /// 发票所载车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
}

/// 整车出厂合格证: of a domestic vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConformityCertificate {
    /// 合格证编号 (GA field `hgzbh`).
    pub number: ConformityCertificateNumber,
    /// 合格证所载车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
    /// 发证日期.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub issued_on: Date,
}

/// 进口凭证: of an imported vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ImportProof {
    /// 进口凭证编号 (GA field `jkpzhm`).
    pub number: ImportCertificateNumber,
    /// 凭证所载车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
    /// 进口日期.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub imported_on: Date,
}

/// 机动车交通事故责任强制保险 (交强险).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CompulsoryInsurance {
    /// 保险公司.
    pub insurer: ShortText,
    /// 保险单号.
    pub policy_number: PolicyNumber,
    /// 保单所载车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
    /// 保险期间起: first day.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub valid_from: Date,
    /// 保险期间止 (GA field `bxzzrq`): last day, at most a year after the first (JQX Art 20).
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub valid_until: Date,
}

wire_enum! {
    /// 纳税情况.
    pub enum TaxState {
        Paid = "paid", "已纳税";
        Exempt = "exempt", "免税";
    }
}

/// 车辆购置税 or 车船税.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TaxDeclaration {
    /// 纳税情况 (GA field `nszm`).
    pub state: TaxState,
    /// 纳税证明编号 (GA field `nszmbh`), where the taxpayer has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_number: Option<ShortText>,
}
