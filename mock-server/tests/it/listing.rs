//! Lists: every filter, and pages that stay in place while others file.

use std::time::Duration;

use lingminban::{
    Client,
    api::{
        Application, ApplicationFilter, ApplicationStatus as Status, District, OperatorFilter,
        OutletFilter, OutletKind, PageSize, Service, Withdrawal,
    },
    moment::Moment,
};
use lingminban_sandbox::Pace;
use serde_json::json;

use crate::support::{Judged, registration, registration_of, sandbox, transfer, transfer_of, vin};

/// The partner with three outlets.
struct Chain {
    sandbox: Judged,
    client: Client,
}

const OUTLETS: [&str; 3] = ["zb-dealer-002", "zb-dealer-003", "zb-dealer-004"];

/// Six applications, one an hour, two through each outlet; the fifth is withdrawn, the rest waits.
async fn chain() -> (Chain, Vec<Application>) {
    let sandbox = sandbox().await;
    sandbox.set_pace(Pace::Manual);
    let credentials = sandbox.credentials();
    let credential = credentials
        .iter()
        .find(|one| one.client_id.as_ref() == "zb-dealer-2");
    let client = sandbox
        .client_of(credential.expect("a credential"))
        .expect("a client");
    let chain = Chain { sandbox, client };
    let mut filed = Vec::new();
    for number in 0..6 {
        filed.push(chain.file(number).await);
        chain.sandbox.clock().advance(Duration::from_secs(3_600));
    }
    let id = &filed[4].application_id;
    chain
        .client
        .withdraw_application(id, &Withdrawal::default())
        .await
        .expect("undecided");
    (chain, filed)
}

impl Chain {
    async fn file(&self, number: u32) -> Application {
        let outlet = OUTLETS[number as usize % 3];
        let mut body = registration(number);
        body["outlet_id"] = json!(outlet);
        body["operator_id"] = json!(format!("{outlet}-op1"));
        self.client
            .submit_registration(&registration_of(body))
            .await
            .expect("filed")
    }

    /// The references of all that pass the filter.
    async fn list(&self, filter: ApplicationFilter) -> Vec<String> {
        let all = self
            .client
            .list_applications(filter)
            .try_collect()
            .await
            .expect("a list");
        all.iter()
            .map(|one| one.partner_reference.to_string())
            .collect()
    }
}

fn tests(numbers: &[u32]) -> Vec<String> {
    numbers
        .iter()
        .map(|number| format!("TEST-{number}"))
        .collect()
}

#[tokio::test]
async fn each_filter_narrows_and_all_of_them_together() {
    let (chain, filed) = chain().await;
    let outlet = |place: usize| OUTLETS[place].parse().expect("an id");
    let filter = ApplicationFilter::builder;
    assert_eq!(
        chain.list(filter().build()).await,
        tests(&[0, 1, 2, 3, 4, 5])
    );
    assert_eq!(
        chain.list(filter().status(Status::Withdrawn).build()).await,
        tests(&[4])
    );
    assert_eq!(
        chain.list(filter().status(Status::Received).build()).await,
        tests(&[0, 1, 2, 3, 5])
    );
    assert_eq!(
        chain.list(filter().status(Status::Completed).build()).await,
        tests(&[])
    );
    assert_eq!(
        chain
            .list(filter().service(Service::Registration).build())
            .await
            .len(),
        6
    );
    assert_eq!(
        chain
            .list(filter().service(Service::Transfer).build())
            .await,
        tests(&[])
    );
    assert_eq!(
        chain.list(filter().outlet_id(outlet(1)).build()).await,
        tests(&[1, 4])
    );
    let foreign = "zb-dealer-001".parse().expect("an id");
    assert_eq!(
        chain.list(filter().outlet_id(foreign).build()).await,
        tests(&[])
    );
    let nowhere = "no-such-outlet".parse().expect("an id");
    assert_eq!(
        chain.list(filter().outlet_id(nowhere).build()).await,
        tests(&[])
    );
    let reference = filed[3].partner_reference.clone();
    assert_eq!(
        chain
            .list(filter().partner_reference(reference.clone()).build())
            .await,
        tests(&[3])
    );
    let unknown = "TEST-99".parse().expect("a reference");
    assert_eq!(
        chain
            .list(filter().partner_reference(unknown).build())
            .await,
        tests(&[])
    );
    assert_eq!(chain.list(filter().vin(vin(2)).build()).await, tests(&[2]));
    assert_eq!(chain.list(filter().vin(vin(99)).build()).await, tests(&[]));

    let all = || {
        filter()
            .status(Status::Withdrawn)
            .service(Service::Registration)
            .outlet_id(outlet(1))
            .partner_reference("TEST-4".parse().expect("a reference"))
            .vin(vin(4))
            .created_from(filed[4].created_at)
            .created_before(filed[5].created_at)
    };
    assert_eq!(chain.list(all().build()).await, tests(&[4]));
    // Each of them counts beside the narrow ones.
    let narrow = || filter().partner_reference(reference.clone());
    assert_eq!(chain.list(narrow().vin(vin(4)).build()).await, tests(&[]));
    assert_eq!(
        chain.list(narrow().status(Status::Withdrawn).build()).await,
        tests(&[])
    );
    assert_eq!(
        chain.list(narrow().outlet_id(outlet(1)).build()).await,
        tests(&[])
    );
    assert_eq!(
        chain
            .list(narrow().service(Service::Transfer).build())
            .await,
        tests(&[])
    );
    assert_eq!(
        chain
            .list(narrow().created_before(filed[3].created_at).build())
            .await,
        tests(&[])
    );
    let of_vin = || filter().vin(vin(3));
    assert_eq!(
        chain
            .list(of_vin().created_from(filed[4].created_at).build())
            .await,
        tests(&[])
    );
    assert_eq!(
        chain
            .list(of_vin().created_from(filed[3].created_at).build())
            .await,
        tests(&[3])
    );
}

