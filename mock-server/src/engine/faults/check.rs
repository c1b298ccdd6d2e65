//! What the schema of a script cannot say: which members go with which effect, and with each other.

use lingminban::{
    api::{
        Access, FindingCode, Operation,
        control::{FaultEffect, FaultNeed, FaultTarget},
    },
    wire_enum::WireEnum,
};
use serde_json::Value;

use super::catalogue::{Entry, entry};
use crate::engine::Fault;

/// Members that belong to some effects only.
const OF_EFFECTS: [&str; 8] = [
    "status",
    "code",
    "retry_after",
    "retry_after_form",
    "ms",
    "range_ms",
    "percentiles_ms",
    "seconds",
];

/// Everything that is wrong in the rules of a script, as far as they can be read.
#[must_use]
pub fn faults_in(script: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, one) in script.as_array().into_iter().flatten().enumerate() {
        rule(&format!("/{index}"), one, &mut faults);
    }
    faults
}

/// Everything that is wrong in one rule, which stands at `place`.
pub(super) fn rule(place: &str, rule: &Value, faults: &mut Vec<Fault>) {
    let Some(members) = rule.as_object() else {
        return;
    };
    let mut found = Found { place, faults };
    if members.contains_key("nth") && members.contains_key("probability") {
        found.add(FindingCode::NotApplicable, "/probability", None);
    }
    let word = rule["effect"].as_str();
    let Some(effect) = word.and_then(FaultEffect::from_word) else {
        return;
    };
    check_target(effect, rule["operation"].as_str(), &mut found);
    check_members(&entry(effect), rule, &mut found);
    check_order(rule, &mut found);
}

/// Whether an effect is one of events rather than of requests.
pub(super) fn is_of_events(effect: FaultEffect) -> bool {
    matches!(
        effect,
        FaultEffect::DuplicateEvent
            | FaultEffect::BadSignature
            | FaultEffect::OutOfOrder
            | FaultEffect::Never
    )
}

struct Found<'a> {
    place: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Found<'_> {
    fn add(&mut self, code: FindingCode, member: &str, detail: Option<String>) {
        let fault = Fault::finding(code, format!("{}{member}", self.place));
        self.faults.push(Fault { detail, ..fault });
    }
}

fn check_target(effect: FaultEffect, operation: Option<&str>, found: &mut Found<'_>) {
    let Some(target) = operation.and_then(|word| word.parse::<FaultTarget>().ok()) else {
        return;
    };
    let of_events = target == FaultTarget::EVENTS;
    if is_of_events(effect) != of_events {
        let fitting = FaultEffect::ALL.iter().copied();
        let words: Vec<&str> = fitting
            .filter(|effect| is_of_events(*effect) == of_events)
            .map(FaultEffect::as_str)
            .collect();
        let detail = format!("{}: {}", target.as_str(), words.join(", "));
        found.add(FindingCode::NotInList, "/effect", Some(detail));
    } else if effect == FaultEffect::ExpiredToken && !may_need_token(target.as_str()) {
        let detail = target.as_str().to_owned();
        found.add(FindingCode::NotApplicable, "/effect", Some(detail));
    }
}

macro_rules! token_of {
    ($($operation:ty),+ $(,)?) => {
        /// Whether requests of a target carry an access token, or some of them do.
        fn may_need_token(target: &str) -> bool {
            let operations = [$(
                (<$operation>::ID, matches!(<$operation>::ACCESS, Access::Token(_)))
            ),+];
            operations
                .iter()
                .all(|(id, has_token)| *id != target || *has_token)
        }
    };
}
lingminban::for_each_operation!(token_of);

fn check_members(entry: &Entry, rule: &Value, found: &mut Found<'_>) {
    let has = |name: &str| rule.get(name).is_some();
    for name in OF_EFFECTS {
        let need = entry.members.iter().find(|(known, _)| *known == name);
        let member = format!("/{name}");
        match need.map(|(_, need)| need) {
            None if has(name) => found.add(FindingCode::NotApplicable, &member, None),
            Some(FaultNeed::Required) if !has(name) => {
                found.add(FindingCode::Required, &member, None);
            }
            _ => {}
        }
    }
    let choices: Vec<&str> = entry
        .members
        .iter()
        .filter(|(_, need)| *need == FaultNeed::OneOf)
        .map(|(name, _)| *name)
        .collect();
    let chosen = choices.iter().filter(|name| has(name)).count();
    if !choices.is_empty() && chosen != 1 {
        found.add(FindingCode::ExactlyOne, "", Some(choices.join(", ")));
    }
    if has("retry_after_form") && !has("retry_after") && entry.effect == FaultEffect::Status {
        found.add(FindingCode::Required, "/retry_after", None);
    }
}

