//! How long until there is an answer, and until there is a space.

use std::{
    hint::black_box,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    time::Instant,
};

use lingminban_sandbox::{
    Settings,
    engine::{Engine, space::SpaceId, world::SystemClock},
};

use crate::machine::{median, resident, verdict};

/// From exec to the first answer of the program.
pub(crate) fn process() {
    const STARTS: usize = 41;
    let mut ready = Vec::new();
    let mut answered = Vec::new();
    for _ in 0..STARTS {
        let (line, answer) = start_once();
        ready.push(line);
        answered.push(answer);
    }
    let (line, answer) = (median(&mut ready), median(&mut answered));
    let (least, most) = (answered[0], answered[STARTS - 1]);
    let verdict = verdict(answer <= 40.0, "≤ 40");
    println!(
        "ms from exec to the first answer, median of {STARTS}: {answer:.1} ({least:.1} to {most:.1}), \
         to the ready line {line:.1}  {verdict}"
    );
}

/// Milliseconds to the ready line and to the answer.
fn start_once() -> (f64, f64) {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lingminban-sandbox"))
        .args(["serve", "--port", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let ready = start.elapsed().as_secs_f64() * 1e3;
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = line["base_url"].as_str().unwrap();
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut head = [0; 15];
    stream.read_exact(&mut head).unwrap();
    let answered = start.elapsed().as_secs_f64() * 1e3;
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    child.kill().unwrap();
    child.wait().unwrap();
    (ready, answered)
}

/// Ten thousand spaces, all alive.
pub(crate) fn space() {
    const SPACES: u32 = 10_000;
    let engine = Engine::new(Box::new(SystemClock::default()), &Settings::default(), None);
    let before = resident();
    let mut times = Vec::new();
    let start = Instant::now();
    for seed in 0..SPACES {
        let settings = Settings {
            seed: seed.into(),
            ..Settings::default()
        };
        let one = Instant::now();
        black_box(engine.create_space(&settings).unwrap());
        times.push(one.elapsed().as_secs_f64() * 1e3);
    }
    let mean = start.elapsed().as_secs_f64() * 1e3 / f64::from(SPACES);
    let each = (resident() - before) / f64::from(SPACES);
    let alive = (0..=SPACES).filter(|id| engine.space(SpaceId(*id)).is_some());
    assert_eq!(alive.count(), 10_001);
    let median = median(&mut times);
    let worst = times[times.len() - 1];
    let verdict = verdict(mean <= 0.3, "≤ 0.3");
    println!(
        "ms for a space, {SPACES} alive: {mean:.4} (median {median:.4}, longest {worst:.3}), \
         {each:.0} bytes each  {verdict}"
    );
}
