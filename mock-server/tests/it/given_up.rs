//! Time that a reset or a restore gives up: what was given out in it is told apart from what follows.

use http::header;
use lingminban::{
    Submission,
    api::{
        Cursor, Event, EventPage, EventType, OutletKind,
        control::{DeliveryEffect, FireCommand, NewSpace, SpaceCreated, SpaceId},
    },
};
use lingminban_sandbox::{Control, Options};
use serde_json::{Value, json};

use crate::support::*;

/// A space whose clock stands still, and what a test needs to work in it.
struct Bench {
    sandbox: Judged,
    control: Control,
    space: SpaceCreated,
}

impl Bench {
    async fn new() -> Self {
        Self::of(sandbox().await).await
    }

    async fn of(sandbox: Judged) -> Self {
        let control = sandbox.control().expect("a client");
        let still = NewSpace::builder().frozen(true).build();
        let space = control.create_space(still).await.expect("made");
        Self {
            sandbox,
            control,
            space,
        }
    }

    fn id(&self) -> &SpaceId {
        &self.space.space_id
    }

    /// The space's dealer, with a fresh token.
    async fn dealer(&self) -> Caller {
        let credential = credential(&self.space, OutletKind::Dealer);
        Caller::of(self.sandbox.base_url(), &credential).await
    }

    /// Files a registration and lets it be completed: five events.
    async fn register(&self, caller: &Caller, number: u32) -> Value {
        let filed = caller
            .post("/v1/registrations", &registration(number))
            .await
            .ok(201);
        self.advance("PT1S").await;
        filed
    }

    async fn advance(&self, period: &str) {
        let period = period.parse().expect("a period");
        let to = lingminban::api::control::ClockMove::Advance(period);
        self.control.clock(self.id(), to).await.expect("moved");
    }

    async fn reset(&self) {
        self.control.reset_space(self.id()).await.expect("reset");
    }

    async fn snapshot(&self) -> lingminban::api::control::Snapshot {
        self.control.take_snapshot(self.id()).await.expect("taken")
    }

    async fn restore(&self, snapshot: &lingminban::api::control::Snapshot) {
        self.control
            .restore_snapshot(snapshot)
            .await
            .expect("restored");
    }
}

async fn page(caller: &Caller, cursor: Option<&Cursor>) -> EventPage {
    let query = cursor.map_or_else(String::new, |cursor| format!("?cursor={cursor}"));
    let got = caller.get(&format!("/v1/events{query}")).await;
    decoded(got.ok(200))
}

async fn is_given_up(caller: &Caller, cursor: &Cursor) {
    let refused = caller.get(&format!("/v1/events?cursor={cursor}")).await;
    refused.refused(400, "invalid_cursor");
    assert_eq!(refused.errors()[0].0, "cursor");
    let problem = refused.json();
    for told in [&problem["detail"], &problem["errors"][0]["message"]] {
        let told = told.as_str().expect("text");
        assert!(
            told.contains("已重置") && told.contains("去掉 cursor"),
            "{told}"
        );
    }
}

fn ids(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.event_id.as_str()).collect()
}

async fn tokens_are_refused(caller: &Caller) {
    let refused = caller.get("/v1/applications").await;
    refused.refused(401, "invalid_token");
    let challenge = refused.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("invalid_token"), "{challenge}");
    let told = refused.json()["detail"].as_str().map(str::to_owned);
    assert!(told.expect("text").contains("已重置"));
}

