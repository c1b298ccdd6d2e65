//! 与登记档案相符: what a submission says of a registered vehicle and of its owner, against the record.

use lingminban::{
    api::{
        AddressChangeRequest, Agent, AlterationRequest, CoOwnerChangeRequest, ContactChangeRequest,
        CorrectionRequest, DeregistrationRequest, DrivingPermitReplacementRequest,
        ExemptMarkRequest, FilingRequest, FindingCode, IdentityChangeRequest,
        InspectionMarkReplacementRequest, InspectionMarkRequest, MortgageReleaseRequest,
        MortgageRequest, MoveInRequest, OwnerNameChangeRequest, Party, PlateExchangeRequest,
        PlateReplacementRequest, PledgeReleaseRequest, PledgeRequest, RegisteredVehicle,
        RegistrationCertificateReplacementRequest, Service,
    },
    codes::PlateKind,
    identifiers::{PersonName, PlateNumber, RegistrationCertificateNumber, Vin},
};

use super::{papers, parties, situation::Situation, standing, territory};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
    register::{Register, Registration, VehicleRecord},
};

/// An application that the owner of a registered vehicle makes, alone or with a lender.
pub trait OwnersRequest: FilingRequest {
    /// 机动车所有人.
    fn owner(&self) -> &Party;

    /// 机动车.
    fn vehicle(&self) -> &RegisteredVehicle;

    /// 代理人; nobody where the owner has to come in person.
    fn agent(&self) -> Option<&Agent> {
        None
    }

    /// 机动车登记证书编号, where it is asked for.
    fn certificate(&self) -> Option<&RegistrationCertificateNumber> {
        None
    }
}

/// Says which of the members that not all have a request has.
macro_rules! owners_request {
    ($request:ty: $($member:ident),*) => {
        impl OwnersRequest for $request {
            fn owner(&self) -> &Party {
                &self.owner
            }

            fn vehicle(&self) -> &RegisteredVehicle {
                &self.vehicle
            }

            $( owners_request!(@ $member); )*
        }
    };
    (@ agent) => {
        fn agent(&self) -> Option<&Agent> {
            self.agent.as_ref()
        }
    };
    (@ registration_certificate_number) => {
        fn certificate(&self) -> Option<&RegistrationCertificateNumber> {
            Some(&self.registration_certificate_number)
        }
    };
}
owners_request!(ContactChangeRequest: agent);
owners_request!(OwnerNameChangeRequest: agent, registration_certificate_number);
owners_request!(DeregistrationRequest: agent, registration_certificate_number);
owners_request!(PlateReplacementRequest: agent);
owners_request!(DrivingPermitReplacementRequest: agent);
owners_request!(RegistrationCertificateReplacementRequest: agent);
owners_request!(InspectionMarkReplacementRequest: agent);
owners_request!(MortgageRequest: agent, registration_certificate_number);
owners_request!(MortgageReleaseRequest: agent, registration_certificate_number);
owners_request!(PledgeRequest: agent, registration_certificate_number);
owners_request!(PledgeReleaseRequest: agent, registration_certificate_number);
owners_request!(InspectionMarkRequest: agent);
owners_request!(ExemptMarkRequest: agent);
owners_request!(PlateExchangeRequest: agent, registration_certificate_number);
owners_request!(MoveInRequest: agent, registration_certificate_number);
owners_request!(AddressChangeRequest: agent);
owners_request!(AlterationRequest: agent, registration_certificate_number);
owners_request!(CoOwnerChangeRequest: registration_certificate_number);
owners_request!(IdentityChangeRequest: agent, registration_certificate_number);
owners_request!(CorrectionRequest: agent, registration_certificate_number);

