//! Checks each request and each answer against the document.
//!
//! What the sandbox accepts must be what the document describes, and whatever it answers must be an
//! answer the document names. A test sees nothing of it, unless something is wrong. An answer that a
//! fault spoilt on purpose is none the document names: of such an exchange the request alone is judged.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use http::{HeaderMap, Method, StatusCode, header};
use jsonschema::Validator;
use lingminban::{api::control::JournalFilter, identifiers, moment, text::Language};
use lingminban_sandbox::{
    engine::{Engine, faults::HEADER, journal, space::SpaceId},
    server::{Answer, Call, Rejection, Reply},
};
use serde_json::{Value, json};

/// The document, and its schemas as they are needed.
pub(crate) struct Document {
    whole: Value,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Compiled once for all tests of a process.
static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document {
    whole: both(
        lingminban_openapi::document(),
        &lingminban_openapi::sandbox_document(),
    ),
    compiled: Mutex::new(HashMap::new()),
});

/// The platform's document with the control interface's put in. What both have by one name is the
/// same in both.
fn both(mut whole: Value, other: &Value) -> Value {
    let parts = ["/paths", "/components/schemas", "/components/responses"];
    let rest = ["/components/parameters", "/components/headers"];
    for part in parts.into_iter().chain(rest) {
        let named = other.pointer(part).and_then(Value::as_object);
        let into = whole.pointer_mut(part).and_then(Value::as_object_mut);
        for (name, value) in named.expect("an object") {
            let known = into.as_deref().and_then(|into| into.get(name));
            assert!(known.is_none_or(|known| known == value), "{part}/{name}");
        }
        into.expect("an object")
            .extend(named.expect("an object").clone());
    }
    whole
}

/// What one sandbox's traffic was found guilty of.
#[derive(Default)]
pub(crate) struct Judge {
    violations: Mutex<Vec<String>>,
    /// Identity and mobile numbers that requests have brought so far: no answer shows one whole.
    numbers: Mutex<BTreeSet<String>>,
}

/// The engine, under the judge's eyes.
pub(crate) struct Judged {
    engine: Arc<Engine>,
    judge: Arc<Judge>,
}

impl Judged {
    pub(crate) fn new(engine: Arc<Engine>, judge: Arc<Judge>) -> Self {
        Self { engine, judge }
    }
}

impl Answer for Judged {
    fn answer(&self, call: &Call<'_>) -> Option<Reply> {
        let reply = self.engine.answer(call)?;
        if self.was_struck(call, &reply) {
            self.judge.look_at_request(call, &reply);
        } else {
            self.judge.look(call, &reply);
        }
        Some(reply)
    }

    fn turned_away(&self, call: &Call<'_>, why: Rejection) -> Reply {
        self.engine.turned_away(call, why)
    }

    fn panicked(&self, call: &Call<'_>) -> Reply {
        let place = format!("{} {}: the engine panicked", call.method, call.path);
        self.judge.blame([place]);
        self.engine.panicked(call)
    }
}

impl Judged {
    /// Whether a fault acted on this answer: the journals know.
    fn was_struck(&self, call: &Call<'_>, reply: &Reply) -> bool {
        let spaces = self.engine.spaces().from(SpaceId::default(), usize::MAX);
        let asked = call.headers.contains_key(HEADER);
        let id = header_values(&reply.headers, "x-request-id").pop();
        let Some(Ok(id)) = id.map(|id| id.parse()) else {
            return false;
        };
        let filter = JournalFilter::builder().request_id(id).build();
        spaces.iter().any(|space| {
            if !asked && space.lock().script.counts().is_empty() {
                return false;
            }
            let journal = space.journal();
            let reader = journal::Reader::new(&self.engine, space, &journal, Language::English);
            let last = journal.passing(&filter, 0).last();
            last.is_some_and(|entry| reader.read(entry).fault.is_some())
        })
    }
}

impl Judge {
    /// Looks at one request and its answer.
    pub(crate) fn look(&self, call: &Call<'_>, reply: &Reply) {
        self.judge(call, reply, true);
    }

