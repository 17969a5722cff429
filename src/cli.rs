//! The command line: arguments to what to do.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::errno::Lang;
use crate::manual;
use crate::outcome::Halt;
use crate::script::{self, Options, Text};
use crate::suite;

/// A notebook for sockets: a REPL and script runner whose commands are the Berkeley socket calls.
#[derive(Parser)]
#[command(
    name = "sockbook",
    version,
    about,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Run this line; may be given several times
    #[arg(short = 'c', value_name = "LINE", action = clap::ArgAction::Append)]
    lines: Vec<String>,
    #[command(flatten)]
    how: How,
    /// A script, and its arguments
    #[arg(value_name = "FILE", trailing_var_arg = true, allow_hyphen_values = true)]
    file: Vec<OsString>,
}

#[derive(Subcommand)]
enum Action {
    /// Run a script
    Run {
        #[command(flatten)]
        how: How,
        /// A script (`-` is standard input), and its arguments
        #[arg(required = true, value_name = "FILE")]
        file: Vec<OsString>,
    },
    /// Run scripts as tests and compare their `#>` answers
    Test(suite::TestArguments),
    /// Say every mistake of scripts, running nothing
    Check {
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// A name that is given from outside
        #[arg(long = "var", value_name = "NAME=VALUE")]
        vars: Vec<String>,
        #[arg(long, value_enum, default_value = "text")]
        format: OutputFormat,
    },
    /// Explain the commands, or one of them
    Help {
        command: Option<String>,
        /// All of them, as a Markdown table
        #[arg(long, hide = true)]
        markdown: bool,
        /// What each method of socket2 is here
        #[arg(long, hide = true)]
        coverage: bool,
    },
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum OutputFormat {
    #[default]
    Text,
    Json,
}

#[derive(Args)]
struct How {
    /// Give a name a value
    #[arg(long = "var", value_name = "NAME=VALUE")]
    vars: Vec<String>,
    /// Show each line and its result, as the prompt would
    #[arg(long)]
    echo: bool,
    /// Show each system call on standard error
    #[arg(long)]
    trace: bool,
    /// Open the prompt where the script ended or failed, its sockets alive
    #[arg(short = 'i', long)]
    interactive: bool,
    /// A limit for every command that may wait
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// `json`: an object for each command run
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// The language of the explanations
    #[arg(long, value_enum)]
    lang: Option<LangName>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LangName {
    En,
    Es,
}

/// Does what the arguments ask for; the exit code.
pub fn main(arguments: Vec<OsString>) -> Result<i32> {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(e) => {
            e.print()?;
            return Ok(if e.use_stderr() { 2 } else { 0 });
        }
    };
    match parsed.action {
        Some(Action::Run { how, file }) => run_file(&file, how),
        Some(Action::Test(arguments)) => suite::main(arguments),
        Some(Action::Check { paths, vars, format }) => {
            check(&paths, &vars, matches!(format, OutputFormat::Json))
        }
        Some(Action::Help { coverage: true, .. }) => {
            let tables = crate::coverage::tables().map(|table| crate::render::table::draw(&table));
            say(tables.join("\n\n"))?;
            Ok(0)
        }
        Some(Action::Help { command, markdown, .. }) => help(command.as_deref(), markdown),
        None if !parsed.lines.is_empty() => {
            let interactive = parsed.how.interactive;
            let mut options = options(parsed.how)?;
            options.arguments = strings(&parsed.file)?;
            let text = Text { name: "-c".into(), text: parsed.lines.join("\n") };
            Ok(run_text(&text, &options, interactive))
        }
        None if !parsed.file.is_empty() => run_file(&parsed.file, parsed.how),
        None if std::io::stdin().is_terminal() => crate::prompt::main(&options(parsed.how)?),
        None => {
            let options = options(parsed.how)?;
            Ok(script::run(&script::read_stdin()?, &options))
        }
    }
}

/// A line on standard output. Who reads it may have seen enough: `sockbook help | head`.
fn say(text: impl std::fmt::Display) -> Result<()> {
    use std::io::Write as _;
    match writeln!(std::io::stdout(), "{text}") {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

fn run_file(file: &[OsString], how: How) -> Result<i32> {
    let Some((path, arguments)) = file.split_first() else { return Ok(2) };
    if let Some(option) = path.to_str().filter(|p| p.len() > 1 && p.starts_with('-')) {
        return Err(anyhow!("there is no option `{option}`; `sockbook --help` lists them"));
    }
    let interactive = how.interactive;
    let mut options = options(how)?;
    options.arguments = strings(arguments)?;
    let text = if path == "-" {
        script::read_stdin()?
    } else {
        let path = Path::new(path);
        let text = script::read_file(path).map_err(|why| anyhow!(why))?;
        Text { name: path.to_string_lossy().into_owned(), text }
    };
    Ok(run_text(&text, &options, interactive))
}

/// Runs a script; with `-i` the prompt goes on where it ended or failed.
fn run_text(text: &Text, options: &Options, interactive: bool) -> i32 {
    let Some(ran) = script::run_open(text, options) else { return 2 };
    // A SIGTERM or SIGHUP meant the end, not the prompt.
    let ended = matches!(ran.halt.as_deref(), Some(Halt::Signal { number, .. }) if *number > libc::SIGINT);
    if !interactive || ended || !std::io::stdin().is_terminal() {
        return ran.close();
    }
    crate::prompt::continue_with(ran.session, ran.compiler, ran.numbered + 1, options)
}

fn strings(arguments: &[OsString]) -> Result<Vec<String>> {
    let text = |a: &OsString| {
        a.to_str().map(str::to_string).ok_or_else(|| anyhow!("an argument is not UTF-8: {}", a.display()))
    };
    arguments.iter().map(text).collect()
}

fn options(how: How) -> Result<Options> {
    let timeout = match how.timeout {
        None => None,
        Some(text) => Some(script::duration(&text)?),
    };
    let lang = match how.lang {
        Some(LangName::Es) => Lang::Es,
        Some(LangName::En) => Lang::En,
        None => match std::env::var("SOCKBOOK_LANG").as_deref() {
            Ok(text) if text.starts_with("es") => Lang::Es,
            _ => Lang::En,
        },
    };
    Ok(Options {
        vars: script::variables(&how.vars)?,
        arguments: Vec::new(),
        echo: how.echo,
        trace: how.trace,
        json: matches!(how.format, OutputFormat::Json),
        timeout,
        lang,
    })
}

fn help(command: Option<&str>, markdown: bool) -> Result<i32> {
    if markdown {
        say(manual::markdown().trim_end())?;
        return Ok(0);
    }
    if command == Some("reports") {
        print!("{}", suite::report::HELP);
        return Ok(0);
    }
    if let Some(name) = command
        && crate::command::find(name).is_none()
        && crate::command::form(name).is_none()
        && crate::net::options::find(name).is_none()
    {
        let near = crate::diagnostic::nearest(name, crate::command::openings());
        let hint = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
        return Err(anyhow!("there is no command `{name}`{hint}"));
    }
    say(manual::help(command))?;
    Ok(0)
}

/// `sockbook check PATH…`
fn check(paths: &[PathBuf], vars: &[String], json: bool) -> Result<i32> {
    let options = Options { vars: script::variables(vars)?, ..Options::default() };
    let files = suite::find(paths)?;
    let style = script::style(options.lang);
    let mut errors = 0usize;
    for path in &files {
        let name = path.to_string_lossy().into_owned();
        let mut compiler = crate::engine::Compiler::new(script::scope(&options, None));
        let problems = match script::read_file(path) {
            Ok(text) if compiler.sources.fits(text.len()) => {
                compiler.compile(&name, &text, &mut script::read_file).1
            }
            Ok(_) => return Err(anyhow!("{name} is too long for a script")),
            Err(why) => {
                errors += 1;
                if json {
                    say(serde_json::json!({ "file": name, "severity": "error", "message": why }))?;
                } else {
                    eprintln!("error: {why}\n");
                }
                continue;
            }
        };
        errors += problems.iter().filter(|p| p.is_error()).count();
        for problem in &problems {
            if json {
                say(crate::render::json::diagnostic(problem, &compiler.sources))?;
            } else {
                eprintln!("{}\n", problem.draw(&compiler.sources, style.colour));
            }
        }
    }
    if !json {
        let scripts = crate::outcome::count(files.len() as u64, "script");
        let mistakes = crate::outcome::count(errors as u64, "mistake");
        say(format_args!("{scripts} checked, {mistakes}"))?;
    }
    Ok(if errors > 0 { 2 } else { 0 })
}
