//! Evidence: what a journal keeps, for how long, what it says, and what never leaves it.

use ::http::Method;
use lingminban::api::{
    OutletKind,
    control::{
        ExportFormat, ExportQuery, JournalEntry, JournalFilter, JournalPage, KeyVerdict, NewSpace,
        SpaceCreated,
    },
};
use lingminban_sandbox::{Credential, Options, Sandbox, Settings};
use serde_json::{Value, json};

use crate::support::*;

const HOME: &str = "/sandbox/v1/spaces/space-0/journal";

async fn read(sandbox: &Sandbox, query: &str) -> JournalPage {
    let stranger = Caller::stranger(sandbox.base_url());
    let got = stranger.get(&format!("{HOME}{query}")).await;
    decoded(got.ok(200))
}

async fn entries(sandbox: &Sandbox, query: &str) -> Vec<JournalEntry> {
    read(sandbox, query).await.items
}

fn numbers(entries: &[JournalEntry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.number).collect()
}

async fn export(sandbox: &Sandbox, format: ExportFormat) -> String {
    let control = sandbox.control().expect("a client");
    let query = ExportQuery::builder().format(format).build();
    let home = "space-0".parse().expect("an id");
    control.export_journal(&home, &query).await.expect("served")
}

/// The last entry's near miss in Chinese and in English.
async fn near_miss(sandbox: &Judged) -> (String, String) {
    let mut told = Vec::new();
    for language in ["zh-CN", "en"] {
        let stranger = sandbox.stranger();
        let request = stranger
            .request(Method::GET, &format!("{HOME}?page_size=200"))
            .header("Accept-Language", language);
        let page: JournalPage = decoded(stranger.send(request).await.ok(200));
        let last = page.items.last().expect("an entry");
        told.push(last.near_miss.clone().unwrap_or_default());
    }
    (told[0].clone(), told[1].clone())
}

async fn put_scan(caller: &Caller, id: &str, kind: &str, bytes: &'static str) -> Got {
    let path = format!("/v1/applications/{id}/materials/{kind}");
    let request = caller.request(Method::PUT, &path);
    let request = request.header("Content-Type", "application/pdf");
    caller.send(request.body(bytes)).await
}

fn id_of(filed: &Got) -> String {
    let filed = filed.ok(201);
    filed["application_id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn an_entry_tells_the_request_the_answer_and_what_became_of_the_key() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let path = "/v1/registrations?validate_only=false";
    dealer
        .post_keyed(path, "key-0001", &supplement(1))
        .await
        .ok(201);
    dealer
        .post_keyed(path, "key-0001", &supplement(1))
        .await
        .ok(201);
    dealer
        .post_keyed(path, "key-0001", &supplement(2))
        .await
        .refused(422, "idempotency_key_reused");
    dealer
        .post_keyed(path, "short", &supplement(2))
        .await
        .refused(400, "invalid_idempotency_key");

    let [token, first, again, reused, refused]: [JournalEntry; 5] = entries(&sandbox, "")
        .await
        .try_into()
        .expect("five entries");
    let verdicts = [&token, &first, &again, &reused, &refused].map(|it| it.idempotency.as_str());
    assert_eq!(verdicts, ["none", "first", "replayed", "reused", "refused"]);
    assert_eq!(numbers(&[token, again]), [1, 3]);

    assert_eq!(first.operation.as_deref(), Some("submit_registration"));
    assert_eq!(first.partner.as_deref(), Some("zb-dealer-1"));
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("POST", "/v1/registrations")
    );
    assert_eq!(first.query.as_deref(), Some("validate_only=false"));
    assert_eq!(first.idempotency_key.as_deref(), Some("key-0001"));
    assert_eq!(first.at.to_string(), "2026-03-02T09:00:00+08:00");
    assert_eq!(first.status, Some(201));
    let body = first.request.body.expect("a body");
    assert_eq!(body.size_bytes, supplement(1).to_string().len() as u64);
    let sent: Value = serde_json::from_str(&body.text.expect("kept")).unwrap();
    assert_eq!(sent["vehicle"], supplement(1)["vehicle"]);
    assert_eq!(sent["owner"]["name"], "***");
    let answer = first.answer.expect("answered");
    let told: Value =
        serde_json::from_str(&answer.body.expect("a body").text.expect("kept")).unwrap();
    assert_eq!(told["status"], "received");
    let id = answer
        .headers
        .iter()
        .find(|header| header.name == "x-request-id");
    assert_eq!(id.map(|id| &id.value), Some(&first.request_id));
    assert_eq!(first.fault, None);
}

