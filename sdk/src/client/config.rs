//! Everything a client can be told, and what is checked before it is made.

use std::{fmt, sync::Arc, time::Duration};

use bon::Builder;
use reqwest::Url;
use secrecy::SecretString;

use super::{
    Client,
    retry::RetryPolicy,
    runtime::{Runtime, SystemRuntime},
};
use crate::text::{Language, Text};

/// 配置: what a client needs to know; made by [`Client::builder`] or [`Config::from_env`].
///
/// Address and credential are required at compile time, everything else has a default. `Debug`
/// shows no secret.
#[derive(Clone, Builder)]
#[builder(finish_fn(name = config, doc {
    /// The configuration, for [`Client::new`].
}))]
pub struct Config {
    #[builder(field)]
    pub(super) ca_certificates: Vec<Vec<u8>>,
    /// 平台地址: the address of platform or sandbox, such as `https://lmb.example.cn`; a path in it
    /// is kept in front of every operation's.
    #[builder(into)]
    pub(super) base_url: String,
    /// 客户端标识: the name of the partner's credential.
    #[builder(into)]
    pub(super) client_id: String,
    /// 客户端密钥: the secret of the partner's credential.
    #[builder(into)]
    pub(super) client_secret: SecretString,
    /// The longest time for DNS, TCP and TLS together; 5 s when left out.
    #[builder(default = Duration::from_secs(5))]
    pub(super) connect_timeout: Duration,
    /// The longest time for one attempt, connecting and reading the answer included; 30 s when
    /// left out.
    #[builder(default = Duration::from_secs(30))]
    pub(super) attempt_timeout: Duration,
    /// The longest time for a call as a whole: token, every attempt and the pauses between them;
    /// 90 s when left out.
    #[builder(default = Duration::from_secs(90))]
    pub(super) whole_timeout: Duration,
    /// When and how often to try again.
    #[builder(default)]
    pub(super) retry: RetryPolicy,
    /// 代理: the system's when left out.
    #[builder(default)]
    pub(super) proxy: Proxy,
    /// 客户端证书: the certificate to show, where the platform asks for one (mutual TLS).
    pub(super) client_identity: Option<ClientIdentity>,
    /// The language of problems and findings; Chinese when left out.
    #[builder(default)]
    pub(super) language: Language,
    /// Put in front of the SDK's own name in `User-Agent`, such as `my-dms/3.2`.
    #[builder(into)]
    pub(super) user_agent: Option<String>,
    /// Whether `http://` is accepted for another host than this machine. The credential then
    /// travels readable: for a sandbox in a closed network only.
    #[builder(default)]
    pub(super) allow_plain_http: bool,
    /// Clock, timers and randomness; the machine's own when left out.
    #[builder(default = Arc::new(SystemRuntime::default()))]
    pub(super) runtime: Arc<dyn Runtime>,
}

impl<S: config_builder::State> ConfigBuilder<S> {
    /// 附加 CA 证书: trusts these PEM certificates beside the system's; may be called repeatedly.
    pub fn ca_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificates.push(pem.into());
        self
    }
}

impl<S: config_builder::IsComplete> ConfigBuilder<S> {
    /// The client. Nothing is sent yet; the first call fetches the token.
    ///
    /// # Errors
    /// When a setting cannot work; the error names it.
    pub fn build(self) -> Result<Client, ConfigError> {
        Client::new(self.config())
    }

    /// The client without async.
    ///
    /// # Errors
    /// When a setting cannot work, or no thread can be started.
    #[cfg(feature = "blocking")]
    pub fn build_blocking(self) -> Result<crate::blocking::Client, ConfigError> {
        crate::blocking::Client::new(self.config())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field(
                "base_url",
                &address(&self.base_url).map(|url| url.to_string()).ok(),
            )
            .field("client_id", &self.client_id)
            .field("connect_timeout", &self.connect_timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("whole_timeout", &self.whole_timeout)
            .field("retry", &self.retry)
            .field("proxy", &self.proxy)
            .field("ca_certificates", &self.ca_certificates.len())
            .field("client_identity", &self.client_identity.is_some())
            .field("language", &self.language)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

/// 代理: the way out of the partner's network. `Debug` shows no address, which may carry a
/// password.
#[derive(Clone, Default)]
pub enum Proxy {
    /// As the environment says (`HTTPS_PROXY`, `NO_PROXY`, …); never for this machine itself.
    #[default]
    System,
    /// None, whatever the environment says.
    Off,
    /// This one, `http://user:password@host:port`, for everything.
    Url(SecretString),
}

impl Proxy {
    /// This proxy for everything.
    #[must_use]
    pub fn url(url: &str) -> Self {
        Self::Url(url.into())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Off => "Off",
            Self::Url(_) => "Url(…)",
        })
    }
}

/// 客户端证书和私钥, for mutual TLS.
#[derive(Clone)]
pub struct ClientIdentity {
    pub(super) certificates_pem: Vec<u8>,
    pub(super) key_pem: SecretString,
}

impl ClientIdentity {
    /// The certificate with its chain, own one first, and the unencrypted private key; both PEM.
    #[must_use]
    pub fn from_pem(certificates: impl Into<Vec<u8>>, key: impl Into<SecretString>) -> Self {
        Self {
            certificates_pem: certificates.into(),
            key_pem: key.into(),
        }
    }
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientIdentity(…)")
    }
}

