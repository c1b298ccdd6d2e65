//! 短信: what the authority writes to the citizen whose application it is.
//!
//! A record is small and says what cannot be looked up later; the words are put together when
//! somebody reads them. Of the citizen's number nothing is kept but its masked form.

use std::collections::HashMap;

use jiff::Timestamp;
use lingminban::{
    api::{
        ApplicationId, ApplicationStatus as Status, InspectionId, InspectionStatus, MaterialKind,
        Service, TransferKind,
    },
    identifiers::MobileNumber,
    moment::BEIJING,
};

use serde::{Deserialize, Serialize};

use crate::engine::{
    city::City,
    docket::{Entry, Number},
    inspections::{Inspected, InspectionNumber},
    lifecycle,
    register::{AWAITING_SALE, Words},
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
};

/// Number of a message in its space, from 0.
pub type MessageNumber = u32;

/// One message. Those about applications are stored as they were before there were others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Record {
    /// About an application.
    Application(OfApplication),
    /// About an inspection.
    Inspection(OfInspection),
}

/// A message about an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfApplication {
    /// About which.
    pub application: Number,
    /// The state it entered.
    pub status: Status,
    /// When.
    pub at: Timestamp,
    /// Materials that were missing then.
    missing: Words<MaterialKind>,
}

/// A message about an inspection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfInspection {
    /// About which.
    pub inspection: InspectionNumber,
    /// How it stood.
    pub inspection_status: InspectionStatus,
    /// When.
    pub at: Timestamp,
    /// For when it was booked.
    starts_at: Timestamp,
}

/// Their rows in the store.
const ROWS: &str = "message";
/// The rows of those who get them.
const CONTACT_ROWS: &str = "contact";

/// The messages of a space.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    records: Tracked<Vec<Record>>,
    /// 手机号码 of the applicants, masked.
    contacts: Tracked<HashMap<Number, Box<str>>>,
}

impl Messages {
    /// Notes where the applicant can be reached.
    pub fn know(&mut self, number: Number, mobile: &MobileNumber) {
        self.contacts.insert(number, mobile.masked().into());
    }

    /// Writes to the applicant, where the state is one he hears of.
    pub fn entered(&mut self, number: Number, entry: &Entry, status: Status, at: Timestamp) {
        let heard_of = matches!(
            status,
            Status::Accepted
                | Status::SupplementRequired
                | Status::NotAccepted
                | Status::Completed
                | Status::Refused
                | Status::Withdrawn
                | Status::Lapsed
        );
        if heard_of {
            self.records.push(Record::Application(OfApplication {
                application: number,
                status,
                at,
                missing: entry.missing().map(|material| material.kind).collect(),
            }));
        }
    }

    /// Writes to the owner of a vehicle what has become of its inspection.
    pub fn inspected(&mut self, number: InspectionNumber, entry: &Inspected, at: Timestamp) {
        self.records.push(Record::Inspection(OfInspection {
            inspection: number,
            inspection_status: entry.status(),
            at,
            starts_at: entry.starts_at,
        }));
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.records);
        writer.table(CONTACT_ROWS, &mut self.contacts);
    }

    /// What was handed to the store.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(reader: &mut Reader) -> Result<Self, Damaged> {
        let mut messages = Self::default();
        for record in reader.list(ROWS)? {
            messages.records.push(record);
        }
        for (number, contact) in reader.table(CONTACT_ROWS)? {
            messages.contacts.insert(number, contact);
        }
        messages.records.watch();
        messages.contacts.watch();
        Ok(messages)
    }

    /// The messages from a number on, in the order in which they were sent.
    pub fn from(&self, first: MessageNumber) -> impl Iterator<Item = (MessageNumber, &Record)> {
        let start = (first as usize).min(self.records.len());
        (first..).zip(&self.records[start..])
    }

    /// 手机号码 of an applicant, masked.
    #[must_use]
    pub fn contact(&self, number: Number) -> &str {
        self.contacts.get(&number).map_or("", |contact| contact)
    }
}

impl Record {
    /// The application it is about, if it is.
    #[must_use]
    pub fn application(&self) -> Option<Number> {
        match self {
            Self::Application(record) => Some(record.application),
            Self::Inspection(_) => None,
        }
    }

    /// The inspection it is about, if it is.
    #[must_use]
    pub fn inspection(&self) -> Option<InspectionNumber> {
        match self {
            Self::Application(_) => None,
            Self::Inspection(record) => Some(record.inspection),
        }
    }
}

impl OfInspection {
    /// The words of the message.
    #[must_use]
    pub fn text(&self, city: &City, entry: &Inspected, id: &InspectionId) -> String {
        let station = &city.directory[entry.outlet].name;
        // One in a dealer's stock has none.
        let plate = entry.plate_number.map(|number| number.to_string());
        let plate = plate.unwrap_or_default();
        let when = BEIJING
            .to_datetime(self.starts_at)
            .strftime("%Y年%-m月%-d日%H:%M");
        let told = match self.inspection_status {
            InspectionStatus::Cancelled => "检验预约已取消".to_owned(),
            InspectionStatus::Passed => "检验合格，可申领检验合格标志".to_owned(),
            InspectionStatus::Failed => "检验不合格，请修理后复检".to_owned(),
            _ => format!("已预约{when}在{station}检验"),
        };
        format!("【灵敏办沙箱】您的机动车{plate}（检验流水号{id}）{told}。")
    }
}

impl OfApplication {
    /// The words of the message. Names and numbers of people are not among them.
    #[must_use]
    pub fn text(&self, city: &City, entry: &Entry, id: &ApplicationId) -> String {
        let service = entry.service.chinese_name();
        let deadline = lifecycle::deadline(city, entry, self.status, self.at);
        let deadline = deadline.map_or_else(String::new, |(day, _)| day.to_string());
        let told = match self.status {
            Status::Accepted => format!("已受理，法定办结期限为{deadline}"),
            Status::SupplementRequired => {
                let missing: Vec<&str> = self
                    .missing
                    .iter()
                    .map(MaterialKind::chinese_name)
                    .collect();
                format!(
                    "需补正材料：{}，请于{deadline}前交到原网点",
                    missing.join("、")
                )
            }
            Status::NotAccepted => "不予受理，理由见网点出具的书面决定".to_owned(),
            Status::Refused => "不予登记，理由见网点出具的书面决定".to_owned(),
            Status::Withdrawn => "已按申请撤回".to_owned(),
            Status::Lapsed => "逾期未补正，已失效，可重新申请".to_owned(),
            _ => completed(entry),
        };
        format!("【灵敏办沙箱】您的{service}业务（流水号{id}）{told}。")
    }
}

fn completed(entry: &Entry) -> String {
    if entry.outcome.deregistered_for.is_some() {
        return "已办结，机动车已注销".to_owned();
    }
    match &entry.outcome.record.registration {
        _ if entry.outcome.transfer_kind == TransferKind::Outbound => {
            "已办结，号牌已收回，机动车已转出".to_owned()
        }
        Some(registration) if registration.in_stock && entry.service == Service::Transfer => {
            format!("已办结，号牌已收回，签注{}", AWAITING_SALE)
        }
        Some(registration) if registration.in_stock => "已办结".to_owned(),
        Some(registration) => format!("已办结，号牌号码{}", registration.plate_number),
        None => "已办结".to_owned(),
    }
}
