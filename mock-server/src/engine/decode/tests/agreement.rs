//! The two roads accept and refuse the same bodies.

use std::collections::BTreeSet;

use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use super::{
    bodies::{self, Body},
    pointer, schemas,
    tree::Tree,
};
use crate::engine::decode::{Document, Unreadable};

/// Stands in every text put into a body; must not come back.
const SECRET: &str = "机密";

/// What may happen to a place of a body.
#[derive(Clone, Debug)]
enum Harm {
    Remove,
    Twice,
    Replace(&'static str),
    /// An array of the members' values, or of the value alone.
    AsList,
    /// `{"word": null}`, as serde reads a word.
    AsMap,
    Respell(&'static str),
    Extra(&'static str),
    Insert(Index, &'static str),
    Cut(Index),
}

const NONSENSE: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "-1",
    "1",
    "5.0",
    "1e2",
    "1.5",
    "1E400e",
    "200",
    "201",
    "40000",
    "40001",
    "1e11",
    "100000000001",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "1e300",
    "5e-324",
    "0.1e1",
    "10000e-4",
    r#""""#,
    r#"" ""#,
    r#""机密""#,
    r#""\u0000""#,
    r#""\ud83d\ude00""#,
    r#""02""#,
    r#""paid""#,
    r#""2026-03-02""#,
    r#""2026-02-30""#,
    r#""2024-02-29""#,
    r#""2026-02-29""#,
    r#""0000-01-01""#,
    r#""9999-12-31""#,
    r#""10000-01-01""#,
    r#""-009999-01-01""#,
    r#""+002026-03-02""#,
    r#""20260302""#,
    r#""2026-3-2""#,
    r#""2026-03-02T09:00:00""#,
    r#""2026-03-02 ""#,
    r#""2026-03-02Z""#,
    r#""2026-03-02[Asia/Shanghai]""#,
    r#""2026-W10-1""#,
    r#""２０２６-03-02""#,
    r#""LZZTEST10N1000001""#,
    r#""LZZTEST1ON1000001""#,
    r#""鲁C12345""#,
    r#""鲁c·12345""#,
    r#""37039919900307001x""#,
    r#""13800000001""#,
    "[]",
    "[1]",
    r#"["机密"]"#,
    "{}",
    r#"{"机密": 1}"#,
    r#"{"kind": 1, "kind": 2}"#,
];

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        1 => Just(Harm::Remove),
        1 => Just(Harm::Twice),
        8 => prop::sample::select(NONSENSE).prop_map(Harm::Replace),
        1 => Just(Harm::AsList),
        1 => Just(Harm::AsMap),
        1 => prop::sample::select(&[".0", ".000", "e0", "E+0", "0e-1", ".5", "e1", "e-1", "e30"][..])
            .prop_map(Harm::Respell),
        1 => prop::sample::select(&["", "vin", "state", "a/b~c", "extra"][..]).prop_map(Harm::Extra),
        4 => (any::<Index>(), prop::sample::select(
            &[" ", "\t", "a", "X", "0", "9", "鲁", "·", "-", "\u{7f}", "\u{85}", "\u{a0}", "\u{3000}", "\u{200b}", "１", "😀", "\n"][..],
        )).prop_map(|(at, text)| Harm::Insert(at, text)),
        2 => any::<Index>().prop_map(Harm::Cut),
    ]
}

/// Does it, where it can be done.
fn apply(tree: &mut Tree, place: &str, harm: &Harm) {
    match harm {
        Harm::Remove => {
            if let Some((members, index)) = tree.siblings(place) {
                members.remove(index);
            }
        }
        Harm::Twice => {
            if let Some((members, index)) = tree.siblings(place) {
                let again = members[index].clone();
                members.push(again);
            }
        }
        Harm::Replace(raw) => *tree.at(place) = Tree::Raw((*raw).to_owned()),
        Harm::AsList => {
            let node = tree.at(place);
            *node = match node.clone() {
                Tree::Object(members) => {
                    Tree::List(members.into_iter().map(|(_, value)| value).collect())
                }
                other => Tree::List(vec![other]),
            };
        }
        Harm::AsMap => {
            let node = tree.at(place);
            let word = node.as_text().unwrap_or_default();
            *node = Tree::Object(vec![(word, Tree::Raw("null".into()))]);
        }
        Harm::Respell(tail) => {
            let node = tree.at(place);
            if let Some(number) = node.as_integer() {
                *node = Tree::Raw(format!("{number}{tail}"));
            }
        }
        Harm::Extra(name) => {
            if let Tree::Object(members) = tree.at(place) {
                members.push(((*name).to_owned(), Tree::Raw("1".into())));
            }
        }
        Harm::Insert(at, text) => edit(tree.at(place), |characters| {
            characters.insert(at.index(characters.len() + 1), (*text).to_owned());
        }),
        Harm::Cut(at) => edit(tree.at(place), |characters| {
            if !characters.is_empty() {
                characters.remove(at.index(characters.len()));
            }
        }),
    }
}

fn edit(node: &mut Tree, change: impl FnOnce(&mut Vec<String>)) {
    if let Some(text) = node.as_text() {
        let mut characters: Vec<String> = text.chars().map(String::from).collect();
        change(&mut characters);
        *node = Tree::Raw(Value::from(characters.concat()).to_string());
    }
}

fn check(
    schemas: &crate::engine::decode::Schemas,
    body: &Body,
    text: &str,
) -> Result<(), TestCaseError> {
    let bytes = text.as_bytes();
    let typed = body.typed(bytes);
    prop_assert_eq!(
        typed,
        body.by_schema(schemas, bytes),
        "{}: {}",
        body.name,
        text
    );
    let refusal = body.refusal(schemas, bytes);
    prop_assert_eq!(refusal.is_none(), typed);
    let Some(Unreadable::Faulty { value, faults }) = refusal else {
        return Ok(());
    };
    prop_assert!(!faults.is_empty());
    let pointers: Vec<&str> = faults.iter().map(pointer).collect();
    prop_assert!(pointers.is_sorted_by(|a, b| a < b), "{:?}", pointers);
    for fault in &faults {
        let found = value.pointer(pointer(fault)).is_some();
        prop_assert_eq!(found, fault.code != "required", "{:?}", fault);
        let detail = fault.detail.as_deref().unwrap_or_default();
        prop_assert!(!detail.contains(SECRET), "{:?}", fault);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn both_roads_judge_spoilt_bodies_alike(
        body in any::<Index>(),
        harms in prop::collection::vec((any::<Index>(), harm()), 0..4),
    ) {
        thread_local! {
            static SCHEMAS: crate::engine::decode::Schemas = schemas();
            static BODIES: Vec<Body> = bodies::all();
        }
        let body = BODIES.with(|bodies| body.get(bodies).clone());
        let mut tree = body.tree.clone();
        for (place, harm) in &harms {
            let places = tree.places();
            apply(&mut tree, &places[place.index(places.len())], harm);
        }
        SCHEMAS.with(|schemas| check(schemas, &body, &tree.text()))?;
    }
}

/// Every replacement at every place: what chance may miss.
#[test]
fn both_roads_judge_every_replacement_alike() {
    let schemas = schemas();
    for body in bodies::all() {
        for place in body.tree.places() {
            for raw in NONSENSE {
                let mut tree = body.tree.clone();
                apply(&mut tree, &place, &Harm::Replace(raw));
                check(&schemas, &body, &tree.text()).unwrap_or_else(|error| panic!("{error}"));
            }
        }
    }
}

/// The bodies of these tests use every member of the requests, so that none is left untested.
#[test]
fn every_member_of_the_schemas_is_put_to_the_test() {
    let document = lingminban_openapi::document();
    let bodies = bodies::all();
    let mut tested = BTreeSet::new();
    for body in &bodies {
        let value = Document::read(body.tree.text().as_bytes(), 0)
            .expect("JSON")
            .value;
        collect(
            &document,
            &format!("#/components/schemas/{}", body.name),
            &value,
            &mut tested,
        );
    }
    let reached: BTreeSet<&str> = tested.iter().map(|(schema, _)| schema.as_str()).collect();
    for schema in reached {
        let members = document
            .pointer(&schema[1..])
            .and_then(|own| own["properties"].as_object());
        for member in members.into_iter().flat_map(|members| members.keys()) {
            let key = (schema.to_owned(), member.clone());
            assert!(
                tested.contains(&key),
                "{schema} {member} stands in no body of the tests"
            );
        }
    }
}

fn collect(document: &Value, schema: &str, value: &Value, tested: &mut BTreeSet<(String, String)>) {
    let own = document.pointer(&schema[1..]).expect("a component");
    for (name, member) in value.as_object().into_iter().flatten() {
        tested.insert((schema.to_owned(), name.clone()));
        if let Some(target) = own["properties"][name]["$ref"].as_str() {
            collect(document, target, member, tested);
        }
    }
}
