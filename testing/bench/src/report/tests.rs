use super::*;

fn line(what: &str, measured: f64, goal: Option<Goal>) -> Line {
    Line { what: what.to_owned(), measured, unit: "x", goal, detail: "3 ms beside 4 ms".to_owned() }
}

#[test]
fn a_goal_is_reached_from_its_own_side() {
    let reached = |measured, goal| line("w", measured, Some(goal)).is_reached();
    assert_eq!(reached(1.0, Goal::AtMost(1.0)), Some(true));
    assert_eq!(reached(1.1, Goal::AtMost(1.0)), Some(false));
    assert_eq!(reached(9.0, Goal::AtLeast(8.0)), Some(true));
    assert_eq!(reached(7.9, Goal::AtLeast(8.0)), Some(false));
    assert_eq!(line("w", 1.0, None).is_reached(), None);
}

#[test]
fn columns_are_aligned() {
    let lines = [line("short", 0.5, Some(Goal::AtMost(1.0))), line("much longer", 12.34, None)];
    let text = table::text(&lines);
    assert_eq!(
        text,
        "what         measured  goal                       detail\n\
         short        0.50 x    at most 1.00 x  reached    3 ms beside 4 ms\n\
         much longer  12.3 x                    for scale  3 ms beside 4 ms\n"
    );
}

#[test]
fn only_goals_are_drawn() {
    let lines = [
        line("<fast> & small", 0.5, Some(Goal::AtMost(1.0))),
        line("slow", 90.0, Some(Goal::AtMost(1.0))),
        line("for scale", 2.0, None),
    ];
    let svg = plot::svg(&lines);
    assert!(svg.contains("&lt;fast&gt; &amp; small") && !svg.contains("for scale"), "{svg}");
    assert!(svg.contains(r#"class="reached" x="16" y="63" width="140.0""#), "{svg}");
    // Cut, and said in figures.
    assert!(svg.contains(r#"width="560.0""#) && svg.contains("90.0 x (at most 1.00 x)"), "{svg}");
}
