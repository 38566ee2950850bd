use super::*;
use crate::engine::opa::builtins::find;

/// Name, arguments and answer, as OPA 1.22.0 gives it with the same version of the zone database.
const CASES: &[(&str, &str, &str)] = &[
    // arguments
    ("time.date", "[0]", "[1970, 1, 1]"),
    ("time.date", "[[0]]", "[1970, 1, 1]"),
    ("time.date", r#"[[0,""]]"#, "[1970, 1, 1]"),
    ("time.date", r#"[[0,"Local"]]"#, "[1970, 1, 1]"),
    ("time.date", r#"[[0,"UTC","ignored",1]]"#, "[1970, 1, 1]"),
    ("time.date", r#"[[-1,"America/New_York"]]"#, "[1969, 12, 31]"),
    ("time.date", "[[]]", "undefined"),
    ("time.date", r#"["0"]"#, "undefined"),
    ("time.date", r#"[["0","UTC"]]"#, "undefined"),
    ("time.date", "[[0,1]]", "undefined"),
    ("time.date", r#"[[0,"UTC",1]]"#, "undefined"),
    ("time.date", r#"[[0,"europe/berlin"]]"#, "undefined"),
    ("time.date", r#"[[0,"Etc/Unknown"]]"#, "undefined"),
    ("time.date", r#"[[0,"../etc/passwd"]]"#, "undefined"),
    ("time.date", "[9223372036854775807]", "[2262, 4, 11]"),
    ("time.date", "[-9223372036854775808]", "[1677, 9, 21]"),
    ("time.date", "[9223372036854775808]", "undefined"),
    ("time.date", "[-9223372036854775808.5]", "[1677, 9, 21]"),
    ("time.date", "[-9223372036854775808.6]", "undefined"),
    ("time.date", "[1e18]", "[2001, 9, 9]"),
    ("time.date", "[1.5]", "undefined"),
    ("time.date", "[0.99999999999999999998]", "[1970, 1, 1]"),
    ("time.date", "[0.9999999999999999999]", "undefined"),
    ("time.date", "[1700000000000000000.01]", "[2023, 11, 14]"),
    ("time.date", "[1700000000000000000.07]", "undefined"),
    ("time.date", "[1e99]", "undefined"),
    // clocks
    ("time.clock", "[1700000000123456789]", "[22, 13, 20]"),
    ("time.clock", r#"[[1700000000123456789,"Asia/Kathmandu"]]"#, "[3, 58, 20]"),
    ("time.clock", r#"[[1711846799999999999,"Europe/Berlin"]]"#, "[1, 59, 59]"),
    ("time.clock", r#"[[1711846800000000000,"Europe/Berlin"]]"#, "[3, 0, 0]"),
    ("time.weekday", "[0]", r#""Thursday""#),
    ("time.weekday", "[-1]", r#""Wednesday""#),
    ("time.weekday", r#"[[1700000000000000000,"Pacific/Kiritimati"]]"#, r#""Wednesday""#),
    // layouts
    ("time.format", "[1700000000123456789]", r#""2023-11-14T22:13:20.123456789Z""#),
    ("time.format", r#"[[1700000000120000000,"America/St_Johns"]]"#, r#""2023-11-14T18:43:20.12-03:30""#),
    ("time.format", r#"[[1700000000000000000,"Asia/Tokyo","ANSIC"]]"#, r#""Wed Nov 15 07:13:20 2023""#),
    (
        "time.format",
        r#"[[1700000000000000000,"Asia/Tokyo","UnixDate"]]"#,
        r#""Wed Nov 15 07:13:20 JST 2023""#,
    ),
    (
        "time.format",
        r#"[[1700000000000000000,"Asia/Tokyo","RubyDate"]]"#,
        r#""Wed Nov 15 07:13:20 +0900 2023""#,
    ),
    ("time.format", r#"[[1700000000000000000,"Asia/Tokyo","RFC822"]]"#, r#""15 Nov 23 07:13 JST""#),
    ("time.format", r#"[[1700000000000000000,"Asia/Tokyo","RFC822Z"]]"#, r#""15 Nov 23 07:13 +0900""#),
    (
        "time.format",
        r#"[[1700000000000000000,"Asia/Tokyo","RFC850"]]"#,
        r#""Wednesday, 15-Nov-23 07:13:20 JST""#,
    ),
    (
        "time.format",
        r#"[[1700000000000000000,"Asia/Tokyo","RFC1123"]]"#,
        r#""Wed, 15 Nov 2023 07:13:20 JST""#,
    ),
    (
        "time.format",
        r#"[[1700000000000000000,"Asia/Tokyo","RFC1123Z"]]"#,
        r#""Wed, 15 Nov 2023 07:13:20 +0900""#,
    ),
    ("time.format", r#"[[1700000000000000000,"Asia/Tokyo","RFC3339"]]"#, r#""2023-11-15T07:13:20+09:00""#),
    (
        "time.format",
        r#"[[1700000000000000001,"Asia/Tokyo","RFC3339Nano"]]"#,
        r#""2023-11-15T07:13:20.000000001+09:00""#,
    ),
    ("time.format", r#"[[1700000000000000000,"Asia/Tokyo",""]]"#, r#""2023-11-15T07:13:20+09:00""#),
    (
        "time.format",
        r#"[[1700000000000000000,"America/Sao_Paulo","MST -07 -0700 -070000 -07:00:00 Z07 Z0700"]]"#,
        r#""-03 -03 -0300 -030000 -03:00:00 -03 -0300""#,
    ),
    (
        "time.format",
        r#"[[1700000000000000000,"UTC","MST -07 Z07 Z0700 Z07:00 Z070000 Z07:00:00"]]"#,
        r#""UTC +00 Z Z Z Z Z""#,
    ),
    (
        "time.format",
        r#"[[-3000000000000000000,"Europe/Amsterdam","Z07:00:00 -070000 -0700"]]"#,
        r#""+00:17:30 +001730 +0017""#,
    ),
    (
        "time.format",
        r#"[[1704067199000000000,"UTC","_2|__2|002|2|02|1|01|Jan|January|06|2006"]]"#,
        r#""31|365|365|31|31|12|12|Dec|December|23|2023""#,
    ),
    (
        "time.format",
        r#"[[1704153599000000000,"UTC","_2|__2|002|2|02|1|01|Jan|January|06|2006"]]"#,
        r#"" 1|  1|001|1|01|1|01|Jan|January|24|2024""#,
    ),
    (
        "time.format",
        r#"[[1704067199000000000,"UTC","15 3 03 PM pm 4 04 5 05"]]"#,
        r#""23 11 11 PM pm 59 59 59 59""#,
    ),
    (
        "time.format",
        r#"[[1704067199000000000,"UTC","Month Janet _2006 __2006 20062 000 07 6"]]"#,
        r#""Month Janet _2023 365023 202331 000 07 6""#,
    ),
    (
        "time.format",
        r#"[[1704067199012000000,"UTC",".000|,000|.999|,9|.9|.0|.0001|.000000000000|.999999999999"]]"#,
        r#"".012|,012|.012|||.0|.0012|.012000000|.012""#,
    ),
    ("time.format", r#"[[1704067199000000000,"UTC","zwölf Uhr: 15 ü 04"]]"#, r#""zwölf Uhr: 23 ü 59""#),
    ("time.format", r#"[[-9223372036854775808,"UTC","Mon Monday"]]"#, r#""Tue Tuesday""#),
    // parsing
    ("time.parse_rfc3339_ns", r#"["2023-11-14T22:13:20.123456789123Z"]"#, "1700000000123456789"),
    ("time.parse_rfc3339_ns", r#"["2023-11-14T22:13:20,5+05:30"]"#, "1699980200500000000"),
    ("time.parse_rfc3339_ns", r#"["2023-11-14T2:13:20Z"]"#, "1699928000000000000"),
    ("time.parse_rfc3339_ns", r#"["2023-11-14T22:13:20+24:60"]"#, "1699910000000000000"),
    ("time.parse_rfc3339_ns", r#"["2023-11-14T22:13:20+25:00"]"#, "undefined"),
    ("time.parse_rfc3339_ns", r#"["2023-11-14t22:13:20Z"]"#, "undefined"),
    ("time.parse_rfc3339_ns", r#"["2023-02-29T00:00:00Z"]"#, "undefined"),
    ("time.parse_rfc3339_ns", r#"["2023-11-14T22:13:60Z"]"#, "undefined"),
    ("time.parse_rfc3339_ns", r#"["2262-04-11T23:47:16.854775807Z"]"#, "9223372036854775807"),
    ("time.parse_rfc3339_ns", r#"["2262-04-11T23:47:16.854775808Z"]"#, "undefined"),
    ("time.parse_rfc3339_ns", r#"["1677-09-21T00:12:43.145224192Z"]"#, "-9223372036854775808"),
    ("time.parse_rfc3339_ns", r#"["1677-09-21T00:12:43.145224191Z"]"#, "undefined"),
    ("time.parse_rfc3339_ns", "[1]", "undefined"),
    ("time.parse_ns", r#"["RFC1123","Tue, 14 Nov 2023 22:13:20 CEST"]"#, "1700000000000000000"),
    ("time.parse_ns", r#"["RFC1123","wed, 14 nOV 2023 22:13:20 GMT+3"]"#, "1700000000000000000"),
    ("time.parse_ns", r#"["RFC1123","Tue, 14 Nov 2023 22:13:20 GMT+24"]"#, "undefined"),
    ("time.parse_ns", r#"["RFC822","14 Nov 68 22:13 WITA"]"#, "3120156780000000000"),
    ("time.parse_ns", r#"["RFC822","14 Nov 69 22:13 ABCD"]"#, "undefined"),
    ("time.parse_ns", r#"["RFC822","14 Nov -1 22:13 UTC"]"#, "942617580000000000"),
    ("time.parse_ns", r#"["2006 MST","2023 ChST"]"#, "1672531200000000000"),
    ("time.parse_ns", r#"["2006 MST","2023 +23"]"#, "1672531200000000000"),
    ("time.parse_ns", r#"["2006 MST","2023 +24"]"#, "undefined"),
    ("time.parse_ns", r#"["2006-01-02","2023-11-14 "]"#, "undefined"),
    ("time.parse_ns", r#"["2006-01-02 ","2023-11-14"]"#, "1699920000000000000"),
    ("time.parse_ns", r#"["2006 01","2023    11"]"#, "1698796800000000000"),
    ("time.parse_ns", r#"["06/1/2 3:4:5pm","23/1/2 3:4:5.5pm"]"#, "1672671845500000000"),
    ("time.parse_ns", r#"["06 3PM","23 12AM"]"#, "1672531200000000000"),
    ("time.parse_ns", r#"["06 3PMpm","23 12AMpm"]"#, "1672531200000000000"),
    ("time.parse_ns", r#"["06 3PM","23 13PM"]"#, "undefined"),
    ("time.parse_ns", r#"["06 15PM","23 13AM"]"#, "1672578000000000000"),
    ("time.parse_ns", r#"["2006 002","2024 366"]"#, "1735603200000000000"),
    ("time.parse_ns", r#"["2006 002","2023 366"]"#, "undefined"),
    ("time.parse_ns", r#"["2006 __2","2024   9"]"#, "1704758400000000000"),
    ("time.parse_ns", r#"["2006 002 01","2024 060 02"]"#, "1709164800000000000"),
    ("time.parse_ns", r#"["2006 002 01","2024 060 03"]"#, "undefined"),
    ("time.parse_ns", r#"["2006 -07:00:00","2023 -00:00:01"]"#, "1672531200000000000"),
    ("time.parse_ns", r#"["2006 -07:00:00","2023 -00:00:02"]"#, "1672531202000000000"),
    ("time.parse_ns", r#"["2006 Z07 -07","2023 Z +05"]"#, "1672531200000000000"),
    ("time.parse_ns", r#"["2006 05.000","2023 07.+12"]"#, "1672531207012000000"),
    ("time.parse_ns", r#"["2006 05.000","2023 07.-12"]"#, "undefined"),
    ("time.parse_ns", r#"["2006 05.000","2023 07.12"]"#, "undefined"),
    ("time.parse_ns", r#"["2006 05.999","2023 07.123456"]"#, "1672531207123456000"),
    ("time.parse_ns", r#"["3:04PM","3:04PM"]"#, "undefined"),
    ("time.parse_ns", r#"["","" ]"#, "undefined"),
    ("time.parse_ns", r#"["2006é","2023é"]"#, "1672531200000000000"),
    ("time.parse_ns", r#"["06","é"]"#, "undefined"),
    // durations
    ("time.parse_duration_ns", r#"["0"]"#, "0"),
    ("time.parse_duration_ns", r#"["-0"]"#, "0"),
    ("time.parse_duration_ns", r#"[""]"#, "undefined"),
    ("time.parse_duration_ns", r#"["1"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["1h2m3s4ms5us6ns"]"#, "3723004005006"),
    ("time.parse_duration_ns", r#"["1µs1μs"]"#, "2000"),
    ("time.parse_duration_ns", r#"["-1.5h"]"#, "-5400000000000"),
    ("time.parse_duration_ns", r#"["+.5m"]"#, "30000000000"),
    ("time.parse_duration_ns", r#"["1.s"]"#, "1000000000"),
    ("time.parse_duration_ns", r#"[".s"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["1 h"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["9223372036854775807ns"]"#, "9223372036854775807"),
    ("time.parse_duration_ns", r#"["9223372036854775808ns"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["-9223372036854775808ns"]"#, "-9223372036854775808"),
    ("time.parse_duration_ns", r#"["-9223372036854775809ns"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["9223372036854775808ns9223372036854775808ns"]"#, "0"),
    ("time.parse_duration_ns", r#"["0.1000000000000000000000001h"]"#, "360000000000"),
    ("time.parse_duration_ns", r#"["1d"]"#, "86400000000000"),
    ("time.parse_duration_ns", r#"["-1w2d3h"]"#, "-788400000000000"),
    ("time.parse_duration_ns", r#"["0.1y"]"#, "3153600000000000"),
    ("time.parse_duration_ns", r#"["292y"]"#, "9208512000000000000"),
    ("time.parse_duration_ns", r#"["293y"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["1d1µs"]"#, "86400000001000"),
    ("time.parse_duration_ns", r#"["1d1μs"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["1dh"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["1D"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["1..5d"]"#, "undefined"),
    ("time.parse_duration_ns", r#"["d"]"#, "undefined"),
    // dates to come
    ("time.add_date", "[1706659200000000000,0,1,0]", "1709337600000000000"),
    ("time.add_date", "[1675123200000000000,0,1,0]", "1677801600000000000"),
    ("time.add_date", "[1709164800000000000,1,0,0]", "1740787200000000000"),
    ("time.add_date", "[1709164800000000000,0,-14,-40]", "1668816000000000000"),
    ("time.add_date", r#"[[1711753200000000000,"Europe/Berlin"],0,0,1]"#, "1711839600000000000"),
    ("time.add_date", r#"[[1711762200000000000,"Europe/Berlin"],0,0,1]"#, "1711848600000000000"),
    ("time.add_date", r#"[[1729906200000000000,"Europe/Berlin"],0,0,1]"#, "1729996200000000000"),
    ("time.add_date", r#"[[1710054000000000000,"America/New_York"],0,0,-1]"#, "1709971200000000000"),
    ("time.add_date", "[0,300,0,0]", "undefined"),
    ("time.add_date", "[0,-300,0,0]", "undefined"),
    (
        "time.add_date",
        "[0,9223372036854775807,9223372036854775807,9223372036854775807]",
        "-34349184000000000",
    ),
    (
        "time.add_date",
        r#"[[1517027858099676413,"Asia/Tokyo"],35,-14,-9223372036854775808]"#,
        "2584672658099676413",
    ),
    ("time.add_date", "[0,1.0,0,0]", "31536000000000000"),
    ("time.add_date", "[0,1e0,0,0]", "undefined"),
    ("time.add_date", "[0,0.5,0,0]", "undefined"),
    ("time.add_date", r#"[0,"1",0,0]"#, "undefined"),
    // differences
    ("time.diff", "[0,1700000000000000000]", "[53, 10, 13, 22, 13, 20]"),
    ("time.diff", "[1700000000000000000,0]", "[53, 10, 13, 22, 13, 20]"),
    ("time.diff", "[1706659200000000000,1709251200000000000]", "[0, 1, 1, 0, 0, 0]"),
    ("time.diff", "[1709251199000000000,1706659200000000000]", "[0, 0, 29, 23, 59, 59]"),
    (
        "time.diff",
        r#"[[1706659200000000000,"Asia/Tokyo"],[1709251199000000000,"America/New_York"]]"#,
        "[0, 1, 0, 23, 59, 59]",
    ),
    ("time.diff", "[-9223372036854775808,9223372036854775807]", "[584, 6, 20, 23, 34, 33]"),
];

fn call(name: &str, args: &str, max_output_bytes: usize) -> Result<Value, BuiltinError> {
    let Value::Array(args) = Value::parse(args).expect(args) else { panic!("{args}") };
    let mut state = State {
        now_ns: 7,
        until: std::time::Instant::now() + std::time::Duration::from_secs(60),
        cached: Default::default(),
        max_output_bytes,
    };
    (find(name).expect(name).call)(&mut state, &args)
}

#[test]
fn answers_are_those_of_opa() {
    for (name, args, expected) in CASES {
        let answer = match call(name, args, 1 << 20) {
            Ok(value) => value.to_string(),
            Err(BuiltinError::Undefined(_)) => "undefined".to_owned(),
            Err(limit) => limit.to_string(),
        };
        assert_eq!(answer, *expected, "{name} {args}");
    }
}

#[test]
fn now_is_that_of_the_evaluation() {
    assert_eq!(call("time.now_ns", "[]", 0), Ok(7.into()));
}

#[test]
fn a_formatted_time_has_a_greatest_length() {
    assert!(call("time.format", r#"[[0, "UTC", "2006-01-02"]]"#, 10).is_ok());
    for layout in ["2006-01-02 ", "xxxxxxxxxxx", "2006-01-02.0", "MondayMonday"] {
        let answer = call("time.format", &format!(r#"[[0, "UTC", "{layout}"]]"#), 10);
        assert!(matches!(answer, Err(BuiltinError::Limit(_))), "{layout}");
    }
}

#[test]
fn hostile_arguments_end_soon() {
    let zeros = "0".repeat(1 << 20);
    for (name, args) in [
        ("time.parse_duration_ns", format!(r#"["1{zeros}d"]"#)),
        ("time.parse_duration_ns", format!(r#"["0.{zeros}1y"]"#)),
        ("time.date", format!("[1.{zeros}1e-{zeros}9]")),
        ("time.date", format!("[1{zeros}e-1048576]")),
        ("time.parse_ns", format!(r#"[".{zeros}", ".{zeros}"]"#)),
        ("time.parse_ns", format!(r#"["{}", "{zeros}"]"#, "5".repeat(1 << 20))),
        ("time.format", format!(r#"[[0, "UTC", "{}"]]"#, ".0.00".repeat(1 << 16))),
    ] {
        let _ = call(name, &args, 1 << 20);
    }
}