#[tokio::test]
async fn a_time_range_holds_its_start_and_not_its_end() {
    let (chain, filed) = chain().await;
    let at = |place: usize| filed[place].created_at;
    let filter = ApplicationFilter::builder;
    assert_eq!(
        chain.list(filter().created_from(at(2)).build()).await,
        tests(&[2, 3, 4, 5])
    );
    assert_eq!(
        chain.list(filter().created_before(at(2)).build()).await,
        tests(&[0, 1])
    );
    let range = filter().created_from(at(1)).created_before(at(4));
    assert_eq!(chain.list(range.build()).await, tests(&[1, 2, 3]));
    let backwards = filter().created_from(at(4)).created_before(at(1));
    assert_eq!(chain.list(backwards.build()).await, tests(&[]));
    let later = Moment::new(at(3).timestamp() + Duration::from_millis(1));
    assert_eq!(
        chain.list(filter().created_from(later).build()).await,
        tests(&[4, 5])
    );
    let outlet = OUTLETS[0].parse().expect("an id");
    let both = filter().created_from(at(1)).outlet_id(outlet);
    assert_eq!(chain.list(both.build()).await, tests(&[3]));
}

fn page_of(size: u16) -> PageSize {
    serde_json::from_value(json!(size)).expect("a size")
}

#[tokio::test]
async fn pages_stay_in_place_while_others_are_filed_and_change_state() {
    let (chain, filed) = chain().await;
    for size in [1, 2, 3, 6, 7, 200] {
        let filter = ApplicationFilter::builder()
            .page_size(page_of(size))
            .build();
        assert_eq!(
            chain.list(filter).await,
            tests(&[0, 1, 2, 3, 4, 5]),
            "{size} a page"
        );
    }
    let mut filter = ApplicationFilter::builder().page_size(page_of(2)).build();
    let mut seen = Vec::new();
    let mut next_number = 6;
    loop {
        let page = chain
            .client
            .list_applications_page(&filter)
            .await
            .expect("a page");
        assert!(page.items.len() <= 2);
        seen.extend(
            page.items
                .iter()
                .map(|one| one.partner_reference.to_string()),
        );
        // What is filed while one pages appears behind, and what moves on does not move.
        if next_number < 9 {
            chain.file(next_number).await;
            next_number += 1;
            assert!(chain.sandbox.step(&filed[seen.len() - 1].application_id));
        }
        filter.page_token = page.next_page_token;
        if filter.page_token.is_none() {
            break;
        }
    }
    assert_eq!(seen, tests(&[0, 1, 2, 3, 4, 5, 6, 7, 8]));
}

#[tokio::test]
async fn a_full_last_page_is_the_last() {
    let (chain, _) = chain().await;
    let filter = ApplicationFilter::builder().page_size(page_of(6)).build();
    let page = chain
        .client
        .list_applications_page(&filter)
        .await
        .expect("a page");
    assert_eq!((page.items.len(), page.next_page_token), (6, None));
}

