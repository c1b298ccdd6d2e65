//! One connection from its acceptance to its end.

use std::{pin::Pin, pin::pin, sync::Arc};

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{House, PARTING, pulse::Pulse, watched::Watched};

/// Serves a connection until it ends, is idle or takes nothing for too long, or has to leave.
pub(super) async fn serve(stream: TcpStream, house: Arc<House>) {
    // Answers are written whole, see the keeper.
    stream.set_nodelay(true).ok();
    let mut leave = pin!(house.asks_to_leave());
    let pulse = Pulse::new();
    let stream = Watched::new(stream, pulse.clone());
    let Some(acceptor) = &house.tls else {
        return converse(stream, pulse, &house, leave).await;
    };
    let handshake = timeout(house.settings.header_timeout, acceptor.accept(stream));
    let shaken = tokio::select! {
        biased;
        () = leave.as_mut() => return,
        shaken = handshake => shaken,
    };
    if let Ok(Ok(stream)) = shaken {
        converse(stream, pulse, &house, leave).await;
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    pulse: Pulse,
    house: &Arc<House>,
    mut leave: Pin<&mut impl Future<Output = ()>>,
) {
    let mut stuck = pin!(pulse.stuck(house.settings.write_timeout));
    let service = service_fn(|request| Arc::clone(house).relay(request, pulse.clone()));
    let mut connection = pin!(house.http.serve_connection(TokioIo::new(stream), service));
    let (first, next) = (house.settings.header_timeout, house.settings.idle_timeout);
    loop {
        let patience = pulse.patience(first, next);
        if patience.is_some_and(|patience| patience.is_zero()) {
            break;
        }
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            () = stuck.as_mut() => return pulse.give_up(),
            () = leave.as_mut() => break,
            () = sleep(patience.unwrap_or(first)) => {}
        }
    }
    if !pulse.has_begun() {
        return;
    }
    if !house.is_closing() {
        pulse.hurry();
    }
    connection.as_mut().graceful_shutdown();
    let parting = PARTING.min(first);
    let mut stuck = pin!(pulse.stuck(PARTING.min(house.settings.write_timeout)));
    let mut granted = first;
    loop {
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            () = stuck.as_mut() => return pulse.give_up(),
            () = sleep(parting) => granted = granted.saturating_sub(parting),
        }
        if !pulse.is_waiting() && (pulse.is_reading() || granted.is_zero()) {
            return;
        }
    }
}
