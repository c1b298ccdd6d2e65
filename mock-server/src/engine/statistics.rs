//! 业务统计: how much was handled, by day, service and outlet. Counted when it happens, so that whoever
//! asks goes through what was counted and never through the applications.

use std::collections::HashMap;

use jiff::civil::Date;
use lingminban::api::{
    ApplicationStatus, BaseShare, District, OutletKind, Service, Statistic, StatisticsDimension,
    StatisticsFilter,
};
use serde::{Deserialize, Serialize};

use super::{
    directory::{Directory, OutletIndex},
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
};

/// What is counted together. By outlet, not by its kind and place, for these are the directory's to
/// tell; outlets of one kind in one district are few.
pub type Cell = (Date, Service, OutletIndex);

/// How much of it there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// 收件.
    pub received: u32,
    /// 办结.
    pub completed: u32,
    /// 不予受理, 不予登记.
    pub refused: u32,
}

/// One cell with its counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// 日期, 业务类型, 网点.
    pub cell: Cell,
    /// How much.
    pub counts: Counts,
}

/// Their rows in the store.
const ROWS: &str = "statistic";

/// The statistics of a space.
///
/// Cells stand in the order in which they were first counted: a page that somebody has read stays
/// where it is, and days follow one another, because a space's clock never runs backwards.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    cells: Tracked<Vec<Counted>>,
    places: HashMap<Cell, u32>,
}

/// What a filter chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Added up as was asked, in the order of the first that was counted.
    pub items: Vec<Statistic>,
    /// 基层办理占比.
    pub base_share: BaseShare,
}

/// What is told of a cell; nothing of what is added up.
type Group = (
    Option<Date>,
    Option<Service>,
    Option<OutletKind>,
    Option<District>,
);

impl Statistics {
    /// An application entered a state.
    pub fn entered(&mut self, cell: Cell, status: ApplicationStatus) {
        let mut one = Counts::default();
        match status {
            ApplicationStatus::Received => one.received = 1,
            ApplicationStatus::Completed => one.completed = 1,
            ApplicationStatus::Refused | ApplicationStatus::NotAccepted => one.refused = 1,
            _ => return,
        }
        let place = self.places.get(&cell).copied();
        match place.and_then(|place| self.cells.edit(place)) {
            Some(counted) => counted.counts.add(one),
            None => self.put(Counted { cell, counts: one }),
        }
    }

    fn put(&mut self, counted: Counted) {
        let place = self.cells.push(counted);
        self.places.insert(counted.cell, place);
    }

    /// Everything that was counted.
    #[must_use]
    pub fn cells(&self) -> &[Counted] {
        &self.cells
    }

    /// What the filter chooses, whatever the page.
    #[must_use]
    pub fn choose(&self, directory: &Directory, filter: &StatisticsFilter) -> Chosen {
        let first = filter.from.map_or(0, |from| {
            self.cells.partition_point(|counted| counted.cell.0 < from)
        });
        let days = self.cells[first..]
            .iter()
            .take_while(|counted| filter.to.is_none_or(|to| counted.cell.0 <= to));
        let (mut items, mut places) = (Vec::<(Group, Counts)>::new(), HashMap::new());
        let (mut at_base, mut everywhere) = (0_u32, 0_u32);
        for Counted {
            cell: (day, service, outlet),
            counts,
        } in days
        {
            let outlet = &directory[*outlet];
            let fits = filter.service.is_none_or(|wanted| wanted == *service)
                && filter
                    .district
                    .is_none_or(|wanted| wanted == outlet.district);
            if !fits {
                continue;
            }
            everywhere = everywhere.saturating_add(counts.received);
            if outlet.kind.is_base_level() {
                at_base = at_base.saturating_add(counts.received);
            }
            if filter
                .outlet_kind
                .is_some_and(|wanted| wanted != outlet.kind)
            {
                continue;
            }
            let group = group(filter.by, (*day, *service, outlet.kind, outlet.district));
            let place = *places.entry(group).or_insert_with(|| {
                items.push((group, Counts::default()));
                items.len() - 1
            });
            items[place].1.add(*counts);
        }
        Chosen {
            items: items.into_iter().map(told).collect(),
            base_share: BaseShare::of(at_base, everywhere),
        }
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.cells);
    }

    /// What was handed to the store.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(reader: &mut Reader) -> Result<Self, Damaged> {
        let mut statistics = Self::default();
        for counted in reader.list(ROWS)? {
            statistics.put(counted);
        }
        statistics.cells.watch();
        Ok(statistics)
    }
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.received = self.received.saturating_add(other.received);
        self.completed = self.completed.saturating_add(other.completed);
        self.refused = self.refused.saturating_add(other.refused);
    }
}

fn group(
    by: Option<StatisticsDimension>,
    (day, service, kind, district): (Date, Service, OutletKind, District),
) -> Group {
    let told = |dimension| by.is_none_or(|by| by == dimension);
    (
        told(StatisticsDimension::Day).then_some(day),
        told(StatisticsDimension::Service).then_some(service),
        told(StatisticsDimension::OutletKind).then_some(kind),
        told(StatisticsDimension::District).then_some(district),
    )
}

fn told(((day, service, kind, district), counts): (Group, Counts)) -> Statistic {
    Statistic {
        day,
        service: service.map(Into::into),
        outlet_kind: kind.map(Into::into),
        district: district.map(Into::into),
        received: counts.received,
        completed: counts.completed,
        refused: counts.refused,
    }
}
