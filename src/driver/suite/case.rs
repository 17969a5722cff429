//! A script and how it came out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value as Json;

use crate::engine::Head;
use crate::text::diagnostic::Place;
use crate::words::{Phrase, Sentence};

/// A script that passed only when it was tried again.
pub const FLAKY: Phrase = phrase!(en "flaky", es "inestable");

/// How a script came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// An expectation, an answer or a call failed.
    Failed,
    /// The text is not a script.
    Invalid,
    /// Cut off: its limit, or a fault of ours.
    Broken,
    Skipped(Sentence),
    /// It failed, as `test fails` says that it does.
    Known,
    /// A signal ended it.
    Interrupted,
    /// A signal came first, or a failure with `--fail-fast`, or its fixture failed.
    #[default]
    NotRun,
}

impl Verdict {
    pub fn is_bad(&self) -> bool {
        matches!(self, Verdict::Failed | Verdict::Invalid | Verdict::Broken | Verdict::Interrupted)
    }

    /// What it is called for people.
    pub fn shown(&self) -> Phrase {
        match self {
            Verdict::Passed => phrase!(en "passed", es "aprobado"),
            Verdict::Failed => phrase!(en "failed", es "fallido"),
            Verdict::Invalid => phrase!(en "invalid", es "inválido"),
            Verdict::Broken => phrase!(en "broken", es "cortado"),
            Verdict::Skipped(_) => phrase!(en "skipped", es "omitido"),
            Verdict::Known => phrase!(en "known", es "conocido"),
            Verdict::Interrupted => phrase!(en "interrupted", es "interrumpido"),
            Verdict::NotRun => phrase!(en "not run", es "no ejecutado"),
        }
    }

    /// Its name in reports for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::Invalid => "invalid",
            Verdict::Broken => "broken",
            Verdict::Skipped(_) => "skipped",
            Verdict::Known => "known",
            Verdict::Interrupted => "interrupted",
            Verdict::NotRun => "not run",
        }
    }
}

/// One run of a script.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    pub verdict: Verdict,
    /// What went wrong. Most scripts pass: it has memory of its own.
    pub fault: Option<Box<Fault>>,
    /// What the script printed.
    pub output: String,
    pub took: Duration,
    /// What is to be known of it beside its verdict: whose a listener was, what a program left behind.
    pub notes: Vec<Sentence>,
    /// It could not begin, or its answers not be written: no failure of the script's own.
    pub prevented: bool,
    /// Its answers were written anew.
    pub blessed: bool,
    /// Every command that ran, where a report asks for them.
    pub commands: Vec<Json>,
    /// Why it was not run, where it was neither a signal nor `--fail-fast`.
    pub why: Option<Sentence>,
    /// What came of its `subtest`s, in order.
    pub subtests: Vec<Part>,
}

/// What went wrong in a script.
#[derive(Clone, Debug, Default)]
pub struct Fault {
    /// Where, which may be in a file that the script reads in.
    pub place: Option<Place>,
    /// The line of the script itself that led there.
    pub own_place: Option<Place>,
    /// The first line of what went wrong.
    pub message: String,
    /// All of it: the lines, the caret, the sockets, the programs.
    pub detail: String,
    /// The same as a terminal shows it: in its colours, within its columns.
    pub coloured: Option<String>,
    /// The lines from the script's own to the failure, where a report asks for them.
    pub stack: Json,
    /// The sockets and the programs as they stood, where a report asks for them.
    pub standing: Json,
    /// What was expected and what came, where a report asks for them.
    pub sides: Json,
    /// The lines of the source around the failure, where a report asks for them.
    pub source: Json,
    /// What happened until then, drawn as SVG, where a report asks for it.
    pub ladder: Option<String>,
    /// It tells what went wrong in the `subtest`s, which are told nowhere else.
    pub of_parts: bool,
}

impl Fault {
    /// A fault of which only this is known.
    pub fn told(detail: String) -> Fault {
        let first = detail.lines().next().unwrap_or("");
        let message = first.trim_start_matches("error: ").to_string();
        Fault { message, detail, ..Fault::default() }
    }
}

/// What [`Attempt::fault`] gives where there is none.
static NO_FAULT: Fault = Fault {
    place: None,
    own_place: None,
    message: String::new(),
    detail: String::new(),
    coloured: None,
    stack: Json::Null,
    standing: Json::Null,
    sides: Json::Null,
    source: Json::Null,
    ladder: None,
    of_parts: false,
};

/// A `subtest` of a script, and how it came out.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub title: String,
    /// The line of the `subtest` itself.
    pub line: Option<Place>,
    pub told: Attempt,
}

impl Attempt {
    pub fn new(verdict: Verdict) -> Attempt {
        Attempt { verdict, ..Attempt::default() }
    }

