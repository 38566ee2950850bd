//! The tokens of a glob of `regex.globs_match`.

/// A character, any character, or one of a set, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    kind: Kind,
    pub(super) repeat: Repeat,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Any,
    Char(u32),
    /// Ranges in order, without overlaps and gaps between neighbours.
    Set(Vec<(u32, u32)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Once,
    /// `+`
    Some,
    /// `*`
    Any,
}

/// A character, and whether a backslash stands before it.
type Read = (char, bool);

// === impl Token ===

impl Token {
    /// Whether some character fits both, however often they are repeated. An empty set overlaps with any
    /// character.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Any, _) | (_, Kind::Any) => true,
            (Kind::Char(a), Kind::Char(b)) => a == b,
            (Kind::Char(c), Kind::Set(ranges)) | (Kind::Set(ranges), Kind::Char(c)) => {
                ranges.iter().any(|(low, high)| (low..=high).contains(&c))
            }
            (Kind::Set(a), Kind::Set(b)) => sets_overlap(a, b),
        }
    }
}

fn sets_overlap(a: &[(u32, u32)], b: &[(u32, u32)]) -> bool {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some((a_low, a_high)), Some((b_low, b_high))) = (a.peek(), b.peek()) {
        if a_high < b_low {
            a.next();
        } else if b_high < a_low {
            b.next();
        } else {
            return true;
        }
    }
    false
}

/// Reads a glob; `None` where it is none. Neighbours that are equal and both repeated become one.
pub(super) fn parse(glob: &str) -> Option<Vec<Token>> {
    let mut chars = glob.chars().peekable();
    let mut tokens: Vec<Token> = Vec::new();
    while chars.peek().is_some() {
        let kind = match read(&mut chars)? {
            ('.', false) => Kind::Any,
            ('[', false) => set(&mut chars)?,
            (']' | '+' | '*', false) => return None,
            (c, _) => Kind::Char(c.into()),
        };
        let repeat = match chars.next_if(|c| matches!(c, '+' | '*')) {
            None => Repeat::Once,
            Some('+') => Repeat::Some,
            Some(_) => Repeat::Any,
        };
        // A lone backslash behind a token makes the glob invalid, which the next round finds.
        match tokens.last_mut() {
            Some(last) if repeat != Repeat::Once && last.repeat != Repeat::Once && last.kind == kind => {
                let is_some = repeat == Repeat::Some || last.repeat == Repeat::Some;
                last.repeat = if is_some { Repeat::Some } else { Repeat::Any };
            }
            _ => tokens.push(Token { kind, repeat }),
        }
    }
    Some(tokens)
}

fn read(chars: &mut impl Iterator<Item = char>) -> Option<Read> {
    match chars.next()? {
        '\\' => Some((chars.next()?, true)),
        c => Some((c, false)),
    }
}

/// The members of a set, up to its closing bracket.
fn set(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Kind> {
    let mut ranges = Vec::new();
    let mut previous: Option<u32> = None;
    loop {
        match read(chars)? {
            (']', false) => return Some(Kind::Set(merged(ranges))),
            ('-', false) => {
                let low = previous.take()?;
                // Two more characters must follow, one for the range and one for the end.
                let remaining = chars.clone().take(2).count();
                let high = match read(chars)? {
                    _ if remaining < 2 => return None,
                    (']' | '-', false) => return None,
                    (c, _) => u32::from(c),
                };
                if high < low {
                    return None;
                }
                ranges.push((low, high));
            }
            (c, _) => {
                ranges.push((c.into(), c.into()));
                previous = Some(c.into());
            }
        }
    }
}

fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (low, high) in ranges {
        match merged.last_mut() {
            Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
            _ => merged.push((low, high)),
        }
    }
    merged
}
