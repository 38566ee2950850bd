//! Takes a page apart: what is in its fences is run, written or compared, as the word after the fence says.

/// One thing that the page says.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// `sh`, or `sh exits with 1`: commands that end so.
    Run { commands: String, code: i32 },
    /// `sh keeps running`: a server for the rest of the page.
    Start { command: String },
    /// A language and a path: the file is to have this content.
    Write { path: String, content: String },
    /// `text`: lines that were printed, each with `…` for what differs.
    Printed { lines: Vec<String> },
    /// `json`: what was printed is this document.
    Answered { document: String },
    /// `rust`: a part of the policy as it is by then.
    Excerpt { text: String },
    /// `wit`: a part of the interface.
    Interface { text: String },
}

/// The steps with the lines of their fences. `console` is for what depends on the reader's machine, and is not run.
pub fn steps(page: &str) -> Vec<(usize, Step)> {
    let mut lines = page.lines().enumerate();
    let mut steps = Vec::new();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let content = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        let content: String = content.flat_map(|line| [line, "\n"]).collect();
        if let Some(step) = step(info, content) {
            steps.push((number + 1, step));
        }
    }
    steps
}

fn step(info: &str, content: String) -> Option<Step> {
    let (language, rest) = info.split_once(' ').unwrap_or((info, ""));
    Some(match (language, rest) {
        ("console", "") => return None,
        ("sh", "") => Step::Run { commands: content, code: 0 },
        ("sh", "keeps running") => Step::Start { command: content },
        ("sh", rest) => {
            let code = rest.strip_prefix("exits with ").and_then(|code| code.parse().ok());
            Step::Run { commands: content, code: code.unwrap_or_else(|| panic!("unknown fence {info}")) }
        }
        ("text", "") => Step::Printed { lines: content.lines().map(str::to_owned).collect() },
        ("json", "") => Step::Answered { document: content },
        ("rust", "") => Step::Excerpt { text: content },
        ("wit", "") => Step::Interface { text: content },
        (_, path) => Step::Write { path: path.to_owned(), content },
    })
}

#[test]
fn fences_say_what_they_are() {
    let page = "# A\n```sh exits with 1\nfalse\n```\ntext\n```rust src/lib.rs\nmod a;\n```\n```console\nx\n```\n```text\na …\n```\n";
    let expected = [
        (2, Step::Run { commands: "false\n".to_owned(), code: 1 }),
        (6, Step::Write { path: "src/lib.rs".to_owned(), content: "mod a;\n".to_owned() }),
        (12, Step::Printed { lines: vec!["a …".to_owned()] }),
    ];
    assert_eq!(steps(page), expected);
}
