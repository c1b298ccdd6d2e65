use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, ApplicationId, ApplicationPath, Body, Encoded, Found, NoBody, NoParams, Open,
    Operation, ProblemCode, Repeat, Scope, Tag,
    operation::sealed::Sealed,
    payload::{EncodeError, MATERIAL_LIMIT},
};
use crate::{moment::Moment, wire_enum::wire_enum};

const TAG: Tag = Tag {
    name: "materials",
    description: "材料 · Materials: what data sharing does not exempt is handed in here.",
};

/// Puts one material.
pub struct PutMaterial;

impl Sealed for PutMaterial {}

impl Operation for PutMaterial {
    const ID: &'static str = "put_material";
    const SUMMARY: &'static str = "提交材料 · Put a material";
    const DESCRIPTION: &'static str = "The scan's raw bytes. Putting the same bytes again changes nothing; other bytes replace them. \
        With `Content-Digest` (RFC 9530, sha-256) the bytes are checked on arrival.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/v1/applications/{application_id}/materials/{kind}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Applications);
    const PROBLEMS: &'static [ProblemCode] = &[
        ProblemCode::ApplicationNotFound,
        ProblemCode::WrongState,
        ProblemCode::MaterialNotRequired,
        ProblemCode::DigestMismatch,
        ProblemCode::EmptyMaterial,
    ];

    type Path = MaterialPath;
    type Query = NoParams;
    type Body = Scan;
    type Output = Found<Material>;
}

/// Lists the materials of an application.
pub struct ListMaterials;

impl Sealed for ListMaterials {}

impl Operation for ListMaterials {
    const ID: &'static str = "list_materials";
    const SUMMARY: &'static str = "查询材料 · List an application's materials";
    const DESCRIPTION: &'static str =
        "Every material the service asks for: still required, received, or exempted.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/v1/applications/{application_id}/materials";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Token(Scope::Applications);
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::ApplicationNotFound];

    type Path = ApplicationPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<MaterialList>;
}

wire_enum! {
    /// 材料种类.
    pub enum MaterialKind {
        IdentityProof = "identity_proof", "机动车所有人身份证明";
        PowerOfAttorney = "power_of_attorney", "代理人身份证明和授权委托书";
        OriginProof = "origin_proof", "机动车来历证明（购车发票）";
        ConformityCertificate = "conformity_certificate", "整车出厂合格证";
        ImportProof = "import_proof", "进口机动车进口凭证";
        CompulsoryInsurance = "compulsory_insurance", "交强险凭证";
        PurchaseTax = "purchase_tax", "车辆购置税完税或免税证明";
        VehicleTax = "vehicle_tax", "车船税纳税或免税证明";
        SafetyInspection = "safety_inspection", "机动车安全技术检验合格证明";
        TransferProof = "transfer_proof", "机动车转让证明（二手车发票）";
        RegistrationCertificate = "registration_certificate", "机动车登记证书";
        DrivingPermit = "driving_permit", "机动车行驶证";
        MortgageeConsent = "mortgagee_consent", "抵押权人同意证明";
        MortgageContract = "mortgage_contract", "主合同和抵押合同（质押合同）";
        CustomsRelease = "customs_release", "海关解除监管证明";
        ResidencePermit = "residence_permit", "居住证明";
        RecyclingProof = "recycling_proof", "报废机动车回收证明";
        LossPledge = "loss_pledge", "机动车灭失的书面承诺";
        ExitProof = "exit_proof", "机动车出境证明";
        ReturnProof = "return_proof", "机动车退车证明";
        NameChangeProof = "name_change_proof", "姓名（名称）变更证明";
        MakerSafetyTest = "maker_safety_test", "制造厂出具的安全技术检验证明";
        ExportProof = "export_proof", "机动车出口证明";
        WrittenRequest = "written_request", "科研、定型试验的书面申请";
        TestPermit = "test_permit", "道路测试、示范应用凭证";
        VehicleArchive = "vehicle_archive", "机动车档案";
        EnforcementNotice = "enforcement_notice", "协助执行通知书";
        MarriageCertificate = "marriage_certificate", "结婚证";
        MarriageProof = "marriage_proof", "结婚证或者证明夫妻关系的居民户口簿";
        CoOwnershipProof = "co_ownership_proof", "共同所有的公证证明";
        CorrectionEvidence = "correction_evidence", "登记有误的证明";
        CourtDocument = "court_document", "人民法院、仲裁机构的法律文书";
    }
}

wire_enum! {
    /// 材料状态.
    pub enum MaterialState {
        Required = "required", "须提交";
        Received = "received", "已收到";
        Exempted = "exempted", "数据共享免提交";
    }
}

wire_enum! {
    /// 数据共享来源: the authority's sources that can exempt a material (R164 Art 4, 12).
    pub enum Lookup {
        PopulationRegister = "population_register", "人口与单位信息";
        InvoicePlatform = "invoice_platform", "税务电子发票服务平台";
        MakerData = "maker_data", "机动车合格证信息系统";
        CustomsData = "customs_data", "海关进口信息";
        InsurerPlatform = "insurer_platform", "交强险信息平台";
        PurchaseTaxData = "purchase_tax_data", "车辆购置税信息";
        VehicleTaxData = "vehicle_tax_data", "车船税信息";
        InspectionData = "inspection_data", "机动车检验监管系统";
        VehicleRegister = "vehicle_register", "机动车登记信息（电子档案）";
        RecyclerPlatform = "recycler_platform", "报废机动车回收信息系统";
        LenderPlatform = "lender_platform", "抵押登记信息平台";
    }
}

/// 所需材料 and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MaterialRequirement {
    /// 材料种类.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub kind: Open<MaterialKind>,
    /// 材料状态.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub state: Open<MaterialState>,
    /// 数据来源: the lookup that exempted the material, or that did not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub lookup: Option<Open<Lookup>>,
}

/// 材料.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Material {
    /// 材料种类.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub kind: Open<MaterialKind>,
    /// 材料状态.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub state: Open<MaterialState>,
    /// 数据来源: the lookup that exempted the material, or that did not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub lookup: Option<Open<Lookup>>,
    /// Size in bytes, once received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u32>,
    /// SHA-256 of the bytes in lower-case hexadecimal, once received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: Option<String>,
    /// When it was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Moment>,
}

/// The materials of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MaterialList {
    /// Every material the service asks for.
    pub items: Vec<Material>,
}

/// Names one material of an application.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MaterialPath {
    /// 业务流水号.
    pub application_id: ApplicationId,
    /// 材料种类.
    pub kind: MaterialKind,
}

wire_enum! {
    /// 材料文件格式.
    pub enum ScanFormat {
        Pdf = "application/pdf", "PDF";
        Jpeg = "image/jpeg", "JPEG";
        Png = "image/png", "PNG";
    }
}

/// 材料扫描件: the raw bytes of a material. Never shown in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan {
    /// What the bytes are.
    pub format: ScanFormat,
    /// The bytes, at most 10 MiB.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scan({}, {} bytes)", self.format, self.bytes.len())
    }
}

impl Body for Scan {
    const MEDIA_TYPES: &'static [&'static str] = &["application/pdf", "image/jpeg", "image/png"];
    const REQUIRED: bool = true;
    const LIMIT: usize = MATERIAL_LIMIT;

    fn encode(&self) -> Result<Encoded, EncodeError> {
        Ok(Encoded {
            media_type: Some(self.format.as_str()),
            bytes: self.bytes.clone(),
        })
    }

    /// Raw bytes have no schema of their own.
    #[cfg(feature = "schema")]
    fn schemas() -> super::Schemas {
        Vec::new()
    }
}
