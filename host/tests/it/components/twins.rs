//! What ships as Rust says in WebAssembly what its tables say, and the twins say what their policies in Rego say.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use magtape::{
    engine::{Engine, Limits},
    evaluate::{Loader, Policies, PolicyLimits, PolicyParameters, evaluate},
    policy::Candidate,
    review::Request,
    source::Embedded,
    verdict::{Finding, Outcome},
};
use magtape_testing::corpus::corpus;
use serde_json::{Value, json};

use super::one;
use crate::tables::{Answer, Case, Table, answer, sorted, tables};

/// No evaluation here takes as long, whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(10);

struct Bench {
    engine: Engine,
    limits: Arc<Limits>,
}

// === impl Bench ===

impl Bench {
    fn new() -> Self {
        let limits = Arc::new(Limits { deadline: PATIENCE, ..Limits::default() });
        Self { engine: Engine::new(limits.memory_bytes).unwrap(), limits }
    }

    /// A loader that gives these parameters to the policy of that name.
    fn loader(&self, policy: &str, parameters: Option<&Value>) -> Loader {
        let parameters = parameters.map_or_else(|| json!({}), |parameters| json!({policy: parameters}));
        let loader = Loader::new(self.engine.clone(), PolicyLimits::uniform(&self.limits));
        loader.with_parameters(PolicyParameters::parse(parameters).unwrap())
    }

    /// What a policy of the set says of every case. It is loaded once for the same data and parameters.
    fn ask(&self, set: Embedded, table: &Table) -> Vec<Answer> {
        let candidate = one(set, &table.policy);
        let name = self.name(&candidate);
        let mut loaded: BTreeMap<String, Policies> = BTreeMap::new();
        let ask = |case: &Case| {
            let data = match &case.kubernetes {
                // Rego reads an empty document where nothing is known.
                Value::Null if set == Embedded::Rego => json!({"kubernetes": {"namespaces": {}}}),
                Value::Null => json!({}),
                kubernetes => json!({ "kubernetes": kubernetes }),
            };
            let key = format!("{data} {:?}", case.parameters);
            let policies = loaded.entry(key).or_insert_with(|| {
                let data = data.as_object().cloned().unwrap();
                let mut policies = Policies::new();
                let loader = self.loader(&name, case.parameters.as_ref());
                loader.add(&mut policies, &Candidate { data, ..candidate.clone() }).unwrap();
                policies
            });
            let request = Request::parse(case.review.to_string().into_bytes()).unwrap();
            let place = format!("{set} {}: {}", table.policy, case.name);
            answer(policies, &request, &place).map(distinct)
        };
        table.cases.iter().map(ask).collect()
    }

    /// What the candidate calls itself.
    fn name(&self, candidate: &Candidate) -> String {
        let mut loaded = self.loader("", None).load(candidate).into_iter();
        loaded.next().unwrap().unwrap().policy.metadata.name
    }

    fn all(&self, set: Embedded) -> Policies {
        let mut policies = Policies::new();
        let loader = self.loader("", None);
        assert!(loader.add_all(&mut policies, &set.policies(), &|_| {}).is_empty());
        policies
    }
}

fn distinct(mut texts: Vec<String>) -> Vec<String> {
    texts.dedup();
    texts
}

/// The cases of the tables of which a policy of one of the sets says something else than the table does.
fn differences(bench: &Bench, sets: &[Embedded], tables: &[Table]) -> Vec<String> {
    let mut differences = Vec::new();
    for (table, set) in tables.iter().flat_map(|table| sets.iter().map(move |set| (table, *set))) {
        for (case, answer) in table.cases.iter().zip(bench.ask(set, table)) {
            if Some(&answer) != case.expected.as_ref() {
                let (policy, expected) = (&table.policy, &case.expected);
                differences.push(format!("{set} {policy}: {}: {answer:?}, not {expected:?}", case.name));
            }
        }
    }
    differences
}

#[test]
fn twins_say_what_their_tables_say() {
    let tables = tables("testing/cases");
    let differences = differences(&Bench::new(), &[Embedded::Rego, Embedded::Rust], &tables);
    let cases: usize = tables.iter().map(|table| table.cases.len()).sum();
    println!("{cases} cases in {} tables, each in two languages", tables.len());
    assert_eq!(tables.len(), Embedded::Rust.policies().len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn hardening_policies_say_what_their_tables_say() {
    let tables = tables("testing/cases/hardening");
    let differences = differences(&Bench::new(), &[Embedded::Hardening], &tables);
    let cases: usize = tables.iter().map(|table| table.cases.len()).sum();
    println!("{cases} cases in {} tables", tables.len());
    assert_eq!(tables.len(), Embedded::Hardening.policies().len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What a policy said, without how long it took.
fn said(outcome: Outcome) -> (String, String, Answer) {
    let texts = match outcome.finding {
        Finding::NotApplicable => None,
        Finding::Passed => Some(Vec::new()),
        Finding::Violated(violations) => {
            Some(distinct(sorted(violations.into_iter().map(|violation| violation.message))))
        }
        Finding::Failed(reason) => panic!("{}: failed: {reason}", outcome.policy),
    };
    (outcome.policy, outcome.errcode, texts)
}

#[test]
fn twins_say_the_same_of_recorded_reviews() {
    let bench = Bench::new();
    let sets = [Embedded::Rego, Embedded::Rust].map(|set| bench.all(set));
    let (mut reviews, mut violations) = (0, 0);
    for body in corpus().unwrap() {
        let request = Request::parse(body).unwrap();
        let [rego, rust] = sets
            .each_ref()
            .map(|policies| evaluate(policies, &request, PATIENCE).into_iter().map(said).collect::<Vec<_>>());
        assert_eq!(rego, rust, "Rego (left) and Rust (right) of {} {}", request.kind.kind, request.name);
        reviews += 1;
        violations += rust.iter().filter_map(|(_, _, texts)| texts.as_ref()).map(Vec::len).sum::<usize>();
    }
    println!("{reviews} reviews, {violations} violations in either language");
    assert!(reviews > 150 && violations > 100, "{reviews} reviews, {violations} violations");
}
