//! 快速上手: a dealer registers a new car, with a supplement round, and a used-car market
//! transfers it.
//!
//! `cargo run --example quickstart`; no account and no network are needed.

#![allow(
    clippy::print_stdout,
    reason = "it is a program that tells what it does"
)]

use std::error::Error;

use jiff::civil::Date;
use lingminban::{
    Client, Submission,
    api::{
        Application, ApplicationResult, Fen, Invoice, MaterialKind, MaterialState, Operation,
        OperatorId, OutletKind, Party, RegisteredVehicle, RegistrationRequest, Scan, ScanFormat,
        SubmitRegistration, SupplementAnswer, TransferProof, TransferRequest,
    },
    client::WaitOptions,
    codes::AcquisitionMethod,
};
use lingminban_sandbox::{Credential, Sandbox};

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let sandbox = Sandbox::start().await?;
    say("沙箱已启动 · The sandbox is running at", sandbox.base_url());

    let registered = register(&sandbox).await?;
    let transferred = transfer(&sandbox, &registered).await?;

    println!();
    say(
        "新车号牌 · Plate of the new car",
        registered.plate.plate_number,
    );
    say(
        "过户后号牌 · Plate after the transfer",
        transferred.plate_number,
    );
    say(
        "登记证书编号 · Certificate number",
        transferred.registration_certificate_number,
    );
    say(
        "下次检验有效期止 · Next inspection due",
        transferred.inspection_due_on,
    );
    sandbox.stop().await;
    Ok(())
}

/// What the market must know of the car.
struct Registered {
    owner: Party,
    vehicle: RegisteredVehicle,
    plate: ApplicationResult,
    on: Date,
}

/// 注册登记 at the dealer: the invoice is on paper, so data sharing cannot confirm the tax and the
/// authority asks for two papers.
async fn register(sandbox: &Sandbox) -> Outcome<Registered> {
    println!("\n== 汽车销售企业：注册登记 · The dealer registers a new car ==");
    let client = sandbox.client(OutletKind::Dealer)?;
    let request = RegistrationRequest {
        operator_id: operator(sandbox, OutletKind::Dealer)?,
        ..example("supplement")?
    };
    let (owner, vin) = (request.owner.clone(), request.vehicle.vin);

    let mut application = client
        .submit_registration(&Submission::new(request))
        .await?;
    told(&application);
    application = client
        .hand_in_application(&application.application_id, &Default::default())
        .await?;
    told(&application);
    for finding in &application.findings {
        println!("   - {}（{}）", finding.message, finding.rule);
    }

    for kind in wanted(&application) {
        let scan = Scan {
            format: ScanFormat::Pdf,
            bytes: b"%PDF-1.7 a scan".to_vec(),
        };
        client
            .put_material(&application.application_id, kind, scan)
            .await?;
        say("已提交材料 · Handed in", kind.chinese_name());
    }
    let answer = SupplementAnswer::default();
    application = client
        .answer_supplement_notice(&application.application_id, &answer)
        .await?;
    told(&application);

    let (plate, on) = finished(&client, &application).await?;
    let vehicle = RegisteredVehicle {
        vin,
        plate_kind: plate
            .plate_kind
            .known()
            .ok_or("未知的号牌种类 · unknown plate kind")?,
        plate_number: Some(plate.plate_number),
    };
    Ok(Registered {
        owner,
        vehicle,
        plate,
        on,
    })
}

/// 转让登记 at the used-car market: nothing to hand in, the invoice is digital.
async fn transfer(sandbox: &Sandbox, car: &Registered) -> Outcome<ApplicationResult> {
    println!("\n== 二手车交易市场：转让登记 · The market transfers it ==");
    let client = sandbox.client(OutletKind::UsedCarMarket)?;
    let request = TransferRequest::builder()
        .operator_id(operator(sandbox, OutletKind::UsedCarMarket)?)
        .partner_reference("UCM-2026-000042".parse()?)
        .seller(car.owner.clone())
        .buyer(buyer(car)?)
        .vehicle(car.vehicle.clone())
        .registration_certificate_number(car.plate.registration_certificate_number)
        .transfer_proof(
            TransferProof::builder()
                .acquisition(AcquisitionMethod::Purchase)
                .invoice(
                    Invoice::builder()
                        .number("26372000000000000042".parse()?)
                        .issued_on(car.on)
                        .price_fen(Fen::try_from(11_800_000)?)
                        .issuer("示例二手车交易市场有限公司".parse()?)
                        .vin(car.vehicle.vin)
                        .build(),
                )
                .delivered_on(car.on)
                .build(),
        )
        .build();

    let application = client.submit_transfer(&Submission::new(request)).await?;
    told(&application);
    Ok(finished(&client, &application).await?.0)
}

fn buyer(car: &Registered) -> Outcome<Party> {
    Ok(Party {
        name: "李样本".parse()?,
        identity_number: "370399198802290029".parse()?,
        mobile_number: "13900000002".parse()?,
        ..car.owner.clone()
    })
}

/// Waits for the authority, and gives what it issued and when.
async fn finished(
    client: &Client,
    application: &Application,
) -> Outcome<(ApplicationResult, Date)> {
    let done = client
        .wait(&application.application_id, WaitOptions::default())
        .await?;
    for entry in client.get_timeline(&done.application_id).await?.items {
        let status = entry
            .status
            .known()
            .map_or(entry.status.as_str(), |known| known.chinese_name());
        println!("   {} {status}", entry.since);
    }
    let plate = done
        .result
        .ok_or("业务未办结 · the application was not completed")?;
    say("办结，号牌 · Completed, plate", plate.plate_number);
    Ok((plate, done.status_since.date()))
}

fn told(application: &Application) {
    let status = &application.status;
    let words = status
        .known()
        .map_or(status.as_str(), |known| known.chinese_name());
    println!("业务 {} · {words} ({status})", application.application_id);
}

fn wanted(application: &Application) -> Vec<MaterialKind> {
    let required = application
        .required_materials
        .iter()
        .filter(|material| material.state == MaterialState::Required);
    required
        .filter_map(|material| material.kind.known())
        .collect()
}

fn operator(sandbox: &Sandbox, kind: OutletKind) -> Outcome<OperatorId> {
    let credential: Credential = sandbox
        .credential(kind)
        .ok_or("没有此类网点 · no such outlet")?;
    Ok(credential.operator_id)
}

/// An example of the document; a dealer's program fills the builder from its own records.
fn example(name: &str) -> Outcome<RegistrationRequest> {
    let found = SubmitRegistration::EXAMPLES
        .iter()
        .find(|example| example.name == name);
    Ok(serde_json::from_str(
        found.ok_or("没有此示例 · no such example")?.json,
    )?)
}

fn say(what: &str, value: impl std::fmt::Display) {
    println!("{what}: {value}");
}
