//! What a recording holds, in figures.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context, Result};
use serde_json::Value;

/// Sizes in bytes, and how many reviews there are of each kind and operation.
pub(super) struct Summary {
    sizes: Vec<usize>,
    kinds: BTreeMap<String, usize>,
    operations: BTreeMap<String, usize>,
}

// === impl Summary ===

impl Summary {
    pub(super) fn of(reviews: &[Vec<u8>]) -> Result<Self> {
        let mut sizes: Vec<usize> = reviews.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        let (mut kinds, mut operations) = (BTreeMap::new(), BTreeMap::new());
        for review in reviews {
            let review: Value = serde_json::from_slice(review)?;
            let text = |pointer| {
                let found = review.pointer(pointer).and_then(Value::as_str);
                found.map(str::to_owned).with_context(|| format!("a review has no {pointer}"))
            };
            *kinds.entry(text("/request/kind/kind")?).or_default() += 1;
            *operations.entry(text("/request/operation")?).or_default() += 1;
        }
        Ok(Self { sizes, kinds, operations })
    }

    /// The size that this many of a hundred reviews do not exceed.
    fn percentile(&self, percent: usize) -> usize {
        self.sizes.get(self.sizes.len() * percent / 100).or(self.sizes.last()).copied().unwrap_or_default()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, total) = (self.sizes.len(), self.sizes.iter().sum::<usize>());
        writeln!(out, "{count} reviews, {total} bytes")?;
        writeln!(
            out,
            "median {}, mean {}, p90 {}, largest {} bytes",
            self.percentile(50),
            total / count.max(1),
            self.percentile(90),
            self.percentile(100)
        )?;
        let list = |counts: &BTreeMap<String, usize>| {
            let mut counts: Vec<_> = counts.iter().collect();
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        write!(out, "{}\n{}", list(&self.operations), list(&self.kinds))
    }
}
