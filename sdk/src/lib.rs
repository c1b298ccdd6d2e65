//! Typed SDK for partner outlets (灵敏办网点) of the traffic police.

pub mod api;
pub mod codes;
pub mod identifiers;
pub mod inspection;
pub mod moment;
pub mod text;
pub mod wire_enum;

