//! The TLS configuration: rustls with ring, handed over complete.
//!
//! A provider installed process-wide would decide for the whole program; this one is ours alone.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use secrecy::ExposeSecret;

use super::config::{ClientIdentity, ConfigError, Setting};

/// Whose certificates to trust and whose to show.
pub(super) struct TlsSettings<'a> {
    /// Whether TLS is going to be used at all; without it the system's store is not read.
    pub(super) needed: bool,
    pub(super) extra_roots: &'a [Vec<u8>],
    pub(super) identity: Option<&'a ClientIdentity>,
}

pub(super) fn configuration(settings: &TlsSettings<'_>) -> Result<ClientConfig, ConfigError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| {
            ConfigError::new(
                Setting::Tls,
                "没有可用的 TLS 版本",
                "no TLS version is available",
            )
        })?
        .with_root_certificates(roots(settings)?);
    let mut configuration = match settings.identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = identity_of(identity, &provider)?;
            builder.with_client_auth_cert(chain, key).map_err(|_| {
                ConfigError::new(
                    Setting::ClientCertificate,
                    "客户端证书与私钥不匹配",
                    "client certificate and key do not belong together",
                )
            })?
        }
    };
    // reqwest leaves the protocols of a configuration it is given alone.
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(configuration)
}

fn roots(settings: &TlsSettings<'_>) -> Result<RootCertStore, ConfigError> {
    let mut store = RootCertStore::empty();
    for pem in settings.extra_roots {
        add_pem(&mut store, pem)?;
    }
    if settings.needed {
        // A store with a few unreadable certificates is normal; only an empty one is an error.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            return Err(ConfigError::new(
                Setting::Tls,
                "系统中没有可信根证书；请安装 ca-certificates 或配置 CA 文件",
                "the system has no trusted roots; install ca-certificates or configure a CA file",
            ));
        }
    }
    Ok(store)
}

fn add_pem(store: &mut RootCertStore, pem: &[u8]) -> Result<(), ConfigError> {
    let unreadable = || {
        ConfigError::new(
            Setting::CaCertificate,
            "不是 PEM 格式的 CA 证书",
            "this is not a CA certificate in PEM form",
        )
    };
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| unreadable())?;
        store.add(certificate).map_err(|_| unreadable())?;
        found = true;
    }
    if found { Ok(()) } else { Err(unreadable()) }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity_of(
    identity: &ClientIdentity,
    provider: &CryptoProvider,
) -> Result<Identity, ConfigError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&identity.certificates_pem)
        .collect::<Result<_, _>>()
        .unwrap_or_default();
    if chain.is_empty() {
        return Err(ConfigError::new(
            Setting::ClientCertificate,
            "不是 PEM 格式的客户端证书",
            "this is not a client certificate in PEM form",
        ));
    }
    let unusable = || {
        ConfigError::new(
            Setting::ClientKey,
            "不是可用的 PEM 格式私钥（PKCS#8、PKCS#1 或 SEC1，未加密）",
            "this is not a usable private key in PEM form (PKCS#8, PKCS#1 or SEC1, not encrypted)",
        )
    };
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.expose_secret().as_bytes())
        .map_err(|_| unusable())?;
    provider
        .key_provider
        .load_private_key(key.clone_key())
        .map_err(|_| unusable())?;
    Ok((chain, key))
}
