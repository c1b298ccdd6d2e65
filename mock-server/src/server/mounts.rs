//! What a test has mounted over the engine, as far as the test's own thread must know.

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use wiremock::MockServer;

/// Where mounted mocks are. Clones share everything.
#[derive(Clone, Default)]
pub(super) struct Mounts(Arc<Mutex<Mounted>>);

#[derive(Default)]
enum Mounted {
    #[default]
    Nothing,
    /// Weak, because a server must be dropped on its own thread.
    On(Weak<MockServer>),
    Lost,
}

impl Mounts {
    pub(super) fn put(&self, server: &Arc<MockServer>) {
        let mut mounted = self.lock();
        // What was lost stays lost, and is not to be forgotten over what comes.
        if !matches!(*mounted, Mounted::Lost) {
            *mounted = Mounted::On(Arc::downgrade(server));
        }
    }

    pub(super) fn clear(&self) {
        *self.lock() = Mounted::Nothing;
    }

    /// The server is gone, and with it what was mounted on it.
    pub(super) fn lose(&self) {
        let mut mounted = self.lock();
        if !matches!(*mounted, Mounted::Nothing) {
            *mounted = Mounted::Lost;
        }
    }

    /// There was no server to mount on.
    pub(super) fn lose_new(&self) {
        *self.lock() = Mounted::Lost;
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(*self.lock(), Mounted::Nothing)
    }

    /// Panics with wiremock's report when an expectation is not met.
    pub(super) async fn verify(&self) {
        let server = match &*self.lock() {
            Mounted::Nothing => return,
            Mounted::On(server) => server.upgrade(),
            Mounted::Lost => None,
        };
        match server {
            Some(server) => server.verify().await,
            None => lost(),
        }
    }

    /// The same in a destructor, where nothing can be awaited.
    pub(super) fn verify_now(&self) {
        // A task that has used up its share of a turn would be told to wait, and not get another here.
        block_on(tokio::task::unconstrained(self.verify()));
    }

    fn lock(&self) -> MutexGuard<'_, Mounted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::panic, reason = "verification speaks as wiremock does")]
fn lost() {
    panic!(
        "所挂载的 mock 已随服务中断而丢失，无法核验；请提高打开文件数上限。 \
         The mounted mocks were lost when the server broke down and cannot be verified; \
         raise the limit on open files."
    );
}

/// Waits on this thread. The server has threads of its own, so it is safe inside any runtime.
fn block_on(future: impl Future<Output = ()>) {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    while future.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Pending {
        thread::park();
    }
}
