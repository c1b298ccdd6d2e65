//! Entries as they leave a journal: masked, in somebody's language.

use lingminban::{
    api::control::{JournalBody, JournalEntry, JournalHeader, JournalMessage},
    moment::Moment,
    text::Language,
};

use super::{
    Journal,
    entry::{BODY_LIMIT, BodyKind, Entry, Part},
    mask::{self, Side},
    near_miss::Finder,
};
use crate::engine::{Engine, space::Space};

/// Reads entries of a space's journal.
pub struct Reader<'a> {
    engine: &'a Engine,
    finder: Finder<'a>,
}

impl<'a> Reader<'a> {
    /// A reader that tells near misses in a language.
    #[must_use]
    pub fn new(
        engine: &'a Engine,
        space: &'a Space,
        journal: &'a Journal,
        language: Language,
    ) -> Self {
        Self {
            engine,
            finder: Finder::new(engine, space, journal, language),
        }
    }

    /// An entry as it leaves the journal.
    #[must_use]
    pub fn read(&self, entry: Entry<'_>) -> JournalEntry {
        let directory = &self.engine.city().directory;
        let word = |part| mask::sent(&entry.text(part)).into_owned();
        // The name of a rule, which whoever wrote the script may have given it.
        let fault = mask::plain(&entry.text(Part::Fault)).into_owned();
        JournalEntry {
            number: entry.number,
            at: Moment::new(entry.at),
            duration_us: u64::try_from(entry.took.as_micros()).unwrap_or(u64::MAX),
            partner: entry
                .partner
                .map(|partner| directory[partner].client_id.to_string()),
            operation: entry.operation.map(str::to_owned),
            method: word(Part::Method),
            path: mask::path(&entry.text(Part::Path)),
            query: entry
                .has_query
                .then(|| mask::query(&entry.text(Part::Query))),
            request: JournalMessage {
                headers: headers(entry, Part::RequestHeaders),
                body: request_body(entry),
            },
            status: entry.status.map(|status| status.as_u16()),
            answer: entry.status.map(|_| JournalMessage {
                headers: headers(entry, Part::AnswerHeaders),
                body: answer_body(entry),
            }),
            request_id: word(Part::RequestId),
            idempotency_key: entry.key().map(|key| mask::sent(&key).into_owned()),
            idempotency: entry.verdict.into(),
            fault: (!fault.is_empty()).then_some(fault),
            near_miss: self.finder.find(entry),
        }
    }
}

fn headers(entry: Entry<'_>, part: Part) -> Vec<JournalHeader> {
    let headers = entry.headers(part).into_iter();
    headers
        .map(|(name, value)| JournalHeader {
            name: name.to_owned(),
            value: mask::sent(&value).into_owned(),
        })
        .collect()
}

fn request_body(entry: Entry<'_>) -> Option<JournalBody> {
    let mut body = body(entry, Part::RequestBody, entry.request_size, |text| {
        if entry.body_kind == BodyKind::Credential {
            mask::query(text)
        } else {
            mask::json(text, Side::Request)
        }
    })?;
    let sha256 = entry.part(Part::Material).iter();
    let sha256: String = sha256.map(|byte| format!("{byte:02x}")).collect();
    body.sha256 = Some(sha256).filter(|sha256| !sha256.is_empty());
    Some(body)
}

fn answer_body(entry: Entry<'_>) -> Option<JournalBody> {
    body(entry, Part::AnswerBody, entry.answer_size, |text| {
        // Its media type is no witness: a fault may have put a wrong one there.
        if text.trim_start().starts_with(['{', '[']) {
            mask::json(text, Side::Answer)
        } else {
            mask::plain(text).into_owned()
        }
    })
}

fn body(
    entry: Entry<'_>,
    part: Part,
    size: usize,
    masked: impl Fn(&str) -> String,
) -> Option<JournalBody> {
    let kept = entry.text(part);
    (size > 0).then(|| JournalBody {
        size_bytes: size as u64,
        cut: !kept.is_empty() && size > BODY_LIMIT,
        text: (!kept.is_empty()).then(|| masked(&kept)),
        sha256: None,
    })
}
