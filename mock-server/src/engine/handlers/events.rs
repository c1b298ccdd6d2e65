use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lingminban::api::{Cursor, EventPage, Found, ListEvents, Place, ProblemCode};
use xxhash_rust::xxh3::xxh3_64;

use crate::engine::{
    Engine,
    directory::PartnerIndex,
    events::{
        feed::{Position, Record},
        telling,
    },
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
    space::Space,
};

impl Handle<ListEvents> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListEvents>,
    ) -> Result<Found<EventPage>, Refusal> {
        let query = input.query;
        let list = Cursors::of(scene.space, scene.partner);
        let feed = &scene.state.events.feed;
        let from = match &query.cursor {
            None => 0,
            Some(cursor) => list
                .read(cursor)
                .filter(|position| *position <= feed.end())
                .ok_or_else(|| {
                    let place = Place::Parameter("cursor".to_owned());
                    Refusal::at(ProblemCode::InvalidCursor, place)
                })?,
        };
        let application = query
            .application_id
            .as_ref()
            .map(|id| scene.space.number_of(id));
        let passes = |record: &Record| {
            query.kind.is_none_or(|kind| record.kind == kind)
                && application.is_none_or(|wanted| wanted == Some(record.application))
        };
        let size = usize::from(query.page_size.unwrap_or_default().get());
        let page = feed.page(scene.partner, from, size, passes);
        let items = page.positions.iter().filter_map(|position| {
            let mut event = telling::happened(scene.city, scene.space, scene.state, *position)?;
            event.cursor = list.write(position + 1);
            Some(event)
        });
        Ok(Found(EventPage {
            items: items.collect(),
            next_cursor: list
                .write(page.next)
                .ok_or_else(|| Refusal::new(ProblemCode::InternalError))?,
            has_more: page.has_more,
        }))
    }
}

/// 游标 of one partner in one space: a place in the feed, good with any filter, and a mark that tells
/// whose it is.
struct Cursors {
    mark: u64,
}

impl Cursors {
    fn of(space: &Space, partner: PartnerIndex) -> Self {
        let mut whose = [0; 10];
        whose[..8].copy_from_slice(&space.settings.seed.to_be_bytes());
        whose[8..].copy_from_slice(&partner.number().to_be_bytes());
        Self {
            mark: xxh3_64(&whose),
        }
    }

    /// Base64 of twelve bytes is a cursor.
    fn write(&self, position: Position) -> Option<Cursor> {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&position.to_be_bytes());
        bytes[4..].copy_from_slice(&self.mark.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes).parse().ok()
    }

    fn read(&self, cursor: &Cursor) -> Option<Position> {
        let bytes: [u8; 12] = URL_SAFE_NO_PAD
            .decode(cursor.as_str())
            .ok()?
            .try_into()
            .ok()?;
        let (position, mark) = bytes.split_at(4);
        (mark == self.mark.to_be_bytes())
            .then_some(Position::from_be_bytes(position.try_into().ok()?))
    }
}
