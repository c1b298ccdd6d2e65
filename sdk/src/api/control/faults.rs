use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{FAULTS, SpacePath};
use crate::{
    api::{
        Access, Found, Json, NoBody, NoParams, Open, Operation, ProblemCode, Repeat, ShortText,
        Tag,
        operation::{Example, sealed::Sealed},
        quantity::quantity,
    },
    wire_enum::wire_enum,
};

/// Sets the fault script of a space.
pub struct SetFaults;

impl Sealed for SetFaults {}

impl Operation for SetFaults {
    const ID: &'static str = "set_faults";
    const SUMMARY: &'static str = "设定故障脚本 · Set a space's fault script";
    const DESCRIPTION: &'static str = "The whole script, in place of the one before; `[]` takes all faults away. A rule counts every \
        request of its operation from now on, whichever rule acts; of the rules that are due, the \
        first in the list acts. A request is counted once its token is good and the rate limit lets \
        it in, and a repetition under the same `Idempotency-Key` counts like any other. The script is \
        forked and kept in snapshots with its counters; a reset takes it away. The control interface \
        itself never fails by script.";
    const TAG: Tag = FAULTS;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/faults";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::SpaceNotFound];
    const EXAMPLES: &'static [Example] = &[
        example(
            "lost_ack",
            "The first registration is filed, and its answer lost",
            r#"[{"operation":"submit_registration","nth":1,"effect":"lost_ack"}]"#,
        ),
        example(
            "busy",
            "Every fifth request, by chance, is told to come back in two seconds",
            r#"[{"operation":"*","probability":0.2,"effect":"status","status":429,"retry_after":2}]"#,
        ),
        example(
            "several",
            "Slow tokens; the second and the third reading meet a gateway's page",
            r#"[{"name":"slow tokens","operation":"issue_token","nth":"every","effect":"delay","range_ms":[100,300]},{"operation":"get_application","nth":[2,3],"effect":"html_502"}]"#,
        ),
        example("none", "No faults any more", "[]"),
    ];

    type Path = SpacePath;
    type Query = NoParams;
    type Body = Json<FaultScript>;
    type Output = Found<FaultCounts>;
}

const fn example(name: &'static str, summary: &'static str, json: &'static str) -> Example {
    Example {
        name,
        summary,
        json,
    }
}

/// Reads the fault script of a space.
pub struct GetFaults;

impl Sealed for GetFaults {}

impl Operation for GetFaults {
    const ID: &'static str = "get_faults";
    const SUMMARY: &'static str = "查询故障脚本 · Read a space's fault script";
    const DESCRIPTION: &'static str =
        "Each rule as it was sent, with how often its operation was asked and how often it acted.";
    const TAG: Tag = FAULTS;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/faults";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::SpaceNotFound];

    type Path = SpacePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<FaultCounts>;
}

/// Lists what can go wrong on command.
pub struct GetFaultCatalogue;

impl Sealed for GetFaultCatalogue {}

impl Operation for GetFaultCatalogue {
    const ID: &'static str = "get_fault_catalogue";
    const SUMMARY: &'static str = "故障目录 · What can go wrong on command";
    const DESCRIPTION: &'static str =
        "Every effect: what happens, what a client sees and should do, and a rule ready to send.";
    const TAG: Tag = FAULTS;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/sandbox/v1/faults";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Anyone;
    const PROBLEMS: &'static [ProblemCode] = &[];

    type Path = NoParams;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<FaultCatalogue>;
}

wire_enum! {
    /// 故障: what goes wrong.
    pub enum FaultEffect {
        Status = "status", "返回错误状态，不办理";
        Delay = "delay", "延迟应答";
        CloseBefore = "close_before", "办理前断开连接";
        LostAck = "lost_ack", "办理后丢失应答";
        Slower = "slower", "应答一次比一次慢一倍";
        Truncate = "truncate", "成功应答的 JSON 中途截断";
        NotJson = "not_json", "成功应答不是 JSON";
        Html502 = "html_502", "网关返回 502 网页，不办理";
        WrongContentType = "wrong_content_type", "成功应答的 Content-Type 不对";
        UnknownEnum = "unknown_enum", "成功应答中出现新的代码值";
        ExtraFields = "extra_fields", "成功应答中出现新的字段";
        SkewedDate = "skewed_date", "Date 与实际时间不符";
        ExpiredToken = "expired_token", "令牌中途过期，不办理";
        DuplicateEvent = "duplicate_event", "事件重复投递";
        BadSignature = "bad_signature", "事件签名不正确";
        OutOfOrder = "out_of_order", "事件乱序";
        Never = "never", "事件不投递";
    }
}

