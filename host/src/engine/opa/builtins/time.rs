//! `time.*`: points in time as nanoseconds since 1970-01-01T00:00:00Z.
//!
//! What the functions take and answer is OPA's policy reference
//! (<https://www.openpolicyagent.org/docs/policy-reference/builtins/time>); layouts, calendar arithmetic and
//! durations are those of Go's `time` package (<https://pkg.go.dev/time>), whose sentences the parts quote.
//! A point in time that does not fit in an `i64` of nanoseconds makes the call undefined. The zone `Local` is
//! UTC here: an answer never depends on the machine's settings, and neither is the machine's clock read,
//! because `State` carries the one "now" of the evaluation.

mod calendar;
mod duration;
mod format;
mod layout;
mod nanoseconds;
mod parse;
mod zone;

use super::{Builtin, BuiltinError, State, operands};
use crate::engine::opa::value::Value;

use calendar::WallClock;
use zone::Zone;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "time.add_date", arity: 4, call: add_date },
    Builtin { name: "time.clock", arity: 1, call: clock },
    Builtin { name: "time.date", arity: 1, call: date },
    Builtin { name: "time.diff", arity: 2, call: diff },
    Builtin { name: "time.format", arity: 1, call: format_time },
    Builtin { name: "time.now_ns", arity: 0, call: now_ns },
    Builtin { name: "time.parse_duration_ns", arity: 1, call: parse_duration_ns },
    Builtin { name: "time.parse_ns", arity: 2, call: parse_ns },
    Builtin { name: "time.parse_rfc3339_ns", arity: 1, call: parse_rfc3339_ns },
    Builtin { name: "time.weekday", arity: 1, call: weekday },
];

/// What the first argument of most functions says: `ns`, `[ns]`, `[ns, zone]` or `[ns, zone, layout]`.
struct Moment<'v> {
    ns: i64,
    zone: Zone,
    layout: &'v str,
}

fn now_ns(state: &mut State, _: &[Value]) -> Result<Value, BuiltinError> {
    Ok(state.now_ns.into())
}

fn parse_ns(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let layout = layout::by_name(string(args, 0)?);
    parse_with(layout, string(args, 1)?)
}

fn parse_rfc3339_ns(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    parse_with(layout::RFC3339, string(args, 0)?)
}

fn parse_with(layout: &str, text: &str) -> Result<Value, BuiltinError> {
    let (seconds, nanosecond) = parse::parse(layout, text)
        .ok_or_else(|| BuiltinError::undefined("the text is not a time in this layout"))?;
    from_unix(seconds, nanosecond)
}

fn parse_duration_ns(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let ns = duration::parse(string(args, 0)?).ok_or_else(|| BuiltinError::undefined("not a duration"))?;
    Ok(ns.into())
}

fn format_time(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let moment = Moment::of(args, 0)?;
    let layout = if moment.layout.is_empty() { layout::RFC3339_NANO } else { layout::by_name(moment.layout) };
    format::format(&moment.wall_clock(), layout, state.max_output_bytes).map(Value::String)
}

fn date(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let wall = Moment::of(args, 0)?.wall_clock();
    Ok(numbers(&[wall.date.year, wall.date.month, wall.date.day]))
}

fn clock(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let wall = Moment::of(args, 0)?.wall_clock();
    Ok(numbers(&[wall.hour, wall.minute, wall.second]))
}

fn weekday(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Moment::of(args, 0)?.wall_clock().weekday().into())
}

fn add_date(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let moment = Moment::of(args, 0)?;
    let [_, years, months, days] = args else {
        return Err(BuiltinError::undefined("an argument is missing"));
    };
    let (years, months, days) = (operands::int(years)?, operands::int(months)?, operands::int(days)?);
    let wall = moment.wall_clock();
    let local = wall.plus(years, months, days).local_seconds();
    let unix = moment.zone.unix_seconds(local).ok_or_else(out_of_range)?;
    from_unix(unix, wall.nanosecond)
}

fn diff(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let (first, mut second) = (Moment::of(args, 0)?, Moment::of(args, 1)?);
    let ends = if first.ns <= second.ns { (first.ns, second.ns) } else { (second.ns, first.ns) };
    // The zone of the first argument counts for both.
    second.zone = first.zone;
    let [from, to] = [ends.0, ends.1].map(|ns| second.zone.wall_clock(ns));
    Ok(numbers(&calendar::difference(&from, &to)))
}

// === impl Moment ===

impl<'v> Moment<'v> {
    fn of(args: &'v [Value], index: usize) -> Result<Self, BuiltinError> {
        let (ns, zone, layout) = match args.get(index) {
            Some(Value::Array(items)) => (items.first(), items.get(1), items.get(2)),
            other => (other, None, None),
        };
        let Some(Value::Number(ns)) = ns else {
            return Err(BuiltinError::undefined("expected a number (ns) or [number (ns), string (tz)]"));
        };
        Ok(Self {
            ns: nanoseconds::exact(ns).ok_or_else(|| BuiltinError::undefined("timestamp too big"))?,
            zone: zone.map_or(Ok(Zone::Utc), |name| {
                Zone::load(text_of(name)?).ok_or_else(|| BuiltinError::undefined("unknown time zone"))
            })?,
            layout: layout.map_or(Ok(""), text_of)?,
        })
    }

    fn wall_clock(&self) -> WallClock {
        self.zone.wall_clock(self.ns)
    }
}

fn from_unix(seconds: i64, nanosecond: i64) -> Result<Value, BuiltinError> {
    let ns = i128::from(seconds) * 1_000_000_000 + i128::from(nanosecond);
    i64::try_from(ns).map(Value::from).map_err(|_| out_of_range())
}

fn out_of_range() -> BuiltinError {
    BuiltinError::undefined("time outside of valid range")
}

fn numbers(items: &[i64]) -> Value {
    Value::Array(items.iter().copied().map(Value::from).collect())
}

fn string(args: &[Value], index: usize) -> Result<&str, BuiltinError> {
    args.get(index).map_or(Err(BuiltinError::undefined("an argument is missing")), text_of)
}

fn text_of(value: &Value) -> Result<&str, BuiltinError> {
    value.as_str().ok_or_else(|| BuiltinError::undefined("expected a string"))
}

#[cfg(test)]
mod tests;