    /// Looks at one request, whose answer a fault spoilt.
    pub(crate) fn look_at_request(&self, call: &Call<'_>, reply: &Reply) {
        self.judge(call, reply, false);
    }

    fn judge(&self, call: &Call<'_>, reply: &Reply, answer_too: bool) {
        let mut found = Findings::default();
        match DOCUMENT.operation(call.method, call.path) {
            Place::Operation(operation) => {
                operation.check_request(call, reply, &mut found);
                if answer_too {
                    operation.check_answer(reply, &mut found);
                }
            }
            Place::WrongMethod => check_refusal(reply, StatusCode::METHOD_NOT_ALLOWED, &mut found),
            Place::Page => check_page(reply, &mut found),
            Place::Nowhere => check_refusal(reply, StatusCode::NOT_FOUND, &mut found),
        }
        self.check_masking(call, reply, &mut found);
        let place = format!("{} {} → {}", call.method, call.path, reply.status);
        self.blame(found.0.into_iter().map(|what| format!("{place}: {what}")));
    }

    /// Everything found so far.
    pub(crate) fn violations(&self) -> Vec<String> {
        let mut violations = self
            .violations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut violations)
    }

    fn blame(&self, found: impl IntoIterator<Item = String>) {
        self.violations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(found);
    }

    /// The catalogue is synthetic and meant to be sent: it shows whole bodies.
    fn check_masking(&self, call: &Call<'_>, reply: &Reply, found: &mut Findings) {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(body) = serde_json::from_slice(call.body) {
            collect_numbers(&body, &mut numbers);
        }
        if call.path == "/sandbox/v1/catalogue" {
            return;
        }
        let text = String::from_utf8_lossy(&reply.body);
        if numbers.iter().any(|number| text.contains(number.as_str())) {
            found.add("the answer shows an identity or mobile number unmasked");
        }
    }
}

fn collect_numbers(value: &Value, numbers: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(number) if name == "identity_number" || name == "mobile_number" => {
                        let number = number.trim();
                        if number.len() >= 8 {
                            numbers.insert(number.to_owned());
                            numbers.insert(number.to_uppercase());
                        }
                    }
                    _ => collect_numbers(member, numbers),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_numbers(item, numbers)),
        _ => {}
    }
}

#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }

    /// Checks a value against a schema of the document.
    fn check(&mut self, what: &str, schema: &Value, value: &Value) {
        let validator = DOCUMENT.validator(schema);
        let faults: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{what} {}: {error}", error.instance_path()))
            .collect();
        self.0.extend(faults);
    }
}

/// What a method and a path are in the document.
enum Place {
    Operation(Operation),
    WrongMethod,
    /// Served beside the operations.
    Page,
    Nowhere,
}

struct Operation {
    described: &'static Value,
    path: Vec<(&'static str, String)>,
}

impl Document {
    fn operation(&'static self, method: &Method, path: &str) -> Place {
        let pages = ["/healthz", "/openapi.json", "/docs"];
        if pages.contains(&path) || path.starts_with("/docs/") {
            return Place::Page;
        }
        let paths = self.whole["paths"].as_object().into_iter().flatten();
        for (template, methods) in paths {
            let Some(values) = values_of(template, path) else {
                continue;
            };
            return match methods.get(method.as_str().to_ascii_lowercase()) {
                Some(described) => Place::Operation(Operation {
                    described,
                    path: values,
                }),
                None => Place::WrongMethod,
            };
        }
        Place::Nowhere
    }

    /// Follows a `$ref`, if it is one.
    fn resolve(&'static self, value: &'static Value) -> &'static Value {
        match value["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
            Some(pointer) => self
                .whole
                .pointer(pointer)
                .expect("a reference leads somewhere"),
            None => value,
        }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = compiled
            .entry(schema.to_string())
            .or_insert_with(|| Arc::new(compile(schema, &self.whole["components"])));
        Arc::clone(validator)
    }
}

