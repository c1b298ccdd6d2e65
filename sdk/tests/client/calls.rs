//! Each method sends its operation, and reads what that answers.

use lingminban::{
    Client, Submission,
    api::{
        ApplicationFilter, ApplicationStatus, BookInspection, Cancellation, CheckIn,
        DeliveryFilter, DeliveryStatus, EventType, ForecastInspections, HandIn, InspectAtOneStop,
        InspectionFilter, InspectionForecast, InspectionForecastRequest, InspectionId, Operation,
        OperatorFilter, OutletFilter, OutletKind, OverlapSeconds, PlateDrawRequest, Rebooking,
        RecordInspectionResult, SlotFilter, StatisticsDimension, StatisticsFilter,
        SupplementAnswer, WebhookRequest, Withdrawal,
    },
    client::Result,
    codes::PlateKind,
    identifiers::{PlateNumber, Vin},
};
use serde_json::json;

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Answer, Seen, Server},
};

/// The request a call makes, and that its answer is read.
async fn sent(answer: Answer, call: impl AsyncFn(Client) -> Result<()>) -> Seen {
    let server = Server::doing([answer]).await;
    call(client(&server, &TestRuntime::new())).await.unwrap();
    server.calls().remove(0)
}

fn line(seen: &Seen) -> String {
    format!("{} {}", seen.method, seen.target)
}

fn vehicle() -> serde_json::Value {
    json!({
        "vin": registration().vehicle.vin,
        "plate_kind": "02",
        "plate_number": "鲁C12345",
        "vehicle_type": "K33",
        "use_character": "private",
        "first_registered_on": "2020-03-02",
        "status_flags": ["of_tomorrow"],
        "mortgaged": false,
        "inspection_due_on": "2026-03-31",
        "inspection_due_kind": "test",
        "inspection_window_opens_on": "2026-01-01",
    })
}

fn assessment() -> Answer {
    let body =
        json!({"service": "transfer", "required_materials": [], "findings": [], "deadlines": []});
    Answer::new(200, body.to_string())
}

#[tokio::test]
async fn filing() {
    let seen = sent(filed(), async |client| {
        client.submit_registration(&submission()).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/registrations");
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&seen.body).unwrap(),
        json!(registration())
    );
    assert_eq!(seen.header("content-type"), Some("application/json"));

    let seen = sent(filed(), async |client| {
        let application = client.submit_transfer(&Submission::new(transfer())).await?;
        assert_eq!(application, parsed("accepted"));
        Ok(())
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/transfers");
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&seen.body).unwrap(),
        json!(transfer())
    );
}

