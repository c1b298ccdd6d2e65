use lingminban::{
    api::{DeregistrationCause, DeregistrationRequest},
    services::MaterialCondition,
};

use super::owners::OwnersService;
use crate::{
    engine::{
        Fault,
        docket::Ground,
        filing::Filing,
        register::{Registration, VehicleRecord},
    },
    rules::{deregistration, situation::Situation},
};

/// The file stays with what was registered last; completion marks it as closed.
impl OwnersService for DeregistrationRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        deregistration::examine(filing, situation)
    }

    fn more_grounds(
        &self,
        known: &VehicleRecord,
        _: &Registration,
        _: &Situation<'_>,
    ) -> Vec<Ground> {
        let codes = deregistration::unsettled(self.cause, known).into_iter();
        codes.map(Ground::of_vehicle).collect()
    }

    fn asks(&self, known: &VehicleRecord, condition: MaterialCondition) -> bool {
        deregistration::asks(self.cause, known, condition)
    }

    fn deregistered_for(&self) -> Option<DeregistrationCause> {
        Some(self.cause)
    }
}
