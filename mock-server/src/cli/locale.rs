//! 语言: which of the two languages the user reads.

use lingminban::text::Language;

/// The first of these that is set and not empty decides; ours, because Windows has none of the others.
const VARIABLES: [&str; 4] = ["LINGMINBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];

/// The language of the surroundings: Chinese for `zh…`, English for everything else.
pub(super) fn language(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    match VARIABLES.into_iter().find_map(set) {
        Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => Language::Chinese,
        _ => Language::English,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_something_decides() {
        for (set, expected) in [
            (&[][..], Language::English),
            (&[("LANG", "zh_CN.UTF-8")], Language::Chinese),
            (&[("LANG", "ZH")], Language::Chinese),
            (&[("LANG", "C.UTF-8")], Language::English),
            (
                &[("LC_ALL", "en_GB.UTF-8"), ("LANG", "zh_CN.UTF-8")],
                Language::English,
            ),
            (
                &[("LC_ALL", ""), ("LC_MESSAGES", "zh_CN"), ("LANG", "C")],
                Language::Chinese,
            ),
            (
                &[("LC_MESSAGES", "fr_FR"), ("LANG", "zh_CN")],
                Language::English,
            ),
            (
                &[("LINGMINBAN_LANG", "zh"), ("LC_ALL", "C")],
                Language::Chinese,
            ),
        ] {
            let variable = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(language(variable), expected, "{set:?}");
        }
    }
}
