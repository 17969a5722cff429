//! The command line: arguments to what to do.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::command::session::{TOPICS, is_topic};
use crate::driver::around::{self, Around};
use crate::driver::config;
use crate::driver::convert;
use crate::driver::course;
use crate::driver::failure::{self, failure};
use crate::driver::files;
use crate::driver::held::{Begins, Held};
use crate::driver::init;
use crate::driver::output::{self, complain};
use crate::driver::prompt::Script;
use crate::driver::run::{self, Options, Text};
use crate::driver::suite;
use crate::driver::terminal::{lang, lang_parser, size};
use crate::driver::usage;
use crate::manual::page;
use crate::render::table::wrapped;
use crate::text::diagnostic::suggest;
use crate::value::outcome::Halt;
use crate::words::{Lang, Phrase};

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
    /// The language of the messages
    #[arg(long, global = true, value_name = "LANG", value_parser = lang_parser())]
    lang: Option<Lang>,
    /// A script, and its arguments; without one the prompt opens
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
    /// Work on reports of `sockbook test`
    #[command(subcommand)]
    Report(ReportAction),
    /// Say every mistake of scripts, running nothing
    Check {
        /// Scripts, and folders of scripts
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// A name that is given from outside
        #[arg(long = "var", value_name = "NAME=VALUE")]
        vars: Vec<String>,
        /// `json`: an object for each mistake
        #[arg(long, value_enum, default_value = "text")]
        format: OutputFormat,
    },
    /// Bring scripts into the one layout
    Fmt {
        /// Change nothing: show what would change, and exit with 1 if anything would
        #[arg(long)]
        check: bool,
        /// Scripts, folders of scripts, or `-` for standard input
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Begin a project: a first test, `sockbook.toml` and, on request, the job that runs it in CI
    Init(init::InitArguments),
    /// Python and notebooks as scripts; scripts as Python, as notebooks and as pages
    Convert(convert::ConvertArguments),
    /// The lessons: list them, or bring one into this folder and check it
    Course(course::CourseArguments),
    /// Serve an editor: mistakes, completion, help, renaming (LSP, over standard input and output)
    Lsp {
        /// What editors pass; there is no other way
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Write a shell's completions of this command line
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual page
    Man,
    /// Explain the commands, or one of them
    Help {
        /// A command, a keyword or a socket option
        command: Option<String>,
        /// All of them, as a Markdown table
        #[arg(long, hide = true)]
        markdown: bool,
        /// What each method of socket2 is here
        #[arg(long, hide = true)]
        coverage: bool,
        /// The words of the language as a TextMate grammar
        #[arg(long, hide = true)]
        grammar: bool,
    },
}

#[derive(Subcommand)]
enum ReportAction {
    /// One report of several shards
    Merge(suite::report::merge::MergeArguments),
}

#[derive(Clone, Copy, Default, ValueEnum)]
#[cfg_attr(test, derive(Debug, PartialEq))]
enum OutputFormat {
    #[default]
    Text,
    Json,
}

#[derive(Args, Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
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
    /// Draw what happened on standard error, when the script is over
    #[arg(long)]
    diagram: bool,
    /// Write what happened to this file as a capture for Wireshark (pcapng); with --isolate, the packets themselves
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// Offer the script's lines one by one at the prompt, and draw its text cells
    #[arg(long, conflicts_with_all = ["echo", "interactive"])]
    step: bool,
    /// Open the prompt where the script ended or failed, its sockets alive
    #[arg(short = 'i', long)]
    interactive: bool,
    /// Open the prompt without the settings and the init.sock of the configuration folder
    #[arg(long)]
    no_init: bool,
    /// A limit for every command that may wait
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    #[command(flatten)]
    held: Held,
    /// The seed of `random`: the same bytes again
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// `json`: an object for each command run
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
}

/// The description of the command line, in English.
#[cfg(test)]
pub(super) fn description() -> clap::Command {
    Arguments::command()
}

/// Does what the arguments ask for; the exit code.
pub fn main(arguments: Vec<OsString>) -> i32 {
    let asked = usage::asked_lang(&arguments);
    start(arguments, asked).unwrap_or_else(|error| {
        // Never through `Termination`: that would print a backtrace where CI asks for one.
        complain(format_args!("error: {}", failure::shown(&error, lang(asked))));
        error.downcast_ref::<output::Lost>().map_or(2, |lost| lost.exit_code())
    })
}

