//! The engine keeps its spaces: before an answer leaves, what it changed is in the store.

use std::{collections::BTreeMap, time::Duration};

use lingminban::api::ProblemCode;

use super::{
    database::{Place, Registered, Store, StoreError, Writing},
    rows::{Damaged, Reader, Unwritable},
    state::{Kept, Moments},
};
use crate::engine::{
    Engine,
    city::City,
    refusal::Refusal,
    space::{Settings, Snapshot, Snapshots, Space, SpaceId, State},
    spaces::Spaces,
    world::HostClock,
};

/// What a space was started with, where its damage is told.
const SETTINGS: &str = "settings";

impl Engine {
    /// What a request or a command changed in a space is written before anybody is told that it
    /// happened. Called while the space is locked, because the store must learn of changes in their
    /// order: where there is a store, and only there, a space's lock is held during a write.
    ///
    /// When the store fails, memory must not know more than the disk: the space goes back to what was
    /// kept last, and the request is refused, to be sent again under the same key. Where it cannot
    /// even be read back, everything asked of the space is refused until it can.
    ///
    /// # Errors
    /// 503.
    pub(in crate::engine) fn commit(
        &self,
        space: &Space,
        state: &mut State,
    ) -> Result<(), Refusal> {
        let Some(store) = &self.store else {
            return Ok(());
        };
        if !matches!(state.kept, Kept::Less) {
            match store.keep(space, state, self.host()) {
                Ok(()) => return Ok(()),
                Err(error) => tracing::error!(
                    space = space.id.0,
                    %error,
                    "变更未能写入，已撤销 / a change was not kept and is undone"
                ),
            }
        }
        match store.living(space.id, self.city(), self.host()) {
            Ok(kept) => state.go_back(kept),
            Err(error) => {
                state.kept = Kept::Less;
                tracing::error!(
                    space = space.id.0,
                    %error,
                    "空间无法读回，暂停服务 / a space cannot be read back and is out of service"
                );
            }
        }
        Err(Refusal::new(ProblemCode::ServiceUnavailable))
    }

    /// Lets go of the data directory, if there is one: who still asks something is refused.
    pub(crate) fn close(&self) {
        if let Some(store) = &self.store {
            store.close();
        }
    }

    /// Writes something else about a space, if there is a store.
    ///
    /// # Errors
    /// 503 when it fails; nothing is written then.
    pub(in crate::engine) fn write(
        &self,
        space: SpaceId,
        write: impl FnOnce(&Writing<'_>) -> Result<(), StoreError>,
    ) -> Result<(), Refusal> {
        let Some(store) = &self.store else {
            return Ok(());
        };
        store.write(write).map_err(|error| {
            tracing::error!(
                space = space.0,
                %error,
                "命令未能写入，未执行 / a command was not kept and is not done"
            );
            Refusal::new(ProblemCode::ServiceUnavailable)
        })
    }
}

impl Store {
    /// The spaces there are; in a new store the first alone, with these settings.
    ///
    /// # Errors
    /// When the database fails, or what is in it makes no sense.
    pub(in crate::engine) fn restore(
        &self,
        city: &City,
        host: &dyn HostClock,
        settings: &Settings,
    ) -> Result<Spaces, StoreError> {
        let mut states = self.load()?;
        let mut home = None;
        let mut others = Vec::new();
        for registered in self.spaces()? {
            let space = restored(&registered, &mut states, city, host)?;
            if space.id == SpaceId::default() {
                home = Some(space);
            } else {
                others.push(space);
            }
        }
        let home = match home {
            Some(home) => home,
            None => self.first(settings, city, host)?,
        };
        Ok(Spaces::restored(home, others, self.next_space()?))
    }

    fn first(
        &self,
        settings: &Settings,
        city: &City,
        host: &dyn HostClock,
    ) -> Result<Space, StoreError> {
        let space = Space::new(SpaceId::default(), settings, city, host.elapsed());
        self.keep(&space, &mut space.lock(), host)?;
        Ok(space)
    }

