use lingminban::api::{
    DrivingPermitReplacementRequest, InspectionMarkReplacementRequest, PlateReplacementRequest,
    RegistrationCertificateReplacementRequest,
};

use super::{filing::next_certificate, owners::OwnersService};
use crate::{
    engine::{
        Fault,
        docket::Ground,
        filing::Filing,
        pipeline::Scene,
        refusal::Refusal,
        register::{Registration, VehicleRecord},
    },
    rules::{mortgage, replacements, situation::Situation},
};

/// The number stays; new plates show in nothing that is on record.
impl OwnersService for PlateReplacementRequest {}

impl OwnersService for DrivingPermitReplacementRequest {}

impl OwnersService for RegistrationCertificateReplacementRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        replacements::examine_certificate(filing, situation)
    }

    fn more_grounds(
        &self,
        _: &VehicleRecord,
        registration: &Registration,
        _: &Situation<'_>,
    ) -> Vec<Ground> {
        mortgage::agreed(self.mortgagee_agreement.as_ref(), registration)
            .into_iter()
            .collect()
    }

    fn issue(&self, scene: &mut Scene<'_>, registration: &mut Registration) -> Result<(), Refusal> {
        registration.certificate_number = next_certificate(scene.state)?;
        Ok(())
    }
}

impl OwnersService for InspectionMarkReplacementRequest {
    fn more_grounds(
        &self,
        known: &VehicleRecord,
        _: &Registration,
        situation: &Situation<'_>,
    ) -> Vec<Ground> {
        let code = replacements::uninsured(known, situation.today);
        code.map(Ground::of_vehicle).into_iter().collect()
    }
}