    /// An attempt with this fault.
    pub fn of(verdict: Verdict, fault: Fault) -> Attempt {
        Attempt { fault: Some(Box::new(fault)), ..Attempt::new(verdict) }
    }

    /// An attempt with a fault of which only this is known.
    pub fn failed(verdict: Verdict, detail: String) -> Attempt {
        Attempt::of(verdict, Fault::told(detail))
    }

    /// What went wrong; an empty one where nothing did.
    pub fn fault(&self) -> &Fault {
        self.fault.as_deref().unwrap_or(&NO_FAULT)
    }

    /// What went wrong; from now on something did.
    pub fn fault_mut(&mut self) -> &mut Fault {
        self.fault.get_or_insert_default()
    }

    /// Its `subtest`s that went wrong.
    pub fn bad_parts(&self) -> impl Iterator<Item = &Part> {
        self.subtests.iter().filter(|part| part.told.verdict.is_bad())
    }

    /// The same attempt; where only `subtest`s of it failed, its fault tells what went wrong in them.
    fn telling_parts(mut self) -> Attempt {
        let bad: Vec<&Part> = self.bad_parts().collect();
        let Some(first) = bad.first() else { return self };
        if self.verdict != Verdict::Failed || self.fault().place.is_some() {
            return self;
        }
        let (own, fault) = (self.fault(), first.told.fault());
        let drawn = |of: fn(&Fault) -> &str| {
            let each = bad.iter().map(|part| format!("--- [{}]\n{}", part.title, of(part.told.fault())));
            // What it says itself ends it: how many failed, and where its temporary folder is.
            each.chain([of(own).to_string()]).collect::<Vec<_>>().join("\n\n")
        };
        let is_coloured = bad.iter().any(|part| part.told.fault().coloured.is_some());
        let told = Fault {
            message: format!("[{}] {}", first.title, fault.message),
            detail: drawn(|fault| &fault.detail),
            coloured: is_coloured.then(|| drawn(|fault| fault.coloured.as_deref().unwrap_or(&fault.detail))),
            ladder: own.ladder.clone(),
            of_parts: true,
            ..fault.clone()
        };
        self.fault = Some(Box::new(told));
        self
    }
}

/// A script and all its runs.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub path: PathBuf,
    /// Its place among all scripts that were found, whatever part of them this run is.
    pub order: usize,
    /// What its `test` lines say.
    pub head: Head,
    /// It is the `fixture.sock` of a folder, and not a test.
    pub is_fixture: bool,
    /// The run that speaks for all: the first that went wrong for good, else the last.
    pub told: Attempt,
    /// Failures that a later try made good, the first of them. Few have one: it has memory of its own.
    pub made_good: Option<Box<Attempt>>,
    /// How often it ran, tries of `--retries` not counted, and how often it failed for good.
    pub runs: u32,
    pub failures: u32,
    /// How often it was tried again.
    pub retried: u32,
    /// How long each run took, tries of `--retries` among them.
    pub times: Vec<Duration>,
    /// Of a run that is only read about: all runs together, the shortest and the one in the middle.
    pub summed: Option<(Duration, Duration, Duration)>,
}

impl Case {
    /// Was it skipped, or a `subtest` of it?
    pub fn has_skips(&self) -> bool {
        let parts = self.told.subtests.iter().map(|part| &part.told.verdict);
        parts.chain([self.verdict()]).any(|verdict| matches!(verdict, Verdict::Skipped(_)))
    }

    pub fn new(path: &Path) -> Case {
        Case { path: path.to_path_buf(), ..Case::default() }
    }

    /// Adds a run: its tries, of which the last counts.
    pub fn add(&mut self, mut tries: Vec<Attempt>) {
        let Some(last) = tries.pop() else { return };
        self.times.extend(tries.iter().chain([&last]).map(|t| t.took));
        self.retried += tries.len() as u32;
        if last.verdict == Verdict::NotRun {
            if self.runs == 0 {
                self.told = last;
            }
            return;
        }
        self.runs += 1;
        let bad = last.verdict.is_bad();
        self.failures += u32::from(bad);
        if !bad && self.made_good.is_none() {
            // It is told by its fault alone.
            self.made_good = tries.into_iter().next().map(|failed| Box::new(failed.telling_parts()));
        }
        // The first failure stands; else the latest news does.
        if !self.told.verdict.is_bad() {
            self.told = last;
        }
    }

    pub fn verdict(&self) -> &Verdict {
        &self.told.verdict
    }

    /// The failure of a script that passed in the end, but not each time it was tried.
    pub fn flaky(&self) -> Option<&Attempt> {
        self.made_good.as_deref().filter(|_| *self.verdict() == Verdict::Passed)
    }

    /// Did it pass in the end, but not each time it was tried?
    pub fn is_flaky(&self) -> bool {
        self.flaky().is_some()
    }

