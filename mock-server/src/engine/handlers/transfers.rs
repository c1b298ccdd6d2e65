use jiff::civil::Date;
use lingminban::{
    api::{PartyAddress, TransferKind, TransferRequest},
    identifiers::{IdentityNumber, PlateNumber},
};

use super::filing::{self, Judgement, Procedure, on_record};
use crate::{
    engine::{
        Fault,
        docket::Outcome,
        filing::{Field, Filing},
        lifecycle,
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

    fn domicile(&self) -> Option<(&'static str, &PartyAddress)> {
        Some(("/buyer/address/region_code", &self.buyer.address))
    }

    fn transfer_kind(&self) -> TransferKind {
        self.kind()
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
            // Shown once, at the buyer's place (R164 Art 25, 27; 商办消费函〔2021〕165号).
            vehicle_check: self.kind() != TransferKind::Outbound,
        })
    }

    fn foresee(&self, record: &mut VehicleRecord, today: Date) {
        pass_on(self, record);
        // On the day of completion, which renews it then.
        lifecycle::pass_inspection(record, today);
    }

    fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
        let (known, registration) = on_record(self.vehicle.vin, &scene.state.register)?;
        let sale = transfer::sale(&self, registration);
        let transfer_kind = self.kind();
        let (known, registration) = (known.clone(), registration.clone());
        let record = record(scene, &self, &known, registration)?;
        Ok(Outcome {
            sale,
            transfer_kind,
            ..Outcome::of(record)
        })
    }
}

/// What a transfer changes, but for the numbers it gives out: whose the vehicle is, where, secured how and
/// insured until when. A mortgage goes on with the mortgagee's consent, under the contract that it
/// names (R164 Art 26).
fn pass_on(request: &TransferRequest, record: &mut VehicleRecord) {
    record.change_place(request.kind());
    if let Some(registration) = &mut record.registration {
        // From stock to another city it goes without plates, as it has stood.
        let goes_as_it_stands = request.kind() == TransferKind::Outbound;
        registration.in_stock = request.into_stock || (registration.in_stock && goes_as_it_stands);
        registration.owner_name = request.buyer.name.clone();
        registration.owner_identity = request.buyer.identity_number;
        registration.insure(request.compulsory_insurance.as_ref());
        let consent = request.mortgagee_consent.clone();
        let anew = consent.and_then(|consent| mortgage::anew(&registration.mortgages, consent));
        if let Some(anew) = anew {
            registration.mortgages = vec![anew];
        }
    }
}

/// The record that completion will write: the buyer's, under a new number where it gets one. The
/// certificate stays and is signed over; where it was not handed over, it is void and a new one is issued
/// (R164 Art 30).
fn record(
    scene: &mut Scene<'_>,
    request: &TransferRequest,
    known: &VehicleRecord,
    registration: Registration,
) -> Result<VehicleRecord, Refusal> {
    let plate_number = plate_number(scene, request, &registration)?;
    let certificate_number = match request.registration_certificate_number {
        Some(_) => registration.certificate_number,
        None => filing::next_certificate(scene.state)?,
    };
    let mut record = VehicleRecord {
        registration: Some(Registration {
            plate_number,
            certificate_number,
            ..registration
        }),
        ..known.clone()
    };
    pass_on(request, &mut record);
    Ok(record)
}

/// The number the buyer gets. The one on record stays between spouses, and stands for none where the
/// vehicle leaves the city or goes into stock.
fn plate_number(
    scene: &mut Scene<'_>,
    request: &TransferRequest,
    registration: &Registration,
) -> Result<PlateNumber, Refusal> {
    let gets_none = request.kind() == TransferKind::Outbound || request.into_stock;
    if gets_none || request.spouse.is_some() {
        return Ok(registration.plate_number);
    }
    // A choice was judged as one of the kind named. Where that is not the kind on record, the
    // transfer will be refused, and must not touch a number that may be somebody's.
    let shown = scene.state.register.plate_kind_shown(request.vehicle.vin);
    let of_kind_named = shown == Some(request.vehicle.plate_kind);
    let choice = request.plate_choice.as_ref().filter(|_| of_kind_named);
    filing::choose_plate(
        scene.state,
        registration.plate_kind,
        registration.plate_number.is_pure_electric(),
        choice,
    )
}
