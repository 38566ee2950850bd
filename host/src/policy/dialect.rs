//! What a module's entrypoints say about how to use it, and how to read what they answer.

mod magtape;

pub use magtape::{MagTape, NotMagTape, find, violations};
