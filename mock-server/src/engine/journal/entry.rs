//! One entry: made of a request and its answer as fast as bytes can be copied.

use std::{borrow::Cow, time::Duration};

use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use lingminban::{
    api::{
        Access, Body, Operation,
        control::{JournalFilter, KeyVerdict},
    },
    moment::Moment,
};

use crate::{
    engine::{directory::PartnerIndex, idempotency::Fingerprint, space::SpaceId},
    server::{Call, Reply},
};

/// Of a body no more is kept.
pub(super) const BODY_LIMIT: usize = 64 << 10;

/// Headers of requests that are kept. Never one with a credential or a cookie; nor `host`, which
/// says where the sandbox happened to listen.
const REQUEST_HEADERS: &[&str] = &[
    "accept",
    "accept-language",
    "content-digest",
    "content-encoding",
    "content-type",
    "idempotency-key",
    "sandbox-fault",
    "traceparent",
    "user-agent",
    "x-request-id",
];

/// Headers of answers that are kept.
const ANSWER_HEADERS: &[&str] = &[
    "allow",
    "cache-control",
    "content-type",
    "date",
    "idempotency-replayed",
    "location",
    "retry-after",
    "www-authenticate",
    "x-request-id",
];

/// What a request's body is, by its operation: decides what of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// JSON: its text.
    Json,
    /// A credential: never what is secret in it, nor a token in the answer.
    Credential,
    /// A material, or what nobody asked for: its size.
    Opaque,
}

impl BodyKind {
    /// The kind of an operation's body.
    #[must_use]
    pub fn of<O: Operation>() -> Self {
        if O::ACCESS == Access::Credential {
            Self::Credential
        } else if O::Body::MEDIA_TYPES == ["application/json"] {
            Self::Json
        } else {
            Self::Opaque
        }
    }
}

/// What the pipeline notes on the way.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// What became of the `Idempotency-Key`.
    pub verdict: Option<KeyVerdict>,
    /// What the request asks, where a key was looked at.
    pub fingerprint: Option<Fingerprint>,
    /// SHA-256 of a material.
    pub material: Option<[u8; 32]>,
}

/// One request with its answer.
pub struct Exchange<'a> {
    /// The request.
    pub call: &'a Call<'a>,
    /// The answer as it is sent; `None` for none.
    pub reply: Option<&'a Reply>,
    /// The space's time.
    pub at: Timestamp,
    /// Real time taken.
    pub took: Duration,
    /// Who asked, when the token is right.
    pub partner: Option<PartnerIndex>,
    /// The space a token claims that is not believed.
    pub claimed: Option<SpaceId>,
    /// Operation id, and what its body is; `None` where no operation serves the request.
    pub operation: Option<(&'static str, BodyKind)>,
    /// The request's number for people, where the answer does not tell it.
    pub request_id: &'a str,
    /// The fault that acted.
    pub fault: Option<&'a str>,
    /// What the pipeline noted.
    pub notes: &'a Notes,
}

/// What an entry is, but for its texts: these stand in a chunk of the journal.
pub struct Head {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) took: Duration,
    pub(super) partner: Option<PartnerIndex>,
    pub(super) claimed: Option<SpaceId>,
    pub(super) operation: Option<&'static str>,
    pub(super) body_kind: BodyKind,
    pub(super) status: Option<StatusCode>,
    pub(super) verdict: KeyVerdict,
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) has_query: bool,
    /// Real sizes of the bodies.
    pub(super) request_size: usize,
    pub(super) answer_size: usize,
    /// The chunk, where the texts begin in it, and where each part of them ends.
    pub(super) chunk: u64,
    start: usize,
    ends: [u32; PARTS],
}

/// One entry of a journal.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    head: &'a Head,
    bytes: &'a [u8],
}

impl std::ops::Deref for Entry<'_> {
    type Target = Head;

    fn deref(&self) -> &Head {
        self.head
    }
}

/// Parts of an entry's bytes, in their order.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Method,
    Path,
    Query,
    RequestHeaders,
    RequestBody,
    AnswerHeaders,
    AnswerBody,
    RequestId,
    Fault,
    Material,
}
const PARTS: usize = Part::Material as usize + 1;

/// Writes the parts one after the other.
struct Parts<'a> {
    bytes: &'a mut Vec<u8>,
    start: usize,
    ends: [u32; PARTS],
    written: usize,
}