fn compile(schema: &Value, components: &Value) -> Validator {
    let mut options = jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_format("date", |text: &str| moment::calendar_date(text).is_some());
    for format in identifiers::formats() {
        options = options.with_format(format.name, |text: &str| (format.check)(text).is_ok());
    }
    options
        .build(&json!({ "components": components, "allOf": [schema] }))
        .expect("the document's schemas are schemas")
}

/// The values of a template in a path, if the path is one of the template's.
fn values_of(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let (mut names, mut sent) = (template.split('/'), path.split('/'));
    let mut values = Vec::new();
    loop {
        match (names.next(), sent.next()) {
            (None, None) => return Some(values),
            (Some(name), Some(text)) => {
                match name
                    .strip_prefix('{')
                    .and_then(|name| name.strip_suffix('}'))
                {
                    Some(name) if !text.is_empty() => values.push((name, percent_decoded(text))),
                    None if name == text => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

impl Operation {
    fn check_request(&self, call: &Call<'_>, reply: &Reply, found: &mut Findings) {
        if reply.status.is_success() {
            self.check_parameters(call, found);
            self.check_request_body(call, found);
        }
    }

    fn check_answer(&self, reply: &Reply, found: &mut Findings) {
        let status = reply.status.as_str();
        let Some(answer) = self.described["responses"].get(status) else {
            found.add("the operation does not document this status");
            return;
        };
        check_answer(DOCUMENT.resolve(answer), reply, found);
    }

    fn check_parameters(&self, call: &Call<'_>, found: &mut Findings) {
        let query: Vec<(String, String)> =
            form_urlencoded::parse(call.query.unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let mut known = Vec::new();
        for parameter in self.described["parameters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let parameter = DOCUMENT.resolve(parameter);
            let name = parameter["name"].as_str().expect("a parameter has a name");
            let sent: Vec<String> = match parameter["in"].as_str() {
                Some("path") => values(self.path.iter().map(|(n, v)| (*n, v.as_str())), name),
                Some("query") => {
                    known.push(name);
                    values(query.iter().map(|(n, v)| (n.as_str(), v.as_str())), name)
                }
                Some("header") => header_values(call.headers, name),
                place => panic!("a parameter in {place:?}"),
            };
            if sent.len() > 1 {
                found.add(format!("accepted although {name} is repeated"));
            }
            if sent.is_empty() && parameter["required"] == true {
                found.add(format!("accepted without {name}"));
            }
            for text in sent {
                let schema = &parameter["schema"];
                found.check(&format!("accepted {name}"), schema, &typed(&text, schema));
            }
        }
        for (name, _) in &query {
            if !known.contains(&name.as_str()) {
                found.add(format!("accepted with the unknown parameter {name}"));
            }
        }
    }

    fn check_request_body(&self, call: &Call<'_>, found: &mut Findings) {
        let Some(described) = self.described.get("requestBody") else {
            return;
        };
        if call.body.is_empty() {
            if described["required"] == true {
                found.add("accepted without a body");
            }
            return;
        }
        let media_type = media_type(call.headers);
        let Some(content) = described["content"].get(&media_type) else {
            found.add(format!("accepted a body of {media_type}"));
            return;
        };
        let body = match media_type.as_str() {
            "application/json" => match serde_json::from_slice(call.body) {
                Ok(body) => body,
                Err(_) => return found.add("accepted a body that is not JSON"),
            },
            "application/x-www-form-urlencoded" => form_urlencoded::parse(call.body)
                .into_owned()
                .map(|(name, value)| (name, Value::String(value)))
                .collect(),
            // Raw bytes have a length and no shape.
            _ => return,
        };
        found.check("accepted body", &content["schema"], &body);
    }
}

fn values<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, name: &str) -> Vec<String> {
    pairs
        .filter(|(sent, _)| *sent == name)
        .map(|(_, value)| value.to_owned())
        .collect()
}

fn header_values(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

fn media_type(headers: &HeaderMap) -> String {
    let sent = headers.get(header::CONTENT_TYPE);
    let text = sent.and_then(|value| value.to_str().ok());
    let essence = text.unwrap_or_default().split(';').next();
    essence.unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter's text as the type its schema names.
fn typed(text: &str, schema: &'static Value) -> Value {
    let schema = DOCUMENT.resolve(schema);
    match schema["type"].as_str() {
        Some("integer" | "boolean" | "number") => {
            serde_json::from_str(text).unwrap_or_else(|_| text.into())
        }
        _ => text.into(),
    }
}

fn check_answer(answer: &'static Value, reply: &Reply, found: &mut Findings) {
    for (name, described) in answer["headers"].as_object().into_iter().flatten() {
        let described = DOCUMENT.resolve(described);
        let sent = header_values(&reply.headers, name);
        if sent.is_empty() && described["required"] == true {
            found.add(format!("the answer has no {name}"));
        }
        for text in sent {
            let schema = &described["schema"];
            found.check(&format!("answered {name}"), schema, &typed(&text, schema));
        }
    }
    if answer.get("content").is_none() {
        if !reply.body.is_empty() || reply.headers.contains_key(header::CONTENT_TYPE) {
            found.add("the answer carries something undocumented");
        }
        return;
    }
    let media_type = media_type(&reply.headers);
    let Some(content) = answer["content"].get(&media_type) else {
        found.add(format!("the answer is not documented as {media_type}"));
        return;
    };
    let is_json = media_type == "application/json" || media_type.ends_with("+json");
    let body = if is_json {
        serde_json::from_slice::<Value>(&reply.body).ok()
    } else {
        String::from_utf8(reply.body.clone()).ok().map(Value::from)
    };
    let Some(body) = body else {
        found.add("the answer's body is not JSON, nor a text");
        return;
    };
    found.check("answered body", &content["schema"], &body);
    if media_type == "application/problem+json" {
        check_problem(&body, reply, found);
        let told = format!("`{}`", body["code"].as_str().unwrap_or_default());
        let codes = answer["description"].as_str().unwrap_or_default();
        if !codes.contains(&told) {
            found.add(format!("the operation does not document {told}"));
        }
    }
}

/// A refusal of a path or a method that no operation describes.
fn check_refusal(reply: &Reply, status: StatusCode, found: &mut Findings) {
    if reply.status != status {
        found.add(format!("expected {status}"));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED && !reply.headers.contains_key(header::ALLOW) {
        found.add("the answer has no Allow");
    }
    if !reply.headers.contains_key("x-request-id") {
        found.add("the answer has no X-Request-Id");
    }
    if media_type(&reply.headers) != "application/problem+json" {
        found.add("the answer is no problem");
    }
    match serde_json::from_slice(&reply.body) {
        Ok(body) => {
            let schema = json!({ "$ref": "#/components/schemas/Problem" });
            found.check("answered body", &schema, &body);
            check_problem(&body, reply, found);
        }
        Err(_) => found.add("the answer's body is not JSON"),
    }
}

/// A page of no operation's is refused like one.
fn check_page(reply: &Reply, found: &mut Findings) {
    if reply.status.is_client_error() || reply.status.is_server_error() {
        check_refusal(reply, reply.status, found);
    } else if !reply.headers.contains_key("x-request-id") {
        found.add("the answer has no X-Request-Id");
    }
}

/// What the schema of a problem cannot say.
fn check_problem(problem: &Value, reply: &Reply, found: &mut Findings) {
    if problem["status"] != reply.status.as_u16() {
        found.add("the problem tells another status");
    }
    let id = reply.headers.get("x-request-id");
    if problem["request_id"].as_str() != id.and_then(|id| id.to_str().ok()) {
        found.add("the problem tells another request id");
    }
    for error in problem["errors"].as_array().into_iter().flatten() {
        let places = ["pointer", "parameter", "header"]
            .iter()
            .filter(|place| error.get(**place).is_some());
        if places.count() != 1 {
            found.add(format!("an error without exactly one place: {error}"));
        }
    }
}
