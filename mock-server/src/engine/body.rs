//! Request bodies, by kind: size and media type first, then the content.

use http::{HeaderMap, Method, header};
use lingminban::api::{
    Body, Document, FindingCode, Form, Json, NoBody, OptionalJson, Place, ProblemCode, Scan,
    ScanFormat, TokenErrorCode,
};
use serde_json::{Map, Value};

use super::{
    decode::{MOST_FAULTS, Schemas, Unreadable, join},
    fault::Fault,
    refusal::Refusal,
};
use crate::server::Call;

/// A body the pipeline can receive.
pub trait Receive: Body + Sized {
    /// What rules see of it.
    type Subject;

    /// Reads the body of a call whose size and media type are right.
    ///
    /// # Errors
    /// When it is unreadable, or readable and wrong.
    fn receive(call: &Call<'_>, schemas: &Schemas) -> Result<Self, Spoilt>;

    /// What rules see of it.
    fn subject(&self) -> &Self::Subject;
}

/// A body that did not decode.
pub enum Spoilt {
    /// Nothing can be said of its parts.
    Unreadable(Refusal),
    /// Parts of it are right.
    Faulty {
        /// The body.
        value: Value,
        /// Everything that is wrong in form.
        faults: Vec<Fault>,
    },
}

/// Refuses what is too large, compressed, or in a media type the operation does not take.
///
/// # Errors
/// 413 or 415.
pub fn inspect<B: Body>(call: &Call<'_>) -> Result<(), Refusal> {
    if B::MEDIA_TYPES.is_empty() {
        return Ok(());
    }
    if call.body.len() > B::LIMIT {
        return Err(Refusal::at(
            ProblemCode::PayloadTooLarge,
            Place::Pointer(String::new()),
        ));
    }
    if is_encoded(call.headers) {
        let place = Place::Header("Content-Encoding");
        let fault = Fault::at(place, FindingCode::NotInList).with_detail("identity".to_owned());
        return Err(Refusal::new(ProblemCode::UnsupportedMediaType).with_faults(vec![fault]));
    }
    let sent = media_type(call.headers);
    let optional = call.body.is_empty() && (!B::REQUIRED || sent.is_none());
    let known = sent
        .as_deref()
        .is_some_and(|sent| B::MEDIA_TYPES.contains(&sent));
    if optional || known {
        Ok(())
    } else {
        Err(Refusal::at(
            ProblemCode::UnsupportedMediaType,
            Place::Header("Content-Type"),
        ))
    }
}

/// Whether the body is compressed (RFC 9110 §8.4): the API takes bodies as they are.
fn is_encoded(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings
        .flat_map(|coding| coding.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
}

/// The media type without its parameters, in lower case.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers
        .get(header::CONTENT_TYPE)?
        .to_str()
        .unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}

impl Receive for NoBody {
    type Subject = ();

    /// Whoever sends members that nobody reads believes them heeded. Many clients send `{}` of
    /// themselves.
    fn receive(call: &Call<'_>, _: &Schemas) -> Result<Self, Spoilt> {
        if call.method != Method::POST || call.body.trim_ascii().is_empty() {
            return Ok(Self);
        }
        let faults: Vec<Fault> = match serde_json::from_slice::<Map<String, Value>>(call.body) {
            Ok(members) => members
                .keys()
                .take(MOST_FAULTS)
                .map(|name| Fault::finding(FindingCode::UnknownMember, join(String::new(), name)))
                .collect(),
            Err(_) => vec![Fault::finding(FindingCode::NotApplicable, "")],
        };
        if faults.is_empty() {
            Ok(Self)
        } else {
            Err(Spoilt::Unreadable(Refusal::invalid(faults)))
        }
    }

    fn subject(&self) -> &() {
        &()
    }
}

impl<T: Document> Receive for Json<T> {
    type Subject = T;

    fn receive(call: &Call<'_>, schemas: &Schemas) -> Result<Self, Spoilt> {
        decode(call.body, schemas).map(Self)
    }

    fn subject(&self) -> &T {
        &self.0
    }
}

impl<T: Document> Receive for OptionalJson<T> {
    type Subject = T;

    fn receive(call: &Call<'_>, schemas: &Schemas) -> Result<Self, Spoilt> {
        let body = if call.body.is_empty() {
            b"{}"
        } else {
            call.body
        };
        decode(body, schemas).map(Self)
    }

    fn subject(&self) -> &T {
        &self.0
    }
}

fn decode<T: Document>(body: &[u8], schemas: &Schemas) -> Result<T, Spoilt> {
    schemas
        .decode::<T>(&T::name(), body)
        .map_err(|unreadable| match unreadable {
            Unreadable::Malformed(fault) => Spoilt::Unreadable(
                Refusal::new(ProblemCode::MalformedJson).with_faults(vec![fault]),
            ),
            Unreadable::Faulty { value, faults } => Spoilt::Faulty { value, faults },
        })
}

/// Only the token endpoint takes a form: its errors are OAuth's.
impl<T: Document> Receive for Form<T> {
    type Subject = T;

    fn receive(call: &Call<'_>, _: &Schemas) -> Result<Self, Spoilt> {
        serde_urlencoded::from_bytes(call.body)
            .map(Self)
            .map_err(|_| Spoilt::Unreadable(Refusal::oauth(TokenErrorCode::InvalidRequest)))
    }

    fn subject(&self) -> &T {
        &self.0
    }
}

impl Receive for Scan {
    type Subject = ();

    fn receive(call: &Call<'_>, _: &Schemas) -> Result<Self, Spoilt> {
        let sent = media_type(call.headers);
        let format = ScanFormat::ALL
            .iter()
            .copied()
            .find(|format| sent.as_deref() == Some(format.as_str()));
        match format {
            Some(format) if !call.body.is_empty() => Ok(Self {
                format,
                bytes: call.body.to_vec(),
            }),
            _ => Err(Spoilt::Unreadable(
                Refusal::new(ProblemCode::EmptyMaterial)
                    .with_faults(vec![Fault::finding(FindingCode::Required, String::new())]),
            )),
        }
    }

    fn subject(&self) -> &() {
        &()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_bodies_are_refused_whatever_the_spelling() {
        let refused = |coding: &'static str| {
            let headers = HeaderMap::from_iter([(
                header::CONTENT_ENCODING,
                http::HeaderValue::from_static(coding),
            )]);
            is_encoded(&headers)
        };
        assert!(refused("gzip") && refused("GZIP") && refused("identity, br"));
        assert!(!refused("identity") && !refused("Identity") && !refused(""));
        assert!(!is_encoded(&HeaderMap::new()));
    }
}
