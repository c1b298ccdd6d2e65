//! The law as pure functions: no clock, no chance, no IO.

pub mod alteration;
pub mod changes;
pub mod co_owners;
pub mod deadlines;
pub mod deregistration;
pub mod forecast;
pub mod materials;
pub mod mortgage;
pub mod on_record;
pub mod opening_hours;
pub mod papers;
pub mod parties;
pub mod plate_choice;
pub mod registration;
pub mod replacements;
pub mod situation;
pub mod standing;
pub mod transfer;
pub mod working_days;
