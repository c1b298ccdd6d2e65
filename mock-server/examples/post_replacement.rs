//! 警邮网点补领号牌: a post office replaces a lost plate, and a temporary one drives the car meanwhile.
//!
//! `cargo run --example post_replacement`; no account and no network are needed.

#![allow(
    clippy::print_stdout,
    reason = "it is a program that tells what it does"
)]

use std::error::Error;

use lingminban::{
    Client, Submission,
    api::{
        Application, ApplicationId, Operation, OperatorId, OutletKind, PlateReplacementRequest,
        SubmitPlateReplacement,
    },
};
use lingminban_sandbox::{Pace, Sandbox};

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let sandbox = Sandbox::start().await?;
    // 法定期限: the authority takes the time that the law allows, and days pass on command.
    sandbox.set_pace(Pace::Statutory);
    sandbox.clock().freeze();
    let post = sandbox.client(OutletKind::PostOffice)?;
    let credential = sandbox
        .credential(OutletKind::PostOffice)
        .ok_or("没有警邮网点 · no post office")?;

    println!("== 提交 · A plate was lost; the owner's identity card is all that is asked for ==");
    let request = request(credential.operator_id)?;
    let plate_number = request.vehicle.plate_number;
    let filed = post
        .submit_plate_replacement(&Submission::new(request))
        .await?;
    let id = filed.application_id;
    tell(&sandbox, &post, &id).await?;

    println!("\n== 受理 · Accepted: a temporary plate while the new ones are made ==");
    sandbox.clock().advance_working_days(2);
    let making = tell(&sandbox, &post, &id).await?;
    let temporary = making
        .temporary_plate
        .ok_or("没有临时行驶车号牌 · no temporary plate")?;
    say("临时行驶车号牌 · Temporary plate", &temporary.plate_number);
    say("有效期止 · Valid until", temporary.valid_until);

    println!("\n== 办结 · The plates are made, and sent by post ==");
    sandbox.clock().advance_working_days(15);
    let done = tell(&sandbox, &post, &id).await?;
    let result = done.result.ok_or("业务未办结 · not completed")?;
    say(
        "号牌号码不变 · The number is what it was",
        result.plate_number,
    );
    if Some(result.plate_number) != plate_number {
        return Err("号牌号码变了 · the number has changed".into());
    }
    sandbox.stop().await;
    Ok(())
}

/// The document's example is of a car in every sandbox. A post office's program fills the builder.
fn request(operator_id: OperatorId) -> Outcome<PlateReplacementRequest> {
    let first = SubmitPlateReplacement::EXAMPLES
        .first()
        .ok_or("没有示例 · no example")?;
    let request: PlateReplacementRequest = serde_json::from_str(first.json)?;
    Ok(PlateReplacementRequest {
        operator_id,
        ..request
    })
}

/// Tells the day, the state and its deadline.
async fn tell(sandbox: &Sandbox, post: &Client, id: &ApplicationId) -> Outcome<Application> {
    let application = post.get_application(id).await?;
    say("今天 · Today", sandbox.clock().now().date());
    say("办理状态 · State", &application.status);
    if let (Some(day), Some(rule)) = (application.deadline_on, &application.deadline_rule) {
        println!("法定期限 · By law until: {day}（{rule}）");
    }
    Ok(application)
}

fn say(what: &str, value: impl std::fmt::Display) {
    println!("{what}: {value}");
}
