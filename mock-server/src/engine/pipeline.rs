//! The way of a request: one straight line, no step reaching back.
//!
//! route → credential → rate limit → fault script → idempotency → media type and size → typed decode
//! (or every fault) → authority → rules (all findings) → effect → store → journal → reply

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use lingminban::{
    api::{
        Access, FindingCode, Operation, Output, Place, ProblemCode, TokenErrorCode,
        control::KeyVerdict, operation::Errors,
    },
    text::Language,
};

use super::{
    Engine,
    body::{self, Receive, Spoilt},
    city::City,
    decode::BodyDigest,
    directory::PartnerIndex,
    fault::Fault,
    faults::{self, Strike},
    filing::Filing,
    handlers,
    idempotency::{self, Fingerprint, Kept},
    journal::{BodyKind, Exchange, Notes},
    lifecycle,
    lineage::Lineage,
    params,
    params::Pair,
    refusal::Refusal,
    space::{Space, SpaceId, State},
    tokens,
    world::date_of,
};
use crate::server::{Call, Reply};

/// Where an operation happens.
pub struct Scene<'a> {
    /// What all spaces share.
    pub city: &'a City,
    /// The space.
    pub space: &'a Space,
    /// What the space remembers, locked for this request.
    pub state: &'a mut State,
    /// Who asks; meaningless for operations that need no token.
    pub partner: PartnerIndex,
    /// The space's time.
    pub now: Timestamp,
    /// The language to tell findings in.
    pub language: Language,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// Whether the answer was an effect: a dry run binds no key.
    pub effective: bool,
    /// What the journal is to know.
    pub notes: Notes,
}

impl Scene<'_> {
    /// The space's date in Beijing.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        date_of(self.now)
    }
}

/// What an operation is asked.
pub struct Input<O: Operation> {
    /// Values of the path.
    pub path: O::Path,
    /// Query parameters.
    pub query: O::Query,
    /// The body.
    pub body: O::Body,
}

/// How the authority handles one operation.
pub trait Handle<O: Operation>
where
    O::Body: Receive,
{
    /// Whether this partner may ask this at all, and has not done so before; asked before the rules.
    ///
    /// # Errors
    /// 403 with every reason, or 409.
    fn authorise(&self, _: &Scene<'_>, _: &Input<O>) -> Result<(), Refusal> {
        Ok(())
    }

    /// Everything the rules find wrong in the body, or in the parts of it that decoded.
    fn examine(&self, _: &Scene<'_>, _: &Filing<'_, <O::Body as Receive>::Subject>) -> Vec<Fault> {
        Vec::new()
    }

    /// Does it.
    ///
    /// # Errors
    /// When the state of things does not allow it; nothing has changed then.
    fn handle(&self, scene: &mut Scene<'_>, input: Input<O>) -> Result<O::Output, Refusal>;
}

/// One request with what every step needs of it.
pub struct Request<'a> {
    /// As it came.
    pub call: &'a Call<'a>,
    /// Values of the path template, still percent-encoded.
    pub path: Vec<(&'a str, &'a str)>,
    /// The language of the answer.
    pub language: Language,
}

