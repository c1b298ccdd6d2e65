use lingminban::api::{
    Found, GetOutlet, ListOperators, ListOutlets, OperatorPage, Outlet, OutletPage, Place,
    ProblemCode,
};

use super::pages::Page;
use crate::engine::{
    Engine,
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
};

impl Handle<ListOutlets> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListOutlets>,
    ) -> Result<Found<OutletPage>, Refusal> {
        let mut filter = input.query;
        let (size, token) = (filter.page_size.take(), filter.page_token.take());
        let page = Page::new::<ListOutlets>(&filter, scene.partner, size, token.as_deref())?;
        let fitting = scene.city.directory.outlets().iter().filter(|outlet| {
            filter.kind.is_none_or(|kind| outlet.kind == kind)
                && filter
                    .district
                    .is_none_or(|district| outlet.district == district)
                && filter
                    .service
                    .is_none_or(|service| outlet.is_entrusted_with(service))
        });
        let (items, next_page_token) = page.cut(fitting.map(Into::into));
        Ok(Found(OutletPage {
            items,
            next_page_token,
        }))
    }
}

impl Handle<GetOutlet> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<GetOutlet>,
    ) -> Result<Found<Outlet>, Refusal> {
        let outlet = scene.city.directory.outlet(input.path.outlet_id.as_str());
        outlet.map(|outlet| Found(outlet.into())).ok_or_else(|| {
            Refusal::at(
                ProblemCode::OutletNotFound,
                Place::Parameter("outlet_id".to_owned()),
            )
        })
    }
}

impl Handle<ListOperators> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListOperators>,
    ) -> Result<Found<OperatorPage>, Refusal> {
        let mut filter = input.query;
        let (size, token) = (filter.page_size.take(), filter.page_token.take());
        let page = Page::new::<ListOperators>(&filter, scene.partner, size, token.as_deref())?;
        let directory = &scene.city.directory;
        let own = directory.outlets_of(scene.partner);
        let wanted = filter.outlet_id.as_ref();
        if wanted.is_some_and(|wanted| !own.iter().any(|outlet| outlet.id == *wanted)) {
            let place = Place::Parameter("outlet_id".to_owned());
            return Err(Refusal::at(ProblemCode::OutletNotOfPartner, place));
        }
        let today = scene.today();
        let operators = own
            .iter()
            .filter(|outlet| wanted.is_none_or(|wanted| outlet.id == *wanted))
            .flat_map(|outlet| directory.operators_of(outlet.index));
        let (items, next_page_token) =
            page.cut(operators.map(|operator| directory.told(operator, today)));
        Ok(Found(OperatorPage {
            items,
            next_page_token,
        }))
    }
}
