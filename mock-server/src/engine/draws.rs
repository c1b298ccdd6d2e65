//! 选号: numbers drawn at random and held for a while.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;
use lingminban::{
    api::{FindingCode, PlateDrawId},
    codes::PlateKind,
    identifiers::PlateNumber,
};
use serde::{Deserialize, Serialize};

use super::{
    directory::PartnerIndex,
    register::{Plate, Register},
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
    world::{Chance, later},
};

/// Candidates of one draw.
pub const CANDIDATES: usize = 50;
/// How long a draw is held.
pub const HELD_FOR: std::time::Duration = std::time::Duration::from_secs(3 * 60);
/// Serials are letters and digits without I and O, which look like 1 and 0.
const SERIAL: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Class letters of pure electric vehicles, then of the others.
const NEW_ENERGY_CLASS: &[u8] = b"DABCEFGHJK";
/// A kind has some millions of numbers; so many tries all taken means there are none to be had.
const TRIES: usize = 10_000;

/// Their rows in the store.
const ROWS: &str = "draw";

/// The draws of a space.
#[derive(Clone, Debug, Default)]
pub struct Draws {
    drawn: Tracked<HashMap<PlateDrawId, Draw>>,
    expiry: VecDeque<(Timestamp, PlateDrawId)>,
    held: HashSet<Plate>,
    count: u64,
}

/// One draw.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draw {
    /// Who drew.
    pub partner: PartnerIndex,
    /// 号牌种类.
    pub kind: PlateKind,
    /// 备选号码.
    pub numbers: Vec<PlateNumber>,
    /// 保留至.
    pub held_until: Timestamp,
}

impl Draws {
    /// Draws free numbers and holds them.
    pub fn draw(
        &mut self,
        partner: PartnerIndex,
        kind: PlateKind,
        register: &Register,
        chance: &mut Chance,
        now: Timestamp,
    ) -> Option<(PlateDrawId, Draw)> {
        let mut numbers = Vec::with_capacity(CANDIDATES);
        while numbers.len() < CANDIDATES {
            let number = self.free(kind, None, register, chance)?;
            self.held.insert((kind, number));
            numbers.push(number);
        }
        self.count += 1;
        let id: PlateDrawId = format!("draw-{:06}", self.count).parse().ok()?;
        let held_until = later(now, HELD_FOR);
        self.expiry.push_back((held_until, id.clone()));
        let draw = Draw {
            partner,
            kind,
            numbers,
            held_until,
        };
        self.drawn.insert(id.clone(), draw.clone());
        Some((id, draw))
    }

    /// A free number that is not held, at random; of a new-energy kind in the class asked for.
    pub fn free(
        &self,
        kind: PlateKind,
        pure_electric: Option<bool>,
        register: &Register,
        chance: &mut Chance,
    ) -> Option<PlateNumber> {
        (0..TRIES).find_map(|_| {
            let number = compose(kind, pure_electric, chance)?;
            let plate = (kind, number);
            (register.is_free(&plate) && !self.held.contains(&plate)).then_some(plate.1)
        })
    }

    /// Why a number of a draw cannot be had, if it cannot.
    #[must_use]
    pub fn refuse(
        &self,
        id: &PlateDrawId,
        partner: PartnerIndex,
        plate: &Plate,
        now: Timestamp,
    ) -> Option<FindingCode> {
        match self.drawn.get(id) {
            Some(draw) if draw.partner == partner && draw.held_until > now => {
                let drawn = draw.kind == plate.0 && draw.numbers.contains(&plate.1);
                (!drawn).then_some(FindingCode::PlateNotInDraw)
            }
            _ => Some(FindingCode::PlateDrawExpired),
        }
    }

    /// Whether a draw of somebody's holds the number.
    #[must_use]
    pub fn holds(&self, plate: &Plate) -> bool {
        self.held.contains(plate)
    }

