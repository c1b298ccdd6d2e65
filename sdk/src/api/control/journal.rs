use bon::Builder;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize, de::Error as _};

use super::SpacePath;
use crate::{
    api::{
        Access, ApplicationId, Found, NoBody, NoContent, NoParams, Open, Operation, Output,
        PageSize, ProblemCode, Repeat, Tag, WrongForm,
        ids::opaque,
        operation::{Answer, sealed::Sealed},
        quantity::quantity,
    },
    moment::Moment,
    wire_enum::wire_enum,
};

const EVIDENCE: Tag = Tag {
    name: "evidence",
    description: "证据 · What was asked and answered in a space, personal data masked.",
};

/// Reads the journal of a space.
pub struct ListJournal;

impl Sealed for ListJournal {}

impl Operation for ListJournal {
    const ID: &'static str = "list_journal";
    const SUMMARY: &'static str = "查询请求日志 · Read a space's journal";
    const DESCRIPTION: &'static str = "What partners asked and what they were answered, the oldest first; an entry must pass every \
        filter. Names, identity numbers, phones and addresses are masked, tokens and secrets are \
        never kept. The first space also has the requests that belong to none: those without a \
        valid token, and those at a path that does not exist. Commands and pages are in no journal. \
        All but `duration_us` is the same for equal seeds, clocks and requests. A journal is not kept \
        over a restart.";
    const TAG: Tag = EVIDENCE;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/journal";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::InvalidPageToken];

    type Path = SpacePath;
    type Query = JournalFilter;
    type Body = NoBody;
    type Output = Found<JournalPage>;
}

/// Exports the journal of a space.
pub struct ExportJournal;

impl Sealed for ExportJournal {}

impl Operation for ExportJournal {
    const ID: &'static str = "export_journal";
    const SUMMARY: &'static str = "导出请求日志 · Export a space's journal";
    const DESCRIPTION: &'static str = "Every entry that passes the filters, the oldest first, masked as in the list: as JSON Lines, \
        one entry a line; as one HAR 1.2 document; or as commands of `curl` for a POSIX shell, with \
        `$SANDBOX_URL`, `$TOKEN` and, where they are needed, `$CLIENT_ID`, `$CLIENT_SECRET` and `$FILE` \
        for what only you have. Nothing else is answered while a large journal is written.";
    const TAG: Tag = EVIDENCE;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/journal/export";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::SpaceNotFound];

    type Path = SpacePath;
    type Query = ExportQuery;
    type Body = NoBody;
    type Output = JournalExport;
}

/// Empties the journal of a space.
pub struct ClearJournal;

impl Sealed for ClearJournal {}

impl Operation for ClearJournal {
    const ID: &'static str = "clear_journal";
    const SUMMARY: &'static str = "清空请求日志 · Empty a space's journal";
    const DESCRIPTION: &'static str =
        "Entries made later go on counting; what was emptied does not count as evicted.";
    const TAG: Tag = EVIDENCE;
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/journal";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::SpaceNotFound];

    type Path = SpacePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = NoContent;
}

wire_enum! {
    /// 幂等结论: what became of a request's `Idempotency-Key`.
    pub enum KeyVerdict {
        None = "none", "没有幂等键，或未处理到幂等键";
        First = "first", "该键下没有已完成的请求，已处理";
        Replayed = "replayed", "重放先前的应答";
        Reused = "reused", "该键已用于不同的请求";
        Refused = "refused", "缺少幂等键或格式不正确";
    }
}

wire_enum! {
    /// 导出格式.
    pub enum ExportFormat {
        Jsonl = "jsonl", "JSON Lines，每行一条";
        Har = "har", "HAR 1.2";
        Curl = "curl", "curl 命令";
    }
}

impl ExportFormat {
    /// The media type of an export.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/x-ndjson",
            Self::Har => "application/json",
            Self::Curl => "text/plain",
        }
    }
}

opaque! {
    /// 接口编号: the id of an operation in the platform's document, such as `submit_registration`.
    OperationId, 1..=64, "a-z_", |byte| byte.is_ascii_lowercase() || byte == b'_', "submit_registration";
    /// A visible word as a header carries it: an `Idempotency-Key`, an `X-Request-Id`.
    HeaderWord, 1..=255, "!-~", |byte| byte.is_ascii_graphic(), "0199c2f0-6f0e-7c3a-9d1b-2f6a4c8e1b70";
}

