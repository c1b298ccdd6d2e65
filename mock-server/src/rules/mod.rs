//! The law as pure functions: no clock, no chance, no IO.

pub mod changes;
pub mod deadlines;
pub mod deregistration;
pub mod forecast;
pub mod materials;
pub mod mortgage;
pub mod move_in;
pub mod on_record;
pub mod opening_hours;
pub mod own_number;
pub mod papers;
pub mod parties;
pub mod plate_choice;
pub mod registration;
pub mod replacements;
pub mod situation;
pub mod standing;
pub mod stock;
pub mod territory;
pub mod transfer;
pub mod transfer_proof;
pub mod working_days;
