//! Certificates of the front: rustls with ring, handed over complete.
//!
//! A provider installed process-wide would decide for the whole program; this one is the front's alone.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer,
        pem::{self, PemObject},
    },
};

/// Names a certificate made at start always holds.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// How long such a certificate is valid. Some systems refuse one that is valid for more than 398 days,
/// whoever signed it.
const VALIDITY: SignedDuration = SignedDuration::from_hours(365 * 24);
/// It was valid yesterday too: clocks of containers and their hosts differ.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// 传输加密: the certificate a server shows, and its key.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    ca_pem: Option<String>,
    names: Vec<String>,
}

impl Tls {
    /// A certificate chain, the server's own first, and its key (PKCS#8, PKCS#1 or SEC1, not
    /// encrypted), both PEM.
    ///
    /// # Errors
    /// When either cannot be read or they do not belong together.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<Vec<_>, _>>()
            .map_err(TlsError::Certificate)?;
        if chain.is_empty() {
            return Err(TlsError::Certificate(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
        Ok(Self {
            config: config(chain, key)?,
            ca_pem: None,
            names: Vec::new(),
        })
    }

    /// A certificate made now (自签证书) for `localhost`, `127.0.0.1`, `::1` and the host names or
    /// addresses given, valid for a year from `now`, under an authority of its own whose key is
    /// forgotten at once: [`Tls::ca_pem`] is what clients are to trust.
    ///
    /// # Errors
    /// When a name cannot stand in a certificate, or this machine has no randomness.
    pub fn self_signed<'a>(
        names: impl IntoIterator<Item = &'a str>,
        now: Timestamp,
    ) -> Result<Self, TlsError> {
        let mut all = LOCAL_NAMES.map(str::to_owned).to_vec();
        for name in names {
            if !all.iter().any(|known| known == name) {
                all.push(name.to_owned());
            }
        }
        let authority = CertifiedIssuer::self_signed(authority(now)?, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = leaf(all.clone(), now)?.signed_by(&key, &authority)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok(Self {
            config: config(vec![leaf.der().clone()], key.into())?,
            ca_pem: Some(authority.pem()),
            names: all,
        })
    }

    /// The authority's certificate, PEM, when it was made at start.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The names it was made for at start.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn acceptor(&self) -> tokio_rustls::TlsAcceptor {
        Arc::clone(&self.config).into()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// No certificate can be shown.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificates are not PEM, or there is none.
    #[error(
        "证书文件不是 PEM 格式或不含证书 / the certificates are not PEM, or there is none: {0}"
    )]
    Certificate(pem::Error),
    /// The key is not PEM, or of no known kind.
    #[error(
        "私钥不是可用的 PEM 格式（PKCS#8、PKCS#1 或 SEC1，未加密） / the key is not a usable PEM key \
         (PKCS#8, PKCS#1 or SEC1, not encrypted): {0}"
    )]
    Key(pem::Error),
    /// Certificate and key cannot be used together.
    #[error("证书与私钥不匹配 / certificate and key do not belong together: {0}")]
    Mismatch(#[from] rustls::Error),
    /// No certificate can be made.
    #[error("无法生成证书 / no certificate can be made: {0}")]
    Made(#[from] rcgen::Error),
}

fn authority(now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = dated(Vec::new(), "Lingminban sandbox CA", now)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn leaf(names: Vec<String>, now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = dated(names, "Lingminban sandbox", now)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn dated(
    names: Vec<String>,
    common_name: &str,
    now: Timestamp,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    let day = |at: Timestamp| {
        let date = at.to_zoned_datetime(TimeZone::UTC).date();
        // Years a certificate can be written with.
        let year = date.year().clamp(1970, 9999);
        let part = |number: i8| number.unsigned_abs();
        rcgen::date_time_ymd(year.into(), part(date.month()), part(date.day()))
    };
    params.not_before = day(now.saturating_sub(GRACE).unwrap_or(now));
    params.not_after = day(now.saturating_add(VALIDITY).unwrap_or(now));
    Ok(params)
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn certificate_and_key_are_told_apart_when_wrong() {
        let (certificate, key) = made();
        let (_, other) = made();
        let from = |certificate: &str, key: &str| {
            let made = Tls::from_pem(certificate.as_bytes(), key.as_bytes());
            made.map_err(|error| error.to_string())
        };
        assert!(from(&certificate, &key).is_ok());
        for (certificate, key, told) in [
            ("", key.as_str(), "certificates are not PEM"),
            (&key, &key, "certificates are not PEM"),
            (&certificate, "", "not a usable PEM key"),
            (&certificate, &certificate, "not a usable PEM key"),
            (&certificate, &other, "do not belong together"),
        ] {
            let error = from(certificate, key).unwrap_err();
            assert!(error.contains(told), "{error}");
            assert!(!error.contains(&key[..key.len().min(40)]) || key.is_empty());
        }
    }

    #[test]
    fn names_that_cannot_stand_in_a_certificate_are_refused() {
        let now = Timestamp::UNIX_EPOCH;
        assert!(Tls::self_signed(["沙箱.example"], now).is_err());
        assert!(Tls::self_signed(["sandbox.example", "192.0.2.7"], now).is_ok());
    }
}
