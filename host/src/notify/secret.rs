//! A text that must not be seen: it has no `Display`, and its `Debug` shows nothing of it.

use std::{
    convert::Infallible,
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
    str::FromStr,
};

/// Tokens, keys and URLs are a few hundred bytes.
const MAX_FILE_BYTES: u64 = 16 * 1024;

/// A token, a key, or a URL that is as good as one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

// === impl Secret ===

impl Secret {
    /// What is in a file, such as a key of a mounted Secret, without the blanks around it.
    ///
    /// # Errors
    /// When it cannot be read, or is no text.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut text = String::new();
        File::open(path)?.take(MAX_FILE_BYTES).read_to_string(&mut text)?;
        Ok(Self(text.trim().to_owned()))
    }

    /// The text itself, for whoever must have it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    /// Any text: an error would show it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
