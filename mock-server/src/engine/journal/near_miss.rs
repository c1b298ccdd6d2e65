//! 相近情形: what a request was close to, in words.

use std::{cell::OnceCell, collections::HashMap};

use http::{Method, StatusCode};
use lingminban::{
    api::{ApplicationId, Operation, ProblemCode, control::KeyVerdict},
    for_each_control_operation, for_each_operation,
    text::Language,
};
use serde::Deserialize;

use super::{
    Journal,
    differences::pointers,
    entry::{Entry, Part},
    mask,
};
use crate::engine::{
    Engine,
    directory::PartnerIndex,
    idempotency::Fingerprint,
    space::{Space, SpaceId},
};

/// So many differing places are named, the others are counted.
const MOST_POINTERS: usize = 5;
/// So many other spaces are asked for an application.
const MOST_SPACES_ASKED: usize = 100;

/// What near misses are found with. The indexes are made when first needed: one pass over the
/// journal, whatever the number of entries asked about.
pub(super) struct Finder<'a> {
    engine: &'a Engine,
    space: &'a Space,
    journal: &'a Journal,
    language: Language,
    earlier: OnceCell<Earlier<'a>>,
}

/// Numbers of the entries that may have had an effect, ascending.
struct Earlier<'a> {
    by_key: HashMap<(Option<PartnerIndex>, String), Vec<u64>>,
    by_request: HashMap<(Option<PartnerIndex>, Fingerprint), Vec<u64>>,
    by_reference: HashMap<(Option<PartnerIndex>, &'a str), Vec<u64>>,
}

/// 合作单位业务编号 of a body.
#[derive(Deserialize)]
struct Referenced<'a> {
    #[serde(borrow)]
    partner_reference: &'a str,
}

