//! A partner's receiver of webhooks.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use http::HeaderMap;
use lingminban::{
    api::Webhook,
    webhook::{Delivery, Secret, TIMESTAMP, Verifier, VerifyError},
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// What came in.
#[derive(Clone)]
pub(crate) struct Push {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Answers with one status after the other, the last one for ever.
pub(crate) struct Receiver {
    server: MockServer,
    came: Arc<Mutex<Vec<Push>>>,
    coming: UnboundedReceiver<()>,
}

struct Script {
    answers: Vec<ResponseTemplate>,
    asked: AtomicUsize,
    came: Arc<Mutex<Vec<Push>>>,
    coming: UnboundedSender<()>,
}

impl Respond for Script {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let push = Push {
            headers: request.headers.clone(),
            body: request.body.clone(),
        };
        self.came.lock().expect("no panic").push(push);
        let _ = self.coming.send(());
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers.get(asked).or(self.answers.last());
        answer.expect("an answer").clone()
    }
}

impl Receiver {
    pub(crate) async fn answering(statuses: &[u16]) -> Self {
        Self::scripted(statuses.iter().copied().map(ResponseTemplate::new)).await
    }

    pub(crate) async fn scripted(answers: impl IntoIterator<Item = ResponseTemplate>) -> Self {
        let server = MockServer::start().await;
        let came = Arc::<Mutex<Vec<Push>>>::default();
        let (sender, coming) = unbounded_channel();
        let script = Script {
            answers: answers.into_iter().collect(),
            asked: AtomicUsize::new(0),
            came: Arc::clone(&came),
            coming: sender,
        };
        Mock::given(any()).respond_with(script).mount(&server).await;
        Self {
            server,
            came,
            coming,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/events", self.server.uri())
    }

    /// Everything that came so far.
    pub(crate) fn pushes(&self) -> Vec<Push> {
        self.came.lock().expect("no panic").clone()
    }

    /// Waits for the next push.
    pub(crate) async fn next(&mut self) {
        tokio::time::timeout(Duration::from_secs(20), self.coming.recv())
            .await
            .expect("a push in time")
            .expect("a receiver");
    }
}

impl Push {
    /// The event, if the secret of the subscription signed it at the time it says.
    pub(crate) fn verified(&self, webhook: &Webhook) -> Result<Delivery, VerifyError> {
        let secret = webhook.secret.as_ref().expect("told at creation");
        let secret: Secret = secret.expose().parse().expect("a secret");
        Verifier::new(secret).verify(&self.headers, &self.body, self.sent_at())
    }

    /// The time it says it was sent at.
    fn sent_at(&self) -> SystemTime {
        let text = self.headers[&TIMESTAMP].to_str().expect("digits");
        SystemTime::UNIX_EPOCH + Duration::from_secs(text.parse().expect("seconds"))
    }

    /// 事件类型 in the body, signed or not.
    pub(crate) fn kind(&self) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).expect("JSON");
        body["type"].as_str().expect("a type").to_owned()
    }

    /// The number in its `webhook-id`.
    pub(crate) fn number(&self) -> u64 {
        let id = self.headers["webhook-id"].to_str().expect("a text");
        let digits = id.trim_start_matches(|character: char| !character.is_ascii_digit());
        digits.parse().expect("a number")
    }
}
