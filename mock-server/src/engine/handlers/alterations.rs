use jiff::civil::Date;
use lingminban::{api::AlterationRequest, services::MaterialCondition};

use super::owners::OwnersService;
use crate::{
    engine::{Fault, docket::Ground, filing::Filing, register::VehicleRecord},
    rules::{alteration, situation::Situation},
};

/// Completion writes nothing: no answer shows what colour a vehicle has, nor what drives it.
impl OwnersService for AlterationRequest {
    const VEHICLE_CHECK: bool = true;

    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        alteration::examine(filing, situation)
    }

    fn asks(&self, _: &VehicleRecord, condition: MaterialCondition) -> bool {
        alteration::asks(&self.altered, condition)
    }

    fn warnings(&self, today: Date) -> Vec<Ground> {
        alteration::warnings(self.changed_on, today)
    }
}
