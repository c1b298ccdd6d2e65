use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, Agent, FilingQuery, Json, NoParams, Operation, OperatorId, OutletId, PartnerReference,
    Party, ProblemCode, RegisteredVehicle, Repeat, Scope, Submitted, Tag, applications,
    filing::{self, filing_request},
    operation::{Example, Link, sealed::Sealed},
};
use crate::{identifiers::RegistrationCertificateNumber, wire_enum::wire_enum};

/// Files a deregistration.
pub struct SubmitDeregistration;

impl Sealed for SubmitDeregistration {}

impl Operation for SubmitDeregistration {
    const ID: &'static str = "submit_deregistration";
    const SUMMARY: &'static str = "提交注销登记 · File a deregistration";
    const DESCRIPTION: &'static str = "注销登记 (R164 Art 37–42), for one of four causes, each with its own proof. A mortgaged or \
        pledged vehicle is not deregistered (R164 Art 42). Violations and accidents must be settled \
        before a vehicle goes abroad or back to its maker (R164 Art 37). Whose vehicle is lost comes \
        in person (R164 Art 86).";
    const TAG: Tag = Tag {
        name: "deregistrations",
        description: "注销登记 · The end of a registration.",
    };
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/deregistrations";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Changes);
    const PROBLEMS: &'static [ProblemCode] = filing::PROBLEMS;
    const LINKS: &'static [Link] = applications::LINKS;
    const EXAMPLES: &'static [Example] = &[Example {
        name: "standard",
        summary: "报废车经回收企业注销 · Scrapped by a recycler",
        json: include_str!("examples/deregistration.standard.json"),
    }];

    type Path = NoParams;
    type Query = FilingQuery;
    type Body = Json<DeregistrationRequest>;
    type Output = Submitted;
}

wire_enum! {
    /// 注销原因 (GA/T 16.14; `zxyy`).
    pub enum DeregistrationCause {
        Scrapped = "scrapped", "报废";
        Lost = "lost", "灭失";
        TakenAbroad = "taken_abroad", "出境";
        ReturnedToMaker = "returned_to_maker", "退车";
    }
}

/// 注销登记申请.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DeregistrationRequest {
    /// 经办人编号: an assessed operator of the outlet.
    pub operator_id: OperatorId,
    /// 合作单位业务编号: the partner's own name of this submission, unique for ever.
    pub partner_reference: PartnerReference,
    /// 网点编号; may be left out by a partner with one outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_id: Option<OutletId>,
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

filing_request!(DeregistrationRequest, Deregistration, SubmitDeregistration, applicant: owner);
