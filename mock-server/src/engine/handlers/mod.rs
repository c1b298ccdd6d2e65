//! How the authority handles each operation.

mod alterations;
mod applications;
mod bundles;
mod changes;
mod control;
mod control_events;
mod deregistrations;
mod events;
mod faults;
mod filing;
mod forecasts;
mod journal;
mod materials;
mod mortgages;
mod outlets;
mod owners;
mod pages;
mod plates;
mod registrations;
mod replacements;
mod services;
mod statistics;
pub(super) mod tokens;
mod transfers;
mod vehicles;
mod view;
mod webhooks;
