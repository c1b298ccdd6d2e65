//! Names and street addresses: free text with a few limits.

use super::{IdentifierError, newtype::identifier};

const NAME_LENGTH: IdentifierError = IdentifierError::new(
    "length",
    None,
    "姓名或单位名称应为1至64个字，请缩短为证件上的名称。",
    "A name has 1 to 64 characters: shorten it to what the certificate says.",
);
const ADDRESS_LENGTH: IdentifierError = IdentifierError::new(
    "length",
    None,
    "详细地址应为1至128个字，请缩短。",
    "A street address has 1 to 128 characters: shorten it.",
);
const BLANK: IdentifierError = IdentifierError::new(
    "blank",
    None,
    "此项不能为空白，请填写证件上的内容。",
    "This must not be blank: fill in what the certificate says.",
);
const OUTER_SPACE: IdentifierError = IdentifierError::new(
    "outer_space",
    None,
    "首尾有空格，请删除后重新提交。",
    "There is white space at the beginning or the end: remove it and submit again.",
);
const CONTROL_CHARACTER: IdentifierError = IdentifierError::new(
    "control_character",
    None,
    "含有换行、制表、零宽等不可见字符，请删除后重新提交。",
    "There are characters that cannot be seen, such as line breaks, tabs or zero-width ones: remove them and submit again.",
);

/// What [`is_unseen`] leaves, as a pattern.
#[cfg(feature = "schema")]
const SEEN: &str = r"^[^\u0000-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]+$";

/// Whether nobody sees the character: controls, and what orders, joins or marks characters without a shape
/// of its own, so that two names that look the same are the same.
const fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{0}'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
    )
}

fn free_text(
    text: &str,
    max: usize,
    too_long: IdentifierError,
) -> Result<Box<str>, IdentifierError> {
    let core = text.trim();
    if core.is_empty() {
        return Err(BLANK);
    }
    if text.contains(is_unseen) {
        return Err(CONTROL_CHARACTER);
    }
    if core.len() != text.len() {
        return Err(OUTER_SPACE);
    }
    if text.chars().count() > max {
        return Err(too_long);
    }
    Ok(text.into())
}

identifier! {
    /// The name of a person or an organisation (姓名/单位名称): 1 to 64 characters, none that
    /// nobody sees, no white space at either end. Rare characters and the dot inside minority
    /// names are kept as they are.
    personal struct PersonName(Box<str>);
    parse: PersonName::parse,
    wire: PersonName::parse,
    format: "person-name",
    schema: {
        description: "姓名或单位名称，1至64个字，首尾无空格，不含不可见字符。",
        length: 1..=64,
        pattern: Some(SEEN),
        ga_field: None,
        examples: ["张三", "淄博测试汽车销售有限公司"],
    },
}

impl PersonName {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        free_text(text, 64, NAME_LENGTH).map(Self)
    }
}

identifier! {
    /// A street address (详细地址): 1 to 128 characters, none that nobody sees, no white space at
    /// either end.
    personal struct Address(Box<str>);
    parse: Address::parse,
    wire: Address::parse,
    format: "address",
    schema: {
        description: "详细地址，1至128个字，首尾无空格，不含不可见字符。",
        length: 1..=128,
        pattern: Some(SEEN),
        ga_field: Some("xxdz"),
        examples: ["张店区测试路1号"],
    },
}

impl Address {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        free_text(text, 128, ADDRESS_LENGTH).map(Self)
    }
}
