use jiff::civil::Date;
use lingminban::{
    api::{
        AddressChangeRequest, ContactChangeRequest, CorrectionRequest, IdentityChangeRequest,
        OwnerNameChangeRequest,
    },
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
    rules::{changes, situation::Situation},
};

/// Completion writes nothing: the register keeps nothing that an owner could be reached by, since
/// nothing may show it.
impl OwnersService for ContactChangeRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        changes::examine_contact(filing, situation)
    }

    fn warnings(&self, today: Date) -> Vec<Ground> {
        changes::warnings(self.changed_on, today)
    }
}

impl OwnersService for OwnerNameChangeRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        changes::examine_name(filing, situation)
    }

    fn warnings(&self, today: Date) -> Vec<Ground> {
        changes::warnings(self.changed_on, today)
    }

    /// The certificate is signed over and keeps its number.
    fn change(&self, registration: &mut Registration) {
        registration.owner_name = self.new_name.clone();
    }
}

/// Completion writes nothing: an address is what an owner could be reached by.
impl OwnersService for AddressChangeRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        changes::examine_address(filing, situation)
    }

    fn asks(&self, _: &VehicleRecord, condition: MaterialCondition) -> bool {
        let permit = self.new_address.residence_permit_region_code.as_ref();
        condition == MaterialCondition::ResidencePermit && permit.is_some()
    }

    fn warnings(&self, today: Date) -> Vec<Ground> {
        changes::warnings(self.changed_on, today)
    }
}

impl OwnersService for IdentityChangeRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        changes::examine_identity(filing, situation)
    }

    fn more_grounds(
        &self,
        _: &VehicleRecord,
        _: &Registration,
        situation: &Situation<'_>,
    ) -> Vec<Ground> {
        changes::identity_grounds(self, situation)
    }

    fn warnings(&self, today: Date) -> Vec<Ground> {
        changes::warnings(self.changed_on, today)
    }

    /// The certificate is signed over and keeps its number.
    fn change(&self, registration: &mut Registration) {
        registration.owner_identity = self.new_identity_number;
    }
}

/// Completion writes what the register has: no answer shows a colour or an engine.
impl OwnersService for CorrectionRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        changes::examine_correction(filing, situation)
    }

    fn more_grounds(
        &self,
        known: &VehicleRecord,
        _: &Registration,
        _: &Situation<'_>,
    ) -> Vec<Ground> {
        changes::correction_grounds(self, known)
    }

    fn change(&self, registration: &mut Registration) {
        if let Some(name) = &self.corrected.owner_name {
            registration.owner_name = name.clone();
        }
        if let Some(date) = self.corrected.first_registered_on {
            registration.first_registered_on = date;
        }
    }
}
