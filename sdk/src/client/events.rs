//! Events, one after the other, for as long as they are asked for.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::Stream;

use super::{Client, Error, ErrorKind, Outcome, Result, request::Info, retry};
use crate::api::{
    ApplicationId, Cursor, Event, EventPage, EventPageSize, EventQuery, EventType, ListEvents,
    NoParams,
};

/// How long to wait when nothing is new, unless [`EventStream::poll_interval`] says otherwise.
const USUAL_INTERVAL: Duration = Duration::from_secs(10);

/// An event and where the list goes on after it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Followed {
    /// 事件.
    pub event: Event,
    /// 游标: store it once the event is dealt with, and begin there after a restart.
    pub cursor: Cursor,
}

impl Client {
    /// 查询事件: all that has happened since `cursor`, then all that happens, without end. Without a
    /// cursor from the first event there is.
    ///
    /// ```no_run
    /// # use lingminban::{Client, api::Cursor};
    /// # async fn run(client: Client, stored: Option<Cursor>) -> lingminban::client::Result<()> {
    /// let mut events = client.events(stored);
    /// while let Some(followed) = events.next().await {
    ///     let followed = followed?;
    ///     println!("{} {:?}", followed.event.kind, followed.event.application_id);
    ///     // Deal with the event, then store `followed.cursor`.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn events(&self, cursor: Option<Cursor>) -> EventStream {
        EventStream {
            client: self.clone(),
            query: EventQuery {
                cursor,
                page_size: Some(EventPageSize::MAX),
                ..EventQuery::default()
            },
            interval: USUAL_INTERVAL,
            endless: true,
            ready: Vec::new().into_iter(),
            page_end: None,
            next: Next::Ask(Duration::ZERO),
        }
    }

    /// 查询事件: one page.
    ///
    /// # Errors
    /// As [`Error`] has them.
    pub async fn list_events_page(&self, query: &EventQuery) -> Result<EventPage> {
        self.get::<ListEvents, _>(&NoParams {}, query).await
    }
}

/// Events as they happen: a [`Stream`], or without one [`EventStream::next`].
///
/// A failed request is tried again as the client's [`RetryPolicy`](super::RetryPolicy) has it. One that still fails is
/// told as an `Err`; if it may pass, the next call waits and goes on where the stream was, and
/// otherwise the stream ends. An event is told again when its cursor was not stored: go by `event_id`.
#[must_use = "nothing is asked for before the first event is"]
pub struct EventStream {
    client: Client,
    query: EventQuery,
    interval: Duration,
    endless: bool,
    ready: std::vec::IntoIter<Event>,
    /// Where the list goes on after the events at hand.
    page_end: Option<Cursor>,
    next: Next,
}

type Asking = Pin<Box<dyn Future<Output = Result<EventPage>> + Send>>;

/// What comes when the events at hand are told.
enum Next {
    /// A request, after a pause.
    Ask(Duration),
    /// The answer to one.
    Answer(Asking),
    /// Nothing.
    End,
}

impl EventStream {
    /// Only events of this type.
    pub fn of_type(mut self, kind: EventType) -> Self {
        self.query.kind = Some(kind);
        self
    }

    /// Only events of this application.
    pub fn of_application(mut self, id: ApplicationId) -> Self {
        self.query.application_id = Some(id);
        self
    }

    /// How long to wait when nothing is new; ten seconds when not said.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Ends when all that has happened is told, instead of waiting for more.
    pub fn until_read(mut self) -> Self {
        self.endless = false;
        self
    }

    /// Where the list goes on after what was told so far; `None` at its very beginning. Worth
    /// storing when a filter passes nothing for long.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.query.cursor.as_ref()
    }

    /// The next event; waits for it. `None` after a failure that does not pass, and after the last
    /// event with [`EventStream::until_read`]. It may be cancelled without losing an event.
    pub async fn next(&mut self) -> Option<Result<Followed>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The request for what comes after the cursor.
    fn ask(&self, pause: Duration) -> Asking {
        let (client, query) = (self.client.clone(), self.query.clone());
        Box::pin(async move {
            if !pause.is_zero() {
                client.shared.transport.runtime.pause(pause).await;
            }
            client.list_events_page(&query).await
        })
    }

    /// Takes in a page, and says what comes after its events.
    fn take(&mut self, page: EventPage) {
        // A platform that promises more and gives nothing is not asked without pause.
        let moved = self.query.cursor.as_ref() != Some(&page.next_cursor);
        self.next = if page.has_more && moved {
            Next::Ask(Duration::ZERO)
        } else if self.endless {
            Next::Ask(self.interval)
        } else {
            Next::End
        };
        self.page_end = Some(page.next_cursor);
        self.ready = page.items.into_iter();
    }

    fn tell(&mut self, mut event: Event) -> Result<Followed> {
        let Some(cursor) = event.cursor.take() else {
            self.next = Next::End;
            self.page_end = None;
            self.ready = Vec::new().into_iter();
            return Err(Info::of::<ListEvents>()
                .error(ErrorKind::Unreadable, Outcome::Accepted)
                .caused_by("an event without its cursor"));
        };
        self.query.cursor = Some(cursor.clone());
        Ok(Followed { event, cursor })
    }

    fn fail(&mut self, error: Error) -> Error {
        self.next = if retry::is_transient(&error) {
            Next::Ask(error.retry_after().unwrap_or(self.interval))
        } else {
            Next::End
        };
        error
    }
}

impl Stream for EventStream {
    type Item = Result<Followed>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.ready.next() {
                return Poll::Ready(Some(this.tell(event)));
            }
            // Past what the filter left out behind the last event.
            if let Some(end) = this.page_end.take() {
                this.query.cursor = Some(end);
            }
            match &mut this.next {
                Next::End => return Poll::Ready(None),
                Next::Ask(pause) => {
                    let pause = *pause;
                    this.next = Next::Answer(this.ask(pause));
                }
                Next::Answer(asking) => match ready!(asking.as_mut().poll(context)) {
                    Ok(page) => this.take(page),
                    Err(error) => return Poll::Ready(Some(Err(this.fail(error)))),
                },
            }
        }
    }
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream")
            .field("cursor", &self.query.cursor)
            .finish_non_exhaustive()
    }
}