    /// How many draws there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Hands its rows to the store; the count goes with the space's other numbers.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.drawn);
    }

    /// What was handed to the store. Numbers held and the order of expiry follow from the draws.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(count: u64, reader: &mut Reader) -> Result<Self, Damaged> {
        let mut rows: Vec<(PlateDrawId, Draw)> = reader.table(ROWS)?;
        rows.sort_by(|one, other| (one.1.held_until, &one.0).cmp(&(other.1.held_until, &other.0)));
        let mut draws = Self {
            count,
            ..Self::default()
        };
        for (id, draw) in rows {
            let numbers = draw.numbers.iter().map(|number| (draw.kind, *number));
            draws.held.extend(numbers);
            draws.expiry.push_back((draw.held_until, id.clone()));
            draws.drawn.insert(id, draw);
        }
        draws.drawn.watch();
        Ok(draws)
    }

    /// Lets go of draws that are no longer held.
    pub fn expire(&mut self, now: Timestamp) {
        while self.expiry.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, id)) = self.expiry.pop_front() else {
                return;
            };
            let Some(draw) = self.drawn.remove(&id) else {
                continue;
            };
            for number in draw.numbers {
                self.held.remove(&(draw.kind, number));
            }
        }
    }
}

/// A number of the city in the form of its kind (GA 36-2018).
fn compose(
    kind: PlateKind,
    pure_electric: Option<bool>,
    chance: &mut Chance,
) -> Option<PlateNumber> {
    let classes = match pure_electric {
        None => NEW_ENERGY_CLASS,
        Some(true) => &NEW_ENERGY_CLASS[..5],
        Some(false) => &NEW_ENERGY_CLASS[5..],
    };
    let mut pick = |from: &[u8]| {
        let index = usize::try_from(chance.below(from.len() as u64)).unwrap_or_default();
        char::from(from.get(index).copied().unwrap_or(b'0'))
    };
    let digits = &SERIAL[..10];
    let serial: String = match kind {
        PlateKind::SmallNewEnergy => {
            let head = [pick(classes), pick(SERIAL)];
            head.into_iter()
                .chain([(); 4].map(|()| pick(digits)))
                .collect()
        }
        PlateKind::LargeNewEnergy => {
            let tail = pick(classes);
            [(); 5]
                .map(|()| pick(digits))
                .into_iter()
                .chain([tail])
                .collect()
        }
        // At most two letters: more are unusual. Over a million numbers a kind.
        _ => {
            let head = [pick(SERIAL), pick(SERIAL)];
            head.into_iter()
                .chain([(); 3].map(|()| pick(digits)))
                .collect()
        }
    };
    format!("鲁C{serial}").parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::space::DEFAULT_START;

    #[test]
    fn numbers_are_held_after_a_restart_and_for_no_longer() {
        let register = Register::new(Arc::default());
        let mut draws = Draws::default();
        let kind = PlateKind::SmallVehicle;
        let mut draw = |now| {
            let chance = &mut Chance::new(1);
            let drawn = draws.draw(PartnerIndex::FIRST, kind, &register, chance, now);
            drawn.unwrap()
        };
        let minute = std::time::Duration::from_secs(60);
        let (first, second) = (draw(DEFAULT_START), draw(later(DEFAULT_START, minute)));

        let mut writer = Writer::of_everything();
        draws.save(&mut writer);
        let mut reader = Reader::default();
        for row in writer.finish().unwrap() {
            reader.add(row.kind.to_owned(), row.key, row.value.unwrap());
        }
        let mut draws = Draws::load(draws.count(), &mut reader).unwrap();

        let held = |draws: &Draws, (_, draw): &(PlateDrawId, Draw)| {
            let numbers = draw.numbers.iter();
            numbers
                .filter(|number| draws.holds(&(kind, **number)))
                .count()
        };
        assert_eq!(held(&draws, &first), CANDIDATES);
        assert_eq!(held(&draws, &second), CANDIDATES);
        draws.expire(first.1.held_until);
        assert_eq!(held(&draws, &first), 0);
        assert_eq!(held(&draws, &second), CANDIDATES);
        draws.expire(second.1.held_until);
        assert_eq!(held(&draws, &second), 0);
    }
}
