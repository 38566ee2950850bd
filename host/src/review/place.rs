//! Where a request was read, when it came from a file.

/// Where an object is, for people and for machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, or `-`.
    pub source: String,
    /// The document in the file, from 1; 0 when the file as a whole is meant.
    pub document: usize,
    /// The item in a `List`, from 1.
    pub item: Option<usize>,
}

// === impl Place ===

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)?;
        if self.document > 0 {
            write!(f, ", document {}", self.document)?;
        }
        self.item.map_or(Ok(()), |item| write!(f, ", item {item}"))
    }
}
