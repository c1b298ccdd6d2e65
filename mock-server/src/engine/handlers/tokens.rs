use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};
use lingminban::{
    api::{Form, Found, IssueToken, Scope, TokenErrorCode, TokenResponse},
    wire_enum::WireEnum,
};

use crate::engine::{
    Engine,
    directory::{PartnerIndex, client_secret, same_secret},
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
    register::Words,
    space::Space,
    tokens::{Claims, LIFE_SECONDS},
    world::later,
};
use crate::server::Call;

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
            .filter(|_| space.id == scene.space.id)
            .filter(|_| same_secret(&secret, &client_secret(space.settings.seed, &client_id)))
            .ok_or_else(|| Refusal::oauth(TokenErrorCode::InvalidClient))?;
        if request.grant_type != "client_credentials" {
            return Err(Refusal::oauth(TokenErrorCode::UnsupportedGrantType));
        }
        let scopes = scopes(request.scope.as_deref())?;
        Ok(Found(issue(scene, partner.index, scopes)))
    }
}

/// The space whose partner asks for a token: its clock and its numbers are those of the answer.
pub(in crate::engine) fn space_asked(engine: &Engine, call: &Call<'_>) -> Arc<Space> {
    let in_form = || {
        form_urlencoded::parse(call.body)
            .find(|(name, _)| name == "client_id")
            .map(|(_, id)| id.into_owned())
    };
    let named = basic(call.headers)
        .ok()
        .flatten()
        .map(|(client_id, _)| client_id)
        .or_else(in_form);
    match named {
        Some(client_id) => engine.addressed(&client_id).0,
        None => Arc::clone(engine.home()),
    }
}

fn issue(scene: &mut Scene<'_>, partner: PartnerIndex, scopes: Words<Scope>) -> TokenResponse {
    let serial = &mut scene.state.serial.tokens;
    *serial = serial.saturating_add(1);
    let claims = Claims {
        space: scene.space.id,
        era: scene.state.lineage.era(),
        partner,
        scopes,
        expires_at: later(scene.now, Duration::from_secs(LIFE_SECONDS.into())),
        serial: *serial,
    };
    let granted: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    TokenResponse {
        access_token: scene.space.signer.sign(&claims),
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
        server::{Answer, Reply},
    };

    fn ask(query: Option<&str>, form: &str) -> Reply {
        let engine = Engine::new(Box::<SystemClock>::default(), &Settings::default(), None);
        let form_type = "application/x-www-form-urlencoded".parse().unwrap();
        let call = Call {
            method: &Method::POST,
            path: "/oauth2/token",
            query,
            headers: &HeaderMap::from_iter([(header::CONTENT_TYPE, form_type)]),
            body: form.as_bytes(),
        };
        engine.answer(&call).unwrap()
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
