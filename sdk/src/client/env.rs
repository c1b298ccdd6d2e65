//! Configuration from the environment.

use std::time::Duration;

use super::config::{ClientIdentity, Config, ConfigError, Proxy, Setting};
use super::retry::RetryPolicy;
use crate::text::Language;

impl Config {
    /// Reads the process's environment: `LINGMINBAN_BASE_URL`, `LINGMINBAN_CLIENT_ID` and
    /// `LINGMINBAN_CLIENT_SECRET` are required; [`Setting`] lists them all. `LINGMINBAN_PROXY` is a
    /// URL or `off`; timeouts are whole milliseconds.
    ///
    /// # Errors
    /// When a variable is missing or cannot be used; the error names the variable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the same variables from wherever `lookup` finds them.
    ///
    /// # Errors
    /// When a variable is missing or cannot be used; the error names the variable.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let variables = Variables(lookup);
        let mut config = Self::builder()
            .base_url(variables.required(Setting::BaseUrl)?)
            .client_id(variables.required(Setting::ClientId)?)
            .client_secret(variables.required(Setting::ClientSecret)?)
            .maybe_connect_timeout(variables.duration(Setting::ConnectTimeout)?)
            .maybe_attempt_timeout(variables.duration(Setting::AttemptTimeout)?)
            .maybe_whole_timeout(variables.duration(Setting::WholeTimeout)?)
            .maybe_proxy(variables.get(Setting::Proxy).map(|text| proxy(&text)))
            .maybe_client_identity(variables.identity()?)
            .maybe_language(variables.language()?)
            .maybe_user_agent(variables.get(Setting::UserAgent))
            .maybe_allow_plain_http(variables.flag(Setting::AllowPlainHttp)?)
            .maybe_retry(variables.retry()?)
            .config();
        config.ca_certificates = variables
            .file(Setting::CaCertificate)?
            .into_iter()
            .collect();
        Ok(config)
    }
}

struct Variables<L>(L);

impl<L: Fn(&str) -> Option<String>> Variables<L> {
    /// An empty variable counts as unset: that is how compose files and CI leave one out.
    fn get(&self, setting: Setting) -> Option<String> {
        (self.0)(setting.variable()).filter(|text| !text.is_empty())
    }

    fn required(&self, setting: Setting) -> Result<String, ConfigError> {
        self.get(setting).ok_or(ConfigError::new(
            setting,
            "未设置环境变量",
            "the environment variable is not set",
        ))
    }

    fn duration(&self, setting: Setting) -> Result<Option<Duration>, ConfigError> {
        let parse = |text: String| {
            text.parse().map(Duration::from_millis).map_err(|_| {
                ConfigError::new(
                    setting,
                    "须为毫秒数（整数）",
                    "must be a whole number of milliseconds",
                )
            })
        };
        self.get(setting).map(parse).transpose()
    }

    fn flag(&self, setting: Setting) -> Result<Option<bool>, ConfigError> {
        let parse = |text: String| match text.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(ConfigError::new(
                setting,
                "须为 true 或 false",
                "must be true or false",
            )),
        };
        self.get(setting).map(parse).transpose()
    }

    fn retry(&self) -> Result<Option<RetryPolicy>, ConfigError> {
        let parse = |text: String| match text.parse::<u32>() {
            Ok(attempts @ 1..) => Ok(RetryPolicy::builder().max_attempts(attempts).build()),
            _ => Err(ConfigError::new(
                Setting::MaxAttempts,
                "须为不小于 1 的整数",
                "must be a whole number from 1",
            )),
        };
        self.get(Setting::MaxAttempts).map(parse).transpose()
    }

    fn language(&self) -> Result<Option<Language>, ConfigError> {
        let parse = |text: String| match text.as_str() {
            "zh" | "zh-CN" => Ok(Language::Chinese),
            "en" => Ok(Language::English),
            _ => Err(ConfigError::new(
                Setting::Language,
                "须为 zh 或 en",
                "must be zh or en",
            )),
        };
        self.get(Setting::Language).map(parse).transpose()
    }

    fn file(&self, setting: Setting) -> Result<Option<Vec<u8>>, ConfigError> {
        let read = |path: String| {
            std::fs::read(path)
                .map_err(|_| ConfigError::new(setting, "无法读取该文件", "the file cannot be read"))
        };
        self.get(setting).map(read).transpose()
    }

    fn identity(&self) -> Result<Option<ClientIdentity>, ConfigError> {
        let certificate = self.file(Setting::ClientCertificate)?;
        let key = self.file(Setting::ClientKey)?;
        let missing = |setting| {
            ConfigError::new(
                setting,
                "证书和私钥须同时设置",
                "certificate and key go together",
            )
        };
        match (certificate, key) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(missing(Setting::ClientKey)),
            (None, Some(_)) => Err(missing(Setting::ClientCertificate)),
            (Some(certificate), Some(key)) => {
                let key = String::from_utf8(key).map_err(|_| {
                    ConfigError::new(Setting::ClientKey, "须为 PEM 格式", "must be in PEM form")
                })?;
                Ok(Some(ClientIdentity::from_pem(certificate, key)))
            }
        }
    }
}

fn proxy(text: &str) -> Proxy {
    match text {
        "off" | "none" => Proxy::Off,
        url => Proxy::url(url),
    }
}
