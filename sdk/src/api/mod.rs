//! The contract: what travels, and the operations it travels in. No IO.
//!
//! One file per resource holds its wire types and its operations. [`for_each_operation!`] is the
//! list that client, sandbox and document go through.
//!
//! [`for_each_operation!`]: crate::for_each_operation

mod alterations;
mod applications;
mod bundles;
mod changes;
#[cfg(feature = "control")]
pub mod control;
mod deregistrations;
mod documents;
mod events;
mod exchanges;
pub mod family;
mod filing;
mod finding;
mod forecasts;
mod ids;
mod inspections;
mod marks;
mod materials;
mod mortgages;
mod moves;
mod open;
pub mod operation;
mod outlets;
mod party;
mod payload;
mod plates;
mod problem;
mod quantity;
mod registrations;
mod replacements;
mod services;
mod statistics;
mod temporary_plates;
mod token;
mod transfers;
mod vehicles;
mod webhooks;

use crate::wire_enum::wire_enum;

pub use alterations::*;
pub use applications::*;
pub use bundles::*;
pub use changes::*;
pub use deregistrations::*;
pub use documents::*;
pub use events::*;
pub use exchanges::*;
pub use family::Family;
pub use filing::{FilingRequest, Service};
pub use finding::*;
pub use forecasts::*;
pub use ids::*;
pub use inspections::*;
pub use marks::*;
pub use materials::*;
pub use mortgages::*;
pub use moves::*;
pub use open::Open;
pub use operation::{Access, NoParams, Operation, Params, Repeat, Tag, problems};
pub use outlets::*;
pub use party::*;
pub use payload::*;
pub use plates::*;
pub use problem::*;
pub use quantity::*;
pub use registrations::*;
pub use replacements::*;
pub use services::*;
pub use statistics::*;
pub use temporary_plates::*;
pub use token::*;
pub use transfers::*;
pub use vehicles::*;
pub use webhooks::*;

/// Calls a macro with the types of all operations, in the order of the document.
///
/// An operation left out of this list exists for nobody; one that is in it must be handled by the
/// sandbox, or the sandbox does not compile.
#[macro_export]
macro_rules! for_each_operation {
    ($callback:path) => {
        $callback! {
            $crate::api::IssueToken,
            $crate::api::ListServices,
            $crate::api::ListOutlets,
            $crate::api::GetOutlet,
            $crate::api::ListOperators,
            $crate::api::ListStatistics,
            $crate::api::DrawPlates,
            $crate::api::SubmitRegistration,
            $crate::api::SubmitTransfer,
            $crate::api::SubmitContactChange,
            $crate::api::SubmitOwnerNameChange,
            $crate::api::SubmitDeregistration,
            $crate::api::SubmitPlateReplacement,
            $crate::api::SubmitDrivingPermitReplacement,
            $crate::api::SubmitRegistrationCertificateReplacement,
            $crate::api::SubmitInspectionMarkReplacement,
            $crate::api::SubmitBundle,
            $crate::api::GetBundle,
            $crate::api::SubmitMortgage,
            $crate::api::SubmitMortgageRelease,
            $crate::api::SubmitPledge,
            $crate::api::SubmitPledgeRelease,
            $crate::api::SubmitInspectionMark,
            $crate::api::SubmitExemptMark,
            $crate::api::SubmitTemporaryPlate,
            $crate::api::SubmitPlateExchange,
            $crate::api::SubmitMoveIn,
            $crate::api::SubmitAddressChange,
            $crate::api::SubmitAlteration,
            $crate::api::SubmitCoOwnerChange,
            $crate::api::SubmitIdentityChange,
            $crate::api::SubmitCorrection,
            $crate::api::ListApplications,
            $crate::api::GetApplication,
            $crate::api::ListMaterials,
            $crate::api::PutMaterial,
            $crate::api::HandInApplication,
            $crate::api::AnswerSupplementNotice,
            $crate::api::WithdrawApplication,
            $crate::api::GetTimeline,
            $crate::api::ListVehicles,
            $crate::api::GetVehicle,
            $crate::api::ForecastInspections,
            $crate::api::ListInspectionSlots,
            $crate::api::BookInspection,
            $crate::api::ListInspections,
            $crate::api::GetInspection,
            $crate::api::RebookInspection,
            $crate::api::CancelInspection,
            $crate::api::CheckInInspection,
            $crate::api::RecordInspectionResult,
            $crate::api::InspectAtOneStop,
            $crate::api::ListEvents,
            $crate::api::CreateWebhook,
            $crate::api::ListWebhooks,
            $crate::api::GetWebhook,
            $crate::api::DeleteWebhook,
            $crate::api::RotateWebhookSecret,
            $crate::api::EnableWebhook,
            $crate::api::TestWebhook,
            $crate::api::ListDeliveries,
            $crate::api::Redeliver,
        }
    };
}

wire_enum! {
    /// 权限范围: what a token may be used for.
    pub enum Scope {
        Outlets = "outlets", "查询业务目录、网点、经办人和统计";
        PlateDraws = "plate_draws", "选号";
        Registrations = "registrations", "提交注册登记";
        Transfers = "transfers", "提交转让登记";
        Changes = "changes", "提交变更登记、变更备案、更正和注销登记";
        Replacements = "replacements", "提交牌证补换领和临时行驶车号牌申请";
        Bundles = "bundles", "提交和查询一窗通办业务";
        Applications = "applications", "查询和办理业务";
        Vehicles = "vehicles", "查询车辆和预测检验日期";
        Events = "events", "查询事件和管理推送订阅";
        Mortgages = "mortgages", "提交抵押登记、质押备案及其解除";
        Inspections = "inspections", "预约和办理机动车检验、申领检验合格标志";
    }
}
