//! The way of a request: one straight line, no step reaching back.
//!
//! route → credential → rate limit → idempotency → media type and size → typed decode (or every
//! fault) → authority → rules (all findings) → effect → store → reply

use std::sync::{Arc, atomic::Ordering};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use lingminban::{
    api::{
        Access, FindingCode, Operation, Output, Place, ProblemCode, TokenErrorCode,
        operation::Errors,
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
    filing::Filing,
    handlers,
    idempotency::{self, Fingerprint, Kept},
    lifecycle, params,
    params::Pair,
    refusal::Refusal,
    space::{Space, State},
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

/// Serves one operation.
pub fn serve<O: Operation>(engine: &Engine, request: &Request<'_>) -> Reply
where
    O::Body: Receive,
    Engine: Handle<O>,
{
    let admitted = admit(engine, request.call, O::ACCESS);
    let space = match &admitted {
        Ok((space, _)) => space,
        Err(_) => engine.home(),
    };
    let mut state = space.lock();
    let now = state.clock.now(engine.host.elapsed());
    let request_id = request_id(request.call.headers, &mut state);
    let answered = admitted
        .as_ref()
        .map_err(|code| tokens::refused(*code))
        .and_then(|(_, claims)| {
            if claims
                .as_ref()
                .is_some_and(|claims| claims.expires_at <= now)
            {
                return Err(tokens::refused(ProblemCode::ExpiredToken));
            }
            lifecycle::settle(&engine.city, &mut state, now);
            let mut scene = Scene {
                city: &engine.city,
                space,
                partner: claims.map_or(PartnerIndex::FIRST, |claims| claims.partner),
                now,
                language: request.language,
                headers: request.call.headers,
                state: &mut state,
                effective: true,
            };
            answer::<O>(engine, &mut scene, request)
        });
    let answered = engine.commit(space, &mut state).and_then(|()| {
        engine.dispatch(space, &mut state, now);
        answered
    });
    drop(state);
    let mut reply = match answered {
        Ok(reply) => reply,
        Err(refusal) => refusal.told(request.language, request.call.path, &request_id),
    };
    stamp(&mut reply.headers, now, &request_id);
    reply
}

/// Who asks, from the token alone.
fn admit(
    engine: &Engine,
    call: &Call<'_>,
    access: Access,
) -> Result<(Arc<Space>, Option<tokens::Claims>), ProblemCode> {
    let scope = match access {
        Access::Token(scope) => scope,
        Access::Credential => return Ok((handlers::tokens::space_asked(engine, call), None)),
        Access::Anyone | Access::Admin => return Ok((Arc::clone(engine.home()), None)),
    };
    let token = tokens::bearer(call.headers).map_err(|refusal| refusal.code())?;
    let space = engine
        .space(token.claims.space)
        .ok_or(ProblemCode::InvalidToken)?;
    // The key follows from the seed, so a token may be home-made: the partner is asked for too.
    if !space.signer.accepts(&token) || !engine.city.directory.has(token.claims.partner) {
        return Err(ProblemCode::InvalidToken);
    }
    if !token.claims.scopes.contains(scope) {
        return Err(ProblemCode::InsufficientScope);
    }
    Ok((space, Some(token.claims)))
}

fn answer<O: Operation>(
    engine: &Engine,
    scene: &mut Scene<'_>,
    request: &Request<'_>,
) -> Result<Reply, Refusal>
where
    O::Body: Receive,
    Engine: Handle<O>,
{
    if matches!(O::ACCESS, Access::Token(_)) {
        scene.state.windows.admit(scene.partner, scene.now)?;
    }
    let query = read_query::<O>(request.call)?;
    let key = idempotency::key(request.call.headers, O::REPEAT)?;
    let key = key.map(|key| (key, fingerprint::<O>(request.call, &query)));
    if let Some((key, fingerprint)) = key
        && let Some(kept) = scene.state.keys.find(scene.partner, key, fingerprint)?
    {
        return Ok(replayed(kept));
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
    Ok(success::<O>(status, body))
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

fn wrong_parameters<O: Operation>(faults: Vec<Fault>) -> Refusal {
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

pub(super) fn success<O: Operation>(status: StatusCode, body: Vec<u8>) -> Reply {
    let mut headers = json_headers(&body);
    if O::ERRORS == Errors::OAuth {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Reply::new(status, headers, body)
}

/// What describes a body, where there is one.
fn json_headers(body: &[u8]) -> HeaderMap {
    let json = (!body.is_empty()).then(|| {
        let media_type = HeaderValue::from_static("application/json");
        (header::CONTENT_TYPE, media_type)
    });
    HeaderMap::from_iter(json)
}

fn replayed(kept: &Kept) -> Reply {
    let mut headers = json_headers(&kept.body);
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
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Ok(date) = date
        .map_err(drop)
        .and_then(|date| HeaderValue::from_str(&date).map_err(drop))
    {
        headers.insert(header::DATE, date);
    }
}

/// Answers a request that no operation serves.
pub fn refuse(engine: &Engine, call: &Call<'_>, refusal: Refusal) -> Reply {
    let (now, request_id) = match space_shown(engine, call) {
        Some(space) => {
            let mut state = space.lock();
            let now = state.clock.now(engine.host.elapsed());
            (now, request_id(call.headers, &mut state))
        }
        None => beside_operations(engine, call),
    };
    let language = super::language::preferred(call.headers);
    let mut reply = refusal.told(language, call.path, &request_id);
    stamp(&mut reply.headers, now, &request_id);
    reply
}

/// The space whose token a request shows, good for this operation or not.
fn space_shown(engine: &Engine, call: &Call<'_>) -> Option<Arc<Space>> {
    let token = tokens::bearer(call.headers).ok()?;
    let space = engine.space(token.claims.space)?;
    space.signer.accepts(&token).then_some(space)
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
