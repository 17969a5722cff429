//! A ladder as one SVG file: nothing is loaded from elsewhere, the colours follow the reader's light or dark theme, and a
//! screen reader finds the same acts as a list.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::ladder::{Act, Arrow, Ladder, Row};
use super::text::more_of_the_same;
use crate::text::literal::in_markup as escape;
use crate::words::Lang;

/// From one lane to the next.
const GAP: usize = 190;
/// The first lane.
const LEFT: usize = 90;
/// The head, with the names.
const TOP: usize = 64;
/// From one row to the next.
const ROW: usize = 26;
/// The lines of the script stand in so much room.
const LINES: usize = 430;
/// A character of them is so wide, about.
const WIDE: usize = 8;

/// The colours: of the page in both themes, and one a thread.
pub const STYLE: &str = include_str!("style.css");

/// The file.
pub fn svg(ladder: Ladder, lang: Lang) -> String {
    let ladder = ladder.folded();
    let drawn = ladder.drawn();
    let x: HashMap<usize, usize> =
        drawn.iter().enumerate().map(|(at, lane)| (*lane, LEFT + at * GAP)).collect();
    let lines = LEFT + drawn.len().saturating_sub(1) * GAP + 130;
    let mut canvas = Canvas {
        x,
        lines,
        y: TOP,
        out: String::new(),
        below: String::new(),
        lang,
        begun: HashMap::new(),
        threads: Vec::new(),
    };
    let mut list = Vec::new();
    if ladder.gone > 0 {
        let gone = say!(
            en "earlier calls are no longer kept: {n}",
            es "ya no se guardan las llamadas anteriores: {n}",
            n = ladder.gone
        );
        canvas.more(&gone.show(lang));
        list.push(gone.show(lang));
    }
    for row in &ladder.rows {
        match row {
            Row::Act(act) => {
                canvas.act(&ladder, act);
                list.push(act.description(&ladder, lang));
            }
            Row::More { rounds, .. } => {
                canvas.more(&more_of_the_same(*rounds, lang));
                list.push(more_of_the_same(*rounds, lang));
            }
        }
    }
    canvas.y += ROW / 2;
    let legend = phrase!(
        en "solid: told by a call or TCP_INFO · dashed: inferred · (STATE): inferred",
        es "línea continua: lo dice una llamada o TCP_INFO · a trazos: deducido · (ESTADO): deducido"
    );
    let legend = legend.show(lang);
    let bottom = canvas.y + ROW;
    let begun = std::mem::take(&mut canvas.begun);
    for lane in begun.into_iter().collect::<Vec<_>>() {
        canvas.line(lane.0, lane.1.0, canvas.y - ROW / 2, lane.1.1);
    }
    let (width, height) =
        ((lines + LINES).max(LEFT - 60 + (legend.chars().count() + 2) * WIDE), bottom + ROW);
    let title = phrase!(en "The calls of a session and what went between its ends", es "Las llamadas de una sesión y lo que pasó entre sus extremos");
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ladder\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"t d\" xml:lang=\"{}\">\n<title id=\"t\">{}</title>\n<desc id=\"d\">{}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"bg\" width=\"{width}\" height=\"{height}\"/>\n<g aria-hidden=\"true\">\n",
        lang.row().code,
        title.show(lang),
        escape(&list.join("\n")),
    );
    out.push_str(&canvas.below);
    out.push_str(&canvas.out);
    let _ = writeln!(out, "<text class=\"no\" x=\"{}\" y=\"{bottom}\">{}</text>", LEFT - 60, escape(legend));
    out.push_str("</g>\n</svg>\n");
    out
}

struct Canvas {
    /// The place of each lane.
    x: HashMap<usize, usize>,
    /// Where the lines of the script begin.
    lines: usize,
    y: usize,
    out: String,
    /// The lines of the lanes.
    below: String,
    lang: Lang,
    /// Where the line of each lane that is there began, and whether it is closed.
    begun: HashMap<usize, (usize, bool)>,
    threads: Vec<std::sync::Arc<str>>,
}

impl Canvas {
    fn line(&mut self, lane: usize, from: usize, to: usize, closed: bool) {
        let Some(x) = self.x.get(&lane) else { return };
        let class = if closed { "lane closed" } else { "lane" };
        let _ = writeln!(self.below, "<path class=\"{class}\" d=\"M{x} {from}V{to}\"/>");
    }

    fn more(&mut self, text: &str) {
        self.y += ROW;
        let _ = writeln!(
            self.out,
            "<text class=\"more\" x=\"{}\" y=\"{}\">{}</text>",
            self.lines,
            self.y,
            escape(text)
        );
        self.y += ROW / 2;
    }

