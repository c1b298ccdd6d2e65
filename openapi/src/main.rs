//! Writes the checked-in document anew: `cargo run -p lingminban-openapi`.

use std::{io, path::Path};

fn main() -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let text = serde_json::to_string_pretty(&lingminban_openapi::document())?;
    std::fs::write(path, text + "\n")
}
