use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        Access, ApplicationStatus, Found, NoBody, NoParams, Open, Operation, OutletKind,
        ProblemCode, Repeat, Tag, operation::sealed::Sealed,
    },
    codes::PlateKind,
    identifiers::{PlateNumber, Vin},
};

/// Lists the sandbox's test vehicles.
pub struct GetCatalogue;

impl Sealed for GetCatalogue {}

impl Operation for GetCatalogue {
    const ID: &'static str = "get_catalogue";
    const SUMMARY: &'static str = "沙箱测试车辆目录 · The sandbox's test vehicles";
    const DESCRIPTION: &'static str = "Only the sandbox has it: synthetic vehicles and people, one for each thing that can go wrong, \
        with requests ready to send and what they lead to.";
    const TAG: Tag = Tag {
        name: "catalogue",
        description: "目录 · What the sandbox has ready for tests.",
    };
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/sandbox/v1/catalogue";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Anyone;
    const PROBLEMS: &'static [ProblemCode] = &[];

    type Path = NoParams;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Catalogue>;
}

/// 测试车辆目录.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Catalogue {
    /// One entry for each thing that can go wrong.
    pub items: Vec<CatalogueItem>,
}

/// 测试车辆.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CatalogueItem {
    /// Name of the case.
    pub name: String,
    /// What is special about it.
    pub about: String,
    /// 车辆识别代号.
    pub vin: Vin,
    /// 号牌种类, of a registered vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub plate_kind: Option<Open<PlateKind>>,
    /// 号牌号码, of a registered vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_number: Option<PlateNumber>,
    /// Requests that show it.
    pub requests: Vec<CatalogueRequest>,
}

/// A request ready to send: put in your operator and your own reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CatalogueRequest {
    /// Operation id.
    pub operation: String,
    /// The kind of outlet that sends it.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub outlet_kind: Open<OutletKind>,
    /// The body.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub body: serde_json::Value,
    /// What it leads to.
    pub expect: Expectation,
}

/// What a request leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Expectation {
    /// HTTP status of the answer.
    pub http_status: u16,
    /// The state the application comes to rest in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub application_status: Option<Open<ApplicationStatus>>,
    /// Code among the findings or the problem's errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The article behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}
