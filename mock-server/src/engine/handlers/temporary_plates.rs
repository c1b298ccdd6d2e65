use lingminban::{
    api::{Place, ProblemCode, TemporaryPlateRequest},
    codes::{UseCharacter, VehicleType},
};

use super::filing::{Judgement, Procedure, on_record};
use crate::{
    engine::{
        Fault, docket::Outcome, filing::Filing, pipeline::Scene, refusal::Refusal,
        register::VehicleRecord,
    },
    rules::{situation::Situation, temporary_plates as rules},
};

impl Procedure for TemporaryPlateRequest {
    const CLASS_POINTERS: [&'static str; 2] = ["/vehicle/vehicle_type", "/vehicle/use_character"];

    fn class_pointers(&self) -> [&'static str; 2] {
        if rules::is_of_registered(self.case) {
            ["/vehicle/vin"; 2]
        } else {
            Self::CLASS_POINTERS
        }
    }

    fn class(&self, scene: &Scene<'_>) -> Option<(VehicleType, UseCharacter)> {
        if rules::is_of_registered(self.case) {
            let vehicle = scene.state.register.vehicle(self.vehicle.vin)?;
            return Some((vehicle.vehicle_type, vehicle.use_character));
        }
        self.vehicle.vehicle_type.zip(self.vehicle.use_character)
    }

    fn examine(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        rules::examine(filing, situation)
    }

    fn judge(&self, situation: &Situation<'_>) -> Result<Judgement, Refusal> {
        let known = if rules::is_of_registered(self.case) {
            Some(on_record(self.vehicle.vin, situation.register)?.0)
        } else {
            not_registered(self, situation)?
        };
        Ok(Judgement {
            materials: rules::materials(self, known),
            grounds: rules::grounds(self, known, situation),
            warnings: Vec::new(),
            vehicle_check: false,
        })
    }

    fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
        let vehicle = &self.vehicle;
        let known = scene.state.register.vehicle(vehicle.vin).cloned();
        let mut record = known.unwrap_or_else(|| VehicleRecord::unregistered(vehicle.vin));
        let promised = rules::promised(&self, record.registration.as_ref());
        if let (None, Some((vehicle_type, use_character))) = (
            &record.registration,
            vehicle.vehicle_type.zip(vehicle.use_character),
        ) {
            record.vehicle_type = vehicle_type;
            record.use_character = use_character;
        }
        Ok(Outcome {
            temporary_plate: Some(promised),
            ..Outcome::of(record)
        })
    }
}

/// What is known of a vehicle that is not registered.
///
/// # Errors
/// 409 when it is.
fn not_registered<'a>(
    request: &TemporaryPlateRequest,
    situation: &Situation<'a>,
) -> Result<Option<&'a VehicleRecord>, Refusal> {
    let known = situation.register.vehicle(request.vehicle.vin);
    if known.is_some_and(|known| known.registration.is_some()) {
        let place = Place::Pointer("/vehicle/vin".to_owned());
        return Err(Refusal::at(ProblemCode::VehicleAlreadyRegistered, place));
    }
    Ok(known)
}
