//! The objects of the cluster that policies read, as of one moment. Pure.
//!
//! Policies name kinds in their own ways ([`Need`]); what those turned out to be in this cluster, and the objects of each
//! kind, come from whoever follows them. What is not known is so for a reason, which a policy's owner is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{json::Document, policy::Need};

/// A kind of objects as the API server serves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// Such as `v1` or `apps/v1`.
    pub group_version: String,
    /// Such as `Deployment`.
    pub kind: String,
    /// Its name in the API's paths, such as `deployments`.
    pub resource: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

/// Namespace, which is empty for objects of the cluster, and name.
pub type Key = (String, String);

/// Objects of one kind; each has at least the parts that policies read.
pub type Objects = BTreeMap<Key, Arc<Document>>;

/// What is known of something, or why it is not.
pub type Known<T> = Result<T, String>;

/// The objects that are known.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The kinds that each need stands for; none when the cluster has no such kind.
    pub needs: BTreeMap<Need, Known<Vec<Kind>>>,
    /// The objects of each kind.
    pub kinds: BTreeMap<Kind, Known<Arc<Objects>>>,
    /// The kinds that the operator has listed; policies of which nobody knows what they read are given these.
    pub listed: BTreeSet<Kind>,
}

// === impl Inventory ===

impl Inventory {
    /// The objects that a policy with this need reads.
    ///
    /// # Errors
    /// Why they are not known.
    pub fn objects(&self, need: &Need) -> Known<Vec<(&Kind, &Arc<Objects>)>> {
        let kinds = self.needs.get(need).ok_or_else(|| format!("{need}: not looked for yet"))?;
        let kinds = kinds.as_ref().map_err(|reason| format!("{need}: {reason}"))?;
        kinds.iter().map(|kind| Ok((kind, self.of_kind(kind)?))).collect()
    }

    /// Says which of these the cluster has no kind for, if so.
    pub fn lacks(&self, needs: &BTreeSet<Need>) -> Option<String> {
        let is_absent = |need: &&Need| matches!(self.needs.get(need), Some(Ok(kinds)) if kinds.is_empty());
        let absent: Vec<String> = needs.iter().filter(is_absent).map(Need::to_string).collect();
        let which = absent.join(", ");
        (!absent.is_empty())
            .then(|| format!("reads {which}, of which the cluster has no kind; it sees no such objects"))
    }

    /// The objects of a kind.
    ///
    /// # Errors
    /// Why they are not known.
    pub fn of_kind(&self, kind: &Kind) -> Known<&Arc<Objects>> {
        let why = match self.kinds.get(kind) {
            Some(Ok(objects)) => return Ok(objects),
            Some(Err(reason)) => reason,
            None => "they have not been listed yet",
        };
        Err(format!("{}/{}: {why}", kind.group_version, kind.resource))
    }
}
