//! Requests out of bytes: the contract's own, more or less spoilt.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use lingminban::{
    api::{Body, MaterialKind, Operation, Output, Repeat, operation::Errors, problems, schemas_of},
    for_each_operation,
};
use lingminban_sandbox::{
    engine::Engine,
    server::{Answer, Call},
};
use serde_json::{Map, Value, json};

use crate::bytes::Bytes;

/// A request that somebody owns.
pub(crate) struct Made {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Access tokens to choose from.
pub(crate) struct Credentials {
    pub(crate) good: String,
    pub(crate) bad: [String; 4],
}

/// One operation, as the contract has it.
pub(crate) struct Known {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) statuses: Vec<u16>,
    pub(crate) oauth: bool,
    /// Whether an `Idempotency-Key` means something to it.
    pub(crate) keyed: bool,
    media_type: Option<&'static str>,
    limit: usize,
    query: Vec<String>,
    bodies: Vec<Value>,
}

/// All operations.
pub(crate) struct Contract(Vec<Known>);

impl Contract {
    /// The operations, with the bodies of their examples and of the sandbox's catalogue.
    pub(crate) fn of(engine: &Engine) -> Self {
        let catalogue = engine.answer(&Call {
            method: &Method::GET,
            path: "/sandbox/v1/catalogue",
            query: None,
            headers: &HeaderMap::new(),
            body: b"",
        });
        let catalogue = catalogue.map(|reply| reply.body).unwrap_or_default();
        let catalogue = serde_json::from_slice(&catalogue).unwrap_or_default();
        let mut known = Vec::new();
        macro_rules! add {
            ($($operation:ty),+ $(,)?) => { $( known.push(describe::<$operation>(&catalogue)); )+ };
        }
        for_each_operation!(add);
        Self(known)
    }

    /// The operation a method and path lead to, and whether another method of that path does.
    pub(crate) fn find(&self, method: &Method, path: &str) -> (Option<&Known>, bool) {
        let here = || self.0.iter().filter(|known| fits(known.path, path));
        (
            here().find(|known| known.method == method),
            here().next().is_some(),
        )
    }

    /// The next request of a case.
    pub(crate) fn request(
        &self,
        bytes: &mut Bytes<'_>,
        credentials: &Credentials,
        applications: &[String],
    ) -> Made {
        let known = bytes.pick(&self.0);
        let mut made = Made {
            method: method(bytes, known),
            path: path(bytes, known, applications),
            query: query(bytes, known, applications),
            headers: HeaderMap::new(),
            body: body(bytes, known),
        };
        authenticate(&mut made.headers, bytes, credentials);
        if let Some(media_type) = media_type(bytes, known) {
            set(&mut made.headers, "content-type", &media_type);
        }
        if !bytes.rarely(16) {
            let key = format!("fuzz-key-{}", bytes.byte() % 32);
            set(&mut made.headers, "idempotency-key", key.as_bytes());
        }
        while bytes.rarely(16) {
            let name = bytes.pick(HEADERS);
            set(&mut made.headers, name, bytes.run());
        }
        made
    }
}

const HEADERS: &[&str] = &[
    "idempotency-key",
    "x-request-id",
    "accept-language",
    "content-digest",
    "content-type",
    "content-length",
    "authorization",
    "traceparent",
    "accept",
    "host",
];

const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PURGE", "get",
];

fn describe<O: Operation>(catalogue: &Value) -> Known {
    let answers = O::Output::ANSWERS.iter().map(|answer| answer.status);
    let refusals = problems::<O>().into_iter().map(|code| code.status());
    let mut statuses: Vec<u16> = answers
        .chain(refusals)
        .map(|status| status.as_u16())
        .collect();
    let oauth = O::ERRORS == Errors::OAuth;
    if oauth {
        statuses.extend([400, 401]);
    }
    let schema = schemas_of::<O::Query>().into_iter().next();
    let query = schema
        .and_then(|(_, schema)| serde_json::to_value(schema).ok())
        .and_then(|schema| schema["properties"].as_object().cloned())
        .map(|properties| properties.into_iter().map(|(name, _)| name).collect());
    let examples = O::EXAMPLES
        .iter()
        .filter_map(|example| serde_json::from_str(example.json).ok());
    let told = catalogue["items"].as_array().into_iter().flatten();
    let requests = told.flat_map(|item| item["requests"].as_array().into_iter().flatten());
    let catalogued = requests
        .filter(|request| request["operation"] == O::ID)
        .map(|request| request["body"].clone());
    Known {
        method: O::METHOD,
        path: O::PATH,
        statuses,
        oauth,
        keyed: O::REPEAT != Repeat::Safe,
        media_type: O::Body::MEDIA_TYPES.first().copied(),
        limit: O::Body::LIMIT,
        query: query.unwrap_or_default(),
        bodies: examples.chain(catalogued).collect(),
    }
}

