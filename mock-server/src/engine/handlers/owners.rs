//! Applications of the owner of a registered vehicle: what they share, and how each differs.

use jiff::civil::Date;
use lingminban::{
    api::{
        AddressChangeRequest, AlterationRequest, CoOwnerChangeRequest, ContactChangeRequest,
        CorrectionRequest, DeregistrationCause, DeregistrationRequest,
        DrivingPermitReplacementRequest, ExemptMarkRequest, IdentityChangeRequest,
        InspectionMarkReplacementRequest, InspectionMarkRequest, Lookup, MortgageReleaseRequest,
        MortgageRequest, OwnerNameChangeRequest, PlateReplacementRequest, PledgeReleaseRequest,
        PledgeRequest, RegistrationCertificateReplacementRequest,
    },
    identifiers::IdentityNumber,
    services::MaterialCondition,
};

use super::filing::{Judgement, Procedure, on_record};
use crate::{
    engine::{
        Fault,
        docket::{Ground, Outcome},
        filing::{Field, Filing},
        pipeline::Scene,
        refusal::Refusal,
        register::{Registration, VehicleRecord, Words},
    },
    rules::{
        materials,
        on_record::{self as record, OwnersRequest},
        situation::Situation,
    },
};

/// What one service adds to what all of them share.
pub(super) trait OwnersService: OwnersRequest {
    /// 变更前的所有人, where completion gives the vehicle to the applicant.
    const FORMER_OWNER: Option<Field<Self, IdentityNumber>> = None;

    /// 查验: whether the vehicle is shown.
    const VEHICLE_CHECK: bool = false;

    /// What more the submission alone shows to be wrong.
    fn examine_more(_filing: &Filing<'_, Self>, _situation: &Situation<'_>) -> Vec<Fault> {
        Vec::new()
    }

    /// Grounds beyond what all of them share.
    fn more_grounds(
        &self,
        _known: &VehicleRecord,
        _registration: &Registration,
        _situation: &Situation<'_>,
    ) -> Vec<Ground> {
        Vec::new()
    }

    /// Whether it asks for what stands under a condition that is this service's own.
    fn asks(&self, _known: &VehicleRecord, _condition: MaterialCondition) -> bool {
        false
    }

    /// Sources that have no answer to it.
    fn silent(&self, known: &VehicleRecord, _today: Date) -> Words<Lookup> {
        known.silent_lookups
    }

    /// 注销原因, where it is the end of a registration.
    fn deregistered_for(&self) -> Option<DeregistrationCause> {
        None
    }

    /// 提示.
    fn warnings(&self, _today: Date) -> Vec<Ground> {
        Vec::new()
    }

    /// Writes into the record what completion changes in it.
    fn change(&self, _registration: &mut Registration) {}

    /// Writes into the record the numbers that completion gives out.
    ///
    /// # Errors
    /// When the city has run out of something.
    fn issue(
        &self,
        _scene: &mut Scene<'_>,
        _registration: &mut Registration,
    ) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Their [`Procedure`] is one: no blanket implementation, which would shut out all other services.
macro_rules! procedures {
    ($($request:ty),+ $(,)?) => { $(
        impl Procedure for $request {
            const CLASS_POINTERS: [&'static str; 2] = ["/vehicle/vin"; 2];

            const FORMER_OWNER: Option<Field<Self, IdentityNumber>> =
                <Self as OwnersService>::FORMER_OWNER;

            fn examine(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
                let mut faults = record::examine(filing, situation);
                faults.extend(Self::examine_more(filing, situation));
                faults
            }

            fn judge(&self, situation: &Situation<'_>) -> Result<Judgement, Refusal> {
                judge(self, situation)
            }

            fn foresee(&self, record: &mut VehicleRecord, _: Date) {
                if let Some(registration) = &mut record.registration {
                    self.change(registration);
                }
            }

            fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
                outcome(&self, scene)
            }
        }
    )+ };
}
procedures!(
    ContactChangeRequest,
    OwnerNameChangeRequest,
    DeregistrationRequest,
    PlateReplacementRequest,
    DrivingPermitReplacementRequest,
    RegistrationCertificateReplacementRequest,
    InspectionMarkReplacementRequest,
    MortgageRequest,
    MortgageReleaseRequest,
    PledgeRequest,
    PledgeReleaseRequest,
    InspectionMarkRequest,
    ExemptMarkRequest,
    AddressChangeRequest,
    AlterationRequest,
    CoOwnerChangeRequest,
    IdentityChangeRequest,
    CorrectionRequest,
);

fn judge<R: OwnersService>(request: &R, situation: &Situation<'_>) -> Result<Judgement, Refusal> {
    let (vehicle, registration) = on_record(request.vehicle().vin, situation.register)?;
    Ok(Judgement {
        materials: materials::required(
            R::SERVICE,
            request.silent(vehicle, situation.today),
            |condition| match condition {
                MaterialCondition::Always => true,
                MaterialCondition::Agent => request.agent().is_some(),
                own => request.asks(vehicle, own),
            },
        ),
        grounds: [
            record::grounds(request, vehicle, registration, situation),
            request.more_grounds(vehicle, registration, situation),
        ]
        .concat(),
        warnings: request.warnings(situation.today),
        vehicle_check: R::VEHICLE_CHECK,
    })
}

fn outcome<R: OwnersService>(request: &R, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
    let (vehicle, registration) = on_record(request.vehicle().vin, &scene.state.register)?;
    let (vehicle, mut registration) = (vehicle.clone(), registration.clone());
    let deregistered_for = request.deregistered_for();
    request.change(&mut registration);
    request.issue(scene, &mut registration)?;
    Ok(Outcome {
        deregistered_for,
        ..Outcome::of(VehicleRecord {
            registration: Some(registration),
            ..vehicle
        })
    })
}