    fn act(&mut self, ladder: &Ladder, act: &Act) {
        let lang = self.lang;
        let tip = act.description(ladder, lang);
        let _ = writeln!(self.out, "<g><title>{}</title>", escape(&tip));
        let mentioned =
            act.starts.iter().copied().chain(act.lane).chain(act.arrows.iter().flat_map(|a| [a.from, a.to]));
        let new: Vec<usize> =
            mentioned.filter(|lane| !self.begun.contains_key(lane) && self.x.contains_key(lane)).collect();
        let mut top = self.y;
        for lane in new {
            if self.begun.contains_key(&lane) {
                continue;
            }
            let (x, facts) = (self.x[&lane], &ladder.lanes[lane]);
            let kind = if facts.remote { phrase!(en "remote", es "remoto").show(lang) } else { &facts.kind };
            let title = facts.title();
            let width = (title.chars().count().max(kind.chars().count()) * 8 + 20).min(GAP - 10);
            let _ = writeln!(
                self.out,
                "<rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{width}\" height=\"38\" rx=\"6\"/>\
                 <text class=\"name\" x=\"{x}\" y=\"{}\">{}</text><text class=\"kind\" x=\"{x}\" y=\"{}\">{}</text>",
                x - width / 2,
                self.y - 20,
                self.y - 5,
                escape(&short(&title, 21)),
                self.y + 11,
                escape(&short(kind, 24))
            );
            self.begun.insert(lane, (self.y + 18, false));
            top = self.y + ROW + 14;
        }
        self.told(ladder, act, self.y + if top > self.y { 0 } else { ROW / 6 });
        if act.arrows.is_empty() && top == self.y {
            if let Some(x) = act.lane.and_then(|lane| self.x.get(&lane)) {
                let _ = writeln!(self.out, "<circle class=\"dot\" cx=\"{x}\" cy=\"{}\" r=\"4\"/>", self.y);
            }
            top = self.y + ROW;
        }
        self.y = top;
        for arrow in &act.arrows {
            self.arrow(arrow);
            self.y += ROW;
        }
        if act.closes
            && let Some(lane) = act.lane
        {
            self.close(lane, self.y - ROW / 2, act.ends.contains(&lane));
        }
        for (lane, state) in &act.states {
            let Some(x) = self.x.get(lane) else { continue };
            let (class, name) = if state.inferred {
                ("state guess", format!("({})", state.name))
            } else {
                ("state", state.name.to_string())
            };
            let _ = writeln!(
                self.out,
                "<text class=\"{class}\" x=\"{}\" y=\"{}\">{name}</text>",
                x + 8,
                self.y - 4
            );
        }
        if !act.states.is_empty() {
            self.y += ROW - 8;
        }
        for lane in &act.ends {
            if let Some((from, closed)) = self.begun.remove(lane) {
                self.line(*lane, from, self.y - ROW / 2, closed);
            }
        }
        self.out.push_str("</g>\n");
    }

    fn close(&mut self, lane: usize, at: usize, over: bool) {
        if let Some((from, _)) = self.begun.get(&lane).copied() {
            self.line(lane, from, at, false);
            self.begun.insert(lane, (at, true));
        }
        let _ = over;
    }

    fn arrow(&mut self, arrow: &Arrow) {
        let (Some(&from), Some(&to)) = (self.x.get(&arrow.from), self.x.get(&arrow.to)) else { return };
        let y = self.y;
        let class = arrow.what.class();
        let dashed = if arrow.known { "" } else { " inferred" };
        let label = arrow.what.label(self.lang);
        if from == to {
            let _ = writeln!(
                self.out,
                "<path class=\"arrow {class}{dashed}\" d=\"M{from} {y}h40v14h-36\"/>\
                 <path class=\"head {class}\" d=\"M{} {}l9 -5v10z\"/><text class=\"label {class}\" x=\"{}\" y=\"{}\">{}</text>",
                from + 2,
                y + 14,
                from + 60,
                y - 4,
                escape(&label)
            );
            return;
        }
        let (end, sign) = match (arrow.lost.is_some(), to > from) {
            (false, true) => (to - 2, 1i64),
            (false, false) => (to + 2, -1),
            (true, true) => (from + (to - from) / 3 * 2, 1),
            (true, false) => (from - (from - to) / 3 * 2, -1),
        };
        let _ = writeln!(self.out, "<path class=\"arrow {class}{dashed}\" d=\"M{from} {y}H{end}\"/>");
        if arrow.lost.is_some() {
            let _ = writeln!(
                self.out,
                "<path class=\"arrow lost\" d=\"M{} {}l12 12m0 -12l-12 12\"/>",
                end.saturating_sub(6),
                y - 6
            );
        } else {
            let back = end as i64 - 9 * sign;
            let _ = writeln!(
                self.out,
                "<path class=\"head {class}\" d=\"M{end} {y}L{back} {}L{back} {}z\"/>",
                y - 5,
                y + 5
            );
        }
        let room = from.abs_diff(end) / WIDE - 4;
        let text = arrow.what.text().map(|text| format!("{label} {text}"));
        let label = text.filter(|text| text.chars().count() <= room).unwrap_or(label);
        let _ = writeln!(
            self.out,
            "<text class=\"label {class}\" x=\"{}\" y=\"{}\">{}</text>",
            usize::midpoint(from, end),
            y - 5,
            escape(&short(&label, room.max(10)))
        );
    }

