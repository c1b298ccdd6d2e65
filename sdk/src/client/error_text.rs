//! An error in words: what happened, what is known, what to do; Chinese, then English.
//!
//! Only words of the SDK's own are shown, and words of the platform that have the form of a code.

use std::fmt;

use super::error::{Error, ErrorKind, Outcome, Stopped};
use crate::{
    api::{Problem, ProblemError},
    text::Text,
};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (happened, known, advice) = (happened(self), known(self), advice(self));
        write!(
            f,
            "{}：{}。{}。{}。",
            self.operation(),
            happened.zh,
            known.zh,
            advice.zh
        )?;
        write!(f, " / {}. {}. {}.", happened.en, known.en, advice.en)?;
        details(self, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.operation())
            .field("kind", &self.kind())
            .field("outcome", &self.outcome())
            .field("status", &self.status())
            .field(
                "code",
                &self
                    .problem()
                    .and_then(|problem| code_word(problem.code.as_str())),
            )
            .field(
                "faults",
                &self.problem().map(|problem| problem.errors.len()),
            )
            .field(
                "token_error",
                &self
                    .token_error()
                    .and_then(|error| code_word(error.as_str())),
            )
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts())
            .field("stopped", &self.stopped())
            .field("cause", &self.inner().cause)
            .finish()
    }
}

fn happened(error: &Error) -> Text {
    match error.kind() {
        ErrorKind::Request => Text::new("请求无法写出", "the request could not be written"),
        ErrorKind::Token => Text::new("未能取得访问令牌", "no access token could be had"),
        ErrorKind::Connect => Text::new("无法连接平台", "there is no connection to the platform"),
        ErrorKind::Tls => Text::new(
            "与平台的 TLS 连接不可信",
            "the TLS connection could not be trusted",
        ),
        ErrorKind::Timeout => Text::new("未在时限内收到答复", "no answer came in time"),
        ErrorKind::Broken => Text::new(
            "收到答复前连接中断",
            "the connection broke before the answer was there",
        ),
        ErrorKind::Redirect => Text::new(
            "答复要求转到其他地址，未跟随",
            "the answer was a redirect, which is not followed",
        ),
        ErrorKind::Problem => match error.problem().and_then(|problem| problem.code.known()) {
            Some(code) => without_stop(code.text()),
            None => Text::new("平台拒绝了请求", "the platform refused"),
        },
        ErrorKind::Status => Text::new(
            "答复不是平台的格式，可能来自中间设备",
            "the answer is not in the platform's form; something in between may have sent it",
        ),
        ErrorKind::CutOff => Text::new(
            "平台已办理，但答复中途断开",
            "the answer of a success broke off",
        ),
        ErrorKind::Unreadable => Text::new(
            "平台已办理，但答复无法读取",
            "the answer of a success could not be read",
        ),
        ErrorKind::NotYet => Text::new(
            "等待到期，业务尚未办结",
            "waiting ended before the application did",
        ),
        ErrorKind::AsyncContext => Text::new(
            "在异步环境中调用了阻塞客户端",
            "a blocking call was made inside an async runtime",
        ),
    }
}

/// Problem texts are whole sentences; here they are one of three.
fn without_stop(text: Text) -> Text {
    Text::new(
        text.zh.trim_end_matches('。'),
        text.en.trim_end_matches('.'),
    )
}

fn known(error: &Error) -> Text {
    if error.kind() == ErrorKind::NotYet {
        return Text::new(
            "业务仍在平台办理中",
            "The application goes on at the platform",
        );
    }
    match error.outcome() {
        Outcome::NotSent => Text::new(
            "请求未发出，平台没有任何变化",
            "The request was not sent; nothing changed",
        ),
        Outcome::Refused => Text::new("平台没有任何变化", "Nothing changed at the platform"),
        Outcome::Unknown => Text::new("不知道平台是否已经办理", "The platform may have acted"),
        Outcome::Accepted => Text::new("平台已经办理", "The platform has acted"),
    }
}