#[tokio::test]
async fn a_filter_lets_pass_what_fits_all_of_it() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let filed = dealer
        .post_keyed("/v1/registrations", "the-key-1", &registration(1))
        .await;
    let id = id_of(&filed);
    dealer.get(&format!("/v1/applications/{id}")).await.ok(200);
    sandbox.clock().advance(std::time::Duration::from_secs(60));
    dealer
        .get("/v1/applications/none")
        .await
        .refused(404, "application_not_found");
    let named = dealer
        .request(Method::GET, "/v1/outlets")
        .header("X-Request-Id", "mine");
    dealer.send(named).await.ok(200);

    for (query, expected) in [
        ("?operation=submit_registration", &[2][..]),
        ("?operation=get_application&status=4xx", &[4]),
        ("?status=200", &[1, 3, 5]),
        ("?status=none", &[]),
        ("?key=the-key-1", &[2]),
        ("?key=the-key-2", &[]),
        (&format!("?application_id={id}"), &[2, 3]),
        ("?request_id=mine", &[5]),
        ("?from=2026-03-02T09:00:30%2B08:00", &[4, 5]),
        ("?before=2026-03-02T01:01:00Z", &[1, 2, 3]),
        ("?from=2026-03-02T09:01:00%2B08:00&status=2xx", &[5]),
    ] {
        assert_eq!(
            numbers(&entries(&sandbox, query).await),
            expected,
            "{query}"
        );
    }
    for (query, place) in [
        ("?operation=submit_registrations", "operation"),
        ("?status=6xx", "status"),
        ("?from=today", "from"),
        ("?page_size=0", "page_size"),
        ("?colour=red", "colour"),
    ] {
        let got = sandbox.stranger().get(&format!("{HOME}{query}")).await;
        got.refused(400, "invalid_parameter");
        assert_eq!(got.errors()[0].0, place);
    }
    let got = sandbox.stranger().get(&format!("{HOME}/export")).await;
    assert_eq!(got.errors(), [("format".to_owned(), "required".to_owned())]);
}

#[tokio::test]
async fn pages_are_stable_while_entries_are_added() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    for _ in 0..4 {
        dealer.get("/v1/applications").await.ok(200);
    }
    let first = read(&sandbox, "?page_size=2&operation=list_applications").await;
    assert_eq!(numbers(&first.items), [2, 3]);
    dealer.get("/v1/applications").await.ok(200);
    let token = first.next_page_token.expect("more");
    let rest = format!("?page_size=2&operation=list_applications&page_token={token}");
    let second = read(&sandbox, &rest).await;
    assert_eq!(numbers(&second.items), [4, 5]);
    let token = second.next_page_token.expect("more");
    let rest = format!("?page_size=2&operation=list_applications&page_token={token}");
    let last = read(&sandbox, &rest).await;
    assert_eq!(
        (numbers(&last.items), last.next_page_token),
        (vec![6], None)
    );
    let other = sandbox
        .stranger()
        .get(&format!("{HOME}?page_token={token}"))
        .await;
    other.refused(400, "invalid_page_token");
}

#[tokio::test]
async fn a_repetition_that_is_none_is_told_in_words() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let path = "/v1/registrations";
    dealer
        .post_keyed(path, "key-0001", &registration(1))
        .await
        .ok(201);

    dealer
        .post_keyed(path, "key-0002", &registration(1))
        .await
        .refused(409, "already_submitted");
    let (zh, en) = near_miss(&sandbox).await;
    assert_eq!(
        zh,
        "换了幂等键的重发：同样的请求已作为第 2 号以另一幂等键发送"
    );
    assert_eq!(
        en,
        "a retry with a new key: the same request was sent as number 2 under another key"
    );

    let mut other = registration(1);
    other["vehicle"]["engine_number"] = json!("OTHER1");
    dealer
        .post_keyed(path, "key-0001", &other)
        .await
        .refused(422, "idempotency_key_reused");
    let (zh, en) = near_miss(&sandbox).await;
    assert_eq!(
        zh,
        "与第 2 号请求的幂等键相同，请求体在 /vehicle/engine_number 不同"
    );
    assert_eq!(
        en,
        "the same key as request 2, a body that differs in /vehicle/engine_number"
    );

    dealer
        .post_keyed(path, "key-0003", &other)
        .await
        .refused(409, "already_submitted");
    let (zh, en) = near_miss(&sandbox).await;
    assert_eq!(
        zh,
        "与第 2 号请求的 partner_reference 相同，请求体在 /vehicle/engine_number 不同"
    );
    assert!(
        en.starts_with("the same partner_reference as request 2"),
        "{en}"
    );

    let dry = "/v1/registrations?validate_only=true";
    dealer
        .post_keyed(dry, "key-0001", &registration(1))
        .await
        .refused(422, "idempotency_key_reused");
    let (_, en) = near_miss(&sandbox).await;
    assert_eq!(
        en,
        "the same key stands for request 2: POST /v1/registrations"
    );

    let control = sandbox.control().unwrap();
    control
        .clear_journal(&"space-0".parse().unwrap())
        .await
        .unwrap();
    dealer
        .post_keyed(path, "key-0001", &other)
        .await
        .refused(422, "idempotency_key_reused");
    let (zh, en) = near_miss(&sandbox).await;
    assert_eq!(zh, "同一幂等键先前的请求已不在日志中");
    assert_eq!(
        en,
        "the request first sent under this key is no longer in the journal"
    );

    // A refused request may be sent anew under any key.
    dealer
        .post_keyed(path, "key-0009", &json!({}))
        .await
        .refused(422, "validation_failed");
    dealer
        .post_keyed(path, "key-0010", &json!({}))
        .await
        .refused(422, "validation_failed");
    assert_eq!(near_miss(&sandbox).await, (String::new(), String::new()));
}

