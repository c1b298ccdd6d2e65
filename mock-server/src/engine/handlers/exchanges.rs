use lingminban::{
    api::{FilingRequest, FindingCode, PlateExchangeRequest},
    identifiers::Vin,
    services::MaterialCondition,
};

use super::filing::{Judgement, Procedure, on_record};
use crate::{
    engine::{
        Fault,
        docket::Outcome,
        filing::Filing,
        pipeline::Scene,
        refusal::Refusal,
        register::{Register, Registration, VehicleRecord, Words},
    },
    rules::{exchange, materials, situation::Situation},
};

impl Procedure for PlateExchangeRequest {
    const CLASS_POINTERS: [&'static str; 2] = ["/vehicle/vin"; 2];

    fn other_vehicle(&self) -> Option<(Vin, &'static str)> {
        Some((self.other.vehicle.vin, "/other/vehicle/vin"))
    }

    fn examine(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        exchange::examine(filing, situation)
    }

    fn judge(&self, situation: &Situation<'_>) -> Result<Judgement, Refusal> {
        let pair = pair(self, situation.register)?;
        let silent = pair.iter().fold(0, |silent, (vehicle, _)| {
            silent | vehicle.silent_lookups.bits()
        });
        Ok(Judgement {
            materials: materials::required(Self::SERVICE, Words::from_bits(silent), |condition| {
                match condition {
                    MaterialCondition::Always => true,
                    MaterialCondition::Agent => self.agent.is_some(),
                    _ => false,
                }
            }),
            grounds: exchange::grounds(self, pair, situation),
            warnings: Vec::new(),
            vehicle_check: false,
        })
    }

    fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal> {
        let pair = pair(&self, &scene.state.register)?;
        let [record, other] = exchange::exchanged(pair.map(|(vehicle, _)| vehicle));
        Ok(Outcome {
            other_record: Some(Box::new(other)),
            ..Outcome::of(record)
        })
    }
}

/// Both vehicles as they are registered.
///
/// # Errors
/// 422 when one is not.
fn pair<'a>(
    request: &PlateExchangeRequest,
    register: &'a Register,
) -> Result<[(&'a VehicleRecord, &'a Registration); 2], Refusal> {
    let other = on_record(request.other.vehicle.vin, register).map_err(|_| {
        let code = FindingCode::VehicleNotRegistered;
        Refusal::invalid(vec![Fault::finding(code, "/other/vehicle/vin")])
    });
    Ok([on_record(request.vehicle.vin, register)?, other?])
}