/// Delays rise.
fn check_order(rule: &Value, found: &mut Found<'_>) {
    let percentiles = ["p50", "p95", "p99", "max"].map(|name| format!("/percentiles_ms/{name}"));
    let range = ["/range_ms/0", "/range_ms/1"].map(str::to_owned);
    for rising in [&percentiles[..], &range] {
        for pair in rising.windows(2) {
            let number = |at: &str| rule.pointer(at).and_then(Value::as_f64);
            if let (Some(least), Some(given)) = (number(&pair[0]), number(&pair[1]))
                && given < least
            {
                found.add(
                    FindingCode::OutOfRange,
                    &pair[1],
                    Some(format!("≥ {least}")),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lingminban::api::Place;
    use serde_json::json;

    use super::*;

    fn found(rule: Value) -> Vec<(String, &'static str)> {
        let faults = faults_in(&json!([rule])).into_iter();
        faults
            .map(|fault| match fault.place {
                Place::Pointer(pointer) => (pointer, fault.code),
                place => panic!("{place:?}"),
            })
            .collect()
    }

    #[test]
    fn members_go_with_their_effects() {
        for (rule, faults) in [
            (
                json!({"operation": "*", "effect": "status"}),
                vec![("/0/status", "required")],
            ),
            (
                json!({"operation": "*", "effect": "delay"}),
                vec![("/0", "exactly_one")],
            ),
            (
                json!({"operation": "*", "effect": "delay", "ms": 1, "range_ms": [1, 2]}),
                vec![("/0", "exactly_one")],
            ),
            (
                json!({"operation": "*", "effect": "delay", "range_ms": [2, 1]}),
                vec![("/0/range_ms/1", "out_of_range")],
            ),
            (
                json!({"operation": "*", "effect": "delay", "percentiles_ms": {"p50": 2, "p95": 1, "p99": 3, "max": 2}}),
                vec![
                    ("/0/percentiles_ms/p95", "out_of_range"),
                    ("/0/percentiles_ms/max", "out_of_range"),
                ],
            ),
            (
                json!({"operation": "*", "effect": "slower"}),
                vec![("/0/ms", "required")],
            ),
            (
                json!({"operation": "*", "effect": "lost_ack", "ms": 5, "seconds": 1}),
                vec![
                    ("/0/ms", "not_applicable"),
                    ("/0/seconds", "not_applicable"),
                ],
            ),
            (
                json!({"operation": "*", "effect": "status", "status": 429, "retry_after_form": "date"}),
                vec![("/0/retry_after", "required")],
            ),
            (
                json!({"operation": "*", "effect": "lost_ack", "nth": 1, "probability": 0.5}),
                vec![("/0/probability", "not_applicable")],
            ),
            (
                json!({"operation": "events", "effect": "lost_ack"}),
                vec![("/0/effect", "not_in_list")],
            ),
            (
                json!({"operation": "*", "effect": "never"}),
                vec![("/0/effect", "not_in_list")],
            ),
            (
                json!({"operation": "issue_token", "effect": "expired_token"}),
                vec![("/0/effect", "not_applicable")],
            ),
            (json!({"operation": "*", "effect": "expired_token"}), vec![]),
            (
                json!({"operation": "events", "effect": "never", "nth": [1]}),
                vec![],
            ),
            (json!({"operation": "*", "effect": "skewed_date"}), vec![]),
            (json!("nothing to be read"), vec![]),
            (
                json!({"operation": 1, "effect": "lost_everything", "ms": 1}),
                vec![],
            ),
        ] {
            let faults: Vec<_> = faults
                .into_iter()
                .map(|(place, code)| (place.to_owned(), code))
                .collect();
            assert_eq!(found(rule.clone()), faults, "{rule}");
        }
    }
}
