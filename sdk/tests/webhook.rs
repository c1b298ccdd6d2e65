//! What the platform signs is taken once; anything else is refused, whatever was changed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    num::NonZeroUsize,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use lingminban::{
    api::{ApplicationStatus, EventId, EventType},
    webhook::{
        Delivery, ID, MemoryReplayStore, ReplayStore, SIGNATURE, Secret, StoreError, TIMESTAMP,
        Verifier, VerifyError, WrongSecret, sign,
    },
};
use proptest::prelude::*;

const OLD: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const NEW: &str = "whsec_bmV3IHNlY3JldCBvZiB0aGUgc3Vic2NyaXB0aW9uISE=";
const FOREIGN: &str = "whsec_c2VjcmV0IG9mIHNvbWVib2R5IGVsc2UgYWx0b2dldGg=";
const BODY: &[u8] = br#"{"event_id":"evt-1","type":"application.completed","occurred_at":"2026-03-02T09:00:00+08:00","application_id":"3703010000001","status":"completed"}"#;

fn secret(text: &str) -> Secret {
    text.parse().unwrap()
}

fn id() -> EventId {
    "evt-1".parse().unwrap()
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

const NOW: u64 = 1_772_413_200;

fn signed(secrets: &[&str], body: &[u8]) -> HeaderMap {
    let secrets: Vec<Secret> = secrets.iter().map(|text| secret(text)).collect();
    sign(&secrets, &id(), at(NOW), body)
}

fn verify(headers: &HeaderMap, body: &[u8]) -> Result<Delivery, VerifyError> {
    Verifier::new(secret(OLD)).verify(headers, body, at(NOW))
}

fn set(headers: &mut HeaderMap, name: &HeaderName, value: &str) {
    headers.insert(name, HeaderValue::from_str(value).unwrap());
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    headers[name].to_str().unwrap().to_owned()
}

#[test]
fn a_signed_message_gives_its_event() {
    let delivery = verify(&signed(&[OLD], BODY), BODY).unwrap();
    assert_eq!(delivery.message_id, id());
    assert_eq!(delivery.sent_at.to_string(), "2026-03-02T09:00:00+08:00");
    assert_eq!(delivery.event.event_id, id());
    assert_eq!(delivery.event.kind, EventType::ApplicationCompleted);
    assert_eq!(delivery.event.status.unwrap(), ApplicationStatus::Completed);
}

#[test]
fn an_event_of_tomorrow_is_read() {
    let body = br#"{"event_id":"evt-1","type":"plate.posted","occurred_at":"2026-03-02T09:00:00+08:00","parcel":7}"#;
    let delivery = verify(&signed(&[OLD], body), body).unwrap();
    assert_eq!(delivery.event.kind.as_str(), "plate.posted");
}

#[test]
fn headers_of_any_case_are_found() {
    let mut headers = HeaderMap::new();
    for (name, value) in &signed(&[OLD], BODY) {
        let name = HeaderName::from_bytes(name.as_str().to_uppercase().as_bytes()).unwrap();
        headers.insert(name, value.clone());
    }
    assert!(verify(&headers, BODY).is_ok());
}

/// The worked example that the reference implementations share.
#[test]
fn signatures_are_those_of_the_specification() {
    let id = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk".parse().unwrap();
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    assert_eq!(
        secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").signature(&id, 1_649_367_553, body),
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
    );
}

#[test]
fn what_we_sign_others_verify() {
    let headers = sign(
        &[secret(FOREIGN), secret(OLD)],
        &id(),
        SystemTime::now(),
        BODY,
    );
    let other = standardwebhooks::Webhook::new(OLD).unwrap();
    other.verify(BODY, &headers).unwrap();
    other.verify(b"{}", &headers).unwrap_err();
}

#[test]
fn what_others_sign_we_verify() {
    let signature = standardwebhooks::Webhook::new(OLD)
        .unwrap()
        .sign("evt-1", i64::try_from(NOW).unwrap(), BODY)
        .unwrap();
    let mut headers = HeaderMap::new();
    set(&mut headers, &ID, "evt-1");
    set(&mut headers, &TIMESTAMP, &NOW.to_string());
    set(&mut headers, &SIGNATURE, &signature);
    assert!(verify(&headers, BODY).is_ok());
}

proptest! {
    #[test]
    fn any_key_any_id_any_body_agrees_with_the_other_implementation(
        key in proptest::collection::vec(any::<u8>(), 24..=64),
        id in "[A-Za-z0-9_-]{1,64}",
        timestamp in 0_u64..4_000_000_000,
        body in ".{0,200}",
    ) {
        use base64::Engine;
        let text = format!("whsec_{}", base64::prelude::BASE64_STANDARD.encode(&key));
        let ours = secret(&text).signature(&id.parse().unwrap(), timestamp, body.as_bytes());
        let theirs = standardwebhooks::Webhook::new(&text)
            .unwrap()
            .sign(&id, i64::try_from(timestamp).unwrap(), body.as_bytes())
            .unwrap();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn a_changed_byte_of_the_body_is_refused(place in 0..BODY.len(), bits in 1_u8..) {
        let headers = signed(&[OLD], BODY);
        let mut body = BODY.to_vec();
        body[place] ^= bits;
        prop_assert!(matches!(verify(&headers, &body), Err(VerifyError::WrongSignature)));
    }

    #[test]
    fn a_changed_byte_of_a_header_is_refused(
        which in 0_usize..3,
        place in any::<prop::sample::Index>(),
        byte in b' '..=b'~',
    ) {
        let mut headers = signed(&[OLD], BODY);
        let name = [ID, TIMESTAMP, SIGNATURE][which].clone();
        let mut value = text(&headers, &name).into_bytes();
        let place = place.index(value.len());
        prop_assume!(value[place] != byte);
        value[place] = byte;
        headers.insert(&name, HeaderValue::from_bytes(&value).unwrap());
        prop_assert!(verify(&headers, BODY).is_err(), "{headers:?}");
    }

    #[test]
    fn what_anybody_sends_is_refused_and_nothing_panics(
        values in proptest::collection::vec((0_usize..3, "[ -~]{0,60}"), 0..6),
        body in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut headers = HeaderMap::new();
        for (which, value) in values {
            headers.append([ID, TIMESTAMP, SIGNATURE][which].clone(), value.parse().unwrap());
        }
        prop_assert!(verify(&headers, &body).is_err());
    }

    #[test]
    fn the_borders_of_what_is_signed_cannot_be_moved(cut in 1_usize..20) {
        // "evt-1.1772413200" and "1772413200.{…" sign the same bytes.
        let headers = signed(&[OLD], BODY);
        let whole = format!("{}.{}", text(&headers, &ID), text(&headers, &TIMESTAMP));
        prop_assume!(cut < whole.len());
        let (id, timestamp) = whole.split_at(cut);
        let mut moved = headers.clone();
        set(&mut moved, &ID, id.trim_end_matches('.'));
        set(&mut moved, &TIMESTAMP, timestamp.trim_start_matches('.'));
        prop_assume!(moved != headers);
        prop_assert!(verify(&moved, BODY).is_err());
    }
}

#[test]
fn during_a_rotation_either_secret_will_do() {
    let both = signed(&[OLD, NEW], BODY);
    for known in [
        Verifier::new(secret(OLD)),
        Verifier::new(secret(NEW)),
        Verifier::new(secret(FOREIGN)).also(secret(NEW)),
    ] {
        assert!(known.verify(&both, BODY, at(NOW)).is_ok());
    }
    let foreign = Verifier::new(secret(FOREIGN));
    assert!(matches!(
        foreign.verify(&both, BODY, at(NOW)),
        Err(VerifyError::WrongSignature)
    ));
    // After it, the old one alone signs nothing that counts.
    let new_only = Verifier::new(secret(NEW));
    assert!(
        new_only
            .verify(&signed(&[OLD], BODY), BODY, at(NOW))
            .is_err()
    );
}

#[test]
fn signatures_of_other_versions_are_passed_over() {
    let mut headers = signed(&[OLD], BODY);
    let known = text(&headers, &SIGNATURE);
    let bare = known.trim_start_matches("v1,").to_owned();
    set(
        &mut headers,
        &SIGNATURE,
        &format!("v1a,AAAA v1,!!! {known} v2"),
    );
    assert!(verify(&headers, BODY).is_ok());
    for unknown in [
        format!("v2,{bare}"),
        format!("v1a,{bare}"),
        bare,
        String::new(),
    ] {
        set(&mut headers, &SIGNATURE, &unknown);
        assert!(
            matches!(verify(&headers, BODY), Err(VerifyError::UnknownScheme)),
            "{unknown}"
        );
    }
    // A beginning of the right signature is none.
    set(&mut headers, &SIGNATURE, &known[..known.len() - 24]);
    assert!(matches!(
        verify(&headers, BODY),
        Err(VerifyError::WrongSignature)
    ));
    set(&mut headers, &SIGNATURE, "v1,");
    assert!(matches!(
        verify(&headers, BODY),
        Err(VerifyError::WrongSignature)
    ));
}

#[test]
fn a_message_is_taken_five_minutes_either_way() {
    let verifier = Verifier::new(secret(OLD));
    let headers = signed(&[OLD], BODY);
    let on = |now| verifier.verify(&headers, BODY, at(now));
    assert!(on(NOW - 300).is_ok());
    assert!(on(NOW + 300).is_ok());
    assert!(
        matches!(on(NOW + 301), Err(VerifyError::TooOld { by }) if by == Duration::from_secs(301))
    );
    assert!(
        matches!(on(NOW - 301), Err(VerifyError::FromTheFuture { by }) if by == Duration::from_secs(301))
    );
    let narrow = verifier.clone().tolerance(Duration::ZERO);
    assert!(
        narrow
            .verify(&headers, BODY, at(NOW) + Duration::from_millis(999))
            .is_ok()
    );
    assert!(narrow.verify(&headers, BODY, at(NOW + 1)).is_err());
    // A machine that believes it is 1969.
    let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert!(matches!(
        verifier.verify(&headers, BODY, early),
        Err(VerifyError::FromTheFuture { .. })
    ));
}

#[test]
fn a_time_that_is_none_is_refused() {
    for time in [
        "",
        "-1",
        "+1772413200",
        "1772413200.0",
        "0x10",
        "99999999999999999999",
        "9223372036854775807",
    ] {
        let mut headers = signed(&[OLD], BODY);
        set(&mut headers, &TIMESTAMP, time);
        assert!(
            matches!(verify(&headers, BODY), Err(VerifyError::MalformedHeader(name)) if name == TIMESTAMP),
            "{time}"
        );
    }
}

#[test]
fn each_header_must_be_there_once() {
    for name in [ID, TIMESTAMP, SIGNATURE] {
        let mut without = signed(&[OLD], BODY);
        without.remove(&name);
        assert!(
            matches!(verify(&without, BODY), Err(VerifyError::MissingHeader(missing)) if missing == name)
        );
        let mut twice = signed(&[OLD], BODY);
        let again = twice[&name].clone();
        twice.append(&name, again);
        assert!(
            matches!(verify(&twice, BODY), Err(VerifyError::MalformedHeader(repeated)) if repeated == name)
        );
    }
}

#[test]
fn what_is_signed_and_no_event_says_where() {
    let body = b"{\n \"type\": 7}";
    let error = verify(&signed(&[OLD], body), body).unwrap_err();
    assert!(
        matches!(error, VerifyError::Unreadable { line: 2, .. }),
        "{error}"
    );
}

fn store(capacity: usize) -> MemoryReplayStore {
    MemoryReplayStore::new(NonZeroUsize::new(capacity).unwrap())
}

fn again(
    verifier: &Verifier,
    store: &MemoryReplayStore,
    now: u64,
) -> Result<Delivery, VerifyError> {
    let headers = sign(&[secret(OLD)], &id(), at(now), BODY);
    verifier.verify_once(&headers, BODY, at(now), store)
}

#[test]
fn a_message_counts_once_until_it_is_forgotten_or_released() {
    let (verifier, store) = (Verifier::new(secret(OLD)), store(10));
    assert!(again(&verifier, &store, NOW).is_ok());
    let replayed = again(&verifier, &store, NOW + 1).unwrap_err();
    assert!(matches!(replayed, VerifyError::Replayed));
    assert!(replayed.status().is_success());
    store.release(&id()).unwrap();
    assert!(again(&verifier, &store, NOW + 2).is_ok());
    let week = 7 * 24 * 60 * 60;
    assert!(again(&verifier, &store, NOW + 2 + week).is_err());
    assert!(again(&verifier, &store, NOW + 3 + week).is_ok());
}

#[test]
fn what_may_still_be_replayed_is_never_forgotten() {
    let verifier = Verifier::new(secret(OLD)).remember_for(Duration::ZERO);
    let store = store(10);
    let headers = signed(&[OLD], BODY);
    assert!(
        verifier
            .verify_once(&headers, BODY, at(NOW - 300), &store)
            .is_ok()
    );
    assert!(matches!(
        verifier.verify_once(&headers, BODY, at(NOW + 300), &store),
        Err(VerifyError::Replayed)
    ));
}

#[test]
fn a_refused_message_is_not_remembered() {
    let (verifier, store) = (Verifier::new(secret(OLD)), store(10));
    assert!(
        verifier
            .verify_once(&signed(&[FOREIGN], BODY), BODY, at(NOW), &store)
            .is_err()
    );
    assert!(again(&verifier, &store, NOW).is_ok());
}

#[test]
fn a_full_store_forgets_what_it_would_forget_first() {
    let store = store(2);
    let claim = |text: &str, until| {
        store
            .claim(&text.parse().unwrap(), at(NOW), at(until))
            .unwrap()
    };
    assert!(claim("a", NOW + 10));
    assert!(claim("b", NOW + 5));
    assert!(claim("c", NOW + 20));
    assert!(!claim("a", NOW + 30));
    assert!(claim("b", NOW + 30));
    assert!(format!("{store:?}").contains("known: 2"));
}

#[test]
fn a_store_that_fails_has_the_message_sent_again() {
    struct Broken;
    impl ReplayStore for Broken {
        fn claim(&self, _: &EventId, _: SystemTime, _: SystemTime) -> Result<bool, StoreError> {
            Err("no connection".into())
        }

        fn release(&self, _: &EventId) -> Result<(), StoreError> {
            Ok(())
        }
    }
    let error = Verifier::new(secret(OLD))
        .verify_once(&signed(&[OLD], BODY), BODY, at(NOW), &Broken)
        .unwrap_err();
    assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "no connection");
}

#[test]
fn a_text_that_is_no_secret_says_why() {
    let why = |text: &str| text.parse::<Secret>().unwrap_err();
    assert_eq!(
        why("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
        WrongSecret::Prefix
    );
    assert_eq!(
        why("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZW"),
        WrongSecret::Base64
    );
    assert_eq!(why("whsec_"), WrongSecret::Length);
    assert_eq!(
        why("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY="),
        WrongSecret::Length
    );
}

#[test]
fn nothing_secret_shows() {
    let verifier = Verifier::new(secret(OLD)).also(secret(NEW));
    let mut shown = format!("{verifier:?} {:?}", secret(OLD));
    for error in [
        verify(&signed(&[FOREIGN], BODY), BODY).unwrap_err(),
        verify(&HeaderMap::new(), BODY).unwrap_err(),
        verify(&signed(&[OLD], b"\"3703010000001\""), b"\"3703010000001\"").unwrap_err(),
    ] {
        shown += &format!("{error} {error:?}");
    }
    let why = format!("whsec_{}!", "c2VjcmV0")
        .parse::<Secret>()
        .unwrap_err();
    shown += &format!("{why} {why:?}");
    for text in [
        "MDEy",
        "0123456789",
        "bmV3",
        "48, 49",
        "c2VjcmV0",
        "3703010000001",
    ] {
        assert!(!shown.contains(text), "{text} in {shown}");
    }
}
