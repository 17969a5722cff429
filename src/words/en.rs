//! English.

use super::{Limit, Noun, Phrase, Totals, Words};

pub struct English;

/// "a" or "an", by the letter that follows; no word here begins with a silent one.
fn article(word: &str) -> &'static str {
    if word.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" }
}

impl English {
    fn bytes(&self, n: u64) -> String {
        self.count(n, Noun::Byte)
    }

    fn a_failure(&self, names: &[&str]) -> String {
        match names {
            [] => "a failure".into(),
            names => format!("a failure with {}", self.one_of(names)),
        }
    }
}

impl Words for English {
    fn phrase(&self, phrase: &Phrase) -> &'static str {
        phrase.en
    }

    fn count(&self, n: u64, noun: Noun) -> String {
        let one = match noun {
            Noun::Argument => "argument",
            Noun::Blank => "blank",
            Noun::Byte => "byte",
            Noun::Character => "character",
            Noun::Doubling => "doubling",
            Noun::Instruction => "instruction",
            Noun::Line => "line",
            Noun::Mistake => "mistake",
            Noun::Packet => "packet",
            Noun::Point => "point",
            Noun::Probe => "probe",
            Noun::Round => "round",
            Noun::Script => "script",
            Noun::Segment => "segment",
            Noun::Slice => "slice",
            Noun::Socket => "socket",
            Noun::Subtest => "subtest",
            Noun::Time => "time",
            Noun::Try => "try",
            Noun::Value => "value",
            Noun::Warning => "warning",
            Noun::Word => "word",
        };
        match (n, one.strip_suffix('y')) {
            (1, _) => format!("1 {one}"),
            (n, Some(start)) => format!("{n} {start}ies"),
            (n, None) => format!("{n} {one}s"),
        }
    }

    fn one_of(&self, words: &[&str]) -> String {
        super::sentence::listed(words, "or")
    }

    fn early_end(&self, got: u64, wanted: Option<u64>) -> String {
        match wanted {
            Some(wanted) => format!("end of stream after {got} of {}", self.bytes(wanted)),
            None => format!("end of stream after {}", self.bytes(got)),
        }
    }

    fn too_much(&self, max: u64) -> String {
        format!("more than {} came", self.bytes(max))
    }

    fn no_delimiter(&self, max: u64) -> String {
        format!("no delimiter in the first {}", self.bytes(max))
    }

    fn needs_stream(&self, kind: &str) -> String {
        format!("this needs a stream, and a {kind} socket keeps messages apart")
    }

    fn frame_too_long(&self, length: u64, max: u64) -> String {
        format!("a frame of {} was announced, and {max} is the most", self.bytes(length))
    }

    fn frame_cut(&self, got: u64, announced: u64) -> String {
        format!("end of stream after {got} of the {} announced", self.bytes(announced))
    }

    fn not_utf8(&self, at: usize, byte: u8) -> String {
        format!("byte {at} (0x{byte:02x}) is not UTF-8")
    }

    fn not_a(&self, found: &str, wanted: &str) -> String {
        format!("{found} is not {wanted}")
    }

    fn out_of_range(&self, found: &str, what: &str, low: i64, high: i64) -> String {
        format!("{found} is no {what}: it is {low} to {high}")
    }

    fn unset(&self, name: &str) -> String {
        match name {
            "" => "this name has no value yet".into(),
            name => format!("`{name}` has no value yet"),
        }
    }

    fn no_property(&self, of: &str, name: &str) -> String {
        match of {
            "nothing" => format!("the value is nothing, which has no `.{name}`"),
            of => format!("{of} has no `.{name}`"),
        }
    }

    fn no_element(&self, index: usize, length: usize) -> String {
        format!("there is no `.{index}` in a list of {length}")
    }

    fn file_holds(&self, path: &str, bytes: u64) -> String {
        format!("{path} holds {}", self.bytes(bytes))
    }

    fn no_answer(&self, after: &str, limit: Limit) -> String {
        let whose = match limit {
            Limit::Command => "the command's `--timeout`",
            Limit::Session => "`set timeout`",
            Limit::CommandLine => "the command line's `--timeout`",
            Limit::Default => "what `test` gives each command; `--timeout` sets another",
            Limit::Socket => "the socket's `settimeout`",
            Limit::Within => "the `--within` of its `expect`",
            Limit::System => "the system",
        };
        format!("no answer within {after}, {whose}")
    }

    fn too_deep(&self, most: usize) -> String {
        format!("more than {most} calls inside one another")
    }

    fn other_family(&self, found: &str, wanted: &str) -> String {
        format!("{found} is not an address of family {wanted}")
    }

    fn sent_so_far(&self, taken: u64, offered: u64) -> String {
        format!("{taken} of {} sent", self.bytes(offered))
    }

    fn failed(&self, text: &str) -> String {
        format!("failed: {text}")
    }

    fn skipped(&self, text: &str) -> String {
        format!("skipped: {text}")
    }

    fn script_limit(&self, after: &str) -> String {
        format!("the script's limit of {after} is over")
    }

    fn ended_by(&self, signal: Option<&str>) -> String {
        match signal {
            Some(name) => format!("ended by {name}"),
            None => "interrupted".into(),
        }
    }

    fn killed_by(&self, signal: &str) -> String {
        format!("ended by {signal}")
    }

    fn classes(&self, class: &str, parents: &[&str]) -> String {
        let mut out = class.to_string();
        for parent in parents {
            out.push_str(&format!(", {} {parent}", article(parent)));
        }
        out
    }

    fn thread_waits(&self, thread: &str, call: &str, socket: &str) -> String {
        match (call, socket) {
            ("", _) => format!("thread `{thread}` is in no call"),
            (call, "") => format!("thread `{thread}` waits in {call}"),
            (call, socket) => format!("thread `{thread}` waits in {call} on {socket}"),
        }
    }

    fn data_so_far(&self, place: &str, bytes: u64, shown: &str) -> String {
        format!("what had come is in `{place}`: {} {shown}", self.bytes(bytes))
    }

    fn expectation_failed(&self, sides: &[(bool, &str, bool)]) -> String {
        let each = sides.iter().map(|(negated, operator, right)| {
            let not = if *negated { "not " } else { "" };
            let right = if *right { " right" } else { "" };
            format!("left {not}{operator}{right}")
        });
        format!("expectation failed: {}", each.collect::<Vec<_>>().join(" or "))
    }

    fn sides(&self, left: &str, right: Option<&str>) -> Vec<String> {
        let right = right.map(|right| format!("right: {right}"));
        std::iter::once(format!("left:  {left}")).chain(right).collect()
    }

    fn gave(&self, value: &str) -> String {
        format!("it gave {value}")
    }

    fn did_not_fail(&self, names: &[&str]) -> String {
        format!("expected {}, and it did not fail", self.a_failure(names))
    }

    fn failed_otherwise(&self, names: &[&str], headline: &str) -> String {
        format!("expected {}, and it failed with {headline}", self.a_failure(names))
    }

    fn more_lines(&self, n: u64) -> String {
        format!("… and {} more", self.count(n, Noun::Line))
    }

    fn taken(&self, taken: u64, offered: u64) -> String {
        match offered.saturating_sub(taken) {
            0 => self.bytes(taken),
            left => format!("{taken} of {offered} bytes taken, {left} left to send"),
        }
    }

    fn cut_message(&self, got: u64, whole: u64, lost: bool) -> String {
        match lost {
            true => format!("{got} of {whole} bytes, {} lost", whole.saturating_sub(got)),
            false => format!("{got} of {whole} bytes"),
        }
    }

    fn from(&self, address: &str) -> String {
        format!("from {address}")
    }

    fn filed(&self, bytes: u64, path: &str, end: bool) -> String {
        let end = if end { ", end of stream" } else { "" };
        format!("{} to {path}{end}", self.bytes(bytes))
    }

    fn and_more(&self, shown: &str, bytes: u64) -> String {
        format!("{shown} and {} more", self.bytes(bytes))
    }

    fn checked(&self, scripts: u64, mistakes: u64, warnings: u64) -> String {
        let scripts = self.count(scripts, Noun::Script);
        let also =
            if warnings > 0 { format!(", {}", self.count(warnings, Noun::Warning)) } else { String::new() };
        format!("{scripts} checked, {}{also}", self.count(mistakes, Noun::Mistake))
    }

    fn runs_failed(&self, failures: u64, runs: u64) -> String {
        format!("{failures} of {runs} runs failed")
    }

    fn tried_again(&self, times: u64) -> String {
        format!("tried again {}", self.count(times, Noun::Time))
    }

    fn subtests_failed(&self, failed: usize, of: usize) -> String {
        match of {
            1 => "its subtest failed".into(),
            of => format!("{failed} of {of} subtests failed"),
        }
    }

    fn totals(&self, totals: &Totals) -> String {
        let mut line = format!("{}: {} passed", self.count(totals.scripts, Noun::Script), totals.passed);
        if totals.flaky > 0 {
            line.push_str(&format!(" ({} flaky)", totals.flaky));
        }
        line.push_str(&format!(", {} failed", totals.failed));
        let others = [
            (totals.known, "known to fail"),
            (totals.interrupted, "interrupted"),
            (totals.skipped, "skipped"),
            (totals.not_run, "not run"),
        ];
        for (n, what) in others.into_iter().filter(|(n, _)| *n > 0) {
            line.push_str(&format!(", {n} {what}"));
        }
        if totals.subtests > 0 {
            let subtests = self.count(totals.subtests, Noun::Subtest);
            line.push_str(&format!("; {subtests}, {} failed", totals.subtests_failed));
        }
        if let Some((got, of)) = totals.points {
            line.push_str(&format!("; {got} of {}", self.count(of, Noun::Point)));
        }
        line
    }

    fn lines_left_out(&self, lines: u64) -> String {
        format!("{} after it not run", self.count(lines, Noun::Line))
    }

    fn lines_saved(&self, lines: u64, path: &str) -> String {
        format!("{} saved to {path}", self.count(lines, Noun::Line))
    }

    fn session_reset(&self, sockets: u64) -> String {
        format!("{} closed, every name forgotten", self.count(sockets, Noun::Socket))
    }

    fn running_as(&self, pid: i32) -> String {
        format!("running as {pid}")
    }

    fn exited_with(&self, code: i32) -> String {
        format!("exited with {code}")
    }
}
