//! 检测站的一个上午: thirty cars booked, three that just come, two that fail, and marks without a test
//! between them.
//!
//! `cargo run --example station_morning`; no account and no network are needed.

#![allow(
    clippy::print_stdout,
    reason = "it is a program that tells what it does"
)]

use std::{error::Error, time::Duration};

use lingminban::{
    Client, Submission,
    api::{
        BookInspection, CheckIn, Document, ExemptMarkRequest, InspectAtOneStop, InspectedItem,
        Inspection, InspectionBooking, InspectionId, InspectionItem, OneStop, OneStopRequest,
        Operation, OperatorId, OutletKind, PartnerReference, SlotFilter, SubmitExemptMark,
        control::{PutVehicle, SpaceId, VehicleOnRecord},
    },
    client::WaitOptions,
    identifiers::Vin,
};
use lingminban_sandbox::{Control, Sandbox};

type Outcome<T> = Result<T, Box<dyn Error>>;

const BOOKED: u32 = 30;
const WALK_INS: u32 = 3;
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let sandbox = Sandbox::start().await?;
    let control = sandbox.control()?;
    let station = sandbox.client(OutletKind::InspectionStation)?;
    let operator = sandbox
        .credential(OutletKind::InspectionStation)
        .ok_or("没有检测站 · no station")?
        .operator_id;

    println!("== 前一天：预约 · The day before: {BOOKED} cars book ==");
    let mut cars = Vec::new();
    for number in 0..BOOKED + WALK_INS {
        cars.push(put_on_record(&control, number).await?);
    }
    let slots = tomorrow_morning(&station, &sandbox).await?;
    let mut booked = Vec::new();
    for (number, (car, starts_at)) in cars.iter().zip(slots).take(BOOKED as usize).enumerate() {
        let booking = InspectionBooking {
            starts_at: Some(starts_at),
            partner_reference: reference("YY", number)?,
            ..car.clone()
        };
        booked.push(
            station
                .inspections()
                .book(&Submission::new(booking))
                .await?,
        );
    }
    say("已预约 · Booked", booked.len());

    println!("\n== 上午：交钥匙 · The morning: the key is handed over once ==");
    sandbox.clock().advance(23 * HOUR);
    let mut tally = Tally::default();
    for (number, inspection) in booked.iter().enumerate() {
        // 两辆制动不合格 · The brakes of two fail.
        let brakes = number != 7 && number != 19;
        let request = one_stop(&cars[number], number, brakes)?;
        let request = OneStopRequest {
            inspection_id: Some(inspection.inspection_id.clone()),
            ..request
        };
        tally.count(&inspected(&station, request).await?);
        if number % 10 == 4 {
            exempt_mark(&station, number, &operator, &sandbox).await?;
        }
    }
    for (number, car) in cars.iter().enumerate().skip(booked.len()) {
        tally.count(&inspected(&station, one_stop(car, number, true)?).await?);
    }
    say("合格 · Passed", tally.passed);
    say("不合格 · Failed", tally.failed.len());

    println!("\n== 修好后复检 · Repaired, and tested again for what had failed ==");
    for id in &tally.failed {
        let again = repaired(&station, id, &operator).await?;
        say("复检 · Re-test", format!("{id}: {}", again.status));
    }
    for application in &tally.marks {
        let done = station.wait(application, WaitOptions::default()).await?;
        done.result.ok_or("标志未核发 · no mark was issued")?;
    }
    say("已核发检验合格标志 · Marks issued", tally.marks.len());
    sandbox.stop().await;
    Ok(())
}

/// What a morning comes to.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<InspectionId>,
    marks: Vec<lingminban::api::ApplicationId>,
}

impl Tally {
    fn count(&mut self, done: &OneStop) {
        match &done.application {
            Some(application) => {
                self.passed += 1;
                self.marks.push(application.application_id.clone());
            }
            None => self.failed.push(done.inspection.inspection_id.clone()),
        }
    }
}

/// A car that is due in April, with its owner; its booking names no slot yet.
async fn put_on_record(control: &Control, number: u32) -> Outcome<InspectionBooking> {
    let vin = Vin::with_check_digit(&format!("LZZTEST10N1{:06}", 500_000 + number))?;
    let due: VehicleOnRecord = example::<PutVehicle, _>()?;
    let record = VehicleOnRecord {
        plate_number: format!("鲁C6{number:04}").parse()?,
        ..due
    };
    let mut booking: InspectionBooking = example::<BookInspection, _>()?;
    booking.vehicle.vin = vin;
    booking.vehicle.plate_number = Some(record.plate_number);
    booking.owner.name = record.owner.name.clone();
    booking.owner.identity_number = record.owner.identity_number;
    booking.starts_at = None;
    control
        .put_vehicle(&SpaceId::numbered(0), vin, record)
        .await?;
    Ok(booking)
}

