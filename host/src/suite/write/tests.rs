use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    report::Problem,
    suite::{Case, Kind, Outcome, Report, Suite},
};

fn case(test: &str, name: &str, place: &str, outcome: Outcome) -> Case {
    let full_name = [test, name].join(".");
    Case {
        outcome,
        elapsed: Duration::from_millis(1500),
        ..Case::new(full_name, test, name, place.to_owned())
    }
}

fn report() -> Report {
    let failed = Outcome::Failed("`x < 1 & \"y\"` does not hold\nagain".to_owned());
    let mut printed = case("data.a", "test_b", "a_test.rego:9:2", failed);
    printed.output = "one\u{1b}[2J\ntwo\n".to_owned();
    let first = vec![case("data.a", "test_a", "a_test.rego:3", Outcome::Passed), printed];
    let second = vec![
        case("t", "", "s.yaml", Outcome::Error("no template\u{202e}".to_owned())),
        case("t", "c", "s.yaml", Outcome::Skipped),
    ];
    let suite =
        |kind, name: &str, cases| Suite { kind, name: name.to_owned(), source: name.to_owned(), cases };
    Report {
        suites: vec![suite(Kind::Rego, "a_test.rego", first), suite(Kind::Gatekeeper, "s.yaml", second)],
        errors: vec![Problem { place: "b.yaml".to_owned(), reason: "is no <test>".to_owned() }],
        elapsed: Duration::from_millis(6000),
    }
}

fn plain(write: impl Fn(&Report, &mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&report(), &mut out).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
}

#[test]
fn text_has_a_line_for_each_file_and_tells_what_did_not_pass() {
    let text = plain(super::text);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "FAIL  a_test.rego  1 passed, 1 failed",
            "  FAIL  data.a.test_b  a_test.rego:9:2",
            "        `x < 1 & \"y\"` does not hold",
            "        again",
            "        | one\u{fffd}[2J",
            "        | two",
            "ERROR s.yaml  0 passed, 1 error, 1 skipped",
            "  ERROR t.",
            "        no template\u{fffd}",
            "ERROR b.yaml: is no <test>",
            "",
            "4 tests in 2 files: 1 passed, 1 failed, 2 errors, 1 skipped (6.0 s)",
        ]
    );
}

#[test]
fn json_has_everything() {
    let json: Value = serde_json::from_str(&plain(super::json)).unwrap();
    let first = &json["suites"][0];
    assert_eq!((&first["kind"], &first["seconds"]), (&json!("rego"), &json!(3.0)));
    assert_eq!(
        first["cases"][1],
        json!({
            "test": "data.a", "name": "test_b", "fullName": "data.a.test_b", "outcome": "failed",
            "message": "`x < 1 & \"y\"` does not hold\nagain", "place": "a_test.rego:9:2",
            "output": "one\u{1b}[2J\ntwo\n", "seconds": 1.5,
        })
    );
    assert_eq!(first["cases"][0].get("message"), None);
    assert_eq!(json["errors"], json!([{"place": "b.yaml", "error": "is no <test>"}]));
    assert_eq!(
        json["summary"],
        json!({"suites": 2, "cases": 4, "passed": 1, "failed": 1, "skipped": 1, "errors": 2, "seconds": 6.0})
    );
}

#[test]
fn junit_is_escaped() {
    let mut out = Vec::new();
    super::junit(&report(), &mut out).unwrap();
    let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"magtape test\" tests=\"5\" failures=\"1\" errors=\"2\" skipped=\"1\" time=\"6.000\">
  <testsuite name=\"a_test.rego\" file=\"a_test.rego\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"3.000\">
    <testcase classname=\"data.a\" name=\"test_a\" time=\"1.500\"/>
    <testcase classname=\"data.a\" name=\"test_b\" time=\"1.500\">
      <failure message=\"`x &lt; 1 &amp; &quot;y&quot;` does not hold\">a_test.rego:9:2&#10;`x &lt; 1 &amp; &quot;y&quot;` does not hold&#10;again</failure>
      <system-out>one\u{fffd}[2J&#10;two&#10;</system-out>
    </testcase>
  </testsuite>
  <testsuite name=\"s.yaml\" file=\"s.yaml\" tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"1\" time=\"3.000\">
    <testcase classname=\"t\" name=\"t\" time=\"1.500\">
      <error message=\"no template\u{202e}\">s.yaml&#10;no template\u{202e}</error>
    </testcase>
    <testcase classname=\"t\" name=\"c\" time=\"1.500\">
      <skipped/>
    </testcase>
  </testsuite>
  <testsuite name=\"errors\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0.000\">
    <testcase classname=\"errors\" name=\"b.yaml\" time=\"0.000\">
      <error message=\"is no &lt;test&gt;\"/>
    </testcase>
  </testsuite>
</testsuites>
";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}
