//! 事件列表: append-only, in the order of occurrence; 32 bytes an event, whatever it tells.

use std::collections::HashMap;

use jiff::Timestamp;
use lingminban::api::{EventType, MaterialKind};
use serde::{Deserialize, Serialize};

use crate::engine::{
    directory::PartnerIndex,
    docket::Number,
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
};

/// Place of an event in its space's feed.
pub type Position = u32;

/// Records looked at for one page: a filter that passes little costs no more than one that passes
/// all, it only gives emptier pages.
const MOST_LOOKED_AT: usize = 2_000;

/// One event; what else it tells stands in the docket and does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// 事件类型.
    pub kind: EventType,
    /// 材料, where one was received.
    pub material: Option<MaterialKind>,
    /// Whose application.
    pub partner: PartnerIndex,
    /// Which application.
    pub application: Number,
    /// When.
    pub at: Timestamp,
}

/// Their rows in the store.
const ROWS: &str = "event";

/// The events of all partners of a space.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    records: Tracked<Vec<Record>>,
    by_partner: HashMap<PartnerIndex, Vec<Position>>,
}

/// Some events of one partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Those that pass, each by its place.
    pub positions: Vec<Position>,
    /// Where the next page begins.
    pub next: Position,
    /// Whether it has something to look at already.
    pub has_more: bool,
}

impl Feed {
    /// Puts an event at the end.
    pub fn push(&mut self, record: Record) -> Position {
        let position = self.end();
        self.by_partner
            .entry(record.partner)
            .or_default()
            .push(position);
        self.records.push(record);
        position
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.records);
    }

    /// What was handed to the store.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(reader: &mut Reader) -> Result<Self, Damaged> {
        let mut feed = Self::default();
        for record in reader.list(ROWS)? {
            feed.push(record);
        }
        feed.records.watch();
        Ok(feed)
    }

    /// The place of the next event.
    #[must_use]
    pub fn end(&self) -> Position {
        Position::try_from(self.records.len()).unwrap_or(Position::MAX)
    }

    /// The event at a place.
    #[must_use]
    pub fn get(&self, position: Position) -> Option<&Record> {
        self.records.get(position as usize)
    }

    /// Up to `size` events of `partner` from a place on.
    #[must_use]
    pub fn page(
        &self,
        partner: PartnerIndex,
        from: Position,
        size: usize,
        passes: impl Fn(&Record) -> bool,
    ) -> Page {
        let own = self
            .by_partner
            .get(&partner)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let start = own.partition_point(|position| *position < from);
        let mut positions = Vec::new();
        let mut looked_at = 0;
        for position in own[start..].iter().take(MOST_LOOKED_AT) {
            if positions.len() == size {
                break;
            }
            looked_at += 1;
            if self.get(*position).is_some_and(&passes) {
                positions.push(*position);
            }
        }
        let next = own.get(start + looked_at).copied();
        Page {
            positions,
            next: next.unwrap_or_else(|| self.end()),
            has_more: next.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::directory::Directory;

    fn record(partner: PartnerIndex, kind: EventType) -> Record {
        Record {
            kind,
            material: None,
            partner,
            application: 0,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn pages_go_through_everything_once_whatever_the_filter() {
        let directory = Directory::new();
        let (own, other) = (directory.partners()[0].index, directory.partners()[1].index);
        let (common, rare) = (EventType::ApplicationAccepted, EventType::ApplicationLapsed);
        let mut feed = Feed::default();
        for number in 0..9_000 {
            let kind = if [1_000, 8_000].contains(&number) {
                rare
            } else {
                common
            };
            feed.push(record(if number % 3 == 0 { own } else { other }, kind));
        }
        for (partner, kind, size, expected) in [
            (own, common, 100, 3_000),
            (other, rare, 100, 2),
            (other, common, 7, 5_998),
        ] {
            let (mut from, mut found) = (0, Vec::new());
            loop {
                let page = feed.page(partner, from, size, |record| record.kind == kind);
                assert!(page.positions.len() <= size);
                found.extend(page.positions);
                assert!(page.next > from);
                from = page.next;
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(found.len(), expected);
            assert!(found.is_sorted());
            assert_eq!(from, feed.end());
            // What comes later is found from there.
            feed.push(record(partner, kind));
            let page = feed.page(partner, from, size, |_| true);
            assert_eq!((page.positions.len(), page.has_more), (1, false));
        }
    }

    #[test]
    fn an_event_stays_small() {
        assert!(size_of::<Record>() <= 32);
    }
}
