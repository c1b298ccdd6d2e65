//! 故障目录: the one table of effects, for those who read it and for those who check a script.

use lingminban::{
    api::control::{
        Bilingual, FaultCatalogue, FaultEffect, FaultEntry, FaultMember, FaultNeed, FaultOutcome,
    },
    text::Text,
};
use serde_json::{Value, json};

use super::header::is_askable;

/// 故障 and what is to be said of it.
pub(super) struct Entry {
    pub(super) effect: FaultEffect,
    about: Text,
    advice: Text,
    acts: Option<bool>,
    outcomes: &'static [FaultOutcome],
    pub(super) members: &'static [(&'static str, FaultNeed)],
    /// Members of the example.
    example: &'static str,
}

/// What is to be said of an effect.
pub(super) fn entry(effect: FaultEffect) -> Entry {
    use FaultNeed::{OneOf, Optional, Required};
    use FaultOutcome::{Accepted, Done, Refused, Unknown};

    match effect {
        FaultEffect::Status => Entry {
            effect: FaultEffect::Status,
            about: Text::new(
                "不办理，直接返回所设的错误状态，可带 Retry-After（秒数或日期）。",
                "Nothing is done; the answer is this status, with `Retry-After` as seconds or as a date where asked for.",
            ),
            advice: Text::new(
                "4xx 与带 service_unavailable 的 503 为已拒绝，其余 5xx 为未知；429 和 5xx 应按 Retry-After 等待后以同一键重发。",
                "4xx, and 503 with `service_unavailable`, are refusals; any other 5xx leaves the outcome unknown. After 429 and 5xx wait as `Retry-After` says and repeat under the same key.",
            ),
            acts: Some(false),
            outcomes: &[Refused, Unknown],
            members: &[
                ("status", Required),
                ("code", Optional),
                ("retry_after", Optional),
                ("retry_after_form", Optional),
            ],
            example: r#"{"status":503,"retry_after":2,"retry_after_form":"date"}"#,
        },
        FaultEffect::Delay => Entry {
            effect: FaultEffect::Delay,
            about: Text::new(
                "照常办理，应答按真实时间延迟：固定、区间或百分位分布。",
                "It is done as always, and the answer held back for real time: fixed, from a range, or distributed by percentiles.",
            ),
            advice: Text::new(
                "应设超时；超时后结果未知，以同一键重发。",
                "Have a timeout; after it the outcome is unknown, repeat under the same key.",
            ),
            acts: Some(true),
            outcomes: &[Done, Unknown],
            members: &[
                ("ms", OneOf),
                ("range_ms", OneOf),
                ("percentiles_ms", OneOf),
            ],
            example: r#"{"ms":500}"#,
        },
        FaultEffect::CloseBefore => Entry {
            effect: FaultEffect::CloseBefore,
            about: Text::new(
                "不办理，断开连接，没有应答。",
                "Nothing is done; the connection ends without an answer.",
            ),
            advice: Text::new(
                "与 lost_ack 无法区分：结果未知，以同一键重发。",
                "It cannot be told from `lost_ack`: the outcome is unknown, repeat under the same key.",
            ),
            acts: Some(false),
            outcomes: &[Unknown],
            members: &[],
            example: "{}",
        },
        FaultEffect::LostAck => Entry {
            effect: FaultEffect::LostAck,
            about: Text::new(
                "已办理，随即断开连接，应答丢失。",
                "It is done, then the connection ends and the answer is lost.",
            ),
            advice: Text::new(
                "结果未知：以同一 Idempotency-Key 重发可得原应答；换新键就会重复提交。",
                "The outcome is unknown: the same `Idempotency-Key` gets the stored answer, a new one would file twice.",
            ),
            acts: Some(true),
            outcomes: &[Unknown],
            members: &[],
            example: "{}",
        },
        FaultEffect::Slower => Entry {
            effect: FaultEffect::Slower,
            about: Text::new(
                "照常办理，应答每次比上次慢一倍，最多一分钟。",
                "It is done as always; each answer takes twice as long as the one before, up to a minute.",
            ),
            advice: Text::new(
                "应设超时并减少请求，不要无限重试。",
                "Have a timeout and ask less often; do not repeat for ever.",
            ),
            acts: Some(true),
            outcomes: &[Done, Unknown],
            members: &[("ms", Required)],
            example: r#"{"ms":100}"#,
        },
        FaultEffect::Truncate => Entry {
            effect: FaultEffect::Truncate,
            about: Text::new(
                "已办理，成功应答的 JSON 在一半处截断，HTTP 本身完整。",
                "It is done; the JSON of the good answer breaks off half-way, in an HTTP message that is whole.",
            ),
            advice: Text::new(
                "2xx 即已办理：不要换新键重发，查询结果。",
                "2xx means done: do not file again under a new key, look the result up.",
            ),
            acts: Some(true),
            outcomes: &[Accepted],
            members: &[],
            example: "{}",
        },
        FaultEffect::NotJson => Entry {
            effect: FaultEffect::NotJson,
            about: Text::new(
                "已办理，成功应答的内容不是 JSON。",
                "It is done; the good answer's body is no JSON.",
            ),
            advice: Text::new(
                "2xx 即已办理：不要换新键重发，查询结果。",
                "2xx means done: do not file again under a new key, look the result up.",
            ),
            acts: Some(true),
            outcomes: &[Accepted],
            members: &[],
            example: "{}",
        },
        FaultEffect::Html502 => Entry {
            effect: FaultEffect::Html502,
            about: Text::new(
                "不办理，返回网关的 502 网页。",
                "Nothing is done; a gateway answers 502 with a page of HTML.",
            ),
            advice: Text::new(
                "不要把网页当问题说明解析；结果未知，以同一键重发。",
                "Do not read the page as a problem; the outcome is unknown, repeat under the same key.",
            ),
            acts: Some(false),
            outcomes: &[Unknown],
            members: &[],
            example: "{}",
        },
        FaultEffect::WrongContentType => Entry {
            effect: FaultEffect::WrongContentType,
            about: Text::new(
                "已办理，成功应答内容正确，但 Content-Type 为 text/html。",
                "It is done; the good answer is right but for its `Content-Type`, which is `text/html`.",
            ),
            advice: Text::new(
                "按状态码和内容判断；SDK 照常读取。",
                "Go by status and content; the SDK reads it as always.",
            ),
            acts: Some(true),
            outcomes: &[Done, Accepted],
            members: &[],
            example: "{}",
        },
        FaultEffect::UnknownEnum => Entry {
            effect: FaultEffect::UnknownEnum,
            about: Text::new(
                "已办理，成功应答中凡可扩充的代码值均换成 added_later。",
                "It is done; in the good answer every word of a list that may be extended is `added_later`.",
            ),
            advice: Text::new(
                "未知代码值应原样保留，按“其他”处理，不得报错。",
                "Keep a word you do not know as it is and treat it as another; it is no error.",
            ),
            acts: Some(true),
            outcomes: &[Done],
            members: &[],
            example: "{}",
        },
        FaultEffect::ExtraFields => Entry {
            effect: FaultEffect::ExtraFields,
            about: Text::new(
                "已办理，成功应答的每个对象都多出一个字段 added_later。",
                "It is done; every object of the good answer has one more member, `added_later`.",
            ),
            advice: Text::new("忽略不认识的字段。", "Ignore members you do not know."),
            acts: Some(true),
            outcomes: &[Done],
            members: &[],
            example: "{}",
        },
        FaultEffect::SkewedDate => Entry {
            effect: FaultEffect::SkewedDate,
            about: Text::new(
                "照常办理，应答的 Date 偏离空间时钟，正数为超前，默认一天。",
                "It is done as always; the answer's `Date` is ahead of the space's clock, or behind where negative; a day when nothing is said.",
            ),
            advice: Text::new(
                "有效期和等待时间不要用本机时钟与 Date 相减。",
                "Do not reckon lifetimes or waits from the difference of your clock and `Date`.",
            ),
            acts: Some(true),
            outcomes: &[Done],
            members: &[("seconds", Optional)],
            example: r#"{"seconds":-3600}"#,
        },
        FaultEffect::ExpiredToken => Entry {
            effect: FaultEffect::ExpiredToken,
            about: Text::new(
                "不办理，本次请求的令牌视为已过期：401 expired_token。",
                "Nothing is done; for this request the token counts as expired: 401 `expired_token`.",
            ),
            advice: Text::new(
                "重新获取令牌，以同一键重发一次。",
                "Fetch a new token and repeat once, under the same key.",
            ),
            acts: Some(false),
            outcomes: &[Refused],
            members: &[],
            example: "{}",
        },
        FaultEffect::DuplicateEvent => Entry {
            effect: FaultEffect::DuplicateEvent,
            about: Text::new(
                "同一事件投递两次，编号相同。",
                "The event is delivered twice, under one id.",
            ),
            advice: Text::new(
                "按事件编号去重，两次都答 2xx。",
                "Recognise it by its id, and answer 2xx both times.",
            ),
            acts: None,
            outcomes: &[],
            members: &[],
            example: "{}",
        },
        FaultEffect::BadSignature => Entry {
            effect: FaultEffect::BadSignature,
            about: Text::new(
                "事件的签名与内容不符。",
                "The event is delivered with a signature that does not hold.",
            ),
            advice: Text::new(
                "拒绝并不作处理；真正的事件会再次投递。",
                "Refuse it and do nothing; the true one is delivered again.",
            ),
            acts: None,
            outcomes: &[],
            members: &[],
            example: "{}",
        },
        FaultEffect::OutOfOrder => Entry {
            effect: FaultEffect::OutOfOrder,
            about: Text::new(
                "该事件在其后一个事件之后才投递。",
                "The event is delivered after the one that follows it.",
            ),
            advice: Text::new(
                "以事件时间或业务当前状态为准，不以到达顺序为准。",
                "Go by the event's time or by the application's present state, not by the order of arrival.",
            ),
            acts: None,
            outcomes: &[],
            members: &[],
            example: "{}",
        },
        FaultEffect::Never => Entry {
            effect: FaultEffect::Never,
            about: Text::new("该事件不投递。", "The event is not delivered at all."),
            advice: Text::new(
                "不要只依赖推送：定期查询事件列表或业务。",
                "Do not live by deliveries alone: read the feed or the application now and then.",
            ),
            acts: None,
            outcomes: &[],
            members: &[],
            example: "{}",
        },
    }
}

