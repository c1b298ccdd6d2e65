use jiff::civil::Date;
use lingminban::api::{ContactChangeRequest, OwnerNameChangeRequest};

use super::owners::OwnersService;
use crate::{
    engine::{Fault, docket::Ground, filing::Filing, register::Registration},
    rules::{changes, situation::Situation},
};

/// Completion writes nothing: the register keeps nothing that an owner could be reached by, since
/// nothing may show it.
impl OwnersService for ContactChangeRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        changes::examine_contact(filing, situation)
    }

    fn warnings(&self, today: Date) -> Vec<Ground> {
        changes::warnings(self.changed_on, today)
    }
}

impl OwnersService for OwnerNameChangeRequest {
    fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
        changes::examine_name(filing, situation)
    }

    fn warnings(&self, today: Date) -> Vec<Ground> {
        changes::warnings(self.changed_on, today)
    }

    /// The certificate is signed over and keeps its number.
    fn change(&self, registration: &mut Registration) {
        registration.owner_name = self.new_name.clone();
    }
}