fn reference(entry: Entry<'_>) -> Option<&str> {
    let body: Referenced<'_> = serde_json::from_slice(entry.part(Part::RequestBody)).ok()?;
    Some(body.partner_reference)
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        space: &'a Space,
        journal: &'a Journal,
        language: Language,
    ) -> Self {
        Self {
            engine,
            space,
            journal,
            language,
            earlier: OnceCell::new(),
        }
    }

    /// What an entry was close to.
    pub(super) fn find(&self, entry: Entry<'_>) -> Option<String> {
        let told = match (entry.verdict, entry.status) {
            (KeyVerdict::Reused, _) => Some(self.key_reused(entry)),
            (KeyVerdict::First, _) => self.new_key(entry).or_else(|| self.same_reference(entry)),
            (_, Some(StatusCode::METHOD_NOT_ALLOWED)) => self.other_methods(entry),
            (_, Some(StatusCode::UNAUTHORIZED)) => self.foreign_token(entry),
            (_, Some(StatusCode::NOT_FOUND)) if entry.operation.is_none() => self.close_path(entry),
            _ => None,
        };
        let told = told.or_else(|| self.foreign_application(entry))?;
        Some(mask::plain(&told).into_owned())
    }

    fn told(&self, zh: String, en: String) -> String {
        match self.language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    fn earlier(&self) -> &Earlier<'a> {
        self.earlier.get_or_init(|| {
            let mut earlier = Earlier {
                by_key: HashMap::new(),
                by_request: HashMap::new(),
                by_reference: HashMap::new(),
            };
            for entry in self
                .journal
                .entries()
                .filter(|entry| entry.may_have_acted())
            {
                let (partner, number) = (entry.partner, entry.number);
                if let Some(key) = entry.key() {
                    let numbers = earlier.by_key.entry((partner, key.into_owned()));
                    numbers.or_default().push(number);
                }
                if let Some(fingerprint) = entry.fingerprint {
                    let numbers = earlier.by_request.entry((partner, fingerprint));
                    numbers.or_default().push(number);
                }
                if let Some(reference) = reference(entry) {
                    let numbers = earlier.by_reference.entry((partner, reference));
                    numbers.or_default().push(number);
                }
            }
            earlier
        })
    }

    /// The newest of some entries before this one that is as wanted.
    fn newest(
        &self,
        numbers: Option<&Vec<u64>>,
        entry: Entry<'_>,
        wanted: impl Fn(Entry<'_>) -> bool,
    ) -> Option<Entry<'a>> {
        let before = numbers?
            .iter()
            .rev()
            .skip_while(|number| **number >= entry.number);
        before
            .filter_map(|number| self.journal.numbered(*number))
            .find(|earlier| wanted(*earlier))
    }

    /// One key for two requests.
    fn key_reused(&self, entry: Entry<'_>) -> String {
        let key = entry.key().unwrap_or_default().into_owned();
        let numbers = self.earlier().by_key.get(&(entry.partner, key));
        let Some(first) = self.newest(numbers, entry, |_| true) else {
            return self.told(
                "同一幂等键先前的请求已不在日志中".to_owned(),
                "the request first sent under this key is no longer in the journal".to_owned(),
            );
        };
        let number = first.number;
        let targets = [first, entry].map(|entry| entry.fingerprint.map(|it| it.target));
        if targets[0] != targets[1] {
            let (method, path) = (
                first.text(Part::Method),
                mask::path(&first.text(Part::Path)),
            );
            let query = if first.has_query { "?…" } else { "" };
            return self.told(
                format!("同一幂等键已用于第 {number} 号请求：{method} {path}{query}"),
                format!("the same key stands for request {number}: {method} {path}{query}"),
            );
        }
        let (zh, en) = differing(first, entry);
        self.told(
            format!("与第 {number} 号请求的幂等键相同，请求体{zh}"),
            format!("the same key as request {number}, a body that {en}"),
        )
    }

    /// One request under two keys.
    fn new_key(&self, entry: Entry<'_>) -> Option<String> {
        let request = (entry.partner, entry.fingerprint?);
        let numbers = self.earlier().by_request.get(&request);
        let number = self
            .newest(numbers, entry, |earlier| earlier.key() != entry.key())?
            .number;
        Some(self.told(
            format!("换了幂等键的重发：同样的请求已作为第 {number} 号以另一幂等键发送"),
            format!(
                "a retry with a new key: the same request was sent as number {number} under another key"
            ),
        ))
    }

    /// One 合作单位业务编号 for two submissions.
    fn same_reference(&self, entry: Entry<'_>) -> Option<String> {
        if code(entry)? != ProblemCode::AlreadySubmitted.as_str() {
            return None;
        }
        let reference = reference(entry)?;
        let numbers = self.earlier().by_reference.get(&(entry.partner, reference));
        let first = self.newest(numbers, entry, |_| true)?;
        let number = first.number;
        let (zh, en) = differing(first, entry);
        Some(self.told(
            format!("与第 {number} 号请求的 partner_reference 相同，请求体{zh}"),
            format!("the same partner_reference as request {number}, a body that {en}"),
        ))
    }

    /// A token that is not believed names a space all the same.
    fn foreign_token(&self, entry: Entry<'_>) -> Option<String> {
        let claimed = entry.claimed?;
        let name = claimed.name();
        Some(if self.engine.space(claimed).is_some() {
            self.told(
                format!("令牌不是 {name} 签发的：来自另一个沙箱，或种子不同"),
                format!("the token names {name}, which did not sign it: it is of another sandbox or seed"),
            )
        } else {
            self.told(
                format!("令牌属于 {name}，此沙箱没有这个空间，或已删除"),
                format!("a token of another space: {name}, which this sandbox does not have, or no longer"),
            )
        })
    }

    /// An application that exists, but not for this partner in this space.
    fn foreign_application(&self, entry: Entry<'_>) -> Option<String> {
        if code(entry)? != ProblemCode::ApplicationNotFound.as_str() {
            return None;
        }
        let path = entry.text(Part::Path);
        let id: ApplicationId = path.split('/').nth(3)?.parse().ok()?;
        if let Some(owner) = self.owner(self.space, &id) {
            let owner = &self.engine.city().directory[owner].client_id;
            return Some(self.told(
                format!("这笔业务属于另一合作单位：{owner}"),
                format!("this application is another partner's: {owner}"),
            ));
        }
        let others = self
            .engine
            .spaces()
            .from(SpaceId::default(), MOST_SPACES_ASKED);
        let other = others
            .iter()
            .filter(|other| other.id != self.space.id)
            .find(|other| self.owner(other, &id).is_some())?;
        let name = other.id.name();
        Some(self.told(
            format!("令牌属于另一空间：{name} 中有这笔业务"),
            format!("a token of another space: {name} has this application"),
        ))
    }

    fn owner(&self, space: &Space, id: &ApplicationId) -> Option<PartnerIndex> {
        let number = space.number_of(id)?;
        space.lock().docket.get(number).map(|entry| entry.partner)
    }

    /// A path that knows other methods.
    fn other_methods(&self, entry: Entry<'_>) -> Option<String> {
        let allowed = entry.header(Part::AnswerHeaders, "allow")?;
        let path = entry.text(Part::Path);
        let here: Vec<String> = operations()
            .into_iter()
            .filter(|known| distance(known.path, &path).is_some_and(|found| found.cost == 0))
            .map(|known| format!("{} ({})", known.method, known.id))
            .collect();
        let known = if here.is_empty() {
            allowed.into_owned()
        } else {
            here.join(", ")
        };
        Some(self.told(
            format!("该地址有其他方法：{known}"),
            format!("the path exists with another method: {known}"),
        ))
    }

    /// A path that is nearly one of an operation's.
    fn close_path(&self, entry: Entry<'_>) -> Option<String> {
        let (path, method) = (entry.text(Part::Path), entry.text(Part::Method));
        let other_method = |known: &Known| usize::from(known.method.as_str() != method);
        let (found, known) = operations()
            .into_iter()
            .filter_map(|known| Some((distance(known.path, &path)?, known)))
            .min_by_key(|(found, known)| (found.cost, other_method(known)))?;
        let Known { id, method, path } = known;
        let (zh, en) = found.told();
        Some(self.told(
            format!("接近 {id}（{method} {path}），路径仅有此不同：{zh}"),
            format!("close to {id} ({method} {path}): the path differs only in {en}"),
        ))
    }
}

