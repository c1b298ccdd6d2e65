use lingminban::{
    api::{Created, DrawPlates, Json, Place, PlateDraw, PlateDrawRequest, ProblemCode, Service},
    codes::PlateKind,
    moment::Moment,
};

use super::filing;
use crate::engine::{
    Engine, Fault,
    filing::Filing,
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
};
use crate::field;

impl Handle<DrawPlates> for Engine {
    fn authorise(&self, scene: &Scene<'_>, input: &Input<DrawPlates>) -> Result<(), Refusal> {
        let Json(request) = &input.body;
        let outlets = filing::outlets(scene, request.outlet_id.as_ref())?;
        let gives_plates = |service| outlets[0].is_entrusted_with(service);
        if ![Service::Registration, Service::Transfer]
            .into_iter()
            .any(gives_plates)
        {
            let place = Place::Header("Authorization");
            return Err(Refusal::at(ProblemCode::ServiceNotEntrusted, place));
        }
        if !matches!(
            request.plate_kind,
            PlateKind::SmallVehicle | PlateKind::SmallNewEnergy
        ) {
            let place = Place::Pointer("/plate_kind".to_owned());
            return Err(Refusal::at(ProblemCode::VehicleClassNotEntrusted, place));
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
