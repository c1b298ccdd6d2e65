//! Builds the OpenAPI 3.1 document from the operations of `lingminban`.
//!
//! The documents have no list of their own: they go through [`lingminban::for_each_operation!`] and
//! [`lingminban::for_each_control_operation!`], so an operation that is in the contract is in its
//! document, with all it may answer.

mod answers;
mod components;
mod house_rules;
mod operation;
mod parameters;
mod preamble;
mod pushes;

use serde_json::{Map, Value, json};

use components::Components;

/// The document as it is checked in: for a server at the place the document comes from.
#[must_use]
pub fn document() -> Value {
    document_for("/")
}

/// The document for a server at `base_url`, such as `http://127.0.0.1:8080`.
#[must_use]
pub fn document_for(base_url: &str) -> Value {
    let mut contents = Contents::default();
    macro_rules! describe {
        ($($operation:ty),+ $(,)?) => { $( contents.describe::<$operation>(); )+ };
    }
    lingminban::for_each_operation!(describe);
    contents.push();
    contents.into_document(preamble::PLATFORM, base_url)
}

/// The document of the sandbox's control interface, as it is checked in.
#[must_use]
pub fn sandbox_document() -> Value {
    sandbox_document_for("/")
}

/// The document of the control interface of a sandbox at `base_url`.
#[must_use]
pub fn sandbox_document_for(base_url: &str) -> Value {
    let mut contents = Contents::default();
    macro_rules! describe {
        ($($operation:ty),+ $(,)?) => { $( contents.describe::<$operation>(); )+ };
    }
    lingminban::for_each_control_operation!(describe);
    contents.into_document(preamble::SANDBOX, base_url)
}

/// What the operations have told so far.
#[derive(Default)]
struct Contents {
    tags: Vec<Value>,
    paths: Map<String, Value>,
    webhooks: Map<String, Value>,
    components: Components,
}

impl Contents {
    fn describe<O: lingminban::api::Operation>(&mut self) {
        let tag = json!({ "name": O::TAG.name, "description": O::TAG.description });
        if !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
        let described = operation::describe::<O>(&mut self.components);
        let methods = self.paths.entry(O::PATH).or_insert_with(|| json!({}));
        methods[O::METHOD.as_str().to_ascii_lowercase()] = described;
    }

    /// What the platform sends by itself.
    fn push(&mut self) {
        self.tags.push(pushes::tag());
        let event = pushes::event(&mut self.components);
        self.webhooks.insert("event".to_owned(), event);
    }

    fn into_document(self, preamble: preamble::Preamble, base_url: &str) -> Value {
        let described = || self.paths.values().chain(self.webhooks.values());
        let components = self
            .components
            .used_by(described(), preamble.security_schemes());
        let mut document = json!({
            "openapi": "3.1.0",
            "info": preamble.info(),
            "servers": [preamble::server(base_url)],
            "tags": self.tags,
            "paths": self.paths,
        });
        if !self.webhooks.is_empty() {
            document["webhooks"] = Value::Object(self.webhooks);
        }
        document["components"] = components;
        document
    }
}
