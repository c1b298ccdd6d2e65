//! One method per operation, named after it.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::{
    Client, Error, ErrorKind, IdempotencyKey, Outcome, Pages, Reply, Result, Submission,
    request::Info,
};
use crate::{
    api::{
        AnswerSupplementNotice, Application, ApplicationFilter, ApplicationId, ApplicationPage,
        ApplicationPath, Assessment, Bundle, BundleAssessment, BundleId, BundlePath, BundleRequest,
        Created, Document, DrawPlates, Encoded, FilingQuery, FilingRequest, ForecastInspections,
        Found, GetApplication, GetBundle, GetOutlet, GetTimeline, GetVehicle, HandIn,
        HandInApplication, InspectionForecast, InspectionForecastRequest, Json, ListApplications,
        ListMaterials, ListOperators, ListOutlets, ListServices, ListStatistics, ListVehicles,
        Material, MaterialKind, MaterialList, MaterialPath, NoBody, NoParams, Operation,
        OperatorFilter, OperatorPage, OptionalJson, Outlet, OutletFilter, OutletId, OutletPage,
        OutletPath, PlateDraw, PlateDrawRequest, PlateQuery, PutMaterial, Scan, ServiceList,
        StatisticsFilter, StatisticsPage, SubmitBundle, Submitted, SupplementAnswer, Timeline,
        Vehicle, VehiclePath, WithdrawApplication, Withdrawal, encode_json,
    },
    codes::PlateKind,
    identifiers::{PlateNumber, Vin},
};

const NO_PARAMS: NoParams = NoParams {};
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const FILE: FilingQuery = FilingQuery {
    validate_only: false,
};
const ONLY_VALIDATE: FilingQuery = FilingQuery {
    validate_only: true,
};

/// Writes the methods that file one service each.
macro_rules! filings {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
        /// [`Client::submit`] and [`Client::validate`] by the name of the service; every method fails
        /// as they do.
        #[allow(clippy::missing_errors_doc, reason = "said once, above")]
        impl Client { $(
            #[doc = concat!("提交", $chinese, ": files it.")]
            pub async fn $submit(&self, submission: &Submission<$request>) -> Result<Application> {
                self.submit(submission).await
            }

            #[doc = concat!($chinese, "预审: what filing would lead to; nothing is filed.")]
            pub async fn $validate(&self, request: &$request) -> Result<Assessment> {
                self.validate(request).await
            }
        )+ }
    };
}
crate::for_each_filing!(filings);

/// Every method fails as [`Error`] describes; [`Error::outcome`] tells what is known about the
/// world.
#[allow(clippy::missing_errors_doc, reason = "said once, above")]
impl Client {
    /// 提交业务: files an application, of whatever service.
    pub async fn submit<R: FilingRequest>(
        &self,
        submission: &Submission<R>,
    ) -> Result<Application> {
        self.file::<R::Operation, _, _, _>(submission).await
    }

    /// 预审: what filing would lead to, of whatever service; nothing is filed.
    pub async fn validate<R: FilingRequest>(&self, request: &R) -> Result<Assessment> {
        self.assess::<R::Operation, _, _, _>(request).await
    }

    /// 提交一窗通办业务: files several services for one person and one vehicle; all, or none.
    pub async fn submit_bundle(&self, submission: &Submission<BundleRequest>) -> Result<Bundle> {
        self.file::<SubmitBundle, _, _, _>(submission).await
    }

    /// 一窗通办预审: what filing would lead to; nothing is filed.
    pub async fn validate_bundle(&self, request: &BundleRequest) -> Result<BundleAssessment> {
        self.assess::<SubmitBundle, _, _, _>(request).await
    }

    /// 查询一窗通办业务: reads one bundle.
    pub async fn get_bundle(&self, id: &BundleId) -> Result<Bundle> {
        let path = BundlePath {
            bundle_id: id.clone(),
        };
        self.get::<GetBundle, _>(&path, &NO_PARAMS).await
    }

    /// 随机选号: draws 50 plate numbers, held for three minutes (R164 Art 43).
    pub async fn draw_plates(
        &self,
        submission: &Submission<PlateDrawRequest>,
    ) -> Result<PlateDraw> {
        self.create::<DrawPlates, _, _>(submission).await
    }

    /// 查询业务: reads one application.
    pub async fn get_application(&self, id: &ApplicationId) -> Result<Application> {
        self.get::<GetApplication, _>(&application(id), &NO_PARAMS)
            .await
    }

    /// 查询业务列表: all applications that pass the filter, page after page.
    pub fn list_applications(&self, filter: ApplicationFilter) -> Pages<ListApplications> {
        Pages::new(self.clone(), NO_PARAMS, filter)
    }

    /// 查询业务列表: one page.
    pub async fn list_applications_page(
        &self,
        filter: &ApplicationFilter,
    ) -> Result<ApplicationPage> {
        self.get::<ListApplications, _>(&NO_PARAMS, filter).await
    }

