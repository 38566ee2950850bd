//! The reader's second terminal.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// Where the page has the server, in whose place it gets a free port.
pub const LISTENS: &str = "127.0.0.1:5000";
pub const ASKED: &str = "localhost:5000";

/// A webhook that runs until the test ends.
pub struct Server {
    child: Child,
    pub port: u16,
    /// The certificate of its CA, PEM.
    pub ca: Vec<u8>,
}

// === impl Server ===

impl Server {
    /// Runs it, and waits until it listens.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (mut ca, mut port) = (None, None);
        while port.is_none() {
            let line = lines.next().unwrap().unwrap();
            let after = |words: &str| line.split_once(words).map(|(_, rest)| rest.to_owned());
            ca = ca.or_else(|| after("its CA is in "));
            port = after("listening on https://127.0.0.1:")
                .map(|rest| rest.split(' ').next().unwrap().parse().unwrap());
        }
        // Its log must be read on, or it would wait for its reader.
        std::thread::spawn(move || lines.for_each(drop));
        let path = ca.unwrap();
        let ca = std::fs::read(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        Self { child, port: port.unwrap(), ca }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
