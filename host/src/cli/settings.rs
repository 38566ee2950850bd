//! The variables of its environment that `serve` reads, as clap knows them.

use std::collections::BTreeSet;

use clap::{Arg, Command, CommandFactory};

use crate::args::Args;

/// Settings of the original that mean nothing here, because there is no OPA beside the webhook.
pub(super) const OBSOLETE: [&str; 2] = ["OPA_BASE_URL", "OPA_K8S_PATH"];

/// Variables that are read elsewhere than in the arguments.
const READ: [&str; 3] = ["MAGTAPE_REGO_COMPILER", "MAGTAPE_NAMESPACE_NAME", "SLACK_WEBHOOK_URL_BASE"];

/// All variables that mean something to `serve`.
pub(super) fn honoured() -> BTreeSet<String> {
    let arguments = arguments();
    let of_arguments = arguments.iter().filter_map(|argument| Some(variable(argument)?.to_owned()));
    of_arguments.chain(READ.map(str::to_owned)).collect()
}

/// Whether `serve` starts with this value of a variable; one that is no argument takes any.
pub(super) fn accepts(name: &str, value: &str) -> bool {
    // What this process has in its environment is nothing to the question.
    let flag = arguments()
        .into_iter()
        .find(|argument| variable(argument) == Some(name) && argument.get_action().takes_values())
        .and_then(|argument| Some(format!("--{}={value}", argument.get_long()?)));
    flag.is_none_or(|flag| {
        let command =
            Args::command().mut_subcommand("serve", |serve| serve.mut_args(|arg| arg.env(None::<&str>)));
        command.try_get_matches_from(["magtape", "serve", &flag]).is_ok()
    })
}

/// What `serve` takes.
fn arguments() -> Vec<Arg> {
    let command = Args::command();
    let serve = command.find_subcommand("serve");
    serve.into_iter().flat_map(Command::get_arguments).cloned().collect()
}

fn variable(argument: &Arg) -> Option<&str> {
    argument.get_env()?.to_str()
}