    /// 查询办理过程: every state the application has been in.
    pub async fn get_timeline(&self, id: &ApplicationId) -> Result<Timeline> {
        self.get::<GetTimeline, _>(&application(id), &NO_PARAMS)
            .await
    }

    /// 查询材料: every material the application's service asks for.
    pub async fn list_materials(&self, id: &ApplicationId) -> Result<MaterialList> {
        self.get::<ListMaterials, _>(&application(id), &NO_PARAMS)
            .await
    }

    /// 提交材料: puts one material, with the digest of its bytes, so that damage on the way is
    /// noticed. Putting the same again changes nothing.
    pub async fn put_material(
        &self,
        id: &ApplicationId,
        kind: MaterialKind,
        scan: Scan,
    ) -> Result<Material> {
        let path = MaterialPath {
            application_id: id.clone(),
            kind,
        };
        let headers = HeaderMap::from_iter([(CONTENT_DIGEST, content_digest(&scan.bytes))]);
        let body = Encoded {
            media_type: Some(scan.format.as_str()),
            bytes: scan.bytes,
        };
        let reply = self
            .send::<PutMaterial>(&path, &NO_PARAMS, body, None, headers)
            .await?;
        Ok(reply.output.0)
    }

    /// 提前交件: hands the application in before every material is there; what is missing is told
    /// in a supplement notice.
    pub async fn hand_in_application(
        &self,
        id: &ApplicationId,
        hand_in: &HandIn,
    ) -> Result<Application> {
        self.step::<HandInApplication, _>(id, hand_in).await
    }

    /// 补正: answers a supplement notice, once its materials have been put.
    pub async fn answer_supplement_notice(
        &self,
        id: &ApplicationId,
        answer: &SupplementAnswer,
    ) -> Result<Application> {
        self.step::<AnswerSupplementNotice, _>(id, answer).await
    }

    /// 撤回: withdraws the application, until the authority has decided.
    pub async fn withdraw_application(
        &self,
        id: &ApplicationId,
        withdrawal: &Withdrawal,
    ) -> Result<Application> {
        self.step::<WithdrawApplication, _>(id, withdrawal).await
    }

    /// 查询业务目录: every service, with the materials it asks for and the law behind it. What this
    /// version knows of it is in [`services`](crate::services), without a network.
    pub async fn list_services(&self) -> Result<ServiceList> {
        self.get::<ListServices, _>(&NO_PARAMS, &NO_PARAMS).await
    }

    /// 查询网点: all outlets of the city that pass the filter, page after page.
    pub fn list_outlets(&self, filter: OutletFilter) -> Pages<ListOutlets> {
        Pages::new(self.clone(), NO_PARAMS, filter)
    }

    /// 查询网点: one page.
    pub async fn list_outlets_page(&self, filter: &OutletFilter) -> Result<OutletPage> {
        self.get::<ListOutlets, _>(&NO_PARAMS, filter).await
    }

    /// 查询单个网点: reads one outlet.
    pub async fn get_outlet(&self, id: &OutletId) -> Result<Outlet> {
        self.get::<GetOutlet, _>(
            &OutletPath {
                outlet_id: id.clone(),
            },
            &NO_PARAMS,
        )
        .await
    }

    /// 查询经办人: all operators of the own outlets that pass the filter, page after page.
    pub fn list_operators(&self, filter: OperatorFilter) -> Pages<ListOperators> {
        Pages::new(self.clone(), NO_PARAMS, filter)
    }

    /// 查询经办人: one page.
    pub async fn list_operators_page(&self, filter: &OperatorFilter) -> Result<OperatorPage> {
        self.get::<ListOperators, _>(&NO_PARAMS, filter).await
    }

    /// 业务量统计: how much was handled where, page after page.
    pub fn list_statistics(&self, filter: StatisticsFilter) -> Pages<ListStatistics> {
        Pages::new(self.clone(), NO_PARAMS, filter)
    }

    /// 业务量统计: one page, with the share handled at the base.
    pub async fn list_statistics_page(&self, filter: &StatisticsFilter) -> Result<StatisticsPage> {
        self.get::<ListStatistics, _>(&NO_PARAMS, filter).await
    }

    /// 按车辆识别代号查询车辆: reads a registered vehicle.
    pub async fn get_vehicle(&self, vin: &Vin) -> Result<Vehicle> {
        self.get::<GetVehicle, _>(&VehiclePath { vin: *vin }, &NO_PARAMS)
            .await
    }

    /// 按号牌查询车辆: the vehicle with this plate, if there is one. A car and a motorcycle may
    /// share a number.
    pub async fn find_vehicle(
        &self,
        plate_kind: PlateKind,
        plate_number: &PlateNumber,
    ) -> Result<Option<Vehicle>> {
        let query = PlateQuery {
            plate_kind,
            plate_number: *plate_number,
        };
        let list = self.get::<ListVehicles, _>(&NO_PARAMS, &query).await?;
        Ok(list.items.into_iter().next())
    }

