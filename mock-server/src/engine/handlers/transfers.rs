use lingminban::{
    api::TransferRequest,
    codes::{UseCharacter, VehicleType},
    identifiers::IdentityNumber,
};

use super::filing::{self, Judgement, Procedure, on_record};
use crate::{
    engine::{
        Fault,
        docket::Outcome,
        filing::{Field, Filing},
        pipeline::Scene,
        refusal::Refusal,
        register::{Registration, VehicleRecord},
    },
    field,
    rules::{mortgage, situation::Situation, transfer},
};

impl Procedure for TransferRequest {
    const CLASS_POINTERS: [&'static str; 2] = ["/vehicle/vin"; 2];

    const FORMER_OWNER: Option<Field<Self, IdentityNumber>> = Some(field!(seller.identity_number));

    fn class(&self, scene: &Scene<'_>) -> Option<(VehicleType, UseCharacter)> {
        let vehicle = scene.state.register.vehicle(self.vehicle.vin)?;
        Some((vehicle.vehicle_type, vehicle.use_character))
    }

    fn examine(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        transfer::examine(filing, situation)
    }

    fn judge(&self, situation: &Situation<'_>) -> Result<Judgement, Refusal> {
        let (known, registration) = on_record(self.vehicle.vin, situation.register)?;
        Ok(Judgement {
            materials: transfer::materials(self, known, registration, situation.today),
            grounds: transfer::grounds(self, known, registration, situation),
            warnings: Vec::new(),
            // Show vehicle (R164 Art 25): always.
            vehicle_check: true,
        })
    }

    fn foresee(&self, record: &mut VehicleRecord) {
        if let Some(registration) = &mut record.registration {
            registration.owner_name = self.buyer.name.clone();
            registration.owner_identity = self.buyer.identity_number;
            let consent = self.mortgagee_consent.clone();
            let anew = consent.and_then(|consent| mortgage::anew(&registration.mortgages, consent));
            if let Some(anew) = anew {
                registration.mortgages = vec![anew];
            }
        }
    }

    fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
        let (known, registration) = on_record(self.vehicle.vin, &scene.state.register)?;
        let sale = transfer::sale(&self, registration);
        let (known, registration) = (known.clone(), registration.clone());
        let record = record(scene, self, known, registration)?;
        Ok(Outcome {
            sale,
            ..Outcome::of(record)
        })
    }
}

/// The record that completion will write: the buyer's, under a new number; a mortgage goes on with the
/// mortgagee's consent, under the contract that it names (R164 Art 26). The certificate stays and is
/// signed over.
fn record(
    scene: &mut Scene<'_>,
    request: TransferRequest,
    known: VehicleRecord,
    registration: Registration,
) -> Result<VehicleRecord, Refusal> {
    // A choice was judged as one of the kind named. Where that is not the kind on record, the
    // transfer will be refused, and must not touch a number that may be somebody's.
    let of_kind_named = request.vehicle.plate_kind == registration.plate_kind;
    let choice = request.plate_choice.as_ref().filter(|_| of_kind_named);
    let plate_number = filing::choose_plate(
        scene.state,
        registration.plate_kind,
        registration.plate_number.is_pure_electric(),
        choice,
    )?;
    let insured_until = request
        .compulsory_insurance
        .map(|insurance| insurance.valid_until)
        .max(registration.insured_until);
    let mortgages = request
        .mortgagee_consent
        .and_then(|consent| mortgage::anew(&registration.mortgages, consent))
        .map_or_else(|| registration.mortgages.clone(), |anew| vec![anew]);
    Ok(VehicleRecord {
        registration: Some(Registration {
            plate_number,
            mortgages,
            owner_name: request.buyer.name,
            owner_identity: request.buyer.identity_number,
            insured_until,
            ..registration
        }),
        ..known
    })
}
