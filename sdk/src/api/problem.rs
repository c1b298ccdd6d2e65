use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Open;
use crate::{
    text::{Language, Text},
    wire_enum::wire_enum,
};

/// Writes [`ProblemCode`] from rows of code, status, Chinese title, Chinese and English detail.
macro_rules! problem_codes {
    ( $( $variant:ident = $word:literal, $status:ident, $title:literal, $zh:literal, $en:literal; )+ ) => {
        wire_enum! {
            /// What went wrong, for programs. 问题代码
            pub enum ProblemCode { $( $variant = $word, $title; )+ }
        }

        impl ProblemCode {
            /// The HTTP status of the answer.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $( Self::$variant => StatusCode::$status, )+ }
            }

            /// What went wrong and what to do, in a line.
            #[must_use]
            pub const fn text(self) -> Text {
                match self { $( Self::$variant => Text { zh: concat!($title, "。", $zh), en: $en }, )+ }
            }
        }
    };
}

problem_codes! {
    MalformedJson = "malformed_json", BAD_REQUEST, "请求体不是有效的 JSON",
        "请按提示的行、列更正后重新提交。",
        "The request body is not valid JSON; correct it at the line and column named.";
    InvalidParameter = "invalid_parameter", BAD_REQUEST, "路径或查询参数不正确",
        "请按提示更正参数。",
        "A path or query parameter is not right; correct those named.";
    InvalidPageToken = "invalid_page_token", BAD_REQUEST, "翻页标记不适用于此列表",
        "请去掉 page_token，从第一页重新查询。",
        "The page token is not valid for this list; start again without it.";
    InvalidCursor = "invalid_cursor", BAD_REQUEST, "游标不是本列表给出的",
        "请使用保存的 next_cursor；没有时去掉 cursor，从头查询。",
        "The cursor is not one that your list of events gave; use the one you kept, or start without it.";
    MissingIdempotencyKey = "missing_idempotency_key", BAD_REQUEST, "缺少 Idempotency-Key",
        "请为每笔提交生成一个 Idempotency-Key，应答丢失时可安全重发。",
        "Send an Idempotency-Key: it makes a repetition safe when an answer is lost.";
    InvalidIdempotencyKey = "invalid_idempotency_key", BAD_REQUEST, "Idempotency-Key 格式不正确",
        "须为 8 至 255 个可见 ASCII 字符，且只发送一次。",
        "The Idempotency-Key must be 8 to 255 visible ASCII characters, sent once.";
    DigestMismatch = "digest_mismatch", BAD_REQUEST, "材料内容与 Content-Digest 不符",
        "传输中可能有误，请重新发送。",
        "The bytes received do not have the digest announced; send them again.";
    EmptyMaterial = "empty_material", BAD_REQUEST, "材料内容为空",
        "请发送扫描件。",
        "The material has no bytes; send the scan.";
    MissingToken = "missing_token", UNAUTHORIZED, "缺少访问令牌",
        "请在请求头中加 Authorization: Bearer 令牌。",
        "Send an access token: Authorization: Bearer …";
    InvalidToken = "invalid_token", UNAUTHORIZED, "访问令牌无效",
        "请重新获取令牌。",
        "The access token is not one of this platform; fetch a new one.";
    ExpiredToken = "expired_token", UNAUTHORIZED, "访问令牌已过期",
        "请重新获取令牌。",
        "The access token has expired; fetch a new one.";
    AdminTokenRequired = "admin_token_required", UNAUTHORIZED, "缺少管理令牌或管理令牌不正确",
        "请在请求头中加 Authorization: Bearer 和启动沙箱时 --admin-token 所给的令牌。",
        "Send the token the sandbox was started with (--admin-token): Authorization: Bearer …";
    InsufficientScope = "insufficient_scope", FORBIDDEN, "访问令牌的权限范围不足",
        "请申请包含此项权限范围的令牌。",
        "The access token lacks the scope of this operation; fetch one that has it.";
    ControlClosed = "control_closed", FORBIDDEN, "沙箱的控制接口未开放",
        "沙箱监听的不只是本机，启动时须以 --admin-token 给出管理令牌。",
        "The sandbox listens beyond this machine; start it with --admin-token to open its control interface.";
    ForeignOrigin = "foreign_origin", FORBIDDEN, "控制请求来自其他网站的页面",
        "请由程序发送（不带 Origin），或在沙箱自己的页面 /docs 上发送。",
        "This command comes from a page of another web site; send it from a program, without Origin, or from the sandbox's own page /docs.";
    UnknownHost = "unknown_host", FORBIDDEN, "控制请求所用的主机名不是沙箱的",
        "没有管理令牌时只认 localhost、127.0.0.1、[::1] 以及 --host、--public-url、--tls-name 的主机名；请改用这些主机名，或以 --public-url 或 --admin-token 启动沙箱。",
        "Without an admin token the sandbox is commanded as localhost, 127.0.0.1, [::1] or the host of --host, --public-url or --tls-name; use one of these, or start it with --public-url or --admin-token.";
    ServiceNotEntrusted = "service_not_entrusted", FORBIDDEN, "该网点未受委托办理此项业务",
        "请到受委托的网点或车管所办理。",
        "This outlet is not entrusted with this service; file at one that is.";
    VehicleClassNotEntrusted = "vehicle_class_not_entrusted", FORBIDDEN, "该网点未受委托办理此类车辆的业务",
        "请到车管所办理。",
        "This outlet is not entrusted with vehicles of this class; file at the vehicle office.";
    OutletNotOfPartner = "outlet_not_of_partner", FORBIDDEN, "该网点不属于当前合作单位",
        "请填写本单位的网点编号。",
        "This outlet is not one of your own; name one that is.";
    OperatorNotOfOutlet = "operator_not_of_outlet", FORBIDDEN, "该经办人不属于此网点",
        "请由本网点的经办人提交。",
        "This operator does not work at this outlet; an operator of the outlet must file.";
    OperatorNotAssessed = "operator_not_assessed", FORBIDDEN, "该经办人尚未通过考核",
        "请由考核合格的经办人提交。",
        "This operator has not passed the assessment yet; a certified one must file.";
    OperatorCertificateLapsed = "operator_certificate_lapsed", FORBIDDEN, "该经办人的考核证书已过期",
        "请由证书有效的经办人提交。",
        "This operator's certificate has lapsed; a certified one must file.";
    UnknownPath = "unknown_path", NOT_FOUND, "没有这个地址",
        "请对照接口文档检查路径。",
        "There is nothing at this path; compare it with the document.";
    OutletNotFound = "outlet_not_found", NOT_FOUND, "没有这个网点",
        "请检查网点编号。",
        "There is no such outlet; check its id.";
    ApplicationNotFound = "application_not_found", NOT_FOUND, "没有这笔业务",
        "请检查业务流水号；其他单位的业务不可查询。",
        "You have no such application; check its id.";
    BundleNotFound = "bundle_not_found", NOT_FOUND, "没有这笔一窗通办业务",
        "请检查一窗通办流水号；其他单位的业务不可查询。",
        "You have no such bundle; check its id.";
    VehicleNotFound = "vehicle_not_found", NOT_FOUND, "没有这辆车的登记记录",
        "请检查车辆识别代号；未登记的车辆没有记录。",
        "There is no such vehicle on record; check the VIN.";
    SpaceNotFound = "space_not_found", NOT_FOUND, "没有这个空间",
        "请检查空间编号，或新建一个空间。",
        "There is no such space; check its id, or create one.";
    SnapshotNotFound = "snapshot_not_found", NOT_FOUND, "没有这个快照",
        "请检查快照编号；快照属于拍摄它的空间。",
        "There is no such snapshot; check its id; a snapshot belongs to the space it was taken of.";
    InspectionNotFound = "inspection_not_found", NOT_FOUND, "没有这次检验",
        "请检查检验流水号。",
        "You have no such inspection; check its id.";
    WebhookNotFound = "webhook_not_found", NOT_FOUND, "没有这个推送订阅",
        "请检查订阅编号；已删除的订阅不可查询。",
        "You have no such webhook subscription; check its id.";
    DeliveryNotFound = "delivery_not_found", NOT_FOUND, "该订阅没有这条推送记录",
        "请检查推送记录编号；较早的记录不保留，可从事件列表补读。",
        "This subscription has no such delivery; old ones are not kept: read the event from the list of events.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "该地址不支持此方法",
        "允许的方法见 Allow。",
        "This path does not know this method; see Allow.";
    AlreadySubmitted = "already_submitted", CONFLICT, "该合作单位业务编号已经提交过",
        "请查询所列业务，不要重复提交。",
        "This partner reference was submitted before; read that application instead.";
    VehicleAlreadyRegistered = "vehicle_already_registered", CONFLICT, "该车辆已办理注册登记",
        "请核对车辆识别代号；在用车请办理转让登记。",
        "This vehicle is registered already; check the VIN, or file a transfer.";
    VehicleInProcess = "vehicle_in_process", CONFLICT, "该车辆有尚未办结的业务",
        "请等待其办结或先撤回。",
        "This vehicle has an application that is not finished; wait for it or withdraw it.";
    WrongState = "wrong_state", CONFLICT, "业务当前状态不允许此操作",
        "请先查询业务状态。",
        "The application's state does not allow this step; read it first.";
    InspectionWrongState = "inspection_wrong_state", CONFLICT, "检验当前状态不允许此操作",
        "请先查询检验状态。",
        "The inspection's state does not allow this step; read it first.";
    ReferenceUsed = "reference_used", CONFLICT, "该合作单位业务编号已用于另一次检验",
        "请查询所列检验，不要重复预约。",
        "This partner reference names another inspection; read that one instead.";
    VehicleHasInspection = "vehicle_has_inspection", CONFLICT, "该车辆已预约或正在检验",
        "请改约、取消，或等待检验结束。",
        "This vehicle is booked for an inspection or in one; rebook it, cancel it, or wait for its end.";
    NoFreeSlot = "no_free_slot", CONFLICT, "该时段已约满，或今日已无余量",
        "请查询预约日历，另选时段。",
        "The slot is full, or today has no place left; read the station's calendar and take another slot.";
    FirstSpaceStays = "first_space_stays", CONFLICT, "第一个空间不能删除",
        "可将其重置。",
        "The first space cannot be deleted; reset it instead.";
    ClockBackwards = "clock_backwards", CONFLICT, "空间的时钟不能倒走",
        "请重置空间、恢复快照，或以更早的 start_time 新建空间。",
        "A space's clock never runs backwards; reset the space, restore a snapshot, or create one with an earlier start_time.";
    LimitReached = "limit_reached", CONFLICT, "数量已达上限",
        "请先删除不再需要的。",
        "There are as many as there may be; delete some you no longer need.";
    MaterialNotRequired = "material_not_required", CONFLICT, "此项业务不需要该材料",
        "所需材料见业务的 required_materials。",
        "This application does not ask for this material; see its required_materials.";
    WebhookDisabled = "webhook_disabled", CONFLICT, "该推送订阅已停用",
        "请排除接收端故障，启用后再试。",
        "This webhook subscription is disabled; mend the receiver, enable it, then try again.";
    RequestInProgress = "request_in_progress", CONFLICT, "同一 Idempotency-Key 的请求正在处理",
        "请稍后以同一键重新发送。",
        "A request with this Idempotency-Key is being handled; ask again shortly.";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "请求体未能及时到达",
        "请检查网络后重新发送。",
        "The request body did not arrive in time; check the network and send it again.";
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "请求体过大",
        "JSON 不超过 1 MiB，材料不超过 10 MiB。",
        "The request body is too large: 1 MiB of JSON or 10 MiB of material at most.";
    TargetTooLong = "target_too_long", URI_TOO_LONG, "请求地址过长",
        "请缩短路径和查询参数。",
        "The path and query are too long; shorten them.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "不支持的 Content-Type",
        "请使用接口文档所列的类型。",
        "This Content-Type is not supported here; use one the document lists.";
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "提交内容有误",
        "全部问题已逐条列出，请一次更正后重新提交。",
        "The submission has faults; every one is listed.";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "该 Idempotency-Key 已用于不同的请求",
        "请为新的请求换用新的键。",
        "This Idempotency-Key belongs to a different request; use a new one.";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "请求过于频繁",
        "请按 Retry-After 等待后重试。",
        "Too many requests; wait as Retry-After says.";
    HeadersTooLarge = "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "请求头过大或过多",
        "请减少请求头。",
        "The request's header fields are too many or too large; send fewer.";
    InternalError = "internal_error", INTERNAL_SERVER_ERROR, "系统内部错误",
        "请凭请求编号联系平台。",
        "The platform failed; report the request id.";
    ScriptedFault = "scripted_fault", INTERNAL_SERVER_ERROR, "故障脚本所设的应答",
        "沙箱按故障脚本如此应答，并未办理。",
        "The sandbox answers so because a fault script says so; nothing was done.";
    ServiceUnavailable = "service_unavailable", SERVICE_UNAVAILABLE, "系统暂不可用",
        "请稍后以同一键重试。",
        "The platform is not available now; try again later.";
    DistrictNotEntrusted = "district_not_entrusted", FORBIDDEN, "该网点未受委托办理其他区县的业务",
        "请到住所所在区县的网点或受委托跨区办理的网点办理。",
        "This outlet serves its own district only; file at one of the district of the address, or at one with cross_district.";
}

