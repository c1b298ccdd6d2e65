//! What a space remembers survives: the same requests get the same answers, whether the sandbox was
//! started anew between any two of them or not.

use std::{collections::BTreeSet, iter, time::Duration};

use ::http::{HeaderMap, HeaderValue, Method, header};
use lingminban::{
    Submission,
    api::{
        DeliveryFilter, EventType, Lookup, OutletKind, SubmitBundle,
        control::{NewSpace, SnapshotId, SpaceFilter},
    },
    codes::VehicleStatusFlag,
};
use lingminban_sandbox::{
    Options, Pace, Sandbox,
    engine::store::Moments,
    server::{Answer, Call},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::support::*;

/// One thing that happens to a space.
#[derive(Clone, Debug)]
enum Step {
    Register {
        car: u32,
        lookups: bool,
        key: u8,
    },
    RegisterDrawn {
        car: u32,
        key: u8,
    },
    Transfer {
        key: u8,
    },
    Bundle {
        key: u8,
    },
    Put {
        application: usize,
        kind: usize,
    },
    Say {
        application: usize,
        word: &'static str,
        key: u8,
    },
    Draw {
        electric: bool,
        key: u8,
    },
    Read {
        application: usize,
        what: &'static str,
    },
    Flag {
        car: u32,
        set: bool,
    },
    Silence {
        car: u32,
    },
    Nudge {
        application: usize,
    },
    Pace {
        pace: Pace,
    },
    Pass {
        time: Duration,
    },
    Freeze {
        frozen: bool,
    },
    Command {
        method: Method,
        path: String,
        body: Value,
    },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..12_u8;
    let application = || 0..3_usize;
    prop_oneof![
        4 => (1..5_u32, any::<bool>(), key())
            .prop_map(|(car, lookups, key)| Step::Register { car, lookups, key }),
        2 => (1..5_u32, key()).prop_map(|(car, key)| Step::RegisterDrawn { car, key }),
        1 => key().prop_map(|key| Step::Transfer { key }),
        2 => key().prop_map(|key| Step::Bundle { key }),
        3 => (application(), 0..5_usize).prop_map(|(application, kind)| Step::Put { application, kind }),
        2 => (application(), select(vec!["submission", "supplements", "withdrawal"]), key())
            .prop_map(|(application, word, key)| Step::Say { application, word, key }),
        2 => (any::<bool>(), key()).prop_map(|(electric, key)| Step::Draw { electric, key }),
        2 => (application(), select(vec!["", "/timeline", "/materials"]))
            .prop_map(|(application, what)| Step::Read { application, what }),
        1 => (0..3_u32, any::<bool>()).prop_map(|(car, set)| Step::Flag { car, set }),
        1 => (1..5_u32).prop_map(|car| Step::Silence { car }),
        1 => application().prop_map(|application| Step::Nudge { application }),
        1 => select(vec![Pace::Quick, Pace::Statutory, Pace::Manual])
            .prop_map(|pace| Step::Pace { pace }),
        4 => select(vec![
            Duration::from_millis(40),
            Duration::from_secs(1),
            Duration::from_secs(181),
            Duration::from_secs(24 * 60 * 60),
            Duration::from_secs(9 * 24 * 60 * 60),
        ]).prop_map(|time| Step::Pass { time }),
        1 => any::<bool>().prop_map(|frozen| Step::Freeze { frozen }),
        2 => command().prop_map(|(method, path, body)| Step::Command { method, path, body }),
        3 => Just(Step::Restart),
    ]
}

/// A command to the first space, whatever it is called.
fn command() -> impl Strategy<Value = (Method, String, Value)> {
    let snapshot = (1..4_u32).prop_map(|number| {
        let name = SnapshotId::numbered(number);
        (Method::POST, format!("snapshots/{name}/restore"), json!({}))
    });
    let fixed = |method, path: &str, body| Just((method, path.to_owned(), body));
    let faults = json!([
        {"operation": "submit_registration", "nth": [2, 3], "effect": "status", "status": 503},
        {"operation": "get_application", "probability": 0.5, "effect": "extra_fields"},
    ]);
    prop_oneof![
        4 => fixed(Method::POST, "snapshots", json!({})),
        4 => snapshot,
        1 => fixed(Method::POST, "reset", json!({})),
        2 => fixed(Method::POST, "clock", json!({"rate": 60.0})),
        2 => fixed(Method::PUT, "pace", json!({"pace": "after_polls", "polls": 2})),
        2 => fixed(Method::PUT, "faults", faults),
    ]
}

/// A sandbox that goes through the steps, and what it answered.
struct Life {
    sandbox: Option<Sandbox>,
    scratch: Option<Scratch>,
    host: StandingHost,
    tokens: [HeaderValue; 2],
    /// Who filed it, and its id.
    applications: Vec<(usize, String)>,
    draw: Value,
    answers: Vec<String>,
}

const MATERIALS: [&str; 5] = [
    "power_of_attorney",
    "identity_proof",
    "origin_proof",
    "compulsory_insurance",
    "purchase_tax",
];

impl Life {
    async fn new(stored: bool) -> Self {
        let host = StandingHost::default();
        let scratch = stored.then(Scratch::new);
        let mut life = Self {
            sandbox: Some(start(scratch.as_ref(), &host).await),
            scratch,
            host,
            tokens: [(); 2].map(|()| HeaderValue::from_static("")),
            applications: Vec::new(),
            draw: Value::Null,
            answers: Vec::new(),
        };
        life.fetch_tokens();
        life
    }

    fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("it runs")
    }

    fn fetch_tokens(&mut self) {
        self.tokens = [OutletKind::Dealer, OutletKind::UsedCarMarket].map(|kind| self.token(kind));
    }

    fn token(&mut self, kind: OutletKind) -> HeaderValue {
        let credential = self.sandbox().credential(kind).expect("a credential");
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            credential.client_id, credential.client_secret
        );
        let headers = HeaderMap::from_iter([(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        )]);
        let answer = self.ask(&Method::POST, "/oauth2/token", headers, form.as_bytes());
        let token = answer["access_token"].as_str().expect("a token");
        format!("Bearer {token}").parse().expect("a value")
    }

    fn ask(&mut self, method: &Method, path: &str, mut headers: HeaderMap, body: &[u8]) -> Value {
        // Requests without an id are counted in advance: the numbers jump at a restart.
        headers.insert("x-request-id", HeaderValue::from_static("of-mine"));
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(p, q)| (p, Some(q)));
        let call = Call {
            method,
            path,
            query,
            headers: &headers,
            body,
        };
        let reply = self.sandbox().engine().answer(&call).expect("an answer");
        let mut written: Vec<String> = reply
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        written.sort();
        let text = String::from_utf8(reply.body).expect("text");
        self.answers.push(format!(
            "{method} {path}\n{}\n{}\n{text}",
            reply.status,
            written.join("\n")
        ));
        serde_json::from_str(&text).expect("JSON")
    }

    fn act(&mut self, who: usize, path: &str, key: u8, body: &Value) -> Value {
        let headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, self.tokens[who].clone()),
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            ),
            (
                "idempotency-key".parse().expect("a name"),
                format!("key-number-{key}").parse().expect("a value"),
            ),
        ]);
        let answer = self.ask(&Method::POST, path, headers, body.to_string().as_bytes());
        let parts = answer["parts"].as_array().into_iter().flatten();
        for filed in iter::once(&answer).chain(parts) {
            if let Some(id) = filed["application_id"].as_str()
                && !self.applications.iter().any(|(_, known)| known == id)
            {
                self.applications.push((who, id.to_owned()));
            }
        }
        answer
    }

    fn read(&mut self, path: &str) -> Value {
        self.read_as(0, path)
    }

    fn read_as(&mut self, who: usize, path: &str) -> Value {
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, self.tokens[who].clone())]);
        self.ask(&Method::GET, path, headers, b"")
    }

    /// An application by its place, and who filed it; one that nobody filed when there is none.
    fn application(&self, place: usize) -> (usize, String) {
        let known = self.applications.get(place).cloned();
        known.unwrap_or_else(|| (0, "1".to_owned()))
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Register { car, lookups, key } => {
                let body = if *lookups {
                    registration(*car)
                } else {
                    supplement(*car)
                };
                self.act(0, "/v1/registrations", *key, &body);
            }
            Step::RegisterDrawn { car, key } => {
                let mut body = registration(*car);
                body["plate_choice"] = json!({
                    "method": "random",
                    "plate_draw_id": self.draw["plate_draw_id"],
                    "plate_number": self.draw["plate_numbers"][usize::from(*key)],
                });
                self.act(0, "/v1/registrations", *key, &body);
            }
            Step::Transfer { key } => {
                self.act(1, "/v1/transfers", *key, &transfer());
            }
            Step::Bundle { key } => {
                let mut body = example::<SubmitBundle>("standard");
                body["contact_change"]["agent"] = agent();
                self.act(1, "/v1/bundles", *key, &body);
            }
            Step::Put { application, kind } => {
                let (who, id) = self.application(*application);
                let path = format!("/v1/applications/{id}/materials/{}", MATERIALS[*kind]);
                let headers = HeaderMap::from_iter([
                    (header::AUTHORIZATION, self.tokens[who].clone()),
                    (
                        header::CONTENT_TYPE,
                        HeaderValue::from_static("application/pdf"),
                    ),
                ]);
                self.ask(&Method::PUT, &path, headers, b"%PDF-1.7 a scan");
            }
            Step::Say {
                application,
                word,
                key,
            } => {
                let (who, id) = self.application(*application);
                let path = format!("/v1/applications/{id}/{word}");
                self.act(who, &path, *key, &json!({}));
            }
            Step::Draw { electric, key } => {
                let kind = if *electric { "52" } else { "02" };
                let draw = self.act(0, "/v1/plate-draws", *key, &json!({ "plate_kind": kind }));
                if draw["plate_draw_id"].is_string() {
                    self.draw = draw;
                }
            }
            Step::Read { application, what } => {
                let (who, id) = self.application(*application);
                self.read_as(who, &format!("/v1/applications/{id}{what}"));
            }
            Step::Flag { car, set } => {
                self.sandbox()
                    .flag(vin(*car), VehicleStatusFlag::ViolationPending, *set);
            }
            Step::Silence { car } => {
                self.sandbox()
                    .silence(vin(*car), Lookup::InsurerPlatform, true)
            }
            Step::Nudge { application } => {
                let (_, id) = self.application(*application);
                let id = id.parse().expect("an id");
                self.sandbox().step(&id);
            }
            Step::Pace { pace } => self.sandbox().set_pace(*pace),
            Step::Pass { time } => {
                self.sandbox().clock().advance(*time);
                self.fetch_tokens();
            }
            Step::Freeze { frozen: true } => self.sandbox().clock().freeze(),
            Step::Freeze { frozen: false } => self.sandbox().clock().resume(),
            Step::Command { method, path, body } => {
                let space = self.sandbox().engine().home().id.name();
                let path = format!("/sandbox/v1/spaces/{space}/{path}");
                let json = HeaderValue::from_static("application/json");
                let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
                self.ask(method, &path, headers, body.to_string().as_bytes());
                self.fetch_tokens();
            }
            Step::Restart => self.restart().await,
        }
        // Real time goes by, for a sandbox that runs and for one that is away alike.
        self.host.pass(Duration::from_millis(7));
    }

    /// Reads everything there is.
    fn look_around(&mut self) {
        self.fetch_tokens();
        self.read("/v1/applications");
        for (who, id) in self.applications.clone() {
            for what in ["", "/timeline", "/materials"] {
                self.read_as(who, &format!("/v1/applications/{id}{what}"));
            }
        }
        for number in 1..5 {
            self.read(&format!("/v1/vehicles/{}", vin(number)));
        }
        let sold = &transfer()["vehicle"];
        let plate = ["plate_kind", "plate_number"].map(|name| (name, sold[name].as_str()));
        let plate = serde_urlencoded::to_string(plate).expect("a query");
        self.read(&format!("/v1/vehicles?{plate}"));
        let vin = sold["vin"].as_str().expect("a VIN");
        self.read(&format!("/v1/vehicles/{vin}"));
        self.read("/v1/events");
        self.read("/v1/statistics");
        let space = self.sandbox().engine().home().id.name();
        for what in ["messages", "faults"] {
            self.read(&format!("/sandbox/v1/spaces/{space}/{what}"));
        }
    }

    /// Ends the process, as far as the store can tell, and begins another.
    async fn restart(&mut self) {
        let Some(scratch) = &self.scratch else { return };
        let before = self.rows();
        if let Some(sandbox) = self.sandbox.take() {
            sandbox.stop().await;
        }
        self.sandbox = Some(start(Some(scratch), &self.host).await);
        assert_eq!(before, self.rows());
    }

    /// Every row of the living state, but the one that says when it was written.
    fn rows(&self) -> BTreeSet<(&'static str, String, Option<String>)> {
        let mut copy = self.sandbox().engine().home().lock().clone();
        let saved = copy.save(Moments::now(&self.host)).expect("JSON");
        assert!(saved.whole, "nobody has stored the copy");
        let rows = saved.rows.into_iter();
        rows.filter(|row| row.kind != "rest")
            .map(|row| (row.kind, row.key, row.value))
            .collect()
    }
}

