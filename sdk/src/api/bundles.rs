//! 一窗通办: several services for one vehicle and whoever has it, filed as one.

use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, Application, Assessment, BundleId, FilingQuery, Found, Json, NoBody, NoParams, Open,
    Operation, ProblemCode, Repeat, Scope, Submitted, Tag, filing,
    operation::{Example, Link, sealed::Sealed},
};
use crate::wire_enum::wire_enum;

const TAG: Tag = Tag {
    name: "bundles",
    description: "一窗通办 · Several services for one person and one vehicle, filed as one.",
};

/// Files a bundle.
pub struct SubmitBundle;

impl Sealed for SubmitBundle {}

impl Operation for SubmitBundle {
    const ID: &'static str = "submit_bundle";
    const SUMMARY: &'static str = "提交一窗通办业务 · File several services as one";
    const DESCRIPTION: &'static str = "一窗通办: two services or more for one person and one vehicle. Each part is the request that \
        would file the service alone, and becomes an application of its own; all are filed, or none.\n\n\
        - Each part is filed for whoever has the vehicle when its turn comes: what comes before a transfer for \
        its seller, the transfer and what follows it for its buyer.\n\
        - Parts are handled in the order in which the members are listed here, whatever their order in the \
        body. A part is judged as if those before it had been completed; it names the vehicle as it is on \
        record when the bundle is filed.\n\
        - The bundle is accepted as one, or asked for supplements as one; a material that several parts ask \
        for is handed in once, for any of them.\n\
        - After the acceptance each part has a state of its own. A part waits until the one before it is \
        completed; its period begins then.\n\
        - When a part is refused, or withdrawn, those after it are refused, or withdrawn, too; what was \
        completed before stands.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/bundles";
    const REPEAT: Repeat = Repeat::KeyRequired;
    const ACCESS: Access = Access::Token(Scope::Bundles);
    const PROBLEMS: &'static [ProblemCode] = filing::PROBLEMS;
    const LINKS: &'static [Link] = &[
        Link {
            name: "bundle",
            operation_id: "get_bundle",
            parameters: &[("bundle_id", "$response.body#/bundle_id")],
        },
        Link {
            name: "first",
            operation_id: "get_application",
            parameters: &[("application_id", "$response.body#/parts/0/application_id")],
        },
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            name: "standard",
            summary: "二手车转让，同时登记新车主的联系方式 · A transfer, and the buyer's contact details with it",
            json: include_str!("examples/bundle.standard.json"),
        },
        Example {
            name: "financed",
            summary: "贷款购买二手车：转让、选号并办理抵押 · A used car bought on credit: transfer, number and mortgage",
            json: include_str!("examples/bundle.financed.json"),
        },
    ];

    type Path = NoParams;
    type Query = FilingQuery;
    type Body = Json<BundleRequest>;
    type Output = Submitted<Bundle, BundleAssessment>;
}

/// Reads one bundle.
pub struct GetBundle;

impl Sealed for GetBundle {}

impl Operation for GetBundle {
    const ID: &'static str = "get_bundle";
    const SUMMARY: &'static str = "查询一窗通办业务 · Read one bundle";
    const DESCRIPTION: &'static str =
        "Another partner's bundle is answered like one that does not exist.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/bundles/{bundle_id}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Bundles);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::BundleNotFound];
    const LINKS: &'static [Link] = &[Link {
        name: "first",
        operation_id: "get_application",
        parameters: &[("application_id", "$response.body#/parts/0/application_id")],
    }];

    type Path = BundlePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Bundle>;
}

/// Calls a macro with every part that a bundle may have: its member, its request, its Chinese name; in
/// the order in which the authority handles them: what frees the vehicle of a loan, what decides whose
/// it is, what is on its papers, and what loan it is to secure.
///
/// Left out is what begins or ends a registration, for before it, or after it, no other part could name the
/// vehicle; what is about two vehicles, or drives one beside the rest (互换号牌, 临时行驶车号牌); and what makes
/// its owner another in name only (身份证明号码变更, 登记错误更正), which he files before anything else.
#[macro_export]
macro_rules! for_each_bundle_part {
    ($callback:path) => {
        $callback! {
            mortgage_release, MortgageReleaseRequest, "解除抵押登记";
            pledge_release, PledgeReleaseRequest, "解除质押备案";
            transfer, TransferRequest, "转让登记";
            co_owner_change, CoOwnerChangeRequest, "共同所有人变更登记";
            owner_name_change, OwnerNameChangeRequest, "姓名（名称）变更备案";
            contact_change, ContactChangeRequest, "联系方式变更备案";
            address_change, AddressChangeRequest, "住所变更备案";
            alteration, AlterationRequest, "变更登记";
            plate_replacement, PlateReplacementRequest, "补换领号牌";
            driving_permit_replacement, DrivingPermitReplacementRequest, "补换领行驶证";
            registration_certificate_replacement, RegistrationCertificateReplacementRequest, "补换领登记证书";
            inspection_mark_replacement, InspectionMarkReplacementRequest, "补换领检验合格标志";
            inspection_mark, InspectionMarkRequest, "核发检验合格标志";
            exempt_mark, ExemptMarkRequest, "核发免检标志";
            mortgage, MortgageRequest, "抵押登记";
            pledge, PledgeRequest, "质押备案";
        }
    };
}

macro_rules! bundle_request {
    ($($member:ident, $request:ident, $chinese:literal;)+) => {
        /// 一窗通办申请: at least two parts, all of the same operator and outlet, for the same vehicle and
        /// for whoever owns it when the part's turn comes.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub struct BundleRequest { $(
            #[doc = concat!($chinese, ".")]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $member: Option<super::$request>,
        )+ }
    };
}
crate::for_each_bundle_part!(bundle_request);

wire_enum! {
    /// 一窗通办状态.
    pub enum BundleStatus {
        Received = "received", "已收件，待材料齐全";
        SupplementRequired = "supplement_required", "需补正材料";
        InProgress = "in_progress", "办理中";
        Completed = "completed", "全部办结";
        PartlyCompleted = "partly_completed", "部分办结";
        NotCompleted = "not_completed", "均未办结";
    }
}

/// 一窗通办业务: a bundle, and how each of its parts stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Bundle {
    /// 一窗通办流水号.
    pub bundle_id: BundleId,
    /// 办理状态 of the whole.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub status: Open<BundleStatus>,
    /// 各项业务, in the order in which they are handled.
    pub parts: Vec<Application>,
}

/// 一窗通办预审结果: what filing would lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BundleAssessment {
    /// 各项业务, in the order in which they would be handled, each as if those before it had been
    /// completed on the day of filing.
    pub parts: Vec<Assessment>,
}

/// Names a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BundlePath {
    /// 一窗通办流水号.
    pub bundle_id: BundleId,
}
