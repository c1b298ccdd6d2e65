//! wiremock's mocks over the engine: what they match is theirs, everything else is the engine's, and
//! an expectation that is not met is a failed test.
use std::{panic::AssertUnwindSafe, time::Duration};

use lingminban_sandbox::{
    Sandbox,
    wiremock::{
        Mock, ResponseTemplate,
        matchers::{any, method, path},
    },
};

use crate::support::*;

/// The status of the answer; `None` when there was none.
async fn status(wire: &mut Wire, target: &str) -> Option<u16> {
    wire.send(get(target)).await;
    Some(wire.response().await?.status)
}

async fn sandbox() -> (Sandbox, Wire) {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::open(sandbox.address()).await;
    (sandbox, wire)
}

fn teapot(at: &str) -> Mock {
    Mock::given(path(at)).respond_with(ResponseTemplate::new(418))
}

#[tokio::test]
async fn a_mock_answers_its_endpoint_and_the_engine_the_rest() {
    let (sandbox, mut wire) = sandbox().await;
    sandbox.mount(teapot("/v1/outlets")).await;
    assert_eq!(status(&mut wire, "/v1/outlets").await, Some(418));
    assert_eq!(status(&mut wire, "/v1/operators").await, Some(401));
    assert_eq!(status(&mut wire, "/healthz").await, Some(200));
    assert_eq!(status(&mut wire, "/nothing").await, Some(404));
    sandbox.unmount().await;
    assert_eq!(status(&mut wire, "/v1/outlets").await, Some(401));
    sandbox.stop().await;
}

#[tokio::test]
async fn mocks_are_asked_by_priority_then_in_the_order_mounted() {
    let (sandbox, mut wire) = sandbox().await;
    let all = |status, priority| {
        let mock = Mock::given(any()).respond_with(ResponseTemplate::new(status));
        mock.up_to_n_times(1).with_priority(priority)
    };
    // Every time one is used up, the next in line answers; 255 comes after the engine.
    for mock in [all(503, 255), all(502, 254), all(203, 7), all(204, 7)] {
        sandbox.mount(mock).await;
    }
    for expected in [203, 204, 502, 200, 200] {
        assert_eq!(status(&mut wire, "/healthz").await, Some(expected));
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_mock_may_drop_the_connection() {
    let (sandbox, mut wire) = sandbox().await;
    let broken = |_: &lingminban_sandbox::wiremock::Request| std::io::Error::other("broken");
    let mock = Mock::given(path("/healthz")).respond_with_err(broken);
    sandbox.mount(mock.up_to_n_times(1).expect(1)).await;
    assert_eq!(status(&mut wire, "/healthz").await, None);
    assert_eq!(
        status(&mut Wire::open(sandbox.address()).await, "/healthz").await,
        Some(200)
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn what_was_expected_passes_however_it_is_verified() {
    let (sandbox, mut wire) = sandbox().await;
    let both = Mock::given(method("GET")).and(path("/twice"));
    let both = both.respond_with(ResponseTemplate::new(200));
    sandbox.mount(both.expect(2).named("twice")).await;
    sandbox.mount(teapot("/never").expect(0)).await;
    for _ in 0..2 {
        assert_eq!(status(&mut wire, "/twice").await, Some(200));
    }
    // More than it takes to have the engine's mocks replaced: the count must outlive that.
    for _ in 0..200 {
        assert_eq!(status(&mut wire, "/healthz").await, Some(200));
    }
    sandbox.verify().await;
    drop(sandbox);
}

/// What a panic said.
async fn panic_of(failing: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(failing).await.unwrap_err().into_panic();
    *panic.downcast::<String>().unwrap()
}

/// A sandbox whose one mock was to be asked twice and was asked once.
async fn disappointed() -> Sandbox {
    let (sandbox, mut wire) = sandbox().await;
    sandbox
        .mount(teapot("/twice").expect(2).named("asked twice"))
        .await;
    assert_eq!(status(&mut wire, "/twice").await, Some(418));
    sandbox
}

fn is_the_report(text: &str) {
    assert!(text.contains("Verifications failed"), "{text}");
    assert!(text.contains("asked twice"), "{text}");
    assert!(
        text.contains("Number of matched incoming requests: 1"),
        "{text}"
    );
}

#[tokio::test]
async fn what_was_expected_and_did_not_come_panics_with_the_report() {
    let sandbox = disappointed().await;
    is_the_report(&panic_of(async move { sandbox.verify().await }).await);
    let sandbox = disappointed().await;
    is_the_report(&panic_of(async move { drop(sandbox) }).await);
    let sandbox = disappointed().await;
    is_the_report(&panic_of(async move { sandbox.stop().await }).await);
    // Taken away in time, nobody asks.
    let sandbox = disappointed().await;
    sandbox.unmount().await;
    sandbox.verify().await;
    sandbox.stop().await;
}

#[test]
fn dropping_in_a_panic_or_outside_any_runtime_is_safe() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let sandbox = runtime.block_on(disappointed());
    let panic = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let _sandbox = sandbox;
        panic!("the test's own");
    }));
    // A second panic would have aborted the process.
    assert_eq!(
        panic.unwrap_err().downcast_ref::<&str>(),
        Some(&"the test's own")
    );
    let sandbox = runtime.block_on(disappointed());
    drop(runtime);
    let panic = std::panic::catch_unwind(AssertUnwindSafe(|| drop(sandbox)));
    is_the_report(panic.unwrap_err().downcast_ref::<String>().unwrap());
}

#[tokio::test]
async fn a_task_that_has_used_up_its_turn_can_drop_it_too() {
    let sandbox = disappointed().await;
    let failing = async move {
        // Uses up the share of a turn that the runtime grants one task.
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..1_000 {
            sender.send(()).unwrap();
        }
        std::future::poll_fn(|context| {
            while receiver.poll_recv(context).is_ready() {}
            std::task::Poll::Ready(())
        })
        .await;
        drop(sandbox);
    };
    is_the_report(&panic_of(failing).await);
}

#[tokio::test]
async fn what_is_in_flight_counts_before_stop_verifies() {
    let (sandbox, _) = sandbox().await;
    sandbox.mount(teapot("/last").expect(1)).await;
    let mut wire = Wire::open(sandbox.address()).await;
    wire.send(get("/last")).await;
    sandbox.stop().await;
    assert_eq!(wire.response().await.unwrap().status, 418);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_is_flat_again_once_unmounted() {
    let _turn = MEMORY.lock().await;
    let (sandbox, mut wire) = sandbox().await;
    for _ in 0..5 {
        sandbox.mount(teapot("/v1/outlets")).await;
        for _ in 0..200 {
            assert_eq!(status(&mut wire, "/v1/outlets").await, Some(418));
            assert_eq!(status(&mut wire, "/healthz").await, Some(200));
        }
        sandbox.unmount().await;
    }
    let before = resident();
    // Kept, these would be 80 MB.
    for _ in 0..20_000 {
        assert_eq!(status(&mut wire, "/healthz").await, Some(200));
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 << 20, "memory grew by {} KiB", grown >> 10);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_delay_of_the_mocks_own_is_kept() {
    let (sandbox, mut wire) = sandbox().await;
    let delay = Duration::from_millis(30);
    let slow = ResponseTemplate::new(200).set_delay(delay);
    sandbox
        .mount(Mock::given(path("/slow")).respond_with(slow))
        .await;
    let begun = std::time::Instant::now();
    assert_eq!(status(&mut wire, "/slow").await, Some(200));
    assert!(begun.elapsed() >= delay);
    sandbox.stop().await;
}
