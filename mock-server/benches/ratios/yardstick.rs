//! The yardstick: hyper alone on one thread, reading each request whole and answering the same bytes.

use std::{
    convert::Infallible,
    net::{SocketAddr, TcpListener},
    thread,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use lingminban_sandbox::server::Reply;
use tokio::sync::oneshot;

use crate::machine::here;

/// A bare server. It ends when dropped.
pub(crate) struct BareHyper {
    pub(crate) address: SocketAddr,
    _end: oneshot::Sender<()>,
}

impl BareHyper {
    pub(crate) fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        thread::spawn(move || {
            here(async {
                tokio::select! {
                    () = serve(listener, reply) => {}
                    _ = ended => {}
                }
            });
        });
        Self { address, _end: end }
    }
}

async fn serve(listener: TcpListener, reply: Reply) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let body = Bytes::from(reply.body);
    let (status, headers) = (reply.status, reply.headers);
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (body, headers) = (body.clone(), headers.clone());
        let answer = service_fn(move |request: http::Request<Incoming>| {
            let (body, headers) = (body.clone(), headers.clone());
            async move {
                request.into_body().collect().await.unwrap();
                let mut response = http::Response::new(Full::new(body));
                *response.status_mut() = status;
                *response.headers_mut() = headers;
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer),
        );
    }
}
