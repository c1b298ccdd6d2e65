use lingminban::api::{
    ForecastInspections, Found, InspectionForecast, InspectionForecastRequest, Json,
};

use crate::{
    engine::{
        Engine, Fault,
        filing::Filing,
        pipeline::{Handle, Input, Scene},
        refusal::Refusal,
    },
    rules::forecast,
};

impl Handle<ForecastInspections> for Engine {
    fn examine(
        &self,
        _: &Scene<'_>,
        question: &Filing<'_, InspectionForecastRequest>,
    ) -> Vec<Fault> {
        forecast::examine(question)
    }

    fn handle(
        &self,
        _: &mut Scene<'_>,
        input: Input<ForecastInspections>,
    ) -> Result<Found<InspectionForecast>, Refusal> {
        let Json(request) = input.body;
        Ok(Found(InspectionForecast::of(&request)))
    }
}