/// `sockbook --lang es check x.sock` as `sockbook check --lang es x.sock`: an option before it would make `check` a file.
fn with_action_first(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let given = match arguments.get(1).and_then(|argument| argument.to_str()) {
        Some("--lang") => 2,
        Some(argument) if argument.starts_with("--lang=") => 1,
        _ => return arguments,
    };
    let is_action = |word: &OsString| Arguments::command().get_subcommands().any(|a| word == a.get_name());
    if arguments.get(1 + given).is_some_and(is_action) {
        arguments[1..=1 + given].rotate_right(1);
    }
    arguments
}

fn start(arguments: Vec<OsString>, asked: Option<Lang>) -> Result<i32> {
    if let Some(file) = plain(&arguments) {
        return run_file(file, How::default(), None);
    }
    let parsed = with_room(|| {
        let described = usage::described(Arguments::command(), lang(asked));
        let arguments = with_action_first(arguments);
        described
            .try_get_matches_from(arguments)
            .and_then(|mut matches| Arguments::from_arg_matches_mut(&mut matches))
    });
    let parsed = parsed.map_err(|e| {
        let why = files::io_words(&e);
        failure(say!(en "no thread could be had: {why}", es "no se pudo crear un hilo: {why}", why))
    })?;
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(e) if e.use_stderr() && lang(asked) != Lang::EN => {
            complain(format_args!("error: {}", usage::wrong(&e, lang(asked))));
            return Ok(2);
        }
        Err(e) => {
            if !e.use_stderr() {
                output::written(e.print())?;
            } else {
                // A reader of standard error that has gone changes no exit code.
                let _ = e.print();
            }
            return Ok(if e.use_stderr() { 2 } else { 0 });
        }
    };
    let asked = parsed.lang;
    let lang = lang(asked);
    match parsed.action {
        Some(Action::Run { how, file }) => run_file(&file, how, asked),
        Some(Action::Test(arguments)) => suite::main(arguments, lang),
        Some(Action::Report(ReportAction::Merge(arguments))) => suite::report::merge::main(&arguments, lang),
        Some(Action::Check { paths, vars, format }) => {
            crate::driver::check::main(&paths, &vars, matches!(format, OutputFormat::Json), lang)
        }
        Some(Action::Fmt { check, paths }) => crate::driver::fmt::main(&paths, check, lang),
        Some(Action::Init(arguments)) => init::main(&arguments, lang),
        Some(Action::Convert(arguments)) => convert::main(&arguments, lang),
        Some(Action::Course(arguments)) => course::main(&arguments, lang),
        Some(Action::Lsp { .. }) => crate::driver::lsp::main(asked),
        Some(Action::Completions { shell }) => output::say(completions(shell, lang).trim_end()).map(|()| 0),
        Some(Action::Man) => output::say(man(lang)?.trim_end()).map(|()| 0),
        Some(Action::Help { grammar: true, .. }) => {
            output::say(crate::manual::grammar::textmate().trim_end())?;
            Ok(0)
        }
        Some(Action::Help { coverage: true, .. }) => {
            let tables =
                crate::manual::coverage::tables().map(|table| crate::render::table::draw(&table, lang));
            output::say(tables.join("\n\n"))?;
            Ok(0)
        }
        Some(Action::Help { command, markdown, .. }) => help(command.as_deref(), markdown, lang),
        None if !parsed.lines.is_empty() => {
            let interactive = parsed.how.interactive;
            let mut options = options(parsed.how, asked, Begins::of(interactive))?;
            options.arguments = strings(&parsed.file)?;
            let text = Text { name: "-c".into(), text: parsed.lines.join("\n"), is_input: false };
            Ok(run_text(text, &options, interactive))
        }
        None if !parsed.file.is_empty() => run_file(&parsed.file, parsed.how, asked),
        None if std::io::stdin().is_terminal() => {
            crate::driver::prompt::main(&options(parsed.how, asked, Begins::Prompt)?)
        }
        None => {
            let options = options(parsed.how, asked, Begins::Script)?;
            Ok(run_text(run::read_stdin()?, &options, false))
        }
    }
}

/// Does what needs more stack than `ulimit -s 256` leaves: on a thread of its own, where there is so little.
fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    /// The description of the command line takes less, in a build without optimisation too.
    const ROOM: u64 = 1 << 20;
    let limit = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_STACK);
    if limit.map_or(u64::MAX, |(soft, _)| soft) >= ROOM {
        return Ok(work());
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, work)?;
        Ok(thread.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault)))
    })
}