/// The beginnings of tomorrow's slots before noon, each as often as it has places.
async fn tomorrow_morning(
    station: &Client,
    sandbox: &Sandbox,
) -> Outcome<Vec<lingminban::moment::Moment>> {
    let tomorrow = sandbox.clock().now().date().tomorrow()?;
    let filter = SlotFilter::builder().from(tomorrow).to(tomorrow).build();
    let outlet = "zb-station-001".parse()?;
    let calendar = station.inspections().list_slots(&outlet, &filter).await?;
    let places = calendar
        .slots
        .iter()
        .flat_map(|slot| (0..slot.free).map(|_| slot.starts_at));
    Ok(places.collect())
}

/// The whole way of a car, with its brakes in order or not.
fn one_stop(car: &InspectionBooking, number: usize, brakes: bool) -> Outcome<OneStopRequest> {
    let mut request: OneStopRequest = example::<InspectAtOneStop, _>()?;
    request.mark.owner = car.owner.clone();
    request.mark.vehicle = car.vehicle.clone();
    request.mark.partner_reference = reference("JC", number)?;
    let mut items = request.items.iter_mut();
    if let Some(tested) = items.find(|tested| tested.item == InspectionItem::Brakes && !brakes) {
        tested.passed = false;
        tested.finding = Some("后轴制动不平衡率超限".parse()?);
    }
    Ok(request)
}

async fn inspected(station: &Client, request: OneStopRequest) -> Outcome<OneStop> {
    let submission = Submission::new(request);
    Ok(station
        .inspections()
        .inspect_at_one_stop(&submission)
        .await?)
}

/// A re-test in its single steps, as a station works that has no one stop.
async fn repaired(
    station: &Client,
    id: &InspectionId,
    operator: &OperatorId,
) -> Outcome<Inspection> {
    let check_in = CheckIn {
        operator_id: operator.clone(),
    };
    let inspections = station.inspections();
    let again = inspections.check_in(id, &check_in).await?;
    let result = lingminban::api::InspectionResult {
        operator_id: operator.clone(),
        items: again.items_due.iter().filter_map(passed).collect(),
    };
    Ok(inspections.record_result(id, &result).await?)
}

fn passed(item: &lingminban::api::Open<InspectionItem>) -> Option<InspectedItem> {
    Some(InspectedItem {
        item: item.known()?,
        passed: true,
        finding: None,
    })
}

/// 六年免检: between two tests somebody comes for his mark alone.
async fn exempt_mark(
    station: &Client,
    number: usize,
    operator: &OperatorId,
    sandbox: &Sandbox,
) -> Outcome<()> {
    let control = sandbox.control()?;
    let two_years_old = put_two_years_old(&control, number).await?;
    let request = ExemptMarkRequest {
        operator_id: operator.clone(),
        partner_reference: reference("MJ", number)?,
        ..two_years_old
    };
    let filed = station
        .inspections()
        .submit(&Submission::new(request))
        .await?;
    let done = station
        .wait(&filed.application_id, WaitOptions::default())
        .await?;
    let result = done.result.ok_or("标志未核发 · no mark was issued")?;
    say(
        "免检标志 · A mark without a test, valid until",
        result.inspection_due_on,
    );
    Ok(())
}

async fn put_two_years_old(control: &Control, number: usize) -> Outcome<ExemptMarkRequest> {
    let vin = Vin::with_check_digit(&format!("LZZTEST10N1{:06}", 600_000 + number))?;
    let due: VehicleOnRecord = example::<PutVehicle, _>()?;
    let record = VehicleOnRecord {
        manufactured_on: Some("2024-02-15".parse()?),
        first_registered_on: "2024-04-15".parse()?,
        plate_number: format!("鲁C7{number:04}").parse()?,
        ..due
    };
    let mut request: ExemptMarkRequest = example::<SubmitExemptMark, _>()?;
    request.vehicle.vin = vin;
    request.vehicle.plate_number = Some(record.plate_number);
    request.owner.name = record.owner.name.clone();
    request.owner.identity_number = record.owner.identity_number;
    control
        .put_vehicle(&SpaceId::numbered(0), vin, record)
        .await?;
    Ok(request)
}

fn reference(kind: &str, number: usize) -> Outcome<PartnerReference> {
    Ok(format!("{kind}-2026-{number:06}").parse()?)
}

/// The first example of an operation.
fn example<O: Operation, R: Document>() -> Outcome<R> {
    let first = O::EXAMPLES.first().ok_or("没有示例 · no example")?;
    Ok(serde_json::from_str(first.json)?)
}

fn say(what: &str, value: impl std::fmt::Display) {
    println!("{what}: {value}");
}
