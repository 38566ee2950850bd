//! The table, in columns that are as wide as what is in them.

use super::Line;

const HEADINGS: [&str; 5] = ["what", "measured", "goal", "", "detail"];

/// The table as text; empty without lines.
pub(super) fn text(lines: &[Line]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 5]> =
        [HEADINGS.map(str::to_owned)].into_iter().chain(lines.iter().map(row)).collect();
    rows.iter().map(|row| aligned(row, &rows)).collect()
}

fn row(line: &Line) -> [String; 5] {
    let reached = match line.is_reached() {
        Some(true) => "reached",
        Some(false) => "missed",
        None => "for scale",
    };
    [line.what.clone(), line.figure(), line.wanted(), reached.to_owned(), line.detail.clone()]
}

fn aligned(row: &[String; 5], rows: &[[String; 5]]) -> String {
    let cell = |(column, cell): (usize, &String)| {
        let widths = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        format!("{cell:<width$}", width = widths.max().unwrap_or_default())
    };
    let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
    format!("{}\n", cells.join("  ").trim_end())
}