#[tokio::test]
async fn an_answer_that_was_withheld_is_told_with_the_fault_that_withheld_it() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let request = dealer
        .request(Method::POST, "/v1/registrations")
        .header("Idempotency-Key", "key-0001")
        .header("Sandbox-Fault", "lost_ack");
    assert!(request.json(&registration(1)).send().await.is_err());
    let path = "/v1/registrations";
    let again = dealer.post_keyed(path, "key-0002", &registration(1)).await;
    again.refused(409, "already_submitted");

    let lost = &entries(&sandbox, "?status=none").await[0];
    assert_eq!((lost.status, &lost.answer), (None, &None));
    assert_eq!(lost.fault.as_deref(), Some("lost_ack"));
    assert_eq!(lost.idempotency, KeyVerdict::First);
    let (_, en) = near_miss(&sandbox).await;
    let told = "a retry with a new key: the same request was sent as number 2 under another key";
    assert_eq!(en, told);
    let har: Value = serde_json::from_str(&export(&sandbox, ExportFormat::Har).await).unwrap();
    is_har(&har);
    assert_eq!(har["log"]["entries"][1]["response"]["status"], 0);
}

#[tokio::test]
async fn a_stray_request_is_told_where_it_was_meant_to_go() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let created = control.create_space(NewSpace::default()).await.unwrap();
    let there = dealer_in(&sandbox, &created).await;
    let id = id_of(&there.post("/v1/registrations", &registration(1)).await);
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let home_id = id_of(&dealer.post("/v1/registrations", &registration(1)).await);
    let market = sandbox.caller(OutletKind::UsedCarMarket).await;

    market
        .get(&format!("/v1/applications/{home_id}"))
        .await
        .refused(404, "application_not_found");
    let (zh, en) = near_miss(&sandbox).await;
    assert_eq!(zh, "这笔业务属于另一合作单位：zb-dealer-1");
    assert_eq!(en, "this application is another partner's: zb-dealer-1");

    there
        .post("/v1/registrations", &registration(2))
        .await
        .ok(201);
    let second = format!("{}2", &id[..id.len() - 1]);
    dealer
        .get(&format!("/v1/applications/{second}"))
        .await
        .refused(404, "application_not_found");
    let (zh, en) = near_miss(&sandbox).await;
    assert_eq!(zh, "令牌属于另一空间：space-1 中有这笔业务");
    assert_eq!(en, "a token of another space: space-1 has this application");

    dealer
        .post("/v1/registration", &registration(3))
        .await
        .refused(404, "unknown_path");
    let (zh, en) = near_miss(&sandbox).await;
    assert_eq!(
        zh,
        "接近 submit_registration（POST /v1/registrations），路径仅有此不同：registration 应为 registrations"
    );
    assert!(
        en.starts_with("close to submit_registration (POST /v1/registrations)"),
        "{en}"
    );

    dealer
        .post(&format!("/v1/applications/{home_id}"), &json!({}))
        .await
        .refused(405, "method_not_allowed");
    let (zh, en) = near_miss(&sandbox).await;
    assert_eq!(zh, "该地址有其他方法：GET (get_application)");
    assert_eq!(
        en,
        "the path exists with another method: GET (get_application)"
    );

    control.delete_space(&created.space_id).await.unwrap();
    there.get("/v1/outlets").await.refused(401, "invalid_token");
    let (_, en) = near_miss(&sandbox).await;
    assert!(
        en.contains("space-1, which this sandbox does not have"),
        "{en}"
    );

    let settings = Settings {
        seed: 9,
        ..Settings::default()
    };
    let strange = sandbox_with(settings)
        .await
        .caller(OutletKind::Dealer)
        .await;
    dealer
        .with_token(strange.bearer())
        .get("/v1/outlets")
        .await
        .refused(401, "invalid_token");
    let (_, en) = near_miss(&sandbox).await;
    assert!(en.contains("space-0, which did not sign it"), "{en}");
}

fn credential(created: &SpaceCreated, kind: OutletKind) -> Credential {
    let found = created
        .credentials
        .iter()
        .find(|it| it.outlet_kind == kind)
        .expect("one");
    Credential {
        outlet_kind: kind,
        outlet_id: found.outlet_id.clone(),
        operator_id: found.operator_id.clone(),
        client_id: found.client_id.as_str().into(),
        client_secret: found.client_secret.clone(),
    }
}

async fn dealer_in(sandbox: &Judged, created: &SpaceCreated) -> Caller {
    Caller::of(sandbox.base_url(), &credential(created, OutletKind::Dealer)).await
}

