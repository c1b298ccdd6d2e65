use jiff::civil::Date;
use lingminban::{
    api::{Json, Place, ProblemCode, RegistrationRequest, Service, SubmitRegistration, Submitted},
    codes::PlateKind,
};

use super::filing::{self, Claim, Draft};
use crate::{
    engine::{
        Engine, Fault,
        docket::Outcome,
        filing::Filing,
        pipeline::{Handle, Input, Scene},
        refusal::Refusal,
        register::{Registration, VehicleRecord},
    },
    field,
    rules::registration,
};

impl Handle<SubmitRegistration> for Engine {
    fn authorise(
        &self,
        scene: &Scene<'_>,
        input: &Input<SubmitRegistration>,
    ) -> Result<(), Refusal> {
        let Json(request) = &input.body;
        let vehicle = &request.vehicle;
        filing::authorise(
            scene,
            &Claim {
                service: Service::Registration,
                outlet_id: request.outlet_id.as_ref(),
                operator_id: &request.operator_id,
                class: Some((vehicle.vehicle_type, vehicle.use_character)),
                class_pointers: ["/vehicle/vehicle_type", "/vehicle/use_character"],
            },
        )?;
        filing::refuse_repeated(scene, &request.partner_reference)
    }

    fn examine(&self, scene: &Scene<'_>, filing: &Filing<'_, RegistrationRequest>) -> Vec<Fault> {
        let mut faults = registration::examine(filing, &filing::situation(scene));
        faults.extend(filing::outlet_named(scene, filing, field!(outlet_id?)));
        faults
    }

    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<SubmitRegistration>,
    ) -> Result<Submitted, Refusal> {
        let Json(request) = input.body;
        filing::refuse_in_process(scene, request.vehicle.vin)?;
        let known = scene.state.register.vehicle(request.vehicle.vin);
        if known.is_some_and(|vehicle| vehicle.registration.is_some()) {
            let place = Place::Pointer("/vehicle/vin".to_owned());
            return Err(Refusal::at(ProblemCode::VehicleAlreadyRegistered, place));
        }
        let materials = registration::materials(&request, known, scene.today());
        let draft = Draft {
            service: Service::Registration,
            vehicle_check: registration::needs_vehicle_check(&materials),
            materials,
            grounds: registration::grounds(&request, known, &filing::situation(scene)),
            warnings: registration::warnings(&request),
            outlet_id: request.outlet_id.clone(),
            operator: request.operator_id.clone(),
            partner_reference: request.partner_reference.clone(),
            mobile: request.owner.mobile_number,
            vin: request.vehicle.vin,
        };
        if input.query.validate_only {
            return Ok(filing::assess(scene, &draft));
        }
        let record = record(scene, request)?;
        Ok(filing::file(scene, draft, Outcome { record, sale: None }))
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
        registration: Some(Registration {
            plate_kind,
            plate_number,
            certificate_number,
            owner_name: request.owner.name,
            owner_identity: request.owner.identity_number,
            first_registered_on: today,
            acquired_on: today,
            mortgagee: None,
            insured_until: Some(request.compulsory_insurance.valid_until),
            inspection_due_on: Date::MIN,
            scrap_due_on: None,
        }),
    })
}
