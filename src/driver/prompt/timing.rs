//! What `timeit` found out: the figures, and their histogram.

use std::time::Duration;

use crate::value::duration_text;
use crate::words::{Lang, Noun, counted};

/// Three figures are as many as a measurement on a busy machine is worth.
pub fn rounded(time: Duration) -> String {
    let nanos = time.as_nanos() as u64;
    let digits = nanos.checked_ilog10().map_or(1, |n| n + 1);
    let unit = 10u64.pow(digits.saturating_sub(3));
    duration_text(Duration::from_nanos(nanos / unit * unit))
}

/// The report on some rounds, each with its duration; nothing for none.
pub fn report(rounds: &[Duration], lang: Lang) -> Option<String> {
    let mut sorted = rounds.to_vec();
    sorted.sort_unstable();
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    // The smallest round that so many per cent of all are not above.
    let rank = |per_cent: usize| sorted[(sorted.len() * per_cent).div_ceil(100).max(1) - 1];
    let figures = say!(
        en "{rounds}: min {min}, median {median}, p99 {p99}, max {max}",
        es "{rounds}: mín {min}, mediana {median}, p99 {p99}, máx {max}",
        rounds = counted(sorted.len(), Noun::Round),
        min = rounded(min),
        median = rounded(rank(50)),
        p99 = rounded(rank(99)),
        max = rounded(max)
    );
    let mut out = figures.show(lang);
    for line in histogram(&sorted) {
        out.push('\n');
        out.push_str(&line);
    }
    Some(out)
}

/// A row for each doubling of the time: waits differ by magnitudes, not by steps.
fn histogram(sorted: &[Duration]) -> Vec<String> {
    const WIDTH: usize = 40;
    let bucket = |d: &Duration| (d.as_nanos() as u64).max(1).ilog2();
    let (Some(first), Some(last)) = (sorted.first().map(bucket), sorted.last().map(bucket)) else {
        return Vec::new();
    };
    let mut counts = vec![0usize; (last - first + 1) as usize];
    for time in sorted {
        counts[(bucket(time) - first) as usize] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let row = |(at, &n): (usize, &usize)| {
        let under =
            rounded(Duration::from_nanos(1u64.checked_shl(first + at as u32 + 1).unwrap_or(u64::MAX)));
        let bar = "█".repeat((n * WIDTH).div_ceil(most));
        format!("  < {under:>7}  {n:>6}  {bar}").trim_end().to_string()
    };
    counts.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_right() {
        let micros: Vec<Duration> = (1..=100).map(Duration::from_micros).collect();
        let report = report(&micros, Lang::EN).expect("rounds");
        let first = report.lines().next();
        assert_eq!(first, Some("100 rounds: min 1us, median 50us, p99 99us, max 100us"));
        assert!(report.contains("<  65.5us      33  ███"), "{report}");
        assert_eq!(super::report(&[], Lang::EN), None);
    }
}