/// Whether a path fits a template: a name in braces stands for one segment that is not empty.
fn fits(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    template.split('/').all(|wanted| match segments.next() {
        Some(segment) if wanted.starts_with('{') => !segment.is_empty(),
        segment => segment == Some(wanted),
    }) && segments.next().is_none()
}

fn method(bytes: &mut Bytes<'_>, known: &Known) -> Method {
    if !bytes.rarely(32) {
        return known.method.clone();
    }
    let word = bytes.pick(METHODS);
    Method::from_bytes(word.as_bytes()).unwrap_or_default()
}

/// Values that mean something to the sandbox, or nothing at all.
fn word(bytes: &mut Bytes<'_>, applications: &[String]) -> String {
    const WORDS: &[&str] = &[
        "LZZTEST10N1000001",
        "zb-dealer-001",
        "zb-market-001-op1",
        "鲁C12345",
        "02",
        "52",
        "received",
        "completed",
        "registration",
        "transfer",
        "dealer",
        "zhangdian",
        "purchase_invoice",
        "origin_proof",
        "certificate",
        "1",
        "0",
        "200",
        "99999999999999999999999999",
        "-1",
        "true",
        "2026-03-02T09:00:00+08:00",
        "-009999-01-02T00:00:00Z",
        "9999-12-30T22:00:00Z",
        "0000-00-00",
        "AAAAAAAAAAAAAAAA",
        "",
        "null",
    ];
    match bytes.below(applications.len() + WORDS.len() + 4) {
        index if index < applications.len() => applications[index].clone(),
        index => match WORDS.get(index - applications.len()) {
            Some(word) => (*word).to_owned(),
            None => bytes.text(),
        },
    }
}

fn path(bytes: &mut Bytes<'_>, known: &Known, applications: &[String]) -> String {
    if bytes.rarely(64) {
        return format!("/{}", escaped(bytes.run()));
    }
    let filled: Vec<String> = known
        .path
        .split('/')
        .map(|segment| match segment {
            "{application_id}" if !applications.is_empty() && !bytes.rarely(8) => {
                bytes.pick(applications).clone()
            }
            "{kind}" if !bytes.rarely(16) => bytes.pick(MaterialKind::ALL).to_string(),
            name if name.starts_with('{') => escaped(word(bytes, applications).as_bytes()),
            fixed => fixed.to_owned(),
        })
        .collect();
    filled.join("/")
}

