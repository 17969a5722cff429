//! What `timeit` found out: the figures, and their histogram.
//!
//! The times are counted, not kept, so that a billion rounds take no more room than ten: `hdrhistogram` counts each to
//! three digits, which is what is shown.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::render::table::wrapped;
use crate::value::duration_text;
use crate::words::{Lang, Noun, counted};

/// Three figures are as many as a measurement on a busy machine is worth.
pub fn rounded(time: Duration) -> String {
    let nanos = time.as_nanos() as u64;
    let digits = nanos.checked_ilog10().map_or(1, |n| n + 1);
    let unit = 10u64.pow(digits.saturating_sub(3));
    duration_text(Duration::from_nanos(nanos / unit * unit))
}

/// The times of some rounds.
#[derive(Default)]
pub struct Times {
    /// Made with the first time.
    counts: Option<Histogram<u64>>,
    /// The shortest and the longest, to the nanosecond.
    ends: Option<(u64, u64)>,
}

impl Times {
    pub fn add(&mut self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        let (low, high) = self.ends.unwrap_or((nanos, nanos));
        self.ends = Some((low.min(nanos), high.max(nanos)));
        if self.counts.is_none() {
            self.counts = Histogram::new(3).ok();
        }
        if let Some(counts) = &mut self.counts {
            // It makes room for any time; without memory for that, this one is not counted.
            let _ = counts.record(nanos);
        }
    }

    pub fn len(&self) -> u64 {
        self.counts.as_ref().map_or(0, Histogram::len)
    }

    /// The report on them, in at most so many columns; nothing for none.
    pub fn report(&self, lang: Lang, width: usize) -> Option<String> {
        let (counts, (low, high)) = (self.counts.as_ref()?, self.ends?);
        // The time that so many of all are not above.
        let rank = |part: f64| counts.value_at_quantile(part).clamp(low, high);
        let shown = |nanos: u64| rounded(Duration::from_nanos(nanos));
        let figures = say!(
            en "{rounds}: min {min}, median {median}, p90 {p90}, p99 {p99}, max {max}",
            es "{rounds}: mín {min}, mediana {median}, p90 {p90}, p99 {p99}, máx {max}",
            rounds = counted(usize::try_from(counts.len()).unwrap_or(usize::MAX), Noun::Round),
            min = shown(low),
            median = shown(rank(0.5)),
            p90 = shown(rank(0.9)),
            p99 = shown(rank(0.99)),
            max = shown(high)
        );
        let edges = edges(low, rank(0.99));
        let mut rows = vec![0u64; edges.len() + 1];
        for value in counts.iter_recorded() {
            let time = value.value_iterated_to().clamp(low, high);
            rows[edges.partition_point(|edge| *edge <= time)] += value.count_at_value();
        }
        let mut out = wrapped(&figures.show(lang), width);
        for line in draw(&edges, &rows, width) {
            out.push('\n');
            out.push_str(&line);
        }
        Some(out)
    }
}

/// Where the rows of the histogram end: steps of 1, 2 or 5 where the times lie near each other; where they differ by
/// magnitudes, 1, 2 and 5 of each.
fn edges(low: u64, high: u64) -> Vec<u64> {
    /// Rows that are easily taken in.
    const ROWS: u64 = 12;
    if high / low.max(1) < 10 {
        let step = nice((high - low) / ROWS + 1);
        let first = (low / step).saturating_add(1).saturating_mul(step);
        return (0..=ROWS + 1)
            .map(|n| first.saturating_add(n.saturating_mul(step)))
            .take_while(|edge| edge.saturating_sub(step) <= high)
            .collect();
    }
    let mut edges = Vec::new();
    let mut edge = nice(low);
    while edge <= high && edge < u64::MAX / 3 {
        if edge > low {
            edges.push(edge);
        }
        edge = nice(edge + 1);
    }
    edges.push(edge);
    edges
}

/// The smallest of 1, 2, 5, 10, 20, … that is no smaller.
fn nice(n: u64) -> u64 {
    let unit = 10u64.pow(n.max(1).ilog10());
    [1, 2, 5, 10].iter().map(|m| unit.saturating_mul(*m)).find(|edge| *edge >= n).unwrap_or(u64::MAX)
}

fn draw(edges: &[u64], rows: &[u64], width: usize) -> Vec<String> {
    /// The longest bar, and what stands before it.
    const WIDEST: usize = 40;
    const BEFORE: usize = 21;
    let widest = width.saturating_sub(BEFORE).clamp(1, WIDEST) as u128;
    let most = u128::from(rows.iter().copied().max().unwrap_or(1).max(1));
    let line = |(at, &n): (usize, &u64)| {
        let bar = "█".repeat((u128::from(n) * widest).div_ceil(most) as usize);
        let name = match (edges.get(at), edges.last()) {
            (Some(edge), _) => format!("< {:>7}", duration_text(Duration::from_nanos(*edge))),
            (None, Some(last)) => format!("≥ {:>7}", duration_text(Duration::from_nanos(*last))),
            (None, None) => return String::new(),
        };
        format!("  {name}  {n:>6}  {bar}").trim_end().to_string()
    };
    // The last row is for the few that took long.
    let shown = if rows.last() == Some(&0) { rows.len() - 1 } else { rows.len() };
    rows.iter().enumerate().take(shown).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(times: impl IntoIterator<Item = Duration>) -> Option<String> {
        let mut all = Times::default();
        times.into_iter().for_each(|time| all.add(time));
        all.report(Lang::EN, 80)
    }

    #[test]
    fn the_figures_are_right() {
        let report = report((1..=100).map(Duration::from_micros)).expect("rounds");
        let first = report.lines().next();
        assert_eq!(first, Some("100 rounds: min 1us, median 50us, p90 90us, p99 99us, max 100us"));
        assert!(report.contains("  <    50us      30  ███"), "{report}");
        assert_eq!(super::Times::default().report(Lang::EN, 80), None);
        assert!(Times::default().len() == 0);
    }

    #[test]
    fn a_narrow_window_has_shorter_bars() {
        let mut all = Times::default();
        (1..=100).map(Duration::from_micros).for_each(|time| all.add(time));
        let report = all.report(Lang::EN, 40).expect("rounds");
        assert!(report.lines().all(|line| line.chars().count() <= 40), "{report}");
        assert!(report.contains("  <    50us      30  █"), "{report}");
    }

    #[test]
    fn times_near_each_other_are_told_apart() {
        // A thousand rounds of a sleep of 1 ms, which differ by less than half of it, and one that took long.
        let times =
            (0..1000).map(|n| Duration::from_nanos(1_050_000 + n * 300)).chain([Duration::from_millis(20)]);
        let report = report(times).expect("rounds");
        let rows: Vec<&str> = report.lines().skip(1).collect();
        assert!((6..=14).contains(&rows.len()), "{report}");
        assert!(rows.iter().filter(|row| row.contains('█')).count() >= 6, "{report}");
        assert!(rows.last().is_some_and(|row| row.starts_with("  ≥")), "{report}");
    }

    #[test]
    fn nice_numbers() {
        for (n, want) in [(0, 1), (1, 1), (3, 5), (6, 10), (11, 20), (500, 500), (u64::MAX, u64::MAX)] {
            assert_eq!(nice(n), want, "{n}");
        }
        assert!(!edges(1, u64::MAX).is_empty() && !edges(u64::MAX, u64::MAX).is_empty());
    }
}