#[tokio::test]
async fn a_token_ends_with_the_time_it_was_issued_in() {
    let bench = Bench::new().await;
    let before = bench.dealer().await;
    let snapshot = bench.snapshot().await;
    let after = bench.dealer().await;
    bench.restore(&snapshot).await;
    before.get("/v1/applications").await.ok(200);
    tokens_are_refused(&after).await;
    // As many were issued again: a number alone tells nothing.
    let second = bench.dealer().await;
    assert_ne!(after.bearer(), second.bearer());
    second.get("/v1/applications").await.ok(200);
    tokens_are_refused(&after).await;
    // A snapshot of the second time knows the second time's.
    let later = bench.snapshot().await;
    bench.restore(&snapshot).await;
    tokens_are_refused(&second).await;
    bench.restore(&later).await;
    for known in [&before, &second] {
        known.get("/v1/applications").await.ok(200);
    }
    tokens_are_refused(&after).await;
    // They live as long as they were to.
    bench.advance("PT2H").await;
    before
        .get("/v1/applications")
        .await
        .refused(401, "expired_token");

    bench.reset().await;
    let new = bench.dealer().await;
    for old in [&before, &after, &second] {
        assert_ne!(old.bearer(), new.bearer());
        tokens_are_refused(old).await;
    }
    new.get("/v1/applications").await.ok(200);
    bench.restore(&later).await;
    second.get("/v1/applications").await.ok(200);
    tokens_are_refused(&new).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_told_in_english_too_and_before_its_scope() {
    let bench = Bench::new().await;
    let credential = credential(&bench.space, OutletKind::Dealer);
    let stranger = bench.sandbox.stranger();
    let narrow = stranger.token(&credential, Some("events")).await;
    let narrow = narrow.ok(200)["access_token"].clone();
    let narrow = narrow.as_str().expect("a token");
    let caller = bench.dealer().await.with_token(narrow);
    let ask = async || {
        let request = caller.request(http::Method::GET, "/v1/applications");
        let english = request.header(header::ACCEPT_LANGUAGE, "en");
        caller.send(english).await
    };
    ask().await.refused(403, "insufficient_scope");
    bench.reset().await;
    let refused = ask().await;
    refused.refused(401, "invalid_token");
    let told = refused.json()["detail"].as_str().map(str::to_owned);
    assert!(told.expect("text").starts_with("The space was reset"));
}

#[tokio::test]
async fn a_client_of_the_sdk_outlives_resets_and_restores() {
    let bench = Bench::new().await;
    let client = bench
        .sandbox
        .client_of(&bench.space.credentials[0])
        .expect("a client");
    let snapshot = bench.snapshot().await;
    let first = client
        .submit_registration(&registration_of(registration(1)))
        .await
        .expect("filed");
    for restored in [false, true] {
        if restored {
            bench.restore(&snapshot).await;
        } else {
            bench.reset().await;
        }
        let again = client
            .submit_registration(&registration_of(registration(1)))
            .await
            .expect("filed under a token of its own fetching");
        // Records are as they were, their numbers among them.
        assert_eq!(first.application_id, again.application_id);
    }
}

#[tokio::test]
async fn a_cursor_ends_with_the_time_its_events_happened_in() {
    let bench = Bench::new().await;
    let dealer = bench.dealer().await;
    let nothing = page(&dealer, None).await.next_cursor;
    bench.register(&dealer, 1).await;
    let known = page(&dealer, None).await;
    let snapshot = bench.snapshot().await;
    bench.register(&dealer, 2).await;
    let given_up = page(&dealer, None).await;

    bench.restore(&snapshot).await;
    is_given_up(&dealer, &given_up.next_cursor).await;
    // Even what would look the same is not what the cursor has behind it.
    bench.register(&dealer, 2).await;
    is_given_up(&dealer, &given_up.next_cursor).await;
    for event in &given_up.items[5..] {
        is_given_up(&dealer, event.cursor.as_ref().expect("in the list")).await;
    }
    let since = page(&dealer, Some(&known.next_cursor)).await;
    assert_eq!(since.items.len(), 5);
    let all = page(&dealer, Some(&nothing)).await;
    assert_eq!(all.items[..5], known.items);
    assert_eq!(all.items[5..], since.items);
    // A place in the past that both times share keeps its cursor.
    let seen = &given_up.items[4].cursor;
    assert_eq!(seen.as_ref(), Some(&known.next_cursor));

    bench.reset().await;
    let dealer = bench.dealer().await;
    bench.register(&dealer, 1).await;
    for cursor in [&known.next_cursor, &given_up.next_cursor, &nothing] {
        is_given_up(&dealer, cursor).await;
    }
    // What nobody was given is told as before.
    let refused = dealer.get("/v1/events?cursor=AAAAAAAAAAAAAAAA").await;
    refused.refused(400, "invalid_cursor");
    let told = refused.json()["detail"].as_str().map(str::to_owned);
    assert!(!told.expect("text").contains("重置"));
}

#[tokio::test]
async fn a_stream_of_the_sdk_hears_that_its_time_is_gone() {
    let bench = Bench::new().await;
    let client = bench
        .sandbox
        .client_of(&bench.space.credentials[0])
        .expect("a client");
    let snapshot = bench.snapshot().await;
    bench.register(&bench.dealer().await, 1).await;
    let mut stream = client.events(None).until_read();
    let followed = stream.next().await.expect("one").expect("an event");
    bench.restore(&snapshot).await;
    bench.register(&bench.dealer().await, 2).await;
    let mut resumed = client.events(Some(followed.cursor)).until_read();
    let error = resumed.next().await.expect("told").expect_err("refused");
    assert!(error.to_string().contains("invalid_cursor"), "{error}");
    let mut anew = client.events(None).until_read();
    let event = anew.next().await.expect("one").expect("an event").event;
    assert_ne!(event.event_id, followed.event.event_id);
}

#[tokio::test]
async fn no_event_id_is_given_twice_across_restores() {
    let bench = Bench::new().await;
    let fresh = bench.snapshot().await;
    let dealer = bench.dealer().await;
    let filed = bench.register(&dealer, 1).await;
    let shared = page(&dealer, None).await.items;
    let snapshot = bench.snapshot().await;
    let mut given: Vec<String> = ids(&shared).into_iter().map(str::to_owned).collect();
    for (from, old, round) in [
        (&snapshot, 5, 1),
        (&snapshot, 5, 2),
        (&fresh, 0, 3),
        (&snapshot, 5, 4),
    ] {
        bench.restore(from).await;
        let dealer = bench.dealer().await;
        let again = bench.register(&dealer, 2).await;
        let events = page(&dealer, None).await.items;
        assert_eq!(events.len(), old + 5);
        // What had happened before is what it was, whatever came between.
        assert_eq!(events[..old], shared[..old]);
        given.extend(ids(&events[old..]).into_iter().map(str::to_owned));
        // The records of an equal past have equal numbers.
        let number = |filed: &Value| filed["application_id"].as_str().map(str::parse::<u64>);
        let (first, again) = (number(&filed), number(&again));
        let apart = u64::from(old > 0);
        assert_eq!(
            first.map(|first| first.expect("digits") + apart),
            again.map(|again| again.expect("digits")),
            "round {round}"
        );
    }
    // A reset is as new, and gives nothing to what is restored after it.
    bench.reset().await;
    let dealer = bench.dealer().await;
    bench.register(&dealer, 1).await;
    assert_eq!(ids(&page(&dealer, None).await.items), ids(&shared));
    bench.restore(&fresh).await;
    let dealer = bench.dealer().await;
    bench.register(&dealer, 1).await;
    given.extend(
        ids(&page(&dealer, None).await.items)
            .into_iter()
            .map(str::to_owned),
    );
    let all = given.len();
    given.sort_unstable();
    given.dedup();
    assert_eq!((given.len(), all), (30, 30));
}

#[tokio::test]
async fn no_push_has_the_id_of_another_across_restores() {
    let bench = Bench::new().await;
    let receiver = Receiver::answering(&[204]).await;
    let client = bench
        .sandbox
        .client_of(&bench.space.credentials[0])
        .expect("a client");
    let wish = decoded(json!({"url": receiver.url(), "event_types": ["application.received"]}));
    let webhook = client.create_webhook(&Submission::new(wish)).await;
    let webhook = webhook.expect("subscribed").webhook_id;
    let snapshot = bench.snapshot().await;
    for _ in 0..3 {
        bench.restore(&snapshot).await;
        client
            .submit_registration(&registration_of(registration(1)))
            .await
            .expect("filed");
        client
            .test_webhook(&webhook, EventType::WebhookTest)
            .await
            .expect("pushed");
        let fired = FireCommand::builder()
            .kind(EventType::ApplicationReceived)
            .effect(DeliveryEffect::Duplicate)
            .build();
        let fired = bench.control.fire_event(bench.id(), fired).await;
        fired.expect("pushed");
        while bench
            .control
            .get_space(bench.id())
            .await
            .expect("known")
            .pushes_waiting
            > 0
        {
            tokio::task::yield_now().await;
        }
    }
    let pushes = receiver.pushes();
    let mut ids: Vec<&str> = pushes
        .iter()
        .map(|push| push.headers["webhook-id"].to_str().expect("text"))
        .collect();
    // Three a round, of which one comes twice under one id.
    assert_eq!(ids.len(), 12);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 9);
}

