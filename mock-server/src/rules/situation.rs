//! What a rule may know beside the submission.

use jiff::{Timestamp, civil::Date};

use crate::engine::{
    directory::PartnerIndex,
    docket::Docket,
    draws::Draws,
    register::{Plate, Register},
};

/// What a rule may know beside the submission: the day, the records, what is under way, who asks.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// Today in Beijing.
    pub today: Date,
    /// Now.
    pub now: Timestamp,
    /// Who files.
    pub partner: PartnerIndex,
    /// 机动车登记档案.
    pub register: &'a Register,
    /// 业务: applications, ended and under way.
    pub docket: &'a Docket,
    /// 选号.
    pub draws: &'a Draws,
}

impl Situation<'_> {
    /// Whether a number can still be given to somebody.
    #[must_use]
    pub fn is_free(&self, plate: &Plate) -> bool {
        self.register.is_free(plate) && !self.draws.holds(plate)
    }
}
