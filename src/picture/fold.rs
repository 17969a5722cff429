//! Rows that repeat: after three rounds a row says how many more there were.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::ladder::{Act, Row, Told, What};

/// So many rounds are shown.
const SHOWN: usize = 3;
/// A row in place of a single round would save nothing.
const LEAST: usize = SHOWN + 2;
/// A round has at most so many rows.
const LONGEST: usize = 60;

/// The rows with what repeats left out.
pub fn fold(rows: Vec<Row>) -> Vec<Row> {
    let signs: Vec<u64> = rows.iter().map(sign).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let Some((length, rounds)) = repeats(&signs[at..]) else {
            out.push(rows[at].clone());
            at += 1;
            continue;
        };
        let shown = at + SHOWN * length;
        let end = at + rounds * length;
        out.extend_from_slice(&rows[at..shown]);
        let left = rows[shown..end].iter();
        let ends =
            left.flat_map(|row| if let Row::Act(act) = row { &act.ends[..] } else { &[] }).copied().collect();
        out.push(Row::More { rounds: (rounds - SHOWN) as u64, ends });
        at = end;
    }
    out
}

/// How long the shortest round is that the signs begin with, and how often it comes.
fn repeats(signs: &[u64]) -> Option<(usize, usize)> {
    (1..=LONGEST.min(signs.len() / LEAST)).find_map(|length| {
        let rounds = signs.chunks_exact(length).take_while(|round| *round == &signs[..length]).count();
        (rounds >= LEAST).then_some((length, rounds))
    })
}

/// What two rows have in common that are the same but for their sockets and their sizes.
fn sign(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    match row {
        Row::Act(act) => act_sign(act, &mut hasher),
        Row::More { rounds, .. } => rounds.hash(&mut hasher),
    }
    hasher.finish()
}

/// The same of several rows.
pub fn signs(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(sign).collect()
}

fn act_sign(act: &Act, hasher: &mut DefaultHasher) {
    (act.place.as_ref(), act.call, act.thread.is_some(), act.starts.len(), act.closes).hash(hasher);
    std::mem::discriminant(&act.told).hash(hasher);
    if let Told::Error(name) = &act.told {
        name.hash(hasher);
    }
    for arrow in &act.arrows {
        (std::mem::discriminant(&arrow.what), arrow.lost.map(|lost| lost as u8)).hash(hasher);
        if let What::Data(data) = &arrow.what {
            data.urgent.hash(hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_round_is_found() {
        assert_eq!(repeats(&[1, 1, 1, 1, 1, 2]), Some((1, 5)));
        assert_eq!(repeats(&[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]), Some((2, 5)));
        assert_eq!(repeats(&[1, 1, 1, 1, 2]), None);
        assert_eq!(repeats(&[]), None);
    }
}
