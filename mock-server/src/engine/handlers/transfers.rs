use lingminban::api::{FindingCode, Json, Service, SubmitTransfer, Submitted, TransferRequest};

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
    rules::transfer,
};

impl Handle<SubmitTransfer> for Engine {
    fn authorise(&self, scene: &Scene<'_>, input: &Input<SubmitTransfer>) -> Result<(), Refusal> {
        let Json(request) = &input.body;
        let vehicle = scene.state.register.vehicle(request.vehicle.vin);
        filing::authorise(
            scene,
            &Claim {
                service: Service::Transfer,
                outlet_id: request.outlet_id.as_ref(),
                operator_id: &request.operator_id,
                class: vehicle.map(|known| (known.vehicle_type, known.use_character)),
                class_pointers: ["/vehicle/vin"; 2],
            },
        )?;
        filing::refuse_repeated(scene, &request.partner_reference)
    }

    fn examine(&self, scene: &Scene<'_>, filing: &Filing<'_, TransferRequest>) -> Vec<Fault> {
        let mut faults = transfer::examine(filing, &filing::situation(scene));
        faults.extend(filing::outlet_named(scene, filing, field!(outlet_id?)));
        faults
    }

    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<SubmitTransfer>,
    ) -> Result<Submitted, Refusal> {
        let Json(request) = input.body;
        filing::refuse_in_process(scene, request.vehicle.vin)?;
        let not_registered = || {
            Refusal::invalid(vec![Fault::finding(
                FindingCode::VehicleNotRegistered,
                "/vehicle/vin",
            )])
        };
        let known = scene
            .state
            .register
            .vehicle(request.vehicle.vin)
            .ok_or_else(not_registered)?;
        let registration = known.registration.as_ref().ok_or_else(not_registered)?;
        let situation = filing::situation(scene);
        let draft = Draft {
            service: Service::Transfer,
            materials: transfer::materials(&request, known, registration, scene.today()),
            grounds: transfer::grounds(&request, known, registration, &situation),
            warnings: Vec::new(),
            // Show vehicle (R164 Art 25): always.
            vehicle_check: true,
            outlet_id: request.outlet_id.clone(),
            operator: request.operator_id.clone(),
            partner_reference: request.partner_reference.clone(),
            mobile: request.buyer.mobile_number,
            vin: request.vehicle.vin,
        };
        if input.query.validate_only {
            return Ok(filing::assess(scene, &draft));
        }
        let sale = transfer::sale(&request, registration);
        let (known, registration) = (known.clone(), registration.clone());
        let record = record(scene, request, known, registration)?;
        Ok(filing::file(scene, draft, Outcome { record, sale }))
    }
}

/// The record that completion will write: the buyer's, under a new number; a mortgage goes on
/// with the mortgagee's consent (R164 Art 26). The certificate stays and is signed over.
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
    Ok(VehicleRecord {
        registration: Some(Registration {
            plate_number,
            owner_name: request.buyer.name,
            owner_identity: request.buyer.identity_number,
            insured_until,
            ..registration
        }),
        ..known
    })
}
