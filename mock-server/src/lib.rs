//! A sandbox that behaves like the authority (沙箱).

pub mod server;
