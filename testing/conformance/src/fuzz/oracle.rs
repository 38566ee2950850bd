//! OPA itself as a process that answers one line with one line: `oracle serve`.

use std::{
    fmt,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, anyhow};
use magtape::engine::opa::value::Value;

/// A running oracle.
pub(crate) struct Oracle {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

/// What a side says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Value(Value),
    Undefined,
    Error(String),
}

// === impl Oracle ===

impl Oracle {
    pub(crate) fn start(binary: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(binary)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.display()))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| anyhow!("the oracle has no pipes"))?;
        Ok(Self { child, input: Some(BufWriter::new(input)), output: BufReader::new(output) })
    }

    /// Asks a batch and reads as many answers. A batch must fit into the pipe.
    pub(crate) fn ask(&mut self, requests: Vec<serde_json::Value>) -> anyhow::Result<Vec<Answer>> {
        self.ask_raw(requests)?.iter().map(answer).collect()
    }

    /// Asks a batch; the answers as JSON.
    pub(crate) fn ask_raw(
        &mut self,
        requests: Vec<serde_json::Value>,
    ) -> anyhow::Result<Vec<serde_json::Value>> {
        let count = requests.len();
        let mut input = self.input.take().ok_or_else(|| anyhow!("the oracle is gone"))?;
        // A thread of its own writes, so that neither side waits for the other with a full pipe.
        let writer = std::thread::spawn(move || -> std::io::Result<BufWriter<ChildStdin>> {
            for request in requests {
                writeln!(input, "{request}")?;
            }
            input.flush()?;
            Ok(input)
        });
        let mut answers = Vec::with_capacity(count);
        for _ in 0..count {
            let mut line = String::new();
            self.output.read_line(&mut line)?;
            answers.push(serde_json::from_str(&line).with_context(|| format!("the oracle said {line:?}"))?);
        }
        self.input = Some(writer.join().map_err(|_| anyhow!("the writer ended badly"))??);
        Ok(answers)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Closing its input ends it.
        self.input = None;
        let _ = self.child.wait();
    }
}

fn answer(json: &serde_json::Value) -> anyhow::Result<Answer> {
    if let Some(text) = json.get("ok").and_then(serde_json::Value::as_str) {
        return Ok(Answer::Value(
            Value::parse(text).with_context(|| format!("the oracle answered {text:?}"))?,
        ));
    }
    if json.get("undefined").is_some() {
        return Ok(Answer::Undefined);
    }
    Ok(Answer::Error(json.get("error").map(ToString::to_string).unwrap_or_default()))
}

// === impl Answer ===

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Value(value) => write!(f, "{value}"),
            Answer::Undefined => f.write_str("undefined"),
            Answer::Error(reason) => write!(f, "error: {reason}"),
        }
    }
}