#[tokio::test]
async fn each_journal_has_its_own_spaces_requests_and_the_first_what_belongs_to_none() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let created = control.create_space(NewSpace::default()).await.unwrap();
    let credential = credential(&created, OutletKind::Dealer);
    let dealer = Caller::of(sandbox.base_url(), &credential).await;
    dealer.get("/v1/nothing").await.refused(404, "unknown_path");
    let stranger = sandbox.stranger();
    let narrow = stranger.token(&credential, Some("vehicles")).await.ok(200);
    let narrow = dealer.with_token(narrow["access_token"].as_str().expect("a token"));
    narrow
        .get("/v1/applications")
        .await
        .refused(403, "insufficient_scope");
    sandbox
        .stranger()
        .get("/v1/applications")
        .await
        .refused(401, "missing_token");
    sandbox
        .stranger()
        .get("/v1/nowhere")
        .await
        .refused(404, "unknown_path");
    sandbox.stranger().get("/healthz").await.ok(200);

    let all = JournalFilter::default();
    let told = |page: JournalPage| -> Vec<(String, Option<u16>)> {
        let items = page.items.into_iter();
        items.map(|entry| (entry.path, entry.status)).collect()
    };
    let own = |path: &str, status| (path.to_owned(), Some(status));
    let there = control.journal(&created.space_id, &all).await.unwrap();
    assert!(there.items.iter().all(|entry| {
        entry.operation.as_deref() == Some("issue_token") || entry.partner.is_some()
    }));
    assert_eq!(
        told(there),
        [
            own("/oauth2/token", 200),
            own("/v1/nothing", 404),
            own("/oauth2/token", 200),
            own("/v1/applications", 403)
        ]
    );
    let home = control
        .journal(&"space-0".parse().unwrap(), &all)
        .await
        .unwrap();
    assert_eq!(
        told(home),
        [own("/v1/applications", 401), own("/v1/nowhere", 404)]
    );
}

#[tokio::test]
async fn a_journal_ends_with_its_space_and_goes_along_with_no_copy_of_it() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let space = control.create_space(NewSpace::default()).await.unwrap();
    let id = &space.space_id;
    let dealer = dealer_in(&sandbox, &space).await;
    let all = JournalFilter::default();
    let kept = async |id| numbers(&control.journal(id, &all).await.unwrap().items);

    let snapshot = control.take_snapshot(id).await.unwrap();
    dealer.get("/v1/applications").await.ok(200);
    control.restore_snapshot(&snapshot).await.unwrap();
    assert_eq!(kept(id).await, [1, 2]);
    let fork = control.fork_space(id).await.unwrap();
    assert_eq!(kept(&fork.space_id).await, [0; 0]);

    control.clear_journal(id).await.unwrap();
    assert_eq!(kept(id).await, [0; 0]);
    dealer.get("/v1/applications").await.ok(200);
    assert_eq!(kept(id).await, [3]);
    control.reset_space(id).await.unwrap();
    assert_eq!(kept(id).await, [0; 0]);
    // With a token from before.
    let refused = dealer.get("/v1/applications").await;
    refused.refused(401, "invalid_token");
    assert_eq!(kept(id).await, [1]);
}

#[tokio::test]
async fn the_oldest_make_room_and_the_journal_says_so() {
    const BYTES: usize = 20_000;
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let asked = NewSpace::builder()
        .journal_bytes(20_000_u64.try_into().unwrap())
        .build();
    let space = control.create_space(asked).await.unwrap();
    let dealer = dealer_in(&sandbox, &space).await;
    let engine_space = sandbox
        .engine()
        .spaces()
        .from(Default::default(), 9)
        .pop()
        .unwrap();
    for number in 0..40 {
        dealer
            .get(&format!("/v1/outlets/none-{number}"))
            .await
            .refused(404, "outlet_not_found");
        assert!(engine_space.journal().bytes() <= BYTES);
    }
    // One that takes most of the budget, and one that takes more than all of it.
    dealer.get("/v1/outlets?page_size=40").await.ok(200);
    let page = control
        .journal(&space.space_id, &JournalFilter::default())
        .await
        .unwrap();
    let last = page.items.last().unwrap();
    assert_eq!((last.number, page.evicted), (42, page.items[0].number - 1));
    assert!(page.evicted > 0 && page.items.len() > 1, "{}", page.evicted);
    assert_eq!(
        page.evicted_before.unwrap().to_string(),
        "2026-03-02T09:00:00+08:00"
    );
    dealer.get("/v1/outlets?page_size=200").await.ok(200);
    let page = control
        .journal(&space.space_id, &JournalFilter::default())
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.evicted), (0, 43));

    let off = NewSpace::builder()
        .journal_bytes(0_u64.try_into().unwrap())
        .build();
    let space = control.create_space(off).await.unwrap();
    dealer_in(&sandbox, &space)
        .await
        .get("/v1/applications")
        .await
        .ok(200);
    let page = control
        .journal(&space.space_id, &JournalFilter::default())
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.evicted), (0, 0));
}

#[tokio::test]
async fn a_long_body_is_kept_to_its_limit_and_a_material_not_at_all() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let id = id_of(&dealer.post("/v1/registrations", &supplement(1)).await);
    put_scan(&dealer, &id, "origin_proof", "a scan of mine")
        .await
        .ok(200);
    let long = json!({"statement": "很".repeat(100_000)});
    let path = format!("/v1/applications/{id}/withdrawal");
    dealer
        .post(&path, &long)
        .await
        .refused(422, "validation_failed");

    let [.., put, withdrawal] = &entries(&sandbox, "").await[..] else {
        panic!("two entries")
    };
    let scan = put.request.body.as_ref().unwrap();
    assert_eq!((scan.size_bytes, &scan.text, scan.cut), (14, &None, false));
    let answer = put.answer.as_ref().unwrap().body.as_ref().unwrap();
    let told: Value = serde_json::from_str(answer.text.as_ref().unwrap()).unwrap();
    assert_eq!(told["sha256"].as_str(), scan.sha256.as_deref());
    let body = withdrawal.request.body.as_ref().unwrap();
    assert_eq!(
        (body.size_bytes, body.cut),
        (long.to_string().len() as u64, true)
    );
    assert!(body.text.as_ref().unwrap().len() <= 64 << 10);
    let curl = export(&sandbox, ExportFormat::Curl).await;
    assert!(
        curl.contains("@$FILE") && curl.contains("(body cut)"),
        "{curl}"
    );
    assert!(!curl.contains("a scan of mine"));
}

