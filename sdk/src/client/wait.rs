//! Waiting for an application to come to an end.

use std::time::Duration;

use bon::Builder;
use http::HeaderMap;

use super::{Client, Error, ErrorKind, Outcome, Result, request::Info, retry};
use crate::api::{
    Application, ApplicationId, ApplicationPath, ApplicationStatus, Encoded, Found, GetApplication,
    NoParams,
};

/// How to wait.
#[derive(Clone, Copy, Debug, Builder)]
pub struct WaitOptions {
    /// The longest time to wait; ten minutes when left out. The law gives the authority working
    /// days: use a deadline that suits your process, and ask again another day.
    #[builder(default = Duration::from_secs(600))]
    deadline: Duration,
    /// The shortest pause between two polls, whatever `poll_after_ms` says; 100 ms when left out.
    #[builder(default = Duration::from_millis(100))]
    shortest_pause: Duration,
    /// The longest pause between two polls; one minute when left out.
    #[builder(default = Duration::from_secs(60))]
    longest_pause: Duration,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// The pause where the platform names none.
const USUAL_PAUSE: Duration = Duration::from_secs(2);

impl WaitOptions {
    fn pause(&self, poll_after_ms: Option<u32>) -> Duration {
        poll_after_ms
            .map_or(USUAL_PAUSE, |millis| Duration::from_millis(millis.into()))
            .min(self.longest_pause)
            .max(self.shortest_pause)
    }
}

impl Client {
    /// 等待办结: polls until nothing can follow. An application that waits for its partner
    /// (`received`, `supplement_required`) does not end by itself; where that can happen, use
    /// [`Client::wait_until`].
    ///
    /// # Errors
    /// [`ErrorKind::NotYet`] at the deadline, with [`Error::last_seen`];
    /// and what a refused read gives. Failures that may pass are waited out.
    pub async fn wait(&self, id: &ApplicationId, options: WaitOptions) -> Result<Application> {
        self.wait_until(id, options, |_| false).await
    }

    /// 等待: polls until `done` says so, or nothing can follow.
    ///
    /// ```no_run
    /// # use lingminban::{Client, api::{ApplicationId, ApplicationStatus}, client::WaitOptions};
    /// # async fn run(client: Client, id: ApplicationId) -> lingminban::client::Result<()> {
    /// let application = client
    ///     .wait_until(&id, WaitOptions::default(), |application| {
    ///         application.status == ApplicationStatus::SupplementRequired
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::wait`].
    pub async fn wait_until(
        &self,
        id: &ApplicationId,
        options: WaitOptions,
        mut done: impl FnMut(&Application) -> bool,
    ) -> Result<Application> {
        let runtime = &*self.shared.transport.runtime;
        let deadline = runtime.elapsed().saturating_add(options.deadline);
        let (mut last_seen, mut last_error) = (None, None);
        loop {
            let pause = match self.poll(id, deadline).await {
                Ok(application) if is_over(&application) || done(&application) => {
                    return Ok(application);
                }
                Ok(application) => {
                    let pause = options.pause(application.poll_after_ms);
                    last_seen = Some(application);
                    pause
                }
                // Waiting may take days; the platform's bad minute must not end it.
                Err(error) if retry::is_transient(&error) => {
                    let pause = error.retry_after().unwrap_or(options.longest_pause);
                    last_error = Some(error);
                    pause
                }
                Err(error) => return Err(error),
            };
            let left = deadline.saturating_sub(runtime.elapsed());
            if pause >= left {
                return Err(not_yet(last_seen, last_error));
            }
            runtime.pause(pause).await;
        }
    }

    async fn poll(&self, id: &ApplicationId, deadline: Duration) -> Result<Application> {
        let path = ApplicationPath {
            application_id: id.clone(),
        };
        let body = Encoded {
            media_type: None,
            bytes: Vec::new(),
        };
        let deadline = deadline.min(self.elapsed().saturating_add(self.shared.whole_timeout));
        let reply = self
            .send_until::<GetApplication>(
                &path,
                &NoParams {},
                body,
                None,
                HeaderMap::new(),
                deadline,
            )
            .await?;
        let Found(application) = reply.output;
        Ok(application)
    }
}

/// Waiting ended. An application that was never read is described by the failure to read it.
fn not_yet(last_seen: Option<Application>, last_error: Option<Error>) -> Error {
    match last_error {
        Some(error) if last_seen.is_none() => error,
        _ => {
            let mut error =
                Info::of::<GetApplication>().error(ErrorKind::NotYet, Outcome::Accepted);
            error.inner_mut().last_seen = last_seen;
            error
        }
    }
}

/// A state this version does not know may be followed by another.
fn is_over(application: &Application) -> bool {
    application
        .status
        .known()
        .is_some_and(ApplicationStatus::is_terminal)
}