wire_enum! {
    /// How `Retry-After` is written (RFC 9110 §10.2.3).
    pub enum RetryAfterForm {
        Seconds = "seconds", "秒数";
        Date = "date", "日期";
    }
}

wire_enum! {
    /// 结果: what a client knows about the world after one attempt.
    pub enum FaultOutcome {
        NotSent = "not_sent", "未发出";
        Refused = "refused", "已拒绝";
        Unknown = "unknown", "未知";
        Accepted = "accepted", "已办理，应答不可读";
        Done = "done", "成功";
    }
}

wire_enum! {
    /// Whether a rule with an effect has a member.
    pub enum FaultNeed {
        Required = "required", "必填";
        Optional = "optional", "可选";
        OneOf = "one_of", "择一必填";
    }
}

quantity! {
    /// The number of a request of an operation since the script was set; the first is 1.
    Ordinal(u32), 1..=1_000_000_000;
    /// 毫秒: milliseconds of real time, ten minutes at most.
    Milliseconds(u32), 0..=600_000;
    /// Status of an answer that is no success.
    FaultStatus(u16), 400..=599;
    /// 秒: seconds to wait before the next attempt.
    RetrySeconds(u32), 0..=86_400;
}

/// 故障脚本: rules, the first that is due acts.
///
/// At most 1,000.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<FaultRule>")]
pub struct FaultScript(Vec<FaultRule>);

impl FaultScript {
    /// Rules in one script.
    pub const MOST: usize = 1_000;

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[FaultRule] {
        &self.0
    }

    /// The rules, to keep.
    #[must_use]
    pub fn into_rules(self) -> Vec<FaultRule> {
        self.0
    }
}

/// A script has more than 1,000 rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("最多 1000 条规则 / at most 1000 rules")]
pub struct TooManyRules;

impl TryFrom<Vec<FaultRule>> for FaultScript {
    type Error = TooManyRules;

    fn try_from(rules: Vec<FaultRule>) -> Result<Self, TooManyRules> {
        if rules.len() <= Self::MOST {
            Ok(Self(rules))
        } else {
            Err(TooManyRules)
        }
    }
}

/// A script of one rule.
impl From<FaultRule> for FaultScript {
    fn from(rule: FaultRule) -> Self {
        Self(vec![rule])
    }
}

/// 故障规则: when and how an operation fails. Which members go with which effect, the catalogue of
/// faults says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FaultRule {
    /// 名称, reported with the counters and in the journal; the effect's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<ShortText>,
    /// Which requests are counted.
    pub operation: FaultTarget,
    /// Which of them fail; all when both this and `probability` are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[builder(into)]
    pub nth: Option<Nth>,
    /// How likely each of them fails, instead of `nth`; drawn with the space's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probability>,
    /// 故障.
    pub effect: FaultEffect,
    /// With `status`: the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<FaultStatus>,
    /// With `status`: 问题代码; the first the operation has for this status when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ProblemCode>,
    /// With `status`: seconds of `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetrySeconds>,
    /// With `retry_after`: how it is written; as seconds when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_form: Option<RetryAfterForm>,
    /// With `delay`: how long. With `slower`: how long the first time, doubled each time, up to a
    /// minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<Milliseconds>,
    /// With `delay`: from, to; drawn evenly with the space's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_ms: Option<RangeMs>,
    /// With `delay`: how the delays are distributed; drawn with the space's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentiles_ms: Option<PercentilesMs>,
    /// With `skewed_date`: how far `Date` is ahead; a day when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<SkewSeconds>,
}

/// 操作: what a rule counts. An operation id, `*` for every operation of the platform, or `events`
/// for the events it delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FaultTarget(&'static str);

macro_rules! operation_ids {
    ($($operation:ty),+ $(,)?) => {
        const OPERATION_IDS: &[&str] = &[ $( <$operation as Operation>::ID, )+ ];
    };
}
crate::for_each_operation!(operation_ids);

