//! Lists, page after page.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;

use super::{Client, Result};
use crate::api::{
    Application, ApplicationPage, Delivery, DeliveryPage, Found, Inspection, InspectionPage,
    ListApplications, ListDeliveries, ListInspections, ListOperators, ListOutlets, ListStatistics,
    NoBody, Operation, Operator, OperatorPage, Outlet, OutletPage, Statistic, StatisticsPage,
};

/// An operation that answers in pages. Sealed, as operations are.
pub trait Listing: Operation<Path: Clone + Unpin, Body = NoBody, Query: Clone + Unpin> {
    /// One entry.
    type Item: Send + Unpin + 'static;

    /// A page's entries and the token of the next.
    #[doc(hidden)]
    fn split(page: Self::Output) -> (Vec<Self::Item>, Option<String>);

    /// Asks for the page of that token.
    #[doc(hidden)]
    fn go_on(query: &mut Self::Query, page_token: String);
}

macro_rules! listing {
    ($operation:ident, $page:ident, $item:ident) => {
        impl Listing for $operation {
            type Item = $item;

            fn split(Found(page): Found<$page>) -> (Vec<$item>, Option<String>) {
                (page.items, page.next_page_token)
            }

            fn go_on(query: &mut Self::Query, page_token: String) {
                query.page_token = Some(page_token);
            }
        }
    };
}
listing!(ListApplications, ApplicationPage, Application);
listing!(ListOutlets, OutletPage, Outlet);
listing!(ListOperators, OperatorPage, Operator);
listing!(ListInspections, InspectionPage, Inspection);
listing!(ListStatistics, StatisticsPage, Statistic);
listing!(ListDeliveries, DeliveryPage, Delivery);

type Loading<O> = Pin<Box<dyn Future<Output = Result<<O as Operation>::Output>> + Send>>;

/// The entries of a list, fetched page by page as they are asked for. A [`Stream`] of entries, or
/// without one [`Pages::next`], [`Pages::next_page`] and [`Pages::try_collect`]. After an error it
/// ends.
#[must_use = "nothing is asked for before the first entry is"]
pub struct Pages<O: Listing> {
    client: Client,
    path: O::Path,
    /// Asks for the next page; `None` after the last.
    query: Option<O::Query>,
    ready: std::vec::IntoIter<O::Item>,
    loading: Option<Loading<O>>,
}

impl<O: Listing> Pages<O> {
    pub(super) fn new(client: Client, path: O::Path, query: O::Query) -> Self {
        Self {
            client,
            path,
            query: Some(query),
            ready: Vec::new().into_iter(),
            loading: None,
        }
    }

    /// The next entry.
    pub async fn next(&mut self) -> Option<Result<O::Item>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// What is left of the current page, or else the next one; `None` after the last.
    ///
    /// # Errors
    /// As [`Error`](super::Error) has them.
    pub async fn next_page(&mut self) -> Result<Option<Vec<O::Item>>> {
        if self.ready.len() == 0 && !std::future::poll_fn(|context| self.poll_page(context)).await?
        {
            return Ok(None);
        }
        Ok(Some(std::mem::take(&mut self.ready).collect()))
    }

    /// All entries.
    ///
    /// # Errors
    /// As [`Error`](super::Error) has them.
    pub async fn try_collect(mut self) -> Result<Vec<O::Item>> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// Makes the next page ready; `false` after the last.
    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Result<bool>> {
        if self.loading.is_none() {
            let Some(query) = self.query.clone() else {
                return Poll::Ready(Ok(false));
            };
            let (client, path) = (self.client.clone(), self.path.clone());
            self.loading = Some(Box::pin(async move {
                let reply = client.call::<O>(&path, &query, &NoBody, None).await?;
                Ok(reply.output)
            }));
        }
        let Some(loading) = &mut self.loading else {
            return Poll::Ready(Ok(false));
        };
        let page = ready!(loading.as_mut().poll(context));
        self.loading = None;
        let previous = self.query.take();
        let (items, token) = O::split(page?);
        self.query = previous.zip(token).map(|(mut query, token)| {
            O::go_on(&mut query, token);
            query
        });
        self.ready = items.into_iter();
        Poll::Ready(Ok(true))
    }
}

impl<O: Listing> Stream for Pages<O> {
    type Item = Result<O::Item>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.ready.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            // A filter may leave a page empty that is not the last.
            match ready!(this.poll_page(context)) {
                Ok(true) => {}
                Ok(false) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<O: Listing> std::fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &O::ID)
            .finish_non_exhaustive()
    }
}
