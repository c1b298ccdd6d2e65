//! One request from its head to its answer: turned away at the door, or passed on whole.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version, header,
    request::Parts, uri::PathAndQuery,
};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Incoming};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

use super::{House, Rejection, held, pulse::Pulse, watched::Watchful};
use crate::server::{Call, Reply, catch_all::FRAMING};

/// wiremock's server takes 100 header fields; `host` and `content-length` may be added on the way.
const MOST_FIELDS: usize = 96;
/// A client that is told its body is too large must read that before the connection ends: so much of
/// the rest is read and thrown away, as a multiple of what may be sent.
const LINGER: usize = 4;

/// An answer of the engine's, passed on as it comes, or one of the front's.
pub(super) type Answered = Response<Either<Incoming, Full<Bytes>>>;

/// There is no answer; the connection, or the HTTP/2 stream, is closed over it.
#[derive(Debug)]
pub(super) struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no answer")
    }
}

impl std::error::Error for NoAnswer {}

/// Why a body is not passed on.
enum Unfit {
    /// The client is told.
    Rejected(Rejection),
    /// It broke off or is wrongly chunked.
    Broken,
}

/// A body received, and the room it takes until it is passed on.
#[derive(Default)]
struct Received {
    bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

impl House {
    pub(super) async fn relay(
        self: Arc<Self>,
        request: Request<Incoming>,
        pulse: Pulse,
    ) -> Result<Response<Watchful>, NoAnswer> {
        self.traffic.count_request();
        let (head, body) = request.into_parts();
        let response = self.answer(&head, body, &pulse).await?;
        // Over HTTP/1 the socket itself shows that nobody takes the answer.
        let taking = (head.version == Version::HTTP_2).then(|| pulse.take());
        let mut response = response.map(|body| Watchful::new(body, taking));
        // hyper asks an HTTP/2 client in its own way.
        if self.is_closing() && head.version < Version::HTTP_2 {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        Ok(response)
    }

    async fn answer(
        &self,
        head: &Parts,
        body: Incoming,
        pulse: &Pulse,
    ) -> Result<Answered, NoAnswer> {
        if let Some(why) = self.unfit(head) {
            return Ok(self.turn_away(head, why));
        }
        let received = match self.receive(head, body, pulse).await {
            Ok(received) => received,
            Err(Unfit::Rejected(why)) => return Ok(self.turn_away(head, why)),
            Err(Unfit::Broken) => return Err(NoAnswer),
        };
        let _waiting = (pulse.wait(), self.traffic.wait());
        // Closed never: it is ours.
        let turn = self.turns.acquire().await.map_err(|_| NoAnswer)?;
        let request = self.passed_on(head, received.bytes)?;
        let answered = self.upstream.request(request).await;
        drop(received.room);
        let mut response = answered.map_err(|_| NoAnswer)?;
        // What is held back on purpose is to hold up nobody else.
        drop(turn);
        if let Some(delay) = held::delay(response.headers_mut()) {
            tokio::select! {
                () = self.held.hold(delay) => {}
                () = pulse.hurried() => {}
            }
        }
        for name in [header::CONNECTION, HeaderName::from_static("keep-alive")] {
            response.headers_mut().remove(name);
        }
        Ok(response.map(Either::Left))
    }

    /// What is wrong with the head.
    fn unfit(&self, head: &Parts) -> Option<Rejection> {
        let most = self.settings.max_header_bytes;
        let target = head.uri.path_and_query().map_or(0, |it| it.as_str().len());
        let fields = head.headers.iter();
        let fields = fields.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
        if head.method == Method::CONNECT {
            Some(Rejection::Tunnel)
        } else if target > most {
            Some(Rejection::TargetTooLong)
        } else if head.headers.len() > MOST_FIELDS || target + fields.sum::<usize>() > most {
            Some(Rejection::HeadTooLarge)
        } else {
            None
        }
    }

    async fn receive(
        &self,
        head: &Parts,
        mut body: Incoming,
        pulse: &Pulse,
    ) -> Result<Received, Unfit> {
        if body.is_end_stream() {
            return Ok(Received::default());
        }
        let _reading = pulse.read();
        let announced = body.size_hint().lower();
        let received = if announced > self.settings.max_body_bytes as u64 {
            Err(Unfit::Rejected(Rejection::BodyTooLarge))
        } else {
            let whole = timeout(self.settings.body_timeout, self.collect(&mut body));
            whole
                .await
                .unwrap_or(Err(Unfit::Rejected(Rejection::BodyTooSlow)))
        };
        // Who waits to be told to send has sent nothing that would have to be thrown away.
        if matches!(received, Err(Unfit::Rejected(Rejection::BodyTooLarge)))
            && !head.headers.contains_key(header::EXPECT)
        {
            self.throw_away(body);
        }
        received
    }

    async fn collect(&self, body: &mut Incoming) -> Result<Received, Unfit> {
        let mut received = Received::default();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Unfit::Broken)?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if received.bytes.len() + data.len() > self.settings.max_body_bytes {
                return Err(Unfit::Rejected(Rejection::BodyTooLarge));
            }
            self.make_room(&mut received.room, data.len())
                .ok_or(Unfit::Rejected(Rejection::NoRoom))?;
            received.bytes.extend_from_slice(&data);
        }
        Ok(received)
    }

