//! The same calls without async: for programs that have no runtime.
//!
//! ```no_run
//! use lingminban::{api::OutletFilter, blocking::Client};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! for outlet in client.list_outlets(OutletFilter::default()) {
//!     println!("{}", outlet?.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Inside an async runtime these calls would stop it; they fail with
//! [`ErrorKind::AsyncContext`] instead.

use std::{fmt, future::Future, marker::PhantomData, sync::Arc};

use crate::{
    api::{
        Application, ApplicationFilter, ApplicationId, ApplicationPage, Assessment, Bundle,
        BundleAssessment, BundleId, BundleRequest, Cancellation, CheckIn, Cursor, Delivery,
        DeliveryFilter, DeliveryId, DeliveryPage, EventPage, EventQuery, EventType, Family,
        FilingRequest, HandIn, Inspection, InspectionBooking, InspectionCalendar, InspectionFilter,
        InspectionForecast, InspectionForecastRequest, InspectionId, InspectionPage,
        InspectionResult, ListApplications, ListDeliveries, ListEvents, ListInspections,
        ListOperators, ListOutlets, ListStatistics, Material, MaterialKind, MaterialList, OneStop,
        OneStopRequest, Operation, OperatorFilter, OperatorPage, Outlet, OutletFilter, OutletId,
        OutletPage, OverlapSeconds, PlateDraw, PlateDrawRequest, Rebooking, Scan, ServiceList,
        SlotFilter, StatisticsFilter, StatisticsPage, SupplementAnswer, Timeline, Vehicle, Webhook,
        WebhookId, WebhookRequest, Withdrawal,
        family::{self, Grouped},
    },
    client::{
        self, CallContext, Config, ConfigError, ErrorKind, EventStream, Followed, IdempotencyKey,
        Listing, Outcome, Reply, Result, Setting, Submission, WaitOptions,
    },
    codes::PlateKind,
    identifiers::{PlateNumber, Vin},
};

/// 客户端, blocking. Cheap to clone; clones share connections, token, budget and one background
/// thread.
#[derive(Clone)]
pub struct Client {
    inner: client::Client,
    runtime: Arc<Runtime>,
}

/// A runtime that may be dropped anywhere: tokio's own panics when that happens inside another.
struct Runtime(Option<tokio::runtime::Runtime>);

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Runtime {
    fn new() -> Result<Self, ConfigError> {
        // One worker keeps connections alive between calls; the calls run on their callers' threads.
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("lingminban")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|_| {
                ConfigError::new(
                    Setting::Runtime,
                    "无法启动后台线程",
                    "the background thread cannot be started",
                )
            })
    }

    fn run<T>(&self, operation: &'static str, call: impl Future<Output = Result<T>>) -> Result<T> {
        match &self.0 {
            Some(runtime) if tokio::runtime::Handle::try_current().is_err() => {
                runtime.block_on(call)
            }
            _ => Err(client::Error::new(
                operation,
                ErrorKind::AsyncContext,
                Outcome::NotSent,
            )),
        }
    }
}

/// Writes the methods from those of the async client.
macro_rules! calls {
    ($( $name:ident($( $argument:ident: $type:ty ),*) -> $output:ty; )+) => {
        /// Every method fails as [`Error`](crate::Error) describes.
        #[allow(clippy::missing_errors_doc, reason = "said once, above")]
        impl Client { $(
            #[doc = concat!("See [`Client::", stringify!($name), "`](client::Client::", stringify!($name), ").")]
            pub fn $name(&self, $( $argument: $type ),*) -> Result<$output> {
                self.runtime.run(stringify!($name), self.inner.$name($( $argument ),*))
            }
        )+ }
    };
}

/// The same for the methods that file one service each.
macro_rules! filings {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
        calls! { $(
            $submit(submission: &Submission<$request>) -> Application;
            $validate(request: &$request) -> Assessment;
        )+ }
    };
}
crate::for_each_filing!(filings);

