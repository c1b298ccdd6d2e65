//! The program `lingminban-sandbox serve`.

use std::{
    path::PathBuf,
    process::{Output, Stdio},
    time::Duration,
};

use ::http::{HeaderMap, Method};
use lingminban_sandbox::{
    Options,
    server::{Call, Reply},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::support::{
    Caller, Got, Judge, Judged, Scratch, StandingHost, fresh_key, registration, sandbox, sandbox_of,
};

/// Longer than anything here takes, on the slowest of machines.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, with nothing of the surroundings' settings.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lingminban-sandbox"));
    for (name, _) in std::env::vars() {
        if name.starts_with("LINGMINBAN_") || name.starts_with("LC_") || name == "LANG" {
            command.env_remove(name);
        }
    }
    command
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// The program, serving.
pub(crate) struct Program {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    ready: Value,
    judge: Judge,
}

impl Program {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        Self::spawn(command(&[&["serve"], arguments].concat())).await
    }

    async fn spawn(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped")).lines();
        let line = timeout(PATIENCE, stdout.next_line())
            .await
            .expect("in time")
            .expect("text");
        let ready = serde_json::from_str(&line.expect("a line")).expect("a line of JSON");
        Self {
            child,
            stdout,
            ready,
            judge: Judge::default(),
        }
    }

    fn address(&self) -> &str {
        let url = self.ready["base_url"].as_str().expect("a URL");
        url.strip_prefix("http://").expect("plain HTTP")
    }

    /// The whole address of the ready line.
    fn address_told(&self) -> &str {
        self.ready["base_url"].as_str().expect("a URL")
    }

    /// The first partner of the ready line, with a token.
    pub(crate) async fn caller(&self) -> Caller {
        let base_url = self.ready["base_url"].as_str().expect("a URL");
        let credential = &self.ready["credentials"][0];
        let text = |member: &str| credential[member].as_str().expect("a text");
        let stranger = Caller::stranger(base_url);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", text("client_id")),
            ("client_secret", text("client_secret")),
        ];
        let request = stranger.request(Method::POST, "/oauth2/token").form(&form);
        let got = stranger.send(request).await;
        let granted = got.ok(200);
        stranger.with_token(granted["access_token"].as_str().expect("a token"))
    }

    /// Ends it as a power cut would, but for the system's memory: SIGKILL on Unix.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it ran");
    }

    /// Judges what another process answered, as inside the sandboxes of other tests.
    fn judged(
        &self,
        method: Method,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
        got: Got,
    ) -> Got {
        let call = Call {
            method: &method,
            path,
            query: None,
            headers,
            body,
        };
        let status = got.status.try_into().expect("a status");
        let reply = Reply::new(status, got.headers.clone(), got.bytes.clone());
        self.judge.look(&call, &reply);
        assert_eq!(self.judge.violations(), Vec::<String>::new());
        got
    }

    async fn get(&self, caller: &Caller, path: &str) -> Got {
        let got = caller.get(path).await;
        self.judged(Method::GET, path, &HeaderMap::new(), b"", got)
    }

    async fn register(&self, caller: &Caller) -> Got {
        let (path, key, body) = ("/v1/registrations", fresh_key(), registration(1));
        let got = caller.post_keyed(path, &key, &body).await;
        let headers = HeaderMap::from_iter([
            (
                ::http::header::CONTENT_TYPE,
                "application/json".parse().expect("a value"),
            ),
            (
                "idempotency-key".parse().expect("a name"),
                key.parse().expect("a value"),
            ),
        ]);
        self.judged(
            Method::POST,
            path,
            &headers,
            body.to_string().as_bytes(),
            got,
        )
    }

    /// Asks it to end, and gives its exit code and what it still wrote.
    #[cfg(unix)]
    async fn end_by(mut self, signal: &str) -> (Option<i32>, Vec<String>) {
        self.signal(signal);
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("in time")
            .expect("ended");
        let mut rest = Vec::new();
        while let Some(line) = self.stdout.next_line().await.expect("text") {
            rest.push(line);
        }
        (status.code(), rest)
    }

    #[cfg(unix)]
    fn signal(&self, signal: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill")
            .args([signal, &id])
            .status();
        assert!(sent.expect("kill").success());
    }
}