/// Numbers of people in every place a client may put them.
async fn indiscretions(sandbox: &Sandbox) -> Vec<String> {
    let caller = async |kind| {
        let credential = sandbox.credential(kind).expect("a credential");
        Caller::of(sandbox.base_url(), &credential).await
    };
    let dealer = caller(OutletKind::Dealer).await;
    let market = caller(OutletKind::UsedCarMarket).await;
    let body = registration(1);
    dealer.post("/v1/registrations", &body).await.ok(201);
    dealer
        .post("/v1/registrations", &body)
        .await
        .refused(409, "already_submitted");
    market.post("/v1/transfers", &transfer()).await.ok(201);
    let text = body.to_string();
    // Cut off, in other words, without quotation marks, as a list.
    dealer
        .post_text("/v1/registrations", &text[..text.len() / 2])
        .await
        .refused(400, "malformed_json");
    let identity = body["owner"]["identity_number"]
        .as_str()
        .expect("a text")
        .to_owned();
    let mobile = body["owner"]["mobile_number"]
        .as_str()
        .expect("a text")
        .to_owned();
    for wrong in [
        json!({"owner": {"phone": mobile, "identity_number": [identity]}}),
        json!({"operator_id": identity, "partner_reference": format!("{mobile}/{identity}")}),
        json!({identity.as_str(): "x", "statement": format!("请致电+86{mobile}")}),
    ] {
        dealer
            .post("/v1/registrations", &wrong)
            .await
            .refused(422, "validation_failed");
    }
    dealer
        .post_text(
            "/v1/registrations",
            format!("{{'id': {identity}, tel: {mobile}"),
        )
        .await;
    let key = format!("key-of-{identity}");
    let keyed = dealer.post_keyed("/v1/registrations", &key, &body).await;
    keyed.refused(409, "already_submitted");
    dealer
        .get(&format!("/v1/applications/{identity}?tel={mobile}"))
        .await;
    dealer.get(&format!("/v1/people/{identity}/{mobile}")).await;
    let named = dealer
        .request(Method::GET, "/v1/outlets")
        .header("X-Request-Id", &mobile);
    dealer
        .send(named.header("User-Agent", &identity))
        .await
        .ok(200);
    let hook = json!({"url": "https://hooks.example/x?token=mine-too"});
    let hook = dealer.post("/v1/webhooks", &hook).await.ok(201);
    let hook = hook["secret"].as_str().expect("a secret").to_owned();
    let elsewhere = dealer.request(Method::POST, "/oauth2/tokens");
    dealer
        .send(elsewhere.form(&[("client_secret", "sandbox-mine")]))
        .await
        .refused(404, "unknown_path");
    let mut secrets = vec![
        identity,
        mobile,
        hook,
        "mine-too".to_owned(),
        "sandbox-mine".to_owned(),
    ];
    for party in [&transfer()["seller"], &transfer()["buyer"], &body["owner"]] {
        for member in ["name", "identity_number", "mobile_number"] {
            secrets.push(party[member].as_str().expect("a text").to_owned());
        }
        secrets.push(
            party["address"]["detail"]
                .as_str()
                .expect("a text")
                .to_owned(),
        );
    }
    secrets.extend([&dealer, &market].map(|caller| caller.bearer().to_owned()));
    secrets.extend(sandbox.credentials().into_iter().map(|it| it.client_secret));
    secrets
}

#[tokio::test]
async fn nothing_of_a_person_and_no_secret_ever_leaves() {
    // Not judged: a problem's `instance` is the path, whatever was put there.
    let sandbox = Sandbox::start().await.unwrap();
    let secrets = indiscretions(&sandbox).await;
    let stranger = Caller::stranger(sandbox.base_url());
    let list = stranger.get(&format!("{HOME}?page_size=200")).await;
    let mut written = vec![list.text()];
    for format in ExportFormat::ALL {
        written.push(export(&sandbox, *format).await);
    }
    for text in written {
        assert!(text.matches("submit_registration").count() >= 8);
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
    }
    let control = sandbox.control().unwrap();
    let debug = format!("{:?}{:?}", sandbox.engine().home(), control);
    assert!(
        secrets
            .iter()
            .all(|secret| !debug.contains(secret.as_str()))
    );
}

/// Names and numbers of people that no entry may show, in every form they are sent in below.
const OF_SOMEBODY: [&str; 16] = [
    "王五",
    "王 五",
    "王",
    "%E7%8E%8B",
    "%e7%8e%8b",
    "Wang Wu",
    "13912345678",
    "139 1234 5678",
    "139-1234-5678",
    "1391234",
    "912345678",
    "%31%33%39",
    "１３９",
    "370399199001011234",
    "19900101",
    "370399900101123",
];