calls! {
    draw_plates(submission: &Submission<PlateDrawRequest>) -> PlateDraw;
    get_application(id: &ApplicationId) -> Application;
    list_applications_page(filter: &ApplicationFilter) -> ApplicationPage;
    get_timeline(id: &ApplicationId) -> Timeline;
    list_materials(id: &ApplicationId) -> MaterialList;
    put_material(id: &ApplicationId, kind: MaterialKind, scan: Scan) -> Material;
    hand_in_application(id: &ApplicationId, hand_in: &HandIn) -> Application;
    answer_supplement_notice(id: &ApplicationId, answer: &SupplementAnswer) -> Application;
    withdraw_application(id: &ApplicationId, withdrawal: &Withdrawal) -> Application;
    list_services() -> ServiceList;
    list_outlets_page(filter: &OutletFilter) -> OutletPage;
    get_outlet(id: &OutletId) -> Outlet;
    list_operators_page(filter: &OperatorFilter) -> OperatorPage;
    list_statistics_page(filter: &StatisticsFilter) -> StatisticsPage;
    get_vehicle(vin: &Vin) -> Vehicle;
    find_vehicle(plate_kind: PlateKind, plate_number: &PlateNumber) -> Option<Vehicle>;
    forecast_inspections(request: &InspectionForecastRequest) -> InspectionForecast;
    list_events_page(query: &EventQuery) -> EventPage;
    create_webhook(submission: &Submission<WebhookRequest>) -> Webhook;
    list_webhooks() -> Vec<Webhook>;
    get_webhook(id: &WebhookId) -> Webhook;
    delete_webhook(id: &WebhookId) -> ();
    rotate_webhook_secret(id: &WebhookId, overlap: Option<OverlapSeconds>) -> Webhook;
    enable_webhook(id: &WebhookId) -> Webhook;
    test_webhook(id: &WebhookId, kind: EventType) -> Delivery;
    list_deliveries_page(id: &WebhookId, filter: &DeliveryFilter) -> DeliveryPage;
    redeliver(id: &WebhookId, delivery: &DeliveryId) -> Delivery;
    wait(id: &ApplicationId, options: WaitOptions) -> Application;
    wait_until(id: &ApplicationId, options: WaitOptions, done: impl FnMut(&Application) -> bool) -> Application;
}

impl Client {
    /// A client from the process's environment; see [`Config::from_env`].
    ///
    /// # Errors
    /// When a variable is missing or cannot be used; the error names the variable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::new(Config::from_env()?)
    }

    /// A client from a configuration; [`client::Client::builder`] also makes one, with
    /// `.build_blocking()`.
    ///
    /// # Errors
    /// When a setting cannot work, or no thread can be started.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Ok(Self {
            inner: client::Client::new(config)?,
            runtime: Arc::new(Runtime::new()?),
        })
    }

    /// This client with identifiers of the partner's own on every call.
    #[must_use]
    pub fn in_context(&self, context: CallContext) -> Self {
        Self {
            inner: self.inner.in_context(context),
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// See [`Client::call`](client::Client::call).
    ///
    /// # Errors
    /// As [`Error`](crate::Error) has them.
    pub fn call<O: Operation>(
        &self,
        path: &O::Path,
        query: &O::Query,
        body: &O::Body,
        key: Option<&IdempotencyKey>,
    ) -> Result<Reply<O::Output>> {
        self.runtime
            .run(O::ID, self.inner.call::<O>(path, query, body, key))
    }

    /// See [`Client::submit`](client::Client::submit).
    ///
    /// # Errors
    /// As [`Error`](crate::Error) has them.
    pub fn submit<R: FilingRequest>(&self, submission: &Submission<R>) -> Result<Application> {
        self.runtime
            .run(R::Operation::ID, self.inner.submit(submission))
    }

    /// See [`Client::validate`](client::Client::validate).
    ///
    /// # Errors
    /// As [`Error`](crate::Error) has them.
    pub fn validate<R: FilingRequest>(&self, request: &R) -> Result<Assessment> {
        self.runtime
            .run(R::Operation::ID, self.inner.validate(request))
    }

    /// 查询业务列表: all applications that pass the filter, page after page.
    pub fn list_applications(&self, filter: ApplicationFilter) -> Pages<ListApplications> {
        self.pages(self.inner.list_applications(filter))
    }

    /// 查询网点: all outlets of the city that pass the filter, page after page.
    pub fn list_outlets(&self, filter: OutletFilter) -> Pages<ListOutlets> {
        self.pages(self.inner.list_outlets(filter))
    }

    /// 查询经办人: all operators of the own outlets that pass the filter, page after page.
    pub fn list_operators(&self, filter: OperatorFilter) -> Pages<ListOperators> {
        self.pages(self.inner.list_operators(filter))
    }

    /// 查询检验列表: all inspections that pass the filter, page after page.
    pub fn list_inspections(&self, filter: InspectionFilter) -> Pages<ListInspections> {
        self.pages(self.inner.list_inspections(filter))
    }

    /// 业务量统计: how much was handled where, page after page.
    pub fn list_statistics(&self, filter: StatisticsFilter) -> Pages<ListStatistics> {
        self.pages(self.inner.list_statistics(filter))
    }

    /// 查询推送记录: all deliveries to a subscription that pass the filter, page after page.
    pub fn list_deliveries(&self, id: &WebhookId, filter: DeliveryFilter) -> Pages<ListDeliveries> {
        self.pages(self.inner.list_deliveries(id, filter))
    }

    /// 查询事件: all that has happened since `cursor`, then all that happens.
    pub fn events(&self, cursor: Option<Cursor>) -> Events {
        Events {
            stream: Some(self.inner.events(cursor)),
            runtime: Arc::clone(&self.runtime),
        }
    }

    fn pages<O: Listing>(&self, pages: client::Pages<O>) -> Pages<O> {
        Pages {
            inner: Some(pages),
            runtime: Arc::clone(&self.runtime),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// 业务类别: a client for one family of services, or for bundles; files nothing else. See
/// [`client::Group`].
pub struct Group<'a, G> {
    client: &'a Client,
    group: PhantomData<G>,
}

impl<F: Family> Group<'_, F> {
    /// See [`Group::submit`](client::Group::submit).
    ///
    /// # Errors
    /// As [`Error`](crate::Error) has them.
    pub fn submit<R: FilingRequest<Family = F>>(
        &self,
        submission: &Submission<R>,
    ) -> Result<Application> {
        self.client.submit(submission)
    }

    /// See [`Group::validate`](client::Group::validate).
    ///
    /// # Errors
    /// As [`Error`](crate::Error) has them.
    pub fn validate<R: FilingRequest<Family = F>>(&self, request: &R) -> Result<Assessment> {
        self.client.validate(request)
    }
}

/// The same for the calls that a group has beside those of its family, and for the group.
macro_rules! group_calls {
    ($($group:ident { $(
        $name:ident: $of_client:ident($( $argument:ident: $type:ty ),*) -> $output:ty;
    )+ })+) => { $(
        calls! { $( $of_client($( $argument: $type ),*) -> $output; )+ }

        /// Every method fails as [`Error`](crate::Error) describes.
        #[allow(clippy::missing_errors_doc, reason = "said once, above")]
        impl Group<'_, family::$group> { $(
            #[doc = concat!("See [`Client::", stringify!($of_client), "`](client::Client::", stringify!($of_client), ").")]
            pub fn $name(&self, $( $argument: $type ),*) -> Result<$output> {
                self.client.$of_client($( $argument ),*)
            }
        )+ }
    )+ };
}
client::for_each_group_call!(group_calls);

