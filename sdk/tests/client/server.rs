//! A platform that does what a test tells it to, down to breaking the connection.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::watch,
};

/// What the platform does with a request.
#[derive(Clone)]
pub(crate) enum Act {
    /// Answers.
    Answer(Answer),
    /// Closes the connection without a word.
    Drop,
    /// Announces a longer body than it sends.
    CutOff(Answer),
    /// Announces a longer body than it sends, does something, and stays.
    Stall(Answer, Arc<dyn Fn() + Send + Sync>),
    /// Answers once this is true.
    Later(watch::Receiver<bool>, Answer),
    /// Does something, then never answers.
    Hang(Arc<dyn Fn() + Send + Sync>),
}

#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} x\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head
    }
}

impl From<Answer> for Act {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_token(&self) -> bool {
        self.target == "/oauth2/token"
    }
}

type Script = Arc<dyn Fn(&Seen) -> Act + Send + Sync>;

pub(crate) struct Server {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers as the function says.
    pub(crate) async fn start(script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Self::with_tls(None, script).await
    }

    /// Issues tokens without end, and otherwise does one thing after the other. What comes after
    /// the last is a broken connection.
    pub(crate) async fn doing(acts: impl IntoIterator<Item = impl Into<Act>>) -> Self {
        Self::start(one_after_the_other(acts)).await
    }

    pub(crate) async fn with_tls(
        tls: Option<Arc<rustls::ServerConfig>>,
        script: impl Fn(&Seen) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::default();
        tokio::spawn(accept(listener, tls, Arc::new(script), Arc::clone(&seen)));
        Self { port, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests so far, those for tokens left out.
    pub(crate) fn calls(&self) -> Vec<Seen> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(|seen| !seen.is_token())
            .cloned()
            .collect()
    }

    /// The requests for tokens so far.
    pub(crate) fn token_calls(&self) -> Vec<Seen> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(|seen| seen.is_token())
            .cloned()
            .collect()
    }
}

pub(crate) fn one_after_the_other(
    acts: impl IntoIterator<Item = impl Into<Act>>,
) -> impl Fn(&Seen) -> Act + Send + Sync + 'static {
    let acts: Mutex<VecDeque<Act>> = Mutex::new(acts.into_iter().map(Into::into).collect());
    move |seen| {
        if seen.is_token() {
            token("token", 7200).into()
        } else {
            acts.lock().unwrap().pop_front().unwrap_or(Act::Drop)
        }
    }
}

pub(crate) fn token(token: &str, expires_in: u32) -> Answer {
    let body = serde_json::json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": expires_in,
        "scope": "applications",
    });
    Answer::new(200, body.to_string())
}

async fn accept(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    script: Script,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (script, seen, tls) = (Arc::clone(&script), Arc::clone(&seen), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => serve(stream, &script, &seen).await,
                Some(tls) => {
                    let accepted = tokio_rustls::TlsAcceptor::from(tls).accept(stream).await;
                    if let Ok(stream) = accepted {
                        serve(stream, &script, &seen).await;
                    }
                }
            }
        });
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    script: &Script,
    seen: &Mutex<Vec<Seen>>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        seen.lock().unwrap().push(request.clone());
        match script(&request) {
            Act::Drop => return,
            Act::Hang(meanwhile) => {
                meanwhile();
                std::future::pending().await
            }
            Act::CutOff(answer) => {
                let _ = send(&mut stream, &answer, 1).await;
                return;
            }
            Act::Stall(answer, meanwhile) => {
                let _ = send(&mut stream, &answer, 1).await;
                meanwhile();
                std::future::pending().await
            }
            Act::Later(mut when, answer) => {
                let _ = when.wait_for(|now| *now).await;
                let _ = send(&mut stream, &answer, 0).await;
            }
            Act::Answer(answer) => {
                if send(&mut stream, &answer, 0).await.is_err() {
                    return;
                }
            }
        }
    }
    let _ = stream.shutdown().await;
}

/// Sends an answer that announces `missing` bytes more than it has.
async fn send(
    stream: &mut (impl AsyncWrite + Unpin),
    answer: &Answer,
    missing: usize,
) -> std::io::Result<()> {
    let length = answer.body.len() + missing;
    let head = format!("{}content-length: {length}\r\n\r\n", answer.head());
    stream
        .write_all(&[head.as_bytes(), &answer.body].concat())
        .await?;
    stream.flush().await
}

async fn read(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Seen> {
    let mut line = String::new();
    stream
        .read_line(&mut line)
        .await
        .ok()
        .filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream
            .read_line(&mut line)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(Seen {
        method,
        target,
        headers,
        body,
    })
}
