//! 检验: what a booking and a result must say (R164 Art 54, GB 38900).

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{
        FindingCode, InspectedItem, InspectionBooking, InspectionItem, InspectionMarkRequest,
        Party, RegisteredVehicle, Service,
    },
    identifiers::Vin,
    inspection::DueKind,
    text::Text,
};

use super::{
    on_record::{self, Claim},
    parties,
    situation::Situation,
    standing,
};
use crate::engine::{
    Fault,
    filing::{Field, Filing},
    inspections::Inspected,
    register::{Registration, VehicleRecord},
    world::date_of,
};
use crate::field;

/// Everything that is wrong with a booking for a day. Nothing is filed by it that could be refused later,
/// so what the records say against it is told at once.
#[must_use]
pub fn examine_booking(
    filing: &Filing<'_, InspectionBooking>,
    situation: &Situation<'_>,
    day: Date,
) -> Vec<Fault> {
    [
        on_record::registered(filing, situation, field!(vehicle.vin)),
        on_record::named_plate(
            filing,
            field!(vehicle.plate_number?),
            field!(vehicle.plate_kind),
        ),
        parties::identity(
            filing,
            situation.today,
            field!(owner.kind),
            field!(owner.identity_number),
        ),
        on_the_records(
            filing,
            situation,
            (field!(vehicle), field!(owner), field!(vehicle.vin)),
            day,
        ),
    ]
    .concat()
}

/// The same of a vehicle that comes to the one stop without a booking, beside what its application for a
/// mark alone shows to be wrong: what no authority is to decide about is not left to it.
#[must_use]
pub fn examine_walk_in(
    mark: &Filing<'_, InspectionMarkRequest>,
    situation: &Situation<'_>,
) -> Vec<Fault> {
    on_the_records(
        mark,
        situation,
        (field!(vehicle), field!(owner), field!(vehicle.vin)),
        situation.today,
    )
}

/// The members of a submission that name a vehicle, its owner, and the vehicle's VIN.
type Named<S> = (Field<S, RegisteredVehicle>, Field<S, Party>, Field<S, Vin>);

/// Everything that the records say against testing the vehicle that is named on a day.
fn on_the_records<S>(
    filing: &Filing<'_, S>,
    situation: &Situation<'_>,
    (vehicle, owner, vin): Named<S>,
    day: Date,
) -> Vec<Fault> {
    let known = filing
        .get(vin)
        .and_then(|named| situation.register.vehicle(*named));
    let Some(known) = known else {
        return Vec::new();
    };
    let mut faults = against(known, day, vin.pointer);
    if let (Some(vehicle), Some(owner), Some(registration)) =
        (filing.get(vehicle), filing.get(owner), &known.registration)
    {
        faults.extend(mismatches(&vehicle, &owner, situation, registration));
    }
    faults
}

/// 与登记内容不符.
fn mismatches(
    vehicle: &RegisteredVehicle,
    owner: &Party,
    situation: &Situation<'_>,
    registration: &Registration,
) -> impl Iterator<Item = Fault> + use<> {
    let claim = Claim {
        plate: (vehicle.plate_kind, vehicle.plate_number),
        certificate: None,
        owner,
        owner_at: ["/owner/identity_number", "/owner/name"],
    };
    let found = claim.mismatches(situation.register, vehicle.vin, registration);
    found.map(|(pointer, code)| Fault::finding(code, pointer))
}

/// What stands against testing a vehicle on a day, told at a place: what it is by then, with the article
/// that keeps its mark back, and that no test is due.
#[must_use]
pub fn against(vehicle: &VehicleRecord, day: Date, pointer: &str) -> Vec<Fault> {
    let barred = standing::bars_test(vehicle, day).into_iter();
    let barred = barred.map(|code| Fault {
        rule: Some(standing::rule(Service::InspectionMark, code)),
        ..Fault::finding(code, pointer)
    });
    let not_due = why_not(vehicle, day).map(|code| Fault::finding(code, pointer));
    barred.chain(not_due).collect()
}

/// Why no test of a vehicle is due on a day, if none is.
fn why_not(vehicle: &VehicleRecord, day: Date) -> Option<FindingCode> {
    let outstanding = vehicle.outstanding(day)?;
    if day < outstanding.window_opens_on {
        Some(FindingCode::InspectionWindowNotOpen)
    } else if outstanding.kind == DueKind::Mark {
        Some(FindingCode::TestNotNeeded)
    } else {
        None
    }
}

/// 复检期限: days after a failed test within which what failed is tested again, and nothing else. No source
/// names a period: a parameter, told in the description of `check_in_inspection`.
const RETEST_DAYS: i64 = 20;

