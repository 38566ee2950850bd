//! The keywords for arrays: items by schema and by position, their number, uniqueness, and `contains`.

use std::collections::HashMap;

use super::{Checked, Validator, keep_better};
use crate::engine::opa::{
    builtins::json_schema::{
        document::comparable,
        report::Outcome,
        schema::{Additional, Id, Items, Node},
    },
    value::Value,
};

// === impl Validator ===

impl<'s> Validator<'s> {
    pub(super) fn array(&mut self, node: &'s Node, items: &[Value], out: &mut Outcome) -> Checked {
        self.items(node, items, out)?;
        if let Some(min) = node.min_items.filter(|min| items.len() < *min) {
            self.fail(out, "array_min_items", format!("Array must have at least {min} items"))?;
        }
        if let Some(max) = node.max_items.filter(|max| items.len() > *max) {
            self.fail(out, "array_max_items", format!("Array must have at most {max} items"))?;
        }
        if node.unique_items {
            let mut seen = HashMap::new();
            for (index, item) in items.iter().enumerate() {
                if let Some(before) = seen.insert(comparable(item)?, index) {
                    self.fail(out, "unique", format!("array items[{before},{index}] must be unique"))?;
                }
            }
        }
        if let Some(contains) = node.contains {
            self.contains(contains, items, out)?;
        }
        out.score += 1;
        Ok(())
    }

    fn items(&mut self, node: &'s Node, items: &[Value], out: &mut Outcome) -> Checked {
        let listed = match &node.items {
            Items::Any => return Ok(()),
            Items::Each(id) => {
                for (index, item) in items.iter().enumerate() {
                    out.merge(self.check_member(*id, &index.to_string(), item)?);
                }
                return Ok(());
            }
            Items::List(listed) => listed,
        };
        for (index, (item, id)) in items.iter().zip(listed).enumerate() {
            out.merge(self.check_member(*id, &index.to_string(), item)?);
        }
        // A list without schemas says nothing about further items either.
        if listed.is_empty() || listed.len() >= items.len() {
            return Ok(());
        }
        match node.additional_items {
            Additional::Allowed => Ok(()),
            Additional::Refused => {
                self.fail(out, "array_no_additional_items", "No additional items allowed on array")
            }
            Additional::Schema(id) => {
                for (index, item) in items.iter().enumerate().skip(listed.len()) {
                    out.merge(self.check_member(id, &index.to_string(), item)?);
                }
                Ok(())
            }
        }
    }

    fn contains(&mut self, id: Id, items: &[Value], out: &mut Outcome) -> Checked {
        let mut best = None;
        for (index, item) in items.iter().enumerate() {
            let result = self.check_member(id, &index.to_string(), item)?;
            if result.is_valid() {
                return Ok(());
            }
            keep_better(&mut best, result);
        }
        self.fail(out, "contains", "At least one of the items must match")?;
        if let Some(best) = best {
            out.merge(best);
        }
        Ok(())
    }
}