impl FaultTarget {
    /// Every operation of the platform.
    pub const EVERY: Self = Self("*");
    /// The events the platform delivers.
    pub const EVENTS: Self = Self("events");

    /// Requests of one operation of the platform.
    #[must_use]
    pub const fn of<O: Operation>() -> Self {
        Self(O::ID)
    }

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether requests of the operation with this id are counted.
    #[must_use]
    pub fn counts(self, operation_id: &str) -> bool {
        self == Self::EVERY || self.0 == operation_id
    }

    fn words() -> impl Iterator<Item = &'static str> {
        let others = [Self::EVERY.0, Self::EVENTS.0];
        others.into_iter().chain(OPERATION_IDS.iter().copied())
    }
}

/// A text is neither an operation id of the platform, nor `*`, nor `events`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "应为平台接口的 operation id、* 或 events / must be an operation id of the platform, * or events"
)]
pub struct NoTarget;

impl std::str::FromStr for FaultTarget {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        Self::words()
            .find(|word| *word == text)
            .map(Self)
            .ok_or(NoTarget)
    }
}

impl Serialize for FaultTarget {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for FaultTarget {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Which requests of an operation fail, counted since the script was set: a number, a list of
/// numbers, or `every`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Nth {
    /// Every one.
    #[default]
    Every,
    /// This one.
    Only(Ordinal),
    /// These.
    Among(Vec<Ordinal>),
}

impl Nth {
    /// The first request.
    pub const FIRST: Self = Self::Only(Ordinal::MIN);

    const EVERY: &'static str = "every";

    /// Whether the request with this number is one of them.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        match self {
            Self::Every => true,
            Self::Only(only) => u64::from(*only) == number,
            Self::Among(list) => list.iter().any(|one| u64::from(*one) == number),
        }
    }
}

impl From<Ordinal> for Nth {
    fn from(number: Ordinal) -> Self {
        Self::Only(number)
    }
}

impl TryFrom<u64> for Nth {
    type Error = crate::api::OutOfRange;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        number.try_into().map(Self::Only)
    }
}

impl Serialize for Nth {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Every => serializer.serialize_str(Self::EVERY),
            Self::Only(number) => number.serialize(serializer),
            Self::Among(list) => list.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Nth {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NthVisitor)
    }
}

struct NthVisitor;

impl<'de> serde::de::Visitor<'de> for NthVisitor {
    type Value = Nth;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number from 1, a list of at least one such number, or `every`")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Nth, E> {
        number.try_into().map_err(E::custom)
    }

    /// JSON Schema calls `1.0` an integer.
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Nth, E> {
        let fits = number.fract() == 0.0 && (1.0..=f64::from(Ordinal::MAX.get())).contains(&number);
        if fits {
            self.visit_u64(number as u64)
        } else {
            Err(E::invalid_value(
                serde::de::Unexpected::Float(number),
                &self,
            ))
        }
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Nth, E> {
        if word == Nth::EVERY {
            Ok(Nth::Every)
        } else {
            Err(E::custom("no word but `every`"))
        }
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, list: A) -> Result<Nth, A::Error> {
        let numbers = Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(list))?;
        // A rule that never acts would let a test pass that tries nothing.
        if numbers.is_empty() {
            return Err(serde::de::Error::invalid_length(0, &self));
        }
        Ok(Nth::Among(numbers))
    }
}

/// 概率: above 0, at most 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

impl Probability {
    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A number is no probability above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("应大于 0 且不大于 1 / must be above 0 and at most 1")]
pub struct NoProbability;

impl TryFrom<f64> for Probability {
    type Error = NoProbability;

    fn try_from(number: f64) -> Result<Self, NoProbability> {
        if number > 0.0 && number <= 1.0 {
            Ok(Self(number))
        } else {
            Err(NoProbability)
        }
    }
}

impl From<Probability> for f64 {
    fn from(probability: Probability) -> Self {
        probability.0
    }
}

/// 延迟范围: the shortest and the longest delay in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeMs(pub [Milliseconds; 2]);