impl Group<'_, family::Inspections> {
    /// See [`Client::list_inspections`](client::Client::list_inspections).
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

/// The entries of a list, fetched page by page as they are asked for. After an error it ends.
#[must_use = "nothing is asked for before the first entry is"]
pub struct Pages<O: Listing> {
    inner: Option<client::Pages<O>>,
    runtime: Arc<Runtime>,
}

impl<O: Listing> Iterator for Pages<O> {
    type Item = Result<O::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages = self.inner.as_mut()?;
        let next = self
            .runtime
            .run(O::ID, async { pages.next().await.transpose() })
            .transpose();
        if !matches!(next, Some(Ok(_))) {
            self.inner = None;
        }
        next
    }
}

impl<O: Listing> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &O::ID)
            .finish_non_exhaustive()
    }
}

/// Events as they happen; `next` waits for one. See [`EventStream`].
#[must_use = "nothing is asked for before the first event is"]
pub struct Events {
    stream: Option<EventStream>,
    runtime: Arc<Runtime>,
}

impl Events {
    /// The stream with other settings: its filter, its pauses, its end.
    pub fn with(self, settings: impl FnOnce(EventStream) -> EventStream) -> Self {
        Self {
            stream: self.stream.map(settings),
            ..self
        }
    }
}

impl Iterator for Events {
    type Item = Result<Followed>;

    fn next(&mut self) -> Option<Result<Followed>> {
        let stream = self.stream.as_mut()?;
        let next = async { stream.next().await.transpose() };
        let next = self.runtime.run(ListEvents::ID, next).transpose();
        // Inside an async runtime it would fail for ever.
        if matches!(&next, Some(Err(error)) if error.kind() == ErrorKind::AsyncContext) {
            self.stream = None;
        }
        next
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
