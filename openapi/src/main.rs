//! Writes the checked-in documents anew: `cargo run -p lingminban-openapi`.

use std::{io, path::Path};

use serde_json::Value;

fn main() -> io::Result<()> {
    write("openapi.json", &lingminban_openapi::document())?;
    write("sandbox.json", &lingminban_openapi::sandbox_document())
}

fn write(name: &str, document: &Value) -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = serde_json::to_string_pretty(document)?;
    std::fs::write(path, text + "\n")
}
