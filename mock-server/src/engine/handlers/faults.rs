//! How the sandbox handles its fault script.

use lingminban::{
    api::{
        Found, ProblemCode,
        control::{
            FaultCatalogue, FaultCounts, FaultScript, GetFaultCatalogue, GetFaults, SetFaults,
        },
    },
    text::Language,
};

use crate::engine::{
    Engine, Fault,
    control::Command,
    faults::{self, Script},
    filing::Filing,
    pipeline::Input,
    refusal::Refusal,
};

impl Command<SetFaults> for Engine {
    fn examine(&self, script: &Filing<'_, FaultScript>) -> Vec<Fault> {
        faults::faults_in(&script.to_json())
    }

    fn command(&self, _: Language, input: Input<SetFaults>) -> Result<Found<FaultCounts>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let rules = input.body.0.into_rules();
        let counts = self.change(&space, |_, state| {
            let replaced = state.script.replace(rules, space.settings.seed);
            replaced.then(|| told(&state.script))
        })?;
        counts
            .map(Found)
            .ok_or_else(|| Refusal::new(ProblemCode::InternalError))
    }
}

impl Command<GetFaults> for Engine {
    fn command(&self, _: Language, input: Input<GetFaults>) -> Result<Found<FaultCounts>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        Ok(Found(told(&space.lock().script)))
    }
}

impl Command<GetFaultCatalogue> for Engine {
    fn command(
        &self,
        _: Language,
        _: Input<GetFaultCatalogue>,
    ) -> Result<Found<FaultCatalogue>, Refusal> {
        Ok(Found(faults::catalogue()))
    }
}

fn told(script: &Script) -> FaultCounts {
    FaultCounts {
        rules: script.counts(),
    }
}
