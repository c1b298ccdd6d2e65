//! What the tests share: a sandbox whose traffic is judged, callers, and bodies to send.

mod judge;
mod raw;
mod receiver;

use std::{
    ops::Deref,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use jiff::Timestamp;
use lingminban::{
    Client, Submission,
    api::{
        Application, ApplicationId, FilingRequest, MaterialKind, Operation, OutletKind,
        RegistrationRequest, Scan, ScanFormat, Service, SubmitRegistration, SubmitTransfer,
        TransferRequest,
        control::{Catalogue, SpaceCreated},
    },
    for_each_filing,
    identifiers::{ResidentId, Vin},
};
use lingminban_sandbox::{
    Credential, Options, Pace, Sandbox, Settings,
    engine::world::HostClock,
    server::{Answer, Call},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) use judge::Judge;
pub(crate) use raw::{Caller, Got, fresh_key, written};
pub(crate) use receiver::{Push, Receiver};

/// A machine on which no time passes: a space's clock shows what a test lets it show.
#[derive(Clone, Default)]
pub(crate) struct StandingHost(Arc<AtomicU64>);

impl StandingHost {
    /// Real time goes by.
    pub(crate) fn pass(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).expect("a test's time is short");
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl HostClock for StandingHost {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.elapsed()
    }
}

/// A directory of a test, gone with it.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    /// One that is not there yet.
    pub(crate) fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("scratch-{}-{number}", std::process::id());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A sandbox of a test. When it is dropped, the test fails if any request that was accepted or any
/// answer was not what the document says.
pub(crate) struct Judged {
    sandbox: Sandbox,
    judge: Arc<Judge>,
}

impl Deref for Judged {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

impl Drop for Judged {
    fn drop(&mut self) {
        let violations = self.judge.violations();
        if !violations.is_empty() && !std::thread::panicking() {
            panic!("against the document:\n{}", violations.join("\n"));
        }
    }
}

/// A sandbox at quick pace, 2026-03-02 09:00, whose clock moves on command only.
pub(crate) async fn sandbox() -> Judged {
    sandbox_with(Settings::default()).await
}

/// The same with settings.
pub(crate) async fn sandbox_with(settings: Settings) -> Judged {
    sandbox_on(settings, StandingHost::default()).await
}

/// The same at a pace, from a time.
pub(crate) async fn sandbox_at(pace: Pace, start: &str) -> Judged {
    let start = start.parse().expect("a time");
    let settings = Settings::default();
    sandbox_with(Settings {
        start,
        pace,
        ..settings
    })
    .await
}

/// The same with a host whose time a test lets pass.
pub(crate) async fn sandbox_on(settings: Settings, host: StandingHost) -> Judged {
    let options = Options {
        settings,
        ..Options::default()
    };
    sandbox_of(options, host).await
}

/// The same with every option.
pub(crate) async fn sandbox_of(options: Options, host: StandingHost) -> Judged {
    let judge = Arc::new(Judge::default());
    let by = Arc::clone(&judge);
    let sandbox = Sandbox::start_through(options, Box::new(host), |engine| {
        Arc::new(judge::Judged::new(engine, by))
    })
    .await
    .expect("a port");
    Judged { sandbox, judge }
}

impl Judged {
    /// Who judges it.
    pub(crate) fn judge(&self) -> &Judge {
        &self.judge
    }

    /// The test vehicles.
    pub(crate) async fn catalogue(&self) -> Catalogue {
        let control = self.control().expect("a client");
        control.catalogue().await.expect("served")
    }

    /// A client of the SDK, acting as the first outlet of a kind.
    pub(crate) fn sdk(&self, kind: OutletKind) -> Client {
        self.sandbox.client(kind).expect("a client")
    }

    /// A caller with a token of the first outlet of a kind.
    pub(crate) async fn caller(&self, kind: OutletKind) -> Caller {
        let credential = self.credential(kind).expect("a credential");
        Caller::of(self.base_url(), &credential).await
    }

    /// A caller with a token of a credential by its client id.
    pub(crate) async fn caller_of(&self, client_id: &str) -> Caller {
        let credentials = self.credentials();
        let credential = credentials
            .iter()
            .find(|credential| credential.client_id.as_ref() == client_id)
            .expect("a credential");
        Caller::of(self.base_url(), credential).await
    }

    /// A caller without a token.
    pub(crate) fn stranger(&self) -> Caller {
        Caller::stranger(self.base_url())
    }

    /// Lets everything happen that takes the quick pace's fractions of a second.
    pub(crate) fn settle(&self) {
        self.clock().advance(Duration::from_secs(1));
    }

    /// Files a registration and lets it run to where it rests.
    pub(crate) async fn register(&self, body: Value) -> Application {
        let dealer = self.sdk(OutletKind::Dealer);
        let filed = dealer
            .submit_registration(&registration_of(body))
            .await
            .expect("filed");
        self.settle();
        dealer
            .get_application(&filed.application_id)
            .await
            .expect("own")
    }

    /// Files a transfer and lets it run to where it rests.
    pub(crate) async fn transfer(&self, body: Value) -> Application {
        let market = self.sdk(OutletKind::UsedCarMarket);
        let filed = market
            .submit_transfer(&transfer_of(body))
            .await
            .expect("filed");
        self.settle();
        market
            .get_application(&filed.application_id)
            .await
            .expect("own")
    }

    /// Files whatever it is and lets it run to where it rests.
    pub(crate) async fn file<R: FilingRequest>(
        &self,
        kind: OutletKind,
        body: Value,
    ) -> Application {
        let outlet = self.sdk(kind);
        let submission = Submission::<R>::new(decoded(body));
        let filed = outlet.submit(&submission).await.expect("filed");
        self.settle();
        outlet
            .get_application(&filed.application_id)
            .await
            .expect("own")
    }

    /// What filing would lead to, asked with no network between: some tests have thousands of cells.
    pub(crate) fn assess(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("a header");
        let json = HeaderValue::from_static("application/json");
        // Assessing binds no key.
        let key = HeaderValue::from_static("assessed-only");
        let headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, bearer),
            (header::CONTENT_TYPE, json),
            (HeaderName::from_static("idempotency-key"), key),
        ]);
        let body = body.to_string();
        let call = Call {
            method: &Method::POST,
            path,
            query: Some("validate_only=true"),
            headers: &headers,
            body: body.as_bytes(),
        };
        let reply = self.engine().answer(&call).expect("an answer");
        let told = serde_json::from_slice(&reply.body).expect("JSON");
        (reply.status.as_u16(), told)
    }

    /// What is wrong with a body that is not filed, as the first outlet of a kind is told.
    pub(crate) async fn refusal(
        &self,
        kind: OutletKind,
        path: &str,
        body: &Value,
    ) -> Vec<(String, String)> {
        let got = self.caller(kind).await.post(path, body).await;
        got.refused(422, "validation_failed");
        got.errors()
    }

    /// The body of a catalogue vehicle's request.
    pub(crate) async fn of_catalogue(&self, name: &str) -> Value {
        let catalogue = self.catalogue().await;
        let item = catalogue.items.into_iter().find(|item| item.name == name);
        item.expect("listed").requests.remove(0).body
    }

    /// The first operator of the first outlet of a kind.
    pub(crate) fn operator(&self, kind: OutletKind) -> String {
        let credential = self.credential(kind).expect("a credential");
        credential.operator_id.to_string()
    }
}

