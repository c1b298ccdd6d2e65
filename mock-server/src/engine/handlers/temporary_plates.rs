use std::borrow::Cow;

use lingminban::{
    api::{Place, ProblemCode, TemporaryPlateRequest},
    codes::{UseCharacter, VehicleType},
};

use super::filing::{Judgement, Procedure, on_record, situation};
use crate::{
    engine::{
        Fault,
        docket::{Entry, Outcome},
        filing::Filing,
        pipeline::Scene,
        refusal::Refusal,
        register::{Register, VehicleRecord},
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

    fn runs_beside(&self, other: &Entry, register: &Register) -> bool {
        rules::makes_plates(self.case, other, register)
    }

    fn judge(&self, situation: &Situation<'_>) -> Result<Judgement, Refusal> {
        let known = known(self, situation)?;
        Ok(Judgement {
            materials: rules::materials(self, known.as_deref()),
            grounds: rules::grounds(self, known.as_deref(), situation),
            warnings: Vec::new(),
            vehicle_check: false,
        })
    }

    /// Completion adds the plate to whatever is on record by then; what is promised of a vehicle that
    /// nobody knows is what it says of itself.
    fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
        let known = known(&self, &situation(scene))?;
        let registration = known
            .as_deref()
            .and_then(|known| known.registration.as_ref());
        let promised = rules::promised(&self, registration);
        let vehicle = &self.vehicle;
        let on_record = scene.state.register.vehicle(vehicle.vin).cloned();
        let mut record = on_record.unwrap_or_else(|| VehicleRecord::unregistered(vehicle.vin));
        if let (None, Some((vehicle_type, use_character))) = (
            &record.registration,
            vehicle.vehicle_type.zip(vehicle.use_character),
        ) {
            record.vehicle_type = vehicle_type;
            record.use_character = use_character;
        }
        Ok(Outcome {
            temporary_plate: Some(Box::new(promised)),
            ..Outcome::of(record)
        })
    }
}

/// What is known of the vehicle: while plates are made for it, with the owner who is to have them.
///
/// # Errors
/// 409 where a vehicle that is not registered is, 422 where one that is is not.
fn known<'a>(
    request: &TemporaryPlateRequest,
    situation: &Situation<'a>,
) -> Result<Option<Cow<'a, VehicleRecord>>, Refusal> {
    if !rules::is_of_registered(request.case) {
        return Ok(not_registered(request, situation)?.map(Cow::Borrowed));
    }
    let vin = request.vehicle.vin;
    if let Some(record) = rules::with_plates_in_making(request.case, vin, situation) {
        return Ok(Some(Cow::Owned(record)));
    }
    let (on_record, _) = on_record(vin, situation.register)?;
    Ok(Some(Cow::Borrowed(on_record)))
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
