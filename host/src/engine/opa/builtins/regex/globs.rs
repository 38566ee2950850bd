//! `regex.globs_match`: whether some text matches both of two "globs", which here are expressions of characters,
//! `.`, `[...]`, `+` and `*` only.
//!
//! OPA answers it with github.com/yashtewari/glob-intersection, whose search is not complete; the same states
//! are gone through here, so the answers are the same, but from a table and not by trying all ways, which takes
//! exponential time there.

mod token;

use self::token::{Repeat, Token, parse};
use super::BuiltinError;

/// The most pairs of tokens to look at: some ten milliseconds.
const MAX_PAIRS: usize = 4_000_000;

/// Whether both match some text.
pub(super) fn intersect(left: &str, right: &str) -> Result<bool, BuiltinError> {
    let (left, right) = (parse(left), parse(right));
    let (Some(left), Some(right)) = (left, right) else {
        return Err(BuiltinError::undefined("no valid glob"));
    };
    let Some((left, right)) = trim(&left, &right) else { return Ok(false) };
    if left.len().saturating_mul(right.len()) > MAX_PAIRS {
        return Err(BuiltinError::Limit("the globs are too long".to_owned()));
    }
    Ok(Table::fill(left, right))
}

/// Cuts off what surely matches in front and behind, but for one token; `None` where it does not match.
fn trim<'t>(left: &'t [Token], right: &'t [Token]) -> Option<(&'t [Token], &'t [Token])> {
    let both_plain = |(a, b): &(&Token, &Token)| a.repeat == Repeat::Once && b.repeat == Repeat::Once;
    let prefix = left.iter().zip(right).take_while(both_plain);
    let (count, fits) = prefix.fold((0, true), |(count, fits), (a, b)| (count + 1, fits && a.overlaps(b)));
    if !fits {
        return None;
    }
    let start = usize::saturating_sub(count, 1);
    let (left, right) = (left.get(start..)?, right.get(start..)?);
    let suffix = left.iter().rev().zip(right.iter().rev()).take_while(both_plain);
    let (count, fits) = suffix.fold((0, true), |(count, fits), (a, b)| (count + 1, fits && a.overlaps(b)));
    if !fits {
        return None;
    }
    let end = usize::saturating_sub(count, 1);
    Some((left.get(..left.len() - end)?, right.get(..right.len() - end)?))
}

/// What holds for the rests of both globs from one pair of positions on.
#[derive(Clone, Copy, Default)]
struct Cell {
    /// They intersect, where the left one's (right one's) repetition is looked at first.
    left_first: bool,
    right_first: bool,
    /// The left (right) one's repeated token swallows from the other's rest so that the rests intersect.
    left_swallows: bool,
    right_swallows: bool,
}

/// The cells are filled from the ends of both globs, so each needs only its neighbours.
struct Table<'t> {
    left: &'t [Token],
    right: &'t [Token],
    /// The row of the next position on the left.
    below: Vec<Cell>,
    row: Vec<Cell>,
}

// === impl Table ===

impl<'t> Table<'t> {
    fn fill(left: &'t [Token], right: &'t [Token]) -> bool {
        let empty = vec![Cell::default(); right.len() + 2];
        let mut table = Table { left, right, below: empty.clone(), row: empty };
        for i in (0..=left.len()).rev() {
            for j in (0..=right.len()).rev() {
                let cell = table.cell(i, j);
                if let Some(place) = table.row.get_mut(j) {
                    *place = cell;
                }
            }
            std::mem::swap(&mut table.row, &mut table.below);
            table.row.fill(Cell::default());
        }
        table.below.first().is_some_and(|cell| cell.left_first)
    }

    fn cell(&self, i: usize, j: usize) -> Cell {
        let at = |row: &[Cell], j: usize| row.get(j).copied().unwrap_or_default();
        let (below, after, diagonal) = (at(&self.below, j), at(&self.row, j + 1), at(&self.below, j + 1));
        let (left, right) = (self.left.get(i), self.right.get(j));
        let (left_next, right_next) = (self.left.get(i + 1), self.right.get(j + 1));
        let left_swallows = swallows(left, left_next, right, below.left_first, after.left_swallows);
        let right_swallows = swallows(right, right_next, left, after.right_first, below.right_swallows);
        let (Some(a), Some(b)) = (left, right) else {
            let ended = left.is_none() && right.is_none();
            return Cell { left_first: ended, right_first: ended, left_swallows, right_swallows };
        };
        let by_left = || repeated(a, b, left_swallows, after.left_swallows, below.left_first);
        let by_right = || repeated(b, a, right_swallows, below.right_swallows, after.right_first);
        let (left_first, right_first) = match (a.repeat, b.repeat) {
            (Repeat::Once, Repeat::Once) => {
                let fits = a.overlaps(b);
                (fits && diagonal.left_first, fits && diagonal.right_first)
            }
            (_, Repeat::Once) => (by_left(), by_left()),
            (Repeat::Once, _) => (by_right(), by_right()),
            _ => (by_left(), by_right()),
        };
        Cell { left_first, right_first, left_swallows, right_swallows }
    }
}

/// Whether `token` can swallow from the other glob on, where `other` stands. `through` says whether the rest
/// behind `token` intersects from here, `further` whether it can go on swallowing after `other`.
fn swallows(
    token: Option<&Token>,
    next: Option<&Token>,
    other: Option<&Token>,
    through: bool,
    further: bool,
) -> bool {
    let Some(token) = token else { return false };
    match other {
        None => next.is_none(),
        Some(other) => {
            next.is_some_and(|next| next.overlaps(other)) && through || token.overlaps(other) && further
        }
    }
}

/// Whether the rests intersect when `token` is repeated: a star swallows at once, a plus takes `other` first, or
/// is itself swallowed by it.
fn repeated(token: &Token, other: &Token, swallows: bool, swallows_after: bool, without: bool) -> bool {
    match token.repeat {
        Repeat::Any => swallows,
        _ => token.overlaps(other) && (swallows_after || other.repeat != Repeat::Once && without),
    }
}
