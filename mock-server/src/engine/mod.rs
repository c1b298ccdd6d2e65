//! Request in, reply out; no socket, no clock, no randomness of its own.

pub mod body;
pub mod catalogue;
pub mod city;
pub mod control;
pub mod decode;
pub mod directory;
pub mod docket;
pub mod draws;
pub mod events;
pub mod fault;
pub mod faults;
pub mod filing;
pub mod handlers;
pub mod idempotency;
pub mod inspections;
pub mod journal;
pub mod language;
pub mod lifecycle;
pub mod limits;
pub mod lineage;
pub mod names;
pub mod pages;
pub mod params;
pub mod pipeline;
pub mod refusal;
pub mod register;
pub mod route;
pub mod space;
pub mod spaces;
pub mod statistics;
pub mod store;
pub mod tokens;
pub mod world;

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use http::{HeaderValue, header};
use jiff::Timestamp;
use lingminban::api::ProblemCode;

pub use fault::Fault;
pub use limits::RateLimit;

use city::City;
use control::Admission;
use decode::Schemas;
use directory::{Credential, client_secret};
use events::post::Postman;
use names::Names;
use pages::Pages;
use refusal::Refusal;
use route::{Route, Router};
use space::{Settings, Snapshot, Space, SpaceId};
use spaces::Spaces;
use store::{Moments, Place, Store, StoreError};
use world::HostClock;

use crate::server::{Answer, Call, Rejection, Reply};

/// Stands between a partner's name and the number of its space in a client id.
const SPACE_MARK: &str = ".space-";

/// The authority: all its spaces behind one address.
pub struct Engine {
    host: Box<dyn HostClock>,
    city: Arc<City>,
    spaces: Spaces,
    router: Router,
    schemas: Schemas,
    control_schemas: Schemas,
    admission: Admission,
    names: Names,
    store: Option<Store>,
    pages: Pages,
    /// Requests that brought no id and belong to no space.
    requests_of_nobody: AtomicU64,
    postman: OnceLock<Box<dyn Postman>>,
    /// Numbers of attempts to push, over all spaces.
    attempts: AtomicU64,
}

impl Engine {
    /// An engine whose first space, the home of every request without a token, is `settings`'.
    #[must_use]
    pub fn new(host: Box<dyn HostClock>, settings: &Settings, public_url: Option<String>) -> Self {
        let city = Arc::new(City::new());
        let home = Space::new(SpaceId::default(), settings, &city, host.elapsed());
        Self::of(host, city, Spaces::new(home), public_url)
    }