/// Writes [`Setting`] from rows of variant, builder method and environment variable.
macro_rules! settings {
    ($( $variant:ident = $method:literal, $variable:literal; )+) => {
        /// 配置项: one thing a client can be told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Setting {
            $( #[doc = concat!("`", $method, "`, `", $variable, "`.")] $variant, )+
        }

        impl Setting {
            /// The builder's method.
            #[must_use]
            pub const fn method(self) -> &'static str {
                match self { $( Self::$variant => $method, )+ }
            }

            /// The environment variable; empty where there is none.
            #[must_use]
            pub const fn variable(self) -> &'static str {
                match self { $( Self::$variant => $variable, )+ }
            }
        }
    };
}

settings! {
    BaseUrl = "base_url", "LINGMINBAN_BASE_URL";
    ClientId = "client_id", "LINGMINBAN_CLIENT_ID";
    ClientSecret = "client_secret", "LINGMINBAN_CLIENT_SECRET";
    Proxy = "proxy", "LINGMINBAN_PROXY";
    CaCertificate = "ca_certificates_pem", "LINGMINBAN_CA_FILE";
    ClientCertificate = "client_identity", "LINGMINBAN_CLIENT_CERT_FILE";
    ClientKey = "client_identity", "LINGMINBAN_CLIENT_KEY_FILE";
    ConnectTimeout = "connect_timeout", "LINGMINBAN_CONNECT_TIMEOUT_MS";
    AttemptTimeout = "attempt_timeout", "LINGMINBAN_ATTEMPT_TIMEOUT_MS";
    WholeTimeout = "whole_timeout", "LINGMINBAN_WHOLE_TIMEOUT_MS";
    MaxAttempts = "retry", "LINGMINBAN_MAX_ATTEMPTS";
    Language = "language", "LINGMINBAN_LANGUAGE";
    UserAgent = "user_agent", "LINGMINBAN_USER_AGENT";
    AllowPlainHttp = "allow_plain_http", "LINGMINBAN_ALLOW_PLAIN_HTTP";
    Tls = "ca_certificates_pem", "LINGMINBAN_CA_FILE";
    Runtime = "blocking", "";
}

/// 配置有误: a setting that cannot work. Names the setting, never its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigError {
    setting: Setting,
    text: Text,
}

impl ConfigError {
    pub(crate) const fn new(setting: Setting, zh: &'static str, en: &'static str) -> Self {
        Self {
            setting,
            text: Text::new(zh, en),
        }
    }

    /// The setting.
    #[must_use]
    pub const fn setting(&self) -> Setting {
        self.setting
    }

    /// What is wrong and what to do.
    #[must_use]
    pub const fn text(&self) -> Text {
        self.text
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, variable) = (self.setting.method(), self.setting.variable());
        let name = |f: &mut fmt::Formatter<'_>| match variable {
            "" => f.write_str(method),
            variable => write!(f, "{method} ({variable})"),
        };
        f.write_str("配置项 ")?;
        name(f)?;
        write!(f, "：{} / setting ", self.text.zh)?;
        name(f)?;
        write!(f, ": {}", self.text.en)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// The platform's address, once everything that can be checked without it was.
    pub(super) fn checked_address(&self) -> Result<Url, ConfigError> {
        let url = address(&self.base_url)?;
        if url.scheme() == "http" && !is_this_machine(&url) && !self.allow_plain_http {
            return Err(ConfigError::new(
                Setting::BaseUrl,
                "http:// 会明文传送密钥；请使用 https://，仅在封闭网络中的沙箱才可开启 allow_plain_http",
                "http:// would send the secret readable; use https://, or allow_plain_http for a sandbox in a closed network",
            ));
        }
        for (setting, duration) in [
            (Setting::ConnectTimeout, self.connect_timeout),
            (Setting::AttemptTimeout, self.attempt_timeout),
            (Setting::WholeTimeout, self.whole_timeout),
        ] {
            if duration.is_zero() {
                return Err(ConfigError::new(setting, "不能为零", "must not be zero"));
            }
        }
        if self.client_id.is_empty() {
            return Err(ConfigError::new(
                Setting::ClientId,
                "不能为空",
                "must not be empty",
            ));
        }
        Ok(url)
    }
}

/// An address that operations' paths can follow.
fn address(text: &str) -> Result<Url, ConfigError> {
    let wrong = |zh, en| ConfigError::new(Setting::BaseUrl, zh, en);
    let url = Url::parse(text).map_err(|_| {
        wrong(
            "不是完整的网址，如 https://lmb.example.cn",
            "not a complete URL such as https://lmb.example.cn",
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("须以 https:// 开头", "must start with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "网址中不能带用户名或密码；请用 client_id 和 client_secret",
            "must not carry a user or password; use client_id and client_secret",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(
            "网址中不能带 ? 或 #",
            "must not carry a query or fragment",
        ));
    }
    Ok(url)
}

pub(super) fn is_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}
