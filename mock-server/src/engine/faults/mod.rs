//! 故障脚本: what goes wrong on command. Pure: a script counts and chooses, a strike changes an answer.
//!
//! A request meets at most one fault: the one its own header asks for, or the first rule of its
//! space's script that is due. Some effects answer in the operation's stead ([`Strike::instead`]), the
//! others change what it answered ([`Strike::finish`]).

mod catalogue;
mod check;
mod effect;
mod header;
mod spoil;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use http::HeaderMap;
use lingminban::api::{
    Access, Operation,
    control::{DeliveryEffect, FaultCount, FaultRule, FaultTarget, Nth},
};
use serde::{Deserialize, Serialize};

pub use catalogue::catalogue;
pub use check::faults_in;
pub use header::HEADER;

use super::{
    decode::Schemas,
    refusal::Refusal,
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::{Rows, Tracked},
    },
    world::Chance,
};
use effect::Effect;

/// What a request meets by the header it carries or by its space's script, which counts it.
///
/// # Errors
/// When the header asks for something that does not exist.
pub fn strike<O: Operation>(
    script: &mut Script,
    schemas: &Schemas,
    headers: &HeaderMap,
) -> Result<Option<Strike>, Refusal> {
    let scripted = script.strike::<O>();
    if headers.contains_key(HEADER) {
        script.by_header = script.by_header.wrapping_add(1);
        let mut chance = Chance::new(script.by_header);
        return header::read::<O>(headers, schemas, &mut chance).map(Some);
    }
    Ok(scripted)
}

/// Its rules' rows in the store.
const ROWS: &str = "fault_rule";

/// 故障脚本 of a space, with what it has counted.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// By their place in the script.
    rules: Tracked<BTreeMap<u32, Rule>>,
    /// Requests that asked for a fault themselves: each draws from a number of its own. Not stored,
    /// for no answer shows how long it was held back.
    by_header: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "RuleRow", into = "RuleRow")]
struct Rule {
    asked: FaultRule,
    name: Arc<str>,
    when: When,
    effect: Effect,
    /// Of its own, so that neither another rule nor the authority draws other numbers because of it.
    chance: Chance,
    matched: u64,
    acted: u64,
}

/// A rule as it is stored.
#[derive(Serialize, Deserialize)]
struct RuleRow {
    asked: FaultRule,
    chance: Chance,
    matched: u64,
    acted: u64,
}

#[derive(Clone, Debug)]
enum When {
    Every,
    /// Sorted.
    Among(Vec<u64>),
    /// Of 2⁵³.
    Drawn(u64),
}

/// 2⁵³: every probability of a double is a whole number of its parts, or too small to see.
const CERTAIN: f64 = 9_007_199_254_740_992.0;
/// Keeps a script's sequence apart from the authority's, which starts from the seed itself.
const OWN_SEQUENCE: u64 = 0x6661_756c_7420_7363;

/// What one request meets.
#[derive(Clone, Debug)]
pub struct Strike {
    /// Place of the rule; `None` when the request asked for it itself.
    rule: Option<u32>,
    /// 名称 of the rule, or of the effect.
    name: Arc<str>,
    effect: Effect,
    /// How long the answer is held back by an effect that does so.
    delay: Duration,
}