/// Serves one operation; `None` when a fault withholds the answer.
pub fn serve<O: Operation>(engine: &Engine, request: &Request<'_>) -> Option<Reply>
where
    O::Body: Receive,
    Engine: Handle<O>,
{
    let began = engine.host.elapsed();
    let admitted = admit(engine, request.call, O::ACCESS);
    let space = &*admitted.space;
    let mut notes = Notes::default();
    let mut state = space.lock();
    let now = state.clock.now(engine.host.elapsed());
    let request_id = request_id(request.call.headers, &mut state);
    let mut strike = None;
    let answered = match admitted.refusal(now, &state.lineage) {
        Some(refusal) => Err(refusal),
        None => {
            lifecycle::settle(&engine.city, &mut state, now);
            let mut scene = Scene {
                city: &engine.city,
                space,
                partner: admitted.partner().unwrap_or(PartnerIndex::FIRST),
                now,
                language: request.language,
                headers: request.call.headers,
                state: &mut state,
                effective: true,
                notes: Notes::default(),
            };
            let answered = answer::<O>(engine, &mut scene, request, &mut strike);
            notes = scene.notes;
            answered
        }
    };
    let told = |answered: Result<Reply, Refusal>| {
        let mut reply = answered.unwrap_or_else(|refusal| {
            refusal.told(request.language, request.call.path, &request_id)
        });
        stamp(&mut reply.headers, now, &request_id);
        reply
    };
    let reply = told(answered);
    let (mut left, fault) = match &strike {
        None => (Some(reply), None),
        Some(strike) => {
            let (left, done) = strike.finish::<O>(reply, now);
            if done {
                state.script.acted(strike);
            }
            (left, done.then(|| strike.name()))
        }
    };
    match engine.commit(space, &mut state) {
        Ok(()) => engine.dispatch(space, &mut state, now),
        Err(refusal) => left = Some(told(Err(refusal))),
    }
    drop(state);
    let delay = left.as_ref().map_or(Duration::ZERO, |reply| reply.delay);
    let exchange = Exchange {
        call: request.call,
        reply: left.as_ref(),
        at: now,
        took: engine.host.elapsed().saturating_sub(began) + delay,
        partner: admitted.partner(),
        claimed: admitted.claimed,
        operation: Some((O::ID, BodyKind::of::<O>())),
        request_id: &request_id,
        fault,
        notes: &notes,
    };
    record(space, &exchange);
    left
}

fn record(space: &Space, exchange: &Exchange<'_>) {
    if space.settings.journal_bytes > 0 {
        space.journal().add(exchange);
    }
}

/// Who asks, and where, from the token alone.
struct Admitted {
    /// That of whoever signed the token or is to sign one; the first for everybody else.
    space: Arc<Space>,
    /// What a token says that is believed.
    claims: Option<tokens::Claims>,
    refused: Option<ProblemCode>,
    /// The space a token names that is not believed.
    claimed: Option<SpaceId>,
}

impl Admitted {
    fn anyone(space: Arc<Space>) -> Self {
        Self {
            space,
            claims: None,
            refused: None,
            claimed: None,
        }
    }

    fn partner(&self) -> Option<PartnerIndex> {
        self.claims.map(|claims| claims.partner)
    }

    /// Why the request goes no further, in a space that has that lineage.
    fn refusal(&self, now: Timestamp, lineage: &Lineage) -> Option<Refusal> {
        let strange = |claims: tokens::Claims| lineage.era_of_token(claims.serial) != claims.era;
        if self.claims.is_some_and(strange) {
            return Some(tokens::given_up());
        }
        let expired = self.claims.is_some_and(|claims| claims.expires_at <= now);
        self.refused
            .or(expired.then_some(ProblemCode::ExpiredToken))
            .map(tokens::refused)
    }
}

fn admit(engine: &Engine, call: &Call<'_>, access: Access) -> Admitted {
    match access {
        Access::Token(scope) => {
            let mut admitted = bearer(engine, call);
            if admitted
                .claims
                .is_some_and(|claims| !claims.scopes.contains(scope))
            {
                admitted.refused = Some(ProblemCode::InsufficientScope);
            }
            admitted
        }
        Access::Credential => Admitted::anyone(handlers::tokens::space_asked(engine, call)),
        Access::Anyone | Access::Admin => Admitted::anyone(Arc::clone(engine.home())),
    }
}

fn bearer(engine: &Engine, call: &Call<'_>) -> Admitted {
    let refused = |code, claimed| Admitted {
        refused: Some(code),
        claimed,
        ..Admitted::anyone(Arc::clone(engine.home()))
    };
    let token = match tokens::bearer(call.headers) {
        Ok(token) => token,
        Err(refusal) => return refused(refusal.code(), None),
    };
    // The key follows from the seed, so a token may be home-made: the partner is asked for too.
    let space = engine.space(token.claims.space).filter(|space| {
        space.signer.accepts(&token) && engine.city.directory.has(token.claims.partner)
    });
    match space {
        Some(space) => Admitted {
            claims: Some(token.claims),
            ..Admitted::anyone(space)
        },
        None => refused(ProblemCode::InvalidToken, Some(token.claims.space)),
    }
}

fn answer<O: Operation>(
    engine: &Engine,
    scene: &mut Scene<'_>,
    request: &Request<'_>,
    strike: &mut Option<Strike>,
) -> Result<Reply, Refusal>
where
    O::Body: Receive,
    Engine: Handle<O>,
{
    if matches!(O::ACCESS, Access::Token(_)) {
        scene.state.windows.admit(scene.partner, scene.now)?;
    }
    *strike = faults::strike::<O>(
        &mut scene.state.script,
        &engine.control_schemas,
        request.call.headers,
    )?;
    if let Some(instead) = strike
        .as_ref()
        .and_then(|strike| strike.instead::<O>(scene.now))
    {
        return instead;
    }
    let query = read_query::<O>(request.call)?;
    let key = idempotency::key(request.call.headers, O::REPEAT)
        .inspect_err(|_| scene.notes.verdict = Some(KeyVerdict::Refused))?;
    let key = key.map(|key| (key, fingerprint::<O>(request.call, &query)));
    if let Some((key, fingerprint)) = key {
        let found = scene.state.keys.find(scene.partner, key, fingerprint);
        scene.notes.fingerprint = Some(fingerprint);
        scene.notes.verdict = Some(match &found {
            Ok(None) => KeyVerdict::First,
            Ok(Some(_)) => KeyVerdict::Replayed,
            Err(_) => KeyVerdict::Reused,
        });
        if let Some(kept) = found? {
            return Ok(replayed(kept));
        }
    }
    let input = read::<O>(engine, scene, request, query)?;
    engine.authorise(scene, &input)?;
    let faults = engine.examine(scene, &Filing::Whole(input.body.subject()));
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    let output = engine.handle(scene, input)?;
    let Ok((status, body)) = output.encode() else {
        return Err(Refusal::new(ProblemCode::InternalError));
    };
    if let Some((key, fingerprint)) = key
        && scene.effective
    {
        let kept = Kept {
            status,
            body: body.clone().into_boxed_slice(),
        };
        scene
            .state
            .keys
            .keep(scene.partner, key, fingerprint, kept, scene.now);
    }
    Ok(success::<O>(status, output.media_type(), body))
}

fn read<O: Operation>(
    engine: &Engine,
    scene: &Scene<'_>,
    request: &Request<'_>,
    query: O::Query,
) -> Result<Input<O>, Refusal>
where
    O::Body: Receive,
    Engine: Handle<O>,
{
    let path = read_path::<O>(request)?;
    match O::Body::receive(request.call, &engine.schemas) {
        Ok(body) => Ok(Input { path, query, body }),
        Err(Spoilt::Unreadable(refusal)) => Err(refusal),
        Err(Spoilt::Faulty { value, mut faults }) => {
            let found = engine.examine(
                scene,
                &Filing::Parts {
                    value: &value,
                    faults: &faults,
                },
            );
            faults.extend(found);
            Err(Refusal::invalid(faults))
        }
    }
}

/// The values of the path, once size and media type of the body are known to be right.
pub(super) fn read_path<O: Operation>(request: &Request<'_>) -> Result<O::Path, Refusal> {
    body::inspect::<O::Body>(request.call)?;
    params::read(&path_pairs(&request.path)?).map_err(wrong_parameters::<O>)
}

pub(super) fn read_query<O: Operation>(call: &Call<'_>) -> Result<O::Query, Refusal> {
    params::read(&params::pairs(call.query.unwrap_or_default())).map_err(wrong_parameters::<O>)
}

/// A refusal of parameters or headers, in the operation's own form.
pub(super) fn wrong_parameters<O: Operation>(faults: Vec<Fault>) -> Refusal {
    match O::ERRORS {
        Errors::Problem => Refusal::new(ProblemCode::InvalidParameter).with_faults(faults),
        Errors::OAuth => Refusal::oauth(TokenErrorCode::InvalidRequest),
    }
}

fn path_pairs<'a>(path: &[(&'a str, &'a str)]) -> Result<Vec<Pair<'a>>, Refusal> {
    path.iter()
        .map(|(name, value)| {
            let decoded = percent_encoding::percent_decode_str(value).decode_utf8();
            decoded.map(|value| ((*name).into(), value)).map_err(|_| {
                let place = Place::Parameter((*name).to_owned());
                Refusal::new(ProblemCode::InvalidParameter)
                    .with_faults(vec![Fault::at(place, FindingCode::WrongFormat)])
            })
        })
        .collect()
}

/// The query counts as it was understood: a default spelt out is no difference.
fn fingerprint<O: Operation>(call: &Call<'_>, query: &O::Query) -> Fingerprint {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let mut target = Vec::with_capacity(256);
    for part in [O::ID, call.path, &query] {
        target.extend_from_slice(part.as_bytes());
        target.push(0);
    }
    Fingerprint {
        target: xxhash_rust::xxh3::xxh3_128(&target),
        body: BodyDigest::of(call.body),
    }
}

pub(super) fn success<O: Operation>(
    status: StatusCode,
    media_type: &'static str,
    body: Vec<u8>,
) -> Reply {
    let mut headers = headers_of(media_type, status);
    if O::ERRORS == Errors::OAuth {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Reply::new(status, headers, body)
}

/// What describes a body, be it an empty text; 204 has none.
fn headers_of(media_type: &'static str, status: StatusCode) -> HeaderMap {
    let described = (status != StatusCode::NO_CONTENT)
        .then(|| (header::CONTENT_TYPE, HeaderValue::from_static(media_type)));
    HeaderMap::from_iter(described)
}

fn replayed(kept: &Kept) -> Reply {
    let mut headers = headers_of("application/json", kept.status);
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Reply::new(kept.status, headers, kept.body.to_vec())
}

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's own id, or a running number.
fn request_id(headers: &HeaderMap, state: &mut State) -> String {
    own_request_id(headers).unwrap_or_else(|| {
        state.serial.requests += 1;
        format!("req-{:012}", state.serial.requests)
    })
}

fn own_request_id(headers: &HeaderMap) -> Option<String> {
    let sent = headers.get(REQUEST_ID)?.to_str().ok()?;
    let fits = (1..=128).contains(&sent.len()) && sent.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| sent.to_owned())
}

/// What every answer carries.
pub fn stamp(headers: &mut HeaderMap, now: Timestamp, request_id: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(date) = http_date(now) {
        headers.insert(header::DATE, date);
    }
}

/// A date as HTTP writes it (RFC 9110 §5.6.7).
pub(super) fn http_date(instant: Timestamp) -> Option<HeaderValue> {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    let text = printer.timestamp_to_rfc9110_string(&instant).ok()?;
    HeaderValue::from_str(&text).ok()
}

/// Answers a request that no operation serves. The journal it goes to is that of whoever sends it.
pub fn refuse(engine: &Engine, call: &Call<'_>, refusal: Refusal) -> Reply {
    let began = engine.host.elapsed();
    let admitted = bearer(engine, call);
    let mut state = admitted.space.lock();
    let at = state.clock.now(engine.host.elapsed());
    let own = admitted
        .claims
        .map(|_| (at, request_id(call.headers, &mut state)));
    drop(state);
    let (now, request_id) = own.unwrap_or_else(|| beside_operations(engine, call));
    let language = super::language::preferred(call.headers);
    let mut reply = refusal.told(language, call.path, &request_id);
    stamp(&mut reply.headers, now, &request_id);
    let exchange = Exchange {
        call,
        reply: Some(&reply),
        at,
        took: engine.host.elapsed().saturating_sub(began),
        partner: admitted.partner(),
        claimed: admitted.claimed,
        operation: None,
        request_id: &request_id,
        fault: None,
        notes: &Notes::default(),
    };
    record(&admitted.space, &exchange);
    reply
}

/// Answers with a page that is no operation.
pub fn show(engine: &Engine, call: &Call<'_>, mut page: Reply) -> Reply {
    let (now, request_id) = beside_operations(engine, call);
    stamp(&mut page.headers, now, &request_id);
    page
}

/// Time and id of a request that belongs to no space: the first one's time, and a number that no
/// space counts.
pub(super) fn beside_operations(engine: &Engine, call: &Call<'_>) -> (Timestamp, String) {
    let now = engine.home().now(engine.host.elapsed());
    let request_id = own_request_id(call.headers).unwrap_or_else(|| {
        let number = engine.requests_of_nobody.fetch_add(1, Ordering::Relaxed) + 1;
        format!("req-x{number:011}")
    });
    (now, request_id)
}
