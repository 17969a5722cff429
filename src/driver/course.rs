//! `sockbook course`: the lessons, what is done of them, and the exercise of one, watched until it is right.
//!
//! The lessons are in the program, compressed by the build script. A student gets a lesson as an exercise, with blanks
//! where its solution has words; what is done is kept in the user's folder for state.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write as _};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use crate::driver::failure::failure;
use crate::driver::files::{self, io_words};
use crate::driver::output;
use crate::driver::terminal;
use crate::net::gate::{asked_to_end, main_gate};
use crate::text::lesson;
use crate::text::literal::one_line;
use crate::words::{Lang, Noun, counted};

/// The files of both folders, deflated: for each its path, its length and its bytes.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/course.bin"));

/// What the command line says.
#[derive(clap::Args)]
pub struct CourseArguments {
    /// The lesson: its number, or part of its name; without one they are listed
    lesson: Option<String>,
    /// Show the hint for the next blank, and nothing else
    #[arg(long, requires = "lesson")]
    hint: bool,
    /// Show the lesson with its blanks filled in
    #[arg(long, requires = "lesson", conflicts_with = "hint")]
    solution: bool,
}

/// A file that belongs to a lesson.
struct Part {
    name: String,
    text: String,
}

impl Part {
    fn exercise(&self) -> String {
        lesson::exercise(&self.text)
    }

    fn is_script(&self) -> bool {
        self.name.ends_with(".sock")
    }

    /// The blanks of a text of this file.
    fn blanks(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        if self.is_script() { lesson::blanks(text) } else { lesson::blanks_anywhere(text) }
    }
}

/// A lesson: its script, and the files beside it.
struct Lesson {
    number: u32,
    title: String,
    /// The script first.
    parts: Vec<Part>,
}

impl Lesson {
    fn script(&self) -> &str {
        self.parts.first().map_or("", |part| &part.name)
    }

    /// All that is to be filled in.
    fn blanks(&self) -> usize {
        self.parts.iter().map(|part| part.blanks(&part.exercise()).len()).sum()
    }
}

/// Half of a pair for two terminals belongs to the lesson of its number, and is none itself.
fn is_lesson(name: &str) -> bool {
    name.ends_with(".sock") && name.starts_with(|c: char| c.is_ascii_digit())
}

fn number_of(name: &str) -> Option<u32> {
    name.trim_start_matches('_').split('-').next()?.parse().ok()
}

/// The lessons in a language, in order.
fn lessons(lang: Lang) -> Vec<Lesson> {
    let folder = phrase!(en "course/", es "curso/").show(lang);
    let bytes = miniz_oxide::inflate::decompress_to_vec(PACKED).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    let (mut rest, mut files) = (text.as_str(), Vec::new());
    while let Some((head, below)) = rest.split_once('\n') {
        let Some((path, length)) = head.split_once('\t') else { break };
        let length = length.parse().unwrap_or(0).min(below.len());
        let (content, after) = below.split_at(length);
        rest = after;
        if let Some(name) = path.strip_prefix(folder) {
            files.push(Part { name: name.to_string(), text: content.to_string() });
        }
    }
    let mut lessons: Vec<Lesson> = Vec::new();
    let (scripts, others): (Vec<Part>, Vec<Part>) = files.into_iter().partition(|file| is_lesson(&file.name));
    for part in scripts {
        let Some(number) = number_of(&part.name) else { continue };
        let title = part.text.lines().nth(1).unwrap_or("").trim_start_matches(['#', ' ']);
        let title = title.trim_end_matches('.').to_string();
        lessons.push(Lesson { number, title, parts: vec![part] });
    }
    for part in others {
        let own = lessons.iter_mut().find(|lesson| Some(lesson.number) == number_of(&part.name));
        if let Some(lesson) = own {
            lesson.parts.push(part);
        }
    }
    lessons.sort_by_key(|lesson| lesson.number);
    lessons
}

/// The numbers of the lessons that are done.
fn done() -> BTreeSet<u32> {
    let text = files::state("course").and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    text.lines().filter_map(|line| line.trim().parse().ok()).collect()
}

/// Keeps that a lesson is done.
fn keep(number: u32) -> io::Result<()> {
    let Some(path) = files::state("course") else { return Ok(()) };
    let mut all = done();
    if !all.insert(number) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let lines: String = all.iter().map(|number| format!("{number}\n")).collect();
    files::write(&path, &lines)
}