impl Script {
    /// Puts rules in the place of those there are: rules in which [`faults_in`] found no fault.
    /// `false`, and nothing has changed, for others.
    pub fn replace(&mut self, asked: Vec<FaultRule>, seed: u64) -> bool {
        let mut sequence = Chance::new(seed ^ OWN_SEQUENCE);
        let rules = asked.into_iter().map(|asked| {
            let chance = Chance::new(sequence.below(u64::MAX));
            Rule::new(asked, chance)
        });
        let Some(rules) = rules.collect::<Option<Vec<Rule>>>() else {
            return false;
        };
        for place in self.rules.all_keys() {
            self.rules.remove(&place);
        }
        for (place, rule) in (0..).zip(rules) {
            self.rules.insert(place, rule);
        }
        true
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.rules);
    }

    /// What was handed to the store.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(reader: &mut Reader) -> Result<Self, Damaged> {
        let mut script = Self::default();
        for (place, rule) in reader.table(ROWS)? {
            script.rules.insert(place, rule);
        }
        script.rules.watch();
        Ok(script)
    }

    /// The rules with what they have counted.
    #[must_use]
    pub fn counts(&self) -> Vec<FaultCount> {
        let rules = self.rules.values();
        rules
            .map(|rule| FaultCount {
                name: rule.name.to_string(),
                matched: rule.matched,
                acted: rule.acted,
                // A rule came as JSON.
                rule: serde_json::to_value(&rule.asked).unwrap_or_default(),
            })
            .collect()
    }

    /// What goes wrong with the next event; counts it. One that overtakes another cannot itself wait to
    /// be overtaken.
    pub fn next_event_effect(&mut self, overtakes: bool) -> Option<DeliveryEffect> {
        let place = self.due(
            |rule| rule.asked.operation == FaultTarget::EVENTS,
            |rule| !overtakes || rule.effect != Effect::Event(DeliveryEffect::OutOfOrder),
        )?;
        let rule = self.rules.edit(&place)?;
        rule.acted += 1;
        match rule.effect {
            Effect::Event(effect) => Some(effect),
            _ => None,
        }
    }

    fn strike<O: Operation>(&mut self) -> Option<Strike> {
        if self.rules.is_empty() {
            return None;
        }
        let has_token = matches!(O::ACCESS, Access::Token(_));
        let meant = |rule: &Rule| {
            rule.asked.operation.counts(O::ID) && (has_token || rule.effect != Effect::ExpiredToken)
        };
        let place = self.due(meant, |_| true)?;
        let rule = self.rules.edit(&place)?;
        Some(Strike {
            rule: Some(place),
            name: Arc::clone(&rule.name),
            effect: rule.effect,
            delay: rule.effect.delay(rule.acted, &mut rule.chance),
        })
    }

    /// Counts one request for each rule that is meant, and gives the first that is due and able to act.
    fn due(&mut self, meant: impl Fn(&Rule) -> bool, able: impl Fn(&Rule) -> bool) -> Option<u32> {
        let mut first = None;
        let counting = self.rules.iter().filter(|(_, rule)| meant(rule));
        let counting: Vec<u32> = counting.map(|(place, _)| *place).collect();
        for place in counting {
            let rule = self.rules.edit(&place);
            if rule.is_some_and(|rule| rule.count() && able(rule)) && first.is_none() {
                first = Some(place);
            }
        }
        first
    }

    /// Notes that a strike has done what it is named after.
    pub fn acted(&mut self, strike: &Strike) {
        if let Some(rule) = strike.rule.and_then(|place| self.rules.edit(&place)) {
            rule.acted += 1;
        }
    }
}

impl From<Rule> for RuleRow {
    fn from(rule: Rule) -> Self {
        Self {
            asked: rule.asked,
            chance: rule.chance,
            matched: rule.matched,
            acted: rule.acted,
        }
    }
}

/// A stored rule misses a member that its effect needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault rule without a member its effect needs")]
struct Incomplete;

impl TryFrom<RuleRow> for Rule {
    type Error = Incomplete;

    fn try_from(row: RuleRow) -> Result<Self, Incomplete> {
        let mut rule = Self::new(row.asked, row.chance).ok_or(Incomplete)?;
        rule.matched = row.matched;
        rule.acted = row.acted;
        Ok(rule)
    }
}

impl Rule {
    fn new(asked: FaultRule, chance: Chance) -> Option<Self> {
        Some(Self {
            name: name(&asked),
            when: When::of(&asked),
            effect: Effect::of(&asked)?,
            asked,
            chance,
            matched: 0,
            acted: 0,
        })
    }

    /// Counts a request; true when this rule is due. A chance is drawn whether or not another rule
    /// goes first: what one rule draws hangs on its own requests alone.
    fn count(&mut self) -> bool {
        self.matched += 1;
        match &self.when {
            When::Every => true,
            When::Among(numbers) => numbers.binary_search(&self.matched).is_ok(),
            When::Drawn(parts) => self.chance.below(CERTAIN as u64) < *parts,
        }
    }
}

impl When {
    fn of(rule: &FaultRule) -> Self {
        if let Some(probability) = rule.probability {
            return Self::Drawn((probability.get() * CERTAIN) as u64);
        }
        match &rule.nth {
            None | Some(Nth::Every) => Self::Every,
            Some(Nth::Only(number)) => Self::Among(vec![(*number).into()]),
            Some(Nth::Among(numbers)) => {
                let mut numbers: Vec<u64> = numbers.iter().map(|number| (*number).into()).collect();
                numbers.sort_unstable();
                Self::Among(numbers)
            }
        }
    }
}