#[tokio::test]
async fn one_sees_one_s_own_and_nothing_else() {
    let (chain, _) = chain().await;
    let market = chain.sandbox.sdk(OutletKind::UsedCarMarket);
    market
        .submit_transfer(&transfer_of(transfer()))
        .await
        .expect("filed");
    let all = market
        .list_applications(ApplicationFilter::default())
        .try_collect()
        .await
        .expect("a list");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].service, Service::Transfer);
    let dealer = chain.sandbox.sdk(OutletKind::Dealer);
    for filter in [
        ApplicationFilter::default(),
        ApplicationFilter::builder().vin(vin(1)).build(),
        ApplicationFilter::builder()
            .partner_reference("TEST-1".parse().expect("one"))
            .build(),
        ApplicationFilter::builder()
            .outlet_id(OUTLETS[0].parse().expect("an id"))
            .build(),
    ] {
        let found = dealer
            .list_applications(filter)
            .try_collect()
            .await
            .expect("a list");
        assert!(found.is_empty());
    }
    assert_eq!(chain.list(ApplicationFilter::default()).await.len(), 6);
}

#[tokio::test]
async fn the_city_has_192_outlets_and_42_at_the_base_and_6_more_found_by_kind_district_and_service()
{
    let sandbox = sandbox().await;
    let client = sandbox.sdk(OutletKind::Bank);
    let list = async |filter: OutletFilter| {
        client
            .list_outlets(filter)
            .try_collect()
            .await
            .expect("a list")
    };
    assert_eq!(list(OutletFilter::default()).await.len(), 192 + 42 + 6);
    for (kind, count) in [
        (OutletKind::Dealer, 25),
        (OutletKind::UsedCarMarket, 31),
        (OutletKind::InspectionStation, 83),
        (OutletKind::Bank, 11),
        (OutletKind::Insurer, 12),
        (OutletKind::PostOffice, 25),
        (OutletKind::Other, 5),
        (OutletKind::TownshipSquadron, 35),
        (OutletKind::TrafficStation, 7),
        (OutletKind::MotorcycleDealer, 6),
    ] {
        let found = list(OutletFilter::builder().kind(kind).build()).await;
        assert_eq!(found.len(), count, "{kind}");
        assert!(found.iter().all(|outlet| outlet.kind == kind));
    }
    let mut of_districts = 0;
    for district in District::ALL {
        let found = list(OutletFilter::builder().district(*district).build()).await;
        assert!(found.iter().all(|outlet| outlet.district == *district));
        assert!(!found.is_empty(), "{district}");
        of_districts += found.len();
    }
    assert_eq!(of_districts, 192 + 42 + 6);
    // Dealers, the stations that were granted it, the base, and sellers of motorcycles.
    let registering = list(
        OutletFilter::builder()
            .service(Service::Registration)
            .build(),
    )
    .await;
    assert_eq!(registering.len(), 28 + 42 + 6);
    let both = OutletFilter::builder()
        .service(Service::Registration)
        .kind(OutletKind::InspectionStation);
    assert_eq!(list(both.build()).await.len(), 3);
    let one = client
        .get_outlet(&registering[0].outlet_id)
        .await
        .expect("there");
    assert_eq!(one, registering[0]);
}

#[tokio::test]
async fn operators_are_those_of_one_s_own_outlets() {
    let (chain, _) = chain().await;
    let list = async |filter| chain.client.list_operators(filter).try_collect().await;
    let all = list(OperatorFilter::default()).await.expect("a list");
    assert!(
        all.iter()
            .all(|operator| OUTLETS.contains(&operator.outlet_id.as_str()))
    );
    for outlet in OUTLETS {
        let filter = OperatorFilter::builder()
            .outlet_id(outlet.parse().expect("an id"))
            .build();
        let found = list(filter).await.expect("a list");
        assert_eq!(found.len(), all.len() / 3);
        for state in ["certified", "not_assessed", "lapsed"] {
            assert!(
                found
                    .iter()
                    .any(|operator| operator.state.as_str() == state),
                "{outlet}: {state}"
            );
        }
    }
    let foreign = OperatorFilter::builder()
        .outlet_id("zb-dealer-001".parse().expect("an id"))
        .build();
    let error = list(foreign).await.expect_err("not theirs");
    assert_eq!(
        error.problem().expect("a problem").code.as_str(),
        "outlet_not_of_partner"
    );
}
