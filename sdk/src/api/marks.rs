use super::{
    Agent, CompulsoryInsurance, Party, RegisteredVehicle, filing::filing, inspections::TAG,
};

filing! {
    service: InspectionMark = "inspection_mark",
    applicant: owner,
    tag: TAG,
    path: "/v1/inspection-marks",
    scope: Inspections,
    summary: "申领检验合格标志 · File for an inspection mark",
    description: "核发检验合格标志 (R164 Art 54), within three months before the date on the papers (school buses one \
        month, Art 62) and after it. A passed inspection that the station has put in (`record_inspection_result`) \
        exempts the safety inspection certificate; violations and accidents are settled first. The mark runs to the \
        next due point, which an early or a late test does not move.",
    examples: {
        "standard": "检验合格后申领 · After a passed inspection",
    },

    /// Files for an inspection mark.
    pub struct SubmitInspectionMark;

    /// 检验合格标志申请.
    pub struct InspectionMarkRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 交强险: needed when the one on record has ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub compulsory_insurance: Option<CompulsoryInsurance>,
    }
}

filing! {
    service: ExemptMark = "exempt_mark",
    applicant: owner,
    tag: TAG,
    path: "/v1/exempt-marks",
    scope: Inspections,
    summary: "申领免检标志 · File for a mark without a test",
    description: "免检车辆申领检验合格标志 (R164 Art 55): for private small cars and motorcycles in the years in which they \
        are not tested on the line (六年免检). Where the test is due, the filing is refused and says so. Re-issue is \
        `submit_inspection_mark_replacement`.",
    examples: {
        "standard": "注册登记满两年的小型轿车 · A small car two years after its registration",
    },

    /// Files for a mark without a test.
    pub struct SubmitExemptMark;

    /// 免检标志申请.
    pub struct ExemptMarkRequest {
        /// 机动车所有人.
        pub owner: Party,
        /// 代理人, when the owner does not come in person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub agent: Option<Agent>,
        /// 机动车.
        pub vehicle: RegisteredVehicle,
        /// 交强险: needed when the one on record has ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub compulsory_insurance: Option<CompulsoryInsurance>,
    }
}