/// What is something else than a script where the script's name stands.
const ACTIONS: &[&str] = &[
    "run",
    "test",
    "report",
    "check",
    "fmt",
    "init",
    "convert",
    "course",
    "lsp",
    "completions",
    "man",
    "help",
];

/// The script and its arguments, where nothing else is said: `sockbook FILE ARGS…`, with or without
/// `run`. To describe the whole command line first would cost more than most scripts.
fn plain(arguments: &[OsString]) -> Option<&[OsString]> {
    let words = arguments.get(1..)?;
    if words.iter().any(|word| word.as_encoded_bytes().starts_with(b"-")) {
        return None;
    }
    match words.split_first()? {
        (first, rest) if first == "run" => (!rest.is_empty()).then_some(rest),
        (first, _) if ACTIONS.iter().any(|name| first == name) => None,
        _ => Some(words),
    }
}

fn run_file(file: &[OsString], how: How, lang: Option<Lang>) -> Result<i32> {
    let Some((path, arguments)) = file.split_first() else { return Ok(2) };
    if let Some(option) = path.to_str().filter(|p| p.len() > 1 && p.starts_with('-')) {
        return Err(failure(say!(
            en "there is no option `{option}`; `sockbook --help` lists them",
            es "no existe la opción `{option}`; `sockbook --help` las muestra",
            option
        )));
    }
    let (interactive, step) = (how.interactive, how.step);
    let mut options = options(how, lang, Begins::of(interactive))?;
    options.arguments = strings(arguments)?;
    if step && path == "-" {
        return Err(failure(say!(
            en "`--step` needs a file: standard input is where its keys come from",
            es "`--step` necesita un archivo: de la entrada estándar vienen sus teclas"
        )));
    }
    let text = if path == "-" {
        run::read_stdin()?
    } else {
        let path = Path::new(path);
        let text = files::read(path).map_err(failure)?;
        // A name that is text is taken as it is: what makes text of others lies elsewhere in the program.
        let name = path.to_str().map_or_else(|| path.to_string_lossy().into_owned(), String::from);
        Text { name, text, is_input: false }
    };
    let around = match &*text.name {
        "<stdin>" => Ok(Around::default()),
        name => around::begin(Path::new(name), &mut options),
    };
    let around = match around {
        Ok(around) => around,
        Err(code) => return Ok(code),
    };
    let code = match step {
        true => crate::driver::prompt::step(text, &options)?,
        false => run_text(text, &options, interactive),
    };
    Ok(if around.end() { code } else { code.max(1) })
}

/// Runs a script; with `-i` the prompt goes on where it ended or failed.
fn run_text(text: Text, options: &Options, interactive: bool) -> i32 {
    let script = interactive.then(|| match &*text.name {
        "-c" => Script::Text(text.text.clone()),
        file => Script::File(file.into()),
    });
    if let Some(path) = &options.pcap
        && let Err(e) = files::probe(path)
    {
        let why = files::cannot_write(&path.to_string_lossy(), &e).show(options.lang);
        complain(format_args!("error: {why}"));
        return 2;
    }
    let Some(mut ran) = run::run_open(text, options, interactive) else { return 2 };
    // One that failed would do so again.
    let script = script.filter(|_| ran.halt.is_none());
    // A SIGTERM or SIGHUP meant the end, not the prompt.
    let ended = matches!(ran.halt.as_deref(), Some(Halt::Signal { number, .. }) if *number > libc::SIGINT);
    if !interactive || ended || !std::io::stdin().is_terminal() {
        return ran.close();
    }
    ran.draw_and_tell();
    crate::driver::prompt::continue_with(ran.session, ran.compiler, ran.numbered + 1, options, script)
}

fn strings(arguments: &[OsString]) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for argument in arguments {
        let text = argument.to_str();
        texts.push(
            text.ok_or_else(|| {
                failure(say!(
                    en "an argument is not UTF-8: {argument}",
                    es "un argumento no es UTF-8: {argument}",
                    argument = argument.display()
                ))
            })?
            .to_string(),
        );
    }
    Ok(texts)
}

