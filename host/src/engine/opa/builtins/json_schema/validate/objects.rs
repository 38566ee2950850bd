//! The keywords for objects: their number of members, required ones, and the schemas of members by name, by
//! pattern, and of all others.

use std::collections::BTreeMap;

use super::{Checked, Validator};
use crate::engine::opa::{
    builtins::json_schema::{
        SchemaError,
        report::Outcome,
        schema::{Additional, Node},
    },
    value::Value,
};

// === impl Validator ===

impl<'s> Validator<'s> {
    pub(super) fn object(
        &mut self,
        node: &'s Node,
        map: &BTreeMap<Value, Value>,
        out: &mut Outcome,
    ) -> Checked {
        if let Some(min) = node.min_properties.filter(|min| map.len() < *min) {
            self.fail(out, "array_min_properties", format!("Must have at least {min} properties"))?;
        }
        if let Some(max) = node.max_properties.filter(|max| map.len() > *max) {
            self.fail(out, "array_max_properties", format!("Must have at most {max} properties"))?;
        }
        for name in &node.required {
            if map.contains_key(&Value::from(name.as_str())) {
                out.score += 1;
            } else {
                self.fail(out, "required", format!("{name} is required"))?;
            }
        }
        for (name, value) in map {
            let name = name.as_str().unwrap_or_default();
            let by_pattern = self.pattern_properties(node, name, value, out)?;
            if !by_pattern && !node.properties.contains_key(name) {
                self.additional_property(node, name, value, out)?;
            }
        }
        if let Some(names) = node.property_names {
            for name in map.keys() {
                let result = self.check(names, name)?;
                if !result.is_valid() {
                    let name = name.as_str().unwrap_or_default();
                    self.fail(
                        out,
                        "invalid_property_name",
                        format!("Property name of \"{name}\" does not match"),
                    )?;
                    out.merge(result);
                }
            }
        }
        out.score += 1;
        Ok(())
    }

    fn additional_property(
        &mut self,
        node: &'s Node,
        name: &str,
        value: &Value,
        out: &mut Outcome,
    ) -> Checked {
        match node.additional_properties {
            Additional::Allowed => Ok(()),
            Additional::Refused => self.fail(
                out,
                "additional_property_not_allowed",
                format!("Additional property {name} is not allowed"),
            ),
            Additional::Schema(id) => {
                out.merge(self.check_member(id, name, value)?);
                Ok(())
            }
        }
    }

    fn pattern_properties(
        &mut self,
        node: &'s Node,
        name: &str,
        value: &Value,
        out: &mut Outcome,
    ) -> Result<bool, SchemaError> {
        let mut matched = false;
        for (pattern, id) in &node.pattern_properties {
            if pattern.is_match(name)? {
                matched = true;
                out.merge(self.check_member(*id, name, value)?);
            }
        }
        out.score += i64::from(matched);
        Ok(matched)
    }

    pub(super) fn properties(
        &mut self,
        node: &'s Node,
        map: &BTreeMap<Value, Value>,
        out: &mut Outcome,
    ) -> Checked {
        for (name, id) in &node.properties {
            if let Some(value) = map.get(&Value::from(name.as_str())) {
                self.path.push(name.clone());
                self.visit(*id, value, out)?;
                self.path.pop();
            }
        }
        Ok(())
    }
}
