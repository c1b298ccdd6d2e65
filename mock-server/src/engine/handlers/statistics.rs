use lingminban::api::{Found, ListStatistics, StatisticsPage};

use super::pages::Page;
use crate::engine::{
    Engine,
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
};

impl Handle<ListStatistics> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListStatistics>,
    ) -> Result<Found<StatisticsPage>, Refusal> {
        let mut filter = input.query;
        let (size, token) = (filter.page_size.take(), filter.page_token.take());
        let page = Page::new::<ListStatistics>(&filter, scene.partner, size, token.as_deref())?;
        let chosen = scene
            .state
            .statistics
            .choose(&scene.city.directory, &filter);
        let (items, next_page_token) = page.cut(chosen.items.into_iter());
        Ok(Found(StatisticsPage {
            items,
            base_share: chosen.base_share,
            next_page_token,
        }))
    }
}
