use lingminban::api::{MoveInRequest, PartyAddress, TransferKind};

use super::filing::{self, Judgement, Procedure, on_record};
use crate::{
    engine::{
        Fault,
        docket::Outcome,
        filing::Filing,
        pipeline::Scene,
        refusal::Refusal,
        register::{Registration, VehicleRecord},
    },
    rules::{move_in, situation::Situation},
};

impl Procedure for MoveInRequest {
    const CLASS_POINTERS: [&'static str; 2] = ["/vehicle/vin"; 2];

    fn domicile(&self) -> Option<(&'static str, &PartyAddress)> {
        Some(("/owner/address/region_code", &self.owner.address))
    }

    fn examine(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        move_in::examine(filing, situation)
    }

    fn judge(&self, situation: &Situation<'_>) -> Result<Judgement, Refusal> {
        let (known, registration) = on_record(self.vehicle.vin, situation.register)?;
        Ok(Judgement {
            materials: move_in::materials(self, known, registration, situation.today),
            grounds: move_in::grounds(self, known, registration, situation),
            warnings: move_in::warnings(self.moved_on, situation.today),
            vehicle_check: true,
        })
    }

    /// The same owner, a number of the city; the certificate is signed over.
    fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
        let (known, registration) = on_record(self.vehicle.vin, &scene.state.register)?;
        let (known, mut registration) = (known.clone(), registration.clone());
        // As of a transfer: a choice was judged as one of the kind named.
        let of_kind_named = self.vehicle.plate_kind == registration.plate_kind;
        let plate_number = filing::choose_plate(
            scene.state,
            registration.plate_kind,
            registration.plate_number.is_pure_electric(),
            self.plate_choice.as_ref().filter(|_| of_kind_named),
        )?;
        registration.insure(self.compulsory_insurance.as_ref());
        let mut record = VehicleRecord {
            registration: Some(Registration {
                plate_number,
                in_stock: false,
                ..registration
            }),
            ..known
        };
        record.change_place(TransferKind::Inbound);
        Ok(Outcome::of(record))
    }
}