    /// Writes what it does not have yet of a space's living state: all in one transaction.
    fn keep(
        &self,
        space: &Space,
        state: &mut State,
        host: &dyn HostClock,
    ) -> Result<(), StoreError> {
        let saved = state.save(Moments::now(host))?;
        let place = Place::living(space.id);
        if saved.whole {
            let settings = serde_json::to_string(&space.settings);
            let settings = settings.map_err(|_| Unwritable { kind: SETTINGS })?;
            self.write(|writing| {
                writing.register(space.id, &settings)?;
                writing.replace(place, &saved.rows)
            })
        } else if saved.rows.is_empty() {
            Ok(())
        } else {
            self.write(|writing| writing.apply(place, &saved.rows))
        }
    }

    /// The living state of a space as it was kept last.
    fn living(
        &self,
        space: SpaceId,
        city: &City,
        host: &dyn HostClock,
    ) -> Result<State, StoreError> {
        let place = Place::living(space);
        State::load(city, self.load_one(place)?, host).map_err(damaged(place))
    }
}

/// A space with its snapshots, whose rows are taken out of `states`.
fn restored(
    registered: &Registered,
    states: &mut BTreeMap<Place, Reader>,
    city: &City,
    host: &dyn HostClock,
) -> Result<Space, StoreError> {
    let living = Place::living(registered.space);
    let settings: Settings = serde_json::from_str(&registered.settings)
        .map_err(|_| damaged(living)(Damaged::of(SETTINGS)))?;
    let read = |place, reader| State::load(city, reader, host).map_err(damaged(place));
    let state = read(living, states.remove(&living).unwrap_or_default())?;
    let mut snapshots = Snapshots {
        taken: registered.snapshots_taken,
        kept: BTreeMap::new(),
    };
    while let Some((place, reader)) = next_of(registered.space, states) {
        let state = read(place, reader)?;
        // Before its time begins, a clock shows what it showed when it was put away.
        let host = Duration::ZERO;
        let at = state.clock.now(host);
        snapshots
            .kept
            .insert(place.snapshot, Snapshot { state, at, host });
    }
    Ok(Space::restored(
        registered.space,
        &settings,
        state,
        snapshots,
    ))
}

/// Takes out the first state of a space.
fn next_of(space: SpaceId, states: &mut BTreeMap<Place, Reader>) -> Option<(Place, Reader)> {
    let place = *states.range(Place::living(space)..).next()?.0;
    (place.space == space).then(|| states.remove_entry(&place))?
}

fn damaged(place: Place) -> impl FnOnce(Damaged) -> StoreError {
    move |damaged| StoreError::Damaged { place, damaged }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, header};
    use jiff::Timestamp;
    use lingminban::api::{Operation, Scope, SubmitRegistration, control::ClockMove};
    use serde_json::Value;

    use super::*;
    use crate::{
        engine::{
            directory::PartnerIndex,
            events::subscriptions::Subscription,
            lifecycle::{self, Order},
            register::Mortgage,
            space::{DEFAULT_START, Pace},
            store::database::tests::Scratch,
            tokens::{Claims, Signer},
        },
        server::{Answer, Call},
    };

    struct Still;

    impl HostClock for Still {
        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn wall(&self) -> Timestamp {
            DEFAULT_START
        }
    }

    fn engine(scratch: &Scratch) -> Engine {
        let (store, settings) = (scratch.store(), Settings::default());
        Engine::kept_in(store, Box::new(Still), &settings, None).unwrap()
    }

    /// Asks as the first dealer of a space; gives the answer's status and body.
    fn ask(engine: &Engine, space: SpaceId, method: Method, path: &str) -> (u16, Value) {
        let dealer = engine.city().directory.partner_by_client_id("zb-dealer-1");
        let token = Signer::new(Settings::default().seed).sign(&Claims {
            space,
            partner: dealer.map_or(PartnerIndex::FIRST, |dealer| dealer.index),
            scopes: Scope::ALL.iter().copied().collect(),
            expires_at: Timestamp::MAX,
            era: 0,
            serial: 1,
        });
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {token}").parse().unwrap();
        headers.insert(header::AUTHORIZATION, bearer);
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        let key = HeaderValue::from_static("the-only-key");
        headers.insert("idempotency-key", key);
        let body = match path {
            "/v1/registrations" => SubmitRegistration::EXAMPLES[0].json,
            _ => "{}",
        };
        let call = Call {
            method: &method,
            path,
            query: None,
            headers: &headers,
            body: if method == Method::GET {
                b""
            } else {
                body.as_bytes()
            },
        };
        let reply = engine.answer(&call).unwrap();
        let body = serde_json::from_slice(&reply.body).unwrap_or_default();
        (reply.status.as_u16(), body)
    }

