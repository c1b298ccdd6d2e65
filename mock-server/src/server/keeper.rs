//! Keeps one wiremock server alive on a listener: starts it, starts it again when it dies, ends it.
//!
//! The keeper has a thread of its own, so that a server outlives the runtime it was started from and
//! can be ended from any.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use http::StatusCode;
use tokio::{
    runtime::{Builder, Handle},
    sync::{mpsc, oneshot},
    task::yield_now,
};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::{Answer, catch_all::CatchAll};

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
    stop: oneshot::Sender<Stopped>,
}

/// Told when the server has stopped.
type Stopped = oneshot::Sender<()>;
/// To stop in good order, or at once because the owner is gone.
type Order = Result<Stopped, oneshot::error::RecvError>;

impl Keeper {
    pub(super) async fn start(listener: TcpListener, answer: Arc<dyn Answer>) -> io::Result<Self> {
        // Answers are written whole, so nothing is gained by holding back small segments, and up to
        // 40 ms are lost on each pipelined answer. Accepted sockets inherit the option on Unix.
        socket2::SockRef::from(&listener).set_tcp_nodelay(true)?;
        let (started, has_started) = oneshot::channel();
        let (stop, stopping) = oneshot::channel();
        thread::Builder::new()
            .name("lingminban-keeper".into())
            .spawn(
                move || match Builder::new_current_thread().enable_time().build() {
                    Ok(runtime) => runtime.block_on(keep(listener, answer, started, stopping)),
                    Err(error) => drop(started.send(Err(error))),
                },
            )?;
        has_started
            .await
            .unwrap_or_else(|_| Err(io::Error::other(CORE_PANICKED)))?;
        Ok(Self { stop })
    }

    pub(super) async fn stop(self) {
        let (stopped, has_stopped) = oneshot::channel();
        // Either end is gone only when the keeper's thread is, and with it the server.
        if self.stop.send(stopped).is_ok() {
            has_stopped.await.ok();
        }
    }
}

const CORE_PANICKED: &str =
    "HTTP 核心未能启动（可能无法创建线程）。 The HTTP core did not start; can threads be created?";
const UNREACHABLE: &str = "服务未在自己的监听地址上应答，请检查防火墙和打开文件数上限。 \
    The server did not answer on its own address; check the firewall and the limit on open files.";

async fn keep(
    listener: TcpListener,
    answer: Arc<dyn Answer>,
    started: oneshot::Sender<io::Result<()>>,
    mut stop: oneshot::Receiver<Stopped>,
) {
    let mut life = match Life::begin(&listener, &answer).await {
        Ok(life) => life,
        Err(error) => {
            started.send(Err(error)).ok();
            return;
        }
    };
    started.send(Ok(())).ok();
    let (life, order) = loop {
        tokio::select! {
            biased;
            order = &mut stop => break (Some(life), order),
            () = life.over() => {}
        }
        tracing::warn!(
            "a connection could not be accepted, all were lost; raise the limit on open files. \
             无法接受新连接，全部连接已断开；请提高打开文件数上限。"
        );
        life = match revive(&listener, &answer, &mut stop).await {
            Ok(life) => life,
            Err(order) => break (None, order),
        };
    };
    drop(listener);
    match (life, &order) {
        (Some(life), Ok(_)) => life.finish().await,
        (Some(life), Err(_)) => life.abandon(),
        (None, _) => {}
    }
    if let Ok(stopped) = order {
        stopped.send(()).ok();
    }
}

/// Tries until a new server answers or the owner wants none any more.
///
/// An attempt is not broken off: the port of a server half started closes nobody knows when.
async fn revive(
    listener: &TcpListener,
    answer: &Arc<dyn Answer>,
    stop: &mut oneshot::Receiver<Stopped>,
) -> Result<Life, Order> {
    loop {
        match Life::begin(listener, answer).await {
            Ok(life) => return Ok(life),
            Err(error) => tracing::warn!(%error, "the server is not back yet; 服务尚未恢复"),
        }
        tokio::select! {
            biased;
            order = &mut *stop => return Err(order),
            () = tokio::time::sleep(REVIVAL_PAUSE) => {}
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
    async fn begin(listener: &TcpListener, answer: &Arc<dyn Answer>) -> io::Result<Self> {
        ensure_open_files(listener)?;
        let own_listener = listener.try_clone()?;
        let server = MockServer::builder().listener(own_listener);
        let server = Arc::new(server.disable_request_recording().start().await);
        let catch_all = CatchAll::new(&server, answer.clone());
        server.register(catch_all.mock()).await;
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
            drop(server);
        });
        over.await.ok();
    }

    /// Ends the server at once.
    fn abandon(self) {
        let server = self.server;
        self.runtime.spawn(async move { drop(server) });
    }
}

/// Runs on the server's thread until no request has been answered for a while.
///
/// No count of requests in flight is needed: answering never yields, so when this runs no answer is
/// half done, and every turn lets the connections write what they have and read what came.
async fn answer_the_received(catch_all: &CatchAll) {
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