async fn start(scratch: Option<&Scratch>, host: &StandingHost) -> Sandbox {
    let options = Options {
        data_dir: scratch.map(|scratch| scratch.0.clone()),
        ..Options::default()
    };
    let started = Sandbox::start_on(options, Box::new(host.clone())).await;
    started.expect("a port and a directory")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_restart_is_not_seen(steps in vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut lives = [Life::new(false).await, Life::new(true).await];
            for step in &steps {
                for life in &mut lives {
                    life.take(step).await;
                }
            }
            for life in &mut lives {
                life.look_around();
            }
            let [plain, stored] = lives;
            for (one, other) in plain.answers.iter().zip(&stored.answers) {
                prop_assert_eq!(one, other);
            }
            prop_assert_eq!(plain.answers.len(), stored.answers.len());
            Ok(())
        })?;
    }
}

/// A sandbox that keeps its spaces.
async fn kept(scratch: &Scratch, host: &StandingHost) -> Judged {
    let options = Options {
        data_dir: Some(scratch.0.clone()),
        ..Options::default()
    };
    sandbox_of(options, host.clone()).await
}

#[tokio::test]
async fn spaces_their_snapshots_and_their_numbers_survive() {
    let (scratch, host) = (Scratch::new(), StandingHost::default());
    let sandbox = kept(&scratch, &host).await;
    let control = sandbox.control().expect("a client");
    let new = NewSpace::builder()
        .seed(7.try_into().expect("a seed"))
        .frozen(true);
    let space = control.create_space(new.build()).await.expect("made");
    let running = control
        .create_space(NewSpace::default())
        .await
        .expect("made");
    let dealer = credential(&space, OutletKind::Dealer);
    let dealer = Caller::of(sandbox.base_url(), &dealer).await;
    dealer
        .post("/v1/registrations", &registration(1))
        .await
        .ok(201);
    let snapshot = control.take_snapshot(&space.space_id).await.expect("taken");
    dealer
        .post("/v1/registrations", &registration(2))
        .await
        .ok(201);
    let fork = control.fork_space(&space.space_id).await.expect("forked");
    let last = control
        .create_space(NewSpace::default())
        .await
        .expect("made");
    control.delete_space(&last.space_id).await.expect("deleted");
    let clock = control
        .get_space(&running.space_id)
        .await
        .expect("known")
        .clock;
    let before = control
        .list_spaces(&SpaceFilter::default())
        .await
        .expect("spaces");
    drop((control, sandbox));

    let hour = Duration::from_secs(3_600);
    host.pass(hour);
    let sandbox = kept(&scratch, &host).await;
    let control = sandbox.control().expect("a client");
    let after = control
        .list_spaces(&SpaceFilter::default())
        .await
        .expect("spaces");
    assert_eq!(before.items.len(), after.items.len());
    for (before, after) in before.items.iter().zip(&after.items) {
        if before.clock.frozen {
            assert_eq!(before, after);
        }
    }
    let gone_on = control
        .get_space(&running.space_id)
        .await
        .expect("known")
        .clock;
    assert_eq!(gone_on.now.timestamp(), clock.now.timestamp() + hour);
    // Whoever had a token still has it, and finds what was filed, in the fork as well.
    let stranger = sandbox.stranger();
    let dealer = stranger.with_token(dealer.bearer());
    let filed = dealer.get("/v1/applications").await.ok(200);
    assert_eq!(filed["items"].as_array().map(Vec::len), Some(2));
    let fork = control.get_space(&fork.space_id).await.expect("known");
    assert_eq!(fork.applications, 2);
    let back = control.restore_snapshot(&snapshot).await.expect("kept");
    assert_eq!(
        (back.applications, &back.snapshots[..]),
        (1, &[snapshot][..])
    );
    let next = control.take_snapshot(&space.space_id).await.expect("taken");
    assert_ne!(next.snapshot_id, back.snapshots[0].snapshot_id);
    // A client id that once worked must not open another's space.
    let another = control
        .create_space(NewSpace::default())
        .await
        .expect("made");
    assert_ne!(another.space_id, last.space_id);
}

