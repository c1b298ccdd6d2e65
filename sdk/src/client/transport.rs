//! Attempt after attempt, until there is an answer or no sense in another one.

use std::{sync::Arc, time::Duration};

use http::HeaderValue;

use super::{
    attempt::{Success, attempt},
    config::{Config, ConfigError, Proxy, Setting, is_this_machine},
    error::{Error, Outcome, Result, Stopped},
    request::{Info, Prepared},
    retry::{Budget, RetryPolicy, is_transient, settles_earlier_attempts},
    runtime::Runtime,
    tls::{self, TlsSettings},
    trace,
};

/// The connections of a client and its rules for using them.
pub(super) struct Transport {
    http: reqwest::Client,
    pub(super) runtime: Arc<dyn Runtime>,
    policy: RetryPolicy,
    budget: Budget,
    attempt_timeout: Duration,
}

/// What one call has spent so far, and the most that its attempts may have done.
pub(super) struct Effort {
    /// When the call must have ended, on [`Runtime::elapsed`]'s scale.
    pub(super) deadline: Duration,
    attempts: u32,
    worst: Option<Error>,
}

impl Effort {
    pub(super) fn until(deadline: Duration) -> Self {
        Self {
            deadline,
            attempts: 0,
            worst: None,
        }
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Remembers a failure that is going to be followed by another attempt.
    pub(super) fn note(&mut self, error: Error) {
        if self
            .worst
            .as_ref()
            .is_none_or(|worst| worst.outcome() < error.outcome())
        {
            self.worst = Some(error);
        }
    }

    /// The call's error: the last attempt's, with the outcome of them all.
    pub(super) fn conclude(self, info: &Info, mut last: Error) -> Error {
        last.inner_mut().attempts = self.attempts;
        let Some(mut worst) = self.worst.filter(|worst| worst.outcome() > last.outcome()) else {
            return last;
        };
        if info.reads() || settles_earlier_attempts(&last) {
            return last;
        }
        if worst.outcome() == Outcome::Accepted {
            // Status and request id of the success are what the caller needs to look it up.
            worst.inner_mut().attempts = self.attempts;
            worst.inner_mut().stopped = last.stopped();
            return worst;
        }
        last.inner_mut().outcome = worst.outcome();
        last
    }
}

enum Next {
    Pause(Duration),
    Stop(Option<Stopped>),
}

impl Transport {
    pub(super) fn new(config: &Config, address: &reqwest::Url) -> Result<Self, ConfigError> {
        let tls = tls::configuration(&TlsSettings {
            needed: address.scheme() == "https",
            extra_roots: &config.ca_certificates,
            identity: config.client_identity.as_ref(),
        })?;
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(config.connect_timeout);
        let http = with_proxy(builder, &config.proxy, is_this_machine(address))?
            .build()
            .map_err(|_| {
                ConfigError::new(
                    Setting::Tls,
                    "无法建立 HTTP 客户端",
                    "the HTTP client cannot be built",
                )
            })?;
        Ok(Self {
            http,
            runtime: Arc::clone(&config.runtime),
            budget: Budget::new(config.retry.budget),
            policy: config.retry.clone(),
            attempt_timeout: config.attempt_timeout,
        })
    }

    /// Time left until the call must have ended.
    pub(super) fn remaining(&self, effort: &Effort) -> Duration {
        effort.deadline.saturating_sub(self.runtime.elapsed())
    }

    /// Sends the request until it succeeds or another attempt makes no sense. The error is the
    /// last attempt's alone; [`Effort::conclude`] makes it the call's.
    pub(super) async fn run(
        &self,
        prepared: &Prepared,
        authorization: Option<&HeaderValue>,
        effort: &mut Effort,
    ) -> Result<Success> {
        loop {
            effort.attempts += 1;
            let limit = self.attempt_timeout.min(self.remaining(effort));
            let runtime = &*self.runtime;
            match attempt(&self.http, runtime, prepared, authorization, limit).await {
                Ok(success) => {
                    self.budget.succeeded();
                    trace::answered(success.status, effort.attempts);
                    return Ok(success);
                }
                Err(mut error) => match self.next(&error, effort) {
                    Next::Pause(pause) => {
                        trace::repeated(&error, effort.attempts, pause);
                        effort.note(error);
                        self.runtime.pause(pause).await;
                    }
                    Next::Stop(stopped) => {
                        trace::failed(&error, effort.attempts);
                        error.inner_mut().stopped = stopped;
                        return Err(error);
                    }
                },
            }
        }
    }

    fn next(&self, error: &Error, effort: &Effort) -> Next {
        if !is_transient(error) {
            return Next::Stop(None);
        }
        let pause = self
            .policy
            .backoff(effort.attempts, error.retry_after(), &*self.runtime);
        if pause >= self.remaining(effort) {
            Next::Stop(Some(Stopped::Deadline))
        } else if effort.attempts >= self.policy.max_attempts {
            Next::Stop(Some(Stopped::Attempts))
        } else if !self.budget.take() {
            Next::Stop(Some(Stopped::Budget))
        } else {
            Next::Pause(pause)
        }
    }
}

fn with_proxy(
    builder: reqwest::ClientBuilder,
    proxy: &Proxy,
    to_this_machine: bool,
) -> Result<reqwest::ClientBuilder, ConfigError> {
    use secrecy::ExposeSecret;
    match proxy {
        Proxy::Off => Ok(builder.no_proxy()),
        // A sandbox on this machine is not beyond the office's proxy.
        Proxy::System if to_this_machine => Ok(builder.no_proxy()),
        Proxy::System => Ok(builder),
        Proxy::Url(url) => {
            let proxy = reqwest::Proxy::all(url.expose_secret()).map_err(|_| {
                ConfigError::new(
                    Setting::Proxy,
                    "不是代理网址，如 http://proxy:8080",
                    "not the URL of a proxy such as http://proxy:8080",
                )
            })?;
            Ok(builder.no_proxy().proxy(proxy))
        }
    }
}