/// Bodies, paths, queries and headers as people spoil them, with somebody in each.
async fn spoilt(sandbox: &Sandbox) {
    let credential = sandbox.credential(OutletKind::Dealer).expect("a dealer");
    let dealer = Caller::of(sandbox.base_url(), &credential).await;
    for body in [
        r#"{"owner":"王五"}"#,
        r#"{"owner":["王五"],"agent":"王五","buyer":"Wang Wu"}"#,
        r#"{"nmae":"王五","xingming":"Wang Wu","姓名":"王五","ownerName":"王五","owner-name":"王五"}"#,
        r#"{"owner":{"nmae":"王五","name ":"王五","名":{"x":["王五"]}}}"#,
        r#"{"王五":"王五","a":{"王五":1}}"#,
        r#"{"partner_reference":"王五-1","operator_id":"王 五"}"#,
        r#"{"partner_reference":"139-1234-5678","operator_id":"%E7%8E%8B%E4%BA%94"}"#,
        r#"{"statement":"王五，139 1234 5678","reason":"Wang Wu"}"#,
        r#"{"origin_proof":{"invoice":{"issuer":"王五","number":"139 1234 5678"}}}"#,
        "{name: 王五, tel: 139 1234 5678}",
        "{'name':'王五','tel':'139-1234-5678'}",
        "{“name”：“王五”}",
        "{name: Wang Wu}",
        "[王五",
        r#"{"name":"王"#,
        r#"{"tel":139 1234 5678,"x":1391234"#,
        r#"{"x":"+86 139 1234 5678","vin":"0086139 1234 5678","code":"１３９１２３４５６７８"}"#,
        r#"{"number":"370399900101123","vin":"370399 19900101 1234","x":"370399-19900101-1234"}"#,
        r#"{"number":"008613912345678","\u738b\u4e94":"\u738b\u4e94"}"#,
    ] {
        for path in ["/v1/registrations", "/v1/webhooks"] {
            let got = dealer.post_text(path, body).await;
            assert!((400..500).contains(&got.status), "{body}: {}", got.status);
        }
    }
    // Two under one key: the places that differ are told.
    for body in [
        r#"{"王五":1,"139-1234-5678":1}"#,
        r#"{"王五":2,"139-1234-5678":2}"#,
    ] {
        let request = dealer
            .request(Method::POST, "/v1/registrations")
            .header("Idempotency-Key", "key-of-王五")
            .header("Content-Type", "application/json");
        dealer.send(request.body(body)).await;
    }
    let body = registration(7);
    let key = "key-of-139-1234-5678";
    let filed = dealer.post_keyed("/v1/registrations", key, &body).await;
    filed.ok(201);
    let mut other = registration(7);
    other["王五"] = json!({"139 1234 5678": 1});
    let reused = dealer.post_keyed("/v1/registrations", key, &other).await;
    reused.refused(422, "idempotency_key_reused");
    for path in [
        "/v1/applications/%31%33%39%31%32%33%34%35%36%37%38",
        "/v1/applications/1%3391%32345678",
        "/v1/applications/%2531%2533912345678",
        "/v1/applications/139%201234%205678?kind=%E7%8E%8B%E4%BA%94",
        "/v1/applications/%E7%8E%8B%E4%BA%94/timeline",
        "/v1/applications/%EF%BC%91%EF%BC%93%EF%BC%9912345678",
        "/v1/application/13912345678/%E7%8E%8B%E4%BA%94",
        "/%E7%8E%8B%E4%BA%94/v1/applications",
        "/v1/%31%33%39%31%32%33%34%35%36%37%38/applications",
        "/%31%33%39%31%32%33%34%35%36%37%38/v1/applications",
        "/v1/outlets?kind=%E7%8E%8B%E4%BA%94&%E7%8E%8B%E4%BA%94=1&who=%E7%8E%8B%E4%BA%94",
        "/v1/vehicles?vin=139+1234+5678&plate_number=%E7%8E%8B%E4%BA%94",
        "/v1/applications?status=%E7%8E%8B%E4%BA%94&created_from=%E7%8E%8B&page_token=%E7%8E%8B%E4%BA%94",
    ] {
        dealer.get(path).await;
    }
    let named = dealer
        .request(Method::GET, "/v1/outlets")
        .header("X-Request-Id", "%31%33%3912345678/139-1234-5678")
        .header("User-Agent", "王五 139 1234 5678");
    dealer.send(named).await.ok(200);
    // An answer with names in it that says it is none of JSON.
    let operators = dealer
        .request(Method::GET, "/v1/operators")
        .header("Sandbox-Fault", "wrong_content_type");
    let operators = dealer.send(operators).await;
    assert!(operators.text().contains("\"name\":"));
}

