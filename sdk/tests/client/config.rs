//! A setting that cannot work is named; its value is not shown.

use std::{collections::HashMap, path::PathBuf};

use lingminban::{
    Client,
    client::{ClientIdentity, Config, ConfigError, Proxy, Setting},
};

use crate::{
    fixtures::*,
    server::{Seen, Server, one_after_the_other},
};

fn from(pairs: &[(&'static str, &str)]) -> Result<Config, ConfigError> {
    let mut variables: HashMap<&str, String> = HashMap::from([
        ("LINGMINBAN_BASE_URL", "https://lmb.example.cn".to_owned()),
        ("LINGMINBAN_CLIENT_ID", "zb-dealer-001".to_owned()),
        ("LINGMINBAN_CLIENT_SECRET", SECRET.to_owned()),
    ]);
    variables.extend(
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned())),
    );
    Config::from_lookup(|name| variables.get(name).cloned())
}

#[test]
fn every_variable_is_read() {
    let config = from(&[
        ("LINGMINBAN_CONNECT_TIMEOUT_MS", "1500"),
        ("LINGMINBAN_ATTEMPT_TIMEOUT_MS", "2500"),
        ("LINGMINBAN_WHOLE_TIMEOUT_MS", "3500"),
        ("LINGMINBAN_MAX_ATTEMPTS", "7"),
        ("LINGMINBAN_LANGUAGE", "en"),
        ("LINGMINBAN_PROXY", "off"),
        ("LINGMINBAN_USER_AGENT", "my-dms/3.2"),
    ])
    .unwrap();
    let shown = format!("{config:?}");
    for part in [
        "1.5s",
        "2.5s",
        "3.5s",
        "max_attempts: 7",
        "English",
        "proxy: Off",
        "my-dms/3.2",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    assert!(from(&[("LINGMINBAN_CONNECT_TIMEOUT_MS", "")]).is_ok());
    assert!(from(&[("LINGMINBAN_CLIENT_ID", "")]).is_err());
}

#[test]
fn a_wrong_variable_is_named_and_not_shown() {
    let table = [
        ("LINGMINBAN_BASE_URL", "", Setting::BaseUrl),
        ("LINGMINBAN_CLIENT_SECRET", "", Setting::ClientSecret),
        (
            "LINGMINBAN_CONNECT_TIMEOUT_MS",
            "5s-wrong",
            Setting::ConnectTimeout,
        ),
        (
            "LINGMINBAN_ATTEMPT_TIMEOUT_MS",
            "-5-wrong",
            Setting::AttemptTimeout,
        ),
        (
            "LINGMINBAN_WHOLE_TIMEOUT_MS",
            "1.5-wrong",
            Setting::WholeTimeout,
        ),
        ("LINGMINBAN_MAX_ATTEMPTS", "0", Setting::MaxAttempts),
        ("LINGMINBAN_LANGUAGE", "fr-wrong", Setting::Language),
        (
            "LINGMINBAN_ALLOW_PLAIN_HTTP",
            "perhaps-wrong",
            Setting::AllowPlainHttp,
        ),
        (
            "LINGMINBAN_CA_FILE",
            "/does/not/exist-wrong",
            Setting::CaCertificate,
        ),
        (
            "LINGMINBAN_CLIENT_CERT_FILE",
            "/does/not/exist-wrong",
            Setting::ClientCertificate,
        ),
    ];
    for (name, value, setting) in table {
        let error = from(&[(name, value)]).unwrap_err();
        assert_eq!(error.setting(), setting, "{name}");
        let text = error.to_string();
        assert!(text.contains(name) && !text.contains("wrong"), "{text}");
    }
}

#[test]
fn certificate_and_key_go_together() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("certificate.pem");
    std::fs::write(&file, "-----").unwrap();
    let file = file.to_str().unwrap();
    let table = [
        ("LINGMINBAN_CLIENT_CERT_FILE", Setting::ClientKey),
        ("LINGMINBAN_CLIENT_KEY_FILE", Setting::ClientCertificate),
    ];
    for (name, missing) in table {
        assert_eq!(from(&[(name, file)]).unwrap_err().setting(), missing);
    }
}

fn built(change: impl FnOnce(&mut HashMap<&'static str, String>)) -> Result<Client, ConfigError> {
    let mut variables = HashMap::from([
        ("LINGMINBAN_BASE_URL", "http://127.0.0.1:1".to_owned()),
        ("LINGMINBAN_CLIENT_ID", "a".to_owned()),
        ("LINGMINBAN_CLIENT_SECRET", "b".to_owned()),
    ]);
    change(&mut variables);
    Client::new(Config::from_lookup(|name| variables.get(name).cloned())?)
}

#[test]
fn an_address_that_cannot_work_is_refused() {
    for address in [
        "lmb.example.cn",
        "ftp://lmb.example.cn",
        "https://user:hunter2@lmb.example.cn",
        "https://lmb.example.cn?a=b",
        "https://lmb.example.cn#a",
        "http://lmb.example.cn",
        "http://127.0.0.1.example.cn",
    ] {
        let error =
            built(|it| drop(it.insert("LINGMINBAN_BASE_URL", address.to_owned()))).unwrap_err();
        assert_eq!(error.setting(), Setting::BaseUrl, "{address}");
        assert!(!error.to_string().contains("hunter2"));
    }
    for address in [
        "http://localhost:1",
        "http://127.0.0.1:1",
        "http://[::1]:1/api",
        "https://[2001:db8::1]",
    ] {
        built(|it| drop(it.insert("LINGMINBAN_BASE_URL", address.to_owned()))).expect(address);
    }
    built(|it| {
        it.insert("LINGMINBAN_BASE_URL", "http://sandbox:8080".to_owned());
        it.insert("LINGMINBAN_ALLOW_PLAIN_HTTP", "true".to_owned());
    })
    .unwrap();
}

#[test]
fn what_cannot_be_used_is_refused_when_the_client_is_made() {
    let builder = || {
        Client::builder()
            .base_url("http://127.0.0.1:1")
            .client_id("a")
            .client_secret("b")
    };
    let zero = std::time::Duration::ZERO;
    let setting = |result: Result<Client, ConfigError>| result.unwrap_err().setting();
    assert_eq!(
        setting(builder().connect_timeout(zero).build()),
        Setting::ConnectTimeout
    );
    assert_eq!(
        setting(builder().attempt_timeout(zero).build()),
        Setting::AttemptTimeout
    );
    assert_eq!(
        setting(builder().whole_timeout(zero).build()),
        Setting::WholeTimeout
    );
    assert_eq!(
        setting(builder().user_agent("a\nb").build()),
        Setting::UserAgent
    );
    assert_eq!(
        setting(builder().proxy(Proxy::url("not a url")).build()),
        Setting::Proxy
    );
    assert_eq!(
        setting(builder().ca_certificates_pem("not pem").build()),
        Setting::CaCertificate
    );
    let identity = ClientIdentity::from_pem("not pem", "not pem");
    assert_eq!(
        setting(builder().client_identity(identity).build()),
        Setting::ClientCertificate
    );
}

#[tokio::test]
async fn a_client_of_the_environments_making_works() {
    let server = Server::start(one_after_the_other([application("accepted")])).await;
    let client = built(|it| drop(it.insert("LINGMINBAN_BASE_URL", server.url()))).unwrap();
    client.get_application(&id()).await.unwrap();
    assert!(
        server
            .token_calls()
            .iter()
            .all(|seen: &Seen| seen.method == "POST")
    );
}