quantity! {
    /// 日志容量 in bytes: 0 keeps no journal.
    JournalBytes(u32), 0..=268_435_456;
}

/// 应答状态 to look for: a status such as `201`, a class such as `4xx`, or `none` for requests that
/// got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Box<str>", into = "String")]
pub enum StatusFilter {
    /// One status.
    Only(StatusCode),
    /// All statuses of a class, 1 to 5.
    Class(u8),
    /// No answer.
    NoAnswer,
}

impl StatusFilter {
    /// Whether an answer passes; `None` is no answer.
    #[must_use]
    pub fn admits(self, status: Option<StatusCode>) -> bool {
        match self {
            Self::Only(only) => status == Some(only),
            Self::Class(class) => {
                status.is_some_and(|status| status.as_u16() / 100 == u16::from(class))
            }
            Self::NoAnswer => status.is_none(),
        }
    }
}

impl TryFrom<Box<str>> for StatusFilter {
    type Error = WrongForm;

    fn try_from(text: Box<str>) -> Result<Self, WrongForm> {
        text.parse()
    }
}

impl std::str::FromStr for StatusFilter {
    type Err = WrongForm;

    fn from_str(text: &str) -> Result<Self, WrongForm> {
        let wrong = WrongForm::new(
            "status",
            "a status such as 201, a class such as 4xx, or none",
        );
        match text.as_bytes() {
            b"none" => Ok(Self::NoAnswer),
            [class @ b'1'..=b'5', b'x', b'x'] => Ok(Self::Class(class - b'0')),
            [b'1'..=b'5', _, _] => text.parse().map(Self::Only).map_err(|_| wrong),
            _ => Err(wrong),
        }
    }
}

impl From<StatusFilter> for String {
    fn from(filter: StatusFilter) -> Self {
        match filter {
            StatusFilter::Only(status) => status.as_str().to_owned(),
            StatusFilter::Class(class) => format!("{class}xx"),
            StatusFilter::NoAnswer => "none".to_owned(),
        }
    }
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for StatusFilter {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some(
                "应答状态: a status such as `201`, a class such as `4xx`, or `none` for requests \
                 that got no answer.",
            ))
            .min_length(Some(3))
            .max_length(Some(4))
            .pattern(Some("^(?:[1-5](?:[0-9]{2}|xx)|none)$"))
            .examples(["4xx"])
            .into()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for StatusFilter {
    fn name() -> std::borrow::Cow<'static, str> {
        "StatusFilter".into()
    }
}

/// Which entries of a journal to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JournalFilter {
    /// 接口编号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    /// 应答状态.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusFilter>,
    /// 幂等键: the `Idempotency-Key` sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<HeaderWord>,
    /// 业务流水号: in the path, or in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// 请求编号: the `X-Request-Id` answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<HeaderWord>,
    /// From when on, by the space's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Before when, by the space's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Moment>,
    /// Entries a page, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<PageSize>,
    /// `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

/// In what form to export a journal, and which entries.
#[derive(Clone, Debug, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExportQuery {
    /// 导出格式.
    pub format: ExportFormat,
    /// 接口编号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    /// 应答状态.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusFilter>,
    /// 幂等键: the `Idempotency-Key` sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<HeaderWord>,
    /// 业务流水号: in the path, or in an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// 请求编号: the `X-Request-Id` answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<HeaderWord>,
    /// From when on, by the space's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Before when, by the space's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Moment>,
}

impl From<ExportQuery> for JournalFilter {
    fn from(query: ExportQuery) -> Self {
        let ExportQuery {
            format: _,
            operation,
            status,
            key,
            application_id,
            request_id,
            from,
            before,
        } = query;
        Self {
            operation,
            status,
            key,
            application_id,
            request_id,
            from,
            before,
            page_size: None,
            page_token: None,
        }
    }
}

/// One page of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JournalPage {
    /// This page's entries.
    pub items: Vec<JournalEntry>,
    /// Asks for the page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
    /// How many of the oldest entries had to make room since the space began or the journal was
    /// emptied.
    pub evicted: u64,
    /// The time of the newest of these: what is older may be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evicted_before: Option<Moment>,
}

