//! Plate number (号牌号码), GA 36-2018.

use super::{IdentifierError, newtype::identifier};
use crate::codes::PlateKind;

const STANDARD: Option<&str> = Some("GA 36-2018");

const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";
/// Spellings of the dot that people type between agency and serial.
const DOTS: &[char] = &['·', '•', '‧', '・', '･'];
/// Longest input looked at, in characters; the longest number is 8, the rest are separators.
const MAX_INPUT: usize = 32;
/// Longest canonical form, in bytes: a province, six letters or digits and a suffix need 12.
const CAPACITY: usize = 15;

const LENGTH: IdentifierError = IdentifierError::new(
    "length",
    STANDARD,
    "号牌号码位数不对：普通号牌7位（如鲁C12345），新能源号牌8位（如鲁CD12345）；请填写含省份简称的完整号码。",
    "The plate number has the wrong length: an ordinary one has 7 characters (鲁C12345), a new-energy one 8 (鲁CD12345); give it in full, with the province.",
);
const PROVINCE: IdentifierError = IdentifierError::new(
    "province",
    STANDARD,
    "号牌号码应以省、自治区、直辖市简称开头（如“鲁”），请核对第一个字。",
    "A plate number begins with the short name of a province, such as 鲁: check the first character.",
);
const AGENCY_LETTER: IdentifierError = IdentifierError::new(
    "agency_letter",
    STANDARD,
    "号牌号码第2位应为发牌机关代号（除I以外的字母，淄博为C），请核对。",
    "The second character of a plate number is the letter of the issuing agency, never I (Zibo is C): check it.",
);
const CHARSET: IdentifierError = IdentifierError::new(
    "charset",
    STANDARD,
    "号牌序号只能由数字和除I、O以外的字母组成，请检查是否把1录成I、把0录成O。",
    "The serial of a plate number consists of digits and letters other than I and O: check for I in place of 1, or O in place of 0.",
);
const NEW_ENERGY_CLASS: IdentifierError = IdentifierError::new(
    "new_energy_class",
    STANDARD,
    "8位号牌号码不符合新能源号牌规则：小型车第3位、大型车最后一位应为A、B、C、D、E、F、G、H、J、K之一，其余为数字（小型车第4位可为字母）；如为普通号牌应为7位。",
    "Eight characters are a new-energy plate: the third (small) or the last (large) must be one of A B C D E F G H J K and the others digits (the fourth of a small one may be a letter); an ordinary plate has 7.",
);
const CROSS_BORDER: IdentifierError = IdentifierError::new(
    "cross_border",
    STANDARD,
    "港、澳入出境车号牌应以“粤Z”开头，请核对。",
    "Plates of Hong Kong and Macao cross-border vehicles begin with 粤Z: check it.",
);
const KIND_NEEDS_NEW_ENERGY: IdentifierError = IdentifierError::new(
    "plate_kind",
    STANDARD,
    "号牌种类为新能源（51大型、52小型），但号牌号码不是相应的8位新能源号牌；请核对号牌种类或号码是否漏录。",
    "The plate kind is new-energy (51 large, 52 small) but the number is no such 8-character number: correct the kind, or a character is missing.",
);
const NUMBER_IS_NEW_ENERGY: IdentifierError = IdentifierError::new(
    "plate_kind",
    STANDARD,
    "号牌号码为8位新能源号牌，号牌种类应为51（大型新能源）或52（小型新能源）；请核对。",
    "The number has the 8 characters of a new-energy plate, so the plate kind must be 51 (large) or 52 (small): correct one of them.",
);
const UNPLATED: IdentifierError = IdentifierError::new(
    "plate_kind",
    None,
    "号牌种类为41（无号牌）的车辆没有号牌号码，请不要填写号牌号码。",
    "A vehicle of plate kind 41 (no plate) has no plate number: leave the number out.",
);
const KIND_MISMATCH: IdentifierError = IdentifierError::new(
    "plate_kind",
    STANDARD,
    "号牌号码的形式与号牌种类不符（如挂车应以“挂”结尾、教练车以“学”结尾、警车以“警”结尾），请核对号牌种类和号码。",
    "The form of the plate number does not fit the plate kind (trailers end in 挂, learner vehicles in 学, police in 警): correct the kind or the number.",
);

/// At most [`CAPACITY`] bytes of text, held in place. Unused bytes are zero, so that equality
/// and order are those of the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Inline {
    bytes: [u8; CAPACITY],
    length: u8,
}

impl Inline {
    fn of(chars: &[char]) -> Option<Self> {
        let mut inline = Self {
            bytes: [0; CAPACITY],
            length: 0,
        };
        let mut length = 0;
        for character in chars {
            let end = length + character.len_utf8();
            character.encode_utf8(inline.bytes.get_mut(length..end)?);
            length = end;
        }
        inline.length = u8::try_from(length).ok()?;
        Some(inline)
    }
}