    /// 检验周期预测: when a vehicle is due for inspection, as the platform computes it. The same without a
    /// network: [`InspectionForecast::of`], or [`inspection::forecast`](crate::inspection::forecast) with
    /// readings of one's own.
    pub async fn forecast_inspections(
        &self,
        request: &InspectionForecastRequest,
    ) -> Result<InspectionForecast> {
        let body = written::<ForecastInspections, _>(request)?;
        let Found(forecast) = self
            .post::<ForecastInspections>(&NO_PARAMS, &NO_PARAMS, body, None)
            .await?;
        Ok(forecast)
    }

    async fn file<O, T, F, A>(&self, submission: &Submission<T>) -> Result<F>
    where
        T: Document,
        F: Document,
        A: Document,
        O: Operation<
                Path = NoParams,
                Query = FilingQuery,
                Body = Json<T>,
                Output = Submitted<F, A>,
            >,
    {
        let body = written::<O, _>(submission.request())?;
        let key = Some(submission.key());
        match self.post::<O>(&NO_PARAMS, &FILE, body, key).await? {
            Submitted::Filed(filed) => Ok(*filed),
            Submitted::Assessed(_) => Err(other_answer::<O>("200 instead of 201")),
        }
    }

    async fn assess<O, T, F, A>(&self, request: &T) -> Result<A>
    where
        T: Document,
        F: Document,
        A: Document,
        O: Operation<
                Path = NoParams,
                Query = FilingQuery,
                Body = Json<T>,
                Output = Submitted<F, A>,
            >,
    {
        let body = written::<O, _>(request)?;
        match self
            .post::<O>(&NO_PARAMS, &ONLY_VALIDATE, body, None)
            .await?
        {
            Submitted::Assessed(assessment) => Ok(*assessment),
            Submitted::Filed(_) => Err(other_answer::<O>("201 instead of 200")),
        }
    }

    /// Makes something under the submission's own key.
    pub(super) async fn create<O, T, C>(&self, submission: &Submission<T>) -> Result<C>
    where
        T: Document,
        O: Operation<Path = NoParams, Query = NoParams, Body = Json<T>, Output = Created<C>>,
    {
        let body = written::<O, _>(submission.request())?;
        let Created(made) = self
            .post::<O>(&NO_PARAMS, &NO_PARAMS, body, Some(submission.key()))
            .await?;
        Ok(made)
    }

    pub(super) async fn get<O, T>(&self, path: &O::Path, query: &O::Query) -> Result<T>
    where
        O: Operation<Body = NoBody, Output = Found<T>>,
    {
        let Reply {
            output: Found(found),
            ..
        } = self.call::<O>(path, query, &NoBody, None).await?;
        Ok(found)
    }

    pub(super) async fn post<O: Operation>(
        &self,
        path: &O::Path,
        query: &O::Query,
        body: Encoded,
        key: Option<&IdempotencyKey>,
    ) -> Result<O::Output> {
        Ok(self
            .send::<O>(path, query, body, key, HeaderMap::new())
            .await?
            .output)
    }

    /// A step of an application. Its key lives for this call: a second call after a lost answer is
    /// told `wrong_state` by an application that has moved on.
    async fn step<O, T>(&self, id: &ApplicationId, step: &T) -> Result<Application>
    where
        T: Document,
        O: Operation<
                Path = ApplicationPath,
                Query = NoParams,
                Body = OptionalJson<T>,
                Output = Found<Application>,
            >,
    {
        let body = written::<O, T>(step)?;
        let Found(application) = self
            .post::<O>(&application(id), &NO_PARAMS, body, None)
            .await?;
        Ok(application)
    }
}

fn application(id: &ApplicationId) -> ApplicationPath {
    ApplicationPath {
        application_id: id.clone(),
    }
}

/// The bytes of a request the caller keeps; wrapping it as a body would copy it first.
pub(super) fn written<O: Operation, T: serde::Serialize>(request: &T) -> Result<Encoded> {
    encode_json(request).map_err(|_| Info::of::<O>().error(ErrorKind::Request, Outcome::NotSent))
}

/// A success, but the other one.
fn other_answer<O: Operation>(which: &str) -> Error {
    Info::of::<O>()
        .error(ErrorKind::Unreadable, Outcome::Accepted)
        .caused_by(which)
}

/// RFC 9530.
fn content_digest(bytes: &[u8]) -> HeaderValue {
    let digest = BASE64_STANDARD.encode(Sha256::digest(bytes));
    // Base64 is always a header value; the empty one is never taken.
    HeaderValue::try_from(format!("sha-256=:{digest}:")).unwrap_or(HeaderValue::from_static(""))
}
