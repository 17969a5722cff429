//! A ladder as text.
//!
//! Lanes stand in slots, which are free again when nothing is left of an end: a server that serves one client after the
//! other needs three. Where there is room the lines of the script stand at the right; in a narrow window each stands above
//! its arrows. Where the lanes do not fit side by side, each connection has a picture of its own.

use std::collections::{HashMap, HashSet};

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::fold::signs;
use super::ladder::{Act, Arrow, Ladder, Row, State};
use crate::words::Lang;

/// A state's name and a blank before it.
const GAP: usize = 13;
/// The lines need so much room at the right.
const LINES: usize = 30;
/// So far are lanes from each other at most.
const WIDEST: usize = 30;
/// Pictures of connections that are the same are shown so often.
const SHOWN: usize = 3;

/// The picture in a window of so many columns.
pub fn text(ladder: &Ladder, columns: usize, lang: Lang) -> String {
    let columns = columns.clamp(30, 160);
    let mut out = Vec::new();
    if ladder.gone > 0 {
        let gone = say!(
            en "earlier calls are no longer kept: {n}",
            es "ya no se guardan las llamadas anteriores: {n}",
            n = ladder.gone
        );
        out.push(format!("… {}", gone.show(lang)));
    }
    if ladder.rows.is_empty() {
        let none =
            phrase!(en "no call on a socket was made yet", es "aún no se hizo ninguna llamada en un socket");
        out.push(none.show(lang).into());
        return out.join("\n");
    }
    let folded =
        Ladder { lanes: ladder.lanes.clone(), rows: ladder.rows.clone(), gone: 0, threaded: ladder.threaded }
            .folded();
    let mut legend = Legend::default();
    match Layout::of(&folded, columns) {
        Some(layout) => out.extend(Page::new(&folded, layout, lang, &mut legend).draw()),
        None => out.extend(panels(ladder, columns, lang, &mut legend)),
    }
    out.extend(legend.lines(columns, lang));
    out.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// A picture for each connection.
fn panels(ladder: &Ladder, columns: usize, lang: Lang, legend: &mut Legend) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut same: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut more: Vec<(usize, usize)> = Vec::new();
    let server = ladder.servers();
    let parts = groups(ladder).into_iter().map(|group| ladder.part(&group));
    for part in std::iter::once(server).chain(parts).map(Ladder::folded) {
        if part.rows.is_empty() {
            continue;
        }
        let count = same.entry(signs(&part.rows)).or_default();
        *count += 1;
        if *count > SHOWN {
            match more.iter_mut().find(|(at, _)| *at == out.len()) {
                Some((_, n)) => *n += 1,
                None => more.push((out.len(), 1)),
            }
            continue;
        }
        if !out.is_empty() {
            out.push(String::new());
        }
        let layout = Layout::of(&part, columns).unwrap_or_else(|| Layout::cut(&part, columns));
        out.extend(Page::new(&part, layout, lang, legend).draw());
    }
    for (at, n) in more.into_iter().rev() {
        out.insert(at, more_of_the_same(n as u64, lang));
    }
    out
}

/// `… 97 more of the same`
pub fn more_of_the_same(n: u64, lang: Lang) -> String {
    say!(en "… {n} more of the same", es "… {n} más de lo mismo", n).show(lang)
}

/// Lanes that have to do with each other, beside the listeners, which have to do with all; those alone come first.
fn groups(ladder: &Ladder) -> Vec<HashSet<usize>> {
    let mut of: Vec<usize> = (0..ladder.lanes.len()).collect();
    fn root(of: &mut [usize], mut at: usize) -> usize {
        while of[at] != at {
            of[at] = of[of[at]];
            at = of[at];
        }
        at
    }
    for arrow in ladder.acts().flat_map(|act| &act.arrows) {
        if !ladder.lanes[arrow.from].listens && !ladder.lanes[arrow.to].listens {
            let (from, to) = (root(&mut of, arrow.from), root(&mut of, arrow.to));
            of[from.max(to)] = from.min(to);
        }
    }
    let mut all: Vec<(usize, HashSet<usize>)> = Vec::new();
    for lane in (0..ladder.lanes.len()).filter(|lane| !ladder.lanes[*lane].listens) {
        let root = root(&mut of, lane);
        match all.iter_mut().find(|(other, _)| *other == root) {
            Some((_, group)) => drop(group.insert(lane)),
            None => all.push((root, HashSet::from([lane]))),
        }
    }
    all.into_iter().map(|(_, group)| group).collect()
}