impl AsRef<str> for Inline {
    fn as_ref(&self) -> &str {
        // Whole characters by construction; the default is never taken.
        let used = self.bytes.get(..usize::from(self.length));
        std::str::from_utf8(used.unwrap_or_default()).unwrap_or_default()
    }
}

identifier! {
    /// A plate number (号牌号码, field `hphm`) in its full form, province first: `鲁C12345`.
    ///
    /// Reading is forgiving where people are careless: spaces and the dot are dropped,
    /// full-width characters narrowed, lower case raised. A plate number alone does not
    /// identify a vehicle, a car and a motorcycle may share it: the key is plate kind and
    /// number, and [`fits`](Self::fits) says whether the two agree.
    #[derive(Copy)]
    public struct PlateNumber(Inline);
    parse: PlateNumber::parse,
    wire: PlateNumber::parse,
    format: "plate-number",
    schema: {
        description: "号牌号码，含省份简称的完整号码，GA 36-2018。空格、间隔点、全角和小写字母会被规范化。号牌号码须与号牌种类一起使用。",
        length: 5..=32,
        // None: what may be sent is wider than the canonical form.
        pattern: None,
        ga_field: Some("hphm"),
        examples: ["鲁C12345", "鲁CD12345", "鲁C1234挂"],
    },
}

impl PlateNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        let mut chars = ['\0'; 8];
        let mut count = 0;
        for (index, character) in text.chars().enumerate() {
            if index >= MAX_INPUT {
                return Err(LENGTH);
            }
            if character.is_whitespace() || DOTS.contains(&character) {
                continue;
            }
            *chars.get_mut(count).ok_or(LENGTH)? = normalise(character);
            count += 1;
        }
        let chars = &chars[..count];
        Layout::of(chars)?;
        Inline::of(chars).map(Self).ok_or(LENGTH)
    }

    /// Whether the number can carry a plate of this kind (号牌种类). Kinds whose layout is not
    /// settled in the sources (embassies, temporary entry, military, …) accept any number.
    ///
    /// # Errors
    /// `plate_kind`.
    pub fn fits(&self, kind: PlateKind) -> Result<(), IdentifierError> {
        use PlateKind as K;
        let layout = self.layout();
        let fits = match kind {
            K::LargeVehicle
            | K::SmallVehicle
            | K::Motorcycle
            | K::LightMotorcycle
            | K::LowSpeedVehicle => layout == Layout::Ordinary,
            K::LargeNewEnergy => layout == Layout::LargeNewEnergy,
            K::SmallNewEnergy => layout == Layout::SmallNewEnergy,
            K::Trailer => layout == Layout::Trailer,
            K::LearnerVehicle | K::LearnerMotorcycle => layout == Layout::Learner,
            K::PoliceVehicle | K::PoliceMotorcycle => layout == Layout::Police,
            K::HongKongCrossBorder => layout == Layout::HongKong,
            K::MacaoCrossBorder => layout == Layout::Macao,
            K::EmbassyVehicle | K::EmbassyMotorcycle => layout == Layout::Embassy,
            K::ConsulateVehicle | K::ConsulateMotorcycle => layout == Layout::Consulate,
            K::Unplated => return Err(UNPLATED),
            _ => true,
        };
        if fits {
            Ok(())
        } else if matches!(kind, K::LargeNewEnergy | K::SmallNewEnergy) {
            Err(KIND_NEEDS_NEW_ENERGY)
        } else if layout.is_new_energy() {
            Err(NUMBER_IS_NEW_ENERGY)
        } else {
            Err(KIND_MISMATCH)
        }
    }

    /// Whether this is a new-energy number (新能源号牌): 8 characters with a class letter.
    #[must_use]
    pub fn is_new_energy(&self) -> bool {
        self.layout().is_new_energy()
    }

    /// Whether a new-energy number is that of a pure electric vehicle (纯电动): class letter D, A, B,
    /// C or E; F, G, H, J and K are the others'. `None` for a number that is not new-energy.
    #[must_use]
    pub fn is_pure_electric(&self) -> Option<bool> {
        let class = match self.layout() {
            Layout::SmallNewEnergy => self.as_str().chars().nth(2),
            Layout::LargeNewEnergy => self.as_str().chars().last(),
            _ => None,
        };
        class.map(|class| matches!(class, 'D' | 'A' | 'B' | 'C' | 'E'))
    }

    /// Whether an ordinary serial has more than two letters, which is rare enough to ask the
    /// sender to look again, though not forbidden.
    #[must_use]
    pub fn has_unusual_serial(&self) -> bool {
        let serial = self.as_str().bytes().skip(4);
        self.layout() == Layout::Ordinary && serial.filter(u8::is_ascii_uppercase).count() > 2
    }

    /// The issuing authority (发证机关, field `fzjg`), province and letter, such as `鲁C` for
    /// Zibo; `None` for embassies and consulates.
    #[must_use]
    pub fn issuing_authority(&self) -> Option<&str> {
        match self.layout() {
            Layout::Embassy | Layout::Consulate => None,
            _ => self.as_str().get(..4),
        }
    }

    fn layout(&self) -> Layout {
        let mut chars = ['\0'; 8];
        let mut count = 0;
        for (slot, character) in chars.iter_mut().zip(self.as_str().chars()) {
            *slot = character;
            count += 1;
        }
        // Parsing has proved that the number has a layout; the default is never taken.
        Layout::of(&chars[..count]).unwrap_or(Layout::Ordinary)
    }
}