    fn home(engine: &Engine, method: Method, path: &str) -> (u16, Value) {
        ask(engine, engine.home().id, method, path)
    }

    fn filed(engine: &Engine) -> usize {
        let (status, list) = home(engine, Method::GET, "/v1/applications");
        assert_eq!(status, 200);
        list["items"].as_array().unwrap().len()
    }

    fn sql(engine: &Engine, statements: &str) {
        let store = engine.store.as_ref().unwrap();
        store.execute(statements);
    }

    const DISK_IS_FULL: &str = "
        CREATE TEMP TRIGGER full BEFORE INSERT ON rows BEGIN SELECT RAISE(ABORT, 'full'); END;
        CREATE TEMP TRIGGER stuck BEFORE DELETE ON rows BEGIN SELECT RAISE(ABORT, 'full'); END;";
    const DISK_HAS_ROOM: &str = "DROP TRIGGER full; DROP TRIGGER stuck;";

    #[test]
    fn what_cannot_be_kept_has_not_happened() {
        let scratch = Scratch::new("not-kept");
        let engine = engine(&scratch);
        let file = || home(&engine, Method::POST, "/v1/registrations");
        sql(&engine, DISK_IS_FULL);
        let (status, problem) = file();
        assert_eq!(
            (status, &problem["code"]),
            (503, &"service_unavailable".into())
        );
        assert_eq!(filed(&engine), 0);
        sql(&engine, DISK_HAS_ROOM);
        let (status, first) = file();
        assert_eq!(status, 201, "{first}");
        assert_eq!(file(), (201, first.clone()));
        engine.close();

        let engine = self::engine(&scratch);
        assert_eq!(
            home(&engine, Method::POST, "/v1/registrations"),
            (201, first)
        );
        assert_eq!(filed(&engine), 1);
    }

    #[test]
    fn a_space_that_cannot_be_read_back_is_out_of_service_until_it_can() {
        let scratch = Scratch::new("not-readable");
        let engine = engine(&scratch);
        sql(&engine, "ALTER TABLE rows RENAME TO hidden");
        let (status, _) = home(&engine, Method::POST, "/v1/registrations");
        assert_eq!(status, 503);
        let (status, _) = home(&engine, Method::GET, "/v1/applications");
        assert_eq!(status, 503, "what would be shown was never kept");
        sql(&engine, "ALTER TABLE hidden RENAME TO rows");
        home(&engine, Method::GET, "/v1/applications");
        assert_eq!(filed(&engine), 0);
    }