/// Which marks occur, and so need to be explained.
#[derive(Default)]
struct Legend {
    inferred: bool,
    known: bool,
    state: bool,
    lost: bool,
}

impl Legend {
    fn lines(&self, columns: usize, lang: Lang) -> Vec<String> {
        let entries = [
            (self.known, phrase!(en "─ told by a call or TCP_INFO", es "─ lo dice una llamada o TCP_INFO")),
            (self.inferred, phrase!(en "┄ inferred", es "┄ deducido")),
            (self.state, phrase!(en "(STATE) inferred", es "(ESTADO) deducido")),
            (self.lost, phrase!(en "✗ lost", es "✗ perdido")),
        ];
        let mut lines: Vec<String> = Vec::new();
        for (_, entry) in entries.iter().filter(|(occurs, _)| *occurs) {
            let entry = entry.show(lang);
            match lines.last_mut() {
                Some(line) if line.width() + 3 + entry.width() <= columns => {
                    line.push_str("   ");
                    line.push_str(entry);
                }
                _ => lines.push(entry.to_string()),
            }
        }
        if !lines.is_empty() {
            lines.insert(0, String::new());
        }
        lines
    }
}

/// Where lanes and lines stand.
struct Layout {
    /// The slot of each lane that is drawn.
    slots: HashMap<usize, usize>,
    /// The column of the first slot, and how far the next ones are from it.
    first: usize,
    gap: usize,
    /// Where the lines of the script begin; none where they stand above their arrows.
    lines: Option<usize>,
    columns: usize,
    /// So many lanes have no room.
    cut: usize,
}

impl Layout {
    fn of(ladder: &Ladder, columns: usize) -> Option<Layout> {
        let slots = slots(&ladder.rows, usize::MAX);
        let count = slots.values().max().map_or(1, |most| most + 1);
        let name = |slot: usize| {
            let lanes = slots.iter().filter(|(_, at)| **at == slot);
            lanes.map(|(lane, _)| ladder.lanes[*lane].title().width()).max().unwrap_or(0)
        };
        let width = |first: usize, gap: usize| first + (count - 1) * gap + GAP;
        let first = (name(0) / 2).clamp(2, 8);
        if columns >= 72 && width(first, GAP) + 1 + LINES <= columns {
            let room = columns - LINES - first - GAP - 1;
            let gap = room.checked_div(count - 1).map_or(GAP, |gap| gap.min(WIDEST));
            let lines = Some((width(first, gap) + 1).max(columns.min(100) - LINES - 18).min(columns - LINES));
            return Some(Layout { slots, first, gap, lines, columns, cut: 0 });
        }
        let first = if width(first, GAP) > columns { 1 } else { first };
        if width(first, GAP) > columns {
            return None;
        }
        let gap = (columns - first - GAP).checked_div(count - 1).map_or(GAP, |gap| gap.min(WIDEST));
        Some(Layout { slots, first, gap, lines: None, columns, cut: 0 })
    }

    /// With as many lanes as there is room for.
    fn cut(ladder: &Ladder, columns: usize) -> Layout {
        let count = (columns - 1) / GAP;
        let mut slots = slots(&ladder.rows, usize::MAX);
        let all = slots.len();
        slots.retain(|_, slot| *slot < count);
        let cut = all - slots.len();
        Layout { slots, first: 1, gap: GAP, lines: None, columns, cut }
    }

    fn x(&self, lane: usize) -> Option<usize> {
        self.slots.get(&lane).map(|slot| self.first + slot * self.gap)
    }
}

/// The lanes that a row is about.
fn mentioned(act: &Act) -> impl Iterator<Item = usize> {
    let ends = act.arrows.iter().flat_map(|arrow| [arrow.from, arrow.to]);
    act.starts.iter().copied().chain(act.lane).chain(ends)
}

/// The slot of each lane: the first that is free when it begins.
fn slots(rows: &[Row], most: usize) -> HashMap<usize, usize> {
    let mut taken: Vec<bool> = Vec::new();
    let mut slots: HashMap<usize, usize> = HashMap::new();
    for row in rows {
        let ends = match row {
            Row::Act(act) => {
                for lane in mentioned(act) {
                    if slots.contains_key(&lane) {
                        continue;
                    }
                    let free = taken.iter().position(|taken| !taken).unwrap_or_else(|| {
                        taken.push(false);
                        taken.len() - 1
                    });
                    if free < most {
                        taken[free] = true;
                        slots.insert(lane, free);
                    }
                }
                &act.ends
            }
            Row::More { ends, .. } => ends,
        };
        for slot in ends.iter().filter_map(|lane| slots.get(lane)) {
            taken[*slot] = false;
        }
    }
    slots
}