    /// Takes room for so many bytes from what all bodies share.
    fn make_room(&self, room: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Option<()> {
        let bytes = u32::try_from(bytes).ok()?;
        let more = Arc::clone(&self.room).try_acquire_many_owned(bytes).ok()?;
        match room {
            Some(room) => room.merge(more),
            None => *room = Some(more),
        }
        Some(())
    }

    /// Reads on beside the answer, within limits.
    fn throw_away(&self, mut body: Incoming) {
        let mut most = self.settings.max_body_bytes.saturating_mul(LINGER);
        let rest = async move {
            while let Some(Ok(frame)) = body.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len);
                let Some(left) = most.checked_sub(length) else {
                    return;
                };
                most = left;
            }
        };
        tokio::spawn(timeout(self.settings.header_timeout, rest));
    }

    fn turn_away(&self, head: &Parts, why: Rejection) -> Answered {
        let reply = self.answer.turned_away(
            &Call {
                method: &head.method,
                path: if head.method == Method::CONNECT {
                    "/"
                } else {
                    head.uri.path()
                },
                query: head.uri.query(),
                headers: &head.headers,
                body: &[],
            },
            why,
        );
        response(reply).map(Either::Right)
    }

    /// The request as the engine's listener gets it.
    fn passed_on(&self, head: &Parts, body: Vec<u8>) -> Result<Request<Full<Bytes>>, NoAnswer> {
        let mut headers = head.headers.clone();
        strip_hop_by_hop(&mut headers);
        if let Some(authority) = head.uri.authority()
            && !headers.contains_key(header::HOST)
            && let Ok(host) = HeaderValue::from_str(authority.as_str())
        {
            headers.insert(header::HOST, host);
        }
        let mut uri = self.upstream_uri.clone().into_parts();
        // `OPTIONS *` has a path that is none.
        let target = head.uri.path_and_query().filter(|it| it.as_str() != "*");
        let root = PathAndQuery::from_static("/");
        uri.path_and_query = Some(target.cloned().unwrap_or(root));
        let mut request = Request::new(Full::new(body.into()));
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = Uri::from_parts(uri).map_err(|_| NoAnswer)?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// What concerns one connection alone (RFC 9110 §7.6.1), and the length, which is written anew.
fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let own = [header::TE, header::TRAILER, header::EXPECT];
    for name in named.into_iter().chain(FRAMING).chain(own) {
        headers.remove(name);
    }
    headers.remove("proxy-connection");
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(reply.body.into()));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    for name in FRAMING {
        response.headers_mut().remove(name);
    }
    response
}
