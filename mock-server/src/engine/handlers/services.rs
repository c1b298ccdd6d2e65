use lingminban::api::{Found, ListServices, ServiceList};

use crate::engine::{
    Engine,
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
};

impl Handle<ListServices> for Engine {
    fn handle(
        &self,
        _: &mut Scene<'_>,
        _: Input<ListServices>,
    ) -> Result<Found<ServiceList>, Refusal> {
        Ok(Found(ServiceList::published()))
    }
}
