//! 世系: which of the times of a space a state has behind it.
//!
//! A reset and a restore give up time that others have seen: its tokens and cursors are in their
//! hands, its events in their memory. Each begins an era (世代). A token, or a place in the feed, is
//! named by its count and the era it was given in, so that two lines of time never mean different
//! things by one name. Whoever forks a space goes on in the same eras: it gives nothing up.

use serde::{Deserialize, Serialize};

use super::{
    events::feed::Position,
    space::State,
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
};

/// Number of an era in its space; the first is 0, and none is given twice.
pub type EraNumber = u32;

/// The eras behind a state, the present one last; never empty.
#[derive(Clone, Debug)]
pub struct Lineage {
    eras: Tracked<Vec<Era>>,
}

/// 世代: from one reset or restore to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Era {
    number: EraNumber,
    /// Tokens issued before it, in its line of time.
    tokens: u32,
    /// Events that had happened before it, in its line of time.
    events: Position,
    /// The highest numbers that had been given before it, in any line.
    highest: Highest,
}

/// The highest numbers under which partners have been told of events, whatever became of the time in
/// which they happened: partners deduplicate by them, and nothing calls a push back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Highest {
    events: u32,
    tests: u32,
}

/// Their rows in the store.
const ROWS: &str = "era";

/// The lineage of a fresh space.
impl Default for Lineage {
    fn default() -> Self {
        Self::beginning_with(Era::default())
    }
}

impl Lineage {
    fn beginning_with(era: Era) -> Self {
        let mut eras = Tracked::<Vec<Era>>::default();
        eras.push(era);
        Self { eras }
    }

    /// The present era.
    #[must_use]
    pub fn era(&self) -> EraNumber {
        self.present().number
    }

    /// The era in which a token was issued, by how many there were with it. Of the present era's no
    /// number is too high: who signs one at home, as tests do, is not asked to count.
    #[must_use]
    pub fn era_of_token(&self, serial: u32) -> EraNumber {
        let (_, era) = self.last_before(|era| era.tokens < serial);
        era.number
    }

    /// The era in which so many events had happened first.
    #[must_use]
    pub fn era_of_event(&self, count: Position) -> EraNumber {
        let (_, era) = self.last_before(|era| era.events < count);
        era.number
    }

    /// The number of an event, by how many there were with it. After a restore the numbers go on
    /// behind all that were ever given; after a reset everything is as new, and so are they.
    #[must_use]
    pub fn event_number(&self, count: Position) -> u32 {
        match self.last_before(|era| era.events < count) {
            (0, _) => count,
            (_, era) => era.highest.events.saturating_add(count - era.events),
        }
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.eras);
    }

    /// What was handed to the store.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(reader: &mut Reader) -> Result<Self, Damaged> {
        let mut eras = Tracked::<Vec<Era>>::default();
        for era in reader.list(ROWS)? {
            eras.push(era);
        }
        if eras.is_empty() {
            return Err(Damaged::of(ROWS));
        }
        eras.watch();
        Ok(Self { eras })
    }

    fn present(&self) -> Era {
        self.eras.last().copied().unwrap_or_default()
    }

    /// The last era of which that is true, with its place; the first when it is true of none.
    fn last_before(&self, began: impl Fn(&Era) -> bool) -> (usize, Era) {
        let place = self.eras.partition_point(began).saturating_sub(1);
        (place, self.eras.get(place).copied().unwrap_or_default())
    }
}

impl State {
    /// This fresh state in the place of one whose time is given up: all is as new, and what was given
    /// out before counts no more.
    #[must_use]
    pub fn reset_from(mut self, given_up: &Self) -> Self {
        self.lineage = Lineage::beginning_with(self.era_after(given_up));
        self
    }

    /// This state, which was put away once, in the place of one whose time is given up. It knows what
    /// was given out until it was put away, and never gives a number of the other's events again.
    #[must_use]
    pub fn restored_from(mut self, given_up: &Self) -> Self {
        let era = self.era_after(given_up);
        self.lineage.eras.push(era);
        self.events.deliveries.count_tests_from(era.highest.tests);
        self
    }

    fn era_after(&self, given_up: &Self) -> Era {
        Era {
            number: given_up.lineage.era().saturating_add(1),
            tokens: self.serial.tokens,
            events: self.events.feed.end(),
            highest: given_up.highest(),
        }
    }

    fn highest(&self) -> Highest {
        let before = self.lineage.present().highest;
        let (_, tests) = self.events.deliveries.counts();
        let events = self.lineage.event_number(self.events.feed.end());
        Highest {
            events: events.max(before.events),
            tests: tests.max(before.tests),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn era(number: EraNumber, tokens: u32, events: Position, highest: u32) -> Era {
        let highest = Highest {
            events: highest,
            tests: 0,
        };
        Era {
            number,
            tokens,
            events,
            highest,
        }
    }

    /// Put away after three events and two tokens, restored when nine had been told of, put away
    /// again at once, and restored when twelve had been told of.
    fn lineage() -> Lineage {
        let mut lineage = Lineage::default();
        lineage.eras.push(era(1, 2, 3, 9));
        lineage.eras.push(era(4, 2, 3, 12));
        lineage
    }

    #[test]
    fn each_count_belongs_to_one_era() {
        let lineage = lineage();
        let tokens = [1, 2, 3, u32::MAX].map(|serial| lineage.era_of_token(serial));
        assert_eq!(tokens, [0, 0, 4, 4]);
        let events = [0, 1, 3, 4, 5].map(|count| lineage.era_of_event(count));
        assert_eq!(events, [0, 0, 0, 4, 4]);
        assert_eq!(lineage.era(), 4);
    }

    #[test]
    fn numbers_go_on_behind_all_that_were_given() {
        let numbers = [1, 2, 3, 4, 5].map(|count| lineage().event_number(count));
        assert_eq!(numbers, [1, 2, 3, 13, 14]);
        let as_new = Lineage::beginning_with(era(7, 0, 0, 30));
        assert_eq!(as_new.event_number(1), 1);
    }
}