    /// The line of the script, in the colour of its thread.
    fn told(&mut self, ladder: &Ladder, act: &Act, y: usize) {
        let thread = act.thread.as_ref().map(|name| {
            let at = self.threads.iter().position(|other| other == name).unwrap_or_else(|| {
                self.threads.push(name.clone());
                self.threads.len() - 1
            });
            (name.clone(), at % 4 + 1)
        });
        let class = thread.as_ref().map_or(String::new(), |(_, at)| format!("t{at}"));
        let name = thread.map_or(String::new(), |(name, _)| format!("{name}: "));
        let (number, text) = match &act.place {
            Some(place) => (place.shown(), place.text.clone()),
            None => (String::new(), act.line(ladder, self.lang)),
        };
        let told = act.outcome(self.lang);
        let room = (LINES / WIDE).saturating_sub(told.chars().count() + number.len() + 3).max(12);
        let fail = if act.has_failed() { " class=\"fail\"" } else { "" };
        let _ = writeln!(
            self.out,
            "<text x=\"{}\" y=\"{}\"><tspan class=\"no\">{number}</tspan> <tspan class=\"{class}\">{}</tspan><tspan{fail}>{}</tspan></text>",
            self.lines,
            y + 4,
            escape(&short(&format!("{name}{text}"), room)),
            escape(&told)
        );
    }
}

/// A picture that [`svg`] drew, as a part of a page that has [`STYLE`]: without its own style, its identifiers with this
/// number. `None` for any other text: a report may be made out of files that are none of ours, and nothing of them
/// becomes markup that this program does not write itself.
pub fn inline(svg: &str, number: usize) -> Option<String> {
    const ELEMENTS: &[&str] =
        &["svg", "title", "desc", "style", "rect", "g", "path", "text", "tspan", "circle"];
    const ATTRIBUTES: &[&str] =
        &["class", "viewBox", "width", "height", "role", "aria-hidden", "x", "y", "rx", "cx", "cy", "r", "d"];
    let is_plain = |text: &str| {
        let mut parts = text.split('&').skip(1);
        !text.contains(['<', '>', '"'])
            && parts
                .all(|rest| ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|name| rest.starts_with(name)))
    };
    let mut out = String::with_capacity(svg.len());
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg.trim_end();
    while !rest.is_empty() {
        let (text, tag) = rest.split_once('<')?;
        if !is_plain(text) || open.is_empty() && !(text.is_empty() && out.is_empty()) {
            return None;
        }
        out.push_str(text);
        let (tag, after) = tag.split_once('>')?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return None;
            }
            let _ = write!(out, "</{name}>");
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if !ELEMENTS.contains(&name) || open.is_empty() && name != "svg" {
            return None;
        }
        if name == "style" {
            // Its text is the page's; it has no attributes, and no markup in it.
            let (style, after) = rest.split_once("</style>")?;
            if style != STYLE {
                return None;
            }
            rest = after;
            continue;
        }
        let _ = write!(out, "<{name}");
        while !attributes.is_empty() {
            let (key, after) = attributes.split_once("=\"")?;
            let (value, after) = after.split_once('"')?;
            attributes = after.trim_start();
            if !is_plain(value) {
                return None;
            }
            match (key, value) {
                ("xmlns", "http://www.w3.org/2000/svg") => {}
                ("id", "t" | "d") => drop(write!(out, " id=\"{value}{number}\"")),
                ("aria-labelledby", "t d") => drop(write!(out, " {key}=\"t{number} d{number}\"")),
                ("xml:lang", lang) => drop(write!(out, " lang=\"{lang}\"")),
                (key, value) if ATTRIBUTES.contains(&key) => drop(write!(out, " {key}=\"{value}\"")),
                _ => return None,
            }
        }
        out.push_str(if empty { "/>" } else { ">" });
        if !empty {
            open.push(name);
        }
    }
    open.is_empty().then_some(out)
}

/// The beginning of a text that is too long.
fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_string(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_drawn_here_becomes_a_part_of_a_page() {
        let drawn = svg(Ladder::default(), Lang::EN);
        let part = inline(&drawn, 7).unwrap();
        assert!(part.contains("aria-labelledby=\"t7 d7\"") && !part.contains("<style"), "{part}");
        for (old, new) in [
            ("</svg>", "<script>alert(1)</script></svg>"),
            ("</svg>", "</svg><img src=x>"),
            ("<g ", "<g onclick=\"alert(1)\" "),
            ("<g ", "<g style=\"background:url(//x)\" "),
            ("<title id=\"t\">", "<title id=\"t\"><b>"),
            ("</title>", "&nbsp</title>"),
            ("<style>", "<style>@import '//x';"),
            ("</g>", ""),
            ("<svg ", "x<svg "),
        ] {
            let other = drawn.replacen(old, new, 1);
            assert!(other != drawn && inline(&other, 7).is_none(), "{new}");
        }
    }
}