/// The code of a problem.
fn code(entry: Entry<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Coded {
        code: String,
    }
    if !entry.status?.is_client_error() {
        return None;
    }
    let problem: Coded = serde_json::from_slice(entry.part(Part::AnswerBody)).ok()?;
    Some(problem.code)
}

/// How two bodies differ, in Chinese and English.
fn differing(first: Entry<'_>, entry: Entry<'_>) -> (String, String) {
    let bodies = [first, entry].map(|entry| entry.part(Part::RequestBody));
    let found = pointers(bodies[0], bodies[1]).unwrap_or_default();
    let more = found.len().saturating_sub(MOST_POINTERS);
    let named: Vec<String> = found
        .iter()
        .take(MOST_POINTERS)
        .map(|pointer| match pointer.as_str() {
            "" => "\"\"".to_owned(),
            // Names of members are whatever was sent.
            pointer => mask::pointer(pointer),
        })
        .collect();
    if named.is_empty() {
        return ("不同".to_owned(), "differs".to_owned());
    }
    let (mut zh, mut en) = (
        format!("在 {} 不同", named.join("、")),
        format!("differs in {}", named.join(", ")),
    );
    if more > 0 {
        zh.push_str(&format!("，另有 {more} 处"));
        en.push_str(&format!(" and {more} more places"));
    }
    (zh, en)
}

/// An operation somebody may have meant.
struct Known {
    id: &'static str,
    method: Method,
    path: &'static str,
}

impl Known {
    fn of<O: Operation>() -> Self {
        Self {
            id: O::ID,
            method: O::METHOD,
            path: O::PATH,
        }
    }
}

/// The platform's operations, then those of the control interface.
fn operations() -> Vec<Known> {
    let mut known = of_platform();
    macro_rules! add {
        ($($operation:ty),+ $(,)?) => { known.extend([$( Known::of::<$operation>() ),+]) };
    }
    for_each_control_operation!(add);
    known
}

fn of_platform() -> Vec<Known> {
    let mut known = Vec::new();
    macro_rules! add {
        ($($operation:ty),+ $(,)?) => { known.extend([$( Known::of::<$operation>() ),+]) };
    }
    for_each_operation!(add);
    known
}

/// Whether the contract of the platform has an operation.
pub(in crate::engine) fn is_operation(id: &str) -> bool {
    of_platform().iter().any(|known| known.id == id)
}

/// How a path differs from a template.
struct Distance {
    /// 0 for a path of the template's.
    cost: usize,
    /// Segments sent and meant; the empty one sent is missing, the empty one meant is too much.
    segments: Vec<(String, String)>,
}