#[tokio::test]
async fn the_ready_line_says_where_and_as_whom() {
    let program = Program::start(&[]).await;
    let ready = &program.ready;
    assert!(program.address().starts_with("127.0.0.1:"));
    assert_eq!(ready["seed"], 1);
    assert_eq!(ready["version"], env!("CARGO_PKG_VERSION"));
    let kinds: Vec<&str> = ready["credentials"]
        .as_array()
        .expect("credentials")
        .iter()
        .map(|credential| {
            for member in ["outlet_id", "operator_id", "client_id", "client_secret"] {
                assert!(credential[member].is_string(), "{credential}");
            }
            credential["outlet_kind"].as_str().expect("a kind")
        })
        .collect();
    let first = [
        "dealer",
        "used_car_market",
        "inspection_station",
        "bank",
        "insurer",
        "post_office",
        "other",
    ];
    assert_eq!(kinds[..first.len()], first);
    // And it is true: the first dealer files with it.
    let caller = program.caller().await;
    program.register(&caller).await.ok(201);
    let health = program.get(&caller, "/healthz").await.ok(200);
    assert_eq!(health, json!({"status": "ok"}));
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_with_nothing_more_on_stdout() {
    for signal in ["-TERM", "-INT"] {
        let program = Program::start(&[]).await;
        let caller = program.caller().await;
        program
            .get(&caller, "/v1/nothing")
            .await
            .refused(404, "unknown_path");
        let (code, rest) = program.end_by(signal).await;
        assert_eq!(code, Some(0), "{signal}");
        assert_eq!(rest, Vec::<String>::new(), "logs go to stderr");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_in_flight_is_answered_before_it_ends() {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };
    let program = Program::start(&[]).await;
    let request = "GET /sandbox/v1/catalogue HTTP/1.1\r\nHost: sandbox\r\n\r\n";
    let mut connections = Vec::new();
    for _ in 0..16 {
        let mut connection = TcpStream::connect(program.address())
            .await
            .expect("connected");
        connection
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: sandbox\r\n\r\n")
            .await
            .expect("sent");
        let mut start = [0; 15];
        connection.read_exact(&mut start).await.expect("answered");
        connections.push(connection);
    }
    for connection in &mut connections {
        connection
            .write_all(request.as_bytes())
            .await
            .expect("sent");
    }
    program.signal("-TERM");
    for mut connection in connections {
        let mut answer = Vec::new();
        timeout(PATIENCE, connection.read_to_end(&mut answer))
            .await
            .expect("in time")
            .expect("closed in order");
        let text = String::from_utf8_lossy(&answer);
        let (_, last) = text.rsplit_once("\r\n\r\n").expect("an answer");
        let catalogue: Value = serde_json::from_str(last).expect("a whole body");
        assert!(catalogue["items"].is_array());
    }
    let (code, _) = program.end_by("-0").await;
    assert_eq!(code, Some(0));
}

/// A file of this test alone.
fn scratch(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = directory.join(format!("{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

#[tokio::test]
async fn the_port_file_holds_the_port() {
    let path = scratch("port");
    let program = Program::start(&["--port-file", path.to_str().expect("a path")]).await;
    let written = std::fs::read_to_string(&path).expect("written before the ready line");
    let port: u16 = written.trim().parse().expect("a port");
    assert!(program.address().ends_with(&format!(":{port}")));
    std::fs::remove_file(path).expect("there");
}

#[tokio::test]
async fn seed_and_start_time_decide_what_it_is() {
    let arguments = ["--seed", "42", "--start-time", "2026-10-01T00:00:00+08:00"];
    let program = Program::start(&arguments).await;
    assert_eq!(program.ready["seed"], 42);
    let caller = program.caller().await;
    let filed = program.register(&caller).await;
    let date = filed.header("date").expect("a date").to_owned();
    assert!(date.starts_with("Wed, 30 Sep 2026 16:00:"), "{date}");
    let usual = Program::start(&[]).await;
    assert_ne!(usual.ready["credentials"], program.ready["credentials"]);
    let other = usual.register(&usual.caller().await).await.ok(201);
    assert_ne!(other["application_id"], filed.ok(201)["application_id"]);
    let date = usual.get(&usual.caller().await, "/v1/operators").await;
    assert!(
        date.header("date")
            .expect("a date")
            .starts_with("Mon, 02 Mar 2026 01:0")
    );
}

#[tokio::test]
async fn it_may_start_now() {
    let program = Program::start(&["--start-time", "now"]).await;
    let got = program.get(&program.caller().await, "/v1/nothing").await;
    let date = jiff::fmt::rfc2822::parse(got.header("date").expect("a date")).expect("RFC 9110");
    let apart = jiff::Timestamp::now()
        .duration_since(date.timestamp())
        .abs();
    assert!(apart < jiff::SignedDuration::from_mins(5), "{apart}");
}

#[tokio::test]
async fn settings_come_from_the_environment_too() {
    let mut command = command(&["serve"]);
    command.env("LINGMINBAN_SANDBOX_SEED", "5");
    command.env("LINGMINBAN_SANDBOX_PUBLIC_URL", "https://sandbox.example");
    let program = Program::spawn(command).await;
    assert_eq!(program.ready["seed"], 5);
    assert_eq!(program.ready["base_url"], "https://sandbox.example");
}

async fn fails(arguments: &[&str]) -> Output {
    let output = timeout(PATIENCE, command(arguments).output())
        .await
        .expect("in time")
        .expect("ran");
    assert!(!output.status.success(), "{arguments:?}");
    assert!(
        output.stdout.is_empty(),
        "{arguments:?}: stdout is for the ready line"
    );
    output
}

#[tokio::test]
async fn bad_arguments_are_told() {
    for (arguments, told) in [
        (
            vec!["serve", "--start-time", "yesterday"],
            "2026-03-02T09:00:00+08:00",
        ),
        (
            vec!["serve", "--start-time", "2026-02-30T09:00:00+08:00"],
            "--start-time",
        ),
        (vec!["serve", "--port", "65536"], "--port"),
        (vec!["serve", "--seed", "-1"], "-1"),
        (vec!["serve", "--sed", "1"], "--seed"),
        (vec!["serve", "--max-header-bytes", "0"], "1024"),
        (vec!["serve", "--max-body-bytes", "1023"], "1024"),
        (vec!["serve", "--max-connections", "0"], "--max-connections"),
        (vec!["serve", "extra"], "extra"),
        (vec!["server"], "serve"),
        (vec![], "serve"),
    ] {
        let output = fails(&arguments).await;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(told), "{arguments:?}: {text}");
    }
}

#[tokio::test]
async fn a_token_nobody_could_show_and_an_address_nobody_could_reach_are_refused() {
    let token = ("LINGMINBAN_SANDBOX_ADMIN_TOKEN", "--admin-token");
    let address = ("LINGMINBAN_SANDBOX_PUBLIC_URL", "--public-url");
    for ((variable, option), value, zh, en) in [
        (token, "", "管理令牌须为", "admin token must be"),
        (token, " \t", "管理令牌须为", "admin token must be"),
        (token, "芝麻开门", "管理令牌须为", "admin token must be"),
        (token, "open\nsesame", "管理令牌须为", "admin token must be"),
        (address, "nope", "须为完整的网址", "public URL must be"),
        (
            address,
            "http://a:b@sandbox",
            "须为完整的网址",
            "public URL must be",
        ),
        (address, "", "须为完整的网址", "public URL must be"),
    ] {
        let argument = format!("{option}={value}");
        let mut by_variable = command(&["serve"]);
        by_variable.env(variable, value);
        for mut command in [by_variable, command(&["serve", &argument])] {
            let output = timeout(PATIENCE, command.output()).await;
            let output = output.expect("in time").expect("ran");
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{argument}: {text}");
            assert!(output.stdout.is_empty(), "{argument}");
            assert!(
                text.contains(zh) && text.contains(en) && text.contains(option),
                "{argument}: {text}"
            );
            let told = value.trim().len() > 1 && text.contains(value.trim());
            assert!(!told, "a secret is not told: {text}");
        }
    }
}

#[tokio::test]
async fn what_keeps_it_from_serving_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let nowhere = scratch("no-such-directory").join("port");
    for arguments in [
        vec!["serve", "--port", &port],
        vec!["serve", "--host", "no such host"],
        vec!["serve", "--port-file", nowhere.to_str().expect("a path")],
    ] {
        let output = fails(&arguments).await;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            text.contains(arguments[2]),
            "{arguments:?}: tells which: {text}"
        );
    }
}

#[tokio::test]
async fn a_data_directory_keeps_the_seed_and_has_one_process() {
    let scratch = Scratch::new();
    let directory = scratch.0.to_str().expect("a path");
    let program = Program::start(&["--data-dir", directory, "--seed", "42"]).await;
    let output = fails(&["serve", "--data-dir", directory]).await;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains(directory), "tells which: {text}");
    program.kill().await;
    let program = Program::start(&["--data-dir", directory]).await;
    assert_eq!(program.ready["seed"], 42);
}

#[tokio::test]
async fn help_and_version_are_no_failure() {
    for (argument, told) in [
        ("--help", "serve"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let output = command(&[argument]).output().await.expect("ran");
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains(told));
    }
}

#[tokio::test]
async fn help_speaks_the_language_of_the_surroundings() {
    for (locale, told) in [("zh_CN.UTF-8", "用法"), ("en_GB.UTF-8", "Usage")] {
        let mut command = command(&["serve", "--help"]);
        let output = command.env("LANG", locale).output().await.expect("ran");
        assert!(output.status.success());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(told), "{text}");
        assert_eq!(text.contains("选项"), told == "用法", "{text}");
    }
}

