use lingminban::{
    api::{MortgageReleaseRequest, MortgageRequest, PledgeReleaseRequest, PledgeRequest},
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
    rules::{mortgage, situation::Situation},
};

/// The four differ in what the rules say of their request. The contract is looked at, not the vehicle
/// (R164 Art 31).
macro_rules! services_of_lenders {
    ($($request:ty),+ $(,)?) => { $(
        impl OwnersService for $request {
            fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
                mortgage::examine(filing, situation)
            }

            fn more_grounds(
                &self,
                _: &VehicleRecord,
                registration: &Registration,
                _: &Situation<'_>,
            ) -> Vec<Ground> {
                mortgage::grounds(self, registration)
            }

            fn asks(&self, known: &VehicleRecord, condition: MaterialCondition) -> bool {
                match condition {
                    MaterialCondition::Mortgaged => mortgage::has_earlier(self, known),
                    MaterialCondition::CourtDecision => mortgage::is_decided_by_court(self),
                    _ => false,
                }
            }

            fn change(&self, registration: &mut Registration) {
                registration.mortgages = mortgage::afterwards(self, registration);
            }
        }
    )+ };
}
services_of_lenders!(
    MortgageRequest,
    MortgageReleaseRequest,
    PledgeRequest,
    PledgeReleaseRequest,
);
