//! The tree of a template. `parse` makes it and `run` runs it; it borrows the template's text.

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Node<'t> {
    Text(&'t str),
    Action(Pipe<'t>),
    If(Block<'t>),
    With(Block<'t>),
    Range(Block<'t>),
}

/// `{{if pipe}} body {{else}} otherwise {{end}}`, and the like of `with` and `range`.
#[derive(Debug)]
pub(super) struct Block<'t> {
    pub(super) pipe: Pipe<'t>,
    pub(super) body: Vec<Node<'t>>,
    pub(super) otherwise: Vec<Node<'t>>,
}

/// Commands, of which each gets the answer of the one before as its last argument.
#[derive(Debug, Default)]
pub(super) struct Pipe<'t> {
    /// The variables in front; two only for `range`.
    pub(super) variables: Vec<&'t str>,
    /// They are there already, and get a new value.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Vec<Operand<'t>>>,
}

/// A term and the fields behind it: `.a.b` is the dot and two fields.
#[derive(Debug)]
pub(super) struct Operand<'t> {
    pub(super) term: Term<'t>,
    pub(super) fields: Vec<&'t str>,
}

#[derive(Debug)]
pub(super) enum Term<'t> {
    Dot,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(String),
    Variable(&'t str),
    Function(&'t str),
    Pipe(Pipe<'t>),
}

// === impl Operand ===

impl Operand<'_> {
    /// Constants and a lone dot have no fields, and are no commands for what comes out of another.
    pub(super) fn may_have_fields(&self) -> bool {
        !self.fields.is_empty() || matches!(self.term, Term::Variable(_) | Term::Function(_) | Term::Pipe(_))
    }
}