#[tokio::test]
async fn nobody_is_told_by_what_was_sent_spoilt() {
    // Not judged: a problem's `instance` is the path, whatever was put there.
    let sandbox = Sandbox::start().await.unwrap();
    spoilt(&sandbox).await;
    let mut written = Vec::new();
    for language in ["zh-CN", "en"] {
        let stranger = Caller::stranger(sandbox.base_url());
        let request = stranger
            .request(Method::GET, &format!("{HOME}?page_size=200"))
            .header("Accept-Language", language);
        written.push(stranger.send(request).await.text());
    }
    for format in ExportFormat::ALL {
        written.push(export(&sandbox, *format).await);
    }
    assert!(
        written[1].contains("a body that differs in /***"),
        "{}",
        written[1]
    );
    for text in &written {
        for secret in OF_SOMEBODY {
            let at = text.find(secret);
            let around = at.map(|at| text[..at].chars().rev().take(200).collect::<String>());
            let around = around.map(|text| text.chars().rev().collect::<String>());
            assert_eq!(around, None, "{secret}");
        }
    }
    let names = entries(&sandbox, "?operation=list_operators").await;
    let body = names[0].answer.as_ref().unwrap().body.as_ref().unwrap();
    let told: Value = serde_json::from_str(body.text.as_ref().unwrap()).unwrap();
    assert_eq!(told["items"][0]["name"], "***");
}

#[tokio::test]
async fn what_people_look_for_stays_as_it_was() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let body = registration(3);
    let key = "13912345-6781-4321-8765-123456789012";
    let trace = "00-0af13912345678dd8448eb211c80319c-b9c7c989f97918e1-01";
    let request = dealer
        .request(Method::POST, "/v1/registrations")
        .header("Idempotency-Key", key)
        .header("X-Request-Id", "1772413200123-0001")
        .header("traceparent", trace);
    let id = id_of(&dealer.send(request.json(&body)).await);
    let path = format!("/v1/applications/{id}");
    dealer.get(&path).await.ok(200);
    let plate = "/v1/vehicles?plate_number=%E9%B2%81C8K9M2&plate_kind=02";
    dealer.get(plate).await.ok(200);

    let found = entries(&sandbox, "?operation=submit_registration").await;
    assert_eq!(found[0].idempotency_key.as_deref(), Some(key));
    assert_eq!(found[0].request_id, "1772413200123-0001");
    let header = |name: &str| {
        let headers = &found[0].request.headers;
        let found = headers.iter().find(|header| header.name == name);
        found.map(|header| header.value.clone())
    };
    assert_eq!(header("traceparent").as_deref(), Some(trace));
    let sent = found[0].request.body.as_ref().unwrap().text.as_ref();
    let mut sent: Value = serde_json::from_str(sent.unwrap()).unwrap();
    for hidden in ["name", "identity_number", "mobile_number", "address"] {
        sent["owner"][hidden] = body["owner"][hidden].clone();
    }
    assert_eq!(sent, body);
    let answer = found[0].answer.as_ref().unwrap().body.as_ref().unwrap();
    assert!(answer.text.as_ref().unwrap().contains(&id));
    let last = entries(&sandbox, "?status=200").await.pop().unwrap();
    assert_eq!(format!("{}?{}", last.path, last.query.unwrap()), plate);
    let named = entries(&sandbox, &format!("?application_id={id}")).await;
    assert_eq!(named.last().unwrap().path, path);
}

/// What HAR 1.2 demands of an object: members that must be there, and those that may.
fn has_members(object: &Value, must: &[&str], may: &[&str]) {
    let members = object.as_object().expect("an object");
    for name in must {
        assert!(members.contains_key(*name), "{name} is missing in {object}");
    }
    for name in members.keys().filter(|name| !name.starts_with('_')) {
        let known = must.contains(&name.as_str()) || may.contains(&name.as_str());
        assert!(known, "{name} is no member in {object}");
    }
}

fn is_har_headers(list: &Value) {
    for header in list.as_array().expect("a list") {
        has_members(header, &["name", "value"], &["comment"]);
        assert!(header["name"].is_string() && header["value"].is_string());
    }
}

fn is_har(har: &Value) {
    has_members(har, &["log"], &[]);
    let log = &har["log"];
    has_members(
        log,
        &["version", "creator", "entries"],
        &["browser", "pages", "comment"],
    );
    assert_eq!(log["version"], "1.2");
    has_members(&log["creator"], &["name", "version"], &["comment"]);
    for entry in log["entries"].as_array().expect("a list") {
        has_members(
            entry,
            &[
                "startedDateTime",
                "time",
                "request",
                "response",
                "cache",
                "timings",
            ],
            &["pageref", "serverIPAddress", "connection", "comment"],
        );
        let started = entry["startedDateTime"].as_str().expect("a text");
        started
            .parse::<lingminban::moment::Moment>()
            .expect("ISO 8601");
        let request = &entry["request"];
        has_members(
            request,
            &[
                "method",
                "url",
                "httpVersion",
                "cookies",
                "headers",
                "queryString",
                "headersSize",
                "bodySize",
            ],
            &["postData", "comment"],
        );
        request["url"]
            .as_str()
            .expect("a text")
            .parse::<reqwest::Url>()
            .expect("absolute");
        is_har_headers(&request["headers"]);
        is_har_headers(&request["queryString"]);
        assert_eq!(request["cookies"], json!([]));
        if let Some(posted) = request.get("postData") {
            has_members(posted, &["mimeType", "text"], &["comment"]);
        }
        let response = &entry["response"];
        has_members(
            response,
            &[
                "status",
                "statusText",
                "httpVersion",
                "cookies",
                "headers",
                "content",
                "redirectURL",
                "headersSize",
                "bodySize",
            ],
            &["comment"],
        );
        is_har_headers(&response["headers"]);
        has_members(
            &response["content"],
            &["size", "mimeType"],
            &["text", "compression", "encoding", "comment"],
        );
        assert!(response["status"].is_u64() && response["redirectURL"].is_string());
        let timings = &entry["timings"];
        has_members(timings, &["send", "wait", "receive"], &[]);
        let sum: f64 = ["send", "wait", "receive"]
            .iter()
            .filter_map(|it| timings[it].as_f64())
            .sum();
        assert_eq!(Some(sum), entry["time"].as_f64());
    }
}

