//! Makes a tree of a template, and refuses what Go refuses before anything runs.

use super::tree::{Block, Node, Operand, Pipe, Term};
use super::{error, functions};
use crate::engine::opa::builtins::BuiltinError;

/// Deeper blocks and parentheses are refused, so that no template can overflow the host's stack.
const MAX_DEPTH: usize = 100;

/// Each use of a variable looks through all of them.
const MAX_VARIABLES: usize = 1000;

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// What ended a list of nodes; `Else` with the `if` or `with` that it goes on with.
enum Stop<'t> {
    Template,
    End,
    Else(&'t str),
}

struct Parser<'t> {
    rest: &'t str,
    variables: Vec<&'t str>,
    depth: usize,
}

/// The tree of a template.
pub(super) fn parse(template: &str) -> Result<Vec<Node<'_>>, BuiltinError> {
    let mut parser = Parser { rest: template, variables: vec![""], depth: 0 };
    match parser.nodes()? {
        (nodes, Stop::Template) => Ok(nodes),
        _ => Err(error("unexpected end or else")),
    }
}

// === impl Parser ===

impl<'t> Parser<'t> {
    fn nodes(&mut self) -> Result<(Vec<Node<'t>>, Stop<'t>), BuiltinError> {
        let mut nodes = Vec::new();
        while let Some((text, action)) = self.rest.split_once("{{") {
            let trimmed = action.strip_prefix('-').and_then(|action| action.strip_prefix(BLANKS));
            self.rest = trimmed.unwrap_or(action);
            nodes.push(Node::Text(if trimmed.is_some() { text.trim_end_matches(BLANKS) } else { text }));
            if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").ok_or_else(|| error("unclosed comment"))?.1;
                self.close()?;
                continue;
            }
            self.blanks();
            let before = self.rest;
            match self.keyword()? {
                "end" => {
                    self.blanks();
                    return self.close().map(|()| (nodes, Stop::End));
                }
                "else" => return Ok((nodes, self.otherwise()?)),
                word @ ("if" | "with" | "range") => nodes.push(self.block(word)?),
                _ => {
                    self.rest = before;
                    nodes.push(Node::Action(self.pipe(false, false)?));
                }
            }
        }
        nodes.push(Node::Text(std::mem::take(&mut self.rest)));
        Ok((nodes, Stop::Template))
    }

    fn otherwise(&mut self) -> Result<Stop<'t>, BuiltinError> {
        self.blanks();
        match self.keyword()? {
            "" => self.close().map(|()| Stop::Else("")),
            word @ ("if" | "with") => Ok(Stop::Else(word)),
            _ => Err(error("unexpected word behind else")),
        }
    }

    /// The rest of a block behind its keyword, to its end.
    fn block(&mut self, word: &str) -> Result<Node<'t>, BuiltinError> {
        self.deeper()?;
        let known = self.variables.len();
        let pipe = self.pipe(false, word == "range")?;
        let (body, end) = self.nodes()?;
        let otherwise = match end {
            Stop::End => Vec::new(),
            Stop::Else("") => match self.nodes()? {
                (nodes, Stop::End) => nodes,
                _ => return Err(error("expected end")),
            },
            // The end of the inner block is that of this one, too.
            Stop::Else(second) if second == word => vec![self.block(word)?],
            Stop::Else(_) | Stop::Template => return Err(error("expected end")),
        };
        self.variables.truncate(known);
        self.depth -= 1;
        let block = Block { pipe, body, otherwise };
        Ok(match word {
            "if" => Node::If(block),
            "with" => Node::With(block),
            _ => Node::Range(block),
        })
    }

    /// A pipeline with what closes it: the delimiter of the action or, in parentheses, the right one.
    fn pipe(&mut self, in_parentheses: bool, in_range: bool) -> Result<Pipe<'t>, BuiltinError> {
        let mut pipe = Pipe::default();
        self.blanks();
        self.declaration(&mut pipe, in_range)?;
        self.blanks();
        while !self.is_end() {
            let command = self.command()?;
            let is_call = command.first().is_some_and(Operand::may_have_fields);
            if !pipe.commands.is_empty() && !is_call {
                return Err(error("a later command of a pipeline cannot be run"));
            }
            pipe.commands.push(command);
            self.blanks();
        }
        if pipe.commands.is_empty() {
            return Err(error("missing value"));
        }
        match self.rest.strip_prefix(')').filter(|_| in_parentheses) {
            Some(rest) => self.rest = rest,
            None if in_parentheses => return Err(error("unclosed left paren")),
            None => self.close()?,
        }
        Ok(pipe)
    }

    /// `$x :=`, `$x =`, or `$i, $x :=` where a range begins.
    fn declaration(&mut self, pipe: &mut Pipe<'t>, in_range: bool) -> Result<(), BuiltinError> {
        let before = self.rest;
        let Some(variable) = before.strip_prefix('$') else { return Ok(()) };
        self.rest = variable;
        let name = self.name()?;
        self.blanks();
        let declared =
            ["=", ":=", ","].into_iter().find_map(|sign| Some((sign, self.rest.strip_prefix(sign)?)));
        let Some((sign, rest)) = declared else {
            self.rest = before;
            return Ok(());
        };
        self.rest = rest;
        pipe.assigns = sign == "=";
        pipe.variables.push(name);
        self.variables.push(name);
        if self.variables.len() > MAX_VARIABLES {
            return Err(error("too many variables"));
        }
        match sign {
            "," if in_range => {
                self.blanks();
                self.declaration(pipe, false)
            }
            "," => Err(error("too many declarations")),
            _ => Ok(()),
        }
    }

    /// Operands with blanks between.
    fn command(&mut self) -> Result<Vec<Operand<'t>>, BuiltinError> {
        let mut operands = vec![self.operand()?];
        loop {
            let before = self.rest;
            self.blanks();
            if let Some(rest) = self.rest.strip_prefix('|') {
                self.rest = rest;
                return Ok(operands);
            }
            if self.is_end() {
                return Ok(operands);
            }
            if before.len() == self.rest.len() {
                return Err(error("unexpected character behind an operand"));
            }
            operands.push(self.operand()?);
        }
    }

    fn operand(&mut self) -> Result<Operand<'t>, BuiltinError> {
        let mut operand = Operand { term: self.term()?, fields: Vec::new() };
        // A dot that begins a field was left for here.
        let is_field = matches!(operand.term, Term::Dot) && !self.rest.starts_with('.');
        if is_field && self.rest.starts_with(is_alphanumeric) {
            operand.fields.push(self.name()?);
        }
        while let Some(field) = self.rest.strip_prefix('.') {
            self.rest = field;
            let name = self.name()?;
            if name.is_empty() || !operand.may_have_fields() {
                return Err(error("unexpected . after a term"));
            }
            operand.fields.push(name);
        }
        Ok(operand)
    }

    fn term(&mut self) -> Result<Term<'t>, BuiltinError> {
        let mut chars = self.rest.chars();
        let first = chars.next();
        let after = chars.as_str();
        match first {
            Some('(') => {
                self.deeper()?;
                self.rest = after;
                let pipe = self.pipe(true, false)?;
                self.depth -= 1;
                Ok(Term::Pipe(pipe))
            }
            Some('"') => self.quoted(),
            Some('`') => {
                let (text, rest) = after.split_once('`').ok_or_else(|| error("unterminated raw string"))?;
                self.rest = rest;
                Ok(Term::String(text.replace('\r', "")))
            }
            Some('$') => {
                self.rest = after;
                let name = self.name()?;
                let known = self.variables.contains(&name);
                if known { Ok(Term::Variable(name)) } else { Err(error("undefined variable")) }
            }
            Some('.') if !after.starts_with(|c: char| c.is_ascii_digit()) => {
                self.rest = after;
                if !after.starts_with(is_alphanumeric) {
                    self.name()?;
                }
                Ok(Term::Dot)
            }
            Some('.' | '+' | '-' | '0'..='9') => self.number(),
            _ => match self.name()? {
                "nil" => Ok(Term::Nil),
                "true" => Ok(Term::Bool(true)),
                "false" => Ok(Term::Bool(false)),
                name if functions::NAMES.contains(&name) => Ok(Term::Function(name)),
                _ => Err(error("unexpected character or an unknown function")),
            },
        }
    }

    /// A string in double quotes, with Go's escapes of one letter.
    fn quoted(&mut self) -> Result<Term<'t>, BuiltinError> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        chars.next();
        loop {
            let c = chars.next().filter(|&c| c != '\n').ok_or_else(|| error("unterminated string"))?;
            match c {
                '"' => break,
                '\\' => text.push(chars.next().and_then(escaped).ok_or_else(|| error("unknown escape"))?),
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        Ok(Term::String(text))
    }

    /// A decimal integer or float.
    fn number(&mut self) -> Result<Term<'t>, BuiltinError> {
        let mut previous = 'e';
        let end = self.rest.find(|c: char| {
            let is_sign = matches!(c, '+' | '-') && matches!(previous, 'e' | 'E');
            previous = c;
            !is_sign && !is_alphanumeric(c) && c != '.'
        });
        let (text, rest) = self.rest.split_at_checked(end.unwrap_or(self.rest.len())).unwrap_or_default();
        self.rest = rest;
        let digits = text.trim_start_matches(['+', '-']);
        let is_decimal = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        // A zero in front makes an integer octal.
        let is_octal =
            digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|c| c.is_ascii_digit());
        if !is_octal && let Ok(int) = text.parse() {
            return Ok(Term::Int(int));
        }
        let float = text.parse().ok().filter(|float: &f64| float.is_finite());
        let float = float.filter(|_| is_decimal && digits.contains(['.', 'e', 'E']));
        float.map(Term::Float).ok_or_else(|| error("not a number"))
    }

    /// A word that may be a keyword; numbers are none.
    fn keyword(&mut self) -> Result<&'t str, BuiltinError> {
        if self.rest.starts_with(char::is_alphabetic) { self.name() } else { Ok("") }
    }

    /// Letters, digits and underscores, maybe none, in front of what may follow a name.
    fn name(&mut self) -> Result<&'t str, BuiltinError> {
        let end = self.rest.find(|c| !is_alphanumeric(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        let is_end = rest.is_empty() || rest.starts_with("}}");
        if is_end || rest.starts_with([' ', '\t', '\r', '\n', '.', ',', '|', ':', ')', '(']) {
            return Ok(name);
        }
        Err(error("bad character after a name"))
    }

    fn deeper(&mut self) -> Result<(), BuiltinError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(error("nested too deeply")) } else { Ok(()) }
    }

    fn is_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with(')') || after_close(self.rest).is_some()
    }

    fn close(&mut self) -> Result<(), BuiltinError> {
        self.rest = after_close(self.rest).ok_or_else(|| error("unclosed action"))?;
        Ok(())
    }

    /// Skips blanks, but for the last one in front of `-}}`, which belongs to that.
    fn blanks(&mut self) {
        while let Some(rest) = self.rest.strip_prefix(BLANKS).filter(|rest| !rest.starts_with("-}}")) {
            self.rest = rest;
        }
    }
}

/// What follows `}}` or ` -}}` here, with blanks trimmed by the latter.
fn after_close(rest: &str) -> Option<&str> {
    let trimmed = rest.strip_prefix(BLANKS).and_then(|rest| rest.strip_prefix("-}}"));
    trimmed.map(|rest| rest.trim_start_matches(BLANKS)).or_else(|| rest.strip_prefix("}}"))
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_ascii_digit()
}

fn escaped(letter: char) -> Option<char> {
    let (_, c) = [
        ('a', '\u{7}'),
        ('b', '\u{8}'),
        ('f', '\u{c}'),
        ('n', '\n'),
        ('r', '\r'),
        ('t', '\t'),
        ('v', '\u{b}'),
        ('"', '"'),
        ('\\', '\\'),
    ]
    .into_iter()
    .find(|(known, _)| *known == letter)?;
    Some(c)
}