fn options(how: How, asked: Option<Lang>, begins: Begins) -> Result<Options> {
    let timeout = match how.timeout {
        None => None,
        Some(text) => Some(run::duration(&text)?),
    };
    let (lang, lang_given) = (lang(asked), asked.is_some());
    Ok(Options {
        vars: config::find()?
            .vars
            .into_iter()
            .chain(run::variables(&how.vars)?)
            .chain(how.held.secrets()?)
            .collect(),
        exports: Vec::new(),
        above: Vec::new(),
        arguments: Vec::new(),
        echo: how.echo,
        trace: how.trace,
        diagram: how.diagram,
        ladders: false,
        json: matches!(how.format, OutputFormat::Json),
        timeout,
        default_timeout: false,
        seed: how.seed,
        lang,
        lang_given,
        policy: how.held.policy()?,
        enclosure: how.held.begin(begins, how.pcap.is_some(), lang)?,
        pcap: how.pcap,
        network: None,
        folders: Vec::new(),
        no_init: how.no_init,
    })
}

fn help(command: Option<&str>, markdown: bool, lang: Lang) -> Result<i32> {
    if markdown {
        output::say(page::markdown().trim_end())?;
        return Ok(0);
    }
    if command == Some("reports") {
        output::say(suite::report::HELP.show(lang).trim_end())?;
        return Ok(0);
    }
    if let Some(page) = command.and_then(|name| subcommand_help(name, lang)) {
        output::say(page.trim_end())?;
        return Ok(0);
    }
    if let Some(name) = command
        && crate::command::find(name).is_none()
        && crate::text::forms::find(name).is_none()
        && crate::net::options::table::find(name).is_none()
        && !is_topic(name)
    {
        let program = Arguments::command();
        let actions = program.get_subcommands().map(|action| action.get_name().to_string());
        let missing = say!(en "there is no command `{name}`", es "no existe el comando `{name}`", name);
        let topics = TOPICS.iter().map(ToString::to_string);
        let openings = crate::command::openings().map(str::to_string);
        let near = suggest(name, openings.chain(actions).chain(topics));
        return Err(failure(match near {
            Some(near) => say!(en "{missing}; {near}", es "{missing}; {near}", missing, near),
            None => missing,
        }));
    }
    let text = match size(&std::io::stdout()) {
        Some((_, columns)) => wrapped(&page::help(command, &[], lang, columns), columns),
        None => page::help(command, &[], lang, page::WIDTH),
    };
    output::say(text)?;
    Ok(0)
}

/// The page of one of this program's own subcommands, where no command of the language has its name; behind it that
/// of a keyword with the name.
fn subcommand_help(name: &str, lang: Lang) -> Option<String> {
    if crate::command::find(name).is_some() {
        return None;
    }
    let mut whole = usage::described(Arguments::command(), lang);
    whole.build();
    let page = whole.find_subcommand_mut(name)?.render_help().to_string();
    if crate::text::forms::find(name).is_none() {
        return Some(page);
    }
    let in_script = say!(
        en "`{name}` in a script: {page}",
        es "`{name}` en un script: {page}",
        name,
        page = page::help(Some(name), &[], lang, page::WIDTH)
    );
    Some(format!("{}\n\n{}", page.trim_end(), in_script.show(lang)))
}