/// What is told in a space from its first request on, without tokens.
async fn told(bench: &Bench) -> Vec<String> {
    let dealer = bench.dealer().await;
    let filed = dealer
        .post_keyed("/v1/registrations", "one-key-for-all", &registration(1))
        .await;
    bench.advance("PT1S").await;
    let id = filed.json()["application_id"].as_str().map(str::to_owned);
    let id = id.expect("an id");
    let mut told = vec![written(&filed)];
    for path in [
        format!("/v1/applications/{id}"),
        format!("/v1/applications/{id}/timeline"),
        "/v1/events".to_owned(),
    ] {
        told.push(written(&dealer.get(&path).await));
    }
    told
}

#[tokio::test]
async fn after_a_reset_only_tokens_and_cursors_are_other_than_at_first() {
    let bench = Bench::new().await;
    let first = told(&bench).await;
    bench.reset().await;
    let second = told(&bench).await;
    assert_eq!(first[..3], second[..3]);
    assert_ne!(first[3], second[3]);
    let without_cursors = |text: &str| {
        let body = text.find('{').map(|start| &text[start..]);
        let page: EventPage = serde_json::from_str(body.expect("JSON")).expect("a page");
        let items = page.items.into_iter().map(|event| Event {
            cursor: None,
            ..event
        });
        items.collect::<Vec<_>>()
    };
    assert_eq!(without_cursors(&first[3]), without_cursors(&second[3]));
}

