//! 机动车状态: which flags of a vehicle's status stand in the way of which service.
//!
//! The block matrix of R164 Art 15, 25, 29, 74 and 76.

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{FindingCode, Service},
    codes::VehicleStatusFlag as Flag,
};

use crate::engine::register::VehicleRecord;

/// Every ground of the vehicle's own standing on which the service is refused or investigated.
#[must_use]
pub fn grounds(service: Service, vehicle: &VehicleRecord, today: Date) -> Vec<FindingCode> {
    let mut grounds: Vec<FindingCode> = vehicle
        .flags
        .iter()
        .filter_map(|flag| ground(service, flag))
        .collect();
    let defects = vehicle.defects;
    let registration = service == Service::Registration;
    // Art 29 takes over (2) of Art 15, not (5) and (6).
    let known = [
        (defects.origin_altered, FindingCode::OriginAltered),
        (
            registration && defects.model_not_announced,
            FindingCode::ModelNotAnnounced,
        ),
        (
            registration && defects.below_standard,
            FindingCode::BelowStandard,
        ),
        (
            !registration && near_scrapping(vehicle, today),
            FindingCode::WithinOneYearOfScrap,
        ),
    ];
    grounds.extend(
        known
            .iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, code)| *code),
    );
    grounds.sort();
    grounds.dedup();
    grounds
}

/// One cell of the block matrix; `None` where the flag does not stand in the way.
#[must_use]
pub fn ground(service: Service, flag: Flag) -> Option<FindingCode> {
    match (flag, service) {
        (Flag::Stolen, _) => Some(FindingCode::StolenOrDefrauded),
        (Flag::Sealed | Flag::Detained, _) => Some(FindingCode::SealedOrDetained),
        (Flag::ForciblyDeregistered | Flag::ScrapAnnounced, _) => {
            Some(FindingCode::ScrapStandardReached)
        }
        (Flag::Deregistered | Flag::TransferredOut, _) => Some(FindingCode::DeregisteredOrMovedOut),
        (Flag::Suspect | Flag::Locked | Flag::HitAndRun, _) => {
            Some(FindingCode::UnderInvestigation)
        }
        (Flag::ViolationPending, Service::Transfer) => Some(FindingCode::OpenViolations),
        (Flag::AccidentPending, Service::Transfer) => Some(FindingCode::OpenAccident),
        (Flag::CustomsSupervised, Service::Transfer) => Some(FindingCode::CustomsSupervised),
        (
            Flag::ViolationPending | Flag::AccidentPending | Flag::CustomsSupervised,
            Service::Registration,
        )
        | (Flag::OffRoad | Flag::InspectionOverdue, _) => None,
    }
}

/// 距报废期限一年以内 (R164 Art 29(3)).
fn near_scrapping(vehicle: &VehicleRecord, today: Date) -> bool {
    vehicle
        .scrap_due_on()
        .is_some_and(|scrap| today.saturating_add(1.year()) >= scrap)
}

/// 逾期未检验: flagged, or past its date.
#[must_use]
pub fn is_inspection_overdue(vehicle: &VehicleRecord, today: Date) -> bool {
    let due = vehicle
        .registration
        .as_ref()
        .map(|registration| registration.inspection_due_on);
    vehicle.flags.contains(Flag::InspectionOverdue) || due.is_some_and(|due| due < today)
}
