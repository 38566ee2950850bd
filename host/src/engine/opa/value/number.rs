//! Numbers as OPA keeps them: by their source text, compared by value.
//!
//! `1.0`, `1e3` and integers of thirty digits survive a round trip through a builtin, and two numbers are
//! equal when their values are, whatever their texts. Nothing here expands an exponent, so `1e999999999`
//! costs as much as `1`.

use std::{borrow::Cow, cmp::Ordering, fmt};

/// A number: valid JSON number text.
#[derive(Clone, Debug)]
pub struct Number(Repr);

#[derive(Clone, Debug)]
enum Repr {
    /// Text that is the canonical form of an `i64`.
    Int(i64),
    /// Any other valid text, and the nearest `f64`, which tells most numbers apart at once: a set of numbers is
    /// sorted while no deadline can interrupt it.
    Text { text: Box<str>, nearest: f64 },
}

/// Sign, digits before and behind the point without leading or trailing zeros, and the power of ten of the
/// first digit's place.
struct Decimal<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
    magnitude: i64,
}

// === impl Number ===

impl Number {
    /// The number that `text` spells, if it is a number in JSON's grammar.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(integer) = text.parse::<i64>()
            && !text.starts_with('+')
            && (integer != 0 || text == "0")
            && is_json_number(text)
        {
            return Some(Self(Repr::Int(integer)));
        }
        is_json_number(text).then(|| Self::from_text(text.into()))
    }

    /// The number that `text` spells in the grammar of a guest, which also has `.5`, `200.` and `070`: literals of
    /// Rego and answers of `to_number` that pass through a module as they were written.
    pub fn parse_guest(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| {
            let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |unsigned| ("-", unsigned));
            let (mantissa, exponent) = unsigned.split_at(unsigned.find(['e', 'E']).unwrap_or(unsigned.len()));
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            if whole.is_empty() && fraction.is_empty() {
                return None;
            }
            let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
            let point = if mantissa.contains('.') { "." } else { "" };
            let fraction = if point == "." && fraction.is_empty() { "0" } else { fraction };
            Self::parse(&format!("{sign}{whole}{point}{fraction}{exponent}"))
        })
    }

    /// The number as `i64` when its text is a plain integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(integer) => Some(*integer),
            Repr::Text { text, .. } => text.parse().ok(),
        }
    }

    /// The number as `i64` when its value is an integer that fits: `1.0` and `1e3` are.
    pub fn to_i64(&self) -> Option<i64> {
        self.as_i64().or_else(|| {
            let text = self.text();
            let decimal = Decimal::of(&text);
            let count = i64::try_from(decimal.digits().count()).ok()?;
            if count == 0 {
                return Some(0);
            }
            // Nineteen digits are the most an i64 has, so the zeros to append are few.
            if decimal.magnitude >= 19 || count > decimal.magnitude + 1 {
                return None;
            }
            let sign = if decimal.negative { "-" } else { "" };
            let zeros = "0".repeat(usize::try_from(decimal.magnitude + 1 - count).ok()?);
            [sign, decimal.whole, decimal.fraction, &zeros].concat().parse().ok()
        })
    }

    /// The nearest `f64`; infinite where the value is beyond its range.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            #[allow(clippy::cast_precision_loss, reason = "rounding to the nearest is what is asked for")]
            Repr::Int(integer) => *integer as f64,
            Repr::Text { nearest, .. } => *nearest,
        }
    }

    /// From a finite `f64`, in Go's shortest form (`strconv.FormatFloat(f, 'g', -1, 64)` as OPA writes it).
    pub fn from_f64(float: f64) -> Option<Self> {
        serde_json::Number::from_f64(float).map(|number| Self::from_json(&number))
    }

    pub(super) fn from_json(number: &serde_json::Number) -> Self {
        match number.as_i64() {
            Some(integer) => Self(Repr::Int(integer)),
            None => Self::from_text(number.to_string().into()),
        }
    }

    pub(super) fn into_json(self) -> serde_json::Value {
        if let Some(integer) = self.as_i64() {
            return integer.into();
        }
        let text = self.to_string();
        text.parse::<u64>().map_or_else(|_| self.to_f64().into(), Into::into)
    }

    fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            Repr::Int(integer) => integer.to_string().into(),
            Repr::Text { text, .. } => Cow::Borrowed(text),
        }
    }

    fn from_text(text: Box<str>) -> Self {
        let nearest = text.parse().unwrap_or(f64::NAN);
        Self(Repr::Text { text, nearest })
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        Self(Repr::Int(integer))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(integer) => write!(f, "{integer}"),
            Repr::Text { text, .. } => f.write_str(text),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Int(left), Repr::Int(right)) => left.cmp(right),
            // Rounding to the nearest keeps the order, but may make different numbers equal.
            _ => match self.to_f64().partial_cmp(&other.to_f64()) {
                Some(order @ (Ordering::Less | Ordering::Greater)) => order,
                _ => Decimal::of(&self.text()).cmp(&Decimal::of(&other.text())),
            },
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

// === impl Decimal ===

impl<'t> Decimal<'t> {
    /// The parts of a number's text.
    fn of(text: &'t str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        // An exponent too long for i64 saturates: no such number fits in a request anyway.
        let exponent = exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') {
            i64::MIN / 4
        } else {
            i64::MAX / 4
        });
        let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let significant = if whole.is_empty() { fraction.trim_start_matches('0') } else { fraction };
        let leading = i64::try_from(fraction.len() - significant.len()).unwrap_or_default();
        let place = i64::try_from(whole.len()).unwrap_or_default() - 1 - leading;
        Self {
            negative: mantissa.starts_with('-') && !(whole.is_empty() && significant.is_empty()),
            whole: if significant.is_empty() { whole.trim_end_matches('0') } else { whole },
            fraction: significant,
            magnitude: exponent.clamp(i64::MIN / 4, i64::MAX / 4) + place,
        }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.whole.bytes().chain(self.fraction.bytes())
    }

    fn cmp(&self, other: &Self) -> Ordering {
        match (self.sign(), other.sign()) {
            (left, right) if left != right => left.cmp(&right),
            (0, _) => Ordering::Equal,
            (1, _) => self.cmp_size(other),
            _ => other.cmp_size(self),
        }
    }

    fn sign(&self) -> i8 {
        match (self.whole.is_empty() && self.fraction.is_empty(), self.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        }
    }

    fn cmp_size(&self, other: &Self) -> Ordering {
        self.magnitude.cmp(&other.magnitude).then_with(|| self.digits().cmp(other.digits()))
    }
}

/// Whether `text` is one number in the grammar of RFC 8259.
fn is_json_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|part| digits(part.strip_prefix(['+', '-']).unwrap_or(part)))
}