/// How far the student's files are.
enum State {
    /// So many are left of all; the first of them.
    Blanks {
        left: usize,
        of: usize,
        next: Next,
    },
    /// A line of the exercise is gone.
    Lost {
        file: String,
        line: String,
    },
    /// The report of the test that failed.
    Wrong(String),
    Done,
}

/// A blank that is to be filled in.
struct Next {
    file: String,
    line: usize,
    /// Which of all it is, from 1.
    number: usize,
    text: String,
    hint: Option<String>,
}

/// Looks at the files of a lesson in this folder.
fn state(lesson: &Lesson, lang: Lang) -> Result<State> {
    let of = lesson.blanks();
    let (mut left, mut before, mut first) = (0, 0, None);
    let mut gone = None;
    for part in &lesson.parts {
        let text = files::read(Path::new(&part.name)).map_err(failure)?;
        let given = part.exercise();
        let own = part.blanks(&given);
        let blanks = part.blanks(&text);
        left += blanks.len();
        if let (None, Some(blank)) = (&first, blanks.first()) {
            let line = text[..blank.start].matches('\n').count();
            let shown = text.lines().nth(line).unwrap_or("").trim().to_string();
            let number = before + place(&lines_of(&given, &own), &lines_of(&text, &blanks)) + 1;
            let hint = lesson::hint(&text, blank.start);
            first = Some(Next { file: part.name.clone(), line: line + 1, number, text: shown, hint });
        }
        before += own.len();
        if gone.is_none() && part.is_script() {
            gone = lesson::lost(&given, &text).map(|line| (part.name.clone(), line.to_string()));
        }
    }
    if let Some(next) = first {
        return Ok(State::Blanks { left, of: of.max(left), next });
    }
    if let Some((file, line)) = gone {
        return Ok(State::Lost { file, line });
    }
    Ok(match test(lesson.script(), lang)? {
        None => State::Done,
        Some(report) => State::Wrong(report),
    })
}

/// The lines that these blanks stand in.
fn lines_of<'t>(text: &'t str, blanks: &[std::ops::Range<usize>]) -> Vec<&'t str> {
    let line = |blank: &std::ops::Range<usize>| {
        let start = text[..blank.start].rfind('\n').map_or(0, |at| at + 1);
        text[start..].lines().next().unwrap_or("").trim()
    };
    blanks.iter().map(line).collect()
}

/// Which of the exercise's blanks the first that is left is. They are known by their lines, from the last one back, so
/// that of lines that are the same the last ones are those that are left; one whose line was changed, by their number.
fn place(given: &[&str], left: &[&str]) -> usize {
    let mut end = given.len();
    for line in left.iter().rev() {
        end = match given[..end].iter().rposition(|own| own == line) {
            Some(at) => at,
            None => end.saturating_sub(1),
        };
    }
    end
}

/// Runs the student's script as `sockbook test` does; the report, where it does not pass.
fn test(script: &str, lang: Lang) -> Result<Option<String>> {
    let colour = if terminal::colour(&io::stdout()) { "always" } else { "never" };
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    // A lesson that was skipped has shown nothing.
    command.args(["test", "--quiet", "--deny-skips", "--color", colour, "--lang", lang.code(), "--", script]);
    let ran = command.stdin(std::process::Stdio::null()).output()?;
    let report = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    Ok((!ran.status.success()).then(|| report.trim_end().to_string()))
}

