use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lingminban::{
    api::{Cursor, EventPage, Found, ListEvents, ProblemCode},
    text::Text,
};
use xxhash_rust::xxh3::xxh3_64;

use crate::engine::{
    Engine,
    directory::PartnerIndex,
    events::{
        feed::{Position, Record},
        telling,
    },
    lineage::{EraNumber, Lineage},
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
        let feed = &scene.state.events.feed;
        let list = Cursors::of(scene.space, scene.partner, &scene.state.lineage);
        let from = match &query.cursor {
            None => 0,
            Some(cursor) => list.place(cursor, feed.end())?,
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
/// whose it is and in which era what lies before it happened first.
struct Cursors<'a> {
    mark: u64,
    lineage: &'a Lineage,
}

/// A cursor whose place is not, or no more, one of the feed's past.
const GIVEN_UP: Text = Text::new(
    "游标所指的事件已不存在：游标给出之后，空间已重置、已恢复到更早的快照，或沙箱未保留数据即重新启动。请去掉 cursor 从头查询，或使用在那之前保存的游标。",
    "The events before this cursor are gone: since it was given, the space was reset, an earlier snapshot was restored, or the sandbox began anew without its data. Start again without a cursor, or with one you kept from before.",
);

impl<'a> Cursors<'a> {
    fn of(space: &Space, partner: PartnerIndex, lineage: &'a Lineage) -> Self {
        let mut whose = [0; 10];
        whose[..8].copy_from_slice(&space.settings.seed.to_be_bytes());
        whose[8..].copy_from_slice(&partner.number().to_be_bytes());
        Self {
            mark: xxh3_64(&whose),
            lineage,
        }
    }

    /// Base64 of twelve bytes is a cursor. The same place of a shared past has the same cursor in
    /// every line of time.
    fn write(&self, position: Position) -> Option<Cursor> {
        let era = self.lineage.era_of_event(position);
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&position.to_be_bytes());
        bytes[4..].copy_from_slice(&(self.mark ^ u64::from(era)).to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes).parse().ok()
    }

    /// The place in a feed of that length.
    fn place(&self, cursor: &Cursor, end: Position) -> Result<Position, Refusal> {
        let refusal = || Refusal::at_parameter(ProblemCode::InvalidCursor, "cursor");
        let (position, era) = self.read(cursor).ok_or_else(refusal)?;
        if position <= end && self.lineage.era_of_event(position) == era {
            Ok(position)
        } else {
            Err(refusal().saying(GIVEN_UP))
        }
    }

    /// What a cursor of this partner's says.
    fn read(&self, cursor: &Cursor) -> Option<(Position, EraNumber)> {
        let bytes: [u8; 12] = URL_SAFE_NO_PAD
            .decode(cursor.as_str())
            .ok()?
            .try_into()
            .ok()?;
        let (position, mark) = bytes.split_at(4);
        let era = u64::from_be_bytes(mark.try_into().ok()?) ^ self.mark;
        let era = EraNumber::try_from(era).ok();
        let era = era.filter(|era| *era <= self.lineage.era())?;
        Some((Position::from_be_bytes(position.try_into().ok()?), era))
    }
}