/// 延迟分布 in milliseconds, in rising order: half of the answers take `p50` or less, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PercentilesMs {
    /// Of half of the answers.
    pub p50: Milliseconds,
    /// Of 95 in 100.
    pub p95: Milliseconds,
    /// Of 99 in 100.
    pub p99: Milliseconds,
    /// Of all.
    pub max: Milliseconds,
}

/// 秒: how far a clock is ahead, or behind where negative; ten years at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct SkewSeconds(i64);

impl SkewSeconds {
    /// The farthest.
    pub const MOST: i64 = 315_360_000;

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A day.
impl Default for SkewSeconds {
    fn default() -> Self {
        Self(86_400)
    }
}

/// A clock is wrong by more than ten years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("应在 -315360000 与 315360000 之间 / must be -315360000 to 315360000")]
pub struct TooFar;

impl TryFrom<i64> for SkewSeconds {
    type Error = TooFar;

    fn try_from(seconds: i64) -> Result<Self, TooFar> {
        if (-Self::MOST..=Self::MOST).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(TooFar)
        }
    }
}

impl From<SkewSeconds> for i64 {
    fn from(seconds: SkewSeconds) -> Self {
        seconds.0
    }
}

/// 故障脚本 with what it has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FaultCounts {
    /// The rules, in their order.
    pub rules: Vec<FaultCount>,
}

/// 故障规则 with what it has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FaultCount {
    /// 名称: its own, or its effect's.
    pub name: String,
    /// How many requests of its operation there were since the script was set.
    #[cfg_attr(feature = "schema", schema(minimum = 0))]
    pub matched: u64,
    /// How often it acted.
    #[cfg_attr(feature = "schema", schema(minimum = 0))]
    pub acted: u64,
    /// The rule as it was sent.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub rule: serde_json::Value,
}

/// 故障目录.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FaultCatalogue {
    /// One entry an effect.
    pub items: Vec<FaultEntry>,
}

/// 故障 and what a client should make of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FaultEntry {
    /// 故障.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub effect: Open<FaultEffect>,
    /// 说明: what happens.
    pub about: Bilingual,
    /// 建议: what a client sees and should do.
    pub advice: Bilingual,
    /// Whether the platform does what it was asked; absent where the request decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts: Option<bool>,
    /// 结果: what a client knows about the world after one attempt; the first is the usual one. Empty
    /// for events.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub outcomes: Vec<Open<FaultOutcome>>,
    /// What a rule with this effect has beside `name`, `operation`, `nth` or `probability`.
    pub members: Vec<FaultMember>,
    /// A rule ready to send.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub example: serde_json::Value,
    /// The same for one request, as the header `Sandbox-Fault`; absent where a header cannot say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