/// Why an inspection is not gone on with, if it is not: what it was for is settled, or it is too late for
/// its re-test. Neither binds the vehicle, which is booked anew and tested in full.
#[must_use]
pub fn settled(inspected: &Inspected, vehicle: &VehicleRecord, today: Date) -> Option<Text> {
    let registration = vehicle.registration.as_ref();
    let due_on = registration.map(|registration| registration.inspection_due_on);
    if due_on != Some(inspected.due_on) {
        return Some(Text {
            zh: "车辆的检验有效期已经改变（已另行核发检验合格标志），本次检验已了结；下次到期时请重新预约",
            en: "The date on the vehicle's papers has changed: a mark has been issued since, and this inspection is settled; book anew when the next one is due.",
        });
    }
    let failed_on = date_of(inspected.tests.last()?.at);
    if vehicle.passed_on.is_some_and(|passed| passed >= failed_on) {
        return Some(Text {
            zh: "车辆此后已在另一次检验中合格，无须复检",
            en: "The vehicle has passed another inspection since; there is nothing to test again.",
        });
    }
    (today > failed_on.saturating_add(RETEST_DAYS.days())).then_some(Text {
        zh: "复检期限已过；请重新预约，全部项目重新检验",
        en: "It is too late for the re-test; book anew, and every item is tested.",
    })
}

/// What the items of a result alone show to be wrong: each stands once, and says what was found if
/// something was.
#[must_use]
pub fn examine_items(items: &[InspectedItem]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, inspected) in items.iter().enumerate() {
        let at = |member| format!("/items/{place}/{member}");
        let before = &items[..place];
        if before.iter().any(|other| other.item == inspected.item) {
            faults.push(Fault::finding(FindingCode::ItemTwice, at("item")));
        }
        let code = match (inspected.passed, &inspected.finding) {
            (false, None) => FindingCode::ItemFindingMissing,
            (true, Some(_)) => FindingCode::ItemFindingContradictory,
            _ => continue,
        };
        faults.push(Fault::finding(code, at("finding")));
    }
    faults
}

/// Whether a result is of the items that are due: each of them, and no other.
#[must_use]
pub fn examine_against_due(items: &[InspectedItem], due: &[InspectionItem]) -> Vec<Fault> {
    let stands = |item: &InspectionItem| items.iter().any(|inspected| inspected.item == *item);
    let missing = due.iter().filter(|item| !stands(item)).map(|item| {
        Fault::finding(FindingCode::ItemMissing, "/items").with_detail(item.to_string())
    });
    let listed = items.iter().enumerate();
    let not_due = listed
        .filter(|(_, inspected)| !due.contains(&inspected.item))
        .map(|(place, _)| Fault::finding(FindingCode::ItemNotDue, format!("/items/{place}/item")));
    missing.chain(not_due).collect()
}

#[cfg(test)]
mod tests {
    use lingminban::api::Place;

    use super::*;

    fn inspected(item: InspectionItem, passed: bool, finding: Option<&str>) -> InspectedItem {
        InspectedItem {
            item,
            passed,
            finding: finding.map(|text| text.parse().unwrap()),
        }
    }

    fn told(faults: &[Fault]) -> Vec<(&str, &'static str, Option<&str>)> {
        let told = faults.iter().map(|fault| match &fault.place {
            Place::Pointer(place) => (place.as_str(), fault.code, fault.detail.as_deref()),
            _ => panic!("{fault:?}"),
        });
        told.collect()
    }

    #[test]
    fn items_stand_once_and_failures_say_what_was_found() {
        use InspectionItem::{Brakes, Headlamps};
        let items = [
            inspected(Brakes, true, None),
            inspected(Headlamps, false, None),
            inspected(Brakes, true, Some("无")),
        ];
        let expected = [
            ("/items/1/finding", "item_finding_missing", None),
            ("/items/2/item", "item_twice", None),
            ("/items/2/finding", "item_finding_contradictory", None),
        ];
        assert_eq!(told(&examine_items(&items)), expected);
    }

    #[test]
    fn a_result_is_of_the_items_due_and_no_others() {
        use InspectionItem::{Brakes, Emissions, Headlamps};
        let items = [
            inspected(Brakes, true, None),
            inspected(Emissions, true, None),
        ];
        let expected = [
            ("/items", "item_missing", Some("headlamps")),
            ("/items/1/item", "item_not_due", None),
        ];
        let faults = examine_against_due(&items, &[Brakes, Headlamps]);
        assert_eq!(told(&faults), expected);
        assert_eq!(examine_against_due(&items, &[Brakes, Emissions]), []);
    }
}
