//! Spaces at work: a clock moved over many applications, and many clients at once.

use std::time::{Duration, Instant};

use http::Method;
use lingminban::{
    Client, Submission,
    api::{
        ApplicationFilter, OutletKind, RegistrationRequest,
        control::{ClockMove, NewSpace, SpaceId},
    },
    client::Proxy,
};
use lingminban_sandbox::{
    Control, Pace, Sandbox, Settings,
    engine::{Engine, world::SystemClock},
};

use crate::{
    filings,
    machine::{median, resident, verdict},
};

/// Thirty days over a thousand applications that are under way, at the pace of the law.
pub(crate) fn clock() {
    const APPLICATIONS: u64 = 1_000;
    let mut times: Vec<f64> = (0..11)
        .map(|_| {
            let settings = Settings {
                pace: Pace::Statutory,
                frozen: true,
                ..Settings::default()
            };
            let engine = Engine::new(Box::new(SystemClock::default()), &settings, None);
            let dealer = filings::dealer(&engine);
            let token = filings::token(&engine, &dealer);
            let operator = dealer.operator_id.to_string();
            for number in 0..APPLICATIONS {
                let body = filings::registration(number, &operator, None);
                let key = format!("bench-key-{number}");
                let headers = filings::headers(&token, Some(&key));
                filings::answered(&engine, &Method::POST, "/v1/registrations", &headers, &body);
            }
            let month = ClockMove::Advance("P30D".parse().unwrap());
            let start = Instant::now();
            engine.move_clock(engine.home(), month).unwrap();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let median = median(&mut times);
    let verdict = verdict(median <= 50.0, "≤ 50");
    println!("ms for 30 days over {APPLICATIONS} open applications: {median:.2}  {verdict}");
}

/// A minute of sixty-four clients, each in a space of its own.
pub(crate) fn together() {
    const CLIENTS: u64 = 64;
    const WARM_UP: Duration = Duration::from_secs(10);
    const MEASURED: Duration = Duration::from_secs(60);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::start().await.unwrap();
        let mut workers = Vec::new();
        for seed in 0..CLIENTS {
            workers.push(Worker::start(&sandbox, seed).await);
        }
        let mut resident_after = Vec::new();
        let mut days = 0;
        for time in [WARM_UP, MEASURED] {
            let end = Instant::now() + time;
            let running: Vec<_> = workers
                .iter()
                .cloned()
                .map(|worker| tokio::spawn(async move { worker.until(end).await }))
                .collect();
            days = 0;
            for worker in running {
                days += worker.await.unwrap();
            }
            resident_after.push(resident());
        }
        let growth = (resident_after[1] - resident_after[0]) / 1024.0 / 1024.0;
        let verdict = verdict(growth <= 32.0, "≤ 32");
        println!(
            "{CLIENTS} clients, {CLIENTS} spaces, {} s: {days} days' work, each told what it would \
             be told alone; MiB grown: {growth:.1}  {verdict}",
            MEASURED.as_secs()
        );
    });
}

#[derive(Clone)]
struct Worker {
    control: Control,
    space: SpaceId,
    dealer: Client,
    request: RegistrationRequest,
    expected: String,
}

impl Worker {
    async fn start(sandbox: &Sandbox, seed: u64) -> Self {
        let control = sandbox.control().unwrap();
        let new = NewSpace::builder()
            .seed(seed.try_into().unwrap())
            .frozen(true)
            .build();
        let created = control.create_space(new).await.unwrap();
        let credential = created
            .credentials
            .iter()
            .find(|credential| credential.outlet_kind == OutletKind::Dealer)
            .unwrap();
        let dealer = Client::builder()
            .base_url(sandbox.base_url())
            .client_id(credential.client_id.as_str())
            .client_secret(credential.client_secret.as_str())
            .proxy(Proxy::Off)
            .build()
            .unwrap();
        let body = filings::registration(seed, credential.operator_id.as_str(), None);
        let mut worker = Self {
            control,
            space: created.space_id,
            dealer,
            request: serde_json::from_str(&body).unwrap(),
            expected: String::new(),
        };
        worker.expected = worker.day().await;
        worker
    }

    /// Days worked until then.
    async fn until(&self, end: Instant) -> u64 {
        let mut days = 0;
        while Instant::now() < end {
            assert_eq!(self.day().await, self.expected);
            days += 1;
        }
        days
    }

    /// A day's work in a fresh space: everything that was told.
    async fn day(&self) -> String {
        self.control.reset_space(&self.space).await.unwrap();
        let submission = Submission::new(self.request.clone());
        let filed = self.dealer.submit_registration(&submission).await.unwrap();
        let again = self.dealer.submit_registration(&submission).await.unwrap();
        assert_eq!(filed, again);
        let second = ClockMove::Advance("PT1S".parse().unwrap());
        self.control.clock(&self.space, second).await.unwrap();
        let done = self.dealer.get_application(&filed.application_id).await;
        let timeline = self.dealer.get_timeline(&filed.application_id).await;
        let all = ApplicationFilter::default();
        let list = self.dealer.list_applications_page(&all).await;
        serde_json::to_string(&(filed, done.unwrap(), timeline.unwrap(), list.unwrap())).unwrap()
    }
}
