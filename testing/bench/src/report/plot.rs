//! The plot: for each goal a bar that says how much of what the goal allows is taken. A bar that ends before the mark
//! reaches its goal.

use super::Line;

const WIDTH: f64 = 860.0;
/// Where bars begin, and the texts above them that say what each is.
const LEFT: f64 = 16.0;
/// As long as a bar can be; one that is longer is cut and says so by its figure.
const MOST: f64 = 2.0;
const BARS: f64 = 560.0;
const ROW: f64 = 46.0;
const TOP: f64 = 44.0;

/// Colours of their own for either mode; nothing is drawn behind them.
const STYLE: &str = "
text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: #24292f }
.small { font-size: 12px; fill: #57606a }
.reached { fill: #2da44e } .missed { fill: #cf222e } .track { fill: #8c959f; opacity: .18 }
.goal { stroke: #24292f; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .goal { stroke: #e6edf3 }
  .reached { fill: #3fb950 } .missed { fill: #f85149 }
}";

/// The plot of the lines that have goals.
pub(super) fn svg(lines: &[Line]) -> String {
    let lines: Vec<&Line> = lines.iter().filter(|line| line.goal.is_some()).collect();
    let height = TOP + ROW * lines.len() as f64 + 8.0;
    let goal = LEFT + BARS / MOST;
    let bars: String =
        lines.iter().enumerate().map(|(row, line)| bar(TOP + ROW * row as f64, line)).collect();
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">
<title>What was measured, beside its goals</title>
<style>{STYLE}
</style>
<text class="small" x="{goal}" y="18" text-anchor="middle">goal</text>
<text class="small" x="{LEFT}" y="18">shorter is better</text>
{bars}</svg>
"#
    )
}

fn bar(top: f64, line: &Line) -> String {
    let part = line.goal.map_or(0.0, |goal| goal.part(line.measured));
    let class = if line.is_reached() == Some(true) { "reached" } else { "missed" };
    // What cannot be divided is as bad as can be.
    let length = if part.is_finite() { part.clamp(0.0, MOST) } else { MOST } / MOST * BARS;
    format!(
        r#"<text x="{LEFT}" y="{text}">{what}</text>
<rect class="track" x="{LEFT}" y="{bar}" width="{BARS}" height="14" rx="3"/>
<rect class="{class}" x="{LEFT}" y="{bar}" width="{length:.1}" height="14" rx="3"/>
<line class="goal" x1="{goal}" y1="{above}" x2="{goal}" y2="{below}"/>
<text class="small" x="{beside}" y="{figure}">{measured} ({wanted})</text>
"#,
        text = top + 13.0,
        goal = LEFT + BARS / MOST,
        bar = top + 19.0,
        above = top + 16.0,
        below = top + 36.0,
        figure = top + 30.0,
        beside = LEFT + BARS + 10.0,
        what = escaped(&line.what),
        measured = escaped(&line.figure()),
        wanted = escaped(&line.wanted()),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