/// A member of a rule with some effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FaultMember {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub need: Open<FaultNeed>,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use serde_json::json;
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{
            KnownFormat, Ref, RefOr, SchemaFormat,
            extensions::Extensions,
            schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type},
        },
    };

    use super::{
        FaultRule, FaultScript, FaultTarget, Milliseconds, Nth, Ordinal, Probability, RangeMs,
        SkewSeconds,
    };

    type Named = Vec<(String, RefOr<Schema>)>;

    fn reference<T: ToSchema>() -> Ref {
        Ref::from_schema_name(T::name())
    }

    fn add<T: ToSchema>(schemas: &mut Named) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }

    impl PartialSchema for FaultScript {
        fn schema() -> RefOr<Schema> {
            ArrayBuilder::new()
                .items(reference::<FaultRule>())
                .max_items(Some(Self::MOST))
                .description(Some("故障脚本: rules, the first that is due acts."))
                .into()
        }
    }

    impl ToSchema for FaultScript {
        fn name() -> Cow<'static, str> {
            "FaultScript".into()
        }

        fn schemas(schemas: &mut Named) {
            add::<FaultRule>(schemas);
        }
    }

    impl PartialSchema for RangeMs {
        fn schema() -> RefOr<Schema> {
            ArrayBuilder::new()
                .items(reference::<Milliseconds>())
                .min_items(Some(2))
                .max_items(Some(2))
                .description(Some(
                    "延迟范围: the shortest and the longest delay in milliseconds.",
                ))
                .into()
        }
    }

    impl ToSchema for RangeMs {
        fn name() -> Cow<'static, str> {
            "RangeMs".into()
        }

        fn schemas(schemas: &mut Named) {
            add::<Milliseconds>(schemas);
        }
    }

    impl PartialSchema for FaultTarget {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(Self::words()))
                .description(Some(
                    "操作: what a rule counts. An operation id, `*` for every operation of the \
                     platform, or `events` for the events it delivers.",
                ))
                .into()
        }
    }

    impl ToSchema for FaultTarget {
        fn name() -> Cow<'static, str> {
            "FaultTarget".into()
        }
    }

    /// Several types in one schema, not a union of schemas: each of the other keywords speaks of one
    /// type alone, so nothing has to be tried.
    impl PartialSchema for Nth {
        fn schema() -> RefOr<Schema> {
            let (least, most) = (Ordinal::MIN.get(), Ordinal::MAX.get());
            let item =
                json!({ "type": "integer", "format": "int64", "minimum": least, "maximum": most });
            ObjectBuilder::new()
                .schema_type(SchemaType::from_iter([
                    Type::Integer,
                    Type::Array,
                    Type::String,
                ]))
                .description(Some(
                    "Which requests of an operation fail, counted since the script was set: a number, \
                     a list of at least one number, or `every`.",
                ))
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(least))
                .maximum(Some(most))
                .pattern(Some(format!("^{}$", Self::EVERY)))
                .examples([json!(1), json!([2, 3]), json!(Self::EVERY)])
                .extensions(Some(Extensions::from_iter([
                    ("items", item),
                    ("minItems", json!(1)),
                ])))
                .into()
        }
    }

    impl ToSchema for Nth {
        fn name() -> Cow<'static, str> {
            "Nth".into()
        }
    }

    impl PartialSchema for Probability {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::Number)
                .description(Some("概率: above 0, at most 1."))
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
                .exclusive_minimum(Some(0.0))
                .maximum(Some(1.0))
                .examples([json!(0.05)])
                .into()
        }
    }

    impl ToSchema for Probability {
        fn name() -> Cow<'static, str> {
            "Probability".into()
        }
    }

    impl PartialSchema for SkewSeconds {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .description(Some(
                    "秒: how far a clock is ahead, or behind where negative; ten years at most.",
                ))
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(-Self::MOST))
                .maximum(Some(Self::MOST))
                .default(Some(json!(Self::default().get())))
                .into()
        }
    }

    impl ToSchema for SkewSeconds {
        fn name() -> Cow<'static, str> {
            "SkewSeconds".into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::SubmitRegistration;

    #[test]
    fn nth_is_a_number_a_list_or_every() {
        let two = Ordinal::try_from(2).unwrap();
        for (json, nth) in [
            ("1", Nth::FIRST),
            ("2.0", Nth::Only(two)),
            ("[1,2]", Nth::Among(vec![Ordinal::MIN, two])),
            (r#""every""#, Nth::Every),
        ] {
            assert_eq!(serde_json::from_str::<Nth>(json).unwrap(), nth, "{json}");
        }
        for json in [
            "0",
            "-1",
            "1.5",
            "1000000001",
            "1e300",
            r#""all""#,
            "[]",
            "[0]",
            "[[1]]",
            "{}",
            "true",
            "null",
        ] {
            assert!(serde_json::from_str::<Nth>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_rule_is_written_as_it_is_read() {
        let json = r#"{"operation":"submit_registration","nth":1,"effect":"lost_ack"}"#;
        let rule = FaultRule::builder()
            .operation(FaultTarget::of::<SubmitRegistration>())
            .nth(Nth::FIRST)
            .effect(FaultEffect::LostAck)
            .build();
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
        assert_eq!(serde_json::from_str::<FaultRule>(json).unwrap(), rule);
    }

    #[test]
    fn a_target_is_an_operation_of_the_platform() {
        for word in ["*", "events", "issue_token", "submit_transfer"] {
            assert_eq!(word.parse::<FaultTarget>().unwrap().as_str(), word);
        }
        for word in ["", "set_faults", "SubmitRegistration"] {
            assert!(word.parse::<FaultTarget>().is_err(), "{word}");
        }
        assert!(FaultTarget::EVERY.counts("issue_token"));
        assert!(!FaultTarget::EVENTS.counts("issue_token"));
    }
}
