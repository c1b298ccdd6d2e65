use std::collections::BTreeSet;

use lingminban::api::Schemas;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::house_rules;

/// Parts of the document that more than one place refers to; each stands once, under its name.
#[derive(Default)]
pub(crate) struct Components {
    schemas: Map<String, Value>,
    responses: Map<String, Value>,
    parameters: Map<String, Value>,
    headers: Map<String, Value>,
}

impl Components {
    /// Keeps the schemas and refers to the first, the body's own.
    pub(crate) fn schema(&mut self, schemas: Schemas) -> Option<Value> {
        let own = schemas.first().map(|(name, _)| reference("schemas", name));
        for (name, schema) in schemas {
            self.schemas
                .entry(name)
                .or_insert_with(|| house_rules::of_schema(to_value(&schema)));
        }
        own
    }

    /// Keeps what the first schema refers to and gives that one itself.
    pub(crate) fn unnamed_schema(&mut self, mut schemas: Schemas) -> Value {
        let others = schemas.split_off(schemas.len().min(1));
        self.schema(others);
        schemas
            .first()
            .map(|(_, schema)| house_rules::of_schema(to_value(schema)))
            .unwrap_or_default()
    }

    /// Whether values of this schema, or of the one it refers to, may have something at the end of
    /// `pointer`, a relative one such as `items/0/vin`.
    pub(crate) fn may_have(&self, schema: &Value, pointer: &str) -> bool {
        let schema = self.resolved(schema);
        let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
        let part = if schema["type"] == "array" {
            &schema["items"]
        } else {
            &schema["properties"][first]
        };
        !part.is_null() && (rest.is_empty() || self.may_have(part, rest))
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        schema["$ref"]
            .as_str()
            .and_then(|target| target.rsplit('/').next())
            .and_then(|name| self.schemas.get(name))
            .unwrap_or(schema)
    }

    /// Keeps a response and refers to it.
    pub(crate) fn response(&mut self, name: &str, response: Value) -> Value {
        self.responses.entry(name).or_insert(response);
        reference("responses", name)
    }

    /// Keeps a parameter and refers to it.
    pub(crate) fn parameter(&mut self, name: &str, parameter: Value) -> Value {
        self.parameters.entry(name).or_insert(parameter);
        reference("parameters", name)
    }

    /// Keeps a header and refers to it.
    pub(crate) fn header(&mut self, name: &str, header: Value) -> Value {
        self.headers.entry(name).or_insert(header);
        reference("headers", name)
    }

    /// The parts somebody refers to. Word lists that only answers use stand open in the answers
    /// themselves, and their closed schema would become a class nobody uses.
    pub(crate) fn used_by<'a>(
        mut self,
        described: impl Iterator<Item = &'a Value>,
        security: Value,
    ) -> Value {
        let mut used = BTreeSet::new();
        for value in described {
            self.follow(value, &mut used);
        }
        for value in self.responses.values() {
            self.follow(value, &mut used);
        }
        self.schemas.retain(|name, _| used.contains(name));
        for part in [
            &mut self.schemas,
            &mut self.responses,
            &mut self.parameters,
            &mut self.headers,
        ] {
            part.sort_keys();
        }
        json!({
            "schemas": self.schemas,
            "responses": self.responses,
            "parameters": self.parameters,
            "headers": self.headers,
            "securitySchemes": security,
        })
    }

    /// Notes every schema that `value` refers to, directly or through others.
    fn follow(&self, value: &Value, used: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.follow(item, used)),
            Value::Object(members) => {
                let name = members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .and_then(|target| target.strip_prefix("#/components/schemas/"));
                if let Some(name) = name
                    && used.insert(name.to_owned())
                    && let Some(schema) = self.schemas.get(name)
                {
                    self.follow(schema, used);
                }
                members
                    .values()
                    .for_each(|member| self.follow(member, used));
            }
            _ => {}
        }
    }
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// utoipa's types are plain data with text keys: writing them as JSON cannot fail, and if it ever
/// did, the document's own tests find the hole.
fn to_value(schema: &impl Serialize) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}