#[tokio::test]
async fn what_was_to_be_pushed_is_pushed_after_a_restart_without_being_asked_for() {
    let (scratch, host) = (Scratch::new(), StandingHost::default());
    let sandbox = kept(&scratch, &host).await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let mut receiver = Receiver::answering(&[500, 204]).await;
    let request = decoded(json!({ "url": receiver.url() }));
    let webhook = client
        .create_webhook(&Submission::new(request))
        .await
        .expect("subscribed");
    client
        .test_webhook(&webhook.webhook_id, EventType::WebhookTest)
        .await
        .expect("pushed");
    sandbox.pushed().await;
    receiver.next().await;
    drop(sandbox);

    // The second attempt falls due while nobody is there to make it.
    host.pass(Duration::from_secs(10));
    let sandbox = kept(&scratch, &host).await;
    receiver.next().await;
    let pushes = receiver.pushes();
    assert!(pushes.iter().all(|push| push.verified(&webhook).is_ok()));
    sandbox.pushed().await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let deliveries = client.list_deliveries(&webhook.webhook_id, DeliveryFilter::default());
    let deliveries = deliveries.try_collect().await.expect("own");
    let attempts: Vec<_> = deliveries[0]
        .attempts
        .iter()
        .map(|one| one.http_status)
        .collect();
    assert_eq!(attempts, [Some(500), Some(204)]);
}

#[tokio::test]
async fn a_data_directory_belongs_to_one_sandbox_at_a_time() {
    let (scratch, host) = (Scratch::new(), StandingHost::default());
    let _first = kept(&scratch, &host).await;
    let options = Options {
        data_dir: Some(scratch.0.clone()),
        ..Options::default()
    };
    let refused = Sandbox::start_with(options).await.expect_err("it is taken");
    let told = refused.to_string();
    assert!(
        told.contains("正被另一个沙箱使用") && told.contains("in use by another"),
        "{told}"
    );
}