/// 问题说明: an answer that is not a success, after RFC 9457.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Names the kind of problem: `urn:lingminban:problem:` and the code.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schema(format = "uri"))]
    pub kind: String,
    /// 标题: the kind of problem in words.
    pub title: String,
    /// The HTTP status again.
    #[cfg_attr(feature = "schema", schema(minimum = 400, maximum = 599))]
    pub status: u16,
    /// 说明: what to do about it.
    pub detail: String,
    /// The path asked for.
    pub instance: String,
    /// 问题代码: the kind of problem, for programs.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub code: Open<ProblemCode>,
    /// The `X-Request-Id` of the answer.
    pub request_id: String,
    /// 全部问题: every fault found, at once, sorted by place. Empty where no place is to blame.
    pub errors: Vec<ProblemError>,
    /// 业务编号: the application in the way, where it is the partner's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<String>,
    /// 检验流水号: the inspection in the way, where it is the partner's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection_id: Option<String>,
}

/// 一处问题: exactly one of `pointer`, `parameter`, `header` names the place.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ProblemError {
    /// Place in the request body (RFC 6901); the empty string is the whole body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Name of a path or query parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Name of a request header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The fault, for programs.
    pub code: String,
    /// 说明: what is wrong and what to do.
    pub message: String,
    /// 依据: article or standard, such as `R164 Art 15(3)` (《机动车登记规定》第十五条第三项) or
    /// `GB 16735-2019`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// A place in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the body: an RFC 6901 pointer.
    Pointer(String),
    /// A path or query parameter.
    Parameter(String),
    /// A header.
    Header(&'static str),
}

impl ProblemError {
    /// A fault at a place.
    #[must_use]
    pub fn new(place: Place, code: &str, message: impl Into<String>, rule: Option<&str>) -> Self {
        let mut error = Self {
            code: code.to_owned(),
            message: message.into(),
            rule: rule.map(str::to_owned),
            ..Self::default()
        };
        match place {
            Place::Pointer(pointer) => error.pointer = Some(pointer),
            Place::Parameter(name) => error.parameter = Some(name),
            Place::Header(name) => error.header = Some(name.to_owned()),
        }
        error
    }
}

impl Problem {
    /// A problem in words of `language`.
    #[must_use]
    pub fn new(code: ProblemCode, language: Language, instance: &str, request_id: &str) -> Self {
        let status = code.status();
        Self {
            kind: format!("urn:lingminban:problem:{code}"),
            title: match language {
                Language::Chinese => code.chinese_name().to_owned(),
                Language::English => status.canonical_reason().unwrap_or_default().to_owned(),
            },
            status: status.as_u16(),
            detail: code.text().in_language(language).to_owned(),
            instance: instance.to_owned(),
            code: code.into(),
            request_id: request_id.to_owned(),
            errors: Vec::new(),
            application_id: None,
            inspection_id: None,
        }
    }
}
