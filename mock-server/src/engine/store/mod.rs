//! Spaces that survive: what changes in a space is written to a database before anybody is told.
//!
//! State is kept, not requests: each collection of a space [notes](tracked) which of its rows
//! changed, a request's changes are written in one transaction, and what follows from the rows is
//! made anew when they are read. A sandbox without a store notes nothing.

mod database;
mod keep;
pub mod rows;
mod state;
pub mod tracked;

pub use database::{Place, Registered, Store, StoreError, Writing};
pub use state::{Kept, Moments, Saved};
