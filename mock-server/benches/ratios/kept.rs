//! What it costs to keep spaces on disk: the same work with a data directory and without one, in
//! turns, with no network between.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use http::Method;
use lingminban_sandbox::{
    Settings,
    engine::{Engine, store::Store, world::SystemClock},
};

use crate::{
    filings,
    machine::{median, verdict},
};

/// Filings of one turn of one engine.
const FILINGS: u64 = 1_000;
/// Turns of each, after one that is not counted.
const ROUNDS: u64 = 9;

pub(crate) fn measure() {
    let scratch = Scratch::new();
    let (plain, kept) = (Office::new(plain()), Office::new(scratch.engine()));
    let mut times = [const { Vec::new() }; 2];
    let mut ratios = Vec::new();
    let mut longest = Duration::ZERO;
    for round in 0..=ROUNDS {
        let [without, with] = [&plain, &kept].map(|office| office.file(round));
        if round > 0 {
            let each = [&without, &with].map(|times| times.iter().sum::<Duration>().as_secs_f64());
            let each = each.map(|sum| sum * 1e6 / FILINGS as f64);
            for (figures, time) in times.iter_mut().zip(each) {
                figures.push(time);
            }
            ratios.push(each[1] / each[0]);
            longest = longest.max(with.into_iter().max().unwrap());
        }
    }
    let [without, with] = times.each_mut().map(|times| median(times));
    let ratio = median(&mut ratios);
    let verdict = verdict(ratio <= 25.0, "≤ 25");
    println!(
        "µs for a POST without a data directory {without:.1}, with one {with:.1} (longest {} ms), \
         ratio {ratio:.2} ({:.2} to {:.2})  {verdict}",
        longest.as_millis(),
        ratios[0],
        ratios[ratios.len() - 1],
    );
    spaces(&kept.engine);
    drop(kept);
    let start = Instant::now();
    let again = scratch.engine();
    println!(
        "ms to read {} applications and {} spaces back: {:.0}",
        again.home().lock().docket.len(),
        again.spaces().from(again.home().id, usize::MAX).len(),
        start.elapsed().as_secs_f64() * 1e3,
    );
}

fn spaces(engine: &Engine) {
    const SPACES: usize = 1_000;
    let mut times: Vec<f64> = (0..SPACES)
        .map(|_| {
            let start = Instant::now();
            engine.create_space(&Settings::default()).unwrap();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let median = median(&mut times);
    let verdict = verdict(median <= 0.3, "≤ 0.3");
    println!("ms for a space that is kept: {median:.3}  {verdict}");
}

fn plain() -> Engine {
    Engine::new(Box::new(SystemClock::default()), &Settings::default(), None)
}

/// An engine and who files with it.
struct Office {
    engine: Engine,
    token: String,
    operator: String,
}

impl Office {
    fn new(engine: Engine) -> Self {
        let dealer = filings::dealer(&engine);
        Self {
            token: filings::token(&engine, &dealer),
            operator: dealer.operator_id.to_string(),
            engine,
        }
    }

    /// Files what nobody filed yet, and gives the time each took. What the quick pace does meanwhile
    /// to those filed before is part of the work.
    fn file(&self, round: u64) -> Vec<Duration> {
        let numbers = round * FILINGS..(round + 1) * FILINGS;
        numbers
            .map(|number| {
                let body = filings::registration(number, &self.operator, None);
                let key = format!("bench-key-{number:026}");
                let headers = filings::headers(&self.token, Some(&key));
                let start = Instant::now();
                let path = "/v1/registrations";
                filings::answered(&self.engine, &Method::POST, path, &headers, &body);
                start.elapsed()
            })
            .collect()
    }
}

/// A directory beside the program, gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let name = format!("bench-kept-{}", std::process::id());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    fn engine(&self) -> Engine {
        let store = Store::open(&self.0).unwrap();
        let host = Box::new(SystemClock::default());
        Engine::kept_in(store, host, &Settings::default(), None).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
