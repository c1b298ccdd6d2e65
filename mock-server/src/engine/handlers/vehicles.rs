use lingminban::api::{
    AwaitingSale, Found, GetVehicle, ListVehicles, Place, ProblemCode, PublicMortgage, Vehicle,
    VehicleList,
};

use crate::{
    engine::{
        Engine,
        pipeline::{Handle, Input, Scene},
        refusal::Refusal,
        register::{AWAITING_SALE, Register, VehicleRecord},
    },
    rules::{standing, temporary_plates},
};
use jiff::civil::Date;
use lingminban::codes::VehicleStatusFlag;

impl Handle<GetVehicle> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<GetVehicle>,
    ) -> Result<Found<Vehicle>, Refusal> {
        let record = scene.state.register.vehicle(input.path.vin);
        record
            .and_then(|record| told(record, &scene.state.register, scene.today()))
            .map(Found)
            .ok_or_else(|| {
                Refusal::at(
                    ProblemCode::VehicleNotFound,
                    Place::Parameter("vin".to_owned()),
                )
            })
    }
}

impl Handle<ListVehicles> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListVehicles>,
    ) -> Result<Found<VehicleList>, Refusal> {
        let plate = (input.query.plate_kind, input.query.plate_number);
        let record = scene.state.register.by_plate(&plate);
        let items = record
            .and_then(|record| told(record, &scene.state.register, scene.today()))
            .into_iter()
            .collect();
        Ok(Found(VehicleList { items }))
    }
}

/// The record without anything of the owner; `None` for a vehicle that is not registered.
fn told(record: &VehicleRecord, register: &Register, today: Date) -> Option<Vehicle> {
    let registration = record.registration.as_ref()?;
    let outstanding = record.outstanding(today)?;
    let mut flags = record.flags;
    // The flag appears the day after the date, whoever looks.
    if standing::is_inspection_overdue(record, today) {
        flags.insert(VehicleStatusFlag::InspectionOverdue);
    }
    let (plate_kind, plate_number) = registration.plate_shown();
    Some(Vehicle {
        vin: record.vin,
        plate_kind: plate_kind.into(),
        plate_number,
        vehicle_type: record.vehicle_type.into(),
        use_character: record.use_character.into(),
        first_registered_on: registration.first_registered_on,
        status_flags: flags.iter().map(Into::into).collect(),
        mortgaged: !registration.mortgages.is_empty(),
        mortgages: registration
            .mortgages
            .iter()
            .filter_map(|mortgage| {
                let registered_on = mortgage.registered_on?;
                let pledged = mortgage.pledged;
                Some(PublicMortgage {
                    pledged,
                    registered_on,
                })
            })
            .collect(),
        inspection_due_on: registration.inspection_due_on,
        inspection_due_kind: outstanding.kind.into(),
        inspection_window_opens_on: outstanding.window_opens_on,
        scrap_due_on: record.scrap_due_on(),
        awaiting_sale: (registration.in_stock && !record.has_moved_out()).then(|| AwaitingSale {
            remark: AWAITING_SALE.to_owned(),
            since: registration.acquired_on,
            temporary_plates: temporary_plates::issued_to_stock(record, registration, register),
        }),
    })
}
