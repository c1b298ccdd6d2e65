//! What it costs to decide whether a filing may be made: entrustment, what the submission shows, and what
//! the records say, with the materials asked for. No HTTP, no JSON.

use std::{hint::black_box, iter, time::Instant};

use http::{HeaderMap, Method};
use lingminban::{
    api::{FilingQuery, Json, NoParams, Operation, SubmitBundle, operation::Example},
    for_each_filing,
    text::Language,
};
use lingminban_sandbox::{
    Settings,
    engine::{
        Engine,
        body::Receive,
        filing::Filing,
        journal::Notes,
        pipeline::{Handle, Input, Scene},
        world::SystemClock,
    },
};
use serde::de::DeserializeOwned;

use crate::{
    filings,
    machine::{median, verdict},
};

const MOST_MICROS: f64 = 50.0;
const ROUNDS: usize = 31;
const SUBMISSIONS: usize = 300;
/// Whole dry runs in a round: each costs several times as much.
const DRY_RUNS: usize = 60;

/// Through the engine's own steps; the last is that of a dry run, which puts what was found into words, so
/// that the figures are somewhat too high. Bundles are no service; theirs are told beside the limit.
pub(crate) fn measure() {
    let engine = Engine::new(Box::new(SystemClock::default()), &Settings::default(), None);
    println!("µs to judge, and its share of a dry run with JSON");
    let mut services = services(&engine);
    services.sort_by(|one, other| other.micros.total_cmp(&one.micros));
    services.iter().for_each(Figure::print);
    let heaviest = services[0].micros;
    println!("{}", verdict(heaviest <= MOST_MICROS, "≤ 50 µs"));
    for example in SubmitBundle::EXAMPLES {
        figure::<SubmitBundle, _>(&engine, example).print();
    }
}

macro_rules! services {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
        /// Of every example of every service.
        fn services(engine: &Engine) -> Vec<Figure> {
            let mut figures = Vec::new();
            $( for example in <$operation>::EXAMPLES {
                figures.push(figure::<$operation, _>(engine, example));
            } )+
            figures
        }
    };
}
for_each_filing!(services);

struct Figure {
    name: String,
    micros: f64,
    /// The same with a body to read and an answer to write.
    whole: f64,
}

impl Figure {
    fn print(&self) {
        let share = self.micros / self.whole * 100.0;
        println!("{:8.2} {share:5.0} %   {}", self.micros, self.name);
    }
}

fn figure<O, R>(engine: &Engine, example: &Example) -> Figure
where
    O: Operation<Path = NoParams, Query = FilingQuery, Body = Json<R>>,
    R: DeserializeOwned + Clone + 'static,
    Json<R>: Receive<Subject = R>,
    Engine: Handle<O>,
{
    let operator = operator(example);
    let mut credentials = filings::credentials(engine).into_iter();
    let credential = credentials
        .find(|credential| operator.starts_with(credential.outlet_id.as_str()))
        .unwrap();
    let token = filings::token(engine, &credential);
    let headers = filings::headers(&token, Some("assessed-only"));
    let target = format!("{}?validate_only=true", O::PATH);
    let dry_run = || {
        black_box(filings::answered(
            engine,
            &Method::POST,
            &target,
            &headers,
            example.json,
        ));
    };
    let (mut judged, mut whole) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let one = judge::<O, R>(engine, operator, example);
        let begun = Instant::now();
        iter::repeat_with(dry_run).take(DRY_RUNS).for_each(drop);
        let all = micros(begun, DRY_RUNS);
        if round > 0 {
            judged.push(one);
            whole.push(all);
        }
    }
    Figure {
        name: format!("{} {}", O::ID, example.name),
        micros: median(&mut judged),
        whole: median(&mut whole),
    }
}

/// Entrustment, the submission, the records: one after the other, as the pipeline has them.
fn judge<O, R>(engine: &Engine, operator: &str, example: &Example) -> f64
where
    O: Operation<Path = NoParams, Query = FilingQuery, Body = Json<R>>,
    R: DeserializeOwned + Clone + 'static,
    Json<R>: Receive<Subject = R>,
    Engine: Handle<O>,
{
    let request: R = serde_json::from_str(example.json).unwrap();
    let input = || Input::<O> {
        path: NoParams {},
        query: FilingQuery {
            validate_only: true,
        },
        body: Json(request.clone()),
    };
    let inputs: Vec<Input<O>> = iter::repeat_with(input).take(SUBMISSIONS).collect();
    let directory = &engine.city().directory;
    let outlet = directory[directory.operator(operator).unwrap().outlet].partner;
    let space = &**engine.home();
    let mut state = space.lock();
    let headers = HeaderMap::new();
    let now = state.clock.now(engine.host().elapsed());
    let mut scene = Scene {
        city: engine.city(),
        space,
        state: &mut state,
        partner: outlet,
        now,
        language: Language::Chinese,
        headers: &headers,
        effective: true,
        notes: Notes::default(),
    };
    let begun = Instant::now();
    for input in inputs {
        engine.authorise(&scene, &input).unwrap();
        let Json(request) = &input.body;
        let faults = engine.examine(&scene, &Filing::Whole(request));
        assert!(faults.is_empty());
        black_box(engine.handle(&mut scene, input).unwrap());
    }
    micros(begun, SUBMISSIONS)
}

fn micros(begun: Instant, times: usize) -> f64 {
    begun.elapsed().as_secs_f64() * 1e6 / times as f64
}

/// The operator whom an example names first.
fn operator(example: &Example) -> &'static str {
    let (_, named) = example.json.split_once("\"operator_id\": \"").unwrap();
    named.split('"').next().unwrap()
}
