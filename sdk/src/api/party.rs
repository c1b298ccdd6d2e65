use bon::Builder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    identifiers::{Address, IdentityNumber, MobileNumber, PersonName, RegionCode},
    wire_enum::wire_enum,
};

wire_enum! {
    /// 当事人类型.
    pub enum PartyKind {
        NaturalPerson = "natural_person", "个人（居民身份证）";
        Organisation = "organisation", "单位（统一社会信用代码）";
    }
}

/// 机动车所有人 (or seller, buyer): a natural person or an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Party {
    /// 当事人类型.
    pub kind: PartyKind,
    /// 姓名/名称 (GA field `syr`).
    pub name: PersonName,
    /// 身份证明号码 (GA field `sfzmhm`): of a resident identity card or a unified social credit code.
    pub identity_number: IdentityNumber,
    /// 手机号码 (GA field `sjhm`).
    pub mobile_number: MobileNumber,
    /// 住所.
    pub address: PartyAddress,
}

/// 住所: of the identity document, with the residence permit's where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PartyAddress {
    /// 住所行政区划 (GA field `zsxzqh`): GB/T 2260.
    pub region_code: RegionCode,
    /// 住所详细地址 (GA field `zsxxdz`).
    pub detail: Address,
    /// 居住证行政区划: region of a residence permit, for those whose card names another place
    /// (R164 Art 89).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residence_permit_region_code: Option<RegionCode>,
}

impl PartyAddress {
    /// Where it is: the card's region, and the residence permit's.
    pub fn regions(&self) -> impl Iterator<Item = RegionCode> + use<> {
        [Some(self.region_code), self.residence_permit_region_code]
            .into_iter()
            .flatten()
    }
}

/// 代理人, with a power of attorney (R164 Art 86).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Agent {
    /// 代理人姓名.
    pub name: PersonName,
    /// 代理人身份证明号码.
    pub identity_number: IdentityNumber,
    /// 代理人手机号码 (GA field `sjhm`).
    pub mobile_number: MobileNumber,
    /// 授权委托书有效期止: last day of the power of attorney.
    #[serde(deserialize_with = "crate::moment::deserialize_date")]
    pub power_of_attorney_until: Date,
}