#[tokio::test]
async fn silence_ends_it_when_asked_to() {
    let mut program = Program::start(&["--exit-when-idle", "200ms"]).await;
    let ended = timeout(PATIENCE, program.child.wait())
        .await
        .expect("in time");
    assert_eq!(ended.expect("waited for").code(), Some(0));
}

#[tokio::test]
async fn who_only_looks_whether_it_lives_does_not_keep_it_alive() {
    let mut program = Program::start(&["--exit-when-idle", "500ms"]).await;
    let caller = Caller::stranger(program.ready["base_url"].as_str().expect("a URL"));
    let ended = async {
        loop {
            let probe = caller.request(Method::GET, "/healthz").send();
            tokio::select! {
                ended = program.child.wait() => return ended.expect("waited for"),
                _ = probe => {}
            }
        }
    };
    let ended = timeout(PATIENCE, ended).await.expect("in time");
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn who_waits_for_an_answer_keeps_it_alive() {
    let waits = async |arguments: &[&str]| {
        let idle = ["--exit-when-idle", "1s"];
        let mut program = Program::start(&[&idle, arguments].concat()).await;
        let caller = Caller::stranger(program.ready["base_url"].as_str().expect("a URL"));
        let late = caller
            .request(Method::POST, "/oauth2/token")
            .header("sandbox-fault", "delay;ms=3000");
        caller.send(late).await;
        let ended = timeout(PATIENCE, program.child.wait()).await;
        assert_eq!(ended.expect("in time").expect("ended").code(), Some(0));
    };
    tokio::join!(waits(&[]), waits(&["--guard"]));
}

#[tokio::test]
async fn foreign_pages_do_not_command_it_through_a_browser() {
    let sandbox = sandbox().await;
    let caller = sandbox.stranger();
    let port = sandbox.address().port();
    let ask = async |fields: &[(&str, &str)]| {
        let mut request = caller
            .request(Method::POST, "/sandbox/v1/spaces")
            .json(&json!({}));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        caller.send(request).await
    };
    let here = format!("127.0.0.1:{port}");
    // A program, the page of its own, and both by other names of this machine.
    let (page, other_name) = (format!("http://{here}"), format!("localhost:{port}"));
    let other_page = format!("http://{other_name}");
    ask(&[]).await.ok(201);
    ask(&[("origin", &page)]).await.ok(201);
    ask(&[("host", &other_name), ("origin", &other_page)])
        .await
        .ok(201);

    for origin in ["https://evil.example", "null", &other_page] {
        let got = ask(&[("origin", origin)]).await;
        got.refused(403, "foreign_origin");
    }
    // The site's name leads to this machine, and to the browser the page is the sandbox's own.
    let rebound = [("host", "evil.example"), ("origin", "http://evil.example")];
    ask(&rebound).await.refused(403, "unknown_host");
    ask(&rebound[..1]).await.refused(403, "unknown_host");
    // Partners' requests and what everybody may read are nobody's command.
    let path = "/sandbox/v1/catalogue";
    let read = caller.request(Method::GET, path).header("host", "any");
    caller.send(read).await.ok(200);
}

#[tokio::test]
async fn it_is_commanded_under_the_names_it_was_given() {
    let open = Options {
        public_url: Some("https://sandbox.example/under".to_owned()),
        ..Options::default()
    };
    let open = sandbox_of(open, StandingHost::default()).await;
    let locked = Options {
        admin_token: Some("open-sesame".into()),
        ..Options::default()
    };
    let locked = sandbox_of(locked, StandingHost::default()).await;
    let ask = async |sandbox: &Judged, fields: &[(&str, &str)]| {
        let caller = sandbox.stranger();
        let mut request = caller.request(Method::GET, "/sandbox/v1/spaces");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        caller.send(request).await
    };
    let public = ("host", "sandbox.example");
    ask(&open, &[public]).await.ok(200);
    let proxied = ("origin", "https://sandbox.example");
    ask(&open, &[proxied]).await.ok(200);
    let elsewhere = [("host", "elsewhere.example")];
    let got = ask(&open, &elsewhere).await;
    got.refused(403, "unknown_host");

    // Who has the token may call it what they like, but is no foreign page.
    let token = ("authorization", "Bearer open-sesame");
    ask(&locked, &[elsewhere[0], token]).await.ok(200);
    let page = ("origin", "http://evil.example");
    let got = ask(&locked, &[page, token]).await;
    got.refused(403, "foreign_origin");
}

#[tokio::test]
async fn a_limit_guards_it_and_the_pace_is_the_authoritys() {
    let program = Program::start(&["--max-body-bytes", "10000", "--pace", "manual"]).await;
    let caller = program.caller().await;
    let body = "x".repeat(10_001);
    let got = caller.post_text("/v1/registrations", body).await;
    got.refused(413, "payload_too_large");
    assert!(got.header("x-request-id").is_some());
    let filed = program.register(&caller).await.ok(201);
    let path = format!(
        "/v1/applications/{}",
        filed["application_id"].as_str().expect("an id")
    );
    // At the usual pace it is accepted long before this many answers.
    for _ in 0..200 {
        let read = program.get(&caller, &path).await.ok(200);
        assert_eq!(read["state"], filed["state"]);
    }
}

/// Waits with the program itself; gives its exit code and what it printed.
async fn wait_ready(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = command(&[&["wait-ready"], arguments].concat());
    let output = timeout(PATIENCE, command.output())
        .await
        .expect("in time")
        .expect("ran");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[tokio::test]
async fn one_can_wait_for_it_before_it_is_started() {
    let path = scratch("waited-for");
    let port_file = path.to_str().expect("a path");
    let arguments = ["--port-file", port_file];
    let (waited, program) = tokio::join!(wait_ready(&arguments), Program::start(&arguments));
    let base_url = program.ready["base_url"].as_str().expect("a URL");
    assert_eq!((waited.0, waited.1.trim()), (Some(0), base_url));
    let (code, told, _) = wait_ready(&["--url", &format!("{base_url}/")]).await;
    assert_eq!((code, told.trim()), (Some(0), base_url));
    std::fs::remove_file(path).expect("there");
}

#[tokio::test]
async fn what_does_not_come_in_time_is_not_ready() {
    let nowhere = scratch("nobody-writes-this");
    let soon = ["--timeout", "PT0.1S"];
    let port_file = ["--port-file", nowhere.to_str().expect("a path")];
    let (code, told, why) = wait_ready(&[&soon[..], &port_file].concat()).await;
    assert_eq!((code, told.as_str()), (Some(3), ""));
    assert!(why.contains("nobody-writes-this"), "{why}");

    // Somebody else's server is no sandbox.
    let other = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", other.local_addr().expect("an address"));
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = other.accept().await {
            stream.read_buf(&mut Vec::new()).await.ok();
            let answer = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.ok();
            stream.shutdown().await.ok();
        }
    });
    let (code, _, why) =
        wait_ready(&[&["--url", &url], &["--timeout", "500ms"][..]].concat()).await;
    assert_eq!(code, Some(3));
    assert!(why.contains("404"), "{why}");

    for wrong in [&["--url", "sandbox"][..], &["--timeout", "5s"], &[]] {
        assert_eq!(wait_ready(wrong).await.0, Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn tls_is_a_flag_and_its_ca_stands_beside_the_port_file() {
    let path = scratch("tls-port");
    let port_file = path.to_str().expect("a path");
    let ca_file = format!("{port_file}.ca.pem");
    let arguments = ["--port-file", port_file, "--tls-self-signed"];
    let program = Program::start(&arguments).await;
    assert_eq!(program.ready["ca_file"], ca_file.as_str());
    let base_url = program.ready["base_url"].as_str().expect("a URL");
    assert!(base_url.starts_with("https://127.0.0.1:"), "{base_url}");
    let (code, told, why) = wait_ready(&["--port-file", port_file]).await;
    assert_eq!((code, told.trim()), (Some(0), base_url), "{why}");
    let by_name = base_url.replace("127.0.0.1", "localhost");
    let (code, ..) = wait_ready(&["--url", &by_name, "--ca-file", &ca_file]).await;
    assert_eq!(code, Some(0));
    drop(program);

    // The next run has no TLS, and leaves nothing that says otherwise.
    let _plain = Program::start(&arguments[..2]).await;
    assert!(!std::path::Path::new(&ca_file).exists());
    let (code, told, _) = wait_ready(&["--port-file", port_file]).await;
    assert!(code == Some(0) && told.starts_with("http://"), "{told}");
    std::fs::remove_file(path).expect("there");
}

/// What stands in the files that lead to a sandbox.
fn leads(port_file: &str) -> [Option<String>; 2] {
    let beside = format!("{port_file}.ca.pem");
    [port_file, &beside].map(|path| std::fs::read_to_string(path).ok())
}

#[tokio::test]
async fn one_that_cannot_start_leaves_the_files_of_one_that_runs() {
    let data = Scratch::new();
    let data = data.0.to_str().expect("a path");
    let path = scratch("running");
    let port_file = path.to_str().expect("a path");
    let nowhere = scratch("nowhere-to-write").join("ca");
    let nowhere = nowhere.to_str().expect("a path");
    let tls = ["--tls-self-signed", "--port-file", port_file];
    let running = Program::start(&[&tls[..], &["--data-dir", data]].concat()).await;
    let before = leads(port_file);
    let [Some(port), Some(_)] = &before else {
        panic!("{before:?}")
    };
    for (arguments, told) in [
        (&["--port", port][..], port.as_str()),
        (&["--tls-cert", nowhere, "--tls-key", nowhere], nowhere),
        (&["--data-dir", data], data),
        (&["--tls-self-signed", "--tls-ca-file", nowhere], nowhere),
    ] {
        let output = fails(&[&["serve", "--port-file", port_file], arguments].concat()).await;
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(why.contains(told), "{arguments:?}: {why}");
        assert_eq!(leads(port_file), before, "{arguments:?}");
        assert!(!std::fs::exists(format!("{port_file}.new")).expect("seen"));
    }
    let (code, ..) = wait_ready(&["--port-file", port_file]).await;
    assert_eq!(code, Some(0));
    running.kill().await;

    // What a killed one left leads to nobody, and then to the next.
    let next = Program::start(&["--port-file", port_file]).await;
    let [Some(port), None] = leads(port_file) else {
        panic!("{:?}", leads(port_file))
    };
    assert!(next.address().ends_with(&format!(":{port}")));
    std::fs::remove_file(path).expect("there");
}

#[cfg(unix)]
#[tokio::test]
async fn the_newest_has_the_port_file_and_takes_it_away() {
    let path = scratch("shared-port-file");
    let port_file = ["--port-file", path.to_str().expect("a path")];
    let older = Program::start(&port_file).await;
    let newest = Program::start(&port_file).await;
    let (.., told) = (older.end_by("-TERM").await, wait_ready(&port_file).await);
    assert_eq!(told.1.trim(), newest.ready["base_url"], "{}", told.2);
    newest.end_by("-TERM").await;
    assert!(!path.exists());
}

#[tokio::test]
async fn a_port_file_leads_to_any_host() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let path = scratch("other-host");
    let port_file = ["--port-file", path.to_str().expect("a path")];
    let host = ["--host", "::1"];
    let program = Program::start(&[host, port_file].concat()).await;
    let (code, told, why) = wait_ready(&[host, port_file].concat()).await;
    assert_eq!(
        (code, told.trim()),
        (Some(0), program.address_told()),
        "{why}"
    );
    let list = [&["space", "list"][..], &host, &port_file].concat();
    let (code, _, why) = ran(command(&list)).await;
    assert_eq!(code, Some(0), "{why}");
    let no_host = [&port_file[..], &["--host", "a:1"]].concat();
    assert_eq!(wait_ready(&no_host).await.0, Some(2));
    std::fs::remove_file(path).expect("there");
}

#[tokio::test]
async fn the_address_may_stand_in_the_environment() {
    let program = Program::start(&[]).await;
    let url = program.address_told();
    let path = scratch("not-the-variable");
    let nobody = [
        "--timeout",
        "200ms",
        "--port-file",
        path.to_str().expect("a path"),
    ];
    for (variable, arguments, expected) in [
        (url, &[][..], Some(0)),
        // What the command line says goes first, whatever the variable says.
        (url, &nobody, Some(3)),
        ("nonsense", &nobody, Some(3)),
        ("nonsense", &["--url", url], Some(0)),
        ("nonsense", &[], Some(2)),
    ] {
        let mut command = command(&[&["wait-ready"], arguments].concat());
        command.env("LINGMINBAN_SANDBOX_URL", variable);
        let (code, told, why) = ran(command).await;
        assert_eq!(code, expected, "{variable} {arguments:?}: {why}");
        assert_eq!(told.trim() == url, code == Some(0));
        assert_eq!(
            why.contains("LINGMINBAN_SANDBOX_URL"),
            code == Some(2),
            "{why}"
        );
    }
    // Of two variables the address goes first.
    let mut both = command(&["space", "list"]);
    both.env("LINGMINBAN_SANDBOX_PORT_FILE", &path);
    both.env("LINGMINBAN_SANDBOX_URL", url);
    assert_eq!(ran(both).await.0, Some(0));
}

#[tokio::test]
async fn a_ca_file_that_is_not_there_is_told() {
    let program = Program::start(&[]).await;
    let nowhere = scratch("no-such-ca");
    let nowhere = nowhere.to_str().expect("a path");
    let arguments = ["--url", program.address_told(), "--ca-file", nowhere];
    let soon = ["--timeout", "200ms"];
    let (code, _, why) = wait_ready(&[&arguments[..], &soon].concat()).await;
    assert_eq!(code, Some(3));
    assert!(why.contains(nowhere), "{why}");
    let (code, _, why) = ran(command(&[&["space", "list"], &arguments[..]].concat())).await;
    assert_eq!(code, Some(1));
    assert!(why.contains(nowhere), "{why}");
}

#[tokio::test]
async fn a_command_is_refused_in_the_language_of_the_surroundings() {
    let program = Program::start(&[]).await;
    let refused = async |locale| {
        let mut command = command(&["space", "clock", "space-7", "--url", program.address_told()]);
        let (code, _, why) = ran({
            command.env("LANG", locale);
            command
        })
        .await;
        assert_eq!(code, Some(4), "{why}");
        // What follows the first line is the problem as the sandbox has worded it.
        let (_, problem) = why.split_once('\n').expect("a problem");
        problem.to_owned()
    };
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let english = refused("en_GB.UTF-8").await;
    assert!(!english.contains(chinese), "{english}");
    assert!(refused("zh_CN.UTF-8").await.contains(chinese));
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_shown() {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(authority, authority_key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let files = ["own-certificate", "own-key", "own-ca"].map(scratch);
    let texts = [certificate.pem(), key.serialize_pem(), authority.pem()];
    for (file, text) in files.iter().zip(texts) {
        std::fs::write(file, text).expect("written");
    }
    let [certificate_file, key_file, ca_file] = &files;
    let certificate_file = certificate_file.to_str().expect("a path");
    let key_file = key_file.to_str().expect("a path");
    let ca_file = ca_file.to_str().expect("a path");

    let path = scratch("own-certificate-port");
    let port_file = ["--port-file", path.to_str().expect("a path")];
    let own = ["--tls-cert", certificate_file, "--tls-key", key_file];
    let program = Program::start(&[&own[..], &port_file].concat()).await;
    // With a certificate to trust it is TLS that is spoken, by the name that stands in it.
    let trusted = ["--ca-file", ca_file, "--host", "localhost"];
    let (code, told, why) = wait_ready(&[&port_file[..], &trusted].concat()).await;
    assert_eq!(code, Some(0), "{why}");
    assert!(told.starts_with("https://localhost:"), "{told}");
    let list = [&["space", "list"][..], &port_file, &trusted].concat();
    let (code, _, why) = ran(command(&list)).await;
    assert_eq!(code, Some(0), "{why}");
    std::fs::remove_file(path).expect("there");
    assert!(program.ready["ca_file"].is_null());
    let base_url = program.ready["base_url"].as_str().expect("a URL");
    assert!(base_url.starts_with("https://"), "{base_url}");

    let swapped = ["serve", "--tls-cert", key_file, "--tls-key", key_file];
    let output = fails(&swapped).await;
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("certificates are not PEM"), "{told}");
    assert!(!told.contains("BEGIN"), "{told}");
    for half in [["--tls-cert", certificate_file], ["--tls-key", key_file]] {
        let output = fails(&[&["serve"], &half[..]].concat()).await;
        assert_eq!(output.status.code(), Some(2));
    }
    for path in files {
        std::fs::remove_file(path).expect("there");
    }
}

/// Runs a command to a running sandbox; gives its exit code and what it printed.
async fn space(program: &Program, arguments: &[&str]) -> (Option<i32>, String) {
    let (code, told, _) = space_at(program, arguments).await;
    (code, told)
}

/// The same, with what went wrong.
async fn space_at(program: &Program, arguments: &[&str]) -> (Option<i32>, String, String) {
    let url = program.ready["base_url"].as_str().expect("a URL");
    ran(command(&[&["space"], arguments, &["--url", url]].concat())).await
}

async fn ran(mut command: Command) -> (Option<i32>, String, String) {
    let output = timeout(PATIENCE, command.output()).await;
    let output = output.expect("in time").expect("ran");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn a_script_that_is_wrong_is_told_all_that_is_wrong() {
    let program = Program::start(&[]).await;
    let path = scratch("wrong-script");
    let file = path.to_str().expect("a path");
    let script = json!([
        {"operation": "get_vehicle", "effect": "explode"},
        {"operation": "get_vehicle", "nth": 0, "effect": "close_before"},
        {"operation": "get_vehicle", "effect": "close_before", "color": "red"},
    ]);
    std::fs::write(&path, script.to_string()).expect("written");
    let (code, told, why) = space_at(&program, &["faults", "space-0", file]).await;
    assert_eq!((code, told.as_str()), (Some(4), ""), "{why}");
    for pointer in ["/0/effect", "/1/nth", "/2/color"] {
        assert!(why.contains(pointer), "{pointer}: {why}");
    }

    std::fs::write(&path, "[{\"operation\": ").expect("written");
    let (code, _, why) = space_at(&program, &["faults", "space-0", file]).await;
    assert_eq!(code, Some(1));
    assert!(why.contains("JSON") && why.contains("line 1"), "{why}");
    let (_, counts, _) = space_at(&program, &["faults", "space-0"]).await;
    assert_eq!(counts.trim(), r#"{"rules":[]}"#);
    std::fs::remove_file(path).expect("there");
}

#[tokio::test]
async fn who_never_answers_is_not_waited_for_long() {
    // Connections are made, and nothing comes back.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", mute.local_addr().expect("an address"));
    let path = scratch("empty-script");
    std::fs::write(&path, "[]").expect("written");
    let file = path.to_str().expect("a path");
    for arguments in [
        &["new"][..],
        &["list"],
        &["reset", "space-0"],
        &["fork", "space-0"],
        &["delete", "space-0"],
        &["clock", "space-0"],
        &["faults", "space-0"],
        &["faults", "space-0", file],
        &["journal", "space-0"],
    ] {
        let whom = ["--url", &url, "--timeout", "200ms"];
        let (code, told, why) = ran(command(&[&["space"], arguments, &whom].concat())).await;
        assert_eq!((code, told.as_str()), (Some(3), ""), "{arguments:?}: {why}");
        assert!(why.contains("--timeout"), "{arguments:?}: {why}");
    }
    std::fs::remove_file(path).expect("there");
    let token = ["--url", &url, "--admin-token", "芝麻开门"];
    let (code, _, why) = ran(command(&[&["space", "list"], &token[..]].concat())).await;
    assert_eq!(code, Some(2));
    assert!(
        why.contains("admin token must be") && !why.contains("芝麻"),
        "{why}"
    );
}

#[tokio::test]
async fn spaces_are_commanded_from_a_shell() {
    let program = Program::start(&[]).await;
    let told = async |arguments: &[&str]| {
        let (code, told) = space(&program, arguments).await;
        assert_eq!(code, Some(0), "{arguments:?}");
        serde_json::from_str::<Value>(&told).expect("JSON")
    };
    let new = ["new", "--frozen", "--seed", "7", "--pace", "manual"];
    let new = told(&new).await;
    assert_eq!((&new["seed"], &new["pace"]), (&json!(7), &json!("manual")));
    let clock = told(&["clock", "space-1", "--advance", "P30D"]).await;
    assert_eq!(clock["now"], "2026-04-01T09:00:00+08:00");
    assert_eq!(told(&["clock", "space-1"]).await, clock);
    assert_eq!(told(&["fork", "space-1"]).await["clock"], clock);
    let reset = told(&["reset", "space-1"]).await;
    assert_eq!(reset["clock"]["now"], "2026-03-02T09:00:00+08:00");

    let path = scratch("fault-script");
    let script = json!([{"operation": "get_vehicle", "effect": "close_before"}]);
    std::fs::write(&path, script.to_string()).expect("written");
    let set = told(&["faults", "space-1", path.to_str().expect("a path")]).await;
    assert_eq!(set["rules"][0]["rule"], script[0]);
    assert_eq!(told(&["faults", "space-1"]).await, set);
    let cleared = told(&["faults", "space-1", "--clear"]).await;
    assert_eq!(cleared["rules"], json!([]));
    std::fs::remove_file(path).expect("there");

    program.caller().await.get("/v1/outlets").await.ok(200);
    let (_, lines) = space(&program, &["journal", "space-0"]).await;
    let last: Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["operation"], "list_outlets");

    assert_eq!(space(&program, &["delete", "space-1"]).await.0, Some(0));
    assert_eq!(space(&program, &["delete", "space-1"]).await.0, Some(4));
    let both = ["clock", "space-0", "--freeze", "--run"];
    assert_eq!(space(&program, &both).await.0, Some(2));
    let (_, listed) = space(&program, &["list"]).await;
    assert_eq!(listed.lines().count(), 2);
}
