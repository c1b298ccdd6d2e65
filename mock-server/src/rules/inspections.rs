//! 检验: what a booking and a result must say (R164 Art 54, GB 38900).

use jiff::civil::Date;
use lingminban::{
    api::{FindingCode, InspectedItem, InspectionBooking, InspectionItem},
    inspection::DueKind,
};

use super::{
    on_record::{self, Claim},
    parties,
    situation::Situation,
};
use crate::engine::{
    Fault,
    filing::{Field, Filing},
    register::VehicleRecord,
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
        mismatches(filing, situation),
        not_due(filing, situation, day),
    ]
    .concat()
}

/// 与登记内容不符.
fn mismatches(filing: &Filing<'_, InspectionBooking>, situation: &Situation<'_>) -> Vec<Fault> {
    let (Some(vehicle), Some(owner)) = (filing.get(field!(vehicle)), filing.get(field!(owner)))
    else {
        return Vec::new();
    };
    let known = situation.register.vehicle(vehicle.vin);
    let on_record = known.and_then(|known| Some((known, known.registration.as_ref()?)));
    let Some((known, registration)) = on_record else {
        return Vec::new();
    };
    let claim = Claim {
        plate: (vehicle.plate_kind, vehicle.plate_number),
        certificate: None,
        owner: &owner,
        owner_at: ["/owner/identity_number", "/owner/name"],
    };
    let found = claim.mismatches(known, registration);
    found
        .map(|(pointer, code)| Fault::finding(code, pointer))
        .collect()
}

/// A test is due, and the day lies within its window or behind it.
fn not_due(
    filing: &Filing<'_, InspectionBooking>,
    situation: &Situation<'_>,
    day: Date,
) -> Vec<Fault> {
    let vin: Field<InspectionBooking, _> = field!(vehicle.vin);
    let known = filing
        .get(vin)
        .and_then(|named| situation.register.vehicle(*named));
    let code = known.and_then(|known| why_not(known, day));
    code.map(|code| Fault::finding(code, vin.pointer))
        .into_iter()
        .collect()
}

/// Why a vehicle is not tested on a day, if it is not.
#[must_use]
pub fn why_not(vehicle: &VehicleRecord, day: Date) -> Option<FindingCode> {
    let outstanding = vehicle.outstanding(day)?;
    if day < outstanding.window_opens_on {
        Some(FindingCode::InspectionWindowNotOpen)
    } else if outstanding.kind == DueKind::Mark {
        Some(FindingCode::TestNotNeeded)
    } else {
        None
    }
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
    use super::*;

    fn inspected(item: InspectionItem, passed: bool, finding: Option<&str>) -> InspectedItem {
        InspectedItem {
            item,
            passed,
            finding: finding.map(|text| text.parse().unwrap()),
        }
    }

    fn told(faults: &[Fault]) -> Vec<(String, &'static str, Option<&str>)> {
        let one = |fault: &Fault| {
            let lingminban::api::Place::Pointer(place) = &fault.place else {
                panic!("{fault:?}")
            };
            (place.clone(), fault.code)
        };
        faults
            .iter()
            .map(|fault| {
                let (place, code) = one(fault);
                let detail = faults.iter().find(|other| *other == fault).unwrap();
                (place, code, detail.detail.as_deref())
            })
            .collect()
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
            ("/items/1/finding".to_owned(), "item_finding_missing", None),
            ("/items/2/item".to_owned(), "item_twice", None),
            (
                "/items/2/finding".to_owned(),
                "item_finding_contradictory",
                None,
            ),
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
            ("/items".to_owned(), "item_missing", Some("headlamps")),
            ("/items/1/item".to_owned(), "item_not_due", None),
        ];
        let faults = examine_against_due(&items, &[Brakes, Headlamps]);
        assert_eq!(told(&faults), expected);
        assert_eq!(examine_against_due(&items, &[Brakes, Emissions]), []);
    }
}
