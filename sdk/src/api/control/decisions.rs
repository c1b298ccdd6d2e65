use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{COMMANDS, SpaceId};
use crate::{
    api::{
        Access, Application, ApplicationId, FindingCode, Found, Json, MaterialKind, NoParams,
        Operation, ProblemCode, Repeat, Tag,
        operation::{Example, sealed::Sealed},
    },
    wire_enum::wire_enum,
};

/// Decides an application in the authority's place.
pub struct DecideApplication;

impl Sealed for DecideApplication {}

impl Operation for DecideApplication {
    const ID: &'static str = "decide_application";
    const SUMMARY: &'static str = "代为决定 · Decide an application in the authority's place";
    const DESCRIPTION: &'static str = "At the pace `manual` nothing else moves an application; at the other paces the command goes \
        first. Steps on the way are taken at the same instant.";
    const TAG: Tag = COMMANDS;
    const METHOD: Method = Method::POST;
    const PATH: &'static str =
        "/sandbox/v1/spaces/{space_id}/applications/{application_id}/decision";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[
        ProblemCode::SpaceNotFound,
        ProblemCode::ApplicationNotFound,
        ProblemCode::WrongState,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            name: "supplement",
            summary: "Ask for the purchase tax certificate",
            json: r#"{"decision":"supplement","materials":["purchase_tax"]}"#,
        },
        Example {
            name: "refuse",
            summary: "Refuse: stolen",
            json: r#"{"decision":"refuse","reasons":["stolen_or_defrauded"]}"#,
        },
        Example {
            name: "complete",
            summary: "Accept, approve and complete",
            json: r#"{"decision":"complete"}"#,
        },
    ];

    type Path = SpaceApplicationPath;
    type Query = NoParams;
    type Body = Json<DecisionCommand>;
    type Output = Found<Application>;
}

wire_enum! {
    /// 决定: what the authority is to do with an application.
    pub enum Decision {
        Step = "step", "办理一步";
        Accept = "accept", "受理";
        Supplement = "supplement", "一次告知补正";
        Approve = "approve", "准予";
        Complete = "complete", "办结";
        Refuse = "refuse", "不予登记";
    }
}

/// 决定 asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DecisionCommand {
    /// 决定.
    pub decision: Decision,
    /// 需补正的材料: with `supplement`, and only then, at least one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub materials: Vec<MaterialKind>,
    /// 不予登记的理由: with `refuse`, and only then, at least one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub reasons: Vec<FindingCode>,
}

/// Names one application of a space.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpaceApplicationPath {
    /// 空间编号.
    pub space_id: SpaceId,
    /// 业务流水号.
    pub application_id: ApplicationId,
}