/// What every such application alone may show to be wrong.
#[must_use]
pub fn examine<R: OwnersRequest>(filing: &Filing<'_, R>, situation: &Situation<'_>) -> Vec<Fault> {
    let today = situation.today;
    [
        registered(
            filing,
            situation,
            Field {
                pointer: "/vehicle/vin",
                read: |request: &R| Some(&request.vehicle().vin),
            },
        ),
        named_plate(
            filing,
            Field {
                pointer: "/vehicle/plate_number",
                read: |request: &R| request.vehicle().plate_number.as_ref(),
            },
            Field {
                pointer: "/vehicle/plate_kind",
                read: |request: &R| Some(&request.vehicle().plate_kind),
            },
        ),
        parties::identity(
            filing,
            today,
            Field {
                pointer: "/owner/kind",
                read: |request: &R| Some(&request.owner().kind),
            },
            Field {
                pointer: "/owner/identity_number",
                read: |request: &R| Some(&request.owner().identity_number),
            },
        ),
        parties::agent(
            filing,
            today,
            Field {
                pointer: "/agent/identity_number",
                read: |request: &R| request.agent().map(|agent| &agent.identity_number),
            },
        ),
        papers::power_of_attorney(
            filing,
            today,
            Field {
                pointer: "/agent/power_of_attorney_until",
                read: |request: &R| request.agent().map(|agent| &agent.power_of_attorney_until),
            },
        ),
    ]
    .concat()
}

/// Grounds of every such application that only the authority's records show.
#[must_use]
pub fn grounds<R: OwnersRequest>(
    request: &R,
    vehicle: &VehicleRecord,
    registration: &Registration,
    situation: &Situation<'_>,
) -> Vec<Ground> {
    let claim = Claim {
        plate: (request.vehicle().plate_kind, request.vehicle().plate_number),
        certificate: request.certificate(),
        owner: request.owner(),
        owner_at: ["/owner/identity_number", "/owner/name"],
    };
    let agent = request.agent();
    let people = [
        ("/owner", Some(&request.owner().identity_number)),
        ("/agent", agent.map(|agent| &agent.identity_number)),
    ];
    standing::grounds(R::SERVICE, vehicle, situation.today)
        .into_iter()
        .chain(without_plates(R::SERVICE, vehicle))
        .map(|code| ("/vehicle/vin", code))
        .chain(claim.mismatches(situation.register, vehicle.vin, registration))
        .map(Ground::from)
        .chain(territory::registered_elsewhere(R::SERVICE, registration))
        .chain(parties::barred(situation, people))
        .collect()
}

/// The vehicle is on record at all.
#[must_use]
pub fn registered<S>(
    filing: &Filing<'_, S>,
    situation: &Situation<'_>,
    vin: Field<S, Vin>,
) -> Vec<Fault> {
    let Some(named) = filing.get(vin) else {
        return Vec::new();
    };
    let vehicle = situation.register.vehicle(*named);
    if vehicle.is_some_and(|vehicle| vehicle.registration.is_some()) {
        Vec::new()
    } else {
        vec![Fault::finding(
            FindingCode::VehicleNotRegistered,
            vin.pointer,
        )]
    }
}

/// 号牌号码 and 号牌种类 fit each other (GA 36).
#[must_use]
pub fn plate<S>(
    filing: &Filing<'_, S>,
    number: Field<S, PlateNumber>,
    kind: Field<S, PlateKind>,
) -> Vec<Fault> {
    match (filing.get(number), filing.get(kind)) {
        (Some(named), Some(kind)) => papers::identifier_fault(number.pointer, named.fits(*kind)),
        _ => Vec::new(),
    }
}

/// 号牌号码: only a vehicle without plates has none.
#[must_use]
pub fn named_plate<S>(
    filing: &Filing<'_, S>,
    number: Field<S, PlateNumber>,
    kind: Field<S, PlateKind>,
) -> Vec<Fault> {
    let plated = filing
        .get(kind)
        .is_some_and(|kind| *kind != PlateKind::Unplated);
    let missing = plated && !filing.has(number);
    let required = missing.then(|| Fault::finding(FindingCode::Required, number.pointer));
    let mut faults = plate(filing, number, kind);
    faults.extend(required);
    faults
}

