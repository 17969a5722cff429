//! `--shard I/N`: one part of the scripts. Without `--timings` the path of a script decides, so that a new script moves
//! no other; with them, the parts take about as long.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use serde_json::Value as Json;

use super::choose::Script;
use crate::driver::failure::{Failure, failure};
use crate::driver::files;

/// One part of several: `--shard 2/5`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shard {
    pub part: usize,
    pub of: usize,
    /// How many seconds each script took, by its path.
    pub timings: Option<HashMap<String, f64>>,
}

/// Reads the option's value.
pub fn parse(text: &str) -> Result<Shard, Failure> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match parts {
        Some((part, of)) if part >= 1 && part <= of => Ok(Shard { part, of, timings: None }),
        _ => Err(Failure(say!(
            en "a shard is `I/N` with I from 1 to N, like `2/5`",
            es "una parte es `I/N` con I de 1 a N, como `2/5`"
        ))),
    }
}

/// How long each script took, out of a JSON report.
pub fn timings(path: &Path) -> Result<HashMap<String, f64>> {
    let text = files::read(path).map_err(failure)?;
    let report = serde_json::from_str::<Json>(&text).ok();
    let scripts = report.as_ref().and_then(|report| report.get("scripts")?.as_array());
    let Some(scripts) = scripts else {
        return Err(failure(say!(
            en "{path} is no JSON report of `sockbook test`; `--report json=FILE` writes one",
            es "{path} no es un informe JSON de `sockbook test`; `--report json=FILE` escribe uno",
            path = path.display()
        )));
    };
    let time = |script: &Json| {
        let file = script.get("file")?.as_str()?;
        Some((name(Path::new(file)), script.get("seconds")?.as_f64()?))
    };
    Ok(scripts.iter().filter_map(time).collect())
}

/// A script as every machine names it.
fn name(path: &Path) -> String {
    crate::engine::straight(path).to_string_lossy().into_owned()
}

impl Shard {
    /// Its part of the scripts, in their order.
    pub fn part(&self, scripts: Vec<Script>) -> Vec<Script> {
        let names: Vec<String> = scripts.iter().map(|script| name(&script.path)).collect();
        let parts = match &self.timings {
            Some(timings) => self.by_time(&names, timings),
            None => names.iter().map(|name| (hash(name) % self.of as u64) as usize).collect(),
        };
        scripts.into_iter().zip(parts).filter(|(_, part)| part + 1 == self.part).map(|(s, _)| s).collect()
    }

    /// The part of each: the longest first, each to the part that has least to do.
    fn by_time(&self, names: &[String], timings: &HashMap<String, f64>) -> Vec<usize> {
        let mut known: Vec<f64> = names.iter().filter_map(|name| timings.get(name).copied()).collect();
        known.sort_unstable_by(f64::total_cmp);
        // What is new takes as long as most.
        let usual = known.get(known.len() / 2).copied().unwrap_or(1.0);
        let time = |at: usize| timings.get(&names[at]).copied().unwrap_or(usual).max(0.0);
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|a, b| time(*b).total_cmp(&time(*a)).then_with(|| names[*a].cmp(&names[*b])));
        let mut busy = vec![0.0_f64; self.of.min(names.len())];
        let mut parts = vec![0; names.len()];
        for at in order {
            let least = (0..busy.len()).min_by(|a, b| busy[*a].total_cmp(&busy[*b])).unwrap_or(0);
            // A script costs something even where its time is nothing.
            busy[least] += time(at) + 1e-6;
            parts[at] = least;
        }
        parts
    }
}

/// FNV-1a with its bits stirred: the same on every machine, and in every version.
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_several() {
        assert_eq!(parse("2/5").ok(), Some(Shard { part: 2, of: 5, timings: None }));
        for wrong in ["", "1", "0/2", "3/2", "1/0", "a/b", "-1/2", "1/2/3"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_is_in_the_same_part_for_ever() {
        // Other numbers here would move every suite's tests to other parts.
        let parts = ["a.sock", "b.sock", "tests/redis/ping.sock"].map(|name| hash(name) % 4);
        assert_eq!(parts, [3, 2, 2]);
        let mut counts = [0usize; 4];
        (0..1000).for_each(|n| counts[(hash(&format!("t{n:04}.sock")) % 4) as usize] += 1);
        assert!(counts.iter().all(|n| (200..300).contains(n)), "{counts:?}");
    }

    #[test]
    fn recorded_times_make_parts_of_one_length() {
        let names: Vec<String> = (0..8).map(|n| format!("{n}.sock")).collect();
        let timings = names.iter().zip([9.0, 1.0, 1.0, 1.0, 3.0, 3.0]).map(|(n, t)| (n.clone(), t)).collect();
        let shard = Shard { part: 1, of: 2, timings: None };
        let parts = shard.by_time(&names, &timings);
        let all: HashMap<_, _> = names.iter().zip(&parts).collect();
        let sum = |part: usize| -> f64 {
            names.iter().filter(|n| *all[n] == part).map(|n| timings.get(n).copied().unwrap_or(1.0)).sum()
        };
        assert_eq!((sum(0), sum(1)), (10.0, 10.0));
        assert!(shard.by_time(&[], &timings).is_empty());
    }
}
