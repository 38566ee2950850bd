//! Runs the tree of a template over an object.

use super::tree::{Block, Node, Operand, Pipe, Term};
use super::{data::Data, error, functions};
use crate::engine::opa::builtins::{BuiltinError, output::Output};
use crate::engine::opa::value::Value;

/// Steps of one template: nodes, operands and KiB of text that functions work on. A template that needs more
/// than a second would hold up the API server.
const MAX_STEPS: usize = 200_000;

/// What changes while a template runs.
pub(super) struct Run<'t, 'v> {
    variables: Vec<(&'t str, Data<'v>)>,
    steps: usize,
    out: Output,
    limit: usize,
}

/// The text that the template makes of `object`, in at most `limit` bytes.
pub(super) fn run(nodes: &[Node<'_>], object: &Value, limit: usize) -> Result<String, BuiltinError> {
    let dot = Data::new(object);
    let variables = vec![("", dot.clone())];
    let mut run = Run { variables, steps: 0, out: Output::new(limit), limit };
    run.nodes(nodes, &dot)?;
    Ok(run.out.into_text())
}

// === impl Run ===

impl<'t, 'v> Run<'t, 'v> {
    /// An output for a text in between.
    pub(super) fn scratch(&self) -> Output {
        Output::new(self.limit)
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Counts the work on so many bytes.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), BuiltinError> {
        self.steps += 1 + bytes / 1024;
        if self.steps > MAX_STEPS {
            return Err(BuiltinError::Limit("a template takes too many steps".to_owned()));
        }
        Ok(())
    }

    fn nodes(&mut self, nodes: &'t [Node<'t>], dot: &Data<'v>) -> Result<(), BuiltinError> {
        for node in nodes {
            self.spend(0)?;
            match node {
                Node::Text(text) => self.out.push(text)?,
                Node::Action(pipe) => {
                    let value = self.pipe(pipe, dot)?;
                    if pipe.variables.is_empty() {
                        value.print("<no value>", &mut self.out)?;
                    }
                }
                Node::If(block) => self.block(block, dot, false)?,
                Node::With(block) => self.block(block, dot, true)?,
                Node::Range(block) => self.range(block, dot)?,
            }
        }
        Ok(())
    }

    fn block(&mut self, block: &'t Block<'t>, dot: &Data<'v>, sets_dot: bool) -> Result<(), BuiltinError> {
        let known = self.variables.len();
        let value = self.pipe(&block.pipe, dot)?;
        if value.is_true() {
            self.nodes(&block.body, if sets_dot { &value } else { dot })?;
        } else {
            self.nodes(&block.otherwise, dot)?;
        }
        self.variables.truncate(known);
        Ok(())
    }

    fn range(&mut self, block: &'t Block<'t>, dot: &Data<'v>) -> Result<(), BuiltinError> {
        let known = self.variables.len();
        let value = self.pipe(&block.pipe, dot)?;
        let item = |value: &'v Value| Data::new(value);
        let pairs: Box<dyn Iterator<Item = (Data<'v>, Data<'v>)>> = match value {
            Data::Missing => Box::new(std::iter::empty()),
            Data::Int(_) if block.pipe.variables.len() > 1 => {
                return Err(error("range over an integer has no index"));
            }
            Data::Int(count) => Box::new((0..count).map(|index| (Data::Missing, Data::Int(index)))),
            Data::Array(items) => Box::new((0_i64..).map(Data::Int).zip(items.iter().map(item))),
            Data::Object(map) => Box::new(map.iter().map(move |(key, value)| (Data::new(key), item(value)))),
            _ => return Err(error("range cannot iterate over that")),
        };
        let mark = self.variables.len();
        let mut is_empty = true;
        for (index, element) in pairs {
            is_empty = false;
            self.spend(0)?;
            self.set_range_variables(&block.pipe, index, &element)?;
            self.nodes(&block.body, &element)?;
            self.variables.truncate(mark);
        }
        if is_empty {
            self.nodes(&block.otherwise, dot)?;
        }
        self.variables.truncate(known);
        Ok(())
    }

    fn set_range_variables(
        &mut self,
        pipe: &Pipe<'t>,
        index: Data<'v>,
        element: &Data<'v>,
    ) -> Result<(), BuiltinError> {
        let (index_name, element_name) = match *pipe.variables.as_slice() {
            [index_name, element_name] => (Some(index_name), element_name),
            [element_name] => (None, element_name),
            _ => return Ok(()),
        };
        if pipe.assigns {
            if let Some(name) = index_name {
                self.assign(name, index)?;
            }
            return self.assign(element_name, element.clone());
        }
        // The pipeline declared them, in this order and as the last ones.
        let mut declared = self.variables.iter_mut().rev();
        if let Some((_, value)) = declared.next() {
            *value = element.clone();
        }
        if let (Some(_), Some((_, value))) = (index_name, declared.next()) {
            *value = index;
        }
        Ok(())
    }

    fn assign(&mut self, name: &str, value: Data<'v>) -> Result<(), BuiltinError> {
        let slot = self.variables.iter_mut().rev().find(|(known, _)| *known == name);
        slot.ok_or_else(|| error("undefined variable"))?.1 = value;
        Ok(())
    }

    fn pipe(&mut self, pipe: &'t Pipe<'t>, dot: &Data<'v>) -> Result<Data<'v>, BuiltinError> {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(command, dot, last)?.or_missing());
        }
        let value = last.unwrap_or(Data::Missing);
        for name in &pipe.variables {
            if pipe.assigns {
                self.assign(name, value.clone())?;
            } else {
                self.variables.push((name, value.clone()));
            }
        }
        Ok(value)
    }

    /// `last` is what the command before answered.
    fn command(
        &mut self,
        command: &'t [Operand<'t>],
        dot: &Data<'v>,
        last: Option<Data<'v>>,
    ) -> Result<Data<'v>, BuiltinError> {
        let [first, args @ ..] = command else { return Err(error("empty command")) };
        let has_args = !args.is_empty() || last.is_some();
        match (&first.term, first.fields.split_last()) {
            (Term::Function(name), None) => functions::call(self, name, args, dot, last),
            (Term::Nil, _) => Err(error("nil is not a command")),
            (_, None) if has_args => Err(error("arguments for what is no function")),
            (_, None) => self.operand(first, dot),
            (_, Some((field, fields))) => {
                self.spend(first.fields.iter().map(|field| field.len()).sum())?;
                let base = self.term(&first.term, dot)?;
                let base = fields.iter().try_fold(base, |base, field| access(base, field, false))?;
                access(base, field, has_args)
            }
        }
    }

    /// The value of an operand that is an argument.
    pub(super) fn operand(
        &mut self,
        operand: &'t Operand<'t>,
        dot: &Data<'v>,
    ) -> Result<Data<'v>, BuiltinError> {
        self.spend(operand.fields.iter().map(|field| field.len()).sum())?;
        let base = self.term(&operand.term, dot)?;
        operand.fields.iter().try_fold(base, |base, field| access(base, field, false))
    }

    fn term(&mut self, term: &'t Term<'t>, dot: &Data<'v>) -> Result<Data<'v>, BuiltinError> {
        Ok(match term {
            Term::Dot => dot.clone(),
            Term::Nil => Data::Missing,
            Term::Bool(truth) => Data::Bool(*truth),
            Term::Int(int) => Data::Int(*int),
            Term::Float(float) => Data::Float(*float),
            Term::String(text) => {
                self.spend(text.len())?;
                Data::Text(text.as_str().into())
            }
            Term::Variable(name) => {
                let slot = self.variables.iter().rev().find(|(known, _)| known == name);
                slot.ok_or_else(|| error("undefined variable"))?.1.clone()
            }
            Term::Function(name) => functions::call(self, name, &[], dot, None)?,
            Term::Pipe(pipe) => self.pipe(pipe, dot)?,
        })
    }
}

/// A field of an object. Nothing has no fields without being a mistake, but a null is one.
fn access<'v>(base: Data<'v>, field: &str, has_args: bool) -> Result<Data<'v>, BuiltinError> {
    match base {
        Data::Missing => Ok(Data::Missing),
        Data::Object(map) if !has_args => Ok(map.get(&Value::from(field)).map_or(Data::Missing, Data::new)),
        Data::Object(_) => Err(error("a field has arguments")),
        _ => Err(error("a field of what is no object")),
    }
}