/// 二手车待销售: what is about the plates of a vehicle, or gives it a number, waits until it is sold.
#[must_use]
pub fn without_plates(service: Service, vehicle: &VehicleRecord) -> Option<FindingCode> {
    let about_plates = matches!(
        service,
        Service::PlateReplacement | Service::PlateExchange | Service::CoOwnerChange
    );
    let registration = vehicle.registration.as_ref();
    let in_stock = registration.is_some_and(|registration| registration.in_stock);
    (about_plates && in_stock).then_some(FindingCode::NoPlates)
}

/// What a submission says is on record.
pub struct Claim<'a> {
    /// 号牌种类 and 号牌号码.
    pub plate: (PlateKind, Option<PlateNumber>),
    /// 机动车登记证书编号, where it is asked for.
    pub certificate: Option<&'a RegistrationCertificateNumber>,
    /// 机动车所有人.
    pub owner: &'a Party,
    /// Where the owner's identity number and name stand.
    pub owner_at: [&'static str; 2],
}

impl Claim<'_> {
    /// 与登记内容不符 (R164 Art 29(1)): plate, certificate, owner. Names are compared without the
    /// separators in which papers of one person differ.
    ///
    /// A vehicle is named by the plates that are on file, also in a part of a bundle before which others will
    /// change them.
    pub fn mismatches(
        &self,
        register: &Register,
        vin: Vin,
        registration: &Registration,
    ) -> impl Iterator<Item = (&'static str, FindingCode)> + use<> {
        let [identity_at, name_at] = self.owner_at;
        let certificate = self.certificate;
        let [kind_agrees, number_agrees] = self.plate_agrees(register.on_file(vin), registration);
        let checks = [
            (kind_agrees, "/vehicle/plate_kind"),
            (number_agrees, "/vehicle/plate_number"),
            (
                certificate.is_none_or(|number| *number == registration.certificate_number),
                "/registration_certificate_number",
            ),
            (
                self.owner.identity_number == registration.owner_identity,
                identity_at,
            ),
            (
                same_name(&self.owner.name, &registration.owner_name),
                name_at,
            ),
        ];
        checks
            .into_iter()
            .filter(|(agrees, _)| !agrees)
            .map(|(_, pointer)| (pointer, FindingCode::RecordMismatch))
    }

    /// Whether kind and number are those on file. What has moved out has plates of another city by the time it
    /// comes back, or none yet: this register knows the ones that it left behind, and takes those of any other
    /// city. A number that is not named where one is required is no other number.
    fn plate_agrees(
        &self,
        on_file: Option<&VehicleRecord>,
        registration: &Registration,
    ) -> [bool; 2] {
        let (kind, number) = self.plate;
        let filed = on_file.and_then(|vehicle| vehicle.registration.as_ref());
        let (shown_kind, shown_number) = filed.unwrap_or(registration).plate_shown();
        let moved_out = on_file.is_some_and(VehicleRecord::has_moved_out);
        if moved_out && number.is_some_and(|number| !territory::is_of_city(number)) {
            return [kind == shown_kind || kind == registration.plate_kind, true];
        }
        let not_named = number.is_none() && kind != PlateKind::Unplated;
        [kind == shown_kind, number == shown_number || not_named]
    }
}

/// Whether two papers name the same person.
#[must_use]
pub fn same_name(one: &PersonName, other: &PersonName) -> bool {
    let plain = |name: &PersonName| -> String {
        let kept = name.as_str().chars().map(|letter| match letter {
            '（' => '(',
            '）' => ')',
            other => other,
        });
        kept.filter(|letter| !letter.is_whitespace() && !matches!(letter, '·' | '•' | '・' | '.'))
            .collect()
    };
    plain(one) == plain(other)
}