/// What a shell needs to complete this command line; the topics of `help` are the table's.
fn completions(shell: Shell, lang: Lang) -> String {
    let topics = || {
        let forms = crate::text::forms::FORMS.iter().map(|f| f.name);
        let names = crate::command::all().map(|c| c.name).chain(forms);
        PossibleValuesParser::new(names.chain(TOPICS.iter().copied()))
    };
    let mut command = usage::described(Arguments::command(), lang)
        .mut_subcommand("help", |help| help.mut_arg("command", |topic| topic.value_parser(topics())));
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut command, "sockbook", &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// `sockbook.1`: the command line, then the language from the table.
fn man(lang: Lang) -> Result<String> {
    let mut command = usage::described(Arguments::command(), lang);
    command.build();
    let page = clap_mangen::Man::new(command.clone()).manual("sockbook");
    let mut out = Vec::new();
    page.render_title(&mut out)?;
    page.render_name_section(&mut out)?;
    page.render_synopsis_section(&mut out)?;
    page.render_description_section(&mut out)?;
    page.render_options_section(&mut out)?;
    out.extend_from_slice(b".SH SUBCOMMANDS\n");
    for action in command.get_subcommands_mut().filter(|c| !c.is_hide_set()) {
        let usage = action.render_usage().to_string();
        let usage = usage.rsplit_once(": ").map_or(usage.as_str(), |(_, usage)| usage).to_string();
        let about = action.get_about().map(ToString::to_string).unwrap_or_default();
        let options: Vec<(String, String)> = action
            .get_arguments()
            .filter(|a| !a.is_hide_set() && !a.is_positional() && a.get_id() != "help")
            .map(|a| (option_text(a), a.get_help().map(ToString::to_string).unwrap_or_default()))
            .collect();
        out.extend_from_slice(page::man_entry(&usage, &about, &options).as_bytes());
    }
    out.extend_from_slice(page::man_language(lang).as_bytes());
    out.extend_from_slice(crate::driver::prompt::manual(lang).as_bytes());
    page.render_version_section(&mut out)?;
    Ok(man_headings(&String::from_utf8_lossy(&out), lang))
}

/// The page with the headings that clap_mangen writes in this language.
fn man_headings(page: &str, lang: Lang) -> String {
    const HEADINGS: &[Phrase] = &[
        phrase!(en "NAME", es "NOMBRE"),
        phrase!(en "SYNOPSIS", es "SINOPSIS"),
        phrase!(en "DESCRIPTION", es "DESCRIPCIÓN"),
        phrase!(en "OPTIONS", es "OPCIONES"),
        phrase!(en "SUBCOMMANDS", es "SUBCOMANDOS"),
        phrase!(en "VERSION", es "VERSIÓN"),
    ];
    let line = |line: &str| {
        let heading = line.strip_prefix(".SH ").and_then(|name| HEADINGS.iter().find(|h| h.en == name));
        heading.map_or(line.to_string(), |heading| format!(".SH {}", heading.show(lang)))
    };
    page.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// `-j, --jobs N`
fn option_text(argument: &clap::Arg) -> String {
    let short = argument.get_short().map(|s| format!("-{s}"));
    let long = argument.get_long().map(|l| format!("--{l}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let takes = argument.get_action().takes_values();
    let value = argument.get_value_names().and_then(|names| names.first()).filter(|_| takes);
    format!("{}{}", names.join(", "), value.map_or(String::new(), |v| format!(" {v}")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    /// The way round the description of the command line, and the way through it.
    fn check(arguments: &[OsString]) -> bool {
        let Some(file) = plain(arguments) else { return false };
        let parsed = Arguments::try_parse_from(arguments).unwrap_or_else(|e| panic!("{arguments:?}: {e}"));
        let (how, named) = match parsed.action {
            Some(Action::Run { how, file }) => (how, file),
            None if parsed.lines.is_empty() => (parsed.how, parsed.file),
            _ => panic!("{arguments:?} is something else"),
        };
        assert_eq!((how, named.as_slice()), (How::default(), file), "{arguments:?}");
        true
    }

    #[test]
    fn a_plain_command_line_is_read_as_the_described_one() {
        let mut words: Vec<OsString> =
            ["a.sock", "", "b c", "x=1", "é", "+x", "/dev/stdin"].map(Into::into).into();
        words.push(OsString::from_vec(vec![b'a', 0xff]));
        words.push(OsString::from_vec(vec![0xff, b'-']));
        // Every word that is an action, and what a new one will bring.
        for action in Arguments::command().get_subcommands() {
            words.push(action.get_name().into());
            words.extend(action.get_all_aliases().map(Into::into));
        }
        let line = |words: &[&OsString]| -> Vec<OsString> {
            std::iter::once("sockbook".into()).chain(words.iter().map(|&w| w.clone())).collect()
        };
        let mut plain = 0;
        for a in &words {
            plain += usize::from(check(&line(&[a])));
            for b in &words {
                plain += usize::from(check(&line(&[a, b])));
                for c in words.iter().step_by(3) {
                    plain += usize::from(check(&line(&[a, b, c])));
                }
            }
        }
        assert!(plain > words.len() * words.len() / 2, "{plain}");
    }

    #[test]
    fn what_may_be_an_option_is_left_to_the_description() {
        for words in [
            &[][..],
            &["run"],
            &["-"],
            &["--"],
            &["--echo", "a"],
            &["a", "-x"],
            &["run", "a", "--", "b"],
            &["test", "a"],
        ] {
            let line: Vec<OsString> = std::iter::once(&"sockbook").chain(words).map(Into::into).collect();
            assert!(!check(&line), "{line:?}");
        }
        assert!(!check(&[]));
    }
}