impl Parts<'_> {
    fn end(&mut self) {
        // Bodies are cut, and everything else came through a limited head: far below 4 GiB.
        let end = u32::try_from(self.bytes.len() - self.start).unwrap_or(u32::MAX);
        if let Some(place) = self.ends.get_mut(self.written) {
            *place = end;
        }
        self.written += 1;
    }

    fn text(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.end();
    }

    /// `name:value` and a line feed for each: no value has a control character.
    fn headers(&mut self, headers: Option<&HeaderMap>, kept: &[&str]) {
        for (name, value) in headers.into_iter().flatten() {
            if kept.contains(&name.as_str()) {
                self.bytes.extend_from_slice(name.as_str().as_bytes());
                self.bytes.push(b':');
                self.bytes.extend_from_slice(value.as_bytes());
                self.bytes.push(b'\n');
            }
        }
        self.end();
    }
}

impl Exchange<'_> {
    /// No fewer bytes than its texts usually take.
    pub(super) fn room(&self) -> usize {
        let headers = self.reply.map(|reply| &reply.headers);
        let headers: usize = [Some(self.call.headers), headers]
            .into_iter()
            .flatten()
            .flatten()
            .map(|(name, value)| name.as_str().len() + value.len() + 2)
            .sum();
        let answer = self.reply.map_or(0, |reply| cut(&reply.body).len());
        let query = self.call.query.map_or(0, str::len);
        let bodies = cut(self.call.body).len() + answer;
        let words = self.request_id.len() + self.fault.map_or(0, str::len);
        // What is left: the method, and the digest of a material.
        headers + bodies + query + words + self.call.path.len() + 64
    }
}

impl Head {
    /// Writes the texts of an entry to the end of a chunk. The entry has no number yet.
    pub(super) fn write(exchange: &Exchange<'_>, chunk: &mut Vec<u8>) -> Self {
        let Exchange { call, reply, .. } = exchange;
        let served = exchange.operation;
        let body_kind = served.map_or(BodyKind::Opaque, |(_, kind)| kind);
        // Whoever misspells where tokens are had sends a secret to a path that does not exist.
        let keeps_query = served.is_some() && body_kind != BodyKind::Credential;
        let query = call.query.filter(|_| keeps_query);
        let mut parts = Parts {
            start: chunk.len(),
            bytes: chunk,
            ends: [0; PARTS],
            written: 0,
        };
        parts.text(call.method.as_str().as_bytes());
        parts.text(call.path.as_bytes());
        parts.text(query.unwrap_or_default().as_bytes());
        parts.headers(Some(call.headers), REQUEST_HEADERS);
        parts.text(&kept_of_request(call, body_kind));
        parts.headers(reply.map(|reply| &reply.headers), ANSWER_HEADERS);
        parts.text(reply.map_or(&[][..], |reply| kept_of_answer(reply, body_kind)));
        parts.text(exchange.request_id.as_bytes());
        parts.text(exchange.fault.unwrap_or_default().as_bytes());
        parts.text(exchange.notes.material.as_ref().map_or(&[], |sha| &sha[..]));
        Self {
            number: 0,
            at: exchange.at,
            took: exchange.took,
            partner: exchange.partner,
            claimed: exchange.claimed,
            operation: served.map(|(id, _)| id),
            body_kind,
            status: reply.map(|reply| reply.status),
            verdict: exchange.notes.verdict.unwrap_or(KeyVerdict::None),
            fingerprint: exchange.notes.fingerprint,
            has_query: query.is_some(),
            request_size: call.body.len(),
            answer_size: reply.map_or(0, |reply| reply.body.len()),
            chunk: 0,
            start: parts.start,
            ends: parts.ends,
        }
    }

    /// Its number in the space, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl<'a> Entry<'a> {
    /// An entry whose texts stand in a chunk.
    pub(super) fn new(head: &'a Head, chunk: &'a [u8]) -> Self {
        Self {
            head,
            bytes: chunk.get(head.start..).unwrap_or_default(),
        }
    }