#[tokio::test]
async fn an_export_is_json_lines_or_an_http_archive_with_every_entry() {
    let sandbox = Sandbox::start().await.unwrap();
    indiscretions(&sandbox).await;
    let listed = entries(&sandbox, "?page_size=200").await;
    let lines = export(&sandbox, ExportFormat::Jsonl).await;
    let lines: Vec<JournalEntry> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("one entry"))
        .collect();
    let untold = |mut entry: JournalEntry| {
        entry.near_miss = None;
        entry
    };
    let listed: Vec<_> = listed.into_iter().map(untold).collect();
    assert_eq!(lines.into_iter().map(untold).collect::<Vec<_>>(), listed);

    let har: Value = serde_json::from_str(&export(&sandbox, ExportFormat::Har).await).unwrap();
    is_har(&har);
    let archived = har["log"]["entries"].as_array().unwrap();
    assert_eq!(archived.len(), listed.len());
    assert!(archived.iter().any(|entry| entry["comment"].is_string()));

    let control = sandbox.control().unwrap();
    let query = ExportQuery::builder()
        .format(ExportFormat::Jsonl)
        .status("404".parse().unwrap())
        .build();
    let some = control
        .export_journal(&"space-0".parse().unwrap(), &query)
        .await
        .unwrap();
    assert_eq!(some.lines().count(), 2);
}

/// A shell reads the commands; in place of `curl` it writes down the words it would have got.
#[cfg(unix)]
#[tokio::test]
async fn a_shell_reads_each_command_as_it_was_meant() {
    use std::io::Write;

    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let mut body = supplement(1);
    body["vehicle"]["brand"] = json!("It's \"$HOME\" `id` \\ !");
    let pretty = serde_json::to_string_pretty(&body).unwrap();
    let filed = dealer
        .post_text("/v1/registrations?validate_only=false", pretty)
        .await;
    put_scan(&dealer, &id_of(&filed), "origin_proof", "bytes")
        .await
        .ok(200);
    dealer
        .post_text("/v1/registrations", "{'a\nb': $(id)")
        .await
        .refused(400, "malformed_json");

    let commands = export(&sandbox, ExportFormat::Curl).await;
    let script = format!(
        "curl() {{ printf '%s\\0' curl \"$@\"; }}\nSANDBOX_URL=http://x TOKEN='t k' FILE=scan.pdf \
         CLIENT_SECRET=\"s'e\"\n{commands}"
    );
    let mut shell = std::process::Command::new("sh")
        .args(["-eu", "-s"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    shell
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = shell.wait_with_output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = output.split('\0').collect();
    let calls: Vec<&[&str]> = words.split(|word| *word == "curl").skip(1).collect();
    let [token, filed, put, spoilt] = calls[..] else {
        panic!("{calls:?}")
    };
    let after = |words: &[&str], name: &str| {
        let at = words.iter().position(|word| *word == name).expect("there");
        words[at + 1].to_owned()
    };
    let form = "grant_type=client_credentials&client_id=zb-dealer-1&client_secret=s'e";
    assert_eq!(after(token, "--data-binary"), form);
    assert_eq!(filed[..3], ["-gsS", "-X", "POST"]);
    assert!(filed.contains(&"http://x/v1/registrations?validate_only=false"));
    assert!(filed.contains(&"Authorization: Bearer t k"));
    assert!(filed.contains(&"content-type: application/json"));
    let sent: Value = serde_json::from_str(&after(filed, "--data-binary")).unwrap();
    assert_eq!(sent["vehicle"], body["vehicle"]);
    assert_eq!(after(put, "--data-binary"), "@scan.pdf");
    assert!(after(spoilt, "--data-binary").starts_with(r#"{"***""#));
}

#[tokio::test]
async fn equal_runs_leave_equal_journals_but_for_the_time_they_took() {
    let mut written = Vec::new();
    for _ in 0..2 {
        let settings = Settings {
            frozen: true,
            ..Settings::default()
        };
        let options = Options {
            settings,
            ..Default::default()
        };
        let sandbox = Sandbox::start_with(options).await.unwrap();
        let dealer = sandbox.credential(OutletKind::Dealer).unwrap();
        let dealer = Caller::of(sandbox.base_url(), &dealer).await;
        for body in [registration(1), registration(1), supplement(2), json!({})] {
            dealer
                .post_keyed("/v1/registrations", "one-key-1", &body)
                .await;
        }
        dealer.get("/v1/nothing").await;
        let got = dealer.get(&format!("{HOME}/export?format=jsonl")).await;
        let mut entries: Vec<JournalEntry> = got
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(entries.len(), 6);
        assert!(entries.iter().any(|entry| entry.duration_us > 0));
        entries.iter_mut().for_each(|entry| entry.duration_us = 0);
        written.push(entries);
    }
    assert_eq!(written[0], written[1]);
}
