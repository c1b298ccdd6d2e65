//! 银行解除抵押后过户: a bank releases a mortgage, and then the market sells the car.
//!
//! `cargo run --example bank_release`; no account and no network are needed.

#![allow(
    clippy::print_stdout,
    reason = "it is a program that tells what it does"
)]

use std::error::Error;

use lingminban::{
    Client, Submission,
    api::{
        Application, ApplicationResult, Document, MortgageReleaseRequest, Operation, OperatorId,
        OutletKind, SubmitMortgageRelease, SubmitTransfer, TransferRequest,
    },
    client::WaitOptions,
};
use lingminban_sandbox::Sandbox;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let sandbox = Sandbox::start().await?;
    let bank = sandbox.client(OutletKind::Bank)?;
    let market = sandbox.client(OutletKind::UsedCarMarket)?;
    let release = release(operator(&sandbox, OutletKind::Bank)?)?;
    let sale = sale(&release, operator(&sandbox, OutletKind::UsedCarMarket)?)?;

    println!("== 交易市场：先试算 · The market asks what would come of it ==");
    for finding in market.validate_transfer(&sale).await?.findings {
        println!("   - {}（{}）", finding.message, finding.rule);
    }

    println!("\n== 银行：解除抵押 · The bank releases the mortgage ==");
    let mortgaged = bank.get_vehicle(&release.vehicle.vin).await?;
    for mortgage in &mortgaged.mortgages {
        say("抵押登记日期 · Mortgaged since", mortgage.registered_on);
    }
    let filed = bank
        .submit_mortgage_release(&Submission::new(release))
        .await?;
    let released = finished(&bank, &filed).await?;
    if let Some(day) = released.public_on {
        say("解除抵押登记日期 · Released on", day);
    }

    println!("\n== 交易市场：转让登记 · The market transfers the car ==");
    let filed = market.submit_transfer(&Submission::new(sale)).await?;
    let transferred = finished(&market, &filed).await?;
    say(
        "过户后号牌 · Plate after the transfer",
        transferred.plate_number,
    );
    sandbox.stop().await;
    Ok(())
}

/// 解除抵押: the document's example is of a car that is mortgaged in every sandbox. A bank's program
/// fills the builder from its own records.
fn release(operator_id: OperatorId) -> Outcome<MortgageReleaseRequest> {
    Ok(MortgageReleaseRequest {
        operator_id,
        ..example::<SubmitMortgageRelease, _>()?
    })
}

/// 转让: the same car, sold by its owner.
fn sale(release: &MortgageReleaseRequest, operator_id: OperatorId) -> Outcome<TransferRequest> {
    let mut sale: TransferRequest = example::<SubmitTransfer, _>()?;
    sale.operator_id = operator_id;
    sale.seller = release.owner.clone();
    sale.vehicle = release.vehicle.clone();
    if let Some(invoice) = &mut sale.transfer_proof.invoice {
        invoice.vin = release.vehicle.vin;
    }
    sale.registration_certificate_number = Some(release.registration_certificate_number);
    Ok(sale)
}

/// The first example of an operation.
fn example<O: Operation, R: Document>() -> Outcome<R> {
    let first = O::EXAMPLES.first().ok_or("没有示例 · no example")?;
    Ok(serde_json::from_str(first.json)?)
}

/// Waits for the authority, and gives what it registered.
async fn finished(client: &Client, filed: &Application) -> Outcome<ApplicationResult> {
    let done = client
        .wait(&filed.application_id, WaitOptions::default())
        .await?;
    say("业务 · Application", &done.application_id);
    Ok(done
        .result
        .ok_or("业务未办结 · the application was not completed")?)
}

fn operator(sandbox: &Sandbox, kind: OutletKind) -> Outcome<OperatorId> {
    let credential = sandbox
        .credential(kind)
        .ok_or("没有此类网点 · no such outlet")?;
    Ok(credential.operator_id)
}

fn say(what: &str, value: impl std::fmt::Display) {
    println!("{what}: {value}");
}
