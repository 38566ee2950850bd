//! The policies that judge in this process.

use anyhow::{Result, anyhow, ensure};
use magtape::{
    engine::Engine,
    evaluate::{Loader, Policies, PolicyLimits},
    source::Embedded,
};

/// A set of policies in the binary, each isolated as in the webhook.
pub(super) fn embedded(set: Embedded) -> Result<Policies> {
    let limits = PolicyLimits::default();
    let loader = Loader::new(Engine::new(limits.memory_bytes())?, limits);
    let mut policies = Policies::new();
    for candidate in set.policies() {
        loader.add(&mut policies, &candidate)?;
    }
    Ok(policies)
}

/// The same policies, with so many others that there are `count`. Those look at kinds that nobody sends: copies of the
/// others' programs under other names, since what is never run is told apart by nothing but its description.
pub(super) fn grown(policies: &Policies, count: usize) -> Result<Policies> {
    let mut grown = policies.clone();
    let programs: Vec<_> = policies.iter().collect();
    for (number, program) in (programs.len()..count).zip(programs.iter().cycle()) {
        let mut entry = (***program).clone();
        let metadata = &mut entry.policy.metadata;
        metadata.name = format!("{}-{number}", metadata.name);
        metadata.targets = [format!("Kind{number}"), format!("example.com/Other{number}")].into();
        grown.add(entry).map_err(|holder| anyhow!("a name is taken by the policy from {holder}"))?;
    }
    ensure!(grown.len() == count, "there are {} policies, not {count}", grown.len());
    Ok(grown)
}
