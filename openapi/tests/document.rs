//! What holds for the document as a whole, beyond what linters look at.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use lingminban::api::{Document, Event, Form, Json, NoBody, Operation, OptionalJson, Scan};
use serde_json::{Map, Value, json};

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn document() -> Value {
    lingminban_openapi::document()
}

fn sandbox() -> Value {
    lingminban_openapi::sandbox_document()
}

/// What holds for the platform's document holds for the sandbox's.
fn both() -> [Value; 2] {
    [document(), sandbox()]
}

/// Every object of the document with its JSON pointer.
fn objects(value: &Value) -> Vec<(String, &Map<String, Value>)> {
    fn walk<'v>(at: &str, value: &'v Value, found: &mut Vec<(String, &'v Map<String, Value>)>) {
        match value {
            Value::Object(members) => {
                found.push((at.to_owned(), members));
                for (name, member) in members {
                    let step = name.replace('~', "~0").replace('/', "~1");
                    walk(&format!("{at}/{step}"), member, found);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(&format!("{at}/{index}"), item, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", value, &mut found);
    found
}

fn operations(document: &Value) -> Vec<&Value> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .values()
        .flat_map(|path| METHODS.iter().filter_map(|method| path.get(method)))
        .collect()
}

/// Whether it is the control interface's, which has no rate limit.
fn is_control(document: &Value) -> bool {
    document["components"]["securitySchemes"]
        .get("admin_token")
        .is_some()
}

/// The value itself, or what it refers to.
fn resolved<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    match value["$ref"].as_str() {
        Some(target) => document
            .pointer(&target[1..])
            .unwrap_or_else(|| panic!("{target}")),
        None => value,
    }
}

/// Everything that `value` contains or refers to.
fn reachable<'v>(document: &'v Value, value: &'v Value) -> Vec<(String, &'v Map<String, Value>)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(next) = waiting.pop() {
        for (at, members) in objects(next) {
            if let Some(Value::String(target)) = members.get("$ref")
                && seen.insert(target.clone())
            {
                waiting.push(document.pointer(&target[1..]).unwrap());
            }
            found.push((at, members));
        }
    }
    found
}

#[test]
fn the_checked_in_documents_are_the_generated_ones() {
    let checked_in = [
        ("openapi.json", include_str!("../openapi.json")),
        ("sandbox.json", include_str!("../sandbox.json")),
    ];
    for ((name, text), document) in checked_in.into_iter().zip(both()) {
        let checked_in: Value = serde_json::from_str(text).unwrap();
        assert!(
            checked_in == document,
            "openapi/{name} is not what the contract says any more; write it anew with\n    \
             cargo run -p lingminban-openapi\nand look at the difference before you commit it"
        );
    }
}

#[test]
fn a_document_is_the_same_to_the_letter_each_time() {
    let texts = || both().map(|document| document.to_string());
    let first = texts();
    for _ in 0..20 {
        assert!(texts() == first);
    }
}

#[test]
fn the_server_is_the_one_asked_for() {
    let url = "http://127.0.0.1:8080";
    for document in [
        lingminban_openapi::document_for(url),
        lingminban_openapi::sandbox_document_for(url),
    ] {
        assert_eq!(document["servers"][0]["url"], url);
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for document in both() {
        for (at, members) in objects(&document) {
            if let Some(Value::String(target)) = members.get("$ref") {
                assert!(document.pointer(&target[1..]).is_some(), "{at}: {target}");
            }
        }
    }
}

#[test]
fn every_link_leads_to_a_parameter_of_an_operation() {
    for document in both() {
        let operations = operations(&document);
        let mut links = 0;
        for (at, members) in objects(&document) {
            let Some(Value::Object(named)) = members.get("links") else {
                continue;
            };
            for link in named.values() {
                links += 1;
                let target = operations
                    .iter()
                    .find(|operation| operation["operationId"] == link["operationId"])
                    .unwrap_or_else(|| panic!("{at}: no operation {}", link["operationId"]));
                let known: Vec<&Value> = target["parameters"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|parameter| &resolved(&document, parameter)["name"])
                    .collect();
                for name in link["parameters"].as_object().unwrap().keys() {
                    assert!(known.iter().any(|known| *known == name), "{at}: {name}");
                }
            }
        }
        assert!(links > 0);
    }
}

#[test]
fn every_link_takes_its_value_from_the_answer_it_stands_in() {
    for document in both() {
        for (at, members) in objects(&document) {
            let (Some(Value::Object(links)), Some(content)) =
                (members.get("links"), members.get("content"))
            else {
                continue;
            };
            let schema = resolved(&document, &content["application/json"]["schema"]);
            for expression in links
                .values()
                .flat_map(|link| link["parameters"].as_object().unwrap())
            {
                let pointer = expression
                    .1
                    .as_str()
                    .unwrap()
                    .strip_prefix("$response.body#/")
                    .unwrap();
                // A list may be empty, its entries lack nothing.
                let mut here = schema;
                for step in pointer.split('/') {
                    if here["type"] == "array" {
                        here = resolved(&document, &here["items"]);
                        continue;
                    }
                    let required = here["required"].as_array().unwrap();
                    assert!(required.iter().any(|name| name == step), "{at}: {pointer}");
                    here = resolved(&document, &here["properties"][step]);
                }
            }
        }
    }
}

#[test]
fn every_operation_names_its_refusals() {
    for document in both() {
        for operation in operations(&document) {
            let id = &operation["operationId"];
            let answers = operation["responses"].as_object().unwrap();
            let mut expected = vec!["405", "500", "503"];
            if !is_control(&document) {
                expected.push("429");
            }
            if operation.get("requestBody").is_some() {
                expected.extend(["400", "413", "415"]);
            }
            if operation["security"]
                .as_array()
                .is_some_and(|ways| !ways.is_empty())
            {
                expected.push("401");
            }
            for status in expected {
                assert!(answers.contains_key(status), "{id}: {status}");
            }
            assert!(answers.keys().any(|status| status.starts_with('2')), "{id}");
        }
    }
}

#[test]
fn every_answer_names_the_request_and_its_own_headers() {
    for document in both() {
        for operation in operations(&document) {
            let keyed = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .any(|parameter| resolved(&document, parameter)["name"] == "Idempotency-Key");
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let headers = &resolved(&document, answer)["headers"];
                let expected = match status.as_str() {
                    "401" => Some("WWW-Authenticate"),
                    "405" => Some("Allow"),
                    "429" | "503" => Some("Retry-After"),
                    success if success.starts_with('2') && keyed => Some("Idempotency-Replayed"),
                    _ => None,
                };
                for name in ["X-Request-Id"].into_iter().chain(expected) {
                    assert!(
                        headers.get(name).is_some(),
                        "{} {status}: {name}",
                        operation["operationId"]
                    );
                }
            }
        }
    }
}

/// "A number, a list or a word" is the one thing that has several types: a union would say it with
/// schemas to try, which the next test forbids, and three members would be three ways to say it.
const NTH: &str = "/components/schemas/Nth";

#[test]
fn nothing_is_null_and_every_type_is_one_but_for_nth() {
    for document in both() {
        for (at, members) in objects(&document) {
            for (name, value) in members {
                assert!(!value.is_null(), "{at}/{name} is null");
            }
            if at == NTH {
                assert_eq!(members["type"], json!(["integer", "array", "string"]));
            } else if let Some(kind) = members.get("type") {
                assert!(kind.is_string() || kind.is_object(), "{at}: {kind}");
                assert_ne!(kind, "null", "{at}");
            }
        }
    }
}

#[test]
fn no_body_is_a_union() {
    for document in both() {
        for (at, members) in objects(&document) {
            for union in ["oneOf", "anyOf", "allOf"] {
                assert!(
                    !members.contains_key(union),
                    "{at}: generators differ on {union}"
                );
            }
        }
    }
}

#[test]
fn json_requests_are_closed() {
    for document in both() {
        for operation in operations(&document) {
            let json = &operation["requestBody"]["content"]["application/json"]["schema"];
            for (at, members) in reachable(&document, json) {
                if members.contains_key("properties") {
                    let closed = members.get("additionalProperties") == Some(&Value::Bool(false));
                    assert!(closed, "{}: {at}", operation["operationId"]);
                }
            }
        }
    }
}

#[test]
fn answers_are_open() {
    for document in both() {
        for operation in operations(&document) {
            for (at, members) in reachable(&document, &operation["responses"]) {
                let place = format!("{}: {at} {members:?}", operation["operationId"]);
                assert!(!members.contains_key("additionalProperties"), "{place}");
                assert!(!members.contains_key("enum"), "closed word list in {place}");
            }
        }
        let names = document["components"]["schemas"].as_object().unwrap();
        assert!(
            names.keys().all(|name| !name.starts_with("Open")),
            "{:?}",
            names.keys()
        );
    }
}

#[test]
fn fields_of_todays_platform_are_named() {
    let document = document();
    let mut fields = BTreeSet::new();
    for (at, members) in objects(&document) {
        if let Some(field) = members.get("x-ga-field") {
            fields.insert(field.as_str().unwrap().to_owned());
        }
        for text in members.values().filter_map(Value::as_str) {
            assert!(!text.contains("(GA field"), "{at}: {text}");
        }
    }
    assert!(fields.len() >= 30, "{fields:?}");
}

#[test]
fn every_format_has_a_check() {
    for document in both() {
        let standard = [
            "date",
            "date-time",
            "uri",
            "int32",
            "int64",
            "double",
            "binary",
            "password",
        ];
        let own: Vec<&str> = lingminban::identifiers::formats()
            .iter()
            .map(|format| format.name)
            .collect();
        for (at, members) in objects(&document) {
            if let Some(Value::String(format)) = members.get("format") {
                let known = standard.contains(&format.as_str()) || own.contains(&format.as_str());
                assert!(known, "{at}: {format}");
            }
            if members.get("type").is_some_and(|kind| kind == "integer") {
                assert!(
                    members.contains_key("format"),
                    "{at}: an integer of what size?"
                );
            }
        }
    }
}

/// Reads a body as its operation does, and writes it again.
trait Reads {
    fn read_and_write(json: &str) -> Value;
}

fn through<T: Document>(json: &str) -> Value {
    serde_json::to_value(serde_json::from_str::<T>(json).unwrap()).unwrap()
}

impl<T: Document> Reads for Json<T> {
    fn read_and_write(json: &str) -> Value {
        through::<T>(json)
    }
}

impl<T: Document> Reads for OptionalJson<T> {
    fn read_and_write(json: &str) -> Value {
        through::<T>(json)
    }
}

impl<T: Document> Reads for Form<T> {
    fn read_and_write(json: &str) -> Value {
        through::<T>(json)
    }
}

impl Reads for NoBody {
    fn read_and_write(_: &str) -> Value {
        panic!("an example for no body")
    }
}

impl Reads for Scan {
    fn read_and_write(_: &str) -> Value {
        panic!("a JSON example for raw bytes")
    }
}

/// The schema of a body as a validator that knows our formats.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = document.clone();
    whole["$ref"] = schema["$ref"].clone();
    let mut options = jsonschema::draft202012::options().should_validate_formats(true);
    for format in lingminban::identifiers::formats() {
        options = options.with_format(format.name, |text: &str| (format.check)(text).is_ok());
    }
    options.build(&whole).unwrap()
}