impl Distance {
    /// In Chinese and English; a segment is whatever was sent, and may be somebody's number.
    fn told(&self) -> (String, String) {
        let shown = self
            .segments
            .iter()
            .map(|(sent, meant)| (mask::path(sent), meant));
        let parts = shown.map(|(sent, meant)| match (sent.as_str(), meant.as_str()) {
            ("", meant) => (format!("缺少 /{meant}"), format!("the missing /{meant}")),
            ("/", "") => ("末尾的斜杠".to_owned(), "the slash at its end".to_owned()),
            (sent, "") => (
                format!("多出 /{sent}"),
                format!("/{sent}, which is too much"),
            ),
            (sent, meant) => (
                format!("{sent} 应为 {meant}"),
                format!("{sent}, which should be {meant}"),
            ),
        });
        let (zh, en): (Vec<String>, Vec<String>) = parts.unzip();
        (zh.join("；"), en.join("; "))
    }
}

/// How a path differs from a template; `None` when it is another path altogether.
fn distance(template: &str, path: &str) -> Option<Distance> {
    let mut sent: Vec<&str> = path.split('/').skip(1).collect();
    let meant: Vec<&str> = template.split('/').skip(1).collect();
    let mut found = Distance {
        cost: 0,
        segments: Vec::new(),
    };
    if sent.len() > 1 && sent.last() == Some(&"") {
        sent.pop();
        found.cost += 1;
        found.segments.push(("/".to_owned(), String::new()));
    }
    match (sent.len(), meant.len()) {
        (sent_length, length) if sent_length + 1 == length => {
            sent.insert(0, "");
        }
        (sent_length, length) if sent_length == length + 1 => {
            let prefix = sent.remove(0);
            found.cost += 2;
            found.segments.push((prefix.to_owned(), String::new()));
        }
        (sent_length, length) if sent_length != length => return None,
        _ => {}
    }
    for (sent, meant) in sent.into_iter().zip(meant) {
        let cost = match meant.starts_with('{') {
            true if sent.is_empty() => return None,
            true => 0,
            // A prefix left out.
            false if sent.is_empty() => 2,
            false => edits(sent, meant),
        };
        if cost > 2 {
            return None;
        }
        if cost > 0 {
            found.cost += cost;
            found.segments.push((sent.to_owned(), meant.to_owned()));
        }
    }
    (found.segments.len() <= 2).then_some(found)
}

/// Characters to add, remove or change; `usize::MAX` when most of the word is another.
fn edits(one: &str, other: &str) -> usize {
    if one.eq_ignore_ascii_case(other) {
        return usize::from(one != other);
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, left) in one.chars().enumerate() {
        let mut diagonal = index;
        row[0] = index + 1;
        for (at, right) in other.iter().enumerate() {
            let change = diagonal + usize::from(left != *right);
            diagonal = row[at + 1];
            row[at + 1] = change.min(diagonal + 1).min(row[at] + 1);
        }
    }
    let edits = row[other.len()];
    if edits * 3 > other.len() + 1 {
        usize::MAX
    } else {
        edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(template: &str, path: &str) -> Option<String> {
        distance(template, path).map(|found| found.told().1)
    }

    #[test]
    fn a_path_is_close_to_a_template() {
        let template = "/v1/applications/{application_id}/timeline";
        for (path, told) in [
            ("/v1/applications/7/timeline", Some("")),
            (
                "/v1/application/7/timeline",
                Some("application, which should be applications"),
            ),
            ("/v1/applications/7/timeline/", Some("the slash at its end")),
            (
                "/v1/applications/7/Timeline",
                Some("Timeline, which should be timeline"),
            ),
            ("/applications/7/timeline", Some("the missing /v1")),
            (
                "/api/v1/applications/7/timeline",
                Some("/api, which is too much"),
            ),
            (
                "/v2/applications/7/timeline",
                Some("v2, which should be v1"),
            ),
            ("/v3beta/applications/7/timeline", None),
            ("/v1/applications//timeline", None),
            ("/v1/outlets/7/timeline", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(close(template, path).as_deref(), told, "{path}");
        }
        assert_eq!(edits("registration", "registrations"), 1);
        assert_eq!(edits("", "ab"), usize::MAX);
    }
}
