//! What is checked of the options before anything is started.

use http::{Uri, uri::Authority};
use reqwest::Url;
use secrecy::ExposeSecret;

use crate::sandbox::Options;

/// 选项有误: an option that cannot work. It never tells the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongOption {
    /// No request could ever show the admin token.
    #[error(
        "管理令牌须为可见 ASCII 字符，不能为空，首尾不能有空格，否则任何请求头都带不了它；不需要令牌时请去掉 \
         --admin-token 或 LINGMINBAN_SANDBOX_ADMIN_TOKEN。 / The admin token must be visible ASCII, not \
         empty, with no space at either end: no header could carry it. To do without one, leave \
         --admin-token or LINGMINBAN_SANDBOX_ADMIN_TOKEN out."
    )]
    AdminToken,
    /// Nobody could reach the sandbox under the public address.
    #[error(
        "--public-url 须为完整的网址，以 http:// 或 https:// 开头，不带用户名、密码、? 和 #，如 \
         https://sandbox.example。 / The public URL must be a whole address that begins with http:// or \
         https://, without user, password, query or fragment, such as https://sandbox.example."
    )]
    PublicUrl,
}

impl Options {
    /// Whether they can work, as far as that can be told without starting anything.
    ///
    /// # Errors
    /// The first option that cannot.
    pub fn check(&self) -> Result<(), WrongOption> {
        let token = self.admin_token.as_ref().map(ExposeSecret::expose_secret);
        if !token.is_none_or(fits_a_header) {
            return Err(WrongOption::AdminToken);
        }
        if !self.public_url.as_deref().is_none_or(is_address) {
            return Err(WrongOption::PublicUrl);
        }
        Ok(())
    }
}

/// Whether a token arrives as it was sent: HTTP trims spaces, and whoever reads bytes beyond ASCII
/// guesses what they mean.
fn fits_a_header(token: &str) -> bool {
    !token.is_empty()
        && token.trim() == token
        && token.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// `Url` alone mends what is wrong (`http:nope`), `Uri` alone reads any port and drops a fragment.
fn is_address(text: &str) -> bool {
    let uri = text.parse::<Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.query().is_none()
            && uri.authority().is_some_and(is_bare)
    });
    uri.is_some() && !text.contains('#') && Url::parse(text).is_ok()
}

fn is_bare(authority: &Authority) -> bool {
    !authority.host().is_empty() && !authority.as_str().contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_no_header_carries_is_refused() {
        let check = |token: &str| {
            let options = Options {
                admin_token: Some(token.into()),
                ..Options::default()
            };
            options.check()
        };
        for good in ["x", "open-sesame", "for this test", "!~\"'%"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for wrong in [
            "",
            " ",
            "\t",
            " a",
            "a ",
            "a\n",
            "a\tb",
            "芝麻开门",
            "caf\u{e9}",
            "\u{7f}",
        ] {
            assert_eq!(check(wrong), Err(WrongOption::AdminToken), "{wrong:?}");
        }
    }

    #[test]
    fn a_public_address_is_whole_and_bare() {
        let check = |url: &str| {
            let options = Options {
                public_url: Some(url.to_owned()),
                ..Options::default()
            };
            options.check()
        };
        for good in [
            "http://sandbox",
            "https://sandbox.example",
            "https://sandbox.example/",
            "http://sandbox.example:8080/under/a/path",
            "http://192.0.2.7:80",
            "http://[2001:db8::7]:8080",
            "HTTPS://sandbox.example",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for wrong in [
            "",
            "nope",
            "sandbox.example:8080",
            "/path",
            "//sandbox.example",
            "http:",
            "http:nope",
            "http://",
            "http:///path",
            "http://:8080",
            "http://sandbox:99999",
            "http://sandbox:port",
            "ftp://sandbox.example",
            "file:///etc",
            "http://user@sandbox.example",
            "http://user:secret@sandbox.example",
            "http://sandbox.example?a",
            "http://sandbox.example/?a=b",
            "http://sandbox.example#a",
            "http://sandbox.example/#",
            " http://sandbox.example",
            "http://sand box.example",
        ] {
            assert_eq!(check(wrong), Err(WrongOption::PublicUrl), "{wrong}");
        }
    }
}
