//! `watch D COMMAND`: a command again and again, drawn in place, with a small graph of its numbers.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::words::{self, Own};
use super::{Ended, Prompt, name};
use crate::driver::terminal::{ERASE_BELOW, is_capable, size, up};
use crate::driver::transcript::{fitted, shown};
use crate::engine::{Event, Runner, Watch};
use crate::net::gate::Gate;
use crate::render::table::{cut, wrapped};
use crate::session::Session;
use crate::text::literal;
use crate::text::tree::Answer;
use crate::value::outcome::{Fact, Halt, Outcome};
use crate::value::{Value, duration_of, duration_text};
use crate::words::Lang;

/// Values of a series that its graph has room for.
const KEPT: usize = 24;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What a round has shown, and the numbers in it by their names.
#[derive(Default)]
struct Round {
    text: String,
    numbers: Vec<(String, i64)>,
}

/// The watcher of one round.
struct Taken {
    round: Mutex<Round>,
    /// The columns of the window.
    width: usize,
}

impl Watch for Taken {
    fn wants(&self, _: &Session, _: Option<&Answer>) -> bool {
        true
    }

    fn done(&self, session: &mut Session, event: &Event<'_>) -> Result<(), Box<Halt>> {
        if let Ok(outcome) = event.result {
            let lang = session.settings.lang;
            let text = shown(session, outcome)
                .map(|text| fitted(outcome, Cow::Owned(text), Some(self.width), lang).into_owned());
            let mut round = self.round.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(text) = text {
                if !round.text.is_empty() {
                    round.text.push('\n');
                }
                round.text.push_str(&text);
            }
            round.numbers.extend(numbers(outcome, lang));
        }
        Ok(())
    }

    fn flush(&self, _: &Gate) {}
}

/// The numbers of what was shown: a result, the rows of a table that have one, what waits in each socket.
fn numbers(outcome: &Outcome, lang: Lang) -> Vec<(String, i64)> {
    match &outcome.fact {
        Fact::Table(table) => {
            let cells = |row: &Vec<crate::words::Sentence>| -> Option<(String, i64)> {
                let texts: Vec<String> = row.iter().map(|cell| cell.show(lang)).collect();
                let value = texts.iter().skip(1).find_map(|text| leading(text))?;
                Some((texts.first()?.clone(), value))
            };
            table.rows.iter().filter_map(cells).collect()
        }
        Fact::Sockets(facts) => {
            let waiting = |facts: &crate::value::outcome::SocketFacts| match facts.backlog {
                Some((waiting, _)) => Some(i64::from(waiting)),
                None => i64::try_from(facts.receive_queue?).ok(),
            };
            facts.iter().filter_map(|f| Some((f.name.clone(), waiting(f)?))).collect()
        }
        _ => match &outcome.value {
            Value::Int(n) => vec![(String::new(), *n)],
            Value::Duration(time) => {
                vec![(String::new(), i64::try_from(time.as_micros()).unwrap_or(i64::MAX))]
            }
            Value::Bytes(bytes) => {
                literal::text(bytes).trim().parse().map(|n| (String::new(), n)).into_iter().collect()
            }
            _ => Vec::new(),
        },
    }
}

