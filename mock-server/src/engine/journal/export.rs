//! 导出: entries as other programs read them.

use lingminban::api::{
    IssueToken, Operation,
    control::{ExportFormat, JournalBody, JournalEntry, JournalHeader},
};
use serde_json::{Value, json};

/// Entries in a format. Requests stand under `base_url` where a format needs whole addresses.
#[must_use]
pub fn export(
    format: ExportFormat,
    entries: impl Iterator<Item = JournalEntry>,
    base_url: &str,
) -> String {
    match format {
        ExportFormat::Jsonl => entries.map(|entry| line(&entry)).collect(),
        ExportFormat::Curl => entries.map(|entry| command(&entry)).collect(),
        ExportFormat::Har => {
            let entries: Vec<Value> = entries.map(|entry| har_entry(&entry, base_url)).collect();
            let creator = json!({
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
            });
            let log = json!({ "version": "1.2", "creator": creator, "entries": entries });
            json!({ "log": log }).to_string()
        }
    }
}

/// Texts and numbers alone always serialise.
fn line(entry: &JournalEntry) -> String {
    let mut line = serde_json::to_string(entry).unwrap_or_default();
    line.push('\n');
    line
}

/// One entry of an HTTP Archive. What the format has no member for stands under names that begin
/// with an underscore, as it demands.
fn har_entry(entry: &JournalEntry, base_url: &str) -> Value {
    let wait = json!(entry.duration_us as f64 / 1000.0);
    let mut har = json!({
        "startedDateTime": entry.at,
        "time": wait,
        "request": har_request(entry, base_url),
        "response": har_response(entry),
        "cache": {},
        "timings": { "send": 0, "wait": wait, "receive": 0 },
        "_number": entry.number,
        "_request_id": entry.request_id,
        "_idempotency": entry.idempotency,
    });
    for (name, value) in [
        ("_partner", &entry.partner),
        ("_operation", &entry.operation),
        ("_fault", &entry.fault),
        ("comment", &entry.near_miss),
    ] {
        if let Some(value) = value {
            har[name] = json!(value);
        }
    }
    har
}

fn har_request(entry: &JournalEntry, base_url: &str) -> Value {
    let query = entry.query.as_deref().unwrap_or_default();
    let parameters: Vec<Value> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let body = entry.request.body.as_ref();
    let mut request = json!({
        "method": entry.method,
        "url": format!("{base_url}{}", target(entry)),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": entry.request.headers,
        "queryString": parameters,
        "headersSize": -1,
        "bodySize": size(body),
    });
    if let Some(body) = body {
        request["postData"] = json!({
            "mimeType": header(&entry.request.headers, "content-type"),
            "text": body.text.as_deref().unwrap_or_default(),
        });
        if let Some(note) = note(body) {
            request["postData"]["comment"] = json!(note);
        }
    }
    request
}

/// Status 0 is what browsers write for no answer.
fn har_response(entry: &JournalEntry) -> Value {
    let status = entry.status.unwrap_or_default();
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    let headers = entry.answer.as_ref().map(|answer| &answer.headers[..]);
    let body = entry
        .answer
        .as_ref()
        .and_then(|answer| answer.body.as_ref());
    let mut content = json!({
        "size": size(body),
        "mimeType": header(headers.unwrap_or_default(), "content-type"),
    });
    if let Some(text) = body.and_then(|body| body.text.as_ref()) {
        content["text"] = json!(text);
    }
    if let Some(note) = body.and_then(note) {
        content["comment"] = json!(note);
    }
    json!({
        "status": status,
        "statusText": reason.unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers.unwrap_or_default(),
        "content": content,
        "redirectURL": header(headers.unwrap_or_default(), "location"),
        "headersSize": -1,
        "bodySize": size(body),
    })
}

fn size(body: Option<&JournalBody>) -> u64 {
    body.map_or(0, |body| body.size_bytes)
}

fn header<'a>(headers: &'a [JournalHeader], name: &str) -> &'a str {
    let found = headers.iter().find(|header| header.name == name);
    found.map_or("", |header| &header.value)
}

/// What of a body is not there.
fn note(body: &JournalBody) -> Option<&'static str> {
    match &body.text {
        None => Some("未保存内容 · the content was not kept"),
        Some(_) if body.cut => Some("仅保存开头 · only the beginning was kept"),
        Some(_) => None,
    }
}

fn target(entry: &JournalEntry) -> String {
    match &entry.query {
        Some(query) => format!("{}?{query}", entry.path),
        None => entry.path.clone(),
    }
}

/// A comment that says what came of it, and a command on one line: brackets of an address are no
/// patterns (`-g`), errors are shown and nothing else is (`-sS`).
fn command(entry: &JournalEntry) -> String {
    let status = entry
        .status
        .map_or("no answer".to_owned(), |it| it.to_string());
    let operation = entry.operation.as_deref().unwrap_or("-");
    let cut = entry.request.body.as_ref().is_some_and(|body| body.cut);
    let cut = if cut { " (body cut)" } else { "" };
    let mut text = format!(
        "# {} {} {operation}: {status}{cut}\ncurl -gsS",
        entry.number, entry.at
    );
    let method = match entry.method.as_str() {
        "GET" => String::new(),
        "HEAD" => " --head".to_owned(),
        method => format!(" -X {}", word(method)),
    };
    text.push_str(&method);
    text.push_str(&format!(" \"$SANDBOX_URL\"{}", word(&target(entry))));
    for JournalHeader { name, value } in &entry.request.headers {
        // An empty value makes curl leave the header out, unless it ends in a semicolon.
        let field = if value.is_empty() {
            format!("{name};")
        } else {
            format!("{name}: {value}")
        };
        text.push_str(&format!(" -H {}", word(&field)));
    }
    text.push_str(credential(entry));
    if let Some(body) = &entry.request.body {
        text.push_str(&data(body, is_for_token(entry)));
    }
    text.push('\n');
    text
}

const SECRET: &str = "client_secret=***";

/// What opens the door: never kept, so whoever runs the command has it in a variable. A token
/// request that has no secret in its form carries it in a header; a request without a partner had
/// no token that was believed.
fn credential(entry: &JournalEntry) -> &'static str {
    let in_form = entry
        .request
        .body
        .as_ref()
        .and_then(|body| body.text.as_deref())
        .is_some_and(|form| form.contains(SECRET));
    match (is_for_token(entry), &entry.partner) {
        (true, _) if in_form => "",
        (true, _) => " -u \"$CLIENT_ID:$CLIENT_SECRET\"",
        (false, Some(_)) => " -H \"Authorization: Bearer $TOKEN\"",
        (false, None) => "",
    }
}

fn is_for_token(entry: &JournalEntry) -> bool {
    entry.operation.as_deref() == Some(IssueToken::ID)
}

fn data(body: &JournalBody, is_for_token: bool) -> String {
    let Some(text) = &body.text else {
        return " --data-binary \"@$FILE\"".to_owned();
    };
    // Laid out over many lines it would be no line.
    let text = match serde_json::from_str::<Value>(text) {
        Ok(value) => value.to_string(),
        Err(_) => text.clone(),
    };
    let mut quoted = word(&text);
    if is_for_token {
        quoted = quoted.replace(SECRET, "client_secret='\"$CLIENT_SECRET\"'");
    }
    format!(" --data-binary {quoted}")
}

/// One word of a POSIX shell: nothing has a meaning between single quotes but the quote itself. A
/// shell's word cannot hold a NUL.
fn word(text: &str) -> String {
    format!(
        "'{}'",
        text.replace('\0', "\u{FFFD}").replace('\'', r"'\''")
    )
}
