//! Keeps one wiremock server alive on a listener: starts it, starts it again when it dies, ends it.
//!
//! The keeper has a thread of its own, so that a server outlives the runtime it was started from and
//! can be ended from any.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use http::StatusCode;
use tokio::{
    runtime::{Builder, Handle},
    sync::{Mutex, mpsc, oneshot},
    task::yield_now,
};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::{Answer, LONGEST_FAREWELL, catch_all::CatchAll, mounts::Mounts};

/// The method of the one request a new server answers to us.
const PROBE: &str = "LINGMINBAN-PROBE";
/// A server that has not answered its probe by then is taken for dead.
const PROBE_PATIENCE: Duration = Duration::from_secs(5);
/// The pause between two attempts to bring a dead server back, when what killed it persists.
const REVIVAL_PAUSE: Duration = Duration::from_millis(50);
/// The listener, the runtime's own files and two connections to see that it answers, with room to spare.
const SPARE_FILES: usize = 12;
/// A request needs up to four turns of the server's loop from the kernel's queue to its answer.
const QUIET_TURNS: u32 = 16;
/// The most turns a stopping server takes under a load that never ends.
const LAST_TURN: u32 = 4_096;

/// The keeper's end that the server's owner holds. Dropping it ends the server at once.
pub(super) struct Keeper {
    orders: mpsc::UnboundedSender<Order>,
    mounts: Mounts,
    answered: Arc<AtomicU64>,
    /// A verification reads what is mounted from the caller's thread. Were it to do so while all is
    /// replaced, the replacement would have to wait half-way, and requests would meet no mock.
    turn: Mutex<()>,
}

/// What the owner wants. Each order is told to be done, or dropped when the server is gone.
enum Order {
    Mount(Box<Mock>, Done),
    Unmount(Done),
    /// To answer what has been received.
    Settle(Done),
    Stop(Done),
}

type Done = oneshot::Sender<()>;

/// Why a server ends: on order, or because the owner is gone.
enum End {
    Ordered(Done),
    Abandoned,
}

impl Keeper {
    pub(super) async fn start(listener: TcpListener, answer: Arc<dyn Answer>) -> io::Result<Self> {
        // Answers are written whole, so nothing is gained by holding back small segments, and up to
        // 40 ms are lost on each pipelined answer. Accepted sockets inherit the option on Unix.
        socket2::SockRef::from(&listener).set_tcp_nodelay(true)?;
        let (started, has_started) = oneshot::channel();
        let (orders, ordered) = mpsc::unbounded_channel();
        let mounts = Mounts::default();
        let answered = Arc::default();
        let keeping = Keeping {
            listener,
            answer,
            answered: Arc::clone(&answered),
            mounts: mounts.clone(),
            orders: ordered,
        };
        thread::Builder::new()
            .name("lingminban-keeper".into())
            .spawn(
                move || match Builder::new_current_thread().enable_time().build() {
                    Ok(runtime) => runtime.block_on(keeping.keep(started)),
                    Err(error) => drop(started.send(Err(error))),
                },
            )?;
        has_started
            .await
            .unwrap_or_else(|_| Err(io::Error::other(CORE_PANICKED)))?;
        Ok(Self {
            orders,
            mounts,
            answered,
            turn: Mutex::new(()),
        })
    }

    pub(super) async fn mount(&self, mock: Mock) {
        self.order(|done| Order::Mount(Box::new(mock), done)).await;
    }

    pub(super) async fn unmount(&self) {
        let _turn = self.turn.lock().await;
        self.order(Order::Unmount).await;
    }

    pub(super) async fn verify(&self) {
        let _turn = self.turn.lock().await;
        self.mounts.verify().await;
    }

    pub(super) fn verify_now(&self) {
        self.mounts.verify_now();
    }

    pub(super) fn answered(&self) -> u64 {
        self.answered.load(Relaxed)
    }

    pub(super) fn has_mounts(&self) -> bool {
        !self.mounts.is_empty()
    }

    pub(super) async fn settle(&self) {
        self.order(Order::Settle).await;
    }

    pub(super) async fn stop(&self) {
        self.order(Order::Stop).await;
    }

    async fn order(&self, order: impl FnOnce(Done) -> Order) {
        let (done, is_done) = oneshot::channel();
        // Either end is gone only when the keeper's thread is, and with it the server.
        if self.orders.send(order(done)).is_ok() {
            is_done.await.ok();
        }
    }
}

const CORE_PANICKED: &str =
    "HTTP 核心未能启动（可能无法创建线程）。 The HTTP core did not start; can threads be created?";
const UNREACHABLE: &str = "服务未在自己的监听地址上应答，请检查防火墙和打开文件数上限。 \
    The server did not answer on its own address; check the firewall and the limit on open files.";

