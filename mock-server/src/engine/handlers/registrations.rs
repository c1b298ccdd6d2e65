use jiff::civil::Date;
use lingminban::{
    api::{Place, ProblemCode, RegistrationRequest},
    codes::{PlateKind, UseCharacter, VehicleType},
};

use super::filing::{self, Judgement, Procedure};
use crate::{
    engine::{
        Fault,
        docket::Outcome,
        filing::Filing,
        pipeline::Scene,
        refusal::Refusal,
        register::{Registration, VehicleRecord},
    },
    rules::{registration, situation::Situation},
};

impl Procedure for RegistrationRequest {
    const CLASS_POINTERS: [&'static str; 2] = ["/vehicle/vehicle_type", "/vehicle/use_character"];

    fn class(&self, _: &Scene<'_>) -> Option<(VehicleType, UseCharacter)> {
        Some((self.vehicle.vehicle_type, self.vehicle.use_character))
    }

    fn examine(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        registration::examine(filing, situation)
    }

    fn judge(&self, situation: &Situation<'_>) -> Result<Judgement, Refusal> {
        let known = situation.register.vehicle(self.vehicle.vin);
        if known.is_some_and(|vehicle| vehicle.registration.is_some()) {
            let place = Place::Pointer("/vehicle/vin".to_owned());
            return Err(Refusal::at(ProblemCode::VehicleAlreadyRegistered, place));
        }
        let materials = registration::materials(self, known, situation.today);
        Ok(Judgement {
            vehicle_check: registration::needs_vehicle_check(&materials),
            materials,
            grounds: registration::grounds(self, known, situation),
            warnings: registration::warnings(self),
        })
    }

    fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
        Ok(Outcome::of(record(scene, self)?))
    }
}

/// The record that completion will write.
fn record(scene: &mut Scene<'_>, request: RegistrationRequest) -> Result<VehicleRecord, Refusal> {
    let today = scene.today();
    let vehicle = request.vehicle;
    let plate_kind = registration::plate_kind(vehicle.vehicle_type, vehicle.fuel)
        .unwrap_or(PlateKind::SmallVehicle);
    let plate_number = filing::choose_plate(
        scene.state,
        plate_kind,
        Some(registration::is_pure_electric(vehicle.fuel)),
        Some(&request.plate_choice),
    )?;
    let certificate_number = filing::next_certificate(scene.state)?;
    let known = scene.state.register.vehicle(vehicle.vin);
    Ok(VehicleRecord {
        vin: vehicle.vin,
        vehicle_type: vehicle.vehicle_type,
        use_character: vehicle.use_character,
        seats: vehicle.seats.get(),
        manufactured_on: Some(vehicle.manufactured_on),
        flags: known.map(|known| known.flags).unwrap_or_default(),
        defects: known.map(|known| known.defects).unwrap_or_default(),
        silent_lookups: known.map(|known| known.silent_lookups).unwrap_or_default(),
        passed_on: None,
        temporary_plates: known
            .map(|known| known.temporary_plates.clone())
            .unwrap_or_default(),
        registration: Some(Registration {
            plate_kind,
            plate_number,
            certificate_number,
            owner_name: request.owner.name,
            owner_identity: request.owner.identity_number,
            first_registered_on: today,
            acquired_on: today,
            numbered_on: None,
            mortgages: Vec::new(),
            insured_until: Some(request.compulsory_insurance.valid_until),
            inspection_due_on: Date::MIN,
            scrap_due_on: None,
            last_exchanged_on: None,
            elsewhere: false,
            in_stock: false,
        }),
    })
}