/// Shows where a lesson stands; is it done?
fn tell(lesson: &Lesson, state: &State, lang: Lang) -> Result<bool> {
    match state {
        State::Blanks { left, of, next } => {
            let Next { file, line, number, text, .. } = next;
            let text = one_line(text);
            let left = counted(*left, Noun::Blank);
            output::say(
                say!(
                    en "{file}:{line}: blank {number} of {of} ({left} left)\n    {text}",
                    es "{file}:{line}: hueco {number} de {of} (por llenar: {left})\n    {text}",
                    file, line, number, of, left, text
                )
                .show(lang),
            )?;
        }
        State::Lost { file, line } => {
            let line = one_line(line);
            output::say(
                say!(
                    en "{file}: this line of the exercise is gone, or its blank is not filled in: {line}",
                    es "{file}: falta esta línea del ejercicio, o su hueco no está lleno: {line}",
                    file, line
                )
                .show(lang),
            )?;
        }
        State::Wrong(report) => {
            output::say(report)?;
            output::say(phrase!(en "not right yet", es "todavía no está bien").show(lang))?;
        }
        State::Done => {
            let kept = keep(lesson.number);
            let number = lesson.number;
            output::say(
                say!(en "✓ lesson {number} is right", es "✓ la lección {number} está bien", number)
                    .show(lang),
            )?;
            if let Err(e) = kept {
                output::complain(
                    say!(
                        en "warning: what is done is not kept: {why}",
                        es "advertencia: el avance no se guarda: {why}",
                        why = io_words(&e)
                    )
                    .show(lang),
                );
            }
            let next = lessons(lang).into_iter().find(|l| l.number > number && !done().contains(&l.number));
            if let Some(next) = next {
                let (next, title) = (next.number, next.title);
                output::say(
                    say!(
                        en "next: `sockbook course {next}`, {title}",
                        es "sigue: `sockbook course {next}`, {title}",
                        next, title
                    )
                    .show(lang),
                )?;
            }
        }
    }
    Ok(matches!(state, State::Done))
}

/// Lists the lessons; the exit code.
fn list(lang: Lang) -> Result<i32> {
    let (all, done) = (lessons(lang), done());
    let count = all.iter().filter(|lesson| done.contains(&lesson.number)).count();
    let of = all.len();
    output::say(
        say!(en "{count} of {of} lessons done", es "{count} de {of} lecciones hechas", count, of).show(lang),
    )?;
    let mut next = None;
    for lesson in &all {
        let is_done = done.contains(&lesson.number);
        let begun = Path::new(lesson.script()).exists();
        let mark = if is_done { "✓" } else { " " };
        if !is_done && (next.is_none() || begun && !next.is_some_and(|(_, begun)| begun)) {
            next = Some((lesson, begun));
        }
        output::say(format!("{mark} {:>2}  {}", lesson.number, lesson.title))?;
    }
    if let Some((lesson, begun)) = next {
        let number = lesson.number;
        output::say("")?;
        if begun && let Ok(State::Blanks { of, next, .. }) = state(lesson, lang) {
            let Next { file, line, number, text, .. } = next;
            let text = one_line(&text);
            output::say(
                say!(
                    en "{file}:{line}: blank {number} of {of}\n    {text}",
                    es "{file}:{line}: hueco {number} de {of}\n    {text}",
                    file, line, number, of, text
                )
                .show(lang),
            )?;
        }
        output::say(
            say!(
                en "next: `sockbook course {number}`",
                es "sigue: `sockbook course {number}`",
                number
            )
            .show(lang),
        )?;
    }
    Ok(0)
}

/// The lesson that is meant.
fn find(wanted: &str, lang: Lang) -> Result<Lesson> {
    let all = lessons(lang);
    let stem = wanted.trim_end_matches(".sock");
    let is_it = |lesson: &Lesson| match wanted.parse::<u32>() {
        Ok(number) => lesson.number == number,
        Err(_) => lesson.script().trim_end_matches(".sock") == stem,
    };
    let exact = all.iter().position(is_it);
    let part = || all.iter().position(|lesson| !stem.is_empty() && lesson.script().contains(stem));
    let last = all.last().map_or(0, |lesson| lesson.number);
    let at = exact.or_else(part);
    at.and_then(|at| all.into_iter().nth(at)).ok_or_else(|| {
        failure(say!(
            en "there is no lesson `{wanted}`; they are 0 to {last}, and `sockbook course` lists them",
            es "no existe la lección `{wanted}`; son de la 0 a la {last}, y `sockbook course` las muestra",
            wanted = one_line(wanted),
            last
        ))
    })
}

/// Writes a file of a lesson into this folder, unless something of this name is there. Was it written?
fn bring(part: &Part) -> Result<bool> {
    let wrong = |e: io::Error| failure(files::cannot_write(&part.name, &e));
    match OpenOptions::new().write(true).create_new(true).open(&part.name) {
        Ok(mut file) => file.write_all(part.exercise().as_bytes()).map(|()| true).map_err(wrong),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(wrong(e)),
    }
}