/// What the keeper's thread works with.
struct Keeping {
    listener: TcpListener,
    answer: Arc<dyn Answer>,
    answered: Arc<AtomicU64>,
    mounts: Mounts,
    orders: mpsc::UnboundedReceiver<Order>,
}

impl Keeping {
    async fn keep(mut self, started: oneshot::Sender<io::Result<()>>) {
        let mut life = match self.begin().await {
            Ok(life) => life,
            Err(error) => {
                started.send(Err(error)).ok();
                return;
            }
        };
        started.send(Ok(())).ok();
        let (life, end) = loop {
            if let Some(end) = self.serve(&mut life).await {
                break (Some(life), end);
            }
            self.mounts.lose();
            tracing::warn!(
                "a connection could not be accepted, all were lost; raise the limit on open files. \
                 无法接受新连接，全部连接已断开；请提高打开文件数上限。"
            );
            life = match self.revive().await {
                Ok(life) => life,
                Err(end) => break (None, end),
            };
        };
        drop(self.listener);
        match (life, &end) {
            (Some(life), End::Ordered(_)) => life.finish().await,
            (Some(life), End::Abandoned) => life.abandon(),
            (None, _) => {}
        }
        if let End::Ordered(done) = end {
            done.send(()).ok();
        }
    }

    async fn begin(&self) -> io::Result<Life> {
        Life::begin(&self.listener, &self.answer, &self.answered).await
    }

    /// Does as ordered while a server lives; `None` when it has died.
    async fn serve(&mut self, life: &mut Life) -> Option<End> {
        loop {
            let order = tokio::select! {
                biased;
                order = self.orders.recv() => order,
                () = life.over() => return None,
            };
            let done = match order {
                Some(Order::Mount(mock, done)) => {
                    self.mounts.put(&life.server);
                    life.run(life.catch_all.clone().cover(*mock)).await;
                    done
                }
                Some(Order::Unmount(done)) => {
                    life.run(life.catch_all.clone().uncover()).await;
                    self.mounts.clear();
                    done
                }
                Some(Order::Settle(done)) => {
                    let catch_all = life.catch_all.clone();
                    life.run(async move { answer_the_received(&catch_all).await })
                        .await;
                    done
                }
                Some(Order::Stop(done)) => return Some(End::Ordered(done)),
                None => return Some(End::Abandoned),
            };
            done.send(()).ok();
        }
    }

    /// Tries until a new server answers or the owner wants none any more.
    ///
    /// An attempt is not broken off: the port of a server half started closes nobody knows when.
    async fn revive(&mut self) -> Result<Life, End> {
        loop {
            match self.begin().await {
                Ok(life) => return Ok(life),
                Err(error) => tracing::warn!(%error, "the server is not back yet; 服务尚未恢复"),
            }
            let pause = tokio::time::sleep(REVIVAL_PAUSE);
            tokio::pin!(pause);
            loop {
                let order = tokio::select! {
                    biased;
                    order = self.orders.recv() => order,
                    () = &mut pause => break,
                };
                match order {
                    Some(Order::Stop(done)) => return Err(End::Ordered(done)),
                    None => return Err(End::Abandoned),
                    Some(Order::Unmount(_)) => self.mounts.clear(),
                    Some(Order::Mount(..)) => self.mounts.lose_new(),
                    Some(Order::Settle(_)) => {}
                }
            }
        }
    }
}

/// One wiremock server from its start to its end.
struct Life {
    /// To be dropped in a task on the server's own thread, early in a turn: dropping blocks the thread
    /// until it has the server's lock, which nobody can be holding there, and the task's share of the
    /// turn must not be used up, or tokio lets it wait for ever.
    server: Arc<MockServer>,
    catch_all: CatchAll,
    /// The runtime on the server's thread.
    runtime: Handle,
    /// Closed when that runtime is gone, and with it the server's copy of the listener.
    over: oneshot::Receiver<()>,
}

