//! The command line: one file a subcommand. Everything ends as an exit code here; 0 all is well, 1 something was
//! denied or needs action, 2 usage or an error.

mod build;
mod capabilities;
mod check;
mod completions;
mod inspect;
mod migrate;
mod new;
mod policies;
mod serve;
mod settings;
mod test;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    args::{Args, Command},
    manifest::LeftOut,
    report::{Problem, printable_lines},
};

/// Everything is well.
const OK: u8 = 0;
/// Something was denied, or needs action.
const DENIED: u8 = 1;
/// Usage, or an error.
const ERROR: u8 = 2;

/// Reads the arguments, does what they say, and tells how it went.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Command::Check(args) => check::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Test(args) => test::run(&args),
        Command::New(args) => new::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Capabilities => capabilities::run(),
        Command::Completions { shell } => completions::run(shell),
    };
    ExitCode::from(done.unwrap_or_else(|error| {
        let broken_pipe = error.chain().any(|cause| {
            cause
                .downcast_ref::<std::io::Error>()
                .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
        });
        // Whoever read the output has seen enough; that is no error of theirs or ours.
        if broken_pipe {
            return OK;
        }
        complain(&format!("{error:#}"));
        ERROR
    }))
}

/// Writes each problem for the person at the terminal.
fn complain_of(problems: &[Problem]) {
    problems.iter().for_each(|problem| complain(&format!("{}: {}", problem.place, problem.reason)));
}

impl From<LeftOut> for Problem {
    fn from(LeftOut { place, reason }: LeftOut) -> Self {
        Self { place, reason }
    }
}

/// Writes what the person at the terminal may want to know, and what is no error.
fn note(notes: &[Problem]) {
    use std::io::Write;
    for Problem { place, reason } in notes {
        let text = printable_lines(&format!("{place}: {reason}"));
        let _ = writeln!(anstream::stderr().lock(), "\u{1b}[36mnote\u{1b}[0m: {text}");
    }
}

/// Writes an error for the person at the terminal.
fn complain(message: &str) {
    use std::io::Write;
    // Nothing is left to do when standard error is gone too.
    let _ = writeln!(anstream::stderr().lock(), "\u{1b}[31merror\u{1b}[0m: {}", printable_lines(message));
}
