//! Lists are read page by page, as they are asked for.

use std::pin::Pin;

use futures_core::Stream;
use lingminban::{
    Client,
    api::{ListOutlets, Outlet, OutletFilter, OutletKind, ProblemCode},
    client::Pages,
};
use serde_json::json;

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Server},
};

pub(crate) fn page(ids: &[&str], next: Option<&str>) -> Answer {
    let items: Vec<_> = ids
        .iter()
        .map(|id| json!({"outlet_id": id, "name": "n", "kind": "bank", "district": "boshan", "services": []}))
        .collect();
    Answer::new(
        200,
        json!({"items": items, "next_page_token": next}).to_string(),
    )
}

async fn three_pages() -> (Server, Client) {
    let server = Server::doing([
        page(&["a", "b"], Some("t 1")),
        page(&[], Some("t2")),
        page(&["c"], None),
    ])
    .await;
    let client = client(&server, &TestRuntime::new());
    (server, client)
}

fn filter() -> OutletFilter {
    OutletFilter::builder().kind(OutletKind::Bank).build()
}

fn ids(outlets: &[Outlet]) -> Vec<&str> {
    outlets
        .iter()
        .map(|outlet| outlet.outlet_id.as_str())
        .collect()
}

#[tokio::test]
async fn all_entries_in_order_with_the_filter_on_every_page() {
    let (server, client) = three_pages().await;
    let all = client.list_outlets(filter()).try_collect().await.unwrap();
    assert_eq!(ids(&all), ["a", "b", "c"]);
    let targets: Vec<_> = server.calls().into_iter().map(|seen| seen.target).collect();
    assert_eq!(
        targets,
        [
            "/v1/outlets?kind=bank",
            "/v1/outlets?kind=bank&page_token=t+1",
            "/v1/outlets?kind=bank&page_token=t2"
        ]
    );
}

#[tokio::test]
async fn as_a_stream() {
    async fn next(
        stream: &mut (impl Stream<Item = lingminban::client::Result<Outlet>> + Unpin),
    ) -> Option<Outlet> {
        let next = std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await;
        next.transpose().unwrap()
    }
    let (server, client) = three_pages().await;
    let mut stream: Pages<ListOutlets> = client.list_outlets(filter());
    assert_eq!(server.calls().len(), 0);
    let mut all = Vec::new();
    while let Some(outlet) = next(&mut stream).await {
        all.push(outlet);
        if all.len() <= 2 {
            assert_eq!(server.calls().len(), 1);
        }
    }
    assert_eq!(ids(&all), ["a", "b", "c"]);
    assert!(next(&mut stream).await.is_none());
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn page_by_page() {
    let (_server, client) = three_pages().await;
    let mut pages = client.list_outlets(filter());
    // What was read of a page singly is not in the rest of it.
    assert_eq!(pages.next().await.unwrap().unwrap().outlet_id.as_str(), "a");
    let mut sizes = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        sizes.push(page.len());
    }
    assert_eq!(sizes, [1, 0, 1]);
}

#[tokio::test]
async fn an_error_ends_the_list() {
    let server = Server::doing([
        Act::from(page(&["a"], Some("t1"))),
        problem(ProblemCode::InvalidPageToken).into(),
    ])
    .await;
    let mut pages = client(&server, &TestRuntime::new()).list_outlets(filter());
    assert!(pages.next().await.unwrap().is_ok());
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!(error.operation(), "list_outlets");
    assert!(pages.next().await.is_none());
    assert_eq!(server.calls().len(), 2);
}
