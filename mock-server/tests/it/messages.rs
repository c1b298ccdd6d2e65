//! Text messages to citizens: on which occasions, in what words, to whom.

use lingminban::{
    Submission,
    api::{
        OutletKind, TransferRequest, Withdrawal,
        control::{Message, MessageFilter, SpaceId},
    },
    codes::VehicleStatusFlag,
};

use crate::support::*;

fn home() -> SpaceId {
    SpaceId::numbered(0)
}

async fn messages(sandbox: &Judged) -> Vec<Message> {
    let control = sandbox.control().expect("a client");
    let (space, all) = (home(), MessageFilter::default());
    let page = control.list_messages(&space, &all).await;
    page.expect("a list").items
}

fn kinds(messages: &[Message]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message.kind.as_str())
        .collect()
}

#[tokio::test]
async fn the_owner_hears_of_acceptance_and_completion() {
    let sandbox = sandbox().await;
    let application = sandbox.register(registration(1)).await;
    let told = messages(&sandbox).await;
    assert_eq!(
        kinds(&told),
        ["application.accepted", "application.completed"]
    );
    let mobile = registration(1)["owner"]["mobile_number"].clone();
    let mobile = mobile.as_str().expect("a number");
    for message in &told {
        let about = message.application_id.as_ref();
        assert_eq!(about, Some(&application.application_id));
        assert_eq!(message.to, format!("{}****{}", &mobile[..3], &mobile[7..]));
        let id = application.application_id.as_str();
        assert!(message.text.contains(id), "{}", message.text);
    }
    let plate = application.result.expect("completed").plate_number;
    assert!(told[1].text.contains(plate.as_str()), "{}", told[1].text);
}

#[tokio::test]
async fn a_supplement_notice_names_what_was_missing_then_and_until_when() {
    let sandbox = sandbox().await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let filed = client
        .submit_registration(&registration_of(supplement(1)))
        .await
        .expect("filed");
    let id = &filed.application_id;
    let noticed = client
        .hand_in_application(id, &Default::default())
        .await
        .expect("received");
    let before = messages(&sandbox).await;
    let put = put_all(&client, id).await;
    client
        .withdraw_application(id, &Withdrawal::default())
        .await
        .expect("undecided");
    let told = messages(&sandbox).await;
    assert_eq!(
        kinds(&told),
        ["application.supplement_required", "application.withdrawn"]
    );
    // What was put since does not change what was written.
    assert_eq!(told[0], before[0]);
    for kind in put {
        assert!(
            told[0].text.contains(kind.chinese_name()),
            "{}",
            told[0].text
        );
    }
    let deadline = noticed.deadline_on.expect("a deadline").to_string();
    assert!(told[0].text.contains(&deadline), "{}", told[0].text);
}

#[tokio::test]
async fn the_buyer_hears_of_a_refusal_and_nothing_personal_is_written() {
    let sandbox = sandbox().await;
    let market = sandbox.sdk(OutletKind::UsedCarMarket);
    let request: TransferRequest = decoded(transfer());
    let vin = request.vehicle.vin;
    let filed = market
        .submit_transfer(&Submission::new(request))
        .await
        .expect("filed");
    sandbox.flag(vin, VehicleStatusFlag::Sealed, true);
    sandbox.settle();
    let told = messages(&sandbox).await;
    assert_eq!(
        kinds(&told),
        ["application.accepted", "application.refused"]
    );
    let body = transfer();
    let mobile = body["buyer"]["mobile_number"].as_str().expect("a number");
    assert!(told[1].to.starts_with(&mobile[..3]) && told[1].to.ends_with(&mobile[7..]));
    for party in ["buyer", "seller"] {
        for personal in ["name", "identity_number", "mobile_number"] {
            let text = body[party][personal].as_str().expect("a text");
            assert!(told.iter().all(|message| !message.text.contains(text)));
        }
    }
    // By application, page by page.
    sandbox.register(registration(1)).await;
    let control = sandbox.control().expect("a client");
    let filter = MessageFilter::builder()
        .application_id(filed.application_id.clone())
        .build();
    let page = control
        .list_messages(&home(), &filter)
        .await
        .expect("a list");
    assert_eq!(page.items, told);
    let mut filter = MessageFilter::builder()
        .page_size(decoded(3.into()))
        .build();
    let first = control
        .list_messages(&home(), &filter)
        .await
        .expect("a page");
    filter.page_token = first.next_page_token;
    let second = control
        .list_messages(&home(), &filter)
        .await
        .expect("a page");
    assert_eq!((first.items.len(), second.items.len()), (3, 1));
    assert_eq!(second.next_page_token, None);
}