impl Life {
    async fn begin(
        listener: &TcpListener,
        answer: &Arc<dyn Answer>,
        answered: &Arc<AtomicU64>,
    ) -> io::Result<Self> {
        ensure_open_files(listener)?;
        let own_listener = listener.try_clone()?;
        let server = MockServer::builder().listener(own_listener);
        let server = Arc::new(server.disable_request_recording().start().await);
        let catch_all = CatchAll::new(&server, answer.clone(), answered.clone());
        catch_all.register(&server).await;
        let runtime = runtime_of(&server).await?;
        // Takes the probe away again.
        runtime.spawn(catch_all.clone().renew());
        let (alive, over) = oneshot::channel::<()>();
        runtime.spawn(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        Ok(Self {
            server,
            catch_all,
            runtime,
            over,
        })
    }

    /// Ends when wiremock's server has ended, whatever the reason.
    async fn over(&mut self) {
        // Nothing is ever sent: the sender goes down with the runtime.
        (&mut self.over).await.ok();
    }

    /// Runs a task to its end on the server's own thread, or to the server's end.
    async fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task).await.ok();
    }

    /// Answers what has been received, then ends the server.
    async fn finish(self) {
        let Self {
            server,
            catch_all,
            runtime,
            over,
        } = self;
        catch_all.close_connections();
        runtime.spawn(async move {
            answer_the_received(&catch_all).await;
            end(catch_all, server).await;
        });
        over.await.ok();
    }

    /// Ends the server at once.
    fn abandon(self) {
        self.runtime.spawn(end(self.catch_all, self.server));
    }
}

/// Drops a server, with nothing mounted on it: wiremock would verify that here, where nobody is told.
async fn end(catch_all: CatchAll, server: Arc<MockServer>) {
    catch_all.uncover().await;
    drop(server);
}

/// Runs on the server's thread until what has been received is answered and no delay is pending, but
/// not longer than [`LONGEST_FAREWELL`].
async fn answer_the_received(catch_all: &CatchAll) {
    let answered = async {
        loop {
            grow_quiet(catch_all).await;
            if !catch_all.has_delayed() {
                return;
            }
            catch_all.delay_over().await;
        }
    };
    tokio::time::timeout(LONGEST_FAREWELL, answered).await.ok();
}

/// Runs until no request has been answered for a while.
///
/// No count of requests in flight is needed: answering never yields, so when this runs no answer is
/// half done, and every turn lets the connections write what they have and read what came.
async fn grow_quiet(catch_all: &CatchAll) {
    let mut answered = catch_all.answered();
    let mut quiet = 0;
    for _ in 0..LAST_TURN {
        yield_now().await;
        let now = catch_all.answered();
        quiet = if now == answered { quiet + 1 } else { 0 };
        answered = now;
        if quiet == QUIET_TURNS {
            return;
        }
    }
}

/// Fails when the process may not open what a new server needs: its thread would only panic, and leave
/// us to wait for its answer.
fn ensure_open_files(listener: &TcpListener) -> io::Result<()> {
    let spare = (0..SPARE_FILES).map(|_| listener.try_clone());
    spare.collect::<io::Result<Vec<_>>>().map(drop)
}

/// The runtime a server works on, learned by having it answer a request.
async fn runtime_of(server: &MockServer) -> io::Result<Handle> {
    let (answered, mut answers) = mpsc::unbounded_channel();
    let probe = Mock::given(matchers::method(PROBE)).respond_with(move |_: &Request| {
        answered.send(Handle::current()).ok();
        ResponseTemplate::new(StatusCode::NO_CONTENT)
    });
    server.register(probe).await;
    let mut stream = TcpStream::connect_timeout(&reachable(*server.address()), PROBE_PATIENCE)?;
    write!(stream, "{PROBE} / HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    match tokio::time::timeout(PROBE_PATIENCE, answers.recv()).await {
        Ok(Some(runtime)) => Ok(runtime),
        _ => Err(io::Error::new(io::ErrorKind::TimedOut, UNREACHABLE)),
    }
}

/// Where a listener can be reached from this machine: not every system connects to "any address".
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use tokio::time::Instant;

    use super::*;
    use crate::server::{Call, Rejection, Reply};

    struct Never;

    impl Answer for Never {
        fn answer(&self, _: &Call<'_>) -> Option<Reply> {
            None
        }

        fn turned_away(&self, call: &Call<'_>, _: Rejection) -> Reply {
            self.panicked(call)
        }

        fn panicked(&self, _: &Call<'_>) -> Reply {
            Reply::new(StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), "")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_farewell_lasts_as_long_as_the_delays_but_not_for_ever() {
        let server = MockServer::builder().disable_request_recording();
        let server = Arc::new(server.start().await);
        let catch_all = CatchAll::new(&server, Arc::new(Never), Arc::default());
        let farewell = async || {
            let begun = Instant::now();
            answer_the_received(&catch_all).await;
            begun.elapsed()
        };
        assert_eq!(farewell().await, Duration::ZERO);
        let second = Duration::from_secs(1);
        catch_all.follow(second);
        catch_all.follow(second * 2);
        assert!((second * 2..second * 3).contains(&farewell().await));
        catch_all.follow(second * 3_600);
        assert!((LONGEST_FAREWELL..LONGEST_FAREWELL + second).contains(&farewell().await));
    }
}