/// The credential of a kind in an answer of the control interface.
pub(crate) fn credential(created: &SpaceCreated, kind: OutletKind) -> Credential {
    let found = created
        .credentials
        .iter()
        .find(|credential| credential.outlet_kind == kind)
        .expect("one of every kind");
    Credential {
        outlet_kind: kind,
        outlet_id: found.outlet_id.clone(),
        operator_id: found.operator_id.clone(),
        client_id: found.client_id.as_str().into(),
        client_secret: found.client_secret.clone(),
    }
}

/// A body as the SDK's type.
pub(crate) fn decoded<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).expect("a body of the contract")
}

/// A registration to file.
pub(crate) fn registration_of(body: Value) -> Submission<RegistrationRequest> {
    Submission::new(decoded(body))
}

/// A transfer to file.
pub(crate) fn transfer_of(body: Value) -> Submission<TransferRequest> {
    Submission::new(decoded(body))
}

macro_rules! filings {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
        /// Of every service: where it is filed, and the body that shows it.
        pub(crate) fn filings() -> Vec<(Service, &'static str, Value)> {
            vec![$( (
                <$request>::SERVICE,
                <$operation>::PATH,
                serde_json::from_str(<$operation>::EXAMPLES[0].json).expect("examples are JSON"),
            ) ),+]
        }
    };
}
for_each_filing!(filings);

/// A body as an outlet files it.
pub(crate) fn filed_by(credential: &Credential, mut body: Value) -> Value {
    body["outlet_id"] = json!(credential.outlet_id);
    body["operator_id"] = json!(credential.operator_id);
    body
}

/// An example of the document by its name.
pub(crate) fn example<O: Operation>(name: &str) -> Value {
    let example = O::EXAMPLES
        .iter()
        .find(|example| example.name == name)
        .expect("an example of that name");
    serde_json::from_str(example.json).expect("examples are JSON")
}

