//! The guarded road: what passes, passes as on the plain one; what is stuck or hostile costs nobody
//! else anything.
//!
//! No test waits a while to see that nothing happens: limits are short where they are to be reached and
//! endless where they are not, and what is waited for is the event itself.

use std::{
    net::TcpListener,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use http::{StatusCode, Version};
use jiff::Timestamp;
use lingminban::api::{OutletFilter, OutletKind};
use lingminban_sandbox::{
    Options, Sandbox,
    server::{Answer, FrontSettings, Server, Tls},
    wiremock::{Mock, ResponseTemplate, matchers},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::*;

/// Longer than any test.
const NEVER: Duration = Duration::from_secs(3_600);
/// Long enough for an honest request on a busy machine.
const SHORT: Duration = Duration::from_millis(400);

/// Nothing runs out of time.
fn patient() -> FrontSettings {
    FrontSettings {
        header_timeout: NEVER,
        body_timeout: NEVER,
        idle_timeout: NEVER,
        write_timeout: NEVER,
        ..FrontSettings::default()
    }
}

async fn guard(settings: FrontSettings, answer: impl Answer) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let started = Server::start_guarded(listener, Arc::new(answer), settings);
    started.await.unwrap()
}

async fn guarded(settings: FrontSettings) -> Server {
    guard(settings, engine(|call| Some(seen(call)))).await
}

#[tokio::test]
async fn what_passes_passes_as_on_the_plain_road() {
    let server = guarded(patient()).await;
    let mut wire = Wire::open(server.address()).await;
    for (line, expected) in [
        ("GET /a?b=%20c&d", "GET /a Some(\"b=%20c&d\")"),
        ("GET /a?", "GET /a Some(\"\")"),
        ("GET /a%2Fb%2f%ff%zz%", "GET /a%2Fb%2f%ff%zz% None"),
        ("GET /a/../b", "GET /b None"),
        ("GET //a//b", "GET //a//b None"),
        ("GET http://elsewhere.example:81/a?b", "GET /a Some(\"b\")"),
        // The plain road ends the connection at this one.
        ("GET http://localhost:99999/a", "GET /a None"),
        ("OPTIONS *", "OPTIONS / None"),
        ("mixed-Case /a", "mixed-Case /a None"),
    ] {
        wire.send(format!("{line} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
            .await;
        let response = wire.response().await.unwrap();
        assert_eq!(response.text(), expected, "{line}");
        assert_eq!(response.all("connection"), [""; 0]);
    }
    wire.send("CONNECT 127.0.0.1:443 HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    assert_eq!(wire.response().await.unwrap().text(), "Tunnel /");
    server.stop().await;
}

#[tokio::test]
async fn bodies_headers_and_answers_pass_whole() {
    let server = guard(
        patient(),
        engine(|call| {
            let mut reply = echo(call);
            reply.body = call.body.to_vec();
            for name in ["x-value", "host", "x-hop", "content-length"] {
                for value in call.headers.get_all(name) {
                    reply.body.push(b'|');
                    reply.body.extend_from_slice(value.as_bytes());
                }
            }
            reply.headers.append("x-value", "a".parse().unwrap());
            reply.headers.append("x-value", "b".parse().unwrap());
            Some(reply)
        }),
    )
    .await;
    let mut wire = Wire::open(server.address()).await;
    wire.send(b"GET / HTTP/1.1\r\nhost: h\r\nx-value: \xff\r\nX-Value: b\r\n")
        .await;
    wire.send("connection: x-hop\r\nx-hop: 1\r\n\r\n").await;
    let response = wire.response().await.unwrap();
    assert_eq!(response.body, b"|\xff|b|h");
    assert_eq!(response.all("x-value"), ["a", "b"]);
    assert_eq!(response.all("date"), [EPOCH]);

    wire.send("PUT / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    wire.send("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").await;
    assert_eq!(wire.response().await.unwrap().text(), "abcde|h|5");

    let expect = "PUT / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n";
    wire.send(expect).await;
    assert_eq!(wire.head().await.unwrap().0, 100);
    wire.send("abc").await;
    assert_eq!(wire.response().await.unwrap().text(), "abc|h|3");

    wire.send("HEAD / HTTP/1.1\r\nhost: host\r\n\r\n").await;
    let (status, headers) = wire.head().await.unwrap();
    assert_eq!(status, 200);
    assert!(headers.contains(&("content-length".to_owned(), "5".to_owned())));
    assert_eq!(wire.get("/").await.text(), "|localhost");
    server.stop().await;
}

#[tokio::test]
async fn http_2_passes_too_and_its_host_is_told() {
    let server = guard(
        patient(),
        engine(|call| Some(reply(StatusCode::OK, call.headers["host"].as_bytes()))),
    )
    .await;
    let mut requests = http_2(Wire::open(server.address()).await).await;
    for _ in 0..200 {
        let request = http::Request::post("http://sandbox.example/a").body("b".to_owned());
        let response = requests.send_request(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(response).await, "sandbox.example");
    }
    server.stop().await;
}

async fn text(response: http::Response<hyper::body::Incoming>) -> String {
    use http_body_util::BodyExt;
    let body = response.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn silence_passes_and_the_engine_is_asked_once() {
    let (engine, asked) = silent_engine();
    let server = guard(patient(), engine).await;
    let mut bystander = Wire::open(server.address()).await;
    for method in ["GET", "POST"] {
        let mut wire = Wire::open(server.address()).await;
        assert_eq!(wire.get("/a").await.text(), "/a");
        let before = asked.load(Relaxed);
        wire.send(format!(
            "{method} /silent HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\nx"
        ))
        .await;
        assert!(wire.has_ended().await, "{method}");
        assert_eq!(asked.load(Relaxed), before + 1, "{method}");
        assert_eq!(bystander.get("/c").await.text(), "/c");
    }
    let mut requests = http_2(Wire::open(server.address()).await).await;
    let get = |target: &str| {
        let uri = format!("http://localhost{target}");
        http::Request::get(uri).body(String::new()).unwrap()
    };
    let lost = requests.send_request(get("/silent"));
    lost.await.expect_err("there is no answer");
    let after = requests.send_request(get("/b")).await.unwrap();
    assert_eq!(after.status(), StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn mounted_mocks_stand_behind_the_front_too() {
    let server = guarded(patient()).await;
    let mock = Mock::given(matchers::path("/mounted")).respond_with(ResponseTemplate::new(418));
    server.mount(mock.expect(1)).await;
    let mut wire = Wire::open(server.address()).await;
    assert_eq!(wire.get("/mounted").await.status, 418);
    assert_eq!(wire.get("/a").await.text(), "GET /a None");
    server.stop().await;
}

#[tokio::test]
async fn heads_that_do_not_come_end_their_connection_only() {
    let server = guarded(FrontSettings {
        header_timeout: SHORT,
        ..patient()
    })
    .await;
    let mut bystander = Wire::open(server.address()).await;
    assert_eq!(bystander.get("/a").await.status, 200);
    for begun in [
        "",
        "G",
        "GET / HTTP/1.1\r\nhost: a\r\nx-slow: ",
        "PRI * HTTP/2",
    ] {
        let mut wire = Wire::open(server.address()).await;
        wire.send(begun).await;
        assert!(wire.has_ended().await, "{begun}");
    }
    assert_eq!(bystander.get("/a").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_does_nothing_for_too_long_ends() {
    let server = guarded(FrontSettings {
        header_timeout: SHORT,
        idle_timeout: SHORT,
        ..patient()
    })
    .await;
    for begun in ["", "GET / HTTP/1.1\r\nhost: "] {
        let mut wire = Wire::open(server.address()).await;
        assert_eq!(wire.get("/a").await.status, 200);
        wire.send(begun).await;
        assert!(wire.has_ended().await, "{begun}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_takes_longer_than_idleness_is_waited_for() {
    let settings = FrontSettings {
        header_timeout: SHORT,
        idle_timeout: SHORT,
        ..patient()
    };
    let server = guard(settings, engine(|call| Some(late(call)))).await;
    let mut wire = Wire::open(server.address()).await;
    assert_eq!(wire.get("/late/1000").await.text(), "/late/1000");
    server.stop().await;
}

/// More than all the buffers between two sockets hold.
const LARGE: usize = 32 << 20;

/// Answers everything with more than a client is ready to take unread.
async fn guarded_plenty(settings: FrontSettings) -> Server {
    let settings = FrontSettings {
        write_timeout: SHORT,
        ..settings
    };
    let body = vec![b'x'; LARGE];
    let answer = engine(move |_| Some(reply(StatusCode::OK, body.clone())));
    guard(settings, answer).await
}

#[tokio::test]
async fn an_answer_nobody_takes_ends_its_connection() {
    let _turn = MEMORY.lock().await;
    let server = guarded_plenty(patient()).await;
    let mut wire = Wire::open(server.address()).await;
    wire.send(get("/a")).await;
    sends_until_reset(&mut wire).await;
    server.stop().await;

    let (tls, connector) = tls();
    let tls = Some(tls);
    let server = guarded_plenty(FrontSettings { tls, ..patient() }).await;
    let mut wire = secure(&server, &old(&connector), "localhost").await;
    wire.send(get("/a")).await;
    sends_until_reset(&mut wire).await;
    server.stop().await;
}

/// Takes nothing, but has more to say; the server listens only once it has said what it has.
async fn sends_until_reset<S: AsyncWrite + Unpin>(wire: &mut Wire<S>) {
    while wire.stream.write_all(&[b'x'; 4_096]).await.is_ok() {}
}

#[tokio::test]
async fn a_window_that_never_opens_ends_its_connection() {
    let _turn = MEMORY.lock().await;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let server = guarded_plenty(patient()).await;
    let stream = Wire::open(server.address()).await.stream;
    let mut builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    let handshake = builder.initial_stream_window_size(1_000);
    let (mut requests, connection) = handshake.handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::get("http://localhost/a").body(String::new());
    let untaken = requests.send_request(request.unwrap()).await.unwrap();
    assert_eq!(untaken.status(), StatusCode::OK);
    // Others that are taken do not excuse it.
    while !connection.is_finished() {
        let request = http::Request::head("http://localhost/a").body(String::new());
        requests.send_request(request.unwrap()).await.ok();
    }
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_taken_passes_whole_however_large() {
    let _turn = MEMORY.lock().await;
    let server = guarded_plenty(patient()).await;
    let mut wire = Wire::open(server.address()).await;
    assert_eq!(wire.get("/a").await.body.len(), LARGE);
    let mut requests = http_2(Wire::open(server.address()).await).await;
    let request = http::Request::get("http://localhost/a").body(String::new());
    let response = requests.send_request(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-length"], LARGE.to_string());
    assert_eq!(text(response).await.len(), LARGE);
    server.stop().await;
}

#[tokio::test]
async fn bodies_that_do_not_come_are_told_so() {
    let server = guarded(FrontSettings {
        body_timeout: SHORT,
        ..patient()
    })
    .await;
    let mut bystander = Wire::open(server.address()).await;
    for request in [
        "PUT /a HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nabc",
        "PUT /a HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nab",
    ] {
        let mut wire = Wire::open(server.address()).await;
        wire.send(request).await;
        let told = wire.response().await.unwrap();
        assert_eq!(told.text(), "BodyTooSlow /a");
        assert!(wire.has_ended().await);
        assert_eq!(bystander.get("/b").await.status, 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn broken_bodies_never_reach_the_engine() {
    let (engine, asked) = silent_engine();
    let server = guard(patient(), engine).await;
    for request in [
        "PUT / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nno number\r\n",
        "PUT / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        "PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nabc",
    ] {
        let mut wire = Wire::open(server.address()).await;
        wire.send(request).await;
        wire.stream.shutdown().await.unwrap();
        assert!(wire.has_ended().await, "{request}");
    }
    let mut wire = Wire::open(server.address()).await;
    assert_eq!(wire.get("/a").await.text(), "/a");
    assert_eq!(asked.load(Relaxed), 1);
    server.stop().await;
}

#[tokio::test]
async fn bodies_too_large_are_told_so_before_or_while_they_come() {
    let server = guarded(FrontSettings {
        max_body_bytes: 1_000,
        ..patient()
    })
    .await;
    let put = |fields: &str| format!("PUT /a HTTP/1.1\r\nhost: h\r\n{fields}\r\n\r\n");
    let mut wire = Wire::open(server.address()).await;
    wire.send(put("content-length: 1000")).await;
    wire.send([b'x'; 1_000]).await;
    assert_eq!(wire.response().await.unwrap().status, 200);
    // Announced and not sent, and to one that asks first.
    for fields in [
        "content-length: 1073741824",
        "content-length: 1001",
        "expect: 100-continue\r\ncontent-length: 1001",
    ] {
        let mut wire = Wire::open(server.address()).await;
        wire.send(put(fields)).await;
        assert_eq!(wire.response().await.unwrap().text(), "BodyTooLarge /a");
    }
    // Sent all the same: the client reads the answer after it has sent everything, and goes on.
    wire.send(put("content-length: 3000")).await;
    wire.send([b'x'; 3_000]).await;
    assert_eq!(wire.response().await.unwrap().text(), "BodyTooLarge /a");
    assert_eq!(wire.get("/b").await.text(), "GET /b None");
    // Not announced.
    wire.send(put("transfer-encoding: chunked")).await;
    for _ in 0..3 {
        wire.send(format!("200\r\n{}\r\n", "x".repeat(0x200))).await;
    }
    wire.send("0\r\n\r\n").await;
    assert_eq!(wire.response().await.unwrap().text(), "BodyTooLarge /a");
    assert_eq!(wire.get("/b").await.text(), "GET /b None");
    server.stop().await;
}

#[tokio::test]
async fn bodies_of_all_together_have_their_limit() {
    let server = guarded(FrontSettings {
        max_body_bytes: 1_000,
        max_bodies_bytes: 1_500,
        ..patient()
    })
    .await;
    let put = "PUT /a HTTP/1.1\r\nhost: h\r\ncontent-length: 1000\r\n\r\n";
    let mut first = Wire::open(server.address()).await;
    first.send(put).await;
    first.send([b'x'; 900]).await;
    let mut second = Wire::open(server.address()).await;
    loop {
        // Until the server has read what the first has sent, there is room for the second.
        second.send(put).await;
        second.send([b'x'; 1_000]).await;
        let told = second.response().await.unwrap();
        if told.status != 200 {
            assert_eq!(told.text(), "NoRoom /a");
            break;
        }
    }
    first.send([b'x'; 100]).await;
    assert_eq!(first.response().await.unwrap().status, 200);
    let mut third = Wire::open(server.address()).await;
    third.send(put).await;
    third.send([b'x'; 1_000]).await;
    assert_eq!(third.response().await.unwrap().status, 200);
    server.stop().await;
}

#[tokio::test]
async fn heads_too_large_are_told_so() {
    let server = guarded(FrontSettings {
        max_header_bytes: 2_000,
        ..patient()
    })
    .await;
    let mut wire = Wire::open(server.address()).await;
    for (request, status, told) in [
        (get(&format!("/{}", "a".repeat(1_900))), 200, "GET /a"),
        (
            get(&format!("/{}", "a".repeat(2_000))),
            418,
            "TargetTooLong /a",
        ),
        (
            format!("GET /a HTTP/1.1\r\nx-long: {}\r\n\r\n", "b".repeat(2_000)),
            418,
            "HeadTooLarge /a",
        ),
        (
            format!("GET /a HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(97)),
            418,
            "HeadTooLarge /a",
        ),
        (
            format!("GET /a HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(1_000)),
            418,
            "HeadTooLarge /a",
        ),
        (
            format!("GET /a HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(96)),
            200,
            "GET /a",
        ),
    ] {
        wire.send(request).await;
        let response = wire.response().await.unwrap();
        assert_eq!(response.status, status, "{told}");
        assert!(response.text().starts_with(told), "{}", response.text());
    }
    let mut requests = http_2(Wire::open(server.address()).await).await;
    let request = http::Request::get("http://localhost/a").header("x-long", "b".repeat(2_000));
    let response = requests.send_request(request.body(String::new()).unwrap());
    assert_eq!(text(response.await.unwrap()).await, "HeadTooLarge /a");
    // Far above that hyper itself answers, with less to say, and reads no more.
    let far = "b".repeat(200_000);
    for (request, status) in [
        (get(&format!("/{far}")), 431),
        (get(&format!("/{}", &far[..18_000])), 418),
        (format!("GET / HTTP/1.1\r\nx-long: {far}"), 431),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(1_025)),
            431,
        ),
        ("\x16\x03\x01 no HTTP\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n".to_owned(), 400),
    ] {
        let mut wire = Wire::open(server.address()).await;
        // The connection may be closed before all is sent.
        wire.stream.write_all(request.as_bytes()).await.ok();
        let Some(response) = wire.response().await else {
            assert_eq!(status, 431);
            continue;
        };
        assert_eq!(response.status, status);
    }
    server.stop().await;
}

#[tokio::test]
async fn too_many_connections_ask_the_oldest_to_leave() {
    let server = guarded(FrontSettings {
        max_connections: 2,
        ..patient()
    })
    .await;
    let mut first = Wire::open(server.address()).await;
    first.get("/a").await;
    let mut second = Wire::open(server.address()).await;
    second.get("/a").await;
    let mut third = Wire::open(server.address()).await;
    assert_eq!(third.get("/a").await.status, 200);
    assert!(first.has_ended().await);
    assert_eq!(second.get("/a").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_crowd_of_hostile_connections_locks_nobody_out() {
    let server = guarded(FrontSettings {
        max_connections: 4,
        header_timeout: SHORT,
        ..patient()
    })
    .await;
    let mut crowd = Vec::new();
    for begun in [
        "",
        "GET / HTTP/1.1\r\nx-slow: ",
        "PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nabc",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        for _ in 0..5 {
            let mut wire = Wire::open(server.address()).await;
            wire.send(begun).await;
            crowd.push(wire);
        }
    }
    let mut guest = Wire::open(server.address()).await;
    assert_eq!(guest.get("/a").await.status, 200);
    drop(crowd);
    server.stop().await;
}

#[tokio::test]
async fn one_that_waits_for_the_engine_is_not_put_out() {
    let settings = FrontSettings {
        max_connections: 1,
        header_timeout: SHORT,
        ..patient()
    };
    let server = guard(settings, engine(|call| Some(echo(call)))).await;
    // Not held back but slow, as far as the front can tell.
    let slowly = ResponseTemplate::new(200).set_delay(2 * SHORT);
    let mock = Mock::given(matchers::path("/slow")).respond_with(slowly);
    server.mount(mock).await;
    let mut slow = Wire::open(server.address()).await;
    slow.send(get("/slow")).await;
    let mut next = Wire::open(server.address()).await;
    next.send(get("/next")).await;
    assert_eq!(slow.response().await.unwrap().status, 200);
    assert_eq!(next.response().await.unwrap().text(), "/next");
    assert!(slow.has_ended().await);
    server.stop().await;
}

/// An answer nobody lives to see, unless its place is needed.
const NEXT_YEAR: &str = "/late/30000000000";

#[tokio::test]
async fn answers_held_back_on_connections_of_their_own_lock_nobody_out() {
    let settings = FrontSettings {
        max_connections: 4,
        ..patient()
    };
    let server = guard(settings, engine(|call| Some(late(call)))).await;
    let mut crowd = Vec::new();
    for _ in 0..20 {
        let mut wire = Wire::open(server.address()).await;
        wire.send(get(NEXT_YEAR)).await;
        crowd.push(wire);
    }
    for _ in 0..3 {
        let mut guest = Wire::open(server.address()).await;
        assert_eq!(guest.get("/healthz").await.text(), "/healthz");
    }
    // Who had to make room has lost nothing but the delay.
    for wire in &mut crowd[..16] {
        assert_eq!(wire.response().await.unwrap().text(), NEXT_YEAR);
        assert!(wire.has_ended().await);
    }
    drop(crowd);
    server.stop().await;
}

#[tokio::test]
async fn answers_held_back_on_one_connection_lock_nobody_out() {
    let settings = FrontSettings {
        max_connections: 4,
        ..patient()
    };
    let server = guard(settings, engine(|call| Some(late(call)))).await;
    let get = |path: &str| {
        let uri = format!("http://localhost{path}");
        http::Request::get(uri).body(String::new()).unwrap()
    };
    let mut requests = http_2(Wire::open(server.address()).await).await;
    let mut soon = requests.clone();
    let soon = tokio::spawn(soon.send_request(get("/late/1500")));
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..20 {
        crowd.spawn(requests.send_request(get(NEXT_YEAR)));
    }
    let healthy = requests.send_request(get("/healthz")).await.unwrap();
    assert_eq!(text(healthy).await, "/healthz");
    let mut guest = Wire::open(server.address()).await;
    assert_eq!(guest.get("/healthz").await.text(), "/healthz");
    // All but the four with a place have been answered, the shorter delay is kept.
    for _ in 0..17 {
        let early = crowd.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!(text(early).await, NEXT_YEAR);
    }
    assert_eq!(text(soon.await.unwrap().unwrap()).await, "/late/1500");
    assert_eq!(crowd.len(), 3);
    drop(crowd);
    drop(requests);
    server.stop().await;
}

#[tokio::test]
async fn an_answer_held_back_is_sent_no_earlier_and_says_nothing_of_it() {
    let server = guard(patient(), engine(|call| Some(late(call)))).await;
    let begun = tokio::time::Instant::now();
    let mut wire = Wire::open(server.address()).await;
    let answer = wire.get("/late/300").await;
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let names = answer.headers.iter().map(|(name, _)| name.as_str());
    let others = names.filter(|name| !["date", "content-length"].contains(name));
    assert_eq!(others.collect::<Vec<_>>(), ["content-type"; 0]);
    server.stop().await;
}

#[tokio::test]
async fn who_is_to_leave_is_not_waited_for_long() {
    let server = guarded(FrontSettings {
        max_connections: 4,
        ..patient()
    })
    .await;
    // Nothing here ever runs out of time, but their places are needed.
    let mut crowd = Vec::new();
    for _ in 0..4 {
        let mut wire = Wire::open(server.address()).await;
        wire.send("PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nabc")
            .await;
        crowd.push(wire);
    }
    let mut guest = Wire::open(server.address()).await;
    assert_eq!(guest.get("/healthz").await.status, 200);
    drop(crowd);
    server.stop().await;
}

fn tls() -> (Tls, TlsConnector) {
    let tls = Tls::self_signed(["sandbox.example"], Timestamp::now()).unwrap();
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(tls.ca_pem().unwrap().as_bytes()).unwrap();
    roots.add(ca).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (tls, Arc::new(config).into())
}

/// One that speaks HTTP/1.1 alone.
fn old(connector: &TlsConnector) -> TlsConnector {
    let mut config = connector.config().as_ref().clone();
    config.alpn_protocols = Vec::new();
    Arc::new(config).into()
}

async fn secure(
    server: &Server,
    connector: &TlsConnector,
    name: &'static str,
) -> Wire<TlsStream<TcpStream>> {
    let name = ServerName::try_from(name).unwrap();
    let stream = Wire::open(server.address()).await.stream;
    Wire::over(connector.connect(name, stream).await.unwrap())
}

#[tokio::test]
async fn tls_serves_both_protocols_under_every_name() {
    let (tls, connector) = tls();
    let server = guarded(FrontSettings {
        tls: Some(tls),
        ..patient()
    })
    .await;
    for name in ["localhost", "127.0.0.1", "::1", "sandbox.example"] {
        let mut wire = secure(&server, &old(&connector), name).await;
        assert_eq!(wire.get("/a").await.text(), "GET /a None");
    }
    let wire = secure(&server, &connector, "localhost").await;
    assert_eq!(wire.stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut requests = http_2(wire).await;
    let request = http::Request::get("https://localhost/a").body(String::new());
    let response = requests.send_request(request.unwrap()).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    assert_eq!(text(response).await, "GET /a None");
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_tls_ends_its_own_connection_only() {
    let (tls, connector) = tls();
    let server = guarded(FrontSettings {
        tls: Some(tls),
        header_timeout: SHORT,
        ..patient()
    })
    .await;
    let mut bystander = secure(&server, &old(&connector), "localhost").await;
    assert_eq!(bystander.get("/a").await.status, 200);
    for begun in [get("/").as_str(), "\x16\x03\x01\x02\x00", "", "\0"] {
        let mut wire = Wire::open(server.address()).await;
        wire.send(begun).await;
        while wire.receive().await {}
    }
    // Shaken hands, and then nothing.
    let mut wire = secure(&server, &old(&connector), "localhost").await;
    assert!(wire.has_ended().await);
    assert_eq!(bystander.get("/a").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn stop_answers_what_was_received_and_closes_the_port() {
    let (answer, mut begun, let_go) = slow_engine();
    let server = guard(patient(), engine(move |call| Some(answer(call)))).await;
    let address = server.address();
    let mut idle = Wire::open(address).await;
    idle.get("/first").await;
    let mut half = Wire::open(address).await;
    half.send("PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nabc")
        .await;
    let mut slow = Wire::open(address).await;
    slow.send(get("/slow")).await;
    begun.recv().await.unwrap();
    let mut late = Wire::open(address).await;
    late.send(get("/late")).await;

    let mut stopping = tokio::spawn(server.stop());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished(), "stopped while an answer was due");
    let_go.send(()).unwrap();
    (&mut stopping).await.unwrap();

    let answered = slow.response().await.unwrap();
    assert_eq!(answered.text(), "/slow");
    assert_eq!(answered.all("connection"), ["close"]);
    assert_eq!(late.response().await.unwrap().text(), "/late");
    for wire in [&mut idle, &mut half, &mut slow, &mut late] {
        assert!(wire.has_ended().await);
    }
    assert!(TcpStream::connect(address).await.is_err());
    TcpListener::bind(address).expect("the port is free");
}

#[tokio::test]
async fn dropping_a_guarded_server_keeps_neither_connections_nor_port() {
    let server = guarded(patient()).await;
    let address = server.address();
    let mut wire = Wire::open(address).await;
    wire.get("/a").await;
    drop(server);
    assert!(wire.has_ended().await);
    while TcpListener::bind(address).is_err() {
        tokio::task::yield_now().await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn thousands_of_hostile_connections_leave_memory_flat() {
    let _turn = MEMORY.lock().await;
    let server = guarded(FrontSettings {
        max_connections: 16,
        max_body_bytes: 1 << 20,
        header_timeout: SHORT,
        ..patient()
    })
    .await;
    let half = "PUT / HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\n";
    let mut before = 0;
    for round in 0..3_000 {
        let mut wire = Wire::open(server.address()).await;
        let text = [half, "GET / HTTP/1.1\r\nx-slow", "\0", ""][round % 4];
        wire.send(text).await;
        if round == 500 {
            before = resident();
        }
    }
    let mut wire = Wire::open(server.address()).await;
    assert_eq!(wire.get("/a").await.status, 200);
    let grown = resident().saturating_sub(before);
    assert!(grown < 32 << 20, "memory grew by {} KiB", grown >> 10);
    server.stop().await;
}

#[tokio::test]
async fn the_sdk_meets_the_authority_over_tls() {
    let (tls, _) = tls();
    let front = FrontSettings {
        tls: Some(tls),
        ..patient()
    };
    let sandbox = Sandbox::start_with(Options {
        front: Some(front),
        ..Options::default()
    });
    let sandbox = sandbox.await.unwrap();
    assert!(sandbox.base_url().starts_with("https://127.0.0.1:"));
    let client = sandbox.client(OutletKind::Dealer).unwrap();
    let outlets = client.list_outlets(OutletFilter::default());
    assert_eq!(outlets.try_collect().await.unwrap().len(), 240);
    sandbox.stop().await;
}

#[tokio::test]
async fn beyond_this_machine_it_is_guarded_unasked_and_words_its_refusals() {
    let sandbox = Sandbox::start_with(Options {
        listen: Some(("0.0.0.0".to_owned(), 0)),
        ..Options::default()
    });
    let sandbox = sandbox.await.unwrap();
    let port = sandbox.address().port();
    let mut wire = Wire::open(([127, 0, 0, 1], port).into()).await;
    let long = "x".repeat(40_000);
    for (request, status, code) in [
        (get(&format!("/{long}")), 414, "target_too_long"),
        (
            format!("GET /healthz HTTP/1.1\r\nx-long: {long}\r\n\r\n"),
            431,
            "headers_too_large",
        ),
        (
            format!(
                "GET /healthz HTTP/1.1\r\n{}\r\n",
                "x-one-of-many: a\r\n".repeat(300)
            ),
            431,
            "headers_too_large",
        ),
        (
            "POST /v1/registrations HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n".to_owned(),
            413,
            "payload_too_large",
        ),
    ] {
        wire.send(request).await;
        let refused = wire.response().await.unwrap();
        assert_eq!(refused.status, status);
        assert_eq!(refused.all("content-type"), ["application/problem+json"]);
        let problem: serde_json::Value = serde_json::from_slice(&refused.body).unwrap();
        assert_eq!(problem["code"], code);
        assert_eq!(
            refused.all("x-request-id"),
            [problem["request_id"].as_str().unwrap()]
        );
    }
    sandbox.stop().await;
}