    pub(super) fn part(self, part: Part) -> &'a [u8] {
        let place = part as usize;
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = place.checked_sub(1).map_or(0, end);
        self.bytes.get(start..end(place)).unwrap_or_default()
    }

    /// A part that was text when it came.
    pub(super) fn text(self, part: Part) -> Cow<'a, str> {
        String::from_utf8_lossy(self.part(part))
    }

    /// The headers of one side, by name.
    pub(super) fn headers(self, part: Part) -> Vec<(&'a str, Cow<'a, str>)> {
        let lines = self.part(part).split(|byte| *byte == b'\n');
        let mut headers: Vec<_> = lines
            .filter_map(|line| {
                let at = line.iter().position(|byte| *byte == b':')?;
                let name = std::str::from_utf8(line.get(..at)?).ok()?;
                Some((name, String::from_utf8_lossy(line.get(at + 1..)?)))
            })
            .collect();
        headers.sort_by_key(|(name, _)| *name);
        headers
    }

    pub(super) fn header(self, part: Part, name: &str) -> Option<Cow<'a, str>> {
        let headers = self.headers(part).into_iter();
        headers
            .filter(|(sent, _)| *sent == name)
            .map(|(_, value)| value)
            .next()
    }

    /// The `Idempotency-Key` sent.
    pub(super) fn key(self) -> Option<Cow<'a, str>> {
        self.header(Part::RequestHeaders, "idempotency-key")
    }

    /// Whether the request may have had an effect that its key is bound to.
    pub(super) fn may_have_acted(self) -> bool {
        let acted = self
            .status
            .is_none_or(|status| status.is_success() || status.is_server_error());
        self.verdict == KeyVerdict::First && (acted || !self.part(Part::Fault).is_empty())
    }

    pub(super) fn passes(self, filter: &JournalFilter) -> bool {
        let is = |wanted: Option<&str>, found: Option<&str>| {
            wanted.is_none_or(|wanted| found == Some(wanted))
        };
        let operation = filter.operation.as_ref().map(|id| id.as_str());
        let at = Moment::new(self.at);
        is(operation, self.operation)
            && filter
                .status
                .is_none_or(|status| status.admits(self.status))
            && filter.from.is_none_or(|from| from <= at)
            && filter.before.is_none_or(|before| at < before)
            && filter
                .request_id
                .as_ref()
                .is_none_or(|id| id.as_str().as_bytes() == self.part(Part::RequestId))
            && filter
                .key
                .as_ref()
                .is_none_or(|key| self.key().is_some_and(|sent| sent == key.as_str()))
            && filter
                .application_id
                .as_ref()
                .is_none_or(|id| self.is_about(id.as_str()))
    }

    /// Whether path or answer name an application.
    fn is_about(self, id: &str) -> bool {
        let in_path = || {
            let mut segments = self.part(Part::Path).split(|byte| *byte == b'/');
            segments.any(|segment| segment == id.as_bytes())
        };
        // As the platform writes it.
        let told = format!("\"application_id\":\"{id}\"");
        let in_answer = || {
            let body = self.part(Part::AnswerBody);
            body.windows(told.len())
                .any(|window| window == told.as_bytes())
        };
        in_path() || in_answer()
    }
}

/// Without what is in it.
impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("number", &self.number)
            .field("at", &self.at)
            .field("operation", &self.operation)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

fn cut(body: &[u8]) -> &[u8] {
    body.get(..BODY_LIMIT).unwrap_or(body)
}

fn kept_of_request<'a>(call: &Call<'a>, kind: BodyKind) -> Cow<'a, [u8]> {
    match kind {
        // Members can be masked only in what begins like JSON.
        BodyKind::Json => {
            let begins = call.body.iter().find(|byte| !byte.is_ascii_whitespace());
            let is_json = begins.is_some_and(|byte| matches!(byte, b'{' | b'['));
            Cow::Borrowed(if is_json { cut(call.body) } else { &[] })
        }
        BodyKind::Credential if is_form(call.headers) => public_part(call.body).into(),
        BodyKind::Credential | BodyKind::Opaque => Cow::Borrowed(&[]),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::CONTENT_TYPE);
    sent.is_some_and(|sent| {
        sent.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}

/// The members of a token request that are no secret, and that there was one.
fn public_part(form: &[u8]) -> Vec<u8> {
    let mut public = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(cut(form)) {
        match name.as_ref() {
            "grant_type" | "client_id" | "scope" => public.append_pair(&name, &value),
            "client_secret" => public.append_pair(&name, "***"),
            _ => &mut public,
        };
    }
    public.finish().into_bytes()
}

fn kept_of_answer(reply: &Reply, kind: BodyKind) -> &[u8] {
    if kind == BodyKind::Credential && reply.status.is_success() {
        &[]
    } else {
        cut(&reply.body)
    }
}
