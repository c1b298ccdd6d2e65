//! What must hold for every request that reaches the engine, whatever it is made of.

use std::{cell::RefCell, time::Duration};

use jiff::Timestamp;
use lingminban::api::Scope;
use lingminban_sandbox::{
    Pace, Settings,
    engine::{
        Engine,
        directory::PartnerIndex,
        space::{Space, SpaceId},
        tokens::{Claims, Signer},
        world::{HostClock, later},
    },
    server::{Answer, Call, Reply},
};

use crate::{
    bytes::Bytes,
    request::{Contract, Credentials, Made},
    verdict,
};

/// Answers a few requests in a space of their own and judges every answer.
pub(crate) fn feed(data: &[u8]) {
    thread_local! {
        static AUTHORITY: RefCell<Option<Authority>> = const { RefCell::new(None) };
    }
    AUTHORITY.with_borrow_mut(|kept| {
        // An engine keeps its spaces: it is renewed before they fill the memory.
        let authority = kept
            .take()
            .filter(|authority| authority.cases < 500)
            .unwrap_or_else(Authority::new);
        kept.insert(authority).take_case(&mut Bytes::new(data));
    });
}

/// Time stands still unless a case moves it.
struct Frozen;

impl HostClock for Frozen {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

struct Authority {
    engine: Engine,
    contract: Contract,
    cases: u32,
}

impl Authority {
    fn new() -> Self {
        let engine = Engine::new(Box::new(Frozen), &Settings::default(), None);
        let contract = Contract::of(&engine);
        Self {
            engine,
            contract,
            cases: 0,
        }
    }

    fn take_case(&mut self, bytes: &mut Bytes<'_>) {
        self.cases += 1;
        let settings = Settings {
            pace: *bytes.pick(&[Pace::Quick, Pace::Statutory, Pace::Manual]),
            ..Settings::default()
        };
        let Ok(space) = self.engine.create_space(&settings) else {
            return;
        };
        let mut seen = Vec::new();
        for _ in 0..8 {
            let credentials = credentials(space.id, settings.seed, self.partner(bytes));
            let made = self.contract.request(bytes, &credentials, &seen);
            let reply = self.judged(&made);
            seen.extend(verdict::application_id(&reply));
            if verdict::binds_its_key(&self.contract, &made, &reply) {
                let again = self.judged(&made);
                assert!(
                    verdict::is_replay(&reply, &again),
                    "{} not replayed",
                    made.path
                );
            }
            if bytes.is_empty() {
                return;
            }
            self.pass_time(&space, bytes);
        }
    }

    /// Mostly those who may file what the contract's examples file.
    fn partner(&self, bytes: &mut Bytes<'_>) -> PartnerIndex {
        let directory = &self.engine.city().directory;
        let client_id = match bytes.byte() % 8 {
            0..3 => "zb-dealer-1",
            3..6 => "zb-market-1",
            6 => "zb-dealer-2",
            _ => return PartnerIndex::from_number(bytes.byte().into()),
        };
        let partner = directory.partner_by_client_id(client_id);
        partner.map_or(PartnerIndex::FIRST, |partner| partner.index)
    }

    fn judged(&self, made: &Made) -> Reply {
        let call = Call {
            method: &made.method,
            path: &made.path,
            query: made.query.as_deref(),
            headers: &made.headers,
            body: &made.body,
        };
        let Some(reply) = self.engine.answer(&call) else {
            unreachable!("no fault is scripted");
        };
        verdict::judge(&self.contract, made, &reply);
        reply
    }

    fn pass_time(&self, space: &Space, bytes: &mut Bytes<'_>) {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let by = *bytes.pick(&[
            Duration::from_millis(40),
            Duration::ZERO,
            Duration::from_secs(181),
            DAY,
            DAY * 40,
            DAY * 366,
            DAY * 4_000_000,
        ]);
        let passed = self.engine.change(space, |now, state| {
            state.clock.move_to(later(now, by), Duration::ZERO);
        });
        assert!(passed.is_ok(), "nothing is stored, so nothing fails");
    }
}

/// Tokens of every kind of stranger, and of a partner that may do everything.
fn credentials(space: SpaceId, seed: u64, partner: PartnerIndex) -> Credentials {
    let signed = |seed, space, scopes: &[Scope], expires_at| {
        Signer::new(seed).sign(&Claims {
            space,
            partner,
            scopes: scopes.iter().copied().collect(),
            expires_at,
            era: 0,
            serial: 1,
        })
    };
    Credentials {
        good: signed(seed, space, Scope::ALL, Timestamp::MAX),
        bad: [
            signed(seed, space, Scope::ALL, Timestamp::UNIX_EPOCH),
            signed(seed, space, &[], Timestamp::MAX),
            signed(seed, SpaceId(u32::MAX), Scope::ALL, Timestamp::MAX),
            signed(seed ^ 1, space, Scope::ALL, Timestamp::MAX),
        ],
    }
}