#[tokio::test]
async fn a_fork_goes_on_in_the_same_past_to_the_last_byte() {
    let bench = Bench::new().await;
    let dealer = bench.dealer().await;
    let snapshot = bench.snapshot().await;
    bench.register(&dealer, 1).await;
    bench.restore(&snapshot).await;
    bench.register(&dealer, 1).await;
    let shared = page(&dealer, None).await;
    let forks = [
        bench.control.fork_space(bench.id()).await,
        bench.control.fork_space(bench.id()).await,
    ];
    let mut pages = Vec::new();
    for fork in forks {
        let fork = fork.expect("forked");
        let forked = Caller::of(
            bench.sandbox.base_url(),
            &credential(&fork, OutletKind::Dealer),
        )
        .await;
        assert!(
            page(&forked, Some(&shared.next_cursor))
                .await
                .items
                .is_empty()
        );
        forked
            .post("/v1/registrations", &registration(2))
            .await
            .ok(201);
        pages.push(page(&forked, None).await);
    }
    dealer
        .post("/v1/registrations", &registration(2))
        .await
        .ok(201);
    pages.push(page(&dealer, None).await);
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
    assert_eq!(pages[0].items[..5], shared.items);
}

#[tokio::test]
async fn what_was_given_up_stays_so_over_a_restart() {
    let (scratch, host) = (Scratch::new(), StandingHost::default());
    let start = async || {
        let options = Options {
            data_dir: Some(scratch.0.clone()),
            ..Options::default()
        };
        sandbox_of(options, host.clone()).await
    };
    let mut bench = Bench::of(start().await).await;
    let dealer = bench.dealer().await;
    bench.register(&dealer, 1).await;
    let known = page(&dealer, None).await;
    let snapshot = bench.snapshot().await;
    let late = bench.dealer().await;
    bench.register(&late, 2).await;
    let given_up = page(&late, None).await;
    bench.restore(&snapshot).await;
    bench.register(&dealer, 2).await;
    let before = page(&dealer, None).await;

    let space = bench.space.clone();
    drop(bench);
    let sandbox = start().await;
    bench = Bench {
        control: sandbox.control().expect("a client"),
        sandbox,
        space,
    };
    let of_the_new_address = |caller: &Caller| bench.sandbox.stranger().with_token(caller.bearer());
    let (dealer, late) = (of_the_new_address(&dealer), of_the_new_address(&late));
    tokens_are_refused(&late).await;
    is_given_up(&dealer, &given_up.next_cursor).await;
    assert_eq!(page(&dealer, None).await, before);
    let since = page(&dealer, Some(&known.next_cursor)).await;
    assert_eq!(since.items, before.items[5..]);
    bench.restore(&snapshot).await;
    bench.register(&dealer, 2).await;
    let third = page(&dealer, Some(&known.next_cursor)).await;
    for told in [&given_up, &before] {
        let known = ids(&told.items);
        assert!(ids(&third.items).iter().all(|id| !known.contains(id)));
        is_given_up(&dealer, &told.next_cursor).await;
    }
    bench.reset().await;
    tokens_are_refused(&dealer).await;
}
