//! 跨省通办: a market transfers a car to a buyer elsewhere, and one from elsewhere to a buyer here.
//!
//! `cargo run --example cross_province`; no account and no network are needed.

#![allow(
    clippy::print_stdout,
    reason = "it is a program that tells what it does"
)]

use std::error::Error;

use lingminban::{
    Client, Submission,
    api::{
        Application, Operation, OperatorId, OutletKind, SubmitTransfer, TransferKind,
        TransferRequest,
    },
    client::WaitOptions,
};
use lingminban_sandbox::Sandbox;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let sandbox = Sandbox::start().await?;
    let market = sandbox.client(OutletKind::UsedCarMarket)?;
    let operator = operator(&sandbox)?;
    let outbound = example("outbound", &operator)?;
    let inbound = example("inbound", &operator)?;

    println!("== 未写明转出 · Filed as a transfer within the city ==");
    tell_faults(&market, as_kind(&outbound, TransferKind::Local)).await;

    println!("\n== 第三地 · A third place: car and buyer are from elsewhere ==");
    let mut third = inbound.clone();
    third.buyer.address = outbound.buyer.address.clone();
    tell_faults(&market, third).await;

    println!("\n== 转出：本市车卖给外地买方 · Out: a buyer elsewhere ==");
    let left = transferred(&market, outbound).await?;
    if let Some(plate) = &left.temporary_plate {
        say("临时号牌 · Temporary plate", &plate.plate_number);
        say("有效期止 · Valid until", plate.valid_until);
    }

    println!("\n== 转入：外地车卖给本市买方 · In: a car from elsewhere ==");
    if let Some(plate) = &inbound.vehicle.plate_number {
        say("原号牌 · Plate so far", plate);
    }
    let arrived = transferred(&market, inbound).await?;
    for material in &arrived.required_materials {
        let known = material.kind.known();
        let kind = known.map_or("", |kind| kind.chinese_name());
        println!("   - {kind}: {}", material.state);
    }
    if let Some(result) = &arrived.result {
        say("新号牌 · New plate", result.plate_number);
    }
    sandbox.stop().await;
    Ok(())
}

/// The document's example of that name, of a car that every sandbox has. A market's program fills the
/// builder from its own records.
fn example(name: &str, operator_id: &OperatorId) -> Outcome<TransferRequest> {
    let mut examples = SubmitTransfer::EXAMPLES.iter();
    let found = examples.find(|example| example.name == name);
    let request: TransferRequest =
        serde_json::from_str(found.ok_or("没有示例 · no example")?.json)?;
    Ok(TransferRequest {
        operator_id: operator_id.clone(),
        ..request
    })
}

fn as_kind(request: &TransferRequest, kind: TransferKind) -> TransferRequest {
    TransferRequest {
        transfer_kind: Some(kind),
        ..request.clone()
    }
}

/// What cannot be filed is told before anything is.
async fn tell_faults(market: &Client, request: TransferRequest) {
    if let Err(refused) = market.validate_transfer(&request).await {
        println!("   {refused}");
    }
}

/// Files it and waits for the authority.
async fn transferred(market: &Client, request: TransferRequest) -> Outcome<Application> {
    let filed = market.submit_transfer(&Submission::new(request)).await?;
    let done = market
        .wait(&filed.application_id, WaitOptions::default())
        .await?;
    say("业务 · Application", &done.application_id);
    say("状态 · State", &done.status);
    Ok(done)
}

fn operator(sandbox: &Sandbox) -> Outcome<OperatorId> {
    let credential = sandbox
        .credential(OutletKind::UsedCarMarket)
        .ok_or("没有此类网点 · no such outlet")?;
    Ok(credential.operator_id)
}

fn say(what: &str, value: impl std::fmt::Display) {
    println!("{what}: {value}");
}