    /// The points it brings, of those it may bring; none where it has no `test points`.
    pub fn points(&self) -> Option<(u32, u32)> {
        let of = self.head.points?;
        Some((if *self.verdict() == Verdict::Passed { of } else { 0 }, of))
    }

    /// All its runs together.
    pub fn took(&self) -> Duration {
        self.summed.map_or_else(|| self.times.iter().sum(), |(all, ..)| all)
    }

    /// The shortest run and the one in the middle.
    pub fn spread(&self) -> Option<(Duration, Duration)> {
        if let Some((_, min, median)) = self.summed {
            return Some((min, median));
        }
        let mut times = self.times.clone();
        times.sort_unstable();
        Some((*times.first()?, *times.get(times.len() / 2)?))
    }
}

/// A whole run of the suite.
#[derive(Debug, Default)]
pub struct Ran {
    pub cases: Vec<Case>,
    /// When it began, since 1970, and how long it took.
    pub began: Duration,
    pub took: Duration,
    /// The signal that ended it early.
    pub signal: Option<i32>,
    /// Why not all of it was run, where no signal asked for an end.
    pub trouble: Option<Sentence>,
    /// Each script was run this often.
    pub repeat: u32,
    /// Which part of how many this run is of the scripts that were found.
    pub shard: Option<(usize, usize)>,
    /// Of a part: how many scripts all of them have together.
    pub whole: Option<usize>,
    /// A skipped script is a failure of the run.
    pub deny_skips: bool,
}

/// How many scripts came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    /// Not valid, or cut off.
    pub errors: usize,
    pub skipped: usize,
    pub not_run: usize,
    /// Of those that passed.
    pub flaky: usize,
    /// They failed, as they are known to.
    pub known: usize,
    pub interrupted: usize,
    /// The `subtest`s of all scripts: how many there were, and of these how many failed and were skipped.
    pub subtests: usize,
    pub subtests_failed: usize,
    pub subtests_skipped: usize,
    /// The points that came, of those that there are; none where no script has any.
    pub points: Option<(u64, u64)>,
}

impl Ran {
    /// The scripts that are tests; a fixture that failed is among the cases and is none.
    pub fn scripts(&self) -> usize {
        self.cases.iter().filter(|case| !case.is_fixture).count()
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for case in &self.cases {
            for part in &case.told.subtests {
                counts.subtests += 1;
                counts.subtests_failed += usize::from(part.told.verdict.is_bad());
                counts.subtests_skipped += usize::from(matches!(part.told.verdict, Verdict::Skipped(_)));
            }
            if let Some((got, of)) = case.points() {
                let points = counts.points.get_or_insert_default();
                *points = (points.0 + u64::from(got), points.1 + u64::from(of));
            }
            let of = match case.verdict() {
                Verdict::Passed => &mut counts.passed,
                Verdict::Failed => &mut counts.failed,
                Verdict::Invalid | Verdict::Broken => &mut counts.errors,
                Verdict::Skipped(_) => &mut counts.skipped,
                Verdict::Known => &mut counts.known,
                Verdict::Interrupted => &mut counts.interrupted,
                Verdict::NotRun => &mut counts.not_run,
            };
            *of += 1;
            counts.flaky += usize::from(case.is_flaky());
        }
        counts
    }

    pub fn exit_code(&self) -> i32 {
        match self.signal {
            Some(signal) => 128 + signal,
            None => {
                let denied = |c: &Case| self.deny_skips && c.has_skips();
                let bad = self.cases.iter().any(|c| c.verdict().is_bad() || denied(c));
                i32::from(bad || self.trouble.is_some())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(verdict: Verdict, millis: u64) -> Attempt {
        Attempt { took: Duration::from_millis(millis), ..Attempt::new(verdict) }
    }

    #[test]
    fn a_retried_pass_is_flaky_and_a_repeated_failure_is_counted() {
        use Verdict::{Failed, NotRun, Passed};
        let mut case = Case::new(Path::new("a.sock"));
        case.add(vec![attempt(Failed, 5), attempt(Passed, 1)]);
        assert!(case.is_flaky() && *case.verdict() == Passed && case.retried == 1);
        case.add(vec![attempt(Failed, 2), attempt(Failed, 3)]);
        case.add(vec![attempt(Passed, 4)]);
        case.add(vec![attempt(NotRun, 0)]);
        assert_eq!((case.runs, case.failures, case.verdict()), (3, 1, &Failed));
        assert!(!case.is_flaky());
        let ran = Ran { cases: vec![case], ..Ran::default() };
        assert_eq!((ran.counts().failed, ran.exit_code()), (1, 1));
        assert_eq!(Ran { signal: Some(2), ..ran }.exit_code(), 130);
    }
}
