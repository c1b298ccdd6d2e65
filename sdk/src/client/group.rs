//! Methods of one family of services.

use std::{fmt, marker::PhantomData};

use super::{Client, Pages, Result, Submission};
use crate::api::{
    Application, Assessment, Bundle, BundleAssessment, BundleId, BundleRequest, Cancellation,
    CheckIn, Family, FilingRequest, Inspection, InspectionBooking, InspectionCalendar,
    InspectionFilter, InspectionId, InspectionPage, InspectionResult, ListInspections, OneStop,
    OneStopRequest, OutletId, Rebooking, SlotFilter,
    family::{self, Grouped},
};

/// 业务类别: a client for one family of services, or for bundles; files nothing else.
///
/// ```no_run
/// # use lingminban::{Client, Error, Submission, api::MortgageReleaseRequest};
/// # async fn run(client: Client, request: MortgageReleaseRequest) -> Result<(), Error> {
/// let mortgages = client.mortgages();
/// let assessed = mortgages.validate(&request).await?;
/// if assessed.findings.is_empty() {
///     let filed = mortgages.submit(&Submission::new(request)).await?;
///     println!("{}", filed.application_id);
/// }
/// # Ok(())
/// # }
/// ```
///
/// The group of inspections has what a station does beside filing for marks as well:
///
/// ```no_run
/// # use lingminban::{Client, Error, Submission, api::{InspectionBooking, OutletId, SlotFilter}};
/// # async fn run(
/// #     client: Client,
/// #     station: OutletId,
/// #     mut booking: InspectionBooking,
/// # ) -> Result<(), Error> {
/// let inspections = client.inspections();
/// let calendar = inspections.list_slots(&station, &SlotFilter::default()).await?;
/// let free = calendar.slots.iter().find(|slot| slot.free > 0);
/// booking.starts_at = free.map(|slot| slot.starts_at);
/// let booked = inspections.book(&Submission::new(booking)).await?;
/// println!("{}", booked.inspection_id);
/// # Ok(())
/// # }
/// ```
pub struct Group<'a, G> {
    client: &'a Client,
    group: PhantomData<G>,
}

impl<F: Family> Group<'_, F> {
    /// 提交业务: files an application of the family; see [`Client::submit`].
    ///
    /// # Errors
    /// As [`Error`](super::Error) has them.
    pub async fn submit<R: FilingRequest<Family = F>>(
        &self,
        submission: &Submission<R>,
    ) -> Result<Application> {
        self.client.submit(submission).await
    }

    /// 预审: what filing would lead to; nothing is filed. See [`Client::validate`].
    ///
    /// # Errors
    /// As [`Error`](super::Error) has them.
    pub async fn validate<R: FilingRequest<Family = F>>(&self, request: &R) -> Result<Assessment> {
        self.client.validate(request).await
    }
}

/// Calls a macro with every call that a group has beside those of its family: its name in the group,
/// and the client's method that it is. Both clients have them from here.
macro_rules! for_each_group_call {
    ($callback:ident) => {
        $callback! {
            Inspections {
                list_slots: list_inspection_slots(outlet: &OutletId, filter: &SlotFilter) -> InspectionCalendar;
                book: book_inspection(submission: &Submission<InspectionBooking>) -> Inspection;
                get: get_inspection(id: &InspectionId) -> Inspection;
                list_page: list_inspections_page(filter: &InspectionFilter) -> InspectionPage;
                rebook: rebook_inspection(id: &InspectionId, rebooking: &Rebooking) -> Inspection;
                cancel: cancel_inspection(id: &InspectionId, cancellation: &Cancellation) -> Inspection;
                check_in: check_in_inspection(id: &InspectionId, check_in: &CheckIn) -> Inspection;
                record_result: record_inspection_result(id: &InspectionId, result: &InspectionResult) -> Inspection;
                inspect_at_one_stop: inspect_at_one_stop(submission: &Submission<OneStopRequest>) -> OneStop;
            }
            Bundles {
                submit: submit_bundle(submission: &Submission<BundleRequest>) -> Bundle;
                validate: validate_bundle(request: &BundleRequest) -> BundleAssessment;
                get: get_bundle(id: &BundleId) -> Bundle;
            }
        }
    };
}
#[cfg(feature = "blocking")]
pub(crate) use for_each_group_call;

macro_rules! group_calls {
    ($($group:ident { $(
        $name:ident: $of_client:ident($( $argument:ident: $type:ty ),*) -> $output:ty;
    )+ })+) => { $(
        /// Every method fails as [`Error`](super::Error) describes.
        #[allow(clippy::missing_errors_doc, reason = "said once, above")]
        impl Group<'_, family::$group> { $(
            #[doc = concat!("See [`Client::", stringify!($of_client), "`].")]
            pub async fn $name(&self, $( $argument: $type ),*) -> Result<$output> {
                self.client.$of_client($( $argument ),*).await
            }
        )+ }
    )+ };
}
for_each_group_call!(group_calls);

impl Group<'_, family::Inspections> {
    /// See [`Client::list_inspections`].
    pub fn list(&self, filter: InspectionFilter) -> Pages<ListInspections> {
        self.client.list_inspections(filter)
    }
}

impl<G> Clone for Group<'_, G> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<G> Copy for Group<'_, G> {}

impl<G: Grouped> fmt::Debug for Group<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("scope", &G::SCOPE)
            .finish_non_exhaustive()
    }
}

macro_rules! groups {
    ($($family:ident, $method:ident, $chinese:literal;)+) => {
        /// Groups of methods: of each family of services, and of bundles.
        impl Client { $(
            #[doc = concat!($chinese, ": a group of methods.")]
            #[must_use]
            pub fn $method(&self) -> Group<'_, family::$family> {
                Group {
                    client: self,
                    group: PhantomData,
                }
            }
        )+ }
    };
}
crate::for_each_family!(groups);
groups! { Bundles, bundles, "一窗通办, several services for one person and one vehicle filed as one"; }