    /// An engine whose spaces are those of a store, and are kept in it. `settings` are those of the
    /// first space where the store is new.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn kept_in(
        store: Store,
        host: Box<dyn HostClock>,
        settings: &Settings,
        public_url: Option<String>,
    ) -> Result<Self, StoreError> {
        let city = Arc::new(City::new());
        let spaces = store.restore(&city, host.as_ref(), settings)?;
        let mut engine = Self::of(host, city, spaces, public_url);
        engine.store = Some(store);
        Ok(engine)
    }

    fn of(
        host: Box<dyn HostClock>,
        city: Arc<City>,
        spaces: Spaces,
        public_url: Option<String>,
    ) -> Self {
        Self {
            spaces,
            host,
            city,
            router: Router::default(),
            schemas: Schemas::new(lingminban_openapi::document),
            control_schemas: Schemas::new(lingminban_openapi::sandbox_document),
            admission: Admission::default(),
            names: Names::default(),
            store: None,
            pages: Pages::new(public_url),
            requests_of_nobody: AtomicU64::new(0),
            postman: OnceLock::new(),
            attempts: AtomicU64::new(0),
        }
    }

    /// The same with other rules for who may use the control interface, and under which names.
    #[must_use]
    pub fn admitting(mut self, admission: Admission, names: Names) -> Self {
        self.admission = admission;
        self.names = names;
        self
    }

    /// Adds a space.
    ///
    /// # Errors
    /// When there are as many as there may be, or it cannot be kept.
    pub fn create_space(&self, settings: &Settings) -> Result<Arc<Space>, Refusal> {
        self.add_space(|id| Space::new(id, settings, &self.city, self.host.elapsed()))
    }

    /// Adds a space that goes on from where another stands.
    ///
    /// # Errors
    /// When there are as many as there may be, or it cannot be kept.
    pub fn fork_space(&self, space: &Space) -> Result<Arc<Space>, Refusal> {
        let state = self.change(space, |_, state| state.clone())?;
        self.add_space(|id| Space::with(id, &space.settings, state))
    }

    fn add_space(&self, make: impl FnOnce(SpaceId) -> Space) -> Result<Arc<Space>, Refusal> {
        let space = self.spaces.add(make);
        let space = space.ok_or_else(|| Refusal::new(ProblemCode::LimitReached))?;
        let kept = self.commit(&space, &mut space.lock());
        if kept.is_err() {
            self.spaces.remove(space.id);
        }
        kept.map(|()| space)
    }

    /// Deletes a space with its snapshots.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn delete_space(&self, id: SpaceId) -> Result<(), Refusal> {
        self.write(id, |writing| writing.forget_space(id))?;
        self.spaces.remove(id);
        Ok(())
    }

    /// Puts the present state of a space away; gives the snapshot's number and its time.
    ///
    /// # Errors
    /// When there are as many as there may be, or it cannot be kept.
    pub fn take_snapshot(&self, space: &Space) -> Result<(u32, Timestamp), Refusal> {
        let host = self.host.elapsed();
        let snapshot = self.change(space, |at, state| Snapshot {
            state: state.clone(),
            at,
            host,
        })?;
        let at = snapshot.at;
        let number = space.put_away(snapshot, |number, snapshot| {
            self.write(space.id, |writing| {
                let saved = snapshot.state.save(Moments::put_away(snapshot.host))?;
                writing.count_snapshots(space.id, number)?;
                writing.replace(Place::snapshot(space.id, number), &saved.rows)
            })
        })?;
        Ok((number, at))
    }

    /// Throws a snapshot away; `false` when there is none.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn forget_snapshot(&self, space: &Space, number: u32) -> Result<bool, Refusal> {
        space.throw_away(number, || {
            self.write(space.id, |writing| {
                writing.forget(Place::snapshot(space.id, number))
            })
        })
    }

    /// All spaces.
    #[must_use]
    pub fn spaces(&self) -> &Spaces {
        &self.spaces
    }

    /// The first space.
    #[must_use]
    pub fn home(&self) -> &Arc<Space> {
        self.spaces.home()
    }

    /// A space.
    #[must_use]
    pub fn space(&self, id: SpaceId) -> Option<Arc<Space>> {
        self.spaces.get(id)
    }

    /// Credentials of a space. Those of the first bear their partners' names alone, so that they may
    /// be checked in; the others say which space they belong to.
    #[must_use]
    pub fn credentials(&self, space: &Space) -> Vec<Credential> {
        let mut credentials = self.city.directory.credentials(space.settings.seed);
        if space.id != self.home().id {
            for credential in &mut credentials {
                credential.client_id =
                    format!("{}{SPACE_MARK}{}", credential.client_id, space.id.0).into();
                credential.client_secret =
                    client_secret(space.settings.seed, &credential.client_id);
            }
        }
        credentials
    }

    /// The space a client id belongs to, and the partner's name in it.
    fn addressed<'a>(&self, client_id: &'a str) -> (Arc<Space>, &'a str) {
        let other = client_id
            .rsplit_once(SPACE_MARK)
            .and_then(|(name, number)| {
                let space = self.space(SpaceId(number.parse().ok()?))?;
                (space.id != self.home().id).then_some((space, name))
            });
        other.unwrap_or_else(|| (Arc::clone(self.home()), client_id))
    }

    /// Has pushes carried from now on; the first postman stays. What was on its way when the spaces
    /// were kept last goes on at once, whether anybody asks for it or not.
    pub fn employ(&self, postman: Box<dyn Postman>) {
        let _ = self.postman.set(postman);
        for space in self.spaces.from(SpaceId::default(), usize::MAX) {
            if !space.lock().events.subscriptions.are_none() {
                self.look(space.id);
            }
        }
    }

    fn postman(&self) -> Option<&dyn Postman> {
        self.postman.get().map(AsRef::as_ref)
    }

    fn next_serial(&self) -> u64 {
        self.attempts.fetch_add(1, Ordering::Relaxed)
    }

    /// Where the exports of journals say that requests went.
    pub(crate) fn public_url(&self) -> &str {
        let url = self.pages.public_url().unwrap_or("http://sandbox.invalid");
        url.trim_end_matches('/')
    }

    /// What all spaces share.
    #[must_use]
    pub fn city(&self) -> &City {
        &self.city
    }

    /// Real time.
    #[must_use]
    pub fn host(&self) -> &dyn HostClock {
        self.host.as_ref()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Answer for Engine {
    fn answer(&self, call: &Call<'_>) -> Option<Reply> {
        self.reply(call)
    }

    fn panicked(&self, call: &Call<'_>) -> Reply {
        pipeline::refuse(self, call, Refusal::new(ProblemCode::InternalError))
    }

    fn turned_away(&self, call: &Call<'_>, why: Rejection) -> Reply {
        let code = match why {
            Rejection::BodyTooLarge => ProblemCode::PayloadTooLarge,
            Rejection::BodyTooSlow => ProblemCode::RequestTimeout,
            Rejection::TargetTooLong => ProblemCode::TargetTooLong,
            Rejection::HeadTooLarge => ProblemCode::HeadersTooLarge,
            Rejection::Tunnel => ProblemCode::UnknownPath,
            Rejection::NoRoom => {
                let soon = HeaderValue::from_static("1");
                let refusal = Refusal::new(ProblemCode::ServiceUnavailable);
                return pipeline::refuse(
                    self,
                    call,
                    refusal.with_header(header::RETRY_AFTER, soon),
                );
            }
        };
        pipeline::refuse(self, call, Refusal::new(code))
    }
}

impl Engine {
    fn reply(&self, call: &Call<'_>) -> Option<Reply> {
        match self.pages.find(call) {
            Ok(Some(page)) => return Some(pipeline::show(self, call, page)),
            Ok(None) => {}
            Err(refusal) => return Some(pipeline::refuse(self, call, refusal)),
        }
        match self.router.find(call.method, call.path) {
            Route::Operation { serve, path } => {
                let language = language::preferred(call.headers);
                serve(
                    self,
                    &pipeline::Request {
                        call,
                        path,
                        language,
                    },
                )
            }
            Route::WrongMethod { allow } => {
                let mut refusal = Refusal::new(ProblemCode::MethodNotAllowed);
                if let Ok(allow) = HeaderValue::from_str(&allow) {
                    refusal = refusal.with_header(header::ALLOW, allow);
                }
                Some(pipeline::refuse(self, call, refusal))
            }
            Route::Unknown => {
                let refusal = Refusal::new(ProblemCode::UnknownPath);
                Some(pipeline::refuse(self, call, refusal))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, Method, StatusCode};
    use serde_json::Value;

    struct Still;

    impl HostClock for Still {
        fn elapsed(&self) -> std::time::Duration {
            std::time::Duration::ZERO
        }

        fn wall(&self) -> jiff::Timestamp {
            space::DEFAULT_START
        }
    }

    fn ask(engine: &Engine, method: Method, path: &str, token: Option<&str>, body: &str) -> Reply {
        let form = "application/x-www-form-urlencoded".parse().unwrap();
        let mut headers = HeaderMap::from_iter([(header::CONTENT_TYPE, form)]);
        if let Some(token) = token {
            headers.insert(
                header::AUTHORIZATION,
                format!("Bearer {token}").parse().unwrap(),
            );
        }
        let (method, body) = (&method, body.as_bytes());
        let call = Call {
            method,
            path,
            query: None,
            headers: &headers,
            body,
        };
        engine.answer(&call).unwrap()
    }

    fn token(engine: &Engine, credential: &Credential) -> String {
        let Credential {
            client_id,
            client_secret,
            ..
        } = credential;
        let form = format!(
            "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}"
        );
        let reply = ask(engine, Method::POST, "/oauth2/token", None, &form);
        assert_eq!(reply.status, StatusCode::OK);
        let answer: Value = serde_json::from_slice(&reply.body).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    #[test]
    fn each_space_has_credentials_clock_and_records_of_its_own() {
        let engine = Engine::new(Box::new(Still), &Settings::default(), None);
        let later = Settings {
            start: "2027-01-04T01:00:00Z".parse().unwrap(),
            ..Settings::default()
        };
        let other = engine.create_space(&later).unwrap();
        let (home, other) = (
            engine.credentials(engine.home()),
            engine.credentials(&other),
        );
        assert!(home.iter().all(|one| {
            other
                .iter()
                .all(|two| one.client_secret != two.client_secret)
        }));
        let date = |credential: &Credential| {
            let token = token(&engine, credential);
            let reply = ask(&engine, Method::GET, "/v1/applications", Some(&token), "");
            assert_eq!(reply.status, StatusCode::OK);
            reply.headers[header::DATE].to_str().unwrap().to_owned()
        };
        assert_eq!(date(&home[0]), "Mon, 02 Mar 2026 01:00:00 GMT");
        assert_eq!(date(&other[0]), "Mon, 04 Jan 2027 01:00:00 GMT");
    }
}
