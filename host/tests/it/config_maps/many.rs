//! Five hundred policies, each a ConfigMap of its own.
//!
//! `cargo test -p magtape --test it config_maps::many -- --nocapture` prints what they take; `cargo xtask soak` has the
//! figures of a release build.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{DENIED, Home, Replica, pod, policy};

const POLICIES: usize = 500;

/// Each is compiled once, some at a time, while other tests run.
const LOADED: Duration = Duration::from_secs(240);

/// A ConfigMap with a policy for a kind of its own, but for the last, which is for Pods.
fn config_map(home: &Home, number: usize) -> Value {
    let source = policy("Label team is missing").replace("policy_team", &format!("policy_{number}"));
    let source = source.replace("policy-team", &format!("policy-{number}"));
    let target = if number + 1 == POLICIES { "Pod".to_owned() } else { format!("Kind{number}") };
    let source = source.replace("{\"Pod\"}", &format!("{{\"{target}\"}}"));
    home.config_map(&format!("policy-{number}"), "rego", "data", json!({"policy.rego": source}))
}

fn resident_kib(replica: &Replica) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", replica.0.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn five_hundred_config_maps_are_in_force_and_a_change_of_one_touches_no_other() {
    let home = Home::new("many").await;
    let maps: Vec<Value> = (0..POLICIES).map(|number| config_map(&home, number)).collect();
    for map in &maps {
        home.create(map).await;
    }
    let begun = Instant::now();
    let replica = Replica::start(&home, "one", &["--policies-from", "cluster"]).await;
    replica.has_policies_within(POLICIES, LOADED).await;
    println!("{POLICIES} policies in force after {:.1?}, {} KiB", begun.elapsed(), resident_kib(&replica));
    assert_eq!(replica.message(&pod()).await, DENIED);
    let (first, last) = (&maps[0], &maps[POLICIES - 1]);
    home.has_status(first, &json!({"status": "ok"})).await;
    home.has_status(last, &json!({"status": "ok"})).await;

    let changed = config_map(&home, POLICIES - 1)["data"].to_string().replace("is missing", "is needed");
    let begun = Instant::now();
    home.patch(last, &json!({"data": serde_json::from_str::<Value>(&changed).unwrap()})).await;
    replica.answers(&pod(), "[FAIL] HIGH - Label team is needed (ORG1)").await;
    println!("a change of one was in force after {:.1?}", begun.elapsed());
    replica.has_policies(POLICIES).await;
    home.delete(first).await;
    replica.has_policies(POLICIES - 1).await;
    println!("afterwards {} KiB", resident_kib(&replica));
}
