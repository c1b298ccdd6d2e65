//! What is written to a client, watched: one that takes nothing must not hold on to anything.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::pulse::{Pulse, Taking};

/// The largest frame of HTTP/2 a client takes unasked: an answer is offered in such pieces, so that a
/// slow client is seen to take it.
const PIECE: usize = 16 << 10;

/// A client's socket that tells since when it takes nothing, below TLS. That of a client that was given
/// up is reset when it is dropped: closed in order, the system would keep what is left to send for long.
pub(super) struct Watched {
    stream: TcpStream,
    pulse: Pulse,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, pulse: Pulse) -> Self {
        Self { stream, pulse }
    }

    fn told(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.pulse.wrote(written.is_ready());
        written
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.pulse.is_given_up() {
            let socket = socket2::SockRef::from(&self.stream);
            socket.set_linger(Some(Duration::ZERO)).ok();
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.told(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.told(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// An answer's body that tells when it is taken from: over HTTP/2 a client need not open its window,
/// and the socket knows nothing of that.
pub(super) struct Watchful {
    body: Either<Incoming, Full<Bytes>>,
    /// What the body gave and is not offered yet.
    rest: Bytes,
    taking: Option<Taking>,
}

impl Watchful {
    /// Watched, if there is somebody to tell.
    pub(super) fn new(body: Either<Incoming, Full<Bytes>>, taking: Option<Taking>) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            taking,
        }
    }
}

impl Body for Watchful {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let Some(taking) = &this.taking else {
            return Pin::new(&mut this.body).poll_frame(context);
        };
        if this.rest.is_empty() {
            taking.pause();
            match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                end => return Poll::Ready(end),
            }
        }
        taking.offer();
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.body.size_hint();
        let Some(exact) = hint.exact() else {
            return hint;
        };
        SizeHint::with_exact(exact + self.rest.len() as u64)
    }
}