/// 故障目录, one entry an effect.
#[must_use]
pub fn catalogue() -> FaultCatalogue {
    let items = FaultEffect::ALL.iter().map(|effect| told(&entry(*effect)));
    FaultCatalogue {
        items: items.collect(),
    }
}

fn told(entry: &Entry) -> FaultEntry {
    // The table's own JSON; a test reads it.
    let members: Value = serde_json::from_str(entry.example).unwrap_or_default();
    FaultEntry {
        effect: entry.effect.into(),
        about: bilingual(entry.about),
        advice: bilingual(entry.advice),
        acts: entry.acts,
        outcomes: entry.outcomes.iter().copied().map(Into::into).collect(),
        members: entry
            .members
            .iter()
            .map(|(name, need)| FaultMember {
                name: (*name).to_owned(),
                need: (*need).into(),
            })
            .collect(),
        example: rule(entry.effect, &members),
        header: is_askable(entry.effect).then(|| header(entry.effect, &members)),
    }
}

fn bilingual(text: Text) -> Bilingual {
    Bilingual {
        zh: text.zh.to_owned(),
        en: text.en.to_owned(),
    }
}

fn rule(effect: FaultEffect, members: &Value) -> Value {
    let operation = if super::check::is_of_events(effect) {
        "events"
    } else {
        "submit_registration"
    };
    let mut rule = json!({ "operation": operation, "nth": 1, "effect": effect });
    if let (Some(rule), Some(members)) = (rule.as_object_mut(), members.as_object()) {
        rule.extend(members.clone());
    }
    rule
}

fn header(effect: FaultEffect, members: &Value) -> String {
    let parameters = members.as_object().into_iter().flatten();
    let parameters = parameters.map(|(name, value)| match value {
        Value::String(word) => format!(";{name}={word}"),
        other => format!(";{name}={other}"),
    });
    std::iter::once(effect.as_str().to_owned())
        .chain(parameters)
        .collect()
}

#[cfg(test)]
mod tests {
    use lingminban::api::control::FaultScript;

    use super::*;
    use crate::engine::faults::{Script, faults_in};

    #[test]
    fn every_effect_has_an_entry_of_its_own_whose_example_works() {
        for (entry, effect) in catalogue().items.into_iter().zip(FaultEffect::ALL) {
            assert_eq!(entry.effect, *effect);
            let script = json!([entry.example]);
            assert_eq!(faults_in(&script), [], "{effect}");
            let script: FaultScript = serde_json::from_value(script).unwrap();
            assert!(
                Script::default().replace(script.into_rules(), 1),
                "{effect}"
            );
            assert_eq!(entry.outcomes.is_empty(), entry.acts.is_none(), "{effect}");
        }
    }
}