/// A valid VIN of no catalogue vehicle, one for each number.
pub(crate) fn vin(number: u32) -> Vin {
    Vin::with_check_digit(&format!("LZZTEST10N1{number:06}")).expect("a VIN")
}

/// A registration that needs nothing more, one for each number.
pub(crate) fn registration(number: u32) -> Value {
    numbered(example::<SubmitRegistration>("standard"), number)
}

/// A registration whose lookups do not answer, one for each number.
pub(crate) fn supplement(number: u32) -> Value {
    numbered(example::<SubmitRegistration>("supplement"), number)
}

fn numbered(mut body: Value, number: u32) -> Value {
    put_vin(&mut body, vin(number));
    body["partner_reference"] = json!(format!("TEST-{number}"));
    body
}

/// The document's transfer, of the catalogue's first vehicle.
pub(crate) fn transfer() -> Value {
    example::<SubmitTransfer>("standard")
}

/// The transfer of a car that the space has registered, from its owner to the example's buyer.
pub(crate) fn transfer_after(registration: &Value, registered: &Application) -> Value {
    let result = registered.result.as_ref().expect("completed");
    let mut body = transfer();
    put_vin(&mut body, decoded(registration["vehicle"]["vin"].clone()));
    body["seller"] = registration["owner"].clone();
    let today = registered.status_since.date().to_string();
    body["transfer_proof"]["invoice"]["issued_on"] = json!(today);
    body["transfer_proof"]["delivered_on"] = json!(today);
    body["vehicle"]["plate_kind"] = json!(result.plate_kind);
    body["vehicle"]["plate_number"] = json!(result.plate_number);
    body["registration_certificate_number"] = json!(result.registration_certificate_number);
    body["partner_reference"] = json!(format!("SALE-{}", registered.application_id));
    body["buyer"] = party("王买方", "37039919770912001", "13600000004");
    body
}

/// A natural person of this city; of the identity number all but the check symbol is given.
pub(crate) fn party(name: &str, identity_body: &str, mobile_number: &str) -> Value {
    let identity_number = ResidentId::with_check_symbol(identity_body).expect("17 digits");
    json!({
        "kind": "natural_person",
        "name": name,
        "identity_number": identity_number.as_str(),
        "mobile_number": mobile_number,
        "address": { "region_code": "370303", "detail": "张店区测试路9号" },
    })
}

/// What was found, with its place and its article.
pub(crate) fn found(application: &Application) -> Vec<(&str, &str, &str)> {
    let told = application.findings.iter().map(|finding| {
        let pointer = finding.pointer.as_deref().unwrap_or_default();
        (finding.code.as_str(), pointer, finding.rule.as_str())
    });
    told.collect()
}

/// 所需材料 of an application.
pub(crate) fn asked(application: &Application) -> Vec<&str> {
    let asked = application.required_materials.iter();
    asked.map(|material| material.kind.as_str()).collect()
}

/// Places and codes, as [`Got::errors`] has them.
pub(crate) fn errors(told: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = told
        .iter()
        .map(|(place, code)| ((*place).to_owned(), (*code).to_owned()));
    owned.collect()
}

/// Somebody in the applicant's place.
pub(crate) fn agent() -> Value {
    let identity_number = ResidentId::with_check_symbol("37039919850615003").expect("17 digits");
    json!({
        "name": "赵代办",
        "identity_number": identity_number.as_str(),
        "mobile_number": "13700000003",
        "power_of_attorney_until": "2026-12-31",
    })
}

/// Every member named `vin` is the same vehicle.
pub(crate) fn put_vin(value: &mut Value, vin: Vin) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == "vin" {
                    *member = json!(vin);
                } else {
                    put_vin(member, vin);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put_vin(item, vin)),
        _ => {}
    }
}

/// A scan of some bytes.
pub(crate) fn scan(bytes: &[u8]) -> Scan {
    Scan {
        format: ScanFormat::Pdf,
        bytes: bytes.to_vec(),
    }
}

/// Puts every material an application still asks for.
pub(crate) async fn put_all(client: &Client, id: &ApplicationId) -> Vec<MaterialKind> {
    let application = client.get_application(id).await.expect("own");
    let missing: Vec<MaterialKind> = application
        .missing_materials()
        .map(|kind| kind.known().expect("a known kind"))
        .collect();
    for kind in &missing {
        let bytes = format!("scan of {kind}");
        client
            .put_material(id, *kind, scan(bytes.as_bytes()))
            .await
            .expect("wanted");
    }
    missing
}
