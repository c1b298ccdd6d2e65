//! What holds for every schema of ours, whatever the derive of the type wrote.

use serde_json::{Map, Value};

/// Where a doc comment names the field on today's platform: "号牌号码 (GA field `hphm`)".
const MARKER: (&str, &str) = (" (GA field `", "`)");

/// Applies the rules to a schema and to everything in it:
/// - a member is absent or has a value, it is never null;
/// - a union of one is that one;
/// - the field of today's platform is an extension, not prose;
/// - a schema of several types has its keywords in alphabetical order.
pub(crate) fn of_schema(schema: Value) -> Value {
    let Value::Object(mut members) = schema else {
        return schema;
    };
    while let Some(merged) = without_union_of_one(&members) {
        members = merged;
    }
    never_null(&mut members);
    name_platform_field(&mut members);
    // utoipa keeps the keywords that it has no member for in an order of the moment.
    if members.get("type").is_some_and(Value::is_array) {
        members.sort_keys();
    }
    members
        .into_iter()
        .map(|(name, value)| (name.clone(), of_keyword(&name, value)))
        .collect()
}

/// Schemas stand in some keywords only; elsewhere an object is data.
fn of_keyword(keyword: &str, value: Value) -> Value {
    match (keyword, value) {
        ("properties", Value::Object(properties)) => Value::Object(
            properties
                .into_iter()
                .map(|(name, schema)| (name, of_schema(schema)))
                .collect(),
        ),
        ("oneOf" | "anyOf" | "allOf", Value::Array(schemas)) => {
            Value::Array(schemas.into_iter().map(of_schema).collect())
        }
        ("items" | "additionalProperties", schema) => of_schema(schema),
        (_, other) => other,
    }
}

fn never_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
}

/// utoipa writes an optional member as a union with null, and the description of an inlined member
/// as a union with an object that has nothing but that description.
fn without_union_of_one(schema: &Map<String, Value>) -> Option<Map<String, Value>> {
    let (union, branches) = ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|union| Some((*union, schema.get(*union)?.as_array()?)))?;
    let (notes, real): (Vec<&Value>, Vec<&Value>) =
        branches.iter().partition(|branch| is_note(branch));
    let [Value::Object(only)] = real.as_slice() else {
        return None;
    };
    let mut merged = (*only).clone();
    merged.extend(
        schema
            .iter()
            .filter(|(name, _)| *name != union && *name != "description")
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let place = notes.iter().find_map(|note| note.get("description"));
    for description in [place, schema.get("description")].into_iter().flatten() {
        prefix_description(&mut merged, description.as_str().unwrap_or_default());
    }
    Some(merged)
}

/// Null, or a carrier of a description.
fn is_note(branch: &Value) -> bool {
    let Some(members) = branch.as_object() else {
        return false;
    };
    branch["type"] == "null"
        || (branch["type"] == "object"
            && members
                .keys()
                .all(|name| name == "type" || name == "description"))
}

/// What a member is for comes before what its type says.
fn prefix_description(schema: &mut Map<String, Value>, description: &str) {
    let whole = match schema.get("description").and_then(Value::as_str) {
        Some(of_type) => format!("{description} {of_type}"),
        None => description.to_owned(),
    };
    schema.insert("description".to_owned(), whole.into());
}

fn name_platform_field(schema: &mut Map<String, Value>) {
    let (before, after) = MARKER;
    let Some(description) = schema.get("description").and_then(Value::as_str) else {
        return;
    };
    let Some((head, rest)) = description.split_once(before) else {
        return;
    };
    let Some((field, tail)) = rest.split_once(after) else {
        return;
    };
    let (text, field) = (format!("{head}{tail}"), field.to_owned());
    schema.insert("description".to_owned(), text.into());
    schema.insert("x-ga-field".to_owned(), field.into());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of_schema;

    #[test]
    fn an_optional_reference_is_a_plain_one() {
        let schema = json!({ "type": "object", "properties": { "plate": {
            "oneOf": [{ "$ref": "#/x", "description": "号牌号码 (GA field `hphm`): when known." }, { "type": "null" }],
        } } });
        let plate = &of_schema(schema)["properties"]["plate"];
        assert_eq!(
            plate,
            &json!({ "$ref": "#/x", "description": "号牌号码: when known.", "x-ga-field": "hphm" })
        );
    }

    #[test]
    fn an_inlined_member_keeps_both_descriptions() {
        let schema = json!({ "allOf": [
            { "type": "string", "description": "May be extended.", "x-extensible-enum": ["a"] },
            { "type": "object", "description": "状态 (GA field `zt`)." },
        ] });
        assert_eq!(
            of_schema(schema),
            json!({ "type": "string", "description": "状态. May be extended.", "x-extensible-enum": ["a"], "x-ga-field": "zt" })
        );
    }

    #[test]
    fn a_nullable_type_is_a_plain_one() {
        assert_eq!(
            of_schema(json!({ "type": ["integer", "null"] })),
            json!({ "type": "integer" })
        );
    }

    #[test]
    fn a_real_union_stays() {
        let schema = json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] });
        assert_eq!(of_schema(schema.clone()), schema);
    }

    #[test]
    fn an_example_is_data_not_schema() {
        let schema = json!({ "examples": [{ "type": ["string", "null"] }] });
        assert_eq!(of_schema(schema.clone()), schema);
    }
}
