use super::{examples::outcome, *};

fn violated(severity: Severity) -> Outcome {
    let message = format!("[FAIL] {severity} - wrong (MT1)");
    outcome("p", Finding::Violated(vec![Violation::new(message, severity, "MT1")]))
}

#[test]
fn the_level_decides_which_severities_refuse() {
    use DenyLevel::{High as H, Low as L, Med as M, Off};
    for (severity, denying) in
        [(Severity::Low, &[H][..]), (Severity::Med, &[M, H][..]), (Severity::High, &[L, M, H][..])]
    {
        for level in [Off, L, M, H] {
            let verdict = decide(&[violated(severity)], level, FailurePolicy::Fail);
            assert_eq!(verdict.allowed, !denying.contains(&level), "{severity} at {level}");
            assert_eq!(verdict.warnings, [format!("[FAIL] {severity} - wrong (MT1)")]);
        }
    }
}

#[test]
fn texts_are_sorted_by_code_point_and_joined() {
    let outcomes = [violated(Severity::Med), violated(Severity::High), violated(Severity::Low)];
    let verdict = decide(&outcomes, DenyLevel::Low, FailurePolicy::Fail);
    assert_eq!(
        verdict.message,
        "[FAIL] HIGH - wrong (MT1), [FAIL] LOW - wrong (MT1), [FAIL] MED - wrong (MT1)"
    );
}

#[test]
fn a_clean_object_has_nothing_said_of_it() {
    let outcomes = [outcome("a", Finding::Passed), outcome("b", Finding::NotApplicable)];
    let verdict = decide(&outcomes, DenyLevel::High, FailurePolicy::Fail);
    assert_eq!(verdict, Verdict { allowed: true, message: String::new(), warnings: Vec::new() });
}

#[test]
fn a_policy_that_failed_counts_by_the_failure_policy_and_hides_its_reason() {
    let outcomes = [outcome("policy-pdb", Finding::Failed(Failure::new("trap", "trapped: secret")))];
    let text = "[FAIL] HIGH - Policy policy-pdb could not be evaluated (MT1)";
    for (level, failure_policy, allowed) in [
        (DenyLevel::Low, FailurePolicy::Fail, false),
        (DenyLevel::Off, FailurePolicy::Fail, true),
        (DenyLevel::High, FailurePolicy::Ignore, true),
    ] {
        let verdict = decide(&outcomes, level, failure_policy);
        assert_eq!((verdict.allowed, verdict.message.as_str()), (allowed, text));
    }
}

#[test]
fn warnings_stay_within_what_the_api_server_passes_on() {
    let long = |n: usize| Violation::new(format!("{n:04}{}", "x".repeat(300)), Severity::Low, "");
    let outcomes = [outcome("p", Finding::Violated((0..40).map(long).collect()))];
    let verdict = decide(&outcomes, DenyLevel::Low, FailurePolicy::Fail);
    let total: usize = verdict.warnings.iter().map(|warning| warning.chars().count()).sum();
    assert!(total <= 4096, "{total}");
    assert_eq!(verdict.warnings.len(), 16);
    assert_eq!(verdict.warnings.last().unwrap(), "… and 25 more violations");
    assert!(verdict.message.contains("0039xxx"), "the message keeps every violation");
}

#[test]
fn what_may_not_deny_warns_or_is_silent() {
    for (enforcement, warnings) in [(Enforcement::Warn, 1), (Enforcement::DryRun, 0)] {
        let violation = Violation { enforcement, ..Violation::new("m", Severity::High, "MT1") };
        let verdict =
            decide(&[outcome("p", Finding::Violated(vec![violation]))], DenyLevel::High, FailurePolicy::Fail);
        assert!(verdict.allowed);
        assert_eq!(verdict.warnings.len(), warnings, "{enforcement:?}");
        let failed =
            Outcome { enforcement, ..outcome("p", Finding::Failed(Failure::new("trap", "trapped"))) };
        let verdict = decide(&[failed], DenyLevel::High, FailurePolicy::Fail);
        assert_eq!((verdict.allowed, verdict.warnings.len()), (true, warnings), "{enforcement:?}");
    }
}

#[test]
fn levels_and_severities_are_read_strictly() {
    assert_eq!("med".parse(), Ok(DenyLevel::Med));
    for text in ["", "MEDIUM", " LOW", "all"] {
        assert!(text.parse::<DenyLevel>().is_err(), "{text:?}");
    }
    for text in ["", "low", "CRITICAL"] {
        assert!(text.parse::<Severity>().is_err(), "{text:?}");
    }
    assert_eq!(Severity::claimed_by("[FAIL] MED - x"), Some(Severity::Med));
    assert_eq!(Severity::claimed_by("x: [FAIL] LOW, [FAIL] HIGH"), Some(Severity::High));
    assert_eq!(Severity::claimed_by("FAIL MED"), None);
}

#[test]
fn what_is_exempted_warns_at_any_level_and_keeps_what_it_is() {
    let exempted = |until: Option<&str>| {
        let until = until.map(str::to_owned);
        Some(Arc::new(Exempted {
            name: "legacy/batch".to_owned(),
            until,
            reason: "moves in June".to_owned(),
        }))
    };
    let mut outcomes =
        [violated(Severity::High), outcome("p", Finding::Failed(Failure::new("trap", "trapped")))];
    if let Finding::Violated(violations) = &mut outcomes[0].finding {
        violations[0].exempted = exempted(Some("2030-07-01T00:00:00Z"));
    }
    assert!(!decide(&outcomes, DenyLevel::Low, FailurePolicy::Fail).allowed, "one of the two refuses still");
    outcomes[1].exempted = exempted(None);
    let verdict = decide(&outcomes, DenyLevel::High, FailurePolicy::Fail);
    assert!(verdict.allowed);
    assert_eq!(
        verdict.warnings,
        [
            "[EXEMPT] HIGH - Policy p could not be evaluated (MT1) - exempted without an end: moves in June",
            "[EXEMPT] HIGH - wrong (MT1) - exempted until 2030-07-01T00:00:00Z: moves in June",
        ]
    );
    assert_eq!(outcomes[0].violations()[0].message, "[FAIL] HIGH - wrong (MT1)");
}

#[test]
fn a_stricter_level_is_the_greater_one() {
    let levels = [DenyLevel::Off, DenyLevel::Low, DenyLevel::Med, DenyLevel::High];
    for (lower, higher) in levels.iter().zip(&levels[1..]) {
        assert!(lower < higher);
        let refused = |level: &DenyLevel| {
            [Severity::Low, Severity::Med, Severity::High]
                .into_iter()
                .filter(|severity| level.denies(*severity))
                .count()
        };
        assert!(refused(lower) < refused(higher), "{lower} {higher}");
    }
}