    #[test]
    fn nothing_is_kept_of_what_panicked_half_way() {
        let scratch = Scratch::new("panicked");
        let engine = engine(&scratch);
        let space = engine.create_space(&Settings::default()).unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            engine.change(&space, |_, state| {
                state.serial.certificates += 1;
                panic!("half way");
            })
        }));
        assert!(panicked.is_err());
        let refused = engine.change(&space, |_, _| ());
        assert!(
            refused.is_err(),
            "what it saw may have been half of something"
        );
        assert_eq!(
            engine
                .change(&space, |_, state| state.serial.certificates)
                .unwrap(),
            0
        );
    }

    #[test]
    fn commands_that_cannot_be_kept_have_not_happened() {
        let scratch = Scratch::new("no-command");
        let engine = engine(&scratch);
        let other = engine.create_space(&Settings::default()).unwrap();
        let snapshot = engine.take_snapshot(&other).unwrap();
        sql(&engine, DISK_IS_FULL);
        assert!(engine.create_space(&Settings::default()).is_err());
        assert!(engine.fork_space(&other).is_err());
        assert!(engine.delete_space(other.id).is_err());
        assert!(engine.take_snapshot(&other).is_err());
        assert!(engine.forget_snapshot(&other, snapshot.0).is_err());
        let all = engine.spaces().from(SpaceId(0), 9);
        let numbers: Vec<u32> = all.iter().map(|space| space.id.0).collect();
        assert_eq!(numbers, [0, 1]);
        assert_eq!(other.snapshots_kept(), [snapshot]);
    }

    /// What the version before has written, out of what this one writes.
    const AS_BEFORE: &str = "
        DELETE FROM rows WHERE kind IN ('era', 'statistic');
        UPDATE rows SET value = json_set(value, '$.previous',
            json(coalesce(json_extract(value, '$.previous[0]'), 'null')))
            WHERE kind = 'webhook';
        UPDATE rows SET value = json_remove(json_set(value, '$.registration.mortgagee',
            json_extract(value, '$.registration.mortgages[0].lender')), '$.registration.mortgages')
            WHERE kind = 'vehicle' AND json_type(value, '$.registration') = 'object';
        UPDATE rows SET value = json_remove(json_set(value, '$.outcome.record.registration.mortgagee',
            json_extract(value, '$.outcome.record.registration.mortgages[0].lender')),
            '$.outcome.record.registration.mortgages')
            WHERE kind = 'application';
        PRAGMA user_version = 1;";

    #[test]
    fn what_the_version_before_has_written_is_read() {
        let scratch = Scratch::new("upgrade");
        let engine = engine(&scratch);
        let (status, first) = home(&engine, Method::POST, "/v1/registrations");
        assert_eq!(status, 201);
        let until = DEFAULT_START + Duration::from_secs(3_600);
        let subscribed = engine.change(engine.home(), |now, state| {
            let url: lingminban::api::WebhookUrl = "http://127.0.0.1:9/".parse().unwrap();
            let plain = Subscription::new(PartnerIndex::FIRST, url, None, None, now);
            let mut rotated = plain.clone();
            rotated.rotate(until, now).unwrap();
            let subscriptions = &mut state.events.subscriptions;
            [plain, rotated].map(|one| subscriptions.add(one).unwrap())
        });
        let subscribed = subscribed.unwrap();
        // Of the catalogue: mortgaged, and not.
        let known = ["LZZTEST15N1900005", "LGXC16AF7N0000037"].map(|vin| vin.parse().unwrap());
        let known = known.map(|vin| engine.change_vehicle(engine.home(), vin, |_| {}).unwrap());
        // The next day has begun in Beijing, and nowhere west of it.
        let next_day = "2026-03-03T00:30:00+08:00".parse().unwrap();
        engine.set_pace(engine.home(), Pace::Manual).unwrap();
        let moved = engine.move_clock(engine.home(), ClockMove::Set(next_day));
        moved.unwrap();
        let completed = engine.change(engine.home(), |now, state| {
            lifecycle::decide(engine.city(), state, 0, Order::Complete, now)
        });
        assert!(completed.unwrap());
        engine.take_snapshot(engine.home()).unwrap();
        let counted = engine.home().lock().statistics.cells().to_vec();
        assert_eq!(counted.len(), 2);
        sql(&engine, AS_BEFORE);
        engine.close();

        for _ in 0..2 {
            let engine = self::engine(&scratch);
            let again = home(&engine, Method::POST, "/v1/registrations");
            assert_eq!(again, (201, first.clone()));
            let state = engine.home().lock().clone();
            let ends = subscribed.map(|number| {
                let one = state.events.subscriptions.get(number);
                one.and_then(|one| one.previous_until(DEFAULT_START))
            });
            assert_eq!(ends, [None, Some(until)]);
            assert_eq!(state.lineage.era(), 0);
            assert_eq!(state.statistics.cells(), counted);
            for before in &known {
                let now = state.register.vehicle(before.vin).unwrap();
                let [before, now] =
                    [before, now].map(|record| record.registration.as_ref().unwrap());
                let expected = before.mortgages.iter().map(|mortgage| Mortgage {
                    lender_name: None,
                    contract_number: None,
                    registered_on: Some(before.acquired_on),
                    ..mortgage.clone()
                });
                assert_eq!(now.mortgages, expected.collect::<Vec<_>>());
            }
            assert_eq!(engine.home().snapshots_kept().len(), 1);
            engine.close();
        }
    }

    #[test]
    fn reading_writes_nothing() {
        let scratch = Scratch::new("reading");
        let engine = engine(&scratch);
        home(&engine, Method::POST, "/v1/registrations");
        home(&engine, Method::GET, "/v1/applications");
        sql(&engine, DISK_IS_FULL);
        for path in ["/v1/applications", "/v1/operators", "/v1/nothing"] {
            assert_ne!(home(&engine, Method::GET, path).0, 503, "{path}");
        }
        // The same again is not kept a second time.
        assert_eq!(home(&engine, Method::POST, "/v1/registrations").0, 201);
    }
}
