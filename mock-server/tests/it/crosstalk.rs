//! Many spaces at once: each is as if it were alone.

use lingminban::api::{
    OutletKind,
    control::{ClockMove, NewSpace, SpaceCreated},
};
use lingminban_sandbox::Control;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::*;

/// A space of a seed and a client that works in it.
struct Worker {
    control: Control,
    space: SpaceCreated,
    stranger: Caller,
    seed: u32,
}

impl Worker {
    async fn start(sandbox: &Judged, seed: u32) -> Self {
        let control = sandbox.control().expect("a client");
        let space = NewSpace::builder()
            .seed(u64::from(seed).try_into().expect("a seed"))
            .frozen(true)
            .build();
        Self {
            space: control.create_space(space).await.expect("created"),
            stranger: sandbox.stranger(),
            control,
            seed,
        }
    }

    async fn caller(&self, kind: OutletKind) -> Caller {
        let credential = credential(&self.space, kind);
        let got = self.stranger.token(&credential, None).await;
        let token = got.ok(200)["access_token"].as_str().map(str::to_owned);
        self.stranger.with_token(&token.expect("a token"))
    }

    async fn advance(&self, period: &str) {
        let period = period.parse().expect("a period");
        let moved = self
            .control
            .clock(&self.space.space_id, ClockMove::Advance(period));
        moved.await.expect("moved");
    }

    /// A day's work, from a fresh space on: every answer to its last byte.
    async fn day(&self) -> Vec<String> {
        let reset = self.control.reset_space(&self.space.space_id);
        reset.await.expect("reset");
        let dealer = self.caller(OutletKind::Dealer).await;
        let mut told = Vec::new();
        let draw = json!({"plate_kind": "02"});
        let drawn = dealer.post_keyed("/v1/plate-draws", "key-draw", &draw);
        told.push(written(&drawn.await));
        // One request in three is wrong, one asks for papers, one goes through.
        let bodies = [
            registration(self.seed),
            supplement(self.seed + 1_000),
            json!({"vehicle": {"seats": "x"}}),
        ];
        for (index, body) in bodies.iter().enumerate() {
            let key = format!("key-of-{index}");
            let filed = dealer.post_keyed("/v1/registrations", &key, body).await;
            let again = dealer.post_keyed("/v1/registrations", &key, body).await;
            told.extend([&filed, &again].map(written));
        }
        self.advance("PT1H").await;
        for path in [
            "/v1/applications",
            "/v1/applications?status=completed",
            "/v1/nothing",
        ] {
            told.push(written(&dealer.get(path).await));
        }
        self.advance("P40D").await;
        let market = self.caller(OutletKind::UsedCarMarket).await;
        let sale = transfer();
        let sold = market.post_keyed("/v1/transfers", "key-sold", &sale);
        told.push(written(&sold.await));
        self.advance("PT1S").await;
        told.push(written(&market.get("/v1/applications").await));
        told
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_clients_in_sixty_four_spaces_see_nothing_of_each_other() {
    const CLIENTS: u32 = 64;
    let alone = sandbox().await;
    let together = sandbox().await;
    let mut expected = Vec::new();
    for seed in 1..=CLIENTS {
        expected.push(Worker::start(&alone, seed).await.day().await);
    }
    let mut tasks = JoinSet::new();
    for (seed, expected) in (1..=CLIENTS).zip(expected) {
        let worker = Worker::start(&together, seed).await;
        tasks.spawn(async move {
            for round in 0..2 {
                for (told, expected) in worker.day().await.iter().zip(&expected) {
                    assert_eq!(told, expected, "seed {seed}, round {round}");
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("every answer as if alone");
    }
}
