//! The adapter over real sockets: what reaches the engine, what reaches the client, and that the
//! server neither forgets a request, nor keeps it, nor dies of it.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use http::{HeaderName, HeaderValue, StatusCode, header};
use lingminban_sandbox::{
    server::{Call, Server},
    wiremock::{Mock, ResponseTemplate, matchers},
};
use tokio::net::TcpStream;

use crate::support::*;

fn echoed(target: &str) -> String {
    let length = target.len();
    format!("HTTP/1.1 200 OK\r\ndate: {EPOCH}\r\ncontent-length: {length}\r\n\r\n{target}")
}

/// Sends `batches` times sixteen requests at once, each with a target of its own, and wants each
/// answered by its echo, byte for byte.
async fn hammer(address: SocketAddr, name: usize, batches: usize) {
    let mut wire = Wire::open(address).await;
    for batch in 0..batches {
        let targets = || (0..16).map(|i| format!("/{name}/{batch}/{i}"));
        wire.send(targets().map(|target| get(&target)).collect::<String>())
            .await;
        let expected: String = targets().map(|target| echoed(&target)).collect();
        while wire.received.len() < expected.len() {
            assert!(wire.receive().await, "cut off in batch {batch}");
            // At once, not at the end: a stray answer is shorter and the end would never come.
            if !expected.as_bytes().starts_with(&wire.received) {
                panic!("not ours: {}", String::from_utf8_lossy(&wire.received));
            }
        }
        wire.received.clear();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_hundred_thousand_requests_are_all_answered_by_us_in_flat_memory() {
    let _turn = MEMORY.lock().await;
    let server = serve(echo).await;
    let address = server.address();
    let hammer_together = async |batches| {
        let all = (0..16).map(|name| tokio::spawn(hammer(address, name, batches)));
        for one in all.collect::<Vec<_>>() {
            one.await.unwrap();
        }
    };
    hammer_together(20).await;
    let before = resident();
    hammer_together(782).await;
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 << 20, "memory grew by {} KiB", grown >> 10);
    server.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn large_bodies_are_not_kept() {
    const BODY: usize = 10 << 20;
    let _turn = MEMORY.lock().await;
    let server = serve(|call| reply(StatusCode::OK, call.body.len().to_string())).await;
    let mut wire = Wire::open(server.address()).await;
    let request = [
        format!("PUT / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {BODY}\r\n\r\n").into_bytes(),
        vec![b'x'; BODY],
    ]
    .concat();
    let mut before = 0;
    for round in 0..20 {
        wire.send(&request).await;
        let response = wire.response().await.unwrap();
        assert_eq!(response.text(), BODY.to_string());
        if round == 3 {
            before = resident();
        }
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 << 20, "memory grew by {} KiB", grown >> 10);
    server.stop().await;
}

#[tokio::test]
async fn targets_reach_the_engine_as_documented() {
    let server = serve(seen).await;
    let mut wire = Wire::open(server.address()).await;
    for (line, expected) in [
        ("GET /a?b=%20c&d", "GET /a Some(\"b=%20c&d\")"),
        ("GET /a?", "GET /a Some(\"\")"),
        ("GET /a?b#c", "GET /a Some(\"b\")"),
        ("GET /a%2Fb%2f%ff%zz%", "GET /a%2Fb%2f%ff%zz% None"),
        ("GET /鲁C?牌", "GET /%E9%B2%81C Some(\"%E7%89%8C\")"),
        ("GET /a/../b/./c/%2e%2E/d", "GET /b/d None"),
        ("GET /a\\b", "GET /a/b None"),
        ("GET //a//b", "GET //a//b None"),
        ("GET /@a:1/b", "GET /@a:1/b None"),
        ("GET http://elsewhere.example:81/a?b", "GET /a Some(\"b\")"),
        ("OPTIONS *", "OPTIONS / None"),
        ("TRACE /a", "TRACE /a None"),
        ("mixed-Case /a", "mixed-Case /a None"),
    ] {
        wire.send(format!("{line} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
            .await;
        let response = wire.response().await.unwrap();
        assert_eq!(response.text(), expected, "{line}");
    }
    server.stop().await;
}

#[tokio::test]
async fn connect_can_be_refused() {
    let server = serve(|call| reply(StatusCode::METHOD_NOT_ALLOWED, call.path)).await;
    let mut wire = Wire::open(server.address()).await;
    wire.send("CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    let response = wire.response().await.unwrap();
    assert_eq!((response.status, response.text()), (405, "/"));
    server.stop().await;
}

#[tokio::test]
async fn bodies_and_headers_reach_the_engine_whole() {
    let server = serve(|call| {
        let mut body = call.body.to_vec();
        for value in call.headers.get_all("x-value") {
            body.push(b'|');
            body.extend_from_slice(value.as_bytes());
        }
        reply(StatusCode::OK, body)
    })
    .await;
    let mut wire = Wire::open(server.address()).await;

    wire.send(b"GET / HTTP/1.1\r\nx-value: \xff\xfe\r\nX-Value: b\r\n\r\n")
        .await;
    assert_eq!(wire.response().await.unwrap().body, b"|\xff\xfe|b");

    wire.send("PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    wire.send("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").await;
    assert_eq!(wire.response().await.unwrap().text(), "abcde");

    wire.send("PUT / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        .await;
    assert_eq!(wire.head().await.unwrap().0, 100);
    wire.send("abc").await;
    assert_eq!(wire.response().await.unwrap().text(), "abc");
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_http_ends_its_own_connection_only() {
    let server = serve(seen).await;
    let mut bystander = Wire::open(server.address()).await;
    for (request, status) in [
        ("\x16\x03\x01 no HTTP\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/3.7\r\n\r\n".to_owned(), 400),
        ("GET /<a> HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n".to_owned(), 400),
        (
            "GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_owned(),
            400,
        ),
        (get(&"/a".repeat(40_000)), 414),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(101)),
            431,
        ),
    ] {
        let mut wire = Wire::open(server.address()).await;
        wire.send(request).await;
        assert_eq!(wire.response().await.unwrap().status, status);
        assert!(wire.has_ended().await);
    }
    for unanswerable in [
        "CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n",
        "GET http://localhost:99999/ HTTP/1.1\r\n\r\n",
        "PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nno number\r\n",
    ] {
        let mut wire = Wire::open(server.address()).await;
        wire.send(unanswerable).await;
        assert!(wire.has_ended().await, "{unanswerable}");
    }
    assert_eq!(bystander.get("/a").await.text(), "GET /a None");
    server.stop().await;
}

#[tokio::test]
async fn replies_are_framed_by_the_wire_and_dated_by_the_engine() {
    let server = serve(|call| {
        let status = match call.path {
            "/empty" => StatusCode::NO_CONTENT,
            "/same" => StatusCode::NOT_MODIFIED,
            _ => StatusCode::OK,
        };
        let mut reply = reply(status, "body");
        for (name, value) in [
            ("date", EPOCH),
            ("content-type", "application/problem+json"),
            ("x-value", "a"),
            ("x-value", "b"),
            ("content-length", "7"),
            ("transfer-encoding", "chunked"),
            ("connection", "close"),
        ] {
            let (name, value) = (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
            reply.headers.append(name, value);
        }
        reply
    })
    .await;
    let mut wire = Wire::open(server.address()).await;
    let check = |response: &Response, status, length: &[&str]| {
        assert_eq!(response.status, status);
        assert_eq!(response.all("content-length"), length);
        assert_eq!(response.all("date"), [EPOCH]);
        assert_eq!(response.all("content-type"), ["application/problem+json"]);
        assert_eq!(response.all("x-value"), ["a", "b"]);
        assert_eq!(response.all("transfer-encoding"), [""; 0]);
        assert_eq!(response.all("connection"), [""; 0]);
    };

    let response = wire.get("/").await;
    check(&response, 200, &["4"]);
    assert_eq!(response.text(), "body");
    check(&wire.get("/empty").await, 204, &[]);
    check(&wire.get("/same").await, 304, &[]);

    wire.send("HEAD / HTTP/1.1\r\n\r\n").await;
    let (status, headers) = wire.head().await.unwrap();
    let body = Vec::new();
    check(
        &Response {
            status,
            headers,
            body,
        },
        200,
        &["4"],
    );
    // Were a body sent after any of these, this would not parse.
    check(&wire.get("/").await, 200, &["4"]);
    server.stop().await;
}

#[tokio::test]
async fn a_panic_is_answered_and_the_connection_goes_on() {
    let answer = |call: &Call<'_>| match call.path {
        "/well" => Some(reply(StatusCode::OK, "well")),
        _ => panic!("a fault in the engine"),
    };
    let panicked = |call: &Call<'_>| match call.path {
        "/ill" => reply(StatusCode::INTERNAL_SERVER_ERROR, "sorry"),
        _ => panic!("a fault in the excuse"),
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let engine = Arc::new(Engine(answer, panicked));
    let server = Server::start(listener, engine).await.unwrap();
    let mut wire = Wire::open(server.address()).await;

    let ill = wire.get("/ill").await;
    assert_eq!((ill.status, ill.text()), (500, "sorry"));
    let worse = wire.get("/worse").await;
    assert_eq!(worse.status, 500);
    assert_eq!(worse.all("content-type"), ["application/problem+json"]);
    let problem: serde_json::Value = serde_json::from_slice(&worse.body).unwrap();
    assert_eq!(problem["status"], 500);
    assert_eq!(wire.get("/well").await.text(), "well");
    server.stop().await;
}

#[tokio::test]
async fn http_2_is_answered_alike() {
    use http_body_util::BodyExt;
    let server = serve(|call| {
        let mut reply = echo(call);
        reply.body.resize(100_000, b'x');
        reply
    })
    .await;
    let mut requests = http_2(Wire::open(server.address()).await).await;
    // More than it takes to have the mock replaced.
    for _ in 0..1_100 {
        let request = http::Request::post("http://localhost/a").body("b".to_owned());
        let response = requests.send_request(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::DATE], EPOCH);
        assert_eq!(response.headers()[header::CONTENT_LENGTH], "100000");
        let body = response.into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes().len(), 100_000);
    }
    server.stop().await;
}

async fn serve_silence() -> (Server, Arc<AtomicUsize>) {
    let (engine, asked) = silent_engine();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server::start(listener, Arc::new(engine)).await.unwrap();
    (server, asked)
}

#[tokio::test]
async fn no_answer_closes_the_connection_after_the_engine_was_asked_once() {
    let (server, asked) = serve_silence().await;
    let mut bystander = Wire::open(server.address()).await;
    for method in ["GET", "POST", "HEAD"] {
        let mut wire = Wire::open(server.address()).await;
        assert_eq!(wire.get("/a").await.text(), "/a");
        let before = asked.load(Relaxed);
        // The second of two sent at once is lost with the connection and never reaches the engine.
        wire.send(format!("{method} /silent HTTP/1.1\r\n\r\n{}", get("/b")))
            .await;
        assert!(wire.has_ended().await, "{method}");
        assert_eq!(asked.load(Relaxed), before + 1, "{method}");
        assert_eq!(bystander.get("/c").await.text(), "/c");
    }
    server.stop().await;
}

#[tokio::test]
async fn no_answer_over_http_2_resets_the_one_stream() {
    let (server, _) = serve_silence().await;
    let mut requests = http_2(Wire::open(server.address()).await).await;
    let get = |target: &str| {
        let uri = format!("http://localhost{target}");
        http::Request::get(uri).body(String::new()).unwrap()
    };
    let beside = requests.send_request(get("/a"));
    let lost = requests.send_request(get("/silent"));
    lost.await.expect_err("there is no answer");
    assert_eq!(beside.await.unwrap().status(), StatusCode::OK);
    let after = requests.send_request(get("/b")).await.unwrap();
    assert_eq!(after.status(), StatusCode::OK);
    server.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn requests_without_an_answer_are_not_kept_either() {
    let _turn = MEMORY.lock().await;
    let (server, _) = serve_silence().await;
    let request = [
        b"PUT /silent HTTP/1.1\r\ncontent-length: 131072\r\n\r\n".to_vec(),
        vec![b'x'; 128 << 10],
    ]
    .concat();
    let mut before = 0;
    for round in 0..2_000 {
        let mut wire = Wire::open(server.address()).await;
        wire.send(&request).await;
        assert!(wire.has_ended().await);
        if round == 100 {
            before = resident();
        }
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 << 20, "memory grew by {} KiB", grown >> 10);
    server.stop().await;
}

#[tokio::test]
async fn a_delayed_answer_comes_no_earlier_and_holds_up_nobody() {
    let server = serve(late).await;
    let mut slow = Wire::open(server.address()).await;
    let mut quick = Wire::open(server.address()).await;
    let begun = Instant::now();
    slow.send(get("/late/100")).await;
    // However many the machine manages: none waits for the delay.
    let mut before = 0;
    while begun.elapsed() < Duration::from_millis(50) {
        assert_eq!(quick.get("/a").await.text(), "/a");
        before += 1;
    }
    assert!(before > 1);
    assert_eq!(slow.response().await.unwrap().text(), "/late/100");
    assert!(begun.elapsed() >= Duration::from_millis(100));
    server.stop().await;
}

#[tokio::test]
async fn stop_waits_for_delayed_answers() {
    let server = serve(late).await;
    let address = server.address();
    let mut wires = Vec::new();
    for target in ["/late/150", "/late/300", "/late/20"] {
        let mut wire = Wire::open(address).await;
        wire.send(get(target)).await;
        wires.push((target, wire));
    }
    server.stop().await;
    for (target, mut wire) in wires {
        assert_eq!(wire.response().await.unwrap().text(), target);
        assert!(wire.has_ended().await);
    }
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn stop_answers_what_was_received_and_closes_the_port() {
    let (answer, mut begun, let_go) = slow_engine();
    let server = serve(answer).await;
    let address = server.address();
    let mut idle = Wire::open(address).await;
    idle.get("/first").await;
    let mut slow = Wire::open(address).await;
    let mut waiting = Wire::open(address).await;
    waiting.get("/first").await;
    slow.send(get("/slow")).await;
    begun.recv().await.unwrap();
    // The server's one thread is busy, so these are received and not yet read.
    waiting.send(get("/waiting")).await;
    let mut late = Wire::open(address).await;
    late.send(get("/late")).await;

    let mut stopping = tokio::spawn(server.stop());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished(), "stopped while an answer was due");
    let_go.send(()).unwrap();
    (&mut stopping).await.unwrap();

    assert_eq!(slow.response().await.unwrap().text(), "/slow");
    assert_eq!(waiting.response().await.unwrap().text(), "/waiting");
    assert_eq!(late.response().await.unwrap().text(), "/late");
    for wire in [&mut idle, &mut slow, &mut waiting, &mut late] {
        assert!(wire.has_ended().await);
    }
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    TcpListener::bind(address).expect("the port is free");
}

#[tokio::test]
async fn dropping_a_server_neither_waits_nor_keeps_the_port() {
    let (answer, mut begun, let_go) = slow_engine();
    let server = serve(answer).await;
    let address = server.address();
    let mut wire = Wire::open(address).await;
    wire.send(get("/slow")).await;
    begun.recv().await.unwrap();
    // Would hang here if it waited for the answer that is let go only below.
    drop(server);
    let_go.send(()).unwrap();
    while wire.receive().await {}
    while TcpListener::bind(address).is_err() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_server_outlives_the_runtime_it_was_started_in() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap()
    };
    let server = runtime().block_on(serve(seen));
    let text = runtime().block_on(async {
        let mut wire = Wire::open(server.address()).await;
        wire.get("/a").await.text().to_owned()
    });
    assert_eq!(text, "GET /a None");
    let address = server.address();
    runtime().block_on(server.stop());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn it_listens_on_any_address() {
    for any in ["0.0.0.0:0", "[::]:0"] {
        // A machine may have no IPv6.
        let Ok(listener) = TcpListener::bind(any) else {
            continue;
        };
        let server = serve_on(listener, seen).await;
        let mut address = server.address();
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        let mut wire = Wire::open(address).await;
        assert_eq!(wire.get("/a").await.text(), "GET /a None");
        server.stop().await;
    }
}

/// Runs [`comes_back_after_running_out_of_files`] in a process that may open 64 files.
#[cfg(unix)]
#[test]
fn a_connection_that_cannot_be_accepted_does_not_end_the_server() {
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "adapter::comes_back_after_running_out_of_files"])
        .args(["--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}\n{complained}"
    );
}

#[cfg(unix)]
#[tokio::test]
#[ignore = "needs a process with few open files"]
async fn comes_back_after_running_out_of_files() {
    let server = serve(seen).await;
    let address = server.address();
    let mock = Mock::given(matchers::path("/mounted")).respond_with(ResponseTemplate::new(418));
    server.mount(mock).await;
    let mut before = Wire::open(address).await;
    before.get("/a").await;

    let mut files: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
    files.pop().expect("some files could be opened");
    // Takes the one that is left, so there is none for the server to accept it with.
    let mut during = Wire::open(address).await;
    while before.receive().await {}
    drop(files);

    // It waited in the listener's queue and is served by the next server on the same port, perhaps
    // before that one has its mock.
    during.get("/b").await;
    assert_eq!(during.get("/b").await.text(), "GET /b None");
    // What was mounted went down with the first server, and that is said rather than passed over.
    assert_eq!(during.get("/mounted").await.status, 200);
    let server = Arc::new(server);
    let verifying = Arc::clone(&server);
    let lost = tokio::spawn(async move { verifying.verify().await }).await;
    let lost = lost.unwrap_err().into_panic().downcast::<&str>().unwrap();
    assert!(lost.contains("lost when the server broke down"), "{lost}");
    server.unmount().await;
    Arc::into_inner(server).unwrap().stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}