/// The command; its exit code.
pub fn main(arguments: &CourseArguments, lang: Lang) -> Result<i32> {
    let Some(wanted) = &arguments.lesson else { return list(lang) };
    let lesson = find(wanted, lang)?;
    if arguments.solution {
        for part in &lesson.parts {
            let is_kept =
                |line: &&str| !["#____", "#?"].iter().any(|mark| line.trim_start().starts_with(mark));
            let lines: Vec<&str> = part.text.lines().filter(is_kept).collect();
            output::say(lines.join("\n"))?;
        }
        return Ok(0);
    }
    for part in &lesson.parts {
        let name = &part.name;
        let said = match bring(part)? {
            true => say!(en "{name} is here now", es "{name} ya está aquí", name),
            false => say!(
                en "{name} was here already, and stays as it is",
                es "{name} ya estaba aquí, y queda como está",
                name
            ),
        };
        if !arguments.hint {
            output::say(said.show(lang))?;
        }
    }
    let now = state(&lesson, lang)?;
    if arguments.hint {
        let hint = hint(&now)
            .unwrap_or_else(|| phrase!(en "no hint here", es "aquí no hay pista").show(lang).into());
        output::say(hint)?;
        return Ok(0);
    }
    let name = lesson.script();
    output::say(
        say!(
            en "read it at the prompt, line by line: `sockbook run --step {name}`",
            es "para leerla en el prompt, línea por línea: `sockbook run --step {name}`",
            name
        )
        .show(lang),
    )?;
    if tell(&lesson, &now, lang)? || !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Ok(0);
    }
    watch(&lesson, now, lang)
}

fn hint(state: &State) -> Option<String> {
    match state {
        State::Blanks { next, .. } => next.hint.as_deref().map(one_line),
        _ => None,
    }
}

/// Looks again at each change of the files until the lesson is right; Enter shows a hint.
fn watch(lesson: &Lesson, mut now: State, lang: Lang) -> Result<i32> {
    let no_watch = |e: nix::Error| {
        failure(say!(
            en "changes cannot be watched for: {why}",
            es "no se pueden vigilar los cambios: {why}",
            why = io_words(&e.into())
        ))
    };
    output::say(
        phrase!(
            en "\nthis waits for you to save the file; Enter shows a hint, Ctrl-C ends it",
            es "\nesto espera a que guardes el archivo; Intro muestra una pista, Ctrl-C lo termina"
        )
        .show(lang),
    )?;
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).map_err(no_watch)?;
    let changes = AddWatchFlags::IN_CLOSE_WRITE | AddWatchFlags::IN_MOVED_TO | AddWatchFlags::IN_CREATE;
    inotify.add_watch(".", changes).map_err(no_watch)?;
    let stamp = || -> Vec<Option<String>> {
        let paths = lesson.parts.iter().map(|part| PathBuf::from(&part.name));
        paths.map(|path| std::fs::read_to_string(path).ok()).collect()
    };
    let mut seen = stamp();
    let gate = main_gate();
    loop {
        let stdin = io::stdin();
        let ready = gate.blocking(None, "poll", 0, || {
            let mut both = [
                PollFd::new(inotify.as_fd(), PollFlags::POLLIN),
                PollFd::new(stdin.as_fd(), PollFlags::POLLIN),
            ];
            poll(&mut both, PollTimeout::NONE)?;
            Ok(both.map(|fd| fd.any().unwrap_or(false)))
        });
        if let Some((signal, _)) = asked_to_end() {
            return Ok(128 + signal);
        }
        let Ok([changed, typed]) = ready else { return Ok(1) };
        if typed {
            let mut line = String::new();
            if stdin.read_line(&mut line).is_ok_and(|n| n == 0) {
                return Ok(0);
            }
            let none = || phrase!(en "no hint here", es "aquí no hay pista").show(lang).to_string();
            output::say(hint(&now).unwrap_or_else(none))?;
        }
        if changed {
            while inotify.read_events().is_ok_and(|events| !events.is_empty()) {}
            let then = stamp();
            if then == seen || then.iter().any(Option::is_none) {
                continue;
            }
            seen = then;
            now = state(lesson, lang)?;
            output::say("")?;
            if tell(lesson, &now, lang)? {
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_known_by_its_line() {
        for (left, want) in
            [("a b a c", 0), ("b a c", 1), ("a c", 2), ("a b c", 0), ("c", 3), ("a", 2), ("x c", 2)]
        {
            assert_eq!(place(&["a", "b", "a", "c"], &left.split(' ').collect::<Vec<_>>()), want, "{left}");
        }
    }
}