/// JSON knows no difference between 60 and 60.0.
fn counted(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64().unwrap()),
        Value::Array(items) => items.iter().map(counted).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), counted(member)))
            .collect(),
        other => other.clone(),
    }
}

/// The number of examples checked.
fn check_examples<O: Operation>(document: &Value) -> usize
where
    O::Body: Reads,
{
    let method = O::METHOD.as_str().to_ascii_lowercase();
    let content = &document["paths"][O::PATH][method]["requestBody"]["content"]["application/json"];
    for example in O::EXAMPLES {
        let shown = &content["examples"][example.name]["value"];
        let read = O::Body::read_and_write(example.json);
        assert_eq!(counted(shown), counted(&read), "{} {}", O::ID, example.name);
        let faults: Vec<String> = validator(document, &content["schema"])
            .iter_errors(shown)
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{} {}: {faults:?}", O::ID, example.name);
    }
    O::EXAMPLES.len()
}

#[test]
fn examples_are_what_the_contract_and_the_schema_accept() {
    let [platform, sandbox] = both();
    let mut examples = [0, 0];
    macro_rules! check_platform {
        ($($operation:ty),+ $(,)?) => { $( examples[0] += check_examples::<$operation>(&platform); )+ };
    }
    macro_rules! check_sandbox {
        ($($operation:ty),+ $(,)?) => { $( examples[1] += check_examples::<$operation>(&sandbox); )+ };
    }
    lingminban::for_each_operation!(check_platform);
    lingminban::for_each_control_operation!(check_sandbox);
    assert!(examples.iter().all(|number| *number > 0));
}