fn advice(error: &Error) -> Text {
    match (error.kind(), error.outcome()) {
        (ErrorKind::NotYet, _) => {
            Text::new("请稍后再查询该业务", "Ask for the application again later")
        }
        (ErrorKind::AsyncContext, _) => Text::new(
            "请改用异步的 Client，或在 std::thread 中调用",
            "Use the async Client, or call from a std::thread",
        ),
        (_, Outcome::Accepted | Outcome::Unknown) if error.inner().reads => {
            Text::new("请再次查询", "Ask again")
        }
        (_, Outcome::Accepted) => Text::new(
            "请按合作单位业务编号查询结果，不要换新键重新提交",
            "Look the result up by partner reference; do not file again under a new key",
        ),
        (_, Outcome::Unknown) => Text::new(
            "请用同一个 Submission 再次提交（同一幂等键只办理一次），或按合作单位业务编号查询",
            "Send the same Submission again (its key makes that safe), or look it up by partner reference",
        ),
        (ErrorKind::Token, _) if error.token_error().is_some() => Text::new(
            "请核对 client_id 和 client_secret",
            "Check client_id and client_secret",
        ),
        (ErrorKind::Tls, _) => Text::new(
            "请核对平台地址、CA 证书和客户端证书",
            "Check the address, the CA certificates and the client certificate",
        ),
        (_, Outcome::NotSent) => Text::new(
            "请检查平台地址、网络和代理后再次提交",
            "Check address, network and proxy, then send it again",
        ),
        (_, Outcome::Refused) if error.retry_after().is_some() => {
            Text::new("请稍后再次提交", "Send it again later")
        }
        (_, Outcome::Refused) if error.problem().is_some_and(|it| !it.errors.is_empty()) => {
            Text::new(
                "请更正所列各处后重新提交",
                "Correct every place listed, then submit anew",
            )
        }
        (_, Outcome::Refused) => Text::new(
            "再次发送前请先排除该原因",
            "Remove that cause before sending it again",
        ),
    }
}

fn details(error: &Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(" [")?;
    if let Some(status) = error.status() {
        write!(f, "HTTP {status}, ")?;
    }
    if let Some(code) = error
        .problem()
        .and_then(|problem| code_word(problem.code.as_str()))
    {
        write!(f, "{code}, ")?;
    }
    if let Some(code) = error
        .token_error()
        .and_then(|code| code_word(code.as_str()))
    {
        write!(f, "{code}, ")?;
    }
    if let Some(id) = error.request_id() {
        write!(f, "X-Request-Id {id}, ")?;
    }
    if let Some(stopped) = error.stopped() {
        f.write_str(match stopped {
            Stopped::Attempts => "no attempts left, ",
            Stopped::Budget => "retry budget used up, ",
            Stopped::Deadline => "no time left, ",
        })?;
    }
    match error.attempts() {
        1 => f.write_str("1 attempt")?,
        attempts => write!(f, "{attempts} attempts")?,
    }
    if let Some(cause) = &error.inner().cause {
        write!(f, ", {cause}")?;
    }
    f.write_str("]")?;
    error.problem().map_or(Ok(()), |problem| faults(problem, f))
}

/// Place and code of each fault; the messages are in [`Error::problem`].
fn faults(problem: &Problem, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for fault in &problem.errors {
        let code = code_word(&fault.code).unwrap_or("?");
        write!(f, "; {} {code}", place(fault))?;
    }
    Ok(())
}

fn place(fault: &ProblemError) -> &str {
    let place = fault
        .pointer
        .as_deref()
        .filter(|pointer| is_pointer(pointer));
    place
        .or_else(|| fault.parameter.as_deref().and_then(code_word))
        .or_else(|| fault.header.as_deref().filter(|name| is_header_name(name)))
        .unwrap_or("?")
}

/// A word in the form of a code: it cannot be a name, a number or an address.
fn code_word(word: &str) -> Option<&str> {
    let fits = (1..=64).contains(&word.len())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    fits.then_some(word)
}

fn is_header_name(name: &str) -> bool {
    name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
}

/// Members' names and short indices only: a pointer may quote what a sender took for a member.
fn is_pointer(pointer: &str) -> bool {
    pointer.split('/').skip(1).all(|step| {
        let index = step.len() <= 4 && step.bytes().all(|byte| byte.is_ascii_digit());
        index
            || step
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    })
}