fn name(rule: &FaultRule) -> Arc<str> {
    let own = rule.name.as_ref().map(|name| name.as_str());
    own.unwrap_or(rule.effect.as_str()).into()
}

#[cfg(test)]
mod tests {
    use lingminban::api::{GetApplication, IssueToken, SubmitRegistration, control::FaultScript};
    use serde_json::{Value, json};

    use super::*;

    fn script(rules: Value) -> Script {
        script_of_seed(rules, 1)
    }

    fn script_of_seed(rules: Value, seed: u64) -> Script {
        let script: FaultScript = serde_json::from_value(rules).unwrap();
        let mut made = Script::default();
        assert!(made.replace(script.into_rules(), seed));
        made
    }

    /// Names of what one request after the other meets.
    fn met<O: Operation>(script: &mut Script, requests: usize) -> Vec<String> {
        let one = |_| match script.strike::<O>() {
            Some(strike) => {
                script.acted(&strike);
                strike.name.to_string()
            }
            None => "-".to_owned(),
        };
        (0..requests).map(one).collect()
    }

    fn counted(script: &Script) -> Vec<(u64, u64)> {
        let counts = script.counts().into_iter();
        counts.map(|count| (count.matched, count.acted)).collect()
    }

    #[test]
    fn the_first_rule_that_is_due_acts_and_every_rule_counts() {
        let mut script = script(json!([
            { "name": "one", "operation": "get_application", "nth": 2, "effect": "close_before" },
            { "name": "two", "operation": "*", "nth": [4, 2, 3], "effect": "lost_ack" },
            { "name": "else", "operation": "submit_transfer", "effect": "lost_ack" },
        ]));
        assert_eq!(met::<GetApplication>(&mut script, 3), ["-", "one", "two"]);
        assert_eq!(met::<SubmitRegistration>(&mut script, 2), ["two", "-"]);
        assert_eq!(counted(&script), [(3, 1), (5, 2), (0, 0)]);
    }

    #[test]
    fn an_effect_that_an_operation_cannot_have_passes_it_by() {
        let mut script = script(json!([
            { "operation": "*", "effect": "expired_token" },
            { "operation": "*", "effect": "delay", "ms": 1 },
        ]));
        assert_eq!(met::<IssueToken>(&mut script, 1), ["delay"]);
        assert_eq!(met::<GetApplication>(&mut script, 1), ["expired_token"]);
    }

    #[test]
    fn chance_follows_from_the_seed_and_from_the_rules_own_requests() {
        let rule = json!({ "name": "x", "operation": "get_application", "probability": 0.3, "effect": "lost_ack" });
        let alone = |seed| met::<GetApplication>(&mut script_of_seed(json!([rule]), seed), 1_000);
        let struck = alone(7).iter().filter(|name| *name == "x").count();
        assert!((230..370).contains(&struck), "{struck} of 1000");
        assert_eq!(alone(7), alone(7));
        assert_ne!(alone(7), alone(8));
        let certain = json!([{ "operation": "*", "probability": 1, "effect": "lost_ack" }]);
        let all = met::<GetApplication>(&mut script(certain), 1_000);
        assert!(all.iter().all(|name| name == "lost_ack"));

        let first =
            json!({ "operation": "get_application", "nth": [1, 2, 3], "effect": "delay", "ms": 1 });
        let both = |rules| {
            let mut script = script_of_seed(rules, 7);
            met::<SubmitRegistration>(&mut script, 5);
            met::<GetApplication>(&mut script, 1_000)
        };
        let (before, after) = (both(json!([rule, first])), alone(7));
        let drawn = |names: &[String]| {
            let names = names.iter().skip(3);
            names.map(|name| name == "x").collect::<Vec<_>>()
        };
        assert_eq!(drawn(&before), drawn(&after));
    }

    #[test]
    fn events_have_rules_of_their_own() {
        let mut script = script(json!([
            { "operation": "*", "effect": "lost_ack" },
            { "operation": "events", "nth": 2, "effect": "never" },
            { "name": "twice", "operation": "events", "nth": 3, "effect": "duplicate_event" },
        ]));
        assert_eq!(script.next_event_effect(false), None);
        assert_eq!(script.next_event_effect(false), Some(DeliveryEffect::Never));
        assert_eq!(met::<GetApplication>(&mut script, 1), ["lost_ack"]);
        assert_eq!(
            script.next_event_effect(false),
            Some(DeliveryEffect::Duplicate)
        );
        assert_eq!(counted(&script), [(1, 1), (3, 1), (3, 1)]);
    }
}
