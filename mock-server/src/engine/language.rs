//! Which language a caller is told things in.

use http::{HeaderMap, header};
use lingminban::text::Language;

/// The language a caller prefers; Chinese unless English is asked for more (RFC 9110 §12.5.4).
#[must_use]
pub fn preferred(headers: &HeaderMap) -> Language {
    let Some(ranges) = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
    else {
        return Language::Chinese;
    };
    let weight = |wanted: &str| {
        ranges
            .split(',')
            .filter_map(|range| {
                let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
                let primary = tag.trim().split('-').next()?;
                let weight = weight.trim().strip_prefix("q=")?.parse::<f32>().ok()?;
                primary.eq_ignore_ascii_case(wanted).then_some(weight)
            })
            .fold(0.0_f32, f32::max)
    };
    if weight("en") > weight("zh") {
        Language::English
    } else {
        Language::Chinese
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_must_be_preferred_to_be_spoken() {
        let spoken = |ranges: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, ranges.parse().unwrap());
            preferred(&headers)
        };
        assert_eq!(preferred(&HeaderMap::new()), Language::Chinese);
        for english in ["en", "en-GB,en;q=0.9,zh;q=0.8", "EN;q=0.5", "fr, en;q=0.1"] {
            assert_eq!(spoken(english), Language::English, "{english}");
        }
        for chinese in [
            "zh-CN,en;q=0.9",
            "zh,en",
            "*",
            "",
            "en;q=0",
            "en;q=x",
            ";;,=,",
        ] {
            assert_eq!(spoken(chinese), Language::Chinese, "{chinese}");
        }
    }
}
