//! Which answer is next for a request.

use std::collections::VecDeque;

use reqwest::Url;
use tokio::sync::watch;

use super::Answer;

/// Until this has changed, or its sender is gone, answers are held open.
pub(super) type Held = watch::Receiver<()>;

/// What is answered to whom.
#[derive(Debug, Default)]
pub(super) struct Script {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    method: String,
    target: Target,
    answers: VecDeque<Answer>,
    /// Dropped with the rule, which ends what is held open.
    held: watch::Sender<()>,
}

/// A path and the parameters after it.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    path: String,
    parameters: Vec<(String, String)>,
}

// === impl Script ===

impl Script {
    pub(super) fn set(&mut self, method: &str, path: &str, answers: VecDeque<Answer>) {
        let target = Target::of(path);
        self.rules.retain(|rule| rule.method != method || rule.target != target);
        let held = watch::Sender::new(());
        self.rules.push(Rule { method: method.to_owned(), target, answers, held });
    }

    pub(super) fn next(&mut self, method: &str, path: &str) -> Option<(Answer, Held)> {
        let asked = Target::of(path);
        let fitting = self.rules.iter_mut().filter(|rule| rule.method == method && rule.target.fits(&asked));
        let rule = fitting.max_by_key(|rule| rule.target.parameters.len())?;
        let last = rule.answers.len() == 1;
        let answer = if last { rule.answers.front().cloned() } else { rule.answers.pop_front() };
        Some((answer?, rule.held.subscribe()))
    }
}

// === impl Target ===

impl Target {
    fn of(path: &str) -> Self {
        let decoded = Url::parse("http://mock").and_then(|base| base.join(path));
        let parameters = decoded.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default();
        Self { path: path.split('?').next().unwrap_or_default().to_owned(), parameters }
    }

    fn fits(&self, asked: &Self) -> bool {
        self.path == asked.path
            && self.parameters.iter().all(|parameter| asked.parameters.contains(parameter))
    }
}