/// As it would stand in a target: what is not visible ASCII is escaped, and an escape stays.
fn escaped(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            b'?' | b'#' | b'\\' => format!("%{byte:02X}"),
            byte if byte.is_ascii_graphic() => char::from(*byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn query(bytes: &mut Bytes<'_>, known: &Known, applications: &[String]) -> Option<String> {
    if bytes.rarely(32) {
        return Some(escaped(bytes.run()));
    }
    let mut pairs = Vec::new();
    for name in &known.query {
        if bytes.byte() % 3 == 1 {
            pairs.push(format!(
                "{name}={}",
                escaped(word(bytes, applications).as_bytes())
            ));
        }
    }
    if bytes.rarely(32) {
        pairs.extend(pairs.first().cloned());
        pairs.push(escaped(bytes.run()));
    }
    (!pairs.is_empty()).then(|| pairs.join("&"))
}

fn authenticate(headers: &mut HeaderMap, bytes: &mut Bytes<'_>, credentials: &Credentials) {
    let choice = usize::from(bytes.byte()).saturating_sub(224);
    match choice {
        0 => set(
            headers,
            "authorization",
            format!("Bearer {}", credentials.good).as_bytes(),
        ),
        1..=4 => {
            let token = &credentials.bad[choice - 1];
            set(
                headers,
                "authorization",
                format!("Bearer {token}").as_bytes(),
            );
        }
        5 => {}
        6 => set(headers, "authorization", b"Basic emItZGVhbGVyLTE6eA=="),
        _ => set(headers, "authorization", bytes.run()),
    }
}

fn media_type(bytes: &mut Bytes<'_>, known: &Known) -> Option<Vec<u8>> {
    const OTHERS: &[&str] = &[
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/pdf",
        "image/jpeg",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "",
        ";",
    ];
    if bytes.rarely(16) {
        return Some(bytes.pick(OTHERS).as_bytes().to_vec());
    }
    known.media_type.map(|known| known.as_bytes().to_vec())
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(value) {
        headers.append(HeaderName::from_static(name), value);
    }
}

fn body(bytes: &mut Bytes<'_>, known: &Known) -> Vec<u8> {
    if known.media_type.is_none() && !bytes.rarely(32) {
        return Vec::new();
    }
    if bytes.byte() == u8::MAX {
        return vec![b' '; known.limit + 1];
    }
    if known.bodies.is_empty() || bytes.rarely(32) {
        return bytes.run().to_vec();
    }
    let mut body = bytes.pick(&known.bodies).clone();
    // Every submission of a case may be a new one.
    if let Some(reference) = body.get_mut("partner_reference") {
        *reference = json!(format!("case-{}", bytes.byte() % 8));
    }
    for _ in 0..bytes.byte() % 4 {
        spoil_value(bytes, &mut body);
    }
    let mut text = body.to_string().into_bytes();
    if bytes.rarely(8) {
        spoil_text(bytes, &mut text);
    }
    text
}

/// Changes one member somewhere in the body.
fn spoil_value(bytes: &mut Bytes<'_>, body: &mut Value) {
    let mut pointers = Vec::new();
    collect(body, String::new(), &mut pointers);
    let pointer = bytes.pick(&pointers).clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let name = name.replace("~1", "/").replace("~0", "~");
    let change = bytes.byte() % 8;
    if change < 2
        && let Some(Value::Object(members)) = body.pointer_mut(parent)
    {
        let value = members.remove(&name).unwrap_or_default();
        if change == 1 {
            members.insert(bytes.text(), value);
        }
        return;
    }
    let other = body
        .pointer(bytes.pick(&pointers).as_str())
        .cloned()
        .unwrap_or_default();
    let Some(value) = body.pointer_mut(&pointer) else {
        return;
    };
    *value = match change {
        2 => other,
        3 => json!(bytes.text()),
        4 => json!(i64::from(bytes.byte()) - 128),
        _ => hostile(bytes),
    };
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(member, format!("{pointer}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// What programs send by mistake, and people on purpose.
fn hostile(bytes: &mut Bytes<'_>) -> Value {
    const TEXTS: &[&str] = &[
        "",
        "\0",
        "𠮷𠮷𠮷",
        "\u{202e}张三\u{feff}",
        "0000-00-00",
        "9999-12-31",
        "-000001-01-01",
        "10000-01-01",
        "2024-02-29",
        "2026-03-02",
        "2026-03-01",
        "2027-03-02",
        "1949-10-01",
        "02",
        "52",
        "K33",
        "H11",
        "non_operating",
        "rental",
        "imported",
        "organisation",
        "self_composed",
        "draw",
        "鲁C12345",
        "鲁CD12345",
        "370399199003070016",
        "91370399MA3TEA0100",
        "LZZTEST10N1000001",
        "zb-dealer-001-op1",
        "zb-dealer-001-op2",
        "zb-dealer-001-op3",
        "zb-market-001-op1",
        "zb-dealer-002",
        "draw-000001",
    ];
    match bytes.below(TEXTS.len() + 10) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!([]),
        3 => json!({}),
        4 => json!(u64::MAX),
        5 => json!(i64::MIN),
        6 => json!(1e308),
        7 => json!(0.5),
        8 => json!("长".repeat(5_000)),
        9 => Value::Object(Map::from_iter(
            (0..300).map(|name| (name.to_string(), Value::Null)),
        )),
        index => json!(TEXTS[index - 10]),
    }
}

/// Changes the text below the level of JSON.
fn spoil_text(bytes: &mut Bytes<'_>, text: &mut Vec<u8>) {
    let place = bytes.below(text.len().max(257)).min(text.len());
    match bytes.byte() % 5 {
        0 => text.truncate(place),
        1 => drop(text.splice(place..place, bytes.run().iter().copied())),
        2 => drop(text.splice(place..place, vec![b'['; 3_000])),
        3 => {
            // A member twice.
            let double = format!("{{\"{}\":1,", bytes.pick(&["vehicle", "operator_id", "x"]));
            drop(text.splice(0..1, double.into_bytes()));
        }
        _ => drop(text.splice(0..0, *b"\xEF\xBB\xBF")),
    }
}
