use lingminban::api::{Catalogue, Found, GetCatalogue};

use crate::engine::{
    Engine, catalogue,
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
};

impl Handle<GetCatalogue> for Engine {
    fn handle(
        &self,
        _: &mut Scene<'_>,
        _: Input<GetCatalogue>,
    ) -> Result<Found<Catalogue>, Refusal> {
        Ok(Found(catalogue::catalogue()))
    }
}
