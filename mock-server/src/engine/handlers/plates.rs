use lingminban::{
    api::{Created, DrawPlates, Json, Place, PlateDraw, PlateDrawRequest, ProblemCode, Service},
    codes::{PlateKind, UseCharacter, VehicleType},
    moment::Moment,
    services,
};

use super::filing;
use crate::engine::{
    Engine, Fault,
    directory::Outlet,
    filing::Filing,
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
};
use crate::field;

/// Whether plates of the kind are for vehicles that the outlet registers or transfers.
fn bears(outlet: &Outlet, kind: PlateKind) -> bool {
    let entrusted = |service, vehicle_type| {
        let used = UseCharacter::NonOperating;
        outlet.is_entrusted_with(service)
            && services::rule(service).entrusted(outlet.kind, vehicle_type, used) == [true; 2]
    };
    let bears = |vehicle_type: &&VehicleType| {
        [false, true]
            .into_iter()
            .any(|new_energy| PlateKind::for_vehicle(**vehicle_type, new_energy) == Some(kind))
    };
    VehicleType::ALL.iter().filter(bears).any(|vehicle_type| {
        GIVING_PLATES
            .into_iter()
            .any(|service| entrusted(service, *vehicle_type))
    })
}

/// The services for which numbers are drawn.
const GIVING_PLATES: [Service; 2] = [Service::Registration, Service::Transfer];

impl Handle<DrawPlates> for Engine {
    fn authorise(&self, scene: &Scene<'_>, input: &Input<DrawPlates>) -> Result<(), Refusal> {
        let Json(request) = &input.body;
        let outlets = filing::outlets(scene, request.outlet_id.as_ref())?;
        let gives_plates = |service| outlets[0].is_entrusted_with(service);
        if !GIVING_PLATES.into_iter().any(gives_plates) {
            let place = Place::Header("Authorization");
            return Err(Refusal::unentrusted(
                ProblemCode::ServiceNotEntrusted,
                place,
            ));
        }
        if !bears(&outlets[0], request.plate_kind) {
            let place = Place::Pointer("/plate_kind".to_owned());
            return Err(Refusal::unentrusted(
                ProblemCode::VehicleClassNotEntrusted,
                place,
            ));
        }
        Ok(())
    }

    fn examine(&self, scene: &Scene<'_>, filing: &Filing<'_, PlateDrawRequest>) -> Vec<Fault> {
        filing::needs_outlet(scene, filing, field!(outlet_id?))
            .into_iter()
            .collect()
    }

    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<DrawPlates>,
    ) -> Result<Created<PlateDraw>, Refusal> {
        let Json(request) = input.body;
        let state = &mut *scene.state;
        let drawn = state.draws.draw(
            scene.partner,
            request.plate_kind,
            &state.register,
            &mut state.chance,
            scene.now,
        );
        let (plate_draw_id, draw) =
            drawn.ok_or_else(|| Refusal::new(ProblemCode::ServiceUnavailable))?;
        Ok(Created(PlateDraw {
            plate_draw_id,
            plate_kind: draw.kind.into(),
            plate_numbers: draw.numbers,
            held_until: Moment::new(draw.held_until),
        }))
    }
}
