//! 登记地: what is registered here, what elsewhere, and what may pass between the two
//! (R164 Art 2, 27; 商办消费函〔2021〕165号).

use lingminban::{
    api::{FindingCode, Service, TransferKind, TransferRequest},
    identifiers::PlateNumber,
};

use super::{parties, situation::Situation};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
    register::{Registration, VehicleRecord},
};
use crate::field;

type Member<T> = Field<TransferRequest, T>;

/// Whether the service may be asked for anywhere in the country: 转入 is for vehicles from elsewhere, and
/// marks are issued by any office (R164 Art 54, 55, 57; 全国通检).
const fn is_of_any_place(service: Service) -> bool {
    matches!(
        service,
        Service::InspectionMark
            | Service::ExemptMark
            | Service::InspectionMarkReplacement
            | Service::MoveIn
    )
}

/// 登记地: an office keeps the records of the vehicles registered with it (R164 Art 2).
#[must_use]
pub fn registered_elsewhere(service: Service, registration: &Registration) -> Option<Ground> {
    (registration.elsewhere && !is_of_any_place(service)).then(|| Ground {
        pointer: "/vehicle/plate_number".into(),
        code: FindingCode::RegisteredElsewhere,
    })
}

/// 鲁C: whether the number is one of this city.
#[must_use]
pub fn is_of_city(number: PlateNumber) -> bool {
    number.issuing_authority() == Some("鲁C")
}

/// 转让地域: the kind named is the one that vehicle and buyer make it; no third place.
#[must_use]
pub fn examine(filing: &Filing<'_, TransferRequest>, situation: &Situation<'_>) -> Vec<Fault> {
    use TransferKind::{Inbound, Local, Outbound};
    let kind: Member<_> = field!(transfer_kind?);
    let region: Member<_> = field!(buyer.address.region_code);
    let named = filing.get(kind).map(|kind| *kind);
    if filing.has(kind) && named.is_none() {
        return Vec::new();
    }
    let permit: Member<_> = field!(buyer.address.residence_permit_region_code?);
    let Some(buyer) = parties::domicile(filing, region, permit) else {
        return Vec::new();
    };
    let known = filing
        .get(field!(vehicle.vin))
        .and_then(|vin| situation.register.vehicle(*vin));
    // What has moved out is registered elsewhere by the time it comes back; that nothing else is done
    // of it here, the authority tells.
    let back = |vehicle: &VehicleRecord| vehicle.has_moved_out() && named == Some(Inbound);
    let elsewhere = known.and_then(|vehicle| {
        let registration = vehicle.registration.as_ref()?;
        Some(registration.elsewhere || back(vehicle))
    });
    let mismatch = (kind.pointer, FindingCode::TransferKindMismatch);
    let found = match (named.unwrap_or(Local), elsewhere) {
        (_, Some(true)) if !buyer.here => (region.pointer, FindingCode::ThirdPlaceTransfer),
        (Local | Outbound, Some(true)) | (Inbound, Some(false)) => mismatch,
        (Local | Inbound, _) if !buyer.here => (region.pointer, FindingCode::BuyerAddressElsewhere),
        (Outbound, _) if !buyer.elsewhere => mismatch,
        _ => return Vec::new(),
    };
    vec![Fault::finding(found.1, found.0)]
}
