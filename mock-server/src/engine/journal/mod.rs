//! 请求日志: what was asked in a space and what it was answered, the newest within a budget of bytes.
//!
//! A journal stands beside the space's state, behind a lock of its own: reading one holds up no
//! request's effect, and neither fork, snapshot nor restore touches it. An entry is made after the
//! effect: when several threads ask at once, entries stand in the order of the answers. Over the
//! wire there is one thread. Who holds a journal may lock a state, never the other way round.
//!
//! Recording copies bytes and nothing more. What leaves a journal is masked when it is read.

mod differences;
mod entry;
mod export;
mod mask;
mod near_miss;
mod show;

use std::collections::VecDeque;

use jiff::Timestamp;
use lingminban::api::control::JournalFilter;

pub use entry::{BodyKind, Entry, Exchange, Notes};
pub use export::export;
pub(in crate::engine) use near_miss::is_operation;
pub use show::Reader;

/// 日志容量 of a space that is not told otherwise: 16 MiB.
pub const DEFAULT_BYTES: u32 = 16 << 20;

/// The journal of a space.
pub struct Journal {
    budget: usize,
    /// Bytes on the heap behind the entries.
    behind: usize,
    entries: VecDeque<Entry>,
    /// The number of the next entry.
    next: u64,
    evicted: u64,
    evicted_at: Option<Timestamp>,
}

impl Journal {
    /// An empty journal that may take so many bytes.
    #[must_use]
    pub fn new(budget: u32) -> Self {
        Self {
            budget: usize::try_from(budget).unwrap_or(usize::MAX),
            behind: 0,
            entries: VecDeque::new(),
            next: 1,
            evicted: 0,
            evicted_at: None,
        }
    }

    /// Adds an entry, and makes room for it.
    pub fn add(&mut self, mut entry: Entry) {
        entry.number = self.next;
        self.next += 1;
        self.behind += entry.bytes_behind();
        if self.entries.len() == self.entries.capacity() {
            // Doubling would leave half of the budget empty.
            self.entries.reserve_exact(1 + self.entries.len() / 8);
        }
        self.entries.push_back(entry);
        while self.bytes() > self.budget {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.behind -= oldest.bytes_behind();
            self.evicted += 1;
            self.evicted_at = Some(oldest.at);
            self.give_back_slots();
        }
    }

    /// Slots that small entries needed are room for large ones. Each return follows many evictions.
    fn give_back_slots(&mut self) {
        let wanted = self.entries.len() + self.entries.len() / 8;
        if self.entries.capacity() > wanted + wanted / 8 + 1 {
            self.entries.shrink_to(wanted);
        }
    }

    /// Everything the journal takes: each entry with what is behind it, and the slots kept free.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.behind
    }

    /// How many of the oldest entries had to make room, and the time of the newest of these.
    #[must_use]
    pub fn evicted(&self) -> (u64, Option<Timestamp>) {
        (self.evicted, self.evicted_at)
    }

    /// Throws all entries away; later ones go on counting.
    pub fn clear(&mut self) {
        self.entries = VecDeque::new();
        self.behind = 0;
        self.evicted = 0;
        self.evicted_at = None;
    }

    /// Begins anew.
    pub fn restart(&mut self) {
        self.clear();
        self.next = 1;
    }

    /// The entries, the oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The entries from a number on that pass a filter, the oldest first.
    pub fn passing<'a>(
        &'a self,
        filter: &'a JournalFilter,
        from: u64,
    ) -> impl Iterator<Item = &'a Entry> {
        let first = self.entries.front().map_or(0, |entry| entry.number);
        let skipped = usize::try_from(from.saturating_sub(first)).unwrap_or(usize::MAX);
        let rest = self.entries.range(skipped.min(self.entries.len())..);
        rest.filter(|entry| entry.passes(filter))
    }

    /// The entry of a number, while it is kept.
    fn numbered(&self, number: u64) -> Option<&Entry> {
        let first = self.entries.front()?.number;
        self.entries
            .get(usize::try_from(number.checked_sub(first)?).ok()?)
    }
}

/// Without what is in it.
impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("entries", &self.entries.len())
            .field("bytes", &self.bytes())
            .field("budget", &self.budget)
            .field("evicted", &self.evicted)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, StatusCode};

    use super::*;
    use crate::server::{Call, Reply};

    fn entry(length: usize) -> Entry {
        let call = Call {
            method: &Method::GET,
            path: "/v1/outlets",
            query: None,
            headers: &HeaderMap::new(),
            body: b"",
        };
        let reply = Reply::new(StatusCode::OK, HeaderMap::new(), vec![b'x'; length]);
        Entry::new(&Exchange {
            call: &call,
            reply: Some(&reply),
            at: Timestamp::UNIX_EPOCH,
            took: std::time::Duration::ZERO,
            partner: None,
            claimed: None,
            operation: Some(("list_outlets", BodyKind::Json)),
            request_id: "",
            fault: None,
            notes: &Notes::default(),
        })
    }

    #[test]
    fn the_budget_is_kept_and_used_whatever_the_entries_are() {
        const BUDGET: u32 = 200_000;
        let mut journal = Journal::new(BUDGET);
        let mut added = 0;
        for (length, count) in [
            (0, 3_000),
            (20_000, 100),
            (500, 2_000),
            (60_000, 20),
            (0, 3_000),
        ] {
            for _ in 0..count {
                journal.add(entry(length));
                added += 1;
                assert!(journal.bytes() <= BUDGET as usize);
                let kept = journal.entries().count() as u64;
                assert_eq!(kept + journal.evicted().0, added);
            }
            let free = BUDGET as usize - journal.bytes();
            assert!(
                free < length + BUDGET as usize / 4,
                "{free} of {BUDGET} for {length}"
            );
        }
    }

    #[test]
    fn an_entry_is_found_by_its_number_while_it_is_kept() {
        let mut journal = Journal::new(20_000);
        (0..200).for_each(|_| journal.add(entry(500)));
        let (evicted, _) = journal.evicted();
        assert!(journal.numbered(evicted).is_none() && journal.numbered(201).is_none());
        for number in [evicted + 1, 200] {
            assert_eq!(journal.numbered(number).map(Entry::number), Some(number));
        }
    }
}
