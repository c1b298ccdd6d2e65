//! A space: one isolated authority with its own clock, chance, records and applications.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use lingminban::api::ApplicationId;

use super::{
    city::City,
    docket::{Docket, Number},
    draws::Draws,
    idempotency::Keys,
    limits::{RateLimit, Windows},
    register::Register,
    tokens::Signer,
    world::{Chance, Clock},
};

/// Number of a space in its engine; the first is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpaceId(pub u32);

/// How fast the authority works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// A step every few hundredths of a second: for tests.
    #[default]
    Quick,
    /// As the law lets it: steps on working days, the decision on the last day it may take.
    Statutory,
    /// The authority moves only on command; the law's own deadlines still run.
    Manual,
}

/// What a space is started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Seed of chance, identifiers and secrets.
    pub seed: u64,
    /// What the clock shows first.
    pub start: Timestamp,
    /// How fast the authority works.
    pub pace: Pace,
    /// Requests allowed to each credential; unlimited by default.
    pub rate_limit: Option<RateLimit>,
}

/// 2026-03-02, a Monday, 09:00 in Beijing.
pub const DEFAULT_START: Timestamp = Timestamp::constant(1_772_413_200, 0);
/// The seed whose credentials partners may check in.
pub const DEFAULT_SEED: u64 = 1;

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: DEFAULT_SEED,
            start: DEFAULT_START,
            pace: Pace::Quick,
            rate_limit: None,
        }
    }
}

/// A space. Its state stands behind one lock, held for microseconds, with no IO under it.
#[derive(Debug)]
pub struct Space {
    /// Its number.
    pub id: SpaceId,
    /// Its seed.
    pub seed: u64,
    /// Signs its tokens.
    pub signer: Signer,
    state: Mutex<State>,
}

/// Everything a space remembers.
#[derive(Clone, Debug)]
pub struct State {
    /// 时钟.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// How fast the authority works.
    pub pace: Pace,
    /// 机动车登记档案.
    pub register: Register,
    /// 业务.
    pub docket: Docket,
    /// 选号.
    pub draws: Draws,
    /// 幂等.
    pub keys: Keys,
    /// Requests counted against the limit.
    pub windows: Windows,
    /// Numbers given so far: tokens, requests without an id, certificates.
    pub serial: Serials,
}

/// Running numbers: identifiers come from these and the seed, never from time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Serials {
    /// Tokens issued.
    pub tokens: u64,
    /// Requests that brought no id.
    pub requests: u64,
    /// Registration certificates issued.
    pub certificates: u64,
}

impl Space {
    /// A fresh space.
    #[must_use]
    pub fn new(id: SpaceId, settings: &Settings, city: &City, host: Duration) -> Self {
        let state = State {
            clock: Clock::running(settings.start, host),
            chance: Chance::new(settings.seed),
            pace: settings.pace,
            register: Register::new(Arc::clone(&city.base)),
            docket: Docket::default(),
            draws: Draws::default(),
            keys: Keys::default(),
            windows: Windows::new(settings.rate_limit),
            serial: Serials::default(),
        };
        Self {
            id,
            seed: settings.seed,
            signer: Signer::new(settings.seed),
            state: Mutex::new(state),
        }
    }

    /// The state, as whoever held it last left it: a request that panicked changed nothing it had
    /// not finished, for effects come last.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// 业务流水号: four digits of the seed, nine of the sequence.
    #[must_use]
    pub fn application_id(&self, number: Number) -> ApplicationId {
        ApplicationId::of_digits(self.tag() * 1_000_000_000 + u64::from(number) + 1)
    }

    /// The number behind a 业务流水号 of this space.
    #[must_use]
    pub fn number_of(&self, id: &ApplicationId) -> Option<Number> {
        let (tag, number) = id.as_str().split_at_checked(4)?;
        let digits = number.len() == 9 && id.as_str().bytes().all(|byte| byte.is_ascii_digit());
        if !digits || tag.parse() != Ok(self.tag()) {
            return None;
        }
        number.parse::<Number>().ok()?.checked_sub(1)
    }

    /// Four digits that tell spaces of different seeds apart.
    fn tag(&self) -> u64 {
        1_000 + Chance::new(self.seed).below(9_000)
    }
}