/// The number that a cell begins with: `12`, `345us`, `10 segments`.
fn leading(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(time) = duration_of(text).filter(|_| text.ends_with('s')) {
        return i64::try_from(time.as_micros()).ok();
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    text[..digits].parse().ok()
}

/// Bars from the smallest to the largest of the values.
fn graph(values: &VecDeque<i64>) -> String {
    let (Some(low), Some(high)) = (values.iter().min(), values.iter().max()) else { return String::new() };
    let span = high.saturating_sub(*low).max(1) as i128;
    let bar = |value: &i64| {
        let part = (i128::from(*value) - i128::from(*low)) * 7 / span;
        BARS[usize::try_from(part).unwrap_or(0).min(7)]
    };
    values.iter().map(bar).collect()
}

/// The values of each name, the latest last.
#[derive(Default)]
struct Series(Vec<(String, VecDeque<i64>)>);

impl Series {
    fn add(&mut self, numbers: Vec<(String, i64)>) {
        for (name, value) in numbers {
            let at = match self.0.iter().position(|(known, _)| *known == name) {
                Some(at) => at,
                None => {
                    self.0.push((name, VecDeque::new()));
                    self.0.len() - 1
                }
            };
            let values = &mut self.0[at].1;
            if values.len() == KEPT {
                values.pop_front();
            }
            values.push_back(value);
        }
    }

    /// A line for each that has changed, and for one that has no name.
    fn lines(&self) -> Vec<String> {
        let moves = |(name, values): &&(String, VecDeque<i64>)| {
            name.is_empty() || values.iter().any(|value| Some(value) != values.front())
        };
        let width = self.0.iter().filter(moves).map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let line = |(name, values): &(String, VecDeque<i64>)| {
            let (low, high) = (values.iter().min().copied(), values.iter().max().copied());
            let fill = " ".repeat(width - name.chars().count().min(width));
            let gap = if width > 0 { "  " } else { "" };
            format!("{name}{fill}{gap}{}  {}…{}", graph(values), low.unwrap_or(0), high.unwrap_or(0))
        };
        self.0.iter().filter(moves).map(line).collect()
    }
}

impl Prompt<'_> {
    /// Runs it until Ctrl-C, or until it fails; how many rounds there were.
    pub(super) fn watch(&mut self, own: &'static Own, text: &str, number: u32) -> (Ended, u32) {
        let (time, command) = words::watched(text);
        let Some(pause) = duration_of(time).filter(|d| !d.is_zero() && !command.is_empty()) else {
            // `watch sockets` lacks the time.
            let missing = match duration_of(time) {
                Some(pause) if !pause.is_zero() => phrase!(en "a command", es "un comando"),
                _ => phrase!(
                    en "a time between two rounds, like `watch 1s sockets`",
                    es "un tiempo entre dos rondas, como `watch 1s sockets`"
                ),
            };
            return (self.incomplete(own, text, number, missing), 0);
        };
        let Some(program) = self.compile(&name(number), &words::masked(text)) else {
            return (Ended::Failed, 0);
        };
        let in_place = is_capable(&std::io::stdout());
        let (mut series, mut drawn, mut rounds) = (Series::default(), 0, 0u32);
        let command = literal::one_line(command);
        let ended = loop {
            let due = Instant::now() + pause;
            let (rows, columns) = size(&std::io::stdout()).unwrap_or((24, 80));
            let taken = Arc::new(Taken { round: Mutex::default(), width: columns });
            // Only the command's own calls are told of: the pause between two rounds stands in the head.
            self.attend();
            let ran =
                Runner::new(&mut self.session, program.functions.clone(), taken.clone()).run(&program.body);
            self.emptied = self.watcher.end();
            if let Err(mut halt) = ran {
                break self.watch_ended(&mut halt);
            }
            rounds += 1;
            let round = std::mem::take(&mut *taken.round.lock().unwrap_or_else(PoisonError::into_inner));
            series.add(round.numbers);
            let head = say!(
                en "every {pause}, round {rounds}: {command} (Ctrl-C ends it)",
                es "cada {pause}, ronda {rounds}: {command} (Ctrl-C lo termina)",
                pause = duration_text(pause),
                rounds,
                command = command.as_str()
            );
            let mut lines: Vec<String> =
                wrapped(&head.show(self.lang()), columns).lines().map(str::to_string).collect();
            lines.extend(literal::on_terminal(&round.text).lines().map(str::to_string));
            lines.extend(series.lines());
            drawn = self.draw_round(lines, (rows, columns), in_place.then_some(drawn));
            let left = due.saturating_duration_since(Instant::now());
            if let Err(mut halt) = self.rest(left) {
                break self.watch_ended(&mut halt);
            }
        };
        (ended, rounds)
    }

    /// Waits for the next round, in a call that the script does not see.
    fn rest(&self, left: Duration) -> Result<(), Box<Halt>> {
        let gate = &self.session.caller.gate;
        let end = Instant::now() + left;
        let slept = gate.blocking(None, "nanosleep", 0, || {
            crate::net::kernel::nanosleep(end.saturating_duration_since(Instant::now()))
        });
        slept.map_err(|stop| self.session.caller.halt("nanosleep", stop, None, None))
    }

    /// Ctrl-C is how it ends; anything else is a failure.
    fn watch_ended(&mut self, halt: &mut Halt) -> Ended {
        match halt {
            Halt::Signal { number: libc::SIGINT, .. } => {
                if !std::mem::take(&mut self.emptied) {
                    self.complain("");
                }
                Ended::Well
            }
            other => self.halted(other),
        }
    }

    /// Draws a round over the one before, of which so many lines stand; how many stand now.
    fn draw_round(
        &mut self,
        mut lines: Vec<String>,
        (rows, columns): (usize, usize),
        over: Option<usize>,
    ) -> usize {
        let Some(over) = over else {
            self.say(&lines.join("\n"));
            return 0;
        };
        // What does not fit into the window could not be drawn over.
        let most = rows.saturating_sub(1).max(1);
        if lines.len() > most {
            lines.truncate(most - 1);
            lines.push("…".into());
        }
        let lines: Vec<String> = lines.iter().map(|line| cut(line, columns)).collect();
        let up = up(over);
        let gate = &self.session.caller.gate;
        let mut output = self.output();
        output.control(gate, &format!("{up}{ERASE_BELOW}"));
        let _ = output.text(gate, &format!("{}\n", lines.join("\n")));
        output.flush(gate);
        lines.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_goes_from_the_smallest_to_the_largest() {
        let of = |values: &[i64]| graph(&values.iter().copied().collect());
        assert_eq!(of(&[0, 7, 14]), "▁▄█");
        assert_eq!(of(&[5, 5]), "▁▁");
        assert_eq!(of(&[i64::MIN, i64::MAX]), "▁█");
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn the_numbers_of_cells_are_found() {
        for (text, want) in
            [("12", Some(12)), ("1.5ms", Some(1500)), ("10 segments", Some(10)), ("cubic", None)]
        {
            assert_eq!(leading(text), want, "{text}");
        }
        let mut series = Series::default();
        for n in 0..40 {
            series.add(vec![("cwnd".into(), n), ("mss".into(), 1448)]);
        }
        assert_eq!(series.lines(), ["cwnd  ▁▁▁▁▂▂▂▃▃▃▄▄▄▄▅▅▅▆▆▆▇▇▇█  16…39"]);
    }
}