#[tokio::test]
async fn assessing() {
    let seen = sent(assessment(), async |client| {
        client
            .validate_registration(&registration())
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/registrations?validate_only=true");
    assert!(seen.header("idempotency-key").is_some());
    let seen = sent(assessment(), async |client| {
        client.validate_transfer(&transfer()).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/transfers?validate_only=true");
}

#[tokio::test]
async fn drawing() {
    let answer = json!({
        "plate_draw_id": "draw-1", "plate_kind": "02", "plate_numbers": ["鲁C12345"],
        "held_until": "2026-03-02T09:03:00+08:00",
    });
    let seen = sent(Answer::new(201, answer.to_string()), async |client| {
        let request = PlateDrawRequest::builder()
            .plate_kind(PlateKind::SmallVehicle)
            .build();
        client
            .draw_plates(&Submission::new(request))
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/plate-draws");
}

#[tokio::test]
async fn forecasting() {
    let request: InspectionForecastRequest =
        serde_json::from_str(ForecastInspections::EXAMPLES[0].json).unwrap();
    let expected = InspectionForecast::of(&request);
    let answer = Answer::new(200, json!(expected).to_string());
    let seen = sent(answer, async |client| {
        assert_eq!(client.forecast_inspections(&request).await?, expected);
        Ok(())
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/inspection-forecasts");
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&seen.body).unwrap(),
        json!(request)
    );
    assert!(seen.header("idempotency-key").is_none());
}

fn inspection() -> serde_json::Value {
    json!({
        "inspection_id": "insp-000001",
        "partner_reference": "JC-1",
        "outlet_id": "zb-station-001",
        "status": "of_tomorrow",
        "status_since": "2026-03-02T09:00:00+08:00",
        "vin": registration().vehicle.vin,
        "plate_number": "鲁C12345",
        "starts_at": "2026-03-03T09:00:00+08:00",
        "ends_at": "2026-03-03T10:00:00+08:00",
        "walk_in": false,
        "due_on": "2026-04-30",
        "due_kind": "test",
        "overdue": false,
        "tests": [],
        "items_due": ["brakes", "of_tomorrow"],
    })
}

#[tokio::test]
async fn inspecting() {
    let made = || Answer::new(201, inspection().to_string());
    let told = || Answer::new(200, inspection().to_string());
    let id = || "insp-000001".parse::<InspectionId>().unwrap();

    let seen = sent(made(), async |client| {
        let booking = serde_json::from_str(BookInspection::EXAMPLES[0].json).unwrap();
        let booked = client.book_inspection(&Submission::new(booking)).await?;
        assert_eq!(booked.inspection_id, id());
        Ok(())
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/inspections");
    assert!(seen.header("idempotency-key").is_some());

    let seen = sent(told(), async |client| {
        client.get_inspection(&id()).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/inspections/insp-000001");

    let seen = sent(told(), async |client| {
        let starts_at = "2026-03-03T10:00:00+08:00".parse().unwrap();
        let rebooking = Rebooking { starts_at };
        client.rebook_inspection(&id(), &rebooking).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/inspections/insp-000001/rebooking");
    assert!(seen.header("idempotency-key").is_some());

    let seen = sent(told(), async |client| {
        let cancellation = Cancellation::default();
        client
            .cancel_inspection(&id(), &cancellation)
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/inspections/insp-000001/cancellation");

    let seen = sent(told(), async |client| {
        let operator_id = "zb-station-001-op1".parse().unwrap();
        client
            .check_in_inspection(&id(), &CheckIn { operator_id })
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/inspections/insp-000001/check-in");

    let seen = sent(told(), async |client| {
        let result = serde_json::from_str(RecordInspectionResult::EXAMPLES[0].json).unwrap();
        client
            .record_inspection_result(&id(), &result)
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/inspections/insp-000001/results");

    let one_stop = Answer::new(201, json!({ "inspection": inspection() }).to_string());
    let seen = sent(one_stop, async |client| {
        let request = serde_json::from_str(InspectAtOneStop::EXAMPLES[0].json).unwrap();
        let done = client
            .inspect_at_one_stop(&Submission::new(request))
            .await?;
        assert_eq!(done.application, None);
        Ok(())
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/one-stop-inspections");

    let calendar = json!({ "outlet_id": "zb-station-001", "slots": [] });
    let seen = sent(Answer::new(200, calendar.to_string()), async |client| {
        let filter = SlotFilter::builder()
            .from("2026-03-03".parse().unwrap())
            .build();
        let station = "zb-station-001".parse().unwrap();
        client
            .list_inspection_slots(&station, &filter)
            .await
            .map(drop)
    })
    .await;
    assert_eq!(
        line(&seen),
        "GET /v1/outlets/zb-station-001/inspection-slots?from=2026-03-03"
    );

    let page = json!({ "items": [inspection()] });
    let seen = sent(Answer::new(200, page.to_string()), async |client| {
        let all = client.list_inspections(InspectionFilter::default());
        assert_eq!(all.try_collect().await?.len(), 1);
        Ok(())
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/inspections");
}

#[tokio::test]
async fn following_an_application() {
    let seen = sent(application("in_review"), async |client| {
        client.get_application(&id()).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/applications/3703010000001");

    let empty = || Answer::new(200, r#"{"items":[]}"#);
    let seen = sent(empty(), async |client| {
        client.get_timeline(&id()).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/applications/3703010000001/timeline");
    let seen = sent(empty(), async |client| {
        client.list_materials(&id()).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/applications/3703010000001/materials");

    let steps: [(&str, &str, Seen); 3] = [
        (
            "submission",
            "{}",
            sent(application("accepted"), async |client| {
                client
                    .hand_in_application(&id(), &HandIn::default())
                    .await
                    .map(drop)
            })
            .await,
        ),
        (
            "supplements",
            "{}",
            sent(application("accepted"), async |client| {
                client
                    .answer_supplement_notice(&id(), &SupplementAnswer::default())
                    .await
                    .map(drop)
            })
            .await,
        ),
        (
            "withdrawal",
            r#"{"reason":"客户改变主意"}"#,
            sent(application("withdrawn"), async |client| {
                let withdrawal = Withdrawal::builder()
                    .reason("客户改变主意".parse().unwrap())
                    .build();
                client
                    .withdraw_application(&id(), &withdrawal)
                    .await
                    .map(drop)
            })
            .await,
        ),
    ];
    for (step, body, seen) in steps {
        assert_eq!(
            line(&seen),
            format!("POST /v1/applications/3703010000001/{step}")
        );
        assert_eq!(seen.body, body.as_bytes());
    }
}

#[tokio::test]
async fn looking_things_up() {
    let empty = || Answer::new(200, r#"{"items":[]}"#);
    let filter = ApplicationFilter::builder()
        .status(ApplicationStatus::InReview)
        .created_from("2026-03-02T09:00:00+08:00".parse().unwrap())
        .build();
    let seen = sent(empty(), async |client| {
        client.list_applications_page(&filter).await.map(drop)
    })
    .await;
    assert_eq!(
        line(&seen),
        "GET /v1/applications?status=in_review&created_from=2026-03-02T09%3A00%3A00%2B08%3A00"
    );

    let filter = OutletFilter::builder().kind(OutletKind::Bank).build();
    let seen = sent(empty(), async |client| {
        client.list_outlets_page(&filter).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/outlets?kind=bank");
    let seen = sent(empty(), async |client| {
        client
            .list_operators_page(&OperatorFilter::default())
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/operators");

    let filter = StatisticsFilter::builder()
        .outlet_kind(OutletKind::TrafficStation)
        .from("2026-03-02".parse().unwrap())
        .by(StatisticsDimension::Day)
        .build();
    let counted = r#"{"items":[],"base_share":{"received":0,"received_at_base":0}}"#;
    let seen = sent(Answer::new(200, counted), async |client| {
        client.list_statistics_page(&filter).await.map(drop)
    })
    .await;
    assert_eq!(
        line(&seen),
        "GET /v1/statistics?outlet_kind=traffic_station&from=2026-03-02&by=day"
    );

    let outlet = json!({"outlet_id": "o", "name": "n", "kind": "bank", "district": "boshan", "services": []});
    let seen = sent(Answer::new(200, outlet.to_string()), async |client| {
        client
            .get_outlet(&"zb-dealer-001".parse().unwrap())
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/outlets/zb-dealer-001");
}

#[tokio::test]
async fn looking_vehicles_up() {
    let vin: Vin = registration().vehicle.vin;
    let seen = sent(Answer::new(200, vehicle().to_string()), async |client| {
        client.get_vehicle(&vin).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), format!("GET /v1/vehicles/{vin}"));

    let plate: PlateNumber = "鲁C12345".parse().unwrap();
    for (items, found) in [(json!([vehicle()]), true), (json!([]), false)] {
        let answer = Answer::new(200, json!({"items": items}).to_string());
        let seen = sent(answer, async |client| {
            let vehicle = client.find_vehicle(PlateKind::SmallVehicle, &plate).await?;
            assert_eq!(vehicle.is_some(), found);
            Ok(())
        })
        .await;
        let kind = PlateKind::SmallVehicle.as_str();
        assert_eq!(
            line(&seen),
            format!("GET /v1/vehicles?plate_kind={kind}&plate_number=%E9%B2%81C12345")
        );
    }
}

/// Calls move between threads.
#[test]
fn futures_are_send() {
    fn is_send<T: Send>(_: T) {}
    fn all(client: &Client, submission: &Submission<lingminban::api::RegistrationRequest>) {
        is_send(client.submit_registration(submission));
        is_send(client.list_outlets(OutletFilter::default()));
    }
    let _ = all;
}

fn webhook(secret: Option<&str>) -> serde_json::Value {
    let mut webhook = json!({
        "webhook_id": "wh-1", "url": "https://dms.partner.example/events", "status": "of_tomorrow",
        "created_at": "2026-03-02T09:00:00+08:00",
    });
    if let Some(secret) = secret {
        webhook["secret"] = secret.into();
    }
    webhook
}

fn delivery() -> serde_json::Value {
    json!({
        "delivery_id": "dlv-1", "event_id": "evt-1", "event_type": "webhook.test",
        "status": "pending", "attempts": [], "next_attempt_at": "2026-03-02T09:00:00+08:00",
    })
}

#[tokio::test]
async fn subscribing() {
    let answer = Answer::new(201, webhook(Some("whsec_c2VjcmV0")).to_string());
    let seen = sent(answer, async |client| {
        let request = WebhookRequest::builder()
            .url("https://dms.partner.example/events".parse().unwrap())
            .event_types(vec![EventType::ApplicationCompleted].try_into().unwrap())
            .build();
        let webhook = client.create_webhook(&Submission::new(request)).await?;
        assert_eq!(webhook.secret.as_ref().unwrap().expose(), "whsec_c2VjcmV0");
        assert!(!format!("{webhook:?}").contains("c2VjcmV0"));
        Ok(())
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/webhooks");
    assert!(seen.header("idempotency-key").is_some());
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&seen.body).unwrap(),
        json!({"url": "https://dms.partner.example/events", "event_types": ["application.completed"]})
    );

    let list = json!({ "items": [webhook(None)] });
    let seen = sent(Answer::new(200, list.to_string()), async |client| {
        assert_eq!(client.list_webhooks().await?.len(), 1);
        Ok(())
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/webhooks");
    let one = || Answer::new(200, webhook(None).to_string());
    let seen = sent(one(), async |client| {
        client.get_webhook(&"wh-1".parse().unwrap()).await.map(drop)
    })
    .await;
    assert_eq!(line(&seen), "GET /v1/webhooks/wh-1");
    let seen = sent(Answer::new(204, ""), async |client| {
        client.delete_webhook(&"wh-1".parse().unwrap()).await
    })
    .await;
    assert_eq!(line(&seen), "DELETE /v1/webhooks/wh-1");
    assert!(seen.header("idempotency-key").is_some() && seen.body.is_empty());
    let seen = sent(one(), async |client| {
        let overlap = OverlapSeconds::try_from(60).ok();
        client
            .rotate_webhook_secret(&"wh-1".parse().unwrap(), overlap)
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/webhooks/wh-1/secret-rotations");
    assert_eq!(seen.body, br#"{"overlap_seconds":60}"#);
    let seen = sent(one(), async |client| {
        client
            .enable_webhook(&"wh-1".parse().unwrap())
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/webhooks/wh-1/enablement");
}

#[tokio::test]
async fn pushing() {
    let seen = sent(Answer::new(201, delivery().to_string()), async |client| {
        client
            .test_webhook(&"wh-1".parse().unwrap(), EventType::ApplicationLapsed)
            .await
            .map(drop)
    })
    .await;
    assert_eq!(line(&seen), "POST /v1/webhooks/wh-1/tests");
    assert_eq!(seen.body, br#"{"type":"application.lapsed"}"#);
    let seen = sent(Answer::new(200, delivery().to_string()), async |client| {
        let (webhook, delivery) = ("wh-1".parse().unwrap(), "dlv-1".parse().unwrap());
        client.redeliver(&webhook, &delivery).await.map(drop)
    })
    .await;
    assert_eq!(
        line(&seen),
        "POST /v1/webhooks/wh-1/deliveries/dlv-1/redelivery"
    );
    let page = json!({ "items": [delivery()] });
    let seen = sent(Answer::new(200, page.to_string()), async |client| {
        let filter = DeliveryFilter::builder()
            .status(DeliveryStatus::Failed)
            .build();
        let all = client.list_deliveries(&"wh-1".parse().unwrap(), filter);
        assert_eq!(all.try_collect().await?.len(), 1);
        Ok(())
    })
    .await;
    assert_eq!(
        line(&seen),
        "GET /v1/webhooks/wh-1/deliveries?status=failed"
    );
}
