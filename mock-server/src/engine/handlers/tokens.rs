use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};
use jiff::Timestamp;
use lingminban::{
    api::{Form, Found, IssueToken, Scope, TokenErrorCode, TokenResponse},
    wire_enum::WireEnum,
};

use crate::engine::{
    Engine,
    directory::{PartnerIndex, client_secret},
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
    register::Words,
    space::{Space, State},
    tokens::{Claims, LIFE_SECONDS},
    world::later,
};

impl Handle<IssueToken> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<IssueToken>,
    ) -> Result<Found<TokenResponse>, Refusal> {
        let Form(request) = input.body;
        let basic = basic(scene.headers)?;
        if basic.is_some() && (request.client_id.is_some() || request.client_secret.is_some()) {
            return Err(Refusal::oauth(TokenErrorCode::InvalidRequest));
        }
        // Half a credential authenticates nobody: 401, as for none and for a wrong one.
        let (client_id, secret) = basic
            .or_else(|| request.client_id.zip(request.client_secret))
            .ok_or_else(|| Refusal::oauth(TokenErrorCode::InvalidClient))?;
        let (space, name) = self.addressed(&client_id);
        let partner = self
            .city()
            .directory
            .partner_by_client_id(name)
            .filter(|_| same(&secret, &client_secret(space.seed, &client_id)))
            .ok_or_else(|| Refusal::oauth(TokenErrorCode::InvalidClient))?;
        if request.grant_type != "client_credentials" {
            return Err(Refusal::oauth(TokenErrorCode::UnsupportedGrantType));
        }
        let scopes = scopes(request.scope.as_deref())?;
        let token = if space.id == scene.space.id {
            issue(&space, scene.state, scene.now, partner.index, scopes)
        } else {
            let mut state = space.lock();
            let now = state.clock.now(self.host().elapsed());
            issue(&space, &mut state, now, partner.index, scopes)
        };
        Ok(Found(token))
    }
}

fn issue(
    space: &Space,
    state: &mut State,
    now: Timestamp,
    partner: PartnerIndex,
    scopes: Words<Scope>,
) -> TokenResponse {
    state.serial.tokens += 1;
    let claims = Claims {
        space: space.id,
        partner,
        scopes,
        expires_at: later(now, Duration::from_secs(LIFE_SECONDS.into())),
        serial: state.serial.tokens,
    };
    let granted: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    TokenResponse {
        access_token: space.signer.sign(&claims),
        token_type: "Bearer".to_owned(),
        expires_in: LIFE_SECONDS,
        scope: granted.join(" "),
    }
}

/// The credential of the `Authorization` header (RFC 6749 §2.3.1: both parts form-encoded).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let credential = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| {
            let (id, secret) = text.split_once(':')?;
            Some((form_decoded(id), form_decoded(secret)))
        });
    credential
        .map(Some)
        .ok_or_else(|| Refusal::oauth(TokenErrorCode::InvalidClient))
}

fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

/// Compares without telling by its time how much was right.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
}

fn scopes(asked: Option<&str>) -> Result<Words<Scope>, Refusal> {
    let words = asked
        .unwrap_or_default()
        .split(' ')
        .filter(|word| !word.is_empty());
    let known: Option<Words<Scope>> = words.map(Scope::from_word).collect();
    let scopes = known.ok_or_else(|| Refusal::oauth(TokenErrorCode::InvalidScope))?;
    Ok(if scopes.iter().next().is_none() {
        Scope::ALL.iter().copied().collect()
    } else {
        scopes
    })
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::{
        engine::{space::Settings, world::SystemClock},
        server::{Answer, Call, Reply},
    };

    fn ask(query: Option<&str>, form: &str) -> Reply {
        let engine = Engine::new(Box::<SystemClock>::default(), &Settings::default(), None);
        let form_type = "application/x-www-form-urlencoded".parse().unwrap();
        engine.answer(&Call {
            method: &Method::POST,
            path: "/oauth2/token",
            query,
            headers: &HeaderMap::from_iter([(header::CONTENT_TYPE, form_type)]),
            body: form.as_bytes(),
        })
    }

    #[test]
    fn refusals_are_what_oauth_says_whatever_is_wrong() {
        let grant = "grant_type=client_credentials";
        for (query, form, status, error) in [
            (Some("x=1"), grant, 400, "invalid_request"),
            (None, "", 400, "invalid_request"),
            (None, grant, 401, "invalid_client"),
            (
                None,
                "grant_type=client_credentials&client_id=zb-dealer-1",
                401,
                "invalid_client",
            ),
            (
                None,
                "grant_type=client_credentials&client_secret=x",
                401,
                "invalid_client",
            ),
        ] {
            let reply = ask(query, form);
            let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(
                (reply.status.as_u16(), &body["error"]),
                (status, &error.into()),
                "{form}"
            );
            assert_eq!(reply.headers[header::CONTENT_TYPE], "application/json");
            assert_eq!(reply.headers[header::CACHE_CONTROL], "no-store");
        }
    }
}
