use jiff::civil::Date;
use lingminban::{
    api::{AlterationRequest, CoOwnerChangeRequest},
    identifiers::IdentityNumber,
    services::MaterialCondition,
};

use super::{filing::choose_plate, owners::OwnersService};
use crate::{
    engine::{
        Fault,
        docket::Ground,
        filing::{Field, Filing},
        pipeline::Scene,
        refusal::Refusal,
        register::{Registration, VehicleRecord},
    },
    field,
    rules::{alteration, co_owners, mortgage, parties, situation::Situation},
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

impl OwnersService for CoOwnerChangeRequest {
    const FORMER_OWNER: Option<Field<Self, IdentityNumber>> = Some(field!(owner.identity_number));

    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        co_owners::examine(filing, situation)
    }

    fn more_grounds(
        &self,
        _: &VehicleRecord,
        registration: &Registration,
        situation: &Situation<'_>,
    ) -> Vec<Ground> {
        let co_owner = [("/co_owner", Some(&self.co_owner.identity_number))];
        mortgage::agreed(self.mortgagee_agreement.as_ref(), registration)
            .into_iter()
            .chain(parties::barred(situation, co_owner))
            .collect()
    }

    fn asks(&self, known: &VehicleRecord, condition: MaterialCondition) -> bool {
        co_owners::asks(self, known, condition)
    }

    /// The certificate is signed over and keeps its number; mortgages go on as they are.
    fn change(&self, registration: &mut Registration) {
        registration.owner_name = self.co_owner.name.clone();
        registration.owner_identity = self.co_owner.identity_number;
    }

    fn issue(&self, scene: &mut Scene<'_>, registration: &mut Registration) -> Result<(), Refusal> {
        if self.keep_plate_number {
            return Ok(());
        }
        // A choice was judged as one of the kind named. Where that is not the kind on record, the
        // application will be refused, and must not touch a number that may be somebody's.
        let of_kind_named = self.vehicle.plate_kind == registration.plate_kind;
        registration.plate_number = choose_plate(
            scene.state,
            registration.plate_kind,
            registration.plate_number.is_pure_electric(),
            self.plate_choice.as_ref().filter(|_| of_kind_named),
        )?;
        Ok(())
    }
}
