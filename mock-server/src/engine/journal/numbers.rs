//! Where in a text the numbers of people stand, however they are written: 公民身份号码 of 18 digits
//! and, from before 1999, of 15, and 手机号码 with or without the country's prefix.
//!
//! A text is read as chains of groups of digits: groups are of one chain while nothing but
//! separators stands between them. The longest row of groups that makes one of the numbers is one.

use std::ops::Range;

use jiff::civil::Date;
use lingminban::identifiers::Vin;

/// The longest of the numbers, in digits.
const LONGEST: usize = 18;
/// The shortest.
const SHORTEST: usize = 11;
/// So many characters may separate two groups: ` - ` does.
const WIDEST_GAP: usize = 3;

/// Letters on one side of a number; a text of 64 KiB may be one word.
const LONGEST_WORD: usize = 64;

/// The numbers' places, in bytes, in their order.
pub(super) fn numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !has_digits_enough(text) {
        return found;
    }
    let mut chain = Chain::default();
    let mut gap = 0;
    for (at, character) in text.char_indices() {
        if let Some(digit) = digit(character) {
            chain.add(digit, at..at + character.len_utf8());
            gap = 0;
        } else if gap < WIDEST_GAP && is_separator(character) {
            gap += 1;
        } else {
            chain.find(text, &mut found);
            chain.clear();
            gap = 0;
        }
    }
    chain.find(text, &mut found);
    found
}

/// One look at the bytes tells most texts: a full-width digit begins with `EF`.
fn has_digits_enough(text: &str) -> bool {
    let digits = text
        .bytes()
        .filter(|byte| byte.is_ascii_digit() || *byte == 0xEF);
    digits.take(SHORTEST).count() == SHORTEST
}

/// The digit as ASCII has it.
fn digit(character: char) -> Option<u8> {
    let full_width = u32::from(character).wrapping_sub(u32::from('０'));
    match u8::try_from(full_width) {
        Ok(value @ 0..=9) => Some(b'0' + value),
        _ => u8::try_from(character).ok().filter(u8::is_ascii_digit),
    }
}

/// Spaces, those without width too, and what people write between the parts of a number.
fn is_separator(character: char) -> bool {
    matches!(
        character,
        ' ' | '\t' | '-' | '.' | '_' | '+' | '/' | '(' | ')' | '\u{A0}' | '·' | '\u{2000}'
            ..='\u{2015}'
                | '\u{2060}'
                | '\u{2212}'
                | '\u{3000}'
                | '・'
                | '（'
                | '）'
                | '－'
                | '．'
                | '\u{FEFF}'
    )
}

#[derive(Default)]
struct Chain {
    digits: Vec<u8>,
    groups: Vec<Group>,
}

/// Digits that stand together.
struct Group {
    /// Where in the text.
    place: Range<usize>,
    /// Where in the chain its digits begin.
    first: usize,
}

impl Chain {
    fn add(&mut self, digit: u8, place: Range<usize>) {
        match self.groups.last_mut() {
            Some(last) if last.place.end == place.start => last.place.end = place.end,
            _ => self.groups.push(Group {
                place,
                first: self.digits.len(),
            }),
        }
        self.digits.push(digit);
    }

    fn clear(&mut self) {
        self.digits.clear();
        self.groups.clear();
    }

    fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        let mut from = 0;
        while from < self.groups.len() {
            let most = self.groups.len().min(from + LONGEST);
            let upto = (from + 1..=most).rev();
            let number = upto
                .filter_map(|upto| self.row(text, from, upto).map(|row| (upto, row)))
                .find_map(|(upto, row)| Some((upto, row.number()?)));
            match number {
                Some((upto, place)) => {
                    found.push(place);
                    from = upto;
                }
                None => from += 1,
            }
        }
    }

    /// Some groups side by side, if they have as many digits as a number.
    fn row<'a>(&'a self, text: &'a str, from: usize, upto: usize) -> Option<Row<'a>> {
        let groups = self.groups.get(from..upto)?;
        let first = groups.first()?.first;
        let end = self
            .groups
            .get(upto)
            .map_or(self.digits.len(), |it| it.first);
        let digits = self.digits.get(first..end)?;
        (SHORTEST..=LONGEST).contains(&digits.len()).then_some(Row {
            text,
            digits,
            groups,
        })
    }
}

struct Row<'a> {
    text: &'a str,
    digits: &'a [u8],
    groups: &'a [Group],
}