/// Full-width to half-width, lower case to upper case.
fn normalise(character: char) -> char {
    let narrow = match character {
        '！'..='～' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        _ => character,
    };
    narrow.to_ascii_uppercase()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Ordinary,
    SmallNewEnergy,
    LargeNewEnergy,
    Trailer,
    Learner,
    Police,
    HongKong,
    Macao,
    Embassy,
    Consulate,
    Trial,
    Temporary,
}

impl Layout {
    const fn is_new_energy(self) -> bool {
        matches!(self, Self::SmallNewEnergy | Self::LargeNewEnergy)
    }

    fn of(chars: &[char]) -> Result<Self, IdentifierError> {
        if let Some(mission) = mission(chars)? {
            return Ok(mission);
        }
        let [province, agency, rest @ ..] = chars else {
            return Err(LENGTH);
        };
        if !PROVINCES.contains(*province) {
            return Err(PROVINCE);
        }
        // O is an agency letter (once the police's) though never part of a serial.
        if !agency.is_ascii_uppercase() || *agency == 'I' {
            return Err(AGENCY_LETTER);
        }
        match rest.split_last() {
            Some((last, serial)) if !last.is_ascii() => {
                let layout = suffix(*last).ok_or(CHARSET)?;
                check_serial(serial)?;
                let length_fits = match layout {
                    // The layout of temporary plates is not settled in the sources.
                    Self::Temporary => matches!(serial.len(), 4 | 5),
                    _ => serial.len() == 4,
                };
                if !length_fits {
                    return Err(LENGTH);
                }
                let cross_border = matches!(layout, Self::HongKong | Self::Macao);
                if cross_border && (*province, *agency) != ('粤', 'Z') {
                    return Err(CROSS_BORDER);
                }
                Ok(layout)
            }
            _ => {
                check_serial(rest)?;
                match rest.len() {
                    5 => Ok(Self::Ordinary),
                    6 => new_energy(rest),
                    _ => Err(LENGTH),
                }
            }
        }
    }
}

/// Embassies (使) and consulates (领): sources differ on the layout, so only the characters
/// and the length are checked.
fn mission(chars: &[char]) -> Result<Option<Layout>, IdentifierError> {
    let is_mark = |character: &&char| matches!(character, '使' | '领');
    let Some(mark) = chars.iter().find(is_mark) else {
        return Ok(None);
    };
    if chars.len() < 5 {
        return Err(LENGTH);
    }
    let plain = |(index, character): (usize, &char)| {
        character.is_ascii_digit()
            || character.is_ascii_uppercase()
            || (index == 0 && PROVINCES.contains(*character))
    };
    let others = chars
        .iter()
        .enumerate()
        .filter(|(_, character)| *character != mark);
    if chars.iter().filter(is_mark).count() > 1 || !others.clone().all(plain) {
        return Err(CHARSET);
    }
    Ok(Some(if *mark == '使' {
        Layout::Embassy
    } else {
        Layout::Consulate
    }))
}

const fn suffix(character: char) -> Option<Layout> {
    Some(match character {
        '挂' => Layout::Trailer,
        '学' => Layout::Learner,
        '警' => Layout::Police,
        '港' => Layout::HongKong,
        '澳' => Layout::Macao,
        '试' => Layout::Trial,
        '临' | '超' => Layout::Temporary,
        _ => return None,
    })
}

fn check_serial(serial: &[char]) -> Result<(), IdentifierError> {
    let allowed = |c: &char| c.is_ascii_digit() || (c.is_ascii_uppercase() && !"IO".contains(*c));
    if serial.iter().all(allowed) {
        Ok(())
    } else {
        Err(CHARSET)
    }
}

/// Six characters after the agency: the class letter comes first on small vehicles and last
/// on large ones. A to E are pure electric, F to K are not.
fn new_energy(serial: &[char]) -> Result<Layout, IdentifierError> {
    let is_class = |character: &char| "ABCDEFGHJK".contains(*character);
    let digits = |part: &[char]| part.iter().all(char::is_ascii_digit);
    match serial {
        [class, _, tail @ ..] if is_class(class) && digits(tail) => Ok(Layout::SmallNewEnergy),
        [body @ .., class] if is_class(class) && digits(body) => Ok(Layout::LargeNewEnergy),
        _ => Err(NEW_ENERGY_CLASS),
    }
}
