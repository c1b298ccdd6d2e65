use jiff::civil::Date;
use lingminban::api::{
    CompulsoryInsurance, ExemptMarkRequest, FilingRequest, InspectionMarkRequest, Lookup,
};

use super::owners::OwnersService;
use crate::{
    engine::{
        Fault,
        docket::Ground,
        filing::Filing,
        register::{Registration, VehicleRecord, Words},
    },
    rules::{
        marks::{self, MarkRequest},
        situation::Situation,
    },
};

/// Both are judged alike: by the date on the papers, and by what is due then.
macro_rules! marks {
    ($($request:ty),+ $(,)?) => { $(
        impl MarkRequest for $request {
            fn insurance(&self) -> Option<&CompulsoryInsurance> {
                self.compulsory_insurance.as_ref()
            }
        }

        impl OwnersService for $request {
            fn examine_more(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault> {
                marks::examine(filing, situation.today)
            }

            fn more_grounds(
                &self,
                known: &VehicleRecord,
                _: &Registration,
                situation: &Situation<'_>,
            ) -> Vec<Ground> {
                marks::unmet(Self::SERVICE, known, situation.today)
                    .map(Ground::of_vehicle)
                    .collect()
            }

            fn silent(&self, known: &VehicleRecord, today: Date) -> Words<Lookup> {
                marks::silent(self.insurance(), known, today)
            }

            /// The date of the mark is the day's of completion, so it is not known before.
            fn change(&self, registration: &mut Registration) {
                registration.insure(self.insurance());
            }
        }
    )+ };
}
marks!(InspectionMarkRequest, ExemptMarkRequest);