/// 日志条目: one request with its answer, personal data masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JournalEntry {
    /// Its number in the space, from 1.
    pub number: u64,
    /// What the space's clock showed.
    pub at: Moment,
    /// How long it took, in microseconds of real time, what a fault held it back included. The one
    /// member that differs between two equal runs.
    pub duration_us: u64,
    /// 合作单位: the client id behind the token; absent without a valid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// 接口编号; absent where no operation serves the path and method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// HTTP method.
    pub method: String,
    /// Path, percent-encoded.
    pub path: String,
    /// Query, percent-encoded; never kept of a request that no operation serves, nor of one for a
    /// token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The request.
    pub request: JournalMessage,
    /// HTTP status of the answer; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<JournalMessage>,
    /// 请求编号.
    pub request_id: String,
    /// 幂等键, where one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// 幂等结论.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub idempotency: Open<KeyVerdict>,
    /// 故障: the name of the fault that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// 相近情形: what the request was close to, in the language of whoever reads the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_miss: Option<String>,
}

/// A request or an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JournalMessage {
    /// Headers of a closed list that has neither credentials nor cookies; by name.
    pub headers: Vec<JournalHeader>,
    /// The body, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<JournalBody>,
}

/// One header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JournalHeader {
    /// Its name, in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JournalBody {
    /// Its real size in bytes.
    pub size_bytes: u64,
    /// Its text, masked; absent where no text was kept: of materials, of tokens, of a media type
    /// nobody asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether the text is only the beginning: what lies beyond 64 KiB is not kept.
    pub cut: bool,
    /// SHA-256 of a material in lower-case hexadecimal, where the sandbox looked at its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: Option<String>,
}

/// 导出的请求日志: a text in one of several formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalExport {
    /// The text.
    pub text: String,
    /// What it is; `None` when read from an answer, for who reads knows what was asked for.
    pub format: Option<ExportFormat>,
}

impl Output for JournalExport {
    const ANSWERS: &'static [Answer] = &[Answer {
        status: StatusCode::OK,
        description: "The journal in the format asked for.",
    }];

    const MEDIA_TYPES: &'static [&'static str] = &[
        ExportFormat::Jsonl.media_type(),
        ExportFormat::Har.media_type(),
        ExportFormat::Curl.media_type(),
    ];

    fn media_type(&self) -> &'static str {
        self.format.unwrap_or(ExportFormat::Jsonl).media_type()
    }

    fn decode(_: StatusCode, body: &[u8]) -> Result<Self, serde_json::Error> {
        let text = std::str::from_utf8(body).map_err(serde_json::Error::custom)?;
        Ok(Self {
            text: text.to_owned(),
            format: None,
        })
    }

    fn encode(&self) -> Result<(StatusCode, Vec<u8>), serde_json::Error> {
        Ok((StatusCode::OK, self.text.clone().into_bytes()))
    }

    /// Of the JSON among the formats.
    #[cfg(feature = "schema")]
    fn schemas(_: StatusCode) -> crate::api::Schemas {
        let log = utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Object)
            .description(Some("`version`, `creator` and `entries` of HAR 1.2."));
        let har = utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Object)
            .description(Some("HTTP Archive, version 1.2."))
            .property("log", log)
            .required("log");
        vec![("HttpArchive".to_owned(), har.into())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_filter_is_a_status_a_class_or_none() {
        for (text, admitted, not) in [
            ("201", Some(201), Some(200)),
            ("4xx", Some(422), Some(500)),
            ("none", None, Some(200)),
        ] {
            let filter: StatusFilter = text.parse().unwrap();
            let status = |code: Option<u16>| code.map(|code| StatusCode::from_u16(code).unwrap());
            assert!(filter.admits(status(admitted)), "{text}");
            assert!(!filter.admits(status(not)), "{text}");
            assert_eq!(String::from(filter), text);
        }
        for text in ["", "2", "6xx", "4x", "4XX", "20x", "600", "None", "2000"] {
            assert!(text.parse::<StatusFilter>().is_err(), "{text}");
        }
    }
}