#[test]
fn what_is_pushed_is_an_event_under_a_tag_that_no_path_has() {
    let document = document();
    let push = &document["webhooks"]["event"]["post"];
    for operation in operations(&document) {
        assert_ne!(operation["tags"], push["tags"], "{operation}");
    }
    let content = &push["requestBody"]["content"]["application/json"];
    let shown = &content["examples"]["completed"]["value"];
    assert_eq!(shown, &through::<Event>(&shown.to_string()));
    assert!(validator(&document, &content["schema"]).is_valid(shown));
}

#[test]
fn the_schema_refuses_what_an_identifier_refuses() {
    let document = document();
    let body = &document["paths"]["/v1/registrations"]["post"]["requestBody"];
    let content = &body["content"]["application/json"];
    let mut wrong = content["examples"]["standard"]["value"].clone();
    wrong["owner"]["identity_number"] = "370399199003070017".into();
    let faults: Vec<String> = validator(&document, &content["schema"])
        .iter_errors(&wrong)
        .map(|fault| fault.instance_path().to_string())
        .collect();
    assert_eq!(faults, ["/owner/identity_number"]);
}

#[test]
fn the_pattern_of_a_token_request_knows_every_scope() {
    let document = document();
    let pattern =
        &document["components"]["schemas"]["TokenRequest"]["properties"]["scope"]["pattern"];
    let words: Vec<&str> = lingminban::api::Scope::ALL
        .iter()
        .map(|scope| scope.as_str())
        .collect();
    let word = format!("(?:{})", words.join("|"));
    assert_eq!(*pattern, format!("^ *(?:{word}(?: +{word})* *)?$"));
}
