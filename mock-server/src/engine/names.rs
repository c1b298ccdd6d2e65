//! 主机名: what a sandbox is called, so that no foreign web page commands it through somebody's browser.
//!
//! On its own machine a sandbox without an admin token is commanded by whoever reaches it, and every page
//! open in a browser there does. A browser says by `Origin` which site a page is of; and where a site's
//! name is made to lead to this machine (DNS rebinding), `Host` still tells the name.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};

/// The hosts a sandbox is known under.
#[derive(Clone, Debug, Default)]
pub struct Names {
    hosts: Vec<String>,
    /// Scheme and authority of the public address.
    public: Option<(String, Authority)>,
}

impl Names {
    /// A sandbox with a public address and other names beside; its own machine's names are known always.
    #[must_use]
    pub fn new<'a>(public_url: Option<&str>, others: impl IntoIterator<Item = &'a str>) -> Self {
        let uri = public_url.and_then(|url| url.parse::<Uri>().ok());
        let public = uri.and_then(|uri| {
            let scheme = uri.scheme_str()?.to_owned();
            Some((scheme, uri.authority()?.clone()))
        });
        let of_public = public.iter().map(|(_, authority)| bare(authority.host()));
        let hosts = others.into_iter().map(bare).chain(of_public).collect();
        Self { hosts, public }
    }

    /// Whether a page of another site sends this. Programs send no `Origin`, and neither do browsers
    /// where a page only reads from its own site.
    pub(super) fn is_of_a_foreign_page(&self, headers: &HeaderMap) -> bool {
        let host = authority(headers.get(header::HOST));
        let is_ours = |origin: &HeaderValue| {
            let origin = origin.to_str().ok()?;
            let (scheme, from) = origin.split_once("://")?;
            let from = from.parse::<Authority>().ok()?;
            // Behind a proxy that ends TLS the scheme is not ours.
            let here = host.as_ref().is_some_and(|host| same(scheme, &from, host));
            let public = self.public.as_ref().is_some_and(|(known, public)| {
                known.eq_ignore_ascii_case(scheme) && same(scheme, &from, public)
            });
            Some(here || public)
        };
        let mut origins = headers.get_all(header::ORIGIN).iter();
        !origins.all(|origin| is_ours(origin).unwrap_or(false))
    }

    /// Whether this is sent to a host of the sandbox. What has no host comes from no browser.
    pub(super) fn are_asked(&self, headers: &HeaderMap) -> bool {
        headers.get_all(header::HOST).iter().all(|host| {
            authority(Some(host)).is_some_and(|authority| {
                let host = bare(authority.host());
                is_this_machine(&host) || self.hosts.contains(&host)
            })
        })
    }
}

fn authority(host: Option<&HeaderValue>) -> Option<Authority> {
    host?.to_str().ok()?.parse().ok()
}

/// Whether two authorities are one under a scheme, whose port need not be told.
fn same(scheme: &str, one: &Authority, other: &Authority) -> bool {
    let usual = if scheme.eq_ignore_ascii_case("https") {
        443
    } else {
        80
    };
    let port = |authority: &Authority| authority.port_u16().unwrap_or(usual);
    one.host().eq_ignore_ascii_case(other.host()) && port(one) == port(other)
}

/// A host as it is compared: in lower case, without brackets and the dot of a whole name.
fn bare(host: &str) -> String {
    let host = host.trim_matches(['[', ']']);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// The names that lead to the own machine wherever they are asked for (RFC 6761 §6.3).
fn is_this_machine(host: &str) -> bool {
    let address = host.parse::<IpAddr>().map(|address| address.to_canonical());
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let fields = fields.iter().map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        fields.collect()
    }

    #[test]
    fn own_pages_and_programs_are_no_foreign_pages() {
        let names = Names::new(Some("https://sandbox.example/under"), ["box"]);
        let foreign = |host: &str, origin: &str| {
            names.is_of_a_foreign_page(&headers(&[("host", host), ("origin", origin)]))
        };
        for (host, origin) in [
            ("localhost:8080", "http://localhost:8080"),
            ("LOCALHOST:8080", "http://localhost:8080"),
            ("127.0.0.1", "http://127.0.0.1"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("box:80", "http://box"),
            ("box", "https://box:443"),
            // A proxy asks for another host than the browser did.
            ("127.0.0.1:8080", "https://sandbox.example"),
        ] {
            assert!(!foreign(host, origin), "{host} {origin}");
        }
        for (host, origin) in [
            ("localhost:8080", "null"),
            ("localhost:8080", ""),
            ("localhost:8080", "http://localhost"),
            ("localhost:8080", "http://localhost:3000"),
            ("localhost:8080", "http://127.0.0.1:8080"),
            ("localhost:8080", "https://evil.example"),
            ("localhost:8080", "localhost:8080"),
            ("localhost:8080", "http://localhost:8080/"),
            ("127.0.0.1:8080", "http://sandbox.example"),
        ] {
            assert!(foreign(host, origin), "{host} {origin}");
        }
        assert!(!names.is_of_a_foreign_page(&headers(&[("host", "anything")])));
        let homeless = |origin| names.is_of_a_foreign_page(&headers(&[("origin", origin)]));
        assert!(homeless("http://localhost"));
        assert!(!homeless("https://sandbox.example"));
        let mut two = headers(&[("host", "box"), ("origin", "http://box")]);
        two.append("origin", HeaderValue::from_static("http://evil.example"));
        assert!(names.is_of_a_foreign_page(&two));
    }

    #[test]
    fn a_sandbox_knows_its_machine_and_its_own_names() {
        let names = Names::new(Some("https://sandbox.example:8443/"), ["Box", "::7"]);
        let asked = |host: &str| names.are_asked(&headers(&[("host", host)]));
        for own in [
            "localhost",
            "localhost:8080",
            "localhost.:1",
            "LocalHost",
            "a.b.localhost:8080",
            "127.0.0.1:8080",
            "127.1.2.3",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
            "sandbox.example",
            "sandbox.example:9",
            "box",
            "[::7]",
        ] {
            assert!(asked(own), "{own}");
        }
        for foreign in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "128.0.0.1",
            "0.0.0.0",
            "[::2]",
            "",
            "local host",
        ] {
            assert!(!asked(foreign), "{foreign}");
        }
        assert!(names.are_asked(&HeaderMap::new()));
    }
}
