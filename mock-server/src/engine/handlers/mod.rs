//! How the authority handles each operation.

mod applications;
mod catalogue;
mod filing;
mod materials;
mod outlets;
mod pages;
mod plates;
mod registrations;
mod tokens;
mod transfers;
mod vehicles;
mod view;
