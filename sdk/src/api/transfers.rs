use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Agent, CompulsoryInsurance, Invoice, Party, PlateChoice, ShortText, Tag, filing::filing,
};
use crate::{
    codes::{AcquisitionMethod, PlateKind},
    identifiers::{PlateNumber, RegistrationCertificateNumber, SocialCreditCode, Vin},
    wire_enum::wire_enum,
};

filing! {
    service: Transfer = "transfer",
    applicant: buyer,
    tag: Tag {
        name: "transfers",
        description: "转让登记 · Transfer of a used vehicle.",
    },
    path: "/v1/transfers",
    scope: Transfers,
    summary: "提交转让登记 · File a transfer",
    description: "转让登记, formerly 转移登记 (R164 Art 25–30). A mortgaged vehicle is transferred \
        by seller, buyer and mortgagee together (R164 Art 26).\n\n\
        A used car may be traded where it is registered or where its buyer lives, in no third place \
        (R164 Art 27; 商办消费函〔2021〕165号). `transfer_kind` says which this city is.",
    examples: {
        "standard": "二手车交易，无抵押 · A sale at the market, no mortgage",
        "outbound": "卖给外地买方，车辆转出 · A sale to a buyer elsewhere; the car is transferred out",
        "inbound": "外地车卖给本市买方，车辆转入 · A car registered elsewhere, sold to a buyer here",
        "court": "法院判决，登记证书未交付 · By a court's judgment; the certificate was not handed over",
        "inheritance": "继承，凭公证书 · Inherited, by a notarial deed",
        "dealer_stock": "备案企业反向开票收购，单独签注待销售 · Bought by a filed dealer, which issues the invoice and holds the car for sale",
        "from_stock": "企业销售库存二手车 · A dealer sells a car out of its stock",
        "spouse": "夫妻间转让，保留号码 · Between spouses; the number stays with the car",
    },

    /// Files a transfer.
    pub struct SubmitTransfer;

    /// 转让登记申请.
    pub struct TransferRequest {
        /// 原机动车所有人.
        pub seller: Party,
        /// 现机动车所有人.
        pub buyer: Party,
        /// 代理人, when the buyer does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 机动车登记证书编号 (GA field `djzsbh`): may be left out only where a court has ordered the
        /// transfer and named that the certificate was not handed over (R164 Art 30); a new one is
        /// issued then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub registration_certificate_number: Option<RegistrationCertificateNumber>,
        /// 转让证明.
        pub transfer_proof: TransferProof,
        /// 交强险: needed when the inspection is overdue (R164 Art 25).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub compulsory_insurance: Option<CompulsoryInsurance>,
        /// 抵押权人同意: required for a mortgaged vehicle (R164 Art 26).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mortgagee_consent: Option<MortgageeConsent>,
        /// 取号方式 for the buyer's new number; at random when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub plate_choice: Option<PlateChoice>,
        /// 转让地域; `local` when left out. It is compared with the record and the buyer's address, so
        /// that nothing is filed as what it is not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub transfer_kind: Option<TransferKind>,
        /// 单独签注: a filed dealer (备案二手车经营主体) buys the car from a natural person and holds it for
        /// sale (商消费发〔2022〕92号). It gets no plates, 二手车待销售 stands in its papers, and it drives
        /// on temporary plates, three at most.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[builder(default)]
        pub into_stock: bool,
        /// 夫妻间转让: husband and wife, married for a year or longer, keep the number on the car
        /// (R164 Art 45).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub spouse: Option<SpouseProof>,
    }
}

wire_enum! {
    /// 转让地域: what this city is to a transfer, by where the vehicle is registered and where its
    /// buyer lives (R164 Art 27).
    pub enum TransferKind {
        Local = "local", "本市车辆转让给本市买方";
        Outbound = "outbound", "本市车辆转让给外地买方（转出）";
        Inbound = "inbound", "外地车辆转让给本市买方（转入）";
    }
}

impl TransferRequest {
    /// 转让地域, also where it was left out.
    #[must_use]
    pub fn kind(&self) -> TransferKind {
        self.transfer_kind.unwrap_or(TransferKind::Local)
    }
}

/// 在用车: names a registered vehicle, with its plates, or in a dealer's stock without. In a bundle every
/// part names it as it is on record when the bundle is filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RegisteredVehicle {
    /// 车辆识别代号 (GA field `clsbdh`).
    pub vin: Vin,
    /// 号牌种类 (GA field `hpzl`); `41` in a dealer's stock.
    pub plate_kind: PlateKind,
    /// 号牌号码 (GA field `hphm`): required with every kind but `41`, with which it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_number: Option<PlateNumber>,
}

/// 结婚证: of a seller and a buyer who are husband and wife.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpouseProof {
    /// 结婚证字号.
    pub marriage_certificate_number: ShortText,
    /// 登记日期 of the marriage.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub married_on: Date,
}

/// 转让证明: one paper, the one that goes with how the vehicle was acquired (R164 Art 25). A purchase is
/// proved by its invoice; what a court or an arbitrator decides (mediation, ruling, judgment, award) by
/// that decision; everything else by the deed or approval that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TransferProof {
    /// 获得方式 (GA field `hdfs`).
    pub acquisition: AcquisitionMethod,
    /// 二手车销售统一发票, of a purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Invoice>,
    /// 反向开票: a filed dealer that buys from a natural person has issued the invoice itself
    /// (商消费发〔2022〕92号).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[builder(default)]
    pub reverse_invoice: bool,
    /// 法院或者仲裁机构的法律文书.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub court_document: Option<CourtDocument>,
    /// 公证书、协议或者批准文件, of inheritance, gift, divorce and whatever else is neither sale nor
    /// decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deed: Option<Deed>,
    /// 交付日期: the buyer applies within 30 days of it (R164 Art 25); later is a fine, not a refusal.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub delivered_on: Date,
}

/// 法律文书: a court's or an arbitrator's decision by which the vehicle changes hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CourtDocument {
    /// 作出机关: the court or the arbitrator.
    pub issuer: ShortText,
    /// 文书编号（案号）.
    pub number: ShortText,
    /// 生效日期.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub effective_on: Date,
    /// 协助执行通知书编号: names that certificate, plates or driving permit were not handed over
    /// (R164 Art 30).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement_notice_number: Option<ShortText>,
}

/// 公证书、协议或者批准文件.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Deed {
    /// 出具单位, such as a notary's office.
    pub issuer: ShortText,
    /// 文书编号.
    pub number: ShortText,
    /// 出具日期.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub issued_on: Date,
}

/// 抵押权人同意转让并重新登记抵押 (R164 Art 26).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MortgageeConsent {
    /// 抵押权人名称.
    pub mortgagee_name: ShortText,
    /// 抵押权人统一社会信用代码 (GA field `dyqrsfzmhm`).
    pub mortgagee_credit_code: SocialCreditCode,
    /// 新抵押合同编号 (GA field `dyhth`): the mortgage registered at once for the buyer.
    pub contract_number: ShortText,
    /// 签署日期.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub signed_on: Date,
}
