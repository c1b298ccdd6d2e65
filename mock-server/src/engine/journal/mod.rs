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
mod numbers;
mod show;

use std::collections::VecDeque;

use jiff::Timestamp;
use lingminban::api::control::JournalFilter;

pub use entry::{BodyKind, Entry, Exchange, Head, Notes};
pub use export::export;
pub(in crate::engine) use near_miss::is_operation;
pub use show::Reader;

/// 日志容量 of a space that is not told otherwise: 16 MiB.
pub const DEFAULT_BYTES: u32 = 16 << 20;

/// The texts of so many bytes of entries stand in one piece of memory; of a smaller budget a part.
const CHUNK: usize = 64 << 10;
/// A budget has room for so many chunks at least.
const LEAST_CHUNKS: usize = 32;

/// The journal of a space.
///
/// Texts are appended to chunks. To make room the oldest chunk goes with all its entries, and its
/// memory is written anew: nothing is allocated for an entry, nor freed.
pub struct Journal {
    budget: usize,
    heads: VecDeque<Head>,
    chunks: VecDeque<Chunk>,
    /// Bytes of all chunks, written or not.
    chunk_bytes: usize,
    /// Number of the first chunk.
    first_chunk: u64,
    /// The number of the next entry.
    next: u64,
    evicted: u64,
    evicted_at: Option<Timestamp>,
}

/// Texts of entries that follow each other.
struct Chunk {
    texts: Vec<u8>,
    entries: usize,
}

impl Journal {
    /// An empty journal that may take so many bytes.
    #[must_use]
    pub fn new(budget: u32) -> Self {
        Self {
            budget: usize::try_from(budget).unwrap_or(usize::MAX),
            heads: VecDeque::new(),
            chunks: VecDeque::new(),
            chunk_bytes: 0,
            first_chunk: 0,
            next: 1,
            evicted: 0,
            evicted_at: None,
        }
    }

    /// Adds an entry, and makes room for it.
    pub fn add(&mut self, exchange: &Exchange<'_>) {
        let place = self.chunk_with_room(exchange.room());
        let chunk = self.first_chunk + place as u64;
        let Some(Chunk { texts, entries }) = self.chunks.back_mut() else {
            return;
        };
        let capacity = texts.capacity();
        let mut head = Head::write(exchange, texts);
        *entries += 1;
        self.chunk_bytes += texts.capacity() - capacity;
        head.number = self.next;
        head.chunk = chunk;
        self.next += 1;
        if self.heads.len() == self.heads.capacity() {
            // Doubling would leave half of the budget empty.
            self.heads.reserve_exact(1 + self.heads.len() / 8);
        }
        self.heads.push_back(head);
        while self.bytes() > self.budget && self.evict().is_some() {}
    }

    /// The place of the last chunk, which has so much room after this.
    fn chunk_with_room(&mut self, room: usize) -> usize {
        let free = |chunk: &Chunk| chunk.texts.capacity() - chunk.texts.len();
        if self.chunks.back().is_none_or(|last| free(last) < room) {
            let size = room.max(CHUNK.min(self.budget / LEAST_CHUNKS));
            let mut memory = None;
            while memory.is_none() && self.bytes() + size > self.budget {
                match self.evict() {
                    Some(freed) => memory = Some(freed).filter(|freed| freed.capacity() == size),
                    None => break,
                }
            }
            let mut texts = memory.unwrap_or_else(|| Vec::with_capacity(size));
            texts.clear();
            self.chunk_bytes += texts.capacity();
            self.chunks.push_back(Chunk { texts, entries: 0 });
        }
        self.chunks.len() - 1
    }

    /// Throws the oldest chunk away with its entries, and gives its memory.
    fn evict(&mut self) -> Option<Vec<u8>> {
        let Chunk { texts, entries } = self.chunks.pop_front()?;
        self.first_chunk += 1;
        self.chunk_bytes -= texts.capacity();
        for head in self.heads.drain(..entries.min(self.heads.len())) {
            self.evicted += 1;
            self.evicted_at = Some(head.at);
        }
        self.give_back_slots();
        Some(texts)
    }

    /// Slots that small entries needed are room for large ones. Each return follows many evictions.
    fn give_back_slots(&mut self) {
        let wanted = self.heads.len() + self.heads.len() / 8;
        if self.heads.capacity() > wanted + wanted / 8 + 1 {
            self.heads.shrink_to(wanted);
        }
    }

    /// Everything the journal takes: entries and texts, and the room kept free for more.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.heads.capacity() * size_of::<Head>()
            + self.chunks.capacity() * size_of::<Chunk>()
            + self.chunk_bytes
    }

    /// How many of the oldest entries had to make room, and the time of the newest of these.
    #[must_use]
    pub fn evicted(&self) -> (u64, Option<Timestamp>) {
        (self.evicted, self.evicted_at)
    }

    /// Throws all entries away; later ones go on counting.
    pub fn clear(&mut self) {
        *self = Self {
            next: self.next,
            budget: self.budget,
            ..Self::new(0)
        };
    }

    /// Begins anew.
    pub fn restart(&mut self) {
        self.next = 1;
        self.clear();
    }

    /// The entries, the oldest first.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.heads.iter().map(|head| self.entry(head))
    }

    /// The entries from a number on that pass a filter, the oldest first.
    pub fn passing<'a>(
        &'a self,
        filter: &'a JournalFilter,
        from: u64,
    ) -> impl Iterator<Item = Entry<'a>> {
        let first = self.heads.front().map_or(0, |head| head.number);
        let skipped = usize::try_from(from.saturating_sub(first)).unwrap_or(usize::MAX);
        let rest = self.heads.range(skipped.min(self.heads.len())..);
        let rest = rest.map(|head| self.entry(head));
        rest.filter(|entry| entry.passes(filter))
    }

    /// The entry of a number, while it is kept.
    fn numbered(&self, number: u64) -> Option<Entry<'_>> {
        let first = self.heads.front()?.number;
        let place = usize::try_from(number.checked_sub(first)?).ok()?;
        self.heads.get(place).map(|head| self.entry(head))
    }

    fn entry<'a>(&'a self, head: &'a Head) -> Entry<'a> {
        let place = head.chunk.checked_sub(self.first_chunk);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let chunk = place.and_then(|place| self.chunks.get(place));
        Entry::new(head, chunk.map_or(&[], |chunk| &chunk.texts))
    }
}

/// Without what is in it.
impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("entries", &self.heads.len())
            .field("bytes", &self.bytes())
            .field("budget", &self.budget)
            .field("evicted", &self.evicted)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, StatusCode};

    use super::{entry::Part, *};
    use crate::server::{Call, Reply};

    fn add(journal: &mut Journal, length: usize) {
        let call = Call {
            method: &Method::GET,
            path: &format!("/v1/{}", journal.next),
            query: None,
            headers: &HeaderMap::new(),
            body: b"",
        };
        let reply = Reply::new(StatusCode::OK, HeaderMap::new(), vec![b'x'; length]);
        journal.add(&Exchange {
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
        });
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
                add(&mut journal, length);
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
        (0..200).for_each(|_| add(&mut journal, 500));
        let (evicted, _) = journal.evicted();
        assert!(journal.numbered(evicted).is_none() && journal.numbered(201).is_none());
        for number in [evicted + 1, 200] {
            let entry = journal.numbered(number).unwrap();
            assert_eq!(entry.number, number);
            assert_eq!(entry.text(Part::Path), format!("/v1/{number}"));
        }
    }
}