impl Row<'_> {
    /// The place of the number that this is.
    fn number(&self) -> Option<Range<usize>> {
        let place = self.groups.first()?.place.start..self.groups.last()?.place.end;
        // One point alone is a decimal point.
        if let [one, other] = self.groups
            && self.text.get(one.place.end..other.place.start) == Some(".")
        {
            return None;
        }
        match self.digits.len() {
            17 => {
                let rest = self.text.get(place.end..)?;
                let check = rest.chars().next().filter(|it| "XxＸｘ".contains(*it))?;
                let place = place.start..place.end + check.len_utf8();
                self.is_identity(&place).then_some(place)
            }
            18 => self.is_identity(&place).then_some(place),
            15 => (self.is_mobile(b"0086") || self.is_old_identity())
                .then_some(place)
                .filter(|place| self.stands_alone(place)),
            13 => self
                .is_mobile(b"86")
                .then_some(place)
                .filter(|place| self.stands_alone(place)),
            11 => self
                .is_mobile(b"")
                .then_some(place)
                .filter(|place| self.stands_alone(place)),
            _ => None,
        }
    }

    /// One group of this length is one whatever its digits say, for they may be mistyped, unless it
    /// is part of a longer code.
    fn is_identity(&self, place: &Range<usize>) -> bool {
        let is_one = self.groups.len() == 1;
        if self.is_of_a_province() && self.has_date(6, None) {
            is_one || self.stands_alone(place)
        } else {
            is_one && self.word_around(place) == *place
        }
    }

    /// Many other numbers have 15 digits, so these must say where and when somebody was born.
    fn is_old_identity(&self) -> bool {
        self.is_of_a_province() && self.has_date(6, Some(1900))
    }

    /// The first two digits by GB/T 2260.
    fn is_of_a_province(&self) -> bool {
        matches!(
            self.value(0, 2),
            11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91
        )
    }

    /// Whether there is a day at some place, its year in four digits or in two of a century.
    fn has_date(&self, at: usize, century: Option<i16>) -> bool {
        let (year, at) = match century {
            Some(century) => (century + self.value(at, 2), at + 2),
            None => (self.value(at, 4), at + 4),
        };
        let part = |at| i8::try_from(self.value(at, 2)).unwrap_or(i8::MAX);
        (1900..=2099).contains(&year) && Date::new(year, part(at), part(at + 2)).is_ok()
    }

    fn value(&self, at: usize, length: usize) -> i16 {
        let digits = self.digits.iter().skip(at).take(length);
        digits.fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0'))
    }

    /// After the prefix, 1 and a digit from 3, in groups of three or more or digit by digit: what has
    /// a group of two is a date, a time or a counter.
    fn is_mobile(&self, prefix: &[u8]) -> bool {
        let Some([b'1', b'3'..=b'9', ..]) = self.digits.strip_prefix(prefix) else {
            return false;
        };
        let first = self.groups.first().map_or(0, |group| group.first);
        let begins = self.groups.iter().map(|group| group.first - first);
        let mut bounds = vec![prefix.len()];
        bounds.extend(begins.filter(|begin| *begin > prefix.len()));
        bounds.push(self.digits.len());
        let lengths = || bounds.windows(2).map(|pair| pair[1] - pair[0]);
        lengths().all(|length| length >= 3) || lengths().all(|length| length == 1)
    }

    /// Whether the letters that touch a number are a word (`tel139…`) rather than part of a hash, an
    /// id or a VIN.
    fn stands_alone(&self, place: &Range<usize>) -> bool {
        let around = self.word_around(place);
        let is_word = |letters: &[u8]| {
            letters.iter().all(u8::is_ascii_alphabetic)
                && letters.iter().any(|letter| !letter.is_ascii_hexdigit())
        };
        let sides = [around.start..place.start, place.end..around.end];
        sides.into_iter().all(|side| {
            let letters = self.text.as_bytes().get(side).unwrap_or_default();
            letters.is_empty() || is_word(letters)
        }) && self
            .text
            .get(around)
            .is_none_or(|word| Vin::imported(word).is_err())
    }

    /// A place with the letters and digits that touch it, as far as it takes to tell a word.
    fn word_around(&self, place: &Range<usize>) -> Range<usize> {
        let (before, rest) = self.text.as_bytes().split_at(place.start);
        let after = rest.iter().skip(place.len());
        let is_of_word = |byte: &&u8| byte.is_ascii_alphanumeric();
        let before = before.iter().rev().take(LONGEST_WORD);
        let after = after.take(LONGEST_WORD);
        place.start - before.take_while(is_of_word).count()
            ..place.end + after.take_while(is_of_word).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        numbers(text).into_iter().map(|it| &text[it]).collect()
    }

    #[test]
    fn numbers_of_people_are_found_however_they_are_written() {
        for number in [
            "13912345678",
            "139 1234 5678",
            "139-1234-5678",
            "139.1234.5678",
            "139 - 1234 - 5678",
            "139\u{3000}1234\u{2013}5678",
            "1391234 5678",
            "139 123 45678",
            "1 3 9 1 2 3 4 5 6 7 8",
            "8613912345678",
            "86 139 1234 5678",
            "86-13912345678",
            "86)139-1234-5678",
            "008613912345678",
            "0086139 1234 5678",
            "１３９１２３４５６７８",
            "１３９ 1234 ５６７８",
            "370399199001011234",
            "37039919900101123X",
            "37039919900101123ｘ",
            "370399 19900101 1234",
            "370399-1990-01-01-123X",
            "3703 9919 9001 0112 34",
            "３７０３９９１９９００１０１１２３４",
            "370399900101123",
            "370399 900101 123",
        ] {
            for (before, after) in [
                ("", ""),
                ("+", "。"),
                ("请致电", "或来人"),
                ("(", ")"),
                ("2026-03-02 ", " 09:00"),
                ("tel", ""),
                ("No.: ", "; 1"),
                ("x-", "-y"),
            ] {
                let text = format!("{before}{number}{after}");
                let found = found(&text);
                assert_eq!(found, [number], "{text}");
            }
        }
        assert_eq!(
            found("phone13912345678 and id370399199001011234"),
            ["13912345678", "370399199001011234"]
        );
        assert_eq!(
            found("370399199001011234 13912345678/13812345678"),
            ["370399199001011234", "13912345678", "13812345678"]
        );
    }

    #[test]
    fn an_identity_number_may_be_mistyped() {
        let text = "370399199013011234（370399199913011 23x）37039919901301123X";
        assert_eq!(found(text), ["370399199013011234", "37039919901301123X"]);
    }

    /// Would take minutes if it were not looked at once.
    #[test]
    fn a_long_chain_is_no_trouble() {
        let text = format!("{}13912345678", "0 ".repeat(200_000));
        assert!(found(&text) == ["13912345678"]);
        let text = format!("{}13912345678", "a13912345678".repeat(50_000));
        assert!(found(&text).is_empty());
    }

    #[test]
    fn a_trunk_zero_is_none_of_a_number() {
        assert_eq!(found("0086 (0) 13912345678"), ["13912345678"]);
    }

    #[test]
    fn other_numbers_are_not() {
        for text in [
            // 业务流水号, event ids, request ids, draws.
            "9465000000001",
            "1391000000001",
            "evt-9465000000001",
            "req-000000000012",
            "req-x00000000012",
            "draw-000001",
            // Invoices, certificates, policies, credit codes, plates, engines.
            "26372000000012345678",
            "137032520001",
            "370399000037",
            "WZZT1234567890",
            "PDZA202637030000000001",
            "91370303MA3C00001X",
            "鲁C12345",
            "TE15T600001",
            // VINs, one with 11 digits at its end.
            "LZZTEST10N1000001",
            "LZZTES13912345678",
            // Times.
            "2026-03-02T09:00:00+08:00",
            "2026-03-02 09:00:00.123456",
            "1990-03-07 123 4567",
            "20260302090000",
            "1772413200",
            "1772413200123",
            "1772413200123456",
            "1772413200123456789",
            "1772413200-0001",
            "1772413200-1",
            "1772413200.12345",
            "1772413200-10115",
            // Keys and hashes.
            "13912345-6781-4321-8765-123456789012",
            "c0ffee00-1391-2345-678a-0123456789ab",
            "00000000-0000-4000-8000-13912345678a",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-0af13912345678dd8448eb211c80319c-b9c7c989f97918e1-01",
            "e3b0c44298fc1c149afbf4c8996fb92427ae13912345678b934ca495991b7852b855",
            // Amounts, addresses, ports, and what is too long or too short.
            "12980000",
            "139.12345678",
            "127.0.0.1:50139 127.0.0.1:51234",
            "12345678901",
            "139123456789",
            "1391234567",
            "123456789012345",
            "370399901301123",
            "",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
