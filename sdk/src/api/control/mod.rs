//! 沙箱控制接口: what only a sandbox has, under a prefix that can never exist on the platform.
//!
//! The same pattern as the contract itself: one file per resource, and
//! [`for_each_control_operation!`](crate::for_each_control_operation) goes through them all. They
//! need the sandbox's admin token where it was started with one, no token of a partner, and no
//! `Idempotency-Key`.

mod catalogue;
mod clock;
mod decisions;
mod events;
mod faults;
mod journal;
mod records;
mod spaces;

pub use catalogue::*;
pub use clock::*;
pub use decisions::*;
pub use events::*;
pub use faults::*;
pub use journal::*;
pub use records::*;
pub use spaces::*;

use super::Tag;

/// Calls a macro with the types of all control operations, in the order of their document.
#[macro_export]
macro_rules! for_each_control_operation {
    ($callback:path) => {
        $callback! {
            $crate::api::control::CreateSpace,
            $crate::api::control::ListSpaces,
            $crate::api::control::GetSpace,
            $crate::api::control::DeleteSpace,
            $crate::api::control::ResetSpace,
            $crate::api::control::ForkSpace,
            $crate::api::control::TakeSnapshot,
            $crate::api::control::RestoreSnapshot,
            $crate::api::control::DeleteSnapshot,
            $crate::api::control::SetClock,
            $crate::api::control::SetPace,
            $crate::api::control::DecideApplication,
            $crate::api::control::PutVehicle,
            $crate::api::control::SetFlags,
            $crate::api::control::SetLookups,
            $crate::api::control::FireEvent,
            $crate::api::control::ListMessages,
            $crate::api::control::ListJournal,
            $crate::api::control::ExportJournal,
            $crate::api::control::ClearJournal,
            $crate::api::control::SetFaults,
            $crate::api::control::GetFaults,
            $crate::api::control::GetFaultCatalogue,
            $crate::api::control::GetCatalogue,
        }
    };
}

const SPACES: Tag = Tag {
    name: "spaces",
    description: "空间 · Isolated authorities in one sandbox: one a test.",
};

const COMMANDS: Tag = Tag {
    name: "commands",
    description: "指令 · What moves time, the authority and its records.",
};

const FAULTS: Tag = Tag {
    name: "faults",
    description: "故障 · What goes wrong on command, and what a client should make of it.",
};
