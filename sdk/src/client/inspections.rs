//! 机动车检验, one method per operation.

use super::{Client, Pages, Result, Submission, calls::written};
use crate::api::{
    BookInspection, CancelInspection, Cancellation, CheckIn, CheckInInspection, Document, Found,
    GetInspection, InspectAtOneStop, Inspection, InspectionBooking, InspectionCalendar,
    InspectionFilter, InspectionId, InspectionPage, InspectionPath, InspectionResult,
    ListInspectionSlots, ListInspections, NoParams, OneStop, OneStopRequest, Operation, OutletId,
    OutletPath, RebookInspection, Rebooking, RecordInspectionResult, SlotFilter,
};

const NO_PARAMS: NoParams = NoParams {};

/// Every method fails as [`Error`](super::Error) describes.
#[allow(clippy::missing_errors_doc, reason = "said once, above")]
impl Client {
    /// 查询预约日历: a station's slots, with the places still free.
    pub async fn list_inspection_slots(
        &self,
        outlet: &OutletId,
        filter: &SlotFilter,
    ) -> Result<InspectionCalendar> {
        let path = OutletPath {
            outlet_id: outlet.clone(),
        };
        self.get::<ListInspectionSlots, _>(&path, filter).await
    }

    /// 预约检验: books a slot, or takes in a vehicle that is already there.
    pub async fn book_inspection(
        &self,
        submission: &Submission<InspectionBooking>,
    ) -> Result<Inspection> {
        self.create::<BookInspection, _, _>(submission).await
    }

    /// 查询检验: reads one inspection.
    pub async fn get_inspection(&self, id: &InspectionId) -> Result<Inspection> {
        self.get::<GetInspection, _>(&inspection(id), &NO_PARAMS)
            .await
    }

    /// 查询检验列表: all inspections that pass the filter, page after page.
    pub fn list_inspections(&self, filter: InspectionFilter) -> Pages<ListInspections> {
        Pages::new(self.clone(), NO_PARAMS, filter)
    }

    /// 查询检验列表: one page.
    pub async fn list_inspections_page(&self, filter: &InspectionFilter) -> Result<InspectionPage> {
        self.get::<ListInspections, _>(&NO_PARAMS, filter).await
    }

    /// 改约: moves a booking to another slot of the station.
    pub async fn rebook_inspection(
        &self,
        id: &InspectionId,
        rebooking: &Rebooking,
    ) -> Result<Inspection> {
        self.inspect::<RebookInspection, _>(id, rebooking).await
    }

    /// 取消预约: gives the place back.
    pub async fn cancel_inspection(
        &self,
        id: &InspectionId,
        cancellation: &Cancellation,
    ) -> Result<Inspection> {
        self.inspect::<CancelInspection, _>(id, cancellation).await
    }

    /// 到检登记: checks a vehicle in, for its first test or a re-test.
    pub async fn check_in_inspection(
        &self,
        id: &InspectionId,
        check_in: &CheckIn,
    ) -> Result<Inspection> {
        self.inspect::<CheckInInspection, _>(id, check_in).await
    }

    /// 录入检验结果: puts in what the test showed.
    pub async fn record_inspection_result(
        &self,
        id: &InspectionId,
        result: &InspectionResult,
    ) -> Result<Inspection> {
        self.inspect::<RecordInspectionResult, _>(id, result).await
    }

    /// 交钥匙: from check-in to the mark in one call.
    pub async fn inspect_at_one_stop(
        &self,
        submission: &Submission<OneStopRequest>,
    ) -> Result<OneStop> {
        self.create::<InspectAtOneStop, _, _>(submission).await
    }

    /// A step of an inspection. Its key lives for this call: a second call after a lost answer is told
    /// `inspection_wrong_state` by an inspection that has moved on.
    async fn inspect<O, T>(&self, id: &InspectionId, step: &T) -> Result<Inspection>
    where
        T: Document,
        O: Operation<Path = InspectionPath, Query = NoParams, Output = Found<Inspection>>,
    {
        let body = written::<O, T>(step)?;
        let Found(inspection) = self
            .post::<O>(&inspection(id), &NO_PARAMS, body, None)
            .await?;
        Ok(inspection)
    }
}

fn inspection(id: &InspectionId) -> InspectionPath {
    InspectionPath {
        inspection_id: id.clone(),
    }
}