/// What a lane looks like now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Now {
    Open,
    Closed,
}

struct Page<'p> {
    ladder: &'p Ladder,
    layout: Layout,
    lang: Lang,
    legend: &'p mut Legend,
    /// The lanes that are there, by their columns.
    there: HashMap<usize, Now>,
    begun: HashSet<usize>,
    out: Vec<String>,
}

impl<'p> Page<'p> {
    fn new(ladder: &'p Ladder, layout: Layout, lang: Lang, legend: &'p mut Legend) -> Page<'p> {
        let (there, begun) = (HashMap::new(), HashSet::new());
        Page { ladder, layout, lang, legend, there, begun, out: Vec::new() }
    }

    fn draw(mut self) -> Vec<String> {
        let ladder = self.ladder;
        for row in &ladder.rows {
            match row {
                Row::Act(act) => self.act(act),
                Row::More { rounds, ends } => {
                    ends.iter().for_each(|lane| self.end(*lane));
                    let mut line = self.lanes();
                    self.write(&mut line, 0, &format!("  {}  ", more_of_the_same(*rounds, self.lang)));
                    self.push(line);
                }
            }
        }
        if self.layout.cut > 0 {
            let cut = say!(
                en "ends for which there is no room: {n}; name some: `diagram SOCKET…`",
                es "extremos para los que no hay lugar: {n}; nombra algunos: `diagram SOCKET…`",
                n = self.layout.cut
            );
            self.out.push(format!("… {}", cut.show(self.lang)));
        }
        self.out
    }

    fn end(&mut self, lane: usize) {
        if let Some(x) = self.layout.x(lane) {
            self.there.remove(&x);
        }
    }

    /// A row with the lanes that are there.
    fn lanes(&self) -> Vec<char> {
        let width = self.there.keys().max().map_or(0, |x| x + 1);
        let mut line = vec![' '; width];
        for (x, now) in &self.there {
            line[*x] = if *now == Now::Open { '│' } else { '┊' };
        }
        line
    }

    fn write(&self, line: &mut Vec<char>, at: usize, text: &str) {
        let mut x = at;
        for c in text.chars() {
            let wide = c.width().unwrap_or(0);
            if wide == 0 {
                continue;
            }
            line.resize(line.len().max(x + wide), ' ');
            line[x] = c;
            // The second half of a wide character is no cell of its own.
            (1..wide).for_each(|more| line[x + more] = '\0');
            x += wide;
        }
    }

    fn push(&mut self, line: Vec<char>) {
        self.out.push(line.into_iter().filter(|c| *c != '\0').collect());
    }

    fn act(&mut self, act: &Act) {
        let before = self.lanes();
        let new: Vec<usize> = mentioned(act).filter(|lane| self.begun.insert(*lane)).collect();
        let mut rows: Vec<Vec<char>> = Vec::new();
        let plain = act.arrows.is_empty();
        if !new.is_empty() {
            let mut row = self.lanes();
            if plain {
                self.mark(&mut row, act);
            }
            for lane in &new {
                self.title(&mut row, *lane);
            }
            rows.push(row);
        } else if plain {
            let mut row = self.lanes();
            self.mark(&mut row, act);
            rows.push(row);
        }
        for arrow in &act.arrows {
            let mut row = self.lanes();
            self.arrow(&mut row, arrow);
            rows.push(row);
        }
        if act.closes
            && let Some(x) = act.lane.and_then(|lane| self.layout.x(lane))
        {
            self.there.insert(x, Now::Closed);
        }
        let states = &act.states;
        if !states.is_empty() {
            let mut row = self.lanes();
            for (lane, state) in states {
                if let Some(x) = self.layout.x(*lane).filter(|_| self.begun.contains(lane)) {
                    self.write(&mut row, x + 2, &self.state(*state));
                    self.legend.state |= state.inferred;
                }
                if act.ends.contains(lane) {
                    self.set(&mut row, *lane, '╵');
                }
            }
            rows.push(row);
        }
        act.ends.iter().for_each(|lane| self.end(*lane));
        let told = act.sentence(self.ladder, self.lang);
        match self.layout.lines {
            Some(column) => {
                let room = self.layout.columns - column;
                let lines = wrap(&told, room, rows.len().max(3));
                for at in 0..rows.len().max(lines.len()) {
                    let mut row = rows.get(at).cloned().unwrap_or_else(|| self.lanes());
                    if let Some(line) = lines.get(at) {
                        row.resize(row.len().max(column), ' ');
                        self.write(&mut row, column, line);
                    }
                    self.push(row);
                }
            }
            None => {
                // It stands above what it does.
                for line in wrap(&told, self.layout.columns, 3) {
                    let mut row = before.clone();
                    self.write(&mut row, 0, &format!("{line} "));
                    self.push(row);
                }
                rows.into_iter().for_each(|row| self.push(row));
            }
        }
    }

    fn state(&self, state: State) -> String {
        if state.inferred { format!("({})", state.name) } else { state.name.into() }
    }

    fn set(&self, row: &mut Vec<char>, lane: usize, c: char) {
        if let Some(x) = self.layout.x(lane) {
            row.resize(row.len().max(x + 1), ' ');
            row[x] = c;
        }
    }

    /// Shows which lane acts.
    fn mark(&self, row: &mut Vec<char>, act: &Act) {
        let Some(lane) = act.lane else { return };
        let over = act.ends.contains(&lane) && act.states.is_empty();
        self.set(row, lane, if over { '╵' } else { '●' });
    }

    /// A lane begins with its name.
    fn title(&mut self, row: &mut Vec<char>, lane: usize) {
        let Some(x) = self.layout.x(lane) else { return };
        let facts = &self.ladder.lanes[lane];
        let mut title = facts.title();
        if facts.remote && title.width() >= self.layout.gap {
            // Of an address the port says most.
            title = title.rsplit_once(':').map_or(title.clone(), |(_, port)| format!("…:{port}"));
        }
        let title = cut(&title, self.layout.gap.max(GAP) - 1);
        self.there.insert(x, Now::Open);
        self.write(row, x.saturating_sub(title.width() / 2), &title);
    }

    fn arrow(&mut self, row: &mut Vec<char>, arrow: &Arrow) {
        let (Some(from), Some(to)) = (self.layout.x(arrow.from), self.layout.x(arrow.to)) else { return };
        self.legend.known |= arrow.known;
        self.legend.inferred |= !arrow.known;
        self.legend.lost |= arrow.lost.is_some();
        let label = arrow.what.label(self.lang);
        if from == to {
            // Both ends in one lane: a socket that is connected to itself.
            self.set(row, arrow.from, '↺');
            self.write(row, from + 2, &label);
            return;
        }
        let (left, right) = (from.min(to), from.max(to));
        row.resize(row.len().max(right + 1), ' ');
        let line = if arrow.known { '─' } else { '┄' };
        // What is lost stops on its way.
        let reach = right - left - 1 - if arrow.lost.is_some() { (right - left) / 3 } else { 0 };
        let (first, last) = if to > from { (left + 1, left + reach) } else { (right - reach, right - 1) };
        for (x, cell) in row.iter_mut().enumerate().take(last + 1).skip(first) {
            *cell = if self.there.contains_key(&x) { '┼' } else { line };
        }
        row[from] = if to > from { '├' } else { '┤' };
        let room = reach;
        let text = arrow.what.text().map(|text| format!("{label} {text}"));
        let size = label.split([',', '(']).next().map(|size| size.trim_end().to_string());
        let short = label.split(' ').next().map(str::to_string);
        let labels = [text, Some(label), size, short];
        let label = labels.into_iter().flatten().find(|label| label.width() + 4 <= room);
        let head = if to > from { last } else { first };
        if let Some(label) = label {
            let start = first + (room - label.width() - 2) / 2;
            self.write(row, start, &format!(" {label} "));
        }
        if arrow.lost.is_some() {
            row[head] = '✗';
        } else {
            row[head] = if to > from { '▶' } else { '◀' };
        }
    }
}

/// The beginning of a text that is too long.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_string();
    }
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + c.width().unwrap_or(0) + 1 > room {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// A text in lines of at most this width, broken at blanks, and at most so many.
fn wrap(text: &str, room: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_string()),
        }
    }
    if lines.len() > most {
        // The end, which tells the result, counts more than the middle.
        let result = text
            .rfind(" ✗ ")
            .or_else(|| text.rfind(" → "))
            .map(|at| format!("  {}", text[at..].trim_start()));
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = result.unwrap_or_else(|| format!("{last} …"));
        }
    }
    lines.iter().map(|line| cut(line, room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_and_keep_their_result() {
        assert_eq!(wrap("5 a.recv 4096 → 23 bytes", 12, 3), ["5 a.recv", "  4096 → 23", "  bytes"]);
        assert_eq!(
            wrap("1 sendall \"a very long text here\" → ECONNRESET", 12, 2),
            ["1 sendall \"a", "  → ECONNRE…"]
        );
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
