//! Mistakes that the compiler finds. Each stands beside the same lines without the mistake, so that
//! no other error can pass for it; the compiler's words are nobody's promise and are not compared.

/// A required member left out.
///
/// ```
/// use lingminban::{api::PlateDrawRequest, codes::PlateKind};
/// let _ = PlateDrawRequest::builder().plate_kind(PlateKind::SmallVehicle).build();
/// ```
/// ```compile_fail
/// use lingminban::{api::PlateDrawRequest, codes::PlateKind};
/// let _ = PlateDrawRequest::builder().build();
/// ```
struct MissingMember;

/// An identity number printed by accident.
///
/// ```
/// fn log(number: &lingminban::identifiers::ResidentId) -> String {
///     format!("{}", number.masked())
/// }
/// ```
/// ```compile_fail
/// fn log(number: &lingminban::identifiers::ResidentId) -> String {
///     format!("{}", number)
/// }
/// ```
struct PrintedIdentityNumber;

/// A client without its credential.
///
/// ```
/// let client = lingminban::Client::builder().base_url("https://lmb.example.cn").client_id("a");
/// let _ = client.client_secret("b").build();
/// ```
/// ```compile_fail
/// let client = lingminban::Client::builder().base_url("https://lmb.example.cn").client_id("a");
/// let _ = client.build();
/// ```
#[cfg(feature = "client")]
struct ClientWithoutSecret;

/// A transfer filed as a registration.
///
/// ```
/// use lingminban::{Client, Submission, api::TransferRequest};
/// fn file(client: &Client, transfer: &Submission<TransferRequest>) {
///     let _ = client.submit_transfer(transfer);
/// }
/// ```
/// ```compile_fail
/// use lingminban::{Client, Submission, api::TransferRequest};
/// fn file(client: &Client, transfer: &Submission<TransferRequest>) {
///     let _ = client.submit_registration(transfer);
/// }
/// ```
#[cfg(feature = "client")]
struct OtherService;

/// A transfer filed among the mortgages.
///
/// ```
/// use lingminban::{Client, Submission, api::TransferRequest};
/// fn file(client: &Client, transfer: &Submission<TransferRequest>) {
///     let _ = client.transfers().submit(transfer);
/// }
/// ```
/// ```compile_fail
/// use lingminban::{Client, Submission, api::TransferRequest};
/// fn file(client: &Client, transfer: &Submission<TransferRequest>) {
///     let _ = client.mortgages().submit(transfer);
/// }
/// ```
#[cfg(feature = "client")]
struct OtherFamily;

/// The same without async.
///
/// ```
/// use lingminban::{Submission, api::TransferRequest, blocking::Client};
/// fn file(client: &Client, transfer: &Submission<TransferRequest>) {
///     let _ = client.transfers().submit(transfer);
/// }
/// ```
/// ```compile_fail
/// use lingminban::{Submission, api::TransferRequest, blocking::Client};
/// fn file(client: &Client, transfer: &Submission<TransferRequest>) {
///     let _ = client.mortgages().submit(transfer);
/// }
/// ```
#[cfg(feature = "blocking")]
struct OtherFamilyBlocking;
